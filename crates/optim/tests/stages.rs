//! LiSiam's stages (IV-B), each of which trains a part of the network.

use std::collections::{BTreeMap, BTreeSet};

use backbones::AnyBackbone;
use burn::{
    module::{Module, ModuleVisitor, Param},
    optim::{GradientsParams, SgdConfig},
    tensor::{Device, Distribution, Int, Tensor},
};
use experiment::{Model, Recipe, Stage};
use model_lisiam::{FrozenStatistics, Lisiam, LisiamConfig, LisiamLoss, LossTerms};
use optim::freeze;
use runtime::{DeviceName, Purpose, generator};

const CLASSIFICATION: [&str; 3] = ["mlp", "scu", "transformer"];
const SEGMENTATION: [&str; 3] = ["backbone", "decoder", "ocr"];

/// The stages of the paper's recipe, on the smoke recipe's network.
fn paper() -> (Vec<Stage>, LisiamConfig) {
    let stages = Recipe::load("lisiam-paper", &[]).unwrap().stages;
    let smoke = Recipe::load("lisiam-smoke", &[]).unwrap();
    let Model::Lisiam(lisiam) = smoke.model else {
        unreachable!("the recipe is LiSiam's")
    };
    (stages, lisiam.network)
}

fn network(config: &LisiamConfig, device: &Device) -> Lisiam<AnyBackbone> {
    let mut rng = generator(0, Purpose::Weights, 0, 0);
    config.init(device, &mut rng).unwrap()
}

fn loss(model: &Lisiam<AnyBackbone>, terms: LossTerms, device: &Device) -> LisiamLoss {
    device.seed(1);
    let draw = || Tensor::<4>::random([2, 3, 64, 64], Distribution::Uniform(-1.0, 1.0), device);
    let mut rng = generator(0, Purpose::Dropout, 0, 0);
    let pair = model.forward_pair(draw(), draw(), terms, &mut rng);
    let masks = Tensor::zeros([2, 1, 64, 64], device);
    model.loss(pair, masks, Tensor::<1, Int>::from_ints([0, 1], device))
}

/// Every parameter and running statistic by the first part of its name.
#[derive(Default)]
struct State {
    at: Vec<String>,
    values: BTreeMap<String, Vec<f32>>,
}

impl ModuleVisitor for State {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.at.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.at.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let values = param.val().into_data().try_to_vec().unwrap();
        self.values.insert(self.at.join("."), values);
    }
}

fn state(model: &Lisiam<AnyBackbone>) -> BTreeMap<String, Vec<f32>> {
    let mut state = State::default();
    // Running statistics are gathered on the way to validation.
    model.valid().visit(&mut state);
    state.values
}

/// A step within a stage, and what it moved: of weights, and of running statistics, the parts.
fn moved(stage: &Stage, config: &LisiamConfig) -> [BTreeSet<String>; 2] {
    let device = DeviceName::Cpu.open().unwrap().autodiff();
    let keeps = config.frozen_statistics == FrozenStatistics::Kept;
    let model = freeze(stage, network(config, &device), keeps);
    let before = state(&model);
    let terms = config.losses.named(&stage.losses);
    let total = loss(&model, terms, &device).total;
    let gradients = GradientsParams::from_grads(total.backward(), &model);
    let model = SgdConfig::new().init().step(0.1, model, gradients);
    let after = state(&model);
    let differs = |name: &&String| before[*name] != after[*name];
    let mut moved = [BTreeSet::new(), BTreeSet::new()];
    for name in before.keys().filter(differs) {
        let part = name.split('.').next().unwrap_or_default().to_owned();
        moved[usize::from(name.contains("running"))].insert(part);
    }
    moved
}

fn set<'a>(parts: impl IntoIterator<Item = &'a &'a str>) -> BTreeSet<String> {
    parts.into_iter().map(|part| (*part).to_owned()).collect()
}

/// The paper's three stages (IV-B), through the one mechanism that trains: each moves its part of the
/// network and no other. Whether a frozen part's running statistics follow is the option's choice.
#[test]
fn each_stage_of_the_paper_moves_its_part_alone() {
    let (stages, config) = paper();
    let everything = set(SEGMENTATION.iter().chain(&CLASSIFICATION));
    let parts = [set(&SEGMENTATION), set(&CLASSIFICATION), everything];
    for (stage, part) in stages.iter().zip(parts) {
        let [weights, _] = moved(stage, &config);
        assert_eq!(weights, part, "{}", stage.name);
    }
    let updated = LisiamConfig {
        frozen_statistics: FrozenStatistics::Updated,
        ..config.clone()
    };
    for (config, follow) in [(config, false), (updated, true)] {
        let [weights, statistics] = moved(&stages[1], &config);
        assert_eq!(weights, set(&CLASSIFICATION));
        assert!(statistics.contains("mlp"));
        assert_eq!(statistics.contains("backbone"), follow);
    }
}

/// A frozen part with kept statistics sees a batch as inference does; leaving the stage thaws it.
#[test]
fn a_frozen_segmentation_is_that_of_inference_and_is_thawed_after() {
    let (stages, config) = paper();
    let device = DeviceName::Cpu.open().unwrap().autodiff();
    let model = network(&config, &device);
    let whole = state(&model).len();
    // Two steps of statistics, of which Burn holds the last one back.
    for _ in 0..2 {
        loss(&model, config.losses, &device);
    }
    let model = freeze(&stages[1], model, true);
    let images = Tensor::<4>::random([2, 3, 64, 64], Distribution::Uniform(-1.0, 1.0), &device);
    let mut rng = generator(0, Purpose::Dropout, 0, 0);
    let terms = config.losses.named(&stages[1].losses);
    let pair = model.forward_pair(images.clone(), images.clone(), terms, &mut rng);
    assert!(pair.degraded.is_none());
    let frozen = pair.original.unwrap().segmentation_logits;
    let inferred = model.valid().forward(images.without_autodiff());
    let values = |map: Tensor<4>| -> Vec<f32> { map.into_data().try_to_vec().unwrap() };
    let pairs = values(frozen)
        .into_iter()
        .zip(values(inferred.segmentation_logits));
    // With autodiff the normalisation is computed in another order.
    for (frozen, inferred) in pairs {
        assert!((frozen - inferred).abs() < 1e-4, "{frozen} {inferred}");
    }
    let thawed = freeze(&stages[2], model, true);
    let total = loss(&thawed, config.losses, &device).total;
    let gradients = GradientsParams::from_grads(total.backward(), &thawed);
    let before = state(&thawed);
    let after = state(&SgdConfig::new().init().step(0.1, thawed, gradients));
    let moved = before.keys().filter(|name| before[*name] != after[*name]);
    assert!(moved.filter(|name| name.starts_with("backbone")).count() > 10);
    assert_eq!(after.len(), whole);
}

/// Model-C of table VI with the paper's stages: the first would learn a constant map.
#[test]
fn a_stage_that_can_only_learn_a_constant_map_is_refused() {
    let model_c = "model.network.losses.segmentation=[false,false]".to_owned();
    let refused = Recipe::load("lisiam-paper", std::slice::from_ref(&model_c)).unwrap();
    let refusal = refused.check_training().unwrap_err().to_string();
    assert!(refusal.contains("stage 'segmentation'"), "{refusal}");
    let one = "stages=[{name=\"all\",share=1.0}]".to_owned();
    let trains = Recipe::load("lisiam-paper", &[model_c, one]).unwrap();
    trains.check_training().unwrap();
}
