//! A miniature data set of rendered talking heads, encoded as video, made into stores.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::Device;
use datasets::{Clip, Layout};
use face_store::{Share, Store};
use fixtures::{FaceRenderer, View};
use image::RgbImage;
use prep::{PrepConfig, PrepError, PrepOptions, Prepared, prepare};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;
use video::{Encoding, Mp4Writer, Quality};

/// Frames in a clip.
const FRAMES: usize = 12;

/// A head with its background around it, and its eyes' distance.
struct Head {
    pictures: Vec<RgbImage>,
    landmarks: Vec<[[f32; 2]; 68]>,
}

fn head(person: u64) -> Head {
    let renderer = FaceRenderer::new(3, 240).unwrap();
    let identity = renderer.identity(person);
    let mut rng = ChaCha8Rng::seed_from_u64(person);
    let mut view = View::random(&mut rng);
    view.pose = Default::default();
    let mut talking = Head {
        pictures: Vec::new(),
        landmarks: Vec::new(),
    };
    for frame in 0..FRAMES {
        view.expression.mouth_open = 0.5 * (frame % 3) as f32 / 2.0;
        view.framing.offset[0] += 0.004;
        let face = renderer.render(&identity, &view, &mut rng).unwrap();
        talking.pictures.push(face.image);
        talking.landmarks.push(face.landmarks);
    }
    talking
}

fn write(path: &Path, pictures: &[RgbImage]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let (width, height) = pictures[0].dimensions();
    let encoding = Encoding::new(width, height, Quality::C23);
    let mut writer = Mp4Writer::new(File::create(path).unwrap(), &encoding).unwrap();
    for picture in pictures {
        writer.push(picture).unwrap();
    }
    writer.finish().unwrap();
}

struct Ground {
    dir: TempDir,
    heads: Vec<Head>,
}

impl Ground {
    fn root(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn clips(&self) -> Vec<Clip> {
        datasets::read(self.root(), Layout::Folder).unwrap().clips
    }
}

/// Three clips with a face, one without, one that is no video.
fn ground() -> &'static Ground {
    static GROUND: OnceLock<Ground> = OnceLock::new();
    GROUND.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("data");
        let heads: Vec<_> = (0..3).map(head).collect();
        write(&root.join("real/anna.mp4"), &heads[0].pictures);
        write(&root.join("real/bert.mp4"), &heads[1].pictures);
        write(&root.join("fake/cleo.mp4"), &heads[2].pictures);
        let wall = RgbImage::from_fn(240, 240, |x, _| image::Rgb([90, 90 + (x / 8) as u8, 120]));
        write(&root.join("real/wall.mp4"), &vec![wall; FRAMES]);
        fs::write(root.join("real/noise.mp4"), b"this is no video").unwrap();
        Ground { dir, heads }
    })
}

fn config() -> PrepConfig {
    PrepConfig {
        frames: 5,
        clips_per_shard: 2,
        ..PrepConfig::default()
    }
}

fn make(
    out: &Path,
    share: Share,
    stop: &AtomicBool,
    stop_after: usize,
) -> Result<Prepared, PrepError> {
    let options = PrepOptions {
        root: &ground().root(),
        out,
        config: &config(),
        share,
        workers: 1,
        device: &Device::flex(),
        stop,
    };
    let clips = ground().clips();
    prepare(&clips, &options, &|clip| {
        if clip.done >= stop_after {
            stop.store(true, Ordering::Relaxed);
        }
    })
}

fn whole(out: &Path) -> Prepared {
    make(out, Share::ALL, &AtomicBool::new(false), usize::MAX).unwrap()
}

/// Every file of a folder with its bytes.
fn bytes(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().flatten();
    let read = |entry: fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, fs::read(entry.path()).unwrap_or_default())
    };
    entries.map(read).collect()
}

#[test]
fn a_store_holds_the_main_face_of_each_clip_and_names_the_clips_without_one() {
    let dir = tempfile::tempdir().unwrap();
    let done = whole(dir.path());
    assert_eq!((done.clips, done.faces, done.wrong), (5, 15, 2));
    assert!(done.progress.is_complete());

    let store = Store::open(dir.path()).unwrap();
    let errors: Vec<_> = store
        .errors()
        .iter()
        .map(|e| (e.clip.as_str(), e.message.as_str()))
        .collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert_eq!(errors[0].0, "real/noise.mp4");
    assert_eq!(errors[1], ("real/wall.mp4", "no face found in 5 frames"));

    let rows = store.rows();
    let frames: Vec<_> = rows[..5].iter().map(|row| row.frame.unwrap()).collect();
    assert_eq!(frames, [0, 3, 6, 8, 11], "spread over the whole clip");
    for (person, head) in [
        (2, &ground().heads[2]),
        (0, &ground().heads[0]),
        (1, &ground().heads[1]),
    ] {
        let name = ["anna", "bert", "cleo"][person];
        let of: Vec<_> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| row.video.contains(name))
            .collect();
        assert_eq!(of.len(), 5, "{name}");
        for (crop, row) in of {
            assert_eq!(row.label.is_forged(), name == "cleo");
            // Back to pixels of the frame: crops of this size are not scaled.
            let window: Vec<f32> = serde_json::from_value(row.extra["box"].clone()).unwrap();
            let truth = &head.landmarks[row.frame.unwrap() as usize];
            let eyes = face_preproc::geometry::distance(truth[36], truth[45]);
            let landmarks = row.landmarks68.unwrap();
            let mean = landmarks.iter().zip(truth).map(|(found, truth)| {
                let found = [found[0] + window[0], found[1] + window[1]];
                face_preproc::geometry::distance(found, *truth)
            });
            let mean = mean.sum::<f32>() / 68.0;
            // Drawn faces are not what the networks learned on.
            assert!(mean < 0.25 * eyes, "{name}: {mean} of {eyes} px");
            let picture = store.picture(crop, &Default::default()).unwrap();
            assert_eq!(
                [picture.width() as f32, picture.height() as f32],
                window[2..]
            );
        }
    }
}

#[test]
fn stopping_resuming_and_dividing_change_no_byte() {
    let dir = tempfile::tempdir().unwrap();
    let [one, stopped, divided] = ["one", "stopped", "divided"].map(|name| dir.path().join(name));
    whole(&one);
    for clips in 1..=5 {
        let stop = AtomicBool::new(false);
        let done = make(&stopped, Share::ALL, &stop, clips).unwrap();
        assert!(done.clips <= 1, "stops after each clip");
    }
    assert!(bytes(&one) == bytes(&stopped), "stopped and resumed");

    let share = |index| Share::new(index, 2).unwrap();
    let first = make(&divided, share(1), &AtomicBool::new(false), usize::MAX).unwrap();
    assert!(!first.progress.is_complete());
    make(&divided, share(0), &AtomicBool::new(false), usize::MAX).unwrap();
    assert!(bytes(&one) == bytes(&divided), "in two parts");
}

#[test]
fn other_settings_do_not_go_into_the_same_store() {
    let dir = tempfile::tempdir().unwrap();
    let clips = ground().clips();
    let stop = AtomicBool::new(true);
    let attempt = |config: &PrepConfig, clips: &[Clip]| {
        let options = PrepOptions {
            root: &ground().root(),
            out: dir.path(),
            config,
            share: Share::ALL,
            workers: 1,
            device: &Device::flex(),
            stop: &stop,
        };
        prepare(clips, &options, &|_| {})
    };
    attempt(&config(), &clips).unwrap();
    let other = PrepConfig {
        margin: 0.3,
        ..config()
    };
    assert!(matches!(attempt(&other, &clips), Err(PrepError::Store(_))));
    let none = PrepConfig {
        frames: 0,
        ..config()
    };
    assert!(matches!(
        attempt(&none, &clips),
        Err(PrepError::Config {
            field: "frames",
            ..
        })
    ));
    assert!(matches!(
        attempt(&config(), &[]),
        Err(PrepError::NoClips(_))
    ));
}
