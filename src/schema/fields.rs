//! The fields of the index as users see them, read from `fields.toml`.

use serde::Deserialize;

use super::SchemaError;

const FILE: &str = "fields.toml";

/// What a field holds and how it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// Words.
    Text,
    /// Names of entities, through the aliases; a facet.
    Actor,
    /// Exact values; a facet.
    Value,
    /// Dates.
    Date,
}

/// A field of the index.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Name in queries.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// One line of help.
    pub help: String,
    /// Other names for it.
    #[serde(default)]
    pub also: Vec<String>,
}

/// All fields but the roles, which `roles.toml` adds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    field: Vec<Field>,
    /// Facets shown unless others are asked for.
    pub default_facets: Vec<String>,
}

impl Fields {
    pub(super) fn read(text: &str) -> Result<Self, SchemaError> {
        toml::from_str(text).map_err(|e| SchemaError::new(FILE, e))
    }

    /// Finds a field by its name or another name for it.
    pub fn find(&self, name: &str) -> Option<&Field> {
        self.field.iter().find(|f| f.name == name || f.also.iter().any(|a| a == name))
    }

    /// Tells whether the values of a facet are names, which may have other spellings. A role's are.
    pub fn are_names(&self, facet: &str) -> bool {
        self.find(facet).is_none_or(|field| field.kind == FieldKind::Actor)
    }

    /// Lists the fields.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.field.iter()
    }
}
