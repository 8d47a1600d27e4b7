//! The networks, each with one batch of random pictures, in one form for all that is measured.

use backbones::{
    EfficientNet, EfficientNetConfig, EfficientNetVariant, ResNet, ResNetConfig, Xception,
    XceptionConfig,
};
use burn::module::{Module, ModuleVisitor, Param};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use core_tensor_ops::{ClipDetector, Detector};
use experiment::{Model, Recipe};
use model_adm::{AdmConfig, AdmTarget};
use model_lisiam::LisiamConfig;
use model_pcl::PclConfig;
use model_snippet::SnippetConfig;
use optim::Adam;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

/// A network with its batch.
pub(crate) trait Work {
    /// The probabilities that it gives its batch, `[batch]`.
    fn infer(&self) -> Tensor<1>;
    /// The loss of its batch, and the gradient of every parameter by its name.
    fn gradients(&mut self) -> (f32, Vec<(String, Vec<f32>)>);
    /// A step of Adam: forward, losses, backward and the optimiser.
    fn step(&mut self);
}

struct Batch<M, I, L> {
    network: M,
    infer: I,
    loss: L,
    adam: ModuleOptimizer,
}

impl<M, I, L> Work for Batch<M, I, L>
where
    M: Module + Clone,
    I: Fn(&M) -> Tensor<1>,
    L: FnMut(&M) -> Tensor<1>,
{
    fn infer(&self) -> Tensor<1> {
        (self.infer)(&self.network)
    }

    fn gradients(&mut self) -> (f32, Vec<(String, Vec<f32>)>) {
        let loss = (self.loss)(&self.network);
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        let mut read = Read {
            gradients: &gradients,
            path: Vec::new(),
            found: Vec::new(),
        };
        self.network.visit(&mut read);
        (numbers(loss)[0], read.found)
    }

    fn step(&mut self) {
        let loss = (self.loss)(&self.network);
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        self.network = self.adam.step(1e-4, self.network.clone(), gradients);
    }
}

/// What a tensor holds, in single precision.
pub(crate) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data().convert::<f32>();
    data.try_to_vec().expect("just converted")
}

struct Read<'a> {
    gradients: &'a GradientsParams,
    path: Vec<String>,
    found: Vec<(String, Vec<f32>)>,
}

impl ModuleVisitor for Read<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.found.push((self.path.join("."), numbers(gradient)));
        }
    }
}

/// What all networks are built with.
struct Builder<'a> {
    batch: usize,
    device: &'a Device,
    /// Of the pictures, and with them of the maps made of them.
    precision: DType,
    rng: ChaCha8Rng,
}

impl Builder<'_> {
    /// Pictures, or whatever has that shape: drawn here, the same on every device.
    fn normal<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        let draws = StandardNormal.sample_iter(&mut self.rng);
        let values: Vec<f32> = draws.take(shape.iter().product()).collect();
        Tensor::from_data(TensorData::new(values, shape), self.device)
    }

    fn images(&mut self, size: usize) -> Tensor<4> {
        let images = self.normal([self.batch, 3, size, size]);
        images.cast(self.precision)
    }

    fn masks(&mut self, size: usize) -> Tensor<4> {
        let noise = self.normal([self.batch, 1, size, size]);
        noise.greater_elem(0.5).float()
    }

    /// Real and forged in turns.
    fn labels(&self) -> Tensor<1, Int> {
        Tensor::arange(0..self.batch as i64, self.device).remainder_scalar(2)
    }

    /// For what the network draws in training.
    fn draws(&self) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(1)
    }
}

fn work<M: Module + Clone + 'static>(
    network: M,
    infer: impl Fn(&M) -> Tensor<1> + 'static,
    loss: impl FnMut(&M) -> Tensor<1> + 'static,
) -> Box<dyn Work> {
    let adam = ModuleOptimizer::from(Adam {
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.0,
    });
    Box::new(Batch {
        network,
        infer,
        loss,
        adam,
    })
}

/// A plain classifier of real and forged.
fn classifier<M: Module + Clone + 'static>(
    network: M,
    forward: fn(&M, Tensor<4>) -> Tensor<2>,
    size: usize,
    builder: &mut Builder<'_>,
) -> Box<dyn Work> {
    let (images, labels) = (builder.images(size), builder.labels());
    let entropy = CrossEntropyLossConfig::new().init(builder.device);
    let seen = images.clone();
    work(
        network,
        move |network| {
            forward(network, seen.clone())
                .narrow(1, 1, 1)
                .squeeze_dim(1)
        },
        move |network| entropy.forward(forward(network, images.clone()), labels.clone()),
    )
}

fn pcl(config: &PclConfig, builder: &mut Builder<'_>) -> Box<dyn Work> {
    let network = config.init(builder.device, &mut builder.rng);
    let (pictures, masks) = (
        builder.images(config.input_size),
        builder.masks(config.input_size),
    );
    let (seen, labels) = (pictures.clone(), builder.labels());
    work(
        network.expect("a good configuration"),
        move |network| network.detect(seen.clone()).forged_probability,
        move |network| {
            let output = network.forward(pictures.clone());
            network.loss(output, masks.clone(), labels.clone()).total
        },
    )
}

fn adm(config: &AdmConfig, builder: &mut Builder<'_>) -> Box<dyn Work> {
    let network = config.init(builder.device, &mut builder.rng);
    let pictures = builder.images(config.input_size);
    let (seen, labels) = (pictures.clone(), builder.labels());
    let window = AdmTarget::new(&[[0.2, 0.3, 0.6, 0.7]]).expect("a good window");
    let kinds = [AdmTarget::real(), window];
    let target = |number: usize| kinds[number % 2].clone();
    let targets: Vec<_> = (0..builder.batch).map(target).collect();
    let mut draws = builder.draws();
    work(
        network.expect("a good configuration"),
        move |network| network.detect(seen.clone()).forged_probability,
        move |network| {
            let output = network.training_forward(pictures.clone(), &mut draws);
            network.loss(output, &targets, labels.clone()).total
        },
    )
}

fn lisiam(config: &LisiamConfig, builder: &mut Builder<'_>) -> Box<dyn Work> {
    let network = config.init(builder.device, &mut builder.rng);
    let (pictures, masks) = (
        builder.images(config.input_size),
        builder.masks(config.input_size),
    );
    let (seen, labels, losses) = (pictures.clone(), builder.labels(), config.losses);
    let mut draws = builder.draws();
    work(
        network.expect("a good configuration"),
        move |network| network.detect(seen.clone()).forged_probability,
        move |network| {
            let (one, other) = (pictures.clone(), pictures.clone());
            let pair = network.forward_pair(one, other, losses, &mut draws);
            network.loss(pair, masks.clone(), labels.clone()).total
        },
    )
}

fn snippet(config: &SnippetConfig, snippets: usize, builder: &mut Builder<'_>) -> Box<dyn Work> {
    let network = config.init(builder.device, &mut builder.rng);
    let (frames, size) = (config.frames, config.input_size);
    let clips = builder.normal([builder.batch, snippets, frames, 3, size, size]);
    let clips = clips.cast(builder.precision);
    let (seen, labels) = (clips.clone(), builder.labels());
    work(
        network.expect("a good configuration"),
        move |network| network.detect_clips(seen.clone()).forged_probability,
        move |network| network.loss(&network.forward(clips.clone()), labels.clone()),
    )
}

/// A network with the same weights and pictures on every device.
///
/// `name` is `resnet34`, `xception`, `efficientnet_lite0`, or that of a method, `pcl`, `adm`, `lisiam` or
/// `snippet`, with the paper's network; `pcl-smoke` and so on is that of the smoke recipe.
pub(crate) fn build(name: &str, batch: usize, precision: DType, device: &Device) -> Box<dyn Work> {
    let mut builder = Builder {
        batch,
        device,
        precision,
        rng: ChaCha8Rng::seed_from_u64(0),
    };
    let classes = Some(2);
    match name {
        "resnet34" => {
            let config = ResNetConfig {
                classes,
                ..ResNetConfig::default()
            };
            let network = config.init(device, &mut builder.rng);
            classifier(network, ResNet::forward, 224, &mut builder)
        }
        "xception" => {
            let config = XceptionConfig {
                classes,
                ..XceptionConfig::default()
            };
            let network = config.init(device, &mut builder.rng);
            classifier(network, Xception::forward, 299, &mut builder)
        }
        "efficientnet_lite0" => {
            let config = EfficientNetConfig {
                variant: EfficientNetVariant::Lite0,
                classes,
                ..EfficientNetConfig::default()
            };
            let network = config.init(device, &mut builder.rng);
            classifier(network, EfficientNet::forward, 224, &mut builder)
        }
        "pcl" => pcl(&PclConfig::default(), &mut builder),
        "adm" => adm(&AdmConfig::default(), &mut builder),
        "lisiam" => lisiam(&LisiamConfig::default(), &mut builder),
        "snippet" => snippet(&SnippetConfig::default(), 4, &mut builder),
        smoke => match Recipe::load(smoke, &[]).expect("a known network").model {
            Model::Pcl(config) => pcl(&config, &mut builder),
            Model::Adm(config) => adm(&config, &mut builder),
            Model::Lisiam(recipe) => lisiam(&recipe.network, &mut builder),
            Model::Snippet(config) => snippet(&config, 2, &mut builder),
            _ => panic!("no network {smoke}"),
        },
    }
}
