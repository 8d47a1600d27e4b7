//! The search against brute force.

use crate::common;

use common::{face, rng};
use face_preproc::geometry::Landmarks68;
use proptest::prelude::*;
use rand::RngExt;
use synth_data::{Error, LandmarkIndex, Role, landmark_index::shape_distance};

fn shapes(n: usize, seed: u64) -> (Vec<Landmarks68>, Vec<u32>) {
    let mut rng = rng(seed);
    let shapes = (0..n)
        .map(|i| {
            let [sx, sy]: [f32; 2] = std::array::from_fn(|_| rng.random_range(0.8..1.2));
            face(64, i as u64).landmarks.map(|[x, y]| [x * sx, y * sy])
        })
        .collect();
    let identities = (0..n)
        .map(|_| rng.random_range(0..n.div_ceil(3) as u32))
        .collect();
    (shapes, identities)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn search_is_exact(seed: u64, n in 1usize..400, epsilon in 1f32..120.0) {
        let (shapes, identities) = shapes(n, seed);
        let index = LandmarkIndex::new(&shapes, &identities).unwrap();
        prop_assert_eq!(index.len(), n);
        let mut rng = rng(seed);
        for query in [0, n / 2, n - 1] {
            let (shape, identity) = (&shapes[query], identities[query]);
            let others = (0..n).filter(|&i| identities[i] != identity);
            let distance = |i: usize| shape_distance(shape, &shapes[i]);
            let near: Vec<usize> = others.clone().filter(|&i| distance(i) < epsilon).collect();
            prop_assert_eq!(&index.candidates(shape, identity, epsilon).unwrap(), &near);
            let nearest = others.min_by(|&i, &j| distance(i).total_cmp(&distance(j)));
            match (index.draw(shape, identity, epsilon, &mut rng), nearest) {
                (Ok(drawn), Some(nearest)) => {
                    prop_assert_eq!(drawn.distance, distance(drawn.index));
                    prop_assert_eq!(drawn.within_epsilon, !near.is_empty());
                    if drawn.within_epsilon {
                        prop_assert!(near.contains(&drawn.index));
                    } else {
                        prop_assert_eq!(drawn.index, nearest);
                    }
                }
                (Err(Error::NoOtherIdentity(who)), None) => prop_assert_eq!(who, identity),
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
}

/// Each candidate is drawn about equally often: 3,000 draws among 30, five standard deviations.
#[test]
fn draws_are_uniform() {
    let (shapes, _) = shapes(200, 1);
    let identities: Vec<u32> = (0..200).collect();
    let index = LandmarkIndex::new(&shapes, &identities).unwrap();
    let mut distances: Vec<f32> = shapes
        .iter()
        .map(|s| shape_distance(&shapes[0], s))
        .collect();
    distances.sort_by(f32::total_cmp);
    let epsilon = (distances[30] + distances[31]) / 2.0;
    let near = index.candidates(&shapes[0], 0, epsilon).unwrap();
    assert_eq!(near.len(), 30);
    let mut counts = vec![0; 200];
    let mut rng = rng(2);
    for _ in 0..3000 {
        counts[index.draw(&shapes[0], 0, epsilon, &mut rng).unwrap().index] += 1;
    }
    for i in near {
        assert!((50..150).contains(&counts[i]), "{i}: {}", counts[i]);
    }
}

/// Among all faces, what is drawn are the nearest of other people, each about equally often: 2,000 draws
/// among 20, five standard deviations.
#[test]
fn draws_near_are_of_the_nearest_others() {
    let (shapes, identities) = shapes(200, 3);
    let index = LandmarkIndex::new(&shapes, &identities).unwrap();
    let distance = |i: &usize| shape_distance(&shapes[7], &shapes[*i]);
    let mut others: Vec<usize> = (0..200)
        .filter(|&i| identities[i] != identities[7])
        .collect();
    others.sort_by(|i, j| distance(i).total_cmp(&distance(j)));
    let mut rng = rng(4);
    let mut draw = |of| index.draw_near(&shapes[7], identities[7], of, &mut rng);
    let mut counts = vec![0; 200];
    for _ in 0..2000 {
        counts[draw([1000, 20]).unwrap()] += 1;
    }
    for (rank, i) in others.iter().enumerate() {
        let expected = if rank < 20 { 50..150 } else { 0..1 };
        assert!(expected.contains(&counts[*i]), "{rank}: {}", counts[*i]);
    }
    // Of a small subset others than the very nearest are the nearest.
    let small: Vec<usize> = (0..50).map(|_| draw([10, 1]).unwrap()).collect();
    assert!(small.iter().any(|i| !others[..20].contains(i)));
    assert!(small.iter().all(|i| identities[*i] != identities[7]));
    let alone = LandmarkIndex::new(&shapes[..2], &[5, 5]).unwrap();
    let refused = alone.draw_near(&shapes[0], 5, [10, 1], &mut rng);
    assert_eq!(refused.unwrap_err(), Error::NoOtherIdentity(5));
}

#[test]
fn distance_is_the_l2_norm_of_136_numbers() {
    let a = [[0.0; 2]; 68];
    let b = [[3.0, 4.0]; 68];
    assert!((shape_distance(&a, &b) - 5.0 * 68f32.sqrt()).abs() < 1e-4);
}

#[test]
fn bad_input_is_refused() {
    let (shapes, identities) = shapes(5, 1);
    let refused = |s: &[Landmarks68], i: &[u32]| LandmarkIndex::new(s, i).unwrap_err();
    let (faces, none) = (0, 0);
    assert_eq!(
        refused(&[], &[]),
        Error::IndexInput {
            faces,
            identities: none
        }
    );
    assert!(matches!(
        refused(&shapes, &identities[1..]),
        Error::IndexInput { .. }
    ));
    let mut bad = shapes.clone();
    bad[3][9][0] = f32::NAN;
    let (role, at) = (Role::Source, 9);
    assert_eq!(
        refused(&bad, &identities),
        Error::NonFinite { role, index: at }
    );
    let index = LandmarkIndex::new(&shapes, &identities).unwrap();
    let role = Role::Target;
    let drawn = index.draw(&bad[3], 0, 10.0, &mut rng(1));
    assert_eq!(drawn.unwrap_err(), Error::NonFinite { role, index: at });
    let alone = LandmarkIndex::new(&shapes, &[4; 5]).unwrap();
    let drawn = alone.draw(&shapes[0], 4, 10.0, &mut rng(1));
    assert_eq!(drawn.unwrap_err(), Error::NoOtherIdentity(4));
}
