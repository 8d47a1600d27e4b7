//! A network's weights by the names that torchvision and timm have for its backbone's.

use backbones::{
    BackboneConfig, EfficientNetConfig, ResNetConfig, ResNetDepth, SamePadding, StateDict,
    XceptionConfig,
};

/// The weights renamed: the backbone's begin with nothing, a plain classifier's head is called as the
/// family calls it, and all else begins with `head.`, so that it meets no name of theirs.
pub(crate) fn renamed(
    weights: StateDict,
    (backbone, prefix): (&BackboneConfig, &str),
    plain: bool,
) -> StateDict {
    let head = match backbone {
        BackboneConfig::EfficientNet(_) => "classifier.",
        BackboneConfig::ResNet(_) | BackboneConfig::Xception(_) => "fc.",
    };
    let published = |name: &str| match (name.strip_prefix(prefix), name.strip_prefix("fc.")) {
        (Some(rest), _) => rest.to_owned(),
        (None, Some(rest)) if plain => format!("{head}{rest}"),
        _ => format!("head.{name}"),
    };
    let weights = weights.into_iter();
    weights
        .map(|(name, weight)| (published(&name), weight))
        .collect()
}

/// How Python makes the published network, with two classes where it is a plain classifier; [`None`] where
/// none has these sizes.
pub(crate) fn constructor(backbone: &BackboneConfig, plain: bool) -> Option<String> {
    let classes = if plain { "num_classes=2" } else { "" };
    let timm = |name: &str| {
        let comma = if plain { ", " } else { "" };
        format!("timm.create_model(\"{name}\"{comma}{classes})")
    };
    match backbone {
        BackboneConfig::ResNet(ResNetConfig {
            depth,
            base_width: 64,
            blocks: None,
            ..
        }) => {
            let depth = match depth {
                ResNetDepth::ResNet18 => 18,
                ResNetDepth::ResNet34 => 34,
                ResNetDepth::ResNet50 => 50,
            };
            Some(format!("torchvision.models.resnet{depth}({classes})"))
        }
        BackboneConfig::Xception(XceptionConfig {
            width: 1.0,
            output_stride: 32,
            ..
        }) => Some(timm("legacy_xception")),
        BackboneConfig::EfficientNet(config) => efficientnet(config).map(|name| timm(&name)),
        _ => None,
    }
}

/// timm's name of an EfficientNet that pads as its own do.
fn efficientnet(config: &EfficientNetConfig) -> Option<String> {
    let EfficientNetConfig {
        variant,
        width: None,
        depth: None,
        padding,
        padded_stem: true,
        norm_epsilon,
        ..
    } = config
    else {
        return None;
    };
    let tensorflow = match padding {
        SamePadding::Same => "tf_",
        SamePadding::Symmetric => "",
        SamePadding::Static(_) | SamePadding::Uniform(_) => return None,
    };
    // timm's own epsilons of the two families.
    let epsilon = if tensorflow.is_empty() { 1e-5 } else { 1e-3 };
    if *norm_epsilon != epsilon {
        return None;
    }
    let variant = format!("{variant:?}").to_lowercase();
    Some(format!("{tensorflow}efficientnet_{variant}"))
}
