//! How many clips there are, beside how many were published.

use std::collections::BTreeMap;

use datasets::{Clip, Layout};
use face_preproc::manifest::Split;
use serde::Serialize;

use crate::across::Seen;
use crate::listed::word;

/// Clips of one label, method, compression and part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// `real` or `forged`.
    pub label: &'static str,
    /// What forged them.
    pub method: String,
    /// Their compression, where the data set has several.
    pub compression: Option<String>,
    /// Their part.
    pub split: Option<Split>,
    /// How many.
    pub clips: usize,
    /// Their frames.
    pub frames: Option<Range>,
    /// Their mean quantisation parameter, 0 (nothing lost) to 51, where it is known.
    pub quantizer: Option<Range>,
}

/// The least, the mean and the most of some numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Range {
    /// The least.
    pub least: f64,
    /// The mean.
    pub mean: f64,
    /// The most.
    pub most: f64,
}

/// A number of the data set's publication, beside the one that is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Beside {
    /// The data set's layout.
    pub layout: String,
    /// `real` or `forged`.
    pub label: &'static str,
    /// The method; `None` for all of the label together.
    pub method: Option<String>,
    /// The compression; `None` where there is only one.
    pub compression: Option<String>,
    /// The part; `None` for all parts together.
    pub split: Option<Split>,
    /// How many are here.
    pub clips: usize,
    /// How many were published.
    pub published: usize,
}

impl Range {
    fn of(numbers: &[f64]) -> Option<Self> {
        let count = numbers.len();
        (count > 0).then(|| Self {
            least: numbers.iter().copied().fold(f64::INFINITY, f64::min),
            mean: numbers.iter().sum::<f64>() / count as f64,
            most: numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
    }
}

/// The clips by label, method, compression and part, in this order.
pub(crate) fn groups(seen: &[Seen<'_>]) -> Vec<Group> {
    let mut groups: BTreeMap<_, Vec<Seen<'_>>> = BTreeMap::new();
    for &(item, look) in seen {
        let clip = &item.clip;
        let key = (
            clip.label,
            &*clip.method,
            clip.compression.as_deref(),
            clip.split,
        );
        groups.entry(key).or_default().push((item, look));
    }
    let group = |((label, method, compression, split), seen): (
        (_, &str, Option<&str>, _),
        Vec<Seen<'_>>,
    )| {
        let frames = seen.iter().filter_map(|(_, look)| look.frames);
        let frames: Vec<f64> = frames.map(|count| count as f64).collect();
        let quantizers: Vec<f64> = seen.iter().filter_map(|(_, look)| look.quantizer).collect();
        Group {
            label: word(label),
            method: method.to_owned(),
            compression: compression.map(str::to_owned),
            split,
            clips: seen.len(),
            frames: Range::of(&frames),
            quantizer: Range::of(&quantizers),
        }
    };
    groups.into_iter().map(group).collect()
}

/// Rendered clips, which are nobody's publication.
const RENDERED: &str = "synthetic";

/// The published numbers of some layouts, in each compression and of each method that is here.
pub(crate) fn beside(layouts: &[Layout], clips: &[&Clip]) -> Vec<Beside> {
    let mut rows = Vec::new();
    if clips.iter().any(|clip| clip.dataset == RENDERED) {
        return rows;
    }
    for layout in layouts {
        for published in layout.published() {
            let of_label = || clips.iter().filter(|clip| clip.label == published.label);
            let mut compressions: Vec<Option<&str>> =
                of_label().map(|clip| clip.compression.as_deref()).collect();
            compressions.sort_unstable();
            compressions.dedup();
            let methods: Vec<Option<&str>> = match published.methods {
                [] => vec![None],
                methods => methods.iter().copied().map(Some).collect(),
            };
            for (&compression, &method) in compressions
                .iter()
                .flat_map(|c| methods.iter().map(move |m| (c, m)))
            {
                let here = of_label().filter(|clip| {
                    clip.compression.as_deref() == compression
                        && method.is_none_or(|method| clip.method == method)
                        && (published.split.is_none() || clip.split == published.split)
                });
                rows.push(Beside {
                    layout: layout.to_string(),
                    label: word(published.label),
                    method: method.map(str::to_owned),
                    compression: compression.map(str::to_owned),
                    split: published.split,
                    clips: here.count(),
                    published: published.clips,
                });
            }
        }
    }
    rows
}
