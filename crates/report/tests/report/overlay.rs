//! Heat maps over pictures, pixel by pixel.

use image::{Luma, Rgb, RgbImage};
use report::Map;
use report::overlay::{heat_colour, mask_picture, outline, overlay, side_by_side};

const SKIN: Rgb<u8> = Rgb([200, 150, 100]);
/// Luma of SKIN as ITU-R BT.709 weights it: 0.2126 R + 0.7152 G + 0.0722 B = 157.02.
const GREY: u8 = 157;

fn map(width: u32, height: u32, values: &[f32]) -> Map {
    Map::from_vec(width, height, values.to_vec()).expect("as many values as pixels")
}

#[test]
fn heat_colours_rise_in_lightness() {
    let lightness = |heat: f32| {
        let [r, g, b] = heat_colour(heat).0.map(f32::from);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    for i in 0..20 {
        let heat = i as f32 / 20.0;
        assert!(lightness(heat) < lightness(heat + 0.05), "{heat}");
    }
    assert_eq!(heat_colour(f32::NAN), heat_colour(0.0));
    assert_eq!(heat_colour(7.0), heat_colour(1.0));
}

#[test]
fn the_hotter_the_less_of_the_picture_remains() {
    let picture = RgbImage::from_pixel(3, 1, SKIN);
    let shown = overlay(&picture, &map(3, 1, &[0.0, 0.5, 1.0]));
    assert_eq!(shown.get_pixel(0, 0), &Rgb([GREY; 3]));
    let blended = |heat: f32| {
        let opacity = 0.8 * heat;
        heat_colour(heat)
            .0
            .map(|c| (f32::from(GREY) * (1.0 - opacity) + f32::from(c) * opacity).round() as u8)
    };
    assert_eq!(shown.get_pixel(1, 0).0, blended(0.5));
    assert_eq!(shown.get_pixel(2, 0).0, blended(1.0));
}

#[test]
fn a_small_map_covers_the_whole_picture() {
    let picture = RgbImage::from_pixel(64, 64, SKIN);
    // Hot on the right half only.
    let shown = overlay(&picture, &map(2, 2, &[0.0, 1.0, 0.0, 1.0]));
    let same = |x, y, expected: Rgb<u8>| assert_eq!(shown.get_pixel(x, y), &expected, "{x}, {y}");
    let hot = *overlay(&picture, &map(1, 1, &[1.0])).get_pixel(0, 0);
    for y in [0, 31, 63] {
        same(0, y, Rgb([GREY; 3]));
        same(63, y, hot);
    }
    assert_ne!(shown.get_pixel(32, 5), &hot, "the middle is between");
}

#[test]
fn what_is_no_heat_is_no_colour() {
    let picture = RgbImage::from_pixel(4, 1, SKIN);
    let shown = overlay(&picture, &map(4, 1, &[f32::NAN, f32::INFINITY, -3.0, 9.0]));
    for x in 0..3 {
        assert_eq!(shown.get_pixel(x, 0), &Rgb([GREY; 3]));
    }
    assert_eq!(
        shown.get_pixel(3, 0),
        overlay(&picture, &map(1, 1, &[1.0])).get_pixel(0, 0)
    );
    assert_eq!(overlay(&picture, &Map::new(0, 0)), picture);
    assert_eq!(
        overlay(&RgbImage::new(0, 0), &map(1, 1, &[1.0])).dimensions(),
        (0, 0)
    );
}

#[test]
fn outlines_follow_the_inside_of_the_border() {
    let mask = Map::from_fn(7, 7, |x, y| {
        Luma([if (1..6).contains(&x) && (1..6).contains(&y) {
            1.0
        } else {
            0.0
        }])
    });
    let mut picture = RgbImage::from_pixel(7, 7, SKIN);
    outline(&mut picture, &mask);
    for (x, y, pixel) in picture.enumerate_pixels() {
        let ring = (x.min(y).min(6 - x).min(6 - y)) == 1;
        assert_eq!(*pixel != SKIN, ring, "{x}, {y}");
    }
    let before = picture.clone();
    outline(&mut picture, &Map::new(0, 3));
    assert_eq!(picture, before);
}

#[test]
fn masks_are_grey_from_black_to_white() {
    let picture = mask_picture(&map(5, 1, &[0.0, 0.5, 1.0, f32::NAN, 2.0]));
    assert_eq!(picture.into_raw(), [0, 128, 255, 0, 255]);
}

#[test]
fn pictures_stand_side_by_side() {
    let (a, b) = (
        RgbImage::from_pixel(2, 3, SKIN),
        RgbImage::from_pixel(4, 1, Rgb([1, 2, 3])),
    );
    let strip = side_by_side(&[&a, &b], 5);
    assert_eq!(strip.dimensions(), (11, 3));
    assert_eq!(strip.get_pixel(1, 2), &SKIN);
    assert_eq!(strip.get_pixel(7, 0), &Rgb([1, 2, 3]));
    assert_eq!(strip.get_pixel(7, 1), strip.get_pixel(3, 0), "both are gap");
    assert_eq!(side_by_side(&[], 5).dimensions(), (0, 0));
}
