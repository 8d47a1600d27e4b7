//! The 68 facial landmarks in dlib's (iBUG 300-W's) order.

use super::Similarity;

/// 68 landmarks `[x, y]` in pixels, in dlib's order. "Right" and "left" are the subject's own, so
/// the right eye is on the left of the picture.
///
/// | indices | part |
/// |---|---|
/// | 0-16 | jaw, from the picture's left to its right |
/// | 17-21, 22-26 | right and left eyebrow |
/// | 27-30, 31-35 | nose bridge (30 is the tip), nostrils |
/// | 36-41, 42-47 | right and left eye |
/// | 48-59, 60-67 | outer and inner lip contour |
pub type Landmarks68 = [[f32; 2]; 68];

/// `MIRROR68[i]` is the landmark that takes place `i` when a face is mirrored left to right.
/// The permutation is its own inverse.
pub const MIRROR68: [usize; 68] = [
    16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, // jaw
    26, 25, 24, 23, 22, 21, 20, 19, 18, 17, // eyebrows
    27, 28, 29, 30, 35, 34, 33, 32, 31, // nose
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40, // eyes
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, // outer lips
    64, 63, 62, 61, 60, 67, 66, 65, // inner lips
];

/// The landmarks of the same picture mirrored left to right (`x' = width - 1 - x`), renumbered so
/// that they are in dlib's order again. Mirroring twice gives back the input, up to rounding.
///
/// `width` is the picture's width in pixels.
pub fn mirror(landmarks: &Landmarks68, width: u32) -> Landmarks68 {
    let last = width as f32 - 1.0;
    MIRROR68.map(|from| [last - landmarks[from][0], landmarks[from][1]])
}

/// Five points for alignment: the centres of the eye on the picture's left and of the one on its
/// right (each the mean of six landmarks), the nose tip, and the mouth corners on the picture's
/// left and right. The same five, in the same order, as MTCNN and RetinaFace give.
pub fn five_points(landmarks: &Landmarks68) -> [[f32; 2]; 5] {
    [
        mean_point(&landmarks[36..42]),
        mean_point(&landmarks[42..48]),
        landmarks[30],
        landmarks[48],
        landmarks[54],
    ]
}

/// The mean of some points; the origin for none.
pub fn mean_point(points: &[[f32; 2]]) -> [f32; 2] {
    let n = points.len().max(1) as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), p| {
        (x + f64::from(p[0]), y + f64::from(p[1]))
    });
    [(x / n) as f32, (y / n) as f32]
}

/// The Euclidean distance of two points, in pixels.
pub fn distance(p: [f32; 2], q: [f32; 2]) -> f32 {
    (p[0] - q[0]).hypot(p[1] - q[1])
}

/// Whether no coordinate is NaN or infinite.
pub fn all_finite(points: &[[f32; 2]]) -> bool {
    points.iter().flatten().all(|c| c.is_finite())
}

/// Every landmark carried through a similarity.
pub fn transform(landmarks: &Landmarks68, by: &Similarity) -> Landmarks68 {
    landmarks.map(|p| by.apply(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirror_permutation_is_its_own_inverse() {
        for i in 0..68 {
            assert_eq!(MIRROR68[MIRROR68[i]], i);
        }
        let middle: Vec<usize> = (0..68).filter(|&i| MIRROR68[i] == i).collect();
        // Chin, nose bridge and tip, septum, and the four lip points on the midline.
        assert_eq!(middle, [8, 27, 28, 29, 30, 33, 51, 57, 62, 66]);
    }

    #[test]
    fn mirror_swaps_the_corners_of_the_eyes() {
        let mut face = [[5.0, 5.0]; 68];
        face[36] = [2.0, 3.0];
        let mirrored = mirror(&face, 10);
        assert_eq!(mirrored[45], [7.0, 3.0]);
        assert_eq!(mirrored[36], [4.0, 5.0]);
    }

    #[test]
    fn five_points_come_in_order() {
        let mut face = [[0.0; 2]; 68];
        face[36..42].fill([10.0, 20.0]);
        face[42..48].fill([30.0, 20.0]);
        face[30] = [20.0, 30.0];
        face[48] = [12.0, 40.0];
        face[54] = [28.0, 40.0];
        assert_eq!(
            five_points(&face),
            [
                [10.0, 20.0],
                [30.0, 20.0],
                [20.0, 30.0],
                [12.0, 40.0],
                [28.0, 40.0]
            ]
        );
    }
}
