//! Numbers as people read them.

/// A share in [0, 1] with three decimals: `0.931`.
pub(crate) fn share(value: f64) -> String {
    format!("{value:.3}")
}

/// A share in [0, 1] as a percentage without its sign: `93.1`.
pub(crate) fn percent(value: f64) -> String {
    format!("{:.1}", 100.0 * value)
}

/// A count with thin spaces between thousands.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// An axis label: just enough decimals to tell `value` from its neighbours `step` away.
pub(crate) fn tick(value: f64, step: f64) -> String {
    // Longer texts would run into the axis' name.
    if step < 1e-3 || value.abs().max(step) >= 1e6 {
        if value == 0.0 {
            return "0".to_owned();
        }
        let digits = value.abs().log10().floor() - step.log10().floor();
        let digits = digits.clamp(0.0, 3.0) as usize;
        return format!("{value:.digits$e}");
    }
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    let text = format!("{value:.decimals$}");
    // Rounding may leave the sign of a negative zero.
    if text.trim_matches(['-', '0', '.']).is_empty() {
        text.replace('-', "")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(7), "7");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(percent(0.12345), "12.3");
        assert_eq!(tick(0.30000000000000004, 0.1), "0.3");
        assert_eq!(tick(-1e-17, 0.5), "0.0");
        assert_eq!(tick(1500.0, 500.0), "1500");
        assert_eq!(tick(0.00002, 0.00001), "2e-5");
        assert_eq!(tick(0.0, 0.00001), "0");
        assert_eq!(tick(0.0005, 0.0005), "5e-4");
        assert_eq!(tick(0.003, 0.0005), "3.0e-3");
        assert_eq!(tick(0.004, 0.001), "0.004");
    }
}
