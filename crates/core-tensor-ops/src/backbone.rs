//! What a model may ask of the network it is plugged onto.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use rand::Rng;

/// One feature map of a [`Backbone`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapSpec {
    /// What the network's library calls the layer that makes it, such as `layer4`.
    pub name: &'static str,
    /// Number of channels.
    pub channels: usize,
    /// Input pixels between two neighbouring positions of the map; an input of `n` pixels gives a
    /// map of `ceil(n / stride)`, or somewhat less where a network says that it does not pad.
    pub stride: usize,
}

/// Takes part in a forward pass at every feature map: given the map's place among
/// [`Backbone::map_specs`] and the map, it says which map to go on with, of the same shape.
///
/// It keeps maps, changes them, or adds a zero whose gradient is the map's.
pub type Tap<'a> = dyn FnMut(usize, Tensor<4>) -> Tensor<4> + 'a;

/// A network that turns images into feature maps, without a classification head.
///
/// Models are generic over this trait: a consistency branch may read the map of stride 16 and a
/// class head the last one, of any backbone.
pub trait Backbone: Module + ModuleDisplay + Sync {
    /// All feature maps, from the finest to the coarsest, in the order of
    /// [`map_specs`](Self::map_specs).
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, height, width]`, normalised as the weights expect
    ///   ([`InputSpec`](crate::InputSpec))
    /// - map `i`: `[batch, specs[i].channels, ceil(height / specs[i].stride),
    ///   ceil(width / specs[i].stride)]`
    fn feature_maps(&self, images: Tensor<4>) -> Vec<Tensor<4>> {
        self.tapped_maps(images, &mut |_, map| map)
    }

    /// As [`feature_maps`](Self::feature_maps); every map goes through `tap` on its way, in their
    /// order, and what it gives is what the network goes on with.
    fn tapped_maps(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> Vec<Tensor<4>>;

    /// As [`feature_maps`](Self::feature_maps), with what the network drops at random in training,
    /// drawn from `rng`. Nothing is dropped unless a network says so.
    fn training_maps(&self, images: Tensor<4>, _rng: &mut dyn Rng) -> Vec<Tensor<4>> {
        self.feature_maps(images)
    }

    /// Name, channels and stride of every map; never empty, strides never decrease.
    fn map_specs(&self) -> Vec<MapSpec>;
}
