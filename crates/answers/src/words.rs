//! Answers in words, for a person. In JSON they are the field's: `forged`, `uncertain`, `real`.

/// A verdict as one says it to a person.
#[must_use]
pub fn in_words(verdict: &str) -> String {
    match verdict {
        "forged" => "likely forged".into(),
        "uncertain" => "uncertain".into(),
        "real" => "no sign of forgery".into(),
        why => format!("cannot judge: {why}"),
    }
}

/// What a verdict says, and what it does not.
#[must_use]
pub fn meaning(verdict: &str) -> &'static str {
    match verdict {
        "forged" => {
            "The detector finds in it what it knows from forgeries. That is a reason to look closer, and no proof."
        }
        "uncertain" => {
            "The detector finds too much for a real face, and too little to call it forged. Other evidence has to decide."
        }
        "real" => {
            "The detector finds nothing that it knows from forgeries. It does not know them all: this proves nothing."
        }
        "no face" | "face too small" => {
            "The detector judges faces alone. All else in it, it says nothing about."
        }
        "too compressed" => "Compression has left too little of what the detector looks at.",
        "unreadable" => "It could not be read, or not as a picture or a film.",
        _ => "There is nothing in it that this detector can judge.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_called_real() {
        for verdict in ["forged", "uncertain", "real", "no face", "unreadable"] {
            assert!(!in_words(verdict).contains("real"), "{verdict}");
            assert!(!meaning(verdict).is_empty());
        }
        assert_eq!(in_words("no face"), "cannot judge: no face");
    }
}
