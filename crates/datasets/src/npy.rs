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
