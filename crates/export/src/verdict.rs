//! The outputs that all detectors have.

use metrics::Decision;
use onnx::{Axis, Value};

use crate::layers::{BATCH, Maps, Net};

/// The farthest that the log-odds of a score are from 0: those of the single-precision number below 1,
/// where calibration keeps scores, too.
const MOST_LOG_ODDS: f64 = 16.635_532;

/// The outputs `logits`, `[batch, 2]`, of real and forged, and `probability`, `[batch]`: that of forged,
/// calibrated.
pub(crate) fn judge(net: &mut Net<'_>, logits: &Value, decision: &Decision) {
    net.graph.output("logits", logits, &[BATCH, Axis::Fixed(2)]);
    let probability = probability(net, logits, 1, decision);
    let probability = net.reshape(&probability, &[-1]);
    net.graph.output("probability", &probability, &[BATCH]);
}

/// The calibrated probability of forged; `logits` have those of real and forged along the axis, of which one
/// element stays.
pub(crate) fn probability(
    net: &mut Net<'_>,
    logits: &Value,
    axis: i64,
    decision: &Decision,
) -> Value {
    let [real, forged] = [[0, 1], [1, 2]].map(|bounds| net.slice(logits, axis, bounds));
    let log_odds = net.graph.node("Sub", &[&forged, &real], &[]);
    let log_odds = net.clip(&log_odds, [-MOST_LOG_ODDS, MOST_LOG_ODDS]);
    let scaled = net.with_number("Mul", &log_odds, decision.slope);
    let calibrated = net.with_number("Add", &scaled, decision.offset);
    net.graph.node("Sigmoid", &[&calibrated], &[])
}

/// The output `heat_map`, `[batch, height, width]` in the input's size, of a single map.
pub(crate) fn heat_map(net: &mut Net<'_>, map: &Maps, size: [usize; 2]) {
    let whole = net.resize(map, size);
    let [height, width] = size;
    let value = net.reshape(&whole.value, &[-1, height as i64, width as i64]);
    let shape = [BATCH, Axis::Fixed(height), Axis::Fixed(width)];
    net.graph.output("heat_map", &value, &shape);
}

/// The share of forged of maps of the logits of real and forged, as a single map.
pub(crate) fn forged_share(net: &mut Net<'_>, logits: &Maps) -> Maps {
    let shares = net.softmax(&logits.value, 1);
    channel(net, &logits.with(shares), 1)
}

/// One channel.
pub(crate) fn channel(net: &mut Net<'_>, maps: &Maps, index: usize) -> Maps {
    channels(net, maps, index..index + 1)
}

/// Some channels.
pub(crate) fn channels(net: &mut Net<'_>, maps: &Maps, range: std::ops::Range<usize>) -> Maps {
    let bounds = [range.start as i64, range.end as i64];
    Maps {
        value: net.slice(&maps.value, 1, bounds),
        channels: range.len(),
        size: maps.size,
    }
}
