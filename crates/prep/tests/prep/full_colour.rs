//! FaceForensics++ as it is published: 4:4:4 and lossless RGB, which the built-in decoder lacks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

use burn::tensor::Device;
use datasets::Layout;
use face_store::Share;
use prep::{PrepConfig, PrepError, PrepOptions, prepare};

/// Tells the process that its PATH leads nowhere.
const ALONE: &str = "PREP_TEST_WITHOUT_FFMPEG";

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../video/tests/golden")
        .join(name)
}

/// On a machine without FFmpeg, the first clip says so, before anything is written. The clips of
/// one folder alone need it, and not the first folder.
#[test]
fn what_is_to_be_installed_is_said_before_the_work() {
    if std::env::var_os(ALONE).is_none() {
        let mut again = Command::new(std::env::current_exe().unwrap());
        let name = "full_colour::what_is_to_be_installed_is_said_before_the_work";
        let again = again.args([name, "--exact", "--nocapture"]);
        let output = again.env(ALONE, "1").env("PATH", "").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}"
        );
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("data");
    for (folder, clip) in [("fake", "bframes.mp4"), ("real", "raw_rgb.mp4")] {
        fs::create_dir_all(root.join(folder)).unwrap();
        fs::copy(golden(clip), root.join(folder).join("a.mp4")).unwrap();
    }
    let clips = datasets::read(&root, Layout::Folder).unwrap().clips;
    assert_eq!(clips.len(), 2);
    let store = dir.path().join("store");
    let options = PrepOptions {
        root: &root,
        out: &store,
        config: &PrepConfig::default(),
        share: Share::ALL,
        workers: 1,
        device: &Device::flex(),
        stop: &AtomicBool::new(false),
    };
    let error = prepare(&clips, &options, &|clip| panic!("{clip:?}")).unwrap_err();
    assert!(matches!(error, PrepError::NeedsFfmpeg { .. }), "{error:?}");
    let said = error.to_string();
    assert!(said.starts_with("real/a.mp4: "), "{said}");
    assert!(said.contains("install the package `ffmpeg`"), "{said}");
    assert!(!store.exists());
}
