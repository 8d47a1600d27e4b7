//! A step of training against the paper's equations in PyTorch (`golden/generate.py`): the loss, the
//! gradient of every parameter, and what batch normalisation makes of its running statistics.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Int, Tensor};
use model_snippet::Snippet;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Deserialize;

use crate::common::{fill, shallow};
use test_support::formula;

#[derive(Deserialize)]
struct Training {
    width: usize,
    clips: [usize; 6],
    parameters: BTreeMap<String, Vec<usize>>,
    loss: f32,
    gradients: BTreeMap<String, f64>,
    running: BTreeMap<String, f64>,
}

/// Products of all parameters, or of their gradients, with the formula's numbers; and the sums of their
/// absolute values.
struct Products<'a> {
    path: Vec<(String, String)>,
    gradients: Option<&'a Gradients>,
    found: BTreeMap<String, (f64, f64)>,
}

impl ModuleVisitor for Products<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.push((name.to_owned(), container.to_owned()));
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let named = self
            .path
            .iter()
            .filter(|(_, kind)| !kind.starts_with("Enum:"));
        let names = named.map(|(name, _)| match name.as_str() {
            "gamma" => "weight",
            "beta" => "bias",
            name => name,
        });
        let name = names.collect::<Vec<_>>().join(".");
        let tensor = match self.gradients {
            Some(gradients) => param.val().grad(gradients),
            None => Some(param.val()),
        };
        let Some(tensor) = tensor else { return };
        // PyTorch has the outputs first.
        let linear = self.path.iter().any(|(_, kind)| kind == "Struct:Linear");
        let tensor = match linear && D == 2 {
            true => tensor.swap_dims(0, 1),
            false => tensor,
        };
        let values: Vec<f32> = tensor.into_data().try_to_vec().unwrap();
        self.found.insert(name.clone(), product(&name, &values));
    }
}

/// One number of a tensor that each of its values takes part in, and what it is summed from in size.
fn product(name: &str, values: &[f32]) -> (f64, f64) {
    let seed = format!("{name}.product");
    let draw = formula::uniform(&seed, values.len());
    let terms = draw
        .zip(values)
        .map(|(u, &value)| (2.0 * u - 1.0) * f64::from(value));
    terms.fold((0.0, 0.0), |(sum, size), term| {
        (sum + term, size + term.abs())
    })
}

fn products(model: &Snippet, gradients: Option<&Gradients>) -> BTreeMap<String, (f64, f64)> {
    let mut products = Products {
        path: Vec::new(),
        gradients,
        found: BTreeMap::new(),
    };
    model.visit(&mut products);
    products.found
}

#[test]
fn a_step_of_training_agrees_with_pytorch() {
    let golden: Training = serde_json::from_str(include_str!("../golden/training.json")).unwrap();
    let device = Device::flex().autodiff();
    let config = shallow(golden.width);
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut model = config.init(&device, &mut rng).unwrap();
    fill(&mut model, &golden.parameters);
    let labels = Tensor::<1, Int>::from_ints([0, 1], &device);
    let output = model.forward(formula::tensor("clips in training", golden.clips, &device));
    let loss = model.loss(&output, labels);
    let ours: f32 = loss.clone().into_scalar();
    assert!((ours - golden.loss).abs() < 1e-4, "{ours} {}", golden.loss);

    let found = products(&model, Some(&loss.backward()));
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        golden.gradients.keys().collect::<Vec<_>>()
    );
    for (name, theirs) in &golden.gradients {
        let (ours, scale) = found[name];
        let error = (ours - theirs).abs() / scale;
        println!("gradient of {name}: off by {error:e} of {scale:e}");
        assert!(
            error <= 5e-3,
            "gradient of {name}: {ours} {theirs} of {scale}"
        );
    }
    let running = products(&model.valid(), None);
    for (name, theirs) in &golden.running {
        let (ours, scale) = running[name];
        let error = (ours - theirs).abs() / scale;
        println!("{name}: off by {error:e}");
        // Burn keeps the variance of the population, PyTorch that of a sample: of 96 values in the last
        // stage, a hundredth of what a step adds.
        assert!(error <= 2e-4, "{name}: {ours} {theirs} of {scale}");
    }
    assert!(golden.running.len() > 30);
}
