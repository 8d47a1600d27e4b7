//! The five points that ADM's official code aligns faces to.

/// Its mean face, in the order of [`five_points`](super::five_points), about the face's middle.
const MEAN_FACE5: [[f64; 2]; 5] = [
    [-0.176_07, -0.172_844],
    [0.1736, -0.173_56],
    [-0.001_82, 0.035_716_4],
    [-0.146_17, 0.201_85],
    [0.144_96, 0.199_43],
];
/// Between its pupils.
const PUPILS: f64 = 0.349_67;
/// The pupils lie at this part of the crop's height.
const EYE_LINE: f64 = 1.0 / 2.42;

/// The template of a crop of `size` x `size` pixels in which the pupils are `distance * size` pixels
/// apart, in pixels of the crop.
///
/// The mean face is scaled about the crop's centre; its heights are then stretched, so that the left
/// pupil lies at 1 / 2.42 of the crop's height, whatever the scale. A face is fitted to it by a
/// similarity, which cannot stretch, so its own pupils come to lie somewhat further apart: at 0.3214
/// and 224 pixels the template's are 72 pixels apart, a mean face's 80.
///
/// - `distance`: a share of the side, more than 0, at most 0.6
pub fn pupil_points(distance: f32, size: u32) -> [[f32; 2]; 5] {
    let scale = f64::from(distance) / PUPILS;
    let size = f64::from(size);
    let stretch = EYE_LINE / (MEAN_FACE5[0][1] * scale + 0.5);
    MEAN_FACE5.map(|[x, y]| {
        let place = [x * scale + 0.5, (y * scale + 0.5) * stretch];
        place.map(|share| (share * size) as f32)
    })
}

#[cfg(test)]
mod tests {
    use super::pupil_points;

    /// By hand, from the official numbers: 0.9 of 80 of 224 pixels.
    #[test]
    fn the_official_template_has_pupils_72_pixels_apart() {
        let [left, right, nose, ..] = pupil_points(0.9 * 80.0 / 224.0, 224);
        assert!((right[0] - left[0] - 72.0).abs() < 0.01);
        assert!((left[1] - 224.0 / 2.42).abs() < 1e-3);
        assert!((nose[1] - 144.58).abs() < 0.01);
        let twice = pupil_points(0.9 * 80.0 / 224.0, 448);
        assert!((twice[2][1] - 2.0 * nose[1]).abs() < 1e-3);
    }
}
