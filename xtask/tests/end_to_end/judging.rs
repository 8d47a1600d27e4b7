//! What a trained run is asked: `eval`, `detect`, `explain`, `audit`.

use std::{fs, path::Path};

use serde_json::Value;

use test_support::succeed;

use super::{end_with, ground, text, xtask};

#[test]
fn eval_scores_a_manifest_with_every_field_kept() {
    let ground = ground();
    let folder = ground.root.path().join("faces");
    let rows: Vec<Value> = serde_json::from_slice(&fs::read(ground.faces()).unwrap()).unwrap();
    let test_rows = rows.into_iter().filter(|row| row["split"] == "test");
    let rows: Vec<Value> = test_rows
        .map(|mut row| {
            let row_fields = row.as_object_mut().unwrap();
            row_fields.remove("split");
            row_fields.insert("remark".into(), "a, \"b\"".into());
            row
        })
        .collect();
    let manifest = folder.join("unseen.json");
    fs::write(&manifest, serde_json::to_string(&rows).unwrap()).unwrap();
    let out = ground.root.path().join("scored");
    let mut command = xtask();
    command.arg("eval").arg("--run").arg(ground.run());
    command.arg("--data").arg(&manifest).arg("--out").arg(&out);
    let shown = text(&succeed(&mut command).stdout);
    for word in [
        "identity-swap",
        "mouth-replacement",
        "AUC",
        "AP",
        "EER",
        "accuracy",
        "video",
    ] {
        assert!(shown.contains(word), "{word} in\n{shown}");
    }
    let table = fs::read_to_string(out.join("scores.csv")).unwrap();
    let header = table.lines().next().unwrap();
    for field in [
        "file",
        "score",
        "label",
        "method",
        "identity",
        "landmarks68",
        "remark",
    ] {
        assert!(
            header.split(',').any(|name| name == field),
            "{field} in {header}"
        );
    }
    assert_eq!(table.lines().count(), rows.len() + 1);
    assert!(table.contains("\"a, \"\"b\"\"\""));
    let metrics: Value =
        serde_json::from_slice(&fs::read(out.join("metrics.json")).unwrap()).unwrap();
    let groups = metrics["groups"].as_array().unwrap();
    let frame_real = rows.iter().filter(|row| row["label"] == 0).count();
    assert_eq!(groups[0]["real"].as_u64(), Some(frame_real as u64));
    assert!(groups[0]["auc"]["low"].as_f64() <= groups[0]["auc"]["value"].as_f64());
}

#[test]
fn eval_of_several_sets_them_side_by_side() {
    let ground = ground();
    let out = ground.root.path().join("side-by-side");
    let mut command = xtask();
    command.arg("eval");
    command.arg("--run").arg(ground.run());
    command.arg("--run").arg(ground.run());
    command.arg("--data").arg(ground.faces());
    command
        .arg("--data")
        .arg(ground.root.path().join("nothing.json"));
    let shown = text(&end_with(2, command.arg("--out").arg(&out)).stdout);
    assert!(shown.contains("AUC by video"), "{shown}");
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    assert!(page.contains("run-2") && page.contains("not told apart"));
    assert!(out.join("run-on-faces/report.html").is_file());
    let told: Value =
        serde_json::from_slice(&fs::read(out.join("comparison.json")).unwrap()).unwrap();
    // A run is as good as itself; what cannot be read has a reason in its place.
    assert_eq!(told["differences"][0]["auc_difference"]["value"], 0.0);
    assert_eq!(told["differences"][0]["auc_difference"]["high"], 0.0);
    assert!(told["runs"][1]["data"][1]["not_evaluated"].is_string());
}

#[test]
fn eval_of_one_class_says_so_and_still_scores() {
    let ground = ground();
    let rows: Vec<Value> = serde_json::from_slice(&fs::read(ground.faces()).unwrap()).unwrap();
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|row| row["label"] == 0)
        .take(5)
        .collect();
    let manifest = ground.root.path().join("faces/real.json");
    fs::write(&manifest, serde_json::to_string(&rows).unwrap()).unwrap();
    let out = ground.root.path().join("one-class");
    let mut command = xtask();
    command
        .arg("eval")
        .arg("--run")
        .arg(ground.run())
        .args(["--forge", "no", "--split", "all"]);
    command.arg("--data").arg(&manifest).arg("--out").arg(&out);
    let shown = text(&succeed(&mut command).stdout);
    assert!(
        shown.contains("there is no AUC") && !shown.contains("0.5"),
        "{shown}"
    );
    assert_eq!(
        fs::read_to_string(out.join("scores.csv"))
            .unwrap()
            .lines()
            .count(),
        6
    );
}

/// One real and one forged video: measures, but no interval, which would have no width.
#[test]
fn eval_of_one_video_of_each_class_has_no_intervals() {
    let ground = ground();
    let rows: Vec<Value> = serde_json::from_slice(&fs::read(ground.faces()).unwrap()).unwrap();
    let one = |label: u64| rows.iter().find(|row| row["label"] == label).unwrap();
    let manifest = ground.root.path().join("faces/two.json");
    fs::write(&manifest, serde_json::to_string(&[one(0), one(1)]).unwrap()).unwrap();
    let out = ground.root.path().join("two");
    let mut command = xtask();
    command.arg("eval").arg("--run").arg(ground.run());
    command
        .args(["--forge", "no", "--split", "all", "--data"])
        .arg(&manifest);
    let shown = text(&succeed(command.arg("--out").arg(&out)).stdout);
    assert!(shown.contains("[no interval]"), "{shown}");
    assert!(shown.contains("one video of each class alone"), "{shown}");
    let metrics: Value =
        serde_json::from_slice(&fs::read(out.join("metrics.json")).unwrap()).unwrap();
    let auc = &metrics["groups"][0]["auc"];
    assert!(auc["value"].is_number() && auc["low"].is_null(), "{auc}");
    assert!(auc["no_interval"].is_string(), "{auc}");
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("no intervals: one video of each class"));
}

#[test]
fn detect_answers_pictures_and_names_what_it_cannot_read() {
    let ground = ground();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let rows: Vec<Value> = serde_json::from_slice(&fs::read(ground.faces()).unwrap()).unwrap();
    let faces = ground.root.path().join("faces");
    let picture = image::open(faces.join(rows[0]["file"].as_str().unwrap()))
        .unwrap()
        .to_rgb8();
    picture.save(at("a face.png")).unwrap();
    picture.save(at("face.jpg")).unwrap();
    let whole = fs::read(at("face.jpg")).unwrap();
    fs::write(at("truncated.jpg"), &whole[..whole.len() / 2]).unwrap();
    fs::write(at("text.png"), "no picture at all\n").unwrap();
    fs::write(at("nothing.jpg"), "").unwrap();
    fs::create_dir(at("empty")).unwrap();
    let detect = || {
        let mut command = xtask();
        command.arg("detect").arg("--run").arg(ground.run());
        command.arg("--out").arg(at("out"));
        command
    };

    let good = succeed(
        detect()
            .arg("--whole")
            .arg(at("a face.png"))
            .arg(at("face.jpg")),
    );
    assert!(
        text(&good.stdout).contains("2 faces"),
        "{}",
        text(&good.stdout)
    );
    assert!(at("out/a face.face-1.png").is_file() && at("out/face.face-1.png").is_file());

    let mixed = end_with(
        2,
        detect().arg("--whole").arg("--json").args(
            [
                "a face.png",
                "truncated.jpg",
                "text.png",
                "nothing.jpg",
                "absent.png",
            ]
            .map(at),
        ),
    );
    let lines: Vec<Value> = text(&mixed.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 5);
    let unreadable = lines
        .iter()
        .filter(|line| line["verdict"] == "unreadable")
        .count();
    assert_eq!(unreadable, 4);
    let face = lines.iter().find(|line| line["score"].is_number()).unwrap();
    assert!((0.0..=1.0).contains(&face["score"].as_f64().unwrap()));

    // Nothing to judge is an answer, not a score and not a failure.
    image::RgbImage::from_pixel(200, 150, image::Rgb([90, 120, 140]))
        .save(at("wall.png"))
        .unwrap();
    let wall = succeed(detect().arg("--json").arg(at("wall.png")));
    let wall: Value = serde_json::from_slice(&wall.stdout).unwrap();
    assert_eq!(wall["verdict"], "no face");
    assert!(wall["score"].is_null() && wall["reason"].is_string());

    // Nor is a picture of which too little is left, unless it is asked for.
    let mut mashed = fs::File::create(at("mashed.jpg")).unwrap();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut mashed, 3)
        .encode_image(&picture)
        .unwrap();
    let mashed = || {
        let mut command = detect();
        command.args(["--whole", "--json"]).arg(at("mashed.jpg"));
        command
    };
    let refused: Value = serde_json::from_slice(&succeed(&mut mashed()).stdout).unwrap();
    assert_eq!(refused["verdict"], "too compressed");
    assert!(refused["score"].is_null() && refused["reason"].is_string());
    let judged = succeed(mashed().arg("--any-compression")).stdout;
    let judged: Value = serde_json::from_slice(&judged).unwrap();
    assert!(judged["score"].is_number(), "{judged}");

    let empty = end_with(2, detect().arg(at("empty")));
    assert_eq!(
        text(&empty.stderr).lines().count(),
        1,
        "{}",
        text(&empty.stderr)
    );
}

#[test]
fn explain_shows_every_layer_and_knows_their_names() {
    let ground = ground();
    let out = ground.root.path().join("explained");
    let rows: Vec<Value> = serde_json::from_slice(&fs::read(ground.faces()).unwrap()).unwrap();
    let faces = ground.root.path().join("faces");
    let picture = faces.join(rows[0]["file"].as_str().unwrap());
    let explain = |layer: &str| {
        let mut command = xtask();
        command.args(["explain", "--whole", "--layer", layer]);
        command.arg(&picture).arg("--run").arg(ground.run());
        command.arg("--out").arg(&out);
        command
    };
    let done = succeed(&mut explain("all"));
    assert!(text(&done.stdout).contains("1 faces explained"));
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    // The verdict is that of `detect`: calibrated, by the same threshold.
    let mut detect = xtask();
    detect.args(["detect", "--whole", "--json"]).arg(&picture);
    detect.arg("--run").arg(ground.run());
    detect.arg("--out").arg(ground.root.path().join("detected"));
    let verdict: Value = serde_json::from_slice(&succeed(&mut detect).stdout).unwrap();
    let (word, score) = (&verdict["verdict"], verdict["score"].as_f64().unwrap());
    let told = format!("{}, score {score:.3}", word.as_str().unwrap());
    assert!(page.contains(&told), "{told} in\n{page}");
    // The face, the heat map and five layers.
    assert_eq!(page.matches("<img").count(), 7);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 8);
    let refused = end_with(2, &mut explain("layer9"));
    let said = text(&refused.stderr);
    assert!(said.contains("layer3, layer4 or all"), "{said}");
}

#[test]
fn the_identity_audit_repeats_and_measures_all_three() {
    let ground = ground();
    let audit = |out: &Path| -> Vec<u8> {
        let mut command = xtask();
        command.args(["audit", "identity", "--frames", "4"]);
        command.arg("--run").arg(ground.run()).arg("--out").arg(out);
        let done = succeed(&mut command);
        assert!(text(&done.stdout).contains("guessing"));
        assert!(out.join("index.html").is_file());
        fs::read(out.join("audit.json")).unwrap()
    };
    let [first, second] = ["audit-1", "audit-2"].map(|name| audit(&ground.root.path().join(name)));
    assert!(first == second);
    let audit: Value = serde_json::from_slice(&first).unwrap();
    let layers = audit["identity_probe"]["layers"].as_array().unwrap();
    // Five maps, and what the classifier reads.
    assert_eq!(layers.len(), 6);
    for layer in layers {
        for network in ["trained", "untrained"] {
            let share = |key: &str| layer[network][key].as_f64().unwrap();
            assert!(0.0 <= share("low") && share("low") <= share("value"));
            assert!(share("value") <= share("high") && share("high") <= 1.0);
        }
    }
    for class in ["real", "forged"] {
        let interactions = audit["interaction"][class].as_array().unwrap();
        assert_eq!(interactions.len(), 2);
        assert!(interactions.iter().all(Value::is_number));
    }
    assert!(audit["layout"].as_array().unwrap().len() > 8);
}

/// The interaction is of one scalar score: which label a face bears has no say in it, and its AUC turns
/// round with the labels.
#[test]
fn the_interaction_does_not_know_the_labels() {
    let ground = ground();
    let rows: Value = serde_json::from_slice(&fs::read(ground.faces()).unwrap()).unwrap();
    let folder = ground.faces().parent().unwrap().to_owned();
    let audit = |name: &str, swap: bool| {
        let mut rows = rows.clone();
        for row in rows.as_array_mut().unwrap() {
            let label = row["label"].as_u64().unwrap();
            row["label"] = if swap { 1 - label } else { label }.into();
            // Other data than the run's own.
            row["note"] = name.into();
        }
        let path = folder.join(format!("{name}.json"));
        fs::write(&path, rows.to_string()).unwrap();
        let out = ground.root.path().join(name);
        let mut command = xtask();
        command.args(["audit", "identity", "--frames", "16"]);
        command
            .arg("--data")
            .arg(&path)
            .arg("--run")
            .arg(ground.run());
        succeed(command.arg("--out").arg(&out));
        let audit: Value =
            serde_json::from_slice(&fs::read(out.join("audit.json")).unwrap()).unwrap();
        let of_class = |class: &str| -> Vec<f64> {
            let values = audit["interaction"][class].as_array().unwrap();
            values.iter().map(|value| value.as_f64().unwrap()).collect()
        };
        let auc = audit["interaction"]["auc"]["value"].as_f64().unwrap();
        (of_class("real"), of_class("forged"), auc)
    };
    let (real, forged, auc) = audit("as-they-are", false);
    let (swapped_real, swapped_forged, swapped_auc) = audit("swapped", true);
    assert_eq!((&real, &forged), (&swapped_forged, &swapped_real));
    assert!(
        (auc + swapped_auc - 1.0).abs() < 1e-9,
        "{auc} {swapped_auc}"
    );
}
