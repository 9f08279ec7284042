//! The postings of a stem: those of all its forms as one list.

use tantivy::DocId;
use tantivy::DocSet;
use tantivy::Searcher;
use tantivy::SegmentReader;
use tantivy::TERMINATED;
use tantivy::index::SegmentId;
use tantivy::postings::Postings;
use tantivy::postings::SegmentPostings;
use tantivy::postings::TermInfo;
use tantivy::schema::Field;
use tantivy::schema::IndexRecordOption;

use crate::index;

/// Where each segment keeps the postings of the forms of a stem in a field.
pub(super) struct StemInfos {
    field: Field,
    by_segment: Vec<(SegmentId, Vec<TermInfo>)>,
    /// Articles that have the stem: at most, as an article that has two forms counts twice.
    pub holders: u64,
}

impl StemInfos {
    /// Looks a stem up in all segments.
    pub fn look_up(searcher: &Searcher, field: Field, stem: &str) -> tantivy::Result<StemInfos> {
        let mut found = StemInfos { field, by_segment: Vec::new(), holders: 0 };
        for segment in searcher.segment_readers() {
            let infos = index::form_infos(&*segment.inverted_index(field)?, stem)?;
            let holders: u64 = infos.iter().map(|info| u64::from(info.doc_freq)).sum();
            found.holders += holders.min(u64::from(segment.max_doc()));
            found.by_segment.push((segment.segment_id(), infos));
        }
        Ok(found)
    }

    /// Opens the postings of the stem in a segment.
    pub fn postings(
        &self,
        segment: &SegmentReader,
        option: IndexRecordOption,
    ) -> tantivy::Result<StemPostings> {
        let own = self.by_segment.iter().find(|(id, _)| *id == segment.segment_id());
        StemPostings::of(segment, self.field, own.map_or(&[], |(_, infos)| infos), option)
    }
}

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
        StemPostings::of(segment, field, &index::form_infos(&*segment.inverted_index(field)?, stem)?, option)
    }

    fn of(
        segment: &SegmentReader,
        field: Field,
        infos: &[TermInfo],
        option: IndexRecordOption,
    ) -> tantivy::Result<StemPostings> {
        let inverted = segment.inverted_index(field)?;
        let mut forms = Vec::with_capacity(infos.len());
        for info in infos {
            forms.push(inverted.read_postings_from_terminfo(info, option)?);
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
