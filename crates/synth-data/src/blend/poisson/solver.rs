//! A direct solver of the five-point Poisson equation on a rectangle: sine transforms along the
//! rows, then one tridiagonal system down the columns for each frequency (Fourier analysis after
//! Hockney, J. ACM 1965).

use std::f32::consts::PI;

use rustfft::{FftPlanner, num_complex::Complex};

/// Planes solved together: the colours.
pub(super) const PLANES: usize = 3;

/// The transforms' plans, kept from call to call, and scratch memory.
pub(super) struct Solver {
    planner: FftPlanner<f32>,
    line: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    sines: Vec<f32>,
    factors: Vec<f32>,
}

impl Default for Solver {
    fn default() -> Self {
        Self {
            planner: FftPlanner::new(),
            line: Vec::new(),
            scratch: Vec::new(),
            sines: Vec::new(),
            factors: Vec::new(),
        }
    }
}

impl Solver {
    /// The `e` with `4 e - (its four neighbours) = field`, zero beyond the rectangle, for lines
    /// `[row][plane][column]`.
    pub(super) fn solve(&mut self, field: &mut [f32], columns: usize, rows: usize) {
        self.sine_transform(field, columns);
        pulp::Arch::new().dispatch(Elimination {
            columns,
            rows,
            factors: &mut self.factors,
            lines: field,
        });
        self.sine_transform(field, columns);
    }

    /// DST-I of every line, `F_k = sum over j of f_j sin(pi j k / (n + 1))`: two lines at a time
    /// are the real and the imaginary part of one sequence of length `N = n + 1`.
    ///
    /// With `y_j = sin(pi j / N) (f_j + f_(N-j)) + (f_j - f_(N-j)) / 2`, the transform's sine part
    /// is `F_2k`, its cosine part `F_(2k+1) - F_(2k-1)` (Cooley, Lewis and Welch, J. Sound Vib.
    /// 1970).
    fn sine_transform(&mut self, lines: &mut [f32], n: usize) {
        let fft = self.planner.plan_fft_forward(n + 1);
        self.line.resize(n + 1, Complex::default());
        self.scratch
            .resize(fft.get_inplace_scratch_len(), Complex::default());
        self.sines.clear();
        let step = PI / (n + 1) as f32;
        self.sines.extend((1..=n).map(|j| (step * j as f32).sin()));
        // The last line may be alone.
        let mut none = vec![0.0; n];
        for pair in lines.chunks_mut(2 * n) {
            let (a, b) = pair.split_at_mut(n);
            let b = if b.is_empty() { &mut none } else { b };
            self.fold(a, b);
            fft.process_with_scratch(&mut self.line, &mut self.scratch);
            self.unfold(a, b);
        }
    }

    /// The sequence `y` of two lines.
    fn fold(&mut self, a: &[f32], b: &[f32]) {
        let folded =
            |f: f32, mirrored: f32, sine: f32| sine * (f + mirrored) + 0.5 * (f - mirrored);
        let a = a.iter().zip(a.iter().rev());
        let b = b.iter().zip(b.iter().rev());
        let values = a.zip(b).zip(&self.sines);
        self.line[0] = Complex::default();
        for (y, ((a, b), &sine)) in self.line[1..].iter_mut().zip(values) {
            *y = Complex::new(folded(*a.0, *a.1, sine), folded(*b.0, *b.1, sine));
        }
    }

    /// The two lines' frequencies from the transform of `y`.
    fn unfold(&self, a: &mut [f32], b: &mut [f32]) {
        let mut odd = 0.5 * self.line[0];
        (a[0], b[0]) = (odd.re, odd.im);
        let places = a[1..].chunks_mut(2).zip(b[1..].chunks_mut(2));
        let mirrored = self.line.iter().rev();
        for ((a, b), (z, m)) in places.zip(self.line[1..].iter().zip(mirrored)) {
            (a[0], b[0]) = (0.5 * (m.im - z.im), 0.5 * (z.re - m.re));
            odd += Complex::new(0.5 * (z.re + m.re), 0.5 * (z.im + m.im));
            if let ([_, a], [_, b]) = (a, b) {
                (*a, *b) = (odd.re, odd.im);
            }
        }
    }
}

/// Thomas' algorithm for the tridiagonal systems of all frequencies: the diagonal of frequency `k`
/// is `4 - 2 cos(pi k / (columns + 1))`, its neighbours are -1.
struct Elimination<'a> {
    columns: usize,
    rows: usize,
    /// Scratch for the factors, `[row][frequency]`.
    factors: &'a mut Vec<f32>,
    lines: &'a mut [f32],
}

impl pulp::NullaryFnOnce for Elimination<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self {
            columns: n, rows, ..
        } = self;
        let step = PI / (n + 1) as f32;
        let diagonal: Vec<f32> = (1..=n)
            .map(|k| 4.0 - 2.0 * (step * k as f32).cos())
            .collect();
        self.factors.clear();
        self.factors.resize(n * rows, 0.0);
        let mut above: &[f32] = &vec![0.0; n];
        for factors in self.factors.chunks_exact_mut(n) {
            for ((f, d), above) in factors.iter_mut().zip(&diagonal).zip(above) {
                *f = 1.0 / (d - above);
            }
            above = factors;
        }

        // Undoes the two sine transforms.
        let scale = 2.0 / (n + 1) as f32;
        let zeros = vec![0.0; PLANES * n];
        let mut above: &[f32] = &zeros;
        let rows = || self.factors.chunks_exact(n);
        for (row, factors) in self.lines.chunks_exact_mut(PLANES * n).zip(rows()) {
            for (line, above) in row.chunks_exact_mut(n).zip(above.chunks_exact(n)) {
                for ((v, a), f) in line.iter_mut().zip(above).zip(factors) {
                    *v = (*v * scale + a) * f;
                }
            }
            above = row;
        }
        let mut below: &[f32] = &zeros;
        let upwards = self.lines.chunks_exact_mut(PLANES * n).rev();
        for (row, factors) in upwards.zip(rows().rev()) {
            for (line, below) in row.chunks_exact_mut(n).zip(below.chunks_exact(n)) {
                for ((v, b), f) in line.iter_mut().zip(below).zip(factors) {
                    *v += f * b;
                }
            }
            below = row;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The residual of the equation, by its definition, on an awkward (prime) width.
    #[test]
    fn solution_satisfies_the_equation() {
        for (columns, rows) in [
            (1, 1),
            (1, 5),
            (2, 3),
            (7, 1),
            (36, 21),
            (52, 40),
            (200, 190),
        ] {
            let field: Vec<f32> = (0..PLANES * columns * rows)
                .map(|i| ((i * 7919) % 509) as f32 - 254.0)
                .collect();
            let mut e = field.clone();
            Solver::default().solve(&mut e, columns, rows);
            for plane in 0..PLANES {
                let place = |x: usize, y: usize| ((y - 1) * PLANES + plane) * columns + x - 1;
                let at = |x: usize, y: usize| {
                    let inside = (1..=columns).contains(&x) && (1..=rows).contains(&y);
                    if inside { e[place(x, y)] } else { 0.0 }
                };
                for y in 1..=rows {
                    for x in 1..=columns {
                        let got = 4.0 * at(x, y)
                            - at(x - 1, y)
                            - at(x + 1, y)
                            - at(x, y - 1)
                            - at(x, y + 1);
                        let want = field[place(x, y)];
                        assert!((got - want).abs() < 0.05, "{columns}x{rows} {got} {want}");
                    }
                }
            }
        }
    }
}
