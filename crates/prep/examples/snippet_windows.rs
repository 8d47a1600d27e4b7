//! How well the windows of snippets sit, on clips of real people.
//!
//! ```console
//! cargo run -p prep --example snippet_windows -- clips/*.mp4
//! ```
//!
//! A store of snippets is made of each clip as for a training. Beside it every frame is followed from
//! its neighbour. Told are how far a window's centre moves within its snippet, and how far the face's
//! centre, by which the model's crop is cut, is off that of following every frame, at the first place
//! of the snippets: in shares of the face's side.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use burn::tensor::Device;
use datasets::{Layout, read};
use face_detect::{FaceFinder, FaceTracker, TrackerConfig};
use face_preproc::geometry::FaceBox;
use face_store::{Share, Store};
use prep::{PrepConfig, PrepOptions, prepare};
use video::{Limits, Video};

/// Frames of a snippet, and places in a clip.
const LENGTH: usize = 4;
const PLACES: usize = 16;

/// The square around a face's landmarks: centre and side.
type Square = ([f32; 2], f32);

fn square(bounds: &FaceBox) -> Square {
    let square = bounds.squared();
    let half = square.width / 2.0;
    ([square.x + half, square.y + half], square.width)
}

/// The faces of every frame, each followed from the frame before.
fn followed(clip: &Path, device: &Device) -> Result<Vec<Vec<Square>>, Box<dyn Error>> {
    let finder = FaceFinder::shipped(device)?;
    let mut tracker = FaceTracker::new(&finder, TrackerConfig::default())?;
    let mut faces = Vec::new();
    for frame in Video::open(clip, &Limits::default())?.frames()? {
        let seen = tracker.push(&frame?.picture)?;
        let squares = seen.search.faces().iter().map(|face| square(&face.bounds));
        faces.push(squares.collect());
    }
    Ok(faces)
}

/// By frame: a crop's window, and the face in the frame.
type Windows = BTreeMap<usize, ([f32; 4], Square)>;

/// Of each row of a clip's store of snippets.
fn windows(clip: &Path, device: &Device) -> Result<Windows, Box<dyn Error>> {
    let root = tempfile::tempdir()?;
    let [data, out] = ["data", "store"].map(|name| root.path().join(name));
    std::fs::create_dir_all(data.join("real"))?;
    std::fs::copy(clip, data.join("real/clip.mp4"))?;
    let config = PrepConfig {
        frames: PLACES,
        successive: LENGTH,
        // Crops as large as their windows: landmarks move by the window's corner alone.
        most_side: 4096,
        ..PrepConfig::default()
    };
    let options = PrepOptions {
        root: &data,
        out: &out,
        config: &config,
        share: Share::ALL,
        workers: 1,
        device,
        stop: &AtomicBool::new(false),
    };
    prepare(&read(&data, Layout::Folder)?.clips, &options, &|_| {})?;
    let mut found = BTreeMap::new();
    for row in Store::open(&out)?.rows() {
        let window: [f32; 4] = serde_json::from_value(row.extra["box"].clone())?;
        let (Some(frame), Some(landmarks)) = (row.frame, row.landmarks68) else {
            continue;
        };
        let landmarks = landmarks.map(|[x, y]| [x + window[0], y + window[1]]);
        if let Some(bounds) = FaceBox::around(&landmarks) {
            found.insert(frame as usize, (window, square(&bounds)));
        }
    }
    Ok(found)
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The value that a share of all do not exceed.
fn quantile(values: &mut [f32], share: f32) -> f32 {
    values.sort_by(f32::total_cmp);
    values[((values.len() - 1) as f32 * share).round() as usize]
}

fn main() -> Result<(), Box<dyn Error>> {
    let device = Device::flex();
    let (mut moved, mut off) = (Vec::new(), Vec::new());
    for clip in std::env::args().skip(1) {
        let clip = Path::new(&clip);
        let rows = windows(clip, &device)?;
        let faces = followed(clip, &device)?;
        let numbers: Vec<usize> = rows.keys().copied().collect();
        let mut at = 0;
        while let Some(snippet) = numbers.get(at..at + LENGTH) {
            if snippet[LENGTH - 1] - snippet[0] != LENGTH - 1 {
                at += 1;
                continue;
            }
            at += LENGTH;
            let centre = |frame: &usize| {
                let [x, y, width, height] = rows[frame].0;
                [x + width / 2.0, y + height / 2.0]
            };
            let (window, (found, _)) = (centre(&snippet[0]), rows[&snippet[0]].1);
            let seen = faces[snippet[0]].iter();
            let near = |face: &&Square| distance(face.0, found);
            let Some(&(truth, side)) = seen.min_by(|a, b| near(a).total_cmp(&near(b))) else {
                continue;
            };
            let moves = snippet.iter().map(|frame| distance(centre(frame), window));
            moved.push(moves.fold(0.0, f32::max) / side);
            off.push(distance(found, truth) / side);
        }
        println!("{}: {} snippets so far", clip.display(), off.len());
    }
    if off.is_empty() {
        return Err("no snippet of any clip".into());
    }
    let most = moved.iter().copied().fold(0.0, f32::max);
    println!("windows move by {:.3} % at most", 100.0 * most);
    let [median, high, largest] = [0.5, 0.9, 1.0].map(|share| 100.0 * quantile(&mut off, share));
    println!(
        "off at the first place: median {median:.3} %, 90 % quantile {high:.3} %, largest {largest:.3} %"
    );
    Ok(())
}
