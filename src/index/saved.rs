//! Saved searches, and which articles have been told for each: a file in the index directory that is no part of any
//! commit, replaced as a whole.

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;
use tantivy::Directory;
use tantivy::directory::MmapDirectory;

use super::IndexError;

const NAME: &str = "saved.json";
const LOCK: &str = ".saved.lock";

/// Articles that a feed of alerts goes on showing.
const RECENT: usize = 100;

/// A search that is asked again and again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSearch {
    /// Its name.
    pub name: String,
    /// The query as typed.
    pub query: String,
    /// Filters as typed: `broker=Russia`.
    #[serde(default)]
    pub filters: Vec<String>,
    /// First day of publication.
    #[serde(default)]
    pub from: Option<String>,
    /// Last day of publication.
    #[serde(default)]
    pub to: Option<String>,
    /// Any of the words instead of all.
    #[serde(default)]
    pub any: bool,
    /// The query is words; nothing in it is an operator.
    #[serde(default)]
    pub plain: bool,
    /// Numbers ([`super::tie_of`]) of the articles that have been told.
    #[serde(default)]
    pub told: BTreeSet<u64>,
}

/// An article that was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Name of the search.
    pub search: String,
    /// Id of the article.
    pub id: String,
    /// Seconds since 1970-01-01.
    pub at: i64,
}

/// All saved searches of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// In the order in which they were added.
    pub searches: Vec<SavedSearch>,
    /// The articles told last, the newest first.
    #[serde(default)]
    pub recent: Vec<Told>,
}

/// Keeps other processes from changing the saved searches; ends when it is dropped.
#[derive(Debug)]
pub struct SavedLock {
    _file: File,
}

impl Saved {
    /// Waits for other processes that change the saved searches.
    ///
    /// # Errors
    /// If the index directory cannot be written.
    pub fn lock(dir: &Path) -> Result<SavedLock, IndexError> {
        fs::create_dir_all(dir).map_err(IndexError::io(dir))?;
        let path = dir.join(LOCK);
        let open = || {
            let file = File::options().create(true).truncate(false).write(true).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        Ok(SavedLock { _file: open().map_err(IndexError::io(&path))? })
    }

    /// Reads the saved searches of an index; none if nothing was saved.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read(dir: &Path) -> Result<Saved, IndexError> {
        let path = dir.join(NAME);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Saved::default()),
            Err(source) => return Err(IndexError::Io { path, source }),
        };
        serde_json::from_slice(&bytes).map_err(|e| IndexError::Damaged {
            path: dir.into(),
            reason: format!(
                "{NAME} cannot be read ({e}): mend it, or remove it to begin without saved searches"
            ),
        })
    }

    /// Puts these searches in the place of those before, in one step.
    ///
    /// # Errors
    /// If the disk refuses; those before are then still there.
    pub fn write(&self, dir: &Path) -> Result<(), IndexError> {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        let failed = IndexError::io(dir.join(NAME));
        let write = || -> std::io::Result<()> {
            let files = MmapDirectory::open(dir).map_err(std::io::Error::other)?;
            files.atomic_write(Path::new(NAME), &bytes)?;
            files.sync_directory()
        };
        write().map_err(failed)
    }

    /// Notes that articles of a search were told, the newest first.
    pub fn tell(&mut self, search: &str, ids: &[String], at: i64) {
        let Some(saved) = self.searches.iter_mut().find(|s| s.name == search) else { return };
        saved.told.extend(ids.iter().map(|id| super::tie_of(id)));
        let fresh = ids.iter().map(|id| Told { search: search.into(), id: id.clone(), at });
        self.recent = fresh.chain(std::mem::take(&mut self.recent)).take(RECENT).collect();
    }
}
