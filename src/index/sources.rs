//! Which files the index holds, as they were when they were read; kept beside the engine's files.
//!
//! The commit names the file that goes with it, so that both change in one step.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;

use super::IndexError;
use super::manifest;

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

impl Sources {
    /// Reads the state that a commit names.
    pub(super) fn read(dir: &Path, name: &str) -> Result<Sources, IndexError> {
        let path = dir.join(name);
        let bytes = fs::read(&path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => {
                IndexError::Damaged { path: dir.into(), reason: format!("{name} is missing") }
            }
            _ => IndexError::Io { path: path.clone(), source: e },
        })?;
        let damaged = || IndexError::Damaged {
            path: dir.into(),
            reason: format!("{name} does not hold what was written"),
        };
        if manifest::digest(&bytes) != name.trim_start_matches(PREFIX).trim_end_matches(SUFFIX) {
            return Err(damaged());
        }
        postcard::from_bytes(&bytes).map_err(|_| damaged())
    }

    /// Writes the state under a name that tells its contents; returns the name.
    pub(super) fn write(&self, dir: &Path) -> Result<String, IndexError> {
        let bytes = postcard::to_stdvec(self)
            .map_err(|e| IndexError::Damaged { path: dir.into(), reason: e.to_string() })?;
        let name = format!("{PREFIX}{}{SUFFIX}", manifest::digest(&bytes));
        manifest::write_durably(&dir.join(&name), &bytes)?;
        Ok(name)
    }

    /// Removes states that no commit names any more; what cannot be removed now is removed another time.
    pub(super) fn remove_others(dir: &Path, current: &str) {
        let Ok(entries) = fs::read_dir(dir) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(PREFIX) && name.ends_with(SUFFIX) && name != current {
                // A leftover costs space and nothing else.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

const PREFIX: &str = "sources-";
const SUFFIX: &str = ".bin";
