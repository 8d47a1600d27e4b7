//! Each numbered equation has one function.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context;
use serde::Deserialize;

use super::source::rust_files;

/// Papers by their key.
pub(super) type Papers = BTreeMap<String, Paper>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Paper {
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "venue")]
    _venue: String,
    /// Numbers of the equations that have a function each.
    equations: Vec<u32>,
}

/// Where `#[doc(alias = "KEY eq N")]` stands: (key, number) -> places.
pub(super) type Citations = BTreeMap<(String, u32), Vec<String>>;

pub(super) fn citations(root: &Path) -> anyhow::Result<Citations> {
    let mut citations = Citations::new();
    for file in rust_files(&root.join("crates"))? {
        let text = fs::read_to_string(&file)?;
        for (index, line) in text.lines().enumerate() {
            let Some((_, rest)) = line.split_once("doc(alias = \"") else {
                continue;
            };
            let alias = rest.split('"').next().unwrap_or_default();
            let Some((key, number)) = alias.split_once(" eq ") else {
                continue;
            };
            let place = format!("{}:{}", file.strip_prefix(root)?.display(), index + 1);
            let number = number
                .parse()
                .with_context(|| format!("{place}: alias `{alias}`"))?;
            citations
                .entry((key.to_owned(), number))
                .or_default()
                .push(place);
        }
    }
    Ok(citations)
}

pub(super) fn breaches(papers: &Papers, citations: &Citations) -> Vec<String> {
    let mut breaches = Vec::new();
    for (key, paper) in papers {
        for number in &paper.equations {
            match citations.get(&(key.clone(), *number)).map(Vec::as_slice) {
                None => breaches.push(format!("no function cites {key} eq {number}")),
                Some([_]) => {}
                Some(places) => breaches.push(format!(
                    "{key} eq {number} is cited more than once: {}",
                    places.join(", ")
                )),
            }
        }
    }
    for ((key, number), places) in citations {
        if papers
            .get(key)
            .is_none_or(|paper| !paper.equations.contains(number))
        {
            breaches.push(format!(
                "{}: {key} eq {number} is not in docs/papers.toml",
                places.join(", ")
            ));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equations_are_cited_once_each_by_known_papers() {
        let papers: Papers =
            toml::from_str("[PCL]\ntitle = 'T'\nvenue = 'V'\nequations = [1, 2]").unwrap();
        let cite = |rows: &[(&str, u32, &[&str])]| -> Citations {
            let places = |places: &[&str]| places.iter().map(|&p| p.to_owned()).collect();
            rows.iter()
                .map(|(key, n, at)| (((*key).to_owned(), *n), places(at)))
                .collect()
        };
        assert!(
            breaches(
                &papers,
                &cite(&[("PCL", 1, &["a:1"]), ("PCL", 2, &["a:2"])])
            )
            .is_empty()
        );
        assert_eq!(breaches(&papers, &cite(&[("PCL", 1, &["a:1"])])).len(), 1);
        let twice = cite(&[("PCL", 1, &["a:1", "b:1"]), ("PCL", 2, &["a:2"])]);
        assert_eq!(breaches(&papers, &twice).len(), 1);
        let unknown = cite(&[
            ("PCL", 1, &["a:1"]),
            ("PCL", 2, &["a:2"]),
            ("XYZ", 1, &["a:3"]),
        ]);
        assert_eq!(breaches(&papers, &unknown).len(), 1);
    }
}
