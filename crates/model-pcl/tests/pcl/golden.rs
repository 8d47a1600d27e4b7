//! The equations against a NumPy script that spells them out pair by pair.

use burn::tensor::{Device, Int, Tensor, TensorData, Tolerance};
use model_pcl::equations::{
    coarse_mask, consistency_logits, consistency_loss, consistency_targets, consistency_volume,
    overall_loss,
};
use serde::Deserialize;

/// Sums of at most a few dozen single-precision products and a mean of a few hundred logarithms:
/// some ulps of numbers near one.
const TOLERANCE: f32 = 2e-6;
const BATCH: usize = 2;
const CHANNELS: usize = 6;

#[derive(Deserialize)]
struct Golden {
    grid: [usize; 2],
    mask_size: [usize; 2],
    embedding: usize,
    features: Vec<f32>,
    theta_weight: Vec<f32>,
    theta_bias: Vec<f32>,
    phi_weight: Vec<f32>,
    phi_bias: Vec<f32>,
    masks: Vec<f32>,
    labels: Vec<i64>,
    class_logits: Vec<f32>,
    volume: Vec<f32>,
    coarse: Vec<f32>,
    targets: Vec<f32>,
    pcl: f32,
    cls: f32,
    lambda: f64,
    total: f32,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/pcl.json")).unwrap()
}

fn tensor<const D: usize>(values: &[f32], shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
}

fn assert_close<const D: usize>(tensor: Tensor<D>, expected: &[f32]) {
    let expected = TensorData::new(expected.to_vec(), tensor.dims());
    tensor
        .into_data()
        .assert_approx_eq::<f32>(&expected, Tolerance::rel_abs(TOLERANCE, TOLERANCE));
}

impl Golden {
    /// A 1x1 convolution of the features, by its weight and bias.
    fn embed(&self, weight: &[f32], bias: &[f32]) -> Tensor<4> {
        let features = tensor(
            &self.features,
            [BATCH, CHANNELS, self.grid[0], self.grid[1]],
        );
        let weight = tensor(weight, [self.embedding, CHANNELS, 1, 1]);
        let bias = tensor(bias, [self.embedding]);
        let options = burn::tensor::ops::ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
        burn::tensor::module::conv2d(features, weight, Some(bias), options)
    }

    fn theta(&self) -> Tensor<4> {
        self.embed(&self.theta_weight, &self.theta_bias)
    }

    fn phi(&self) -> Tensor<4> {
        self.embed(&self.phi_weight, &self.phi_bias)
    }

    fn coarse(&self) -> Tensor<4> {
        let masks = tensor(
            &self.masks,
            [BATCH, 1, self.mask_size[0], self.mask_size[1]],
        );
        coarse_mask(masks, self.grid)
    }
}

#[test]
fn equation_1_volume() {
    let golden = golden();
    let volume = consistency_volume(golden.theta(), golden.phi());
    let [height, width] = golden.grid;
    assert_eq!(volume.dims(), [BATCH, height, width, height, width]);
    assert_close(volume, &golden.volume);
}

#[test]
fn equation_2_targets() {
    let golden = golden();
    assert_close(golden.coarse(), &golden.coarse);
    assert_close(consistency_targets(golden.coarse()), &golden.targets);
}

#[test]
fn equations_3_and_4_losses() {
    let golden = golden();
    let logits = consistency_logits(golden.theta(), golden.phi());
    let pcl = consistency_loss(logits, consistency_targets(golden.coarse()));
    assert_close(pcl.clone(), &[golden.pcl]);

    let labels = Tensor::<1, Int>::from_data(
        TensorData::new(golden.labels.clone(), [BATCH]),
        &Device::flex(),
    );
    let cross_entropy = burn::nn::loss::CrossEntropyLossConfig::new().init(&Device::flex());
    let cls = cross_entropy.forward(tensor(&golden.class_logits, [BATCH, 2]), labels);
    assert_close(cls.clone(), &[golden.cls]);
    assert_close(overall_loss(golden.lambda, pcl, cls), &[golden.total]);
}
