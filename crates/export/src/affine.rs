//! The weights of a layer.

/// The weights of a convolution or a linear layer, a row for each output.
#[derive(Debug, Clone)]
pub(crate) struct Affine {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Option<Vec<f32>>,
}

impl Affine {
    /// Each output times its factor, and then its summand added.
    pub(crate) fn then(mut self, factors: &[f64], summands: &[f64]) -> Self {
        let outputs = factors.len();
        let row = self.weight.len() / outputs;
        for (row, factor) in self.weight.chunks_exact_mut(row).zip(factors) {
            for weight in row {
                *weight = (f64::from(*weight) * factor) as f32;
            }
        }
        let bias = self.bias.take().unwrap_or_else(|| vec![0.0; outputs]);
        let bias = bias.iter().zip(factors).zip(summands);
        let bias = bias.map(|((bias, factor), summand)| f64::from(*bias) * factor + summand);
        self.bias = Some(bias.map(|bias| bias as f32).collect());
        self
    }

    /// The kernel's axes in another order, and then of another shape.
    pub(crate) fn permuted(mut self, order: [usize; 4], shape: [usize; 4]) -> Self {
        let strides: Vec<usize> = (0..4)
            .map(|axis| self.shape[axis + 1..].iter().product())
            .collect();
        let [a, b, c, d] = order.map(|axis| 0..self.shape[axis]);
        let mut weight = Vec::with_capacity(self.weight.len());
        for a in a {
            for b in b.clone() {
                for c in c.clone() {
                    for d in d.clone() {
                        let place = [a, b, c, d].into_iter().zip(order);
                        let place = place.map(|(index, axis)| index * strides[axis]);
                        weight.push(self.weight[place.sum::<usize>()]);
                    }
                }
            }
        }
        self.shape = shape.into();
        self.weight = weight;
        self
    }

    /// All outputs times a factor.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        let outputs = self.shape[0];
        self.then(&vec![factor; outputs], &vec![0.0; outputs])
    }
}
