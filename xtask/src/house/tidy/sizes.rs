//! How long files and how large crates are.

use super::super::source::Source;

const MOST_LINES: usize = 400;
const MOST_LINES_OF_CRATE: usize = 4000;
/// Crates that make pictures: many small parts that belong together.
const LARGE: [&str; 2] = ["fixtures", "synth-data"];

/// Files that hold more than one thing, by their length.
pub(super) fn long_files(files: &[Source]) -> Vec<String> {
    let long = files.iter().filter(|file| file.lines > MOST_LINES);
    long.map(|file| {
        format!(
            "src/{} has {} lines; {MOST_LINES} are the most",
            file.path, file.lines
        )
    })
    .collect()
}

/// A crate to divide.
pub(super) fn large_crate(name: &str, files: &[Source]) -> Option<String> {
    let most = match name {
        name if LARGE.contains(&name) => return None,
        "trainer" => MOST_LINES_OF_CRATE / 2,
        _ => MOST_LINES_OF_CRATE,
    };
    let lines: usize = files.iter().map(|file| file.lines).sum();
    (lines > most).then(|| format!("has {lines} lines of src; {most} are the most"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(lines: usize) -> Source {
        Source::parse("lib.rs", &"//\n".repeat(lines)).unwrap()
    }

    #[test]
    fn a_file_and_a_crate_may_be_as_long_as_is_said_and_no_longer() {
        assert!(long_files(&[file(400)]).is_empty());
        assert_eq!(
            long_files(&[file(400), file(401)]),
            ["src/lib.rs has 401 lines; 400 are the most"]
        );
        let files: Vec<Source> = (0..10).map(|_| file(400)).collect();
        assert_eq!(large_crate("prep", &files), None);
        assert!(large_crate("trainer", &files).is_some());
        let more: Vec<Source> = files.into_iter().chain([file(1)]).collect();
        assert_eq!(
            large_crate("prep", &more).unwrap(),
            "has 4001 lines of src; 4000 are the most"
        );
        assert_eq!(large_crate("synth-data", &more), None);
    }
}
