//! The JSON of the contract; field names and order are fixed there.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::annotation::Annotations;
use crate::annotation::Event;
use crate::annotation::Zone;
use crate::article::Article;
use crate::article::Published;
use crate::query::Alike;
use crate::query::FacetCounts;
use crate::query::FacetEvidence;
use crate::query::Hit;
use crate::query::Matrix;
use crate::query::Results;
use crate::query::Similar;
use crate::query::Statistics;
use crate::query::Suggestion;
use crate::query::Timeline;
use crate::schema::Schema;

/// Writes a value as one line, or spread over lines.
pub fn text(value: &Value, pretty: bool) -> String {
    let text = if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    text.unwrap_or_default()
}

pub(super) fn published(published: Option<Published>) -> Value {
    match published {
        None => Value::Null,
        Some(p) => json!({
            "date": p.date.to_string(), "precision": p.date.precision(), "method": p.method.name(), "confidence": rounded(p.confidence),
        }),
    }
}

fn rounded(number: f32) -> f64 {
    (f64::from(number) * 1000.0).round() / 1000.0
}

/// The facets of an article without the variants of roles by status.
fn facets(annotations: &Annotations, schema: &Schema) -> Value {
    let plain = annotations.facets(schema).into_iter().filter(|(field, _)| !field.contains('.'));
    Value::Object(plain.map(|(field, values)| (field, json!(values))).collect::<Map<_, _>>())
}

/// Marks spans that count in the title rather than in the text.
fn zoned(mut value: Value, zone: Zone) -> Value {
    if let (Zone::Title, Value::Object(map)) = (zone, &mut value) {
        map.insert("in".into(), json!("title"));
    }
    value
}

/// An event.
pub fn event(event: &Event) -> Value {
    let mut roles: Map<String, Value> = Map::new();
    let mut rolled: Vec<&str> = Vec::new();
    for p in &event.participants {
        if let Value::Array(names) = roles.entry(p.role.clone()).or_insert_with(|| json!([])) {
            names.push(json!(p.name));
        }
        if p.rolled_up && !rolled.contains(&p.name.as_str()) {
            rolled.push(&p.name);
        }
    }
    let value = json!({
        "kind": event.kind, "roles": roles, "rolled_up": rolled, "status": event.status.name(), "background": event.background,
        "attributed_to": event.attributed_to, "date": event.date.map(|d| d.to_string()),
        "sentence": [event.sentence.start, event.sentence.end], "trigger": [event.trigger.start, event.trigger.end],
        "rule": event.rule, "confidence": rounded(event.confidence),
    });
    zoned(value, event.zone)
}

/// An article with all that was found in it.
pub fn annotated(article: &Article, annotations: &Annotations, schema: &Schema) -> Value {
    let mentions: Vec<Value> = annotations
        .mentions
        .iter()
        .map(|m| {
            let text = if m.zone == Zone::Title { &article.title } else { &article.text };
            let value = json!({
                "start": m.span.start, "end": m.span.end, "text": m.span.of(text), "kind": m.kind.name(), "entity": m.entity,
            });
            zoned(value, m.zone)
        })
        .collect();
    let dates: Vec<Value> = annotations
        .dates
        .iter()
        .map(|d| {
            let text = if d.zone == Zone::Title { &article.title } else { &article.text };
            let value = json!({ "start": d.span.start, "end": d.span.end, "text": d.span.of(text), "value": d.value.to_string() });
            zoned(value, d.zone)
        })
        .collect();
    let title = if article.title.is_empty() { Value::Null } else { json!(article.title) };
    json!({
        "id": article.id, "title": title, "language": article.language, "source": article.source, "url": article.url,
        "authors": article.authors, "sections": article.sections,
        "published": published(annotations.published),
        "text": article.text,
        "boilerplate": article.boilerplate().map(|s| [s.start, s.end]).collect::<Vec<_>>(),
        "mentions": mentions,
        "dates": dates,
        "events": annotations.events.iter().map(event).collect::<Vec<_>>(),
        "facets": facets(annotations, schema),
    })
}

/// An article and where it came from, without its text's inner parts.
pub fn article(article: &Article, annotations: &Annotations, schema: &Schema) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("id".into(), json!(article.id));
    map.insert("title".into(), if article.title.is_empty() { Value::Null } else { json!(article.title) });
    map.insert("source".into(), json!(article.source));
    map.insert("url".into(), json!(article.url));
    map.insert("authors".into(), json!(article.authors));
    map.insert("sections".into(), json!(article.sections));
    map.insert("path".into(), json!(article.path));
    if let Some(record) = article.record {
        map.insert("record".into(), json!(record));
    }
    map.insert("published".into(), published(annotations.published));
    map.insert("facets".into(), facets(annotations, schema));
    map
}

/// An event of an export: with the article it stands in, and its sentence.
pub fn exported_event(source: &Article, annotations: &Annotations, told: &Event) -> Value {
    let mut value = event(told);
    if let Value::Object(map) = &mut value {
        map.insert("id".into(), json!(source.id));
        map.insert("path".into(), json!(source.path));
        map.insert("source".into(), json!(source.source));
        map.insert("published".into(), published(annotations.published));
        let spans: Vec<Value> = annotations
            .role_spans(told)
            .iter()
            .map(|(p, span)| json!({ "role": p.role, "name": p.name, "start": span.start, "end": span.end }))
            .collect();
        map.insert("role_spans".into(), json!(spans));
        map.insert("text".into(), json!(told.sentence_of(source)));
    }
    value
}

fn hit(hit: &Hit, schema: &Schema) -> Value {
    let mut map = Map::new();
    map.insert("rank".into(), json!(hit.rank));
    let mut rest = article(&hit.article, &hit.annotations, schema);
    map.insert("id".into(), rest.shift_remove("id").unwrap_or_default());
    map.insert("score".into(), json!(rounded(hit.score)));
    map.insert("story".into(), json!(hit.story));
    map.insert("copies".into(), json!(hit.copies));
    map.insert("outlets".into(), json!(hit.outlets));
    map.extend(rest);
    let snippets: Vec<Value> = hit
        .snippets
        .iter()
        .map(|s| json!({ "text": s.text, "highlights": s.highlights.iter().map(|h| [h.0, h.1]).collect::<Vec<_>>() }))
        .collect();
    map.insert("snippets".into(), json!(snippets));
    let evidence: Vec<Value> = hit
        .evidence
        .iter()
        .map(|e| {
            json!({ "field": e.field, "value": e.value, "sentence": e.sentence, "rule": e.rule, "confidence": rounded(e.confidence) })
        })
        .collect();
    map.insert("evidence".into(), json!(evidence));
    if !hit.score_parts.is_empty() {
        let parts: Vec<Value> = hit
            .score_parts
            .iter()
            .map(|(what, score)| json!({ "part": what, "score": rounded(*score) }))
            .collect();
        map.insert("score_parts".into(), json!(parts));
    }
    Value::Object(map)
}

fn values(counts: &FacetCounts) -> Value {
    json!(counts.values.iter().map(|v| json!({ "value": v.value, "count": v.count })).collect::<Vec<_>>())
}

/// The answer of `search`.
pub fn results(query: &str, results: &Results, schema: &Schema) -> Value {
    json!({
        "query": { "text": query, "understood": results.understood, "used": results.used },
        "total": results.total,
        "stories": results.stories,
        "took_ms": (results.took_ms * 100.0).round() / 100.0,
        "partial": results.partial,
        "warnings": results.warnings,
        "hits": results.hits.iter().map(|h| hit(h, schema)).collect::<Vec<_>>(),
        "facets": results.facets.iter().map(|f| (f.field.clone(), values(f))).collect::<Map<_, _>>(),
    })
}

/// The answer of `show`.
pub fn shown(article: &Article, annotations: &Annotations, schema: &Schema) -> Value {
    let mut value = annotated(article, annotations, schema);
    value["path"] = article.path.clone().into();
    value
}

/// An article of an export.
pub fn exported_article(source: &Article, annotations: &Annotations, schema: &Schema) -> Value {
    let mut map = article(source, annotations, schema);
    map.insert("text".into(), source.text.clone().into());
    map.into()
}

/// The answer of `facets`.
pub fn facet(counts: &FacetCounts, evidence: Option<&[Vec<FacetEvidence>]>) -> Value {
    let mut listed = values(counts);
    if let (Value::Array(listed), Some(evidence)) = (&mut listed, evidence) {
        for (value, sentences) in listed.iter_mut().zip(evidence) {
            value["evidence"] = sentences
                .iter()
                .map(|e| {
                    json!({
                        "id": e.id, "source": e.source, "published": published(e.published), "sentence": e.sentence, "rule": e.rule,
                    })
                })
                .collect();
        }
    }
    json!({ "field": counts.field, "values": listed, "distinct": counts.distinct, "partial": counts.partial, "warnings": counts.warnings })
}

/// The answer of `matrix`.
pub fn matrix(matrix: &Matrix) -> Value {
    let cell = |(row, column, count): &(String, String, u64)| json!({ "row": row, "column": column, "count": count });
    json!({
        "rows": matrix.rows, "columns": matrix.columns,
        "cells": matrix.cells.iter().map(cell).collect::<Vec<_>>(),
        "partial": matrix.partial,
        "warnings": matrix.warnings,
    })
}

/// The answer of `similar`.
pub fn similar(article: &Article, similar: &Similar) -> Value {
    let one = |alike: &Alike| {
        json!({
            "id": alike.article.id, "title": alike.article.title, "source": alike.article.source,
            "path": alike.article.path, "published": published(alike.published),
            "likeness": (alike.likeness * 1000.0).round() / 1000.0,
        })
    };
    json!({
        "id": article.id,
        "copies": similar.copies.iter().map(one).collect::<Vec<_>>(),
        "related": similar.related.iter().map(one).collect::<Vec<_>>(),
    })
}

/// The answer of `timeline`.
pub fn timeline(by: &str, timeline: &Timeline) -> Value {
    let buckets: Vec<Value> =
        timeline.buckets.iter().map(|(d, n)| json!({ "date": d.to_string(), "count": n })).collect();
    json!({ "by": by, "buckets": buckets, "undated": timeline.undated, "partial": timeline.partial, "warnings": timeline.warnings })
}

/// The answer of `stats`.
pub fn statistics(found: &Statistics) -> Value {
    json!({
        "articles": found.articles, "stories": found.stories, "undated": found.undated, "files": found.files,
        "roots": found.roots, "bytes": found.bytes, "first": found.first.map(|d| d.to_string()),
        "last": found.last.map(|d| d.to_string()), "schema": found.schema, "current": found.current,
    })
}

/// What may be typed on, as a query writes it.
pub fn suggestions(suggestions: &[Suggestion]) -> Value {
    let one = |s: &Suggestion| match &s.value {
        None => json!({
            "kind": "field", "insert": format!("{}:", s.field), "label": s.field, "field": s.field, "count": s.count,
        }),
        Some(value) => json!({
            "kind": "value", "insert": format!("{}:{}", s.field, quoted(value)), "label": value, "field": s.field,
            "count": s.count,
        }),
    };
    json!({ "suggestions": suggestions.iter().map(one).collect::<Vec<_>>() })
}

/// A value as the query language reads it back.
fn quoted(value: &str) -> String {
    let bare =
        value.chars().all(|c| c.is_alphanumeric() || c == '-') && value.starts_with(char::is_alphanumeric);
    let operator = matches!(value, "AND" | "OR" | "NOT" | "TO");
    if bare && !operator { value.into() } else { format!("\"{value}\"") }
}
