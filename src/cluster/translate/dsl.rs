//! The engine's queries, a function each.

use serde_json::Value;
use serde_json::json;

use crate::cluster::mapping::SCALE;
use crate::cluster::mapping::facet_name;
use crate::query::weights::ASIDE;
use crate::query::weights::HEADLINE;
use crate::query::weights::K1;

/// The engine leaves a constant factor out of its scores; with it, they are those of the other backend.
const FACTOR: f32 = 1.0 + K1;

/// A part that decides but does not score.
pub(in crate::cluster) fn silent(query: Value) -> Value {
    json!({ "bool": { "filter": [query] } })
}

/// What all hold for; scores add up.
pub(in crate::cluster) fn all_of(queries: Vec<Value>) -> Value {
    json!({ "bool": { "must": queries } })
}

/// What one holds for; scores add up.
pub(super) fn any_of(queries: impl Iterator<Item = Value>) -> Value {
    let queries: Vec<Value> = queries.collect();
    if queries.is_empty() {
        none()
    } else {
        json!({ "bool": { "should": queries, "minimum_should_match": 1 } })
    }
}

/// What one holds for; the best score counts.
pub(super) fn best_of(mut queries: Vec<Value>) -> Value {
    match queries.len() {
        1 => queries.remove(0),
        _ => json!({ "dis_max": { "queries": queries } }),
    }
}

pub(super) fn except(query: Value) -> Value {
    json!({ "bool": { "must_not": [query] } })
}

pub(super) fn none() -> Value {
    json!({ "match_none": {} })
}

pub(super) fn weighed(query: Value, by: f32) -> Value {
    json!({ "bool": { "must": [query], "boost": by } })
}

/// The same score for all that it finds.
pub(super) fn constant(query: Value, score: f32) -> Value {
    json!({ "constant_score": { "filter": query, "boost": score } })
}

pub(super) fn term(field: &str, value: &str) -> Value {
    json!({ "term": { field: { "value": value } } })
}

pub(super) fn has(field: &str) -> Value {
    silent(json!({ "exists": { "field": field } }))
}

/// Articles with one of some values of a facet.
pub(super) fn facet_among(field: &str, values: &[String]) -> Value {
    if values.is_empty() { none() } else { silent(json!({ "terms": { facet_name(field): values } })) }
}

/// A stem anywhere, scored over the zones as one text, and over the headline on top.
pub(super) fn anywhere(stem: &str) -> Value {
    let fields =
        [format!("title^{SCALE}"), format!("text^{SCALE}"), format!("boilerplate^{}", ASIDE * SCALE)];
    let whole = json!({ "combined_fields": { "query": stem, "fields": fields, "boost": FACTOR } });
    let headline =
        json!({ "term": { "title": { "value": stem, "boost": FACTOR * HEADLINE, "_name": HEADLINE_MARK } } });
    json!({ "bool": { "must": [whole], "should": [headline] } })
}

/// What marks the part of a word that scores in the headline, until its weight is known.
const HEADLINE_MARK: &str = "headline";

/// Visits the parts that score in the headline: the stem, and the weight.
pub(in crate::cluster) fn each_headline(query: &mut Value, visit: &mut dyn FnMut(&str, &mut Value)) {
    match query {
        Value::Array(parts) => parts.iter_mut().for_each(|part| each_headline(part, visit)),
        Value::Object(parts) if parts.get("_name").is_some_and(|name| name == HEADLINE_MARK) => {
            let stem = parts.get("value").and_then(Value::as_str).unwrap_or("").to_string();
            if let Some(weight) = parts.get_mut("boost") {
                visit(&stem, weight);
            }
        }
        Value::Object(parts) => parts.values_mut().for_each(|part| each_headline(part, visit)),
        _ => {}
    }
}

/// A stem in one field.
pub(super) fn in_field(field: &str, stem: &str) -> Value {
    json!({ "term": { field: { "value": stem, "boost": FACTOR } } })
}

/// Stems in a row in one field, or moved by some places.
pub(super) fn row(field: &str, stems: &[String], slop: u32) -> Value {
    json!({ "match_phrase": { field: { "query": stems.join(" "), "slop": slop, "boost": FACTOR } } })
}

/// Values that hold a text, both folded.
pub(super) fn holding(field: &str, folded: &str) -> Value {
    silent(json!({ "wildcard": { field: { "value": format!("*{}*", literal(folded)) } } }))
}

/// A text in which nothing stands for other letters.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
