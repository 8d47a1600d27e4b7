//! Names of files that are made of others.

use std::{collections::BTreeSet, path::Path};

/// Bytes of a name that are taken, before an ending.
const LONGEST: usize = 100;

/// Names that were given, none twice, whether or not a file system tells capital letters apart.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// In small letters.
    taken: BTreeSet<String>,
}

impl Names {
    /// Takes a name that was given earlier.
    pub fn take(&mut self, name: &str) {
        self.taken.insert(name.to_lowercase());
    }

    /// A name for what is made of a file: its stem, cut where it is long, `_` for what some file systems
    /// do not have in names, and with a number where another has it already. An ending is to follow.
    pub fn of(&mut self, file: &Path) -> String {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let portable = |c: char| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c if c.is_control() => '_',
            c => c,
        };
        let mut stem: String = stem.chars().map(portable).collect();
        stem.truncate(stem.floor_char_boundary(LONGEST));
        if stem.is_empty() {
            stem.push('_');
        }
        let mut name = stem.clone();
        let mut count = 1;
        while !self.taken.insert(name.to_lowercase()) {
            count += 1;
            name = format!("{stem}-{count}");
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_files_get_one_name() {
        let mut names = Names::default();
        names.take("y");
        let given = ["a/x.jpg", "b/x.png", "b/y.png", "c/X.jpg", "x-2.jpg"]
            .map(|file| names.of(Path::new(file)));
        assert_eq!(given, ["x", "x-2", "y-2", "X-3", "x-2-2"]);
    }

    #[test]
    fn long_and_strange_names_are_cut_and_tamed() {
        let mut names = Names::default();
        let long = format!("{}.jpg", "ä".repeat(120));
        let cut = names.of(Path::new(&long));
        assert_eq!(cut, "ä".repeat(50));
        assert_eq!(names.of(Path::new(&long)), format!("{cut}-2"));
        assert_eq!(names.of(Path::new("a\nb?c\\d.jpg")), "a_b_c_d");
        assert_eq!(names.of(Path::new("..")), "_");
    }
}
