//! What is told of a file beside its answer.

use answers::Answer;
use askama::Template;
use provenance::Fact;

use crate::template::written;

/// What facts are, for a reader.
pub const ABOUT_FACTS: &str =
    "Facts, not findings: no part of the score, and whoever forges a file can write them anew.";

/// What is told of a file: its SHA-256 in hexadecimal digits, its size in bytes, and what it says of itself.
#[must_use]
pub fn told(sha256: &str, bytes: u64, answer: Option<&Answer>, facts: Vec<Fact>) -> Vec<Fact> {
    let mut told = vec![Fact::new("SHA-256", sha256), Fact::new("Size", size(bytes))];
    let picture = answer.and_then(|answer| answer.size);
    told.extend(
        picture.map(|[width, height]| Fact::new("Picture", format!("{width} x {height} pixels"))),
    );
    told.extend(facts);
    told
}

#[derive(Template)]
#[template(path = "facts.html")]
struct Facts<'a> {
    facts: &'a [Fact],
}

/// Facts as HTML.
#[must_use]
pub fn facts(facts: &[Fact]) -> String {
    written(&Facts { facts })
}

/// Bytes for a person.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        10_000_000..10_000_000_000 => format!("{:.0} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        assert_eq!(
            [999, 25_000, 12_345_678, 20_000_000_000].map(size),
            ["999 bytes", "25 kB", "12 MB", "20.0 GB"]
        );
    }
}
