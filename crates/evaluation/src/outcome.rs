//! What an evaluation finds, as data, as text and as JSON.

use std::{collections::BTreeSet, fmt::Write, path::PathBuf};

use report::{Level, Measured, MetricsRow, MetricsTable};
use serde_json::{Value, json};

use crate::{
    disjoint::Protocol,
    in_time::InTime,
    json::measured_json,
    localize::Localization,
    scored::Scored,
    table::{aligned, in_words},
};

/// An evaluation.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The data.
    pub data: PathBuf,
    /// Which rows: train, val, test or all.
    pub split: String,
    /// What the rows do not share with what the run was trained on, where that was asked for.
    pub protocol: Option<Protocol>,
    /// Whether the data are rendered, not photographs.
    pub synthetic: bool,
    /// What the network judges: single frames, or clips.
    pub level: Level,
    /// Probability from which a face is called forged, chosen on the run's validation split.
    pub threshold: f64,
    /// The same of a video.
    pub video_threshold: f64,
    /// Rows that could not be scored.
    pub skipped: usize,
    /// The measures of each data set and method, by frame and by video.
    pub tables: Vec<MetricsTable>,
    /// How well forgeries are found within the faces, by method; empty where the method does not
    /// localise or no truth is known.
    pub localization: Vec<Localization>,
    /// How well forged stretches of clips are found; absent where no clip is forged in part.
    pub in_time: Option<InTime>,
    /// Every face.
    pub scored: Vec<Scored>,
}

impl Evaluation {
    /// The row to read first: the first with an AUC, by frame, or by video where the network judges
    /// clips.
    #[must_use]
    pub fn headline(&self) -> Option<(Level, &MetricsRow)> {
        let mut tables: Vec<_> = self.tables.iter().collect();
        tables.sort_by_key(|table| table.level != self.level);
        tables.into_iter().find_map(|table| {
            let row = table.rows.iter().find(|row| row.auc.is_ok());
            row.map(|row| (table.level, row))
        })
    }

    /// The tables as aligned text.
    #[must_use]
    pub fn table(&self) -> String {
        let header = [
            "level",
            "data set",
            "method",
            "real",
            "forged",
            "AUC",
            "AP",
            "EER",
            "accuracy",
            "by argmax",
            "ECE",
        ];
        let mut lines = vec![header.map(String::from).to_vec()];
        let mut reasons = BTreeSet::new();
        for table in &self.tables {
            for row in &table.rows {
                let mut shown = |measured: &Measured| match measured {
                    Ok(m) => {
                        reasons.extend(m.no_interval.map(|why| {
                            let level = table.level.noun();
                            format!("no intervals of {} by {level}: {why}", row.dataset)
                        }));
                        m.to_string()
                    }
                    Err(error) => {
                        reasons.insert(format!("no measures of {}: {error}", row.dataset));
                        "-".into()
                    }
                };
                lines.push(vec![
                    table.level.noun().into(),
                    row.dataset.clone(),
                    row.method.clone(),
                    row.real.to_string(),
                    row.forged.to_string(),
                    shown(&row.auc),
                    shown(&row.average_precision),
                    shown(&row.equal_error_rate),
                    shown(&row.accuracy),
                    shown(&row.argmax_accuracy),
                    shown(&row.calibration_error),
                ]);
            }
        }
        let mut text = aligned(&lines);
        for reason in reasons {
            let _ = writeln!(text, "{reason}");
        }
        text
    }

    /// The answer in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let synthetic = if self.synthetic { "synthetic " } else { "" };
        let Some((level, row)) = self.headline() else {
            let scored = self.scored.len();
            return format!(
                "{scored} {synthetic}faces were scored; without real and forged ones there is no AUC."
            );
        };
        let auc = row.auc.as_ref().map_or(String::new(), in_words);
        let things = match level {
            Level::Frame => "faces",
            Level::Video => "videos",
        };
        format!(
            "{} AUC {auc} on {} real and {} forged {synthetic}{things} of the split '{}'; scores from {:.3} on are called forged (chosen on the validation split).",
            match level {
                Level::Frame => "Frame",
                Level::Video => "Video",
            },
            row.real,
            row.forged,
            self.split,
            match level {
                Level::Frame => self.threshold,
                Level::Video => self.video_threshold,
            },
        )
    }

    /// How well places of forgeries are found, within faces and in time: a line each.
    #[must_use]
    pub fn places(&self) -> Vec<String> {
        let in_faces = self.localization.iter().map(Localization::sentence);
        let in_time = self.in_time.iter().map(InTime::sentence);
        in_faces.chain(in_time).collect()
    }

    /// Everything but the single scores.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let measured = measured_json;
        let rows: Vec<_> = self
            .tables
            .iter()
            .flat_map(|table| {
                table.rows.iter().map(move |row| {
                    json!({
                        "level": table.level.noun(),
                        "dataset": row.dataset,
                        "method": row.method,
                        "real": row.real,
                        "forged": row.forged,
                        "auc": measured(&row.auc),
                        "average_precision": measured(&row.average_precision),
                        "equal_error_rate": measured(&row.equal_error_rate),
                        "accuracy": measured(&row.accuracy),
                        "argmax_accuracy": measured(&row.argmax_accuracy),
                        "true_positive_rate_at_1_percent": measured(&row.true_positive_rate_1),
                        "true_positive_rate_at_0.1_percent": measured(&row.true_positive_rate_01),
                        "expected_calibration_error": measured(&row.calibration_error),
                    })
                })
            })
            .collect();
        json!({
            "data": self.data,
            "split": self.split,
            "protocol": self.protocol,
            "synthetic": self.synthetic,
            "threshold": self.threshold,
            "video_threshold": self.video_threshold,
            "skipped": self.skipped,
            "in_time": self.in_time.as_ref().map(InTime::to_json),
            "localization": self.localization,
            "groups": rows,
        })
    }
}
