//! Faces where the data set says that they are.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use datasets::{Clip, FrameAnnotation, Kind, deepfake_bench, parse_annotations, parse_npy};
use face_preproc::geometry::{FaceBox, Landmarks68};

use crate::PrepConfig;
use crate::cut::Cut;
use crate::frames::Frames;
use crate::places::Places;
use crate::window::Window;

/// The longest file of one frame's landmarks that is read, in bytes.
const LONGEST: u64 = 64 << 10;

/// What is known of the frames of a clip.
enum Known<'a> {
    /// A file for all frames; of a forgery, and of its original.
    Whole {
        own: Vec<FrameAnnotation>,
        places: Option<Vec<FrameAnnotation>>,
    },
    /// A file for each frame.
    Each { root: &'a Path, files: &'a [String] },
}

/// What is known of a frame.
struct Place {
    /// Where it is to be cut.
    around: Landmarks68,
    landmarks: Landmarks68,
    pristine: bool,
}

impl<'a> Known<'a> {
    fn open(root: &'a Path, clip: &'a Clip) -> Result<Self, String> {
        let read = |path: &String| {
            let said = |error: String| format!("its annotations {path}: {error}");
            let text =
                fs::read_to_string(root.join(path)).map_err(|error| said(error.to_string()))?;
            parse_annotations(&text).map_err(|error| said(error.to_string()))
        };
        match (&clip.annotations, &clip.kind) {
            (Some(own), _) => Ok(Self::Whole {
                own: read(own)?,
                places: clip.original_annotations.as_ref().map(read).transpose()?,
            }),
            (None, Kind::Frames(files)) => Ok(Self::Each { root, files }),
            _ => Err("the data set has no annotations of it; look for faces with `found`".into()),
        }
    }

    /// `place`: of the frame among the clip's files.
    fn at(&self, number: usize, place: Option<usize>, forged: bool) -> Result<Place, String> {
        match self {
            Self::Whole { own, places } => {
                let here = own.get(number);
                let place = places.as_ref().map_or(here, |places| places.get(number));
                let (Some(here), Some(place)) = (here, place) else {
                    let reason = "its annotations or its original's end before frame";
                    return Err(format!("{reason} {number}"));
                };
                Ok(Place {
                    around: place.landmarks68,
                    landmarks: here.landmarks68,
                    pristine: forged && !here.forged,
                })
            }
            Self::Each { root, files } => {
                let frame = place.and_then(|place| files.get(place));
                let frame = frame.ok_or("fewer pictures than frames")?;
                let path = deepfake_bench::landmarks_path(frame)
                    .ok_or_else(|| format!("{frame} is in no folder `frames`"))?;
                let said = |error: String| format!("its landmarks {path}: {error}");
                let mut bytes = Vec::new();
                File::open(root.join(&path))
                    .and_then(|file| file.take(LONGEST).read_to_end(&mut bytes))
                    .map_err(|error| said(error.to_string()))?;
                let landmarks = parse_npy(&bytes).map_err(|error| said(error.to_string()))?;
                Ok(Place {
                    around: landmarks,
                    landmarks,
                    pristine: false,
                })
            }
        }
    }
}

/// The crops where the data set says that the face is; of a forgery where that of its original is,
/// so that both are cut alike. What is wrong with a frame is the clip's `error`.
pub(crate) fn annotated(
    root: &Path,
    clip: &Clip,
    frames: &Frames,
    places: &Places,
    config: &PrepConfig,
    error: &mut Option<String>,
) -> Result<Vec<Cut>, String> {
    let known = Known::open(root, clip)?;
    let mut cuts = Vec::new();
    let mut snippet: Option<Window> = None;
    for frame in frames.at(&places.frames())? {
        let placed = frame.and_then(|(number, picture)| {
            let place = known.at(number, frames.place(number), clip.label.is_forged())?;
            Ok((number, picture, place))
        });
        let (number, picture, place) = match placed {
            Ok(placed) => placed,
            Err(reason) => {
                error.get_or_insert(reason);
                continue;
            }
        };
        if places.begins(number, config.successive) {
            snippet = None;
        }
        let bounds = FaceBox::around(&place.around);
        let own = || bounds.and_then(|at| Window::around(&at, picture.dimensions(), config));
        let window = snippet.or_else(own);
        snippet = window.filter(|_| config.successive > 1);
        if let Some(window) = window {
            cuts.push(Cut {
                frame: number,
                window,
                picture: window.cut(&picture),
                landmarks: window.landmarks(&place.landmarks),
                score: 1.0,
                pristine: place.pristine,
            });
        }
    }
    match cuts.is_empty() {
        true => Err("no annotated face is within the picture".into()),
        false => Ok(cuts),
    }
}
