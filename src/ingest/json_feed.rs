//! JSON Feed: what RSS is, in JSON.

use serde_json::Map;
use serde_json::Value;

use super::LARGEST_ARTICLE;
use super::clean;
use super::html;
use super::id_of;
use super::id_of_key;
use super::language;
use super::language_code;
use super::one_line;
use super::published;
use super::reader::Job;
use super::reader::Sink;
use crate::article::Article;
use crate::article::Method;
use crate::article::Published;

/// Tells whether an object is a feed.
pub(super) fn is_feed(map: &Map<String, Value>) -> bool {
    map.get("version").and_then(Value::as_str).is_some_and(|v| v.contains("jsonfeed.org"))
}

/// Reads the items of a feed.
pub(super) fn read(feed: &Map<String, Value>, job: &Job, sink: &mut Sink) {
    let Some(Value::Array(items)) = feed.get("items") else {
        return sink(Err(job.fault(None, "a feed without items")));
    };
    for (i, item) in items.iter().enumerate() {
        let record = i as u32 + 1;
        sink(article(item, feed, job, record).map_err(|reason| job.fault(Some(record), reason)));
    }
}

fn article(item: &Value, feed: &Map<String, Value>, job: &Job, record: u32) -> Result<Article, String> {
    let text = |key: &str| item.get(key).and_then(Value::as_str).map(str::trim).filter(|t| !t.is_empty());
    let of_feed =
        |key: &str| feed.get(key).and_then(Value::as_str).map(html::plain).filter(|t| !t.is_empty());
    let mut flow = match (text("content_html"), text("content_text").or_else(|| text("summary"))) {
        (Some(markup), _) if markup.len() as u64 <= LARGEST_ARTICLE => html::fragment(markup)?,
        (Some(_), _) => return Err(format!("its text is larger than {} MB", LARGEST_ARTICLE >> 20)),
        (None, plain) => html::lines(plain.unwrap_or("")),
    };
    clean::mark(&flow.text, &mut flow.blocks, job.cleaning());
    let title = text("title").map(html::plain).unwrap_or_default();
    if title.is_empty() && flow.text.is_empty() {
        return Err("an item without title and text".into());
    }
    let url = text("url").or_else(|| text("external_url")).map(str::to_string);
    let source = of_feed("title");
    let key = match item.get("id") {
        Some(Value::String(id)) => Some(id.clone()),
        Some(Value::Number(id)) => Some(id.to_string()),
        _ => url.clone(),
    };
    // Never `date_modified`: a day of change is no day of publication.
    let day = text("date_published").and_then(|day| published::from_field(day, job.hints()));
    let day = day.map(|date| Published { date, method: Method::Record, confidence: 1.0 });
    let from_url = || url.as_deref().and_then(published::from_url);
    Ok(Article {
        id: match &key {
            Some(key) => id_of_key(&[source.as_deref().unwrap_or(""), key]),
            None => id_of(job.origin, Some(record)),
        },
        published: day.or_else(from_url),
        authors: names(item).or_else(|| names(&Value::Object(feed.clone()))).unwrap_or_default(),
        sections: list(item.get("tags"), &|tag| tag.as_str().map(one_line)),
        language: text("language")
            .map(str::to_string)
            .or_else(|| of_feed("language"))
            .and_then(|l| language_code(&l))
            .or_else(|| language::of_text(&flow.text)),
        source: source.or_else(|| url.as_deref().and_then(published::host)),
        path: job.origin.path.to_string(),
        record: Some(record),
        blocks: flow.blocks,
        text: flow.text,
        title,
        url,
    })
}

/// The authors of an item or feed; version 1 knew one only.
fn names(value: &Value) -> Option<Vec<String>> {
    let name = |author: &Value| author.get("name")?.as_str().map(one_line).filter(|n| !n.is_empty());
    let names = match value.get("authors") {
        Some(list_of) => list(Some(list_of), &name),
        None => value.get("author").and_then(name).into_iter().collect(),
    };
    (!names.is_empty()).then_some(names)
}

fn list(value: Option<&Value>, of: &dyn Fn(&Value) -> Option<String>) -> Vec<String> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(of).collect()
}
