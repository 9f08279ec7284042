//! JSON records: one a line, one a file, or an array of them.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;

use serde_json::Map;
use serde_json::Value;

use super::LARGEST_ARTICLE;
use super::Origin;
use super::Skip;
use super::id_of;
use super::language;
use super::layout;
use super::published;
use crate::article::Article;
use crate::article::Method;
use crate::article::Published;

/// Bytes of a JSON file that holds an array; one that is larger should be JSONL, which is read as it streams.
pub(super) const LARGEST_ARRAY: u64 = 256 << 20;

const ID: &[&str] = &["id", "_id", "uid"];
const TITLE: &[&str] = &["title", "headline", "name"];
const TEXT: &[&str] = &["text", "body", "content", "articleBody", "maintext"];
const PUBLISHED: &[&str] =
    &["published", "date", "datePublished", "published_at", "publish_date", "pubDate", "date_published"];
const URL: &[&str] = &["url", "link"];
const SOURCE: &[&str] = &["source", "publisher", "site", "domain"];
const AUTHORS: &[&str] = &["authors", "author", "byline"];
const LANGUAGE: &[&str] = &["language", "lang"];

/// A JSON object read by the keys that exporters use.
pub(super) struct Record(Map<String, Value>);

impl Record {
    pub fn of(value: Value) -> Option<Record> {
        match value {
            Value::Object(map) => Some(Record(map)),
            _ => None,
        }
    }

    /// The first key that is present with a value, as text.
    fn text_of(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.0.get(*key)).and_then(plain)
    }

    pub fn title(&self) -> Option<String> {
        self.text_of(TITLE).map(|t| t.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    pub fn published(&self) -> Option<Published> {
        let date = match PUBLISHED.iter().find_map(|key| self.0.get(*key).filter(|v| !v.is_null()))? {
            Value::Number(number) => published::from_epoch(number.as_f64()?)?,
            value => published::from_field(&plain(value)?)?,
        };
        Some(Published { date, method: Method::Record, confidence: 1.0 })
    }

    pub fn url(&self) -> Option<String> {
        self.text_of(URL)
    }

    pub fn source(&self) -> Option<String> {
        self.text_of(SOURCE)
    }

    pub fn language(&self) -> Option<String> {
        let code = self.text_of(LANGUAGE)?.to_ascii_lowercase();
        Some(match code.as_str() {
            "english" => "en".into(),
            _ => code.split(['-', '_']).next().unwrap_or(&code).to_string(),
        })
    }

    pub fn authors(&self) -> Vec<String> {
        let value = AUTHORS.iter().find_map(|key| self.0.get(*key).filter(|v| !v.is_null()));
        match value {
            Some(Value::Array(list)) => list.iter().filter_map(plain).collect(),
            Some(value) => plain(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    fn article(self, origin: &Origin, record: Option<u32>) -> Result<Article, String> {
        let text = match TEXT.iter().find_map(|key| self.0.get(*key)) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => return Err(format!("no text: none of the keys {}", TEXT.join(", "))),
            Some(_) => return Err("its text is no string".into()),
        };
        if text.len() as u64 > LARGEST_ARTICLE {
            return Err(format!("its text is larger than {} MB", LARGEST_ARTICLE >> 20));
        }
        let id = self.text_of(ID).map(|id| id.split_whitespace().collect::<Vec<_>>().join("_"));
        let url = self.url();
        let from_url = || url.as_deref().and_then(published::from_url);
        Ok(Article {
            id: id.filter(|i| !i.is_empty()).unwrap_or_else(|| id_of(origin, record)),
            title: self.title().unwrap_or_default(),
            blocks: layout::blocks(&text),
            published: self.published().or_else(from_url),
            source: self.source().or_else(|| url.as_deref().and_then(published::host)),
            authors: self.authors(),
            language: self.language().or_else(|| language::of_text(&text)),
            path: origin.path.to_string(),
            record,
            text,
            url,
        })
    }
}

/// A string, a number, or the name in an object such as `{"name": "The Courier"}`.
fn plain(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_string(),
        Value::Number(number) => number.to_string(),
        Value::Object(map) => {
            return map.get("name").or_else(|| map.get("title")).or_else(|| map.get("$oid")).and_then(plain);
        }
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Reads a record a line; a bad line is skipped with its number.
pub(super) fn read_lines(
    bytes: Box<dyn Read + '_>,
    origin: &Origin,
    sink: &mut dyn FnMut(Result<Article, Skip>),
) {
    let mut reader = BufReader::with_capacity(64 << 10, bytes);
    let mut line = Vec::new();
    for record in 1.. {
        line.clear();
        let skip = |reason: String| Skip { path: origin.path.to_string(), record: Some(record), reason };
        match reader.by_ref().take(LARGEST_ARTICLE * 2).read_until(b'\n', &mut line) {
            Ok(0) => return,
            Ok(_) => {}
            Err(e) => return sink(Err(skip(super::describe(&e)))),
        }
        if line.len() as u64 == LARGEST_ARTICLE * 2 && line.last() != Some(&b'\n') {
            sink(Err(skip(format!("a line of more than {} MB", (LARGEST_ARTICLE * 2) >> 20))));
            if let Err(e) = reader.skip_until(b'\n') {
                return sink(Err(skip(super::describe(&e))));
            }
            continue;
        }
        let bytes = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        sink(parse(bytes).and_then(|r| r.article(origin, Some(record))).map_err(skip));
    }
}

fn parse(bytes: &[u8]) -> Result<Record, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|e| format!("not valid JSON: {e}"))?;
    Record::of(value).ok_or_else(|| "no JSON object".to_string())
}

/// Reads one record, an array of records, or several records one after the other.
pub(super) fn read_value(text: &str, origin: &Origin, sink: &mut dyn FnMut(Result<Article, Skip>)) {
    let skip = |record, reason: String| Skip { path: origin.path.to_string(), record, reason };
    let text = text.trim_start_matches('\u{feff}');
    let values: Result<Vec<Value>, serde_json::Error> =
        serde_json::Deserializer::from_str(text).into_iter().collect();
    let mut values = match values {
        Ok(values) => values,
        Err(e) => return sink(Err(skip(None, format!("not valid JSON: {e}")))),
    };
    let single = values.len() == 1;
    let list = match values.pop() {
        Some(Value::Array(list)) if single => list,
        Some(Value::Object(map)) if single => match map.get("articles").or_else(|| map.get("items")) {
            Some(Value::Array(list)) if !TEXT.iter().any(|k| map.contains_key(*k)) => list.clone(),
            _ => {
                return sink(Record(map).article(origin, None).map_err(|reason| skip(None, reason)));
            }
        },
        Some(last) => {
            values.push(last);
            values
        }
        None => return sink(Err(skip(None, "no JSON in it".into()))),
    };
    for (i, value) in list.into_iter().enumerate() {
        let record = Some(i as u32 + 1);
        let read = Record::of(value)
            .ok_or_else(|| "no JSON object".to_string())
            .and_then(|r| r.article(origin, record));
        sink(read.map_err(|reason| skip(record, reason)));
    }
}
