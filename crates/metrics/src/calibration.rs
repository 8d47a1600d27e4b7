use crate::error::{MetricError, check_probabilities, check_rows};
use crate::reliability::Prior;

/// Scores are kept this far from 0 and 1, where the logit has no end: the distance from 1 to the
/// single-precision number below it, which is what a network's score can tell apart.
const MARGIN: f64 = 1.0 / (1 << 24) as f64;

/// Bounds of the slope: temperatures from 0.01 to 100. Above 0, so that a calibration never turns
/// the order of scores around.
const SLOPES: (f64, f64) = (0.01, 100.0);

/// A map from scores to probabilities that keeps their order: p' = sigmoid(slope logit(p) + offset).
///
/// It is fitted on validation rows and applied to others. The fit minimises the log-loss, classes
/// weighed by a [`Prior`], towards Platt's targets: (n + 1) / (n + 2) for the n forged rows and
/// 1 / (n + 2) for the n real ones, which is what n equal observations support. Hence the minimum is
/// finite where a threshold separates the classes perfectly, and the probabilities stay as far from
/// 0 and 1 as the number of rows justifies. Besides, the slope is kept within [0.01, 100]: scores
/// that are worse than chance become nearly the same probability and are not turned around.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// Factor of the logit, within [0.01, 100] where fitted: one over the temperature.
    pub slope: f64,
    /// Added to the logit; 0 for temperature scaling.
    pub offset: f64,
}

impl Default for Calibration {
    /// Leaves scores as they are.
    fn default() -> Self {
        Self {
            slope: 1.0,
            offset: 0.0,
        }
    }
}

impl Calibration {
    /// The calibrated probability of a score that is a probability. Scores are first kept 2^-24 away
    /// from 0 and 1, where single precision ends; NaN stays NaN.
    #[must_use]
    pub fn apply(&self, score: f64) -> f64 {
        sigmoid(self.slope * logit(score) + self.offset)
    }

    /// The temperature that the logit is divided by: one over the slope.
    #[must_use]
    pub fn temperature(&self) -> f64 {
        1.0 / self.slope
    }
}

/// Temperature scaling, p' = sigmoid(logit(p) / T) (Guo et al., "On Calibration of Modern Neural
/// Networks", ICML 2017, section 4.2): one parameter, which leaves a score of one half where it is.
///
/// `scores`: probabilities of forged; `labels`: true = forged. [`Calibration`] says what is minimised
/// and how it is kept finite.
///
/// # Errors
///
/// Lengths differ, no rows, a score is not a number in [0, 1], or one class is absent.
pub fn fit_temperature(
    scores: &[f64],
    labels: &[bool],
    prior: Prior,
) -> Result<Calibration, MetricError> {
    let rows = rows(scores, labels, prior)?;
    let slope = minimise(&rows, [1.0, 0.0], [true, false])[0];
    // In one dimension the best within bounds of a convex loss is the nearest to its minimum.
    let slope = slope.clamp(SLOPES.0, SLOPES.1);
    Ok(Calibration { slope, offset: 0.0 })
}

/// Platt scaling, p' = sigmoid(a logit(p) + b) (Platt, "Probabilistic Outputs for Support Vector
/// Machines", 1999): slope and offset, for scores whose threshold is not one half either.
///
/// Arguments as for [`fit_temperature`].
///
/// # Errors
///
/// As [`fit_temperature`].
pub fn fit_platt(
    scores: &[f64],
    labels: &[bool],
    prior: Prior,
) -> Result<Calibration, MetricError> {
    let rows = rows(scores, labels, prior)?;
    let [slope, mut offset] = minimise(&rows, [1.0, 0.0], [true, true]);
    let bounded = slope.clamp(SLOPES.0, SLOPES.1);
    if bounded != slope {
        // The loss is convex: where its minimum lies beyond a bound, the best lies on that bound.
        offset = minimise(&rows, [bounded, 0.0], [false, true])[1];
    }
    Ok(Calibration {
        slope: bounded,
        offset,
    })
}

/// One row of the fit.
struct Row {
    logit: f64,
    /// The probability of forged to come near to.
    target: f64,
    /// All rows' weights sum to 1.
    weight: f64,
}

fn rows(scores: &[f64], labels: &[bool], prior: Prior) -> Result<Vec<Row>, MetricError> {
    check_rows(scores, labels)?;
    check_probabilities(scores)?;
    let rows = scores.len();
    let forged = labels.iter().filter(|forged| **forged).count();
    match (rows - forged, forged) {
        (0, _) => return Err(MetricError::NoReal { rows }),
        (_, 0) => return Err(MetricError::NoForged { rows }),
        _ => {}
    }
    let weights = prior.weights((rows - forged) as u64, forged as u64);
    let [real, forged] = [(rows - forged) as f64, forged as f64];
    let row = |(score, label): (&f64, &bool)| {
        let (target, weight) = if *label {
            ((forged + 1.0) / (forged + 2.0), weights.1)
        } else {
            (1.0 / (real + 2.0), weights.0)
        };
        Row {
            logit: logit(*score),
            target,
            weight: weight / rows as f64,
        }
    };
    Ok(scores.iter().zip(labels).map(row).collect())
}

/// Newton's method on [slope, offset], where only the `free` ones move. The loss is convex; a step
/// that does not improve is halved.
fn minimise(rows: &[Row], start: [f64; 2], free: [bool; 2]) -> [f64; 2] {
    const STEPS: usize = 100;
    let mut at = start;
    let mut now = Local::new(rows, at);
    for _ in 0..STEPS {
        let mut step = now.newton_step(free);
        let next = loop {
            let next = [at[0] + step[0], at[1] + step[1]];
            let there = Local::new(rows, next);
            if there.improves(&now, free) {
                break Some((next, there));
            }
            step = [step[0] / 2.0, step[1] / 2.0];
            if step.iter().all(|step| step.abs() < 1e-12) {
                break None;
            }
        };
        // Nothing better within rounding: this is the minimum.
        let Some(next) = next else { break };
        (at, now) = next;
    }
    at
}

/// The loss around a point: its value, gradient and Hessian in [slope, offset].
struct Local {
    loss: f64,
    gradient: [f64; 2],
    /// d²/dslope², d²/dslope doffset, d²/doffset².
    hessian: [f64; 3],
}

impl Local {
    fn new(rows: &[Row], [slope, offset]: [f64; 2]) -> Self {
        let mut local = Self {
            loss: 0.0,
            gradient: [0.0; 2],
            hessian: [0.0; 3],
        };
        for row in rows {
            let u = slope * row.logit + offset;
            let p = sigmoid(u);
            // -(t ln p + (1 - t) ln(1 - p)) = ln(1 + e^u) - t u, without the overflow.
            let softplus = u.max(0.0) + (-u.abs()).exp().ln_1p();
            local.loss += row.weight * (softplus - row.target * u);
            let first = row.weight * (p - row.target);
            local.gradient[0] += first * row.logit;
            local.gradient[1] += first;
            let second = row.weight * p * (1.0 - p);
            local.hessian[0] += second * row.logit * row.logit;
            local.hessian[1] += second * row.logit;
            local.hessian[2] += second;
        }
        local
    }

    /// Whether the loss is lower or, where rounding hides that, the gradient clearly smaller.
    fn improves(&self, other: &Self, free: [bool; 2]) -> bool {
        let slope = |local: &Self| {
            let free = free.iter().zip(local.gradient);
            free.map(|(free, g)| if *free { g.abs() } else { 0.0 })
                .fold(0.0, f64::max)
        };
        let same = (self.loss - other.loss).abs() <= 1e-12 * other.loss;
        if same {
            slope(self) < slope(other) / 2.0
        } else {
            self.loss < other.loss
        }
    }

    fn newton_step(&self, free: [bool; 2]) -> [f64; 2] {
        let [mut a, mut b, mut c] = self.hessian;
        let [mut g, mut h] = self.gradient;
        if !free[0] {
            (a, b, g) = (1.0, 0.0, 0.0);
        }
        if !free[1] {
            (c, b, h) = (1.0, 0.0, 0.0);
        }
        // Equal scores leave a direction in which nothing changes: damped, it stays as it is.
        let damping = 1e-12 * (a + c) + f64::MIN_POSITIVE;
        (a, c) = (a + damping, c + damping);
        let determinant = a * c - b * b;
        let step = [
            -(c * g - b * h) / determinant,
            -(a * h - b * g) / determinant,
        ];
        if step.iter().all(|step| step.is_finite()) {
            step
        } else {
            [-g, -h]
        }
    }
}

fn sigmoid(u: f64) -> f64 {
    1.0 / (1.0 + (-u).exp())
}

fn logit(score: f64) -> f64 {
    let p = score.clamp(MARGIN, 1.0 - MARGIN);
    p.ln() - (-p).ln_1p()
}
