//! Neighbours along an axis, zero beyond its ends.

use onnx::Value;

use crate::layers::Net;

/// An axis of a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Along {
    /// Its place.
    pub(super) axis: usize,
    /// How many axes there are.
    pub(super) axes: usize,
    /// Its length.
    pub(super) length: usize,
}

impl Along {
    /// Element `i + offset` at every place `i`.
    pub(super) fn shifted(self, net: &mut Net<'_>, x: &Value, offset: i64) -> Value {
        if offset == 0 {
            return x.clone();
        }
        let padded = net.pad(x, (self.axis, self.axes), [(-offset).max(0), offset.max(0)]);
        let start = offset.max(0);
        let end = start + self.length as i64;
        net.slice(&padded, self.axis as i64, [start, end])
    }

    /// `f[i] - convolved[i + 1]`, and zero at the last place; with `offset` -1 that to the element before,
    /// and zero at the first.
    pub(super) fn difference(
        self,
        net: &mut Net<'_>,
        [f, convolved]: [&Value; 2],
        offset: i64,
    ) -> Value {
        if self.length == 1 {
            return net.with_number("Mul", f, 0.0);
        }
        let axis = self.axis as i64;
        let last = self.length as i64 - 1;
        let [here, there, pads] = match offset {
            1 => [[0, last], [1, last + 1], [0, 1]],
            _ => [[1, last + 1], [0, last], [1, 0]],
        };
        let here = net.slice(f, axis, here);
        let there = net.slice(convolved, axis, there);
        let difference = net.graph.node("Sub", &[&here, &there], &[]);
        net.pad(&difference, (self.axis, self.axes), pads)
    }

    /// The elements before, at and after each place, one behind the other along another axis.
    pub(super) fn neighbours(self, net: &mut Net<'_>, x: &Value, behind: i64) -> Value {
        let three = [-1, 0, 1].map(|offset| self.shifted(net, x, offset));
        let [before, at, after] = &three;
        net.concat(&[before, at, after], behind)
    }

    /// A convolution of each channel with taps of its own, an odd number of them.
    pub(super) fn convolve(self, net: &mut Net<'_>, x: &Value, taps: &[Value]) -> Value {
        let centre = taps.len() as i64 / 2;
        let mut sum: Option<Value> = None;
        for (offset, tap) in (-centre..).zip(taps) {
            let shifted = self.shifted(net, x, offset);
            let term = net.graph.node("Mul", &[&shifted, tap], &[]);
            sum = Some(match sum {
                Some(sum) => net.graph.node("Add", &[&sum, &term], &[]),
                None => term,
            });
        }
        sum.unwrap_or_else(|| x.clone())
    }
}
