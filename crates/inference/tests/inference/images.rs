//! Images and crops.

use std::thread;

use image::RgbImage;
use inference::{NotJudged, PredictOptions, face_and_finding};

use super::{CLIPS, FACES, detector, face, wall};

/// Crops that pass through the network together agree with single ones but for rounding.
const TOLERANCE: f64 = 1e-5;

#[test]
fn the_face_of_an_image_is_found_and_judged() {
    let detector = detector(FACES);
    let mut image = wall();
    let person = face(3, 128);
    image::imageops::replace(&mut image, &person.image, 40, 10);
    let seen = detector.predict_image(&image).unwrap();
    assert_eq!(seen.faces.len(), 1);
    let [left, top, right, bottom] = seen.faces[0].region();
    // The nose's tip lies in what was judged.
    let [x, y] = person.landmarks[30];
    let (x, y) = (x + 40.0, y + 10.0);
    assert!(left < x && x < right && top < y && y < bottom);
    assert!((0.0..=1.0).contains(&seen.score()));
    assert_eq!(seen.is_forged(), seen.score() >= 0.45);
    let map = seen.faces[0].prediction.heat_map.as_ref().unwrap();
    assert_eq!(map.dimensions(), (64, 64));
    let shown = face_and_finding(&seen.faces[0]);
    assert!(shown.width() > 2 * 64);
    // The same face by its own landmarks, and as a crop.
    let here = detector
        .predict_face(&person.image, &person.landmarks)
        .unwrap();
    let crop = here.faces[0].face.image.clone();
    let of_crop = detector.predict_crops(&[crop]).unwrap().remove(0);
    assert_eq!(of_crop, here.faces[0].prediction);
}

/// A picture on its side or upside down is judged as the upright one is, and the face is said to be where
/// it is.
#[test]
fn faces_that_do_not_stand_upright_are_found_and_it_is_said() {
    let detector = detector(FACES);
    let mut upright = wall();
    let person = face(3, 128);
    image::imageops::replace(&mut upright, &person.image, 40, 10);
    let seen = detector.predict_image(&upright).unwrap();
    assert_eq!(seen.turned, None);
    let [x, y] = person.landmarks[30];
    let (x, y) = (x + 40.0, y + 10.0);
    let (width, height) = (upright.width() as f32, upright.height() as f32);
    for (lying, turned, nose) in [
        (
            image::imageops::rotate270(&upright),
            90,
            [y, width - 1.0 - x],
        ),
        (
            image::imageops::rotate90(&upright),
            270,
            [height - 1.0 - y, x],
        ),
        (
            image::imageops::rotate180(&upright),
            180,
            [width - 1.0 - x, height - 1.0 - y],
        ),
    ] {
        let found = detector.predict_image(&lying).unwrap();
        assert_eq!(found.turned, Some(turned));
        assert!((found.score() - seen.score()).abs() < TOLERANCE);
        let [left, top, right, bottom] = found.faces[0].region();
        assert!(left < nose[0] && nose[0] < right && top < nose[1] && nose[1] < bottom);
    }
}

#[test]
fn many_crops_at_a_time_are_judged_as_each_alone() {
    let detector = detector(FACES);
    // More than pass through the network together, some of another size.
    let crops: Vec<_> = (0..19)
        .map(|person| face(person, if person % 4 == 0 { 96 } else { 64 }).image)
        .collect();
    let together = detector.predict_crops(&crops).unwrap();
    assert_eq!(together.len(), crops.len());
    for (crop, of_many) in crops.iter().zip(&together) {
        let alone = &detector.predict_crops(std::slice::from_ref(crop)).unwrap()[0];
        assert!((alone.score - of_many.score).abs() < TOLERANCE);
    }
    let scores: Vec<_> = together.iter().map(|face| face.score).collect();
    assert!(scores.iter().any(|score| (score - scores[0]).abs() > 1e-4));
    assert!(detector.predict_crops(&[]).unwrap().is_empty());
}

#[test]
fn what_cannot_be_judged_says_why() {
    let faces = detector(FACES);
    let why = faces.predict_image(&wall()).unwrap_err();
    assert!(matches!(why, NotJudged::NoFace { frames: 1 }), "{why}");
    let mut far = RgbImage::from_pixel(400, 400, image::Rgb([90, 120, 140]));
    let small = image::imageops::thumbnail(&face(3, 128).image, 36, 36);
    image::imageops::replace(&mut far, &small, 180, 180);
    let why = faces.predict_image(&far).unwrap_err();
    assert!(
        matches!(why, NotJudged::FaceTooSmall { largest, least } if largest < least),
        "{why}"
    );
    let why = faces.predict_image(&RgbImage::new(0, 0)).unwrap_err();
    assert!(matches!(why, NotJudged::Unreadable(_)), "{why}");
    let motion = detector(CLIPS);
    for why in [
        motion.predict_image(&face(3, 128).image).unwrap_err(),
        motion.predict_crops(&[face(3, 48).image]).unwrap_err(),
    ] {
        assert!(matches!(why, NotJudged::NeedsVideo), "{why}");
        assert_eq!(why.word(), "needs a video");
    }
}

#[test]
fn what_is_too_compressed_is_judged_where_asked_for() {
    let mut detector = detector(FACES);
    detector.options.cropped = true;
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 3)
        .encode_image(&face(3, 128).image)
        .unwrap();
    let mashed = image::load_from_memory(&bytes).unwrap().to_rgb8();
    let why = detector.predict_image(&mashed).unwrap_err();
    assert!(matches!(why, NotJudged::TooCompressed(_)), "{why}");
    // A clone shares the network and is asked in its own way.
    let mut bolder = detector.clone();
    bolder.options = PredictOptions {
        any_compression: true,
        ..detector.options
    };
    assert!(bolder.predict_image(&mashed).is_ok());
    assert!(detector.predict_image(&mashed).is_err());
}

#[test]
fn threads_share_one_network_and_agree() {
    let detector = detector(FACES);
    let images: Vec<_> = (0..3).map(|person| face(person, 128).image).collect();
    let ask = || -> Vec<f64> {
        let scores = images.iter().map(|image| {
            let seen = detector.predict_image(image).unwrap();
            seen.score()
        });
        scores.collect()
    };
    let alone = ask();
    let together: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(
        together.iter().all(|scores| *scores == alone),
        "{together:?}"
    );
}
