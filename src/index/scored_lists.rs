//! Articles and scores of what is asked for again and again: words and rows of words, as lists in memory.
//!
//! A list is made when its words are asked for the second time: who types and narrows a query asks for the same words
//! at every step, and most words are asked for once.

use std::sync::Arc;

use tantivy::DocId;
use tantivy::Score;
use tantivy::index::SegmentId;

use super::kept::Kept;

/// Bytes of all lists that are kept.
const MOST_BYTES: usize = 32 << 20;

/// Bytes that an entry takes beside its name and its list, about.
const ENTRY: usize = 128;

/// The articles of a segment in order, with their scores.
#[derive(Debug, Default)]
pub struct List {
    /// Articles.
    pub docs: Vec<DocId>,
    /// As many scores.
    pub scores: Vec<Score>,
}

/// By segment; a segment without articles may have none.
pub type SegmentLists = Vec<(SegmentId, Arc<List>)>;

/// The lists of one commit, by the name of what was asked for; none yet for what was asked for once.
pub struct ScoredLists(Kept<String, Option<Arc<SegmentLists>>>);

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
        ScoredLists(Kept::up_to(MOST_BYTES))
    }
}

impl ScoredLists {
    /// Looks for the list of a name, and notes that it was asked for.
    pub fn ask(&self, name: &String) -> Asked {
        match self.0.get(name) {
            Some(Some(list)) => Asked::Known(list),
            Some(None) => Asked::Again,
            None => {
                self.0.put(name.clone(), None, ENTRY + name.len());
                Asked::First
            }
        }
    }

    /// Keeps a list.
    pub fn keep(&self, name: &str, list: SegmentLists) -> Arc<SegmentLists> {
        let of = |list: &List| size_of_val(&list.docs[..]) + size_of_val(&list.scores[..]);
        let bytes: usize = list.iter().map(|(_, list)| of(list)).sum();
        let list = Arc::new(list);
        self.0.put(name.into(), Some(Arc::clone(&list)), ENTRY + name.len() + bytes);
        list
    }
}
