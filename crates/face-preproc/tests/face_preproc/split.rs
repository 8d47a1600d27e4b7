//! Properties of splits, and leaks by hand.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use face_preproc::manifest::{Label, Row};
use face_preproc::split::{Leak, Split, SplitConfig, assign_splits, leaks};
use proptest::prelude::*;
use serde_json::json;

fn row(file: usize, identity: &str) -> Row {
    Row {
        identity: identity.into(),
        ..Row::new(format!("{file}.png"))
    }
}

fn rows(people: &[u16]) -> Vec<Row> {
    let row = |(i, person): (usize, &u16)| row(i, &format!("person {person}"));
    people.iter().enumerate().map(row).collect()
}

proptest! {
    #[test]
    fn no_person_is_in_two_parts(people in prop::collection::vec(0..60_u16, 1..200), seed: u64) {
        let rows = rows(&people);
        let config = SplitConfig { seed, ..SplitConfig::default() };
        let splits = assign_splits(&rows, &config);
        prop_assert_eq!(splits.len(), rows.len());
        prop_assert!(leaks(&rows, &splits).is_empty());
        let mut seen = HashMap::new();
        for (row, split) in rows.iter().zip(&splits) {
            prop_assert_eq!(seen.entry(&row.identity).or_insert(split), &split);
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(
        people in prop::collection::vec(0..60_u16, 1..200), seed: u64, turn in 0..200_usize,
    ) {
        let rows = rows(&people);
        let config = SplitConfig { seed, ..SplitConfig::default() };
        let mut expected = assign_splits(&rows, &config);
        let mut turned = rows.clone();
        turned.rotate_left(turn % rows.len());
        expected.rotate_left(turn % rows.len());
        prop_assert_eq!(assign_splits(&turned, &config), expected);
    }

    #[test]
    fn fractions_are_met_to_the_person(people in 1..400_u16, val in 0.0..1.0_f32, test in 0.0..1.0_f32) {
        let rows = rows(&(0..people).collect::<Vec<_>>());
        let splits = assign_splits(&rows, &SplitConfig { seed: 1, val, test, held_out: Vec::new() });
        let count = |part| splits.iter().filter(|s| **s == part).count() as f32;
        let n = f32::from(people);
        prop_assert!((count(Split::Test) - test * n).abs() <= 1.0);
        prop_assert!((count(Split::Val) - (val * n).min(n - count(Split::Test))).abs() <= 1.0);
    }

    #[test]
    fn odd_fractions_do_not_panic(val: f32, test: f32, people in 1..20_u16) {
        let rows = rows(&(0..people).collect::<Vec<_>>());
        prop_assert_eq!(assign_splits(&rows, &SplitConfig { seed: 0, val, test, held_out: Vec::new() }).len(), rows.len());
    }
}

#[test]
fn seeds_differ_and_threads_do_not() {
    let rows = rows(&(0..300).collect::<Vec<_>>());
    let with = |seed| {
        assign_splits(
            &rows,
            &SplitConfig {
                seed,
                ..SplitConfig::default()
            },
        )
    };
    assert_ne!(with(1), with(2));
    let expected = with(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| with(1))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), expected);
        }
    });
}

/// The order is SHA-256's, the same on every machine and in every version: these two come
/// first by `hashlib.sha256(struct.pack('<Q', 0) + name.encode())` in Python.
#[test]
fn the_split_is_stable() {
    let rows = rows(&(0..8).collect::<Vec<_>>());
    let splits = assign_splits(&rows, &SplitConfig::default());
    let tests: Vec<&str> = rows
        .iter()
        .zip(&splits)
        .filter(|(_, s)| **s == Split::Test)
        .map(|(r, _)| r.identity.as_str())
        .collect();
    assert_eq!(tests, ["person 3", "person 4"]);
}

/// A person added later moves few others: the cut moves by one place.
#[test]
fn growing_data_keep_their_split() {
    let all = rows(&(0..101).collect::<Vec<_>>());
    let before = assign_splits(&all[..100], &SplitConfig::default());
    let after = assign_splits(&all, &SplitConfig::default());
    let moved = before.iter().zip(&after).filter(|(a, b)| a != b).count();
    assert!(moved <= 2, "{moved} people moved");
}

#[test]
fn few_people_still_fill_every_part() {
    for people in 3..8 {
        let rows = rows(&(0..people).collect::<Vec<_>>());
        let parts: BTreeSet<Split> = assign_splits(&rows, &SplitConfig::default())
            .into_iter()
            .collect();
        assert_eq!(parts.len(), 3, "{people} people");
    }
}

#[test]
fn rows_keep_their_split_and_the_person_follows() {
    let mut rows = rows(&[1, 1, 2, 3, 4, 5]);
    rows[1].split = Some(Split::Test);
    rows[2].split = Some(Split::Val);
    let splits = assign_splits(
        &rows,
        &SplitConfig {
            seed: 3,
            val: 0.0,
            test: 0.0,
            ..SplitConfig::default()
        },
    );
    let expected = ["test", "test", "val", "train", "train", "train"];
    assert_eq!(
        splits.iter().map(|s| s.as_str()).collect::<Vec<_>>(),
        expected
    );
    assert!(leaks(&rows, &splits).is_empty());
}

#[test]
fn a_person_in_two_parts_is_reported() {
    let mut rows = rows(&[1, 1, 1, 2]);
    rows[0].split = Some(Split::Test);
    rows[1].split = Some(Split::Train);
    let splits = assign_splits(
        &rows,
        &SplitConfig {
            val: 0.0,
            test: 0.0,
            ..SplitConfig::default()
        },
    );
    assert_eq!(
        splits,
        [Split::Test, Split::Train, Split::Train, Split::Train]
    );
    let leak = Leak::Identity {
        identity: "person 1".into(),
        splits: BTreeSet::from([Split::Train, Split::Test]),
    };
    assert_eq!(leaks(&rows, &splits), [leak]);
}

#[test]
fn a_source_in_another_part_is_reported() {
    let mut rows = rows(&[1, 2, 1, 1, 1, 2]);
    for (row, source) in [
        (2, json!("person 2")),
        (3, json!("person 9")),
        (4, json!("person 1")),
    ] {
        rows[row].label = Label::Forged;
        rows[row].extra.insert("source_identity".into(), source);
    }
    // Not forged: the key says nothing.
    rows[5]
        .extra
        .insert("source_identity".into(), json!("person 1"));
    let splits: Vec<Split> = rows
        .iter()
        .map(|row| match row.identity.as_str() {
            "person 1" => Split::Train,
            _ => Split::Test,
        })
        .collect();
    let leak = Leak::Source {
        row: 2,
        identity: "person 1".into(),
        split: Split::Train,
        source_identity: "person 2".into(),
        source_splits: BTreeSet::from([Split::Test]),
    };
    assert_eq!(leaks(&rows, &splits), [leak]);
}

/// Celeb-DF, DFDC, its preview and WildDeepfake name a training and a test part alone.
#[test]
fn validation_is_carved_out_of_training_where_none_is_named() {
    let row = |identity: &str, label: Label, split| Row {
        identity: identity.into(),
        label,
        split: Some(split),
        ..Row::new("a.png")
    };
    let mut rows = Vec::new();
    for person in 0..20 {
        let forged = person < 8;
        let name = format!("p{person}");
        rows.push(row(&name, Label::Real, Split::Train));
        if forged {
            rows.push(row(&name, Label::Forged, Split::Train));
        }
        // The data set's own test part has people of the training part.
        if person % 3 == 0 {
            rows.push(row(&name, Label::Real, Split::Test));
        }
    }
    let config = SplitConfig::default();
    let splits = assign_splits(&rows, &config);
    let mut parts = BTreeMap::<&str, BTreeSet<Split>>::new();
    let mut classes = BTreeMap::<Split, BTreeSet<bool>>::new();
    for (row, split) in rows.iter().zip(&splits) {
        assert_eq!(*split == Split::Test, row.split == Some(Split::Test));
        classes
            .entry(*split)
            .or_default()
            .insert(row.label.is_forged());
        if *split != Split::Test {
            parts.entry(&row.identity).or_default().insert(*split);
        }
    }
    // Nobody is in both, both classes are in each, and the share is that of the people.
    assert!(parts.values().all(|parts| parts.len() == 1), "{parts:?}");
    assert_eq!(classes[&Split::Val].len() + classes[&Split::Train].len(), 4);
    let val = parts.values().filter(|p| p.contains(&Split::Val)).count();
    assert_eq!(val, 3, "15 % of 8 and of 12");
    let other = SplitConfig {
        seed: 1,
        ..config.clone()
    };
    assert_ne!(assign_splits(&rows, &other), splits);
    // None is wanted, or the data set has its own.
    let none = SplitConfig {
        val: 0.0,
        ..config.clone()
    };
    assert!(!assign_splits(&rows, &none).contains(&Split::Val));
    rows.push(row("someone", Label::Real, Split::Val));
    let named = assign_splits(&rows, &config);
    assert_eq!(
        named.iter().filter(|split| **split == Split::Val).count(),
        1
    );
}

/// Who has a picture in a data set that is held out is not trained on, with any picture.
#[test]
fn data_sets_held_out_are_divided_between_validation_and_test() {
    let mut rows = rows(&(0..90).collect::<Vec<_>>());
    for (place, row) in rows.iter_mut().enumerate() {
        row.dataset = if place < 60 { "free" } else { "kept" }.into();
    }
    // The first of the held-out people has a picture elsewhere, too.
    rows[0].identity = rows[60].identity.clone();
    let config = SplitConfig {
        val: 0.2,
        test: 0.4,
        held_out: vec!["kept".into()],
        ..SplitConfig::default()
    };
    let splits = assign_splits(&rows, &config);
    assert!(splits[1..60].iter().all(|split| *split == Split::Train));
    let count = |part| splits[60..].iter().filter(|split| **split == part).count();
    assert_eq!([count(Split::Val), count(Split::Test)], [10, 20]);
    assert_eq!(splits[0], splits[60]);
    assert!(leaks(&rows, &splits).is_empty());
}
