//! What a beginning of a word may become: fields, roles, and values of all of them, the most frequent first.
//!
//! Made once for an opened index, and then asked with every key. All beginnings of words of all values stand in one
//! sorted list, so that a prefix is a range of it; the range is looked through for the most frequent.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;
use tantivy::collector::Count;

use super::QueryError;
use super::docs::any_term;
use super::engine;
use super::facets::known_facet;
use super::results::Suggestion;
use super::values;
use crate::index::ANY;
use crate::index::LONGEST_VALUE;
use crate::index::Opened;
use crate::schema::FieldKind;
use crate::schema::Schema;
use crate::tokens::fold;

/// Words of a value, from its first, that a prefix is compared with.
const MOST_WORDS: usize = 8;

/// Fields and values of an index, ready to be asked for by their beginnings.
#[derive(Debug, Default)]
pub struct Suggestions {
    fields: Vec<Entry>,
    values: Vec<Entry>,
    /// Of each word of each value: the number of the value and the byte of its folded form, in the order of what
    /// stands there.
    starts: Vec<(u32, u16)>,
}

/// A field, or a value of one.
#[derive(Debug)]
struct Entry {
    field: Box<str>,
    value: Box<str>,
    folded: Box<str>,
    count: u64,
}

impl Suggestions {
    /// Reads all values of all facets of an index.
    ///
    /// # Errors
    /// If the index fails.
    pub fn new(index: &Opened, schema: &Schema) -> Result<Suggestions, QueryError> {
        let mut made = Suggestions::default();
        for (field, names) in facets(schema) {
            let count = index.searcher.doc_freq(&index.fields.facet_term(&field, ANY)).map_err(engine)?;
            let folded = fold(&field).into();
            made.fields.push(Entry { field: field.as_str().into(), value: "".into(), folded, count });
            made.add_values(index, &field, names)?;
        }
        let values = &made.values;
        made.starts.sort_unstable_by(|a, b| at(values, a).cmp(at(values, b)));
        Ok(made)
    }

    /// Adds the values of a field, spellings of one name as one.
    fn add_values(&mut self, index: &Opened, field: &str, names: bool) -> Result<(), QueryError> {
        let mut shown: FxHashMap<String, u64> = FxHashMap::default();
        let mut spelled: Vec<(String, String)> = Vec::new();
        for (value, count) in values::list(&index.searcher, &index.fields, field)? {
            // The language has no way to write a quotation mark in a value.
            if value.contains('"') || value.len() > LONGEST_VALUE {
                continue;
            }
            let name = if names { index.groups.canonical(&value).to_string() } else { value.clone() };
            // What is typed may be the other spelling.
            if name != value {
                spelled.push((value, name.clone()));
            }
            *shown.entry(name).or_default() += u64::from(count);
        }
        for (value, name) in spelled {
            let count = shown.get(&name).copied().unwrap_or(0);
            self.add(field, name, &fold(&value), count);
        }
        for (value, count) in shown {
            let folded = fold(&value);
            self.add(field, value, &folded, count);
        }
        Ok(())
    }

    fn add(&mut self, field: &str, value: String, folded: &str, count: u64) {
        let number = self.values.len() as u32;
        let mut before = ' ';
        let mut words = 0;
        for (place, c) in folded.char_indices() {
            if c.is_alphanumeric() && !before.is_alphanumeric() && words < MOST_WORDS {
                self.starts.push((number, place as u16));
                words += 1;
            }
            before = c;
        }
        self.values.push(Entry { field: field.into(), value: value.into(), folded: folded.into(), count });
    }

    /// Lists up to `most` fields and values with a word that begins so; after `field:`, values of that field alone.
    ///
    /// # Errors
    /// If the index fails.
    pub fn find(
        &self,
        index: &Opened,
        schema: &Schema,
        prefix: &str,
        most: usize,
    ) -> Result<Vec<Suggestion>, QueryError> {
        let (field, rest) = match prefix.split_once([':', '=']) {
            Some((field, rest)) => {
                let field = field.trim_start_matches(['-', '(']).to_lowercase();
                let known = schema.fields.find(&field).map(|f| f.name.clone());
                (Some(known.unwrap_or(field)), rest)
            }
            None => (None, prefix),
        };
        let folded = fold(rest.trim_start_matches(|c: char| !c.is_alphanumeric()));
        let folded = folded.trim_end();
        let mut out = Vec::new();
        if field.is_none() && !folded.is_empty() {
            let mut fields: Vec<&Entry> =
                self.fields.iter().filter(|f| f.folded.starts_with(folded)).collect();
            fields.sort_by_key(|f| Reverse(f.count));
            let one = |f: &Entry| Suggestion { field: f.field.to_string(), value: None, count: f.count };
            out.extend(fields.into_iter().map(one));
            out.truncate(most);
        }
        for value in self.most_frequent(field.as_deref(), folded, most - out.len()) {
            let count = exact(index, value)?;
            let (field, value) = (value.field.to_string(), Some(value.value.to_string()));
            out.push(Suggestion { field, value, count });
        }
        Ok(out)
    }

    /// The values with a word that begins so, each once.
    fn most_frequent(&self, field: Option<&str>, folded: &str, most: usize) -> Vec<&Entry> {
        let from = self.starts.partition_point(|start| at(&self.values, start) < folded);
        let fits = |start: &&(u32, u16)| at(&self.values, start).starts_with(folded);
        let range =
            self.starts[from..].iter().take_while(fits).map(|(number, _)| &self.values[*number as usize]);
        let of_field = range.filter(|value| field.is_none_or(|f| f == &*value.field));
        let mut best: Vec<&Entry> = Vec::new();
        for value in of_field {
            let place = best.partition_point(|other| other.order() <= value.order());
            let known = best.iter().any(|other| other.field == value.field && other.value == value.value);
            if place < most && !known {
                best.insert(place, value);
                best.truncate(most);
            }
        }
        best
    }
}

impl Entry {
    fn order(&self) -> (Reverse<u64>, &str, &str) {
        (Reverse(self.count), &self.value, &self.field)
    }
}

/// What stands at a beginning of a word.
fn at<'v>(values: &'v [Entry], (number, place): &(u32, u16)) -> &'v str {
    values[*number as usize].folded.get(usize::from(*place)..).unwrap_or("")
}

/// The facets that have values to suggest, and whether these are names.
fn facets(schema: &Schema) -> Vec<(String, bool)> {
    let fields = schema.fields.iter().filter(|f| known_facet(schema, &f.name).is_ok());
    let fields = fields.filter(|f| f.kind != FieldKind::Date);
    let fields = fields.map(|f| (f.name.clone(), f.kind == FieldKind::Actor));
    schema.roles.iter().map(|r| (r.id.clone(), true)).chain(fields).collect()
}

/// Counts the articles of a value; an article that was deleted, or that has two spellings, counts as it should.
fn exact(index: &Opened, entry: &Entry) -> Result<u64, QueryError> {
    let spellings = index.groups.spellings(&entry.value);
    let spellings = if spellings.is_empty() { vec![entry.value.to_string()] } else { spellings };
    let terms = spellings.iter().map(|value| index.fields.facet_term(&entry.field, value));
    Ok(index.searcher.search(&any_term(terms), &Count).map_err(engine)? as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(values: &[(&str, &str, u64)]) -> Suggestions {
        let mut made = Suggestions::default();
        for (field, value, count) in values {
            made.add(field, value.to_string(), &fold(value), *count);
        }
        made.starts.sort_unstable_by(|a, b| at(&made.values, a).cmp(at(&made.values, b)));
        made
    }

    #[test]
    fn any_word_of_a_value_counts_in_any_case_and_without_accents() {
        let made = made(&[
            ("person", "Nikol Pashinyan", 3),
            ("person", "Pashtun Elder", 9),
            ("place", "Újpest", 1),
            ("broker", "Nikol Pashinyan", 5),
        ]);
        let found = |field: Option<&str>, prefix: &str, most: usize| -> Vec<String> {
            let found = made.most_frequent(field, prefix, most);
            found.iter().map(|v| format!("{} {}", v.field, v.value)).collect()
        };
        assert_eq!(
            found(None, "pash", 9),
            ["person Pashtun Elder", "broker Nikol Pashinyan", "person Nikol Pashinyan"]
        );
        assert_eq!(found(None, "nikol pash", 1), ["broker Nikol Pashinyan"]);
        assert_eq!(found(Some("person"), "pashi", 9), ["person Nikol Pashinyan"]);
        assert_eq!(found(None, "ujp", 9), ["place Újpest"]);
        assert_eq!(found(None, "ashi", 9), [""; 0]);
    }
}
