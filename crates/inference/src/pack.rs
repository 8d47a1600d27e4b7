//! A run's detector as two files that can be given on.

use std::{fs, path::Path};

use burn::tensor::{Device, f16};
use face_preproc::pictures::write_atomically;

use runtime::{Purpose, generator};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use crate::{
    Error,
    config::{DetectorConfig, DetectorFile, RUN_WEIGHTS},
    network::{Network, Weights},
};

/// Writes the detector of a run to `folder`: its best weights in f16, which is half their size, and
/// `detector.json`. The folder is all that [`Detector::open`](crate::Detector::open) needs.
///
/// # Errors
/// Where the run has no weights yet, they do not fit its recipe or have no value in f16, or the folder
/// cannot be written.
pub fn pack(run: &Path, folder: &Path, device: &Device) -> Result<(), Error> {
    let config = DetectorConfig::of_run(run)?;
    let source = run.join(RUN_WEIGHTS);
    let bytes = fs::read(&source).map_err(Error::io(&source))?;
    let halves = halved(&bytes).map_err(|reason| Error::Damaged {
        path: source,
        reason,
    })?;
    let weights = Weights::Bytes {
        name: RUN_WEIGHTS,
        bytes: &halves,
    };
    // Every weight drawn here is replaced.
    let mut rng = generator(0, Purpose::Weights, 0, 0);
    let network = Network::new(&config.model, weights, device, &mut rng)?;
    fs::create_dir_all(folder).map_err(Error::io(folder))?;
    let path = folder.join(RUN_WEIGHTS);
    write_atomically(&path, &halves).map_err(Error::io(&path))?;
    DetectorFile::write(&config, network.input_spec(), folder, RUN_WEIGHTS)
}

/// A safetensors file with its f32 as f16, the nearest of them.
fn halved(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let mut halves = Vec::new();
    for (name, tensor) in file.tensors() {
        if tensor.dtype() != Dtype::F32 {
            return Err(format!("tensor {name} is not of f32"));
        }
        let mut values = Vec::with_capacity(tensor.data().len() / 2);
        for value in tensor.data().as_chunks().0 {
            let half = f16::from_f32(f32::from_le_bytes(*value));
            if !half.is_finite() {
                return Err(format!("tensor {name} has a value beyond those of f16"));
            }
            values.extend(half.to_le_bytes());
        }
        halves.push((name, tensor.shape().to_vec(), values));
    }
    let views = halves.iter().map(|(name, shape, values)| {
        let view = TensorView::new(Dtype::F16, shape.clone(), values);
        view.map(|view| (name, view))
    });
    let views: Vec<_> = views.collect::<Result<_, _>>().map_err(|e| e.to_string())?;
    safetensors::serialize(views, None).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(values: &[f32]) -> Vec<u8> {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let view = TensorView::new(Dtype::F32, vec![values.len()], &bytes).unwrap();
        safetensors::serialize([("a", view)], None).unwrap()
    }

    #[test]
    fn values_are_the_nearest_halves_and_what_has_none_is_refused() {
        let packed = halved(&file(&[1.0, -0.1, 65504.0])).unwrap();
        let packed = SafeTensors::deserialize(&packed).unwrap();
        let tensor = packed.tensor("a").unwrap();
        let values = tensor.data().as_chunks().0.iter();
        let values: Vec<f32> = values
            .map(|half| f16::from_le_bytes(*half).to_f32())
            .collect();
        assert_eq!((tensor.dtype(), tensor.shape()), (Dtype::F16, &[3][..]));
        assert_eq!((values[0], values[2]), (1.0, 65504.0));
        assert!((values[1] + 0.1).abs() < 1e-4);
        for wrong in [1e6, f32::NAN] {
            assert!(halved(&file(&[wrong])).unwrap_err().contains("tensor a"));
        }
        assert!(halved(b"no file").is_err());
    }
}
