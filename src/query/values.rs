//! Values of facet fields in the index: as typed, through the aliases, or the nearest ones.

use std::collections::BTreeMap;

use tantivy::Searcher;

use super::QueryError;
use super::ast::Pattern;
use super::deadline::Deadline;
use super::engine;
use super::patterns;
use crate::index;
use crate::index::ANY;
use crate::index::Groups;
use crate::index::IndexFields;
use crate::index::Opened;
use crate::schema::FieldKind;
use crate::schema::Schema;
use crate::tokens::fold;

/// What a value of a query stands for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Resolved {
    /// Values as they stand in the index; none if it has none such.
    pub values: Vec<String>,
    /// What to tell the user of it.
    pub note: Option<String>,
}

/// What resolving a name asks of an index, whichever engine holds it.
pub(crate) trait Known {
    /// Tells whether an article has a value.
    fn has(&self, field: &str, value: &str) -> Result<bool, QueryError>;

    /// Lists every value of a field with the number of articles that have it.
    fn values(&self, field: &str) -> Result<BTreeMap<String, u32>, QueryError>;

    /// Spellings that the corpus has of one name.
    fn groups(&self) -> &Groups;
}

impl Known for Opened {
    fn has(&self, field: &str, value: &str) -> Result<bool, QueryError> {
        exists(&self.searcher, &self.fields, field, value)
    }

    fn values(&self, field: &str) -> Result<BTreeMap<String, u32>, QueryError> {
        list(&self.searcher, &self.fields, field)
    }

    fn groups(&self) -> &Groups {
        &self.groups
    }
}

/// Finds the values of a field that a query means.
pub(crate) fn resolve(
    index: &dyn Known,
    schema: &Schema,
    field: &str,
    kind: FieldKind,
    text: &str,
) -> Result<Resolved, QueryError> {
    let exact = |value: &str| index.has(field, value);
    let found = |value: &str, note: Option<String>| {
        let mut values = vec![value.to_string()];
        if kind == FieldKind::Actor {
            // Spellings that the corpus has of the same name; the one to show comes first.
            let spellings = index.groups().spellings(value);
            let other = |name: &&String| *name != value && exact(name).unwrap_or(false);
            values.extend(spellings.iter().filter(other).cloned());
            let shown = index.groups().canonical(value);
            values.sort_by_key(|name| name != shown);
        }
        Ok(Resolved { values, note })
    };
    if exact(text)? {
        return found(text, None);
    }
    let canonical = if kind == FieldKind::Actor { schema.canonical_name(text) } else { None };
    if let Some(name) = &canonical
        && exact(name)?
    {
        let same = fold(name) == fold(text);
        return found(name, (!same).then(|| format!("{field}:{text} is read as {name}")));
    }
    let folded = fold(text);
    let values = index.values(field)?;
    if let Some(value) = values.keys().find(|v| fold(v) == folded) {
        return found(value, None);
    }
    // A surname is the one person of that name, if there is one alone.
    let has_word = |value: &&String| fold(value).split([' ', '-']).any(|word| word == folded);
    if kind == FieldKind::Actor
        && let mut named = values.keys().filter(has_word)
        && let (Some(one), None) = (named.next(), named.next())
    {
        return found(one, Some(format!("{field}:{text} is read as {one}")));
    }
    let field = field.trim_end_matches(".any");
    let who = canonical.as_deref().unwrap_or(text);
    let near = nearest(&folded, values.keys());
    let mut note = format!("no article has {field}:{who}");
    if !near.is_empty() {
        note.push_str(&format!("; near it: {}", near.join(", ")));
    }
    Ok(Resolved { values: Vec::new(), note: Some(note) })
}

fn exists(searcher: &Searcher, fields: &IndexFields, field: &str, value: &str) -> Result<bool, QueryError> {
    // What stands for any value is none itself.
    let found = searcher.doc_freq(&fields.facet_term(field, value)).map_err(engine)?;
    Ok(found > 0 && value != ANY)
}

/// Lists every value of a field with the number of articles that have it; deleted ones may still count.
pub(super) fn list(
    searcher: &Searcher,
    fields: &IndexFields,
    field: &str,
) -> Result<BTreeMap<String, u32>, QueryError> {
    let mut values = BTreeMap::new();
    let (column, prefix) = fields.column(field);
    let end = format!("{}>", prefix.trim_end_matches('='));
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(column).map_err(engine)?;
        let range = inverted.terms().range();
        let range = if prefix.is_empty() { range } else { range.ge(&prefix).lt(&end) };
        let mut stream = range.into_stream().map_err(|e| engine(e.into()))?;
        while stream.advance() {
            let value = String::from_utf8_lossy(&stream.key()[prefix.len()..]).into_owned();
            *values.entry(value).or_default() += stream.value().doc_freq;
        }
    }
    Ok(values)
}

/// Up to five values whose letters are nearest.
fn nearest<'a>(folded: &str, values: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut scored: Vec<(f64, &String)> = values
        .map(|v| {
            let other = fold(v);
            let whole = strsim::jaro_winkler(folded, &other);
            let part = other.split(' ').map(|w| strsim::jaro_winkler(folded, w)).fold(0.0, f64::max);
            (whole.max(part * 0.98), v)
        })
        .filter(|(score, _)| *score >= 0.84)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(5).map(|(_, v)| v.clone()).collect()
}

/// Words of the index whose letters are nearest to a word, the most frequent first.
pub(super) fn near_words(index: &Opened, word: &str, deadline: &Deadline) -> Result<Vec<String>, QueryError> {
    let fields = [index.fields.text, index.fields.title];
    let distance = if word.chars().count() < 5 { 1 } else { 2 };
    let near = patterns::words(&index.searcher, &fields, &Pattern::Fuzzy(word.into(), distance), deadline)?;
    let frequency = |word: &String| {
        let of = |field| index.searcher.doc_freq(&index::form(field, word)).unwrap_or(0);
        fields.into_iter().map(of).sum::<u64>()
    };
    let folded = fold(word);
    let mut scored: Vec<(usize, u64, String)> = near
        .into_iter()
        .filter(|other| *other != folded)
        .map(|other| (strsim::osa_distance(&other, &folded), frequency(&other), other))
        .collect();
    scored.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)));
    Ok(scored.into_iter().take(3).map(|(_, _, word)| word).collect())
}

/// Names like one that was given, for errors.
pub(crate) fn near_names<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Vec<(f64, &str)> =
        known.map(|k| (strsim::jaro_winkler(name, k), k)).filter(|(s, _)| *s > 0.75).collect();
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
    best.first().map(|(_, k)| *k)
}
