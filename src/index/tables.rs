//! What a process that asks often keeps in memory of an index, so that it looks at no dictionary and no column again.
//!
//! A single query is cheaper without: see [`super::Opened::tables`].

use std::sync::Arc;

use tantivy::BitSet;
use tantivy::DocId;
use tantivy::Searcher;
use tantivy::SegmentReader;
use tantivy::columnar::Column;

use super::facet_table::COLUMN;
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
}

/// Marks of the articles of a segment, and its columns.
pub struct Marks {
    odd: BitSet,
    columns: Columns,
}

impl Tables {
    /// Makes the tables; none of an index that has too many values for them.
    pub(super) fn new(
        searcher: &Searcher,
        groups: &Groups,
        schema: &Schema,
    ) -> tantivy::Result<Option<Tables>> {
        let mut values = 0;
        let mut marks = Vec::new();
        for segment in searcher.segment_readers() {
            let column = segment.fast_fields().str(COLUMN)?;
            values += column.map_or(0, |column| column.ords().values.num_vals() as usize);
            marks.push(Arc::new(Marks::new(segment, groups)?));
        }
        if values > MOST_VALUES {
            return Ok(None);
        }
        Ok(Some(Tables { marks, facets: FacetTable::new(searcher, groups, schema)? }))
    }

    /// The marks of a segment's articles.
    pub fn marks(&self, segment: u32) -> Arc<Marks> {
        Arc::clone(&self.marks[segment as usize])
    }
}

impl Marks {
    fn new(segment: &SegmentReader, groups: &Groups) -> tantivy::Result<Marks> {
        let articles = segment.max_doc();
        let mut marks = Marks { odd: BitSet::with_max_value(articles), columns: Columns::open(segment)? };
        for doc in 0..articles {
            let undated = marks.columns.first_day.first(doc).is_none();
            if undated || marks.columns.tie.first(doc).is_some_and(|tie| groups.has_copies(tie)) {
                marks.odd.insert(doc);
            }
        }
        Ok(marks)
    }

    /// The columns.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Tells whether an article has no date of publication or has copies in the index: most have one and none.
    #[inline]
    pub fn is_odd(&self, doc: DocId) -> bool {
        self.odd.contains(doc)
    }
}
