//! The postings of a stem: those of all its forms as one list.

use tantivy::DocId;
use tantivy::DocSet;
use tantivy::SegmentReader;
use tantivy::TERMINATED;
use tantivy::postings::Postings;
use tantivy::postings::SegmentPostings;
use tantivy::schema::Field;
use tantivy::schema::IndexRecordOption;

use crate::index;

/// Walks the forms of a stem side by side.
pub(super) struct StemPostings {
    /// The least that a form stands at.
    doc: DocId,
    forms: Vec<SegmentPostings>,
}

impl StemPostings {
    /// Opens the postings of a stem in a field of a segment.
    pub fn open(
        segment: &SegmentReader,
        field: Field,
        stem: &str,
        option: IndexRecordOption,
    ) -> tantivy::Result<StemPostings> {
        let inverted = segment.inverted_index(field)?;
        let mut forms = Vec::new();
        for info in index::form_infos(&inverted, stem)? {
            forms.push(inverted.read_postings_from_terminfo(&info, option)?);
        }
        let mut postings = StemPostings { doc: TERMINATED, forms };
        postings.settle();
        Ok(postings)
    }

    #[inline]
    fn settle(&mut self) -> DocId {
        self.doc = self.forms.iter().map(DocSet::doc).min().unwrap_or(TERMINATED);
        self.doc
    }

    /// Writes the places of the stem in the article, in order.
    pub fn places(&mut self, places: &mut Vec<u32>) {
        places.clear();
        let mut lists = 0;
        for form in self.forms.iter_mut().filter(|form| form.doc() == self.doc) {
            form.append_positions_with_offset(0, places);
            lists += 1;
        }
        if lists > 1 {
            places.sort_unstable();
        }
    }

    /// Counts how often the stem stands in the article.
    #[inline]
    pub fn times(&self) -> u32 {
        let here = self.forms.iter().filter(|form| form.doc() == self.doc);
        here.map(Postings::term_freq).sum()
    }
}

impl DocSet for StemPostings {
    #[inline]
    fn advance(&mut self) -> DocId {
        if self.doc == TERMINATED {
            return TERMINATED;
        }
        for form in &mut self.forms {
            if form.doc() == self.doc {
                form.advance();
            }
        }
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        for form in &mut self.forms {
            if form.doc() < target {
                form.seek(target);
            }
        }
        self.settle()
    }

    #[inline]
    fn doc(&self) -> DocId {
        self.doc
    }

    fn size_hint(&self) -> u32 {
        self.forms.iter().map(DocSet::size_hint).sum()
    }
}
