use thiserror::Error;

use crate::video_key::VideoKey;

/// Why a measure has no value.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum MetricError {
    /// There is nothing to measure.
    #[error("no scores: there is nothing to measure")]
    Empty,

    /// Two slices that describe the same rows differ in length.
    #[error("{scores} scores but {others} {what}")]
    LengthMismatch {
        /// What the other slice holds: "labels" or "groups".
        what: &'static str,
        /// Number of scores.
        scores: usize,
        /// Length of the other slice.
        others: usize,
    },

    /// Every row is forged, so the measure is undefined.
    #[error("no real rows among {rows}: the measure needs both classes")]
    NoReal {
        /// Number of rows.
        rows: usize,
    },

    /// Every row is real, so the measure is undefined.
    #[error("no forged rows among {rows}: the measure needs both classes")]
    NoForged {
        /// Number of rows.
        rows: usize,
    },

    /// No row is forged and none is called so: there is nothing to overlap.
    #[error("none of {rows} rows is forged or called forged: their overlap is undefined")]
    NothingForged {
        /// Number of rows.
        rows: usize,
    },

    /// A score is NaN or infinite.
    #[error("score {index} is {value}: scores must be finite")]
    NonFinite {
        /// Row of the first such score.
        index: usize,
        /// The score.
        value: f64,
    },

    /// A score that should be a probability lies outside [0, 1].
    #[error("score {index} is {value}: a probability lies in [0, 1]")]
    NotAProbability {
        /// Row of the first such score.
        index: usize,
        /// The score.
        value: f64,
    },

    /// A parameter lies outside its range.
    #[error("{what} is {value}: it must be {range}")]
    Parameter {
        /// Which parameter.
        what: &'static str,
        /// The value given.
        value: f64,
        /// The values allowed.
        range: &'static str,
    },

    /// Resampling a single unit says nothing about the spread between units.
    #[error("a bootstrap needs at least 2 independent units, found {units}")]
    TooFewUnits {
        /// Number of distinct units.
        units: usize,
    },

    /// One video has frames of both labels.
    #[error("video {video} has real and forged frames")]
    ContradictoryLabels {
        /// The video.
        video: Box<VideoKey>,
    },
}

/// Checks that rows exist, that each has a label and that every score is finite.
pub(crate) fn check_rows<S: Copy + Into<f64>>(
    scores: &[S],
    labels: &[bool],
) -> Result<(), MetricError> {
    check_length("labels", scores, labels.len())?;
    if scores.is_empty() {
        return Err(MetricError::Empty);
    }
    let finite = |score: &S| -> bool { (*score).into().is_finite() };
    match scores.iter().position(|score| !finite(score)) {
        Some(index) => Err(MetricError::NonFinite {
            index,
            value: scores[index].into(),
        }),
        None => Ok(()),
    }
}

/// Checks that another description of the rows is as long as the scores.
pub(crate) fn check_length<S>(
    what: &'static str,
    scores: &[S],
    others: usize,
) -> Result<(), MetricError> {
    if scores.len() == others {
        Ok(())
    } else {
        Err(MetricError::LengthMismatch {
            what,
            scores: scores.len(),
            others,
        })
    }
}

/// Checks that every score is a probability.
pub(crate) fn check_probabilities(scores: &[f64]) -> Result<(), MetricError> {
    match scores.iter().position(|score| !(0.0..=1.0).contains(score)) {
        Some(index) => Err(MetricError::NotAProbability {
            index,
            value: scores[index],
        }),
        None => Ok(()),
    }
}

/// Checks a number of bins.
pub(crate) fn check_bins(bins: usize) -> Result<(), MetricError> {
    match bins {
        0 => Err(MetricError::Parameter {
            what: "the number of bins",
            value: 0.0,
            range: "at least 1",
        }),
        _ => Ok(()),
    }
}

/// Checks a false positive rate.
pub(crate) fn check_rate(value: f64) -> Result<(), MetricError> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(MetricError::Parameter {
        what: "the false positive rate",
        value,
        range: "in [0, 1]",
    })
}
