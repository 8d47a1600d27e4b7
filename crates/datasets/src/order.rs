//! The order of the pictures of a clip, and their numbers.

use std::collections::BTreeSet;

use crate::clip::stem;

/// The number of a picture among a clip's frames, as its name tells: the last digits before its ending
/// (`frames/0042.png` and `img_0042.png` are 42).
fn number(path: &str) -> Option<u64> {
    let name = stem(path);
    let before = name.trim_end_matches(|c: char| !c.is_ascii_digit());
    let start = before
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + 1);
    before[start..].parse().ok()
}

/// The numbers of a clip's pictures, in their order: as their names tell where these rise from each to
/// the next, so that gaps are seen; else their places.
pub fn frame_numbers(frames: &[String]) -> Vec<u64> {
    let told: Option<Vec<u64>> = frames.iter().map(|path| number(path)).collect();
    told.filter(|numbers| numbers.is_sorted_by(|a, b| a < b))
        .unwrap_or_else(|| (0..frames.len() as u64).collect())
}

/// Sorts by number where each name tells another (frame 2 before frame 10), else by name.
pub fn in_order_of_time(pictures: &mut [String]) {
    let numbers: BTreeSet<_> = pictures.iter().map(|path| number(path)).collect();
    let tell = numbers.len() == pictures.len() && !numbers.contains(&None);
    pictures.sort_by_cached_key(|path| {
        let whole = || stem(path).parse().ok();
        let number = if tell { number(path) } else { whole() };
        (number.unwrap_or(u64::MAX), path.clone())
    });
}
