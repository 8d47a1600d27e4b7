//! The results as a page.

use std::path::Path;

use report::robustness::{Page, Row, RunRows};
use synth_data::perturb::Level;

use crate::{Error, Perturbation, Robustness};

/// Writes robustness.html.
pub(crate) fn write(
    found: &Robustness,
    levels: &[Level],
    command: String,
    path: &Path,
) -> Result<(), Error> {
    let runs = found.runs.iter().map(|run| {
        let row = |kind: Perturbation| Row {
            name: kind.name().into(),
            frame: run.levels(kind).map(|c| c.measures.frame.clone()).collect(),
            video: run.levels(kind).map(|c| c.measures.video.clone()).collect(),
            mean: run.mean(kind),
        };
        let untouched = run.untouched();
        RunRows {
            name: run.name.clone(),
            counts: [untouched.frames[0] as u64, untouched.frames[1] as u64],
            untouched_frame: untouched.frame.clone(),
            untouched_video: untouched.video.clone(),
            rows: run.perturbations().into_iter().map(row).collect(),
            mean: run.mean_of_all(),
            is_of_table_4: run.is_of_table_4(),
        }
    });
    let page = Page {
        title: "Robustness to perturbations".into(),
        subtitle: format!("{}, split '{}'", found.data.display(), found.split),
        notes: found.notes.clone(),
        levels: levels.iter().map(|level| level.number()).collect(),
        runs: runs.collect(),
        command,
    };
    Ok(report::robustness::write(&page, path)?)
}
