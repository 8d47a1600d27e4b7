//! Which frames are drawn when.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use experiment::{Balance, Generator, Recipe};
use face_preproc::split::Split;
use rand::seq::SliceRandom;
use runtime::{Purpose, Recent, generator};

use crate::{Error, faces::Faces, forger::Forger};

/// The training split's rows in the order in which they are drawn: in each epoch
/// `frames_per_video` frames of every video (PCL 4.1; all of a shorter video's), shuffled. Where real
/// and forged ones are drawn in turns, each kind has such epochs of its own. A pure function of the
/// rows and the seed.
pub struct Order {
    /// All videos, or the real ones and the forged ones.
    kinds: Vec<Kind>,
    left_out: usize,
    seed: u64,
    /// The rows of a kind's epoch, by kind and epoch: threads work on steps around one place.
    epochs: Recent<(usize, usize), Vec<usize>>,
}

/// Videos that are drawn from together.
struct Kind {
    /// Rows of each video.
    videos: Vec<Vec<usize>>,
    frames_per_video: usize,
    frames_per_epoch: usize,
}

impl Order {
    /// The order over the rows of the training split that can be trained on: real ones that the
    /// generator can forge or, where it is left to chance, that have landmarks; forged ones with a
    /// mask, where the recipe draws them.
    ///
    /// # Errors
    /// Where there is no such row.
    pub fn new(faces: &Faces, recipe: &Recipe, forger: &Forger<'_>) -> Result<Self, Error> {
        let forgery = &recipe.forgery;
        let as_they_are = forgery.generator == Generator::Data && !forgery.paired;
        let targets: BTreeSet<_> = forger.targets().iter().copied().collect();
        let mut videos: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        let mut left_out = 0;
        for row in faces.rows(Some(Split::Train)) {
            let facts = &faces.manifest.rows[row];
            let fits = match faces.forged(row) {
                true if !forgery.draws_data_forgeries() => continue,
                true => facts.mask.is_some(),
                false if as_they_are => true,
                false => targets.contains(&row),
            };
            if fits {
                let video = (&facts.dataset, &facts.method, &facts.video);
                videos.entry(video).or_default().push(row);
            } else {
                left_out += 1;
            }
        }
        if videos.is_empty() {
            return Err(forger.lacking(&faces.manifest.root, "the training split"));
        }
        let videos: Vec<_> = videos.into_values().collect();
        let kinds = match forgery.balance {
            Balance::Given | Balance::Natural => vec![videos],
            Balance::Even => {
                let kind = |forged: bool| -> Vec<Vec<usize>> {
                    let of_video = |rows: &Vec<usize>| -> Vec<usize> {
                        let rows = rows.iter().copied();
                        rows.filter(|row| faces.forged(*row) == forged).collect()
                    };
                    let videos = videos.iter().map(of_video);
                    videos.filter(|rows| !rows.is_empty()).collect()
                };
                vec![kind(false), kind(true)]
            }
        };
        if kinds.contains(&Vec::new()) {
            return Err(Error::data(
                &faces.manifest.root,
                "forgery.balance = \"even\" needs real faces and forged ones with a `mask` in the training split",
            ));
        }
        Ok(Self {
            left_out,
            ..Self::of(kinds, recipe.schedule.frames_per_video, recipe.seed)
        })
    }

    fn of(kinds: Vec<Vec<Vec<usize>>>, frames_per_video: usize, seed: u64) -> Self {
        let kind = |videos: Vec<Vec<usize>>| Kind {
            frames_per_epoch: videos
                .iter()
                .map(|rows| rows.len().min(frames_per_video))
                .sum(),
            videos,
            frames_per_video,
        };
        Self {
            epochs: Recent::new(2 * kinds.len()),
            kinds: kinds.into_iter().map(kind).collect(),
            left_out: 0,
            seed,
        }
    }

    /// Rows of the training split that cannot be trained on.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Frames drawn in an epoch; where kinds are drawn in turns, until all of the larger one were.
    #[must_use]
    pub fn frames_per_epoch(&self) -> usize {
        let frames = self.kinds.iter().map(|kind| kind.frames_per_epoch);
        self.kinds.len() * frames.max().unwrap_or(0)
    }

    /// The rows of a kind's epoch, in order.
    fn epoch(&self, kind: usize, epoch: usize) -> Arc<Vec<usize>> {
        self.epochs.get((kind, epoch), || self.drawn(kind, epoch))
    }

    fn drawn(&self, kind: usize, epoch: usize) -> Vec<usize> {
        let mut rng = generator(self.seed, Purpose::Order, epoch as u64, kind as u64);
        let kind = &self.kinds[kind];
        let mut rows = Vec::with_capacity(kind.frames_per_epoch);
        for video in &kind.videos {
            let mut frames = video.clone();
            let (drawn, _) = frames.partial_shuffle(&mut rng, kind.frames_per_video);
            rows.extend_from_slice(drawn);
        }
        rows.shuffle(&mut rng);
        rows
    }

    /// `count` rows of a kind from the `first` on; epochs follow each other without a gap.
    fn of_kind(&self, kind: usize, first: usize, count: usize) -> Vec<usize> {
        let frames = self.kinds[kind].frames_per_epoch;
        let mut rows = Vec::with_capacity(count);
        while rows.len() < count {
            let draw = first + rows.len();
            let epoch = self.epoch(kind, draw / frames);
            let left = &epoch[draw % frames..];
            rows.extend_from_slice(&left[..left.len().min(count - rows.len())]);
        }
        rows
    }

    /// The rows of a step.
    #[must_use]
    pub fn batch(&self, step: usize, batch_size: usize) -> Vec<usize> {
        let (first, kinds) = (step * batch_size, self.kinds.len());
        if kinds == 1 {
            return self.of_kind(0, first, batch_size);
        }
        let draws = first..first + batch_size;
        // Draws of a kind before some draw.
        let before = |kind: usize, draw: usize| (draw + kinds - 1 - kind) / kinds;
        let mut of_kinds: Vec<_> = (0..kinds)
            .map(|kind| {
                let [from, to] = [draws.start, draws.end].map(|draw| before(kind, draw));
                self.of_kind(kind, from, to - from).into_iter()
            })
            .collect();
        draws
            .filter_map(|draw| of_kinds[draw % kinds].next())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Five videos of 2, 4, .. 10 frames.
    fn order() -> Order {
        let mut next = 0..;
        let videos = (1..=5)
            .map(|n| next.by_ref().take(2 * n).collect())
            .collect();
        Order::of(vec![videos], 6, 3)
    }

    #[test]
    fn an_epoch_draws_the_stated_frames_of_each_video_once() {
        let order = order();
        assert_eq!(order.frames_per_epoch(), 2 + 4 + 6 + 6 + 6);
        let drawn = order.epoch(0, 0);
        assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), 24);
        let of_last_video = drawn.iter().filter(|row| **row >= 20).count();
        assert_eq!(of_last_video, 6);
        assert_ne!(drawn, order.epoch(0, 1));
        assert_eq!(drawn, order.epoch(0, 0));
    }

    #[test]
    fn steps_follow_each_other_through_the_epochs() {
        let order = order();
        let steps: Vec<_> = (0..30).flat_map(|step| order.batch(step, 5)).collect();
        let epochs: Vec<_> = (0..7).flat_map(|epoch| order.drawn(0, epoch)).collect();
        assert_eq!(steps, epochs[..150]);
        assert_eq!(
            order.batch(1, 60).len(),
            60,
            "a batch may be larger than an epoch"
        );
    }

    /// LiSiam's own counts: 4 forged videos to each real one, and batches half and half. Real videos
    /// come again, by other frames, until all forged ones were drawn.
    #[test]
    fn kinds_are_drawn_in_turns_whatever_there_is_of_each() {
        let videos = |first: usize, count: usize| -> Vec<Vec<usize>> {
            (0..count)
                .map(|n| (first + 10 * n..first + 10 * n + 10).collect())
                .collect()
        };
        let order = Order::of(vec![videos(0, 3), videos(1000, 12)], 1, 3);
        assert_eq!(order.frames_per_epoch(), 24);
        // Steps of an odd number of draws, too, go on where the last ended.
        let steps: Vec<usize> = (0..8).flat_map(|step| order.batch(step, 3)).collect();
        assert_eq!(steps, order.batch(0, 24));
        let (forged, real): (Vec<usize>, Vec<usize>) = steps.iter().partition(|row| **row >= 1000);
        assert_eq!((real.len(), forged.len()), (12, 12));
        assert!(
            steps
                .iter()
                .enumerate()
                .all(|(draw, row)| (*row >= 1000) == (draw % 2 == 1))
        );
        let video = |rows: &[usize]| rows.iter().map(|row| row / 10).collect::<Vec<_>>();
        assert_eq!(video(&forged).iter().collect::<BTreeSet<_>>().len(), 12);
        for epoch in video(&real).chunks(3) {
            assert_eq!(epoch.iter().collect::<BTreeSet<_>>().len(), 3);
        }
    }

    #[test]
    fn frames_are_drawn_from_the_whole_video_not_its_start() {
        let order = Order::of(vec![vec![(0..100).collect()]], 10, 1);
        let mean = order.epoch(0, 0).iter().sum::<usize>() as f64 / 10.0;
        assert!((20.0..80.0).contains(&mean), "{mean}");
    }
}
