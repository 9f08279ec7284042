//! `event{...}` over the events of an index.

use rustc_hash::FxHashSet;
use tantivy::BitSet;
use tantivy::DocAddress;
use tantivy::DocId;
use tantivy::SegmentReader;

use super::Part;
use super::Planner;
use crate::index;
use crate::index::EventValue;
use crate::query::QueryError;
use crate::query::ast::Node;
use crate::query::docs::Docs;
use crate::query::docs::having_any;
use crate::query::engine;
use crate::query::event_test::EventReader;
use crate::query::event_test::EventTest;
use crate::query::walk::each_event;

impl Planner<'_> {
    pub(super) fn event(&mut self, inner: &Node, at: usize) -> Result<Part, QueryError> {
        let reader = EventReader {
            index: self.index,
            tokenizer: &self.index.tokenizer,
            schema: self.schema,
            today: self.today,
            text: self.text,
            notes: &mut self.notes,
        };
        let (test, read) = reader.read(inner, at)?;
        let docs = self.articles_with(&test)?;
        self.notes.events.push(test);
        Ok(Part::new(docs, format!("event{{{read}}}")))
    }

    /// Looks at every event of the index, and where its sentence must tell, at the articles that have it.
    fn articles_with(&self, test: &EventTest) -> Result<Docs, QueryError> {
        let index = self.index;
        let mut found: Vec<DocAddress> = Vec::new();
        for (number, segment) in index.searcher.segment_readers().iter().enumerate() {
            let mut unsure: FxHashSet<DocId> = FxHashSet::default();
            // An event that may be meant, and whether it is for sure.
            let meant = |event: &EventValue| match test.holds(event, None) {
                Some(false) => None,
                held => Some(held.is_some()),
            };
            each_event(index, segment, &self.deadline, meant, |sure, doc| match sure {
                true => found.push(DocAddress::new(number as u32, doc)),
                false => _ = unsure.insert(doc),
            })?;
            // A sentence has no word that its article has not.
            for ways in test.needed_words() {
                let having = self.having_one(segment, ways)?;
                unsure.retain(|doc| having.contains(*doc));
            }
            for doc in unsure.into_iter().filter(|doc| !segment.is_deleted(*doc)) {
                if self.deadline.has_passed() {
                    break;
                }
                let address = DocAddress::new(number as u32, doc);
                if self.sentence_tells(address, test)? {
                    found.push(address);
                }
            }
        }
        Ok(Docs::new(index.searcher.segment_readers(), found))
    }

    /// The articles of a segment with the first word of one of the ways in their headline or text.
    fn having_one(&self, segment: &SegmentReader, ways: &[Vec<String>]) -> Result<BitSet, QueryError> {
        let fields = [self.index.fields.title, self.index.fields.text];
        let first = ways.iter().filter_map(|way| way.first());
        let mut terms = Vec::new();
        for stem in first {
            for field in fields {
                terms.extend(index::forms(&self.index.searcher, field, stem).map_err(engine)?);
            }
        }
        having_any(segment, &terms, &self.deadline).map_err(engine)
    }

    fn sentence_tells(&self, address: DocAddress, test: &EventTest) -> Result<bool, QueryError> {
        let (article, annotations) = self.index.article(address)?;
        Ok(annotations.events.iter().any(|event| test.holds_of(&article, event, &self.index.tokenizer)))
    }
}
