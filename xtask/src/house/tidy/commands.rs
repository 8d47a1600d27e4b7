//! Libraries do not know which command calls them.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::super::source::{Source, is_punct};

/// Texts of a library that name a command or an option of one.
pub(super) fn named(files: &[Source]) -> Vec<String> {
    let mut breaches = Vec::new();
    for file in files {
        let mut found = Vec::new();
        texts(file.tokens.clone(), &mut found);
        breaches.extend(found.into_iter().map(|(line, word)| {
            let path = &file.path;
            format!(
                "src/{path}:{line} names `{word}`: hints on commands belong to the command line"
            )
        }));
    }
    breaches
}

/// The string literals of the code; comments are none.
fn texts(tokens: TokenStream, found: &mut Vec<(usize, String)>) {
    let mut behind_hash = false;
    for token in tokens {
        match &token {
            TokenTree::Group(group) if behind_hash && is_doc(group) => {}
            TokenTree::Group(group) => texts(group.stream(), found),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if text.contains('"')
                    && let Some(word) = command(&text)
                {
                    found.push((literal.span().start().line, word.to_owned()));
                }
            }
            _ => {}
        }
        // `#![doc]` has a mark between.
        behind_hash = is_punct(&token, '#') || behind_hash && is_punct(&token, '!');
    }
}

fn is_doc(attribute: &proc_macro2::Group) -> bool {
    let first = attribute.stream().into_iter().next();
    attribute.delimiter() == Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(word)) if word == "doc")
}

/// `cargo xtask`, or an option such as `--out`, at the beginning of a word.
fn command(text: &str) -> Option<&str> {
    const CARGO: &str = "cargo xtask";
    if let Some(at) = text.find(CARGO) {
        return Some(&text[at..at + CARGO.len()]);
    }
    let mut words = text.split(|c: char| c.is_whitespace() || "\"`'(,;:".contains(c));
    words.find(|word| {
        let name = word.strip_prefix("--");
        name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        named(&[Source::parse("error.rs", text).unwrap()])
    }

    #[test]
    fn hints_on_commands_are_found_in_code_macros_and_attributes() {
        let hint = of("enum E {\n #[error(\"no run; see --run\")]\n A,\n}");
        assert_eq!(
            hint,
            ["src/error.rs:2 names `--run`: hints on commands belong to the command line"]
        );
        assert_eq!(
            of("fn f() { panic!(\"do `cargo xtask train`\"); }").len(),
            1
        );
        assert_eq!(of("const A: &str = \"(--out)\";").len(), 1);
    }

    #[test]
    fn comments_tests_and_dashes_are_no_hints() {
        assert!(of("//! `cargo xtask train --out a`\n/// --run\nfn f() {}").is_empty());
        assert!(of("#[cfg(test)]\nmod tests { const A: &str = \"--run\"; }").is_empty());
        assert!(of("const A: &str = \"a -- b --- c\";").is_empty());
    }
}
