//! Every command that the documentation shows is one that the program takes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Command, Subcommand};

/// Commands that test the sources; they are not the product's.
const OF_THE_HOUSE: [&str; 5] = ["test", "ci", "bench", "site", "tidy"];

/// Pages of the documentation: those of its site, where all documents are.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let docs = root.unwrap().join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let links = summary.split("](").skip(1);
    links
        .map(|link| docs.join(link.split(')').next().unwrap()))
        .collect()
}

/// The lines of the blocks that are meant for a shell, continued lines as one.
fn lines(text: &str) -> Vec<String> {
    let (mut inside, mut lines) = (false, Vec::new());
    let mut begun = String::new();
    for line in text.lines() {
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            inside = !inside && ["console", "sh", "bash"].contains(&kind);
            continue;
        }
        if inside {
            match line.strip_suffix('\\') {
                Some(part) => begun += part,
                None => lines.push(std::mem::take(&mut begun) + line),
            }
        }
    }
    lines
}

/// The words of a call of the program, up to a pipe, a redirection or a remark; none of other lines.
/// `...` stands for options that were shown before.
fn call(line: &str) -> Option<Vec<String>> {
    let line = line.trim().trim_start_matches("$ ");
    let called = ["cargo xtask ", "forged-faces "];
    let rest = called.iter().find_map(|name| line.strip_prefix(name))?;
    let words = words(rest).into_iter();
    let words = words.take_while(|word| !["|", ">", "#", "&&"].contains(&&**word));
    Some(words.filter(|word| word != "...").collect())
}

/// Words as a shell has them, with single and double quotes.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut quote) = (vec![String::new()], None);
    for c in text.chars() {
        match quote {
            Some(mark) if c == mark => quote = None,
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c.is_whitespace() => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_command_of_the_documentation_is_taken() {
    let command = cli::Command::augment_subcommands(Command::new("forged-faces"));
    let (mut count, mut refused) = (0, Vec::new());
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for line in lines(&text) {
            let Some(words) = call(&line) else { continue };
            if words
                .first()
                .is_some_and(|word| OF_THE_HOUSE.contains(&&**word))
            {
                continue;
            }
            let words = std::iter::once("forged-faces".to_owned()).chain(words);
            let taken = command.clone().try_get_matches_from(words);
            if let Err(error) = taken
                && error.use_stderr()
            {
                refused.push(format!("{}: {line}\n{error}", page.display()));
            }
            count += 1;
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(count > 60, "{count}");
}
