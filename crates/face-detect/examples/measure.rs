//! Recall of the shipped networks and the error of their landmarks, on a manifest with `landmarks68`.
//!
//! ```console
//! cargo run -p face-detect --example measure -- faces.json
//! cargo run -p face-detect --example measure -- faces.json tiny
//! cargo run -p face-detect --example measure -- faces.json mtcnn
//! cargo run -p face-detect --example measure -- faces.json ultra-face FILE
//! ```
//!
//! A face counts as found where the box around the landmarks found overlaps the true one by a half or
//! more (intersection over union). The error of a face is the mean distance of its 68 landmarks to the
//! true ones, as a share of the distance of the outer eye corners. A picture may have several rows,
//! one for each face, with a `video` of their own.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use burn::tensor::Device;
use face_detect::{
    FaceDetectError, FaceFinder, FaceLandmark68, FaceSearch, FinderConfig, Mtcnn, MtcnnConfig,
    TinyFaceConfig, TinyFaceDetector, UltraFace, UltraFaceConfig,
};
use face_preproc::geometry::{FaceBox, Landmarks68, distance};
use face_preproc::manifest::Manifest;
use face_preproc::pictures::{Limits, read_rgb};
use image::RgbImage;

/// Outer eye corners and the tip of the nose, in dlib's order.
const EYES: [usize; 2] = [36, 45];
const NOSE: usize = 30;
/// A face is called frontal where the tip of its nose lies no further from the middle between the
/// eyes, along the line of the eyes, than this share of their distance.
const FRONTAL: f32 = 0.12;

/// The faces of a data set.
#[derive(Default)]
struct Measured {
    faces: usize,
    frontal: usize,
    found: usize,
    frontal_found: usize,
    /// Errors of the faces found, all and frontal ones.
    errors: Vec<f32>,
    frontal_errors: Vec<f32>,
    /// Faces found where no row names one.
    others: usize,
    pictures: usize,
    time: Duration,
}

fn between_eyes(landmarks: &Landmarks68) -> f32 {
    distance(landmarks[EYES[0]], landmarks[EYES[1]])
}

fn is_frontal(landmarks: &Landmarks68) -> bool {
    let [left, right] = EYES.map(|eye| landmarks[eye]);
    let along = [right[0] - left[0], right[1] - left[1]];
    let middle = [(left[0] + right[0]) / 2.0, (left[1] + right[1]) / 2.0];
    let nose = [
        landmarks[NOSE][0] - middle[0],
        landmarks[NOSE][1] - middle[1],
    ];
    let squared = along[0] * along[0] + along[1] * along[1];
    ((nose[0] * along[0] + nose[1] * along[1]) / squared).abs() <= FRONTAL
}

impl Measured {
    fn count(&mut self, truth: &[Landmarks68], found: &[Landmarks68]) {
        let mut left: Vec<&Landmarks68> = found.iter().collect();
        for true_face in truth {
            let frontal = is_frontal(true_face);
            self.faces += 1;
            self.frontal += usize::from(frontal);
            let overlap = |landmarks: &Landmarks68| match (
                FaceBox::around(landmarks),
                FaceBox::around(true_face),
            ) {
                (Some(one), Some(other)) => one.iou(&other),
                _ => 0.0,
            };
            let best =
                (0..left.len()).max_by(|&a, &b| overlap(left[a]).total_cmp(&overlap(left[b])));
            let Some(best) = best.filter(|&best| overlap(left[best]) >= 0.5) else {
                continue;
            };
            let face = left.swap_remove(best);
            let sum: f32 = face
                .iter()
                .zip(true_face)
                .map(|(&a, &b)| distance(a, b))
                .sum();
            let error = sum / 68.0 / between_eyes(true_face);
            self.found += 1;
            self.errors.push(error);
            if frontal {
                self.frontal_found += 1;
                self.frontal_errors.push(error);
            }
        }
        self.others += left.len();
        self.pictures += 1;
    }

    fn print(mut self, name: &str) {
        let share = |part: usize, of: usize| 100.0 * part as f32 / of.max(1) as f32;
        let mean = |errors: &[f32]| 100.0 * errors.iter().sum::<f32>() / errors.len().max(1) as f32;
        self.errors.sort_by(f32::total_cmp);
        let nine_tenths = self.errors.get(self.errors.len() * 9 / 10).copied();
        println!(
            "{name}: found {} of {} faces ({:.2} %), of frontal ones {} of {} ({:.2} %); \
             {} elsewhere in {} pictures; error {:.2} % of the eyes' distance, frontal {:.2} %, \
             nine tenths below {:.2} %; {:.1} ms a picture",
            self.found,
            self.faces,
            share(self.found, self.faces),
            self.frontal_found,
            self.frontal,
            share(self.frontal_found, self.frontal),
            self.others,
            self.pictures,
            mean(&self.errors),
            mean(&self.frontal_errors),
            100.0 * nine_tenths.unwrap_or(f32::NAN),
            1000.0 * self.time.as_secs_f32() / self.pictures.max(1) as f32,
        );
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("name a manifest")?;
    let detector = arguments.next();
    let weights = PathBuf::from(arguments.next().unwrap_or_default());
    let device = Device::flex();
    let landmarks = FaceLandmark68::new(&device)?;
    let config = FinderConfig::default();
    type Find = Box<dyn Fn(&RgbImage) -> Result<FaceSearch, FaceDetectError>>;
    let find: Find = match detector.as_deref() {
        None => {
            let finder = FaceFinder::shipped(&device)?;
            Box::new(move |picture| finder.find(picture))
        }
        Some("tiny") => {
            let tiny = TinyFaceDetector::new(TinyFaceConfig::default(), &device)?;
            let finder = FaceFinder::new(tiny, landmarks, config)?;
            Box::new(move |picture| finder.find(picture))
        }
        Some("mtcnn") => {
            let mtcnn = Mtcnn::shipped(MtcnnConfig::default(), &device)?;
            let finder = FaceFinder::new(mtcnn, landmarks, config)?;
            Box::new(move |picture| finder.find(picture))
        }
        Some("ultra-face") => {
            let ultra = UltraFace::load(&weights, UltraFaceConfig::default(), &device)?;
            let finder = FaceFinder::new(ultra, landmarks, config)?;
            Box::new(move |picture| finder.find(picture))
        }
        Some(other) => return Err(format!("{other}: tiny, mtcnn or ultra-face").into()),
    };
    let manifest = Manifest::read(&path)?;
    let mut pictures: BTreeMap<&str, (&str, Vec<Landmarks68>)> = BTreeMap::new();
    for row in &manifest.rows {
        let landmarks = row
            .landmarks68
            .ok_or(format!("{}: no landmarks68", row.file))?;
        let faces = pictures
            .entry(&row.file)
            .or_insert((&row.dataset, Vec::new()));
        faces.1.push(landmarks);
    }
    let mut all = Measured::default();
    let mut sets: BTreeMap<&str, Measured> = BTreeMap::new();
    for (file, (set, truth)) in &pictures {
        let picture = read_rgb(manifest.root.join(file), &Limits::default())?;
        let begun = Instant::now();
        let search = find(&picture)?;
        let time = begun.elapsed();
        let found: Vec<Landmarks68> = search.faces().iter().map(|face| face.landmarks).collect();
        for measured in [&mut all, sets.entry(set).or_default()] {
            measured.count(truth, &found);
            measured.time += time;
        }
        if found.is_empty() {
            println!("no face: {file}");
        }
    }
    for (set, measured) in sets {
        measured.print(set);
    }
    all.print("all");
    Ok(())
}
