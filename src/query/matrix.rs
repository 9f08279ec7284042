//! Who did what to whom: two roles of the same events, as a table.

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use tantivy::BitSet;
use tantivy::DocSet;
use tantivy::SegmentOrdinal;
use tantivy::SegmentReader;
use tantivy::TERMINATED;
use tantivy::collector::Collector;
use tantivy::collector::SegmentCollector;
use tantivy::schema::IndexRecordOption;

use super::QueryError;
use super::engine;
use super::plan::Aim;
use super::plan::EventTest;
use super::request::Compiled;
use super::request::Request;
use super::results::Matrix;
use crate::annotation::Status;
use crate::index::EventValue;
use crate::index::IndexError;
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
    let matching = index.searcher.search(&*plan.query, &Matching).map_err(engine)?;
    let mut pairs = Pairs::default();
    for (number, docs) in &matching {
        let segment = &index.searcher.segment_readers()[*number as usize];
        let counted = Counted { docs, tests: &plan.notes.events, roles: (rows, columns) };
        add_pairs(index, segment, *number, &counted, &mut pairs)?;
    }
    let mut warnings = plan.notes.warnings.clone();
    warnings.extend(compiled.asides(&plan)?);
    let mut cells: Vec<(String, String, u64)> =
        pairs.into_iter().map(|((row, column), articles)| (row, column, articles.len() as u64)).collect();
    cells.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| (&a.0, &a.1).cmp(&(&b.0, &b.1))));
    Ok(Matrix { rows: rows.into(), columns: columns.into(), cells, warnings })
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
    index: &Opened,
    segment: &SegmentReader,
    number: SegmentOrdinal,
    counted: &Counted,
    pairs: &mut Pairs,
) -> Result<(), QueryError> {
    let failed = |source| QueryError::Index(IndexError::Io { path: index.dir.clone(), source });
    let inverted = segment.inverted_index(index.fields.event).map_err(engine)?;
    let mut stream = inverted.terms().stream().map_err(failed)?;
    while stream.advance() {
        let text = std::str::from_utf8(stream.key()).unwrap_or_default();
        let Some(event) = EventValue::read(text) else { continue };
        let Counted { docs, tests, roles: (rows, columns) } = *counted;
        let asked = tests.is_empty() || tests.iter().any(|test| test.holds(&event, None) != Some(false));
        if event.background || event.status != Status::Asserted || !asked {
            continue;
        }
        let names = |role: &str| {
            let here = event.participants.iter().filter(|(r, _)| *r == role);
            here.map(|(_, name)| index.groups.canonical(name)).collect::<Vec<_>>()
        };
        let (first, second) = (names(rows), names(columns));
        if first.is_empty() || second.is_empty() {
            continue;
        }
        let info = stream.value().clone();
        let read = inverted.read_postings_from_terminfo(&info, IndexRecordOption::Basic);
        let mut postings = read.map_err(failed)?;
        while postings.doc() != TERMINATED {
            if docs.contains(postings.doc()) {
                let all = first.iter().flat_map(|r| second.iter().map(move |c| (*r, *c)));
                // Who accuse each other have both roles, but nobody accuses himself.
                for (row, column) in all.filter(|(row, column)| row != column) {
                    let pair = (row.to_string(), column.to_string());
                    pairs.entry(pair).or_default().insert((number, postings.doc()));
                }
            }
            postings.advance();
        }
    }
    Ok(())
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
