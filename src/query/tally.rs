//! Articles by facet value, counted by what is in memory, and the values that most articles have.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tantivy::DocId;
use tantivy::SegmentOrdinal;

use crate::index::FacetLists;

/// Values that are passed over in the time that it takes to note and take those of one article.
const OF_AN_ARTICLE: usize = 512;

/// Counts that are looked at as one.
const STRETCH: usize = 64;

thread_local! {
    /// All zero between two tallies, so that it need not be made each time.
    static COUNTS: RefCell<Vec<i32>> = const { RefCell::new(Vec::new()) };
}

/// Counts the articles that have each value, and offers the counts of each field to its top.
pub(super) fn tally(lists: &FacetLists, docs: &[(SegmentOrdinal, Vec<DocId>)], tops: &mut [Top]) {
    // What a panic leaves half counted is not put back.
    let mut counts = COUNTS.take();
    counts.resize(counts.len().max(lists.size()), 0);
    let articles: usize = docs.iter().map(|(_, docs)| docs.len()).sum();
    if articles * OF_AN_ARTICLE < lists.size() {
        few(lists, docs, &mut counts, tops);
    } else {
        many(lists, docs, &mut counts, tops);
    }
    COUNTS.set(counts);
}

/// Notes which places have a count, and looks at these alone.
fn few(lists: &FacetLists, docs: &[(SegmentOrdinal, Vec<DocId>)], counts: &mut [i32], tops: &mut [Top]) {
    let mut present = Vec::new();
    each_place(lists, docs, |place| {
        let count = &mut counts[place as usize];
        if *count == 0 {
            present.push(place);
        }
        *count += 1;
    });
    for place in present {
        let count = std::mem::take(&mut counts[place as usize]);
        let field = (0..tops.len()).find(|field| lists.places(*field).contains(&place)).unwrap_or(0);
        tops[field].offer(lists, place, &[count]);
    }
}

/// Looks at the counts of all places; stretches without a great one are passed over quickly.
fn many(lists: &FacetLists, docs: &[(SegmentOrdinal, Vec<DocId>)], counts: &mut [i32], tops: &mut [Top]) {
    each_place(lists, docs, |place| counts[place as usize] += 1);
    for (field, top) in tops.iter_mut().enumerate() {
        let places = lists.places(field);
        let (stretches, rest) = counts[places.start as usize..places.end as usize].as_chunks_mut::<STRETCH>();
        for (at, stretch) in stretches.iter_mut().enumerate() {
            // Without a way out in between, many counts are compared at once; signed ones by every processor.
            let present = stretch.iter().map(|count| i32::from(*count > 0)).sum::<i32>();
            if present == 0 {
                continue;
            }
            let least = top.least();
            if stretch.iter().fold(false, |any, count| any | (*count >= least)) {
                top.offer(lists, places.start + (at * STRETCH) as u32, stretch);
            } else {
                top.distinct += present as usize;
            }
            stretch.fill(0);
        }
        top.offer(lists, places.end - rest.len() as u32, rest);
        rest.fill(0);
    }
}

#[inline]
fn each_place(lists: &FacetLists, docs: &[(SegmentOrdinal, Vec<DocId>)], mut visit: impl FnMut(u32)) {
    docs.iter().for_each(|(segment, docs)| lists.of(*segment).each_place(docs, &mut visit));
}

/// The greatest counts of a field.
pub(super) struct Top<'a> {
    most: usize,
    /// Tells by its number whether a value is listed at all.
    is_listed: Option<&'a dyn Fn(u32) -> bool>,
    /// The least of the best is on top: of equal counts the last by name, which has the greatest number.
    best: BinaryHeap<Reverse<(i32, Reverse<u32>)>>,
    /// Values with a count that are listed.
    pub distinct: usize,
}

impl<'a> Top<'a> {
    pub fn new(most: usize, is_listed: Option<&'a dyn Fn(u32) -> bool>) -> Top<'a> {
        Top { most, is_listed, best: BinaryHeap::new(), distinct: 0 }
    }

    /// The least count that is to be looked at for itself: one that may be among the best, or any if not all are listed.
    fn least(&self) -> i32 {
        match self.best.peek() {
            _ if self.is_listed.is_some() => 1,
            _ if self.most == 0 => i32::MAX,
            Some(least) if self.best.len() == self.most => least.0.0,
            _ => 1,
        }
    }

    /// Looks at the counts from a place on.
    fn offer(&mut self, lists: &FacetLists, first: u32, counts: &[i32]) {
        for (place, count) in (first..).zip(counts).filter(|(_, count)| **count > 0) {
            if self.is_listed.is_some_and(|is_listed| !is_listed(lists.number(place))) {
                continue;
            }
            self.distinct += 1;
            if *count < self.least() || self.most == 0 {
                continue;
            }
            self.best.push(Reverse((*count, Reverse(lists.number(place)))));
            if self.best.len() > self.most {
                self.best.pop();
            }
        }
    }

    /// Counts and numbers, the greatest count first, equals by name.
    pub fn into_best(self) -> impl Iterator<Item = (u64, u32)> {
        let best = self.best.into_sorted_vec().into_iter();
        best.map(|Reverse((count, Reverse(number)))| (count.unsigned_abs().into(), number))
    }
}
