//! The modules and the whole network against the paper's equations in PyTorch
//! (`golden/generate.py`), at weights by formula. The weights travel through a state dictionary, so
//! the strict loading proves the layers' names and shapes, too.

use crate::common;

use std::collections::BTreeMap;

use burn::tensor::{Device, Int, Tensor};
use common::{TOLERANCE, assert_close_in_scale, fill, shallow};
use core_tensor_ops::ClipDetector;
use model_snippet::{InterConfig, IntraConfig, Snippet, SnippetConfig, Weighting};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Deserialize;
use test_support::{Sample, formula};

fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(0)
}

#[derive(Deserialize)]
struct IntraCase {
    frames: usize,
    config: IntraConfig,
    parameters: BTreeMap<String, Vec<usize>>,
    output: Sample,
    attention: Sample,
}

#[test]
fn intra_sim_agrees_with_pytorch() {
    let cases: Vec<IntraCase> = serde_json::from_str(include_str!("../golden/intra.json")).unwrap();
    let device = Device::flex();
    for case in cases {
        let frames = case.frames;
        let what = format!("{frames} frames, {:?}", case.config);
        let mut sim = case.config.init(16, frames, &device, &mut rng()).unwrap();
        fill(&mut sim, &case.parameters);
        let maps = formula::tensor("intra", [6 * frames, 16, 7, 5], &device);
        let x2 = maps.clone().narrow(1, 8, 8).reshape([6, frames, 8, 7, 5]);
        case.attention
            .assert_close(&what, sim.attention(x2), TOLERANCE);
        case.output
            .assert_close(&what, sim.forward(maps), TOLERANCE);
    }
}

#[derive(Deserialize)]
struct InterCase {
    snippets: usize,
    frames: usize,
    config: InterConfig,
    parameters: BTreeMap<String, Vec<usize>>,
    output: Sample,
    attention: Sample,
}

#[test]
fn inter_sim_agrees_with_pytorch() {
    let cases: Vec<InterCase> = serde_json::from_str(include_str!("../golden/inter.json")).unwrap();
    let device = Device::flex();
    for case in cases {
        let (u, t) = (case.snippets, case.frames);
        let what = format!("{u} x {t}, {:?}", case.config);
        let mut sim = case.config.init(12, t, &device, &mut rng()).unwrap();
        fill(&mut sim, &case.parameters);
        let maps = formula::tensor("inter", [2 * u * t, 12, 7, 5], &device);
        let pooled = core_tensor_ops::global_average_pool(maps.clone())
            .reshape([2, u, t, 12])
            .permute([0, 3, 1, 2]);
        case.attention
            .assert_close(&what, sim.attention(pooled), TOLERANCE);
        case.output
            .assert_close(&what, sim.forward(maps, u), TOLERANCE);
    }
}

#[derive(Deserialize)]
struct Whole {
    layout: Vec<String>,
    width: usize,
    clips: [usize; 6],
    parameters: BTreeMap<String, Vec<usize>>,
    class_logits: Sample,
    frame_logits: Sample,
    class_activation: Sample,
    means: Vec<Sample>,
    grad_cams: Vec<Sample>,
    loss: f32,
}

impl Whole {
    fn agrees(&self, mut config: SnippetConfig) {
        let device = Device::flex();
        config.backbone.base_width = self.width;
        let mut model: Snippet = config.init(&device, &mut rng()).unwrap();
        fill(&mut model, &self.parameters);
        let clips = formula::tensor("clips", self.clips, &device);

        let output = model.forward(clips.clone());
        self.class_logits
            .assert_close("class", output.class_logits.clone(), TOLERANCE);
        self.frame_logits
            .assert_close("frame", output.frame_logits.clone(), TOLERANCE);
        let labels: Vec<i64> = (0..self.clips[0] as i64).map(|clip| clip % 2).collect();
        let labels = Tensor::<1, Int>::from_ints(labels.as_slice(), &device);
        let loss: f32 = model.loss(&output, labels).into_scalar();
        assert!((loss - self.loss).abs() < 1e-4, "{loss} {}", self.loss);

        for (weighting, expected) in [
            (Weighting::Mean, &self.means),
            (Weighting::Gradient, &self.grad_cams),
        ] {
            let maps = model.explain(clips.clone(), weighting);
            let detection = model.detect_clips(clips.clone());
            for (one, other) in [
                (maps.frame_probability, detection.frame_probability),
                (
                    maps.forged_probability.unsqueeze::<3>(),
                    detection.forged_probability.unsqueeze(),
                ),
            ] {
                let difference: f32 = (one - other).abs().max().into_scalar();
                assert!(difference < 1e-5, "{difference}");
            }
            assert_close_in_scale(
                &self.class_activation,
                "class activation",
                maps.class_activation,
            );
            let (mut intra, mut inter) = (maps.intra.into_iter(), maps.inter.into_iter());
            let mut expected = expected.iter();
            for (stage, blocks) in self.layout.iter().enumerate() {
                for (block, kind) in blocks.chars().enumerate() {
                    let what = format!("{weighting:?} in block {block} of stage {stage}");
                    let place = if kind == 'a' {
                        let map = intra.next().unwrap();
                        assert_close_in_scale(expected.next().unwrap(), &what, map.map);
                        map.place
                    } else {
                        let map = inter.next().unwrap();
                        assert_close_in_scale(expected.next().unwrap(), &what, map.map);
                        map.place
                    };
                    assert_eq!((place.stage, place.block), (stage, block));
                }
            }
            assert!(intra.next().is_none() && inter.next().is_none() && expected.next().is_none());
        }
    }
}

#[test]
fn a_shallow_network_agrees_with_pytorch() {
    let golden: Whole = serde_json::from_str(include_str!("../golden/shallow.json")).unwrap();
    let config = shallow(golden.width);
    golden.agrees(config);
}

#[test]
fn the_papers_network_at_a_sixteenth_of_its_width_agrees_with_pytorch() {
    let golden: Whole = serde_json::from_str(include_str!("../golden/resnet50.json")).unwrap();
    golden.agrees(SnippetConfig::default());
}
