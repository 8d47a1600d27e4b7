//! The repository's documents, and where their links lead.

use std::{
    fs,
    ops::Range,
    path::{Component, Path, PathBuf},
};

use pulldown_cmark::{Event, Options, Parser, Tag};

/// The site's table of contents.
pub(super) const SUMMARY: &str = "docs/SUMMARY.md";

/// A link to a file.
pub(super) struct Link {
    /// As it is written, without a place within the file.
    pub(super) target: String,
    /// Where the whole link stands in the text, in bytes.
    pub(super) place: Range<usize>,
}

/// The links of a text in Markdown, but for those to the web, to mail, and to places of the same text.
pub(super) fn links(text: &str) -> Vec<Link> {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter();
    let links = events.filter_map(|(event, place)| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            let target = dest_url.split('#').next().unwrap_or_default().to_owned();
            let elsewhere = target.contains("://") || target.starts_with("mailto:");
            (!target.is_empty() && !elsewhere).then_some(Link { target, place })
        }
        _ => None,
    });
    links.collect()
}

/// Where a link of `page` leads; both are relative to the root.
pub(super) fn leads(page: &Path, target: &str) -> PathBuf {
    let mut path = PathBuf::new();
    let parent = page.parent().unwrap_or(Path::new(""));
    for part in parent.join(target).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path
}

/// The pages of the site in their order, relative to the root.
pub(super) fn pages(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let summary = fs::read_to_string(root.join(SUMMARY))?;
    let links = links(&summary).into_iter();
    Ok(links
        .map(|link| leads(Path::new(SUMMARY), &link.target))
        .collect())
}

/// Every document of the repository, relative to the root, but for the table of contents.
pub(super) fn all(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name();
            let path = folder.join(&name);
            let passed = ["target", "runs"].map(Into::into).contains(&name);
            if entry.file_type()?.is_dir() {
                if !passed && !name.to_string_lossy().starts_with('.') {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|end| end == "md") && path != Path::new(SUMMARY)
            {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_from_the_page_that_has_them() {
        let text = "[a](../b.md#c) `[no](x.md)` [w](https://w.org/x) [d](#d)\n\n```\n[no](y.md)\n```\n\n| t |\n|---|\n| [e](e.md) |\n";
        let links = links(text);
        let targets: Vec<&str> = links.iter().map(|link| &*link.target).collect();
        assert_eq!(targets, ["../b.md", "e.md"]);
        assert_eq!(&text[links[0].place.clone()], "[a](../b.md#c)");
        let page = Path::new("docs/papers/pcl.md");
        assert_eq!(leads(page, "../b.md"), Path::new("docs/b.md"));
        assert_eq!(leads(page, "../../README.md"), Path::new("README.md"));
        assert_eq!(leads(page, "./adm.md"), Path::new("docs/papers/adm.md"));
    }
}
