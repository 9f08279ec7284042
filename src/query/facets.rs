//! Counts of facet values over the articles that match.

use std::cmp::Reverse;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::DocId;
use tantivy::SegmentOrdinal;
use tantivy::collector::Count;
use tantivy::query::BooleanQuery;

use super::QueryError;
use super::docs::any_term;
use super::engine;
use super::gather::Counted;
use super::gather::Gather;
use super::gather::Gathered;
use super::plan::Plan;
use super::request::Compiled;
use super::request::Request;
use super::results::FacetCounts;
use super::results::FacetValue;
use super::tally::Top;
use super::tally::tally;
use super::values;
use crate::index::FacetColumn;
use crate::index::FacetTable;
use crate::index::Groups;
use crate::index::Opened;
use crate::index::SpelledName;
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

/// Counts the values of facets: by tables, if there are such, or by what each segment counted.
struct Counter<'a> {
    compiled: &'a Compiled<'a>,
    tables: Option<Arc<Tables>>,
    /// Folded: only names of which a word begins so are listed.
    prefix: Option<String>,
}

impl Counter<'_> {
    /// What to gather for one facet alone.
    fn gather(&self, field: &str) -> Gather {
        Gather {
            facets: [field.to_string()].into(),
            columns: Arc::clone(&self.compiled.index.facets),
            tables: self.tables.clone(),
            ..Gather::default()
        }
    }

    /// The most frequent values of some facets of what was gathered.
    fn most_frequent(
        &self,
        plan: &Plan,
        gathered: &mut Gathered,
        asked: &[&(String, usize)],
    ) -> Result<Vec<FacetCounts>, QueryError> {
        if let Some(tables) = &self.tables {
            return Ok(self.by_lists(&tables.facets, &gathered.docs, asked));
        }
        let index = self.compiled.index;
        let names = Names { columns: &index.facets, groups: &index.groups };
        let by_hash = |(field, most): &&(String, usize)| {
            let counted = gathered.facets.remove(field).unwrap_or_default();
            self.by_hash(plan, &names, counted, field, *most)
        };
        asked.iter().map(by_hash).collect()
    }

    /// The same by what is in memory.
    fn by_lists(
        &self,
        table: &FacetTable,
        docs: &[(SegmentOrdinal, Vec<DocId>)],
        asked: &[&(String, usize)],
    ) -> Vec<FacetCounts> {
        let fields: Vec<&str> = asked.iter().map(|(field, _)| field.as_str()).collect();
        let lists = table.lists(&fields);
        let tests: Vec<_> =
            fields.iter().map(|field| move |number| self.is_listed(field, table.value(number))).collect();
        let is_listed = |at: usize| self.prefix.as_ref().map(|_| &tests[at] as &dyn Fn(u32) -> bool);
        let mut tops: Vec<Top> =
            asked.iter().enumerate().map(|(at, (_, most))| Top::new(*most, is_listed(at))).collect();
        tally(&lists, docs, &mut tops);
        let value =
            |(count, number): (u64, u32)| FacetValue { value: table.value(number).to_string(), count };
        let counted = |(top, field): (Top, &&str)| {
            let distinct = top.distinct;
            self.counts(field, top.into_best().map(value).collect(), distinct)
        };
        tops.into_iter().zip(&fields).map(counted).collect()
    }

    /// The same by values that were counted in each segment: a name is read only if it may be listed. Spellings of one
    /// name become one.
    fn by_hash(
        &self,
        plan: &Plan,
        names: &Names,
        counted: Vec<Counted>,
        field: &str,
        most: usize,
    ) -> Result<FacetCounts, QueryError> {
        let mut values = self.spelled(joined(counted), field);
        if self.prefix.is_some() {
            values = self.listed(names, values, field)?;
        }
        let distinct = values.len();
        if values.len() > most {
            values.select_nth_unstable_by_key(most, |value| Reverse(value.count));
        }
        // An article with two spellings was counted twice. Only values that may be listed are counted anew.
        let least = values.iter().take(most).map(|v| v.at_least).min().unwrap_or(u64::MAX);
        values.retain(|value| value.count >= least);
        for value in values.iter_mut().filter(|v| v.several) {
            let Some(name) = value.spelled else { continue };
            let groups = &self.compiled.index.groups;
            let term = |spelling| self.compiled.index.fields.facet_term(field, spelling);
            let any = any_term(groups.spellings_of(name).into_iter().map(term));
            let both = BooleanQuery::intersection(vec![plan.query.box_clone(), any]);
            let count = self.compiled.collect(&both, Count)? as u64;
            // What was not counted to its end counts as far as it is sure.
            value.count = if self.compiled.is_partial() { value.at_least } else { count };
        }
        let best = first_by_name(values, most).into_iter();
        let value = |v: Spelled| Ok(FacetValue { count: v.count, value: names.of(&v)? });
        let mut values = best.map(value).collect::<Result<Vec<FacetValue>, QueryError>>()?;
        values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        values.truncate(most);
        Ok(self.counts(field, values, distinct))
    }

    /// Joins the spellings of names.
    fn spelled(&self, values: FxHashMap<u64, Spelled>, field: &str) -> Vec<Spelled> {
        if !self.compiled.schema.fields.are_names(field) {
            return values.into_values().collect();
        }
        let groups = &self.compiled.index.groups;
        let mut all = Vec::with_capacity(values.len());
        let mut by_name: FxHashMap<SpelledName, Spelled> = FxHashMap::default();
        for (hash, value) in values {
            let Some(name) = groups.spelled(hash) else {
                all.push(value);
                continue;
            };
            let joined = by_name.entry(name).or_default();
            joined.several = joined.spelled.replace(name).is_some();
            joined.count += value.count;
            joined.at_least = joined.at_least.max(value.count);
        }
        all.extend(by_name.into_values());
        all
    }

    /// Keeps what begins as is asked.
    fn listed(&self, names: &Names, values: Vec<Spelled>, field: &str) -> Result<Vec<Spelled>, QueryError> {
        let mut listed = Vec::new();
        for value in values {
            if self.is_listed(field, &names.of(&value)?) {
                listed.push(value);
            }
        }
        Ok(listed)
    }

    fn counts(&self, field: &str, values: Vec<FacetValue>, distinct: usize) -> FacetCounts {
        let partial = self.compiled.is_partial();
        FacetCounts { field: field.to_string(), values, distinct, warnings: Vec::new(), partial }
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

/// A value with its other spellings.
#[derive(Default)]
struct Spelled {
    /// Where the value is, if it has one spelling.
    at: (SegmentOrdinal, u32),
    /// What its spellings are known by, if it has several.
    spelled: Option<SpelledName>,
    /// More than one of them was counted.
    several: bool,
    /// Articles, those with two spellings twice.
    count: u64,
    /// Articles with the most frequent spelling.
    at_least: u64,
}

/// The names of values.
struct Names<'a> {
    /// By segment.
    columns: &'a [FacetColumn],
    groups: &'a Groups,
}

impl Names<'_> {
    fn of(&self, value: &Spelled) -> Result<String, QueryError> {
        if let Some(name) = value.spelled {
            return Ok(self.groups.spellings_of(name).first().copied().unwrap_or_default().to_string());
        }
        let (segment, ordinal) = value.at;
        self.columns[segment as usize].value(ordinal).map_err(|e| engine(e.into()))
    }
}

/// Adds up what the segments have of each value.
fn joined(counted: Vec<Counted>) -> FxHashMap<u64, Spelled> {
    let mut values: FxHashMap<u64, Spelled> = FxHashMap::default();
    values.reserve(counted.len());
    for Counted { hash, at, count } in counted {
        let value = values.entry(hash).or_insert_with(|| Spelled { at, ..Spelled::default() });
        value.count += u64::from(count);
        value.at_least += u64::from(count);
    }
    values
}

/// Leaves out what cannot be among the first by count and then by name. In a segment values have the order of their
/// names, so of all that have the count of the last one listed, few names need be read.
fn first_by_name(mut values: Vec<Spelled>, most: usize) -> Vec<Spelled> {
    if values.len() <= most {
        return values;
    }
    if most == 0 {
        return Vec::new();
    }
    let last = values.select_nth_unstable_by_key(most - 1, |value| Reverse(value.count)).1.count;
    values.retain(|value| value.count >= last);
    let (mut equal, mut first): (Vec<_>, Vec<_>) = values.into_iter().partition(|value| value.count == last);
    equal.sort_unstable_by_key(|value| (value.spelled.is_some(), value.at));
    let in_a_row = |a: &Spelled, b: &Spelled| a.spelled.or(b.spelled).is_none() && a.at.0 == b.at.0;
    for same in equal.chunk_by_mut(in_a_row) {
        first.extend(same.iter_mut().take(most).map(std::mem::take));
    }
    first
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
