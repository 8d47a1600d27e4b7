//! The mean face that aligned crops are drawn to.

use super::Landmarks68;

/// A mean frontal face: x and y in units of the jaw's width, the centre of its bounding box at
/// `(0, 0)`, left-right symmetric under [`MIRROR68`](super::MIRROR68). Width 1, height 0.954.
///
/// The generalised Procrustes mean (rotation, scale and translation removed) of dlib-order
/// landmarks found on 1,268 photographs of 1,166 people and on their mirror images, rounded to
/// three decimals: a table of measured facts, no model's file.
#[rustfmt::skip]
pub const MEAN_FACE68: Landmarks68 = [
    // jaw
    [-0.500, -0.293], [-0.495, -0.163], [-0.481, -0.034], [-0.456, 0.093], [-0.409, 0.212],
    [-0.333, 0.314], [-0.235, 0.397], [-0.125, 0.459], [0.000, 0.477], [0.125, 0.459],
    [0.235, 0.397], [0.333, 0.314], [0.409, 0.212], [0.456, 0.093], [0.481, -0.034],
    [0.495, -0.163], [0.500, -0.293],
    // eyebrows
    [-0.408, -0.397], [-0.346, -0.457], [-0.257, -0.477], [-0.164, -0.465], [-0.078, -0.431],
    [0.078, -0.431], [0.164, -0.465], [0.257, -0.477], [0.346, -0.457], [0.408, -0.397],
    // nose
    [0.000, -0.327], [0.000, -0.243], [0.000, -0.161], [0.000, -0.076], [-0.101, -0.013],
    [-0.052, 0.004], [0.000, 0.018], [0.052, 0.004], [0.101, -0.013],
    // eyes
    [-0.306, -0.309], [-0.251, -0.341], [-0.187, -0.340], [-0.129, -0.298], [-0.190, -0.288],
    [-0.255, -0.288], [0.129, -0.298], [0.187, -0.340], [0.251, -0.341], [0.306, -0.309],
    [0.255, -0.288], [0.190, -0.288],
    // lips
    [-0.196, 0.149], [-0.124, 0.117], [-0.051, 0.099], [0.000, 0.112], [0.051, 0.099],
    [0.124, 0.117], [0.196, 0.149], [0.126, 0.213], [0.055, 0.241], [0.000, 0.247],
    [-0.055, 0.241], [-0.126, 0.213], [-0.166, 0.151], [-0.052, 0.143], [0.000, 0.148],
    [0.052, 0.143], [0.166, 0.151], [0.053, 0.176], [0.000, 0.182], [-0.053, 0.176],
];

#[cfg(test)]
mod tests {
    use super::super::{FaceBox, MIRROR68};
    use super::MEAN_FACE68;

    #[test]
    fn mean_face_is_symmetric_centred_and_of_width_one() {
        for (i, p) in MEAN_FACE68.iter().enumerate() {
            let [x, y] = MEAN_FACE68[MIRROR68[i]];
            assert_eq!(*p, [-x, y], "landmark {i}");
        }
        let around = FaceBox::around(&MEAN_FACE68).unwrap();
        assert_eq!(around.width, 1.0);
        assert!((around.height - 0.954).abs() < 1e-6);
        assert!(around.center()[1].abs() < 1e-6);
    }
}
