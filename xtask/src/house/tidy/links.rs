//! Every document is a page of the site, and every link leads to a file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::super::documents::{SUMMARY, all, leads, links, pages};

pub(super) fn breaches(root: &Path) -> anyhow::Result<Vec<String>> {
    let pages = pages(root)?;
    let documents = all(root)?;
    let mut breaches: Vec<String> = documents
        .iter()
        .filter(|document| !pages.contains(document))
        .map(|document| format!("{} is missing in {SUMMARY}", document.display()))
        .collect();
    let summary = PathBuf::from(SUMMARY);
    for page in documents.iter().chain([&summary]) {
        let text = fs::read_to_string(root.join(page))?;
        for link in links(&text) {
            let file = leads(page, &link.target);
            if !root.join(&file).is_file() {
                let page = page.display();
                breaches.push(format!("{page}: `{}` leads to no file", link.target));
            }
        }
    }
    Ok(breaches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_and_links_that_lead_nowhere_are_named() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("docs")).unwrap();
        let write = |path: &str, text: &str| fs::write(root.path().join(path), text).unwrap();
        write("README.md", "[a](docs/a.md) [b](docs/b.md)");
        write("docs/a.md", "[up](../README.md) [folder](.)");
        write("docs/forgotten.md", "");
        write(SUMMARY, "- [R](../README.md)\n- [A](a.md)\n");
        assert_eq!(
            breaches(root.path()).unwrap(),
            [
                "docs/forgotten.md is missing in docs/SUMMARY.md",
                "README.md: `docs/b.md` leads to no file",
                "docs/a.md: `.` leads to no file",
            ]
        );
    }
}
