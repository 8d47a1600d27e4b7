//! The right-hand side: what the guidance field has that the target has not.

use image::RgbImage;

use crate::region::Region;

/// Whose gradients guide the solution inside the mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gradients {
    /// The source's ("normal" or "importing gradients", equation 11 of the Poisson paper).
    Source,
    /// At every pixel and channel, those of the picture that varies more ("mixing gradients", its
    /// equation 13). How much a picture varies is measured as OpenCV does, by `|gx - gy|` of the
    /// two differences, where the paper has the gradient's length.
    Stronger,
}

/// Minus the divergence of (guidance - gradient of the target) at the interior of the box,
/// `[row][channel][column]`. Gradients are forward, the divergence backward differences.
pub(super) fn divergence(
    target: &RgbImage,
    source: &RgbImage,
    inside: &[bool],
    region: Region,
    gradients: Gradients,
) -> Vec<f32> {
    let interior = (region.width as usize - 2) * (region.height as usize - 2);
    let mut field = vec![0.0; 3 * interior];
    pulp::Arch::new().dispatch(Diverging {
        target,
        source,
        inside,
        region,
        gradients,
        field: &mut field,
    });
    field
}

/// [`divergence`] with the best vector instructions there are.
struct Diverging<'a> {
    target: &'a RgbImage,
    source: &'a RgbImage,
    inside: &'a [bool],
    region: Region,
    gradients: Gradients,
    field: &'a mut [f32],
}

impl pulp::NullaryFnOnce for Diverging<'_> {
    type Output = ();

    #[inline(always)]
    fn call(mut self) {
        let field = std::mem::take(&mut self.field);
        let width = self.region.width as usize;
        let columns = width - 2;
        // Pixels with a neighbour on the right, their channels interleaved.
        let n = 3 * (width - 1);
        let mut row = Row {
            guided: vec![0.0; n],
            along_x: vec![0.0; n],
            along_y: vec![0.0; n],
            above: vec![0.0; n],
        };
        let stride = 3 * self.target.width() as usize;
        let start = stride * self.region.y as usize + 3 * self.region.x as usize;
        let stronger = self.gradients == Gradients::Stronger;
        let mut sums = vec![0.0; 3 * columns];
        // The box's first row only gives to the one below.
        self.difference(&mut row, 0, start, stronger);
        for (y, field) in (1..).zip(field.chunks_exact_mut(3 * columns)) {
            std::mem::swap(&mut row.along_y, &mut row.above);
            self.difference(&mut row, y, start + y * stride, stronger);
            let (left, here) = (&row.along_x[..n - 3], &row.along_x[3..]);
            let (above, below) = (&row.above[3..], &row.along_y[3..]);
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = left[i] - here[i] + above[i] - below[i];
            }
            let pixels = sums.as_chunks::<3>().0;
            for (c, line) in field.chunks_exact_mut(columns).enumerate() {
                for (value, pixel) in line.iter_mut().zip(pixels) {
                    *value = pixel[c];
                }
            }
        }
    }
}

/// Differences (guidance - gradient of the target) along one row of the box.
struct Row {
    /// 1 where the source guides, else 0.
    guided: Vec<f32>,
    along_x: Vec<f32>,
    along_y: Vec<f32>,
    /// `along_y` of the row above.
    above: Vec<f32>,
}

impl Diverging<'_> {
    /// Row `y` of the box, whose bytes start at `at`.
    #[inline(always)]
    fn difference(&self, row: &mut Row, y: usize, at: usize, stronger: bool) {
        let width = self.region.width as usize;
        let inside = &self.inside[y * width..][..width];
        for (guided, &set) in row.guided.as_chunks_mut::<3>().0.iter_mut().zip(inside) {
            *guided = [f32::from(u8::from(set)); 3];
        }
        let n = row.guided.len();
        let stride = 3 * self.target.width() as usize;
        let [t, s] = [self.target, self.source].map(|image| image.as_raw().as_slice());
        let [right, below] = [at + 3, at + stride];
        let [t, t_right, t_below] = [at, right, below].map(|from| &t[from..][..n]);
        let [s, s_right, s_below] = [at, right, below].map(|from| &s[from..][..n]);
        let guided = &row.guided[..n];
        let (along_x, along_y) = (&mut row.along_x[..n], &mut row.along_y[..n]);
        for i in 0..n {
            let [here, right, below] = [t[i], t_right[i], t_below[i]].map(f32::from);
            let (tx, ty) = (right - here, below - here);
            let [here, right, below] = [s[i], s_right[i], s_below[i]].map(f32::from);
            let (sx, sy) = (right - here, below - here);
            let weaker = stronger & ((sx - sy).abs() <= (tx - ty).abs());
            let weight = if weaker { 0.0 } else { guided[i] };
            along_x[i] = weight * (sx - tx);
            along_y[i] = weight * (sy - ty);
        }
    }
}
