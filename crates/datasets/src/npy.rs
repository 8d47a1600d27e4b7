//! Landmarks in NumPy's format.

use face_preproc::geometry::{Landmarks68, all_finite};

use crate::error::ListError;

/// The most points: the detectors in use give 68 or 81.
const MOST: usize = 1024;

/// The first 68 of a frame's landmarks, in pixels: a file of an array `[points, 2]` of floating-point
/// or whole numbers, as `numpy.save` writes it. Detectors of 81 points have dlib's 68 first.
///
/// # Errors
///
/// [`ListError`] for anything else.
pub fn parse_npy(bytes: &[u8]) -> Result<Landmarks68, ListError> {
    landmarks(bytes).ok_or_else(|| {
        ListError::entry("landmarks", "expected an array of 68 or more finite pairs")
    })
}

/// Magic, version 1.0, the header's length in two bytes, the header, the numbers. The header is a
/// dictionary in Python's notation (NumPy's `numpy.lib.format`), always with the same three keys.
fn landmarks(bytes: &[u8]) -> Option<Landmarks68> {
    let (length, rest) = bytes
        .strip_prefix(b"\x93NUMPY\x01\0")?
        .split_first_chunk()?;
    let (header, numbers) = rest.split_at_checked(u16::from_le_bytes(*length).into())?;
    let header = str::from_utf8(header).ok()?;
    let value = |key: &str| Some(header.split_once(key)?.1.trim_start());

    let kind = value("'descr':")?.strip_prefix('\'')?.split('\'').next()?;
    let columns_first = value("'fortran_order':")?.starts_with("True");
    let shape = value("'shape':")?.strip_prefix('(')?.split(')').next()?;
    let (points, two) = shape.split_once(',')?;
    let points: usize = points.trim().parse().ok()?;
    if two.trim() != "2" || !(68..=MOST).contains(&points) {
        return None;
    }
    let read = Number::named(kind)?;
    let at = |i: usize| read.at(numbers, i);
    let mut landmarks = [[0.0; 2]; 68];
    // All of them have to be there, although not all are used.
    at(2 * points - 1)?;
    for (i, point) in landmarks.iter_mut().enumerate() {
        *point = match columns_first {
            true => [at(i)?, at(points + i)?],
            false => [at(2 * i)?, at(2 * i + 1)?],
        };
    }
    all_finite(&landmarks).then_some(landmarks)
}

/// Little-endian numbers in the types that landmarks are kept in.
#[derive(Clone, Copy)]
enum Number {
    F32,
    F64,
    I32,
    I64,
}

impl Number {
    fn named(kind: &str) -> Option<Self> {
        match kind {
            "<f4" => Some(Self::F32),
            "<f8" => Some(Self::F64),
            "<i4" => Some(Self::I32),
            "<i8" => Some(Self::I64),
            _ => None,
        }
    }

    fn at(self, bytes: &[u8], i: usize) -> Option<f32> {
        fn chunk<const N: usize>(bytes: &[u8], i: usize) -> Option<[u8; N]> {
            bytes.get(N * i..N * (i + 1))?.try_into().ok()
        }
        Some(match self {
            Self::F32 => f32::from_le_bytes(chunk(bytes, i)?),
            Self::F64 => f64::from_le_bytes(chunk(bytes, i)?) as f32,
            Self::I32 => i32::from_le_bytes(chunk(bytes, i)?) as f32,
            Self::I64 => i64::from_le_bytes(chunk(bytes, i)?) as f32,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file as NumPy writes it.
    fn npy(dtype: &str, order: bool, shape: &str, numbers: &[u8]) -> Vec<u8> {
        let order = if order { "True" } else { "False" };
        let mut header =
            format!("{{'descr': '{dtype}', 'fortran_order': {order}, 'shape': {shape}, }}");
        header = format!("{header:<117}\n");
        [
            b"\x93NUMPY\x01\0",
            &(header.len() as u16).to_le_bytes()[..],
            header.as_bytes(),
            numbers,
        ]
        .concat()
    }

    #[test]
    fn landmarks_are_read_in_the_types_in_use() {
        let pairs: Vec<[i32; 2]> = (0..81).map(|i| [i, 1000 - i]).collect();
        let flat: Vec<i32> = pairs.concat();
        let columns: Vec<i32> = pairs
            .iter()
            .map(|p| p[0])
            .chain(pairs.iter().map(|p| p[1]))
            .collect();
        let f4 = flat
            .iter()
            .flat_map(|&n| (n as f32).to_le_bytes())
            .collect::<Vec<_>>();
        let f8 = columns
            .iter()
            .flat_map(|&n| f64::from(n).to_le_bytes())
            .collect::<Vec<_>>();
        let i8 = flat
            .iter()
            .flat_map(|&n| i64::from(n).to_le_bytes())
            .collect::<Vec<_>>();
        let i4 = flat
            .iter()
            .flat_map(|&n| n.to_le_bytes())
            .collect::<Vec<_>>();
        for file in [
            npy("<f4", false, "(81, 2)", &f4),
            npy("<f8", true, "(81, 2)", &f8),
            npy("<i8", false, "(81, 2)", &i8),
            npy("<i4", false, "(81, 2)", &i4),
        ] {
            let landmarks = parse_npy(&file).unwrap();
            assert_eq!(
                (landmarks[0], landmarks[67]),
                ([0.0, 1000.0], [67.0, 933.0])
            );
        }
        let nan = f32::NAN.to_le_bytes().repeat(162);
        for file in [
            npy("<f4", false, "(81, 2)", &nan),
            npy("<f4", false, "(81, 2)", &f4[..500]),
            npy("<f4", false, "(67, 2)", &f4),
            npy("<f4", false, "(2, 81)", &f4),
            npy("<f4", false, "(18446744073709551615, 2)", &f4),
            npy("|O", false, "(81, 2)", &f4),
            npy("<f4", false, &"(".repeat(60_000), &f4),
            b"\x93NUMPY\x02\0\xff\xff\xff\xff".to_vec(),
            Vec::new(),
        ] {
            assert!(parse_npy(&file).is_err());
        }
    }
}
