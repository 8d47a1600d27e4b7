//! Line charts and histograms as SVG whose colours, fonts and strokes come from the page's style
//! sheet, so that one drawing serves light, dark and paper.

mod axis;

pub(crate) use axis::{Axis, drawable, range};

use askama::Template;

/// Inner edges of the drawing in its own units; the page scales it.
const LEFT: f64 = 54.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 44.0;
/// Points of a line nearer to each other than this are drawn as one.
const RESOLUTION: f64 = 0.3;

/// A drawing under construction: axes, then marks in the order in which they are added.
#[derive(Template)]
#[template(path = "chart.svg")]
pub(crate) struct Chart {
    width: f64,
    height: f64,
    /// What the drawing shows, for those who cannot see it.
    description: String,
    x: Axis,
    y: Axis,
    marks: Vec<Mark>,
}

/// A path, and a text at its end where there is something to say.
struct Mark {
    class: String,
    path: String,
    label: Option<Label>,
}

struct Label {
    x: f64,
    y: f64,
    anchor: &'static str,
    text: String,
}

impl Chart {
    /// Axes alone, `width` x `height` units.
    pub(crate) fn new(description: String, x: Axis, y: Axis, (width, height): (f64, f64)) -> Self {
        Self {
            width,
            height,
            description,
            x,
            y,
            marks: Vec::new(),
        }
    }

    /// A line through `points`, interrupted where a point is not finite.
    pub(crate) fn line(&mut self, class: &str, points: impl IntoIterator<Item = (f64, f64)>) {
        let mut path = String::new();
        let mut last: Option<(f64, f64)> = None;
        // The newest point left out: the line must still end where the data end.
        let mut skipped = None;
        for (x, y) in points {
            if !self.x.shows(x) || !self.y.shows(y) {
                path.extend(skipped.take());
                last = None;
                continue;
            }
            let (x, y) = (self.x_at(x), self.y_at(y));
            let command = format!("{}{x:.1} {y:.1}", if last.is_none() { 'M' } else { 'L' });
            let near = |(a, b): (f64, f64)| (x - a).hypot(y - b) < RESOLUTION;
            if last.is_some_and(near) {
                skipped = Some(command);
            } else {
                path.push_str(&command);
                (last, skipped) = (Some((x, y)), None);
            }
        }
        path.extend(skipped);
        self.marks.push(Mark {
            class: format!("line {class}"),
            path,
            label: None,
        });
    }

    /// A dot at each finite point.
    pub(crate) fn dots(&mut self, class: &str, points: impl IntoIterator<Item = (f64, f64)>) {
        let shown = points
            .into_iter()
            .filter(|(x, y)| self.x.shows(*x) && self.y.shows(*y));
        // A line of no length with round ends.
        let path = shown
            .map(|(x, y)| format!("M{:.1} {:.1}h0", self.x_at(x), self.y_at(y)))
            .collect();
        self.marks.push(Mark {
            class: format!("dots {class}"),
            path,
            label: None,
        });
    }

    /// Columns that stand on the x axis: `heights[i]` from `edges[i]` to `edges[i + 1]`.
    pub(crate) fn columns(&mut self, class: &str, edges: &[f64], heights: &[f64]) {
        let floor = self.height - BOTTOM;
        let mut path = format!("M{:.1} {floor:.1}", self.x_at(edges[0]));
        for (edge, height) in edges.windows(2).zip(heights) {
            path.push_str(&format!(
                "V{:.1}H{:.1}",
                self.y_at(*height),
                self.x_at(edge[1])
            ));
        }
        path.push_str(&format!("V{floor:.1}"));
        self.marks.push(Mark {
            class: format!("columns {class}"),
            path,
            label: None,
        });
    }

    /// A line from the floor to the ceiling at `x`, with a text beside its top.
    pub(crate) fn upright(&mut self, class: &str, x: f64, text: String) {
        if !self.x.shows(x) {
            return;
        }
        let at = self.x_at(x);
        let path = format!("M{at:.1} {:.1}V{TOP:.1}", self.height - BOTTOM);
        let beyond_middle = at > (LEFT + self.width - RIGHT) / 2.0;
        let (offset, anchor) = if beyond_middle {
            (-6.0, "end")
        } else {
            (6.0, "start")
        };
        let label = Label {
            x: at + offset,
            y: TOP + 10.0,
            anchor,
            text,
        };
        self.marks.push(Mark {
            class: format!("line {class}"),
            path,
            label: Some(label),
        });
    }

    fn x_at(&self, value: f64) -> f64 {
        LEFT + self.x.place(value) * (self.width - LEFT - RIGHT)
    }

    fn y_at(&self, value: f64) -> f64 {
        self.height - BOTTOM - self.y.place(value) * (self.height - TOP - BOTTOM)
    }

    fn floor(&self) -> f64 {
        self.height - BOTTOM
    }

    fn x_ticks(&self) -> Vec<(f64, String)> {
        self.x
            .ticks()
            .into_iter()
            .map(|(value, text)| (self.x_at(value), text))
            .collect()
    }

    fn y_ticks(&self) -> Vec<(f64, String)> {
        self.y
            .ticks()
            .into_iter()
            .map(|(value, text)| (self.y_at(value), text))
            .collect()
    }
}
