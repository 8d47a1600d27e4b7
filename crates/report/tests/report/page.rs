//! The page: safe, self-contained, and there whatever the data.

use image::{Luma, Rgb, RgbImage};
use metrics::{Estimate, MetricError, RocCurve};
use proptest::prelude::*;
use report::{
    Curve, GalleryItem, Headline, Kind, Level, Map, MetricsRow, MetricsTable, NextStep, PlacesRow,
    Report, RocSeries, Scores, Training, render, write,
};

/// A report with something in every place, all of its texts `text` and all of its numbers `value`.
fn full(text: &str, value: f64) -> Report {
    let text = || text.to_owned();
    let measured = || {
        Ok(Estimate {
            value,
            low: value,
            high: value,
            no_interval: None,
            redrawn: 3,
        })
    };
    let row = MetricsRow {
        dataset: text(),
        method: text(),
        real: 1200,
        forged: 5,
        auc: measured(),
        average_precision: measured(),
        equal_error_rate: measured(),
        accuracy: Err(MetricError::NoReal { rows: 5 }),
        argmax_accuracy: measured(),
        true_positive_rate_1: measured(),
        true_positive_rate_01: measured(),
        calibration_error: measured(),
    };
    let curve = || {
        vec![Curve {
            name: text(),
            points: vec![(0.0, 1.0), (value, value), (9.0, 2.0)],
        }]
    };
    let item = |kind| GalleryItem {
        kind,
        picture: RgbImage::from_pixel(12, 10, Rgb([200, 150, 120])),
        boxes: None,
        heat_map: Some(Map::from_pixel(3, 2, Luma([value as f32]))),
        mask: Some(Map::from_pixel(12, 10, Luma([value as f32]))),
        score: value,
        caption: text(),
    };
    Report {
        title: text(),
        subtitle: text(),
        headline: Some(Headline {
            level: Level::Video,
            result: row.clone(),
        }),
        notes: vec![text()],
        tables: vec![MetricsTable {
            level: Level::Frame,
            rows: vec![row],
        }],
        places: vec![PlacesRow {
            method: text(),
            faces: 3,
            pixel_overlap: Some(value),
            ..PlacesRow::default()
        }],
        in_time: text(),
        roc: vec![RocSeries {
            name: text(),
            curve: RocCurve {
                fpr: vec![0.0, value, 1.0],
                tpr: vec![0.0, value, 1.0],
                thresholds: vec![f64::INFINITY, value, 0.0],
            },
        }],
        scores: Scores {
            real: vec![value, 0.1],
            forged: vec![value],
            threshold: Some(value),
        },
        training: Training {
            losses: curve(),
            validation: curve(),
            learning_rate: curve(),
            best_step: Some(4),
        },
        gallery: [
            Kind::TruePositive,
            Kind::FalsePositive,
            Kind::FalseNegative,
            Kind::TrueNegative,
        ]
        .map(item)
        .to_vec(),
        provenance: vec![(text(), text())],
        command: text(),
        next_steps: vec![NextStep {
            what: text(),
            command: text(),
        }],
    }
}

/// The values of an attribute.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    page.split(&start)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[test]
fn every_text_is_escaped() {
    let page = render(&full("<b a='x' c=\"y\">&amp;", 0.7)).expect("a page");
    for raw in ["<b ", "a='x'", "c=\"y\"", "&amp;"] {
        assert!(!page.contains(raw), "{raw}");
    }
    let escaped = "&#60;b a=&#39;x&#39; c=&#34;y&#34;&#62;&#38;amp;";
    // Title twice, subtitle, answer twice, note, row, its footnote twice, place and moment, four legends
    // and their four alternative texts, four captions, provenance twice, command, next step twice.
    assert_eq!(page.matches(escaped).count(), 28);
}

#[test]
fn the_page_needs_nothing_else() {
    let page = render(&full("text", 0.7)).expect("a page");
    for foreign in [
        "http:",
        "https:",
        "//",
        "url(",
        "@import",
        "<script",
        "<link rel=\"style",
    ] {
        // Base 64 may hold two slashes in a row.
        let found = page.lines().filter(|line| !line.contains(";base64,"));
        assert!(
            !found.clone().any(|line| line.contains(foreign)),
            "{foreign}"
        );
    }
    let pictures = attributes(&page, "src");
    assert_eq!(pictures.len(), 12);
    for source in pictures {
        assert!(source.starts_with("data:image/"), "{source}");
    }
    for target in attributes(&page, "href") {
        let inside = target
            .strip_prefix('#')
            .is_some_and(|id| attributes(&page, "id").contains(&id));
        assert!(inside || target == "data:,", "{target}");
    }
    let missing = attributes(&page, "alt")
        .into_iter()
        .filter(|alt| alt.is_empty())
        .count();
    assert_eq!((attributes(&page, "alt").len(), missing), (12, 0));
}

#[test]
fn results_are_printed_with_their_intervals() {
    let mut report = full("I2G", 0.7);
    let row = &mut report.tables[0].rows[0];
    row.auc = Ok(Estimate {
        value: 0.93125,
        low: 0.9,
        high: 0.95,
        no_interval: None,
        redrawn: 0,
    });
    row.equal_error_rate = Ok(Estimate {
        value: 0.125,
        low: f64::NAN,
        high: 0.2,
        no_interval: None,
        redrawn: 0,
    });
    row.average_precision = Ok(Estimate::alone(0.8, "one real video alone"));
    let page = render(&report).expect("a page");
    assert!(page.contains("I2G / I2G: no intervals: one real video alone"));
    assert!(page.contains("0.931 <small>0.900\u{2013}0.950</small>"));
    // An interval that is no interval is left out.
    assert!(page.contains("12.5\u{202f}% <small></small>"));
    assert!(page.contains("1\u{202f}200"));
    assert!(page.contains("I2G / I2G: no real rows among 5"));
    assert!(page.contains("70.0\u{202f}% of all pairs"));
}

#[test]
fn an_empty_report_says_what_is_missing() {
    let page = render(&Report::default()).expect("a page");
    for reason in [
        "Nothing was evaluated",
        "No results",
        "No ROC curve",
        "No histogram",
        "No losses were logged",
        "Nothing was validated",
        "No learning rate was logged",
        "No examples",
        "Nothing is known about where this result comes from",
        "The command was not recorded",
        "Nothing is suggested",
    ] {
        assert!(page.contains(reason), "{reason}");
    }
}

#[test]
fn pictures_and_maps_without_pixels_are_named_as_missing() {
    let mut report = full("text", 0.7);
    report.gallery[0].picture = RgbImage::new(0, 0);
    report.gallery[1].heat_map = Some(Map::new(0, 4));
    report.gallery[2].mask = None;
    report.gallery[3].mask = None;
    let page = render(&report).expect("a page");
    for reason in [
        "no picture",
        "no heat map",
        "no mask known",
        "nothing forged",
    ] {
        assert_eq!(page.matches(reason).count(), 1, "{reason}");
    }
}

#[test]
fn a_large_picture_is_embedded_small() {
    let mut report = full("text", 0.7);
    report.gallery.truncate(1);
    let noise = |x: u32, y: u32| {
        Rgb([
            (x * y % 251) as u8,
            (x * 7 % 253) as u8,
            (y * 5 % 241) as u8,
        ])
    };
    report.gallery[0].picture = RgbImage::from_fn(4000, 3000, noise);
    let page = render(&report).expect("a page");
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
}

#[test]
fn the_page_is_written_or_the_path_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.html");
    write(&Report::default(), &path).expect("a file");
    let page = std::fs::read_to_string(&path).expect("the file");
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>"));

    let nowhere = folder.path().join("missing/report.html");
    let error = write(&Report::default(), &nowhere).expect_err("no folder");
    assert!(error.to_string().contains("missing/report.html"));
}

/// A page that is there is finished: the old one stays whole until the new one takes its place.
#[test]
fn a_page_is_never_half_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.html");
    std::fs::write(&path, "the old page").expect("a file");
    let old = folder.path().join("old.html");
    std::fs::hard_link(&path, &old).expect("a link");
    write(&Report::default(), &path).expect("a file");
    assert_eq!(std::fs::read_to_string(&old).expect("it"), "the old page");
    // A name that cannot be taken leaves nothing behind.
    let taken = folder.path().join("taken.html");
    std::fs::create_dir(&taken).expect("a folder");
    write(&Report::default(), &taken).expect_err("it is a folder");
    let files = std::fs::read_dir(folder.path()).expect("it").count();
    assert_eq!(files, 3, "the page, the link and the folder");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_number_breaks_the_page(value in any::<f64>(), points in prop::collection::vec(any::<(f64, f64)>(), 0..40)) {
        let mut report = full("text", value);
        report.scores.real.extend(points.iter().map(|(x, _)| x));
        report.training.losses[0].points.extend(&points);
        report.training.validation[0].points = points;
        let page = render(&report).expect("a page");
        let drawings = attributes(&page, "d").into_iter().chain(attributes(&page, "style"));
        for drawing in drawings.chain(attributes(&page, "x")).chain(attributes(&page, "y")) {
            prop_assert!(!drawing.contains("NaN") && !drawing.contains("inf"), "{}", drawing);
        }
    }
}

#[test]
fn odd_numbers_do_not_break_the_page() {
    let small = f64::MIN_POSITIVE;
    for value in [
        f64::NAN,
        f64::INFINITY,
        -f64::INFINITY,
        f64::MAX,
        -0.0,
        small,
        -5.0,
        1e99,
    ] {
        let page = render(&full("text", value)).expect("a page");
        for drawing in attributes(&page, "d") {
            assert!(
                !drawing.contains("NaN") && !drawing.contains("inf"),
                "{value}: {drawing}"
            );
        }
    }
}
