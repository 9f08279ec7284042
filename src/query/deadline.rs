//! How long an answer may take, and what becomes of it then.
//!
//! Whoever may walk far looks at the clock now and then and stops. The first to see that the time is over notes it, and
//! from then on nothing more is counted: what an exclusion did not come to look at must not pass for a match.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use tantivy::DocId;
use tantivy::Score;
use tantivy::SegmentOrdinal;
use tantivy::SegmentReader;
use tantivy::collector::Collector;
use tantivy::collector::SegmentCollector;
use tantivy::query::EnableScoring;
use tantivy::query::Query;

use crate::index::Opened;

/// Steps between two looks at the clock: a step takes some nanoseconds to some microseconds.
const STEPS: u32 = 256;

/// When an answer is to be there; by default never.
#[derive(Clone, Debug, Default)]
pub struct Deadline(Option<Arc<Moment>>);

#[derive(Debug)]
struct Moment {
    at: Instant,
    allowed: Duration,
    noted: AtomicBool,
}

impl Deadline {
    /// A time from now.
    pub fn after(allowed: Duration) -> Deadline {
        // What is too far away to be a moment never comes.
        let at = Instant::now().checked_add(allowed);
        Deadline(at.map(|at| Arc::new(Moment { at, allowed, noted: AtomicBool::new(false) })))
    }

    /// Looks at the clock; that the time is over is noted.
    pub fn has_passed(&self) -> bool {
        let Some(moment) = &self.0 else { return false };
        if Instant::now() >= moment.at {
            moment.noted.store(true, Ordering::Relaxed);
        }
        self.cut_short()
    }

    /// Tells whether somebody stopped because the time was over: an answer that nobody cut short is whole, however late.
    pub fn cut_short(&self) -> bool {
        self.0.as_ref().is_some_and(|moment| moment.noted.load(Ordering::Relaxed))
    }

    /// What is to be said of an answer that was cut short.
    pub(super) fn remark(&self) -> Option<String> {
        let moment = self.0.as_ref().filter(|_| self.cut_short())?;
        let seconds = moment.allowed.as_secs_f64();
        Some(format!(
            "stopped after {seconds} s: there may be more hits than these, and every count is a least one"
        ))
    }

    /// Starts to count steps.
    pub(super) fn steps(&self) -> Steps {
        // The first step looks: what begins too late does not begin.
        Steps { deadline: self.clone(), left: 1 }
    }

    /// Collects what matches, until the time is over.
    pub(super) fn search<C: Collector>(
        &self,
        index: &Opened,
        query: &dyn Query,
        collector: C,
    ) -> tantivy::Result<C::Fruit> {
        if self.0.is_none() {
            return search(index, query, &collector);
        }
        search(index, query, &Until { collector, deadline: self.clone() })
    }
}

fn search<C: Collector>(index: &Opened, query: &dyn Query, collector: &C) -> tantivy::Result<C::Fruit> {
    let searcher = &index.searcher;
    let scoring = match collector.requires_scoring() {
        true => EnableScoring::enabled_from_searcher(searcher),
        false => EnableScoring::disabled_from_searcher(searcher),
    };
    searcher.search_with_executor(query, collector, &index.executor(), scoring)
}

/// Counts the steps of a walk.
pub(super) struct Steps {
    deadline: Deadline,
    left: u32,
}

impl Steps {
    /// Takes a step; false if the time is over.
    #[inline]
    pub fn go_on(&mut self) -> bool {
        self.left -= 1;
        if self.left > 0 {
            return !self.deadline.cut_short();
        }
        self.left = STEPS;
        !self.deadline.has_passed()
    }
}

/// A collector that takes nothing any more when the time is over.
struct Until<C> {
    collector: C,
    deadline: Deadline,
}

struct SegmentUntil<S> {
    collector: S,
    steps: Steps,
}

impl<C: Collector> Collector for Until<C> {
    type Fruit = C::Fruit;
    type Child = SegmentUntil<C::Child>;

    fn for_segment(&self, number: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Self::Child> {
        let collector = self.collector.for_segment(number, segment)?;
        Ok(SegmentUntil { collector, steps: self.deadline.steps() })
    }

    fn requires_scoring(&self) -> bool {
        self.collector.requires_scoring()
    }

    fn merge_fruits(
        &self,
        fruits: Vec<<C::Child as SegmentCollector>::Fruit>,
    ) -> tantivy::Result<Self::Fruit> {
        self.collector.merge_fruits(fruits)
    }
}

impl<S: SegmentCollector> SegmentCollector for SegmentUntil<S> {
    type Fruit = S::Fruit;

    fn collect(&mut self, doc: DocId, score: Score) {
        if self.steps.go_on() {
            self.collector.collect(doc, score);
        }
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        if self.steps.go_on() {
            self.collector.collect_block(docs);
        }
    }

    fn harvest(self) -> Self::Fruit {
        self.collector.harvest()
    }
}
