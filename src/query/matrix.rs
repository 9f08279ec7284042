//! Who did what to whom: two roles of the same events, as a table.

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use tantivy::BitSet;
use tantivy::DocId;
use tantivy::SegmentOrdinal;
use tantivy::SegmentReader;
use tantivy::collector::Collector;
use tantivy::collector::SegmentCollector;

use super::QueryError;
use super::event_test::EventTest;
use super::plan::Aim;
use super::request::Compiled;
use super::request::Request;
use super::results::Matrix;
use super::walk::each_event;
use crate::annotation::RoleState;
use crate::index::EventValue;
use crate::index::Opened;
use crate::schema::Schema;

/// The articles of each pair of names.
type Pairs = FxHashMap<(String, String), FxHashSet<(SegmentOrdinal, u32)>>;

/// Counts, for each pair of names, the matching articles with an event that has the one in the first role and the
/// other in the second. Events count that are asserted and no background.
///
/// # Errors
/// If one is no role, the query cannot be read or the index fails.
pub fn matrix(
    index: &Opened,
    schema: &Schema,
    request: &Request,
    rows: &str,
    columns: &str,
) -> Result<Matrix, QueryError> {
    for role in [rows, columns] {
        if schema.role(role).is_none() {
            let known: Vec<&str> = schema.roles.iter().map(|r| r.id.as_str()).collect();
            return Err(QueryError::Usage(format!("`{role}` is no role: there are {}", known.join(", "))));
        }
    }
    let compiled = Compiled::new(index, schema, request)?;
    let plan = compiled.plan(Aim::Matches)?;
    let matching = compiled.collect(&*plan.query, Matching)?;
    let mut pairs = Pairs::default();
    for (number, docs) in &matching {
        let segment = &index.searcher.segment_readers()[*number as usize];
        let counted = Counted { docs, tests: &plan.notes.events, roles: (rows, columns) };
        add_pairs(&compiled, segment, *number, &counted, &mut pairs)?;
    }
    let empty = matching.iter().all(|(_, docs)| docs.len() == 0);
    let partial = compiled.is_partial();
    let warnings = compiled.remarks(&plan, empty)?;
    let mut cells: Vec<(String, String, u64)> =
        pairs.into_iter().map(|((row, column), articles)| (row, column, articles.len() as u64)).collect();
    cells.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| (&a.0, &a.1).cmp(&(&b.0, &b.1))));
    Ok(Matrix { rows: rows.into(), columns: columns.into(), cells, warnings, partial })
}

/// What counts in a segment.
struct Counted<'a> {
    docs: &'a BitSet,
    /// What the query asks of one event; what only its sentence tells is left to the article.
    tests: &'a [EventTest],
    roles: (&'a str, &'a str),
}

/// Adds the pairs of the events of a segment.
fn add_pairs(
    compiled: &Compiled,
    segment: &SegmentReader,
    number: SegmentOrdinal,
    counted: &Counted,
    pairs: &mut Pairs,
) -> Result<(), QueryError> {
    let add = |here: &Vec<(String, String)>, doc: DocId| {
        for pair in here.iter().filter(|_| counted.docs.contains(doc)) {
            pairs.entry(pair.clone()).or_default().insert((number, doc));
        }
    };
    let Compiled { index, request, .. } = compiled;
    each_event(index, segment, &request.deadline, |event| counted.pairs(index, event), add)
}

impl Counted<'_> {
    /// The pairs of names of an event; none if it does not count.
    fn pairs(&self, index: &Opened, event: &EventValue) -> Option<Vec<(String, String)>> {
        let asked = self.tests.is_empty() || self.tests.iter().any(|t| t.holds(event, None) != Some(false));
        if !asked || !RoleState::Plain.counts(event.status, event.background) {
            return None;
        }
        let names = |role: &str| {
            let here = event.participants.iter().filter(|(r, _)| *r == role);
            here.map(|(_, name)| index.groups.canonical(name)).collect::<Vec<_>>()
        };
        let (rows, columns) = (names(self.roles.0), names(self.roles.1));
        let all = rows.iter().flat_map(|row| columns.iter().map(move |column| (*row, *column)));
        // Who accuse each other have both roles, but nobody accuses himself.
        let others = all.filter(|(row, column)| row != column);
        Some(others.map(|(row, column)| (row.to_string(), column.to_string())).collect())
    }
}

/// Collects the matching articles of each segment.
struct Matching;

struct SegmentMatching(SegmentOrdinal, BitSet);

impl Collector for Matching {
    type Fruit = Vec<(SegmentOrdinal, BitSet)>;
    type Child = SegmentMatching;

    fn for_segment(
        &self,
        number: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentMatching> {
        Ok(SegmentMatching(number, BitSet::with_max_value(segment.max_doc())))
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<(SegmentOrdinal, BitSet)>) -> tantivy::Result<Self::Fruit> {
        Ok(fruits)
    }
}

impl SegmentCollector for SegmentMatching {
    type Fruit = (SegmentOrdinal, BitSet);

    fn collect(&mut self, doc: u32, _: f32) {
        self.1.insert(doc);
    }

    fn harvest(self) -> Self::Fruit {
        (self.0, self.1)
    }
}
