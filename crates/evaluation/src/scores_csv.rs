//! Scores as a table: one row a frame, with every field of the manifest.

use std::{collections::BTreeSet, path::Path};

use experiment::write_atomically;
use face_data::Faces;
use serde_json::Value;

use crate::{Error, outcome::Evaluation};

/// Writes `scores.csv`: file, label, calibrated score, the network's own, verdict, the video's score and what the manifest says of the row. A
/// forgery that I2G made from a row has that row's file and the method `i2g`. Landmarks and other
/// nested fields are JSON.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn write(faces: &Faces, evaluation: &Evaluation, path: &Path) -> Result<(), Error> {
    let rows = &faces.manifest.rows;
    let extra: BTreeSet<&String> = rows.iter().flat_map(|row| row.extra.keys()).collect();
    let fixed = [
        "file",
        "label",
        "score",
        "network_score",
        "called_forged",
        "video_score",
        "dataset",
        "method",
        "video",
        "frame",
        "identity",
        "split",
        "mask",
        "landmarks68",
    ];
    let wrong = |error: csv::Error| experiment::Error::Damaged {
        path: path.into(),
        reason: error.to_string(),
    };
    let mut table = csv::Writer::from_writer(Vec::new());
    table
        .write_record(
            fixed
                .into_iter()
                .chain(extra.iter().map(|key| key.as_str())),
        )
        .map_err(wrong)?;
    for face in &evaluation.scored {
        let row = &rows[face.item.row];
        let mut record = vec![
            row.file.clone(),
            u8::from(face.forged).to_string(),
            face.score.to_string(),
            face.network_score.to_string(),
            u8::from(face.score >= evaluation.threshold).to_string(),
            face.video_score.to_string(),
            row.dataset.clone(),
            face.video.method.clone(),
            row.video.clone(),
            row.frame.map(|frame| frame.to_string()).unwrap_or_default(),
            row.identity.clone(),
            faces.splits[face.item.row].to_string(),
            row.mask.clone().unwrap_or_default(),
            row.landmarks68
                .map(|points| json(points.as_slice()))
                .unwrap_or_default(),
        ];
        record.extend(extra.iter().map(|key| match row.extra.get(*key) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        }));
        table.write_record(&record).map_err(wrong)?;
    }
    let bytes = table
        .into_inner()
        .map_err(|error| experiment::Error::Damaged {
            path: path.into(),
            reason: error.to_string(),
        })?;
    Ok(write_atomically(path, &bytes)?)
}

fn json(points: &[[f32; 2]]) -> String {
    serde_json::to_string(points).unwrap_or_default()
}
