//! The frames of the built-in decoder beside FFmpeg's, for every clip named: counts, and the least
//! likeness of a frame's brightness, as a peak signal-to-noise ratio in decibels.
//!
//! ```console
//! cargo run -p video --example against_ffmpeg -- clips/*.mp4
//! ```

use std::error::Error;

use image::{GrayImage, imageops::grayscale};
use video::{Limits, Video};

/// In dB, of levels 0 to 255; infinite where both are the same.
fn psnr(one: &GrayImage, other: &GrayImage) -> f64 {
    let squares = one.iter().zip(other.iter());
    let squares = squares.map(|(&a, &b)| u64::from(a.abs_diff(b)).pow(2));
    let mean = squares.sum::<u64>() as f64 / one.len() as f64;
    10.0 * (255.0 * 255.0 / mean).log10()
}

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let limits = Limits::default();
        let ours = Video::open(&path, &limits)?;
        let theirs = Video::open_with_ffmpeg(&path, &limits)?;
        let counts = [&ours, &theirs].map(|video| video.info().frame_count);
        let mut least = f64::INFINITY;
        for (one, other) in ours.frames()?.zip(theirs.frames()?) {
            let (one, other) = (one?, other?);
            if one.picture.dimensions() != other.picture.dimensions() {
                return Err(format!("{path}: frame {} differs in size", one.index).into());
            }
            least = least.min(psnr(&grayscale(&one.picture), &grayscale(&other.picture)));
        }
        let [ours, theirs] = counts;
        println!("{path}: {ours} frames, FFmpeg {theirs}; PSNR at least {least:.1} dB");
    }
    Ok(())
}
