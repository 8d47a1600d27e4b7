//! Examples as embedded pictures.

use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageResult, RgbImage};

use crate::data::{GalleryItem, Kind};
use crate::overlay;
use crate::picture::{jpeg_data_uri, png_data_uri};

/// Larger pictures are shrunk to this side, which keeps the page small.
const MAX_SIDE: u32 = 384;

/// The examples of one kind.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) examples: Vec<Example>,
}

/// One example: three panels, a score and a caption.
pub(crate) struct Example {
    pub(crate) panels: Vec<Panel>,
    pub(crate) caption: String,
    /// `0.873`, or why there is none.
    pub(crate) score: String,
    /// Width of the score's bar in percent.
    pub(crate) bar: f64,
    /// True where the verdict is "forged".
    pub(crate) called_forged: bool,
}

/// A picture, or why there is none.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) alt: &'static str,
    pub(crate) picture: Result<String, &'static str>,
}

/// All four groups, also those without examples.
pub(crate) fn groups(items: &[GalleryItem]) -> ImageResult<Vec<Group>> {
    // A method that names no place has no panel for it.
    let places = items
        .iter()
        .any(|item| item.heat_map.is_some() || item.boxes.is_some());
    let group = |kind| {
        let of_kind = items.iter().filter(|item| item.kind == kind);
        let examples = of_kind.map(|item| example(item, places));
        Ok(Group {
            title: title(kind),
            examples: examples.collect::<ImageResult<_>>()?,
        })
    };
    Kind::ALL.into_iter().map(group).collect()
}

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::TruePositive => "Forged and called forged (true positives)",
        Kind::FalseNegative => "Forged but called real (false negatives)",
        Kind::FalsePositive => "Real but called forged (false positives)",
        Kind::TrueNegative => "Real and called real (true negatives)",
    }
}

fn example(item: &GalleryItem, places: bool) -> ImageResult<Example> {
    Ok(Example {
        panels: panels(item, places)?,
        caption: item.caption.clone(),
        score: if item.score.is_finite() {
            format!("{:.3}", item.score)
        } else {
            "none".into()
        },
        bar: if item.score.is_finite() {
            100.0 * item.score.clamp(0.0, 1.0)
        } else {
            0.0
        },
        called_forged: matches!(item.kind, Kind::TruePositive | Kind::FalsePositive),
    })
}

fn panels(item: &GalleryItem, places: bool) -> ImageResult<Vec<Panel>> {
    let panel = |title, alt, picture| Panel {
        title,
        alt,
        picture,
    };
    let none = |title, why| panel(title, "", Err(why));
    if item.picture.is_empty() {
        return Ok(vec![none("Picture", "no picture")]);
    }
    let picture = shrunk(&item.picture);

    let heat = match item.heat_map.as_ref().filter(|map| !map.is_empty()) {
        None => match &item.boxes {
            None => none("Heat map", "no heat map"),
            Some(found) if found.is_empty() => none("Boxes", "no box"),
            Some(found) => {
                let mut shown = picture.clone();
                overlay::boxes(&mut shown, found);
                let alt = "The picture with the boxes that the detector draws";
                panel("Boxes", alt, Ok(jpeg_data_uri(&shown)?))
            }
        },
        Some(map) => {
            let mut shown = overlay::overlay(&picture, map);
            if let Some(mask) = &item.mask {
                overlay::outline(&mut shown, mask);
            }
            let alt = "The picture in grey under the detector's heat map";
            panel("Heat map", alt, Ok(jpeg_data_uri(&shown)?))
        }
    };
    let truth = match item.mask.as_ref().filter(|mask| !mask.is_empty()) {
        None if item.kind.is_forged() => none("Truth", "no mask known"),
        None => none("Truth", "nothing forged"),
        Some(mask) => {
            let mask = png_data_uri(&DynamicImage::from(overlay::mask_picture(mask)))?;
            panel(
                "Truth",
                "Mask of the forged region, white where forged",
                Ok(mask),
            )
        }
    };
    let picture = png_data_uri(&DynamicImage::from(picture))?;
    let picture = panel("Picture", "The picture as the detector saw it", Ok(picture));
    Ok(match places {
        true => vec![picture, heat, truth],
        false => vec![picture, truth],
    })
}

/// The picture with no side longer than [`MAX_SIDE`].
fn shrunk(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longer = width.max(height);
    if longer <= MAX_SIDE {
        return picture.clone();
    }
    let side = |length: u32| (length * MAX_SIDE / longer).max(1);
    imageops::resize(picture, side(width), side(height), FilterType::Triangle)
}

/// Colours of the heat map's legend, from heat 0 to heat 1, as CSS colours.
pub(crate) fn heat_gradient() -> String {
    let stops = (0..=8).map(|i| {
        let [r, g, b] = overlay::heat_colour(i as f32 / 8.0).0;
        format!("rgb({r} {g} {b} / {}%)", 10 * i)
    });
    stops.collect::<Vec<_>>().join(", ")
}
