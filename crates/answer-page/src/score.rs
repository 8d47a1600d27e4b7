//! Verdicts and probabilities as they are shown.

/// A probability on its bar.
pub(crate) struct Score {
    /// In per cent.
    pub percent: String,
    /// On a bar of 100.
    pub at: f64,
    pub threshold: f64,
    pub uncertain_from: Option<f64>,
}

impl Score {
    pub(crate) fn new(score: f64, threshold: f64, uncertain_from: Option<f64>) -> Self {
        let on_bar = |share: f64| 100.0 * share.clamp(0.0, 1.0);
        Self {
            percent: percent(score),
            at: on_bar(score),
            threshold: on_bar(threshold),
            uncertain_from: uncertain_from.map(on_bar),
        }
    }
}

/// A share in per cent: never 0 nor 100, which no detector knows.
pub(crate) fn percent(share: f64) -> String {
    match 100.0 * share {
        least if least < 1.0 => "below 1 %".into(),
        most if most > 99.0 => "above 99 %".into(),
        percent => format!("{percent:.0} %"),
    }
}

/// The class of a verdict in the style.
pub(crate) fn class(verdict: &str) -> &'static str {
    match verdict {
        "forged" => "is-forged",
        "uncertain" => "is-uncertain",
        "real" => "is-clear",
        _ => "is-unjudged",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_certain() {
        assert_eq!(
            [percent(0.0), percent(1.0), percent(0.5)],
            ["below 1 %", "above 99 %", "50 %"]
        );
    }
}
