//! What the equations must obey, whatever the numbers.

use burn::tensor::{Device, Distribution, Tensor, TensorData};
use model_pcl::Fusion;
use model_pcl::equations::{
    coarse_mask, consistency_logits, consistency_loss, consistency_targets, consistency_volume,
    overall_loss,
};

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

/// A `[1, 1, side, side]` mask, forged in the columns and rows given.
fn mask(side: usize, rows: std::ops::Range<usize>, columns: std::ops::Range<usize>) -> Tensor<4> {
    let forged = |index: usize| rows.contains(&(index / side)) && columns.contains(&(index % side));
    let values: Vec<f32> = (0..side * side)
        .map(|i| f32::from(u8::from(forged(i))))
        .collect();
    Tensor::from_data(TensorData::new(values, [1, 1, side, side]), &Device::flex())
}

/// Published code takes the leftmost column as the pristine reference; its targets are wrong as
/// soon as the forgery touches that column.
#[test]
fn targets_are_right_where_the_forgery_touches_the_left_column() {
    let side = 4;
    let forged = |row: usize, column: usize| row < 3 && column < 2;
    let targets = values(consistency_targets(mask(side, 0..3, 0..2)));
    for (index, &value) in targets.iter().enumerate() {
        let [h, w, k, l] = [index / 64, index / 16 % 4, index / 4 % 4, index % 4];
        let same = forged(h, w) == forged(k, l);
        assert_eq!(
            value,
            f32::from(u8::from(same)),
            "base ({h}, {w}), other ({k}, {l})"
        );
    }
}

#[test]
fn targets_of_a_real_image_are_all_ones() {
    let targets = consistency_targets(coarse_mask(mask(32, 0..0, 0..0), [4, 4]));
    assert_eq!(targets.dims(), [1, 4, 4, 4, 4]);
    assert!(values(targets).iter().all(|value| *value == 1.0));
}

#[test]
fn targets_are_symmetric_in_the_two_patches() {
    let device = Device::flex();
    let coarse = Tensor::random([2, 1, 3, 4], Distribution::Uniform(0.0, 1.0), &device);
    let targets = consistency_targets(coarse);
    let swapped = targets.clone().permute([0, 3, 4, 1, 2]);
    assert_eq!(values(targets.clone()), values(swapped));
    assert!(
        values(targets)
            .iter()
            .all(|value| (0.0..=1.0).contains(value))
    );
}

/// The prediction is not symmetric, because theta and phi differ: the first pair of axes is
/// theta's, the base patch.
#[test]
fn the_base_patch_is_thetas() {
    let device = Device::flex();
    let theta = Tensor::<4>::from_floats([[[[1.0, 0.0]]]], &device);
    let phi = Tensor::<4>::from_floats([[[[2.0, -3.0]]]], &device);
    assert_eq!(
        values(consistency_logits(theta, phi)),
        [2.0, -3.0, 0.0, 0.0]
    );
}

#[test]
fn the_loss_is_the_cross_entropy_of_the_volume() {
    let device = Device::flex();
    let uniform = |low, high| Distribution::Uniform(low, high);
    let theta = Tensor::<4>::random([2, 8, 3, 3], uniform(-1.0, 1.0), &device);
    let phi = Tensor::<4>::random([2, 8, 3, 3], uniform(-1.0, 1.0), &device);
    let targets = Tensor::<5>::random([2, 3, 3, 3, 3], uniform(0.0, 1.0), &device);
    let volume = values(consistency_volume(theta.clone(), phi.clone()));
    let entropy: f64 = volume
        .iter()
        .zip(values(targets.clone()))
        .map(|(&s, v)| {
            let (s, v) = (f64::from(s), f64::from(v));
            -v * s.ln() - (1.0 - v) * (1.0 - s).ln()
        })
        .sum::<f64>()
        / volume.len() as f64;
    let loss = values(consistency_loss(consistency_logits(theta, phi), targets))[0];
    assert!((f64::from(loss) - entropy).abs() < 1e-5, "{loss} {entropy}");
}

#[test]
fn saturated_logits_have_a_finite_loss_and_gradient() {
    let device = Device::flex().autodiff();
    let logits = Tensor::<1>::from_floats([1e4, -1e4, 1e4, -1e4, 0.0], &device).require_grad();
    let targets = Tensor::<1>::from_floats([0.0, 1.0, 1.0, 0.0, 0.25], &device);
    let loss = consistency_loss(
        logits.clone().reshape([1, 1, 1, 1, 5]),
        targets.reshape([1, 1, 1, 1, 5]),
    );
    let gradients = loss.backward();
    let loss = values(loss)[0];
    assert!((loss - (2e4 + 2.0f32.ln()) / 5.0).abs() < 1e-2, "{loss}");
    // (sigmoid(x) - V) / N
    let gradient = values(logits.grad(&gradients).unwrap());
    for (ours, expected) in gradient.iter().zip([0.2, -0.2, 0.0, 0.0, 0.05]) {
        assert!((ours - expected).abs() < 1e-6, "{gradient:?}");
    }
}

#[test]
fn lambda_weighs_the_consistency_loss_alone() {
    let device = Device::flex();
    let loss = |lambda| {
        let [pcl, cls] = [0.5, 0.25].map(|value| Tensor::<1>::from_floats([value], &device));
        values(overall_loss(lambda, pcl, cls))[0]
    };
    assert_eq!([loss(10.0), loss(0.0)], [5.25, 0.25]);
}

/// Of a perfect volume with a forged centre, the border-anchored map is the mask itself; the mean
/// map is its dimmed copy when little is forged, and its negative when most is.
#[test]
fn fusion_of_a_perfect_volume() {
    for (forged, inside, outside) in [
        (2..4, 32.0 / 36.0, 4.0 / 36.0),
        (1..5, 20.0 / 36.0, 16.0 / 36.0),
    ] {
        let coarse = mask(6, forged.clone(), forged);
        let volume = consistency_targets(coarse.clone());
        let coarse = values(coarse);
        assert_eq!(
            values(Fusion::BorderAnchored.heat_map(volume.clone())),
            coarse
        );
        for (heat, mask) in values(Fusion::Mean.heat_map(volume)).iter().zip(coarse) {
            let expected = if mask == 1.0 { inside } else { outside };
            assert!((heat - expected).abs() < 1e-6, "{heat} {expected}");
        }
    }
    let volume = consistency_targets(mask(6, 1..6, 0..6));
    let flipped = values(Fusion::Mean.heat_map(volume));
    assert!(
        flipped[0] > flipped[20],
        "five sixths forged: the pristine row is the bright one"
    );
}

#[test]
fn a_real_image_has_a_dark_map_under_every_fusion() {
    for fusion in [Fusion::Mean, Fusion::BorderAnchored] {
        let map = fusion.heat_map(consistency_targets(mask(5, 0..0, 0..0)));
        assert_eq!(map.dims(), [1, 5, 5]);
        assert!(values(map).iter().all(|value| value.abs() < 1e-6));
    }
}
