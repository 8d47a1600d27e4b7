//! A picture's answer: the whole of it with numbered boxes, and each face with what the network sees.

use std::{fs::File, io::Read, path::Path};

use answers::{Answer, in_words};

use super::{
    pictures::Pictures,
    score::{Score, class},
};

/// Pixels between a face and what the network sees, in their picture.
const GAP: u32 = 4;

/// The whole picture.
pub(super) struct Whole {
    pub source: String,
    pub width: u32,
    pub height: u32,
    /// The size of the boxes' numbers, and the width of their lines, in pixels of the picture.
    pub number: f32,
    pub line: f32,
    pub boxes: Vec<Numbered>,
}

/// A box with its number.
pub(super) struct Numbered {
    pub number: usize,
    pub class: &'static str,
    pub words: String,
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
    /// Where the number stands.
    pub label: (f32, f32),
}

impl Whole {
    pub(super) fn new(answer: &Answer, pictures: &Pictures<'_>) -> Option<Self> {
        let [width, height] = answer.size?;
        let source = pictures.source(answer.whole.as_deref()?)?;
        let number = (width.max(height) as f32 / 45.0).max(6.0);
        let faces = answer.faces.iter().flatten().enumerate();
        let boxes = faces.map(|(index, face)| {
            let within = |at: f32, most: u32| at.clamp(0.0, most as f32);
            let [left, right] = [face.region[0], face.region[2]].map(|x| within(x, width));
            let [top, bottom] = [face.region[1], face.region[3]].map(|y| within(y, height));
            Numbered {
                number: index + 1,
                class: class(&face.verdict),
                words: in_words(&face.verdict),
                left,
                top,
                width: right - left,
                height: bottom - top,
                label: (left, top),
            }
        });
        Some(Self {
            source,
            width,
            height,
            number,
            line: number / 7.0,
            boxes: boxes.collect(),
        })
    }
}

/// A face.
pub(super) struct Face {
    pub number: usize,
    pub words: String,
    pub class: &'static str,
    pub score: Score,
    pub pair: Option<Pair>,
    /// Boxes that the network draws, where its method has them.
    pub boxes: usize,
}

impl Face {
    pub(super) fn all(answer: &Answer, pictures: &Pictures<'_>) -> Vec<Self> {
        let faces = answer.faces.iter().flatten().enumerate();
        let faces = faces.map(|(index, face)| Self {
            number: index + 1,
            words: in_words(&face.verdict),
            class: class(&face.verdict),
            score: Score::new(face.score, answer.threshold, answer.uncertain_from),
            pair: face
                .overlay
                .as_deref()
                .and_then(|name| Pair::new(name, format!("Face {}", index + 1), pictures)),
            boxes: face.forged_boxes.len(),
        });
        faces.collect()
    }
}

/// A face and, beside it in the same picture, what the network sees in it.
pub(super) struct Pair {
    pub caption: String,
    pub source: String,
    /// The side of the face, in pixels.
    pub side: u32,
    /// The width of the whole picture.
    pub width: u32,
    /// Where the whole begins for its second half to lie where the first did; absent where there is none.
    pub second: Option<i64>,
}

impl Pair {
    pub(super) fn new(name: &str, caption: String, pictures: &Pictures<'_>) -> Option<Self> {
        let (width, side) = png_size(&pictures.folder.join(name))?;
        Some(Self {
            caption,
            source: pictures.source(name)?,
            side,
            width,
            second: (width == 2 * side + GAP).then(|| -i64::from(side + GAP)),
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
