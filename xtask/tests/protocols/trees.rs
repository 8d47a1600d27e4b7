//! Miniature trees of the published data sets' layouts, of rendered clips.

use std::{
    collections::BTreeMap,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use video::{Limits, Video};

const METHODS: [&str; 4] = ["Deepfakes", "Face2Face", "FaceSwap", "NeuralTextures"];
/// As the published one: without masks.
const WITHOUT_MASKS: &str = "FaceShifter";

/// What `fixtures --videos` wrote, to be copied from.
struct Clips {
    tree: PathBuf,
    /// Pairs of people, by part.
    pairs: BTreeMap<&'static str, Vec<[String; 2]>>,
    /// Every person is once a target.
    ways: Vec<Way>,
}

/// Who is shown, with whose face, in which part.
struct Way {
    target: String,
    source: String,
    part: &'static str,
}

impl Clips {
    fn read(tree: &Path) -> Self {
        let mut pairs = BTreeMap::new();
        let mut ways = Vec::new();
        for part in ["train", "val", "test"] {
            let text = fs::read_to_string(tree.join(format!("{part}.json"))).unwrap();
            let of_part: Vec<[String; 2]> = serde_json::from_str(&text).unwrap();
            for [a, b] in &of_part {
                for [target, source] in [[a, b], [b, a]] {
                    ways.push(Way {
                        target: target.clone(),
                        source: source.clone(),
                        part,
                    });
                }
            }
            pairs.insert(part, of_part);
        }
        Self {
            tree: tree.to_owned(),
            pairs,
            ways,
        }
    }

    fn real(&self, compression: &str, person: &str) -> PathBuf {
        let folder = format!("original_sequences/youtube/{compression}/videos");
        self.tree.join(folder).join(format!("{person}.mp4"))
    }

    fn forged(&self, method: &str, what: &str, target: &str, source: &str) -> PathBuf {
        let folder = format!("manipulated_sequences/{method}/{what}/videos");
        self.tree
            .join(folder)
            .join(format!("{target}_{source}.mp4"))
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
}

fn write(to: &Path, content: impl AsRef<[u8]>) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::write(to, content).unwrap();
}

/// Writes every data set that the protocols' stores are made of into `root`, of the clips in `tree`.
pub(crate) fn write_all(tree: &Path, root: &Path) {
    let clips = Clips::read(tree);
    let five = [&METHODS[..], &[WITHOUT_MASKS]].concat();
    let ff = |name: &str, compressions: &[&str], methods: &[&str]| {
        faceforensics(&clips, &root.join(name), compressions, methods);
    };
    ff("FaceForensics++", &["raw", "c23", "c40"], &five);
    ff("FaceForensics++-raw", &["raw"], &METHODS);
    ff("FaceForensics++-raw-Deepfakes", &["raw"], &METHODS[..1]);
    ff("FaceForensics++-c23-five", &["c23"], &five);
    for compression in ["c23", "c40"] {
        let name = format!("FaceForensics++-{compression}");
        ff(&name, &[compression], &METHODS);
        for method in METHODS {
            ff(&format!("{name}-{method}"), &[compression], &[method]);
        }
    }
    dfd(&clips, &root.join("DFD"));
    deeper_forensics(&clips, &root.join("DeeperForensics-1.0"));
    // Version 1 is told by its hundred lines.
    for (version, lines) in [(1, 100), (2, 6)] {
        celeb_df(&clips, &root.join(format!("Celeb-DF-v{version}")), lines);
    }
    dfdc_test(&clips, &root.join("DFDC-test"));
    dfdc_train(&clips, &root.join("DFDC-train"));
    dfdc_preview(&clips, &root.join("DFDC-preview"));
    wild_deepfake(&clips, &root.join("WildDeepfake"));
}

fn faceforensics(clips: &Clips, root: &Path, compressions: &[&str], methods: &[&str]) {
    for (part, pairs) in &clips.pairs {
        let list = serde_json::to_string(pairs).unwrap();
        write(&root.join(format!("splits/{part}.json")), list);
    }
    for Way { target, source, .. } in &clips.ways {
        for compression in compressions {
            let real = clips.real(compression, target);
            copy(&real, &root.join(real.strip_prefix(&clips.tree).unwrap()));
        }
        for method in methods {
            let like = if *method == WITHOUT_MASKS {
                METHODS[0]
            } else {
                method
            };
            let masks = (*method != WITHOUT_MASKS).then_some("masks");
            for what in compressions.iter().copied().chain(masks) {
                let from = clips.forged(like, what, target, source);
                let folder = format!("manipulated_sequences/{method}/{what}/videos");
                copy(&from, &root.join(folder).join(from.file_name().unwrap()));
            }
        }
    }
}

fn dfd(clips: &Clips, root: &Path) {
    // Actors have two digits.
    let actor = |person: &str| person[1..].to_owned();
    for Way { target, source, .. } in &clips.ways {
        let (a, b) = (actor(target), actor(source));
        let real = format!("original_sequences/actors/c23/videos/{a}__walking.mp4");
        copy(&clips.real("c23", target), &root.join(real));
        for what in ["c23", "masks"] {
            let name = format!("{a}_{b}__walking__ABCDEF{a}.mp4");
            let folder = format!("manipulated_sequences/DeepFakeDetection/{what}/videos");
            let forged = clips.forged("Deepfakes", what, target, source);
            copy(&forged, &root.join(folder).join(name));
        }
    }
}

fn deeper_forensics(clips: &Clips, root: &Path) {
    let mut lists = BTreeMap::<_, String>::new();
    for Way {
        target,
        source,
        part,
    } in &clips.ways
    {
        let name = format!("{target}_M101.mp4");
        let forged = clips.forged("Deepfakes", "c23", target, source);
        copy(
            &forged,
            &root.join("manipulated_videos/end_to_end").join(&name),
        );
        let real = format!("original_sequences/youtube/c23/videos/{target}.mp4");
        copy(&clips.real("c23", target), &root.join(real));
        *lists.entry(*part).or_default() += &format!("{name}\n");
    }
    for (part, list) in lists {
        write(&root.join(format!("lists/splits/{part}.txt")), list);
    }
}

fn celeb_df(clips: &Clips, root: &Path, lines: usize) {
    let mut tested = Vec::new();
    for Way {
        target,
        source,
        part,
    } in &clips.ways
    {
        let [a, b] = [target, source].map(|person| person.parse::<u32>().unwrap());
        let forged = clips.forged("Deepfakes", "c23", target, source);
        let real = clips.real("c23", target);
        for (label, name, from) in [
            (1, format!("Celeb-real/id{a}_0000.mp4"), &real),
            (1, format!("YouTube-real/{a:05}.mp4"), &real),
            (0, format!("Celeb-synthesis/id{a}_id{b}_0000.mp4"), &forged),
        ] {
            copy(from, &root.join(&name));
            if *part == "test" {
                tested.push(format!("{label} {name}\n"));
            }
        }
    }
    let list: String = tested
        .iter()
        .cycle()
        .take(lines)
        .map(String::as_str)
        .collect();
    write(&root.join("List_of_testing_videos.txt"), list);
}

fn dfdc_test(clips: &Clips, root: &Path) {
    let mut table = "filename,label\n".to_owned();
    for Way { target, source, .. } in &clips.ways {
        let forged = clips.forged("FaceSwap", "c23", target, source);
        for (label, from) in [(0, clips.real("c23", target)), (1, forged)] {
            let name = format!("{target}{label}.mp4");
            copy(&from, &root.join(&name));
            table += &format!("{name},{label}\n");
        }
    }
    write(&root.join("labels.csv"), table);
}

fn dfdc_train(clips: &Clips, root: &Path) {
    for (place, Way { target, source, .. }) in clips.ways.iter().enumerate() {
        // A person in each part.
        let part = root.join(format!("dfdc_train_part_{place}"));
        let [real, fake] = ["r", "f"].map(|kind| format!("{kind}{target}.mp4"));
        copy(&clips.real("c23", target), &part.join(&real));
        let forged = clips.forged("FaceSwap", "c23", target, source);
        copy(&forged, &part.join(&fake));
        let known = json!({
            &real: { "label": "REAL", "split": "train" },
            fake: { "label": "FAKE", "split": "train", "original": real },
        });
        write(&part.join("metadata.json"), known.to_string());
    }
}

fn dfdc_preview(clips: &Clips, root: &Path) {
    let mut known = serde_json::Map::new();
    for Way {
        target,
        source,
        part,
    } in &clips.ways
    {
        let [a, b] = [target, source].map(|person| format!("1000{person}"));
        let set = if *part == "test" { "test" } else { "train" };
        let forged = clips.forged("FaceSwap", "c23", target, source);
        for (label, name, from) in [
            (
                "real",
                format!("original_videos/{a}/{a}_A_001.mp4"),
                clips.real("c23", target),
            ),
            (
                "fake",
                format!("method_A/{a}/{a}_A/{b}_{a}_A_001.mp4"),
                forged,
            ),
        ] {
            copy(&from, &root.join(&name));
            known.insert(name, json!({ "label": label, "set": set }));
        }
    }
    write(&root.join("dataset.json"), json!(known).to_string());
}

/// Archives of pictures, one for each clip.
fn wild_deepfake(clips: &Clips, root: &Path) {
    for (
        place,
        Way {
            target,
            source,
            part,
        },
    ) in clips.ways.iter().enumerate()
    {
        let part = if *part == "test" { "test" } else { "train" };
        let forged = clips.forged("Deepfakes", "c23", target, source);
        for (kind, from) in [("real", clips.real("c23", target)), ("fake", forged)] {
            let to = root.join(format!("{kind}_{part}/{place}.tar.gz"));
            write(&to, archive(&from, &format!("{place}/0")));
        }
    }
}

/// The frames of a clip, as PNG in a folder of a gzipped tar.
fn archive(clip: &Path, folder: &str) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let video = Video::open(clip, &Limits::default()).unwrap();
    for (number, frame) in video.frames().unwrap().enumerate() {
        let mut png = Cursor::new(Vec::new());
        let picture = frame.unwrap().picture;
        picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
        let png = png.into_inner();
        let mut header = tar::Header::new_gnu();
        header.set_size(png.len() as u64);
        header.set_mode(0o644);
        let path = format!("{folder}/{number}.png");
        tar.append_data(&mut header, path, &*png).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}
