//! The colour changes, the sharpening and the coarsening of self-blended images.

use image::RgbImage;
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::{augment::Chance, error::Error};

/// Pixels worked on together.
const BLOCK: usize = 256;

/// How often and how far colours are changed. Each range holds for three (or two) numbers drawn
/// independently.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColorConfig {
    /// Shift of the red, the green and the blue, in levels of 255, -255 ..= 255.
    pub rgb: Chance,
    /// Shift of hue (two degrees a unit), saturation and value (1/255 a unit), OpenCV's units for
    /// bytes, -180 ..= 180. The official range of -0.3 to 0.3 hardly changes a byte.
    pub hsv: Chance,
    /// Shift of the brightness in shares of white, and what is added to a factor of 1 of the
    /// contrast about black, -1 ..= 1.
    pub brightness_contrast: Chance,
}

impl ColorConfig {
    /// Checks every probability and range.
    ///
    /// # Errors
    /// [`Error::Chance`] naming the first field out of range.
    pub fn validate(&self) -> Result<(), Error> {
        self.rgb
            .check("rgb", "levels, -255 to 255", -255.0, 255.0)?;
        self.hsv.check("hsv", "units, -180 to 180", -180.0, 180.0)?;
        self.brightness_contrast
            .check("brightness_contrast", "shares, -1 to 1", -1.0, 1.0)
    }

    /// One change. The numbers must be valid.
    pub(super) fn draw(&self, rng: &mut impl Rng) -> ColorShift {
        let rgb = several(self.rgb, rng);
        let hsv = several(self.hsv, rng);
        let [brightness, contrast] = several(self.brightness_contrast, rng);
        ColorShift {
            rgb,
            hsv,
            brightness,
            contrast,
        }
    }
}

/// Independent numbers of one range, or zeros. They are drawn whether they are applied or not.
fn several<const N: usize>(chance: Chance, rng: &mut impl Rng) -> [f32; N] {
    let applied = rng.random_bool(chance.probability);
    let [low, high] = chance.range;
    let drawn = [(); N].map(|()| rng.random_range(low..=high));
    if applied { drawn } else { [0.0; N] }
}

/// A change of colours: first of R'G'B', then of hue, saturation and value, then of brightness and
/// contrast; after each, what lies beyond black or white is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ColorShift {
    /// Added to red, green and blue, in levels of 255.
    pub rgb: [f32; 3],
    /// Added to the hue, in units of two degrees, and to saturation and value, in 1/255.
    pub hsv: [f32; 3],
    /// Added last, in shares of white.
    pub brightness: f32,
    /// Values are multiplied by 1 more than this before.
    pub contrast: f32,
}

impl ColorShift {
    /// The changed picture.
    pub fn apply(&self, image: &RgbImage) -> RgbImage {
        if *self == Self::default() {
            return image.clone();
        }
        let mut out = image.clone();
        if self.hsv == [0.0; 3] {
            let tables: [[u8; 256]; 3] = self.rgb.map(|shift| {
                std::array::from_fn(|v| self.finish((v as f32 + shift).clamp(0.0, 255.0)))
            });
            for pixel in out.as_chunks_mut::<3>().0 {
                for (v, table) in pixel.iter_mut().zip(&tables) {
                    *v = table[*v as usize];
                }
            }
        } else {
            pulp::Arch::new().dispatch(Shifting {
                by: self,
                pixels: out.as_chunks_mut::<3>().0,
            });
        }
        out
    }

    /// Brightness and contrast, and rounding.
    #[inline(always)]
    fn finish(&self, v: f32) -> u8 {
        (v * (1.0 + self.contrast) + 255.0 * self.brightness + 0.5) as u8
    }
}

/// [`ColorShift::apply`] with the best vector instructions there are.
struct Shifting<'a> {
    by: &'a ColorShift,
    pixels: &'a mut [[u8; 3]],
}

impl pulp::NullaryFnOnce for Shifting<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let mut planes = [const { [0.0; BLOCK] }; 3];
        for pixels in self.pixels.chunks_mut(BLOCK) {
            for (i, pixel) in pixels.iter().enumerate() {
                for (plane, &v) in planes.iter_mut().zip(pixel) {
                    plane[i] = f32::from(v);
                }
            }
            let [red, green, blue] = &mut planes;
            for ((r, g), b) in red.iter_mut().zip(green).zip(blue) {
                [*r, *g, *b] = self.by.shifted([*r, *g, *b]);
            }
            for (i, pixel) in pixels.iter_mut().enumerate() {
                *pixel = [0, 1, 2].map(|c| self.by.finish(planes[c][i]));
            }
        }
    }
}

impl ColorShift {
    /// The shifts of R'G'B' and of hue, saturation and value, with values of 0 ..= 255.
    #[inline(always)]
    fn shifted(&self, [red, green, blue]: [f32; 3]) -> [f32; 3] {
        let [dh, ds, dv] = [self.hsv[0] / 30.0, self.hsv[1] / 255.0, self.hsv[2]];
        let r = (red + self.rgb[0]).clamp(0.0, 255.0);
        let g = (green + self.rgb[1]).clamp(0.0, 255.0);
        let b = (blue + self.rgb[2]).clamp(0.0, 255.0);
        let value = r.max(g).max(b);
        let chroma = value - r.min(g).min(b);
        let inverse = if chroma > 0.0 { 1.0 / chroma } else { 0.0 };
        // The hue in sixths of a turn.
        let by_green = 2.0 + (b - r) * inverse;
        let by_blue = 4.0 + (r - g) * inverse;
        let other = if value == g { by_green } else { by_blue };
        let hue = if value == r { (g - b) * inverse } else { other };
        let hue = hue + dh;
        let saturation = if value > 0.0 { chroma / value } else { 0.0 };
        let saturation = (saturation + ds).clamp(0.0, 1.0);
        let value = (value + dv).clamp(0.0, 255.0);
        let chroma = value * saturation;
        [5.0, 3.0, 1.0].map(|from| value - chroma * depth(hue + from))
    }
}

/// The angle in 0 .. 6.
#[inline(always)]
fn wrapped(angle: f32) -> f32 {
    angle - 6.0 * (angle * (1.0 / 6.0)).floor()
}

/// How far a channel lies below the value, in shares of the chroma, at an angle from where it is
/// the greatest.
#[inline(always)]
fn depth(angle: f32) -> f32 {
    let angle = wrapped(angle);
    angle.min(4.0 - angle).clamp(0.0, 1.0)
}

/// `(1 - strength) v + strength ((8 + lightness) v - sum of the eight neighbours)`; borders are
/// replicated. A lightness of 1 keeps flat areas as they are.
pub fn sharpen(image: &RgbImage, strength: f32, lightness: f32) -> RgbImage {
    let mut out = image.clone();
    let stride = 3 * image.width() as usize;
    if image.is_empty() {
        return out;
    }
    pulp::Arch::new().dispatch(Sharpening {
        image: image.as_raw(),
        stride,
        // The sum of the neighbours is that of all nine less the middle.
        middle: 1.0 - strength + strength * (9.0 + lightness),
        all: strength,
        out: &mut out,
    });
    out
}

/// [`sharpen`] with the best vector instructions there are.
struct Sharpening<'a> {
    image: &'a [u8],
    stride: usize,
    middle: f32,
    all: f32,
    out: &'a mut [u8],
}

impl pulp::NullaryFnOnce for Sharpening<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let stride = self.stride;
        let last = self.image.len() / stride - 1;
        // Sums down three rows, with a pixel repeated at both ends.
        let mut columns = vec![0.0f32; stride + 6];
        for (y, out) in self.out.chunks_exact_mut(stride).enumerate() {
            let row = |y: usize| &self.image[y * stride..][..stride];
            let (above, here, below) = (row(y.saturating_sub(1)), row(y), row((y + 1).min(last)));
            let inner = &mut columns[3..][..stride];
            for (((sum, &a), &b), &c) in inner.iter_mut().zip(above).zip(here).zip(below) {
                *sum = f32::from(a) + f32::from(b) + f32::from(c);
            }
            columns.copy_within(3..6, 0);
            columns.copy_within(stride..stride + 3, stride + 3);
            let shifted = columns.iter().zip(&columns[3..]).zip(&columns[6..]);
            for ((o, &v), ((a, b), c)) in out.iter_mut().zip(here).zip(shifted) {
                *o = (self.middle * f32::from(v) - self.all * (a + b + c) + 0.5) as u8;
            }
        }
    }
}
