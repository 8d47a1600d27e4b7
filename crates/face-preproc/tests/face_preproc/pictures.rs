//! Reading and writing pictures: every format, and every way for a file to be bad.

use crate::common;

use std::fs;
use std::path::Path;

use common::{difference, golden, picture};
use face_preproc::pictures::{
    Limits, Mask, PictureError, decode_mask, decode_rgb, read_mask, read_rgb, write_atomically,
    write_jpeg, write_mask, write_png,
};
use image::{Luma, Rgb, RgbImage};
use proptest::prelude::*;

fn decode(bytes: &[u8]) -> Result<RgbImage, PictureError> {
    decode_rgb(bytes, Path::new("bytes"), &Limits::default())
}

/// Formats without loss are exact. JPEG decoders round differently: the inverse cosine transform
/// and the interpolation of 4:2:0 chroma by a level or two each, and colour conversion multiplies
/// chroma by up to 1.8.
#[test]
fn every_format_reads_as_pillow_reads_it() {
    let lossless = [
        "rgb.png",
        "rgb.bmp",
        "rgb.tiff",
        "rgb.ppm",
        "rgb.webp",
        "turned.png",
        "palette.gif",
        "palette.png",
        "grey.png",
        "alpha.png",
        "rgb16.png",
    ];
    for name in lossless {
        let expected = picture(&format!("pictures/{name}.png"));
        assert_eq!(picture(&format!("pictures/{name}")), expected, "{name}");
    }
    for name in [
        "420.jpg",
        "444.jpg",
        "progressive.jpg",
        "restarts.jpg",
        "turned.jpg",
        "grey.jpg",
        "cmyk.jpg",
    ] {
        let expected = picture(&format!("pictures/{name}.png"));
        let (largest, mean) = difference(&picture(&format!("pictures/{name}")), &expected);
        println!("{name}: {largest} {mean:.3}");
        assert!(largest <= 8 && mean < 0.8, "{name}: {largest}, mean {mean}");
    }
}

#[test]
fn exif_turns_the_picture() {
    assert_eq!(picture("pictures/rgb.png").dimensions(), (40, 28));
    assert_eq!(picture("pictures/turned.jpg").dimensions(), (28, 40));
}

/// The format is the content's, whatever the name says.
#[test]
fn names_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("really.png");
    fs::copy(golden("pictures/420.jpg"), &path).unwrap();
    assert_eq!(
        read_rgb(&path, &Limits::default()).unwrap(),
        picture("pictures/420.jpg")
    );
}

#[test]
fn a_jpeg_cut_at_any_byte_is_truncated() {
    for name in [
        "420.jpg",
        "progressive.jpg",
        "restarts.jpg",
        "turned.jpg",
        "grey.jpg",
    ] {
        let bytes = fs::read(golden(&format!("pictures/{name}"))).unwrap();
        let whole = decode(&bytes).unwrap();
        for end in 3..bytes.len() {
            match decode(&bytes[..end]) {
                Ok(picture) => {
                    // No more is missing than the end marker and bits that say nothing.
                    assert!(
                        picture == whole && end + 4 >= bytes.len(),
                        "{name} at {end}"
                    );
                }
                Err(error) => assert!(
                    matches!(error, PictureError::Truncated { .. }),
                    "{name} at {end}: {error}"
                ),
            }
        }
    }
}

/// Entropy-coded data that are missing in the middle, although the end marker is there.
#[test]
fn a_jpeg_without_half_its_data_is_damaged() {
    for name in ["420.jpg", "444.jpg", "grey.jpg"] {
        let bytes = fs::read(golden(&format!("pictures/{name}"))).unwrap();
        let scan = bytes.windows(2).position(|w| w == [0xFF, 0xDA]).unwrap() + 14;
        for kept in [0, 10, 100] {
            let mut short = bytes[..scan + kept].to_vec();
            short.extend([0xFF, 0xD9]);
            let error = decode(&short).unwrap_err();
            assert!(
                matches!(
                    error,
                    PictureError::Truncated { .. } | PictureError::Damaged { .. }
                ),
                "{name}: {error}"
            );
        }
    }
}

/// A thumbnail's end marker inside a segment is not the picture's, and bytes after it are no harm.
#[test]
fn the_end_marker_must_be_the_pictures_own() {
    let bytes = fs::read(golden("pictures/420.jpg")).unwrap();
    let comment = [0xFF, 0xFE, 0x00, 0x06, 0xFF, 0xD8, 0xFF, 0xD9];
    let with_comment = [&bytes[..2], &comment, &bytes[2..]].concat();
    assert_eq!(decode(&with_comment).unwrap(), picture("pictures/420.jpg"));
    let cut = &with_comment[..with_comment.len() - 2];
    assert_eq!(decode(cut).unwrap(), picture("pictures/420.jpg"));
    let with_tail = [&bytes[..], b"what a phone appends"].concat();
    assert_eq!(decode(&with_tail).unwrap(), picture("pictures/420.jpg"));
}

/// Of other formats only what follows the pixels may be missing: at every cut there is an error or
/// the whole picture, never a part of it.
#[test]
fn other_formats_cut_at_any_byte_are_whole_or_errors() {
    for name in [
        "rgb.png",
        "palette.png",
        "rgb16.png",
        "rgb.bmp",
        "rgb.tiff",
        "rgb.ppm",
        "rgb.webp",
        "palette.gif",
    ] {
        let bytes = fs::read(golden(&format!("pictures/{name}"))).unwrap();
        let whole = decode(&bytes).unwrap();
        for end in 0..bytes.len() {
            if let Ok(part) = decode(&bytes[..end]) {
                assert!(part == whole, "{name} at {end} of {}", bytes.len());
            }
        }
        assert!(decode(&bytes[..bytes.len() / 2]).is_err(), "{name}");
    }
    let bytes = fs::read(golden("pictures/rgb.png")).unwrap();
    let half = decode(&bytes[..bytes.len() / 2]).unwrap_err();
    assert!(matches!(half, PictureError::Truncated { .. }), "{half}");
}

#[test]
fn what_is_no_picture_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.png");
    for content in [
        "a text file",
        "",
        "<svg/>",
        "%PDF-1.4",
        "\0\0\0\0\0\0\0\0\0\0\0\0",
    ] {
        fs::write(&path, content).unwrap();
        let error = read_rgb(&path, &Limits::default()).unwrap_err();
        assert!(
            matches!(error, PictureError::NotAPicture { .. }),
            "{content}: {error}"
        );
        assert!(error.to_string().contains("notes.png"), "{error}");
    }
    let error = read_rgb(folder.path(), &Limits::default()).unwrap_err();
    assert!(matches!(error, PictureError::NotAPicture { .. }), "{error}");
    let error = read_rgb(folder.path().join("none.png"), &Limits::default()).unwrap_err();
    assert!(matches!(error, PictureError::Io { .. }), "{error}");
}

#[test]
fn formats_that_are_not_decoded_are_unsupported() {
    // An AVIF's first bytes, and a lossless JPEG's frame header.
    let avif = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf";
    assert!(matches!(
        decode(avif),
        Err(PictureError::Unsupported { .. })
    ));
    let mut lossless = fs::read(golden("pictures/420.jpg")).unwrap();
    let frame = lossless.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    lossless[frame + 1] = 0xC3;
    let error = decode(&lossless).unwrap_err();
    assert!(matches!(error, PictureError::Unsupported { .. }), "{error}");
}

#[test]
fn limits_hold_before_memory_is_taken() {
    let bomb = read_rgb(golden("bomb.png"), &Limits::default()).unwrap_err();
    assert!(matches!(bomb, PictureError::TooLarge { .. }), "{bomb}");
    // A JPEG whose header claims 65,000 x 65,000.
    let mut jpeg = fs::read(golden("pictures/420.jpg")).unwrap();
    let frame = jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    for at in [frame + 5, frame + 7] {
        jpeg[at..at + 2].copy_from_slice(&65_000_u16.to_be_bytes());
    }
    assert!(matches!(decode(&jpeg), Err(PictureError::TooLarge { .. })));
    for limits in [
        Limits {
            max_side: 39,
            ..Limits::default()
        },
        Limits {
            max_pixels: 40 * 28 - 1,
            ..Limits::default()
        },
        Limits {
            max_bytes: 500,
            ..Limits::default()
        },
    ] {
        for name in ["rgb.png", "420.jpg"] {
            let error = read_rgb(golden(&format!("pictures/{name}")), &limits).unwrap_err();
            assert!(
                matches!(error, PictureError::TooLarge { .. }),
                "{name}: {error}"
            );
        }
    }
    let exact = Limits {
        max_side: 40,
        max_pixels: 40 * 28,
        max_bytes: 1 << 20,
    };
    read_rgb(golden("pictures/rgb.png"), &exact).unwrap();
    read_rgb(golden("pictures/420.jpg"), &exact).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever the bytes, an answer and no panic.
    #[test]
    fn damaged_files_do_not_panic(
        which in 0..8_usize,
        hits in prop::collection::vec((0.0..1.0_f64, any::<u8>()), 1..8),
    ) {
        let name = ["rgb.png", "rgb.bmp", "rgb.tiff", "rgb.webp", "palette.gif", "420.jpg", "progressive.jpg", "restarts.jpg"][which];
        let mut bytes = fs::read(golden(&format!("pictures/{name}"))).unwrap();
        for (place, value) in hits {
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] = value;
        }
        let limits = Limits { max_pixels: 1_000_000, ..Limits::default() };
        let _ = decode_rgb(&bytes, Path::new("bytes"), &limits);
        let _ = decode_mask(&bytes, Path::new("bytes"), &limits);
    }
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits::default();
    let scene = picture("crops/scene.png");
    let png = folder.path().join("a.png");
    write_png(&png, &scene).unwrap();
    assert_eq!(read_rgb(&png, &limits).unwrap(), scene);

    let jpeg = folder.path().join("a.jpg");
    let mut last = f64::INFINITY;
    for quality in [10, 50, 90] {
        write_jpeg(&jpeg, &scene, quality).unwrap();
        let (_, mean) = difference(&read_rgb(&jpeg, &limits).unwrap(), &scene);
        assert!(mean < last, "quality {quality}: {mean}");
        last = mean;
    }
    // 4:2:0: the first component is sampled 2 x 2, the others 1 x 1.
    let bytes = fs::read(&jpeg).unwrap();
    let frame = bytes.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    assert_eq!([11, 14, 17].map(|k| bytes[frame + k]), [0x22, 0x11, 0x11]);

    let mask = Mask::from_fn(16, 16, |x, y| Luma([(x + 16 * y) as f32 / 255.0]));
    write_mask(&png, &mask).unwrap();
    let back = read_mask(&png, &limits).unwrap();
    for (a, b) in mask.pixels().zip(back.pixels()) {
        assert!((a[0] - b[0]).abs() < 1e-6);
    }
    // Nothing temporary stays behind.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_failed_write_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let scene = RgbImage::from_pixel(4, 4, Rgb([1, 2, 3]));
    let taken = folder.path().join("taken");
    fs::create_dir_all(taken.join("inside")).unwrap();
    // A folder cannot be replaced by a file, nor a file be written into a folder that is not there.
    for path in [taken.clone(), folder.path().join("none/a.png"), "/".into()] {
        let error = write_png(&path, &scene).unwrap_err();
        assert!(matches!(error, PictureError::Io { .. }), "{error}");
    }
    assert!(matches!(
        write_png(folder.path().join("b"), &RgbImage::new(0, 0)),
        Err(PictureError::Io { .. })
    ));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let wide = RgbImage::new(65_536, 1);
    let error = write_jpeg(folder.path().join("wide.jpg"), &wide, 90).unwrap_err();
    assert!(matches!(error, PictureError::TooLarge { .. }), "{error}");
}

/// Eight threads write one file over and over while it is read: never half a file.
#[test]
fn readers_never_see_half_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared");
    write_atomically(&path, &[0; 50_000]).unwrap();
    std::thread::scope(|scope| {
        for byte in 1..=4_u8 {
            let path = &path;
            scope.spawn(move || {
                for _ in 0..25 {
                    write_atomically(path, &vec![byte; 50_000]).unwrap();
                }
            });
        }
        for _ in 0..100 {
            let bytes = fs::read(&path).unwrap();
            assert!(bytes.len() == 50_000 && bytes.iter().all(|b| *b == bytes[0]));
        }
    });
}
