//! What a linear layer can read from frozen features.

use nalgebra::{DMatrix, RowDVector};
use rand::Rng;

use crate::pca::check_finite;
use crate::{ExplainError, Features, Pca};

/// Directions of the features that are looked at.
const COMPONENTS: usize = 256;
/// Candidates for the penalty, in shares of the number of samples.
const PENALTIES: [f64; 7] = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0];

/// A linear classifier on frozen features.
///
/// The recipe: every feature is standardised by the mean and deviation of the training samples
/// (features that do not vary are left out); the first 256 principal components are kept; ridge
/// regression onto one-hot labels; the class with the largest output is the answer. The penalty,
/// 1e-5 to 10 times the number of samples, is the one with the best accuracy on training samples
/// left out one at a time, in closed form; the larger of equals. Nothing is chosen by other samples.
#[derive(Clone, Debug)]
pub struct LinearProbe {
    mean: RowDVector<f64>,
    /// One over the deviation; 0 for a feature that does not vary.
    scale: RowDVector<f64>,
    pca: Pca,
    /// `[components, classes]`
    weights: DMatrix<f64>,
    intercept: RowDVector<f64>,
    /// The label of each output.
    classes: Vec<usize>,
    penalty: f64,
}

impl LinearProbe {
    /// Fits the probe to samples and their labels, any numbers.
    ///
    /// # Errors
    ///
    /// [`ExplainError::Labels`] where there is not one label for each sample or fewer than two
    /// classes; [`ExplainError::NotFinite`], [`ExplainError::Constant`].
    pub fn fit(
        features: &Features,
        labels: &[usize],
        rng: &mut impl Rng,
    ) -> Result<Self, ExplainError> {
        let rows = features.nrows();
        let mut classes = labels.to_vec();
        classes.sort_unstable();
        classes.dedup();
        let wrong = |reason| ExplainError::Labels {
            labels: labels.len(),
            samples: rows,
            classes: classes.len(),
            reason,
        };
        if labels.len() != rows {
            return Err(wrong("one label for each sample is needed"));
        }
        if classes.len() < 2 {
            return Err(wrong("two classes or more are needed"));
        }
        check_finite(features)?;
        let mean = features.row_mean();
        let scale = features.row_variance().map(|variance| {
            let deviation = variance.sqrt();
            // What is left of a constant by rounding is no feature.
            if deviation > 1e-9 {
                1.0 / deviation
            } else {
                0.0
            }
        });
        let standard = standardised(features, &mean, &scale);
        let pca = Pca::fit(&standard, COMPONENTS, rng)?;
        let scores = pca.project(&standard);
        let places: Vec<usize> = labels
            .iter()
            .map(|label| classes.partition_point(|class| class < label))
            .collect();
        let mut targets = DMatrix::zeros(rows, classes.len());
        for (row, &place) in places.iter().enumerate() {
            targets[(row, place)] = 1.0;
        }
        let intercept = targets.row_mean();
        for mut row in targets.row_iter_mut() {
            row -= &intercept;
        }
        let ridge = Ridge {
            moments: scores.tr_mul(&targets),
            squares: pca
                .variances()
                .iter()
                .map(|variance| variance * (rows - 1) as f64)
                .collect(),
            scores,
            targets,
        };
        let (mut best, mut penalty) = (0, 0.0);
        for share in PENALTIES {
            let candidate = share * rows as f64;
            let right = ridge.right_when_left_out(candidate, &intercept, &places);
            if right >= best {
                (best, penalty) = (right, candidate);
            }
        }
        Ok(Self {
            weights: ridge.weights(penalty),
            mean,
            scale,
            pca,
            intercept,
            classes,
            penalty,
        })
    }

    /// The label of each sample.
    ///
    /// # Panics
    ///
    /// Panics if the samples have another number of features.
    pub fn predict(&self, features: &Features) -> Vec<usize> {
        let standard = standardised(features, &self.mean, &self.scale);
        let mut outputs = self.pca.project(&standard) * &self.weights;
        for mut row in outputs.row_iter_mut() {
            row += &self.intercept;
        }
        let places = outputs.row_iter().map(|row| largest(row.iter().copied()));
        places.map(|place| self.classes[place]).collect()
    }

    /// How many samples get their own label.
    ///
    /// # Panics
    ///
    /// As [`predict`](Self::predict).
    pub fn right(&self, features: &Features, labels: &[usize]) -> usize {
        let predicted = self.predict(features);
        predicted.iter().zip(labels).filter(|(a, b)| a == b).count()
    }

    /// The penalty that was chosen.
    pub fn penalty(&self) -> f64 {
        self.penalty
    }
}

/// Ridge regression in the basis of the principal components, where it has a diagonal.
struct Ridge {
    /// `[samples, components]`
    scores: DMatrix<f64>,
    /// Centred, `[samples, classes]`.
    targets: DMatrix<f64>,
    /// Scores by targets, `[components, classes]`.
    moments: DMatrix<f64>,
    /// Sum of the squares of each component's scores.
    squares: Vec<f64>,
}

impl Ridge {
    fn weights(&self, penalty: f64) -> DMatrix<f64> {
        let mut weights = self.moments.clone();
        for (mut row, square) in weights.row_iter_mut().zip(&self.squares) {
            row /= square + penalty;
        }
        weights
    }

    /// How many samples a fit without them gives their own class: the residual of a sample left out
    /// is its residual divided by one minus its leverage.
    fn right_when_left_out(
        &self,
        penalty: f64,
        intercept: &RowDVector<f64>,
        places: &[usize],
    ) -> usize {
        let fitted = &self.scores * self.weights(penalty);
        let rows = places.iter().enumerate();
        rows.filter(|&(row, &place)| {
            let scores = self.scores.row(row);
            let leverage: f64 = scores
                .iter()
                .zip(&self.squares)
                .map(|(score, square)| score * score / (square + penalty))
                .sum::<f64>()
                + 1.0 / places.len() as f64;
            let kept = (1.0 - leverage).max(1e-9);
            let outputs = (0..intercept.len()).map(|class| {
                let target = self.targets[(row, class)];
                intercept[class] + target - (target - fitted[(row, class)]) / kept
            });
            largest(outputs) == place
        })
        .count()
    }
}

fn standardised(
    features: &Features,
    mean: &RowDVector<f64>,
    scale: &RowDVector<f64>,
) -> DMatrix<f64> {
    let mut standard = features.clone();
    for mut row in standard.row_iter_mut() {
        row -= mean;
        row.component_mul_assign(scale);
    }
    standard
}

/// Place of the largest number, the first of equals.
fn largest(values: impl Iterator<Item = f64>) -> usize {
    let (place, _) = values
        .enumerate()
        .fold((0, f64::NEG_INFINITY), |best, (place, value)| {
            if value > best.1 { (place, value) } else { best }
        });
    place
}

#[cfg(test)]
mod tests {
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    /// Against fits that really leave a sample out, with an intercept that is not penalised.
    #[test]
    fn leaving_out_in_closed_form_is_leaving_out() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (rows, columns, classes) = (14, 3, 3);
        let places: Vec<usize> = (0..rows).map(|row| row % classes).collect();
        let samples = DMatrix::from_fn(rows, columns, |row, column| {
            rng.random_range(-1.0..1.0) + if places[row] == column { 0.6 } else { 0.0 }
        });
        let pca = Pca::fit(&samples, columns, &mut rng).unwrap();
        let scores = pca.project(&samples);
        let one_hot = DMatrix::from_fn(rows, classes, |row, class| {
            f64::from(u8::from(places[row] == class))
        });
        let intercept = one_hot.row_mean();
        let mut targets = one_hot.clone();
        for mut row in targets.row_iter_mut() {
            row -= &intercept;
        }
        let squares = pca.variances().iter();
        let ridge = Ridge {
            moments: scores.tr_mul(&targets),
            squares: squares
                .map(|variance| variance * (rows - 1) as f64)
                .collect(),
            scores: scores.clone(),
            targets,
        };
        for penalty in [0.01, 1.0, 30.0] {
            let right = (0..rows).filter(|&left_out| {
                let [kept, wanted] = [&scores, &one_hot].map(|m| m.clone().remove_row(left_out));
                let design = kept.insert_column(columns, 1.0);
                let mut normal = design.tr_mul(&design);
                for diagonal in 0..columns {
                    normal[(diagonal, diagonal)] += penalty;
                }
                let weights = normal.lu().solve(&design.tr_mul(&wanted)).unwrap();
                let row = scores.row(left_out).insert_column(columns, 1.0);
                largest((row * weights).iter().copied()) == places[left_out]
            });
            let counted = ridge.right_when_left_out(penalty, &intercept, &places);
            assert_eq!(counted, right.count(), "penalty {penalty}");
        }
    }
}
