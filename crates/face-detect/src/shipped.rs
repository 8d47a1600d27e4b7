//! The weights that come with this crate: TensorFlow.js manifests and 8-bit quantised values
//! (`value = byte * scale + min`). `NOTICES.md` says where they come from.

use burn::module::Module;
use burn::store::{ModuleSnapshot, bridge, burn_pack};
use burn::tensor::TensorData;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::FaceDetectError;

/// Weights inside the program.
pub(crate) struct Shipped {
    pub(crate) name: &'static str,
    pub(crate) manifest: &'static str,
    pub(crate) bytes: &'static [u8],
    /// SHA-256 of the manifest followed by the bytes, in hexadecimal.
    pub(crate) sha256: &'static str,
}

/// One file group of a TensorFlow.js weights manifest.
#[derive(Deserialize)]
struct Group {
    weights: Vec<Weight>,
}

#[derive(Deserialize)]
struct Weight {
    name: String,
    shape: Vec<usize>,
    quantization: Quantization,
}

#[derive(Deserialize)]
struct Quantization {
    scale: f32,
    min: f32,
}

/// SHA-256 of some bytes one after the other, in hexadecimal.
pub(crate) fn sha256(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    let digest = digest.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Shipped {
    /// The module with these weights. All of its parameters are set, or none.
    pub(crate) fn load<M: Module>(&self, mut module: M) -> Result<M, FaceDetectError> {
        self.try_load(&mut module)
            .map_err(|reason| FaceDetectError::Shipped {
                name: self.name,
                reason,
            })?;
        Ok(module)
    }

    fn try_load<M: Module>(&self, module: &mut M) -> Result<(), String> {
        let digest = sha256(&[self.manifest.as_bytes(), self.bytes]);
        if digest != self.sha256 {
            return Err(format!("SHA-256 is {digest}, expected {}", self.sha256));
        }
        let applied = module.apply(self.tensors()?, None, None, false);
        if let Some(error) = applied.errors.first() {
            return Err(error.to_string());
        }
        match (applied.missing.first(), applied.unused.first()) {
            (None, None) => Ok(()),
            (Some((name, _)), _) => Err(format!("{name} is missing")),
            (None, Some(name)) => Err(format!("{name} is unexpected")),
        }
    }

    fn tensors(&self) -> Result<Vec<burn_pack::Tensor>, String> {
        let groups: Vec<Group> =
            serde_json::from_str(self.manifest).map_err(|error| error.to_string())?;
        let weights: Vec<Weight> = groups.into_iter().flat_map(|group| group.weights).collect();
        let mut rest = self.bytes;
        let mut tensors = Vec::with_capacity(weights.len());
        for weight in &weights {
            let count = weight.shape.iter().product();
            let (bytes, after) = rest
                .split_at_checked(count)
                .ok_or_else(|| format!("{} is cut off", weight.name))?;
            rest = after;
            let Quantization { scale, min } = weight.quantization;
            let values: Vec<f32> = bytes
                .iter()
                .map(|&byte| f32::from(byte) * scale + min)
                .collect();
            let data = to_burn_layout(values, &weight.shape);
            tensors.push(bridge::from_data(data, field_name(weight, &weights), None));
        }
        if rest.is_empty() {
            Ok(tensors)
        } else {
            Err(format!("{} bytes are left over", rest.len()))
        }
    }
}

/// Filters from `[height, width, inputs, outputs]` to Burn's `[outputs, inputs, height, width]`;
/// of a depthwise convolution, whose last two are `channels, 1`, to `[channels, 1, height, width]`.
/// Anything else stays as it is.
fn to_burn_layout(values: Vec<f32>, shape: &[usize]) -> TensorData {
    let &[height, width, inputs, outputs] = shape else {
        return TensorData::new(values, shape);
    };
    let (rows, columns) = if outputs == 1 {
        (inputs, 1)
    } else {
        (outputs, inputs)
    };
    let mut turned = Vec::with_capacity(values.len());
    for row in 0..rows {
        for column in 0..columns {
            let within = if outputs == 1 {
                row
            } else {
                column * outputs + row
            };
            turned.extend(
                (0..height * width).map(|position| values[position * inputs * outputs + within]),
            );
        }
    }
    TensorData::new(turned, [rows, columns, height, width])
}

/// The name of the parameter in the module: `dense0/conv1/pointwise_filter` is
/// `dense0.conv1.pointwise.weight`. The bias of a separable convolution is its pointwise one's.
fn field_name(weight: &Weight, all: &[Weight]) -> String {
    let (layer, kind) = weight.name.rsplit_once('/').unwrap_or(("", &weight.name));
    let separable = all
        .iter()
        .any(|other| other.name == format!("{layer}/pointwise_filter"));
    let field = match kind {
        "depthwise_filter" => "depthwise.weight",
        "pointwise_filter" => "pointwise.weight",
        "bias" if separable => "pointwise.bias",
        "bias" => "bias",
        _ => "weight",
    };
    format!("{}.{field}", layer.replace('/', "."))
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::landmark68::{LandmarkNetwork68, WEIGHTS};

    #[test]
    fn filters_are_turned() {
        // One row, two columns, two inputs, three outputs: the value says where it was.
        let values: Vec<f32> = (0..12).map(|index| index as f32).collect();
        let turned = to_burn_layout(values, &[1, 2, 2, 3]);
        let expected = [0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11].map(|value| value as f32);
        turned.assert_eq(&TensorData::new(expected.to_vec(), [3, 2, 1, 2]), true);

        let values: Vec<f32> = (0..6).map(|index| index as f32).collect();
        let turned = to_burn_layout(values, &[1, 2, 3, 1]);
        let expected = [0, 3, 1, 4, 2, 5].map(|value| value as f32);
        turned.assert_eq(&TensorData::new(expected.to_vec(), [3, 1, 1, 2]), true);
    }

    #[test]
    fn one_changed_bit_is_noticed() {
        let mut bytes = WEIGHTS.bytes.to_vec();
        bytes[1000] ^= 1;
        let damaged = Shipped {
            bytes: bytes.leak(),
            ..WEIGHTS
        };
        let network = LandmarkNetwork68::new(&Device::flex());
        let error = damaged.load(network).unwrap_err().to_string();
        assert!(error.contains("face_landmark_68") && error.contains("SHA-256"));
    }
}
