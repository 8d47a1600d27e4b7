//! Axis-parallel boxes around faces.

/// A box in the coordinates of the landmarks (pixel centres at whole numbers): it spans
/// `x .. x + width` by `y .. y + height`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaceBox {
    /// Left edge, in pixels.
    pub x: f32,
    /// Top edge, in pixels.
    pub y: f32,
    /// Width in pixels, zero or more.
    pub width: f32,
    /// Height in pixels, zero or more.
    pub height: f32,
}

impl FaceBox {
    /// The smallest box around some points; `None` for no points or a non-finite coordinate.
    pub fn around(points: &[[f32; 2]]) -> Option<Self> {
        if points.is_empty() || !super::all_finite(points) {
            return None;
        }
        let low = |k: usize| points.iter().map(|p| p[k]).fold(f32::INFINITY, f32::min);
        let high = |k: usize| {
            points
                .iter()
                .map(|p| p[k])
                .fold(f32::NEG_INFINITY, f32::max)
        };
        Some(Self {
            x: low(0),
            y: low(1),
            width: high(0) - low(0),
            height: high(1) - low(1),
        })
    }

    /// The box of a whole picture of `width` x `height` pixels: from the outer edge of its first
    /// pixel to the outer edge of its last.
    pub fn of_picture(width: u32, height: u32) -> Self {
        Self {
            x: -0.5,
            y: -0.5,
            width: width as f32,
            height: height as f32,
        }
    }

    /// The middle of the box.
    pub fn center(&self) -> [f32; 2] {
        [self.x + self.width / 2.0, self.y + self.height / 2.0]
    }

    /// Width times height, in square pixels.
    pub fn area(&self) -> f32 {
        self.width * self.height
    }

    /// The square of the longer side about the same centre.
    pub fn squared(&self) -> Self {
        let side = self.width.max(self.height);
        self.resized(side, side)
    }

    /// Both sides times `1 + margin` about the same centre: 0.3 adds 15 % on every side. A margin
    /// of -1 or less leaves an empty box.
    pub fn with_margin(&self, margin: f32) -> Self {
        let factor = (1.0 + margin).max(0.0);
        self.resized(self.width * factor, self.height * factor)
    }

    /// The part that lies in both boxes; `None` where they share no area.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let x = self.x.max(other.x);
        let y = self.y.max(other.y);
        let width = (self.x + self.width).min(other.x + other.width) - x;
        let height = (self.y + self.height).min(other.y + other.height) - y;
        (width > 0.0 && height > 0.0).then_some(Self {
            x,
            y,
            width,
            height,
        })
    }

    /// Intersection over union, 0 (apart) ..= 1 (equal); 0 where both are empty.
    pub fn iou(&self, other: &Self) -> f32 {
        let Some(shared) = self.intersection(other).map(|part| part.area()) else {
            return 0.0;
        };
        shared / (self.area() + other.area() - shared)
    }

    fn resized(&self, width: f32, height: f32) -> Self {
        let [cx, cy] = self.center();
        Self {
            x: cx - width / 2.0,
            y: cy - height / 2.0,
            width,
            height,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: FaceBox = FaceBox {
        x: 0.0,
        y: 0.0,
        width: 2.0,
        height: 4.0,
    };

    #[test]
    fn around_needs_finite_points() {
        assert_eq!(FaceBox::around(&[]), None);
        assert_eq!(FaceBox::around(&[[0.0, f32::NAN]]), None);
        assert_eq!(
            FaceBox::around(&[[2.0, 0.0], [0.0, 4.0], [1.0, 1.0]]),
            Some(UNIT)
        );
    }

    #[test]
    fn square_and_margin_keep_the_centre() {
        let square = UNIT.squared().with_margin(0.5);
        assert_eq!(square.center(), UNIT.center());
        assert_eq!((square.width, square.height), (6.0, 6.0));
        assert_eq!(UNIT.with_margin(-2.0).area(), 0.0);
    }

    #[test]
    fn iou_by_hand() {
        let moved = FaceBox { x: 1.0, ..UNIT };
        assert_eq!(UNIT.iou(&UNIT), 1.0);
        assert_eq!(UNIT.iou(&moved), 4.0 / 12.0);
        assert_eq!(UNIT.iou(&FaceBox { x: 2.0, ..UNIT }), 0.0);
        let empty = UNIT.with_margin(-1.0);
        assert_eq!(empty.iou(&empty), 0.0);
    }
}
