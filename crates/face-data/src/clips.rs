//! Clips of successive frames, for networks that look at motion.

use std::collections::BTreeMap;

use face_preproc::{manifest::Row, split::Split};
use image::RgbImage;
use rand::{Rng, RngExt};
use video::sample_uniform;

use crate::{Error, faces::Faces};

/// The rows of one video in the order of their frames.
pub struct Clip {
    rows: Vec<usize>,
    /// Places in `rows` where as many successive frames begin as a snippet has.
    starts: Vec<usize>,
    /// Whether any frame is forged.
    pub forged: bool,
}

/// The clips of a split, or of all rows.
pub struct Clips {
    /// Those with a snippet or more.
    pub clips: Vec<Clip>,
    /// Clips without as many successive frames as a snippet has.
    pub too_short: usize,
    /// `T`.
    pub length: usize,
}

impl Clips {
    /// The clips whose rows have frame numbers, and at least one run of `length` successive ones.
    pub fn new(faces: &Faces, split: Option<Split>, length: usize) -> Self {
        let mut videos: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        let rows = &faces.manifest.rows;
        for row in faces.rows(split) {
            let facts = &rows[row];
            let video = (
                &facts.dataset,
                &facts.method,
                facts.compression(),
                &facts.video,
            );
            videos.entry(video).or_default().push(row);
        }
        let all = videos.len();
        let clip = |mut of_video: Vec<usize>| {
            of_video.sort_by_key(|&row| rows[row].frame);
            let numbers: Vec<_> = of_video.iter().map(|&row| rows[row].frame).collect();
            let starts = starts(&numbers, length);
            (!starts.is_empty()).then(|| Clip {
                forged: of_video.iter().any(|&row| faces.forged(row)),
                starts,
                rows: of_video,
            })
        };
        let clips: Vec<_> = videos.into_values().filter_map(clip).collect();
        Self {
            too_short: all - clips.len(),
            clips,
            length,
        }
    }

    /// Places of a real clip and of a forgery made from it, for each forgery that tells.
    pub fn pairs(&self, faces: &Faces) -> Vec<[usize; 2]> {
        let facts = |clip: &Clip| &faces.manifest.rows[clip.rows[0]];
        let places = || self.clips.iter().enumerate();
        let real: BTreeMap<_, usize> = places()
            .filter(|(_, clip)| !clip.forged)
            .map(|(place, clip)| (key(facts(clip), &facts(clip).video), place))
            .collect();
        let pair = |(place, clip): (usize, &Clip)| {
            let name = facts(clip).original().filter(|_| clip.forged)?;
            let of = real.get(&key(facts(clip), name))?;
            Some([*of, place])
        };
        places().filter_map(pair).collect()
    }

    /// `count` snippets spread evenly over the whole clip, as rows in the order of time; where there
    /// are fewer places to begin, the last is taken again.
    pub fn even(&self, clip: &Clip, count: usize) -> Vec<usize> {
        let mut places = sample_uniform(clip.starts.len(), count);
        places.resize(count, clip.starts.len() - 1);
        self.rows_at(clip, places.into_iter())
    }

    /// `count` snippets, each drawn from its own equal part of the clip.
    pub fn draw(&self, clip: &Clip, count: usize, rng: &mut impl Rng) -> Vec<usize> {
        let total = clip.starts.len();
        let places: Vec<usize> = (0..count)
            .map(|part| {
                let [from, to] = [part, part + 1].map(|part| part * total / count);
                rng.random_range(from.min(total - 1)..to.max(from.min(total - 1) + 1))
            })
            .collect();
        self.rows_at(clip, places.into_iter())
    }

    fn rows_at(&self, clip: &Clip, places: impl Iterator<Item = usize>) -> Vec<usize> {
        places
            .flat_map(|place| &clip.rows[clip.starts[place]..][..self.length])
            .copied()
            .collect()
    }
}

/// Places where `length` successive numbers begin.
fn starts(numbers: &[Option<u64>], length: usize) -> Vec<usize> {
    let successive = |run: &[Option<u64>]| {
        run.iter()
            .zip(&run[1..])
            .all(|(a, b)| matches!((a, b), (Some(a), Some(b)) if a + 1 == *b))
            && run[0].is_some()
    };
    let runs = numbers.windows(length.max(1)).enumerate();
    runs.filter(|(_, run)| successive(run))
        .map(|(start, _)| start)
        .collect()
}

/// A clip of the data set and the compression of a row: a name is that of a clip in each.
fn key<'a>(facts: &'a Row, video: &'a str) -> (&'a str, Option<&'a str>, &'a str) {
    (&facts.dataset, facts.compression(), video)
}

/// The crops of the rows of snippets of `length` frames: all frames of a snippet are cut where the
/// face of its first one is, so that nothing moves but the face.
///
/// # Errors
/// Where a picture cannot be read any more.
pub fn crops(faces: &Faces, rows: &[usize], length: usize) -> Result<Vec<RgbImage>, Error> {
    let snippets = rows.chunks(length.max(1));
    let frames = snippets.flat_map(|snippet| snippet.iter().map(|&row| (row, snippet[0])));
    frames
        .map(|(row, first)| Ok(faces.face_within(row, first)?.image))
        .collect()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn of_frames(numbers: &[u64], length: usize) -> (Clips, Clip) {
        let numbers: Vec<_> = numbers.iter().copied().map(Some).collect();
        let clip = Clip {
            rows: (100..100 + numbers.len()).collect(),
            starts: starts(&numbers, length),
            forged: false,
        };
        let clips = Clips {
            clips: Vec::new(),
            too_short: 0,
            length,
        };
        (clips, clip)
    }

    #[test]
    fn snippets_are_successive_frames_and_reach_from_the_first_to_the_last() {
        let (clips, clip) = of_frames(&[0, 1, 2, 3, 8, 9, 10, 20, 21, 22], 3);
        assert_eq!(clip.starts, [0, 1, 4, 7]);
        assert_eq!(clips.even(&clip, 2), [100, 101, 102, 107, 108, 109]);
        assert_eq!(clips.even(&clip, 6)[15..], [107, 108, 109]);
        assert!(of_frames(&[0, 2, 4], 2).1.starts.is_empty());
    }

    #[test]
    fn drawn_snippets_come_each_from_their_part() {
        let (clips, clip) = of_frames(&(0..40).collect::<Vec<_>>(), 4);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..50 {
            let rows = clips.draw(&clip, 4, &mut rng);
            let firsts: Vec<_> = rows.chunks(4).map(|run| run[0] - 100).collect();
            for (part, first) in firsts.iter().enumerate() {
                assert!((part * 37 / 4..(part + 1) * 37 / 4).contains(first));
            }
        }
        let (clips, short) = of_frames(&[5, 6, 7, 8], 4);
        assert_eq!(clips.draw(&short, 3, &mut rng).len(), 12);
    }
}
