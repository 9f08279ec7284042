//! What a process that asks often keeps in memory of an index, so that it looks at no dictionary and no column again.
//!
//! A single query is cheaper without: see [`super::Opened::tables`].

use std::sync::Arc;

use tantivy::DocId;
use tantivy::Searcher;
use tantivy::SegmentReader;
use tantivy::columnar::Column;

use super::facet_column::FacetColumn;
use super::facet_table::FacetTable;
use super::facet_table::MOST_VALUES;
use super::overlay::Groups;
use crate::schema::Schema;

/// The facet values of all articles, and marks of the articles.
pub struct Tables {
    /// Facet values.
    pub facets: FacetTable,
    marks: Vec<Arc<Marks>>,
}

/// Columns of a segment that most answers need.
#[derive(Clone)]
pub struct Columns {
    /// First day of publication, in days since 1970-01-01.
    pub first_day: Column<i64>,
    /// The last.
    pub last_day: Column<i64>,
    /// The number that an article is known by.
    pub tie: Column<u64>,
}

impl Columns {
    /// Opens the columns of a segment.
    ///
    /// # Errors
    /// If the engine cannot read them.
    pub fn open(segment: &SegmentReader) -> tantivy::Result<Columns> {
        let fast = segment.fast_fields();
        Ok(Columns {
            first_day: fast.i64("published_min")?,
            last_day: fast.i64("published_max")?,
            tie: fast.u64("tie")?,
        })
    }

    /// What is known of an article; its story only if the copies are given.
    pub fn of(&self, doc: DocId, groups: Option<&Groups>) -> Marked {
        let tie = self.tie.first(doc).unwrap_or(0);
        let story = groups.and_then(|groups| groups.story_of_copy(tie));
        Marked { first_day: self.first_day.first(doc), tie, story }
    }
}

/// The articles of a segment that have no date of publication, or copies in the index, as few do; and its columns.
pub struct Marks {
    /// A bit for each article, and how many have one in the words before.
    words: Vec<(u64, u32)>,
    marked: Vec<Marked>,
    columns: Columns,
}

/// What answers need to know of an article.
#[derive(Clone, Copy, Debug)]
pub struct Marked {
    /// First day of publication, in days since 1970-01-01.
    pub first_day: Option<i64>,
    /// The number that it is known by.
    pub tie: u64,
    /// The story, if it has copies.
    pub story: Option<u64>,
}

impl Tables {
    /// Makes the tables; none of an index that has too many values for them.
    pub(super) fn new(
        searcher: &Searcher,
        columns: &Arc<[FacetColumn]>,
        groups: &Groups,
        schema: &Schema,
    ) -> tantivy::Result<Option<Tables>> {
        let values: usize = columns.iter().map(FacetColumn::values).sum();
        let mut marks = Vec::new();
        for segment in searcher.segment_readers() {
            marks.push(Arc::new(Marks::new(segment, groups)?));
        }
        if values > MOST_VALUES {
            return Ok(None);
        }
        Ok(Some(Tables { marks, facets: FacetTable::new(columns, groups, schema)? }))
    }

    /// The marks of a segment's articles.
    pub fn marks(&self, segment: u32) -> Arc<Marks> {
        Arc::clone(&self.marks[segment as usize])
    }
}

impl Marks {
    fn new(segment: &SegmentReader, groups: &Groups) -> tantivy::Result<Marks> {
        let columns = Columns::open(segment)?;
        let mut marks = Marks { words: Vec::new(), marked: Vec::new(), columns };
        for doc in 0..segment.max_doc() {
            if doc % u64::BITS == 0 {
                marks.words.push((0, marks.marked.len() as u32));
            }
            let known = marks.columns.of(doc, Some(groups));
            let is_marked = known.first_day.is_none() || known.story.is_some();
            if let Some((word, _)) = marks.words.last_mut().filter(|_| is_marked) {
                *word |= 1 << (doc % u64::BITS);
                marks.marked.push(known);
            }
        }
        Ok(marks)
    }

    /// The columns.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// What is known of an article that is marked.
    #[inline]
    pub fn of(&self, doc: DocId) -> Option<&Marked> {
        let (word, before) = self.words.get((doc / u64::BITS) as usize)?;
        let bit = 1 << (doc % u64::BITS);
        if word & bit == 0 {
            return None;
        }
        self.marked.get(*before as usize + (word & (bit - 1)).count_ones() as usize)
    }
}
