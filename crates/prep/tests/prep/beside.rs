//! What stands beside a forgery: its original, its mask, the pair in another compression, and which of
//! two people is forged.

use std::fs::{self, File};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use burn::tensor::Device;
use datasets::{Layout, Selection};
use face_store::{Share, Store};
use fixtures::{FaceRenderer, View};
use forgery_masks::MaskSource;
use image::{Rgb, RgbImage, imageops};
use prep::{FaceSource, PrepConfig, PrepError, PrepOptions, Prepared, prepare};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use video::{Encoding, Mp4Writer, Quality};

/// Frames of a head that moves to the right, `side` px wide.
fn head(person: u64, side: u32, frames: usize) -> Vec<RgbImage> {
    let renderer = FaceRenderer::new(3, side).unwrap();
    let identity = renderer.identity(person);
    let mut rng = ChaCha8Rng::seed_from_u64(person);
    let mut view = View::random(&mut rng);
    view.pose = Default::default();
    let mut render = |_| {
        view.framing.offset[0] += 0.002;
        renderer.render(&identity, &view, &mut rng).unwrap().image
    };
    (0..frames).map(&mut render).collect()
}

fn heads() -> &'static [Vec<RgbImage>; 2] {
    static HEADS: OnceLock<[Vec<RgbImage>; 2]> = OnceLock::new();
    HEADS.get_or_init(|| [head(0, 240, 16), head(1, 160, 16)])
}

fn write(path: &Path, pictures: &[RgbImage], quality: Quality) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let (width, height) = pictures[0].dimensions();
    let encoding = Encoding::new(width, height, quality);
    let mut writer = Mp4Writer::new(File::create(path).unwrap(), &encoding).unwrap();
    for picture in pictures {
        writer.push(picture).unwrap();
    }
    writer.finish().unwrap();
}

/// A grey patch in the middle of each picture.
fn forged(pictures: &[RgbImage]) -> Vec<RgbImage> {
    let patched = |picture: &RgbImage| {
        let mut picture = picture.clone();
        let (x, y) = (picture.width() / 2 - 7, picture.height() / 2 - 7);
        let patch = RgbImage::from_pixel(14, 14, Rgb([128, 128, 128]));
        imageops::replace(&mut picture, &patch, x.into(), y.into());
        picture
    };
    pictures.iter().map(patched).collect()
}

fn mask(of: &[RgbImage], x: u32, y: u32, side: u32) -> Vec<RgbImage> {
    let (width, height) = of[0].dimensions();
    let white = |at: u32, start: u32| (start..start + side).contains(&at);
    let picture = RgbImage::from_fn(width, height, |column, row| {
        Rgb([255 * u8::from(white(column, x) && white(row, y)); 3])
    });
    vec![picture; of.len()]
}

const REALS: &str = "original_sequences/youtube";
const FAKES: &str = "manipulated_sequences/Deepfakes";

fn config() -> PrepConfig {
    PrepConfig {
        frames: 4,
        ..PrepConfig::default()
    }
}

/// The store of a tree's clips in one compression.
fn make(
    root: &Path,
    compression: &str,
    config: &PrepConfig,
) -> Result<(Prepared, Store), PrepError> {
    let out = tempfile::tempdir().unwrap();
    let selection = Selection {
        compressions: vec![compression.into()],
        ..Selection::default()
    };
    let listing = datasets::read(root, Layout::Faceforensics).unwrap();
    let listing = selection.choose(listing).unwrap();
    let options = PrepOptions {
        root,
        out: out.path(),
        config,
        share: Share::ALL,
        workers: 1,
        device: &Device::flex(),
        stop: &AtomicBool::new(false),
    };
    let done = prepare(&listing.clips, &options, &|_| {})?;
    let store = Store::open(out.path()).unwrap();
    // The folder must outlive the pictures that are read from it.
    std::mem::forget(out);
    Ok((done, store))
}

fn splits(root: &Path, part: &str) {
    for name in ["train", "val", "test"] {
        let pairs = if name == part {
            r#"[["000", "001"]]"#
        } else {
            "[]"
        };
        fs::write(root.join(format!("{name}.json")), pairs).unwrap();
    }
}

/// Frames and windows of a store's rows of one label.
fn windows(store: &Store, forged: bool) -> Vec<(u64, [u32; 4])> {
    let rows = store
        .rows()
        .iter()
        .filter(|row| row.label.is_forged() == forged);
    rows.map(|row| {
        let window = serde_json::from_value(row.extra["box"].clone()).unwrap();
        (row.frame.unwrap(), window)
    })
    .collect()
}

#[test]
fn companions_that_are_shorter_or_longer_give_the_frames_that_both_have() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let real = &heads()[0];
    write(
        &root.join(format!("{REALS}/c23/videos/000.mp4")),
        &real[..12],
        Quality::C23,
    );
    // A forgery that is longer than its original, with a mask that is shorter than both.
    let fake = forged(real);
    write(
        &root.join(format!("{FAKES}/c23/videos/000_001.mp4")),
        &fake,
        Quality::C23,
    );
    let marked = mask(&fake[..10], 104, 104, 32);
    write(
        &root.join(format!("{FAKES}/masks/videos/000_001.mp4")),
        &marked,
        Quality::C23,
    );
    splits(root, "train");

    let found = PrepConfig {
        frames: 5,
        ..config()
    };
    let (done, store) = make(root, "c23", &found).unwrap();
    assert_eq!((done.faces, done.wrong), (10, 1));
    let frames: Vec<_> = windows(&store, true).iter().map(|w| w.0).collect();
    assert_eq!(
        frames,
        [0, 2, 5, 7, 9],
        "spread over the ten that the mask has"
    );
    let said = &store.errors()[0].message;
    assert!(said.contains("10 frames, the clip 16"), "{said}");

    // Cut by its original, a forgery has the frames of the real clip, so that they pair.
    let target = PrepConfig {
        faces: FaceSource::Target,
        frames: 5,
        ..config()
    };
    let (_, store) = make(root, "c23", &target).unwrap();
    let (fakes, reals) = (windows(&store, true), windows(&store, false));
    assert_eq!(
        reals.iter().map(|w| w.0).collect::<Vec<_>>(),
        [0, 3, 6, 8, 11]
    );
    assert_eq!(fakes, reals[..4], "frame 11 has no mask");
}

#[test]
fn clips_of_the_test_part_are_cut_by_their_own_faces() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let [real, other] = heads();
    // A "forgery" that moved its face tells where it was cut.
    let moved: Vec<RgbImage> = real
        .iter()
        .map(|picture| {
            let mut canvas = RgbImage::from_pixel(240, 240, *picture.get_pixel(0, 0));
            imageops::replace(&mut canvas, picture, 24, 0);
            canvas
        })
        .collect();
    write(
        &root.join(format!("{REALS}/c23/videos/000.mp4")),
        real,
        Quality::C23,
    );
    write(
        &root.join(format!("{REALS}/c23/videos/001.mp4")),
        other,
        Quality::C23,
    );
    write(
        &root.join(format!("{FAKES}/c23/videos/000_001.mp4")),
        &moved,
        Quality::C23,
    );
    let target = PrepConfig {
        faces: FaceSource::Target,
        frames: 1,
        margin: 0.0,
        ..config()
    };
    let cut = |part: &str| {
        splits(root, part);
        let (_, store) = make(root, "c23", &target).unwrap();
        let real = windows(&store, false)[0].1;
        (real, windows(&store, true)[0].1)
    };
    let (real, forged) = cut("train");
    assert_eq!(real, forged);
    let (real, forged) = cut("test");
    assert!(real[0].abs_diff(forged[0]) > 10, "{real:?} {forged:?}");
}

/// A clip that is forged to its half: what does not differ from the original is not marked as forged all
/// over.
#[test]
fn a_forged_frame_that_does_not_differ_has_no_mask() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let real = &heads()[0];
    let half = [&forged(&real[..8])[..], &real[8..]].concat();
    for (path, pictures) in [
        (format!("{REALS}/c23/videos/000.mp4"), real),
        (format!("{FAKES}/c23/videos/000_001.mp4"), &half),
    ] {
        write(&root.join(path), pictures, Quality::C23);
    }
    splits(root, "train");
    let config = PrepConfig {
        faces: FaceSource::Target,
        mask: MaskSource::diff(),
        ..config()
    };
    let (done, store) = make(root, "c23", &config).unwrap();
    assert_eq!((done.faces, done.wrong), (8, 0));
    let masked: Vec<(u64, bool)> = (0..store.rows().len())
        .filter(|&row| store.rows()[row].label.is_forged())
        .map(|row| {
            let mask = store.mask(row, &Default::default()).unwrap();
            (store.rows()[row].frame.unwrap(), mask.is_some())
        })
        .collect();
    assert_eq!(masked, [(0, true), (5, true), (10, false), (15, false)]);
}

#[test]
fn masks_come_from_the_compression_that_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let real = &heads()[0];
    let fake = forged(real);
    for (compression, quality) in [("raw", Quality::C23), ("c40", Quality::C40)] {
        write(
            &root.join(format!("{REALS}/{compression}/videos/000.mp4")),
            real,
            quality,
        );
        write(
            &root.join(format!("{FAKES}/{compression}/videos/000_001.mp4")),
            &fake,
            quality,
        );
    }
    splits(root, "train");
    // How much is marked as forged beside the patch, and within it.
    let marked = |masks_from: Option<&str>| {
        let config = PrepConfig {
            faces: FaceSource::Target,
            mask: MaskSource::diff(),
            masks_from: masks_from.map(str::to_owned),
            frames: 2,
            ..config()
        };
        let (done, store) = make(root, "c40", &config).unwrap();
        assert_eq!((done.faces, done.wrong), (4, 0));
        let row = store
            .rows()
            .iter()
            .position(|row| row.label.is_forged())
            .unwrap();
        store.mask(row, &Default::default()).unwrap().unwrap()
    };
    let (own, raw) = (marked(None), marked(Some("raw")));
    let mean = |mask: &face_preproc::pictures::Mask| {
        mask.as_raw().iter().sum::<f32>() / mask.as_raw().len() as f32
    };
    let difference: f32 = own
        .as_raw()
        .iter()
        .zip(raw.as_raw())
        .map(|(a, b)| (a - b).abs())
        .sum();
    assert!(difference > 0.0 && mean(&raw) > 0.0);
    // The raw pair's own masks are what came out.
    let config = PrepConfig {
        faces: FaceSource::Target,
        mask: MaskSource::diff(),
        frames: 2,
        ..config()
    };
    let (_, store) = make(root, "raw", &config).unwrap();
    let row = store
        .rows()
        .iter()
        .position(|row| row.label.is_forged())
        .unwrap();
    let of_raw = store.mask(row, &Default::default()).unwrap().unwrap();
    let apart = mean(&of_raw) - mean(&raw);
    assert!(apart.abs() < 0.1 * mean(&of_raw), "{apart}");

    let refused = PrepConfig {
        masks_from: Some("raw".into()),
        ..config.clone()
    };
    let refused = PrepConfig {
        mask: MaskSource::dataset(),
        ..refused
    };
    assert!(matches!(
        make(root, "c40", &refused),
        Err(PrepError::Config { field: "mask", .. })
    ));
    fs::remove_file(root.join(format!("{REALS}/raw/videos/000.mp4"))).unwrap();
    let gone = PrepConfig {
        masks_from: Some("raw".into()),
        ..config
    };
    let (done, store) = make(root, "c40", &gone).unwrap();
    assert_eq!(done.wrong, 1);
    let said = &store.errors()[0].message;
    assert!(
        said.contains("from raw") && said.contains("raw/videos/000.mp4"),
        "{said}"
    );
}

#[test]
fn of_two_people_the_one_within_the_mask_is_the_forgery() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    let [large, small] = heads();
    let beside: Vec<RgbImage> = large
        .iter()
        .zip(small)
        .map(|(large, small)| {
            let mut canvas = RgbImage::from_pixel(448, 240, Rgb([110, 120, 130]));
            imageops::replace(&mut canvas, large, 0, 0);
            imageops::replace(&mut canvas, small, 272, 40);
            canvas
        })
        .collect();
    write(
        &root.join(format!("{REALS}/c23/videos/000.mp4")),
        &beside,
        Quality::C23,
    );
    write(
        &root.join(format!("{FAKES}/c23/videos/000_001.mp4")),
        &beside,
        Quality::C23,
    );
    let marked = mask(&beside, 312, 80, 80);
    write(
        &root.join(format!("{FAKES}/masks/videos/000_001.mp4")),
        &marked,
        Quality::C23,
    );
    splits(root, "train");
    for faces in [FaceSource::Found, FaceSource::Target] {
        let (done, store) = make(root, "c23", &PrepConfig { faces, ..config() }).unwrap();
        assert_eq!((done.clips, done.wrong), (2, 0), "{:?}", store.errors());
        assert!(!windows(&store, true).is_empty());
        for (_, [left, _, width, _]) in windows(&store, true) {
            assert!(left + width / 2 > 272, "{left} + {width}");
        }
        for (_, [left, _, width, _]) in windows(&store, false) {
            assert!(left + width / 2 < 240, "nothing is forged in the real clip");
        }
        let row = store
            .rows()
            .iter()
            .position(|row| row.label.is_forged())
            .unwrap();
        let mask = store.mask(row, &Default::default()).unwrap().unwrap();
        assert!(mask.as_raw().iter().any(|&value| value > 0.5));
    }
}

#[test]
fn a_snippet_has_one_window_and_it_is_where_the_first_face_is() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    // A head that moves between the snippets as much as within seconds.
    let all = head(0, 240, 60);
    write(
        &root.join(format!("{REALS}/c23/videos/000.mp4")),
        &all,
        Quality::C23,
    );
    splits(root, "train");
    let snippets = PrepConfig {
        frames: 3,
        successive: 4,
        ..config()
    };
    let (done, store) = make(root, "c23", &snippets).unwrap();
    assert_eq!((done.faces, done.wrong), (12, 0));
    let of_snippets = windows(&store, false);
    for run in of_snippets.chunks(4) {
        assert!(run.iter().all(|(_, window)| *window == run[0].1), "{run:?}");
    }
    // Following every frame, a face is where it is known best.
    let every = PrepConfig {
        frames: 60,
        ..config()
    };
    let (_, store) = make(root, "c23", &every).unwrap();
    let followed = windows(&store, false);
    for run in of_snippets.chunks(4) {
        let (frame, window) = run[0];
        let (_, best) = followed
            .iter()
            .find(|(number, _)| *number == frame)
            .unwrap();
        let centre = |w: &[u32; 4]| {
            [
                w[0] as f32 + w[2] as f32 / 2.0,
                w[1] as f32 + w[3] as f32 / 2.0,
            ]
        };
        let (a, b) = (centre(&window), centre(best));
        let error = (a[0] - b[0]).hypot(a[1] - b[1]);
        // Whole pixels: each side of a window is rounded.
        assert!(error <= 1.5, "{error} px at frame {frame}");
    }
}
