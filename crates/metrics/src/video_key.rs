use std::fmt;

/// What makes a video the same video.
///
/// A name alone does not: `000_003` exists once for each manipulation and compression of a data
/// set, and those are different videos.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VideoKey {
    /// The data set.
    pub dataset: String,
    /// The manipulation, or what the data set calls its real videos.
    pub method: String,
    /// The compression, where a data set has several.
    pub compression: Option<String>,
    /// The video's name.
    pub video: String,
}

impl fmt::Display for VideoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            dataset,
            method,
            compression,
            video,
        } = self;
        write!(f, "{dataset}/{method}/")?;
        if let Some(compression) = compression {
            write!(f, "{compression}/")?;
        }
        f.write_str(video)
    }
}
