//! Heat maps over pictures, without text: for reports and for files of their own.

use colorous::INFERNO;
use image::imageops::{self, FilterType};
use image::{GrayImage, ImageBuffer, Luma, Pixel as _, Rgb, RgbImage};

/// A map over a picture: values in [0, 1], 1 = forged, row-major (H, W). It covers the whole
/// picture, whatever its own size. Values that are not finite count as 0.
pub type Map = ImageBuffer<Luma<f32>, Vec<f32>>;

/// Opacity of the hottest colour: the face stays recognisable below it.
const OPACITY: f32 = 0.8;
/// Outlines, bright where faces are not and absent from the colours of heat.
const OUTLINE: Rgb<u8> = Rgb([64, 224, 255]);
const GAP: Rgb<u8> = Rgb([128, 128, 128]);

/// The colour of a heat in [0, 1]: black over violet and orange to pale yellow, of steadily rising
/// lightness (the colour map "inferno"), so that it is read rightly in grey and by the
/// colour-blind.
pub fn heat_colour(heat: f32) -> Rgb<u8> {
    let colour = INFERNO.eval_continuous(f64::from(finite(heat)));
    Rgb([colour.r, colour.g, colour.b])
}

/// The picture in grey with the heat map in colour over it, the hotter the more opaque: heat 0
/// leaves the grey picture, heat 1 covers it by four fifths.
///
/// The map is resized bilinearly to the picture. A map or picture without pixels gives the picture
/// as it is.
pub fn overlay(picture: &RgbImage, heat_map: &Map) -> RgbImage {
    let Some(heat_map) = resized(heat_map, picture.dimensions()) else {
        return picture.clone();
    };
    let mut shown = picture.clone();
    for (pixel, Luma([heat])) in shown.pixels_mut().zip(heat_map.pixels()) {
        let grey = f32::from(pixel.to_luma().0[0]);
        let colour = heat_colour(*heat);
        let opacity = OPACITY * heat;
        for (channel, colour) in pixel.0.iter_mut().zip(colour.0) {
            *channel = (grey + opacity * (f32::from(colour) - grey)).round() as u8;
        }
    }
    shown
}

/// Draws the border of the region where `mask` is at least one half: the region's outermost
/// pixels. A mask without pixels draws nothing.
pub fn outline(picture: &mut RgbImage, mask: &Map) {
    let (width, height) = picture.dimensions();
    let Some(mask) = resized(mask, (width, height)) else {
        return;
    };
    let inside = |x: i64, y: i64| {
        let within = (0..i64::from(width)).contains(&x) && (0..i64::from(height)).contains(&y);
        within && mask.get_pixel(x as u32, y as u32).0[0] >= 0.5
    };
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let (x, y) = (i64::from(x), i64::from(y));
        let neighbours = [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)];
        if inside(x, y) && neighbours.iter().any(|(x, y)| !inside(*x, *y)) {
            *pixel = OUTLINE;
        }
    }
}

/// Draws the frames of boxes, `[x0, y0, x1, y1]` in shares of the picture's width and height, two
/// pixels wide on pictures of 128 pixels and more. What is not finite or has no area is not drawn.
pub fn boxes(picture: &mut RgbImage, boxes: &[[f32; 4]]) {
    let (width, height) = picture.dimensions();
    let line = if width.min(height) < 128 { 1 } else { 2 };
    for [x0, y0, x1, y1] in boxes {
        let pixel = |share: f32, n: u32| (finite(share) * n as f32).round() as u32;
        let [left, right] = [pixel(*x0, width), pixel(*x1, width)];
        let [top, bottom] = [pixel(*y0, height), pixel(*y1, height)];
        for y in top..bottom {
            for x in left..right {
                let from_edge = [x - left, right - 1 - x, y - top, bottom - 1 - y];
                if from_edge.iter().any(|distance| *distance < line) {
                    picture.put_pixel(x, y, OUTLINE);
                }
            }
        }
    }
}

/// The mask in grey: 0 black, 1 white; same size.
pub fn mask_picture(mask: &Map) -> GrayImage {
    let mut picture = GrayImage::new(mask.width(), mask.height());
    for (grey, Luma([value])) in picture.pixels_mut().zip(mask.pixels()) {
        *grey = Luma([(255.0 * finite(*value)).round() as u8]);
    }
    picture
}

/// Pictures side by side, `gap` pixels of mid-grey between them, aligned at the top.
pub fn side_by_side(pictures: &[&RgbImage], gap: u32) -> RgbImage {
    let gaps = gap * (pictures.len() as u32).saturating_sub(1);
    let width = pictures.iter().map(|picture| picture.width()).sum::<u32>() + gaps;
    let height = pictures
        .iter()
        .map(|picture| picture.height())
        .max()
        .unwrap_or(0);
    let mut strip = RgbImage::from_pixel(width, height, GAP);
    let mut x = 0;
    for picture in pictures {
        imageops::replace(&mut strip, *picture, i64::from(x), 0);
        x += picture.width() + gap;
    }
    strip
}

/// The map at another size with values in [0, 1], or nothing where either size is empty.
fn resized(map: &Map, (width, height): (u32, u32)) -> Option<Map> {
    if map.is_empty() || width == 0 || height == 0 {
        return None;
    }
    let mut clean = map.clone();
    for Luma([value]) in clean.pixels_mut() {
        *value = finite(*value);
    }
    if clean.dimensions() == (width, height) {
        return Some(clean);
    }
    Some(imageops::resize(
        &clean,
        width,
        height,
        FilterType::Triangle,
    ))
}

/// A value in [0, 1]; 0 for NaN and infinities.
fn finite(value: f32) -> f32 {
    if value.is_finite() {
        value.clamp(0.0, 1.0)
    } else {
        0.0
    }
}
