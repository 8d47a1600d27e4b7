//! From a detector to a file of another program's.

use std::{
    collections::HashMap,
    fmt, fs,
    path::{Path, PathBuf},
    str::FromStr,
};

use backbones::StateDict;
use face_preproc::pictures::write_atomically;
use inference::Detector;
use safetensors::{Dtype, tensor::TensorView};
use sha2::{Digest, Sha256};

use crate::{
    error::Error,
    metadata::metadata,
    model::Model,
    published::{constructor, renamed},
};

/// What wrote a file.
const PRODUCER: [&str; 2] = ["forged-faces", env!("CARGO_PKG_VERSION")];

/// What a detector is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The whole network, to be run by ONNX Runtime, OpenVINO and others.
    Onnx,
    /// Its weights, the backbone's by the names that torchvision or timm have for them.
    Safetensors,
}

impl Format {
    /// What its files end with.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Onnx => "onnx",
            Self::Safetensors => "safetensors",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

/// A word that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{name}' is no format that is written; onnx and safetensors are")]
pub struct UnknownFormat {
    /// The word.
    pub name: String,
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let known = [Self::Onnx, Self::Safetensors].into_iter();
        let mut named = known.filter(|format| format.extension() == name);
        named
            .next()
            .ok_or_else(|| UnknownFormat { name: name.into() })
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The file.
    pub file: PathBuf,
    /// Its length.
    pub bytes: usize,
    /// What the network takes, such as `images [batch, 3, 160, 160]`; nothing of weights alone.
    pub inputs: Vec<String>,
    /// What it gives.
    pub outputs: Vec<String>,
    /// How Python goes on, or why it cannot without more.
    pub next: String,
}

/// Writes a detector as another program wants it, whole or not at all; the folder is made where there is none.
///
/// # Errors
/// Where there is no such form of its network, its weights cannot be read any more, or the file cannot be
/// written.
pub fn export(detector: &Detector, format: Format, file: &Path) -> Result<Exported, Error> {
    let model = Model::of(detector)?;
    let weights = model.state_dict();
    let place = file.display();
    let (bytes, inputs, outputs, next) = match format {
        Format::Onnx => {
            let graph = model.graph(&weights, &detector.config);
            let (inputs, outputs) = (graph.inputs(), graph.outputs());
            let said = metadata(detector, &sha256(&detector.weights_file()?));
            let bytes = graph.encode(&detector.config.name, PRODUCER, &said);
            let opened = format!("onnxruntime.InferenceSession(\"{place}\")");
            (bytes, inputs, outputs, opened)
        }
        Format::Safetensors => {
            let (backbone, prefix) = model.backbone();
            let plain = model.is_plain();
            let renamed = renamed(weights, (&backbone, prefix), plain);
            let bytes = serialized(&renamed).map_err(|reason| Error::Tensors {
                path: file.to_owned(),
                reason,
            })?;
            let strict = if plain { "" } else { ", strict=False" };
            let next = match constructor(&backbone, plain) {
                Some(network) => format!(
                    "{network}.load_state_dict(safetensors.torch.load_file(\"{place}\"){strict})"
                ),
                None => "names are the published network's, but sizes or padding this recipe's: it takes a \
                         network of your own"
                    .into(),
            };
            (bytes, Vec::new(), Vec::new(), next)
        }
    };
    let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
    let written = folder.and_then(|()| write_atomically(file, &bytes));
    written.map_err(|source| Error::Io {
        path: file.to_owned(),
        source,
    })?;
    Ok(Exported {
        file: file.to_owned(),
        bytes: bytes.len(),
        inputs,
        outputs,
        next,
    })
}

fn serialized(weights: &StateDict) -> Result<Vec<u8>, String> {
    let values = weights.values().map(|weight| {
        let values = weight.values.iter();
        values
            .flat_map(|value| value.to_le_bytes())
            .collect::<Vec<u8>>()
    });
    let values: Vec<_> = values.collect();
    let views = weights.iter().zip(&values).map(|((name, weight), values)| {
        let view = TensorView::new(Dtype::F32, weight.shape.clone(), values);
        view.map(|view| (name, view))
            .map_err(|error| error.to_string())
    });
    let views: Vec<_> = views.collect::<Result<_, _>>()?;
    // What PyTorch's own files say.
    let said = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    safetensors::serialize(views, Some(said)).map_err(|error| error.to_string())
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
