//! A file of events, open for more.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use prost::Message;

use crate::curve::PrCurve;
use crate::proto::{
    Dim, Event, Hparam, HparamEntry, HparamValue, HparamsData, Image, Kind, Metadata, PluginData,
    PrCurveData, SessionLog, SessionStart, Shape, Summary, Tensor, Value, What,
};
use crate::record;

/// The format's version, which the first event of a file says.
const VERSION: &str = "brain.Event:2";
/// What all files of events have in their names.
const NAME: &str = "events.out.tfevents";
/// What every name ends in, where TensorFlow has the machine's name.
const WRITER: &str = "forged-faces";

/// Where the plugin `hparams` looks for what a run was begun with.
const HPARAMS: &str = "_hparams_/session_start_info";

/// What a ROC curve's axes are.
const ROC: &str =
    "Rate of true positives over that of false positives: *step* is the latter, in thousandths.";

/// `tensorflow.DataType`.
const FLOAT: i32 = 1;
const STRING: i32 = 7;
/// `tensorflow.SessionLog.SessionStatus.START`.
const START: i32 = 1;
/// RGB, in `tensorflow.Summary.Image.colorspace`.
const RGB: i32 = 3;

/// A file of events. Every event is in the file when its call returns.
#[derive(Debug)]
pub struct Events {
    path: PathBuf,
    file: File,
}

impl Events {
    /// Makes a new file in a folder, which is made too. Its name has the time, so that TensorBoard reads
    /// the files of a folder in their order.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn create(folder: &Path, now: SystemTime) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let seconds = now
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let mut count = 0;
        let (path, file) = loop {
            let path = folder.join(format!("{NAME}.{seconds:010}.{WRITER}.{count}"));
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(file) => break (path, file),
                // Another of the same second came first.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => count += 1,
                Err(error) => return Err(error),
            }
        };
        let mut events = Self { path, file };
        events.write(0, What::FileVersion(VERSION.to_owned()))?;
        Ok(events)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Says that a run goes on at `step`: what earlier files say of this step and later ones is then no
    /// longer shown.
    ///
    /// # Errors
    ///
    /// Where it cannot be written, as of all that follows.
    pub fn start(&mut self, step: usize) -> io::Result<()> {
        self.write(step, What::SessionLog(SessionLog { status: START }))
    }

    /// A number; `tag` groups by what stands before its first `/`.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn scalar(&mut self, tag: &str, step: usize, number: f64) -> io::Result<()> {
        self.summary(tag, step, None, Kind::SimpleValue(number as f32))
    }

    /// Text in Markdown.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn text(&mut self, tag: &str, step: usize, text: &str) -> io::Result<()> {
        let tensor = Tensor {
            dtype: STRING,
            tensor_shape: Some(shape(&[1])),
            string_val: vec![text.as_bytes().to_vec()],
            ..Tensor::default()
        };
        self.summary(
            tag,
            step,
            Some(plugin("text", Vec::new())),
            Kind::Tensor(tensor),
        )
    }

    /// An RGB picture, encoded as PNG or JPEG, and words on it in Markdown; `size` is width and height in
    /// pixels.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn picture(
        &mut self,
        tag: &str,
        step: usize,
        size: (u32, u32),
        encoded: Vec<u8>,
        says: &str,
    ) -> io::Result<()> {
        let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
        let image = Image {
            width: side(size.0),
            height: side(size.1),
            colorspace: RGB,
            encoded_image_string: encoded,
        };
        self.summary(
            tag,
            step,
            Some(described("images", says)),
            Kind::Image(image),
        )
    }

    /// Precision against recall.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn pr_curve(&mut self, tag: &str, step: usize, curve: &PrCurve) -> io::Result<()> {
        let thresholds = curve.thresholds();
        let data = PrCurveData {
            num_thresholds: u32::try_from(thresholds).unwrap_or(u32::MAX),
        };
        let tensor = Tensor {
            dtype: FLOAT,
            tensor_shape: Some(shape(&[6, thresholds])),
            float_val: curve.values(),
            ..Tensor::default()
        };
        let metadata = plugin("pr_curves", data.encode_to_vec());
        self.summary(tag, step, Some(metadata), Kind::Tensor(tensor))
    }

    /// The receiver operating characteristic, by its points in rising order: rates of false and of true
    /// positives, 0 to 1. TensorBoard has no kind of its own for it: it is shown as a series of scalars,
    /// whose "step" is the rate of false positives in thousandths and whose value the highest rate of true
    /// positives there, so that the curves of several runs lie in one chart.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn roc_curve(
        &mut self,
        tag: &str,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> io::Result<()> {
        let mut highest = BTreeMap::new();
        for (fpr, tpr) in points {
            highest.insert((1000.0 * fpr).round() as usize, tpr);
        }
        let metadata = described("scalars", ROC);
        highest.into_iter().try_for_each(|(thousandths, tpr)| {
            let kind = Kind::SimpleValue(tpr as f32);
            self.summary(tag, thousandths, Some(metadata.clone()), kind)
        })
    }

    /// The hyper-parameters of the run whose folder this file is in; TensorBoard sets those of several
    /// runs beside their scalars.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn hparams(
        &mut self,
        hparams: impl IntoIterator<Item = (String, Hparam)>,
    ) -> io::Result<()> {
        let entry = |(key, value)| HparamEntry {
            key,
            value: Some(HparamValue { kind: Some(value) }),
        };
        let data = HparamsData {
            session_start_info: Some(SessionStart {
                hparams: hparams.into_iter().map(entry).collect(),
                start_time_secs: now(),
            }),
        };
        // The plugin reads its metadata alone, and wants a tensor beside them.
        let nothing = Tensor {
            dtype: FLOAT,
            tensor_shape: Some(shape(&[1])),
            float_val: vec![0.0],
            ..Tensor::default()
        };
        let metadata = plugin("hparams", data.encode_to_vec());
        self.summary(HPARAMS, 0, Some(metadata), Kind::Tensor(nothing))
    }

    fn summary(
        &mut self,
        tag: &str,
        step: usize,
        metadata: Option<Metadata>,
        kind: Kind,
    ) -> io::Result<()> {
        let value = Value {
            tag: tag.to_owned(),
            metadata,
            kind: Some(kind),
        };
        self.write(step, What::Summary(Summary { value: vec![value] }))
    }

    fn write(&mut self, step: usize, what: What) -> io::Result<()> {
        let event = Event {
            wall_time: now(),
            step: i64::try_from(step).unwrap_or(i64::MAX),
            what: Some(what),
        };
        record::write(&mut self.file, &event.encode_to_vec())
    }
}

/// Seconds since 1970.
fn now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0.0, |since| since.as_secs_f64())
}

fn shape(sizes: &[usize]) -> Shape {
    let dim = |size: &usize| Dim {
        size: i64::try_from(*size).unwrap_or(i64::MAX),
    };
    Shape {
        dim: sizes.iter().map(dim).collect(),
    }
}

fn described(name: &str, says: &str) -> Metadata {
    Metadata {
        summary_description: says.to_owned(),
        ..plugin(name, Vec::new())
    }
}

fn plugin(name: &str, content: Vec<u8>) -> Metadata {
    let plugin_data = Some(PluginData {
        plugin_name: name.to_owned(),
        content,
    });
    Metadata {
        plugin_data,
        ..Metadata::default()
    }
}
