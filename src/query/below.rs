//! The articles of one file, or of the files below a directory.

use rustc_hash::FxHashSet;
use tantivy::DocAddress;

use super::QueryError;
use super::docs::Docs;
use super::engine;
use crate::index;
use crate::index::Opened;

/// Makes a query for the articles of a file or of the files below a directory.
pub(super) fn files_below(index: &Opened, root: &str) -> Result<Docs, QueryError> {
    let ties = ties_below(index, root)?;
    let segments = index.searcher.segment_readers();
    let mut found = Vec::new();
    for (number, segment) in segments.iter().enumerate() {
        let column = segment.fast_fields().u64("tie").map_err(engine)?;
        let is_below = |doc: &u32| column.first(*doc).is_some_and(|tie| ties.contains(&tie));
        let below = (0..segment.max_doc()).filter(is_below);
        found.extend(below.map(|doc| DocAddress::new(number as u32, doc)));
    }
    Ok(Docs::new(segments, found))
}

/// The ties of those articles, as the state of the corpus lists them.
fn ties_below(index: &Opened, root: &str) -> Result<FxHashSet<u64>, QueryError> {
    let sources = index.sources()?;
    let inside = sources.files.iter().filter(|(file, _)| index::is_below(file, root));
    Ok(inside.flat_map(|(_, source)| &source.ids).map(|id| index::tie_of(id)).collect())
}
