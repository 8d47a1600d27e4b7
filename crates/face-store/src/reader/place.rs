//! Where a crop lies, as its row says and as far as that can be.

use std::path::Path;

use face_preproc::manifest::Row;
use face_preproc::pictures::Limits;

use crate::error::{StoreError, damaged};

/// A stretch of a shard, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) offset: u64,
    pub(super) size: usize,
}

/// Where a crop lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) shard: u32,
    pub(super) picture: Span,
    pub(super) mask: Option<Span>,
}

/// The places of all rows, which must ascend by shard and lie within their shards' `lengths`, in
/// bytes. `index` names the rows' file in errors.
pub(super) fn all(index: &Path, rows: &[Row], lengths: &[u64]) -> Result<Vec<Place>, StoreError> {
    let bad = |i: usize| damaged(index, format!("row {i} has no place in any shard"));
    let mut places: Vec<Place> = Vec::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        let place = place(row, lengths).ok_or_else(|| bad(i))?;
        if places.last().is_some_and(|last| last.shard > place.shard) {
            return Err(damaged(index, format!("row {i} is out of order")));
        }
        places.push(place);
    }
    Ok(places)
}

fn place(row: &Row, lengths: &[u64]) -> Option<Place> {
    let number = |key: &str| row.extra.get(key)?.as_u64();
    let shard = u32::try_from(number("shard")?).ok()?;
    let length = *lengths.get(shard as usize)?;
    let span = |offset: &str, bytes: &str| {
        let (offset, size) = (number(offset)?, number(bytes)?);
        let fits = size <= Limits::default().max_bytes && offset.checked_add(size)? <= length;
        fits.then_some(Span {
            offset,
            size: size as usize,
        })
    };
    Some(Place {
        shard,
        picture: span("picture_offset", "picture_bytes")?,
        mask: match row.mask {
            Some(_) => Some(span("mask_offset", "mask_bytes")?),
            None => None,
        },
    })
}
