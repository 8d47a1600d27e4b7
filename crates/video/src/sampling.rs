//! Which frames of a clip to look at.

use std::ops::Range;

/// `n` frame indices spread evenly from the first frame to the last of `n_total`, ascending and
/// without repetition.
///
/// Index `i` is `i (n_total - 1) / (n - 1)` rounded half up, so that 0 and `n_total - 1` are both
/// in. A single index is the middle frame, `(n_total - 1) / 2`. A clip of `n` frames or fewer
/// gives all it has.
pub fn sample_uniform(n_total: usize, n: usize) -> Vec<usize> {
    if n >= n_total {
        return (0..n_total).collect();
    }
    match n {
        0 => Vec::new(),
        1 => vec![(n_total - 1) / 2],
        _ => (0..n).map(|i| place(i, n, n_total)).collect(),
    }
}

/// `u` runs of `t` successive frames, spread evenly from the first frame to the last of `n_total`:
/// the first run begins at frame 0 and the last ends with frame `n_total - 1`.
///
/// Run `i` begins at `i (n_total - t) / (u - 1)` rounded half up; a single run lies in the middle.
/// Runs overlap where `u t > n_total`, and are fewer than `u` where there are not `u` places to
/// begin. A clip shorter than `t` has none.
pub fn snippets(n_total: usize, u: usize, t: usize) -> Vec<Range<usize>> {
    if t == 0 || t > n_total {
        return Vec::new();
    }
    sample_uniform(n_total - t + 1, u)
        .into_iter()
        .map(|start| start..start + t)
        .collect()
}

/// `i (n_total - 1) / (n - 1)` rounded half up, for `n` of two or more.
fn place(i: usize, n: usize, n_total: usize) -> usize {
    let (i, n, n_total) = (i as u128, n as u128, n_total as u128);
    let rounded = (2 * i * (n_total - 1) + (n - 1)) / (2 * (n - 1));
    rounded as usize // at most n_total - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        assert_eq!(sample_uniform(10, 4), [0, 3, 6, 9]);
        assert_eq!(sample_uniform(300, 5), [0, 75, 150, 224, 299]);
        assert_eq!(sample_uniform(9, 1), [4]);
        assert_eq!(sample_uniform(3, 8), [0, 1, 2]);
        assert!(sample_uniform(0, 8).is_empty() && sample_uniform(8, 0).is_empty());
        assert_eq!(snippets(100, 3, 8), [0..8, 46..54, 92..100]);
        assert_eq!(snippets(8, 3, 8), std::slice::from_ref(&(0..8)));
        assert!(snippets(7, 3, 8).is_empty() && snippets(7, 3, 0).is_empty());
    }

    proptest! {
        #[test]
        fn whole_clip_evenly(n_total in 2_usize..100_000, n in 2_usize..200) {
            let chosen = sample_uniform(n_total, n);
            prop_assert_eq!(chosen.len(), n.min(n_total));
            prop_assert_eq!((chosen[0], *chosen.last().unwrap()), (0, n_total - 1));
            let gaps: Vec<usize> = chosen.windows(2).map(|w| w[1] - w[0]).collect();
            let (least, most) = (gaps.iter().min().unwrap(), gaps.iter().max().unwrap());
            prop_assert!(*least >= 1 && most - least <= 1);
        }
    }
}
