//! JSON records: one a line, one a file, or an array of them.

use std::collections::BTreeMap;
use std::fmt;
use std::io::BufRead;
use std::io::Read;

use serde::Deserializer;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Map;
use serde_json::Value;

use super::Hints;
use super::LARGEST_ARTICLE;
use super::Origin;
use super::decode;
use super::id_of;
use super::json_feed;
use super::language;
use super::layout;
use super::one_line;
use super::published;
use super::reader::Job;
use super::reader::Reader;
use super::reader::Sink;
use crate::article::Article;
use crate::article::Method;
use crate::article::Published;

/// Bytes of a JSON file that holds an array; one that is larger should be JSONL, which is read as it streams.
const LARGEST_ARRAY: u64 = 256 << 20;

/// One JSON value.
pub(super) struct Json;

/// One JSON object a line.
pub(super) struct Jsonl;

impl Reader for Json {
    fn read(&self, mut bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
        match decode::whole(&mut bytes, LARGEST_ARRAY) {
            Ok(text) => read_value(&text, job, sink),
            Err(reason) => sink(Err(job.fault(None, reason))),
        }
    }
}

impl Reader for Jsonl {
    fn read(&self, bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
        read_lines(bytes, job, sink);
    }
}

/// Fields of a record and the keys that exporters use for them, the preferred one first.
const FIELDS: &[(&str, &[&str])] = &[
    ("id", ID),
    ("title", TITLE),
    ("text", TEXT),
    ("published", PUBLISHED),
    ("url", URL),
    ("source", SOURCE),
    ("authors", AUTHORS),
    ("language", LANGUAGE),
    ("section", SECTION),
];

/// The field that a key stands for.
pub(super) fn field_called(key: &str) -> Option<&'static str> {
    let is = |k: &&str| k.eq_ignore_ascii_case(key);
    FIELDS.iter().find(|(field, keys)| is(field) || keys.iter().any(is)).map(|(field, _)| *field)
}

/// A key of ours that is written in another case.
pub(super) fn key_called(key: &str) -> String {
    let known = FIELDS.iter().flat_map(|(_, keys)| *keys).find(|k| k.eq_ignore_ascii_case(key));
    known.map_or_else(|| key.to_string(), |k| (*k).to_string())
}

/// The names of the fields.
pub(super) fn field_names() -> Vec<&'static str> {
    FIELDS.iter().map(|(field, _)| *field).collect()
}

const ID: &[&str] = &["id", "_id", "uid"];
const TITLE: &[&str] = &["title", "headline", "name"];
const TEXT: &[&str] = &["text", "body", "content", "articleBody", "maintext"];
const PUBLISHED: &[&str] =
    &["published", "date", "datePublished", "published_at", "publish_date", "pubDate", "date_published"];
const URL: &[&str] = &["url", "link"];
const SOURCE: &[&str] = &["source", "publisher", "site", "domain"];
const AUTHORS: &[&str] = &["authors", "author", "byline"];
const LANGUAGE: &[&str] = &["language", "lang"];
const SECTION: &[&str] = &["section", "sections", "category", "categories"];

/// A JSON object read by the keys that exporters use.
pub(super) struct Record {
    map: Map<String, Value>,
    /// Keys that the user names.
    mapped: BTreeMap<&'static str, String>,
}

impl Record {
    pub fn of(value: Value, hints: &Hints) -> Option<Record> {
        match value {
            Value::Object(map) => Some(Record { map, mapped: hints.map.clone() }),
            _ => None,
        }
    }

    /// The value of a field: under the key that the user names for it, else under the first key that is present.
    fn value(&self, keys: &[&str]) -> Option<&Value> {
        let field = FIELDS.iter().find(|(_, k)| *k == keys).map(|(field, _)| *field);
        match field.and_then(|f| self.mapped.get(f)) {
            Some(key) => self.map.get(key.as_str()).or_else(|| {
                // `meta.title` is the title in the object called meta.
                let mut parts = key.split('.');
                let first = self.map.get(parts.next()?)?;
                parts.try_fold(first, |value, part| value.get(part))
            }),
            None => keys.iter().find_map(|key| self.map.get(*key)),
        }
    }

    /// The same as text.
    fn text_of(&self, keys: &[&str]) -> Option<String> {
        self.value(keys).and_then(plain)
    }

    /// All texts of a field that may be a list.
    fn texts_of(&self, keys: &[&str]) -> Vec<String> {
        match self.value(keys) {
            Some(Value::Array(list)) => list.iter().filter_map(plain).collect(),
            Some(value) => plain(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    pub fn title(&self) -> Option<String> {
        self.text_of(TITLE).map(|t| one_line(&t))
    }

    pub fn published(&self, hints: &Hints) -> Option<Published> {
        let mapped = self.mapped.get("published").and_then(|_| self.value(PUBLISHED));
        let value =
            mapped.or_else(|| PUBLISHED.iter().find_map(|key| self.map.get(*key).filter(|v| !v.is_null())));
        let date = match value? {
            Value::Number(number) => published::from_epoch(number.as_f64()?, hints)?,
            value => published::from_field(&plain(value)?, hints)?,
        };
        Some(Published { date, method: Method::Record, confidence: 1.0 })
    }

    pub fn sections(&self) -> Vec<String> {
        self.texts_of(SECTION)
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
        self.texts_of(AUTHORS)
    }

    pub fn article(self, origin: &Origin, record: Option<u32>, hints: &Hints) -> Result<Article, String> {
        let text = match self.value(TEXT) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => {
                let keys = self.mapped.get("text").map_or_else(|| TEXT.join(", "), String::clone);
                return Err(format!("no text: none of the keys {keys}"));
            }
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
            published: self.published(hints).or_else(from_url),
            source: self.source().or_else(|| url.as_deref().and_then(published::host)),
            authors: self.authors(),
            sections: self.sections(),
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
fn read_lines(mut reader: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
    let mut line = Vec::new();
    for record in 1.. {
        line.clear();
        let skip = |reason: String| job.fault(Some(record), reason);
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
        let read = parse(bytes, job.hints()).and_then(|r| r.article(job.origin, Some(record), job.hints()));
        sink(read.map_err(skip));
    }
}

fn parse(bytes: &[u8], hints: &Hints) -> Result<Record, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|e| format!("not valid JSON: {e}"))?;
    Record::of(value, hints).ok_or_else(|| "no JSON object".to_string())
}

/// Reads one record, an array of records, several records one after the other, or a JSON Feed.
fn read_value(text: &str, job: &Job, sink: &mut Sink) {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_ascii_start().starts_with('[') {
        return read_array(text, job, sink);
    }
    let values: Result<Vec<Value>, serde_json::Error> =
        serde_json::Deserializer::from_str(text).into_iter().collect();
    let mut values = match values {
        Ok(values) => values,
        Err(e) => return sink(Err(job.fault(None, format!("not valid JSON: {e}")))),
    };
    let single = values.len() == 1;
    let list = match values.pop() {
        Some(Value::Object(map)) if single && json_feed::is_feed(&map) => {
            return json_feed::read(&map, job, sink);
        }
        Some(Value::Object(mut map)) if single => {
            let has_text = TEXT.iter().any(|k| map.contains_key(*k));
            let key = ["articles", "items"].into_iter().find(|k| map.get(*k).is_some_and(Value::is_array));
            match key.filter(|_| !has_text).and_then(|k| map.remove(k)) {
                Some(Value::Array(list)) => list,
                _ => {
                    let record = Record::of(Value::Object(map), job.hints());
                    let read =
                        record.ok_or_else(String::new).and_then(|r| r.article(job.origin, None, job.hints()));
                    return sink(read.map_err(|reason| job.fault(None, reason)));
                }
            }
        }
        Some(last) => {
            values.push(last);
            values
        }
        None => return sink(Err(job.fault(None, "no JSON in it"))),
    };
    for (record, value) in (1..).zip(list) {
        read_element(value, record, job, sink);
    }
}

fn read_element(value: Value, record: u32, job: &Job, sink: &mut Sink) {
    let read = Record::of(value, job.hints())
        .ok_or_else(|| "no JSON object".to_string())
        .and_then(|r| r.article(job.origin, Some(record), job.hints()));
    sink(read.map_err(|reason| job.fault(Some(record), reason)));
}

/// Reads the records of an array as they come: their values take many times the memory of their text.
fn read_array(text: &str, job: &Job, sink: &mut Sink) {
    let mut record = 0;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let elements = Elements(&mut |value| {
        record += 1;
        read_element(value, record, job, sink);
    });
    let read = deserializer.deserialize_seq(elements).and_then(|()| deserializer.end());
    if let Err(e) = read {
        sink(Err(job.fault(None, format!("not valid JSON: {e}"))));
    }
}

/// Hands on the elements of an array one by one.
struct Elements<'f>(&'f mut dyn FnMut(Value));

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(value) = elements.next_element()? {
            (self.0)(value);
        }
        Ok(())
    }
}
