//! A part of a query whose articles and scores are kept when it is asked for again.

use std::sync::Arc;

use tantivy::DocId;
use tantivy::DocSet;
use tantivy::Score;
use tantivy::Searcher;
use tantivy::SegmentReader;
use tantivy::TERMINATED;
use tantivy::query::BooleanQuery;
use tantivy::query::EmptyQuery;
use tantivy::query::EmptyScorer;
use tantivy::query::EnableScoring;
use tantivy::query::Explanation;
use tantivy::query::Query;
use tantivy::query::Scorer;
use tantivy::query::Weight;

use super::deadline::Deadline;
use super::docs::explained;
use crate::index::Asked;
use crate::index::List;
use crate::index::ScoredLists;
use crate::index::SegmentLists;

/// Articles that are looked at together for the next one that is sought.
const NEAR: usize = 8;

/// Finds what another query finds, with the same scores.
#[derive(Clone)]
pub(super) struct Remembered {
    /// Equal for equal queries alone.
    name: String,
    query: Arc<dyn Query>,
    lists: Arc<ScoredLists>,
    deadline: Deadline,
}

impl std::fmt::Debug for Remembered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.query.fmt(f)
    }
}

impl Remembered {
    pub fn new(name: String, query: impl Query, lists: &Arc<ScoredLists>, deadline: &Deadline) -> Remembered {
        Remembered { name, query: Arc::new(query), lists: Arc::clone(lists), deadline: deadline.clone() }
    }
}

/// Joins queries that all hold. Those that are kept when they are asked for again are kept as one: who narrows an
/// answer by facets and dates, or turns its pages, asks for the same words each time.
pub(super) fn all_of(queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    let (words, mut all): (Vec<_>, Vec<_>) = queries.into_iter().partition(|query| query.is::<Remembered>());
    let parts: Vec<&Remembered> = words.iter().filter_map(|query| query.downcast_ref()).collect();
    match parts[..] {
        [first, _, ..] => {
            let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
            let name = format!("({})", names.join("\n"));
            let (lists, deadline) = (Arc::clone(&first.lists), first.deadline.clone());
            let query = Arc::from(in_turn(words));
            all.push(Box::new(Remembered { name, query, lists, deadline }));
        }
        _ => all.extend(words),
    }
    in_turn(all)
}

/// Joins two, then the third with both, and so on: the engine adds up the scores of more than two in the order of what
/// each is thought to cost, and a list costs something else than the postings that it was made of.
fn in_turn(queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    let both = |a, b| Box::new(BooleanQuery::intersection(vec![a, b])) as Box<dyn Query>;
    queries.into_iter().reduce(both).unwrap_or_else(|| Box::new(EmptyQuery))
}

impl Query for Remembered {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let asked = self.lists.ask(&self.name);
        if let Asked::Known(list) = asked {
            return Ok(Box::new(ListWeight(list)));
        }
        let weight = self.query.weight(scoring)?;
        if let (Asked::Again, EnableScoring::Enabled { searcher, .. }) = (asked, scoring) {
            let list = listed(searcher, &*weight)?;
            // A list that the time was not enough for is none.
            if !self.deadline.cut_short() {
                return Ok(Box::new(ListWeight(self.lists.keep(&self.name, list))));
            }
        }
        Ok(weight)
    }
}

/// All that a query finds.
fn listed(searcher: &Searcher, weight: &dyn Weight) -> tantivy::Result<SegmentLists> {
    let mut all = SegmentLists::new();
    for segment in searcher.segment_readers() {
        let mut scorer = weight.scorer(segment, 1.0)?;
        let mut list = List::default();
        while scorer.doc() != TERMINATED {
            list.docs.push(scorer.doc());
            list.scores.push(scorer.score());
            scorer.advance();
        }
        list.docs.shrink_to_fit();
        list.scores.shrink_to_fit();
        all.push((segment.segment_id(), Arc::new(list)));
    }
    Ok(all)
}

struct ListWeight(Arc<SegmentLists>);

impl Weight for ListWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let Some((_, list)) = self.0.iter().find(|(id, _)| *id == reader.segment_id()) else {
            return Ok(Box::new(EmptyScorer));
        };
        let mut scorer = ListScorer { list: Arc::clone(list), at: 0, doc: TERMINATED, boost };
        scorer.go_to(0);
        Ok(Box::new(scorer))
    }

    fn for_each(
        &self,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score),
    ) -> tantivy::Result<()> {
        let own = self.0.iter().filter(|(id, _)| *id == reader.segment_id());
        let found = own.flat_map(|(_, list)| list.docs.iter().zip(&list.scores));
        found.for_each(|(doc, score)| callback(*doc, *score));
        Ok(())
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        explained(self, reader, doc, "known from an earlier query")
    }
}

struct ListScorer {
    list: Arc<List>,
    at: usize,
    doc: DocId,
    boost: Score,
}

impl ListScorer {
    #[inline]
    fn go_to(&mut self, at: usize) -> DocId {
        self.at = at;
        self.doc = self.list.docs.get(at).copied().unwrap_or(TERMINATED);
        self.doc
    }
}

impl DocSet for ListScorer {
    #[inline]
    fn advance(&mut self) -> DocId {
        self.go_to(self.at + 1)
    }

    /// What is sought is mostly near; steps grow until one is too far.
    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc >= target {
            return self.doc;
        }
        let (docs, mut from) = (&self.list.docs, self.at + 1);
        if let Some(near) = docs.get(from..).and_then(|docs| docs.first_chunk::<NEAR>()) {
            // Without a way out in between, several are compared at once; signed ones by every processor.
            let passed = near.iter().map(|doc| usize::from((*doc as i32) < target as i32)).sum::<usize>();
            from += passed;
            if passed < NEAR {
                return self.go_to(from);
            }
        }
        let mut step = NEAR;
        while docs.get(from + step).is_some_and(|doc| *doc < target) {
            from += step;
            step *= 2;
        }
        let to = docs.len().min(from + step + 1);
        let at = from + docs[from.min(to)..to].partition_point(|doc| *doc < target);
        self.go_to(at)
    }

    #[inline]
    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.list.docs.len() as u32
    }
}

impl Scorer for ListScorer {
    #[inline]
    fn score(&mut self) -> Score {
        self.boost * self.list.scores[self.at]
    }
}
