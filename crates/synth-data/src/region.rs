//! Rectangles of whole pixels, cut out of pictures and put back.

use image::{ImageBuffer, Pixel};

use crate::Error;

/// The pixels `x .. x + width` by `y .. y + height` of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Number of columns.
    pub width: u32,
    /// Number of rows.
    pub height: u32,
}

impl Region {
    /// The whole of a picture of that size.
    pub fn whole((width, height): (u32, u32)) -> Self {
        Self {
            x: 0,
            y: 0,
            width,
            height,
        }
    }

    /// The region with `margin` pixels more on every side, cut off at the edges of a picture of
    /// that size.
    pub fn grown(self, margin: u32, (width, height): (u32, u32)) -> Self {
        let (x, y) = (self.x.saturating_sub(margin), self.y.saturating_sub(margin));
        let right = self.right().saturating_add(margin).min(width);
        let bottom = self.bottom().saturating_add(margin).min(height);
        Self {
            x,
            y,
            width: right.saturating_sub(x),
            height: bottom.saturating_sub(y),
        }
    }

    /// One past the last column.
    pub fn right(self) -> u32 {
        self.x.saturating_add(self.width)
    }

    /// One past the last row.
    pub fn bottom(self) -> u32 {
        self.y.saturating_add(self.height)
    }

    /// Whether a pixel is in it.
    pub fn contains(self, x: u32, y: u32) -> bool {
        (self.x..self.right()).contains(&x) && (self.y..self.bottom()).contains(&y)
    }

    fn check(self, size: (u32, u32)) -> Result<(), Error> {
        if self.right() > size.0 || self.bottom() > size.1 {
            return Err(Error::RegionOutside(size));
        }
        Ok(())
    }
}

/// A copy of the pixels inside a region.
///
/// # Errors
/// [`Error::RegionOutside`] when the region reaches beyond the picture.
pub fn crop<P: Pixel>(
    image: &ImageBuffer<P, Vec<P::Subpixel>>,
    region: Region,
) -> Result<ImageBuffer<P, Vec<P::Subpixel>>, Error> {
    region.check(image.dimensions())?;
    let mut out = ImageBuffer::new(region.width, region.height);
    let channels = P::CHANNEL_COUNT as usize;
    let (from, to) = (
        image.width() as usize * channels,
        region.width as usize * channels,
    );
    if to > 0 {
        let left = region.x as usize * channels;
        let rows = image.as_raw().chunks_exact(from).skip(region.y as usize);
        for (row, out) in rows.zip(out.chunks_exact_mut(to)) {
            out.copy_from_slice(&row[left..left + to]);
        }
    }
    Ok(out)
}

/// Puts a patch of the region's size into a copy of the picture.
///
/// # Errors
/// [`Error::RegionOutside`] when the region reaches beyond the picture, [`Error::SizeMismatch`]
/// when the patch is not of the region's size.
pub fn paste<P: Pixel>(
    image: &ImageBuffer<P, Vec<P::Subpixel>>,
    patch: &ImageBuffer<P, Vec<P::Subpixel>>,
    region: Region,
) -> Result<ImageBuffer<P, Vec<P::Subpixel>>, Error> {
    region.check(image.dimensions())?;
    same_size((region.width, region.height), patch.dimensions())?;
    let mut out = image.clone();
    let channels = P::CHANNEL_COUNT as usize;
    let (to, from) = (
        image.width() as usize * channels,
        region.width as usize * channels,
    );
    if from > 0 {
        let left = region.x as usize * channels;
        let rows = out.chunks_exact_mut(to).skip(region.y as usize);
        for (out, row) in rows.zip(patch.as_raw().chunks_exact(from)) {
            out[left..left + from].copy_from_slice(row);
        }
    }
    Ok(out)
}

/// Checks that two sizes are one.
pub(crate) fn same_size(expected: (u32, u32), found: (u32, u32)) -> Result<(), Error> {
    if expected == found {
        Ok(())
    } else {
        Err(Error::SizeMismatch { expected, found })
    }
}
