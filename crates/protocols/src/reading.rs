//! Reading protocols, strictly.

use std::{collections::BTreeMap, fs, path::Path};

use experiment::Recipe;
use serde::de::DeserializeOwned;

use crate::{
    Error, Wrong,
    protocol::{Column, Protocol, Row, Stores},
};

/// The file that names the stores.
const STORES: &str = "stores.toml";

/// All protocols, by name, and the stores they speak of.
pub struct Protocols {
    /// The tables.
    pub tables: BTreeMap<String, Protocol>,
    /// The stores.
    pub stores: Stores,
}

impl Protocols {
    /// Reads the protocols of a folder, strictly.
    ///
    /// # Errors
    /// Where one cannot be read, or says what cannot be meant.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let stores: Stores = read(&folder.join(STORES))?;
        let mut tables = BTreeMap::new();
        for file in fs::read_dir(folder).map_err(Error::io(folder))? {
            let path = file.map_err(Error::io(folder))?.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let toml = path.extension().is_some_and(|ending| ending == "toml");
            if !toml || path.ends_with(STORES) {
                continue;
            }
            let protocol: Protocol = read(&path)?;
            if protocol.columns.is_empty() || protocol.rows.is_empty() {
                return Err(Error::NoTable { path });
            }
            let checked = protocol.check(&stores);
            checked.map_err(|(row, column, wrong)| Error::Meaning {
                path: path.clone(),
                row: row.name.clone(),
                column: column.map(|column| column.name.clone()),
                wrong: Box::new(wrong),
            })?;
            tables.insert(name.into_owned(), protocol);
        }
        match tables.is_empty() {
            true => Err(Error::NoProtocol {
                path: folder.to_owned(),
            }),
            false => Ok(Self { tables, stores }),
        }
    }

    /// The tables' names.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.tables.keys().map(String::as_str).collect()
    }
}

impl Protocol {
    /// Refuses what cannot be meant: its row, the column where it is one's fault, and what it is.
    fn check(&self, stores: &Stores) -> Result<(), (&Row, Option<&Column>, Wrong)> {
        let known = |store: &String| match stores.contains_key(store) {
            true => Ok(()),
            false => Err(Wrong::UnknownStore(store.clone())),
        };
        for row in &self.rows {
            row.check(self.columns.len(), known)
                .map_err(|wrong| (row, None, wrong))?;
            if row.recipe.is_none() {
                continue;
            }
            for column in &self.columns {
                row.check_column(column, known)
                    .map_err(|wrong| (row, Some(column), wrong))?;
            }
        }
        Ok(())
    }
}

impl Row {
    /// Refuses what cannot be meant, whatever the columns say.
    fn check(
        &self,
        columns: usize,
        known: impl Fn(&String) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        let numbers = self.published.len();
        if numbers != columns {
            return Err(Wrong::Count { numbers, columns });
        }
        let Some(recipe) = &self.recipe else {
            return match self.set.is_empty() && self.train.is_none() {
                true => Ok(()),
                false => Err(Wrong::NothingTrained),
            };
        };
        if self.missing.is_some() {
            return Err(Wrong::RecipeAndMissing);
        }
        Recipe::load(recipe, &self.set)?.check_training()?;
        if let Some(first) = &self.first {
            Recipe::load(&first.recipe, &first.set)?;
            known(&first.train)?;
        }
        Ok(())
    }

    /// Refuses what cannot be meant together with a column.
    fn check_column(
        &self,
        column: &Column,
        known: impl Fn(&String) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        let once = |what, row: &Option<String>, column: &Option<String>| match (row, column) {
            (Some(_), Some(_)) => Err(Wrong::Twice(what)),
            (Some(name), None) | (None, Some(name)) => Ok(Some(name.clone())),
            (None, None) => Ok(None),
        };
        let train = once("train", &self.train, &column.train)?;
        let test = once("test", &self.test, &column.test)?;
        once("method", &self.method, &column.method)?;
        for (what, store) in [("train", train), ("test", test)] {
            match store {
                Some(store) => known(&store)?,
                None if column.mean => {}
                None => return Err(Wrong::NoStore(what)),
            }
        }
        Ok(())
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = fs::read_to_string(path).map_err(Error::io(path))?;
    toml::from_str(&text).map_err(|source| Error::Syntax {
        path: path.to_owned(),
        source: Box::new(source),
    })
}
