//! What a detector is: `detector.json` beside its weights, or a run's own records.

use std::{
    fs,
    path::{Path, PathBuf},
};

use answers::Origin;
use core_tensor_ops::InputSpec;
use face_preproc::{crop::CropSpec, pictures::write_atomically};
use metrics::Decision;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{Error, network::Architecture};

/// The file's name in a detector's folder.
pub(crate) const FILE: &str = "detector.json";

/// The version of the file's format that is written, and the newest that is read.
const VERSION: u32 = 1;

/// What there is to know of a detector besides its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectorConfig {
    /// Its name, for a person.
    pub name: String,
    /// What it is built of.
    pub model: Architecture,
    /// How a face is cut out for it.
    pub crop: CropSpec,
    /// How its score of a frame is read: calibration and operating point.
    pub frame: Decision,
    /// How its score of a clip is read; of a network that judges single frames, the mean of a
    /// video's probabilities.
    pub video: Decision,
    /// Whether it was trained on rendered faces.
    pub synthetic: bool,
    /// Whose it is, where it was imported and not trained here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// How often it is wrong about real faces, where that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measured>,
}

/// False alarms, as measured on real faces that the detector never saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// How many real faces were judged.
    pub real: usize,
    /// How many of them were called forged.
    pub false_alarms: usize,
    /// What they are, for a person.
    pub of: String,
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            real,
            false_alarms,
            of,
        } = self;
        let percent = 100.0 * *false_alarms as f64 / *real as f64;
        write!(
            f,
            "{false_alarms} of {real} {of} were called forged ({percent:.1} %)"
        )
    }
}

/// `detector.json`.
#[derive(Serialize, Deserialize)]
pub(crate) struct DetectorFile {
    version: u32,
    #[serde(flatten)]
    pub config: DetectorConfig,
    /// Size, normalisation and channel order of the network's input. They follow from the model, and
    /// stand here for whoever reads the weights without this program.
    pub input: InputSpec,
    weights: Weights,
}

#[derive(Serialize, Deserialize)]
struct Weights {
    /// Its name in the folder.
    file: String,
    /// SHA-256, in hexadecimal digits.
    sha256: String,
}

impl DetectorFile {
    /// The file of a folder, if there is one.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(FILE);
        if !path.is_file() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path).map_err(Error::io(path))?;
        Self::parse(&text, folder).map(Some)
    }

    /// The text of the file of a folder.
    pub(crate) fn parse(text: &str, folder: &Path) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let path = folder.join(FILE);
        let Versioned { version } = parse_json(text, &path)?;
        if version > VERSION {
            return Err(Error::Newer {
                path,
                found: version,
                known: VERSION,
            });
        }
        parse_json(text, &path)
    }

    /// The weights, which are those that the file was written for.
    pub(crate) fn weights(&self, folder: &Path) -> Result<PathBuf, Error> {
        let name = Path::new(&self.weights.file);
        let damaged = |reason: &str| Error::Damaged {
            path: folder.join(FILE),
            reason: reason.to_owned(),
        };
        if name.file_name() != Some(name.as_os_str()) {
            return Err(damaged("weights.file is to be a file of the same folder"));
        }
        if name
            .extension()
            .is_none_or(|ending| ending != "safetensors")
        {
            return Err(damaged("weights.file is to end with .safetensors"));
        }
        let path = folder.join(name);
        self.check(&fs::read(&path).map_err(Error::io(&path))?, folder)?;
        Ok(path)
    }

    /// SHA-256 of the weights, in hexadecimal digits.
    pub(crate) fn sha256(&self) -> &str {
        &self.weights.sha256
    }

    /// Refuses weights that the file was not written for.
    pub(crate) fn check(&self, weights: &[u8], folder: &Path) -> Result<(), Error> {
        let found = sha256(weights);
        match found.eq_ignore_ascii_case(&self.weights.sha256) {
            true => Ok(()),
            false => Err(Error::OtherWeights {
                path: folder.join(&self.weights.file),
                expected: self.weights.sha256.clone(),
                found,
            }),
        }
    }

    /// Writes the file for the weights in `folder`, all or nothing.
    pub(crate) fn write(
        config: &DetectorConfig,
        input: InputSpec,
        folder: &Path,
        weights: &str,
    ) -> Result<(), Error> {
        let path = folder.join(weights);
        let file = Self {
            version: VERSION,
            config: config.clone(),
            input,
            weights: Weights {
                file: weights.to_owned(),
                sha256: sha256(&fs::read(&path).map_err(Error::io(&path))?),
            },
        };
        let path = folder.join(FILE);
        let text = serde_json::to_string_pretty(&file).map_err(|error| Error::Damaged {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        write_atomically(&path, format!("{text}\n").as_bytes()).map_err(Error::io(path))
    }
}

fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// A digest in hexadecimal digits.
pub(crate) fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name of a run's weights.
pub(crate) const RUN_WEIGHTS: &str = "weights.safetensors";

/// What is read of a run's `recipe.toml`; the rest is the training's.
#[derive(Deserialize)]
struct Recipe {
    name: String,
    model: Architecture,
    crop: CropSpec,
}

/// What is read of a run's `run.json`.
#[derive(Deserialize)]
struct Record {
    best: Option<Best>,
    origin: Option<Origin>,
    data: Data,
}

#[derive(Default, Deserialize)]
struct Best {
    #[serde(flatten)]
    frame: Decision,
    #[serde(default)]
    video: Decision,
}

#[derive(Deserialize)]
struct Data {
    synthetic: bool,
}

impl DetectorConfig {
    /// That of a run, from its recipe and its records.
    pub(crate) fn of_run(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("recipe.toml");
        if !path.is_file() {
            return Err(Error::NotADetector {
                path: folder.to_owned(),
            });
        }
        let text = fs::read_to_string(&path).map_err(Error::io(&path))?;
        let recipe: Recipe = toml::from_str(&text).map_err(|error| Error::Damaged {
            path,
            reason: error.to_string().trim_end().to_owned(),
        })?;
        let record: Record = read_json(&folder.join("run.json"))?;
        let best = match (record.best, &record.origin) {
            (Some(best), _) => best,
            // Nothing was validated here: scores are read as they are.
            (None, Some(_)) => Best::default(),
            (None, None) => {
                return Err(Error::Untrained {
                    path: folder.to_owned(),
                });
            }
        };
        Ok(Self {
            name: recipe.name,
            model: recipe.model,
            crop: recipe.crop,
            frame: best.frame,
            video: best.video,
            synthetic: record.data.synthetic,
            origin: record.origin,
            measured: None,
        })
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = fs::read_to_string(path).map_err(Error::io(path))?;
    parse_json(&text, path)
}

/// `path` is where the text stands.
fn parse_json<T: DeserializeOwned>(text: &str, path: &Path) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}
