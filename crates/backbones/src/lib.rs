//! Image classification networks with intermediate feature maps, and strict loading of their
//! published weights.
//!
//! A network here is a [`Backbone`](core_tensor_ops::Backbone): models take its feature maps and
//! put their own heads on them. Modules, fields and parameters bear torchvision's or timm's names,
//! so that their state dictionaries fit as they are.

mod any;
mod block;
mod efficientnet;
mod resnet;
mod separable;
pub mod weights;
mod xception;

pub use any::{AnyBackbone, BackboneConfig, BackboneConfigError};
pub use block::ResidualBlock;
pub use efficientnet::{
    DepthwiseSeparable, EfficientNet, EfficientNetConfig, EfficientNetVariant, InvertedResidual,
    MbConv, SamePadding, SqueezeExcite,
};
pub use resnet::{ResNet, ResNetConfig, ResNetDepth};
pub use separable::{SeparableConv2d, XceptionBlock};
pub use weights::{
    Aliases, LoadOptions, LoadReport, StateDict, Weight, WeightsError, load_module,
    load_module_bytes, load_weights, load_weights_bytes, save_module, save_safetensors, state_dict,
    tensor_shapes,
};
pub use xception::{Xception, XceptionConfig};
