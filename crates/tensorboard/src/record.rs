//! TFRecord: the frames of a file of records.

use std::io::{self, Write};

/// What TensorFlow adds to a rotated checksum, so that the checksum of data that hold a checksum is not
/// degenerate.
const MASK: u32 = 0xa282_ead8;

fn masked(bytes: &[u8]) -> [u8; 4] {
    let crc = crc32c::crc32c(bytes);
    crc.rotate_right(15).wrapping_add(MASK).to_le_bytes()
}

/// Writes one record, in one call.
pub(crate) fn write(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = (bytes.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(bytes.len() + 16);
    record.extend(length);
    record.extend(masked(&length));
    record.extend(bytes);
    record.extend(masked(bytes));
    out.write_all(&record)
}
