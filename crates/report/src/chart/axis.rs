use crate::format;

/// About how many ticks an axis has.
const TICKS: f64 = 5.0;
/// A positive quantity that spans more than this factor is drawn on a logarithmic axis.
const LOGARITHMIC_FROM: f64 = 30.0;
/// Beyond these sizes nothing is drawn, so that no span overflows or vanishes.
const HUGE: f64 = 1e100;
const TINY: f64 = 1e-100;

/// A labelled axis over a range of values.
pub(crate) struct Axis {
    pub(crate) label: String,
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Axis {
    /// From `low` to `high`, `low < high`.
    pub(crate) fn fixed(label: &str, low: f64, high: f64) -> Self {
        Self {
            label: label.into(),
            low,
            high,
            logarithmic: false,
        }
    }

    /// From one tick to another around the drawable `values`; 0 to 1 where there are none.
    pub(crate) fn around(label: &str, values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = range(values).unwrap_or((0.0, 1.0));
        let step = tick_step(high - low);
        Self::fixed(
            label,
            (low / step).floor() * step,
            (high / step).ceil() * step,
        )
    }

    /// From zero, or logarithmic where the values are positive and span orders of magnitude.
    pub(crate) fn positive(label: &str, values: impl Iterator<Item = f64> + Clone) -> Self {
        match range(values.clone()) {
            Some((low, high)) if low > TINY && high / low > LOGARITHMIC_FROM => {
                let label = format!("{label} (log scale)");
                Self {
                    label,
                    low: low / 1.2,
                    high: high * 1.2,
                    logarithmic: true,
                }
            }
            _ => Self::around(label, values.chain([0.0])),
        }
    }

    /// True where `value` has a place on the axis.
    pub(crate) fn shows(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// 0 at the low end of the axis to 1 at its high end.
    pub(crate) fn place(&self, value: f64) -> f64 {
        if self.logarithmic {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    /// Round values on the axis with their texts.
    pub(crate) fn ticks(&self) -> Vec<(f64, String)> {
        if self.logarithmic {
            return self.logarithmic_ticks();
        }
        let step = tick_step(self.high - self.low);
        let first = (self.low / step).ceil() as i64;
        let last = (self.high / step * (1.0 + 1e-9)).floor() as i64;
        let ticks = (first..=last).map(|i| i as f64 * step);
        ticks
            .map(|value| (value, format::tick(value, step)))
            .collect()
    }

    /// Powers of ten; with 2 and 5 between them where the axis spans few.
    fn logarithmic_ticks(&self) -> Vec<(f64, String)> {
        let (first, last) = (
            self.low.log10().floor() as i32,
            self.high.log10().ceil() as i32,
        );
        let digits: &[f64] = if last - first > 4 {
            &[1.0]
        } else {
            &[1.0, 2.0, 5.0]
        };
        let every = (last - first) as usize / 10 + 1;
        let powers = (first..=last)
            .step_by(every)
            .map(|power| 10_f64.powi(power));
        let ticks = powers.flat_map(|power| digits.iter().map(move |digit| (digit * power, power)));
        let shown = ticks.filter(|(value, _)| self.shows(*value));
        shown
            .map(|(value, power)| (value, format::tick(value, power)))
            .collect()
    }
}

/// True of numbers whose differences and ratios stay finite: not of NaN and infinities.
pub(crate) fn drawable(value: f64) -> bool {
    value.abs() < HUGE
}

/// Lowest and highest drawable value, apart even where all are (nearly) equal; nothing where there
/// are none.
pub(crate) fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let low_high = |range, value: f64| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    };
    let (low, high) = values
        .filter(|value| drawable(*value))
        .fold(None, low_high)?;
    let magnitude = low.abs().max(high.abs());
    if high - low > 1e-9 * magnitude.max(TINY) {
        return Some((low, high));
    }
    let margin = if magnitude < TINY {
        0.5
    } else {
        magnitude / 2.0
    };
    Some((low - margin, high + margin))
}

/// 1, 2 or 5 times a power of ten that divides `span` into about [`TICKS`].
fn tick_step(span: f64) -> f64 {
    let rough = span / TICKS;
    let power = 10_f64.powf(rough.log10().floor());
    let digit = match rough / power {
        ..1.5 => 1.0,
        ..3.5 => 2.0,
        ..7.5 => 5.0,
        _ => 10.0,
    };
    digit * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis) -> Vec<String> {
        axis.ticks().into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            texts(&Axis::fixed("", 0.0, 1.0)),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
        );
        assert_eq!(
            texts(&Axis::around("", [3.0, 1180.0].into_iter()))
                .last()
                .unwrap(),
            "1200"
        );
        let loss = Axis::positive("loss", [0.02, 3.0].into_iter());
        assert_eq!(
            texts(&loss),
            ["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"]
        );
        assert_eq!(loss.label, "loss (log scale)");
    }

    #[test]
    fn odd_values_have_an_axis_too() {
        let nothing = [f64::NAN, f64::INFINITY];
        let cases: [&[f64]; 8] = [
            &[],
            &nothing,
            &[0.0],
            &[-4.0, -4.0],
            &[5.0, 5.0_f64.next_up()],
            &[0.0, f64::MIN_POSITIVE],
            &[1e-99, 1e99],
            &[1e-300, 1e300],
        ];
        for values in cases {
            for axis in [
                Axis::around("", values.iter().copied()),
                Axis::positive("", values.iter().copied()),
            ] {
                let ticks = axis.ticks();
                assert!(
                    (1..40).contains(&ticks.len()),
                    "{values:?}: {}",
                    ticks.len()
                );
                assert!(
                    ticks
                        .iter()
                        .all(|(value, _)| (-0.01..1.01).contains(&axis.place(*value)))
                );
            }
        }
    }
}
