//! How much of a score lies in the whole face: the measure of section 3.2.

use burn::tensor::{Device, Tensor, TensorData};

use crate::equations::interaction;

/// `I([N])` of Eq. 1 for every picture: its units are the cells of a grid, what is masked is zero,
/// and `f` is the logit of the picture's true class. Where it separates the classes, the classifier
/// judges by the face as a whole, which carries the identity, rather than by its parts.
///
/// It takes `grid * grid + 2` forward passes of each picture, `grid` of them at once.
///
/// - `class_logits`: a classifier, from `[batch, 3, height, width]` to `[batch, classes]`
/// - `images`: `[batch, 3, height, width]`, as the classifier takes them
/// - `labels`: the true class of each picture
/// - `grid`: cells a side; paper: 16
///
/// # Panics
///
/// Panics if `grid` is zero, if there is not one label for each picture, or if a label is no class.
pub fn identity_interaction(
    class_logits: impl Fn(Tensor<4>) -> Tensor<2>,
    images: Tensor<4>,
    labels: &[usize],
    grid: usize,
) -> Vec<f64> {
    let [batch, channels, height, width] = images.dims();
    assert!(grid > 0, "a grid must have cells");
    assert_eq!(labels.len(), batch, "one label for each picture");
    let device = images.device();
    let scores = |pictures: Tensor<4>, label: usize| -> Vec<f64> {
        let logits = class_logits(pictures).narrow(1, label, 1).into_data();
        logits.iter::<f64>().collect()
    };
    let of_picture = |(picture, &label): (usize, &usize)| {
        let image = images.clone().narrow(0, picture, 1);
        let whole = scores(image.clone(), label)[0];
        let empty = scores(image.zeros_like(), label)[0];
        let singles: Vec<f64> = (0..grid)
            .flat_map(|row| {
                let cells = row_cells(row, grid, [height, width], &device);
                let repeated = image.clone().expand([grid, channels, height, width]);
                scores(repeated * cells, label)
            })
            .collect();
        interaction(whole, empty, &singles)
    };
    labels.iter().enumerate().map(of_picture).collect()
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
