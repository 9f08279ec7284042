//! The OpenAPI document: made from the rows that the routes are made from, so that it cannot say otherwise.

use std::sync::OnceLock;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::answers::Answer;
use super::params::Kind;
use super::params::Parameter;
use super::routes::DOCUMENT;
use super::routes::HEALTH;
use super::routes::METRICS;
use super::routes::ROUTES;
use super::routes::Route;

/// Schemas of the answers.
const SCHEMAS: &str = include_str!("schemas.json");

/// What may go wrong on every route, by status.
const PROBLEMS: [(&str, &str); 11] = [
    ("400", "The query or a parameter cannot be read"),
    ("401", "The token is missing or wrong"),
    ("403", "Asked by a page of another site"),
    ("404", "No such article"),
    ("405", "Only GET and HEAD are answered"),
    ("413", "A body or a parameter is too long"),
    ("414", "The address is too long"),
    ("421", "Another Host than this server's"),
    ("429", "Too many requests wait: ask again after Retry-After seconds"),
    ("500", "The index cannot be read"),
    ("503", "No answer in time: ask again after Retry-After seconds"),
];

/// Returns the document.
pub(super) fn document() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| made().to_string())
}

fn made() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        paths.insert(route.path.into(), json!({ "get": operation(route) }));
    }
    for (number, path) in HEALTH.into_iter().enumerate() {
        let get = plain(&named("health", number), "Tells that the server runs", json_of("Health"));
        paths.insert(path.into(), json!({ "get": get }));
    }
    for (number, path) in METRICS.into_iter().enumerate() {
        let text = json!({ "application/openmetrics-text": { "schema": { "type": "string" } } });
        let get = plain(&named("metrics", number), "Counters for Prometheus", text);
        paths.insert(path.into(), json!({ "get": get }));
    }
    let document = json!({ "application/json": { "schema": { "type": "object" } } });
    paths.insert(DOCUMENT.into(), json!({ "get": plain("openapi", "This document", document) }));
    let schemas: Value = serde_json::from_str(SCHEMAS).unwrap_or_default();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Dateline", "version": env!("CARGO_PKG_VERSION"),
            "summary": "Search a news corpus by who, in what role, and when",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{}, { "bearer": [] }, { "basic": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "basic": { "type": "http", "scheme": "basic", "description": "Any name; the token is the password" },
            },
        },
    })
}

/// Each path has an operation of its own name.
fn named(name: &str, number: usize) -> String {
    if number == 0 { name.into() } else { format!("{name}{}", number + 1) }
}

fn json_of(schema: &str) -> Value {
    json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } })
}

fn plain(name: &str, summary: &str, content: Value) -> Value {
    json!({ "operationId": name, "summary": summary, "responses": responses(content) })
}

fn operation(route: &Route) -> Value {
    let content = match route.answer {
        Answer::Json(_) => json_of(route.schema),
        Answer::Export => {
            let text = json!({ "schema": { "type": "string" } });
            json!({ "application/jsonl": text, "text/csv": text })
        }
    };
    let mut operation = plain(route.name, route.summary, content);
    let part = route.part.map(|(name, help)| {
        let schema = json!({ "type": "string" });
        json!({ "name": name, "in": "path", "required": true, "description": help, "schema": schema })
    });
    let rest = route.parameters.iter().flat_map(|list| list.iter()).map(parameter);
    operation["parameters"] = part.into_iter().chain(rest).collect();
    operation
}

fn responses(content: Value) -> Value {
    let problem = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
    let mut all: Map<String, Value> = Map::new();
    all.insert("200".into(), json!({ "description": "The answer", "content": content }));
    for (status, description) in PROBLEMS {
        let content = json!({ "application/problem+json": problem });
        all.insert(status.into(), json!({ "description": description, "content": content }));
    }
    all.into()
}

fn parameter(parameter: &Parameter) -> Value {
    let mut value = json!({
        "name": parameter.name, "in": "query", "description": parameter.help, "schema": schema_of(parameter),
    });
    if parameter.required {
        value["required"] = true.into();
    }
    value
}

/// The schema of what a parameter takes.
pub(super) fn schema_of(parameter: &Parameter) -> Value {
    match parameter.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Number { usual, most } => {
            json!({ "type": "integer", "minimum": 0, "maximum": most, "default": usual })
        }
        Kind::Flag => json!({ "type": "boolean", "default": false }),
        Kind::Choice(names) => json!({ "enum": names, "default": names[0] }),
    }
}
