//! Principal components.

use nalgebra::{DMatrix, RowDVector, SymmetricEigen};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::{ExplainError, Features};

/// Directions beyond those asked for, which make the random subspace exact in those.
const OVERSAMPLING: usize = 16;
/// Passes over the data that turn the random subspace towards the largest variances.
const POWER_ITERATIONS: usize = 4;
/// Of the largest variance; components below it are rounding.
const LEAST_VARIANCE: f64 = 1e-12;

/// The directions of largest variance of some samples.
#[derive(Clone, Debug)]
pub struct Pca {
    mean: RowDVector<f64>,
    /// `[features, components]`, orthonormal columns.
    components: DMatrix<f64>,
    variances: Vec<f64>,
}

impl Pca {
    /// The first `most` principal components, or as many as the samples have.
    ///
    /// By a randomised range finder with power iterations (Halko, Martinsson and Tropp, SIAM Review
    /// 2011, algorithms 4.4 and 5.1); exact where `most + 16` reaches the number of samples or of
    /// features. `rng` draws the first subspace.
    ///
    /// # Errors
    ///
    /// [`ExplainError::TooFew`] below two samples, [`ExplainError::NotFinite`], and
    /// [`ExplainError::Constant`] where nothing varies.
    pub fn fit(samples: &Features, most: usize, rng: &mut impl Rng) -> Result<Self, ExplainError> {
        let (rows, columns) = samples.shape();
        if rows < 2 {
            return Err(ExplainError::TooFew {
                samples: rows,
                least: 2,
            });
        }
        check_finite(samples)?;
        let mean = samples.row_mean();
        let mut centred = samples.clone();
        for mut row in centred.row_iter_mut() {
            row -= &mean;
        }
        let full = rows.min(columns);
        let width = (most + OVERSAMPLING).min(full);
        let normal = (0..columns * width).map(|_| StandardNormal.sample(&mut *rng));
        let normal: DMatrix<f64> = DMatrix::from_iterator(columns, width, normal);
        let mut range = (&centred * normal).qr().q();
        if width < full {
            for _ in 0..POWER_ITERATIONS {
                let back = centred.tr_mul(&range).qr().q();
                range = (&centred * back).qr().q();
            }
        }
        let small = range.tr_mul(&centred);
        let eigen = SymmetricEigen::new(&small * small.transpose());
        let mut order: Vec<usize> = (0..width).collect();
        order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        let largest = order.first().map_or(0.0, |&first| eigen.eigenvalues[first]);
        if largest <= f64::EPSILON * mean.norm_squared() || largest <= f64::MIN_POSITIVE {
            return Err(ExplainError::Constant);
        }
        order.retain(|&place| eigen.eigenvalues[place] > LEAST_VARIANCE * largest);
        order.truncate(most);
        let components: Vec<_> = order
            .iter()
            .map(|&place| {
                small.tr_mul(&eigen.eigenvectors.column(place)) / eigen.eigenvalues[place].sqrt()
            })
            .collect();
        Ok(Self {
            mean,
            components: DMatrix::from_columns(&components),
            variances: order
                .iter()
                .map(|&place| eigen.eigenvalues[place] / (rows - 1) as f64)
                .collect(),
        })
    }

    /// Coordinates of samples along the components, `[samples, components]`.
    ///
    /// # Panics
    ///
    /// Panics if the samples have another number of features.
    pub fn project(&self, samples: &Features) -> Features {
        let mut centred = samples.clone();
        for mut row in centred.row_iter_mut() {
            row -= &self.mean;
        }
        centred * &self.components
    }

    /// Variance along each component, the largest first.
    pub fn variances(&self) -> &[f64] {
        &self.variances
    }
}

pub(crate) fn check_finite(samples: &Features) -> Result<(), ExplainError> {
    match samples.iter().position(|value| !value.is_finite()) {
        // Columns follow each other.
        Some(place) => Err(ExplainError::NotFinite {
            sample: place % samples.nrows(),
            feature: place / samples.nrows(),
        }),
        None => Ok(()),
    }
}
