//! The papers' numbered equations, and the functions that cite them.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::Context;
use serde::Deserialize;

use super::source::rust_files;

/// Papers by their key.
pub(super) type Papers = BTreeMap<String, Paper>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Paper {
    title: String,
    venue: String,
    /// Numbers of the equations that have a function each.
    pub(super) equations: Vec<u32>,
}

/// Where `#[doc(alias = "KEY eq N")]` stands, by key and number.
pub(super) type Citations = BTreeMap<(String, u32), Vec<Citation>>;

pub(super) struct Citation {
    /// Relative to the root, with slashes.
    pub(super) file: String,
    /// From 1.
    pub(super) line: usize,
    function: String,
    /// The first paragraph of its documentation.
    says: String,
}

impl Citation {
    /// The citation in line `index`, from 0, of a file.
    pub(super) fn new(file: &str, lines: &[&str], index: usize) -> Self {
        let names = lines[index..].iter().filter_map(|line| {
            let (_, name) = line.split_once("fn ")?;
            name.split(['(', '<']).next()
        });
        let above = lines[..index].iter().rev().map(|line| line.trim());
        let block = above.take_while(|line| line.starts_with("///") || line.starts_with("#["));
        let mut block: Vec<&str> = block.filter_map(|line| line.strip_prefix("///")).collect();
        block.reverse();
        let paragraph = block.iter().take_while(|line| !line.trim().is_empty());
        let says: Vec<&str> = paragraph.map(|line| line.trim()).collect();
        Self {
            file: file.to_owned(),
            line: index + 1,
            function: names.take(1).collect(),
            says: says.join(" "),
        }
    }

    /// A row of a table in Markdown, with a link from the book's page to the source as rustdoc shows it.
    fn row(&self, number: u32) -> String {
        let Self { function, line, .. } = self;
        let page = self
            .file
            .replacen("crates/", "", 1)
            .replacen("/src/", "/", 1);
        let (name, path) = page.split_once('/').unwrap_or(("", &page));
        let page = format!("../../../src/{}/{path}.html#{line}", name.replace('-', "_"));
        let says = self
            .says
            .replace("[`", "`")
            .replace("`]", "`")
            .replace('|', "\\|");
        format!("| {number} | [`{function}`]({page}) in {name} | {says} |\n")
    }
}

/// The papers of `docs/papers.toml`.
pub(super) fn papers(root: &Path) -> anyhow::Result<Papers> {
    let text = fs::read_to_string(root.join("docs/papers.toml"))?;
    toml::from_str(&text).context("docs/papers.toml")
}

/// All citations in the crates.
pub(super) fn citations(root: &Path) -> anyhow::Result<Citations> {
    let mut citations = Citations::new();
    for file in rust_files(&root.join("crates"))? {
        let text = fs::read_to_string(&file)?;
        let path = file
            .strip_prefix(root)?
            .to_string_lossy()
            .replace('\\', "/");
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let Some((_, rest)) = line.split_once("doc(alias = \"") else {
                continue;
            };
            let alias = rest.split('"').next().unwrap_or_default();
            let Some((key, number)) = alias.split_once(" eq ") else {
                continue;
            };
            let number = number
                .parse()
                .with_context(|| format!("{path}:{}: alias `{alias}`", index + 1))?;
            citations
                .entry((key.to_owned(), number))
                .or_default()
                .push(Citation::new(&path, &lines, index));
        }
    }
    Ok(citations)
}

/// The equations of all papers with their functions, as the book shows them.
pub(super) fn list(root: &Path) -> anyhow::Result<String> {
    let mut citations = citations(root)?;
    let mut text = String::new();
    for (
        key,
        Paper {
            title,
            venue,
            equations,
        },
    ) in papers(root)?
    {
        text += &format!("\n### {key}: {title}\n\n{venue}\n\n");
        text += "| equation | function | what |\n|---|---|---|\n";
        for number in equations {
            let places = citations.remove(&(key.clone(), number)).unwrap_or_default();
            text.extend(places.iter().map(|place| place.row(number)));
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_citation_is_told_with_its_function_and_what_it_says() {
        let lines = [
            "fn before() {}",
            "    /// Eq. 2: `|a - b|` of",
            "    /// [`c`].",
            "    ///",
            "    /// # Shapes",
            "    #[doc(alias = \"PCL eq 2\")]",
            "    #[must_use]",
            "    pub fn distance<T>(a: T) {}",
        ];
        let citation = Citation::new("crates/model-pcl/src/a/b.rs", &lines, 5);
        assert_eq!(
            citation.row(2),
            "| 2 | [`distance`](../../../src/model_pcl/a/b.rs.html#6) in model-pcl | Eq. 2: `\\|a - b\\|` of `c`. |\n"
        );
    }

    #[test]
    fn every_equation_has_a_row() {
        let root = super::super::workspace::root();
        let equations: usize = papers(&root)
            .unwrap()
            .values()
            .map(|p| p.equations.len())
            .sum();
        let list = list(&root).unwrap();
        let rows = list.lines().filter(|line| line.contains(".rs.html#"));
        assert_eq!(rows.clone().count(), equations);
        assert!(
            rows.clone()
                .all(|row| !row.contains("[``]") && !row.ends_with("|  |")),
            "{list}"
        );
    }
}
