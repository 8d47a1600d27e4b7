//! What a call of `detect` was asked, kept beside its answers so that it can be gone on with.

use std::{fs, num::NonZeroUsize, path::Path};

use anyhow::{Context, ensure};
use inference::{Detector, DetectorConfig, FileName};
use serde::{Deserialize, Serialize};

/// The file's name in the folder of answers.
const NAME: &str = "call.json";

/// All that answers depend on but the files themselves.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Call {
    pub paths: Vec<FileName>,
    pub recursive: bool,
    pub run: Option<FileName>,
    pub whole: bool,
    pub any_compression: bool,
    pub frames: NonZeroUsize,
    pub threshold: Option<f64>,
    /// The folder that paths start from.
    pub folder: FileName,
    /// The detector that was asked; absent before it was opened.
    pub detector: Option<DetectorConfig>,
}

impl Call {
    /// That of a folder of answers.
    pub(super) fn read(out: &Path) -> anyhow::Result<Self> {
        let path = out.join(NAME);
        let text = fs::read_to_string(&path).with_context(|| {
            format!(
                "{}: no call of `detect` that can be gone on with",
                out.display()
            )
        })?;
        let call: Self = serde_json::from_str(&text)
            .with_context(|| format!("{} is damaged", path.display()))?;
        ensure!(
            call.folder == here()?,
            "{} was begun in {}; go on with it from there",
            out.display(),
            call.folder.path().display()
        );
        Ok(call)
    }

    /// Keeps it beside its answers; of one that was begun before, makes sure that the detector is the
    /// same.
    pub(super) fn keep(&mut self, out: &Path, detector: &Detector) -> anyhow::Result<()> {
        let config = Some(detector.config.clone());
        ensure!(
            self.detector.is_none() || self.detector == config,
            "{}: the detector is another than the one that it was begun with; ask anew, without --resume",
            out.display()
        );
        self.detector = config;
        let path = out.join(NAME);
        let text = serde_json::to_string_pretty(self)?;
        fs::create_dir_all(out).with_context(|| out.display().to_string())?;
        face_preproc::pictures::write_atomically(&path, format!("{text}\n").as_bytes())
            .with_context(|| path.display().to_string())
    }
}

/// The current directory.
pub(super) fn here() -> anyhow::Result<FileName> {
    let here = std::env::current_dir().context("the current directory")?;
    Ok(here.as_path().into())
}
