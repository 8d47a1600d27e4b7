//! Properties of masks and forgeries.

use crate::common;

use common::{Owned, face, greatest_difference, rng, texture};
use proptest::prelude::*;
use rayon::prelude::*;
use synth_data::{
    Blending, Error, Face, Hull, I2gConfig, Mask, Role,
    elastic::Elastic,
    forge,
    i2g::{self, BlendingWeights, HullWeights},
    mask::{area, blur, convex_hull, fill_convex},
};

fn only(blending: Blending) -> I2gConfig {
    I2gConfig {
        blendings: BlendingWeights::only(blending),
        ..I2gConfig::default()
    }
}

fn points() -> impl Strategy<Value = Vec<[f32; 2]>> {
    let coordinate = || (-20i16..60).prop_map(|v| f32::from(v) * 0.7);
    prop::collection::vec([coordinate(), coordinate()], 3..30)
}

proptest! {
    /// No point is on the outer side of any edge, and the corners are input points.
    #[test]
    fn hull_contains_its_points(points in points()) {
        let hull = convex_hull(&points);
        prop_assert!(hull.iter().all(|corner| points.contains(corner)));
        for (i, a) in hull.iter().enumerate() {
            let b = hull[(i + 1) % hull.len()];
            for p in &points {
                let side = (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
                prop_assert!(side >= -1e-2, "{a:?} {b:?} {p:?}");
            }
        }
    }

    /// Coverage adds up to the polygon's area when it lies within the picture. Rows are sampled
    /// four times, so a few edge pixels are a little off.
    #[test]
    fn filled_area_is_the_polygons(points in prop::collection::vec([5f32..55.0, 5f32..55.0], 3..20)) {
        let hull = convex_hull(&points);
        let filled = fill_convex(&hull, 64, 64);
        prop_assert!(filled.iter().all(|m| (0.0..=1.0).contains(m)));
        let sum: f32 = filled.iter().sum();
        prop_assert!((f64::from(sum) - area(&hull)).abs() < 8.0, "{sum} {}", area(&hull));
    }

    #[test]
    fn masks_stay_between_zero_and_one(seed: u64, hull in 0..5usize, side in 24u32..140) {
        let target = face(side, seed);
        let hull = Hull::ALL[hull];
        let mask = i2g::draw_mask(target.face(), hull, &I2gConfig::default(), &mut rng(seed)).unwrap();
        prop_assert_eq!(mask.dimensions(), (side, side));
        prop_assert!(mask.iter().all(|m| (0.0..=1.0).contains(m)));
    }

    #[test]
    fn outside_the_mask_alpha_keeps_the_target(seed: u64) {
        let (target, source) = (face(96, seed), face(96, !seed));
        for blending in [Blending::Alpha, Blending::ColorTransfer] {
            let forged = forge(target.face(), source.face(), &only(blending), &mut rng(seed)).unwrap();
            let pixels = forged.image.pixels().zip(target.image.pixels());
            let kept = pixels.zip(forged.mask.iter()).filter(|(_, m)| **m == 0.0);
            let mut count = 0;
            for ((got, want), _) in kept {
                prop_assert_eq!(got, want);
                count += 1;
            }
            prop_assert!(count > 500);
        }
    }

    /// Whatever the numbers, there is a forgery or an error.
    #[test]
    fn any_landmarks_are_answered(
        seed: u64,
        values in prop::collection::vec(
            prop_oneof![
                -40f32..120.0,
                Just(f32::NAN),
                Just(f32::INFINITY),
                Just(3e38),
                Just(-1e30),
            ],
            4,
        ),
        places in prop::collection::vec(0usize..136, 4),
    ) {
        let mut bad = face(64, seed);
        for (v, at) in values.into_iter().zip(places) {
            bad.landmarks.as_flattened_mut()[at] = v;
        }
        let good = face(64, !seed);
        for (t, s) in [(&bad, &good), (&good, &bad)] {
            if let Ok(forged) = forge(t.face(), s.face(), &I2gConfig::default(), &mut rng(seed)) {
                prop_assert!(forged.mask.iter().all(|m| (0.0..=1.0).contains(m)));
            }
        }
    }
}

/// The same face as source and target: aligning is the identity but for rounding, and no blending
/// sees a difference.
#[test]
fn forging_a_face_from_itself_changes_almost_nothing() {
    for seed in 0..4 {
        let face = face(128, seed);
        for blending in Blending::ALL {
            let forged = forge(face.face(), face.face(), &only(blending), &mut rng(seed)).unwrap();
            let difference = greatest_difference(&forged.image, &face.image);
            assert!(difference <= 1, "{blending:?}: {difference}");
        }
    }
}

/// Every method brings in the source: the forgery differs from the target under the mask.
#[test]
fn every_blending_changes_the_face() {
    let (target, source) = (face(128, 1), face(128, 2));
    for blending in Blending::ALL {
        let forged = forge(target.face(), source.face(), &only(blending), &mut rng(3)).unwrap();
        assert_eq!(forged.blending, blending);
        let inside = |x, y| forged.mask.get_pixel(x, y).0[0] > 0.9;
        let difference = common::mean_difference(&forged.image, &target.image, inside);
        assert!(difference > 2.0, "{blending:?}: {difference}");
    }
}

/// A mask of ones takes the source, a mask of zeros the target, in each band.
#[test]
fn multiband_is_exact_at_both_ends() {
    for (width, height) in [(96, 70), (33, 47), (5, 3)] {
        let (target, source) = (texture(width, height, 1), texture(width, height, 2));
        let full = Mask::from_pixel(width, height, image::Luma([1.0]));
        let blended = Blending::Multiband.blend(&target, &source, &full).unwrap();
        assert!(greatest_difference(&blended, &source) <= 1);
        let empty = Mask::new(width, height);
        let blended = Blending::Multiband.blend(&target, &source, &empty).unwrap();
        assert_eq!(blended, target);
    }
}

/// Colour transfer gives the source the target's mean colour.
#[test]
fn colour_transfer_moves_the_mean() {
    let (target, mut source) = (texture(64, 64, 5), texture(64, 64, 6));
    for pixel in source.pixels_mut() {
        pixel.0[0] -= 30;
        pixel.0[2] += 40;
    }
    let mask = Mask::from_pixel(64, 64, image::Luma([1.0]));
    let blended = Blending::ColorTransfer
        .blend(&target, &source, &mask)
        .unwrap();
    let mean = |image: &image::RgbImage, c: usize| {
        image.pixels().map(|p| f64::from(p.0[c])).sum::<f64>() / 4096.0
    };
    for c in 0..3 {
        let (got, want) = (mean(&blended, c), mean(&target, c));
        assert!((got - want).abs() < 2.0, "{c}: {got} {want}");
    }
    let (before, want) = (mean(&source, 2), mean(&target, 2));
    assert!(
        (before - want).abs() > 10.0,
        "too alike to test: {before} {want}"
    );
}

#[test]
fn same_seed_same_bytes_on_any_number_of_threads() {
    let faces: Vec<Owned> = (0..12)
        .map(|seed| face(80 + 3 * seed as u32, seed))
        .collect();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let forge_one = |i: usize| {
            let (target, source) = (&faces[i % 12], &faces[(i + 5) % 12]);
            let forged = forge(
                target.face(),
                source.face(),
                &I2gConfig::default(),
                &mut rng(i as u64),
            )
            .unwrap();
            (forged.image.into_raw(), forged.mask.into_raw())
        };
        pool.install(|| {
            (0..48usize)
                .into_par_iter()
                .map(forge_one)
                .collect::<Vec<_>>()
        })
    };
    assert!(run(1) == run(8));
    assert!(run(1)[0] != run(1)[12], "another seed, the same bytes");
}

#[test]
fn weights_choose_parts_and_methods() {
    let (target, source) = (face(64, 1), face(64, 2));
    let config = I2gConfig {
        hulls: HullWeights {
            whole_face: 0.0,
            eyes: 1.0,
            nose: 1.0,
            mouth: 2.0,
            lower_half: 0.0,
        },
        ..I2gConfig::default()
    };
    let mut rng = rng(1);
    let mut hulls = std::collections::HashMap::new();
    let mut blendings = std::collections::HashMap::new();
    for _ in 0..400 {
        let forged = forge(target.face(), source.face(), &config, &mut rng).unwrap();
        *hulls.entry(forged.hull).or_insert(0) += 1;
        *blendings.entry(forged.blending).or_insert(0) += 1;
    }
    assert_eq!(hulls.len(), 3);
    assert!((160..240).contains(&hulls[&Hull::Mouth]), "{hulls:?}");
    assert_eq!(blendings.len(), 5);
    assert!(
        blendings.values().all(|n| (45..120).contains(n)),
        "{blendings:?}"
    );
}

/// Elastic deformation moves the mask's edge but keeps about its size, and zero strength is the
/// identity.
#[test]
fn elastic_deformation_moves_the_edge() {
    let face = face(256, 1);
    let mask = fill_convex(&convex_hull(&face.landmarks), 256, 256);
    let same = Elastic::random(0.0, &mut rng(1)).deform(&mask);
    assert!(
        mask.iter()
            .zip(same.iter())
            .all(|(a, b)| (a - b).abs() < 1e-5)
    );
    let moved = Elastic::random(9.0, &mut rng(1)).deform(&mask);
    let sum = |m: &Mask| m.iter().sum::<f32>();
    let changed: f32 = mask
        .iter()
        .zip(moved.iter())
        .map(|(a, b)| (a - b).abs())
        .sum();
    assert!(changed > 500.0, "{changed}");
    assert!((0.7..1.4).contains(&(sum(&moved) / sum(&mask))));
}

/// A grid whose nodes all move alike shifts the whole mask.
#[test]
fn a_constant_grid_is_a_shift() {
    let mask = fill_convex(&[[20.0, 20.0], [40.0, 22.0], [31.0, 44.0]], 64, 64);
    let shift = Elastic {
        nodes: [[[3.0, -2.0]; 4]; 4],
    };
    let moved = shift.deform(&mask);
    for (x, y, m) in moved.enumerate_pixels() {
        if (3..60).contains(&y) && x < 60 {
            let want = mask.get_pixel(x + 3, y - 2).0[0];
            assert!((m.0[0] - want).abs() < 1e-4, "{x} {y}");
        }
    }
}

/// Blurring neither makes nor loses mass away from the border, and leaves its input alone.
#[test]
fn blur_keeps_the_sum_and_its_input() {
    let mask = fill_convex(&[[30.0, 30.0], [60.0, 32.0], [45.0, 66.0]], 96, 96);
    let before = mask.clone();
    let blurred = blur(&mask, 16.0);
    assert_eq!(mask, before);
    assert_ne!(mask, blurred);
    let sum = |m: &Mask| m.iter().sum::<f32>();
    assert!((sum(&mask) / sum(&blurred) - 1.0).abs() < 1e-4);
}

#[test]
fn bad_faces_are_typed_errors() {
    let good = face(64, 1);
    let config = I2gConfig::default();
    let fails = |target: Face<'_>, source: Face<'_>| {
        forge(target, source, &config, &mut rng(1)).unwrap_err()
    };
    let with = |landmarks| Owned {
        image: good.image.clone(),
        landmarks,
    };

    let mut landmarks = good.landmarks;
    landmarks[7][1] = f32::NAN;
    let nan = with(landmarks);
    let (role, index) = (Role::Target, 7);
    assert_eq!(
        fails(nan.face(), good.face()),
        Error::NonFinite { role, index }
    );
    let role = Role::Source;
    assert_eq!(
        fails(good.face(), nan.face()),
        Error::NonFinite { role, index }
    );

    let line = with(std::array::from_fn(|i| {
        [i as f32 * 0.5, i as f32 * 0.25 + 3.0]
    }));
    assert_eq!(
        fails(line.face(), good.face()),
        Error::Degenerate(Role::Target)
    );
    assert_eq!(
        fails(good.face(), line.face()),
        Error::Degenerate(Role::Source)
    );
    let point = with([[20.0, 20.0]; 68]);
    assert_eq!(
        fails(good.face(), point.face()),
        Error::Degenerate(Role::Source)
    );

    let away = with(good.landmarks.map(|[x, y]| [x + 200.0, y]));
    let (role, outside) = (Role::Target, 68);
    assert_eq!(
        fails(away.face(), good.face()),
        Error::OutsidePicture { role, outside }
    );

    let empty = Owned {
        image: image::RgbImage::new(0, 0),
        landmarks: good.landmarks,
    };
    assert_eq!(
        fails(empty.face(), good.face()),
        Error::EmptyPicture(Role::Target)
    );
}

#[test]
fn bad_configurations_are_refused() {
    let face = face(64, 1);
    let fails = |change: &dyn Fn(&mut I2gConfig)| {
        let mut config = I2gConfig::default();
        change(&mut config);
        match forge(face.face(), face.face(), &config, &mut rng(1)) {
            Err(Error::Config { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(fails(&|c| c.epsilon = f32::NAN), "epsilon");
    assert_eq!(fails(&|c| c.elastic_sigma = [12.0, 6.0]), "elastic_sigma");
    assert_eq!(fails(&|c| c.blur_kernel = -1.0), "blur_kernel");
    assert_eq!(fails(&|c| c.reference_size = 0), "reference_size");
    assert_eq!(fails(&|c| c.hulls.whole_face = 0.0), "hulls");
    assert_eq!(fails(&|c| c.blendings.alpha = f32::INFINITY), "blendings");
}

#[test]
fn configuration_reads_toml_and_refuses_unknown_keys() {
    let text = "elastic_sigma = [3.0, 5.0]\n[hulls]\nmouth = 2.0\n[blendings]\nalpha = 1.0\n";
    let config: I2gConfig = toml::from_str(text).unwrap();
    assert_eq!(config.elastic_sigma, [3.0, 5.0]);
    assert_eq!((config.hulls.mouth, config.hulls.whole_face), (2.0, 0.0));
    assert_eq!(config.blendings, BlendingWeights::only(Blending::Alpha));
    assert_eq!(config.blur_kernel, I2gConfig::default().blur_kernel);
    let again: I2gConfig = toml::from_str(&toml::to_string(&config).unwrap()).unwrap();
    assert_eq!(again, config);
    assert!(toml::from_str::<I2gConfig>("elastic_sigmas = [3.0, 5.0]").is_err());
    assert!(toml::from_str::<I2gConfig>("[hulls]\nforehead = 1.0").is_err());
}
