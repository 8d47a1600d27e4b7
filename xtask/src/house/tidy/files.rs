//! Models know tensors, never files.

use proc_macro2::{TokenStream, TokenTree};

use super::super::source::Source;

/// Words that only code which opens files has.
const OPENING: [&str; 6] = [
    "fs",
    "File",
    "OpenOptions",
    "Path",
    "PathBuf",
    "load_weights",
];

/// Where a file is opened, or is to be.
pub(super) fn opened(files: &[Source]) -> Vec<String> {
    let mut breaches = Vec::new();
    for file in files {
        let mut found = Vec::new();
        words(file.tokens.clone(), &mut found);
        breaches.extend(found.into_iter().map(|(line, word)| {
            let path = &file.path;
            format!("src/{path}:{line} has `{word}`, and a model opens no file: take bytes, or hand out what a caller needs")
        }));
    }
    breaches
}

fn words(tokens: TokenStream, found: &mut Vec<(usize, String)>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => words(group.stream(), found),
            TokenTree::Ident(word) if OPENING.iter().any(|opening| word == opening) => {
                found.push((word.span().start().line, word.to_string()));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        opened(&[Source::parse("model.rs", text).unwrap()])
    }

    #[test]
    fn a_model_that_opens_a_file_is_found_wherever_it_does() {
        let path = of("use std::path::Path;\nfn f(path: impl AsRef<Path>) {}");
        assert_eq!(path.len(), 2);
        assert!(path[1].starts_with("src/model.rs:2 has `Path`"), "{path:?}");
        assert_eq!(
            of("fn f() { let _ = vec![std::fs::read(\"a\")]; }").len(),
            1
        );
    }

    #[test]
    fn tests_comments_and_longer_words_open_no_file() {
        assert!(of("#[cfg(test)]\nmod tests {\n use std::fs;\n}").is_empty());
        assert!(of("/// Reads no `File`.\nstruct DifferencePath;").is_empty());
    }
}
