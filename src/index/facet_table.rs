//! All facet values of an index with one number each, so that a process that asks often looks at no dictionary again.
//!
//! A single query is cheaper without: see [`super::Opened::facet_table`].

use std::ops::Range;

use rustc_hash::FxHashMap;
use tantivy::Searcher;

use super::ANY;
use super::overlay::Groups;

/// Facet values in the order of their bytes, those of one field in a row.
#[derive(Debug, Default)]
pub struct FacetTable {
    /// `broker=Russia`, ...
    terms: Vec<Box<str>>,
    /// By segment: the number of each ordinal of its dictionary.
    numbers: Vec<Vec<u32>>,
    /// For names with other spellings: the number of the spelling that stands for all in that field.
    spelling: FxHashMap<u32, u32>,
}

impl FacetTable {
    pub(super) fn new(searcher: &Searcher, groups: &Groups) -> tantivy::Result<FacetTable> {
        let mut all: Vec<(Box<str>, u32, u32)> = Vec::new();
        let mut numbers = Vec::new();
        for (number, segment) in searcher.segment_readers().iter().enumerate() {
            let Some(column) = segment.fast_fields().str("facet")? else {
                numbers.push(Vec::new());
                continue;
            };
            let mut terms = column.dictionary().stream()?;
            while terms.advance() {
                let text = String::from_utf8_lossy(terms.key()).into_owned();
                all.push((text.into(), number as u32, terms.term_ord() as u32));
            }
            numbers.push(vec![0; column.num_terms()]);
        }
        all.sort_unstable();
        let mut table = FacetTable { numbers, ..FacetTable::default() };
        for (text, segment, ordinal) in all {
            if table.terms.last() != Some(&text) {
                table.terms.push(text);
            }
            table.numbers[segment as usize][ordinal as usize] = table.terms.len() as u32 - 1;
        }
        table.join_spellings(groups);
        Ok(table)
    }

    /// Looks at the names that have other spellings, which are few.
    fn join_spellings(&mut self, groups: &Groups) {
        let mut first: FxHashMap<(&str, &str), u32> = FxHashMap::default();
        for (number, term) in self.terms.iter().enumerate() {
            let Some((field, value)) = term.split_once('=') else { continue };
            if groups.has_spellings(value) {
                let same = *first.entry((field, groups.canonical(value))).or_insert(number as u32);
                self.spelling.insert(number as u32, same);
            }
        }
    }

    /// The numbers of the ordinals of a segment.
    pub fn numbers(&self, segment: usize) -> &[u32] {
        self.numbers.get(segment).map_or(&[], Vec::as_slice)
    }

    /// The numbers of a field's values.
    pub fn range(&self, field: &str) -> Range<u32> {
        let (from, to) = (format!("{field}="), format!("{field}>"));
        let place = |bound: &str| self.terms.partition_point(|term| &**term < bound) as u32;
        place(&from)..place(&to)
    }

    /// Of a field's numbers, the one that says that an article has any value.
    pub fn any(&self, range: &Range<u32>) -> Option<u32> {
        // The mark sorts before letters and digits, so it is among the first.
        range.clone().take(8).find(|number| self.value(*number) == ANY)
    }

    /// The value of a number, without its field.
    pub fn value(&self, number: u32) -> &str {
        self.terms[number as usize].split_once('=').map_or("", |(_, value)| value)
    }

    /// The number that stands for all spellings of a name; its own, if there are no others.
    pub fn same(&self, number: u32) -> u32 {
        self.spelling.get(&number).copied().unwrap_or(number)
    }

    /// Tells whether a value has other spellings.
    pub fn has_spellings(&self, number: u32) -> bool {
        self.spelling.contains_key(&number)
    }
}
