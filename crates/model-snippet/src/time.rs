//! Neighbours along one axis, with zeros beyond its ends.

use burn::tensor::Tensor;

/// Which end of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    First,
    Last,
}

/// One more element, zero, at an end of `dim`.
pub(crate) fn zero_at<const D: usize>(x: Tensor<D>, dim: usize, end: End) -> Tensor<D> {
    let mut shape = x.dims();
    shape[dim] = 1;
    let zero = Tensor::zeros(shape, &x.device());
    match end {
        End::First => Tensor::cat(vec![zero, x], dim),
        End::Last => Tensor::cat(vec![x, zero], dim),
    }
}

/// The tensor without the element at an end of `dim`, which has two elements or more.
pub(crate) fn without<const D: usize>(x: Tensor<D>, dim: usize, end: End) -> Tensor<D> {
    let rest = x.dims()[dim] - 1;
    x.narrow(dim, usize::from(end == End::First), rest)
}

/// The elements before, at and after each place of `dim`, zero outside.
pub(crate) fn neighbours<const D: usize>(x: Tensor<D>, dim: usize) -> [Tensor<D>; 3] {
    if x.dims()[dim] == 1 {
        return [x.zeros_like(), x.clone(), x.zeros_like()];
    }
    let before = zero_at(without(x.clone(), dim, End::Last), dim, End::First);
    let after = zero_at(without(x.clone(), dim, End::First), dim, End::Last);
    [before, x, after]
}

/// A depthwise convolution along `dim` that keeps the length: element `i` of the result is the sum
/// over `j` of `taps[j]` times element `i + j - taps.len() / 2`, zero outside.
///
/// Taps have length 1 along `dim` and broadcast elsewhere. Written as products of slices, because
/// the layout of the 2-D convolutions has no axis that a grouped convolution could run along, and
/// this needs none: on a CPU it takes half the time of that convolution alone, a third of it in
/// training.
pub(crate) fn convolve<const D: usize>(x: &Tensor<D>, taps: &[Tensor<D>], dim: usize) -> Tensor<D> {
    let length = x.dims()[dim];
    let slices: Vec<Tensor<D>> = (0..length)
        .map(|index| x.clone().narrow(dim, index, 1))
        .collect();
    let centre = taps.len() / 2;
    let results = (0..length)
        .map(|index| {
            let terms = taps.iter().enumerate().filter_map(|(j, tap)| {
                let neighbour = slices.get((index + j).checked_sub(centre)?)?;
                Some(neighbour.clone() * tap.clone())
            });
            terms
                .reduce(|sum, term| sum + term)
                .expect("the centre of an odd number of taps is never outside")
        })
        .collect();
    Tensor::cat(results, dim)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    fn row(values: &[f32]) -> Tensor<2> {
        Tensor::from_data(
            TensorData::new(values.to_vec(), [1, values.len()]),
            &Device::flex(),
        )
    }

    fn values(tensor: Tensor<2>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn neighbours_are_zero_outside() {
        let [before, at, after] = neighbours(row(&[1.0, 2.0, 3.0]), 1);
        assert_eq!(values(before), [0.0, 1.0, 2.0]);
        assert_eq!(values(at), [1.0, 2.0, 3.0]);
        assert_eq!(values(after), [2.0, 3.0, 0.0]);
        let lonely = neighbours(row(&[4.0]), 1).map(values);
        assert_eq!(lonely, [[0.0], [4.0], [0.0]]);
    }

    #[test]
    fn convolution_correlates_as_networks_do() {
        let taps = [1.0, 10.0, 100.0].map(|tap| row(&[tap]));
        let convolved = convolve(&row(&[1.0, 2.0, 3.0]), &taps, 1);
        assert_eq!(values(convolved), [210.0, 321.0, 32.0]);
        let five = [1.0, 10.0, 100.0, 1e3, 1e4].map(|tap| row(&[tap]));
        assert_eq!(values(convolve(&row(&[2.0]), &five, 1)), [200.0]);
    }
}
