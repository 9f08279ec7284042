//! `NAME.meta.json` beside a file says what the file does not; its word goes first.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::Hints;
use super::json::Record;
use super::reader::Skip;
use crate::article::Article;

/// Sidecars larger than this are not read.
const LARGEST: u64 = 1 << 20;

/// Reads the sidecar of a file, if it has one.
///
/// # Errors
/// If it has one that cannot be read: the article would be indexed without what its owner says of it.
pub(super) fn read(file: &Path) -> Result<Option<Value>, Skip> {
    let Some(mut name) = file.file_name().map(std::ffi::OsStr::to_os_string) else { return Ok(None) };
    name.push(".meta.json");
    let path = file.with_file_name(name);
    let Ok(metadata) = fs::metadata(&path) else { return Ok(None) };
    let fault = |reason: String| Skip::fault(&path.to_string_lossy(), None, reason);
    if !metadata.is_file() {
        return Err(fault("a sidecar that is no file".into()));
    }
    if metadata.len() > LARGEST {
        return Err(fault("a sidecar of more than 1 MB".into()));
    }
    let bytes = fs::read(&path).map_err(|e| fault(super::describe(&e)))?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|e| fault(format!("not valid JSON: {e}")))?;
    if value.is_object() { Ok(Some(value)) } else { Err(fault("no JSON object".into())) }
}

/// Puts what the sidecar says in the place of what was found.
pub(super) fn apply(sidecar: &Value, article: &mut Article, hints: &Hints) {
    // The keys of a sidecar are ours; a map is for the columns of the file.
    let own = Hints { map: Default::default(), ..hints.clone() };
    let Some(record) = Record::of(sidecar.clone(), &own) else { return };
    if let Some(title) = record.title() {
        article.title = title;
    }
    if let Some(published) = record.published(&own) {
        article.published = Some(published);
    }
    article.url = record.url().or(article.url.take());
    article.source = record.source().or(article.source.take());
    article.language = record.language().or(article.language.take());
    for (said, own) in [(record.authors(), &mut article.authors), (record.sections(), &mut article.sections)]
    {
        if !said.is_empty() {
            *own = said;
        }
    }
}
