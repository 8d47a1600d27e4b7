//! How well the place of a forgery is found, where the method localises and the truth is known.

use std::collections::BTreeMap;

use burn::tensor::Device;
use core_tensor_ops::Detector;
use face_preproc::pictures::Mask;
use metrics::PixelSummary;
use model_adm::boxes::intersection_over_union;
use report::PlacesRow;
use serde::Serialize;
use synth_data::boxes::WHOLE;

use crate::{
    Error,
    scored::Scored,
    scoring::{Item, ScoringSet},
};

/// Forged faces of each method, and real ones, that are looked at: pixels are many, and these are enough.
const FACES: usize = 200;
/// From this value of a heat map on a pixel is called forged.
const THRESHOLD: f64 = 0.5;

/// How well the places of one method's forgeries are found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Localization {
    /// The method.
    pub method: String,
    /// Forged faces that were looked at.
    pub faces: usize,
    /// Of the heat maps of these faces and of real ones, all their pixels together; scores from 0.5
    /// on are called forged. Without the real ones a network that marks every face would do well.
    pub pixels: Option<PixelSummary>,
    /// Of the boxes: mean intersection over union of the surest with the nearest true one, over
    /// faces that are not forged as a whole; 0 where there is no box.
    pub box_overlap: Option<f64>,
}

impl Localization {
    /// As the report has it.
    pub fn to_row(&self) -> PlacesRow {
        let pixels = |of: fn(PixelSummary) -> f64| self.pixels.map(of);
        PlacesRow {
            method: self.method.clone(),
            faces: self.faces as u64,
            pixel_overlap: pixels(|pixels| pixels.intersection_over_union),
            pixel_f1: pixels(|pixels| pixels.f1),
            pixel_auc: pixels(|pixels| pixels.auc),
            box_overlap: self.box_overlap,
        }
    }

    /// One line for a person.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self {
            method,
            faces,
            pixels,
            box_overlap,
        } = self;
        let pixels = pixels.map(|p| {
            format!(
                "pixels: IoU {:.3}, F1 {:.3}, accuracy {:.3}, AUC {:.3}",
                p.intersection_over_union, p.f1, p.accuracy, p.auc
            )
        });
        let boxes = box_overlap.map(|overlap| format!("surest box: IoU {overlap:.3}"));
        let found: Vec<_> = pixels.into_iter().chain(boxes).collect();
        format!("Place, {method} ({faces} faces): {}", found.join("; "))
    }
}

/// Measures the places that `detector` names in forged faces whose truth is known.
///
/// # Errors
/// None at present but unreadable pictures, which are passed over.
pub(crate) fn localize(
    detector: &dyn Detector,
    set: &ScoringSet<'_>,
    scored: &[Scored],
    device: &Device,
) -> Result<Vec<Localization>, Error> {
    let mut by_method: BTreeMap<&str, Vec<&Scored>> = BTreeMap::new();
    for face in scored.iter().filter(|face| face.forged) {
        by_method.entry(&face.video.method).or_default().push(face);
    }
    let real: Vec<_> = scored.iter().filter(|face| !face.forged).collect();
    // Those of real faces, behind which each method's come in turn.
    let mut scores: Vec<f32> = Vec::new();
    set.judge_each(detector, &some(real), true, device, |_, judged| {
        let map = judged.ok().and_then(|(_, judged)| judged.heat_map);
        scores.extend(map.into_iter().flat_map(Mask::into_raw));
    });
    let reals = scores.len();
    let mut labels = vec![false; reals];
    let mut found = Vec::new();
    let mut all = (scores.clone(), labels.clone(), 0);
    for (method, faces) in by_method {
        let faces = some(faces);
        scores.truncate(reals);
        labels.truncate(reals);
        let mut overlaps = Vec::new();
        let mut looked_at = 0;
        set.judge_each(detector, &faces, true, device, |_, judged| {
            let Ok((subject, judged)) = judged else {
                return;
            };
            if let (Some(mask), Some(map)) = (&subject.mask, &judged.heat_map) {
                looked_at += 1;
                labels.extend(mask.pixels().map(|pixel| pixel.0[0] >= 0.5));
                scores.extend_from_slice(map.as_raw());
            }
            let windows = subject.boxes.iter().filter(|edges| **edges != WHOLE);
            let windows: Vec<_> = windows.collect();
            if let (Some(boxes), false) = (&judged.boxes, windows.is_empty()) {
                looked_at += 1;
                let overlap = |top: [f32; 4]| {
                    let overlaps = windows.iter().map(|w| intersection_over_union(top, **w));
                    overlaps.fold(0.0, f32::max)
                };
                overlaps.push(boxes.first().map_or(0.0, |top| overlap(top.corners)));
            }
        });
        let overlap = overlaps.iter().map(|o| f64::from(*o)).sum::<f64>() / overlaps.len() as f64;
        all.0.extend_from_slice(&scores[reals..]);
        all.1.extend_from_slice(&labels[reals..]);
        all.2 += looked_at;
        let localization = Localization {
            method: method.into(),
            faces: looked_at,
            // Without a single forged pixel there is nothing to measure.
            pixels: PixelSummary::new(&scores, &labels, THRESHOLD).ok(),
            box_overlap: (!overlaps.is_empty()).then_some(overlap),
        };
        if localization.pixels.is_some() || localization.box_overlap.is_some() {
            found.push(localization);
        }
    }
    let (scores, labels, faces) = all;
    if let (true, Ok(pixels)) = (
        found.len() > 1,
        PixelSummary::new(&scores, &labels, THRESHOLD),
    ) {
        found.push(Localization {
            method: "all".into(),
            faces,
            pixels: Some(pixels),
            box_overlap: None,
        });
    }
    Ok(found)
}

/// At most [`FACES`], spread over all.
fn some(faces: Vec<&Scored>) -> Vec<Item> {
    let every = faces.len().div_ceil(FACES).max(1);
    let some = faces.into_iter().step_by(every);
    some.map(|face| face.item).collect()
}
