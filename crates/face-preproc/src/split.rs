//! Training, validation and test parts that share no person.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::manifest::Row;
pub use crate::manifest::Split;

/// How to split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SplitConfig {
    /// Another seed, another split.
    pub seed: u64,
    /// Fraction of the identities for validation, 0 ..= 1; of the training people where the rows name
    /// their part and none is for validation.
    pub val: f32,
    /// Fraction of the identities for the test, 0 ..= 1.
    pub test: f32,
    /// Data sets that are not trained on, by name: their people are divided between validation and test
    /// as `val` is to `test`, and all others are for training.
    #[serde(default)]
    pub held_out: Vec<String>,
}

impl Default for SplitConfig {
    /// Seed 0, 15 % for validation, 25 % for the test.
    fn default() -> Self {
        Self {
            seed: 0,
            val: 0.15,
            test: 0.25,
            held_out: Vec::new(),
        }
    }
}

/// The split of every row, by identity: all rows of a person fall into the same part.
///
/// Identities are ordered by the SHA-256 of seed and identity and the list is cut: test first, then
/// validation, the rest for training. So the split depends neither on the order of the rows nor on
/// what else is known of them, the fractions are as near as whole people allow, and a person added
/// later moves few others. The same name in two data sets counts as the same person: of two wrong
/// guesses, only the other one would let a person into two parts.
///
/// A row with a `split` of its own keeps it, and the person's other rows follow (the first of
/// train, validation, test, if there are several: see [`leaks`]). Fractions outside `0 ..= 1` are
/// clamped, the test's first; from three people on, a fraction above 0 gets at least one.
///
/// Where rows name a training part and none is left for validation, the fraction for validation is
/// carved out of the training rows, by identity and seed: see [`carves_validation`].
///
/// Where there are rows of data sets that are [held out](SplitConfig::held_out), a person with any of them
/// is for validation or the test, everybody else for training.
pub fn assign_splits(rows: &[Row], config: &SplitConfig) -> Vec<Split> {
    let mut chosen = BTreeMap::<&str, Option<Split>>::new();
    for row in rows {
        let split = chosen.entry(&row.identity).or_default();
        *split = match (*split, row.split) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
    let mut free: Vec<&str> = chosen
        .iter()
        .filter_map(|(identity, split)| split.is_none().then_some(*identity))
        .collect();
    free.sort_by_cached_key(|identity| rank(config.seed, identity));
    let held_out: BTreeSet<&str> = rows
        .iter()
        .filter(|row| config.held_out.contains(&row.dataset))
        .map(|row| row.identity.as_str())
        .collect();
    let (test, val) = match held_out.is_empty() {
        true => counts(free.len(), config),
        false => {
            // Those held out come first; the order among them stays.
            free.sort_by_key(|identity| !held_out.contains(identity));
            let held_out = free.iter().filter(|i| held_out.contains(*i)).count();
            let whole = f64::from(config.val + config.test);
            let test = (f64::from(config.test) / whole * held_out as f64).round() as usize;
            (test, held_out - test.min(held_out))
        }
    };
    for (i, identity) in free.into_iter().enumerate() {
        let split = match i {
            _ if i < test => Split::Test,
            _ if i < test + val => Split::Val,
            _ => Split::Train,
        };
        chosen.insert(identity, Some(split));
    }
    let mut splits: Vec<Split> = rows
        .iter()
        .map(|row| {
            row.split
                .or(chosen[row.identity.as_str()])
                .unwrap_or(Split::Train)
        })
        .collect();
    if carves_validation(rows) && !splits.contains(&Split::Val) {
        carve(rows, &mut splits, config);
    }
    splits
}

/// Whether the rows name a training part and no validation part, as those of Celeb-DF, DFDC, its preview
/// and WildDeepfake do.
pub fn carves_validation(rows: &[Row]) -> bool {
    let names = |split| rows.iter().any(|row| row.split == Some(split));
    names(Split::Train) && !names(Split::Val)
}

/// Moves the training rows of some people to validation. People of whom there are real rows, forged
/// ones, or both are counted apart, so that both parts keep both classes: of each kind the fraction,
/// at least one of two or more, and never all.
fn carve(rows: &[Row], splits: &mut [Split], config: &SplitConfig) {
    let mut people = BTreeMap::<&str, [bool; 2]>::new();
    for (row, _) in training(rows, splits) {
        people.entry(&row.identity).or_default()[usize::from(row.label.is_forged())] = true;
    }
    let mut kinds = BTreeMap::<[bool; 2], Vec<&str>>::new();
    for (identity, kind) in people {
        kinds.entry(kind).or_default().push(identity);
    }
    let mut carved = BTreeSet::new();
    for mut people in kinds.into_values() {
        people.sort_by_cached_key(|identity| rank(config.seed, identity));
        let exact = f64::from(config.val.clamp(0.0, 1.0)) * people.len() as f64;
        let least = usize::from(config.val > 0.0).min(people.len() - 1);
        let count = (exact.round() as usize).clamp(least, people.len() - 1);
        carved.extend(people.into_iter().take(count));
    }
    let moved: Vec<usize> = training(rows, splits)
        .filter(|(row, _)| carved.contains(row.identity.as_str()))
        .map(|(_, place)| place)
        .collect();
    for place in moved {
        splits[place] = Split::Val;
    }
}

/// The rows for training, with their places.
fn training<'a>(rows: &'a [Row], splits: &'a [Split]) -> impl Iterator<Item = (&'a Row, usize)> {
    let all = rows.iter().zip(splits).enumerate();
    all.filter(|(_, (_, split))| **split == Split::Train)
        .map(|(place, (row, _))| (row, place))
}

/// A place in an order that is random but the same everywhere and always.
fn rank(seed: u64, identity: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(seed.to_le_bytes())
        .chain_update(identity)
        .finalize()
        .into()
}

/// How many of `people` are for the test and for validation.
fn counts(people: usize, config: &SplitConfig) -> (usize, usize) {
    let part = |fraction: f32| {
        let exact = f64::from(fraction.clamp(0.0, 1.0)) * people as f64;
        // NaN becomes 0 in the conversion.
        let least = usize::from(fraction > 0.0 && people >= 3);
        (exact.round() as usize).max(least)
    };
    let test = part(config.test).min(people);
    (test, part(config.val).min(people - test))
}

/// A way by which the test learns what training saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leak {
    /// A person whose rows lie in several parts, because the manifest says so.
    Identity {
        /// The person.
        identity: String,
        /// The parts.
        splits: BTreeSet<Split>,
    },
    /// A forgery whose source person (`source_identity`) lies in another part than its target.
    Source {
        /// The forged row's index.
        row: usize,
        /// The target person.
        identity: String,
        /// The target's part.
        split: Split,
        /// The source person.
        source_identity: String,
        /// The source's parts.
        source_splits: BTreeSet<Split>,
    },
}

/// Every leak of a split, people first, in the order of their names, then rows in their order.
///
/// `splits` are those of `rows`, as [`assign_splits`] returns them; rows beyond the shorter of the
/// two are not looked at. The source of a forged row is its key `source_identity`, a string or a
/// whole number; a source that is no row's identity was never seen and leaks nothing.
pub fn leaks(rows: &[Row], splits: &[Split]) -> Vec<Leak> {
    let mut parts = HashMap::<&str, BTreeSet<Split>>::new();
    for (row, split) in rows.iter().zip(splits) {
        parts.entry(&row.identity).or_default().insert(*split);
    }
    let mut people: Vec<_> = parts.iter().filter(|(_, parts)| parts.len() > 1).collect();
    people.sort_unstable();
    let people = people.into_iter().map(|(identity, splits)| Leak::Identity {
        identity: (*identity).into(),
        splits: splits.clone(),
    });
    let sources = rows
        .iter()
        .zip(splits)
        .enumerate()
        .filter_map(|(i, (row, split))| {
            let source = row.source_identity()?;
            let source_splits = parts.get(source.as_str())?;
            let leaking = row.label.is_forged() && source_splits.iter().any(|other| other != split);
            leaking.then(|| Leak::Source {
                row: i,
                identity: row.identity.clone(),
                split: *split,
                source_identity: source,
                source_splits: source_splits.clone(),
            })
        });
    people.chain(sources).collect()
}
