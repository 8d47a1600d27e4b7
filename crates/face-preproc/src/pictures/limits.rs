//! What a picture may ask of this machine, and the refusal of what asks for more.

use std::path::Path;

use super::PictureError;

/// What a picture may ask of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest width or height, in pixels.
    pub max_side: u32,
    /// The most pixels, width times height.
    pub max_pixels: u64,
    /// The longest file, in bytes.
    pub max_bytes: u64,
}

impl Default for Limits {
    /// 16,384 pixels a side, 128 million pixels, 512 MiB a file: a phone's 108 million, no bomb.
    fn default() -> Self {
        Self {
            max_side: 16_384,
            max_pixels: 128_000_000,
            max_bytes: 512 << 20,
        }
    }
}

impl Limits {
    /// Whether a picture of `width` x `height` pixels is within the limits.
    fn allow(&self, width: u32, height: u32) -> bool {
        width.max(height) <= self.max_side
            && u64::from(width) * u64::from(height) <= self.max_pixels
    }

    /// Refuses a picture without pixels, or with more than the limits allow.
    pub(super) fn check(&self, width: u32, height: u32, path: &Path) -> Result<(), PictureError> {
        if width == 0 || height == 0 {
            return Err(PictureError::Damaged {
                path: path.into(),
                reason: format!("it is {width} x {height} pixels"),
            });
        }
        if !self.allow(width, height) {
            return Err(self.too_large(path, format!("{width} x {height} pixels")));
        }
        Ok(())
    }

    /// What is said of a picture that asks for more; `found` is what it asks for.
    pub(super) fn too_large(&self, path: &Path, found: String) -> PictureError {
        PictureError::TooLarge {
            path: path.into(),
            found,
            limit: format!(
                "{} pixels a side, {} pixels in all and {} bytes a file",
                self.max_side, self.max_pixels, self.max_bytes
            ),
        }
    }
}
