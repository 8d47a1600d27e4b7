//! Maps as pictures.

use burn::tensor::Tensor;
use image::{
    Rgb, RgbImage,
    imageops::{FilterType, replace, resize},
};
use report::{Map, overlay};

/// Sides of the cells of a grid in pixels, at most.
const CELL: u32 = 112;
const GAP: u32 = 3;
const GAP_COLOUR: Rgb<u8> = Rgb([128, 128, 128]);

/// Maps, `[maps, height, width]`, with values divided by the largest of all, and that value; all
/// zero where none is above zero.
pub(super) fn scaled(maps: Tensor<3>) -> (Vec<Map>, f32) {
    let [_, height, width] = maps.dims();
    let values: Vec<f32> = maps.into_data().iter::<f32>().collect();
    let largest = values.iter().copied().fold(0.0, f32::max);
    let scale = if largest > 0.0 { 1.0 / largest } else { 0.0 };
    let maps = values.chunks_exact(height * width).filter_map(|map| {
        let map = map.iter().map(|value| value * scale).collect();
        Map::from_raw(width as u32, height as u32, map)
    });
    (maps.collect(), largest)
}

/// Each picture under its map.
pub(super) fn under(pictures: &[&RgbImage], maps: &[Map]) -> Vec<RgbImage> {
    let pairs = pictures.iter().zip(maps);
    pairs
        .map(|(picture, map)| overlay::overlay(picture, map))
        .collect()
}

/// Pictures in rows of `columns`, shrunk to cells.
pub(super) fn grid(pictures: &[RgbImage], columns: usize) -> RgbImage {
    let side = pictures.first().map_or(1, |first| first.width().min(CELL));
    let columns = (columns as u32).max(1);
    let rows = (pictures.len() as u32).div_ceil(columns).max(1);
    let length = |cells: u32| cells * side + (cells - 1) * GAP;
    let mut sheet = RgbImage::from_pixel(length(columns), length(rows), GAP_COLOUR);
    for (place, picture) in (0u32..).zip(pictures) {
        let cell = resize(picture, side, side, FilterType::Triangle);
        let at = |cell: u32| i64::from(cell * (side + GAP));
        replace(&mut sheet, &cell, at(place % columns), at(place / columns));
    }
    sheet
}

/// A colour for each value, `[rows, columns]`, the largest the hottest.
pub(super) fn heat_cells(values: Tensor<2>) -> RgbImage {
    let [rows, columns] = values.dims();
    let (maps, _) = scaled(values.reshape([1, rows, columns]));
    let cells: Vec<_> = maps
        .iter()
        .flat_map(|map| map.pixels())
        .map(|heat| RgbImage::from_pixel(CELL, CELL / 2, overlay::heat_colour(heat.0[0])))
        .collect();
    grid(&cells, columns)
}

/// What is to be said of a Grad-CAM map; a map without a value above zero is empty for a reason.
pub(super) fn grad_cam_caption(layer: &str, largest: f32) -> String {
    match largest > 0.0 {
        true => format!("Grad-CAM of {layer}: what speaks for forged"),
        false => format!("Grad-CAM of {layer}: nothing speaks for forged"),
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn the_largest_value_of_all_maps_is_one() {
        let maps = Tensor::<3>::from_floats([[[0.0, 1.0]], [[4.0, 2.0]]], &Device::flex());
        let (maps, largest) = scaled(maps);
        assert_eq!(largest, 4.0);
        assert_eq!(maps[0].as_raw().as_slice(), [0.0, 0.25]);
        assert_eq!(maps[1].as_raw().as_slice(), [1.0, 0.5]);
        let (maps, largest) = scaled(Tensor::zeros([1, 2, 2], &Device::flex()));
        assert_eq!((maps[0].as_raw().as_slice(), largest), (&[0.0; 4][..], 0.0));
    }

    #[test]
    fn a_grid_has_its_pictures_in_rows() {
        let of = |level: u8| RgbImage::from_pixel(10, 10, Rgb([level; 3]));
        let sheet = grid(&[of(1), of(2), of(3), of(4), of(5)], 3);
        assert_eq!(sheet.dimensions(), (36, 23));
        assert_eq!(sheet.get_pixel(13, 0).0, [2; 3]);
        assert_eq!(sheet.get_pixel(14, 14).0, [5; 3]);
        assert_eq!(*sheet.get_pixel(35, 22), GAP_COLOUR);
    }
}
