//! Pictures that are valid, or nearly so, and that decoders stumble over.

use std::fs;
use std::path::Path;

use crate::common::{difference, golden, picture};
use face_preproc::pictures::{Limits, PictureError, decode_rgb};
use image::{Rgb, RgbImage};

fn decode(bytes: &[u8]) -> Result<RgbImage, PictureError> {
    decode_rgb(bytes, Path::new("bytes"), &Limits::default())
}

/// `cjpeg`'s options, and its scans in the order and the groups that a script says, against libjpeg.
#[test]
fn every_option_of_cjpeg_reads_as_libjpeg_reads_it() {
    let folder = golden("cjpeg");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".jpg"))
        .collect();
    names.sort();
    assert!(names.len() >= 20, "{names:?}");
    for name in names {
        let expected = picture(&format!("cjpeg/{name}.png"));
        let (_, mean) = difference(&picture(&format!("cjpeg/{name}")), &expected);
        assert!(mean <= 2.0, "{name}: {mean}");
    }
}

/// Scans of their own, cut anywhere or emptied, are whole or errors, never a part of the picture.
#[test]
fn separate_scans_that_are_cut_are_errors() {
    let bytes = fs::read(golden("cjpeg/420-apart.jpg")).unwrap();
    let whole = decode(&bytes).unwrap();
    for end in (3..bytes.len()).step_by(7) {
        if let Ok(picture) = decode(&bytes[..end]) {
            assert!(picture == whole, "cut at {end}");
        }
    }
    let scans: Vec<usize> = (0..bytes.len() - 1)
        .filter(|&at| bytes[at..at + 2] == [0xFF, 0xDA])
        .collect();
    assert_eq!(scans.len(), 3);
    for (start, next) in [(scans[0], scans[1]), (scans[1], scans[2])] {
        let next = (start..next)
            .rev()
            .find(|&at| bytes[at - 1] != 0xFF && bytes[at] == 0xFF && bytes[at + 1] >= 0xC0);
        let emptied = [&bytes[..start + 10], &bytes[next.unwrap_or(scans[1])..]].concat();
        if let Ok(picture) = decode(&emptied) {
            assert!(picture == whole, "emptied at {start}");
        }
    }
}

/// Bytes that belong to nothing, between the segments of a JPEG.
#[test]
fn bytes_between_the_headers_of_a_jpeg_are_passed_over() {
    for name in ["420.jpg", "progressive.jpg", "turned.jpg"] {
        let bytes = fs::read(golden(&format!("pictures/{name}"))).unwrap();
        let table = bytes.windows(2).position(|w| w == [0xFF, 0xDB]).unwrap();
        for place in [2, table] {
            let stray = [&bytes[..place], &[0, 0, 7, 0], &bytes[place..]].concat();
            assert_eq!(decode(&stray).unwrap(), decode(&bytes).unwrap(), "{name}");
        }
    }
}

/// The headers of a progressive picture's scans say whether there is one for every bit.
#[test]
fn a_progressive_jpeg_needs_no_end_marker_but_every_scan() {
    for name in ["pictures/progressive.jpg", "cjpeg/420-progressive.jpg"] {
        let bytes = fs::read(golden(name)).unwrap();
        let whole = decode(&bytes).unwrap();
        let end = bytes.len() - 2;
        assert_eq!(bytes[end..], [0xFF, 0xD9]);
        assert_eq!(decode(&bytes[..end]).unwrap(), whole, "{name}");
        let last = bytes.windows(2).rposition(|w| w == [0xFF, 0xDA]).unwrap();
        for end in [last - 1, last + 20] {
            let error = decode(&bytes[..end]).unwrap_err();
            assert!(matches!(error, PictureError::Truncated { .. }), "{error}");
        }
        for end in (3..end).step_by(11) {
            if let Ok(picture) = decode(&bytes[..end]) {
                assert!(picture == whole, "{name} cut at {end}");
            }
        }
    }
}

#[test]
fn an_orientation_written_as_a_long_number_turns_the_picture() {
    let mut bytes = fs::read(golden("pictures/turned.jpg")).unwrap();
    let tag = bytes
        .windows(4)
        .position(|w| w == [0x01, 0x12, 0, 3])
        .unwrap();
    bytes[tag + 3] = 4;
    bytes[tag + 8..tag + 12].copy_from_slice(&[0, 0, 0, 6]);
    assert_eq!(decode(&bytes).unwrap(), picture("pictures/turned.jpg"));
}

#[test]
fn what_is_transparent_is_white() {
    let clear = image::RgbaImage::from_pixel(8, 8, image::Rgba([200, 30, 10, 0]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    clear.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let read = decode(bytes.get_ref()).unwrap();
    assert!(read.pixels().all(|pixel| *pixel == Rgb([255; 3])));
}

#[test]
fn other_kinds_of_file_are_named() {
    let brand = |brand: &[u8; 4]| [b"\0\0\0\x1cftyp", &brand[..], b"\0\0\0\0mif1"].concat();
    for (bytes, kind) in [
        (brand(b"heic"), "HEIC"),
        (brand(b"avif"), "AVIF is not read here"),
        (brand(b"isom"), "a video (MP4"),
        (b"\x1a\x45\xdf\xa3....".to_vec(), "a video (Matroska"),
        (b"\xff\x0a\0\0".to_vec(), "JPEG XL"),
        (b"%PDF-1.4".to_vec(), "a PDF"),
    ] {
        let error = decode(&bytes).unwrap_err().to_string();
        assert!(error.contains(kind), "{error}");
    }
}
