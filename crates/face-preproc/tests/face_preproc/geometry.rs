//! Properties of similarities and mirrored landmarks.

use crate::common;

use face_preproc::geometry::{FaceBox, Landmarks68, MEAN_FACE68, Similarity, mirror};
use proptest::prelude::*;

fn similarity() -> impl Strategy<Value = Similarity> {
    let shift = -2000.0..2000.0_f32;
    (-3.1..3.1_f32, 0.05..20.0_f32, shift.clone(), shift).prop_map(|(angle, scale, tx, ty)| {
        Similarity {
            a: scale * angle.cos(),
            b: scale * angle.sin(),
            tx,
            ty,
        }
    })
}

fn landmarks() -> impl Strategy<Value = Landmarks68> {
    prop::collection::vec(prop::array::uniform2(0.0..500.0_f32), 68)
        .prop_map(|points| points.try_into().unwrap())
}

/// How far two points may differ: f32 keeps 24 bits of the largest number on the way.
fn near(p: [f32; 2], q: [f32; 2], largest: f32) -> bool {
    (p[0] - q[0]).hypot(p[1] - q[1]) <= largest.max(1.0) * 2e-5
}

proptest! {
    #[test]
    fn fit_recovers_a_similarity(points in landmarks(), truth in similarity()) {
        let moved = points.map(|p| truth.apply(p));
        let found = Similarity::fit(&points, &moved).unwrap();
        for p in points {
            prop_assert!(near(found.apply(p), truth.apply(p), 15_000.0));
        }
        prop_assert!((found.scale() / truth.scale() - 1.0).abs() < 1e-3);
    }

    #[test]
    fn no_similarity_fits_better(points in landmarks(), noisy in landmarks(), nudge in -0.02..0.02_f32) {
        let error = |s: &Similarity| -> f64 {
            points.iter().zip(&noisy).map(|(p, q)| {
                let [x, y] = s.apply(*p);
                f64::from(x - q[0]).powi(2) + f64::from(y - q[1]).powi(2)
            }).sum()
        };
        let best = Similarity::fit(&points, &noisy).unwrap();
        for other in [
            Similarity { a: best.a + nudge, ..best },
            Similarity { b: best.b + nudge, ..best },
            Similarity { tx: best.tx + 100.0 * nudge, ..best },
            Similarity { ty: best.ty + 100.0 * nudge, ..best },
        ] {
            prop_assert!(error(&other) >= error(&best) * (1.0 - 1e-5));
        }
    }

    #[test]
    fn inverse_undoes(point in prop::array::uniform2(0.0..500.0_f32), s in similarity()) {
        let back = s.inverse().unwrap();
        prop_assert!(near(back.apply(s.apply(point)), point, 15_000.0 / s.scale()));
        let [x, y] = s.then(&back).apply(point);
        prop_assert!(near([x, y], point, 15_000.0 / s.scale()));
    }

    #[test]
    fn then_is_application_in_turn(point in prop::array::uniform2(0.0..500.0_f32), s in similarity(), t in similarity()) {
        let largest = 15_000.0 * t.scale();
        prop_assert!(near(s.then(&t).apply(point), t.apply(s.apply(point)), largest));
    }

    #[test]
    fn mirroring_twice_is_nothing(points in landmarks(), width in 1..4000_u32) {
        let twice = mirror(&mirror(&points, width), width);
        for (p, q) in points.iter().zip(twice) {
            prop_assert!(near(*p, q, width as f32));
        }
    }

    #[test]
    fn iou_is_symmetric_and_bounded(a in landmarks(), b in landmarks()) {
        let (a, b) = (FaceBox::around(&a).unwrap(), FaceBox::around(&b).unwrap());
        prop_assert!((0.0..=1.0).contains(&a.iou(&b)));
        prop_assert_eq!(a.iou(&b), b.iou(&a));
    }
}

/// scikit-image's `SimilarityTransform`, in f64; the tolerance is that of the f32 result.
#[test]
fn fit_agrees_with_scikit_image() {
    let numbers = common::numbers();
    let face = common::landmarks(&numbers, "landmarks68");
    let template = common::landmarks(&numbers, "template68");
    let five = face_preproc::geometry::five_points;
    for (key, found) in [
        ("five", Similarity::fit(&five(&face), &five(&template))),
        ("all", Similarity::fit(&face, &template)),
    ] {
        let found = found.unwrap();
        let expected: Vec<f32> = serde_json::from_value(numbers["fit"][key].clone()).unwrap();
        for (value, expected) in [found.a, found.b, found.tx, found.ty].iter().zip(expected) {
            assert!((value - expected).abs() < 1e-4, "{key}: {value} {expected}");
        }
    }
}

/// A mirrored mean face, shifted to where it was, is the mean face: names and places agree.
#[test]
fn the_mean_face_is_its_own_mirror_image() {
    let face = MEAN_FACE68.map(|[x, y]| [100.0 * x + 100.0, 100.0 * y + 100.0]);
    for (p, q) in face.iter().zip(mirror(&face, 201)) {
        assert!(near(*p, q, 100.0));
    }
}
