//! Every table of the papers is there, or said to be missing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use protocols::{Ours, Protocol, Protocols, list};

fn docs() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

/// Reads every protocol; reading one resolves its recipes with every key that it sets.
fn all() -> Protocols {
    Protocols::read(&docs().join("protocols")).unwrap()
}

/// The labels of a checklist's lines that begin with `table`: of `table 4, 9, cross-dataset`, 4 and 9.
fn tables(line: &str) -> Vec<String> {
    let Some(cell) = line.strip_prefix("| table ") else {
        return Vec::new();
    };
    let cell = cell.split(['|', ':']).next().unwrap_or_default();
    let words = cell.split(',').map(str::trim);
    let label = |word: &&str| {
        word.chars()
            .all(|c| c.is_ascii_digit() || "IVX".contains(c))
    };
    words
        .take_while(label)
        .map(|label| format!("table {label}"))
        .collect()
}

#[test]
fn every_table_of_the_papers_has_a_protocol_or_is_said_to_be_missing() {
    let arabic = |count: usize| (1..=count).map(|n| format!("table {n}")).collect();
    let roman = ["I", "II", "III", "IV", "V", "VI", "VII"];
    let papers: [(&str, BTreeSet<String>); 4] = [
        ("pcl", arabic(11)),
        ("adm", arabic(6)),
        ("lisiam", roman.map(|n| format!("table {n}")).into()),
        ("snippet", arabic(6)),
    ];
    let all = all();
    for (paper, published) in papers {
        let checklist = fs::read_to_string(docs().join(format!("papers/{paper}.md"))).unwrap();
        let mut listed = BTreeSet::new();
        for line in checklist.lines() {
            for table in tables(line) {
                let of = |(_, protocol): &(&String, &Protocol)| {
                    protocol.paper == paper && protocol.table == table
                };
                let names: Vec<_> = all.tables.iter().filter(of).map(|(name, _)| name).collect();
                let told = names.iter().any(|name| line.contains(&format!("`{name}`")));
                assert!(told || line.contains("missing"), "{paper}: {line}");
                listed.insert(table);
            }
        }
        assert_eq!(listed, published, "{paper}");
        for (name, protocol) in &all.tables {
            if protocol.paper == paper {
                assert!(published.contains(&protocol.table), "{name}");
                assert!(checklist.contains(&format!("`{name}`")), "{name}");
            }
        }
    }
}

#[test]
fn the_list_names_every_table() {
    let all = all();
    let text = list(&all);
    let names: BTreeMap<_, _> = all
        .tables
        .iter()
        .map(|(name, table)| (name, &table.title))
        .collect();
    for (name, title) in names {
        assert!(
            text.contains(name.as_str()) && text.contains(title.as_str()),
            "{name}"
        );
    }
}

/// A folder for each training: two of one name would be one, and longer ones are refused by the disk.
#[test]
fn every_training_has_a_run_of_its_own() {
    let mut named = BTreeMap::new();
    for training in all().tables.values().flat_map(Protocol::trainings) {
        let name = training.run_name();
        assert!(name.len() <= 160, "{name}");
        // What it starts from is no part of its name.
        let told = (training.recipe, training.set, training.store);
        let told = (told, training.first);
        let known = named.entry(name.clone()).or_insert_with(|| told.clone());
        assert_eq!(*known, told, "{name}");
    }
}

#[test]
fn every_protocol_resolves_and_every_store_is_used() {
    let all = all();
    let of = |protocol: &Protocol| {
        let ours = Ours::new(protocol, &[]).unwrap();
        let train = protocol
            .trainings()
            .into_iter()
            .map(|training| training.store);
        let cells = protocol.rows.iter().flat_map(|row| {
            let cell = |column| protocol.cell(row, column, &ours.trainings);
            protocol.columns.iter().filter_map(cell).collect::<Vec<_>>()
        });
        let test = cells.map(|cell| cell.test.to_owned()).collect::<Vec<_>>();
        train.chain(test).collect::<Vec<_>>()
    };
    let used: BTreeSet<String> = all.tables.values().flat_map(of).collect();
    let named: BTreeSet<String> = all.stores.keys().cloned().collect();
    assert_eq!(used, named);
}
