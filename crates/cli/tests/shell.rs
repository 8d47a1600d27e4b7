//! What shells and `man` know of the program, and that it needs no folder of its own.

use std::{fs, process::Command};

/// The program, in an empty folder.
fn run(args: &[&str]) -> (String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_forged-faces");
    let ended = Command::new(program)
        .args(args)
        .current_dir(folder.path())
        .output();
    let ended = ended.unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{args:?}: {said}");
    (String::from_utf8(ended.stdout).unwrap(), folder)
}

#[test]
fn every_shell_completes_every_command_and_its_options() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (script, _) = run(&["completions", shell]);
        for word in ["forged-faces", "robustness", "least-frames", "completions"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn every_command_has_a_page_that_names_the_program() {
    let (_, folder) = run(&["man", "pages/man1"]);
    let pages = folder.path().join("pages/man1");
    for page in [
        "forged-faces",
        "forged-faces-detect",
        "forged-faces-data-check",
    ] {
        let text = fs::read_to_string(pages.join(format!("{page}.1"))).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
        assert!(!text.contains("cargo xtask"), "{page}: {text}");
    }
    let (help, _) = run(&["--help"]);
    let commands = help
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands: Vec<&str> = commands
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| !word.starts_with('-') && *word != "help")
        .collect();
    assert!(commands.len() > 12, "{help}");
    for command in commands {
        let page = pages.join(format!("forged-faces-{command}.1"));
        assert!(page.is_file(), "{}", page.display());
    }
}
