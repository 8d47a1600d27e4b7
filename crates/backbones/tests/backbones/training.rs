//! Gradients, initial weights and running statistics.

use backbones::{
    EfficientNetConfig, EfficientNetVariant, LoadOptions, ResNet, ResNetConfig, ResNetDepth,
    XceptionConfig, load_weights, save_safetensors,
};
use burn::module::{Module, ModuleVisitor, Param};
use burn::store::ModuleSnapshot;
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use core_tensor_ops::Backbone;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn narrow(depth: ResNetDepth, device: &Device) -> ResNet {
    let config = ResNetConfig {
        depth,
        base_width: 2,
        classes: Some(3),
        ..ResNetConfig::default()
    };
    config.init(device, &mut ChaCha8Rng::seed_from_u64(7))
}

/// Counts parameters, and lists those whose gradient is absent or zero everywhere.
struct GradientCheck<'a> {
    gradients: &'a Gradients,
    path: Vec<String>,
    parameters: usize,
    without: Vec<String>,
}

impl ModuleVisitor for GradientCheck<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !param.is_require_grad() {
            return;
        }
        self.parameters += 1;
        let largest = param
            .val()
            .grad(self.gradients)
            .map_or(0.0, |gradient| gradient.abs().max().into_scalar::<f32>());
        if !(largest > 0.0 && largest.is_finite()) {
            self.without.push(self.path.join("."));
        }
    }
}

fn images(device: &Device) -> Tensor<4> {
    let mut rng = ChaCha8Rng::seed_from_u64(8);
    let shape = [2, 3, 64, 64];
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_| rng.random_range(-1.0..1.0))
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

#[test]
fn every_parameter_gets_a_gradient() {
    let directory = tempfile::tempdir().unwrap();
    let device = Device::flex().autodiff();
    for (depth, parameters) in [
        (ResNetDepth::ResNet18, 62),
        (ResNetDepth::ResNet34, 110),
        (ResNetDepth::ResNet50, 161),
    ] {
        let mut resnet = narrow(depth, &device);
        // Loading must not detach parameters from training.
        let path = directory.path().join("weights.safetensors");
        save_safetensors(&resnet, &path).unwrap();
        load_weights(&mut resnet, &path, &LoadOptions::default()).unwrap();

        let loss = resnet.forward(images(&device)).powi_scalar(2).sum();
        assert_gradients(&resnet, loss, parameters);
    }
}

/// Checks that every parameter, of which there are so many, takes part in the loss.
fn assert_gradients<M: Module>(module: &M, loss: Tensor<1>, parameters: usize) {
    let gradients = loss.backward();
    let mut check = GradientCheck {
        gradients: &gradients,
        path: vec![],
        parameters: 0,
        without: vec![],
    };
    module.visit(&mut check);
    assert_eq!(check.without, Vec::<String>::new());
    assert_eq!(check.parameters, parameters);
}

#[test]
fn every_parameter_of_an_xception_gets_a_gradient() {
    let device = Device::flex().autodiff();
    // The scale of a stem of one channel would be normalised away behind it, and its gradient be nothing but rounding.
    let config = XceptionConfig {
        width: 1.0 / 16.0,
        classes: Some(3),
        ..XceptionConfig::default()
    };
    let xception = config.init(&device, &mut ChaCha8Rng::seed_from_u64(7));
    let loss = xception.forward(images(&device)).powi_scalar(2).sum();
    // 2 convolutions in the stem, 34 separable ones and 4 skips; a normalisation after each; the
    // head.
    assert_gradients(&xception, loss, 2 + 34 * 2 + 4 + 40 * 2 + 2);
}

#[test]
fn every_parameter_of_an_efficientnet_gets_a_gradient() {
    let device = Device::flex().autodiff();
    // Blocks: one a stage, the first without expansion. Convolutions and normalisations (2 each):
    // 2 in the first block, 3 in the six others, 2 at the ends; 4 tensors of a squeeze and
    // excitation for each block; the head's 2.
    for (variant, parameters) in [
        (EfficientNetVariant::B0, 22 * 3 + 7 * 4 + 2),
        (EfficientNetVariant::Lite0, 22 * 3 + 2),
    ] {
        let config = EfficientNetConfig {
            variant,
            width: Some(0.1),
            depth: Some(0.1),
            classes: Some(3),
            ..EfficientNetConfig::default()
        };
        let network = config.init(&device, &mut ChaCha8Rng::seed_from_u64(7));
        let loss = network.forward(images(&device)).powi_scalar(2).sum();
        assert_gradients(&network, loss, parameters);
    }
}

#[test]
fn one_seed_gives_one_network() {
    let bytes = |resnet: &ResNet| -> Vec<Vec<u8>> {
        let tensors = resnet.collect(None, None, false);
        tensors
            .iter()
            .map(|tensor| tensor.to_bytes().unwrap().to_vec())
            .collect()
    };
    let device = Device::flex();
    let first = narrow(ResNetDepth::ResNet18, &device);
    assert_eq!(
        bytes(&first),
        bytes(&narrow(ResNetDepth::ResNet18, &device))
    );
}

#[test]
fn blocks_can_start_as_the_identity() {
    let device = Device::flex();
    for depth in [ResNetDepth::ResNet18, ResNetDepth::ResNet50] {
        let config = ResNetConfig {
            depth,
            base_width: 2,
            zero_init_residual: true,
            ..ResNetConfig::default()
        };
        let resnet = config.init(&device, &mut ChaCha8Rng::seed_from_u64(7));
        let zeros = resnet
            .collect(None, None, false)
            .iter()
            .filter(|t| t.name.ends_with("gamma"))
            .filter(|t| t.to_bytes().unwrap().iter().all(|byte| *byte == 0))
            .count();
        assert_eq!(
            zeros,
            if depth == ResNetDepth::ResNet18 {
                8
            } else {
                16
            }
        );
    }
}

#[test]
fn training_moves_the_running_statistics_and_files_hold_the_latest() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("weights.safetensors");
    let device = Device::flex().autodiff();
    let mut resnet = narrow(ResNetDepth::ResNet18, &device);
    let statistics = |resnet: &ResNet| -> Vec<Vec<u8>> {
        let tensors = resnet.valid().collect(None, None, false);
        let statistics = tensors.iter().filter(|t| t.name.contains("running"));
        statistics.map(|t| t.to_bytes().unwrap().to_vec()).collect()
    };
    let fresh = statistics(&resnet);
    assert_eq!(fresh.len(), 40);
    resnet.valid().forward(images(&Device::flex()));
    assert_eq!(statistics(&resnet), fresh, "inference moves nothing");

    // Saved at once after a single step, before anything else could fold the update in.
    resnet.forward(images(&device));
    save_safetensors(&resnet, &path).unwrap();
    let trained = statistics(&resnet);
    assert!(
        fresh
            .iter()
            .zip(&trained)
            .all(|(fresh, trained)| fresh != trained)
    );
    let mut loaded = narrow(ResNetDepth::ResNet18, &device);
    load_weights(&mut loaded, &path, &LoadOptions::default()).unwrap();
    assert_eq!(statistics(&loaded), trained);

    // An update that is still pending does not survive a load.
    resnet.forward(images(&device));
    load_weights(&mut resnet, &path, &LoadOptions::default()).unwrap();
    assert_eq!(statistics(&resnet), trained);
}

#[test]
fn fewer_stages_give_fewer_maps() {
    let config = ResNetConfig {
        stages: 3,
        base_width: 8,
        ..ResNetConfig::default()
    };
    let resnet = config.init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(0));
    let strides: Vec<usize> = resnet.map_specs().iter().map(|spec| spec.stride).collect();
    assert_eq!(strides, [2, 4, 8, 16]);
    // An odd size: the maps are rounded up.
    let maps = resnet.feature_maps(Tensor::zeros([1, 3, 50, 33], &Device::flex()));
    assert_eq!(maps[3].dims(), [1, 32, 4, 3]);
}

#[test]
fn recipes_are_read_strictly() {
    let config: ResNetConfig = serde_json::from_str(r#"{"depth": 50, "base_width": 16}"#).unwrap();
    assert_eq!(
        (config.depth, config.base_width, config.stages),
        (ResNetDepth::ResNet50, 16, 4)
    );
    for wrong in [r#"{"depth": 35}"#, r#"{"width": 16}"#] {
        assert!(serde_json::from_str::<ResNetConfig>(wrong).is_err());
    }
}
