//! A recipe's text, with keys set from the command line.

use serde::de::DeserializeOwned;

/// Reads TOML after setting `key=value` pairs in it; `key=` takes the key out.
///
/// # Errors
/// What is wrong with the text or a pair, with the key.
pub(super) fn read<T: DeserializeOwned>(text: &str, set: &[String]) -> Result<T, String> {
    let mut table: toml::Table = toml::from_str(text).map_err(|error| error.to_string())?;
    for pair in set {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| format!("`{pair}`: expected key=value, as schedule.steps=200"))?;
        let (key, value) = (key.trim(), value.trim());
        match value {
            "" => remove(&mut table, key)?,
            value => insert(&mut table, key, parse_value(value))?,
        }
    }
    // From text again: messages then name the line, the key and what was expected.
    let text = toml::to_string(&table).map_err(|error| error.to_string())?;
    toml::from_str(&text).map_err(|error| error.to_string().trim_end().to_owned())
}

/// Puts `value` at the dotted `key`, making tables on the way.
fn insert(table: &mut toml::Table, key: &str, value: toml::Value) -> Result<(), String> {
    let mut parts: Vec<&str> = key.split('.').collect();
    let last = parts
        .pop()
        .filter(|last| !last.is_empty())
        .ok_or("a value without a key")?;
    let mut table = table;
    for part in parts {
        table = table
            .entry(part)
            .or_insert_with(|| toml::Value::Table(toml::Table::new()))
            .as_table_mut()
            .ok_or_else(|| format!("{key}: '{part}' is a value, not a table"))?;
    }
    table.insert(last.to_owned(), value);
    Ok(())
}

/// A TOML value, or else the text itself, so that `--set crop.border=replicate` needs no quotes.
fn parse_value(text: &str) -> toml::Value {
    toml::from_str::<toml::Table>(&format!("value = {text}"))
        .ok()
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| toml::Value::String(text.to_owned()))
}

/// Takes the dotted `key` out, with all that is in it.
fn remove(table: &mut toml::Table, key: &str) -> Result<(), String> {
    let (path, last) = match key.rsplit_once('.') {
        Some((path, last)) => (path.split('.').collect(), last),
        None => (Vec::new(), key),
    };
    let holder = path.into_iter().try_fold(table, |table, part: &str| {
        table.get_mut(part).and_then(toml::Value::as_table_mut)
    });
    let removed = holder.and_then(|table| table.remove(last));
    let absent = || format!("{key}: the recipe has no such key to take out");
    removed.map(drop).ok_or_else(absent)
}

#[cfg(test)]
mod tests {
    use synth_data::augment::AugmentConfig;

    use crate::Recipe;

    #[test]
    fn a_key_without_a_value_is_taken_out_of_the_recipe() {
        let set = ["augmentation.crop=", "augmentation.jpeg.probability=0"].map(String::from);
        let [plain, without] =
            [&[][..], &set[..]].map(|set| Recipe::load("adm-paper", set).unwrap());
        assert!(plain.augmentation.crop.is_some());
        assert_eq!(without.augmentation.crop, None);
        assert_eq!(without.augmentation.jpeg.probability, 0.0);
        let kept = AugmentConfig {
            crop: None,
            jpeg: without.augmentation.jpeg,
            ..plain.augmentation
        };
        assert_eq!(without.augmentation, kept);
        let refusal = |pair: &str| {
            let refused = Recipe::load("pcl-smoke", &[pair.to_owned()]);
            refused.unwrap_err().to_string()
        };
        // What was never there is a slip, and what must be there is missed.
        let absent = refusal("augmentation.crops=");
        assert!(absent.contains("augmentation.crops"), "{absent}");
        let needed = refusal("crop=");
        assert!(needed.contains("missing field `crop`"), "{needed}");
    }
}
