//! Priors, matching and losses against a NumPy script that spells them out anchor by anchor.

use crate::support;

use burn::nn::loss::CrossEntropyLossConfig;
use burn::tensor::{Device, Int, Tensor, TensorData};
use model_adm::equations::{
    AnchorTargets, confidence_loss, detection_loss, location_loss, overall_loss,
};
use model_adm::{
    AdmConfig, AdmOutput, AdmTarget, AnchorOutput, Assignment, Negatives, TrueBoxes, assign, priors,
};
use serde::Deserialize;
use support::{build, narrow, numbers};

/// Losses are of the order of ten: sums of some dozen logarithms in single precision.
const TOLERANCE: f32 = 2e-5;

#[derive(Deserialize)]
struct Golden {
    priors: Vec<[f32; 4]>,
    boxes: Vec<Vec<[f32; 4]>>,
    labels: Vec<i64>,
    positive: Vec<Positive>,
    conf: f32,
    conf_all: f32,
    loc: f32,
    det: f32,
    cls: f32,
    total: f32,
}

#[derive(Deserialize)]
struct Positive {
    picture: usize,
    anchor: usize,
    offsets: [f32; 4],
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/losses.json")).unwrap()
}

fn close(ours: f32, theirs: f32) {
    assert!((ours - theirs).abs() <= TOLERANCE, "{ours} {theirs}");
}

fn scalar(tensor: &Tensor<1>) -> f32 {
    tensor.clone().into_scalar()
}

impl Golden {
    fn targets(&self) -> Vec<AdmTarget> {
        let target = |boxes: &Vec<[f32; 4]>| AdmTarget::new(boxes).unwrap();
        self.boxes.iter().map(target).collect()
    }

    fn assignments(&self) -> Vec<Assignment> {
        let priors = priors(&[7, 5, 3, 1]);
        let assign = |target: &AdmTarget| assign(target, &priors, 0.5, [0.1, 0.2]);
        self.targets().iter().map(assign).collect()
    }

    fn output(&self, device: &Device) -> AdmOutput {
        let (batch, anchors) = (self.boxes.len(), self.priors.len());
        let draw = |name: &str, count| TensorData::new(numbers(name, count), [count]);
        let tensor = |name, values| {
            Tensor::<1>::from_data(draw(name, batch * anchors * values), device)
                .reshape([batch, anchors, values])
        };
        AdmOutput {
            class_logits: Tensor::<1>::from_data(draw("class_logits", batch * 2), device)
                .reshape([batch, 2]),
            anchors: Some(AnchorOutput {
                offsets: tensor("offsets", 4),
                confidences: tensor("confidences", 2),
            }),
        }
    }

    fn labels(&self, device: &Device) -> Tensor<1, Int> {
        Tensor::from_data(
            TensorData::new(self.labels.clone(), [self.labels.len()]),
            device,
        )
    }
}

#[test]
fn priors_agree() {
    let golden = golden();
    let ours = priors(&[7, 5, 3, 1]);
    assert_eq!(ours.len(), 168);
    assert_eq!(golden.priors.len(), 168);
    for (ours, theirs) in ours.iter().zip(&golden.priors) {
        let ours = [ours.centre, ours.size].concat();
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!((ours - theirs).abs() <= 1e-6, "{ours} {theirs}");
        }
    }
    // The paper's three levels are the first of the official four.
    assert_eq!(priors(&[7, 5, 3]), ours[..166]);
}

#[test]
fn matching_agrees() {
    let golden = golden();
    let mut expected = golden.positive.iter();
    for (picture, assignment) in golden.assignments().iter().enumerate() {
        for (anchor, &positive) in assignment.positive.iter().enumerate() {
            if !positive {
                assert_eq!(assignment.offsets[anchor], [0.0; 4]);
                continue;
            }
            let theirs = expected.next().unwrap();
            assert_eq!((picture, anchor), (theirs.picture, theirs.anchor));
            for (ours, theirs) in assignment.offsets[anchor].iter().zip(theirs.offsets) {
                close(*ours, theirs);
            }
        }
    }
    assert!(expected.next().is_none());
}

#[test]
fn equations_4_and_5_agree() {
    let golden = golden();
    let device = Device::flex();
    let AdmOutput {
        class_logits,
        anchors,
    } = golden.output(&device);
    let anchors = anchors.unwrap();
    let targets = AnchorTargets::new(&golden.assignments(), &device);
    assert_eq!(targets.positives, golden.positive.len());
    let share = targets.positives as f32;
    let conf = |negatives| confidence_loss(anchors.confidences.clone(), &targets, negatives);
    let hard = conf(Negatives::Hardest(2));
    close(scalar(&hard) / share, golden.conf);
    close(scalar(&conf(Negatives::All)) / share, golden.conf_all);
    let loc = location_loss(anchors.offsets.clone(), &targets);
    close(scalar(&loc) / share, golden.loc);
    let det = detection_loss(hard, loc, 1.0, targets.positives);
    close(scalar(&det), golden.det);
    let cross_entropy = CrossEntropyLossConfig::new().init(&device);
    let cls = cross_entropy.forward(class_logits, golden.labels(&device));
    close(scalar(&cls), golden.cls);
    close(scalar(&overall_loss(0.1, det, cls)), golden.total);
}

/// The network's own loss is put together from the same functions, and adds the whole picture
/// itself where the configuration says so.
#[test]
fn the_networks_loss_agrees() {
    let golden = golden();
    let device = Device::flex();
    let config = AdmConfig {
        true_boxes: TrueBoxes::Windows,
        ..AdmConfig::official(narrow(1))
    };
    let adm = build(&config, &device);
    let loss = adm.loss(
        golden.output(&device),
        &golden.targets(),
        golden.labels(&device),
    );
    for (ours, theirs) in [
        (loss.conf, golden.conf),
        (loss.loc, golden.loc),
        (loss.cls, golden.cls),
        (loss.total, golden.total),
    ] {
        close(scalar(&ours), theirs);
    }

    let adm = build(&AdmConfig::official(narrow(1)), &device);
    let window = AdmTarget::new(&[golden.boxes[2][0]]).unwrap();
    let both = AdmTarget::new(&[golden.boxes[2][1], golden.boxes[2][0]]).unwrap();
    assert_eq!(adm.assign(&window), adm.assign(&both));
    assert_eq!(adm.assign(&window).positives(), 3);
    assert_eq!(adm.assign(&AdmTarget::real()).positives(), 0);
}
