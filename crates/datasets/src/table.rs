//! Tables (CSV) whose columns are known by their names.

use csv::StringRecord;

use crate::error::ListError;

/// A table in which every row has each named column.
pub(crate) struct Table {
    names: StringRecord,
    /// The rows, in order.
    pub(crate) rows: Vec<StringRecord>,
}

impl Table {
    /// Reads a table with a line of names.
    ///
    /// # Errors
    ///
    /// [`ListError`]: no such table.
    pub(crate) fn parse(text: &str) -> Result<Self, ListError> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        Ok(Self {
            names: reader.headers()?.clone(),
            rows: reader.records().collect::<Result<_, _>>()?,
        })
    }

    /// Where a column is.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|own| own.trim() == name)
    }

    /// Where a column is that must be there.
    ///
    /// # Errors
    ///
    /// [`ListError::Entry`]: it is not.
    pub(crate) fn column(&self, name: &str) -> Result<usize, ListError> {
        self.find(name)
            .ok_or_else(|| ListError::entry(name, "no column of this name"))
    }
}
