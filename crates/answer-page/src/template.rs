//! Templates, filled in.

use askama::Template;

/// A template filled in; writing into memory does not fail.
pub(crate) fn written(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| error.to_string())
}
