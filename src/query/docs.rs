//! A query for articles that are known already, as what was found by looking at each of them.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::BitSet;
use tantivy::DocAddress;
use tantivy::DocId;
use tantivy::Score;
use tantivy::SegmentReader;
use tantivy::TantivyError;
use tantivy::index::SegmentId;
use tantivy::query::BitSetDocSet;
use tantivy::query::ConstScorer;
use tantivy::query::EmptyScorer;
use tantivy::query::EnableScoring;
use tantivy::query::Explanation;
use tantivy::query::Query;
use tantivy::query::Scorer;
use tantivy::query::Weight;

/// Articles by segment; they decide and do not score.
#[derive(Clone, Debug, Default)]
pub(super) struct Docs(Arc<FxHashMap<SegmentId, Vec<DocId>>>);

impl Docs {
    /// Makes a query for articles of a searcher, in any order.
    pub fn new(segments: &[SegmentReader], found: impl IntoIterator<Item = DocAddress>) -> Docs {
        let mut by_segment: FxHashMap<SegmentId, Vec<DocId>> = FxHashMap::default();
        for address in found {
            let segment = segments[address.segment_ord as usize].segment_id();
            by_segment.entry(segment).or_default().push(address.doc_id);
        }
        Docs(Arc::new(by_segment))
    }
}

impl Query for Docs {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Docs {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let Some(docs) = self.0.get(&reader.segment_id()) else { return Ok(Box::new(EmptyScorer)) };
        let mut set = BitSet::with_max_value(reader.max_doc());
        for doc in docs {
            set.insert(*doc);
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(set), 0.0)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let has = self.0.get(&reader.segment_id()).is_some_and(|docs| docs.contains(&doc));
        if has {
            Ok(Explanation::new("looked at", 0.0))
        } else {
            Err(TantivyError::InvalidArgument(format!("document {doc} does not match")))
        }
    }
}
