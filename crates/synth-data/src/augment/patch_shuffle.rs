//! Neighbouring patches exchanged, and mask, landmarks and boxes with them.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::sample::Sample;
use crate::{boxes, error::Error, region::Region};

/// The picture divided into a grid of patches of which neighbours change places: an option of
/// LiSiam's official code, after Chen et al., "Destruction and Construction Learning for
/// Fine-grained Image Recognition" (CVPR 2019). Its paper does not have it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PatchShuffle {
    /// How often, 0 ..= 1.
    pub probability: f64,
    /// Patches along each side, 1 ..= 256. Rows and columns of pixels that are left over at the
    /// right and at the bottom stay.
    pub grid: u32,
}

impl Default for PatchShuffle {
    fn default() -> Self {
        Self {
            probability: 0.5,
            grid: 10,
        }
    }
}

impl PatchShuffle {
    /// Checks both numbers.
    ///
    /// # Errors
    /// [`Error::Config`] naming the first field out of range.
    pub fn validate(&self) -> Result<(), Error> {
        let require =
            |ok: bool, field, expected| ok.then_some(()).ok_or(Error::Config { field, expected });
        require(
            (0.0..=1.0).contains(&self.probability),
            "patch_shuffle.probability",
            "a probability, 0 to 1",
        )?;
        require(
            (1..=256).contains(&self.grid),
            "patch_shuffle.grid",
            "1 to 256 patches",
        )
    }
}

/// The patches of each row of a `grid` x `grid` division, then whole rows, in a new order: from
/// left to right (top to bottom) each changes places with the one before it in half of the cases.
///
/// A landmark goes with the patch it lies in; a box becomes the smallest one around its parts. A
/// picture with fewer pixels than patches along a side is returned as it is.
pub fn patch_shuffle(sample: &Sample, grid: u32, rng: &mut impl Rng) -> Sample {
    let (width, height) = sample.image.dimensions();
    let size = (width / grid.max(1), height / grid.max(1));
    let mut out = sample.clone();
    if size.0 == 0 || size.1 == 0 {
        return out;
    }
    let rows: Vec<Vec<u32>> = (0..grid).map(|_| neighbours_exchanged(grid, rng)).collect();
    let order = neighbours_exchanged(grid, rng);
    let patch = |column: u32, row: u32| Region {
        x: column * size.0,
        y: row * size.1,
        width: size.0,
        height: size.1,
    };
    // `from` and `to` of every patch.
    let moves: Vec<(Region, Region)> = (0u32..)
        .zip(&order)
        .flat_map(|(row, &old_row)| {
            let columns = (0u32..).zip(&rows[old_row as usize]);
            columns.map(move |(column, &old)| (patch(old, old_row), patch(column, row)))
        })
        .collect();
    for &(from, to) in &moves {
        copy(&sample.image, &mut out.image, 3, width, from, to);
        if !sample.mask.is_empty() {
            copy(&sample.mask, &mut out.mask, 1, width, from, to);
        }
    }
    for [x, y] in &mut out.landmarks {
        let inside = |(from, _): &&(Region, Region)| {
            let within = |v: f32, start: u32, length: u32| {
                (0.0..length as f32).contains(&(v + 0.5 - start as f32))
            };
            within(*x, from.x, from.width) && within(*y, from.y, from.height)
        };
        if let Some((from, to)) = moves.iter().find(inside) {
            *x += to.x as f32 - from.x as f32;
            *y += to.y as f32 - from.y as f32;
        }
    }
    for edges in &mut out.boxes {
        *edges = shuffled_box(*edges, &moves, (width, height));
    }
    out
}

/// `0 .. n` with each exchanged with the one before it in half of the cases, from the first on.
fn neighbours_exchanged(n: u32, rng: &mut impl Rng) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n).collect();
    for i in 1..n as usize {
        if rng.random_bool(0.5) {
            order.swap(i - 1, i);
        }
    }
    order
}

fn copy<T: Copy>(from: &[T], to: &mut [T], channels: usize, width: u32, a: Region, b: Region) {
    let at = |region: Region, row: u32| {
        let start = (region.y + row) as usize * width as usize + region.x as usize;
        channels * start..channels * (start + region.width as usize)
    };
    for row in 0..a.height {
        to[at(b, row)].copy_from_slice(&from[at(a, row)]);
    }
}

/// The smallest box around the parts of a box after the moves; parts outside all patches stay.
fn shuffled_box(edges: [f32; 4], moves: &[(Region, Region)], size: (u32, u32)) -> [f32; 4] {
    let patches = moves.iter().map(|&(from, to)| {
        let (from, to) = (boxes::of_region(from, size), boxes::of_region(to, size));
        (from, [to[0] - from[0], to[1] - from[1]])
    });
    let right = moves.iter().map(|(from, _)| from.right()).max();
    let bottom = moves.iter().map(|(from, _)| from.bottom()).max();
    let covered = boxes::of_region(
        Region::whole((right.unwrap_or(0), bottom.unwrap_or(0))),
        size,
    );
    let rest = [
        ([covered[2], 0.0, 1.0, 1.0], [0.0; 2]),
        ([0.0, covered[3], 1.0, 1.0], [0.0; 2]),
    ];
    let mut around = [1.0f32, 1.0, 0.0, 0.0];
    for (patch, [dx, dy]) in patches.chain(rest) {
        let part = [
            edges[0].max(patch[0]),
            edges[1].max(patch[1]),
            edges[2].min(patch[2]),
            edges[3].min(patch[3]),
        ];
        if part[0] < part[2] && part[1] < part[3] {
            around = [
                around[0].min(part[0] + dx),
                around[1].min(part[1] + dy),
                around[2].max(part[2] + dx),
                around[3].max(part[3] + dy),
            ];
        }
    }
    boxes::clipped(around).unwrap_or(edges)
}
