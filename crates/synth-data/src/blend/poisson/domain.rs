//! Where the equation is solved, and where the source guides it.

use crate::{mask::Mask, region::Region};

/// Pixels by which the region of the source's gradients is eroded, OpenCV's choice: gradients
/// that straddle the mask's edge belong to neither picture.
const EROSION: usize = 3;

/// The share of the mask's greatest value from which a pixel belongs to the region.
const INSIDE: f32 = 0.5;

/// The box to solve on, and for each of its pixels whether the source guides it. `None` when the
/// box has no interior.
pub(super) fn domain(mask: &Mask) -> Option<(Region, Vec<bool>)> {
    if mask.width() < 3 || mask.height() < 3 {
        return None;
    }
    let width = mask.width() as usize;
    let threshold = INSIDE * greatest(mask.as_raw());
    let mut binary: Vec<bool> = mask
        .as_raw()
        .iter()
        .map(|&m| (m > 0.0) & (m >= threshold))
        .collect();
    // The frame is never inside.
    for row in binary.chunks_exact_mut(width) {
        (row[0], row[width - 1]) = (false, false);
    }
    let last = binary.len() - width;
    binary[..width].fill(false);
    binary[last..].fill(false);

    let region = bounds(&binary, width)?;
    if region.width < 3 || region.height < 3 {
        return None;
    }
    let (x, columns) = (region.x as usize, region.width as usize);
    let mut inside = Vec::with_capacity(columns * region.height as usize);
    for row in binary.chunks_exact(width).skip(region.y as usize) {
        inside.extend_from_slice(&row[x..x + columns]);
    }
    inside.truncate(columns * region.height as usize);
    // A small part of a face may vanish under the full erosion.
    let eroded = (0..=EROSION)
        .rev()
        .map(|radius| erode(&inside, columns, radius))
        .find(|eroded| eroded.contains(&true))?;
    Some((region, eroded))
}

/// The greatest of some numbers from zero, many at once.
fn greatest(values: &[f32]) -> f32 {
    let mut most = [0.0; 16];
    for chunk in values.chunks(most.len()) {
        for (most, &v) in most.iter_mut().zip(chunk) {
            *most = if v > *most { v } else { *most };
        }
    }
    most.into_iter().fold(0.0, f32::max)
}

/// The smallest region that holds every pixel set.
fn bounds(binary: &[bool], width: usize) -> Option<Region> {
    let set = |row: &[bool]| row.iter().fold(false, |any, v| any | v);
    let rows = || binary.chunks_exact(width);
    let top = rows().position(set)?;
    let bottom = rows().rposition(set)?;
    let mut columns = vec![false; width];
    for row in rows().take(bottom + 1).skip(top) {
        columns.iter_mut().zip(row).for_each(|(c, v)| *c |= v);
    }
    let left = columns.iter().position(|&v| v)?;
    let right = columns.iter().rposition(|&v| v)?;
    Some(Region {
        x: left as u32,
        y: top as u32,
        width: (right + 1 - left) as u32,
        height: (bottom + 1 - top) as u32,
    })
}

/// Whether all pixels within `radius` in rows and columns are set; beyond the box none is.
fn erode(inside: &[bool], width: usize, radius: usize) -> Vec<bool> {
    let height = inside.len() / width;
    let mut out = vec![false; inside.len()];
    if width.min(height) <= 2 * radius {
        return out;
    }
    let mut column = vec![false; width];
    for (y, out) in out.chunks_exact_mut(width).enumerate() {
        if y < radius || y + radius >= height {
            continue;
        }
        column.fill(true);
        let window = inside.chunks_exact(width).skip(y - radius);
        for row in window.take(2 * radius + 1) {
            column.iter_mut().zip(row).for_each(|(c, v)| *c &= v);
        }
        let middle = &mut out[radius..width - radius];
        middle.fill(true);
        for shift in 0..=2 * radius {
            let shifted = &column[shift..];
            middle.iter_mut().zip(shifted).for_each(|(o, v)| *o &= v);
        }
    }
    out
}
