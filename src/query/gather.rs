//! Runs over the matching articles once: counts them, ranks the best, counts facets, days and stories.

use std::cmp::Ordering;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BinaryHeap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::DocAddress;
use tantivy::DocId;
use tantivy::Score;
use tantivy::SegmentOrdinal;
use tantivy::SegmentReader;
use tantivy::collector::Collector;
use tantivy::collector::SegmentCollector;

use crate::calendar::PartialDate;
use crate::calendar::from_day_number;
use crate::index::Columns;
use crate::index::FacetColumn;
use crate::index::Groups;
use crate::index::Marked;
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
    pub facets: Arc<[String]>,
    /// What they are counted by, by segment.
    pub columns: Arc<[FacetColumn]>,
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
    /// Counts by field, of each segment for itself.
    pub facets: BTreeMap<String, Vec<Counted>>,
    /// The articles of each segment, if their facets are to be counted by tables.
    pub docs: Vec<(SegmentOrdinal, Vec<DocId>)>,
    /// Articles by first and last day of their period of publication.
    pub days: FxHashMap<(i64, i64), u64>,
    /// Articles without copies.
    single: u64,
    /// The others, by story, the earliest of each first.
    copies: Vec<Copied>,
    /// Stories of those.
    copied: u64,
}

impl Gathered {
    /// Counts the stories that match.
    pub fn stories(&self) -> u64 {
        self.single + self.copied
    }

    /// The matching copies of a story, the earliest first; none if it has no others.
    pub fn copies(&self, story: u64) -> &[Copied] {
        let first = self.copies.partition_point(|copy| copy.story < story);
        let after = self.copies[first..].partition_point(|copy| copy.story == story);
        &self.copies[first..first + after]
    }
}

/// The articles of a segment that have a facet value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    /// Equal for equal values of any segment.
    pub hash: u64,
    /// The segment, and the ordinal there.
    pub at: (SegmentOrdinal, u32),
    pub count: u32,
}

/// A matching article of a story that has more.
#[derive(Debug)]
pub(super) struct Copied {
    story: u64,
    /// First day of publication, the greatest number if undated.
    day: i64,
    pub ranked: Ranked,
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
    /// Articles by facet ordinal, if facets are counted here.
    counts: Option<Vec<u32>>,
    docs: Vec<DocId>,
    heap: BinaryHeap<Reverse<Ranked>>,
    gathered: Gathered,
}

impl Collector for Gather {
    type Fruit = Gathered;
    type Child = SegmentGather;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SegmentGather> {
        let column = self.columns.get(segment as usize).filter(|_| self.tables.is_none());
        let ordinals = if self.facets.is_empty() { None } else { column.map(FacetColumn::ordinals) };
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
            counts: ordinals.map(|ordinals| vec![0; ordinals]),
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
            all.copies.extend(fruit.copies);
            for (days, count) in fruit.days {
                *all.days.entry(days).or_default() += count;
            }
            all.docs.extend(fruit.docs);
            for (field, values) in fruit.facets {
                all.facets.entry(field).or_default().extend(values);
            }
        }
        all.copies.sort_unstable_by_key(|copy| (copy.story, copy.day, copy.ranked.tie));
        for story in all.copies.chunk_by(|a, b| a.story == b.story) {
            all.copied += 1;
            if self.collapse && self.top > 0 {
                all.best.extend(one_of(story, self.ranking));
            }
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
        let known = match self.plain.as_ref().map(|marks| marks.of(doc)) {
            Some(None) => {
                self.gathered.single += 1;
                if !self.want.facets.is_empty() {
                    self.docs.push(doc);
                }
                if score >= self.least {
                    self.rank(doc, score, None, None);
                }
                return;
            }
            Some(Some(known)) => *known,
            None => self.columns.of(doc, self.want.stories.as_deref()),
        };
        self.collect_known(doc, score, &known);
    }

    fn harvest(mut self) -> tantivy::Result<Gathered> {
        self.gathered.best = std::mem::take(&mut self.heap).into_iter().map(|r| r.0).collect();
        if !self.docs.is_empty() {
            self.gathered.docs.push((self.segment, std::mem::take(&mut self.docs)));
        }
        let column = self.want.columns.get(self.segment as usize);
        if let (Some(column), Some(counts)) = (column, &self.counts) {
            for field in self.want.facets.iter() {
                let counted = of_field(column, self.segment, counts, field)?;
                self.gathered.facets.insert(field.clone(), counted);
            }
        }
        Ok(self.gathered)
    }
}

impl SegmentGather {
    fn collect_known(&mut self, doc: DocId, score: Score, known: &Marked) {
        if known.first_day.is_none() {
            self.gathered.undated += 1;
        }
        if let (true, Some(first)) = (self.want.days, known.first_day) {
            let last = self.columns.last_day.first(doc).unwrap_or(first);
            *self.gathered.days.entry((first, last)).or_default() += 1;
        }
        if let Some(counts) = &mut self.counts {
            self.want.columns[self.segment as usize].each(doc, |ordinal| counts[ordinal as usize] += 1);
        } else if !self.want.facets.is_empty() {
            self.docs.push(doc);
        }
        let copied = self.want.stories.is_some() && self.count_story(doc, score, known);
        if self.want.top > 0 && !(copied && self.want.collapse) {
            self.rank(doc, score, known.first_day, Some(known.tie));
        }
    }

    /// Notes an article for its story; tells whether it has copies.
    fn count_story(&mut self, doc: DocId, score: Score, known: &Marked) -> bool {
        let Some(story) = known.story else {
            self.gathered.single += 1;
            return false;
        };
        let key = self.want.ranking.key(score, known.first_day);
        let ranked = Ranked { key, tie: known.tie, score, address: DocAddress::new(self.segment, doc) };
        self.gathered.copies.push(Copied { story, day: known.first_day.unwrap_or(i64::MAX), ranked });
        true
    }

    fn rank(&mut self, doc: DocId, score: Score, first_day: Option<i64>, tie: Option<u64>) {
        let key = self.want.ranking.key(score, first_day);
        if self.heap.len() == self.want.top && self.heap.peek().is_some_and(|worst| key < worst.0.key) {
            return;
        }
        let score = if matches!(self.want.ranking, Ranking::Recent { .. }) { key as Score } else { score };
        let tie = tie.or_else(|| self.columns.tie.first(doc)).unwrap_or(0);
        self.heap.push(Reverse(Ranked { key, tie, score, address: DocAddress::new(self.segment, doc) }));
        if self.heap.len() > self.want.top {
            self.heap.pop();
        }
        if let (true, Some(least)) = (self.heap.len() == self.want.top, self.heap.peek()) {
            self.least = least.0.score;
        }
    }
}

/// The counts of one field in a segment: its values are neighbours in the dictionary.
fn of_field(
    column: &FacetColumn,
    segment: SegmentOrdinal,
    counts: &[u32],
    field: &str,
) -> tantivy::Result<Vec<Counted>> {
    let range = column.of_field(field)?;
    let counts = counts.get(range.start as usize..range.end as usize).unwrap_or_default();
    let counted = |(ordinal, count): (u32, &u32)| Counted {
        hash: column.hash(ordinal),
        at: (segment, ordinal),
        count: *count,
    };
    Ok((range.start..).zip(counts).filter(|(_, count)| **count > 0).map(counted).collect())
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

/// The earliest copy, in the rank of the best one; by date, in its own.
fn one_of(story: &[Copied], ranking: Ranking) -> Option<Ranked> {
    let first = &story.first()?.ranked;
    let by_date = matches!(ranking, Ranking::Newest | Ranking::Oldest);
    let best = story.iter().map(|copy| &copy.ranked).max_by(|a, b| a.key.total_cmp(&b.key));
    let Ranked { key, score, .. } = *best.filter(|_| !by_date).unwrap_or(first);
    let score = if matches!(ranking, Ranking::Recent { .. }) { key as Score } else { score };
    Some(Ranked { key, score, ..*first })
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
