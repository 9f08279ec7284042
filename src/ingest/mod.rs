//! Bytes to articles: finds files, decodes them, reads their format, sets page chrome aside, finds the date.
//!
//! Each format is a `reader::Reader` in a file of its own. One bad file or record is a [`Skip`] with its reason; the
//! rest goes on.

mod ago;
mod authors;
mod clean;
mod decode;
mod feed;
mod flow;
mod format;
mod hints;
mod html;
mod http;
mod json;
mod json_feed;
mod language;
mod layout;
mod mail;
mod markdown;
mod newsml;
mod page;
mod page_date;
mod plain_text;
mod published;
mod reader;
mod sidecar;
mod stamp;
mod table;
mod tar_archive;
mod unpack;
mod walk;
mod warc;
mod xml;
mod zip_archive;

use std::fs::File;
use std::io::BufRead;
use std::io::Cursor;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use rustix::fs::OFlags;

use crate::article::Article;
use crate::schema::Cleaning;
use reader::Job;

pub use format::Format;
pub use hints::Crawled;
pub use hints::Hints;
pub use hints::SETTINGS_FILE;
pub use hints::Settings;
pub use reader::Origin;
pub use reader::Sink;
pub use reader::Skip;
pub use walk::Found;
pub use walk::Ours;
pub use walk::Walked;
pub use walk::shown;
pub use walk::walk;

/// Bytes of one text, page or record, after decompression, that are still read.
pub const LARGEST_ARTICLE: u64 = 10 << 20;

/// Bytes of one file, after decompression, that are still read.
pub const LARGEST_FILE: u64 = 16 << 30;

/// Bytes of one file in an archive that are still read.
const LARGEST_MEMBER: u64 = 2 << 30;

/// Archives in archives that are still read.
const DEEPEST_ARCHIVE: u8 = 2;

/// Records of a file that are named because they cannot be read; what is beyond is counted.
const MOST_NAMED: u64 = 1000;

/// What reading needs to know besides the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Ingest<'a> {
    /// What is no part of an article.
    pub cleaning: &'a Cleaning,
    /// What the user knows of the files that they do not say.
    pub hints: &'a Hints,
    /// Takes the file's time of change for a date when nothing better is known.
    pub file_time: bool,
    /// Reading ends soon after this is set.
    pub stop: Option<&'a AtomicBool>,
}

impl Ingest<'_> {
    /// Reads the articles of a file and hands each on; what cannot be read is skipped with its reason. Returns the
    /// format that it was read as.
    pub fn read_file(&self, file: &Path, origin: &Origin, sink: &mut Sink) -> Option<Format> {
        let fault = |reason: String| Skip::fault(origin.path, None, reason);
        let opened = open_file(file).map_err(|e| fault(format!("cannot open: {}", describe(&e))));
        let handle = match opened {
            Ok(handle) => handle,
            Err(skipped) => {
                sink(Err(skipped));
                return None;
            }
        };
        let changed = handle.metadata().ok().and_then(|m| m.modified().ok()).filter(|_| self.file_time);
        let overrides = match sidecar::read(file) {
            Ok(overrides) => overrides,
            Err(skipped) => {
                sink(Err(skipped));
                None
            }
        };
        let mut adjusted = |result: Result<Article, Skip>| {
            sink(result.map(|mut article| {
                if let Some(overrides) = &overrides {
                    sidecar::apply(overrides, &mut article, self.hints);
                }
                if let (None, Some(time)) = (article.published, changed) {
                    article.published = published::from_file_time(time);
                }
                article
            }));
        };
        let plain = handle.try_clone().ok();
        match unpack::open(handle, origin.path, self.stop) {
            Ok(unpacked) => {
                let file = plain.filter(|_| !unpacked.packed);
                let format = Format::of_name(origin.path);
                let job = Job { ingest: self, origin, file: file.as_ref(), depth: 0 };
                Some(self.read_as(unpacked.bytes, format, &job, &mut adjusted))
            }
            Err(e) => {
                adjusted(Err(fault(describe(&e))));
                None
            }
        }
    }

    /// Reads articles of a format, or of the format that the first bytes show. Returns the format.
    pub fn read(
        &self,
        bytes: Box<dyn Read + '_>,
        format: Option<Format>,
        origin: &Origin,
        sink: &mut Sink,
    ) -> Format {
        let job = Job { ingest: self, origin, file: None, depth: 0 };
        match unpack::stream(bytes, origin.path, self.stop) {
            Ok(bytes) => self.read_as(bytes, format, &job, sink),
            Err(e) => {
                sink(Err(job.fault(None, describe(&e))));
                format.unwrap_or(Format::Text)
            }
        }
    }

    /// Reads bytes that are unpacked.
    fn read_as(
        &self,
        bytes: Box<dyn BufRead + '_>,
        format: Option<Format>,
        job: &Job,
        sink: &mut Sink,
    ) -> Format {
        let mut bytes = bytes;
        let (format, bytes): (Format, Box<dyn BufRead>) = match format {
            Some(format) if format != Format::Xml => (format, bytes),
            _ => {
                let mut head = Vec::new();
                if let Err(e) = bytes.by_ref().take(format::HEAD as u64).read_to_end(&mut head) {
                    sink(Err(job.fault(None, describe(&e))));
                    return format.unwrap_or(Format::Text);
                }
                let found = match format {
                    Some(_) => Format::of_xml(&head),
                    None => Format::of_bytes(&head),
                };
                (found, Box::new(Cursor::new(head).chain(bytes)))
            }
        };
        if matches!(format, Format::Zip | Format::Tar) && job.depth >= DEEPEST_ARCHIVE {
            sink(Err(job.fault(None, format!("archives in archives are read {DEEPEST_ARCHIVE} deep"))));
            return format;
        }
        let hints = self.hints;
        // Files in an archive share what their archive may name.
        let most = if job.depth == 0 { MOST_NAMED } else { u64::MAX };
        let mut faults = 0;
        reader::of(format).read(bytes, job, &mut |read| {
            let is_fault = read.as_ref().is_err_and(|skip| !skip.by_rule);
            faults += u64::from(is_fault);
            if is_fault && faults > most {
                return;
            }
            sink(read.map(|mut article| {
                complete(&mut article, hints);
                article
            }));
        });
        if faults > most {
            sink(Err(job.fault(None, format!("{} more of its records could not be read", faults - most))));
        }
        format
    }
}

/// Opens what must be a file: a pipe that took its place since it was found is not waited for.
fn open_file(path: &Path) -> std::io::Result<File> {
    let flags = OFlags::NONBLOCK.bits() as i32;
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(std::io::Error::other("no regular file")) }
}

/// Adds what the user knows where the article does not say it.
fn complete(article: &mut Article, hints: &Hints) {
    if article.source.is_none() {
        article.source.clone_from(&hints.source);
    }
    if article.published.is_none()
        && let Some(year) = hints.year
    {
        let lines = article.blocks.iter().map(|b| b.span.of(&article.text));
        article.published = published::of_year(lines, year);
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

/// Makes the id of an article whose publisher gives it one that is no name for people: a short hash of it.
fn id_of_key(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex()[..12].to_string()
}

/// Joins the words of a text by single spaces.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Cuts a language tag to its ISO 639-1 code.
fn language_code(tag: &str) -> Option<String> {
    let code = tag.trim().to_ascii_lowercase();
    let code = code.split(['-', '_']).next().unwrap_or("");
    (code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic())).then(|| code.to_string())
}

/// Says what went wrong without the operating system's number.
fn describe(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(at) => text[..at].to_lowercase(),
        None => text,
    }
}
