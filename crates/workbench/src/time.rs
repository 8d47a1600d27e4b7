//! Times for people and for JSON.

use std::time::{Duration, UNIX_EPOCH};

/// UTC as RFC 3339 has it, of milliseconds since 1970.
pub(crate) fn rfc3339(millis: i64) -> String {
    let since = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
    humantime::format_rfc3339_seconds(UNIX_EPOCH + since).to_string()
}
