//! Class activation maps by gradients, and the features that a network goes through.

use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use core_tensor_ops::{Tap, forged_log_odds, global_average_pool};

use crate::ExplainError;

/// Grad-CAM (Selvaraju et al., ICCV 2017, Eq. 1 and 2) of the log-odds of forged: where in a
/// layer's map lies what speaks for forged.
///
/// Channels are weighted by the mean of `d odds / d A` over the map, summed, and what is negative is
/// zero. The gradient is that of a zero added to the map; nothing before the layer is kept for it,
/// and the network is not copied.
///
/// - `layer`: its place among the tapped maps
/// - `forward`: one forward pass of images *on a device with autodiff*, as
///   `|tap| detector.class_logits(images.autodiff(), tap)`
///
/// # Shapes
///
/// - what `forward` gives: `[batch, 2]`, logits of real and forged
/// - returns `[maps, height, width]` of the layer's size, not negative, without an upper bound, on
///   the device without autodiff; `maps` is the batch, of clips the number of all their frames
///
/// # Errors
///
/// [`ExplainError::NoSuchLayer`] if the pass comes by fewer layers, and
/// [`ExplainError::NoAutodiff`] if its images were on a plain device.
pub fn grad_cam(
    layer: usize,
    forward: impl FnOnce(&mut Tap<'_>) -> Tensor<2>,
) -> Result<Tensor<3>, ExplainError> {
    let (mut layers, mut tapped) = (0, None);
    let class_logits = forward(&mut |index, map: Tensor<4>| {
        layers += 1;
        if index != layer || !map.is_autodiff() {
            return map;
        }
        let activation = map.clone().inner();
        let probe = activation.zeros_like().autodiff().require_grad();
        tapped = Some((activation, probe.clone()));
        map + probe
    });
    if layers <= layer {
        return Err(ExplainError::NoSuchLayer { layer, layers });
    }
    let (activation, probe) = tapped.ok_or(ExplainError::NoAutodiff)?;
    // Pictures of a batch do not depend on each other.
    let gradients = forged_log_odds(class_logits).sum().backward();
    // Absent where the logits do not depend on the layer.
    let Some(gradient) = probe.grad(&gradients) else {
        return Ok(activation.zeros_like().sum_dim(1).squeeze_dim(1));
    };
    let weights = gradient.mean_dim(3).mean_dim(2);
    Ok(relu((weights * activation).sum_dim(1).squeeze_dim(1)))
}

/// The means of every tapped map: features of every layer from one forward pass.
///
/// # Shapes
///
/// - `forward`: as in [`grad_cam`], on any device
/// - returns of each layer `[maps, channels]`, and the logits, `[batch, 2]`
pub fn pooled_maps(forward: impl FnOnce(&mut Tap<'_>) -> Tensor<2>) -> (Vec<Tensor<2>>, Tensor<2>) {
    let mut pooled = Vec::new();
    let logits = forward(&mut |_, map| {
        pooled.push(global_average_pool(map.clone()));
        map
    });
    (pooled, logits)
}
