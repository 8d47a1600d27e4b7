//! What an ONNX file says of its detector: what is to be done to a picture before, and to an answer after.

use core_tensor_ops::{ChannelOrder, InputSpec};
use inference::{Architecture, Detector, DetectorConfig, Network};
use serde::Serialize;

/// Keys and values, the latter words or JSON; `weights` is the SHA-256 of the detector's own.
pub(crate) fn metadata(detector: &Detector, weights: &str) -> Vec<(String, String)> {
    let config = &detector.config;
    let input = detector.network.input_spec();
    let clips = matches!(detector.network, Network::Clips { .. });
    let decision = if clips { &config.video } else { &config.frame };
    let mut entries = vec![
        ("detector", config.name.clone()),
        ("weights_sha256", weights.to_owned()),
        ("crop", json(&config.crop)),
        ("input", json(&input)),
        ("preprocessing", preprocessing(&input, clips)),
        ("classes", json(&["real", "forged"])),
        ("decision", json(decision)),
        ("postprocessing", postprocessing(config, clips)),
    ];
    if clips {
        entries.push(("frame_decision", json(&config.frame)));
    }
    if let Architecture::Adm(network) = &config.model
        && network.artifact_detection
    {
        entries.push(("box_selection", json(&network.boxes)));
    }
    if let Some(origin) = &config.origin {
        entries.push(("origin", json(origin)));
    }
    if config.synthetic {
        let warning = "trained on rendered faces: what it says of photographs means little";
        entries.push(("warning", warning.to_owned()));
    }
    let owned = |(key, value): (&str, String)| (key.to_owned(), value);
    entries.into_iter().map(owned).collect()
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data have a form in JSON")
}

fn preprocessing(input: &InputSpec, clips: bool) -> String {
    let InputSpec {
        size, order, range, ..
    } = input;
    let order = match order {
        ChannelOrder::Rgb => "red, green, blue",
        ChannelOrder::Bgr => "blue, green, red",
    };
    let axes = match clips {
        true => {
            "batch, snippets, frames, channels, rows, columns; a snippet is successive frames, cut out at the place of its first"
        }
        false => "batch, channels, rows, columns",
    };
    format!(
        "Cut the face out as `crop` says, scale it to {size} x {size} pixels with an antialiased bicubic filter; channels in the order {order}; (pixel / {range} - mean) / std with `input`'s; axes are {axes}."
    )
}

fn postprocessing(config: &DetectorConfig, clips: bool) -> String {
    let mut steps = vec![
        "`probability` is calibrated: sigmoid(slope * (logits[1] - logits[0]) + offset) with `decision`'s; forged from its `threshold` on, else uncertain from `uncertain_from` on where that is given, else real.",
    ];
    match &config.model {
        Architecture::Pcl(_) | Architecture::Lisiam { .. } => {
            steps.push("`heat_map` is in pixels of the input, 0 to 1, 1 is forged.");
        }
        Architecture::Adm(network) if network.artifact_detection => steps.push(
            "`boxes` are left, top, right and lower edge in shares of the crop, `box_confidences` how sure each is; of those of at least `box_selection`'s `confidence` the surest is kept and those that overlap it (intersection over union) by more than `overlap` are dropped, until `most` are kept.",
        ),
        _ => {}
    }
    if clips {
        steps.push("`frame_probability` is that of each frame, with `frame_decision`'s.");
    }
    steps.join(" ")
}
