//! How a picture is to be turned, from its EXIF block.

use image::metadata::Orientation;

/// The tag of the orientation, and the two kinds of number that it is written as: the standard's and
/// one that programs write, and others read, all the same.
const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;
const LONG: u16 = 4;

/// The orientation in an EXIF block (a TIFF header and its first directory), if it says one.
pub(super) fn orientation(block: &[u8]) -> Option<Orientation> {
    let big = match block.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes: [u8; 2] = block.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(match big {
            true => u16::from_be_bytes(bytes),
            false => u16::from_le_bytes(bytes),
        })
    };
    let long = |at: usize| {
        let bytes: [u8; 4] = block.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(match big {
            true => u32::from_be_bytes(bytes),
            false => u32::from_le_bytes(bytes),
        })
    };
    let directory = long(4)? as usize;
    let entries = usize::from(short(directory)?);
    let first = directory.checked_add(2)?;
    let entry = (0..entries)
        .map(|index| first.saturating_add(12 * index))
        .find(|&at| short(at) == Some(ORIENTATION))?;
    let value = match short(entry + 2)? {
        SHORT => u32::from(short(entry + 8)?),
        LONG => long(entry + 8)?,
        _ => return None,
    };
    Orientation::from_exif(u8::try_from(value).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(big: bool, kind: u16, value: &[u8]) -> Vec<u8> {
        let turned = |mut bytes: Vec<u8>| {
            if !big {
                bytes.reverse();
            }
            bytes
        };
        let short = |number: u16| turned(number.to_be_bytes().to_vec());
        let long = |number: u32| turned(number.to_be_bytes().to_vec());
        let start = if big { b"MM\0*" } else { b"II*\0" };
        [
            start.to_vec(),
            long(8),
            short(1),
            short(ORIENTATION),
            short(kind),
            long(1),
            value.to_vec(),
        ]
        .concat()
    }

    #[test]
    fn both_kinds_of_number_and_both_orders_of_bytes_count() {
        for (big, kind, value) in [
            (true, SHORT, [0, 6, 0, 0]),
            (true, LONG, [0, 0, 0, 6]),
            (false, SHORT, [6, 0, 0, 0]),
            (false, LONG, [6, 0, 0, 0]),
        ] {
            let block = block(big, kind, &value);
            assert_eq!(orientation(&block), Some(Orientation::Rotate90));
            for end in 0..block.len() {
                orientation(&block[..end]);
            }
        }
    }

    #[test]
    fn what_says_nothing_turns_nothing() {
        for block in [
            block(true, LONG, &[1, 0, 0, 6]),
            block(true, 7, &[0, 0, 0, 6]),
            block(true, SHORT, &[0, 9, 0, 0]),
            b"Exif\0\0MM\0*".to_vec(),
            vec![],
        ] {
            assert_eq!(orientation(&block), None);
        }
    }
}
