//! Values and gradients are those of Burn's own operations.

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{DType, Device, Tensor, TensorData, Tolerance};

fn tensor<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    let count: usize = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|i| (i as f32 * 0.37).sin()).collect();
    Tensor::from_data(TensorData::new(values, shape), device).require_grad()
}

/// The result, and the gradients of the maps and the weights.
fn outcome(
    shapes: [[usize; 4]; 2],
    convolve: impl Fn(Tensor<4>, Tensor<4>) -> Tensor<4>,
) -> Vec<TensorData> {
    let device = Device::flex().autodiff();
    let [maps, weight] = shapes.map(|shape| tensor(shape, &device));
    let result = convolve(maps.clone(), weight.clone());
    let gradients = result.clone().powi_scalar(2).sum().backward();
    vec![
        result.into_data(),
        maps.grad(&gradients).unwrap().into_data(),
        weight.grad(&gradients).unwrap().into_data(),
    ]
}

#[test]
fn convolutions_are_burns() {
    for (maps, outputs, kernel, stride, padding) in [
        ([2, 6, 9, 14], 5, [3, 3], [1, 1], [1, 1]),
        ([2, 6, 9, 14], 5, [3, 3], [2, 2], [1, 1]),
        ([3, 3, 17, 17], 4, [7, 7], [2, 2], [3, 3]),
        ([2, 6, 9, 14], 5, [1, 1], [1, 1], [0, 0]),
        ([2, 6, 9, 14], 5, [1, 1], [2, 2], [0, 0]),
        ([2, 6, 9, 14], 5, [3, 1], [1, 1], [1, 0]),
        ([2, 6, 9, 14], 5, [1, 3], [1, 2], [0, 1]),
        ([2, 6, 8, 8], 5, [2, 2], [3, 3], [1, 0]),
        ([2, 1, 8, 8], 5, [3, 3], [1, 1], [1, 1]),
        // Many channels on small maps, few on large ones: parts of several pictures and of some rows.
        ([5, 70, 7, 7], 33, [3, 3], [1, 1], [1, 1]),
        ([2, 2, 90, 70], 3, [3, 3], [1, 1], [1, 1]),
        ([5, 3, 20, 17], 6, [3, 3], [1, 1], [1, 1]),
        ([1, 5, 20, 17], 37, [1, 1], [1, 1], [0, 0]),
        // By tiles: whole ones and cut ones, groups of channels that are not full, more than one part.
        ([1, 32, 28, 28], 48, [3, 3], [1, 1], [1, 1]),
        ([3, 37, 21, 18], 42, [3, 3], [1, 1], [1, 1]),
        ([2, 40, 31, 25], 33, [3, 3], [1, 1], [0, 0]),
        ([4, 32, 15, 19], 34, [3, 3], [1, 1], [2, 1]),
        ([3, 300, 15, 15], 4, [1, 1], [1, 1], [0, 0]),
    ] {
        let weight = [outputs, maps[1], kernel[0], kernel[1]];
        let ours = outcome([maps, weight], |x, w| {
            cpu_ops::conv2d(x, w, stride, [padding; 2])
        });
        let theirs = outcome([maps, weight], |x, w| {
            conv2d(x, w, None, ConvOptions::new(stride, padding, [1, 1], 1))
        });
        for (ours, theirs) in ours.iter().zip(&theirs) {
            let values: Vec<f32> = theirs.clone().try_to_vec().unwrap();
            // Sums of so many terms are rounded by their largest.
            let largest = values
                .iter()
                .fold(1.0, |largest: f32, value| largest.max(value.abs()));
            ours.assert_approx_eq::<f32>(theirs, Tolerance::rel_abs(1e-4, 2e-5 * largest));
        }
    }
}

#[test]
fn convolutions_of_each_channel_are_burns() {
    for (maps, kernel, stride, padding) in [
        ([2, 6, 9, 14], [3, 3], [1, 1], [1, 1]),
        ([2, 6, 9, 14], [3, 3], [2, 2], [1, 1]),
        ([2, 6, 15, 15], [5, 5], [2, 2], [2, 2]),
        ([2, 6, 15, 15], [5, 3], [2, 1], [2, 1]),
        ([2, 6, 9, 14], [3, 3], [2, 2], [0, 0]),
        ([1, 6, 4, 5], [3, 3], [1, 1], [0, 0]),
    ] {
        let weight = [maps[1], 1, kernel[0], kernel[1]];
        let ours = outcome([maps, weight], |x, w| {
            cpu_ops::conv2d(x, w, stride, [padding; 2])
        });
        let theirs = outcome([maps, weight], |x, w| {
            conv2d(
                x,
                w,
                None,
                ConvOptions::new(stride, padding, [1, 1], maps[1]),
            )
        });
        for (ours, theirs) in ours.iter().zip(&theirs) {
            ours.assert_approx_eq::<f32>(theirs, Tolerance::rel_abs(1e-4, 1e-3));
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_to_the_last_digit() {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let mut all = outcome([[3, 24, 40, 40], [16, 24, 3, 3]], |x, w| {
                cpu_ops::conv2d(x, w, [1, 1], [[1, 1]; 2])
            });
            all.extend(outcome([[3, 40, 24, 24], [33, 40, 3, 3]], |x, w| {
                cpu_ops::conv2d(x, w, [1, 1], [[1, 1]; 2])
            }));
            all.extend(outcome([[3, 24, 40, 40], [24, 1, 3, 3]], |x, w| {
                let maps = cpu_ops::conv2d(x, w, [2, 2], [[1, 1]; 2]);
                let device = maps.device();
                let (gamma, beta) = (Tensor::ones([24], &device), Tensor::zeros([24], &device));
                cpu_ops::batch_norm(maps, gamma, beta, 1e-5, [0.0, 6.0]).0
            }));
            all
        })
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn other_tensors_are_burns() {
    let device = Device::flex();
    let maps = Tensor::<4>::zeros([1, 1, 2, 2], &device);
    assert!(cpu_ops::takes(&maps));
    assert!(cpu_ops::takes(&Tensor::<4>::zeros(
        [1, 1, 2, 2],
        &device.autodiff()
    )));
    assert!(!cpu_ops::takes(&maps.cast(DType::F64)));
}

#[test]
fn no_picture_gives_no_maps_and_no_gradient() {
    for (size, weight) in [(3, [4, 2, 3, 3]), (20, [4, 2, 1, 1]), (5, [2, 1, 3, 3])] {
        let maps = [0, 2, size, size];
        let [out, of_maps, of_weight] = &outcome([maps, weight], |x, w| {
            cpu_ops::conv2d(x, w, [1, 1], [[0, 0]; 2])
        })[..] else {
            panic!("a result and two gradients");
        };
        assert_eq!((out.num_elements(), of_maps.num_elements()), (0, 0));
        of_weight.assert_eq(&TensorData::zeros::<f32, _>(weight), false);
    }
}

#[test]
#[should_panic(expected = "a kernel of [3, 3] on maps of [2, 2]")]
fn a_kernel_larger_than_the_maps_is_refused() {
    let device = Device::flex();
    let (maps, weight) = (
        Tensor::zeros([1, 1, 2, 2], &device),
        Tensor::zeros([1, 1, 3, 3], &device),
    );
    let _ = cpu_ops::conv2d(maps, weight, [1, 1], [[0, 0]; 2]);
}
