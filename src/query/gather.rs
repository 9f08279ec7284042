//! Runs over the matching articles once: counts them, ranks the best, counts facets, days and stories.

use std::cmp::Ordering;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BinaryHeap;
use std::ops::Bound;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::DocAddress;
use tantivy::DocId;
use tantivy::Score;
use tantivy::SegmentOrdinal;
use tantivy::SegmentReader;
use tantivy::collector::Collector;
use tantivy::collector::SegmentCollector;
use tantivy::columnar::StrColumn;

use crate::calendar::PartialDate;
use crate::calendar::from_day_number;
use crate::index::ANY;
use crate::index::Columns;
use crate::index::Groups;
use crate::index::Marks;
use crate::index::Tables;

/// A unit of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Period {
    Day,
    Week,
    Month,
    Year,
}

impl Period {
    /// Returns the period that holds a day.
    pub fn of(self, day: jiff::civil::Date) -> PartialDate {
        match self {
            Period::Day => PartialDate::from_date(day),
            Period::Week => PartialDate::Week(day.iso_week_date().year(), day.iso_week_date().week()),
            Period::Month => PartialDate::Month(day.year(), day.month()),
            Period::Year => PartialDate::Year(day.year()),
        }
    }

    /// Returns the name used in flags and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Period::Day => "day",
            Period::Week => "week",
            Period::Month => "month",
            Period::Year => "year",
        }
    }
}

/// By what the best are ranked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Ranking {
    #[default]
    Score,
    /// By score, which halves with every so many days before the newest day.
    Recent {
        /// Days.
        half_life: f64,
        /// In days since 1970-01-01.
        newest: i64,
    },
    Newest,
    Oldest,
}

/// What to gather.
#[derive(Clone, Default)]
pub(super) struct Gather {
    /// How many of the best.
    pub top: usize,
    pub ranking: Ranking,
    /// Facet fields to count.
    pub facets: Vec<String>,
    /// What is known of the articles already. Then these are kept for their facets to be counted, not counted.
    pub tables: Option<Arc<Tables>>,
    /// Counts days of publication.
    pub days: bool,
    /// Stories are counted, if they are known.
    pub stories: Option<Arc<Groups>>,
    /// Copies of an article make one hit.
    pub collapse: bool,
}

/// What was gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub total: u64,
    pub undated: u64,
    /// Best first.
    pub best: Vec<Ranked>,
    /// Counts by field and value.
    pub facets: BTreeMap<String, FxHashMap<String, u64>>,
    /// The articles of each segment, if their facets are to be counted by tables.
    pub docs: Vec<(SegmentOrdinal, Vec<DocId>)>,
    /// Articles by first and last day of their period of publication.
    pub days: FxHashMap<(i64, i64), u64>,
    /// Articles without copies.
    single: u64,
    /// By story: its matching copies.
    copies: FxHashMap<u64, Copies>,
}

impl Gathered {
    /// Counts the stories that match.
    pub fn stories(&self) -> u64 {
        self.single + self.copies.len() as u64
    }

    /// The matching copies of a story, the earliest first; none if it has no others.
    pub fn copies(&self, story: u64) -> Option<&[(i64, u64, DocAddress)]> {
        self.copies.get(&story).map(|copies| &copies.all[..])
    }
}

/// The matching articles of one story.
#[derive(Debug, Default)]
struct Copies {
    /// First day of publication (the greatest number if undated), tie, and address.
    all: Vec<(i64, u64, DocAddress)>,
    /// The greatest score of any of them.
    score: Score,
    key: f64,
}

/// An article in its rank; the greatest is the best.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranked {
    key: f64,
    pub(super) tie: u64,
    pub score: Score,
    pub address: DocAddress,
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.total_cmp(&other.key).then(self.tie.cmp(&other.tie))
    }
}

pub(super) struct SegmentGather {
    want: Gather,
    segment: SegmentOrdinal,
    columns: Columns,
    /// Tells of which articles no day and no story is needed; none if the days of all are.
    plain: Option<Arc<Marks>>,
    /// The least score that may be one of the best.
    least: Score,
    facet: Option<StrColumn>,
    /// Articles by facet ordinal.
    counts: Vec<u32>,
    docs: Vec<DocId>,
    heap: BinaryHeap<Reverse<Ranked>>,
    gathered: Gathered,
}

impl Collector for Gather {
    type Fruit = Gathered;
    type Child = SegmentGather;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SegmentGather> {
        let counts_here = !self.facets.is_empty() && self.tables.is_none();
        let facet = if counts_here { reader.fast_fields().str("facet")? } else { None };
        let marks = self.tables.as_ref().map(|tables| tables.marks(segment));
        let columns = match &marks {
            Some(marks) => marks.columns().clone(),
            None => Columns::open(reader)?,
        };
        let by_score = self.top == 0 || self.ranking == Ranking::Score;
        Ok(SegmentGather {
            plain: marks.filter(|_| by_score && !self.days),
            least: if self.top == 0 { Score::INFINITY } else { Score::NEG_INFINITY },
            want: self.clone(),
            segment,
            columns,
            counts: vec![0; facet.as_ref().map_or(0, |f| f.num_terms())],
            facet,
            docs: Vec::new(),
            heap: BinaryHeap::new(),
            gathered: Gathered::default(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.top > 0 && matches!(self.ranking, Ranking::Score | Ranking::Recent { .. })
    }

    fn merge_fruits(&self, fruits: Vec<tantivy::Result<Gathered>>) -> tantivy::Result<Gathered> {
        let mut all = Gathered::default();
        for fruit in fruits {
            let fruit = fruit?;
            all.total += fruit.total;
            all.undated += fruit.undated;
            all.best.extend(fruit.best);
            all.single += fruit.single;
            for (story, copies) in fruit.copies {
                all.copies.entry(story).or_default().join(copies);
            }
            for (days, count) in fruit.days {
                *all.days.entry(days).or_default() += count;
            }
            all.docs.extend(fruit.docs);
            for (field, values) in fruit.facets {
                let counts = all.facets.entry(field).or_default();
                values.into_iter().for_each(|(value, count)| *counts.entry(value).or_default() += count);
            }
        }
        for copies in all.copies.values_mut() {
            copies.all.sort_unstable_by_key(|(day, tie, _)| (*day, *tie));
        }
        if self.collapse && self.top > 0 {
            all.best.extend(all.copies.values().filter_map(|copies| copies.ranked(self.ranking)));
        }
        all.best.sort_by(|a, b| b.cmp(a));
        all.best.truncate(self.top);
        Ok(all)
    }
}

impl SegmentCollector for SegmentGather {
    type Fruit = tantivy::Result<Gathered>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.gathered.total += 1;
        if self.plain.as_ref().is_some_and(|marks| !marks.is_odd(doc)) {
            self.gathered.single += 1;
            if !self.want.facets.is_empty() {
                self.docs.push(doc);
            }
            if score >= self.least {
                self.rank(doc, score, None);
            }
            return;
        }
        let first = self.columns.first_day.first(doc);
        if first.is_none() {
            self.gathered.undated += 1;
        }
        if let (true, Some(first)) = (self.want.days, first) {
            let last = self.columns.last_day.first(doc).unwrap_or(first);
            *self.gathered.days.entry((first, last)).or_default() += 1;
        }
        let copied = self.want.stories.is_some() && self.count_story(doc, score, first);
        if let Some(facet) = &self.facet {
            for ordinal in facet.ords().values_for_doc(doc) {
                self.counts[ordinal as usize] += 1;
            }
        } else if !self.want.facets.is_empty() {
            self.docs.push(doc);
        }
        if self.want.top > 0 && !(copied && self.want.collapse) {
            self.rank(doc, score, first);
        }
    }

    fn harvest(mut self) -> tantivy::Result<Gathered> {
        self.gathered.best = std::mem::take(&mut self.heap).into_iter().map(|r| r.0).collect();
        if !self.docs.is_empty() {
            self.gathered.docs.push((self.segment, std::mem::take(&mut self.docs)));
        }
        if let Some(facet) = self.facet.take() {
            for field in self.want.facets.clone() {
                let counts = self.values(&facet, &field)?;
                self.gathered.facets.insert(field, counts);
            }
        }
        Ok(self.gathered)
    }
}

impl SegmentGather {
    /// Notes an article for its story; tells whether it has copies.
    fn count_story(&mut self, doc: DocId, score: Score, first_day: Option<i64>) -> bool {
        let tie = self.columns.tie.first(doc).unwrap_or(0);
        let Some(groups) = self.want.stories.as_ref().filter(|groups| groups.has_copies(tie)) else {
            self.gathered.single += 1;
            return false;
        };
        let copies = self.gathered.copies.entry(groups.story(tie)).or_default();
        let address = DocAddress::new(self.segment, doc);
        let key = self.want.ranking.key(score, first_day);
        copies.join(Copies { all: vec![(first_day.unwrap_or(i64::MAX), tie, address)], score, key });
        true
    }

    fn rank(&mut self, doc: DocId, score: Score, first_day: Option<i64>) {
        let key = self.want.ranking.key(score, first_day);
        if self.heap.len() == self.want.top && self.heap.peek().is_some_and(|worst| key < worst.0.key) {
            return;
        }
        let score = if matches!(self.want.ranking, Ranking::Recent { .. }) { key as Score } else { score };
        let tie = self.columns.tie.first(doc).unwrap_or(0);
        self.heap.push(Reverse(Ranked { key, tie, score, address: DocAddress::new(self.segment, doc) }));
        if self.heap.len() > self.want.top {
            self.heap.pop();
        }
        if let (true, Some(least)) = (self.heap.len() == self.want.top, self.heap.peek()) {
            self.least = least.0.score;
        }
    }

    /// The counts of one field: its values are neighbours in the dictionary.
    fn values(&self, facet: &StrColumn, field: &str) -> tantivy::Result<FxHashMap<String, u64>> {
        let dictionary = facet.dictionary();
        let prefix = format!("{field}=");
        let end = format!("{field}>");
        let bounds = dictionary.term_bounds_to_ord(Bound::Included(&prefix), Bound::Excluded(&end))?;
        let ordinal = |bound| match bound {
            Bound::Included(ordinal) | Bound::Excluded(ordinal) => (ordinal as usize).min(self.counts.len()),
            Bound::Unbounded => self.counts.len(),
        };
        let present: Vec<u64> = (ordinal(bounds.0)..ordinal(bounds.1))
            .filter(|o| self.counts[*o] > 0)
            .map(|o| o as u64)
            .collect();
        let mut counts = FxHashMap::default();
        let mut next = present.iter();
        dictionary.sorted_ords_to_term_cb(&present, |term: &[u8]| {
            let value = String::from_utf8_lossy(&term[prefix.len()..]).into_owned();
            if let Some(ordinal) = next.next()
                && value != ANY
            {
                counts.insert(value, u64::from(self.counts[*ordinal as usize]));
            }
        })?;
        Ok(counts)
    }
}

impl Ranking {
    /// The number that an article is ranked by; the undated come last by date.
    fn key(self, score: Score, first_day: Option<i64>) -> f64 {
        match (self, first_day) {
            (Ranking::Score, _) => f64::from(score),
            (Ranking::Recent { half_life, newest }, day) => {
                // An undated article is taken for one half-life old.
                let age = day.map_or(half_life, |day| (newest - day).max(0) as f64);
                f64::from(score) * (-age / half_life).exp2()
            }
            (_, None) => f64::NEG_INFINITY,
            (Ranking::Newest, Some(day)) => day as f64,
            (Ranking::Oldest, Some(day)) => -(day as f64),
        }
    }
}

impl Copies {
    fn join(&mut self, other: Copies) {
        if self.all.is_empty() || other.key > self.key {
            (self.key, self.score) = (other.key, other.score);
        }
        self.all.extend(other.all);
    }

    /// The earliest copy, in the rank of the best one; by date, in its own.
    fn ranked(&self, ranking: Ranking) -> Option<Ranked> {
        let (day, tie, address) = *self.all.first()?;
        let key = match ranking {
            Ranking::Score | Ranking::Recent { .. } => self.key,
            by_date => by_date.key(self.score, Some(day).filter(|day| *day != i64::MAX)),
        };
        let score = if matches!(ranking, Ranking::Recent { .. }) { key as Score } else { self.score };
        Some(Ranked { key, tie, score, address })
    }
}

/// Groups days of publication into periods, in order of time; articles dated less precisely than the period stand
/// under their own, coarser date.
pub(crate) fn by_period(days: &FxHashMap<(i64, i64), u64>, period: Period) -> Vec<(PartialDate, u64)> {
    let mut buckets: BTreeMap<(i64, String), (PartialDate, u64)> = BTreeMap::new();
    for (&(first, last), count) in days {
        let date = |day: i64| i32::try_from(day).ok().and_then(from_day_number);
        let (Some(from), Some(to)) = (date(first), date(last)) else { continue };
        let key = if period.of(from) == period.of(to) { period.of(from) } else { coarser(from, to) };
        let start = key.day_numbers().map_or(first, |(start, _)| i64::from(start));
        buckets.entry((start, key.to_string())).or_insert((key, 0)).1 += count;
    }
    buckets.into_values().collect()
}

fn coarser(from: jiff::civil::Date, to: jiff::civil::Date) -> PartialDate {
    if Period::Month.of(from) == Period::Month.of(to) {
        Period::Month.of(from)
    } else if from.year() == to.year() {
        Period::Year.of(from)
    } else {
        PartialDate::Decade(from.year() / 10)
    }
}
