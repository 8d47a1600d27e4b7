//! A published table with our numbers.

use std::{collections::BTreeSet, fmt::Write};

use crate::{
    found::{Number, Ours},
    protocol::{Column, Protocol, Row, Stores, Training, Unit},
    reading::Protocols,
};

/// The tables, one a line.
#[must_use]
pub fn list(protocols: &Protocols) -> String {
    let mut lines = Vec::new();
    for (name, protocol) in &protocols.tables {
        let trainings = match protocol.trainings().len() {
            1 => "1 training".to_owned(),
            count => format!("{count} trainings"),
        };
        lines.push(vec![name.clone(), trainings, protocol.title.clone()]);
    }
    aligned(&lines, |_| false)
}

/// The table as published; below each row that can be run, what runs of ours have.
#[must_use]
pub fn numbers(protocol: &Protocol, ours: &Ours<'_>, stores: &Stores) -> String {
    let mut text = format!(
        "{}, {}: {}\n",
        protocol.paper.to_uppercase(),
        protocol.table,
        protocol.title
    );
    // What all columns have in common is told once.
    let common = |of: fn(&Column) -> &'static str| {
        let all: BTreeSet<_> = protocol
            .columns
            .iter()
            .filter(|c| !c.mean)
            .map(of)
            .collect();
        (all.len() == 1).then(|| all.into_iter().next()).flatten()
    };
    let measure = common(|column| column.measure.as_str());
    let level = common(|column| column.level.as_str());
    let told = measure.map_or(String::new(), |measure| format!("{measure} "));
    let told = told + &level.map_or(String::new(), |level| format!("by {level}, "));
    let unit = match protocol.unit {
        Unit::Percent => "in per cent",
        Unit::Share => "as shares of 1",
    };
    let _ = writeln!(text, "{told}{unit}\n");

    let names = protocol.columns.iter().map(|column| column.name.clone());
    let mut lines = vec![line(String::new(), names)];
    if measure.is_none() || level.is_none() {
        let head = protocol.columns.iter().map(|column| match level {
            _ if column.mean => String::new(),
            Some(_) => column.measure.as_str().into(),
            None => format!("{} by {}", column.measure.as_str(), column.level.as_str()),
        });
        let head = line(String::new(), head);
        // Columns may be called by what they measure.
        if head != lines[0] {
            lines.push(head);
        }
    }
    for row in &protocol.rows {
        let published = row
            .published
            .iter()
            .map(|value| shown(*value, 1.0, protocol));
        lines.push(line(row.name.clone(), published));
        if let Some(reason) = &row.missing {
            lines.push(vec![format!("  ours: {reason}")]);
        }
        if row.recipe.is_some() {
            let numbers = our_numbers(protocol, row, ours, stores);
            let values = |of: fn(&Number) -> f64| {
                let cell = move |number: &Option<Number>| number.as_ref().map_or(f64::NAN, of);
                numbers
                    .iter()
                    .map(move |number| shown(cell(number), scale(protocol), protocol))
            };
            lines.push(line("  ours".into(), values(|number| number.value)));
            if numbers
                .iter()
                .flatten()
                .any(|number| number.interval.is_some())
            {
                let low = |number: &Number| number.interval.map_or(f64::NAN, |(low, _)| low);
                let high = |number: &Number| number.interval.map_or(f64::NAN, |(_, high)| high);
                lines.push(line("  95 % from".into(), values(low)));
                lines.push(line("  to".into(), values(high)));
            }
        }
    }
    text += &aligned(&lines, |column| column > 0);
    text += &remarks(protocol, ours);
    text
}

/// Our measures are shares; the table may be in per cent.
fn scale(protocol: &Protocol) -> f64 {
    match protocol.unit {
        Unit::Percent => 100.0,
        Unit::Share => 1.0,
    }
}

fn shown(value: f64, scale: f64, protocol: &Protocol) -> String {
    match protocol.unit {
        _ if value.is_nan() => "-".into(),
        Unit::Percent => format!("{:.2}", value * scale),
        Unit::Share => format!("{:.4}", value * scale),
    }
}

fn line(first: String, rest: impl Iterator<Item = String>) -> Vec<String> {
    std::iter::once(first).chain(rest).collect()
}

/// Our numbers of a row, column by column.
fn our_numbers(
    protocol: &Protocol,
    row: &Row,
    ours: &Ours<'_>,
    stores: &Stores,
) -> Vec<Option<Number>> {
    let number = |column: &Column| {
        let cell = protocol.cell(row, column, &ours.trainings)?;
        ours.number(&cell, &stores.get(cell.test)?.dataset)
    };
    let mut numbers: Vec<_> = protocol.columns.iter().map(number).collect();
    let single: Vec<_> = protocol
        .columns
        .iter()
        .zip(&numbers)
        .filter(|(column, _)| !column.mean)
        .map(|(_, number)| number.map(|number| number.value))
        .collect();
    // A mean of fewer columns would be another number.
    let mean = single
        .iter()
        .copied()
        .sum::<Option<f64>>()
        .map(|sum| Number {
            value: sum / single.len() as f64,
            interval: None,
        });
    for (column, number) in protocol.columns.iter().zip(&mut numbers) {
        if column.mean {
            *number = mean;
        }
    }
    numbers
}

/// Which runs the numbers are from, and what a reader must know.
fn remarks(protocol: &Protocol, ours: &Ours<'_>) -> String {
    let mut text = String::new();
    for (training, run) in ours.trainings.iter().zip(&ours.runs) {
        let Some((run, differences)) = run else {
            continue;
        };
        let _ = writeln!(text, "\n{} is {}", called(training), run.path.display());
        for difference in differences {
            let _ = writeln!(text, "  not as published: {difference}");
        }
    }
    for note in &protocol.notes {
        let _ = writeln!(text, "\nNote: {note}");
    }
    text
}

/// A training in words.
fn called(training: &Training) -> String {
    let set: String = training
        .set
        .iter()
        .map(|set| format!(" with {set}"))
        .collect();
    format!("{}{set} on {}", training.recipe, training.store)
}

/// Lines of cells, columns under each other; `right` says which are flush right. A line of one cell
/// may be longer than its column.
pub fn aligned(lines: &[Vec<String>], right: impl Fn(usize) -> bool) -> String {
    let mut widths = Vec::new();
    for line in lines.iter().filter(|line| line.len() > 1) {
        widths.resize(widths.len().max(line.len()), 0);
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for line in lines {
        let cells: Vec<_> = line
            .iter()
            .zip(widths.iter().chain(std::iter::repeat(&0)))
            .enumerate()
            .map(|(column, (cell, width))| match right(column) {
                true => format!("{cell:>width$}"),
                false => format!("{cell:<width$}"),
            })
            .collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}
