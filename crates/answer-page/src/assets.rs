//! How answers look, and what makes them move.

/// What answers need in a page besides the reports' style.
const OWN_STYLE: &str = include_str!("../assets/answer.css");

/// What makes answers move: blending, and time lines. It is to stand behind them.
pub const SCRIPT: &str = include_str!("../assets/answer.js");

/// The style of answers: that of the reports, and their own.
#[must_use]
pub fn style() -> String {
    format!("{}\n{OWN_STYLE}", report::STYLE)
}
