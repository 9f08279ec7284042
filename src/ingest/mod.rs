//! Bytes to articles: finds files, decodes them, reads their format, sets page chrome aside, finds the date.
//!
//! One bad file or record is a [`Skip`] with its reason; the rest goes on.

mod clean;
mod decode;
mod html;
mod json;
mod language;
mod layout;
mod page;
mod page_date;
mod plain_text;
mod published;
mod sidecar;
mod stamp;
mod walk;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::article::Article;
use crate::schema::Cleaning;

pub use walk::Found;
pub use walk::Walked;
pub use walk::walk;

/// Bytes of one text, page or record, after decompression, that are still read.
pub const LARGEST_ARTICLE: u64 = 10 << 20;

/// Bytes of one file, after decompression, that are still read.
pub const LARGEST_FILE: u64 = 16 << 30;

/// A format of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Plain text, one article a file.
    Text,
    /// A web page.
    Html,
    /// One JSON value: an article or an array of articles.
    Json,
    /// One JSON article a line.
    Jsonl,
}

impl Format {
    /// Tells a format by the file's name, compression aside.
    pub fn of_name(name: &str) -> Option<Format> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "txt" | "text" | "md" => Some(Format::Text),
            "html" | "htm" | "xhtml" | "shtml" => Some(Format::Html),
            "json" => Some(Format::Json),
            "jsonl" | "ndjson" => Some(Format::Jsonl),
            _ => None,
        }
    }

    /// Tells a format by the first bytes.
    pub fn of_bytes(head: &[u8]) -> Format {
        let text = String::from_utf8_lossy(&head[..head.len().min(2048)]).to_ascii_lowercase();
        let start = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
        let page = ["<!doctype html", "<html", "<head", "<body"].iter().any(|t| start.starts_with(t));
        match start.chars().next() {
            Some('{') => Format::Jsonl,
            Some('[') if start[1..].trim_start().starts_with('{') => Format::Json,
            Some('<') if page || start.contains("<html") => Format::Html,
            _ => Format::Text,
        }
    }
}

/// Something that was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The file.
    pub path: String,
    /// Its record, in a file of many, from 1.
    pub record: Option<u32>,
    /// What is wrong and what can be done.
    pub reason: String,
}

/// What reading needs to know besides the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// What is no part of an article.
    pub cleaning: &'a Cleaning,
    /// Takes the file's time of change for a date when nothing better is known.
    pub file_time: bool,
}

/// Where a file came from: its path as shown to people, and relative to the root it was found under.
#[derive(Clone, Debug)]
pub struct Origin<'a> {
    /// As given or found.
    pub path: &'a str,
    /// Below the root; the id is a hash of it.
    pub relative: &'a str,
}

impl Reader<'_> {
    /// Reads the articles of a file and hands each on; what cannot be read is skipped with its reason.
    pub fn read_file(&self, file: &Path, origin: &Origin, sink: &mut dyn FnMut(Result<Article, Skip>)) {
        let skip = |reason: String| Skip { path: origin.path.to_string(), record: None, reason };
        let opened = File::open(file).map_err(|e| skip(format!("cannot open: {}", describe(&e))));
        let handle = match opened {
            Ok(handle) => handle,
            Err(skipped) => return sink(Err(skipped)),
        };
        let changed = handle.metadata().ok().and_then(|m| m.modified().ok()).filter(|_| self.file_time);
        let overrides = sidecar::read(file);
        let mut adjusted = |result: Result<Article, Skip>| {
            sink(result.map(|mut article| {
                if let Some(overrides) = &overrides {
                    sidecar::apply(overrides, &mut article);
                }
                if let (None, Some(time)) = (article.published, changed) {
                    article.published = published::from_file_time(time);
                }
                article
            }));
        };
        match decode::open(handle, origin.path) {
            Ok(bytes) => self.read(bytes, Format::of_name(origin.path), origin, &mut adjusted),
            Err(e) => adjusted(Err(skip(describe(&e)))),
        }
    }

    /// Reads articles of a format, or of the format that the first bytes show.
    pub fn read(
        &self,
        mut bytes: Box<dyn Read + '_>,
        format: Option<Format>,
        origin: &Origin,
        sink: &mut dyn FnMut(Result<Article, Skip>),
    ) {
        let skip = |reason: String| Skip { path: origin.path.to_string(), record: None, reason };
        let mut head = Vec::new();
        if format.is_none()
            && let Err(e) = bytes.by_ref().take(4096).read_to_end(&mut head)
        {
            return sink(Err(skip(describe(&e))));
        }
        let format = format.unwrap_or_else(|| Format::of_bytes(&head));
        let whole: Box<dyn Read> = Box::new(std::io::Cursor::new(head).chain(bytes));
        match format {
            Format::Jsonl => json::read_lines(whole, origin, sink),
            Format::Json => match decode::whole(whole, json::LARGEST_ARRAY) {
                Ok(decoded) => json::read_value(&decoded.text, origin, sink),
                Err(reason) => sink(Err(skip(reason))),
            },
            Format::Text | Format::Html => match decode::whole(whole, LARGEST_ARTICLE) {
                Ok(decoded) if decoded.text.trim().is_empty() => sink(Err(skip("no text in it".into()))),
                Ok(decoded) => {
                    let article = match format {
                        Format::Html => html::read(&decoded.text, origin, self.cleaning),
                        _ => Ok(plain_text::read(decoded.text, origin, self.cleaning)),
                    };
                    sink(article.map_err(skip));
                }
                Err(reason) => sink(Err(skip(reason))),
            },
        }
    }
}

/// Makes the id of an article that brings none: a short hash of where it stands.
fn id_of(origin: &Origin, record: Option<u32>) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(origin.relative.as_bytes());
    if let Some(record) = record {
        hasher.update(&[0]);
        hasher.update(&record.to_le_bytes());
    }
    hasher.finalize().to_hex()[..12].to_string()
}

/// Says what went wrong without the operating system's number.
fn describe(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(at) => text[..at].to_lowercase(),
        None => text,
    }
}
