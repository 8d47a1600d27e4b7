//! What a file looks like, by the names and shapes in it.

use std::{collections::BTreeMap, fmt};

use crate::kind::Kind;

/// Names and shapes of the tensors in a file.
pub(crate) type Shapes = BTreeMap<String, Vec<usize>>;

/// What a file looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looks {
    /// A checkpoint that is known.
    Kind(Kind),
    /// A classifier of ImageNet's thousand classes.
    ImageNet,
    /// The weights of a run of this program.
    Run,
    /// A file without tensors.
    Empty,
    /// None of these.
    Unknown {
        /// How many tensors there are.
        tensors: usize,
        /// The name of the first.
        first: String,
    },
}

/// What ImageNet's classifiers call the weights of their last layer.
const HEADS: [&str; 5] = [
    "fc.weight",
    "_fc.weight",
    "last_linear.weight",
    "classifier.weight",
    "classifier.1.weight",
];

impl Looks {
    pub(crate) fn of(shapes: &Shapes) -> Self {
        let known = |kind: &Kind| prefix(*kind, shapes).is_some();
        if let Some(kind) = Kind::ALL.into_iter().find(known) {
            return Self::Kind(kind);
        }
        let Some(first) = shapes.keys().next() else {
            return Self::Empty;
        };
        let of_imagenet = |name: &str| {
            let shape = shapes.get(name);
            shape.is_some_and(|shape| [1000, 1001].contains(&shape[0]))
        };
        if HEADS.into_iter().any(of_imagenet) {
            return Self::ImageNet;
        }
        // What PyTorch calls the weight of a normalisation, Burn calls gamma.
        if shapes.keys().any(|name| name.ends_with(".gamma")) {
            return Self::Run;
        }
        Self::Unknown {
            tensors: shapes.len(),
            first: first.clone(),
        }
    }
}

impl fmt::Display for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => f.write_str(kind.what()),
            Self::ImageNet => f.write_str(
                "a classifier of ImageNet's classes, from which a training can start (`pretrained`)",
            ),
            Self::Run => f.write_str("the weights of a run of this program, which is used as it is"),
            Self::Empty => f.write_str("a file without tensors"),
            Self::Unknown { tensors, first } => write!(
                f,
                "{tensors} tensors of no detector that is known here, the first of them {first}"
            ),
        }
    }
}

/// What the names of a kind begin with in a file; [`None`] where the file is not of that kind, or holds it
/// twice.
pub(crate) fn prefix(kind: Kind, shapes: &Shapes) -> Option<String> {
    let marks = kind.marks();
    let (first, _) = marks[0];
    let begins = shapes.keys().filter_map(|name| {
        let prefix = name.strip_suffix(first)?;
        let whole = prefix.is_empty() || prefix.ends_with('.');
        let marked = marks.iter().all(|(name, shape)| {
            let found = shapes.get(&format!("{prefix}{name}"));
            found.is_some_and(|found| found == shape)
        });
        (whole && marked).then(|| prefix.to_owned())
    });
    match &begins.collect::<Vec<_>>()[..] {
        [only] => Some(only.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(prefix: &str, marks: &[(&str, &[usize])]) -> Shapes {
        let marks = marks.iter();
        marks
            .map(|(name, shape)| (format!("{prefix}{name}"), shape.to_vec()))
            .collect()
    }

    #[test]
    fn each_kind_is_told_from_the_others_behind_any_prefix() {
        for kind in Kind::ALL {
            for begins in ["", "module.", "a.b."] {
                let file = shapes(begins, &kind.marks());
                assert_eq!(prefix(kind, &file).as_deref(), Some(begins));
                for other in Kind::ALL.into_iter().filter(|other| *other != kind) {
                    assert_eq!(prefix(other, &file), None, "{kind} {other}");
                }
                assert_eq!(Looks::of(&file), Looks::Kind(kind));
            }
            let twice = [shapes("a.", &kind.marks()), shapes("b.", &kind.marks())];
            assert_eq!(prefix(kind, &twice.into_iter().flatten().collect()), None);
            // A name that only ends like one is another.
            assert_eq!(prefix(kind, &shapes("x", &kind.marks())), None);
        }
    }

    #[test]
    fn other_files_are_said_to_be_what_they_are() {
        let looks = |marks: &[(&str, &[usize])]| Looks::of(&shapes("", marks));
        assert_eq!(looks(&[]), Looks::Empty);
        let b4: [(&str, &[usize]); 2] = [
            ("_conv_stem.weight", &[48, 3, 3, 3]),
            ("_fc.weight", &[1000, 1792]),
        ];
        assert_eq!(looks(&b4), Looks::ImageNet);
        assert_eq!(looks(&[("bn1.gamma", &[64])]), Looks::Run);
        let said = looks(&[("b", &[2]), ("a", &[1])]).to_string();
        assert!(said.starts_with("2 tensors of no detector"), "{said}");
        assert!(said.ends_with("the first of them a"), "{said}");
    }
}
