//! The documentation as a site: the repository's documents by mdBook, the code by rustdoc.

use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use clap::Args;
use serde::Deserialize;
use xshell::{Shell, cmd};

use super::{
    documents::{SUMMARY, leads, links, pages},
    equations::list,
    workspace::{root, shell},
};

/// How mdBook is got, at the version that the site was looked at with.
const INSTALL: &str = "cargo install --locked mdbook --version 0.5.4";
/// The page that the list of equations is added to.
const EQUATIONS: &str = "docs/papers/README.md";

#[derive(Args)]
pub(crate) struct SiteArguments {
    /// Without rustdoc's pages, which type-check all code first.
    #[arg(long)]
    book_only: bool,
}

/// Builds the site in `doc` of the target's folder: rustdoc's pages, and the book in `book`.
pub(crate) fn site(arguments: &SiteArguments) -> anyhow::Result<ExitCode> {
    let (root, shell) = (root(), shell()?);
    if cmd!(shell, "mdbook --version")
        .quiet()
        .ignore_stdout()
        .run()
        .is_err()
    {
        bail!("the site needs mdBook: {INSTALL}");
    }
    let target = target(&shell)?;
    let (sources, book) = (target.join("site"), target.join("doc/book"));
    collect(&root, &sources)?;
    if !arguments.book_only {
        rustdoc(&shell)?;
    }
    cmd!(shell, "mdbook build {sources} --dest-dir {book}").run()?;
    println!("{}", book.join("index.html").display());
    Ok(ExitCode::SUCCESS)
}

/// The code's own pages, with all back ends. `DOCS_RS` keeps the build scripts of CUDA's compiler from
/// downloading it: the code is type-checked, not linked.
pub(super) fn rustdoc(shell: &Shell) -> anyhow::Result<()> {
    let gpus = ["--features", "xtask/wgpu,xtask/cuda"];
    cmd!(shell, "cargo doc --workspace --no-deps {gpus...}")
        .env("DOCS_RS", "1")
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    Ok(())
}

/// Where cargo builds.
fn target(shell: &Shell) -> anyhow::Result<PathBuf> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let metadata = cmd!(shell, "cargo metadata --no-deps --format-version 1")
        .quiet()
        .read()?;
    Ok(serde_json::from_str::<Metadata>(&metadata)?.target_directory)
}

/// Lays the documents out for mdBook, at the places that they have in the repository, so that links
/// between them lead there as they do here.
fn collect(root: &Path, sources: &Path) -> anyhow::Result<()> {
    if sources.exists() {
        fs::remove_dir_all(sources)?;
    }
    let put = |path: &Path, text: &str| -> anyhow::Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(sources))?;
        fs::write(path, text).with_context(|| path.display().to_string())
    };
    let read = |path: &Path| {
        fs::read_to_string(root.join(path)).with_context(|| path.display().to_string())
    };
    let src = sources.join("src");
    let pages = pages(root)?;
    for page in &pages {
        let mut text = read(page)?;
        for link in links(&text) {
            let file = leads(page, &link.target);
            if !pages.contains(&file) {
                put(&src.join(&file), &read(&file)?)?;
            }
        }
        if page.starts_with("crates") {
            text = with_rust_named(&text);
        }
        if page == Path::new(EQUATIONS) {
            text += &list(root)?;
        }
        put(&src.join(page), &text)?;
    }
    let summary = from_the_root(&read(Path::new(SUMMARY))?);
    put(&src.join("SUMMARY.md"), &summary)?;
    for file in ["book.toml", "site.css"] {
        put(&sources.join(file), &read(&Path::new("docs").join(file))?)?;
    }
    Ok(())
}

/// The table of contents with links from the root, where mdBook wants it.
fn from_the_root(summary: &str) -> String {
    let mut text = summary.to_owned();
    for link in links(summary).iter().rev() {
        let path = leads(Path::new(SUMMARY), &link.target);
        let path = path.to_string_lossy().replace('\\', "/");
        let whole = summary[link.place.clone()].replace(&link.target, &path);
        text.replace_range(link.place.clone(), &whole);
    }
    text
}

/// Blocks of code without a language named as Rust: a crate's README is its rustdoc page too, where they
/// are Rust, with lines that begin with `# ` hidden.
fn with_rust_named(text: &str) -> String {
    let mut inside = false;
    let lines = text.lines().map(|line| {
        let Some(kind) = line.strip_prefix("```") else {
            return Cow::Borrowed(line);
        };
        inside = !inside;
        match kind {
            "" | "no_run" | "ignore" | "compile_fail" if inside => Cow::Borrowed("```rust"),
            _ => Cow::Borrowed(line),
        }
    });
    lines.map(|line| line + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_and_every_file_that_it_leads_to_is_laid_out() {
        let folder = tempfile::tempdir().unwrap();
        let sources = folder.path().join("site");
        collect(&root(), &sources).unwrap();
        let src = sources.join("src");
        for page in pages(&root())
            .unwrap()
            .iter()
            .chain([&PathBuf::from("SUMMARY.md")])
        {
            let text = fs::read_to_string(src.join(page)).unwrap();
            for link in links(&text) {
                // The list of equations leads into rustdoc's pages.
                let file = src.join(leads(page, &link.target));
                assert!(
                    file.is_file() || link.target.contains("/src/"),
                    "{page:?}: {}",
                    link.target
                );
            }
        }
        assert!(sources.join("book.toml").is_file());
    }

    #[test]
    fn the_table_of_contents_is_read_from_the_root() {
        let summary = "[R](../README.md)\n\n- [A b](papers/a.md)\n- [draft]()\n";
        let expected = "[R](README.md)\n\n- [A b](docs/papers/a.md)\n- [draft]()\n";
        assert_eq!(from_the_root(summary), expected);
    }

    #[test]
    fn code_of_a_crate_is_rust_where_nothing_else_is_said() {
        let text = "```\nlet a = 1;\n```\n```text\nb\n```\n```no_run\nc\n```\n";
        let expected = "```rust\nlet a = 1;\n```\n```text\nb\n```\n```rust\nc\n```\n";
        assert_eq!(with_rust_named(text), expected);
    }

    #[test]
    fn the_rules_name_the_version_of_mdbook() {
        let rules = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
        let ci = fs::read_to_string(root().join(".ci/run")).unwrap();
        let version = INSTALL.rsplit(' ').next().unwrap();
        assert!(rules.contains(INSTALL), "{INSTALL}");
        assert!(ci.contains(&format!("mdbook --version {version}")));
    }
}
