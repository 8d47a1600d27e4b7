//! What a reader must know before believing an answer.

use answers::About;

/// What no answer says.
pub const LIMITS: &str = "The detector judges faces: who made a file, when, where and why, whether its sound or its caption is true, it does not know. It knows kinds of forgery that it was trained on, and misses others; compression, size and light move its scores. Probabilities are calibrated where forged and real faces are as frequent as each other; where forgeries are rare, an alarm is more often a false one. No verdict here is a proof.";

/// What a reader must know of a detector.
#[must_use]
pub fn notes(about: &About) -> Vec<String> {
    let mut notes = Vec::new();
    if about.synthetic {
        notes.push(
            "This detector was trained on synthetic faces: its verdict on photographs means little."
                .into(),
        );
    }
    notes.extend(about.origin.iter().map(|origin| format!("{origin}.")));
    notes.extend(about.measured.iter().map(|measured| {
        let of_hundred = about.false_alarms.map(|share| {
            let count = 100.0 * share;
            format!("Of 100 real faces about {count:.0} are called forged by it")
        });
        let so = of_hundred.unwrap_or_else(|| "How often it is wrong about real faces".into());
        format!("{so}: {measured}.")
    }));
    notes
}
