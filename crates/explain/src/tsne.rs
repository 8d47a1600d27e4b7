//! Samples as points of a plane.

use bhtsne::{Neighbor, tSNE};
use nalgebra::DMatrix;
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use crate::{ExplainError, Features, Pca};

/// Samples below which there is no plane to speak of.
const LEAST: usize = 8;
/// Deviation of the first layout along its longer axis.
const FIRST_LAYOUT: f32 = 1e-4;
/// Deviation of what is added to it, so that equal samples do not lie on one point.
const JITTER: f32 = 1e-6;

/// How a layout is made. By default half of the usual thousand epochs, since they start from the
/// principal components and not from noise; a somewhat coarser far field than 0.5, which no eye sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tsne {
    /// Principal components that distances are taken in.
    pub components: usize,
    /// About how many neighbours count; less where there are fewer than three times as many samples.
    pub perplexity: f64,
    /// Steps of gradient descent.
    pub epochs: usize,
    /// The first of them, in which neighbours attract each other twelve times as much.
    pub exaggerated: usize,
    /// How coarse the far field may be (Barnes-Hut), above 0.
    pub theta: f64,
}

impl Default for Tsne {
    fn default() -> Self {
        Self {
            components: 50,
            perplexity: 30.0,
            epochs: 500,
            exaggerated: 150,
            theta: 0.8,
        }
    }
}

/// t-SNE (van der Maaten, JMLR 2014) of samples: near points have like features; distances between
/// groups, their sizes and the axes mean nothing.
///
/// The first layout is that of the first two principal components (Kobak and Berens, Nature
/// Communications 2019) with a little noise from `rng`; the learning rate is a twelfth of the number
/// of samples, 200 or more (Belkina et al., same volume). The same on any number of threads: the
/// descent runs on one.
///
/// # Errors
///
/// [`ExplainError::TooFew`] below 8 samples, [`ExplainError::NotFinite`],
/// [`ExplainError::Constant`].
///
/// # Panics
///
/// Panics if `theta` is not above zero or a number of the configuration is zero.
pub fn tsne(
    samples: &Features,
    config: &Tsne,
    rng: &mut impl Rng,
) -> Result<Vec<[f64; 2]>, ExplainError> {
    let count = samples.nrows();
    if count < LEAST {
        return Err(ExplainError::TooFew {
            samples: count,
            least: LEAST,
        });
    }
    let pca = Pca::fit(samples, config.components.max(2), rng)?;
    let mut scores = pca.project(samples);
    scores /= pca.variances()[0].sqrt();
    let layout: Vec<f32> = (0..count)
        .flat_map(|row| [(row, 0), (row, 1)])
        .map(|(row, column)| {
            let noise: f32 = StandardNormal.sample(&mut *rng);
            let along = scores
                .row(row)
                .get(column)
                .map_or(0.0, |&score| score as f32);
            FIRST_LAYOUT * along + JITTER * noise
        })
        .collect();
    let perplexity = config.perplexity.min((count - 1) as f64 / 3.0);
    let neighbours = neighbours(&scores, (3.0 * perplexity) as usize);
    // Sums over all samples depend on how threads share them.
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let descend = || {
        let places: Vec<usize> = (0..count).collect();
        let mut descent: tSNE<'_, f32, usize> = tSNE::new(&places);
        descent
            .perplexity(perplexity as f32)
            .epochs(config.epochs)
            .stop_lying_epoch(config.exaggerated)
            .momentum_switch_epoch(config.exaggerated)
            .learning_rate((count as f32 / 12.0).max(200.0))
            .initial_embedding(layout)
            .barnes_hut_with_neighbors(config.theta as f32, &neighbours);
        descent.embedding()
    };
    let embedding = match one {
        Ok(pool) => pool.install(descend),
        // No thread can be had: this one works alone as well.
        Err(_) => descend(),
    };
    let points = embedding.as_chunks().0.iter();
    Ok(points
        .map(|point: &[f32; 2]| point.map(f64::from))
        .collect())
}

/// The nearest `wanted` other samples of each, the nearest first.
fn neighbours(scores: &DMatrix<f64>, wanted: usize) -> Vec<Vec<Neighbor<f32>>> {
    // Samples in one piece each.
    let samples = scores.transpose();
    let width = samples.nrows();
    let rows: Vec<&[f64]> = samples.as_slice().chunks_exact(width).collect();
    let of_sample = |(index, row): (usize, &&[f64])| {
        let mut others: Vec<(f64, usize)> = rows
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index)
            .map(|(other, values)| {
                let squares = row.iter().zip(*values).map(|(a, b)| (a - b) * (a - b));
                (squares.sum(), other)
            })
            .collect();
        let order = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        others.select_nth_unstable_by(wanted - 1, order);
        others.truncate(wanted);
        others.sort_unstable_by(order);
        let neighbour = |(squares, index): (f64, usize)| Neighbor {
            index,
            distance: squares.sqrt() as f32,
        };
        others.into_iter().map(neighbour).collect()
    };
    rows.par_iter().enumerate().map(of_sample).collect()
}
