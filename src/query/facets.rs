//! Counts of facet values over the articles that match.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use tantivy::collector::Count;
use tantivy::query::BooleanQuery;

use super::QueryError;
use super::docs::any_term;
use super::gather::Counts;
use super::gather::Gather;
use super::gather::Gathered;
use super::plan::Plan;
use super::request::Compiled;
use super::request::Request;
use super::results::FacetCounts;
use super::results::FacetValue;
use super::values;
use crate::index::FacetTable;
use crate::index::Opened;
use crate::schema::FieldKind;
use crate::schema::Schema;

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
    let table = index.facet_table();
    let gather = Gather { facets: vec![field.to_string()], table: table.clone(), ..Gather::default() };
    let mut counts = compiled.gather(&plan, &gather)?.facets.remove(field);
    if let Some(prefix) = prefix.map(crate::tokens::fold) {
        let begins = |value: &str| {
            let folded = crate::tokens::fold(value);
            folded.starts_with(&prefix) || folded.split([' ', '-']).any(|w| w.starts_with(&prefix))
        };
        match (&mut counts, &table) {
            (Some(Counts::ByName(counts)), _) => counts.retain(|value, _| begins(value)),
            (Some(Counts::ByNumber(counts)), Some(table)) => {
                counts.retain(|(number, _)| begins(table.value(*number)));
            }
            _ => {}
        }
    }
    let mut listed = top_values(&compiled, &plan, field, counts, table.as_deref(), most)?;
    listed.warnings = compiled.remarks(&plan, listed.distinct == 0)?;
    Ok(listed)
}

/// The facets of a request, in its order. What is narrowed by a filter of its own is counted without that filter.
pub(super) fn counted(
    compiled: &Compiled,
    plan: &Plan,
    gathered: &mut Gathered,
    table: Option<&Arc<FacetTable>>,
) -> Result<Vec<FacetCounts>, QueryError> {
    let mut out = Vec::new();
    for (field, most) in &compiled.request.facets {
        let own = if compiled.filters_itself(field) { Some(compiled.plan_without(field)?) } else { None };
        let counts = match &own {
            Some(plan) => {
                let facets = vec![field.clone()];
                let gather = Gather { facets, table: table.cloned(), ..Gather::default() };
                compiled.gather(plan, &gather)?.facets.remove(field)
            }
            None => gathered.facets.remove(field),
        };
        let table = table.map(|table| &**table);
        out.push(top_values(compiled, own.as_ref().unwrap_or(plan), field, counts, table, *most)?);
    }
    Ok(out)
}

/// Sorts the values, spellings of one name as one, and keeps the most frequent.
fn top_values(
    compiled: &Compiled,
    plan: &Plan,
    field: &str,
    counts: Option<Counts>,
    table: Option<&FacetTable>,
    most: usize,
) -> Result<FacetCounts, QueryError> {
    let names = compiled.is_of_names(field);
    let (mut values, distinct) = match (counts, table) {
        (Some(Counts::ByName(counts)), _) => {
            let values = if names { spelled(compiled, counts) } else { each(counts) };
            let distinct = values.len();
            (values, distinct)
        }
        (Some(Counts::ByNumber(counts)), Some(table)) => numbered(compiled, table, counts, most),
        _ => (Vec::new(), 0),
    };
    values.sort_by(Spelled::order);
    // An article with two spellings was counted twice. Only values that may be listed are counted anew.
    let least = values.iter().take(most).map(|v| v.at_least).min().unwrap_or(0);
    for value in values.iter_mut().filter(|v| v.spellings.len() > 1 && v.count >= least) {
        let terms = value.spellings.iter().map(|v| compiled.index.fields.facet_term(field, v));
        let both = BooleanQuery::intersection(vec![plan.query.box_clone(), any_term(terms)]);
        let count = compiled.collect(&both, Count)? as u64;
        // What was not counted to its end counts as far as it is sure.
        value.count = if compiled.is_partial() { value.at_least } else { count };
    }
    values.sort_by(Spelled::order);
    values.truncate(most);
    let values = values.into_iter().map(|v| FacetValue { value: v.value, count: v.count }).collect();
    Ok(FacetCounts {
        field: field.to_string(),
        values,
        distinct,
        warnings: Vec::new(),
        partial: compiled.is_partial(),
    })
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

/// The values that may be among the most frequent, and how many there are in all; only these get their names.
fn numbered(
    compiled: &Compiled,
    table: &FacetTable,
    mut counts: Vec<(u32, u64)>,
    most: usize,
) -> (Vec<Spelled>, usize) {
    counts.sort_unstable();
    counts.dedup_by(|later, first| {
        let same = later.0 == first.0;
        first.1 += if same { later.1 } else { 0 };
        same
    });
    let (plain, several): (Vec<_>, Vec<_>) =
        counts.into_iter().partition(|(number, _)| !table.has_spellings(*number));
    let mut by_name: FxHashMap<u32, Vec<(u32, u64)>> = FxHashMap::default();
    for (number, count) in several {
        by_name.entry(table.same(number)).or_default().push((number, count));
    }
    let distinct = plain.len() + by_name.len();
    let mut plain: Vec<(u64, u32)> = plain.into_iter().map(|(number, count)| (count, number)).collect();
    if most > 0 && plain.len() > most {
        // Numbers have the order of the values, so that ties are broken as by name.
        plain.select_nth_unstable_by(most - 1, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        plain.truncate(most);
    }
    let one = |(count, number): (u64, u32)| {
        let value = table.value(number).to_string();
        Spelled { value, count, at_least: count, spellings: Vec::new() }
    };
    let mut values: Vec<Spelled> = plain.into_iter().map(one).collect();
    for (_, spellings) in by_name {
        let value = compiled.index.groups.canonical(table.value(spellings[0].0)).to_string();
        let mut names: Vec<String> = spellings.iter().map(|(n, _)| table.value(*n).to_string()).collect();
        names.sort();
        values.push(Spelled {
            value,
            count: spellings.iter().map(|(_, count)| count).sum(),
            at_least: spellings.iter().map(|(_, count)| *count).max().unwrap_or(0),
            spellings: names,
        });
    }
    (values, distinct)
}

impl Compiled<'_> {
    /// Tells whether the values of a facet are names.
    pub fn is_of_names(&self, field: &str) -> bool {
        self.schema.fields.find(field).is_none_or(|f| f.kind == FieldKind::Actor)
    }
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
