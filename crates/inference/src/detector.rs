//! A trained detector, opened.

use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use answers::About;
use burn::tensor::Device;
use face_detect::{FaceDetectError, FaceFinder};
use runtime::{Purpose, generator};

use crate::{
    Error,
    config::{DetectorConfig, DetectorFile, FILE, RUN_WEIGHTS},
    network::{Network, Weights},
};

/// What stands for the folder of the detector that comes with the program.
const SHIPPED: &str = "shipped-detector";

/// How a detector is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PredictOptions {
    /// Images are crops of faces already: no face is looked for in them.
    pub cropped: bool,
    /// What is too compressed to be judged is judged all the same.
    pub any_compression: bool,
    /// Frames of a video that are looked at, spread over all of it; at least 1.
    pub frames: usize,
}

impl Default for PredictOptions {
    /// Faces are looked for; what is too compressed is not judged; 64 frames of a video.
    fn default() -> Self {
        Self {
            cropped: false,
            any_compression: false,
            frames: 64,
        }
    }
}

/// A network with its trained weights on a device, and how its scores are read.
///
/// One for as many threads as like; a clone shares the network and has options of its own.
#[derive(Clone)]
pub struct Detector {
    /// Where it was opened; `shipped-detector` for the one that comes with the program.
    pub path: PathBuf,
    /// What it is.
    pub config: DetectorConfig,
    /// SHA-256 of its weights, in hexadecimal digits, where `detector.json` says it.
    pub weights: Option<String>,
    /// The network.
    pub network: Network,
    /// Where the network is.
    pub device: Device,
    /// How it is asked.
    pub options: PredictOptions,
    /// The file of its weights; absent for the one that comes with the program.
    file: Option<PathBuf>,
    /// What finds faces, once it was needed.
    finder: Arc<OnceLock<FaceFinder>>,
}

impl Detector {
    /// Opens a folder with weights (safetensors) and `detector.json`, or that of a run with its best
    /// weights; strictly. Nothing is written.
    ///
    /// # Errors
    /// Where the folder is neither, the run has no weights yet, or the weights are not those that the
    /// folder speaks of.
    pub fn open(path: impl AsRef<Path>, device: &Device) -> Result<Self, Error> {
        let folder = path.as_ref();
        let Some(file) = DetectorFile::read(folder)? else {
            let config = DetectorConfig::of_run(folder)?;
            let weights = folder.join(RUN_WEIGHTS);
            return Self::load(folder, config, Weights::File(&weights), device);
        };
        let weights = file.weights(folder)?;
        Self::described(file, folder, Weights::File(&weights), device)
    }

    /// Opens the detector that comes with the program, `shipped-detector`: weights that know real faces.
    /// Its card says what they were trained on and how good they are.
    ///
    /// # Errors
    /// None, if the program was built from unchanged sources.
    pub fn shipped(device: &Device) -> Result<Self, Error> {
        let folder = Path::new(SHIPPED);
        let file = DetectorFile::parse(shipped_detector::CONFIG, folder)?;
        let bytes = shipped_detector::WEIGHTS;
        file.check(bytes, folder)?;
        let weights = Weights::Bytes {
            name: SHIPPED,
            bytes,
        };
        Self::described(file, folder, weights, device)
    }

    /// The detector of a `detector.json` in `folder`.
    fn described(
        file: DetectorFile,
        folder: &Path,
        weights: Weights<'_>,
        device: &Device,
    ) -> Result<Self, Error> {
        let sha256 = file.sha256().to_owned();
        let mut detector = Self::load(folder, file.config, weights, device)?;
        detector.weights = Some(sha256);
        match detector.network.input_spec() == file.input {
            true => Ok(detector),
            false => Err(Error::Damaged {
                path: folder.join(FILE),
                reason: "its input is not that of its model".into(),
            }),
        }
    }

    fn load(
        folder: &Path,
        config: DetectorConfig,
        weights: Weights<'_>,
        device: &Device,
    ) -> Result<Self, Error> {
        // Every weight drawn here is replaced.
        let mut rng = generator(0, Purpose::Weights, 0, 0);
        Ok(Self {
            network: Network::new(&config.model, weights, device, &mut rng)?,
            path: folder.to_owned(),
            file: match weights {
                Weights::File(path) => Some(path.to_owned()),
                Weights::Bytes { .. } | Weights::Drawn => None,
            },
            config,
            weights: None,
            device: device.clone(),
            options: PredictOptions::default(),
            finder: Arc::default(),
        })
    }

    /// Writes the `detector.json` of a run from its records. The folder's weights and that file are
    /// then all that [`open`](Self::open) needs, here or in another folder.
    ///
    /// # Errors
    /// Where the run has no weights yet, they do not fit its recipe, or the file cannot be written.
    pub fn describe_run(run: impl AsRef<Path>, device: &Device) -> Result<(), Error> {
        let folder = run.as_ref();
        let config = DetectorConfig::of_run(folder)?;
        let weights = folder.join(RUN_WEIGHTS);
        let detector = Self::load(folder, config, Weights::File(&weights), device)?;
        let input = detector.network.input_spec();
        DetectorFile::write(&detector.config, input, folder, RUN_WEIGHTS)
    }

    /// What it is, for whoever reads its answers.
    #[must_use]
    pub fn about(&self) -> About {
        let config = &self.config;
        let measured = config.measured.as_ref();
        About {
            name: config.name.clone(),
            measured: measured.map(ToString::to_string),
            false_alarms: measured
                .map(|measured| measured.false_alarms as f64 / measured.real as f64),
            origin: config.origin.as_ref().map(ToString::to_string),
            synthetic: config.synthetic,
            weights: self.weights.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
        }
    }

    /// The file of its weights as it is: safetensors, of which [`Network::new`] takes the bytes.
    ///
    /// # Errors
    /// Where it cannot be read any more.
    pub fn weights_file(&self) -> Result<Cow<'static, [u8]>, Error> {
        match &self.file {
            Some(path) => fs::read(path).map(Cow::Owned).map_err(Error::io(path)),
            None => Ok(Cow::Borrowed(shipped_detector::WEIGHTS)),
        }
    }

    /// The probability that a score of the network for one frame stands for.
    #[must_use]
    pub fn calibrated(&self, score: f64) -> f64 {
        self.config.frame.probability(score)
    }

    /// What finds faces; loaded when it is first needed.
    pub(crate) fn finder(&self) -> Result<&FaceFinder, FaceDetectError> {
        if let Some(finder) = self.finder.get() {
            return Ok(finder);
        }
        // Where another thread is faster, its own is kept.
        let finder = FaceFinder::shipped(&self.device)?;
        Ok(self.finder.get_or_init(|| finder))
    }
}
