//! A crate's source as tokens, without what only tests compile.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A file of a crate.
pub(super) struct Source {
    /// Below the crate's `src`, with slashes.
    pub(super) path: String,
    pub(super) lines: usize,
    pub(super) tokens: TokenStream,
}

impl Source {
    /// The files of the crate in `folder` that are compiled without its tests.
    pub(super) fn read(folder: &Path) -> anyhow::Result<Vec<Self>> {
        let src = folder.join("src");
        rust_files(&src)?
            .into_iter()
            .map(|file| {
                let text = fs::read_to_string(&file)?;
                let path = file
                    .strip_prefix(&src)?
                    .to_string_lossy()
                    .replace('\\', "/");
                Self::parse(&path, &text).with_context(|| format!("{}", file.display()))
            })
            .collect()
    }

    pub(super) fn parse(path: &str, text: &str) -> anyhow::Result<Self> {
        let tokens: TokenStream = text
            .parse()
            .map_err(|error| anyhow::anyhow!("{path}: {error}"))?;
        Ok(Self {
            path: path.to_owned(),
            lines: text.lines().count(),
            tokens: without_tests(tokens),
        })
    }
}

/// Every `.rs` file below `folder`, in order.
pub(super) fn rust_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
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

/// The tokens without items behind `#[cfg(test)]`.
fn without_tests(tokens: TokenStream) -> TokenStream {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let TokenTree::Group(group) = &token else {
            kept.push(token);
            continue;
        };
        let behind_hash = kept.last().is_some_and(|last| is_punct(last, '#'));
        if behind_hash && group.stream().to_string().replace(' ', "") == "cfg(test)" {
            kept.pop();
            skip_item(&mut tokens);
        } else {
            let mut inner =
                proc_macro2::Group::new(group.delimiter(), without_tests(group.stream()));
            inner.set_span(group.span());
            kept.push(inner.into());
        }
    }
    kept.into_iter().collect()
}

/// Passes the item that stands behind an attribute: to its `;`, or to its body.
fn skip_item(tokens: &mut impl Iterator<Item = TokenTree>) {
    let mut has_body = true;
    for token in tokens {
        match &token {
            TokenTree::Ident(word) if word == "use" || word == "const" || word == "static" => {
                has_body = false;
            }
            TokenTree::Ident(word) if word == "fn" => has_body = true,
            TokenTree::Punct(mark) if mark.as_char() == ';' => return,
            TokenTree::Group(group) if has_body && group.delimiter() == Delimiter::Brace => return,
            _ => {}
        }
    }
}

pub(super) fn is_punct(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}
