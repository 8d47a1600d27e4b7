//! From a store's crop to the frame that it is a part of, and back.

/// From pixels of a crop to pixels of its frame and back, by pixel centres.
pub(crate) struct ToFrame {
    start: [f64; 2],
    scale: [f64; 2],
}

impl ToFrame {
    pub(crate) fn new([left, top, width, height]: [f64; 4], kept: (u32, u32)) -> Self {
        let [across, down] = [kept.0, kept.1].map(|side| f64::from(side.max(1)));
        Self {
            start: [left, top],
            scale: [width / across, height / down],
        }
    }

    pub(crate) fn there(&self, point: [f32; 2]) -> [f64; 2] {
        [0, 1].map(|i| (f64::from(point[i]) + 0.5) * self.scale[i] - 0.5 + self.start[i])
    }

    pub(crate) fn back(&self, point: [f64; 2]) -> [f32; 2] {
        [0, 1].map(|i| ((point[i] - self.start[i] + 0.5) / self.scale[i] - 0.5) as f32)
    }
}
