//! Similarity transforms of the plane: rotation, uniform scale and translation, never a reflection.

/// `x' = a x - b y + tx`, `y' = b x + a y + ty`.
///
/// `a = s cos(t)` and `b = s sin(t)` for the scale `s` and the angle `t`; `tx` and `ty` are in
/// pixels of the target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// Scale times cosine of the angle.
    pub a: f32,
    /// Scale times sine of the angle.
    pub b: f32,
    /// Translation along x, in pixels of the target.
    pub tx: f32,
    /// Translation along y, in pixels of the target.
    pub ty: f32,
}

impl Similarity {
    /// The transform that moves nothing.
    pub const IDENTITY: Self = Self {
        a: 1.0,
        b: 0.0,
        tx: 0.0,
        ty: 0.0,
    };

    /// The similarity that carries `from` to `to` with the least sum of squared distances: Umeyama
    /// (TPAMI 1991), restricted to proper rotations, which in the plane has a closed form.
    ///
    /// `None` when the slices differ in length, hold fewer than two points or a non-finite
    /// coordinate, when all points of `from` coincide, or when the best scale is zero (`to`
    /// coincides, or mirrors `from` so exactly that no rotation is better than another).
    pub fn fit(from: &[[f32; 2]], to: &[[f32; 2]]) -> Option<Self> {
        if from.len() != to.len() || from.len() < 2 {
            return None;
        }
        let (from_mean, to_mean) = (mean(from), mean(to));
        // Sums of products of the centred points: dot and cross products, and variances.
        let (mut dot, mut cross, mut from_var, mut to_var) = (0.0, 0.0, 0.0, 0.0);
        for (p, q) in from.iter().zip(to) {
            let [px, py] = [0, 1].map(|k| f64::from(p[k]) - from_mean[k]);
            let [qx, qy] = [0, 1].map(|k| f64::from(q[k]) - to_mean[k]);
            dot += px * qx + py * qy;
            cross += px * qy - py * qx;
            from_var += px * px + py * py;
            to_var += qx * qx + qy * qy;
        }
        // Points closer together than f32 resolves at their place say nothing of angle and scale.
        let floor = |mean: [f64; 2]| {
            let at = mean[0].hypot(mean[1]) * f64::from(f32::EPSILON);
            (at * at).max(f64::from(f32::MIN_POSITIVE)) * from.len() as f64
        };
        let agreement = dot.hypot(cross) / (from_var * to_var).sqrt();
        if from_var <= floor(from_mean) || to_var <= floor(to_mean) || agreement < 1e-6 {
            return None;
        }
        let (a, b) = (dot / from_var, cross / from_var);
        let fitted = Self {
            a: a as f32,
            b: b as f32,
            tx: (to_mean[0] - a * from_mean[0] + b * from_mean[1]) as f32,
            ty: (to_mean[1] - b * from_mean[0] - a * from_mean[1]) as f32,
        };
        (fitted.is_finite() && fitted.scale() > 0.0).then_some(fitted)
    }

    /// The image of one point.
    pub fn apply(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [
            self.a * x - self.b * y + self.tx,
            self.b * x + self.a * y + self.ty,
        ]
    }

    /// The transform that undoes this one; `None` for scale zero or non-finite numbers.
    pub fn inverse(&self) -> Option<Self> {
        let [a, b, tx, ty] = [self.a, self.b, self.tx, self.ty].map(f64::from);
        let det = a * a + b * b;
        let (ia, ib) = (a / det, -b / det);
        let inverse = Self {
            a: ia as f32,
            b: ib as f32,
            tx: (ib * ty - ia * tx) as f32,
            ty: (-ib * tx - ia * ty) as f32,
        };
        (det > 0.0 && inverse.is_finite()).then_some(inverse)
    }

    /// First this transform, then `next`.
    pub fn then(&self, next: &Self) -> Self {
        let [tx, ty] = next.apply([self.tx, self.ty]);
        Self {
            a: next.a * self.a - next.b * self.b,
            b: next.b * self.a + next.a * self.b,
            tx,
            ty,
        }
    }

    /// The factor by which lengths grow.
    pub fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    /// The rotation in radians, `-pi ..= pi`; positive turns `x` towards `y`, which is clockwise on
    /// the screen because `y` points down.
    pub fn angle(&self) -> f32 {
        self.b.atan2(self.a)
    }

    /// Whether none of the four numbers is NaN or infinite.
    pub fn is_finite(&self) -> bool {
        [self.a, self.b, self.tx, self.ty]
            .iter()
            .all(|v| v.is_finite())
    }
}

fn mean(points: &[[f32; 2]]) -> [f64; 2] {
    let n = points.len() as f64;
    [0, 1].map(|k| points.iter().map(|p| f64::from(p[k])).sum::<f64>() / n)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: a quarter turn clockwise on the screen, twice the size, then moved by (5, 7).
    #[test]
    fn fit_of_a_hand_made_case() {
        let from = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]];
        let to = [[5.0, 7.0], [5.0, 9.0], [3.0, 7.0]];
        let fitted = Similarity::fit(&from, &to).unwrap();
        assert!((fitted.scale() - 2.0).abs() < 1e-6);
        assert!((fitted.angle() - std::f32::consts::FRAC_PI_2).abs() < 1e-6);
        for (p, q) in from.iter().zip(&to) {
            let [x, y] = fitted.apply(*p);
            assert!((x - q[0]).abs() < 1e-5 && (y - q[1]).abs() < 1e-5);
        }
    }

    #[test]
    fn degenerate_fits_are_none() {
        let line = [[0.0, 0.0], [1.0, 0.0], [3.0, 0.0]];
        assert!(Similarity::fit(&line, &line).is_some());
        assert!(Similarity::fit(&[[4.0, 4.0]; 3], &line).is_none());
        assert!(Similarity::fit(&line, &[[4.0, 4.0]; 3]).is_none());
        assert!(Similarity::fit(&line, &line[..2]).is_none());
        assert!(Similarity::fit(&line[..1], &line[..1]).is_none());
        assert!(Similarity::fit(&[], &[]).is_none());
        for bad in [f32::NAN, f32::INFINITY] {
            let mut broken = line;
            broken[1][1] = bad;
            assert!(Similarity::fit(&broken, &line).is_none());
            assert!(Similarity::fit(&line, &broken).is_none());
        }
        // A square and its mirror image: every rotation is equally bad.
        let square = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]];
        let mirrored = square.map(|[x, y]| [-x, y]);
        assert!(Similarity::fit(&square, &mirrored).is_none());
    }

    #[test]
    fn no_inverse_without_scale() {
        let flat = Similarity {
            a: 0.0,
            b: 0.0,
            tx: 1.0,
            ty: 2.0,
        };
        assert_eq!(flat.inverse(), None);
        assert_eq!(Similarity::IDENTITY.inverse(), Some(Similarity::IDENTITY));
    }
}
