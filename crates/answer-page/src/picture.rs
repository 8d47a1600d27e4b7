//! A picture's answer: the whole of it with numbered boxes, and each face with what the network sees.

use std::{fs::File, io::Read, path::Path};

use answers::{Answer, in_words};

use crate::{
    place::Place,
    score::{Score, class},
};

/// Pixels between a face and what the network sees, in their picture.
const GAP: u32 = 4;

/// Boxes of a face around what looks forged, the most confident: more would hide it.
const ARTEFACTS: usize = 3;

/// The whole picture.
pub(crate) struct Whole {
    pub source: String,
    pub width: u32,
    pub height: u32,
    /// The size of the boxes' numbers, and the width of their lines, in pixels of the picture.
    pub number: f32,
    pub line: f32,
    pub boxes: Vec<Numbered>,
    /// What the network draws around what looks forged.
    pub artefacts: Vec<Rectangle>,
}

/// A box with its number.
pub(crate) struct Numbered {
    pub number: usize,
    pub class: &'static str,
    pub words: String,
    pub at: Rectangle,
}

/// A box without one.
pub(crate) struct Rectangle {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

impl Whole {
    pub(crate) fn new(answer: &Answer, place: &Place<'_>) -> Option<Self> {
        let [width, height] = answer.size?;
        let source = place.picture(answer.whole.as_deref()?)?;
        let number = (width.max(height) as f32 / 45.0).max(6.0);
        let within = |corners: [f32; 4]| Rectangle::within(corners, [width, height]);
        let faces = || answer.faces.iter().flatten();
        let boxes = faces().enumerate().map(|(index, face)| Numbered {
            number: index + 1,
            class: class(&face.verdict),
            words: in_words(&face.verdict),
            at: within(face.region),
        });
        let artefacts = faces().flat_map(|face| face.forged_boxes.iter().take(ARTEFACTS));
        Some(Self {
            source,
            width,
            height,
            number,
            line: number / 7.0,
            boxes: boxes.collect(),
            artefacts: artefacts.map(|found| within(found.corners)).collect(),
        })
    }
}

impl Rectangle {
    /// The part of a box, `[left, top, right, bottom]`, that lies in the picture.
    fn within([left, top, right, bottom]: [f32; 4], [width, height]: [u32; 2]) -> Self {
        let [left, right] = [left, right].map(|x| x.clamp(0.0, width as f32));
        let [top, bottom] = [top, bottom].map(|y| y.clamp(0.0, height as f32));
        Self {
            left,
            top,
            width: right - left,
            height: bottom - top,
        }
    }
}

/// A face.
pub(crate) struct Face {
    pub number: usize,
    pub words: String,
    pub class: &'static str,
    pub score: Score,
    pub pair: Option<Pair>,
    /// Boxes that the network draws, where its method has them.
    pub boxes: usize,
}

impl Face {
    pub(crate) fn all(answer: &Answer, place: &Place<'_>) -> Vec<Self> {
        let faces = answer.faces.iter().flatten().enumerate();
        let faces = faces.map(|(index, face)| Self {
            number: index + 1,
            words: in_words(&face.verdict),
            class: class(&face.verdict),
            score: Score::new(face.score, answer.threshold, answer.uncertain_from),
            pair: face
                .overlay
                .as_deref()
                .and_then(|name| Pair::new(name, format!("Face {}", index + 1), place)),
            boxes: face.forged_boxes.len(),
        });
        faces.collect()
    }
}

/// A face and, beside it in the same picture, what the network sees in it.
pub(crate) struct Pair {
    pub caption: String,
    pub source: String,
    /// The side of the face, in pixels.
    pub side: u32,
    /// The width of the whole picture.
    pub width: u32,
    /// Whether what the network sees stands beside the face.
    pub finding: bool,
}

impl Pair {
    pub(crate) fn new(name: &str, caption: String, place: &Place<'_>) -> Option<Self> {
        let (width, side) = png_size(&place.folder.join(name))?;
        Some(Self {
            caption,
            source: place.picture(name)?,
            side,
            width,
            finding: width == 2 * side + GAP,
        })
    }
}

/// Width and height of a PNG, from its header.
fn png_size(path: &Path) -> Option<(u32, u32)> {
    let mut head = [0; 24];
    File::open(path).ok()?.read_exact(&mut head).ok()?;
    let at = |place: usize| Some(u32::from_be_bytes(head[place..place + 4].try_into().ok()?));
    match &head[..16] {
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" => Some((at(16)?, at(20)?)),
        _ => None,
    }
}
