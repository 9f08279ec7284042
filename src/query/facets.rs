//! Counts of facet values over the articles that match.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::DocId;
use tantivy::SegmentOrdinal;
use tantivy::collector::Count;
use tantivy::query::BooleanQuery;

use super::QueryError;
use super::docs::any_term;
use super::engine;
use super::gather::Gather;
use super::gather::Gathered;
use super::plan::Plan;
use super::request::Compiled;
use super::request::Request;
use super::results::FacetCounts;
use super::results::FacetValue;
use super::values;
use crate::index::FacetLists;
use crate::index::FacetTable;
use crate::index::Opened;
use crate::index::Tables;
use crate::schema::FieldKind;
use crate::schema::Schema;
use crate::tokens::fold;

/// Lists the values of one facet over the articles that match; `prefix` compares folded beginnings of words.
///
/// # Errors
/// If the field is no facet, the query cannot be read or the index fails.
pub fn facet_values(
    index: &Opened,
    schema: &Schema,
    request: &Request,
    field: &str,
    prefix: Option<&str>,
    most: usize,
) -> Result<FacetCounts, QueryError> {
    let field = schema.fields.find(field).map_or(field, |f| f.name.as_str());
    known_facet(schema, field)?;
    let compiled = Compiled::new(index, schema, request)?;
    let plan = compiled.plan_without(field)?;
    let counter = Counter { compiled: &compiled, tables: index.tables(schema), prefix: prefix.map(fold) };
    let mut gathered = compiled.gather(&plan, &counter.gather(field))?;
    let asked = (field.to_string(), most);
    let mut listed = counter.most_frequent(&plan, &mut gathered, &[&asked])?.remove(0);
    listed.warnings = compiled.remarks(&plan, listed.distinct == 0)?;
    Ok(listed)
}

/// The facets of a request, in its order. What is narrowed by a filter of its own is counted without that filter.
pub(super) fn counted(
    compiled: &Compiled,
    plan: &Plan,
    gathered: &mut Gathered,
    tables: Option<&Arc<Tables>>,
) -> Result<Vec<FacetCounts>, QueryError> {
    let counter = Counter { compiled, tables: tables.cloned(), prefix: None };
    let facets = &compiled.request.facets;
    let is_first = |at: usize| facets[..at].iter().all(|(field, _)| *field != facets[at].0);
    let asked = || facets.iter().enumerate().filter(|(at, _)| is_first(*at)).map(|(_, facet)| facet);
    let (own, shared): (Vec<_>, Vec<_>) = asked().partition(|(field, _)| compiled.filters_itself(field));
    let mut counted: Vec<FacetCounts> = counter.most_frequent(plan, gathered, &shared)?;
    for asked in own {
        let plan = compiled.plan_without(&asked.0)?;
        let mut gathered = compiled.gather(&plan, &counter.gather(&asked.0))?;
        counted.append(&mut counter.most_frequent(&plan, &mut gathered, &[asked])?);
    }
    counted.sort_by_key(|facet| asked().position(|(field, _)| *field == facet.field));
    Ok(counted)
}

/// Values that are passed over in the time that it takes to note and take those of one article.
const OF_AN_ARTICLE: usize = 512;

/// Counts that are looked at as one.
const STRETCH: usize = 64;

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

/// Counts the values of one facet after another.
struct Counter<'a> {
    compiled: &'a Compiled<'a>,
    tables: Option<Arc<Tables>>,
    /// Folded: only names of which a word begins so are listed.
    prefix: Option<String>,
}

impl Counter<'_> {
    /// What to gather for one facet alone.
    fn gather(&self, field: &str) -> Gather {
        Gather { facets: vec![field.to_string()], tables: self.tables.clone(), ..Gather::default() }
    }

    /// The most frequent values of some facets of what was gathered.
    fn most_frequent(
        &self,
        plan: &Plan,
        gathered: &mut Gathered,
        asked: &[&(String, usize)],
    ) -> Result<Vec<FacetCounts>, QueryError> {
        let counted = match &self.tables {
            Some(tables) => self.by_lists(&tables.facets, &gathered.docs, asked)?,
            None => {
                let by_name = |(field, most): &&(String, usize)| {
                    let counts = gathered.facets.remove(field).unwrap_or_default();
                    self.by_name(plan, counts, field, *most)
                };
                asked.iter().map(by_name).collect::<Result<_, _>>()?
            }
        };
        let one =
            |((values, distinct), (field, _)): ((Vec<FacetValue>, usize), &&(String, usize))| FacetCounts {
                field: field.clone(),
                values,
                distinct,
                warnings: Vec::new(),
                partial: self.compiled.is_partial(),
            };
        Ok(counted.into_iter().zip(asked).map(one).collect())
    }

    /// The most frequent values of some articles by what is in memory, and how many there are in all.
    fn by_lists(
        &self,
        table: &FacetTable,
        docs: &[(SegmentOrdinal, Vec<DocId>)],
        asked: &[&(String, usize)],
    ) -> Result<Vec<(Vec<FacetValue>, usize)>, QueryError> {
        let fields: Vec<&str> = asked.iter().map(|(field, _)| field.as_str()).collect();
        let lists = table.lists(&fields).map_err(engine)?;
        let mut tops: Vec<Top> = asked.iter().map(|(_, most)| Top::new(*most)).collect();
        let begins = |field: usize, place| self.is_listed(fields[field], table.value(lists.number(place)));
        let is_listed = self.prefix.as_ref().map(|_| &begins as &dyn Fn(usize, u32) -> bool);
        ROOM.with_borrow_mut(|room| room.count(&lists, docs, &mut tops, is_listed));
        let value = |(count, number): (u32, u32)| FacetValue {
            value: table.value(number).to_string(),
            count: u64::from(count),
        };
        let values = |top: Top| {
            let distinct = top.distinct;
            (top.into_best().into_iter().map(value).collect(), distinct)
        };
        Ok(tops.into_iter().map(values).collect())
    }

    /// The same by values that were counted by name: spellings of one name become one.
    fn by_name(
        &self,
        plan: &Plan,
        counts: FxHashMap<String, u64>,
        field: &str,
        most: usize,
    ) -> Result<(Vec<FacetValue>, usize), QueryError> {
        let names = self.compiled.schema.fields.are_names(field);
        let mut values = if names { spelled(self.compiled, counts) } else { each(counts) };
        values.retain(|value| self.is_listed(field, &value.value));
        let distinct = values.len();
        values.sort_by(Spelled::order);
        // An article with two spellings was counted twice. Only values that may be listed are counted anew.
        let least = values.iter().take(most).map(|v| v.at_least).min().unwrap_or(0);
        for value in values.iter_mut().filter(|v| v.spellings.len() > 1 && v.count >= least) {
            let terms = value.spellings.iter().map(|v| self.compiled.index.fields.facet_term(field, v));
            let both = BooleanQuery::intersection(vec![plan.query.box_clone(), any_term(terms)]);
            let count = self.compiled.collect(&both, Count)? as u64;
            // What was not counted to its end counts as far as it is sure.
            value.count = if self.compiled.is_partial() { value.at_least } else { count };
        }
        values.sort_by(Spelled::order);
        values.truncate(most);
        let value = |v: Spelled| FacetValue { value: v.value, count: v.count };
        Ok((values.into_iter().map(value).collect(), distinct))
    }

    /// Tells whether a value, or another spelling of the name that it is, begins as is asked.
    fn is_listed(&self, field: &str, value: &str) -> bool {
        let Some(prefix) = &self.prefix else { return true };
        let begins = |value: &str| {
            let folded = fold(value);
            folded.starts_with(prefix) || folded.split([' ', '-']).any(|w| w.starts_with(prefix))
        };
        let spellings = || self.compiled.index.groups.spellings(value);
        begins(value)
            || self.compiled.schema.fields.are_names(field) && spellings().iter().any(|name| begins(name))
    }
}

/// Room to count in, used again and again: empty between two counts.
#[derive(Default)]
struct Room {
    /// Articles by place of the value; signed, as all processors compare many of such at once.
    counts: Vec<i32>,
    /// The places with a count, if few have one.
    present: Vec<u32>,
}

impl Room {
    /// Counts the articles that have each value, and takes the counts out, each to its field.
    fn count(
        &mut self,
        lists: &FacetLists,
        docs: &[(SegmentOrdinal, Vec<DocId>)],
        tops: &mut [Top],
        is_listed: Option<&dyn Fn(usize, u32) -> bool>,
    ) {
        if self.counts.len() < lists.len() {
            self.counts.resize(lists.len(), 0);
        }
        let articles: usize = docs.iter().map(|(_, docs)| docs.len()).sum();
        if articles * OF_AN_ARTICLE < lists.len() {
            self.count_few(lists, docs);
            self.take_few(lists, tops, is_listed);
            return;
        }
        for (segment, docs) in docs {
            let lists = lists.of(*segment);
            docs.iter().for_each(|doc| {
                lists.places(*doc).iter().for_each(|place| self.counts[*place as usize] += 1)
            });
        }
        for (field, top) in tops.iter_mut().enumerate() {
            self.take_all(lists, field, top, is_listed);
        }
    }

    /// Counts, and notes which places have a count.
    fn count_few(&mut self, lists: &FacetLists, docs: &[(SegmentOrdinal, Vec<DocId>)]) {
        for (segment, docs) in docs {
            let lists = lists.of(*segment);
            for doc in docs {
                for place in lists.places(*doc) {
                    let count = &mut self.counts[*place as usize];
                    if *count == 0 {
                        self.present.push(*place);
                    }
                    *count += 1;
                }
            }
        }
    }

    fn take_few(
        &mut self,
        lists: &FacetLists,
        tops: &mut [Top],
        is_listed: Option<&dyn Fn(usize, u32) -> bool>,
    ) {
        for place in self.present.drain(..) {
            let count = std::mem::take(&mut self.counts[place as usize]) as u32;
            let field = (0..tops.len()).find(|field| lists.places(*field).contains(&place)).unwrap_or(0);
            if is_listed.is_none_or(|is_listed| is_listed(field, place)) {
                tops[field].distinct += 1;
                tops[field].offer(count, || lists.number(place));
            }
        }
    }

    /// Takes all counts of a field out; stretches without a great one are passed over quickly.
    fn take_all(
        &mut self,
        lists: &FacetLists,
        field: usize,
        top: &mut Top,
        is_listed: Option<&dyn Fn(usize, u32) -> bool>,
    ) {
        let places = lists.places(field);
        let counts = &mut self.counts[places.start as usize..places.end as usize];
        let (stretches, rest) = counts.as_chunks_mut::<STRETCH>();
        for (at, stretch) in stretches.iter_mut().enumerate() {
            let present = stretch.iter().map(|count| i32::from(*count > 0)).sum::<i32>();
            if present == 0 {
                continue;
            }
            let first = places.start + (at * STRETCH) as u32;
            let least = i32::try_from(top.least()).unwrap_or(i32::MAX);
            if is_listed.is_some() || stretch.iter().fold(false, |any, count| any | (*count >= least)) {
                top.take(lists, field, first, stretch, is_listed);
            } else {
                top.distinct += present as usize;
            }
            stretch.fill(0);
        }
        top.take(lists, field, places.end - rest.len() as u32, rest, is_listed);
        rest.fill(0);
    }
}

/// The greatest counts of a field.
struct Top {
    most: usize,
    /// The least of the best is on top: of equal counts the last by name, which has the greatest number.
    best: BinaryHeap<Reverse<(u32, Reverse<u32>)>>,
    distinct: usize,
}

impl Top {
    fn new(most: usize) -> Top {
        Top { most, best: BinaryHeap::new(), distinct: 0 }
    }

    /// The least count that may be one of the best.
    fn least(&self) -> u32 {
        match self.best.peek() {
            _ if self.most == 0 => u32::MAX,
            Some(least) if self.best.len() == self.most => least.0.0,
            _ => 1,
        }
    }

    /// Takes the counts from a place on.
    fn take(
        &mut self,
        lists: &FacetLists,
        field: usize,
        first: u32,
        counts: &[i32],
        is_listed: Option<&dyn Fn(usize, u32) -> bool>,
    ) {
        for (place, count) in (first..).zip(counts).filter(|(_, count)| **count > 0) {
            if is_listed.is_none_or(|is_listed| is_listed(field, place)) {
                self.distinct += 1;
                self.offer(*count as u32, || lists.number(place));
            }
        }
    }

    fn offer(&mut self, count: u32, number: impl FnOnce() -> u32) {
        if count < self.least() {
            return;
        }
        self.best.push(Reverse((count, Reverse(number()))));
        if self.best.len() > self.most {
            self.best.pop();
        }
    }

    /// Counts and numbers, the greatest count first, equals by name.
    fn into_best(self) -> Vec<(u32, u32)> {
        let best = self.best.into_sorted_vec();
        best.into_iter().map(|Reverse((count, Reverse(number)))| (count, number)).collect()
    }
}

/// A value with its other spellings.
struct Spelled {
    value: String,
    /// Articles, those with two spellings twice.
    count: u64,
    /// Articles with the most frequent spelling.
    at_least: u64,
    spellings: Vec<String>,
}

impl Spelled {
    fn order(a: &Spelled, b: &Spelled) -> std::cmp::Ordering {
        b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value))
    }
}

fn each(counts: FxHashMap<String, u64>) -> Vec<Spelled> {
    let one = |(value, count)| Spelled { value, count, at_least: count, spellings: Vec::new() };
    counts.into_iter().map(one).collect()
}

fn spelled(compiled: &Compiled, counts: FxHashMap<String, u64>) -> Vec<Spelled> {
    let groups = &compiled.index.groups;
    let mut by_name: FxHashMap<String, Spelled> = FxHashMap::default();
    for (value, count) in counts {
        let name = groups.canonical(&value).to_string();
        let entry = by_name.entry(name.clone()).or_insert(Spelled {
            value: name,
            count: 0,
            at_least: 0,
            spellings: Vec::new(),
        });
        entry.count += count;
        entry.at_least = entry.at_least.max(count);
        entry.spellings.push(value);
    }
    by_name.into_values().collect()
}

/// Checks that a field can be counted.
pub(crate) fn known_facet(schema: &Schema, field: &str) -> Result<(), QueryError> {
    let role = field.split('.').next().unwrap_or(field);
    let is_role = schema.role(role).is_some();
    let kind = schema.fields.find(field).map(|f| f.kind);
    let counted = matches!(kind, Some(FieldKind::Actor | FieldKind::Value))
        && !matches!(field, "path" | "url" | "id" | "story");
    if is_role || counted || field == "mentioned" {
        return Ok(());
    }
    let facets = schema
        .fields
        .iter()
        .filter(|f| matches!(f.kind, FieldKind::Actor | FieldKind::Value))
        .map(|f| f.name.as_str());
    let known: Vec<&str> = schema
        .roles
        .iter()
        .map(|r| r.id.as_str())
        .chain(facets)
        .filter(|f| !matches!(*f, "path" | "url" | "id" | "story"))
        .chain(["mentioned"])
        .collect();
    let near = values::near_names(field, known.iter().copied())
        .map_or(String::new(), |n| format!(" (did you mean `{n}`?)"));
    Err(QueryError::Usage(format!("`{field}` is no facet{near}: there are {}", known.join(", "))))
}
