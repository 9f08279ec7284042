//! Which files the index holds, as they were when they were read; kept beside the engine's files.
//!
//! The commit names the file that goes with it, so that both change in one step.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;
use tantivy::Directory;

use super::IndexError;
use super::named;

/// One file of the corpus.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Its path as shown to people.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Nanoseconds since 1970-01-01.
    pub modified: u64,
    /// Ids of its articles.
    pub ids: Vec<String>,
    /// Records of it that could not be read, with the reason.
    pub skipped: Vec<(Option<u32>, String)>,
    /// Records of it that a rule leaves out, counted by reason.
    pub left_out: BTreeMap<String, u64>,
    /// Articles of it that were replaced by later ones with the same id.
    pub repeated: u64,
    /// Hash of the tables that its articles were annotated with.
    pub tables: String,
    /// Hash of the tables that it was read with.
    pub reading: String,
}

/// All files of the corpus, by their absolute path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sources {
    /// The roots that were indexed.
    pub roots: Vec<String>,
    /// Files by key.
    pub files: BTreeMap<String, Source>,
}

/// Tells whether a file is that of a path, or lies below it; both absolute.
pub fn is_below(file: &str, path: &str) -> bool {
    file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Sources {
    /// Reads the state that a commit names.
    pub(super) fn read(dir: &Path, name: &str) -> Result<Sources, IndexError> {
        named::read_packed(dir, PREFIX, name)
    }

    /// Writes the state under a name that tells its contents; returns the name.
    pub(super) fn write(&self, to: &dyn Directory, dir: &Path) -> Result<String, IndexError> {
        named::write_packed(to, dir, PREFIX, self)
    }

    /// Removes states that no commit names any more.
    pub(super) fn remove_others(dir: &Path, current: &str) {
        named::remove_others(dir, PREFIX, current);
    }
}

/// Begins the name of their file.
pub(super) const PREFIX: &str = "sources-";
