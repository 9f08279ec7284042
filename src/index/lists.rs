//! Articles and scores of what is asked for again and again: words and rows of words, as lists in memory.
//!
//! A list is made when its words are asked for the second time: who types and narrows a query asks for the same words
//! at every step, and most words are asked for once.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use lru::LruCache;
use tantivy::DocId;
use tantivy::Score;
use tantivy::index::SegmentId;

/// Bytes of all lists that are kept; those that were not asked for the longest go first.
const MOST_BYTES: usize = 32 << 20;

/// Names of which it is known that they were asked for, with a list or without.
const MOST_NAMES: usize = 10_000;

/// The articles of a segment in order, with their scores.
#[derive(Debug, Default)]
pub struct List {
    /// Articles.
    pub docs: Vec<DocId>,
    /// As many scores.
    pub scores: Vec<Score>,
}

/// By segment; a segment without articles may have none.
pub type SegmentLists = Vec<(SegmentId, List)>;

/// The lists of one commit, by the name of what was asked for.
pub struct ScoredLists(Mutex<Kept>);

struct Kept {
    lists: LruCache<String, Option<Arc<SegmentLists>>>,
    bytes: usize,
}

/// What is known of a name.
pub enum Asked {
    /// It was not asked for before.
    First,
    /// It was, and there is no list yet.
    Again,
    /// Its list.
    Known(Arc<SegmentLists>),
}

impl Default for ScoredLists {
    fn default() -> Self {
        ScoredLists(Mutex::new(Kept { lists: LruCache::unbounded(), bytes: 0 }))
    }
}

impl ScoredLists {
    /// Looks for the list of a name, and notes that it was asked for.
    pub fn ask(&self, name: &str) -> Asked {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.lists.get(name) {
            Some(Some(list)) => Asked::Known(Arc::clone(list)),
            Some(None) => Asked::Again,
            None => {
                kept.put(name, None);
                Asked::First
            }
        }
    }

    /// Keeps a list.
    pub fn keep(&self, name: &str, list: SegmentLists) -> Arc<SegmentLists> {
        let list = Arc::new(list);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(name, Some(Arc::clone(&list)));
        list
    }
}

impl Kept {
    fn put(&mut self, name: &str, list: Option<Arc<SegmentLists>>) {
        self.bytes += bytes(&list);
        if let Some(before) = self.lists.put(name.into(), list) {
            self.bytes -= bytes(&before);
        }
        while (self.bytes > MOST_BYTES || self.lists.len() > MOST_NAMES)
            && let Some((_, list)) = self.lists.pop_lru()
        {
            self.bytes -= bytes(&list);
        }
    }
}

fn bytes(list: &Option<Arc<SegmentLists>>) -> usize {
    let of = |list: &Arc<SegmentLists>| list.iter().map(|(_, list)| size_of_val(&list.docs[..]) * 2).sum();
    list.as_ref().map_or(0, of)
}
