//! Comma-separated values, safe for spreadsheets: articles and events, one a line.

use crate::annotation::Annotations;
use crate::annotation::Event;
use crate::article::Article;
use crate::schema::Schema;

/// Stands between the values of one cell.
const BETWEEN: &str = "; ";

/// Columns of articles before their facets.
const ARTICLE: [&str; 9] =
    ["id", "title", "published", "published_by", "source", "url", "path", "record", "authors"];

/// Facets of articles before the roles.
const FACETS: [&str; 5] = ["actor", "person", "organisation", "country", "place"];

/// Columns of events before and after the roles.
const EVENT: [&str; 11] = [
    "id",
    "source",
    "published",
    "path",
    "record",
    "kind",
    "status",
    "background",
    "date",
    "attributed_to",
    "rolled_up",
];
const EVIDENCE: [&str; 4] = ["role_spans", "sentence", "rule", "confidence"];

/// Returns the first line: the names of the columns, every role of the schema among them.
pub fn csv_header(schema: &Schema, events: bool) -> String {
    let roles = schema.roles.iter().map(|r| r.id.as_str());
    let names: Vec<&str> = if events {
        EVENT.into_iter().chain(roles).chain(EVIDENCE).collect()
    } else {
        ARTICLE.into_iter().chain(FACETS).chain(roles).collect()
    };
    names.join(",")
}

/// Writes an article as a line.
pub fn csv_of_article(article: &Article, annotations: &Annotations, schema: &Schema) -> String {
    let published = annotations.published;
    let mut cells = vec![
        article.id.clone(),
        article.title.clone(),
        published.map_or(String::new(), |p| p.date.to_string()),
        published.map_or(String::new(), |p| p.method.name().to_string()),
        article.source.clone().unwrap_or_default(),
        article.url.clone().unwrap_or_default(),
        article.path.clone(),
        article.record.map_or(String::new(), |r| r.to_string()),
        article.authors.join(BETWEEN),
    ];
    let facets = annotations.facets(schema);
    let roles = schema.roles.iter().map(|r| r.id.as_str());
    for name in FACETS.into_iter().chain(roles) {
        let values = facets.iter().find(|(field, _)| field == name);
        cells.push(values.map_or(String::new(), |(_, values)| values.join(BETWEEN)));
    }
    line(&cells)
}

/// Writes an event as a line, with where its participants stand in the text.
pub fn csv_of_event(article: &Article, annotations: &Annotations, event: &Event, schema: &Schema) -> String {
    let rolled: Vec<&str> =
        event.participants.iter().filter(|p| p.rolled_up).map(|p| p.name.as_str()).collect();
    let mut cells = vec![
        article.id.clone(),
        article.source.clone().unwrap_or_default(),
        annotations.published.map_or(String::new(), |p| p.date.to_string()),
        article.path.clone(),
        article.record.map_or(String::new(), |r| r.to_string()),
        event.kind.clone(),
        event.status.name().to_string(),
        event.background.to_string(),
        event.date.map_or(String::new(), |d| d.to_string()),
        event.attributed_to.clone().unwrap_or_default(),
        rolled.join(BETWEEN),
    ];
    for role in &schema.roles {
        cells.push(event.names(&role.id).collect::<Vec<_>>().join(BETWEEN));
    }
    let spans = annotations.role_spans(event);
    let spans: Vec<String> =
        spans.iter().map(|(p, span)| format!("{} {} {}-{}", p.role, p.name, span.start, span.end)).collect();
    cells.push(spans.join(BETWEEN));
    cells.push(event.sentence_of(article));
    cells.push(event.rule.clone());
    cells.push(format!("{:.3}", event.confidence));
    line(&cells)
}

fn line(cells: &[String]) -> String {
    cells.iter().map(|cell| csv_cell(cell)).collect::<Vec<_>>().join(",")
}

/// Quotes a cell where it must be; one that a spreadsheet would run as a formula gets an apostrophe.
pub fn csv_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let text = if formula { format!("'{text}") } else { text.to_string() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_quotes() {
        assert_eq!(csv_cell("=1+1"), "'=1+1");
        assert_eq!(csv_cell("-5"), "-5");
        assert_eq!(csv_cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }
}
