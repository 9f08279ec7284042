//! All facet values of an index with one number each, and which articles have them, in memory.

use std::ops::Range;
use std::sync::Arc;

use tantivy::DocId;

use super::facet_column::FacetColumn;
use super::kept::Kept;
use super::overlay::Groups;
use crate::schema::Schema;

/// Values of articles that may come to stand in memory, of all sets of fields together: more than two million articles
/// have so many. An index with more is read from disk by every query.
pub(super) const MOST_VALUES: usize = 1 << 27;

/// Facet values in the order of their bytes, those of one field in a row.
pub struct FacetTable {
    columns: Arc<[FacetColumn]>,
    /// `broker=Russia`, ...
    terms: Vec<Box<str>>,
    /// By segment: the number of each ordinal of its dictionary; of a name, that of the spelling to show.
    numbers: Vec<Vec<u32>>,
    /// By fields, made when first asked for.
    lists: Kept<String, Arc<FacetLists>>,
}

impl FacetTable {
    pub(super) fn new(
        columns: &Arc<[FacetColumn]>,
        groups: &Groups,
        schema: &Schema,
    ) -> std::io::Result<FacetTable> {
        let mut all: Vec<(Box<str>, u32, u32)> = Vec::new();
        let mut numbers = Vec::new();
        for (number, column) in columns.iter().enumerate() {
            column.each_term(|term, ordinal| {
                let mut text = String::from_utf8_lossy(term).into_owned();
                if let Some((field, value)) = text.split_once('=')
                    && schema.fields.are_names(field)
                    && groups.has_spellings(value)
                {
                    text = format!("{field}={}", groups.canonical(value));
                }
                all.push((text.into(), number as u32, ordinal));
            })?;
            numbers.push(vec![0; column.ordinals()]);
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
        Ok(FacetTable { columns: Arc::clone(columns), terms, numbers, lists })
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
    pub fn lists(&self, fields: &[&str]) -> Arc<FacetLists> {
        let key = fields.join(" ");
        if let Some(lists) = self.lists.get(&key) {
            return lists;
        }
        let lists = Arc::new(FacetLists::new(self, fields));
        let values: usize = lists.segments.iter().map(|segment| segment.places.bytes()).sum();
        self.lists.put(key, Arc::clone(&lists), values);
        lists
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
pub struct SegmentFacets {
    /// Where the values of each article start; one more at the end.
    starts: Vec<u32>,
    places: Places,
}

/// Places of values, article behind article: as short as may be, for to read them is most of the counting.
enum Places {
    Short(Vec<u16>),
    Long(Vec<u32>),
}

impl FacetLists {
    fn new(table: &FacetTable, fields: &[&str]) -> FacetLists {
        let mut lists = FacetLists { places: Vec::new(), numbers: Vec::new(), segments: Vec::new() };
        // First the numbers themselves, then the places that they get by how often they come.
        let mut wanted = vec![false; table.terms.len()];
        let ranges: Vec<Range<u32>> = fields.iter().map(|field| table.range(field)).collect();
        for range in &ranges {
            wanted[range.start as usize..range.end as usize].fill(true);
        }
        let mut segments = Vec::new();
        for (column, numbers) in table.columns.iter().zip(&table.numbers) {
            segments.push(numbers_of(column, numbers, &wanted));
        }
        let mut times = vec![0_u32; table.terms.len()];
        let all = segments.iter().flat_map(|(_, numbers)| numbers);
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
        let in_places = |(starts, numbers): (Vec<u32>, Vec<u32>)| {
            let places = numbers.into_iter().map(|number| place_of[number as usize]);
            SegmentFacets { starts, places: Places::new(places, lists.size()) }
        };
        lists.segments = segments.into_iter().map(in_places).collect();
        lists
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
    /// Hands on the places of the values of some articles, each value of an article once.
    #[inline]
    pub fn each_place(&self, docs: &[DocId], visit: impl FnMut(u32)) {
        match &self.places {
            Places::Short(places) => each_of(&self.starts, places, docs, visit),
            Places::Long(places) => each_of(&self.starts, places, docs, visit),
        }
    }
}

#[inline]
fn each_of<P: Copy + Into<u32>>(starts: &[u32], places: &[P], docs: &[DocId], mut visit: impl FnMut(u32)) {
    for doc in docs {
        let Some(&[start, end]) = starts.get(*doc as usize..*doc as usize + 2) else { continue };
        let (fours, rest) = places[start as usize..end as usize].as_chunks::<4>();
        // Written out, for the loop would cost as much as what is done with a place.
        for [a, b, c, d] in fours {
            visit((*a).into());
            visit((*b).into());
            visit((*c).into());
            visit((*d).into());
        }
        rest.iter().for_each(|place| visit((*place).into()));
    }
}

impl Places {
    /// Keeps places that are less than a bound.
    fn new(places: impl Iterator<Item = u32>, bound: usize) -> Places {
        if bound > usize::from(u16::MAX) {
            return Places::Long(places.collect());
        }
        Places::Short(places.map(|place| place as u16).collect())
    }

    fn bytes(&self) -> usize {
        match self {
            Places::Short(places) => size_of_val(&places[..]),
            Places::Long(places) => size_of_val(&places[..]),
        }
    }
}

/// Where the wanted values of each article of a segment start, one more at the end; and their numbers.
fn numbers_of(column: &FacetColumn, numbers: &[u32], wanted: &[bool]) -> (Vec<u32>, Vec<u32>) {
    let (mut starts, mut all) = (vec![0], Vec::new());
    for doc in 0..column.articles() {
        let first = all.len();
        column.each(doc, |ordinal| {
            let number = numbers[ordinal as usize];
            if wanted[number as usize] {
                all.push(number);
            }
        });
        all[first..].sort_unstable();
        dedup_from(&mut all, first);
        starts.push(all.len() as u32);
    }
    (starts, all)
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
