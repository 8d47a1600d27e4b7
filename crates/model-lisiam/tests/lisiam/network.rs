//! A small network with weights by formula, as in `golden/generate.py`.

use std::collections::BTreeMap;

use backbones::{BackboneConfig, ResNet, ResNetConfig, ResNetDepth, XceptionConfig};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Int, Tensor, TensorData};
use model_lisiam::{Lisiam, LisiamConfig};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use test_support::{formula, values};

/// Height and width of the images.
pub(crate) const SIZE: usize = 64;

/// The script's widths, without dropout.
pub(crate) fn small() -> LisiamConfig {
    LisiamConfig {
        input_size: SIZE,
        feature_map: 2,
        auxiliary_map: 1,
        channels: 8,
        relation_channels: 6,
        transformer_channels: 10,
        squeeze_ratio: 4,
        mlp_width: 12,
        dropout: 0.0,
        attention_dropout: 0.0,
        ..LisiamConfig::default()
    }
}

/// The backbone of the default, the paper's.
pub(crate) fn the_papers_xception() -> XceptionConfig {
    match LisiamConfig::default().backbone {
        BackboneConfig::Xception(config) => config,
        other => panic!("the paper's backbone is an Xception, not {other:?}"),
    }
}

/// On ResNet-18 of base width 4 up to `layer2`, with drawn weights.
pub(crate) fn build(config: &LisiamConfig, device: &Device) -> Lisiam<ResNet> {
    let backbone = ResNetConfig {
        depth: ResNetDepth::ResNet18,
        base_width: 4,
        stages: 2,
        ..ResNetConfig::default()
    };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let backbone = backbone.init(device, &mut rng);
    config.init_on(backbone, device, &mut rng).unwrap()
}

/// Two original images and their degraded versions, each `[2, 3, 64, 64]`, in `-2..2`.
pub(crate) fn pair(device: &Device) -> [Tensor<4>; 2] {
    [
        formula::tensor("images", [2, 3, SIZE, SIZE], device),
        formula::tensor("degraded", [2, 3, SIZE, SIZE], device),
    ]
}

/// The first image is real, the second forged in some pixels: masks and labels.
pub(crate) fn targets(device: &Device) -> (Tensor<4>, Tensor<1, Int>) {
    let masks: Vec<f32> = formula::uniform("masks", 2 * SIZE * SIZE)
        .enumerate()
        .map(|(index, u)| f32::from(u8::from(index >= SIZE * SIZE && u < 0.3)))
        .collect();
    let masks = Tensor::from_data(TensorData::new(masks, [2, 1, SIZE, SIZE]), device);
    (masks, Tensor::from_ints([0, 1], device))
}

/// The parameters and running statistics of a module, by PyTorch's names, in PyTorch's shapes.
pub(crate) fn parameters(module: &impl Module) -> BTreeMap<String, Vec<usize>> {
    let mut seen = BTreeMap::new();
    visit(module, |name, parameter| {
        seen.insert(name, parameter.shape);
    });
    seen
}

/// One parameter on a visit, in PyTorch's layout: the weight of a linear layer has its outputs
/// first.
pub(crate) struct Visited<'a> {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: &'a dyn Fn() -> Vec<f32>,
    /// Its gradient, if it has one among those given.
    pub(crate) gradient: &'a dyn Fn(&Gradients) -> Option<Vec<f32>>,
}

/// Calls `see` with every parameter and running statistic.
pub(crate) fn visit(module: &impl Module, see: impl FnMut(String, Visited<'_>)) {
    module.visit(&mut Seer {
        path: Vec::new(),
        see,
    });
}

struct Seer<F> {
    path: Vec<Entry>,
    see: F,
}

impl<F: FnMut(String, Visited<'_>)> ModuleVisitor for Seer<F> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.push(entry(name, container));
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let (name, linear) = torch_name(&self.path);
        let torch = |tensor: Tensor<D>| {
            if linear && D == 2 {
                tensor.swap_dims(0, 1)
            } else {
                tensor
            }
        };
        (self.see)(
            name,
            Visited {
                shape: torch(param.val()).dims().to_vec(),
                values: &|| values(torch(param.val())),
                gradient: &|gradients| Some(values(torch(param.val().grad(gradients)?))),
            },
        );
    }
}

/// Gives every parameter and running statistic the values of the formula.
pub(crate) fn filled<M: Module>(module: M) -> M {
    module.map(&mut Filler { path: Vec::new() })
}

struct Filler {
    path: Vec<Entry>,
}

impl ModuleMapper for Filler {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.push(entry(name, container));
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (name, linear) = torch_name(&self.path);
        param.map(|tensor| {
            let device = tensor.device();
            let mut shape = tensor.dims();
            if linear && D == 2 {
                shape.reverse();
            }
            let data = TensorData::new(formula::parameter(&name, &shape), shape);
            let filled = Tensor::from_data(data, &device);
            let filled = if linear && D == 2 {
                filled.swap_dims(0, 1)
            } else {
                filled
            };
            filled.set_require_grad(tensor.is_require_grad())
        })
    }
}

/// Name and container of a module on the path.
type Entry = (String, String);

fn entry(name: &str, container: &str) -> Entry {
    (name.to_owned(), container.to_owned())
}

/// PyTorch's name of a parameter, and whether it is a linear layer's.
fn torch_name(path: &[Entry]) -> (String, bool) {
    let named = path
        .iter()
        .filter(|(_, container)| !container.starts_with("Enum:"));
    let names: Vec<&str> = named
        .map(|(name, _)| match name.as_str() {
            "gamma" => "weight",
            "beta" => "bias",
            name => name,
        })
        .collect();
    let linear = path
        .iter()
        .any(|(_, container)| container == "Struct:Linear");
    (names.join("."), linear)
}
