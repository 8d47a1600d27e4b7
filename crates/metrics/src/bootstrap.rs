use std::{array, fmt, iter};

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;

use crate::error::{MetricError, check_length};
use crate::measure::Measure;
use crate::ranking::{Ranking, Step, totals};

/// A measure, or a difference of measures, with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The measure of all rows.
    pub value: f64,
    /// The 2.5th percentile of the resamples, linearly interpolated; not a number where there is no
    /// interval.
    pub low: f64,
    /// The 97.5th percentile of the resamples, likewise.
    pub high: f64,
    /// Why there is no interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_interval: Option<&'static str>,
    /// How many draws had lost a class and were drawn again. Many of them mean that too few
    /// independent units of one class stand behind the interval.
    #[serde(skip)]
    pub redrawn: usize,
}

impl Estimate {
    /// A measure without an interval, and why.
    #[must_use]
    pub fn alone(value: f64, why: &'static str) -> Self {
        Self {
            value,
            low: f64::NAN,
            high: f64::NAN,
            no_interval: Some(why),
            redrawn: 0,
        }
    }
}

/// `0.860 [0.823, 0.891]`, or `0.860 [no interval]`.
impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            value, low, high, ..
        } = self;
        match self.no_interval {
            None => write!(f, "{value:.3} [{low:.3}, {high:.3}]"),
            Some(_) => write!(f, "{value:.3} [no interval]"),
        }
    }
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
/// Where all rows of a class are of one unit there is a value and no interval: that unit is in every draw
/// that counts, and how units of its class differ nothing tells. A draw without a row of one class has no
/// value and is drawn again. The resamples run in
/// parallel, each on its own ChaCha stream under one seed taken from `rng`, so the result is the
/// same on any number of threads.
///
/// # Errors
///
/// As [`Ranking::new`]; `groups` of another length; fewer than two units; no resamples; a measure's
/// parameter outside its range; a score outside [0, 1] where a calibration error is asked for.
pub fn bootstrap_intervals(
    scores: &[f64],
    labels: &[bool],
    groups: Option<&[u32]>,
    measures: &[Measure],
    resamples: usize,
    rng: &mut impl Rng,
) -> Result<Vec<Estimate>, MetricError> {
    let resampling = Resampling::new([scores], labels, groups, measures)?;
    resampling.estimates(measures, |[value]| value, resamples, rng)
}

/// By how much `scores_b` measure higher than `scores_a` of the same rows, value(b) - value(a), with
/// the 95 % percentile bootstrap intervals of the differences, all from the same resamples.
///
/// Both are measured on the same drawn units, as [`bootstrap_intervals`] draws them: what is hard
/// for both cancels, so an interval without 0 can show a difference that the two intervals apart
/// do not. A measure with a threshold takes the same for both; where each has its own, subtract it
/// from the scores and compare at 0.
///
/// # Errors
///
/// As [`bootstrap_intervals`], of either scores; `scores_b` of another length.
pub fn paired_difference(
    scores_a: &[f64],
    scores_b: &[f64],
    labels: &[bool],
    groups: Option<&[u32]>,
    measures: &[Measure],
    resamples: usize,
    rng: &mut impl Rng,
) -> Result<Vec<Estimate>, MetricError> {
    check_length("scores to compare with", scores_a, scores_b.len())?;
    let resampling = Resampling::new([scores_a, scores_b], labels, groups, measures)?;
    resampling.estimates(measures, |[a, b]| b - a, resamples, rng)
}

/// N scores of the same rows, ready to be measured on the same resamples.
struct Resampling<const N: usize> {
    rankings: [Ranking; N],
    units: Units<N>,
}

impl<const N: usize> Resampling<N> {
    fn new(
        scores: [&[f64]; N],
        labels: &[bool],
        groups: Option<&[u32]>,
        measures: &[Measure],
    ) -> Result<Self, MetricError> {
        let mut rankings = Vec::with_capacity(N);
        for scores in scores {
            rankings.push(Ranking::new(scores, labels)?);
            for measure in measures {
                measure.check(scores)?;
            }
        }
        let Ok(rankings) = <[Ranking; N]>::try_from(rankings) else {
            unreachable!("one ranking was made of each scores");
        };
        let units = Units::new(&rankings, scores, labels, groups)?;
        Ok(Self { rankings, units })
    }

    /// Estimates of what `combine` makes of each measure's N values.
    fn estimates(
        &self,
        measures: &[Measure],
        combine: impl Fn([f64; N]) -> f64 + Sync,
        resamples: usize,
        rng: &mut impl Rng,
    ) -> Result<Vec<Estimate>, MetricError> {
        if resamples == 0 {
            return Err(MetricError::Parameter {
                what: "the number of resamples",
                value: 0.0,
                range: "at least 1",
            });
        }
        let value = |steps: [&[Step]; N], measure: Measure| {
            combine(array::from_fn(|i| {
                self.rankings[i].value_of(steps[i], measure)
            }))
        };
        let all = self.rankings.each_ref().map(|r| r.steps.as_slice());
        if let Some(why) = self.units.too_few() {
            let alone = |measure: &Measure| Estimate::alone(value(all, *measure), why);
            return Ok(measures.iter().map(alone).collect());
        }
        let mut seed = <ChaCha8Rng as SeedableRng>::Seed::default();
        rng.fill_bytes(&mut seed);
        let drawn: Vec<(Vec<f64>, usize)> = (0..resamples as u64)
            .into_par_iter()
            .map_init(
                || {
                    self.rankings
                        .each_ref()
                        .map(|ranking| ranking.steps.clone())
                },
                |steps, stream| {
                    let mut rng = ChaCha8Rng::from_seed(seed);
                    rng.set_stream(stream);
                    let redrawn = self.units.draw(steps, &mut rng);
                    let steps = steps.each_ref().map(Vec::as_slice);
                    let values = measures.iter().map(|measure| value(steps, *measure));
                    (values.collect(), redrawn)
                },
            )
            .collect();

        let redrawn = drawn.iter().map(|(_, redrawn)| redrawn).sum();
        let estimate = |(i, measure): (usize, &Measure)| {
            let mut values: Vec<f64> = drawn.iter().map(|(values, _)| values[i]).collect();
            values.sort_unstable_by(f64::total_cmp);
            Estimate {
                value: value(all, *measure),
                low: quantile(&values, 0.025),
                high: quantile(&values, 0.975),
                no_interval: None,
                redrawn,
            }
        };
        Ok(measures.iter().enumerate().map(estimate).collect())
    }
}

/// The rows of each independent unit, as places in N rankings: a resample adds them up, no sort.
struct Units<const N: usize> {
    /// Where unit i's rows start in `rows`; one more entry than units.
    starts: Vec<u32>,
    /// For each ranking, step times two, plus one where the row is forged.
    rows: Vec<[u32; N]>,
}

impl<const N: usize> Units<N> {
    fn new(
        rankings: &[Ranking; N],
        scores: [&[f64]; N],
        labels: &[bool],
        groups: Option<&[u32]>,
    ) -> Result<Self, MetricError> {
        let place = |row: usize| {
            array::from_fn(|i| {
                let score = scores[i][row];
                let step = rankings[i].scores.partition_point(|other| *other > score);
                2 * step as u32 + u32::from(labels[row])
            })
        };
        let mut order: Vec<usize> = (0..labels.len()).collect();
        let starts: Vec<u32> = if let Some(groups) = groups {
            check_length("groups", scores[0], groups.len())?;
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

    /// Why these units tell nothing of how units of a class differ.
    fn too_few(&self) -> Option<&'static str> {
        let class = |forged: u32| {
            let units = self.starts.windows(2).filter(|unit| {
                let rows = &self.rows[unit[0] as usize..unit[1] as usize];
                rows.iter().any(|places| places[0] % 2 == forged)
            });
            units.take(2).count()
        };
        match (class(0), class(1)) {
            (..2, ..2) => Some("one video of each class alone: two of each are needed"),
            (..2, _) => Some("one real video alone: two are needed"),
            (_, ..2) => Some("one forged video alone: two are needed"),
            _ => None,
        }
    }

    /// Fills each ranking's steps with one resample that has both classes; returns how many draws
    /// had not.
    ///
    /// It ends: with two units, the worst case, every other draw has both classes.
    fn draw(&self, rankings: &mut [Vec<Step>; N], rng: &mut impl Rng) -> usize {
        let units = self.starts.len() as u32 - 1;
        let mut redrawn = 0;
        loop {
            for steps in rankings.iter_mut() {
                steps.fill(Step::default());
            }
            for _ in 0..units {
                let unit = rng.random_range(0..units) as usize;
                let (start, end) = (self.starts[unit] as usize, self.starts[unit + 1] as usize);
                for places in &self.rows[start..end] {
                    for (steps, place) in rankings.iter_mut().zip(places) {
                        let step = &mut steps[(place / 2) as usize];
                        step.forged = step.forged.saturating_add(place % 2);
                        step.real = step.real.saturating_add(1 - place % 2);
                    }
                }
            }
            // The rows, and so the classes drawn, are the same in all rankings.
            let (real, forged) = totals(&rankings[0]);
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
