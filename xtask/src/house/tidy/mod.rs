//! The house's rules that a machine can see.

use std::{fs, path::Path, process::ExitCode};

use anyhow::bail;

use super::{
    equations::{citations, papers},
    source::Source,
    workspace::root,
};

mod arrows;
mod circles;
mod commands;
mod equations;
mod files;
mod imports;
mod links;
mod sizes;

/// Checks every rule and names each breach.
pub(crate) fn tidy() -> anyhow::Result<ExitCode> {
    let breaches = breaches(&root())?;
    if breaches.is_empty() {
        println!(
            "tidy: the arrows point down, no files go in circles, each equation has one function, and links lead somewhere"
        );
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
    let mut breaches = arrows::breaches(&arrows::allowed(&architecture)?, &arrows::actual()?);
    breaches.extend(equations::breaches(&papers(root)?, &citations(root)?));
    breaches.extend(links::breaches(root)?);
    for place in crates(root)? {
        let name = place.rsplit('/').next().unwrap_or(&place);
        let files = Source::read(&root.join(&place))?;
        let mut found = sizes::long_files(&files);
        if name.starts_with("model-") {
            found.extend(files::opened(&files));
        }
        found.extend(sizes::large_crate(name, &files));
        found.extend(circles::breaches(&files));
        if place.starts_with("crates/") && name != "cli" {
            found.extend(commands::named(&files));
        }
        breaches.extend(found.into_iter().map(|breach| format!("{place}: {breach}")));
    }
    Ok(breaches)
}

/// The folders of the workspace's crates, but for the benchmarks.
fn crates(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut crates = vec!["fixtures".to_owned(), "xtask".to_owned()];
    for entry in fs::read_dir(root.join("crates"))? {
        let entry = entry?;
        if entry.path().join("src").is_dir() {
            crates.push(format!("crates/{}", entry.file_name().to_string_lossy()));
        }
    }
    crates.sort();
    Ok(crates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_house_is_tidy() {
        assert_eq!(breaches(&root()).unwrap(), Vec::<String>::new());
    }
}
