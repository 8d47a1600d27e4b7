//! A sheet of forgeries, or of degraded pictures, to look at.
//!
//! `cargo run -p synth-data --example gallery -- i2g|mfs|sbi|degrade FACES.json OUT.png [SEED]`
//!
//! One row a face; what its columns show is said in `i2g.rs`, `mfs.rs`, `sbi.rs` and `degrade.rs`.

mod degrade;
mod i2g;
mod mfs;
mod sbi;

use std::collections::HashMap;

use anyhow::{Context, bail};
use face_preproc::{
    crop::{CropSpec, FaceCrop, crop_face},
    geometry::Landmarks68,
    manifest::Manifest,
    pictures::{Limits, read_rgb, write_png},
};
use image::{Rgb, RgbImage, imageops};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use synth_data::{Face, I2gConfig, LandmarkIndex, Mask};

const MOST_FACES: usize = 400;
const ROWS: usize = 8;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: gallery i2g|mfs|sbi|degrade FACES.json OUT.png [SEED]";
    let method = arguments.next().context(usage)?;
    let manifest = Manifest::read(arguments.next().context(usage)?)?;
    let out = arguments.next().context(usage)?;
    let seed = arguments.next().map_or(Ok(1), |s| s.parse())?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let side = if method == "mfs" { 224 } else { 256 };
    let faces = Faces::read(&manifest, side)?;
    let row = |row, rng: &mut ChaCha8Rng| {
        let (target, source) = faces.draw(rng)?;
        match method.as_str() {
            "i2g" => i2g::row(row, target, source, rng),
            "mfs" => mfs::row(target, source, rng),
            "sbi" => sbi::row(target, rng),
            "degrade" => degrade::row(target, rng),
            _ => bail!(usage),
        }
    };
    let rows: Vec<Vec<RgbImage>> = (0..ROWS)
        .map(|i| row(i, &mut rng))
        .collect::<anyhow::Result<_>>()?;
    let mut sheet = RgbImage::new(side * rows[0].len() as u32, side * ROWS as u32);
    let side = i64::from(side);
    for (y, cells) in (0i64..).zip(&rows) {
        for (x, cell) in (0i64..).zip(cells) {
            imageops::replace(&mut sheet, cell, x * side, y * side);
        }
    }
    write_png(&out, &sheet)?;
    println!("{out}");
    Ok(())
}

/// A few hundred faces, spread over a manifest.
struct Faces {
    crops: Vec<FaceCrop>,
    identities: Vec<u32>,
    index: LandmarkIndex,
}

impl Faces {
    fn read(manifest: &Manifest, size: u32) -> anyhow::Result<Self> {
        let spec = CropSpec {
            size,
            ..CropSpec::default()
        };
        let step = manifest.rows.len().div_ceil(MOST_FACES).max(1);
        let rows = || manifest.rows.iter().step_by(step);
        let crops: Vec<FaceCrop> = rows()
            .map(|row| {
                let picture = read_rgb(manifest.picture_path(row), &Limits::default())?;
                let landmarks = row.landmarks68.context("a row without landmarks")?;
                Ok(crop_face(&picture, &landmarks, &spec)?)
            })
            .collect::<anyhow::Result<_>>()?;
        let shapes: Vec<Landmarks68> = crops.iter().map(|crop| crop.landmarks).collect();
        let mut names: HashMap<&str, u32> = HashMap::new();
        let identities: Vec<u32> = rows()
            .map(|row| {
                let next = names.len() as u32;
                *names.entry(&row.identity).or_insert(next)
            })
            .collect();
        let index = LandmarkIndex::new(&shapes, &identities)?;
        Ok(Self {
            crops,
            identities,
            index,
        })
    }

    /// A face, and one of another person with similar landmarks.
    fn draw(&self, rng: &mut ChaCha8Rng) -> anyhow::Result<(Face<'_>, Face<'_>)> {
        let place = rng.random_range(0..self.crops.len());
        let target = &self.crops[place];
        let size = target.image.dimensions();
        let config = I2gConfig::default();
        let epsilon = config.epsilon * config.scale(size);
        let drawn = self
            .index
            .draw(&target.landmarks, self.identities[place], epsilon, rng)?;
        println!("{place} <- {}: {:.0} px", drawn.index, drawn.distance);
        let [target, source] = [place, drawn.index].map(|i| Face {
            image: &self.crops[i].image,
            landmarks: &self.crops[i].landmarks,
        });
        Ok((target, source))
    }
}

/// A mask as a grey picture.
fn shown(mask: &Mask) -> RgbImage {
    RgbImage::from_fn(mask.width(), mask.height(), |x, y| {
        Rgb([(255.0 * mask.get_pixel(x, y).0[0]).round() as u8; 3])
    })
}

/// A picture with the outlines of boxes.
fn outlined(image: &RgbImage, boxes: &[[f32; 4]]) -> RgbImage {
    let mut out = image.clone();
    let (width, height) = image.dimensions();
    for [x0, y0, x1, y1] in boxes {
        let (left, right) = (x0 * width as f32, x1 * width as f32 - 1.0);
        let (top, bottom) = (y0 * height as f32, y1 * height as f32 - 1.0);
        for (x, y, pixel) in out.enumerate_pixels_mut() {
            let (x, y) = (x as f32, y as f32);
            let inside = (left..=right).contains(&x) && (top..=bottom).contains(&y);
            let near = |a: f32, b: f32| (a - b).abs() < 1.0;
            if inside && (near(x, left) || near(x, right) || near(y, top) || near(y, bottom)) {
                *pixel = Rgb([255, 255, 0]);
            }
        }
    }
    out
}

/// Eight times the difference of two pictures, about mid-grey.
fn difference(a: &RgbImage, b: &RgbImage) -> RgbImage {
    let mut out = a.clone();
    for (o, (&a, &b)) in out.iter_mut().zip(a.iter().zip(b.iter())) {
        *o = (128 + 8 * (i32::from(a) - i32::from(b))).clamp(0, 255) as u8;
    }
    out
}
