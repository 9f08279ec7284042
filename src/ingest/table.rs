//! Tables: CSV and TSV with a header, an article a row. Columns are called as the keys of JSON records are, in any case,
//! or as the user maps them.

use std::io::BufRead;

use serde_json::Map;
use serde_json::Value;

use super::Hints;
use super::LARGEST_ARTICLE;
use super::decode::Utf8;
use super::json;
use super::json::Record;
use super::reader::Job;
use super::reader::Reader;
use super::reader::Sink;
use super::unpack::budgeted;

/// A table with some byte between its columns.
pub(super) struct Table {
    pub delimiter: u8,
}

/// Columns of a table that are still read.
const MOST_COLUMNS: usize = 2000;

impl Reader for Table {
    fn read(&self, bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
        let decoded = match Utf8::new(bytes) {
            Ok(decoded) => decoded,
            Err(e) => return sink(Err(job.fault(None, super::describe(&e)))),
        };
        let (mut bytes, budget) = budgeted(
            decoded,
            LARGEST_ARTICLE * 2,
            "a row of more than 20 MB: a quote is perhaps never closed; the rest is not read",
        );
        let delimiter = match bytes.fill_buf() {
            Ok(head) => self.delimiter(head),
            Err(e) => return sink(Err(job.fault(None, super::describe(&e)))),
        };
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(bytes);
        let columns = match reader.headers().map_err(|e| told(&e)).and_then(|h| columns(h, job.hints())) {
            Ok(columns) => columns,
            Err(reason) => return sink(Err(job.fault(None, reason))),
        };
        let mut row = csv::StringRecord::new();
        for record in 1.. {
            budget.renew();
            let read = match reader.read_record(&mut row) {
                Ok(false) => return,
                Ok(true) => article(&row, &columns, job, record),
                Err(error) => {
                    let over = matches!(error.kind(), csv::ErrorKind::Io(_));
                    sink(Err(job.fault(Some(record), told(&error))));
                    if over {
                        return;
                    }
                    continue;
                }
            };
            sink(read.map_err(|reason| job.fault(Some(record), reason)));
        }
    }
}

impl Table {
    /// Spreadsheets of much of Europe put semicolons between the columns of what they call CSV.
    fn delimiter(&self, head: &[u8]) -> u8 {
        let line = head.split(|b| *b == b'\n').next().unwrap_or(head);
        let count = |delimiter: u8| line.iter().filter(|b| **b == delimiter).count();
        let others = [b';', b'\t', b','];
        match self.delimiter {
            own if count(own) > 0 => own,
            own => others.into_iter().find(|d| count(*d) > 0).unwrap_or(own),
        }
    }
}

/// The key of each column: ours where the header has one of ours in another case.
fn columns(header: &csv::StringRecord, hints: &Hints) -> Result<Vec<String>, String> {
    if header.len() > MOST_COLUMNS {
        return Err(format!("a table of more than {MOST_COLUMNS} columns"));
    }
    let names: Vec<&str> = header.iter().map(|name| name.trim_matches(['\u{feff}', ' ', '\t'])).collect();
    if let Some((field, column)) = hints.map.iter().find(|(_, column)| !names.contains(&column.as_str())) {
        return Err(format!("no column `{column}` for {field}: the columns are {}", names.join(", ")));
    }
    let mapped = |name: &str| hints.map.values().any(|column| column == name);
    let key = |name: &&str| match json::field_called(name) {
        Some(field) if !mapped(name) && !hints.map.contains_key(field) => json::key_called(name),
        _ => name.to_string(),
    };
    let columns: Vec<String> = names.iter().map(key).collect();
    let has_text =
        hints.map.contains_key("text") || columns.iter().any(|c| json::field_called(c) == Some("text"));
    if !has_text {
        let names = names.join(", ");
        return Err(format!(
            "no column for the text: name one with --map text=COLUMN; the columns are {names}"
        ));
    }
    Ok(columns)
}

fn article(
    row: &csv::StringRecord,
    columns: &[String],
    job: &Job,
    record: u32,
) -> Result<crate::article::Article, String> {
    let mut map = Map::new();
    for (column, value) in columns.iter().zip(row.iter()) {
        if !value.trim().is_empty() && !map.contains_key(column) {
            map.insert(column.clone(), Value::String(value.to_string()));
        }
    }
    let record_of = Record::of(Value::Object(map), job.hints()).ok_or_else(|| "no row".to_string())?;
    let mut article = record_of.article(job.origin, Some(record), job.hints()).map_err(|reason| {
        if reason.starts_with("no text") { "no text in this row".to_string() } else { reason }
    })?;
    // A cell holds one text: "Ann Ruel; Ivo Part" are two.
    article.authors =
        article.authors.iter().flat_map(|a| a.split([';', '|'])).map(|a| a.trim().to_string()).collect();
    article.authors.retain(|a| !a.is_empty());
    Ok(article)
}

fn told(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Io(e) => super::describe(e),
        csv::ErrorKind::Utf8 { .. } => "not readable as text".into(),
        _ => error.to_string(),
    }
}
