//! The default anchors ("priors") of the multi-scale detection (section 4.1).

/// Side in pixels of the picture on which the paper lays its anchors (section 5.1).
const PAPER_SIDE: f32 = 224.0;
/// The two sides in pixels of every level's anchors: the sizes of the sliding windows of section
/// 5.1, as in the official code.
const SIDES: [[f32; 2]; 4] = [[40.0, 80.0], [80.0, 120.0], [120.0, 160.0], [224.0, 224.0]];
/// Anchors at each position of a map: one with the shorter side lying, one standing.
pub const ORIENTATIONS: usize = 2;

/// One anchor, in shares of the crop's width and height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// `x` and `y` of the centre.
    pub centre: [f32; 2],
    /// Width and height.
    pub size: [f32; 2],
}

impl Prior {
    /// Left, top, right and lower edge; they may lie outside of `0..=1`.
    pub fn corners(&self) -> [f32; 4] {
        let [x, y] = self.centre;
        let [width, height] = self.size.map(|side| side / 2.0);
        [x - width, y - height, x + width, y + height]
    }
}

/// Sides of the four extra layers' maps on a backbone's map of `side` positions: 7, 5, 3 and 1 on
/// the paper's 7. The last layer covers what the third leaves, whatever its side.
///
/// `None` if the map has less than five positions a side: two 3x3 convolutions without padding
/// would leave nothing.
pub fn map_sides(side: usize) -> Option<[usize; 4]> {
    (side >= 5).then(|| [side, side - 2, side - 4, 1])
}

/// The anchors of the first maps, in the order of the detection heads' outputs: map by map, row by
/// row, both orientations of a position together, the one narrower than high first.
///
/// Positions are `round(224 / side)` pixels apart on the paper's picture of 224 pixels, which gives
/// the official code's steps 32, 45, 75 and 224 for its maps of 7, 5, 3 and 1: 98, 50, 18 and 2
/// anchors. Since all is in shares of the crop, the same maps have the same anchors at any input
/// size. Centres and sizes are clipped to `0..=1`, as in the official code.
pub fn priors(sides: &[usize]) -> Vec<Prior> {
    let share = |pixels: f32| (pixels / PAPER_SIDE).clamp(0.0, 1.0);
    let level = |(&side, [short, long]): (&usize, [f32; 2])| {
        let step = (PAPER_SIDE / side as f32).round();
        let centre = move |position: usize| share((position as f32 + 0.5) * step);
        (0..side * side * ORIENTATIONS).map(move |index| {
            let position = index / ORIENTATIONS;
            Prior {
                centre: [centre(position % side), centre(position / side)],
                size: if index % ORIENTATIONS == 0 {
                    [share(short), share(long)]
                } else {
                    [share(long), share(short)]
                },
            }
        })
    };
    sides.iter().zip(SIDES).flat_map(level).collect()
}
