//! Queries for sets of articles: those that are known already, and those that another query does not find.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::BitSet;
use tantivy::DocAddress;
use tantivy::DocId;
use tantivy::DocSet;
use tantivy::Score;
use tantivy::SegmentReader;
use tantivy::TERMINATED;
use tantivy::TantivyError;
use tantivy::Term;
use tantivy::index::SegmentId;
use tantivy::query::BitSetDocSet;
use tantivy::query::ConstScorer;
use tantivy::query::EmptyQuery;
use tantivy::query::EmptyScorer;
use tantivy::query::EnableScoring;
use tantivy::query::Explanation;
use tantivy::query::Query;
use tantivy::query::Scorer;
use tantivy::query::TermQuery;
use tantivy::query::Weight;
use tantivy::schema::IndexRecordOption;

use super::deadline::Deadline;
use super::plan::silent;
use super::walk::each_doc;

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

/// What a query of ours says of an article: what it looks for, and the score.
pub(super) fn explained(
    weight: &dyn Weight,
    reader: &SegmentReader,
    doc: DocId,
    what: &'static str,
) -> tantivy::Result<Explanation> {
    let mut scorer = weight.scorer(reader, 1.0)?;
    if scorer.doc() > doc || scorer.seek(doc) != doc {
        return Err(TantivyError::InvalidArgument(format!("document {doc} does not match")));
    }
    Ok(Explanation::new(what, scorer.score()))
}

/// Articles that have one of some terms; they decide and do not score.
///
/// The engine's own query for that makes an automaton of the terms, which costs more than most answers.
#[derive(Clone, Debug)]
pub(super) struct AnyTerm(Arc<Vec<Term>>, Deadline);

/// Makes a query for articles that have one of some terms.
pub(super) fn any_term(terms: impl IntoIterator<Item = Term>) -> Box<dyn Query> {
    any_of_many(terms, &Deadline::default())
}

/// The same for terms that may be so many that it takes long to look them all up.
pub(super) fn any_of_many(terms: impl IntoIterator<Item = Term>, deadline: &Deadline) -> Box<dyn Query> {
    let mut terms: Vec<Term> = terms.into_iter().collect();
    match terms.len() {
        0 => Box::new(EmptyQuery),
        1 => silent(TermQuery::new(terms.remove(0), IndexRecordOption::Basic)),
        _ => Box::new(AnyTerm(Arc::new(terms), deadline.clone())),
    }
}

/// The articles of a segment that have one of some terms.
pub(super) fn having_any(
    segment: &SegmentReader,
    terms: &[Term],
    deadline: &Deadline,
) -> tantivy::Result<BitSet> {
    let mut set = BitSet::with_max_value(segment.max_doc());
    let mut steps = deadline.steps();
    for term in terms {
        if !steps.go_on() {
            break;
        }
        each_doc(segment, term, |doc| _ = set.insert(doc))?;
    }
    Ok(set)
}

impl Query for AnyTerm {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for AnyTerm {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let set = having_any(reader, &self.0, &self.1)?;
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(set), 0.0)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        explained(self, reader, doc, "has one of the terms")
    }
}

/// Every article but those that a query finds; they decide and do not score.
///
/// The engine's own exclusion (0.27) asks scorers of phrases and intersections to go back, which they refuse with an
/// assertion or answer wrongly. Here the excluded scorer runs once, forwards.
#[derive(Clone, Debug)]
pub(super) struct Except(Arc<dyn Query>, Deadline);

struct ExceptWeight(Box<dyn Weight>, Deadline);

impl Except {
    /// Makes the query that finds what the other does not.
    pub fn new(query: Box<dyn Query>, deadline: Deadline) -> Except {
        Except(Arc::from(query), deadline)
    }
}

impl Query for Except {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let silent = match scoring {
            EnableScoring::Enabled { searcher, .. } => EnableScoring::disabled_from_searcher(searcher),
            disabled => disabled,
        };
        Ok(Box::new(ExceptWeight(self.0.weight(silent)?, self.1.clone())))
    }
}

impl Weight for ExceptWeight {
    fn scorer(&self, reader: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut set = BitSet::with_max_value_and_full(reader.max_doc());
        let mut excluded = self.0.scorer(reader, 1.0)?;
        let mut doc = excluded.doc();
        let mut steps = self.1.steps();
        while doc != TERMINATED && steps.go_on() {
            set.remove(doc);
            doc = excluded.advance();
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(set), 0.0)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        match self.0.explain(reader, doc) {
            Ok(_) => Err(TantivyError::InvalidArgument(format!("document {doc} does not match"))),
            Err(_) => Ok(Explanation::new("not excluded", 0.0)),
        }
    }
}
