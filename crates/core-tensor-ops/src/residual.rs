//! How a residual block ends.

use burn::tensor::Tensor;
use burn::tensor::activation::relu;

/// `relu(a + b)`; on a CPU in one pass, by `cpu-ops`.
///
/// # Shapes
///
/// - `a`, `b`, result: the same, any
pub fn add_relu<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> Tensor<D> {
    #[cfg(feature = "cpu")]
    if cpu_ops::takes(&a) && cpu_ops::takes(&b) {
        return cpu_ops::add_relu(a, b);
    }
    relu(a + b)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    /// The result, and the gradients of both where the first is used once more.
    fn outcome(add_relu: impl Fn(Tensor<2>, Tensor<2>) -> Tensor<2>) -> [TensorData; 3] {
        let device = Device::flex().autodiff();
        let a =
            Tensor::<2>::from_data([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]], &device).require_grad();
        let b =
            Tensor::<2>::from_data([[-3.0, 4.0, 0.5], [0.0, -3.0, 2.5]], &device).require_grad();
        let sum = add_relu(a.clone() * 2.0, b.clone());
        let gradients = (sum.clone().powi_scalar(2) + a.clone()).sum().backward();
        [
            sum.into_data(),
            a.grad(&gradients).unwrap().into_data(),
            b.grad(&gradients).unwrap().into_data(),
        ]
    }

    #[test]
    fn values_and_gradients_are_those_of_a_sum_and_a_relu() {
        assert_eq!(outcome(add_relu), outcome(|a, b| relu(a + b)));
        let plain = |values: [f32; 2]| Tensor::<1>::from_data(values, &Device::flex());
        let sum = add_relu(plain([1.0, f32::NAN]), plain([-2.0, 0.0]));
        let values: Vec<f32> = sum.into_data().try_to_vec().unwrap();
        assert_eq!(values[0], 0.0);
        assert!(values[1].is_nan());
    }
}
