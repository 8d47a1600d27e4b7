//! Files that use each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::source::Source,
    imports::{self, Taken},
};

/// Each circle of a crate in words: what each of its files takes from the others.
pub(super) fn breaches(files: &[Source]) -> Vec<String> {
    let taken = imports::taken(files);
    let reached: BTreeMap<&str, BTreeSet<&str>> = taken
        .keys()
        .map(|file| (file.as_str(), reached(&taken, file)))
        .collect();
    let mut circles: BTreeSet<Vec<&str>> = BTreeSet::new();
    for (file, others) in &reached {
        if others.contains(file) {
            let back = |other: &&&str| reached[**other].contains(file);
            circles.insert(others.iter().filter(back).copied().collect());
        }
    }
    circles
        .iter()
        .map(|circle| in_words(circle, &taken))
        .collect()
}

/// What can be reached from `file` along one import or more.
fn reached<'a>(taken: &'a BTreeMap<String, Taken>, file: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![file];
    while let Some(file) = open.pop() {
        for other in taken[file].keys() {
            if reached.insert(other.as_str()) {
                open.push(other);
            }
        }
    }
    reached
}

fn in_words(circle: &[&str], taken: &BTreeMap<String, Taken>) -> String {
    let steps = circle.iter().flat_map(|&from| {
        let to = taken[from]
            .iter()
            .filter(|(to, _)| circle.contains(&to.as_str()));
        to.map(move |(to, names)| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("{from} takes {} from {to}", names.join(", "))
        })
    });
    steps.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[(&str, &str)]) -> Vec<String> {
        let parse = |(path, text): &(&str, &str)| Source::parse(path, text).unwrap();
        breaches(&files.iter().map(parse).collect::<Vec<_>>())
    }

    #[test]
    fn two_files_that_use_each_other_are_a_circle() {
        let tree = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::B; pub struct A(B);"),
            ("b.rs", "pub struct B; pub fn f(_: &super::a::A) {}"),
        ];
        assert_eq!(
            of(&tree),
            ["a.rs takes B from b.rs; b.rs takes A from a.rs"]
        );
    }

    #[test]
    fn files_that_use_each_other_one_way_are_none() {
        let tree = [
            ("lib.rs", "mod a; mod b; mod c; pub use a::A; pub use b::B;"),
            ("a.rs", "use crate::{b::B, c::C}; pub struct A(B, C);"),
            ("b.rs", "use super::c::C; pub struct B(C);"),
            ("c.rs", "pub struct C;"),
        ];
        assert!(of(&tree).is_empty());
    }

    #[test]
    fn a_comma_at_the_end_of_an_import_names_nothing() {
        let tree = [
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod b; mod c; pub fn f() { b::f(); }"),
            (
                "a/b.rs",
                "use super::{c::{self, C}, }; pub fn f() { c::g(C); }",
            ),
            ("a/c.rs", "pub struct C; pub fn g(_: C) {}"),
        ];
        assert!(of(&tree).is_empty());
    }

    #[test]
    fn a_circle_is_found_through_what_a_module_hands_on() {
        let tree = [
            ("lib.rs", "mod a; mod b; pub use a::A;"),
            (
                "a.rs",
                "use crate::b::{self, *}; pub struct A; fn f() { b::g(); h(); }",
            ),
            ("b.rs", "use crate::A; pub fn g() {} pub fn h() { A; }"),
        ];
        assert_eq!(
            of(&tree),
            ["a.rs takes b, g, h from b.rs; b.rs takes A from a.rs"]
        );
    }

    #[test]
    fn a_module_that_hands_its_children_on_and_keeps_what_they_share_is_a_circle() {
        let keeps = [
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod b; fn shared() {} pub fn f() { b::f(); }"),
            ("a/b.rs", "use super::shared; pub fn f() { shared(); }"),
        ];
        assert_eq!(of(&keeps).len(), 1);
        let hands_on = [
            ("lib.rs", "mod a;"),
            ("a.rs", "mod b; mod c; pub use b::f; pub use c::C;"),
            ("a/b.rs", "use super::C; pub fn f(_: C) {}"),
            ("a/c.rs", "pub struct C;"),
        ];
        assert!(of(&hands_on).is_empty());
    }

    #[test]
    fn three_files_are_one_circle_and_who_only_looks_in_is_none() {
        let tree = [
            ("main.rs", "mod a; mod b; mod c; mod d;"),
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "use crate::c::C; pub struct B;"),
            (
                "c.rs",
                "pub struct C; macro_rules! m { () => { crate::a::A } }",
            ),
            ("d.rs", "use crate::a::A;"),
        ];
        let found = of(&tree);
        assert_eq!(found.len(), 1);
        assert!(!found[0].contains("d.rs"), "{found:?}");
    }

    #[test]
    fn tests_and_modules_within_a_file_make_no_circle() {
        let tree = [
            ("lib.rs", "mod a; mod b; #[cfg(test)] mod golden;"),
            ("a.rs", "use crate::b::B; mod inner { use super::B; }"),
            (
                "b.rs",
                "pub struct B; #[cfg(test)] mod tests { use crate::a; use super::*; }",
            ),
            ("golden.rs", "use crate::a::A; pub struct Golden;"),
        ];
        assert!(of(&tree).is_empty());
    }
}
