//! Each network, run by a runtime of others, against this program's own forward pass.

use std::path::Path;

use burn::tensor::Tensor;
use core_tensor_ops::ForgedBox;
use export::{Exported, Format, export};
use inference::{Detector, Network};
use metrics::Decision;
use test_support::{formula, values};

use crate::{RESNET18, RESNET50, TOLERANCE, agree, detector, differ, plain};

/// A file of ONNX, opened.
struct Runtime(rten::Model);

impl Runtime {
    /// An output of what the input's values say.
    fn output(&self, shape: &[usize], input: &[f32], name: &str) -> Vec<f32> {
        let value = rten::Value::from_shape(shape, input.to_vec()).unwrap();
        let asked = vec![(self.0.input_ids()[0], value.into())];
        let output = self.0.node_id(name).unwrap();
        let [value] = self.0.run_n(asked, [output], None).unwrap();
        let tensor = value.into_tensor::<f32>().unwrap();
        tensor.into_data()
    }
}

fn exported(detector: &Detector, folder: &Path) -> (Exported, Runtime) {
    let file = folder.join("detector.onnx");
    let exported = export(detector, Format::Onnx, &file).unwrap();
    (exported, Runtime(rten::Model::load_file(file).unwrap()))
}

/// A network of faces: its outputs for batches of two and one, and what it gives in words. `gain` is of its
/// kernels, such that what it says depends on the face, and is no number that rounding shows in.
fn agrees(model: &str, gain: f32, outputs: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let detector = detector(folder.path(), model, gain);
    let (exported, runtime) = exported(&detector, folder.path());
    let Network::Faces(network) = &detector.network else {
        panic!("{model} judges faces")
    };
    let size = network.input_spec().size;
    assert_eq!(
        exported.inputs,
        [format!("images [batch, 3, {size}, {size}]")]
    );
    let names = exported
        .outputs
        .iter()
        .map(|output| output.split(' ').next());
    let said: Vec<_> = names.flatten().collect();
    assert_eq!(said, outputs);

    let shape = [2, 3, size, size];
    let images = formula::tensor("images", shape, &detector.device);
    let input = values(images.clone());
    let given = |name: &str| runtime.output(&shape, &input, name);
    let logits = values(network.class_logits(images.clone(), &mut |_, map| map));
    differ("logits", &logits[..2], &logits[2..]);
    agree("logits", &logits, &given("logits"));
    let one = runtime.output(&[1, 3, size, size], &input[..3 * size * size], "logits");
    agree("logits of one face", &logits[..2], &one);

    let detection = network.detect(images);
    let probabilities = values(detection.forged_probability);
    let calibrated = |score: &f32| detector.calibrated(f64::from(*score)) as f32;
    let calibrated: Vec<f32> = probabilities.iter().map(calibrated).collect();
    agree("probability", &calibrated, &given("probability"));
    if let Some(map) = detection.heat_map {
        let map = values(map);
        differ("heat map", &map[1..], &map);
        agree("heat map", &map, &given("heat_map"));
    }
    if outputs.contains(&"boxes") {
        let anchors = [given("boxes"), given("box_confidences")];
        agree_on_boxes(&detection.boxes, &anchors.map(|values| chunks(&values, 2)));
    }
}

/// Each box that is shown of a face is that of one anchor, which the file gives all of.
fn agree_on_boxes(shown: &[Vec<ForgedBox>], [boxes, confidences]: &[Vec<Vec<f32>>; 2]) {
    for ((shown, boxes), confidences) in shown.iter().zip(boxes).zip(confidences) {
        assert!(!shown.is_empty());
        for ours in shown {
            let near = |theirs: &[f32; 4], confidence: f32| {
                let corners = ours.corners.iter().zip(theirs);
                let corners = corners.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                corners.max((ours.confidence - confidence).abs()) <= TOLERANCE
            };
            let anchors = boxes.as_chunks().0.iter().zip(confidences);
            let found = anchors.filter(|(corners, confidence)| near(corners, **confidence));
            assert_eq!(found.count(), 1, "{ours:?}");
        }
    }
}

fn chunks(values: &[f32], parts: usize) -> Vec<Vec<f32>> {
    values
        .chunks(values.len() / parts)
        .map(<[f32]>::to_vec)
        .collect()
}

const VERDICT: [&str; 2] = ["logits", "probability"];
const WITH_MAP: [&str; 3] = ["heat_map", "logits", "probability"];
const WITH_BOXES: [&str; 4] = ["boxes", "box_confidences", "logits", "probability"];

#[test]
fn plain_classifiers_on_resnets() {
    agrees(&plain("input_size = 64", RESNET18), 1.0, &VERDICT);
    agrees(&plain("input_size = 64", RESNET50), 1.0, &VERDICT);
    // What lies beyond the map that is read is left out.
    agrees(
        &plain("input_size = 64\nmap_stride = 16", RESNET18),
        1.0,
        &VERDICT,
    );
}

#[test]
fn plain_classifiers_on_xceptions() {
    let narrow = "family = \"xception\"\nwidth = 0.05\nleast_channels = 4";
    agrees(&plain("input_size = 75", narrow), 1.0, &VERDICT);
    let fine = format!("{narrow}\noutput_stride = 8\ntail = false");
    agrees(
        &plain("input_size = 75\nmap_stride = 8", &fine),
        1.0,
        &VERDICT,
    );
}

#[test]
fn plain_classifiers_on_efficientnets_of_every_padding() {
    let narrow = "family = \"efficientnet\"\nvariant = \"b0\"\nwidth = 0.25\ndepth = 0.5";
    for more in [
        "padding = \"same\"",
        "padding = { static = 75 }",
        "padding = { uniform = 75 }",
        "padding = \"symmetric\"\nnorm_epsilon = 1e-5",
        "padded_stem = false",
    ] {
        agrees(
            &plain("input_size = 56", &format!("{narrow}\n{more}")),
            1.45,
            &VERDICT,
        );
    }
    let lite = "family = \"efficientnet\"\nvariant = \"lite0\"\nwidth = 0.25\ndepth = 0.5";
    agrees(&plain("input_size = 45", lite), 1.45, &VERDICT);
}

#[test]
fn adm_with_its_boxes() {
    let adm = |settings: &str| {
        format!(
            "[model]\nkind = \"adm\"\n{settings}\n[model.boxes]\nconfidence = 0.1\n[model.backbone]\n{RESNET18}"
        )
    };
    agrees(&adm("input_size = 96\nmap_stride = 16"), 1.0, &WITH_BOXES);
    agrees(&adm("input_size = 160\nlevels = 4"), 1.0, &WITH_BOXES);
}

#[test]
fn pcl_with_its_heat_map() {
    let pcl = |settings: &str| {
        format!(
            "[model]\nkind = \"pcl\"\ninput_size = 64\n{settings}\n[model.backbone]\ndepth = 18\nbase_width = 8"
        )
    };
    agrees(&pcl(""), 0.8, &WITH_MAP);
    agrees(
        &pcl("class_head = \"conv\"\nheat_map = \"mean\"\nembedding = 6"),
        0.8,
        &WITH_MAP,
    );
}

fn lisiam(settings: &str, backbone: &str) -> String {
    format!(
        "[model]\nkind = \"lisiam\"\n[model.network]\nchannels = 16\nrelation_channels = 8\ntransformer_channels = 12\nsqueeze_ratio = 4\nmlp_width = 10\n{settings}\n[model.network.backbone]\n{backbone}"
    )
}

#[test]
fn lisiam_as_the_shipped_detector_is() {
    let lite = "family = \"efficientnet\"\nvariant = \"lite0\"\nwidth = 0.25\nstages = 5";
    let maps = "input_size = 64\nfeature_map = 5\nauxiliary_map = 3";
    agrees(&lisiam(maps, lite), 1.4, &WITH_MAP);
    let without = format!("{maps}\nmask_guided_transformer = false");
    agrees(&lisiam(&without, lite), 1.4, &WITH_MAP);
}

#[test]
fn lisiam_on_xception_as_paper_and_code_have_it() {
    let narrow =
        "family = \"xception\"\nwidth = 0.05\nleast_channels = 4\noutput_stride = 8\ntail = false";
    agrees(&lisiam("input_size = 75", narrow), 1.1, &WITH_MAP);
    let official =
        "input_size = 75\nscu_convolution = \"full\"\nnormalized_sum = true\nofficial_order = true";
    agrees(&lisiam(official, narrow), 1.1, &WITH_MAP);
}

/// A network of clips.
fn agrees_on_clips(settings: &str, blocks: &str) {
    let folder = tempfile::tempdir().unwrap();
    let model = format!(
        "[model]\nkind = \"snippet\"\ninput_size = 32\ninference_snippets = 3\n{settings}\n[model.backbone]\ndepth = 50\nbase_width = 8\nblocks = {blocks}"
    );
    let detector = detector(folder.path(), &model, 1.0);
    let (exported, runtime) = exported(&detector, folder.path());
    let Network::Clips {
        network,
        snippets,
        length,
    } = &detector.network
    else {
        panic!("snippets judge clips")
    };
    let shape = [2, *snippets, *length, 3, 32, 32];
    assert_eq!(
        exported.inputs,
        [format!("clips [batch, 3, {length}, 3, 32, 32]")]
    );
    let clips: Tensor<6> = formula::tensor("clips", shape, &detector.device);
    let input = values(clips.clone());
    let given = |name: &str| runtime.output(&shape, &input, name);
    let output = network.forward(clips);
    agree(
        "logits",
        &values(output.class_logits.clone()),
        &given("logits"),
    );
    let calibrated = |scores: Vec<f32>, decision: Decision| -> Vec<f32> {
        let scores = scores.into_iter().map(f64::from);
        scores
            .map(|score| decision.probability(score) as f32)
            .collect()
    };
    let config = &detector.config;
    let probability = calibrated(values(output.forged_probability()), config.video);
    agree("probability", &probability, &given("probability"));
    let frames = calibrated(values(output.frame_probability()), config.frame);
    agree("frame probability", &frames, &given("frame_probability"));
}

#[test]
fn snippets_with_all_that_can_be_switched() {
    agrees_on_clips("", "[1, 2, 1, 1]");
    agrees_on_clips(
        "[model.intra]\nseparate_directions = true\nextra_norm = true\nreduction = 2\nkernel_size = 5\n[model.inter]\nreduction = 2\nconv_u = \"full\"\n[model.placement]\nturns = \"whole_network\"",
        "[1, 1, 1, 1]",
    );
    agrees_on_clips(
        "frames = 2\n[model.intra]\nbidirectional = false\ncoordinate_attention = false\nlearned_kernel = false",
        "[1, 2, 1, 1]",
    );
    agrees_on_clips(
        "frames = 1\n[model.placement]\nmodules = \"intra\"",
        "[1, 1, 1, 1]",
    );
}
