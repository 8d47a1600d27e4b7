//! What an evaluation finds, for TensorBoard: curves, and faces judged rightly and wrongly.

use std::{
    io::{self, Cursor},
    time::SystemTime,
};

use image::{ImageFormat, RgbImage};
use metrics::roc_curve;
use report::{GalleryItem, Kind, overlay};
use tensorboard::{Events, PrCurve};

use crate::{Error, outcome::Evaluation, run::Run};

/// Thresholds of a curve, TensorBoard's own default.
const THRESHOLDS: usize = 201;
/// Between two pictures of one face, in pixels.
const GAP: u32 = 4;

/// Writes a file of events beside the run's log, at the step of its end.
pub(crate) fn write(
    run: &Run,
    evaluation: &Evaluation,
    gallery: &[GalleryItem],
) -> Result<(), Error> {
    let folder = run.dir.path();
    let scored = evaluation.scored.iter();
    let (labels, scores): (Vec<_>, Vec<_>) = scored.map(|face| (face.forged, face.score)).unzip();
    let curve = PrCurve::new(&labels, &scores, THRESHOLDS);
    let written = || -> io::Result<()> {
        let (part, step) = (&evaluation.split, run.info.steps);
        let mut events = Events::create(folder, SystemTime::now())?;
        events.pr_curve(&format!("precision_and_recall/{part}"), step, &curve)?;
        // Of one class alone there is none.
        if let Ok(roc) = roc_curve(&scores, &labels, true) {
            let points = roc.fpr.into_iter().zip(roc.tpr);
            events.roc_curve(&format!("roc/{part}"), points)?;
        }
        for kind in Kind::ALL {
            let of_kind = gallery.iter().filter(|item| item.kind == kind);
            for (number, item) in of_kind.enumerate() {
                let shown = shown(item);
                let mut png = Cursor::new(Vec::new());
                let encoded = shown.write_to(&mut png, ImageFormat::Png);
                encoded.map_err(io::Error::other)?;
                let tag = format!("{}/{}", name(kind), number + 1);
                let says = format!("score {:.3}, {}", item.score, item.caption);
                events.picture(&tag, step, shown.dimensions(), png.into_inner(), &says)?;
            }
        }
        Ok(())
    };
    Ok(written().map_err(experiment::Error::io(folder))?)
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::TruePositive => "forged_called_forged",
        Kind::FalseNegative => "forged_called_real",
        Kind::FalsePositive => "real_called_forged",
        Kind::TrueNegative => "real_called_real",
    }
}

/// A face, and beside it where the detector sees forgery, with the outline of what is forged.
fn shown(item: &GalleryItem) -> RgbImage {
    let mut seen = match (&item.heat_map, &item.boxes) {
        (Some(map), _) => overlay::overlay(&item.picture, map),
        (None, Some(found)) => {
            let mut seen = item.picture.clone();
            overlay::boxes(&mut seen, found);
            seen
        }
        (None, None) => return item.picture.clone(),
    };
    if let Some(mask) = &item.mask {
        overlay::outline(&mut seen, mask);
    }
    overlay::side_by_side(&[&item.picture, &seen], GAP)
}
