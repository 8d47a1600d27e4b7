//! A comparison as a page, as text and as JSON.

use std::collections::BTreeSet;

use metrics::VideoKey;
use report::{DifferenceRow, Level, Matrix, MatrixCell, MetricsTable};
use serde_json::{Value, json};

use super::{Cell, Comparison};
use crate::{json::measured_json, outcome::Evaluation, table::aligned};

const LEVELS: [Level; 2] = [Level::Frame, Level::Video];

impl Comparison {
    /// The matrix of one level, over all methods.
    fn matrix(&self, level: Level) -> Matrix {
        let cell = |cell: &Cell| MatrixCell {
            auc: match (&cell.evaluation, table(cell, level)) {
                (Err(why), _) => Err(why.to_string()),
                (_, None) => Err("nothing was scored".into()),
                (_, Some(table)) => Ok(table.rows[0].auc.clone()),
            },
            link: cell
                .evaluation
                .is_ok()
                .then(|| format!("{}/report.html", cell.folder)),
        };
        let row =
            |(name, cells): (&String, &Vec<Cell>)| (name.clone(), cells.iter().map(cell).collect());
        Matrix {
            title: format!("AUC by {}", level.noun()),
            columns: self.datasets.clone(),
            rows: self.runs.iter().zip(&self.cells).map(row).collect(),
        }
    }

    /// The matrix of one data set and level, its columns the methods; nothing where there is one.
    fn methods(&self, place: usize, level: Level) -> Option<Matrix> {
        let mut columns: Vec<String> = Vec::new();
        for cells in &self.cells {
            for row in table(&cells[place], level)
                .iter()
                .flat_map(|table| &table.rows)
            {
                if row.method != "all" && !columns.contains(&row.method) {
                    columns.push(row.method.clone());
                }
            }
        }
        let row = |(name, cells): (&String, &Vec<Cell>)| {
            let of = |method: &String| {
                let table = table(&cells[place], level);
                let row =
                    table.and_then(|table| table.rows.iter().find(|row| row.method == *method));
                MatrixCell {
                    auc: row
                        .map(|row| row.auc.clone())
                        .ok_or_else(|| "not judged".into()),
                    link: None,
                }
            };
            (name.clone(), columns.iter().map(of).collect())
        };
        if columns.len() < 2 {
            return None;
        }
        let rows = self.runs.iter().zip(&self.cells).map(row).collect();
        Some(Matrix {
            title: format!("{}: AUC by {}", self.datasets[place], level.noun()),
            columns,
            rows,
        })
    }

    /// What a reader must know before believing the numbers.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let evaluations = self.cells.iter().flatten();
        let mut evaluations = evaluations.filter_map(|cell| cell.evaluation.as_ref().ok());
        if evaluations.any(|evaluation| evaluation.synthetic) {
            notes.push(
                "Some of these data are synthetic: rendered faces, not photographs.".to_owned(),
            );
        }
        for (place, dataset) in self.datasets.iter().enumerate() {
            let column = self.cells.iter().map(|cells| &cells[place].evaluation);
            let column: Vec<_> = column.flatten().collect();
            for level in LEVELS {
                if column
                    .windows(2)
                    .any(|two| judged(two[0], level) != judged(two[1], level))
                {
                    notes.push(format!(
                        "Not all detectors judged the same {}s of {dataset}, as where they are the test split of one of them only: compare them by the differences, which are over what both judged.",
                        level.noun()
                    ));
                }
            }
        }
        notes.push(
            "Forgeries that a run's own generator makes are left out here: the others were not asked about them. They are in the single reports.".to_owned(),
        );
        notes
    }

    pub(super) fn shown(&self, command: &str) -> report::Comparison {
        let places = 0..self.datasets.len();
        report::Comparison {
            title: format!(
                "{} detectors on {} data sets",
                self.runs.len(),
                self.datasets.len()
            ),
            notes: self.notes(),
            datasets: self.datasets.clone(),
            matrices: LEVELS.map(|level| self.matrix(level)).into(),
            methods: places
                .flat_map(|place| LEVELS.map(|level| self.methods(place, level)))
                .flatten()
                .collect(),
            differences: self.differences.clone(),
            command: command.into(),
        }
    }

    /// The matrices as aligned text.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::new();
        for level in LEVELS {
            let matrix = self.matrix(level);
            let mut lines = vec![
                std::iter::once(matrix.title.clone())
                    .chain(matrix.columns)
                    .collect::<Vec<_>>(),
            ];
            for (name, cells) in matrix.rows {
                let shown = cells.into_iter().map(|cell| match cell.auc {
                    Ok(Ok(m)) => m.to_string(),
                    _ => "-".into(),
                });
                lines.push(std::iter::once(name).chain(shown).collect());
            }
            text += &aligned(&lines);
            text.push('\n');
        }
        text
    }

    pub(super) fn to_json(&self) -> Value {
        let cell = |(dataset, cell): (&String, &Cell)| match &cell.evaluation {
            Ok(evaluation) => json!({
                "dataset": dataset,
                "folder": cell.folder,
                "evaluation": evaluation.to_json(),
            }),
            Err(why) => json!({ "dataset": dataset, "not_evaluated": why.to_string() }),
        };
        let run = |(name, cells): (&String, &Vec<Cell>)| {
            let cells: Vec<_> = self.datasets.iter().zip(cells).map(cell).collect();
            json!({ "run": name, "data": cells })
        };
        let difference = |row: &DifferenceRow| {
            json!({
                "dataset": row.dataset,
                "level": row.level.noun(),
                "first": row.detectors[0],
                "second": row.detectors[1],
                "auc_difference": measured_json(&row.difference),
            })
        };
        json!({
            "runs": self.runs.iter().zip(&self.cells).map(run).collect::<Vec<_>>(),
            "differences": self.differences.iter().map(difference).collect::<Vec<_>>(),
        })
    }
}

fn table(cell: &Cell, level: Level) -> Option<&MetricsTable> {
    let mut tables = cell.tables.iter();
    tables.find(|table| table.level == level && !table.rows.is_empty())
}

/// The data's own frames or videos that were judged.
fn judged(evaluation: &Evaluation, level: Level) -> BTreeSet<(Option<usize>, Option<&VideoKey>)> {
    let own = evaluation.scored.iter().filter(|face| !face.item.generated);
    own.map(|face| match level {
        Level::Frame => (Some(face.item.row), None),
        Level::Video => (None, Some(&face.video)),
    })
    .collect()
}
