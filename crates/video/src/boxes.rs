//! Boxes of ISO/IEC 14496-12 section 4.2: finding them, in memory and in a file.

use std::io::{Read, Seek, SeekFrom};

use crate::{Limits, VideoError};

/// More top-level boxes than any real file has, so that a file of empty boxes is refused.
const MAX_TOP_LEVEL_BOXES: u64 = 1 << 20;

/// One box in memory.
#[derive(Clone, Copy)]
pub(crate) struct Boxed<'a> {
    /// Four-character code.
    pub(crate) kind: [u8; 4],
    /// Header and payload, as the decoders of `shiguredo_mp4` want it.
    pub(crate) whole: &'a [u8],
    /// What follows the header.
    pub(crate) payload: &'a [u8],
}

/// The boxes that lie one behind the other in `bytes`. Fewer than eight bytes at the end are not a
/// box: QuickTime closes some lists with four zeros.
pub(crate) fn children(bytes: &[u8]) -> Result<Vec<Boxed<'_>>, VideoError> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while rest.len() >= 8 {
        let (kind, header, size) = parse_header(rest, rest.len() as u64);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size < header || size > rest.len() {
            return Err(VideoError::Damaged(format!(
                "box `{}` claims {size} bytes where {} are left",
                kind.escape_ascii(),
                rest.len()
            )));
        }
        let (whole, behind) = rest.split_at(size);
        found.push(Boxed {
            kind,
            whole,
            payload: &whole[header..],
        });
        rest = behind;
    }
    Ok(found)
}

/// The first box of `kind` among `boxes`.
pub(crate) fn find<'a>(boxes: &[Boxed<'a>], kind: &[u8; 4]) -> Option<Boxed<'a>> {
    boxes.iter().find(|b| &b.kind == kind).copied()
}

/// [`find`], or an error that names what is missing.
pub(crate) fn require<'a>(boxes: &[Boxed<'a>], kind: &[u8; 4]) -> Result<Boxed<'a>, VideoError> {
    find(boxes, kind)
        .ok_or_else(|| VideoError::Damaged(format!("box `{}` is missing", kind.escape_ascii())))
}

/// Code, length of the header and size of the box at the start of `bytes` (8 or more); `left` is
/// the size of a box that reaches to the end. A 64-bit size that is cut off counts as too large.
fn parse_header(bytes: &[u8], left: u64) -> ([u8; 4], usize, u64) {
    let kind = [bytes[4], bytes[5], bytes[6], bytes[7]];
    match u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) {
        0 => (kind, 8, left),
        1 => {
            let size = bytes.get(8..16).and_then(|b| b.try_into().ok());
            (kind, 16, size.map_or(u64::MAX, u64::from_be_bytes))
        }
        size => (kind, 8, u64::from(size)),
    }
}

/// The index boxes of a file.
pub(crate) struct IndexBoxes {
    /// Payload of `moov`.
    pub(crate) movie: Vec<u8>,
    /// Place in the file and payload of each `moof`.
    pub(crate) fragments: Vec<(u64, Vec<u8>)>,
    /// The last box reaches beyond the end of the file.
    pub(crate) cut_off: bool,
}

/// Reads `moov` and every `moof`, and nothing of the pictures.
pub(crate) fn read_index(
    file: &mut (impl Read + Seek),
    limits: &Limits,
) -> Result<IndexBoxes, VideoError> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut index = IndexBoxes {
        movie: Vec::new(),
        fragments: Vec::new(),
        cut_off: false,
    };
    let (mut position, mut count, mut index_bytes) = (0, 0, 0);
    while position + 8 <= length && !index.cut_off {
        let mut bytes = [0; 16];
        let available = usize::try_from(length - position).map_or(16, |left| left.min(16));
        file.seek(SeekFrom::Start(position))?;
        file.read_exact(&mut bytes[..available])?;
        let (kind, header, size) = parse_header(&bytes[..available], length - position);
        count += 1;
        VideoError::check("number of top-level boxes", count, MAX_TOP_LEVEL_BOXES)?;
        if size < header as u64 {
            return Err(VideoError::Damaged(format!(
                "box `{}` claims {size} bytes",
                kind.escape_ascii()
            )));
        }
        index.cut_off = size > length - position;
        if !index.cut_off && (&kind == b"moof" || (&kind == b"moov" && index.movie.is_empty())) {
            index_bytes += size;
            VideoError::check("bytes of the index", index_bytes, limits.max_index_bytes)?;
            let mut payload = vec![0; size as usize - header];
            file.seek(SeekFrom::Start(position + header as u64))?;
            file.read_exact(&mut payload)?;
            match &kind {
                b"moov" => index.movie = payload,
                _ => index.fragments.push((position, payload)),
            }
        }
        position = position.saturating_add(size);
    }
    // Too few bytes for a header are the beginning of one, but for zeros, which tools leave at the end:
    // a size has no four of them.
    if position < length {
        let mut rest = Vec::new();
        file.seek(SeekFrom::Start(position))?;
        file.take(8).read_to_end(&mut rest)?;
        index.cut_off |= rest.len() < 4 || rest.iter().any(|&byte| byte != 0);
    }
    match index.movie.is_empty() {
        true if index.cut_off => Err(VideoError::truncated(
            "its index (`moov`) is not there; a whole copy is needed",
        )),
        true => Err(VideoError::Damaged("box `moov` is missing".to_owned())),
        false => Ok(index),
    }
}
