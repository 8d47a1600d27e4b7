//! A page on how much a detector looks at who it is.

use std::collections::BTreeMap;
use std::path::Path;

use askama::Template;
use metrics::Estimate;

use crate::chart::{Axis, Chart};
use crate::figures::{Entry, Figure};
use crate::{ReportError, write_page};

const LARGE: (f64, f64) = (480.0, 430.0);
/// People with a colour of their own; the style sheet has no more.
const COLOURS: usize = 6;

/// An audit of identity, ready to show.
#[derive(Clone, Debug, Default)]
pub struct IdentityPage {
    /// The question.
    pub title: String,
    /// What the probe says, in one sentence.
    pub answer: String,
    /// What the interaction says, in one sentence.
    pub interaction_answer: String,
    /// What a reader must know before believing it.
    pub notes: Vec<String>,
    /// Name and value of what the audit was made from.
    pub facts: Vec<(String, String)>,
    /// Share that guessing gets right, in [0, 1].
    pub chance: f64,
    /// The probes, from the finest layer to the coarsest.
    pub layers: Vec<ProbeRow>,
    /// The interactions.
    pub interaction: InteractionFigure,
    /// Faces on the plane, for their classes.
    pub layout: Vec<PlacedFace>,
    /// Faces of a few people on another plane.
    pub people: Vec<PlacedFace>,
    /// The command that made the page.
    pub command: String,
}

/// A layer's probes: shares in [0, 1] of held-out faces whose person is named rightly.
#[derive(Clone, Debug)]
pub struct ProbeRow {
    /// The layer.
    pub layer: String,
    /// Of the detector.
    pub trained: Estimate,
    /// Of the same network before any training.
    pub untrained: Estimate,
}

/// `I([N])` of real and of forged faces.
#[derive(Clone, Debug, Default)]
pub struct InteractionFigure {
    /// The scalar that it is of, as "the logit of forged".
    pub score: String,
    /// Of real faces.
    pub real: Vec<f64>,
    /// Of forged faces.
    pub forged: Vec<f64>,
}

/// A face on the plane.
#[derive(Clone, Debug)]
pub struct PlacedFace {
    /// Place, without a unit.
    pub at: [f64; 2],
    /// The person's number.
    pub identity: u32,
    /// The method that it was forged by; [`None`]: it is real.
    pub class: Option<String>,
}

#[derive(Template)]
#[template(path = "identity.html")]
struct Page<'a> {
    page: &'a IdentityPage,
    probe: Figure,
    interaction: Figure,
    by_class: Figure,
    by_identity: Figure,
}

/// Writes the page to `path`, replacing what is there. It needs no other file, no script and no
/// network.
///
/// # Errors
///
/// The file cannot be written.
pub fn write_identity_page(page: &IdentityPage, path: &Path) -> Result<(), ReportError> {
    let text = Page {
        page,
        probe: probe(page),
        interaction: interaction(&page.interaction),
        by_class: by_class(&page.layout),
        by_identity: by_identity(&page.people),
    };
    write_page(&text.render()?, path)
}

impl Page<'_> {
    /// `63.2 (58.0 to 68.1)`, in per cent.
    fn share(&self, share: &Estimate) -> String {
        let [value, low, high] = [share.value, share.low, share.high].map(|share| 100.0 * share);
        format!("{value:.1} ({low:.1} to {high:.1})")
    }
}

fn entry(class: &str, name: impl Into<String>) -> Entry {
    Entry {
        class: class.into(),
        name: name.into(),
    }
}

fn probe(page: &IdentityPage) -> Figure {
    let last = page.layers.len().max(2) as f64;
    let mut chart = Chart::new(
        "Share of people named rightly by layer, of the detector and before training".into(),
        Axis::fixed("Layer, from the finest to the last", 1.0, last),
        Axis::fixed("Held-out faces named rightly", 0.0, 1.0),
        LARGE,
    );
    chart.line("guess", [(1.0, page.chance), (last, page.chance)]);
    let of = |value: fn(&ProbeRow) -> f64| -> Vec<(f64, f64)> {
        let rows = page.layers.iter().enumerate();
        rows.map(|(place, row)| ((place + 1) as f64, value(row)))
            .collect()
    };
    for (class, points) in [
        ("s5", of(|row| row.untrained.value)),
        ("s1", of(|row| row.trained.value)),
    ] {
        chart.line(class, points.iter().copied());
        chart.dots(class, points);
    }
    Figure {
        title: "The person, read by a linear layer".into(),
        chart: Ok(chart),
        legend: vec![
            entry("s1", "the detector"),
            entry("s5", "before any training"),
        ],
        caption: "The dashed line is guessing.".into(),
    }
}

/// Cumulative shares: no bins to choose.
fn interaction(values: &InteractionFigure) -> Figure {
    const TITLE: &str = "Interaction of whole faces";
    let sorted = |values: &[f64]| {
        let mut values: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let classes = [
        ("real", "Real", sorted(&values.real)),
        ("forged", "Forged", sorted(&values.forged)),
    ];
    let all = || classes.iter().flat_map(|(_, _, values)| values).copied();
    if all().next().is_none() {
        return Figure {
            title: TITLE.into(),
            chart: Err("No interactions were computed: none were asked for."),
            legend: Vec::new(),
            caption: String::new(),
        };
    }
    let mut chart = Chart::new(
        "Cumulative shares of real and forged faces by their interaction".into(),
        Axis::around("I([N]), in units of the score", all()),
        Axis::fixed("Share of the class at or below", 0.0, 1.0),
        LARGE,
    );
    for (class, _, values) in &classes {
        let count = values.len() as f64;
        // A step at each value.
        let steps = values.iter().enumerate().flat_map(|(place, &value)| {
            let [below, at] = [place, place + 1].map(|place| place as f64 / count);
            [(value, below), (value, at)]
        });
        chart.line(class, steps);
    }
    Figure {
        title: TITLE.into(),
        chart: Ok(chart),
        legend: classes
            .iter()
            .map(|(class, name, values)| entry(class, format!("{name} ({})", values.len())))
            .collect(),
        caption: "Lines apart: the face as a whole speaks for one class more than for the other; lines on each other: it does not.".into(),
    }
}

fn plane(description: &str, layout: &[PlacedFace]) -> Chart {
    let along = |axis: usize| layout.iter().map(move |face| face.at[axis]);
    Chart::new(
        description.into(),
        Axis::around("t-SNE", along(0)),
        Axis::around("t-SNE", along(1)),
        LARGE,
    )
}

/// Real faces, and forged ones by their method: the most frequent methods in colours of their own.
fn by_class(layout: &[PlacedFace]) -> Figure {
    let mut chart = plane("Faces by t-SNE of their features, by class", layout);
    let mut classes: BTreeMap<Option<&str>, Vec<(f64, f64)>> = BTreeMap::new();
    for face in layout {
        let of_class = classes.entry(face.class.as_deref()).or_default();
        of_class.push((face.at[0], face.at[1]));
    }
    let mut legend = Vec::new();
    let mut draw = |class: &str, name: &str, points: Vec<(f64, f64)>| {
        legend.push(entry(class, format!("{name} ({})", points.len())));
        chart.dots(class, points);
    };
    if let Some(real) = classes.remove(&None) {
        draw("real", "Real", real);
    }
    let mut methods: Vec<_> = classes.into_iter().collect();
    methods.sort_by_key(|(_, points)| std::cmp::Reverse(points.len()));
    let others = methods.split_off(methods.len().min(COLOURS));
    let one = methods.len() == 1;
    for (place, (name, points)) in methods.into_iter().enumerate() {
        let class = if one {
            "forged".into()
        } else {
            format!("s{place}")
        };
        draw(&class, name.unwrap_or_default(), points);
    }
    let others: Vec<_> = others.into_iter().flat_map(|(_, points)| points).collect();
    if !others.is_empty() {
        draw("faint", "other methods", others);
    }
    Figure {
        title: "The features, by class".into(),
        chart: Ok(chart),
        legend,
        caption: "t-SNE of what the classifier reads. Near points have like features; distances between groups and the axes mean nothing.".into(),
    }
}

/// The people with the most faces in colour, the others faint.
fn by_identity(layout: &[PlacedFace]) -> Figure {
    let mut chart = plane("Faces by t-SNE of their features, by person", layout);
    let mut people: BTreeMap<u32, Vec<(f64, f64)>> = BTreeMap::new();
    for face in layout {
        let faces = people.entry(face.identity).or_default();
        faces.push((face.at[0], face.at[1]));
    }
    let mut people: Vec<_> = people.into_values().collect();
    people.sort_by_key(|faces| std::cmp::Reverse(faces.len()));
    let others = people.split_off(people.len().min(COLOURS));
    let mut legend = Vec::new();
    if !others.is_empty() {
        chart.dots("faint", others.iter().flatten().copied());
        legend.push(entry("faint", format!("{} others", others.len())));
    }
    for (place, faces) in people.into_iter().enumerate() {
        let class = format!("s{place}");
        legend.push(entry(
            &class,
            format!("person {} ({})", place + 1, faces.len()),
        ));
        chart.dots(&class, faces);
    }
    Figure {
        title: "The features, by person".into(),
        chart: Ok(chart),
        legend,
        caption: "Ten people's faces, each a vector of length one, by t-SNE. One person's faces together, real and forged: the features hold who it is.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> IdentityPage {
        let share = |value: f64| Estimate {
            value,
            low: value - 0.05,
            high: value + 0.05,
            no_interval: None,
            redrawn: 0,
        };
        let face = |i: u32| PlacedFace {
            at: [f64::from(i), f64::from(i * i % 5)],
            identity: i % 8,
            class: match i % 3 {
                0 => None,
                1 => Some("<swap>".into()),
                _ => Some("reenact".into()),
            },
        };
        let faces: Vec<_> = (0..9).map(face).collect();
        IdentityPage {
            title: "<who>?".into(),
            chance: 0.1,
            layers: vec![ProbeRow {
                layer: "layer4".into(),
                trained: share(0.5),
                untrained: share(0.3),
            }],
            interaction: InteractionFigure {
                score: "the logit of forged".into(),
                real: vec![0.0, 1.0],
                forged: vec![2.0],
            },
            people: faces.clone(),
            layout: faces,
            ..IdentityPage::default()
        }
    }

    fn rendered(page: &IdentityPage) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.html");
        write_identity_page(page, &path).unwrap();
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn four_charts_and_the_numbers_are_there() {
        let text = rendered(&page());
        assert_eq!(text.matches("<svg").count(), 4);
        assert!(text.contains("50.0 (45.0 to 55.0)") && text.contains("2 others"));
        assert!(
            !text.contains("<who>") && !text.contains("<swap>"),
            "escaped"
        );
        // Three of each class.
        assert!(text.contains("Real (3)") && text.contains("reenact (3)"));
        assert!(text.contains("the logit of forged"));
    }

    #[test]
    fn without_interactions_it_says_why() {
        let text = rendered(&IdentityPage {
            interaction: InteractionFigure::default(),
            ..page()
        });
        assert!(text.contains("none were asked for") && text.matches("<svg").count() == 3);
    }
}
