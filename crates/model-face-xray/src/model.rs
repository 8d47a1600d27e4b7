//! The network: a backbone, the X-ray that it draws, and the class that follows from the X-ray.

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::activation::{sigmoid, softmax};
use burn::tensor::{Int, Tensor};
use core_tensor_ops::{
    Backbone, Detection, Detector, InputSpec, MapSpec, Tap, convolve, global_average_pool, judging,
    resize_bilinear,
};
use rand::Rng;

use crate::equations::{class_loss, face_xray, overall_loss, xray_loss};

/// Face X-ray on any backbone. Built by [`FaceXrayConfig::init`](crate::FaceXrayConfig::init) or
/// [`init_on`](crate::FaceXrayConfig::init_on).
#[derive(Module, Debug)]
pub struct FaceXray<B> {
    /// The plugged-in network.
    pub backbone: B,
    /// The 1x1 convolution of the concatenated maps to one channel, a part for each of them.
    pub(crate) project: Vec<Conv2d>,
    pub(crate) fc: Linear,
    /// Indices among the backbone's maps of those that the head reads, the finest first.
    #[module(skip)]
    pub(crate) maps: Vec<usize>,
    pub(crate) lambda: f64,
    #[module(skip)]
    pub(crate) input: InputSpec,
}

/// What the network says of a batch.
#[derive(Clone, Debug)]
pub struct FaceXrayOutput {
    /// `[batch, 1, H, W]` at the input's size: the argument of the X-ray's sigmoid.
    pub xray_logits: Tensor<4>,
    /// `[batch, 2]`: logits of real and forged.
    pub class_logits: Tensor<2>,
}

/// The losses of a batch, each `[1]`.
#[derive(Clone, Debug)]
pub struct FaceXrayLoss {
    /// Eq. 5, what training minimises.
    pub total: Tensor<1>,
    /// Eq. 3, the X-ray's, before its weight.
    pub xray: Tensor<1>,
    /// Eq. 4, the class's.
    pub class: Tensor<1>,
}

impl<B: Backbone> FaceXray<B> {
    /// The X-ray and the class.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, H, W]`
    pub fn forward(&self, images: Tensor<4>) -> FaceXrayOutput {
        let [_, _, height, width] = images.dims();
        self.head(&self.backbone.feature_maps(images), [height, width])
    }

    /// As [`forward`](Self::forward), with what the backbone drops at random in training, drawn from
    /// `rng`.
    pub fn training_forward(&self, images: Tensor<4>, rng: &mut dyn Rng) -> FaceXrayOutput {
        let [_, _, height, width] = images.dims();
        let maps = self.backbone.training_maps(images, rng);
        self.head(&maps, [height, width])
    }

    fn head(&self, maps: &[Tensor<4>], size: [usize; 2]) -> FaceXrayOutput {
        let [_, _, height, width] = maps[self.maps[0]].dims();
        let parts = self.maps.iter().zip(&self.project).map(|(&map, project)| {
            // A 1x1 convolution of concatenated, enlarged maps is the sum of its parts, and what is
            // convolved first is enlarged as one channel.
            let part = convolve(project, maps[map].clone());
            match part.dims()[2..] == [height, width] {
                true => part,
                false => resize_bilinear(part, [height, width]),
            }
        });
        let sum = parts.reduce(|sum, part| sum + part);
        let sum = sum.expect("the head reads at least one map");
        let xray_logits = resize_bilinear(sum, size);
        let mean = global_average_pool(sigmoid(xray_logits.clone()));
        FaceXrayOutput {
            class_logits: self.fc.forward(mean),
            xray_logits,
        }
    }

    /// The losses of section 3.2.
    ///
    /// # Shapes
    ///
    /// - `masks`: `[batch, 1, H, W]`, in `0..=1`, 1 = forged, with soft edges; zeros for a real image
    /// - `labels`: `[batch]`, 0 = real, 1 = forged
    pub fn loss(
        &self,
        output: FaceXrayOutput,
        masks: Tensor<4>,
        labels: Tensor<1, Int>,
    ) -> FaceXrayLoss {
        let xray = xray_loss(output.xray_logits, face_xray(masks));
        let class = class_loss(output.class_logits, labels);
        FaceXrayLoss {
            total: overall_loss(self.lambda, xray.clone(), class.clone()),
            xray,
            class,
        }
    }
}

impl<B: Backbone> Detector for FaceXray<B> {
    fn input_spec(&self) -> InputSpec {
        self.input
    }

    /// The heat map is the X-ray: bright at the border of what was blended in, dark inside it.
    fn detect(&self, images: Tensor<4>) -> Detection {
        let output = self.forward(images);
        let forged = softmax(output.class_logits, 1).narrow(1, 1, 1);
        Detection {
            forged_probability: forged.squeeze_dim(1),
            heat_map: Some(sigmoid(output.xray_logits).squeeze_dim(1)),
            boxes: Vec::new(),
        }
    }

    fn layers(&self) -> Vec<MapSpec> {
        self.backbone.map_specs()
    }

    fn class_logits(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> Tensor<2> {
        let [_, _, height, width] = images.dims();
        let network = judging(self, &images);
        let maps = network.backbone.tapped_maps(images, tap);
        network.head(&maps, [height, width]).class_logits
    }
}

#[cfg(test)]
mod tests {
    use backbones::{BackboneConfig, ResNetConfig, ResNetDepth};
    use burn::nn::LinearConfig;
    use burn::tensor::{Device, TensorData};
    use core_tensor_ops::linear_kaiming_uniform;
    use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

    use super::*;
    use crate::{FaceXrayConfig, FaceXrayConfigError};

    fn small() -> FaceXrayConfig {
        FaceXrayConfig {
            backbone: BackboneConfig::ResNet(ResNetConfig {
                depth: ResNetDepth::ResNet18,
                base_width: 8,
                ..ResNetConfig::default()
            }),
            input_size: 64,
            ..FaceXrayConfig::default()
        }
    }

    fn images(device: &Device) -> Tensor<4> {
        let values: Vec<f32> = (0..2 * 3 * 64 * 64)
            .map(|i| (i as f32 * 0.37).sin())
            .collect();
        Tensor::from_data(TensorData::new(values, [2, 3, 64, 64]), device)
    }

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().iter().collect()
    }

    fn close(some: &[f32], others: &[f32]) {
        assert_eq!(some.len(), others.len());
        for (a, b) in some.iter().zip(others) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }

    /// As the paper has it: all maps enlarged to the finest, concatenated, convolved.
    #[test]
    fn the_head_is_one_convolution_of_the_concatenated_maps() {
        let device = Device::flex();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let network = small().init(&device, &mut rng).unwrap();
        let images = images(&device);
        let maps = network.backbone.feature_maps(images.clone());
        let read = network.maps.iter().map(|&map| maps[map].clone());
        let read: Vec<_> = read.map(|map| resize_bilinear(map, [16, 16])).collect();
        assert_eq!(read.len(), 4);
        let weights = network.project.iter().map(|conv| conv.weight.val());
        let weight = Tensor::cat(weights.collect(), 1);
        let bias = network.project[0].bias.as_ref().unwrap().val();
        let logits = core_tensor_ops::convolve_by(Tensor::cat(read, 1), weight, [0, 0]);
        let logits = resize_bilinear(logits + bias.reshape([1, 1, 1, 1]), [64, 64]);
        close(
            &values(network.forward(images).xray_logits),
            &values(logits),
        );
    }

    #[test]
    fn the_heat_map_is_the_x_ray_whose_mean_is_judged() {
        let device = Device::flex();
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let mut network = small().init(&device, &mut rng).unwrap();
        // The initial weights are zero, and would judge all alike.
        network.fc = linear_kaiming_uniform(&LinearConfig::new(1, 2), &device, &mut rng);
        let images = images(&device);
        let told = network.detect(images.clone());
        let map = told.heat_map.unwrap();
        assert_eq!(map.dims(), [2, 64, 64]);
        let mean = map.mean_dim(2).mean_dim(1).reshape([2, 1]);
        let by_hand = values(softmax(network.fc.forward(mean), 1).narrow(1, 1, 1));
        close(&values(told.forged_probability), &by_hand);
        let logits = network.class_logits(images, &mut |_, map| map);
        let shares = softmax(logits, 1).narrow(1, 1, 1);
        close(&values(shares), &by_hand);
    }

    #[test]
    fn each_loss_teaches_its_own_layer() {
        let device = Device::flex().autodiff();
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let network = small().init(&device, &mut rng).unwrap();
        let halves = Tensor::<4>::ones([1, 1, 64, 64], &device).mul_scalar(0.5);
        let masks = Tensor::cat(vec![halves.zeros_like(), halves], 0);
        let labels = Tensor::<1, Int>::from_ints([0, 1], &device);
        let mut losses = || {
            let output = network.training_forward(images(&device), &mut rng);
            network.loss(output, masks.clone(), labels.clone())
        };
        let loss = losses();
        let weighted = 1000.0 * values(loss.xray.clone())[0] + values(loss.class)[0];
        let total = values(loss.total)[0];
        assert!(
            (total - weighted).abs() < 1e-3 * total.abs(),
            "{total} {weighted}"
        );
        let reaches = |gradient: Option<Tensor<2>>| {
            gradient.is_some_and(|g| values(g).iter().any(|g| *g != 0.0))
        };
        let gradients = loss.xray.backward();
        let coarsest = network.project.last().unwrap().weight.val();
        let coarsest = coarsest.grad(&gradients).map(|g| g.flatten(1, 3));
        assert!(reaches(coarsest));
        assert!(!reaches(network.fc.weight.val().grad(&gradients)));
        // A graph has one way back.
        let gradients = losses().class.backward();
        assert!(reaches(network.fc.weight.val().grad(&gradients)));
    }

    #[test]
    fn what_cannot_be_built_is_refused() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut refused = |config: FaceXrayConfig| {
            let network = config.init(&Device::flex(), &mut rng);
            network.unwrap_err()
        };
        let coarse = FaceXrayConfig {
            finest_stride: 64,
            ..small()
        };
        assert_eq!(
            refused(coarse),
            FaceXrayConfigError::NoMap {
                finest: 64,
                available: vec![2, 4, 8, 16, 32],
            }
        );
        let negative = FaceXrayConfig {
            lambda: -1.0,
            ..small()
        };
        let said = refused(negative).to_string();
        assert_eq!(said, "lambda must be finite and not negative, not -1");
    }
}
