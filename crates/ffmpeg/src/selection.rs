//! Which frames are to pass.

use std::collections::BTreeSet;

/// FFmpeg takes a hundred terms in an expression; of more stretches of frames, those with the least
/// between them are joined, and what comes unasked is passed over.
const MOST_STRETCHES: usize = 90;

/// The first and last of each stretch of successive numbers, which ascend; where there are more than
/// FFmpeg takes, those with the least between them are one.
#[must_use]
pub fn stretches(numbers: &[usize]) -> Vec<(usize, usize)> {
    joined(runs(numbers))
}

/// At most [`MOST_STRETCHES`], joined where the least lies between two.
fn joined(stretches: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut gaps: Vec<(usize, usize)> = stretches
        .windows(2)
        .enumerate()
        .map(|(place, pair)| (pair[1].0 - pair[0].1, place + 1))
        .collect();
    gaps.sort_unstable();
    let close = stretches.len().saturating_sub(MOST_STRETCHES);
    let closed: BTreeSet<usize> = gaps
        .into_iter()
        .take(close)
        .map(|(_, place)| place)
        .collect();
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (place, stretch) in stretches.into_iter().enumerate() {
        match joined.last_mut() {
            Some((_, last)) if closed.contains(&place) => *last = stretch.1,
            _ => joined.push(stretch),
        }
    }
    joined
}

/// The first and last of each run of successive numbers.
fn runs(numbers: &[usize]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_joined_where_least_is_between_them() {
        assert_eq!(runs(&[0, 1, 2, 5, 7, 8]), [(0, 2), (5, 5), (7, 8)]);
        // Pairs with one frame between them, far from each other.
        let many: Vec<(usize, usize)> = (0..60)
            .flat_map(|i| [(10 * i, 10 * i), (10 * i + 2, 10 * i + 2)])
            .collect();
        let joined = joined(many);
        assert_eq!(joined.len(), MOST_STRETCHES);
        assert_eq!(joined[0], (0, 2));
        assert_eq!(joined[MOST_STRETCHES - 1], (592, 592));
    }
}
