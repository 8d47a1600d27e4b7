//! What happens in YCbCr, many pixels at a time.

use image::RgbImage;

use crate::lanes::{BLOCK, byte};

/// Luma of red, green and blue.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];
/// OpenCV's chroma of a difference to luma, and back.
const CR: f32 = 0.713;
const CB: f32 = 0.564;
const RED_OF_CR: f32 = 1.403;
const BLUE_OF_CB: f32 = 1.773;
const GREEN_OF_CR: f32 = -0.714;
const GREEN_OF_CB: f32 = -0.344;
/// Levels of 255 that compressed luma and chroma have.
const LUMA_LEVELS: f32 = 219.0;
const CHROMA_LEVELS: f32 = 224.0;

/// Luma, Cb and Cr of a block of pixels; grey has no chroma.
struct Planes([[f32; BLOCK]; 3]);

impl Planes {
    #[inline(always)]
    fn read(pixels: &[[u8; 3]]) -> Self {
        let mut planes = [[0.0; BLOCK]; 3];
        for (i, pixel) in pixels.iter().enumerate() {
            for (plane, &v) in planes.iter_mut().zip(pixel) {
                plane[i] = f32::from(v);
            }
        }
        let [red, green, blue] = &mut planes;
        for ((r, g), b) in red.iter_mut().zip(green).zip(blue) {
            let luma = LUMA[0] * *r + LUMA[1] * *g + LUMA[2] * *b;
            [*r, *g, *b] = [luma, CB * (*b - luma), CR * (*r - luma)];
        }
        Self(planes)
    }

    #[inline(always)]
    fn write(mut self, pixels: &mut [[u8; 3]]) {
        let [luma, cb, cr] = &mut self.0;
        for ((y, b), r) in luma.iter_mut().zip(cb).zip(cr) {
            let green = *y + GREEN_OF_CB * *b + GREEN_OF_CR * *r;
            [*y, *b, *r] = [*y + RED_OF_CR * *r, green, *y + BLUE_OF_CB * *b];
        }
        for (i, pixel) in pixels.iter_mut().enumerate() {
            *pixel = [0, 1, 2].map(|c| byte(self.0[c][i]));
        }
    }
}

/// Chroma times `keep`.
pub(super) fn desaturate(image: &RgbImage, keep: f32) -> RgbImage {
    let mut out = image.clone();
    pulp::Arch::new().dispatch(Desaturating {
        keep,
        pixels: out.as_chunks_mut::<3>().0,
    });
    out
}

/// [`desaturate`] with the best vector instructions there are.
struct Desaturating<'a> {
    keep: f32,
    pixels: &'a mut [[u8; 3]],
}

impl pulp::NullaryFnOnce for Desaturating<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for pixels in self.pixels.chunks_mut(BLOCK) {
            let mut planes = Planes::read(pixels);
            let [_, cb, cr] = &mut planes.0;
            for v in cb.iter_mut().chain(cr) {
                *v *= self.keep;
            }
            planes.write(pixels);
        }
    }
}

/// Adds `draw()`, of unit variance, times the square root of `variance` to compressed Y, Cb and Cr of
/// each pixel in turn.
pub(super) fn add_noise(
    image: &RgbImage,
    variance: f32,
    mut draw: impl FnMut() -> f32,
) -> RgbImage {
    // In levels, once compressed luma and chroma have been stretched again.
    let deviation = 255.0 * 255.0 * variance.sqrt();
    let deviations = [
        deviation / LUMA_LEVELS,
        deviation / CHROMA_LEVELS,
        deviation / CHROMA_LEVELS,
    ];
    let mut out = image.clone();
    for pixels in out.as_chunks_mut::<3>().0.chunks_mut(BLOCK) {
        let mut noise = [[0.0; BLOCK]; 3];
        for i in 0..pixels.len() {
            for (plane, deviation) in noise.iter_mut().zip(deviations) {
                plane[i] = deviation * draw();
            }
        }
        pulp::Arch::new().dispatch(Adding {
            noise: &noise,
            pixels,
        });
    }
    out
}

/// A block of [`add_noise`] with the best vector instructions there are.
struct Adding<'a> {
    noise: &'a [[f32; BLOCK]; 3],
    pixels: &'a mut [[u8; 3]],
}

impl pulp::NullaryFnOnce for Adding<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let mut planes = Planes::read(self.pixels);
        for (plane, noise) in planes.0.iter_mut().zip(self.noise) {
            for (v, n) in plane.iter_mut().zip(noise) {
                *v += n;
            }
        }
        planes.write(self.pixels);
    }
}
