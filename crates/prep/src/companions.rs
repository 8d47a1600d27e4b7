//! What stands beside a forgery: its original, its mask, and the same pair in another compression.

use std::collections::BTreeMap;
use std::path::Path;

use datasets::Clip;
use face_preproc::pictures::Mask;
use forgery_masks::MaskSource;

use crate::cut::Cut;
use crate::frames::Frames;
use crate::places::Places;
use crate::{FaceSource, PrepConfig};

/// An opened clip with its path.
struct Companion {
    what: &'static str,
    path: String,
    frames: Frames,
}

/// The clips beside a forgery that a configuration asks for; none beside a real one.
#[derive(Default)]
pub(crate) struct Companions {
    /// What its faces are looked for in, or its masks are made from.
    original: Option<Companion>,
    /// The data set's mask.
    mask: Option<Companion>,
    /// The forgery and its original in the compression that masks are made from.
    pair: Option<[Companion; 2]>,
}

impl Companions {
    /// Opens what is needed of a clip.
    pub(crate) fn open(root: &Path, clip: &Clip, config: &PrepConfig) -> Result<Self, String> {
        if !clip.label.is_forged() {
            return Ok(Self::default());
        }
        let open = |what, path: &String| {
            let frames = Frames::beside(root, path, clip)
                .map_err(|error| format!("its {what} {path}: {error}"))?;
            let path = path.clone();
            Ok::<_, String>(Companion { what, path, frames })
        };
        let pair = match &config.masks_from {
            Some(from) if clip.compression.as_deref() != Some(from) => pair_in(root, clip, from)?,
            _ => None,
        };
        let needs_real = config.mask.needs_real();
        let cut_by_original = config.faces.by_original(clip);
        let original = clip.original.as_ref();
        let original = original.filter(|_| cut_by_original || needs_real && pair.is_none());
        // A mask tells which face is forged even where the masks of the crops are made otherwise.
        let mask = clip.mask.as_ref();
        let mask = mask.filter(|_| !needs_real || config.faces != FaceSource::Annotated);
        Ok(Self {
            original: original.map(|path| open("original", path)).transpose()?,
            mask: mask.map(|path| open("mask", path)).transpose()?,
            pair: match pair {
                Some([forged, real]) => Some([
                    open("other compression", &forged)?,
                    open("original", &real)?,
                ]),
                None => None,
            },
        })
    }

    /// The original's frames, where the faces are to be looked for in them.
    pub(crate) fn cut_by(&self, clip: &Clip, config: &PrepConfig) -> Option<&Frames> {
        let original = self.original.as_ref()?;
        let by_original = config.faces.by_original(clip);
        by_original.then_some(&original.frames)
    }

    /// The data set's mask.
    pub(crate) fn mask(&self) -> Option<&Frames> {
        self.mask.as_ref().map(|mask| &mask.frames)
    }

    /// The path of the original.
    pub(crate) fn original_path(&self) -> &str {
        self.original.as_ref().map_or("", |it| it.path.as_str())
    }

    /// The frames to look at: spread over the original where it is needed, so that a forgery's are those
    /// of the real clip, and of these the ones that all have. What they do not have is `error`.
    pub(crate) fn places(
        &self,
        own: &Frames,
        config: &PrepConfig,
        error: &mut Option<String>,
    ) -> Result<Places, String> {
        let all = [&self.original, &self.mask].into_iter().flatten();
        let all: Vec<&Companion> = all.chain(self.pair.iter().flatten()).collect();
        let mut common = own.numbers().to_vec();
        for other in &all {
            common.retain(|number| other.frames.place(*number).is_some());
        }
        if let Some(shortest) = all.iter().min_by_key(|other| other.frames.numbers().len())
            && common.len() < own.numbers().len()
        {
            let (has, of) = (shortest.frames.numbers().len(), own.numbers().len());
            error.get_or_insert(format!(
                "its {} {} has {has} frames, the clip {of}: the {} that both have are used",
                shortest.what,
                shortest.path,
                common.len()
            ));
        }
        let spread_over = match &self.original {
            Some(original) => original.frames.numbers(),
            None => &common,
        };
        Ok(Places::spread(spread_over, config)?.among(&common))
    }

    /// The masks of the crops, by frame, where there is what they are made from; of a forged frame in which
    /// nothing differs there is none: it would be forged and alike all over.
    pub(crate) fn masks(
        &self,
        cuts: &[Cut],
        config: &PrepConfig,
        error: &mut Option<String>,
    ) -> Result<BTreeMap<usize, Option<Mask>>, String> {
        let needs_real = config.mask.needs_real();
        let (forged, other) = match (&self.pair, needs_real) {
            (Some([forged, real]), true) => (Some(forged), Some(real)),
            (_, true) => (None, self.original.as_ref()),
            (_, false) => (None, self.mask.as_ref()),
        };
        let Some(other) = other else {
            return Ok(BTreeMap::new());
        };
        let wanted: Vec<usize> = cuts.iter().map(|cut| cut.frame).collect();
        let by_frame: BTreeMap<usize, &Cut> = cuts.iter().map(|cut| (cut.frame, cut)).collect();
        let mut seconds = match forged {
            Some(forged) => Some(forged.frames.at(&wanted).map_err(|e| forged.said(&e))?),
            None => None,
        };
        let mut made = BTreeMap::new();
        for frame in other.frames.at(&wanted).map_err(|e| other.said(&e))? {
            let second = seconds.as_mut().map(Iterator::next);
            let (number, picture, second) = match (frame, second) {
                (Ok((number, picture)), None) => (number, picture, None),
                (Ok((number, picture)), Some(Some(Ok(second)))) if second.0 == number => {
                    (number, picture, Some(second))
                }
                (Err(reason), _) | (_, Some(Some(Err(reason)))) => {
                    error.get_or_insert(other.said(&reason));
                    continue;
                }
                _ => break,
            };
            let Some(cut) = by_frame.get(&number) else {
                continue;
            };
            let mask = if needs_real {
                let real = cut.window.cut(&picture);
                let of = second.map(|(_, forged)| cut.window.cut(&forged));
                let of = of.as_ref().unwrap_or(&cut.picture);
                config.mask.make(of, Some(&real), None)
            } else {
                let mask = cut.window.cut_mask(&picture);
                config.mask.make(&cut.picture, None, Some(&mask))
            };
            let mask = mask.map_err(|e| other.said(&e.to_string()))?;
            let shows = cut.pristine || mask.iter().any(|value| *value > 0.0);
            made.insert(number, shows.then_some(mask));
        }
        if made.is_empty() && !cuts.is_empty() {
            return Err(other.said("none of its frames can be read"));
        }
        Ok(made)
    }

    /// Whether the configuration has masks for the clip at all.
    pub(crate) fn gives_masks(&self, source: &MaskSource) -> bool {
        match source.needs_real() {
            true => self.pair.is_some() || self.original.is_some(),
            false => self.mask.is_some(),
        }
    }
}

impl Companion {
    fn said(&self, error: &str) -> String {
        format!("its {} {}: {error}", self.what, self.path)
    }
}

/// The paths of the pair in another compression.
fn pair_in(root: &Path, clip: &Clip, from: &str) -> Result<Option<[String; 2]>, String> {
    let names = match from {
        "raw" => &["raw", "c0"][..],
        other => &[other][..],
    };
    let mut wanted = None;
    for name in names {
        let Some(pair) = clip.pair_in(name) else {
            return Ok(None);
        };
        if pair.iter().all(|path| root.join(path).is_file()) {
            return Ok(Some(pair));
        }
        wanted.get_or_insert(pair);
    }
    let [forged, real] = wanted.unwrap_or_default();
    let gone = if root.join(&forged).is_file() {
        real
    } else {
        forged
    };
    Err(format!(
        "its masks are to be made from {from}, and {gone} is missing"
    ))
}
