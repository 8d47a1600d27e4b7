//! The multi-scale facial swap: Eq. 2 by brute force, what each swap keeps of both pictures, and
//! its true boxes.

use crate::common;

use common::{Owned, face, rng, texture};
use image::{Luma, Rgb, RgbImage};
use proptest::prelude::*;
use synth_data::{
    Blending, Error, Face, Mask, MfsConfig, MfsForgery, Region, Role, boxes,
    mfs::{self, PartialBoxes, SearchArea, Swap, SwapWeights, WindowShape, most_dissimilar_window},
};

/// A real face, and a fake one of another texture in the same place.
fn pair(side: u32, seed: u64) -> (Owned, Owned) {
    let source = face(side, seed);
    let fake = Owned {
        image: texture(side, side, !seed),
        landmarks: source.landmarks,
    };
    (fake, source)
}

fn only(swap: Swap) -> MfsConfig {
    MfsConfig {
        swaps: SwapWeights::only(swap),
        poisson: 0.0,
        ..MfsConfig::default()
    }
}

/// Eq. 2 by its definition: every sum from its pixels.
fn brute_force(dssim: &Mask, window: (u32, u32), area: Region, step: [u32; 2]) -> (f64, Region) {
    let (w, h) = window;
    let mut best = (f64::NEG_INFINITY, area);
    for y in (area.y..=area.bottom() - h).step_by(step[1] as usize) {
        for x in (area.x..=area.right() - w).step_by(step[0] as usize) {
            let pixels = (y..y + h).flat_map(|j| (x..x + w).map(move |i| (i, j)));
            let sum = pixels
                .map(|(i, j)| f64::from(dssim.get_pixel(i, j).0[0]))
                .sum();
            if sum > best.0 {
                let window = Region {
                    x,
                    y,
                    width: w,
                    height: h,
                };
                best = (sum, window);
            }
        }
    }
    best
}

proptest! {
    /// Multiples of 1/64 add up without rounding, so that ties are ties for both.
    #[test]
    fn window_search_is_exact(
        seed: u64,
        size in (1u32..40, 1u32..40),
        shares in prop::array::uniform4(0f32..1.0),
        window in (0f32..1.0, 0f32..1.0),
        step in prop::array::uniform2(1u32..6),
    ) {
        use rand::RngExt;
        let mut rng = rng(seed);
        let dssim = Mask::from_fn(size.0, size.1, |_, _| {
            Luma([f32::from(rng.random_range(0u8..4)) / 64.0])
        });
        let part = |share: f32, n: u32| (share * n as f32) as u32;
        let (x, y) = (part(shares[0], size.0), part(shares[1], size.1));
        let area = Region {
            x,
            y,
            width: 1 + part(shares[2], size.0 - x),
            height: 1 + part(shares[3], size.1 - y),
        };
        let window = (1 + part(window.0, area.width), 1 + part(window.1, area.height));
        let found = most_dissimilar_window(&dssim, window, area, step);
        prop_assert_eq!(found, Some(brute_force(&dssim, window, area, step).1));
    }

    /// A true window lies in the picture, has the size that was drawn, and is x before y.
    #[test]
    fn boxes_are_within_the_picture(seed: u64, side in 32u32..150) {
        let (fake, source) = pair(side, seed);
        for config in [MfsConfig::default(), MfsConfig::official()] {
            let forged = forge(&fake, &source, &config, seed);
            let official = config.partial_boxes == PartialBoxes::PictureAndWindow;
            let both = forged.kind == Swap::Partial && official;
            prop_assert_eq!(forged.boxes.len(), 1 + usize::from(both));
            prop_assert!(forged.boxes[0] == boxes::WHOLE || forged.kind == Swap::Partial);
            for [x0, y0, x1, y1] in forged.boxes {
                prop_assert!(0.0 <= x0 && x0 < x1 && x1 <= 1.0);
                prop_assert!(0.0 <= y0 && y0 < y1 && y1 <= 1.0);
            }
            prop_assert_eq!(forged.image.dimensions(), (side, side));
            prop_assert_eq!(forged.mask.dimensions(), (side, side));
            prop_assert!(forged.mask.iter().all(|m| (0.0..=1.0).contains(m)));
        }
    }
}

fn forge(fake: &Owned, source: &Owned, config: &MfsConfig, seed: u64) -> MfsForgery {
    mfs::forge(fake.face(), source.face(), config, &mut rng(seed)).unwrap()
}

#[test]
fn windows_that_do_not_fit_are_refused() {
    let dssim = Mask::new(20, 10);
    let whole = Region::whole((20, 10));
    for window in [(0, 3), (3, 0), (21, 3), (3, 11)] {
        assert_eq!(most_dissimilar_window(&dssim, window, whole, [1, 1]), None);
    }
    let beyond = Region { x: 15, ..whole };
    assert_eq!(most_dissimilar_window(&dssim, (3, 3), beyond, [1, 1]), None);
    assert_eq!(
        most_dissimilar_window(&dssim, (20, 10), whole, [0, 0]),
        Some(whole)
    );
}

/// The fake differs from the source in one rectangle: the window of its size is put right on it,
/// wide where it is wide, and nothing else changes.
#[test]
fn a_partial_swap_finds_what_was_forged() {
    let (_, source) = pair(224, 3);
    let forged = Region {
        x: 100,
        y: 130,
        width: 80,
        height: 40,
    };
    let mut fake = source.image.clone();
    let other = texture(224, 224, 99);
    for (x, y, pixel) in fake.enumerate_pixels_mut() {
        if (100..180).contains(&x) && (130..170).contains(&y) {
            *pixel = *other.get_pixel(x, y);
        }
    }
    let fake = Owned {
        image: fake,
        landmarks: source.landmarks,
    };
    let config = MfsConfig {
        windows: vec![[40.0, 80.0]],
        ..only(Swap::Partial)
    };
    let made = forge(&fake, &source, &config, 1);
    let [x0, y0, x1, y1] = made.boxes[0].map(|v| v * 224.0);
    // The similarity's window of 11 pixels blurs the rectangle's edges.
    for (got, want) in [(x0, 100.0), (y0, 130.0), (x1, 180.0), (y1, 170.0)] {
        assert!((got - want).abs() <= 2.0, "{:?}", [x0, y0, x1, y1]);
    }
    assert_eq!(
        made.boxes,
        [boxes::of_region(
            mfs::find_window(fake.face(), source.face(), (80, 40), &config).unwrap(),
            (224, 224),
        )]
    );
    let inner = forged.grown(0, (224, 224));
    for (x, y, pixel) in made.image.enumerate_pixels() {
        let away = |margin: i64| {
            let (x, y) = (i64::from(x), i64::from(y));
            x + margin < i64::from(inner.x)
                || y + margin < i64::from(inner.y)
                || x >= i64::from(inner.right()) + margin
                || y >= i64::from(inner.bottom()) + margin
        };
        if away(5) {
            assert_eq!(pixel, source.image.get_pixel(x, y));
        } else if !away(-5) {
            assert_eq!(pixel, fake.image.get_pixel(x, y));
        }
    }
}

/// Alpha blending is Eq. 3's example, byte by byte, with the mask that comes with the forgery.
#[test]
fn alpha_is_equation_3() {
    let (fake, source) = pair(96, 5);
    for swap in Swap::ALL {
        let made = forge(&fake, &source, &only(swap), 5);
        assert_eq!(made.kind, swap);
        assert_eq!(
            made.blending,
            (swap != Swap::Untouched).then_some(Blending::Alpha)
        );
        let mut both = [false; 2];
        for (x, y, pixel) in made.image.enumerate_pixels() {
            let m = made.mask.get_pixel(x, y).0[0];
            both[0] |= m < 0.01;
            both[1] |= m > 0.99;
            let (f, s) = (fake.image.get_pixel(x, y), source.image.get_pixel(x, y));
            for c in 0..3 {
                let want = f32::from(f.0[c]) * m + f32::from(s.0[c]) * (1.0 - m);
                assert!((f32::from(pixel.0[c]) - want).abs() < 0.51, "{swap:?}");
            }
        }
        assert_eq!(both, [swap != Swap::Untouched, true], "{swap:?}");
        if swap != Swap::Partial {
            assert_eq!(made.boxes, [boxes::WHOLE]);
        }
        // The face is the fake's, or it is the source's.
        let [x, y] = source.landmarks[30].map(|v| v as u32);
        let nose = made.mask.get_pixel(x, y).0[0];
        let corner = made.mask.get_pixel(0, 0).0[0];
        match swap {
            Swap::FakeIntoSource => assert!(nose > 0.999 && corner == 0.0),
            Swap::SourceIntoFake => assert!(nose < 0.001 && corner == 1.0),
            Swap::Untouched => assert_eq!(made.image, fake.image),
            Swap::Partial => assert!(corner < 1.0 || nose < 1.0),
        }
    }
}

#[test]
fn poisson_keeps_gradients_and_gives_way_where_there_is_nothing_to_solve() {
    let (fake, source) = pair(96, 6);
    let mut config = MfsConfig {
        poisson: 1.0,
        ..only(Swap::FakeIntoSource)
    };
    let made = forge(&fake, &source, &config, 6);
    assert_eq!(made.blending, Some(Blending::PoissonNormal));
    assert_ne!(made.image, source.image);
    // The target's colours at the border, the fake's differences inside.
    let [x, y] = source.landmarks[30].map(|v| v as u32);
    let step = |image: &RgbImage| {
        let value = |x| i32::from(image.get_pixel(x, y).0[1]);
        value(x + 3) - value(x)
    };
    assert!((step(&made.image) - step(&fake.image)).abs() <= 6);

    config.swaps = SwapWeights::only(Swap::Partial);
    config.windows = vec![[3.0, 3.0]];
    config.blur_kernel = 0.0;
    let made = forge(&fake, &source, &config, 6);
    assert_eq!(made.blending, Some(Blending::Alpha));
    assert_ne!(made.image, source.image);
}

#[test]
fn swaps_come_in_their_shares() {
    let (fake, source) = pair(32, 7);
    let mut rng = rng(7);
    let mut counts = [0; 4];
    let mut poisson = 0;
    let config = MfsConfig::default();
    for _ in 0..2000 {
        let made = mfs::forge(fake.face(), source.face(), &config, &mut rng).unwrap();
        counts[made.kind as usize] += 1;
        poisson += usize::from(made.blending == Some(Blending::PoissonNormal));
    }
    // Within five standard deviations of the official code's shares: the fake's face in the source
    // 0.2, the source's in the fake 0.4, 0.2 and 0.2; half of the blended are Poisson's.
    for (count, want) in counts.iter().zip([400, 800, 400, 400]) {
        assert!(i32::abs_diff(*count, want) < 110, "{counts:?}");
    }
    assert!(poisson.abs_diff(800) < 110, "{poisson}");
}

#[test]
fn windows_have_the_shape_asked_for() {
    let (fake, source) = pair(112, 8);
    let sides = |shape, seed| {
        let config = MfsConfig {
            window_shape: shape,
            windows: vec![[40.0, 80.0]],
            ..only(Swap::Partial)
        };
        let [x0, y0, x1, y1] = forge(&fake, &source, &config, seed).boxes[0];
        [(x1 - x0) * 224.0, (y1 - y0) * 224.0].map(f32::round)
    };
    let (mut wide, mut tall) = (0, 0);
    for seed in 0..24 {
        assert_eq!(sides(WindowShape::HeightWidth, seed), [80.0, 40.0]);
        match sides(WindowShape::EitherWay, seed) {
            [80.0, 40.0] => wide += 1,
            [40.0, 80.0] => tall += 1,
            other => panic!("{other:?}"),
        }
        let between = sides(WindowShape::Between, seed);
        assert!(
            between.iter().all(|v| (40.0..=80.0).contains(v)),
            "{between:?}"
        );
    }
    assert!(wide > 3 && tall > 3, "{wide} {tall}");
}

/// Only what lies inside the face counts; a window larger than the face's box is centred on it.
#[test]
fn the_search_can_be_kept_to_the_face() {
    let (_, source) = pair(160, 9);
    let mut image = source.image.clone();
    for (x, y, pixel) in image.enumerate_pixels_mut() {
        if x < 24 && y < 24 {
            *pixel = Rgb([255 - pixel.0[0]; 3]);
        } else if (80..96).contains(&x) && (90..106).contains(&y) {
            *pixel = Rgb([pixel.0[0] + 40, pixel.0[1], pixel.0[2] - 30]);
        }
    }
    let fake = Face {
        image: &image,
        landmarks: &source.landmarks,
    };
    let find = |search, window| {
        let config = MfsConfig {
            search,
            ..MfsConfig::default()
        };
        mfs::find_window(fake, source.face(), window, &config).unwrap()
    };
    let picture = find(SearchArea::Picture, (24, 24));
    assert!(picture.x < 24 && picture.y < 24, "{picture:?}");
    let inside = find(SearchArea::Face, (24, 24));
    assert!((76..96).contains(&(inside.x + 8)) && (86..106).contains(&(inside.y + 8)));
    assert_eq!(
        find(SearchArea::Face, (160, 160)),
        Region::whole((160, 160))
    );
    let wide = find(SearchArea::Face, (150, 20));
    assert!(wide.x + 75 > 70 && wide.x + 75 < 90, "{wide:?}");
}

#[test]
fn a_seed_fixes_the_bytes() {
    let (fake, source) = pair(64, 11);
    let run = |seed| forge(&fake, &source, &MfsConfig::default(), seed);
    for seed in 0..8 {
        let (a, b) = (run(seed), run(seed));
        assert_eq!((a.image, a.mask, a.boxes), (b.image, b.mask, b.boxes));
    }
    assert!((0..8).any(|seed| run(seed).image != run(seed + 100).image));
}

#[test]
fn bad_input_is_refused() {
    let (fake, source) = pair(64, 12);
    let (other, _) = pair(60, 12);
    let run = |fake: &Owned, source: &Owned, config: &MfsConfig| {
        mfs::forge(fake.face(), source.face(), config, &mut rng(1)).unwrap_err()
    };
    let default = MfsConfig::default();
    let error = run(&other, &source, &default);
    assert!(matches!(error, Error::SizeMismatch { .. }), "{error}");
    let mut broken = face(64, 12);
    broken.landmarks[5][1] = f32::NAN;
    let error = run(&broken, &source, &default);
    let want = Error::NonFinite {
        role: Role::Fake,
        index: 5,
    };
    assert_eq!(error, want);
    let (small_fake, small) = pair(10, 12);
    let error = run(&small_fake, &small, &only(Swap::Partial));
    assert!(matches!(error, Error::Ssim(_)), "{error}");

    type Break = fn(&mut MfsConfig);
    let breaks: [(&str, Break); 10] = [
        ("swaps", |c| c.swaps.partial = -1.0),
        ("windows", |c| c.windows.clear()),
        ("windows", |c| c.windows[0][0] = 0.0),
        ("windows", |c| {
            c.window_shape = WindowShape::Between;
            c.windows[0] = [80.0, 40.0];
        }),
        ("stride", |c| c.stride = f32::NAN),
        ("poisson", |c| c.poisson = 1.5),
        ("elastic.alpha", |c| c.elastic.alpha = [5.0, 1.0]),
        ("elastic.sigma", |c| c.elastic.sigma = 0.0),
        ("blur_sigma", |c| c.blur_sigma = 0.0),
        ("reference_size", |c| c.reference_size = 0),
    ];
    for (name, broken) in breaks {
        let mut config = MfsConfig::default();
        broken(&mut config);
        let error = run(&fake, &source, &config);
        assert!(
            matches!(error, Error::Config { field, .. } if field == name),
            "{name}: {error}"
        );
    }
    assert!(toml::from_str::<MfsConfig>("window = 3").is_err());
    let text = toml::to_string(&MfsConfig::official()).unwrap();
    assert_eq!(
        toml::from_str::<MfsConfig>(&text).unwrap(),
        MfsConfig::official()
    );
}
