//! A direct solver of the five-point Poisson equation on a rectangle: sine transforms along the
//! rows, then one tridiagonal system down the columns for each frequency (Fourier analysis after
//! Hockney, J. ACM 1965).

use std::f32::consts::PI;

use rustfft::{FftPlanner, num_complex::Complex};

/// The transforms' plans, kept from call to call, and scratch memory.
pub(super) struct Solver {
    planner: FftPlanner<f32>,
    line: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Default for Solver {
    fn default() -> Self {
        Self {
            planner: FftPlanner::new(),
            line: Vec::new(),
            scratch: Vec::new(),
        }
    }
}

impl Solver {
    /// The `e` with `4 e - (its four neighbours) = field`, zero beyond the rectangle, for planes
    /// `[plane][row][column]`.
    pub(super) fn solve(&mut self, mut field: Vec<f32>, columns: usize, rows: usize) -> Vec<f32> {
        self.sine_transform(&mut field, columns);
        let factors = Factors::new(columns, rows);
        for plane in field.chunks_exact_mut(columns * rows) {
            factors.solve(plane);
        }
        self.sine_transform(&mut field, columns);
        field
    }

    /// DST-I of every row, orthogonal but for the factor `sqrt((n + 1) / 2)`: two rows at a time
    /// are the real and the imaginary part of one odd sequence of length `2 (n + 1)`.
    fn sine_transform(&mut self, data: &mut [f32], n: usize) {
        let length = 2 * (n + 1);
        let fft = self.planner.plan_fft_forward(length);
        let Self { line, scratch, .. } = self;
        line.resize(length, Complex::default());
        scratch.resize(fft.get_inplace_scratch_len(), Complex::default());
        for pair in data.chunks_mut(2 * n) {
            let (a, b) = pair.split_at_mut(n);
            line[0] = Complex::default();
            line[n + 1] = Complex::default();
            for (j, &a) in a.iter().enumerate() {
                let v = Complex::new(a, b.get(j).copied().unwrap_or(0.0));
                line[j + 1] = v;
                line[length - 1 - j] = -v;
            }
            fft.process_with_scratch(line, scratch);
            // The transform of (a + i b) is -2i (A + i B).
            for (v, z) in a.iter_mut().zip(&line[1..]) {
                *v = -0.5 * z.im;
            }
            for (v, z) in b.iter_mut().zip(&line[1..]) {
                *v = 0.5 * z.re;
            }
        }
    }
}

/// The elimination factors of all columns' tridiagonal systems, `[row][frequency]`: the diagonal
/// of frequency `k` is `4 - 2 cos(pi k / (columns + 1))`, its neighbours are -1.
struct Factors {
    columns: usize,
    factors: Vec<f32>,
    /// Undoes the two sine transforms.
    scale: f32,
}

impl Factors {
    fn new(columns: usize, rows: usize) -> Self {
        let n = (columns + 1) as f32;
        let diagonal: Vec<f32> = (1..=columns)
            .map(|k| 4.0 - 2.0 * (PI * k as f32 / n).cos())
            .collect();
        let mut factors = Vec::with_capacity(columns * rows);
        factors.extend(diagonal.iter().map(|d| 1.0 / d));
        for row in 1..rows {
            let above = (row - 1) * columns;
            for (k, d) in diagonal.iter().enumerate() {
                factors.push(1.0 / (d - factors[above + k]));
            }
        }
        Self {
            columns,
            factors,
            scale: 2.0 / n,
        }
    }

    /// Thomas' algorithm, all frequencies of a row together.
    fn solve(&self, plane: &mut [f32]) {
        let n = self.columns;
        let rows = self.factors.len() / n;
        for (v, f) in plane[..n].iter_mut().zip(&self.factors) {
            *v *= f * self.scale;
        }
        for row in 1..rows {
            let (above, below) = plane.split_at_mut(row * n);
            let above = &above[(row - 1) * n..];
            let factors = &self.factors[row * n..(row + 1) * n];
            for ((v, a), f) in below.iter_mut().zip(above).zip(factors) {
                *v = (*v * self.scale + a) * f;
            }
        }
        for row in (0..rows.saturating_sub(1)).rev() {
            let (above, below) = plane.split_at_mut((row + 1) * n);
            let above = &mut above[row * n..];
            let factors = &self.factors[row * n..(row + 1) * n];
            for ((v, b), f) in above.iter_mut().zip(below.iter()).zip(factors) {
                *v += f * b;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The residual of the equation, by its definition, on an awkward (prime) width.
    #[test]
    fn solution_satisfies_the_equation() {
        for (columns, rows) in [(1, 1), (1, 5), (7, 1), (36, 21), (52, 40)] {
            let field: Vec<f32> = (0..3 * columns * rows)
                .map(|i| ((i * 7919) % 509) as f32 - 254.0)
                .collect();
            let e = Solver::default().solve(field.clone(), columns, rows);
            for plane in 0..3 {
                let at = |x: usize, y: usize| {
                    let inside = (1..=columns).contains(&x) && (1..=rows).contains(&y);
                    let i = plane * columns * rows + (y.max(1) - 1) * columns + x.max(1) - 1;
                    if inside { e[i] } else { 0.0 }
                };
                for y in 1..=rows {
                    for x in 1..=columns {
                        let got = 4.0 * at(x, y)
                            - at(x - 1, y)
                            - at(x + 1, y)
                            - at(x, y - 1)
                            - at(x, y + 1);
                        let want = field[plane * columns * rows + (y - 1) * columns + x - 1];
                        assert!((got - want).abs() < 0.05, "{columns}x{rows} {got} {want}");
                    }
                }
            }
        }
    }
}
