//! Counts of facet values over the articles that match.

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
use super::tally::Top;
use super::tally::tally;
use super::values;
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

/// Counts the values of facets: by tables, if there are such, or by name.
struct Counter<'a> {
    compiled: &'a Compiled<'a>,
    tables: Option<Arc<Tables>>,
    /// Folded: only names of which a word begins so are listed.
    prefix: Option<String>,
}

impl Counter<'_> {
    /// What to gather for one facet alone.
    fn gather(&self, field: &str) -> Gather {
        Gather { facets: [field.to_string()].into(), tables: self.tables.clone(), ..Gather::default() }
    }

    /// The most frequent values of some facets of what was gathered.
    fn most_frequent(
        &self,
        plan: &Plan,
        gathered: &mut Gathered,
        asked: &[&(String, usize)],
    ) -> Result<Vec<FacetCounts>, QueryError> {
        if let Some(tables) = &self.tables {
            return self.by_lists(&tables.facets, &gathered.docs, asked);
        }
        let by_name = |(field, most): &&(String, usize)| {
            let counts = gathered.facets.remove(field).unwrap_or_default();
            self.by_name(plan, counts, field, *most)
        };
        asked.iter().map(by_name).collect()
    }

    /// The same by what is in memory.
    fn by_lists(
        &self,
        table: &FacetTable,
        docs: &[(SegmentOrdinal, Vec<DocId>)],
        asked: &[&(String, usize)],
    ) -> Result<Vec<FacetCounts>, QueryError> {
        let fields: Vec<&str> = asked.iter().map(|(field, _)| field.as_str()).collect();
        let lists = table.lists(&fields).map_err(engine)?;
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
        Ok(tops.into_iter().zip(&fields).map(counted).collect())
    }

    /// The same by values that were counted by name: spellings of one name become one.
    fn by_name(
        &self,
        plan: &Plan,
        counts: FxHashMap<String, u64>,
        field: &str,
        most: usize,
    ) -> Result<FacetCounts, QueryError> {
        let names = self.compiled.schema.fields.are_names(field);
        let mut values = if names { spelled(self.compiled, counts) } else { each(counts).collect() };
        values.retain(|value| self.is_listed(field, &value.value));
        let distinct = values.len();
        if values.len() > most {
            values.select_nth_unstable_by(most, Spelled::order);
        }
        // An article with two spellings was counted twice. Only values that may be listed are counted anew.
        let least = values.iter().take(most).map(|v| v.at_least).min().unwrap_or(u64::MAX);
        values.retain(|value| value.count >= least);
        for value in values.iter_mut().filter(|v| v.spellings.len() > 1) {
            let terms = value.spellings.iter().map(|v| self.compiled.index.fields.facet_term(field, v));
            let both = BooleanQuery::intersection(vec![plan.query.box_clone(), any_term(terms)]);
            let count = self.compiled.collect(&both, Count)? as u64;
            // What was not counted to its end counts as far as it is sure.
            value.count = if self.compiled.is_partial() { value.at_least } else { count };
        }
        values.sort_by(Spelled::order);
        values.truncate(most);
        let value = |v: Spelled| FacetValue { value: v.value, count: v.count };
        Ok(self.counts(field, values.into_iter().map(value).collect(), distinct))
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

fn each(counts: impl IntoIterator<Item = (String, u64)>) -> impl Iterator<Item = Spelled> {
    let one = |(value, count)| Spelled { value, count, at_least: count, spellings: Vec::new() };
    counts.into_iter().map(one)
}

fn spelled(compiled: &Compiled, counts: FxHashMap<String, u64>) -> Vec<Spelled> {
    let groups = &compiled.index.groups;
    let (several, single): (Vec<_>, Vec<_>) = counts.into_iter().partition(|(v, _)| groups.has_spellings(v));
    let mut by_name: FxHashMap<String, Spelled> = FxHashMap::default();
    for (value, count) in several {
        let name = groups.canonical(&value).to_string();
        let new = || Spelled { value: name.clone(), count: 0, at_least: 0, spellings: Vec::new() };
        let entry = by_name.entry(name.clone()).or_insert_with(new);
        entry.count += count;
        entry.at_least = entry.at_least.max(count);
        entry.spellings.push(value);
    }
    each(single).chain(by_name.into_values()).collect()
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
