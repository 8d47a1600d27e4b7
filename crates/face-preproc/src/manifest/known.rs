//! Keys of [`Row::extra`] that several crates write and read.

use serde_json::Value;

use super::Row;

/// Of a real frame: its clip is forged elsewhere (`true`).
pub const CLIP_FORGED: &str = "clip_forged";
/// Of a store's crop: which part of its frame it shows, `[left, top, width, height]` in pixels.
pub const WINDOW: &str = "box";
/// Of a forgery: what it was made from, as the real row's `video`.
pub const ORIGINAL: &str = "original";
/// What compressed the clip, as `c23`.
pub const COMPRESSION: &str = "compression";
/// Of a forgery: the person whose face was put in.
pub const SOURCE_IDENTITY: &str = "source_identity";

impl Row {
    /// Whether a frame is of a clip that is forged elsewhere.
    pub fn clip_forged(&self) -> bool {
        self.extra.contains_key(CLIP_FORGED)
    }

    /// Which part of its frame a store's crop shows: left, top, width and height in the frame's pixels.
    pub fn window(&self) -> Option<[f64; 4]> {
        let numbers = self.extra.get(WINDOW)?.as_array()?;
        let numbers: Option<Vec<f64>> = numbers.iter().map(Value::as_f64).collect();
        numbers?.try_into().ok()
    }

    /// What a forgery was made from, in the terms of the real row's `video`.
    pub fn original(&self) -> Option<&str> {
        self.extra.get(ORIGINAL)?.as_str()
    }

    /// What compressed the clip.
    pub fn compression(&self) -> Option<&str> {
        self.extra.get(COMPRESSION)?.as_str()
    }

    /// The person whose face a forgery has; a number as its digits.
    pub fn source_identity(&self) -> Option<String> {
        Some(match self.extra.get(SOURCE_IDENTITY)? {
            Value::String(name) => name.clone(),
            other => other.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn known_keys_are_read_and_what_is_no_such_value_is_absent() {
        let mut row = Row::new("a.png");
        assert_eq!((row.window(), row.clip_forged()), (None, false));
        for (key, value) in [
            (WINDOW, json!([1, 2.5, 3, 4])),
            (SOURCE_IDENTITY, json!(7)),
            (COMPRESSION, json!("c23")),
            (CLIP_FORGED, json!(true)),
            (ORIGINAL, json!(3)),
        ] {
            row.extra.insert(key.into(), value);
        }
        assert_eq!(row.window(), Some([1.0, 2.5, 3.0, 4.0]));
        assert_eq!(row.source_identity().as_deref(), Some("7"));
        assert_eq!((row.compression(), row.original()), (Some("c23"), None));
        assert!(row.clip_forged());
        row.extra.insert(WINDOW.into(), json!([1, 2, 3]));
        assert_eq!(row.window(), None);
    }
}
