//! All facet values of an index with one number each, and which articles have them, in memory.

use std::ops::Range;
use std::sync::Arc;

use tantivy::DocId;
use tantivy::Searcher;
use tantivy::SegmentReader;

use super::ANY;
use super::kept::Kept;
use super::overlay::Groups;
use crate::schema::Schema;

/// The column of all facet values.
pub(super) const COLUMN: &str = "facet";

/// Values of articles that may come to stand in memory, of all sets of fields together: more than two million articles
/// have so many. An index with more is read from disk by every query.
pub(super) const MOST_VALUES: usize = 1 << 27;

/// Facet values in the order of their bytes, those of one field in a row.
pub struct FacetTable {
    searcher: Searcher,
    /// `broker=Russia`, ...
    terms: Vec<Box<str>>,
    /// By segment: the number of each ordinal of its dictionary; of a name, that of the spelling to show.
    numbers: Vec<Vec<u32>>,
    /// By fields, made when first asked for.
    lists: Kept<String, Arc<FacetLists>>,
}

impl FacetTable {
    pub(super) fn new(searcher: &Searcher, groups: &Groups, schema: &Schema) -> tantivy::Result<FacetTable> {
        let mut all: Vec<(Box<str>, u32, u32)> = Vec::new();
        let mut numbers = Vec::new();
        for (number, segment) in searcher.segment_readers().iter().enumerate() {
            let Some(column) = segment.fast_fields().str(COLUMN)? else {
                numbers.push(Vec::new());
                continue;
            };
            let mut terms = column.dictionary().stream()?;
            while terms.advance() {
                let mut text = String::from_utf8_lossy(terms.key()).into_owned();
                if let Some((field, value)) = text.split_once('=')
                    && groups.has_spellings(value)
                    && schema.fields.are_names(field)
                {
                    text = format!("{field}={}", groups.canonical(value));
                }
                all.push((text.into(), number as u32, terms.term_ord() as u32));
            }
            numbers.push(vec![0; column.num_terms()]);
        }
        all.sort_unstable();
        let mut terms: Vec<Box<str>> = Vec::new();
        for (text, segment, ordinal) in all {
            if terms.last() != Some(&text) {
                terms.push(text);
            }
            numbers[segment as usize][ordinal as usize] = terms.len() as u32 - 1;
        }
        let lists = Kept::up_to(MOST_VALUES * size_of::<u32>());
        Ok(FacetTable { searcher: searcher.clone(), terms, numbers, lists })
    }

    /// The numbers of a field's values.
    fn range(&self, field: &str) -> Range<u32> {
        let (from, to) = (format!("{field}="), format!("{field}>"));
        let place = |bound: &str| self.terms.partition_point(|term| &**term < bound) as u32;
        place(&from)..place(&to)
    }

    /// The value of a number, without its field.
    pub fn value(&self, number: u32) -> &str {
        self.terms[number as usize].split_once('=').map_or("", |(_, value)| value)
    }

    /// The values of some fields by article.
    ///
    /// # Errors
    /// If the engine cannot read their column.
    pub fn lists(&self, fields: &[&str]) -> tantivy::Result<Arc<FacetLists>> {
        let key = fields.join(" ");
        if let Some(lists) = self.lists.get(&key) {
            return Ok(lists);
        }
        let lists = Arc::new(FacetLists::new(self, fields)?);
        let values: usize = lists.segments.iter().map(|segment| size_of_val(&segment.places[..])).sum();
        self.lists.put(key, Arc::clone(&lists), values);
        Ok(lists)
    }
}

/// The values of some fields by article, spellings of one name as one.
///
/// Whoever counts them touches what lies near: the values of all fields stand together, and a field's values are known
/// by places, of which the most frequent have the first.
pub struct FacetLists {
    /// The places of each field.
    places: Vec<Range<u32>>,
    /// By place: the number that the table knows the value by.
    numbers: Vec<u32>,
    segments: Vec<SegmentFacets>,
}

/// The same of a segment.
#[derive(Default)]
pub struct SegmentFacets {
    /// Where the values of each article start; one more at the end.
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl FacetLists {
    fn new(table: &FacetTable, fields: &[&str]) -> tantivy::Result<FacetLists> {
        let mut lists = FacetLists { places: Vec::new(), numbers: Vec::new(), segments: Vec::new() };
        // First the numbers themselves, then the places that they get by how often they come.
        let mut wanted = vec![false; table.terms.len()];
        let ranges: Vec<Range<u32>> = fields.iter().map(|field| table.range(field)).collect();
        for range in &ranges {
            // The mark sorts before letters and digits, so it is among the first.
            let any = range.clone().take(8).find(|number| table.value(*number) == ANY);
            range.clone().filter(|number| Some(*number) != any).for_each(|n| wanted[n as usize] = true);
        }
        for (segment, numbers) in table.searcher.segment_readers().iter().zip(&table.numbers) {
            lists.segments.push(SegmentFacets::new(segment, numbers, &wanted)?);
        }
        let mut times = vec![0_u32; table.terms.len()];
        let all = lists.segments.iter().flat_map(|segment| &segment.places);
        all.for_each(|number| times[*number as usize] += 1);
        let mut place_of = vec![0; table.terms.len()];
        for range in ranges {
            let first = lists.numbers.len();
            lists.numbers.extend(range.filter(|number| times[*number as usize] > 0));
            lists.numbers[first..].sort_by_key(|number| std::cmp::Reverse(times[*number as usize]));
            for (place, number) in lists.numbers.iter().enumerate().skip(first) {
                place_of[*number as usize] = place as u32;
            }
            lists.places.push(first as u32..lists.numbers.len() as u32);
        }
        let all = lists.segments.iter_mut().flat_map(|segment| &mut segment.places);
        all.for_each(|number| *number = place_of[*number as usize]);
        Ok(lists)
    }

    /// The places of the values of the field that was asked for at a place.
    pub fn places(&self, field: usize) -> Range<u32> {
        self.places[field].clone()
    }

    /// The number of places, of all fields.
    pub fn size(&self) -> usize {
        self.numbers.len()
    }

    /// The values of a segment's articles.
    pub fn of(&self, segment: u32) -> &SegmentFacets {
        &self.segments[segment as usize]
    }

    /// The number that the table knows a value by; numbers have the order of the values.
    pub fn number(&self, place: u32) -> u32 {
        self.numbers[place as usize]
    }
}

impl SegmentFacets {
    /// The places of an article's values, each once.
    #[inline]
    pub fn places(&self, doc: DocId) -> &[u32] {
        match self.starts.get(doc as usize..doc as usize + 2) {
            Some(&[start, end]) => &self.places[start as usize..end as usize],
            _ => &[],
        }
    }

    /// The numbers of the wanted values.
    fn new(segment: &SegmentReader, numbers: &[u32], wanted: &[bool]) -> tantivy::Result<SegmentFacets> {
        let Some(column) = segment.fast_fields().str(COLUMN)? else { return Ok(SegmentFacets::default()) };
        let column = column.ords();
        let mut lists = SegmentFacets { starts: vec![0], places: Vec::new() };
        let mut ordinals = Vec::new();
        for doc in 0..segment.max_doc() {
            let rows = column.index.value_row_ids(doc);
            ordinals.resize(rows.len(), 0);
            column.values.get_range(u64::from(rows.start), &mut ordinals);
            let first = lists.places.len();
            let own = ordinals.iter().map(|ordinal| numbers[*ordinal as usize]);
            lists.places.extend(own.filter(|number| wanted[*number as usize]));
            lists.places[first..].sort_unstable();
            dedup_from(&mut lists.places, first);
            lists.starts.push(lists.places.len() as u32);
        }
        lists.places.shrink_to_fit();
        Ok(lists)
    }
}

/// Removes doubles from the sorted end of a list.
fn dedup_from(values: &mut Vec<u32>, first: usize) {
    let mut kept = first;
    for at in first..values.len() {
        if kept == first || values[kept - 1] != values[at] {
            values[kept] = values[at];
            kept += 1;
        }
    }
    values.truncate(kept);
}
