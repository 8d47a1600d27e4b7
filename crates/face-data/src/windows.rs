//! Which part of a frame a store's crop shows.

use face_preproc::manifest::Row;

/// Which part of the frame a store's crop shows: left, top, width and height in its pixels.
pub(crate) fn frame_box(row: &Row) -> Option<[f64; 4]> {
    let numbers = row.extra.get("box")?.as_array()?;
    let numbers: Option<Vec<f64>> = numbers.iter().map(serde_json::Value::as_f64).collect();
    numbers?.try_into().ok()
}

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
