//! A backbone of any family.

use backbones::{AnyBackbone, BackboneConfig};
use core_tensor_ops::Backbone;

use super::{efficientnet, resnet, xception};
use crate::layers::{Maps, Net};

/// Its feature maps, in the order of its specifications; `prefix` is what its weights' names begin with.
pub(crate) fn backbone(
    net: &mut Net<'_>,
    prefix: &str,
    (network, config): (&AnyBackbone, &BackboneConfig),
    images: &Maps,
) -> Vec<Maps> {
    let specs = network.map_specs();
    match config {
        BackboneConfig::ResNet(_) => resnet::plain(net, prefix, images),
        BackboneConfig::Xception(_) => xception::xception(net, prefix, &specs, images),
        BackboneConfig::EfficientNet(config) => {
            efficientnet::efficientnet(net, prefix, config, &specs, images)
        }
    }
}
