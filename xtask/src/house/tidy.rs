//! The house's rules that a machine can see.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use serde::Deserialize;
use xshell::cmd;

use super::{root, shell};

/// Checks every rule and names each breach.
pub(crate) fn tidy() -> anyhow::Result<ExitCode> {
    let breaches = breaches(&root())?;
    if breaches.is_empty() {
        println!("tidy: the arrows point down, and each equation has one function");
        return Ok(ExitCode::SUCCESS);
    }
    for breach in &breaches {
        eprintln!("tidy: {breach}");
    }
    bail!(
        "{} breaches of the house's rules (ARCHITECTURE.md)",
        breaches.len()
    )
}

fn breaches(root: &Path) -> anyhow::Result<Vec<String>> {
    let architecture = fs::read_to_string(root.join("ARCHITECTURE.md"))?;
    let papers: Papers = toml::from_str(&fs::read_to_string(root.join("docs/papers.toml"))?)
        .context("docs/papers.toml")?;
    let mut breaches = arrows(&allowed_arrows(&architecture)?, &actual_arrows()?);
    breaches.extend(equations(&papers, &citations(root)?));
    Ok(breaches)
}

/// Dependencies inside the workspace, by crate.
type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The arrows that `ARCHITECTURE.md` allows: the lines `crate -> crate, crate` of its block
/// marked `arrows`.
fn allowed_arrows(architecture: &str) -> anyhow::Result<Arrows> {
    let block = architecture
        .split_once("```arrows\n")
        .and_then(|(_, rest)| rest.split_once("```"))
        .context("ARCHITECTURE.md has no block marked `arrows`")?
        .0;
    block
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (from, to) = line
                .split_once("->")
                .with_context(|| format!("ARCHITECTURE.md: `{line}`"))?;
            let to = to.split(',').map(str::trim).filter(|name| !name.is_empty());
            Ok((from.trim().to_owned(), to.map(str::to_owned).collect()))
        })
        .collect()
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `null` for a normal dependency, else `dev` or `build`.
    kind: Option<String>,
    /// Present for packages of the workspace.
    path: Option<PathBuf>,
}

fn actual_arrows() -> anyhow::Result<Arrows> {
    let shell = shell()?;
    let text = cmd!(shell, "cargo metadata --no-deps --format-version 1")
        .quiet()
        .read()?;
    let metadata: Metadata = serde_json::from_str(&text)?;
    let arrows = metadata.packages.into_iter().map(|package| {
        let inside = package.dependencies.into_iter().filter(|dependency| {
            dependency.path.is_some() && dependency.kind.as_deref() != Some("dev")
        });
        (
            package.name,
            inside.map(|dependency| dependency.name).collect(),
        )
    });
    Ok(arrows.collect())
}

fn arrows(allowed: &Arrows, actual: &Arrows) -> Vec<String> {
    let mut breaches = Vec::new();
    for (from, to) in actual {
        let Some(allowed) = allowed.get(from) else {
            breaches.push(format!("crate {from} is not in ARCHITECTURE.md's arrows"));
            continue;
        };
        for to in to.difference(allowed) {
            breaches.push(format!("{from} -> {to} is no arrow of ARCHITECTURE.md"));
        }
        for to in allowed.difference(to) {
            breaches.push(format!(
                "ARCHITECTURE.md allows {from} -> {to}, which nothing uses"
            ));
        }
    }
    for from in allowed.keys().filter(|from| !actual.contains_key(*from)) {
        breaches.push(format!(
            "ARCHITECTURE.md names the crate {from}, which is not there"
        ));
    }
    breaches
}

/// Papers by their key.
type Papers = BTreeMap<String, Paper>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paper {
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "venue")]
    _venue: String,
    /// Numbers of the equations that have a function each.
    equations: Vec<u32>,
}

/// Where `#[doc(alias = "KEY eq N")]` stands: (key, number) -> places.
type Citations = BTreeMap<(String, u32), Vec<String>>;

fn citations(root: &Path) -> anyhow::Result<Citations> {
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

fn rust_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn equations(papers: &Papers, citations: &Citations) -> Vec<String> {
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
    fn this_house_is_tidy() {
        assert_eq!(breaches(&root()).unwrap(), Vec::<String>::new());
    }

    fn graph(lines: &[(&str, &[&str])]) -> Arrows {
        let set = |to: &[&str]| to.iter().map(|&name| name.to_owned()).collect();
        lines
            .iter()
            .map(|(from, to)| ((*from).to_owned(), set(to)))
            .collect()
    }

    #[test]
    fn an_arrow_that_is_not_allowed_is_a_breach_and_so_is_an_unused_one() {
        let allowed = graph(&[("metrics", &[]), ("trainer", &["metrics"])]);
        assert!(arrows(&allowed, &allowed).is_empty());
        let upwards = graph(&[("metrics", &["trainer"]), ("trainer", &["metrics"])]);
        assert_eq!(
            arrows(&allowed, &upwards),
            ["metrics -> trainer is no arrow of ARCHITECTURE.md"]
        );
        let less = graph(&[("metrics", &[]), ("trainer", &[])]);
        assert_eq!(arrows(&allowed, &less).len(), 1);
        let new = graph(&[("metrics", &[]), ("trainer", &["metrics"]), ("new", &[])]);
        assert_eq!(
            arrows(&allowed, &new),
            ["crate new is not in ARCHITECTURE.md's arrows"]
        );
    }

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
            equations(
                &papers,
                &cite(&[("PCL", 1, &["a:1"]), ("PCL", 2, &["a:2"])])
            )
            .is_empty()
        );
        assert_eq!(equations(&papers, &cite(&[("PCL", 1, &["a:1"])])).len(), 1);
        let twice = cite(&[("PCL", 1, &["a:1", "b:1"]), ("PCL", 2, &["a:2"])]);
        assert_eq!(equations(&papers, &twice).len(), 1);
        let unknown = cite(&[
            ("PCL", 1, &["a:1"]),
            ("PCL", 2, &["a:2"]),
            ("XYZ", 1, &["a:3"]),
        ]);
        assert_eq!(equations(&papers, &unknown).len(), 1);
    }
}
