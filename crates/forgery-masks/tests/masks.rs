//! SSIM and ground-truth masks against scikit-image, and what must hold of them anyway.

use std::path::PathBuf;

use face_preproc::pictures::{Limits, Mask, read_mask, read_rgb};
use forgery_masks::{MaskError, MaskSource, SsimError, dssim_map, ssim, ssim_map};
use image::{Rgb, RgbImage};
use proptest::prelude::*;

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden/ssim")
        .join(name)
}

fn pair() -> (RgbImage, RgbImage) {
    ["real.png", "forged.png"]
        .map(|name| read_rgb(golden(name), &Limits::default()).unwrap())
        .into()
}

#[test]
fn the_map_is_that_of_scikit_image() {
    let (real, forged) = pair();
    let numbers: serde_json::Value =
        serde_json::from_slice(&std::fs::read(golden("numbers.json")).unwrap()).unwrap();
    let map = ssim_map(&real, &forged).unwrap();
    let rows: Vec<Vec<f64>> = serde_json::from_value(numbers["map"].clone()).unwrap();
    let step = numbers["step"].as_u64().unwrap() as u32;
    // Single precision: squares up to 255^2 / 4 carry errors of about 1e-3, and C2 = 58.5 divides
    // them; the golden numbers are rounded to 1e-6.
    for (j, row) in rows.iter().enumerate() {
        for (i, &expected) in row.iter().enumerate() {
            let found = f64::from(map.get_pixel(i as u32 * step, j as u32 * step)[0]);
            assert!(
                (found - expected).abs() < 3e-5,
                "{i} {j}: {found} {expected}"
            );
        }
    }
    let least = map.iter().copied().fold(f32::INFINITY, f32::min);
    assert!((f64::from(least) - numbers["least"].as_f64().unwrap()).abs() < 3e-5);
    let mean = ssim(&real, &forged).unwrap();
    assert!(
        (mean - numbers["mean"].as_f64().unwrap()).abs() < 3e-6,
        "{mean}"
    );
}

#[test]
fn masks_are_those_of_scipy_and_scikit_image() {
    let (real, forged) = pair();
    for (name, source) in [
        ("ssim", MaskSource::ssim()),
        ("dssim", MaskSource::dssim()),
        ("diff", MaskSource::diff()),
    ] {
        let expected = read_mask(golden(&format!("{name}.png")), &Limits::default()).unwrap();
        let found = source.make(&forged, Some(&real), None).unwrap();
        let pairs = expected.iter().zip(found.iter());
        let different = pairs.filter(|(a, b)| a != b).count();
        // A pixel within 3e-5 of the threshold may fall on either side; two of the 5,063 is more
        // than chance gives at that width.
        assert!(different <= 2, "{name}: {different} pixels");
    }
}

#[test]
fn what_was_changed_is_one_and_the_rest_is_zero() {
    let (real, forged) = pair();
    for source in [MaskSource::ssim(), MaskSource::dssim(), MaskSource::diff()] {
        let mask = source.make(&forged, Some(&real), None).unwrap();
        assert!(mask.iter().all(|v| [0.0, 1.0].contains(v)));
        // The ellipse's centre, or for the patchier difference somewhere near it; a far corner.
        assert!(mask.iter().sum::<f32>() > 100.0, "{source:?}");
        assert_eq!(mask.get_pixel(0, 60)[0], 0.0, "{source:?}");
        let same = source.make(&real, Some(&real), None).unwrap();
        assert!(same.iter().all(|&v| v == 0.0), "{source:?}: polarity");
    }
}

#[test]
fn the_data_sets_own_mask_is_cut_at_the_middle() {
    let forged = RgbImage::new(2, 1);
    let own = Mask::from_vec(2, 1, vec![0.4, 0.6]).unwrap();
    let source = MaskSource::dataset();
    assert!(!source.needs_real());
    let mask = source.make(&forged, None, Some(&own)).unwrap();
    assert_eq!(mask.as_raw(), &[0.0, 1.0]);
    assert_eq!(source.make(&forged, None, None), Err(MaskError::NoMask));
    assert_eq!(
        source.make(&RgbImage::new(3, 1), None, Some(&own)),
        Err(MaskError::MaskSize {
            mask: (2, 1),
            picture: (3, 1)
        })
    );
}

#[test]
fn bad_input_is_an_error() {
    let (real, forged) = pair();
    let small = RgbImage::new(10, 61);
    assert_eq!(
        ssim_map(&real, &small),
        Err(SsimError::Sizes((83, 61), (10, 61)))
    );
    assert_eq!(ssim(&small, &small), Err(SsimError::TooSmall((10, 61))));
    assert_eq!(
        MaskSource::ssim().make(&forged, None, None),
        Err(MaskError::NoReal)
    );
    for threshold in [-0.1, 2.1, f32::NAN] {
        let source = MaskSource::Ssim { threshold };
        let found = source.make(&forged, Some(&real), None);
        assert!(matches!(found, Err(MaskError::Option { .. })), "{found:?}");
    }
    let endless = MaskSource::Dssim {
        blur: f32::INFINITY,
        threshold: 0.1,
    };
    assert!(endless.validate().is_err());
}

#[test]
fn options_are_read_with_defaults_and_without_typos() {
    let read = serde_json::from_str::<MaskSource>;
    assert_eq!(read(r#"{"kind": "ssim"}"#).unwrap(), MaskSource::ssim());
    assert_eq!(
        read(r#"{"kind": "dssim", "blur": 1.0}"#).unwrap(),
        MaskSource::Dssim {
            blur: 1.0,
            threshold: 10.0 / 255.0
        }
    );
    assert!(read(r#"{"kind": "diff", "treshold": 0.2}"#).is_err());
}

/// The definition, pixel by pixel in double precision, with no separation and no sums shared.
fn naive(a: &RgbImage, b: &RgbImage, x: u32, y: u32) -> f64 {
    let fold = |v: i64, len: u32| {
        let len = i64::from(len);
        (if v < 0 {
            -1 - v
        } else if v >= len {
            2 * len - 1 - v
        } else {
            v
        }) as u32
    };
    let mut total = 0.0;
    for c in 0..3 {
        let (mut weights, mut sums) = (0.0, [0.0; 5]);
        for dy in -5..=5_i64 {
            for dx in -5..=5_i64 {
                let w = (-((dx * dx + dy * dy) as f64) / 4.5).exp();
                let (px, py) = (
                    fold(i64::from(x) + dx, a.width()),
                    fold(i64::from(y) + dy, a.height()),
                );
                let (p, q) = (
                    f64::from(a.get_pixel(px, py)[c]),
                    f64::from(b.get_pixel(px, py)[c]),
                );
                weights += w;
                for (sum, v) in sums.iter_mut().zip([p, q, p * p, q * q, p * q]) {
                    *sum += w * v;
                }
            }
        }
        let [p, q, pp, qq, pq] = sums.map(|s| s / weights);
        let (c1, c2) = (2.55_f64.powi(2), 7.65_f64.powi(2));
        total += (2.0 * p * q + c1) * (2.0 * (pq - p * q) + c2)
            / ((p * p + q * q + c1) * (pp - p * p + qq - q * q + c2));
    }
    total / 3.0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_picture_agrees_with_the_definition(
        (width, height) in (11_u32..40, 11_u32..40),
        seed in any::<u32>(),
        spread in 1_u32..=255,
    ) {
        let noise = |salt: u32| RgbImage::from_fn(width, height, |x, y| {
            Rgb([0, 1, 2].map(|c: u32| {
                let mut v = seed ^ salt ^ (x * 7919 + y * 104_729 + c * 1_299_709);
                for _ in 0..3 {
                    v = v.wrapping_mul(0x9E37_79B1) ^ (v >> 15);
                }
                (v % (spread + 1)) as u8
            }))
        });
        let (a, b) = (noise(1), noise(2));
        let map = ssim_map(&a, &b).unwrap();
        for (x, y) in [(0, 0), (width - 1, 3), (width / 2, height / 2), (2, height - 1)] {
            let (found, expected) = (map.get_pixel(x, y)[0], naive(&a, &b, x, y));
            prop_assert!((f64::from(found) - expected).abs() < 1e-4, "{} {}", found, expected);
        }
        prop_assert_eq!(&ssim_map(&b, &a).unwrap(), &map);
        prop_assert!(ssim_map(&a, &a).unwrap().iter().all(|v| (v - 1.0).abs() < 1e-6));
        prop_assert!(dssim_map(&a, &b).unwrap().iter().all(|v| (0.0..=1.0).contains(v)));
    }
}
