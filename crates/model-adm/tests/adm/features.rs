//! What an audit asks: the interaction of whole faces, and what the classifier reads.

use backbones::AnyBackbone;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::Detector;
use model_adm::equations::interaction;
use model_adm::{Adm, AdmConfig, ScalarScore, identity_interaction};

use crate::support::{build, images, small};

/// A score that is a sum over pixels has no interaction; one that is a product of cells has it all.
#[test]
fn interaction_is_what_the_cells_do_not_say_alone() {
    assert_eq!(interaction(5.0, 1.0, &[2.0, 3.5]), 0.5);

    let device = Device::flex();
    let images = images(2, 112, &device);
    let sum = |pictures: Tensor<4>| -> Tensor<1> {
        let sum: Tensor<2> = pictures.flatten::<2>(1, 3).sum_dim(1);
        sum.add_scalar(3.0).squeeze_dim(1)
    };
    for value in identity_interaction(sum, images.clone(), 5) {
        // Sums of 37,632 numbers in single precision.
        assert!(value.abs() < 1e-2, "{value}");
    }
    let both_halves = |pictures: Tensor<4>| -> Tensor<1> {
        let mean = |start| {
            let half = pictures.clone().narrow(3, start, 56);
            half.flatten::<2>(1, 3).abs().mean_dim(1)
        };
        (mean(0) * mean(56)).squeeze_dim(1)
    };
    let whole: Vec<f32> = both_halves(images.clone())
        .into_data()
        .try_to_vec()
        .unwrap();
    let values = identity_interaction(both_halves, images, 2);
    for (value, whole) in values.iter().zip(whole) {
        assert!((value - f64::from(whole)).abs() < 1e-6, "{value} {whole}");
    }
}

/// One scalar for every picture: of the two logits -1 and 4, forged's, or their difference.
#[test]
fn the_scalar_is_forgeds_whatever_the_label() {
    let logits = Tensor::<2>::from_floats([[-1.0, 4.0], [2.0, 0.5]], &Device::flex());
    let of = |score: ScalarScore| -> Vec<f32> {
        score.of(logits.clone()).into_data().try_to_vec().unwrap()
    };
    assert_eq!(ScalarScore::default(), ScalarScore::ForgedLogit);
    assert_eq!(of(ScalarScore::ForgedLogit), [4.0, 0.5]);
    assert_eq!(of(ScalarScore::LogOdds), [5.0, -1.5]);
}

/// What probes and t-SNE see is what the linear layer reads: the two pooled maps' sum.
#[test]
fn features_are_what_the_classifier_reads() {
    let device = Device::flex();
    for artifact_detection in [true, false] {
        let config = AdmConfig {
            artifact_detection,
            ..small()
        };
        let adm = build(&config, &device);
        let images = images(2, 112, &device);
        let features = adm.features(images.clone());
        let [weight, bias] = ["fc.weight", "fc.bias"].map(|name| parameter(&adm, name));
        let [_, channels] = features.dims();
        let features: Vec<f32> = features.into_data().try_to_vec().unwrap();
        let logits: Vec<f32> = adm
            .forward(images)
            .class_logits
            .into_data()
            .try_to_vec()
            .unwrap();
        for (picture, logits) in features.chunks(channels).zip(logits.chunks(2)) {
            for class in 0..2 {
                // Burn keeps a linear layer's weight as inputs x outputs.
                let product = picture.iter().zip(weight.chunks(2));
                let sum: f32 = product.map(|(x, row)| x * row[class]).sum();
                assert!((sum + bias[class] - logits[class]).abs() < 1e-4);
            }
        }
    }
}

fn parameter(adm: &Adm<AnyBackbone>, wanted: &str) -> Vec<f32> {
    struct Find<'a> {
        at: Vec<String>,
        wanted: &'a str,
        found: Vec<f32>,
    }
    impl burn::module::ModuleVisitor for Find<'_> {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.at.push(name.to_owned());
        }
        fn exit_module(&mut self, _: &str, _: &str) {
            self.at.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
            if self.at.join(".") == self.wanted {
                self.found = param.val().into_data().try_to_vec().unwrap();
            }
        }
    }
    let mut find = Find {
        at: Vec::new(),
        wanted,
        found: Vec::new(),
    };
    adm.visit(&mut find);
    assert!(!find.found.is_empty(), "{wanted}");
    find.found
}
