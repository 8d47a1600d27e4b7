//! Principal components, layouts and probes of samples whose structure is known.

use explain::{ExplainError, Features, LinearProbe, Pca, Tsne, tsne};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// `groups` groups of `each` samples, one after the other, `apart` deviations around the origin.
fn groups(groups: usize, each: usize, features: usize, apart: f64, seed: u64) -> Features {
    // The centres do not depend on the seed of the samples.
    let mut centres = rng(99);
    let centres = Features::from_fn(groups, features, |_, _| apart * normal(&mut centres));
    let mut noise = rng(seed);
    Features::from_fn(groups * each, features, |row, column| {
        centres[(row / each, column)] + normal(&mut noise)
    })
}

fn labels(groups: usize, each: usize) -> Vec<usize> {
    // Any numbers are labels.
    (0..groups * each).map(|row| 7 * (row / each) + 3).collect()
}

#[test]
fn few_components_are_those_of_the_whole_decomposition() {
    let mut draw = rng(1);
    // Deviations fall by a tenth from feature to feature.
    let samples = Features::from_fn(300, 120, |_, column| {
        0.9f64.powi(column as i32) * normal(&mut draw) + 5.0
    });
    let whole = Pca::fit(&samples, 120, &mut rng(2)).unwrap();
    let few = Pca::fit(&samples, 10, &mut rng(3)).unwrap();
    assert_eq!((whole.variances().len(), few.variances().len()), (120, 10));
    let total: f64 = samples.row_variance().iter().sum::<f64>() * 300.0 / 299.0;
    assert!((whole.variances().iter().sum::<f64>() / total - 1.0).abs() < 1e-9);
    for (few, whole) in few.variances().iter().zip(whole.variances()) {
        assert!((few / whole - 1.0).abs() < 1e-4, "{few} {whole}");
    }
    let scores = whole.project(&samples);
    let covariance = scores.tr_mul(&scores) / 299.0;
    for (column, variance) in whole.variances().iter().enumerate() {
        assert!((covariance[(column, column)] / variance - 1.0).abs() < 1e-6);
        assert!(covariance[(0, column)].abs() < 1e-9 || column == 0);
    }
}

#[test]
fn samples_of_few_directions_have_few_components() {
    let mut draw = rng(4);
    let plane = Features::from_fn(50, 2, |_, _| normal(&mut draw));
    let into = Features::from_fn(2, 30, |_, _| normal(&mut draw));
    let pca = Pca::fit(&(plane * into), 20, &mut rng(5)).unwrap();
    assert_eq!(pca.variances().len(), 2);
}

#[test]
fn a_layout_keeps_groups_together_and_repeats_on_any_number_of_threads() {
    let samples = groups(5, 40, 64, 2.0, 6);
    let config = Tsne::default();
    let layout = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap()
            .install(|| tsne(&samples, &config, &mut rng(7)).unwrap())
    };
    let points = layout(1);
    assert_eq!(points, layout(3));
    let apart = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    for (index, point) in points.iter().enumerate() {
        let nearest = (0..points.len())
            .filter(|other| *other != index)
            .min_by(|&a, &b| apart(*point, points[a]).total_cmp(&apart(*point, points[b])))
            .unwrap();
        assert_eq!(nearest / 40, index / 40, "{index} lies by {nearest}");
    }
}

#[test]
fn odd_samples_have_a_layout_or_an_error() {
    let config = Tsne {
        epochs: 60,
        ..Tsne::default()
    };
    let of = |samples: &Features| tsne(samples, &config, &mut rng(8));
    let twins = Features::from_fn(12, 3, |row, column| ((row % 2) * (column + 1)) as f64);
    let points = of(&twins).unwrap();
    assert!(points.iter().flatten().all(|value| value.is_finite()));
    assert_eq!(
        of(&twins.rows(0, 4).into_owned()),
        Err(ExplainError::TooFew {
            samples: 4,
            least: 8
        })
    );
    let equal = Features::from_element(12, 3, 0.1);
    assert_eq!(of(&equal), Err(ExplainError::Constant));
    let mut broken = twins;
    broken[(5, 2)] = f64::NAN;
    let expected = ExplainError::NotFinite {
        sample: 5,
        feature: 2,
    };
    assert_eq!(of(&broken), Err(expected));
}

#[test]
fn a_probe_reads_what_is_there_and_nothing_else() {
    let (classes, each) = (20, 6);
    let labels = labels(classes, each);
    let share = |apart, seed| {
        let train = groups(classes, each, 80, apart, seed);
        let test = groups(classes, each, 80, apart, seed + 1);
        let probe = LinearProbe::fit(&train, &labels, &mut rng(9)).unwrap();
        let predicted = probe.predict(&test);
        let right = predicted
            .iter()
            .zip(&labels)
            .filter(|(a, b)| a == b)
            .count();
        assert_eq!(probe.right(&test, &labels), right);
        right as f64 / labels.len() as f64
    };
    assert!(share(1.0, 10) > 0.95);
    // One in twenty, four standard errors of 120 guesses.
    assert!(share(0.0, 20) < 0.13);
}

/// What differs by a thousandth of the largest deviation is read as well: features are
/// standardised.
#[test]
fn scales_of_features_play_no_part() {
    let labels = labels(8, 6);
    let mut train = groups(8, 6, 40, 1.0, 30);
    let mut test = groups(8, 6, 40, 1.0, 31);
    let expected = LinearProbe::fit(&train, &labels, &mut rng(1)).unwrap();
    let expected = expected.predict(&test);
    for samples in [&mut train, &mut test] {
        for (column, mut values) in samples.column_iter_mut().enumerate() {
            values *= 10f64.powi(column as i32 % 7 - 3);
            values.add_scalar_mut(column as f64);
        }
    }
    let probe = LinearProbe::fit(&train, &labels, &mut rng(1)).unwrap();
    assert_eq!(probe.predict(&test), expected);
}

#[test]
fn a_probe_of_one_class_is_refused() {
    let samples = groups(2, 3, 4, 1.0, 1);
    let mut rng = rng(1);
    for labels in [vec![1; 6], vec![0, 1]] {
        let error = LinearProbe::fit(&samples, &labels, &mut rng).unwrap_err();
        assert!(matches!(error, ExplainError::Labels { .. }), "{error}");
    }
}
