//! Properties of the degradation, and of the resizing it uses.

use crate::common;

use common::{mean_difference, rng, texture};
use image::RgbImage;
use synth_data::{
    DegradeConfig, Error,
    augment::{Chance, h264, jpeg, photometric},
    degrade,
    resize::{Sampling, resize, shrink_and_restore},
};

fn never() -> DegradeConfig {
    let mut config = DegradeConfig::default();
    for chance in [&mut config.jpeg, &mut config.blur, &mut config.resize] {
        chance.probability = 0.0;
    }
    config
}

fn always(range: [f32; 2]) -> Chance {
    Chance {
        probability: 1.0,
        range,
    }
}

/// The clean branch keeps its bytes whatever the degraded one goes through.
#[test]
fn the_clean_picture_is_never_touched() {
    let image = texture(75, 60, 1);
    let before = image.clone();
    let mut changed = 0;
    for seed in 0..40 {
        let degraded = degrade(&image, &DegradeConfig::default(), &mut rng(seed)).unwrap();
        assert_eq!(image, before);
        assert_eq!(degraded.dimensions(), image.dimensions());
        assert_ne!(degraded.as_ptr(), image.as_ptr());
        changed += usize::from(degraded != image);
    }
    // One in eight stays as it is.
    assert!((28..40).contains(&changed), "{changed}");
    assert_eq!(degrade(&image, &never(), &mut rng(1)).unwrap(), image);
}

#[test]
fn each_degradation_is_the_one_it_says() {
    let image = texture(75, 60, 2);
    let one = |set: fn(&mut DegradeConfig)| {
        let mut config = never();
        set(&mut config);
        degrade(&image, &config, &mut rng(2)).unwrap()
    };
    assert_eq!(
        one(|c| c.jpeg = always([30.0, 30.0])),
        jpeg::recompress(&image, 30).unwrap()
    );
    assert_eq!(
        one(|c| c.h264 = Some(always([36.0, 36.0]))),
        h264::recompress(&image, 36).unwrap()
    );
    assert_eq!(
        one(|c| c.blur = always([0.8, 0.8])),
        photometric::gaussian_blur(&image, 0.8)
    );
    assert_eq!(
        one(|c| c.resize = always([0.4, 0.4])),
        shrink_and_restore(&image, (30, 24), Sampling::Nearest).unwrap()
    );
}

/// With two that do not commute, both orders are seen.
#[test]
fn the_order_is_random() {
    let image = texture(64, 64, 3);
    let config = DegradeConfig {
        blur: always([1.0, 1.0]),
        resize: always([0.5, 0.5]),
        ..never()
    };
    let small = |i: &RgbImage| shrink_and_restore(i, (32, 32), Sampling::Nearest).unwrap();
    let soft = |i: &RgbImage| photometric::gaussian_blur(i, 1.0);
    let orders = [soft(&small(&image)), small(&soft(&image))];
    let mut seen = [0; 2];
    for seed in 0..60 {
        let degraded = degrade(&image, &config, &mut rng(seed)).unwrap();
        let order = orders.iter().position(|o| *o == degraded).unwrap();
        seen[order] += 1;
    }
    assert!(seen.iter().all(|&n| n > 15), "{seen:?}");
}

/// Means of two by two come back as they were where the picture is smooth.
#[test]
fn resizing_keeps_smooth_pictures_in_place() {
    let image = RgbImage::from_fn(60, 40, |x, y| {
        image::Rgb([(3 * x + 20) as u8, (4 * y + 30) as u8, 77])
    });
    for sampling in [Sampling::Bilinear, Sampling::Nearest] {
        let back = shrink_and_restore(&image, (30, 20), sampling).unwrap();
        let inner = |x, y| (3..57).contains(&x) && (3..37).contains(&y);
        // The nearest of an even number of pixels is half a pixel off.
        let most = if sampling == Sampling::Nearest {
            1.5
        } else {
            0.4
        };
        let difference = mean_difference(&back, &image, inner);
        assert!(difference < most, "{sampling:?} {difference}");
    }
    let tiny = resize(&image, (0, 5), Sampling::Nearest).unwrap();
    assert_eq!(tiny.dimensions(), (1, 5));
}

#[test]
fn bad_input_is_refused() {
    let image = texture(20, 20, 4);
    let mut config = DegradeConfig::default();
    config.resize.range = [0.0, 0.5];
    let error = degrade(&image, &config, &mut rng(1)).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Chance {
                field: "resize",
                ..
            }
        ),
        "{error}"
    );
    let none = RgbImage::new(0, 0);
    assert!(resize(&none, (3, 3), Sampling::Bilinear).is_err());
    assert!(toml::from_str::<DegradeConfig>("jpg = 1").is_err());
}

/// The coarser the quantisation, the farther from the picture; odd sides and a parameter out of range.
#[test]
fn h264_loses_more_at_coarser_quantisation_and_keeps_odd_sizes() {
    let image = texture(75, 61, 3);
    let loss = |quantizer| {
        let coded = h264::recompress(&image, quantizer).unwrap();
        assert_eq!(coded.dimensions(), image.dimensions());
        mean_difference(&image, &coded, |_, _| true)
    };
    let losses = [4, 18, 28, 40].map(loss);
    assert!(
        losses.windows(2).all(|pair| pair[0] < pair[1]),
        "{losses:?}"
    );
    assert!(matches!(h264::recompress(&image, 52), Err(Error::H264(_))));
    let nothing = RgbImage::new(0, 4);
    assert!(matches!(
        h264::recompress(&nothing, 20),
        Err(Error::H264(_))
    ));
}

/// What a recipe without H.264 draws is what it drew before there was any.
#[test]
fn h264_is_drawn_only_where_it_is_asked_for() {
    let image = texture(64, 64, 4);
    let without = DegradeConfig::default();
    let mut next = rng(9);
    degrade(&image, &without, &mut next).unwrap();
    let mut with = never();
    with.h264 = Some(Chance {
        probability: 0.0,
        range: [20.0, 30.0],
    });
    let mut other = rng(9);
    assert_eq!(degrade(&image, &with, &mut other).unwrap(), image);
    assert_ne!(
        rand::RngExt::random::<u64>(&mut next),
        rand::RngExt::random::<u64>(&mut other)
    );
}
