//! Keras's files of weights: HDF5, with groups by layer and kernels channels last.

use std::{collections::BTreeMap, fs, io::Read, path::Path};

use hdf5_pure::{File, Group};
use safetensors::tensor::{Dtype, TensorView};

use crate::{error::Error, looks::Shapes};

/// What a file of HDF5 begins with.
const SIGNATURE: [u8; 8] = *b"\x89HDF\r\n\x1a\n";

/// Groups in groups of a file: one of each layer, and another of its name within.
const DEPTH: usize = 4;

/// The weights of a file of Keras by PyTorch's names and in its layout.
pub(crate) struct KerasWeights {
    /// Their names and shapes.
    pub shapes: Shapes,
    /// A safetensors file of them.
    pub safetensors: Vec<u8>,
}

/// Reads a file of Keras; [`None`] where it is not HDF5, or cannot be opened at all.
///
/// # Errors
/// Where the file cannot be read, or holds what is no weight of a layer.
pub(crate) fn read(path: &Path) -> Result<Option<KerasWeights>, Error> {
    if !begins_as_hdf5(path) {
        return Ok(None);
    }
    let bytes = fs::read(path).map_err(|source| Error::Io {
        path: path.to_owned(),
        source,
    })?;
    let damaged = |reason: String| Error::Keras {
        path: path.to_owned(),
        reason,
    };
    let mut tensors = BTreeMap::new();
    File::from_bytes(bytes)
        .and_then(|file| collect(&file.root(), DEPTH, "", &mut tensors))
        .map_err(|error| damaged(error.to_string()))?;
    let renamed = tensors.into_iter().map(|(name, tensor)| {
        let name = torch_name(&name).ok_or_else(|| format!("'{name}' is no weight of a layer"))?;
        Ok((name, in_torch_layout(tensor)?))
    });
    let tensors: BTreeMap<_, _> = renamed.collect::<Result<_, String>>().map_err(damaged)?;
    let mut views = Vec::new();
    for (name, Tensor { shape, values }) in &tensors {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        views.push((name, shape, bytes.collect::<Vec<u8>>()));
    }
    let views = views.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.to_vec(), bytes);
        (name, view.expect("as many bytes as the shape says"))
    });
    let written = safetensors::serialize(views, None);
    let safetensors = written.map_err(|error| damaged(error.to_string()))?;
    let shapes = tensors
        .into_iter()
        .map(|(name, tensor)| (name, tensor.shape));
    Ok(Some(KerasWeights {
        shapes: shapes.collect(),
        safetensors,
    }))
}

fn begins_as_hdf5(path: &Path) -> bool {
    let mut first = [0; SIGNATURE.len()];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut first));
    read.is_ok() && first == SIGNATURE
}

struct Tensor {
    shape: Vec<usize>,
    values: Vec<f32>,
}

/// The data sets of a group and of those in it, by their path.
fn collect(
    group: &Group,
    depth: usize,
    path: &str,
    tensors: &mut BTreeMap<String, Tensor>,
) -> Result<(), hdf5_pure::Error> {
    for name in group.datasets()? {
        let data = group.dataset(&name)?;
        let shape = data.shape()?.into_iter().map(|side| side as usize);
        let tensor = Tensor {
            shape: shape.collect(),
            values: data.read_f32()?,
        };
        tensors.insert(format!("{path}{name}"), tensor);
    }
    // A damaged file may hold a group in itself.
    if depth > 0 {
        for name in group.groups()? {
            let path = format!("{path}{name}/");
            collect(&group.group(&name)?, depth - 1, &path, tensors)?;
        }
    }
    Ok(())
}

/// PyTorch's name of `LAYER/LAYER/kernel:0`.
fn torch_name(path: &str) -> Option<String> {
    let (layers, weight) = path.rsplit_once('/')?;
    let layer = layers.split('/').next()?;
    let weight = match weight.split(':').next()? {
        "kernel" | "gamma" => "weight",
        "bias" | "beta" => "bias",
        "moving_mean" => "running_mean",
        "moving_variance" => "running_var",
        _ => return None,
    };
    Some(format!("{layer}.{weight}"))
}

/// Kernels `[height, width, inputs, outputs]` as `[outputs, inputs, height, width]`, `[inputs, outputs]` as
/// `[outputs, inputs]`.
fn in_torch_layout(tensor: Tensor) -> Result<Tensor, String> {
    let Tensor { shape, values } = tensor;
    if shape.iter().product::<usize>() != values.len() {
        return Err(format!("{} values are no {shape:?}", values.len()));
    }
    let (area, [inputs, outputs], turned) = match shape[..] {
        [height, width, inputs, outputs] => (
            height * width,
            [inputs, outputs],
            vec![outputs, inputs, height, width],
        ),
        [inputs, outputs] => (1, [inputs, outputs], vec![outputs, inputs]),
        _ => return Ok(Tensor { shape, values }),
    };
    let at = |place: usize| {
        let (output, input) = (place / (area * inputs), place / area % inputs);
        values[(place % area * inputs + input) * outputs + output]
    };
    Ok(Tensor {
        values: (0..values.len()).map(at).collect(),
        shape: turned,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_turned_as_pytorch_has_them() {
        // [1, 2, 2, 3] of values that tell their place: 100 x, 10 input, output.
        let places = (0..2).flat_map(|x| (0..2).flat_map(move |i| (0..3).map(move |o| (x, i, o))));
        let value = |(x, i, o): (i32, i32, i32)| (100 * x + 10 * i + o) as f32;
        let kernel = Tensor {
            shape: vec![1, 2, 2, 3],
            values: places.map(value).collect(),
        };
        let turned = in_torch_layout(kernel).unwrap();
        assert_eq!(turned.shape, [3, 2, 1, 2]);
        let expected = [0, 100, 10, 110, 1, 101, 11, 111, 2, 102, 12, 112];
        assert_eq!(turned.values, expected.map(|v| v as f32));
        let dense = Tensor {
            shape: vec![2, 3],
            values: vec![0.0, 1.0, 2.0, 10.0, 11.0, 12.0],
        };
        let turned = in_torch_layout(dense).unwrap();
        assert_eq!(turned.shape, [3, 2]);
        assert_eq!(turned.values, [0.0, 10.0, 1.0, 11.0, 2.0, 12.0]);
    }

    #[test]
    fn names_are_those_of_pytorch() {
        let named = |path| torch_name(path);
        assert_eq!(
            named("conv2d_1/conv2d_1/kernel:0").as_deref(),
            Some("conv2d_1.weight")
        );
        let variance = "norm/norm/moving_variance:0";
        assert_eq!(named(variance).as_deref(), Some("norm.running_var"));
        assert_eq!(named("lstm/lstm/recurrent_kernel:0"), None);
        assert_eq!(named("kernel:0"), None);
    }
}
