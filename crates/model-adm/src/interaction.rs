//! How much of a score lies in the whole face: the measure of section 3.2.

use burn::tensor::{Device, Tensor, TensorData};
use core_tensor_ops::forged_log_odds;
use serde::{Deserialize, Serialize};

use crate::equations::interaction;

/// The scalar `f` of section 3.2, "the binary classifier, which outputs a scalar score for an input
/// image": the same for every picture, whatever its label, so that its AUC says nothing of the label.
/// Which of a classifier's outputs it is, the paper leaves open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScalarScore {
    /// The logit of forged.
    #[default]
    ForgedLogit,
    /// The logit of forged minus that of real: the log-odds of forged.
    LogOdds,
}

impl ScalarScore {
    /// The scalar of a batch.
    ///
    /// # Shapes
    ///
    /// - `class_logits`: `[batch, 2]`, of real and forged
    /// - returns `[batch]`
    pub fn of(self, class_logits: Tensor<2>) -> Tensor<1> {
        match self {
            Self::ForgedLogit => class_logits.narrow(1, 1, 1).squeeze_dim(1),
            Self::LogOdds => forged_log_odds(class_logits),
        }
    }

    /// For a person.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ForgedLogit => "the logit of forged",
            Self::LogOdds => "the log-odds of forged",
        }
    }
}

/// `I([N])` of Eq. 1 for every picture: its units are the cells of a grid, and what is masked is zero.
/// Where it separates the classes, the classifier judges by the face as a whole, which carries the
/// identity, rather than by its parts.
///
/// It takes `grid * grid + 2` forward passes of each picture, `grid` of them at once.
///
/// - `score`: `f`, from `[batch, 3, height, width]` to `[batch]`, as of a [`ScalarScore`]
/// - `images`: `[batch, 3, height, width]`, as the classifier takes them
/// - `grid`: cells a side; paper: 16
///
/// # Panics
///
/// Panics if `grid` is zero.
pub fn identity_interaction(
    score: impl Fn(Tensor<4>) -> Tensor<1>,
    images: Tensor<4>,
    grid: usize,
) -> Vec<f64> {
    let [batch, channels, height, width] = images.dims();
    assert!(grid > 0, "a grid must have cells");
    let device = images.device();
    let scores =
        |pictures: Tensor<4>| -> Vec<f64> { score(pictures).into_data().iter::<f64>().collect() };
    let of_picture = |picture: usize| {
        let image = images.clone().narrow(0, picture, 1);
        let whole = scores(image.clone())[0];
        let empty = scores(image.zeros_like())[0];
        let singles: Vec<f64> = (0..grid)
            .flat_map(|row| {
                let cells = row_cells(row, grid, [height, width], &device);
                let repeated = image.clone().expand([grid, channels, height, width]);
                scores(repeated * cells)
            })
            .collect();
        interaction(whole, empty, &singles)
    };
    (0..batch).map(of_picture).collect()
}

/// The masks of one row of cells, `[grid, 1, height, width]`: each is 1 on its cell and 0 elsewhere.
fn row_cells(row: usize, grid: usize, [height, width]: [usize; 2], device: &Device) -> Tensor<4> {
    let bounds = |cell: usize, side: usize| cell * side / grid..(cell + 1) * side / grid;
    let rows = bounds(row, height);
    let mut cells = vec![0.0f32; grid * height * width];
    for column in 0..grid {
        for y in rows.clone() {
            let start = (column * height + y) * width;
            let columns = bounds(column, width);
            cells[start + columns.start..start + columns.end].fill(1.0);
        }
    }
    Tensor::from_data(TensorData::new(cells, [grid, 1, height, width]), device)
}
