//! Walks what a segment has of events and terms. Deleted articles are walked over too: who counts leaves them out.

use tantivy::DocId;
use tantivy::DocSet;
use tantivy::SegmentReader;
use tantivy::TERMINATED;
use tantivy::Term;
use tantivy::postings::SegmentPostings;
use tantivy::schema::IndexRecordOption;

use super::QueryError;
use super::deadline::Deadline;
use super::engine;
use crate::index::EventValue;
use crate::index::Opened;

/// Visits the articles of every event that `wanted` makes something of, until the time is over.
pub(super) fn each_event<T>(
    index: &Opened,
    segment: &SegmentReader,
    deadline: &Deadline,
    mut wanted: impl FnMut(&EventValue) -> Option<T>,
    mut visit: impl FnMut(&T, DocId),
) -> Result<(), QueryError> {
    let walk = || -> tantivy::Result<()> {
        let inverted = segment.inverted_index(index.fields.event)?;
        let mut events = inverted.terms().stream()?;
        let mut steps = deadline.steps();
        while events.advance() && steps.go_on() {
            let event = std::str::from_utf8(events.key()).ok().and_then(EventValue::read);
            let Some(made) = event.and_then(|event| wanted(&event)) else { continue };
            let postings = inverted.read_postings_from_terminfo(events.value(), IndexRecordOption::Basic)?;
            each_posting(postings, |doc| visit(&made, doc));
        }
        Ok(())
    };
    let mut walk = walk;
    walk().map_err(engine)
}

/// Visits the articles that have a term.
pub(super) fn each_doc(
    segment: &SegmentReader,
    term: &Term,
    visit: impl FnMut(DocId),
) -> tantivy::Result<()> {
    let inverted = segment.inverted_index(term.field())?;
    if let Some(postings) = inverted.read_postings(term, IndexRecordOption::Basic)? {
        each_posting(postings, visit);
    }
    Ok(())
}

fn each_posting(mut postings: SegmentPostings, mut visit: impl FnMut(DocId)) {
    while postings.doc() != TERMINATED {
        visit(postings.doc());
        postings.advance();
    }
}
