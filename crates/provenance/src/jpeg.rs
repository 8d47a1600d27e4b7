//! How strongly a JPEG was compressed the last time it was saved.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};

use crate::fact::Fact;

/// Luminance quantisation of quality 50, in zigzag order (ITU-T T.81, table K.1).
const STANDARD: [u16; 64] = [
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37,
    29, 40, 58, 51, 61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81,
    87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
];

/// Segments before the picture that are looked at.
const SEGMENTS: usize = 200;

/// What a JPEG's tables say; nothing of other pictures.
pub(crate) fn facts(path: &Path) -> Option<Fact> {
    let table = luminance(BufReader::new(File::open(path).ok()?))?;
    let (quality, standard) = quality(&table);
    let whose = match standard {
        true => "the standard's tables, as most programs use them",
        false => "tables of its own, as cameras and some programs use them",
    };
    let told = format!("last saved at a quality of about {quality} of 100, by {whose}");
    Some(Fact::new("JPEG", told))
}

/// The first quantisation table, in zigzag order.
fn luminance(mut reader: impl Read) -> Option<[u16; 64]> {
    let mut two = [0; 2];
    reader.read_exact(&mut two).ok()?;
    if two != [0xff, 0xd8] {
        return None;
    }
    for _ in 0..SEGMENTS {
        reader.read_exact(&mut two).ok()?;
        let [0xff, marker] = two else { return None };
        reader.read_exact(&mut two).ok()?;
        let length = usize::from(u16::from_be_bytes(two)).checked_sub(2)?;
        let mut segment = vec![0; length];
        reader.read_exact(&mut segment).ok()?;
        match marker {
            0xdb => {
                let (&kind, values) = segment.split_first()?;
                let mut table = [0; 64];
                for (place, value) in table.iter_mut().enumerate() {
                    *value = match kind >> 4 {
                        0 => u16::from(*values.get(place)?),
                        _ => u16::from_be_bytes([
                            *values.get(2 * place)?,
                            *values.get(2 * place + 1)?,
                        ]),
                    };
                }
                return Some(table);
            }
            // The picture begins.
            0xda => return None,
            _ => {}
        }
    }
    None
}

/// The quality, 1 to 100, whose standard table has the same sum; and whether that table is this one.
fn quality(table: &[u16; 64]) -> (u32, bool) {
    let sum = |table: &[u16; 64]| table.iter().map(|value| u32::from(*value)).sum::<u32>();
    let wanted = sum(table);
    let apart = |quality: &u32| sum(&scaled(*quality)).abs_diff(wanted);
    let nearest = (1..=100).rev().min_by_key(apart).unwrap_or(100);
    (nearest, scaled(nearest) == *table)
}

/// The standard's table at a quality, as the Independent JPEG Group scales it.
fn scaled(quality: u32) -> [u16; 64] {
    let percent = match quality {
        0..50 => 5000 / quality.max(1),
        _ => 200 - 2 * quality,
    };
    STANDARD.map(|value| ((u32::from(value) * percent + 50) / 100).clamp(1, 255) as u16)
}

#[cfg(test)]
mod tests {
    use face_preproc::pictures::encode_jpeg;
    use image::RgbImage;

    use super::*;

    #[test]
    fn the_quality_is_that_of_the_encoder() {
        for asked in [5, 40, 75, 90, 100] {
            let bytes = encode_jpeg(&RgbImage::new(8, 8), asked).unwrap();
            let table = luminance(&bytes[..]).unwrap();
            assert_eq!(quality(&table), (u32::from(asked), true));
            for length in 0..bytes.len() {
                luminance(&bytes[..length]);
            }
        }
        let mut own = scaled(80);
        own[5] += 1;
        assert!(!quality(&own).1);
    }
}
