//! A sheet of forgeries to look at.
//!
//! `cargo run -p synth-data --example gallery -- FACES.json OUT.png [SEED]`
//!
//! Each row is one pair: target, aligned source, mask, one forgery for each blending method (all
//! with the same mask), and the last method's forgery augmented. The first rows take the whole
//! face, the next ones a part of it.

use std::collections::HashMap;

use anyhow::Context;
use face_preproc::{
    crop::{CropSpec, FaceCrop, crop_face},
    geometry::Landmarks68,
    manifest::Manifest,
    pictures::{Limits, read_rgb, write_png},
};
use image::{Rgb, RgbImage, imageops};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use synth_data::{
    Blending, Face, Hull, I2gConfig, LandmarkIndex, Region,
    align::{alignment, warp},
    augment::{AugmentConfig, Sample, augment},
    i2g,
};

const SIDE: u32 = 256;
const MOST_FACES: usize = 400;
const ROWS: [Hull; 8] = [
    Hull::WholeFace,
    Hull::WholeFace,
    Hull::WholeFace,
    Hull::WholeFace,
    Hull::Eyes,
    Hull::Nose,
    Hull::Mouth,
    Hull::LowerHalf,
];

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: gallery FACES.json OUT.png [SEED]";
    let manifest = Manifest::read(arguments.next().context(usage)?)?;
    let out = arguments.next().context(usage)?;
    let seed = arguments.next().map_or(Ok(1), |s| s.parse())?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let config = I2gConfig::default();
    let spec = CropSpec {
        size: SIDE,
        ..CropSpec::default()
    };

    // A few hundred faces are enough to draw from; they are spread over the whole manifest.
    let step = manifest.rows.len().div_ceil(MOST_FACES).max(1);
    let crops: Vec<FaceCrop> = manifest
        .rows
        .iter()
        .step_by(step)
        .map(|row| {
            let picture = read_rgb(manifest.picture_path(row), &Limits::default())?;
            let landmarks = row.landmarks68.context("a row without landmarks")?;
            Ok(crop_face(&picture, &landmarks, &spec)?)
        })
        .collect::<anyhow::Result<_>>()?;
    let shapes: Vec<Landmarks68> = crops.iter().map(|crop| crop.landmarks).collect();
    let mut names: HashMap<&str, u32> = HashMap::new();
    let identities: Vec<u32> = manifest
        .rows
        .iter()
        .step_by(step)
        .map(|row| {
            let next = names.len() as u32;
            *names.entry(&row.identity).or_insert(next)
        })
        .collect();
    let index = LandmarkIndex::new(&shapes, &identities)?;

    let columns = Blending::ALL.len() as u32 + 4;
    let mut sheet = RgbImage::new(SIDE * columns, SIDE * ROWS.len() as u32);
    for (y, hull) in (0i64..).zip(ROWS) {
        let place = rng.random_range(0..crops.len());
        let (shape, identity) = (&shapes[place], identities[place]);
        let count = index.candidates(shape, identity, config.epsilon)?.len();
        let drawn = index.draw(shape, identity, config.epsilon, &mut rng)?;
        println!(
            "{place} <- {}: {:.0} px, {count} within epsilon",
            drawn.index, drawn.distance
        );
        let cells = forgeries(&crops[place], &crops[drawn.index], hull, &config, &mut rng)?;
        for (x, cell) in (0i64..).zip(&cells) {
            let side = i64::from(SIDE);
            imageops::replace(&mut sheet, cell, x * side, y * side);
        }
    }
    write_png(&out, &sheet)?;
    println!("{out}");
    Ok(())
}

/// Target, aligned source, mask, one forgery for each method, and the last one augmented.
fn forgeries(
    target: &FaceCrop,
    source: &FaceCrop,
    hull: Hull,
    config: &I2gConfig,
    rng: &mut ChaCha8Rng,
) -> anyhow::Result<Vec<RgbImage>> {
    let (target, source) = (face(target), face(source));
    let mask = i2g::draw_mask(target, hull, config, rng)?;
    let to_target = alignment(source.landmarks, target.landmarks)?;
    let whole = Region::whole(target.image.dimensions());
    let aligned = warp(source.image, &to_target, whole, config.interpolation)?;
    let shown = RgbImage::from_fn(SIDE, SIDE, |x, y| {
        Rgb([(255.0 * mask.get_pixel(x, y).0[0]).round() as u8; 3])
    });
    let mut cells = vec![target.image.clone(), aligned, shown];
    for blending in Blending::ALL {
        cells.push(i2g::stitch(target, source, &mask, blending, config)?);
    }
    let sample = Sample {
        image: cells[cells.len() - 1].clone(),
        mask,
        landmarks: *target.landmarks,
        boxes: Vec::new(),
    };
    cells.push(augment(&sample, &AugmentConfig::default(), rng)?.image);
    Ok(cells)
}

fn face(crop: &FaceCrop) -> Face<'_> {
    Face {
        image: &crop.image,
        landmarks: &crop.landmarks,
    }
}
