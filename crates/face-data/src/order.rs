//! Which frames are drawn when.

use std::collections::{BTreeMap, BTreeSet};

use experiment::{Generator, Recipe};
use face_preproc::split::Split;
use rand::seq::SliceRandom;
use runtime::{Purpose, generator};

use crate::{Error, faces::Faces, forger::Forger};

/// The training split's rows in the order in which they are drawn: in each epoch
/// `frames_per_video` frames of every video (PCL 4.1; all of a shorter video's), shuffled. A pure
/// function of the rows and the seed.
pub struct Order {
    /// Rows of each video.
    videos: Vec<Vec<usize>>,
    frames_per_video: usize,
    frames_per_epoch: usize,
    left_out: usize,
    seed: u64,
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
            return Err(Error::data(
                &faces.manifest.root,
                format!("the training split needs {}", forger.needs()),
            ));
        }
        let videos = videos.into_values().collect();
        Ok(Self {
            left_out,
            ..Self::of(videos, recipe.schedule.frames_per_video, recipe.seed)
        })
    }

    fn of(videos: Vec<Vec<usize>>, frames_per_video: usize, seed: u64) -> Self {
        let frames_per_epoch = videos
            .iter()
            .map(|rows| rows.len().min(frames_per_video))
            .sum();
        Self {
            videos,
            frames_per_video,
            frames_per_epoch,
            left_out: 0,
            seed,
        }
    }

    /// Rows of the training split that cannot be trained on.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Frames drawn in an epoch.
    #[must_use]
    pub fn frames_per_epoch(&self) -> usize {
        self.frames_per_epoch
    }

    /// The rows of an epoch, in order.
    fn epoch(&self, epoch: usize) -> Vec<usize> {
        let mut rng = generator(self.seed, Purpose::Order, epoch as u64, 0);
        let mut rows = Vec::with_capacity(self.frames_per_epoch);
        for video in &self.videos {
            let mut frames = video.clone();
            let (drawn, _) = frames.partial_shuffle(&mut rng, self.frames_per_video);
            rows.extend_from_slice(drawn);
        }
        rows.shuffle(&mut rng);
        rows
    }

    /// The rows of a step; epochs follow each other without a gap.
    #[must_use]
    pub fn batch(&self, step: usize, batch_size: usize) -> Vec<usize> {
        let first = step * batch_size;
        (first / self.frames_per_epoch..)
            .flat_map(|epoch| self.epoch(epoch))
            .skip(first % self.frames_per_epoch)
            .take(batch_size)
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
        Order::of(videos, 6, 3)
    }

    #[test]
    fn an_epoch_draws_the_stated_frames_of_each_video_once() {
        let order = order();
        assert_eq!(order.frames_per_epoch(), 2 + 4 + 6 + 6 + 6);
        let drawn = order.epoch(0);
        assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), 24);
        let of_last_video = drawn.iter().filter(|row| **row >= 20).count();
        assert_eq!(of_last_video, 6);
        assert_ne!(drawn, order.epoch(1));
        assert_eq!(drawn, order.epoch(0));
    }

    #[test]
    fn steps_follow_each_other_through_the_epochs() {
        let order = order();
        let steps: Vec<_> = (0..30).flat_map(|step| order.batch(step, 5)).collect();
        let epochs: Vec<_> = (0..7).flat_map(|epoch| order.epoch(epoch)).collect();
        assert_eq!(steps, epochs[..150]);
        assert_eq!(
            order.batch(1, 60).len(),
            60,
            "a batch may be larger than an epoch"
        );
    }

    #[test]
    fn frames_are_drawn_from_the_whole_video_not_its_start() {
        let order = Order::of(vec![(0..100).collect()], 10, 1);
        let mean = order.epoch(0).iter().sum::<usize>() as f64 / 10.0;
        assert!((20.0..80.0).contains(&mean), "{mean}");
    }
}
