//! Annotated articles in tantivy: fields, documents, the writer, the manifest, and opening for reading.
//!
//! The index is a cache of the corpus: it can always be rebuilt, and it knows the schema that it was made with.

mod bytes;
mod directory;
mod document;
mod encoding;
mod event_values;
mod facet_column;
mod facet_plugin;
mod facet_table;
mod fields;
mod forms;
mod kept;
mod manifest;
mod named;
mod namesakes;
mod overlay;
mod reader;
mod rebuild;
mod saved;
mod scored_lists;
mod similarity;
mod sources;
mod store;
mod stored;
mod stories;
mod story_table;
mod synonyms;
mod tables;
mod tokenizer;
mod writer;

use std::path::PathBuf;

pub use document::Prepared;
pub use document::facet_values;
pub use document::kept_and_aside;
pub use document::prepare;
pub use document::tie_of;
pub use encoding::decode;
pub use encoding::encode;
pub use event_values::EventValue;
pub use facet_column::FacetColumn;
pub use facet_table::FacetLists;
pub use facet_table::FacetTable;
pub use facet_table::SegmentFacets;
pub use fields::IndexFields;
pub use forms::form;
pub use forms::form_infos;
pub use forms::forms;
pub use forms::holders;
pub use forms::words_that_fit;
pub use manifest::Damage;
pub use overlay::Groups;
pub use overlay::SpelledName;
pub use overlay::likeness;
pub use reader::Identity;
pub use reader::Opened;
pub use reader::check;
pub use reader::find_index;
pub use reader::open;
pub use reader::open_whole;
pub use rebuild::Rebuild;
pub use saved::Saved;
pub use saved::SavedLock;
pub use saved::SavedSearch;
pub use saved::Told;
pub use scored_lists::Asked;
pub use scored_lists::List;
pub use scored_lists::ScoredLists;
pub use scored_lists::SegmentLists;
pub use sources::Source;
pub use sources::Sources;
pub use sources::is_below;
pub use store::Shared;
pub use stored::StoredArticles;
pub use tables::Columns;
pub use tables::Marked;
pub use tables::Marks;
pub use tables::Tables;
pub use tokenizer::NewsTokenizer;
pub use tokenizer::Term;
pub use tokenizer::each_token;
pub use tokenizer::each_token_at;
pub use tokenizer::spellings;
pub use tokenizer::terms;
pub use tokenizer::written;
pub use writer::Writer;

/// Version of what we write on disk; another one is not read.
pub const FORMAT: u32 = 8;

/// Longest value of a facet, in bytes; longer ones are cut.
pub const LONGEST_VALUE: usize = 1024;

/// Value that stands in the inverted index for "has any".
pub const ANY: &str = "*";

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// There is none.
    #[error("no index at {0}: make one with `dateline index PATH`, or name one with --index")]
    Missing(PathBuf),
    /// Another process writes it.
    #[error("the index at {path} is being written by another process{}: try again when it is done", pid(*holder))]
    Busy {
        /// The index.
        path: PathBuf,
        /// The process that writes it, if it says so.
        holder: Option<u32>,
    },
    /// A file is damaged or missing.
    #[error("the index at {path} is damaged ({reason}): index again with `dateline index --rebuild PATH`")]
    Damaged {
        /// The index.
        path: PathBuf,
        /// The file, and what is wrong with it.
        reason: String,
    },
    /// Made by another version.
    #[error(
        "the index at {path} was made by another version of dateline ({reason}): index again with `dateline index --rebuild PATH`"
    )]
    Incompatible {
        /// The index.
        path: PathBuf,
        /// What differs.
        reason: String,
    },
    /// The disk, or what the user may take of it, is full.
    #[error(
        "disk full at {path}{}: make room and run this again; what was committed before is whole",
        left(*free)
    )]
    Full {
        /// The file that had no room.
        path: PathBuf,
        /// Bytes that are free there, if the system says so.
        free: Option<u64>,
    },
    /// Reading or writing failed.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The engine failed.
    #[error("the index at {path}: {source}")]
    Engine {
        /// The index.
        path: PathBuf,
        /// What it said.
        source: tantivy::TantivyError,
    },
}

fn pid(holder: Option<u32>) -> String {
    holder.map(|id| format!(" ({id})")).unwrap_or_default()
}

fn left(free: Option<u64>) -> String {
    free.map(|bytes| format!(" ({:.1} MB are free)", bytes as f64 / 1e6)).unwrap_or_default()
}

impl IndexError {
    /// What the system said of a file: a full disk is told with what is left of it.
    pub fn of_disk(path: impl Into<PathBuf>, source: std::io::Error) -> IndexError {
        use std::io::ErrorKind;
        let path = path.into();
        if !matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) {
            return IndexError::Io { path, source };
        }
        let there = path.ancestors().find_map(|dir| rustix::fs::statvfs(dir).ok());
        IndexError::Full { path, free: there.map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize)) }
    }

    fn damaged(path: impl Into<PathBuf>, file: &str, reason: &str) -> IndexError {
        IndexError::Damaged { path: path.into(), reason: format!("{file} {reason}") }
    }

    fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> IndexError {
        let path = path.into();
        move |source| IndexError::of_disk(path, source)
    }

    /// An index that the engine cannot open; its message may hold a whole file, so only its start is kept.
    fn broken(path: &std::path::Path, error: &tantivy::TantivyError) -> IndexError {
        let reason: String = error.to_string().to_lowercase().chars().take(160).collect();
        IndexError::Damaged {
            path: path.into(),
            reason: reason.split('\n').next().unwrap_or_default().to_string(),
        }
    }

    fn engine(path: impl Into<PathBuf>) -> impl FnOnce(tantivy::TantivyError) -> IndexError {
        let path = path.into();
        move |source| IndexError::Engine { path, source }
    }
}
