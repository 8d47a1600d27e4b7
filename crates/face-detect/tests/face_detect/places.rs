//! Faces of every size, at every place of a picture of any size, by the detector that comes with the
//! crate.

use face_detect::{CombinedDetector, Detection, FaceDetector};
use fixtures::{FaceRenderer, View};
use image::{Rgb, RgbImage, imageops};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// A rendered person whose landmarks, brows to chin, are `height` pixels high; and where the nose's tip is.
fn person(number: u64, height: u32) -> (RgbImage, [f32; 2]) {
    let mut rng = ChaCha8Rng::seed_from_u64(number);
    let renderer = FaceRenderer::new(1, 256).unwrap();
    let identity = renderer.identity(number);
    let face = renderer
        .render(&identity, &View::random(&mut rng), &mut rng)
        .unwrap();
    let rows = face.landmarks.map(|[_, y]| y);
    let high = rows.iter().copied().fold(f32::MIN, f32::max);
    let low = rows.iter().copied().fold(f32::MAX, f32::min);
    let scale = height as f32 / (high - low);
    let side = (256.0 * scale) as u32;
    let picture = imageops::resize(&face.image, side, side, imageops::FilterType::Triangle);
    (picture, face.landmarks[30].map(|at| at * scale))
}

/// A picture without a face: soft stripes.
fn ground(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = ((x as f32 / 90.0).sin() + (y as f32 / 70.0).cos()) * 20.0;
        Rgb([110.0, 120.0, 125.0].map(|grey| (grey + wave) as u8))
    })
}

fn found(picture: &RgbImage) -> Vec<Detection> {
    let detector = CombinedDetector::shipped(&burn::tensor::Device::flex()).unwrap();
    detector.detect(picture).unwrap()
}

/// The nose lies in one of the boxes, which is about as large as the face.
fn is_there(found: &[Detection], [x, y]: [f32; 2], height: f32) -> bool {
    found.iter().any(|face| {
        let of = face.bounds;
        let within = (of.x..of.x + of.width).contains(&x) && (of.y..of.y + of.height).contains(&y);
        within && (0.6..2.5).contains(&(of.height / height))
    })
}

/// Persons, each of that height, their pictures' corners at these places.
fn missed(ground: &mut RgbImage, height: u32, places: &[[i64; 2]]) -> usize {
    let mut noses = Vec::new();
    for (number, &[x, y]) in places.iter().enumerate() {
        let (picture, [across, down]) = person(number as u64 + 1, height);
        imageops::replace(ground, &picture, x, y);
        noses.push([x as f32 + across, y as f32 + down]);
    }
    let found = found(ground);
    assert!(
        found.len() <= places.len(),
        "{} of {}",
        found.len(),
        places.len()
    );
    let there = |nose: &&[f32; 2]| !is_there(&found, **nose, height as f32);
    noses.iter().filter(there).count()
}

#[test]
fn small_faces_of_a_large_photograph_are_found() {
    for height in [32, 80, 300] {
        let mut photograph = ground(4032, 3024);
        let places = [[300, 200], [1900, 1500], [3100, 2100]];
        assert_eq!(missed(&mut photograph, height, &places), 0, "{height}");
    }
}

#[test]
fn a_face_of_a_panorama_is_found() {
    assert_eq!(missed(&mut ground(16_000, 2000), 240, &[[9000, 800]]), 0);
}

#[test]
fn everybody_in_a_crowd_is_found() {
    let places: Vec<[i64; 2]> = (0..200)
        .map(|number| [20 + 190 * (number % 20), 20 + 190 * (number / 20)])
        .collect();
    assert!(missed(&mut ground(3840, 1940), 75, &places) <= 4);
}

#[test]
fn faces_that_the_border_cuts_are_found() {
    for (place, what) in [
        ([-90, 250], "left"),
        ([860, 250], "right"),
        ([400, -70], "above"),
        ([400, 480], "below"),
    ] {
        assert_eq!(missed(&mut ground(1100, 800), 180, &[place]), 0, "{what}");
    }
}

#[test]
fn a_drawn_face_is_none() {
    let mut drawing = RgbImage::from_pixel(500, 500, Rgb([255; 3]));
    let mut disc = |x: f32, y: f32, radius: f32, colour: [u8; 3]| {
        for (across, down, pixel) in drawing.enumerate_pixels_mut() {
            if (across as f32 - x).hypot(down as f32 - y) <= radius {
                *pixel = Rgb(colour);
            }
        }
    };
    disc(250.0, 250.0, 180.0, [0; 3]);
    disc(250.0, 250.0, 174.0, [255, 220, 60]);
    disc(190.0, 200.0, 20.0, [0; 3]);
    disc(310.0, 200.0, 20.0, [0; 3]);
    for step in 0..=60 {
        let angle = (30.0 + f32::from(step as u8) * 2.0).to_radians();
        disc(
            250.0 + 110.0 * angle.cos(),
            250.0 + 110.0 * angle.sin(),
            5.0,
            [0; 3],
        );
    }
    assert!(found(&drawing).is_empty());
}
