//! What is wrong with the clips themselves.

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use data_check::{CheckConfig, CheckOptions, FaultKind, check};
use video::Quality;

use crate::tree::{FORGED, MASKS, REALS, Tree, frames, only};

#[test]
fn a_sound_tree_has_no_faults_and_is_counted() {
    let tree = Tree::clips();
    let found = tree.check();
    assert!(found.faults.is_empty(), "{found}");
    assert_eq!((found.clips, found.looked_at), (20, 20));
    assert_eq!(found.layouts, ["faceforensics"]);
    // Rendered clips are no part of the published data set.
    assert!(found.published.is_empty());
    let real = &found.groups[0];
    assert_eq!((real.label, &*real.method, real.clips), ("real", "real", 2));
    assert_eq!(real.frames.unwrap().most, 16.0);
    let quantizer = real.quantizer.unwrap();
    assert!((20.0..26.0).contains(&quantizer.mean), "{quantizer:?}");
    assert_eq!(
        found.groups.iter().map(|group| group.clips).sum::<usize>(),
        20
    );
}

#[test]
fn text_json_and_page_tell_the_same_on_any_number_of_threads() {
    let tree = Tree::clips();
    let [a, b] = tree.pair("train");
    tree.write(&format!("{FORGED}/{a}_{b}.mp4"), "");
    fs::remove_file(tree.at(&format!("{MASKS}/{b}_{a}.mp4"))).unwrap();
    let found = tree.check_by(1);
    assert_eq!(found, tree.check_by(4));
    let text = found.to_string();
    let json = serde_json::to_value(&found).unwrap();
    let page = tree.at("page.html");
    found.write_page(&page, "the command").unwrap();
    let page = fs::read_to_string(page).unwrap();
    for kind in ["empty-file", "no-mask"] {
        assert!(text.contains(&format!("\n{kind} (1): ")), "{text}");
        assert_eq!(json["fault_counts"][kind], 1);
        assert!(page.contains(&format!("<h2>{kind}</h2>")), "{page}");
    }
    // A clip of which nothing can be read is its own mask's no fault.
    assert_eq!(found.faults.len(), 2, "{text}");
    assert!(
        text.ends_with("20 clips (faceforensics): 2 faults of 2 kinds\n"),
        "{text}"
    );
}

#[test]
fn one_file_twice() {
    let tree = Tree::clips();
    let [[a, _], [c, _]] = [tree.pair("train"), tree.pair("test")];
    let clip = |name: &str| tree.at(&format!("{REALS}/{name}.mp4"));
    fs::copy(clip(&a), clip(&c)).unwrap();
    let faults = only(&tree.check(), FaultKind::SameFile);
    let said = &faults[0].1;
    assert_eq!(faults.len(), 1);
    assert_eq!(
        said,
        "the same bytes as the other, in several parts: test, train"
    );
}

#[test]
fn what_looks_the_same() {
    let tree = Tree::clips();
    let [[a, _], [c, _]] = [tree.pair("train"), tree.pair("test")];
    // Smaller, and coded anew.
    let small = |frame| image::imageops::thumbnail(frame, 128, 128);
    let pictures: Vec<_> = frames(&a).iter().map(small).collect();
    let quality = Quality::new(28).unwrap();
    tree.film(&format!("{REALS}/{c}.mp4"), &pictures, quality);
    let found = tree.check();
    let near: Vec<_> = found.of(FaultKind::NearDuplicate).collect();
    let [fault] = near[..] else { panic!("{found}") };
    let both = [&*fault.path, fault.other.as_deref().unwrap()].join(" ");
    assert!(both.contains(&a) && both.contains(&c), "{both}");
    assert!(
        fault.what.contains("in several parts: test, train"),
        "{}",
        fault.what
    );
    // Its forgeries are now larger than it.
    assert_eq!(found.of(FaultKind::Size).count(), 4);
    assert_eq!(found.faults.len(), 5, "{found}");
}

#[test]
fn damaged_files() {
    let tree = Tree::clips();
    let [a, b] = tree.pair("train");
    let [c, d] = tree.pair("test");
    let paths = [[&a, &b], [&b, &a], [&c, &d], [&d, &c]];
    let [empty, cut, page, damaged] = paths.map(|[a, b]| format!("{FORGED}/{a}_{b}.mp4"));
    tree.write(&empty, "");
    let whole = fs::read(tree.at(&cut)).unwrap();
    tree.write(&cut, &whole[..whole.len() / 2]);
    tree.write(&page, "<!doctype html><title>Too many requests</title>");
    let mut bytes = fs::read(tree.at(&damaged)).unwrap();
    let middle = bytes.len() / 4..bytes.len() / 2;
    bytes[middle]
        .iter_mut()
        .for_each(|byte| *byte = byte.wrapping_mul(31) ^ 0x5a);
    tree.write(&damaged, bytes);
    let found = tree.check();
    for (kind, path) in [
        (FaultKind::EmptyFile, &empty),
        (FaultKind::Truncated, &cut),
        (FaultKind::NotAClip, &page),
        (FaultKind::Unreadable, &damaged),
    ] {
        let paths: Vec<_> = found.of(kind).map(|fault| &fault.path).collect();
        assert_eq!(paths, [path], "{kind:?}: {found}");
    }
    assert_eq!(found.faults.len(), 4, "{found}");
}

#[test]
fn compression_by_name_alone() {
    let tree = Tree::clips();
    let [a, _] = tree.pair("train");
    let path = format!("{REALS}/{a}.mp4");
    tree.film(&path, &frames(&a), Quality::C40);
    let faults = only(&tree.check(), FaultKind::Compression);
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].0, path);
    let said = &faults[0].1;
    assert!(
        said.contains("called c23") && said.ends_with("of c40"),
        "{said}"
    );
}

#[test]
fn forgeries_of_other_length_or_size() {
    let tree = Tree::clips();
    let [a, b] = tree.pair("train");
    let short = format!("{FORGED}/{a}_{b}.mp4");
    tree.film(&short, &frames(&a)[..12], Quality::C23);
    let small = format!("manipulated_sequences/Face2Face/c23/videos/{a}_{b}.mp4");
    let thumbnail = |frame| image::imageops::thumbnail(frame, 48, 48);
    let pictures: Vec<_> = frames(&a).iter().map(thumbnail).collect();
    tree.film(&small, &pictures, Quality::C23);
    let found = tree.check();
    let said = |kind| {
        let faults = found.of(kind).map(|f| (&*f.path, &*f.what));
        faults.collect::<Vec<_>>()
    };
    assert_eq!(
        said(FaultKind::FrameCount),
        [(&*short, "12 frames, its original 16")]
    );
    assert_eq!(
        said(FaultKind::FewFrames),
        [(&*short, "12 frames; fewer than 16")]
    );
    assert_eq!(
        said(FaultKind::Size),
        [
            (&*small, "48 x 48 pixels; a side is below 64"),
            (&*small, "48 x 48 pixels, its original 160 x 160"),
        ]
    );
    // The masks still are of the clips as they were.
    let masks = said(FaultKind::Mask);
    assert_eq!(masks.len(), 2, "{found}");
    assert_eq!(found.faults.len(), 6, "{found}");
}

#[test]
fn masks_of_other_clips() {
    let tree = Tree::clips();
    let [a, b] = tree.pair("train");
    let mask = format!("{MASKS}/{a}_{b}.mp4");
    tree.film(&mask, &frames(&a)[..9], Quality::RAW);
    let found = tree.check();
    let faults = only(&found, FaultKind::Mask);
    assert_eq!(faults[0].1, "the mask has 9 frames, the clip 16");
    assert_eq!(found.faults[0].other.as_deref(), Some(&*mask));
    tree.write(&mask, "");
    let faults = only(&tree.check(), FaultKind::Mask);
    assert_eq!(faults[0].1, "the mask has no byte in it");
}

#[test]
fn a_check_can_be_stopped_and_tells_how_far_it_came() {
    let tree = Tree::clips();
    let stop = AtomicBool::new(false);
    let most = Mutex::new(0);
    let options = CheckOptions {
        root: tree.path(),
        layout: None,
        config: &CheckConfig::default(),
        workers: 1,
        stop: &stop,
    };
    let found = check(&options, &|clip| {
        *most.lock().unwrap() = clip.done;
        stop.store(clip.done == 3, Ordering::Relaxed);
    });
    let found = found.unwrap();
    assert_eq!((found.looked_at, found.clips), (3, 20));
    assert_eq!(most.into_inner().unwrap(), 3);
    assert!(found.sentence().starts_with("3 of 20 clips"), "{found}");
}
