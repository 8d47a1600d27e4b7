//! One row out of its JSON text.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::error::RowError;
use super::paths;
use super::row::{Label, Row, Split};
use crate::geometry::{Landmarks68, all_finite};

impl Row {
    /// Reads one row of a manifest from its JSON text, defaults filled in; see the table in
    /// [`manifest`](super).
    ///
    /// # Errors
    ///
    /// [`RowError`], naming the key and what was expected.
    pub fn from_json(text: &str) -> Result<Self, RowError> {
        let (mut map, landmarks68) = keys(text)?;
        let file = take(&mut map, "file", path)?
            .ok_or_else(|| RowError::new("file", "a relative path", "nothing"))?;
        let label = take(&mut map, "label", label)?.unwrap_or_default();
        // Where both stand, `set` is an ordinary key that is kept.
        let dataset = if map.contains_key("dataset") {
            "dataset"
        } else {
            "set"
        };
        let dataset = take(&mut map, dataset, name)?;
        let method = take(&mut map, "method", name)?;
        let video = take(&mut map, "video", name)?.unwrap_or_else(|| file.clone());
        let default_method = if label.is_forged() { "unknown" } else { "real" };
        Ok(Self {
            label,
            dataset: dataset.unwrap_or_else(|| "unnamed".into()),
            method: method.unwrap_or_else(|| default_method.into()),
            frame: take(&mut map, "frame", frame)?,
            identity: take(&mut map, "identity", name)?.unwrap_or_else(|| video.clone()),
            landmarks68: match landmarks68 {
                None => take(&mut map, "landmarks68", landmarks)?,
                found => found,
            },
            mask: take(&mut map, "mask", path)?,
            split: take(&mut map, "split", split)?,
            extra: map,
            video,
            file,
        })
    }
}

/// The keys of a row that are not null. Sound landmarks come apart: as values of JSON they would take most of
/// the time that a manifest takes.
fn keys(text: &str) -> Result<(Map<String, Value>, Option<Landmarks68>), RowError> {
    let invalid =
        |error: serde_json::Error| RowError::new("the row", "valid JSON", error.to_string());
    let Ok(mut texts) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) else {
        let value: Value = serde_json::from_str(text).map_err(invalid)?;
        let expected = "an object such as {\"file\": \"a.png\"}";
        return Err(RowError::of("the row", expected, &value));
    };
    let points = |text: &&RawValue| -> Option<Landmarks68> {
        let points: Vec<[f32; 2]> = serde_json::from_str(text.get()).ok()?;
        let points: Landmarks68 = points.try_into().ok()?;
        all_finite(&points).then_some(points)
    };
    let landmarks68 = texts.get("landmarks68").and_then(points);
    if landmarks68.is_some() {
        texts.remove("landmarks68");
    }
    let mut map = Map::new();
    for (key, text) in texts {
        let value: Value = serde_json::from_str(text.get()).map_err(invalid)?;
        if !value.is_null() {
            map.insert(key, value);
        }
    }
    Ok((map, landmarks68))
}

/// Takes one key out of a row and reads it.
fn take<T>(
    row: &mut Map<String, Value>,
    key: &'static str,
    read: impl Fn(&'static str, &Value) -> Result<T, RowError>,
) -> Result<Option<T>, RowError> {
    row.remove(key).map(|value| read(key, &value)).transpose()
}

fn path(key: &'static str, value: &Value) -> Result<String, RowError> {
    let text = value
        .as_str()
        .ok_or_else(|| RowError::of(key, "a relative path", value))?;
    paths::relative(key, text)
}

/// A name: a string that is not empty, or a whole number.
fn name(key: &'static str, value: &Value) -> Result<String, RowError> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Ok(text.clone()),
        Value::Number(number) if !number.is_f64() => Ok(number.to_string()),
        _ => Err(RowError::of(key, "a name or a whole number", value)),
    }
}

fn label(key: &'static str, value: &Value) -> Result<Label, RowError> {
    // Tables written by data frames often have 1.0 for 1.
    match value.as_f64() {
        Some(0.0) => Ok(Label::Real),
        Some(1.0) => Ok(Label::Forged),
        _ => Err(RowError::of(key, "0 (real) or 1 (forged)", value)),
    }
}

fn frame(key: &'static str, value: &Value) -> Result<u64, RowError> {
    match value {
        Value::String(digits) => digits.parse().ok(),
        other => other.as_u64(),
    }
    .ok_or_else(|| RowError::of(key, "a frame's index, 0 or more", value))
}

fn split(key: &'static str, value: &Value) -> Result<Split, RowError> {
    match value.as_str() {
        Some("train") => Ok(Split::Train),
        Some("val") => Ok(Split::Val),
        Some("test") => Ok(Split::Test),
        _ => Err(RowError::of(key, "\"train\", \"val\" or \"test\"", value)),
    }
}

fn landmarks(key: &'static str, value: &Value) -> Result<Landmarks68, RowError> {
    const EXPECTED: &str = "68 pairs [x, y] of finite numbers";
    let pairs = value
        .as_array()
        .ok_or_else(|| RowError::of(key, EXPECTED, value))?;
    if pairs.len() != 68 {
        return Err(RowError::new(
            key,
            EXPECTED,
            format!("{} of them", pairs.len()),
        ));
    }
    let mut landmarks = [[0.0; 2]; 68];
    for (point, pair) in landmarks.iter_mut().zip(pairs) {
        *point = pair_of(pair).ok_or_else(|| RowError::of(key, EXPECTED, pair))?;
    }
    Ok(landmarks)
}

/// Two numbers, finite as `f32` too.
fn pair_of(value: &Value) -> Option<[f32; 2]> {
    let [x, y] = value.as_array()?.as_slice() else {
        return None;
    };
    let point = [x.as_f64()? as f32, y.as_f64()? as f32];
    point.iter().all(|c| c.is_finite()).then_some(point)
}
