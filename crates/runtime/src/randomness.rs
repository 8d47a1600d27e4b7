//! Random generators as a pure function of what they are for.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What a generator is used for. Generators of different purposes never share a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// The order in which frames are drawn in an epoch: `a` = epoch, `b` = 0.
    Order = 1,
    /// The forgery of one training sample: `a` = step, `b` = draw in the step.
    Forgery = 2,
    /// The fixed forgeries that a split is evaluated on: `a` = row, `b` = 0; the crop, 1, and the
    /// augmentation, 2, of both classes there.
    Evaluation = 3,
    /// Bootstrap resampling: `a`, `b` = 0.
    Bootstrap = 4,
    /// The initial weights: `a`, `b` = 0.
    Weights = 6,
    /// Augmentation of one training sample: `a` = step, `b` = draw in the step.
    Augmentation = 7,
    /// What a network drops while it is trained: `a` = step, `b` = the pass's first sample.
    Dropout = 8,
    /// Degraded copies of training samples: `a` = step, `b` = place in the batch.
    Degradation = 9,
    /// Galleries of forgeries to look at: `a` = picture, `b` = 0.
    Gallery = 5,
    /// Perturbations of whole pictures: `a` = row, `b` = kind and level.
    Perturbation = 30,
    /// The crop of one training sample, drawn before it is cut: `a` = step, `b` = draw in the step.
    Crop = 11,
    /// Audits of features and interactions: `a`, `b` = what for.
    Audit = 10,
}

/// The generator for one purpose, keyed by `(seed, purpose, a, b)`. It depends on nothing else,
/// so data are the same on any number of threads and after a resumed run.
#[must_use]
pub fn generator(seed: u64, purpose: Purpose, a: u64, b: u64) -> ChaCha8Rng {
    let mut key = [0u8; 32];
    for (slot, part) in key.chunks_exact_mut(8).zip([seed, purpose as u64, a, b]) {
        slot.copy_from_slice(&part.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    #[test]
    fn generators_repeat_and_differ_in_every_part_of_their_key() {
        let draw = |s, p, a, b| generator(s, p, a, b).random::<u64>();
        let first = draw(7, Purpose::Forgery, 1, 2);
        assert_eq!(first, draw(7, Purpose::Forgery, 1, 2));
        for other in [
            draw(8, Purpose::Forgery, 1, 2),
            draw(7, Purpose::Order, 1, 2),
            draw(7, Purpose::Forgery, 2, 2),
            draw(7, Purpose::Forgery, 1, 3),
        ] {
            assert_ne!(first, other);
        }
    }
}
