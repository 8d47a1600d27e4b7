use std::iter;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::confusion::check_threshold;
use crate::error::{MetricError, check_length};
use crate::measure::Measure;
use crate::ranking::{Ranking, Step, totals};

/// A measure with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The measure of all rows.
    pub value: f64,
    /// The 2.5th percentile of the resamples, linearly interpolated.
    pub low: f64,
    /// The 97.5th percentile of the resamples.
    pub high: f64,
    /// How many draws had lost a class and were drawn again. Many of them mean that too few
    /// independent units of one class stand behind the interval.
    pub redrawn: usize,
}

/// The 95 % percentile bootstrap interval of one measure: [`bootstrap_intervals`] of it alone.
///
/// # Errors
///
/// As [`bootstrap_intervals`].
pub fn bootstrap_interval(
    scores: &[f64],
    labels: &[bool],
    groups: Option<&[u32]>,
    measure: Measure,
    resamples: usize,
    rng: &mut impl Rng,
) -> Result<Estimate, MetricError> {
    let estimates = bootstrap_intervals(scores, labels, groups, &[measure], resamples, rng)?;
    Ok(estimates[0])
}

/// The 95 % percentile bootstrap intervals of several measures, all from the same resamples.
///
/// What is drawn, with replacement and as many as there are, is the independent unit. `groups`
/// numbers each row's unit (any numbers): for frames, the video they come from, since frames of a
/// video resemble each other and drawing them singly gives intervals far too narrow. Without
/// `groups` each row is a unit, as videos are.
///
/// A draw without a row of one class has no value and is drawn again. The resamples run in
/// parallel, each on its own ChaCha stream under one seed taken from `rng`, so the result is the
/// same on any number of threads.
///
/// # Errors
///
/// As [`Ranking::new`]; `groups` of another length; fewer than two units; no resamples; a NaN
/// threshold.
pub fn bootstrap_intervals(
    scores: &[f64],
    labels: &[bool],
    groups: Option<&[u32]>,
    measures: &[Measure],
    resamples: usize,
    rng: &mut impl Rng,
) -> Result<Vec<Estimate>, MetricError> {
    let ranking = Ranking::new(scores, labels)?;
    for measure in measures {
        measure.threshold().map_or(Ok(()), check_threshold)?;
    }
    if resamples == 0 {
        let what = "the number of resamples";
        return Err(MetricError::Parameter {
            what,
            value: 0.0,
            range: "at least 1",
        });
    }
    let units = Units::new(&ranking, scores, labels, groups)?;
    let mut seed = <ChaCha8Rng as SeedableRng>::Seed::default();
    rng.fill_bytes(&mut seed);

    let drawn: Vec<(Vec<f64>, usize)> = (0..resamples as u64)
        .into_par_iter()
        .map_init(
            || vec![Step::default(); ranking.steps.len()],
            |steps, stream| {
                let mut rng = ChaCha8Rng::from_seed(seed);
                rng.set_stream(stream);
                let redrawn = units.draw(steps, &mut rng);
                let values = measures
                    .iter()
                    .map(|measure| ranking.value_of(steps, *measure));
                (values.collect(), redrawn)
            },
        )
        .collect();

    let redrawn = drawn.iter().map(|(_, redrawn)| redrawn).sum();
    let estimate = |(i, measure): (usize, &Measure)| {
        let mut values: Vec<f64> = drawn.iter().map(|(values, _)| values[i]).collect();
        values.sort_unstable_by(f64::total_cmp);
        let (low, high) = (quantile(&values, 0.025), quantile(&values, 0.975));
        Estimate {
            value: ranking.value(*measure),
            low,
            high,
            redrawn,
        }
    };
    Ok(measures.iter().enumerate().map(estimate).collect())
}

/// The rows of each independent unit, as places in a ranking: a resample adds them up, no sort.
struct Units {
    /// Where unit i's rows start in `rows`; one more entry than units.
    starts: Vec<u32>,
    /// Step of the ranking times two, plus one where the row is forged.
    rows: Vec<u32>,
}

impl Units {
    fn new(
        ranking: &Ranking,
        scores: &[f64],
        labels: &[bool],
        groups: Option<&[u32]>,
    ) -> Result<Self, MetricError> {
        let place = |row: usize| {
            let step = ranking.scores.partition_point(|score| *score > scores[row]);
            2 * step as u32 + u32::from(labels[row])
        };
        let mut order: Vec<usize> = (0..scores.len()).collect();
        let starts: Vec<u32> = if let Some(groups) = groups {
            check_length("groups", scores, groups.len())?;
            order.sort_by_key(|row| groups[*row]);
            let new_unit = |i: &usize| *i == 0 || groups[order[*i]] != groups[order[*i - 1]];
            let starts = (0..order.len()).filter(new_unit);
            starts
                .chain(iter::once(order.len()))
                .map(|start| start as u32)
                .collect()
        } else {
            (0..=order.len() as u32).collect()
        };
        match starts.len() - 1 {
            units @ ..2 => Err(MetricError::TooFewUnits { units }),
            _ => Ok(Self {
                starts,
                rows: order.into_iter().map(place).collect(),
            }),
        }
    }

    /// Fills `steps` with a resample that has both classes; returns how many draws had not.
    ///
    /// It ends: with two units, the worst case, every other draw has both classes.
    fn draw(&self, steps: &mut [Step], rng: &mut impl Rng) -> usize {
        let units = self.starts.len() as u32 - 1;
        let mut redrawn = 0;
        loop {
            steps.fill(Step::default());
            for _ in 0..units {
                let unit = rng.random_range(0..units) as usize;
                let (start, end) = (self.starts[unit] as usize, self.starts[unit + 1] as usize);
                for row in &self.rows[start..end] {
                    let step = &mut steps[(row / 2) as usize];
                    step.forged = step.forged.saturating_add(row % 2);
                    step.real = step.real.saturating_add(1 - row % 2);
                }
            }
            let (real, forged) = totals(steps);
            if real > 0 && forged > 0 {
                return redrawn;
            }
            redrawn += 1;
        }
    }
}

/// The quantile of ascending values, linearly interpolated between the two nearest.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    low + (high - low) * at.fract()
}
