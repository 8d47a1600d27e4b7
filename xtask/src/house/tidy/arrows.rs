//! Which crate may use which.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use anyhow::Context;
use serde::Deserialize;
use xshell::cmd;

use crate::house::workspace::shell;

/// Dependencies inside the workspace, by crate.
pub(super) type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The arrows that `ARCHITECTURE.md` allows: the lines `crate -> crate, crate` of its block
/// marked `arrows`.
pub(super) fn allowed(architecture: &str) -> anyhow::Result<Arrows> {
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

pub(super) fn actual() -> anyhow::Result<Arrows> {
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

pub(super) fn breaches(allowed: &Arrows, actual: &Arrows) -> Vec<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(breaches(&allowed, &allowed).is_empty());
        let upwards = graph(&[("metrics", &["trainer"]), ("trainer", &["metrics"])]);
        assert_eq!(
            breaches(&allowed, &upwards),
            ["metrics -> trainer is no arrow of ARCHITECTURE.md"]
        );
        let less = graph(&[("metrics", &[]), ("trainer", &[])]);
        assert_eq!(breaches(&allowed, &less).len(), 1);
        let new = graph(&[("metrics", &[]), ("trainer", &["metrics"]), ("new", &[])]);
        assert_eq!(
            breaches(&allowed, &new),
            ["crate new is not in ARCHITECTURE.md's arrows"]
        );
    }
}
