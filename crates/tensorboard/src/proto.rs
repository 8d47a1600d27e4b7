//! TensorFlow's messages, with the fields that are written here.

use prost::{Message, Oneof};

/// `tensorflow.Event` (`event.proto`).
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    pub(crate) wall_time: f64,
    #[prost(int64, tag = "2")]
    pub(crate) step: i64,
    #[prost(oneof = "What", tags = "3, 5, 7")]
    pub(crate) what: Option<What>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum What {
    #[prost(string, tag = "3")]
    FileVersion(String),
    #[prost(message, tag = "5")]
    Summary(Summary),
    #[prost(message, tag = "7")]
    SessionLog(SessionLog),
}

/// `tensorflow.SessionLog`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct SessionLog {
    /// 1: a session starts.
    #[prost(int32, tag = "1")]
    pub(crate) status: i32,
}

/// `tensorflow.Summary` (`summary.proto`).
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Summary {
    #[prost(message, repeated, tag = "1")]
    pub(crate) value: Vec<Value>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Value {
    #[prost(string, tag = "1")]
    pub(crate) tag: String,
    #[prost(message, optional, tag = "9")]
    pub(crate) metadata: Option<Metadata>,
    #[prost(oneof = "Kind", tags = "2, 4, 8")]
    pub(crate) kind: Option<Kind>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum Kind {
    #[prost(float, tag = "2")]
    SimpleValue(f32),
    #[prost(message, tag = "4")]
    Image(Image),
    #[prost(message, tag = "8")]
    Tensor(Tensor),
}

/// `tensorflow.SummaryMetadata`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Metadata {
    #[prost(message, optional, tag = "1")]
    pub(crate) plugin_data: Option<PluginData>,
    /// Markdown.
    #[prost(string, tag = "3")]
    pub(crate) summary_description: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct PluginData {
    #[prost(string, tag = "1")]
    pub(crate) plugin_name: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) content: Vec<u8>,
}

/// `tensorflow.Summary.Image`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Image {
    #[prost(int32, tag = "1")]
    pub(crate) height: i32,
    #[prost(int32, tag = "2")]
    pub(crate) width: i32,
    /// 3: RGB.
    #[prost(int32, tag = "3")]
    pub(crate) colorspace: i32,
    /// PNG or JPEG.
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) encoded_image_string: Vec<u8>,
}

/// `tensorflow.TensorProto` (`tensor.proto`).
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Tensor {
    /// 1: float, 7: string.
    #[prost(int32, tag = "1")]
    pub(crate) dtype: i32,
    #[prost(message, optional, tag = "2")]
    pub(crate) tensor_shape: Option<Shape>,
    #[prost(float, repeated, tag = "5")]
    pub(crate) float_val: Vec<f32>,
    #[prost(bytes = "vec", repeated, tag = "8")]
    pub(crate) string_val: Vec<Vec<u8>>,
}

/// `tensorflow.TensorShapeProto`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Shape {
    #[prost(message, repeated, tag = "2")]
    pub(crate) dim: Vec<Dim>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Dim {
    #[prost(int64, tag = "1")]
    pub(crate) size: i64,
}

/// `tensorboard.hparams.HParamsPluginData`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct HparamsData {
    #[prost(message, optional, tag = "3")]
    pub(crate) session_start_info: Option<SessionStart>,
}

/// `tensorboard.hparams.SessionStartInfo`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct SessionStart {
    /// A map: entries of a key and a value.
    #[prost(message, repeated, tag = "1")]
    pub(crate) hparams: Vec<HparamEntry>,
    /// Seconds since 1970.
    #[prost(double, tag = "5")]
    pub(crate) start_time_secs: f64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct HparamEntry {
    #[prost(string, tag = "1")]
    pub(crate) key: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) value: Option<HparamValue>,
}

/// `google.protobuf.Value`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct HparamValue {
    #[prost(oneof = "Hparam", tags = "2, 3, 4")]
    pub(crate) kind: Option<Hparam>,
}

/// The value of a hyper-parameter.
#[derive(Clone, PartialEq, Oneof)]
pub enum Hparam {
    /// A number.
    #[prost(double, tag = "2")]
    Number(f64),
    /// A word.
    #[prost(string, tag = "3")]
    Text(String),
    /// Yes or no.
    #[prost(bool, tag = "4")]
    Bool(bool),
}

/// `tensorboard.PrCurvePluginData`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct PrCurveData {
    #[prost(uint32, tag = "2")]
    pub(crate) num_thresholds: u32,
}
