//! In what the measures of two runs differ.

use serde_json::Value;

/// Every place where the measures (`metrics.json`) of two runs differ, with both values. Where their data
/// lie may differ.
#[must_use]
pub fn differences(before: &Value, now: &Value) -> Vec<String> {
    let mut found = Vec::new();
    between("", before, now, &mut found);
    found
}

fn between(at: &str, before: &Value, now: &Value, found: &mut Vec<String>) {
    match (before, now) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            for key in keys.filter(|key| !(at.is_empty() && *key == "data")) {
                let dot = if at.is_empty() { "" } else { "." };
                let (a, b) = (a.get(key), b.get(key));
                let (a, b) = (a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null));
                between(&format!("{at}{dot}{key}"), a, b, found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                between(&format!("{at}[{i}]"), a, b, found);
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{at}: {a} then, {b} now")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_are_named_by_their_place() {
        let before =
            json!({ "data": "/a", "threshold": 0.5, "groups": [{ "auc": { "value": 0.9 } }] });
        let mut now = before.clone();
        now["data"] = "/b".into();
        assert_eq!(differences(&before, &now), [""; 0]);
        now["groups"][0]["auc"]["value"] = 0.8.into();
        now["skipped"] = 3.into();
        assert_eq!(
            differences(&before, &now),
            [
                "groups[0].auc.value: 0.9 then, 0.8 now",
                "skipped: null then, 3 now"
            ]
        );
        now["groups"] = json!([]);
        assert!(differences(&before, &now)[0].starts_with("groups: [{"));
    }
}
