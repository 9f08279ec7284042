//! `NAME.meta.json` beside a file says what the file does not; its word goes first.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::json::Record;
use crate::article::Article;

/// Sidecars larger than this are not read.
const LARGEST: u64 = 1 << 20;

/// Reads the sidecar of a file, if it has one that can be read.
pub(super) fn read(file: &Path) -> Option<Record> {
    let mut name = file.file_name()?.to_os_string();
    name.push(".meta.json");
    let path = file.with_file_name(name);
    if fs::metadata(&path).ok()?.len() > LARGEST {
        return None;
    }
    let value: Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    Record::of(value)
}

/// Puts what the sidecar says in the place of what was found.
pub(super) fn apply(record: &Record, article: &mut Article) {
    if let Some(title) = record.title() {
        article.title = title;
    }
    if let Some(published) = record.published() {
        article.published = Some(published);
    }
    article.url = record.url().or(article.url.take());
    article.source = record.source().or(article.source.take());
    article.language = record.language().or(article.language.take());
    let authors = record.authors();
    if !authors.is_empty() {
        article.authors = authors;
    }
}
