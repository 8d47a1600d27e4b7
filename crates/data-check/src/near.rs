//! Pictures that look the same, by a perceptual hash.

use image::RgbImage;
use image_hasher::{HashAlg, HasherConfig};

/// Bits of a hash: 16 x 16, each whether a cell is brighter than its neighbour on the right.
const SIDE: u32 = 16;
const BITS: f64 = (SIDE * SIDE) as f64;

/// A picture's hash, as four words.
pub(crate) type Hash = [u64; 4];

/// Levels of brightness that a picture must have between its darkest and brightest cell; of less the
/// hash is noise, as of the black first frame of a film.
const LEAST_CONTRAST: u8 = 24;

/// Makes hashes.
pub(crate) struct Hasher(image_hasher::Hasher<[u8; 32]>);

impl Hasher {
    pub(crate) fn new() -> Self {
        let config = HasherConfig::with_bytes_type::<[u8; 32]>();
        let config = config.hash_size(SIDE, SIDE).hash_alg(HashAlg::Gradient);
        Self(config.to_hasher())
    }

    /// `None` for a picture with nothing to see.
    pub(crate) fn hash(&self, picture: &RgbImage) -> Option<Hash> {
        let small = image::imageops::thumbnail(picture, SIDE, SIDE);
        let green = small.pixels().map(|pixel| pixel.0[1]);
        let (low, high) = green.fold((u8::MAX, 0), |(low, high), g| (low.min(g), high.max(g)));
        if high.saturating_sub(low) < LEAST_CONTRAST {
            return None;
        }
        let bytes = self.0.hash_image(picture).into_inner();
        let mut words = bytes
            .as_chunks::<8>()
            .0
            .iter()
            .map(|b| u64::from_le_bytes(*b));
        Some(std::array::from_fn(|_| words.next().unwrap_or_default()))
    }
}

/// Share of the bits in which the frames of two clips differ, place by place, in [0, 1]; `None` where
/// no place has something to see in both, and where it is above `most`.
pub(crate) fn distance(a: &[Option<Hash>], b: &[Option<Hash>], most: f64) -> Option<f64> {
    let pairs = || {
        a.iter()
            .zip(b)
            .filter_map(|(a, b)| Some((a.as_ref()?, b.as_ref()?)))
    };
    let pairs_count = pairs().count();
    if pairs_count == 0 || a.len() != b.len() {
        return None;
    }
    let most_bits = most * BITS * pairs_count as f64;
    let mut bits = 0;
    for (a, b) in pairs() {
        bits += a
            .iter()
            .zip(b)
            .map(|(a, b)| (a ^ b).count_ones())
            .sum::<u32>();
        if f64::from(bits) > most_bits {
            return None;
        }
    }
    Some(f64::from(bits) / (BITS * pairs_count as f64))
}

#[cfg(test)]
mod tests {
    use fixtures::clips::{ClipSet, ClipsConfig};
    use image::imageops::thumbnail;
    use video::{Quality, recompress};

    use super::*;

    #[test]
    fn a_smaller_and_coarser_copy_is_near_and_another_picture_is_not() {
        let wave = |fx: f64, fy: f64| {
            RgbImage::from_fn(128, 96, |x, y| {
                let v = (f64::from(x) / fx).sin() + (f64::from(y) / fy).cos();
                image::Rgb([(127.0 + 60.0 * v) as u8; 3])
            })
        };
        let hasher = Hasher::new();
        let hash = |picture: &RgbImage| vec![hasher.hash(picture)];
        let first = wave(11.0, 17.0);
        let copy = thumbnail(&first, 64, 48);
        let near = distance(&hash(&first), &hash(&copy), 1.0).unwrap();
        let far = distance(&hash(&first), &hash(&wave(7.0, 23.0)), 1.0).unwrap();
        assert!(near < 0.05 && far > 0.2, "{near} {far}");
        assert_eq!(distance(&hash(&first), &hash(&wave(7.0, 23.0)), 0.05), None);
        let black = RgbImage::new(64, 64);
        assert_eq!(distance(&hash(&first), &hash(&black), 1.0), None);
    }

    /// The numbers of the README.
    #[test]
    fn coarse_copies_are_nearer_than_any_two_people() {
        let config = ClipsConfig {
            identities: 12,
            ..ClipsConfig::tiny()
        };
        let set = ClipSet::new(config).unwrap();
        let hasher = Hasher::new();
        let hashes = |frames: &[RgbImage]| -> Vec<_> {
            let frames = [0, 4, 8, 11, 15].map(|at| &frames[at]);
            frames.into_iter().map(|frame| hasher.hash(frame)).collect()
        };
        let people: Vec<_> = (0..12)
            .map(|person| set.real(person).unwrap().frames)
            .collect();
        let own: Vec<_> = people.iter().map(|frames| hashes(frames)).collect();
        let pairs = (0..12).flat_map(|a| (0..a).map(move |b| (a, b)));
        let apart = pairs.map(|(a, b)| distance(&own[a], &own[b], 1.0).unwrap());
        let apart = apart.fold(f64::INFINITY, f64::min);
        let copy = |frames: &Vec<RgbImage>| {
            let coarse = recompress(frames, Quality::C40).unwrap();
            let small = coarse.iter().map(|frame| thumbnail(frame, 100, 100));
            hashes(&small.collect::<Vec<_>>())
        };
        let copies = people.iter().zip(&own);
        let copies = copies.map(|(frames, own)| distance(&copy(frames), own, 1.0).unwrap());
        let copies = copies.fold(0.0, f64::max);
        assert!(copies < 0.11 && apart > 0.35, "{copies} {apart}");
    }
}
