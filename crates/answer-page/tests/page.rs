//! Answers as pages show them.

use std::{fs, path::Path};

use answer_page::{Entry, Link, Page, Place, Show, shown};
use answers::{About, Answer, Coverage};
use provenance::Fact;
use serde_json::json;

/// The head of a PNG of that size: all that is read of it.
fn png(width: u32, height: u32) -> Vec<u8> {
    let head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    [&head[..], &width.to_be_bytes(), &height.to_be_bytes()].concat()
}

fn picture(folder: &Path, name: &str) -> Answer {
    fs::write(folder.join(format!("{name}.face-1.png")), png(132, 64)).unwrap();
    fs::write(folder.join(format!("{name}.face-2.png")), png(64, 64)).unwrap();
    fs::write(folder.join(format!("{name}.whole.jpg")), "a picture").unwrap();
    serde_json::from_value(json!({
        "file": name, "verdict": "forged", "score": 0.87, "threshold": 0.61, "uncertain_from": 0.4,
        "trained_on_synthetic_faces": false, "size": [200, 100], "whole": format!("{name}.whole.jpg"),
        "faces": [
            { "verdict": "forged", "score": 0.87, "box": [10, 20, 60, 90], "overlay": format!("{name}.face-1.png"),
              "forged_boxes": [{ "box": [12, 22, 30, 40], "confidence": 0.9 }] },
            { "verdict": "real", "score": 0.02, "box": [120, -5, 190, 110], "forged_boxes": [],
              "overlay": format!("{name}.face-2.png") }
        ]
    }))
    .unwrap()
}

fn film() -> Answer {
    let moment = |frame: u32| json!({ "frame": frame, "seconds": f64::from(frame) / 10.0, "frame_score": 0.9, "box": [1, 2, 3, 4] });
    let seen: Vec<_> = (0..40)
        .filter(|frame| !(10..20).contains(frame))
        .map(moment)
        .collect();
    serde_json::from_value(json!({
        "file": "film.mp4", "verdict": "uncertain", "score": 0.5, "threshold": 0.6, "frame_threshold": 0.7,
        "trained_on_synthetic_faces": false, "seconds": 8.0, "cuts": [2.0],
        "tracks": [{ "track": 0, "verdict": "uncertain", "score": 0.5, "whole": 0.5, "moments": seen, "worst": [moment(7)],
            "highest_stretch": { "from": 0.5, "to": 0.9, "frames": 9, "score": 0.55 } }]
    }))
    .unwrap()
}

fn show<'a>(folder: &'a Path, name: &'a str, still: bool) -> Show<'a> {
    Show {
        place: Place {
            folder,
            name,
            link: if still { Link::Inside } else { Link::At("") },
        },
        name,
        notes: &[],
        player: Some("file:///film.mp4"),
        anchor: "",
        still,
    }
}

#[test]
fn a_picture_has_numbered_boxes_faces_and_what_the_network_sees() {
    let folder = tempfile::tempdir().unwrap();
    let name = "100%25 #1? <b>";
    let answer = picture(folder.path(), name);
    let html = shown(&answer, &show(folder.path(), name, false));
    let address = "100%2525%20%231%3F%20%3Cb%3E";
    for wanted in [
        "likely forged",
        "no sign of forgery",
        "87 %",
        "Called forged from 61 % on",
        "2 numbered faces",
        "box-artefact",
        "This detector shows no map",
        &format!("src=\"{address}.whole.jpg\" alt=\"\" loading=\"lazy\""),
        &format!("class=\"finding\" src=\"{address}.face-1.png\""),
    ] {
        assert!(html.contains(wanted), "{wanted} in {html}");
    }
    assert!(
        !html.contains("<b>") && !html.contains("class=\"finding\" src=\"{address}.face-2.png")
    );
    // On paper all is in the page, and nothing moves.
    let html = shown(&answer, &show(folder.path(), name, true));
    assert!(
        html.contains("data:image/jpeg;base64,") && !html.contains("<input"),
        "{html}"
    );
}

#[test]
fn a_film_has_a_player_a_time_line_with_gaps_and_cuts_and_its_worst_moments() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("film.csv"), "track\n").unwrap();
    fs::write(folder.path().join("other.csv"), "track\n").unwrap();
    let html = shown(&film(), &show(folder.path(), "film", false));
    for wanted in [
        "<video src=\"file:///film.mp4\"",
        "plot-unseen",
        "plot-highest",
        "class=\"plot-cuts\" d=\"M250.0 0v100\"",
        "Go to 0:00.7",
        "href=\"film.csv\"",
    ] {
        assert!(html.contains(wanted), "{wanted} in {html}");
    }
    let still = shown(&film(), &show(folder.path(), "film", true));
    for moving in ["<video", "<button", "<input", "<a href"] {
        assert!(!still.contains(moving), "{moving}");
    }
}

#[test]
fn of_frames_that_were_not_looked_at_it_is_said_that_nothing_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let page = |looked_at| {
        let mut film = film();
        film.coverage = Some(Coverage {
            looked_at,
            frames: 80,
        });
        shown(&film, &show(folder.path(), "film", false))
    };
    let warning = "frames looked at; of what happens in the others nothing is known";
    assert!(page(45).contains(&format!("45 of 80 {warning}")));
    assert!(!page(80).contains(warning));
}

#[test]
fn a_page_of_many_answers_keeps_them_apart() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["a & b", "c"];
    let entries = names.iter().enumerate().map(|(index, name)| {
        let answer = picture(folder.path(), name);
        let place = show(folder.path(), name, false).place;
        let told = [Fact::new("Camera", "<script>alert(1)</script>")];
        Entry::new(index + 1, &answer, name, place, None, &told)
    });
    let page = Page {
        title: "Verdicts".into(),
        notes: answer_page::notes(&About {
            measured: Some("5 of 100 photographs were called forged".into()),
            false_alarms: Some(0.05),
            ..About::default()
        }),
        entries: entries.collect(),
        ..Page::default()
    };
    let html = page.written();
    for wanted in [
        "id=\"file-2-face-1\"",
        "href=\"#file-2-face-1\"",
        "href=\"#file-1\"",
        "a &#38; b",
        "Of 100 real faces about 5 are called forged by it",
        "&#60;script&#62;alert(1)",
    ] {
        assert!(html.contains(wanted), "{wanted} in {html}");
    }
    let ids: Vec<_> = html
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let mut once = ids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), ids.len());
    // Every closed script is the page's own.
    assert_eq!(html.matches("<script").count(), 1);
}
