//! Words that a query may stand for besides its own.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::SchemaError;

const FILE: &str = "synonyms.toml";

/// Groups of words that mean the same.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Synonyms {
    /// Weight of a synonym beside the word that was asked for, above 0 and up to 1.
    pub weight: f32,
    groups: BTreeMap<String, Vec<String>>,
}

impl Synonyms {
    pub(super) fn read(text: &str) -> Result<Synonyms, SchemaError> {
        let read: Synonyms = toml::from_str(text).map_err(|e| SchemaError::new(FILE, e))?;
        if !(read.weight > 0.0 && read.weight <= 1.0) {
            return Err(SchemaError::new(FILE, "`weight` is to be above 0 and up to 1"));
        }
        Ok(read)
    }

    /// Lists the words and phrases of each group, as written in the table.
    pub fn groups(&self) -> impl Iterator<Item = &[String]> {
        self.groups.values().map(Vec::as_slice)
    }
}
