//! How much a picture has suffered from JPEG, seen from the picture alone.
//!
//! Wang, Sheikh and Bovik, "No-reference perceptual quality assessment of JPEG compressed images",
//! ICIP 2002, with their constants.

use image::RgbImage;

/// Side of JPEG's blocks, pixels.
const BLOCK: usize = 8;
/// Pixels of a side below which the paper measures nothing.
const LEAST_SIDE: u32 = 16;

/// The paper's constants.
const ALPHA: f64 = -245.9;
const BETA: f64 = 261.9;
const GAMMA_1: f64 = -0.0240;
const GAMMA_2: f64 = 0.0160;
const GAMMA_3: f64 = 0.0064;

/// Their measures along one direction.
struct Features {
    /// `B`, blocking: the mean step between blocks.
    blocking: f64,
    /// `A`, activity: the mean step within blocks.
    activity: f64,
    /// `Z`, the share of steps that are followed by one in the other direction.
    zero_crossings: f64,
}

/// The quality `S` of a picture that may have been JPEG: about 10 for a good one, 5 at JPEG's
/// quality of 20, 2 at 10, never below 0. It sees the edges of blocks, so it says nothing of a
/// picture that was resized afterwards, nor of video. The brightness of sRGB is measured, with
/// JPEG's weights.
///
/// `None` for a picture with a side below 16 pixels, and for one without any detail.
pub fn jpeg_quality(picture: &RgbImage) -> Option<f64> {
    let (width, height) = picture.dimensions();
    if width.min(height) < LEAST_SIDE {
        return None;
    }
    let bright: Vec<i16> = picture
        .pixels()
        .map(|p| {
            let [r, g, b] = p.0.map(u32::from);
            ((299 * r + 587 * g + 114 * b + 500) / 1000) as i16
        })
        .collect();
    let (width, height) = (width as usize, height as usize);
    let across = features(width, height, |x, y| bright[y * width + x]);
    let down = features(height, width, |y, x| bright[y * width + x]);
    let mean = |of: fn(&Features) -> f64| (of(&across) + of(&down)) / 2.0;
    let blocking = mean(|f| f.blocking);
    let activity = mean(|f| f.activity);
    let zero_crossings = mean(|f| f.zero_crossings);
    if blocking <= 0.0 || activity <= 0.0 || zero_crossings <= 0.0 {
        return None;
    }
    let product = blocking.powf(GAMMA_1) * activity.powf(GAMMA_2) * zero_crossings.powf(GAMMA_3);
    // The fit goes on below the scale's end.
    Some((ALPHA + BETA * product).max(0.0))
}

/// The measures along the lines of a picture, of which there are `lines` of `length` pixels.
fn features(length: usize, lines: usize, pixel: impl Fn(usize, usize) -> i16) -> Features {
    let (mut steps, mut between, mut crossings) = (0_i64, 0_i64, 0_i64);
    // The last edge of a block that has a whole block behind it.
    let last_edge = BLOCK * (length / BLOCK - 1);
    for line in 0..lines {
        let mut before = 0;
        for place in 1..length {
            let step = i64::from(pixel(place, line) - pixel(place - 1, line));
            steps += step.abs();
            if place.is_multiple_of(BLOCK) && place <= last_edge {
                between += step.abs();
            }
            crossings += i64::from(step * before < 0);
            before = step;
        }
    }
    let count = |along: usize| (along * lines) as f64;
    let blocking = between as f64 / count(last_edge / BLOCK);
    let mean_step = steps as f64 / count(length - 1);
    Features {
        blocking,
        activity: (BLOCK as f64 * mean_step - blocking) / (BLOCK - 1) as f64,
        zero_crossings: crossings as f64 / count(length - 2),
    }
}
