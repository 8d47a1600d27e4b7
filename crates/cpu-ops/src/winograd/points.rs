//! The maps of F(4 x 4, 3 x 3) along one axis and along both, for a group of channels side by side; their
//! points are 0, 1, -1, 2, -2 and infinity.

/// Channels of a group.
pub(super) const LANES: usize = 16;
/// A tile's values that come out, along one axis.
pub(super) const OUT: usize = 4;
/// A tile's values that go in, along one axis, and its points.
pub(super) const IN: usize = 6;
/// Points of a tile.
pub(super) const POINTS: usize = IN * IN;

/// One value of each channel of a group.
pub(super) type Lane = [f32; LANES];

/// Values of a group that may be smaller than others; zeros follow.
#[inline(always)]
pub(super) fn lane(values: &[f32]) -> Lane {
    if let Some((lane, _)) = values.split_first_chunk::<LANES>() {
        return *lane;
    }
    let mut lane = [0.0; LANES];
    lane[..values.len()].copy_from_slice(values);
    lane
}

#[inline(always)]
fn map<const N: usize>(values: [&Lane; N], f: impl Fn([f32; N]) -> f32) -> Lane {
    std::array::from_fn(|lane| f(values.map(|value| value[lane])))
}

/// `B^T d` for a column of six.
#[inline(always)]
pub(super) fn into_points(d: [&Lane; IN]) -> [Lane; IN] {
    [
        map([d[0], d[2], d[4]], |[a, c, e]| 4.0 * a - 5.0 * c + e),
        map([d[1], d[2], d[3], d[4]], |[b, c, d, e]| {
            (d + e) - 4.0 * (b + c)
        }),
        map([d[1], d[2], d[3], d[4]], |[b, c, d, e]| {
            4.0 * (b - c) + (e - d)
        }),
        map([d[1], d[2], d[3], d[4]], |[b, c, d, e]| {
            2.0 * (d - b) + (e - c)
        }),
        map([d[1], d[2], d[3], d[4]], |[b, c, d, e]| {
            2.0 * (b - d) + (e - c)
        }),
        map([d[1], d[3], d[5]], |[b, d, f]| 4.0 * b - 5.0 * d + f),
    ]
}

/// `A^T m` for a column of six.
#[inline(always)]
pub(super) fn out_of_points(m: [&Lane; IN]) -> [Lane; OUT] {
    let [a, b, c, d, e, f] = m;
    [
        map([a, b, c, d, e], |[a, b, c, d, e]| a + (b + c) + (d + e)),
        map([b, c, d, e], |[b, c, d, e]| (b - c) + 2.0 * (d - e)),
        map([b, c, d, e], |[b, c, d, e]| (b + c) + 4.0 * (d + e)),
        map([b, c, d, e, f], |[b, c, d, e, f]| {
            (b - c) + 8.0 * (d - e) + f
        }),
    ]
}

/// `A y` for a column of four: [`out_of_points`] transposed.
#[inline(always)]
pub(super) fn back_to_points(y: [&Lane; OUT]) -> [Lane; IN] {
    [
        *y[0],
        map(y, |[a, b, c, d]| (a + c) + (b + d)),
        map(y, |[a, b, c, d]| (a + c) - (b + d)),
        map(y, |[a, b, c, d]| (a + 4.0 * c) + (2.0 * b + 8.0 * d)),
        map(y, |[a, b, c, d]| (a + 4.0 * c) - (2.0 * b + 8.0 * d)),
        *y[3],
    ]
}

/// `G g` for a column of three.
#[inline(always)]
pub(super) fn kernel_to_points(g: [&Lane; 3]) -> [Lane; IN] {
    [
        map([g[0]], |[a]| a / 4.0),
        map(g, |[a, b, c]| -(a + b + c) / 6.0),
        map(g, |[a, b, c]| -(a - b + c) / 6.0),
        map(g, |[a, b, c]| (a + 2.0 * b + 4.0 * c) / 24.0),
        map(g, |[a, b, c]| (a - 2.0 * b + 4.0 * c) / 24.0),
        *g[2],
    ]
}

/// `G^T u` for a column of six: [`kernel_to_points`] transposed.
#[inline(always)]
pub(super) fn points_to_kernel(u: [&Lane; IN]) -> [Lane; 3] {
    let [a, b, c, d, e, f] = u;
    [
        map([a, b, c, d, e], |[a, b, c, d, e]| {
            a / 4.0 - (b + c) / 6.0 + (d + e) / 24.0
        }),
        map([b, c, d, e], |[b, c, d, e]| (c - b) / 6.0 + (d - e) / 12.0),
        map([b, c, d, e, f], |[b, c, d, e, f]| {
            (d + e) / 6.0 - (b + c) / 6.0 + f
        }),
    ]
}

/// A map of `N x N` values to `M x M`: the same for columns, then for rows.
#[inline(always)]
pub(super) fn both_axes<const N: usize, const M: usize>(
    at: impl Fn(usize, usize) -> Lane,
    one_axis: impl Fn([&Lane; N]) -> [Lane; M],
    mut put: impl FnMut(usize, Lane),
) {
    let columns: [[Lane; M]; N] = std::array::from_fn(|x| {
        let column: [Lane; N] = std::array::from_fn(|y| at(y, x));
        one_axis(column.each_ref())
    });
    #[expect(clippy::needless_range_loop, reason = "y is a row of every column")]
    for y in 0..M {
        let row: [&Lane; N] = std::array::from_fn(|x| &columns[x][y]);
        for (x, value) in one_axis(row).into_iter().enumerate() {
            put(y * M + x, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole numbers, another for each seed.
    fn numbers<const N: usize>(seed: usize) -> [Lane; N] {
        std::array::from_fn(|place| [((place * 7 + seed * 5) % 11) as f32 - 5.0; LANES])
    }

    fn dot<const N: usize>(a: &[Lane; N], b: &[Lane; N]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a[0] * b[0]).sum()
    }

    #[test]
    fn the_products_of_points_are_a_convolution() {
        let (d, g) = (numbers::<IN>(1), numbers::<3>(2));
        let (at_d, at_g) = (into_points(d.each_ref()), kernel_to_points(g.each_ref()));
        let products: [Lane; IN] =
            std::array::from_fn(|point| map([&at_d[point], &at_g[point]], |[d, g]| d * g));
        for (place, found) in out_of_points(products.each_ref()).iter().enumerate() {
            let by_hand: f32 = (0..3).map(|tap| d[place + tap][0] * g[tap][0]).sum();
            assert!((found[0] - by_hand).abs() < 1e-4, "{} {by_hand}", found[0]);
        }
    }

    #[test]
    fn the_ways_back_are_transposed() {
        let (points, out, kernel) = (numbers::<IN>(3), numbers::<OUT>(4), numbers::<3>(6));
        let forth = dot(&out_of_points(points.each_ref()), &out);
        assert_eq!(forth, dot(&points, &back_to_points(out.each_ref())));
        let forth = dot(&kernel_to_points(kernel.each_ref()), &points);
        let back = dot(&kernel, &points_to_kernel(points.each_ref()));
        assert!((forth - back).abs() < 1e-4, "{forth} {back}");
    }
}
