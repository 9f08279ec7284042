//! What every reader of a format is given, and what it gives back.

use std::fs::File;
use std::io::BufRead;
use std::io::Read;

use super::Crawled;
use super::Format;
use super::Hints;
use super::Ingest;
use super::LARGEST_MEMBER;
use super::feed;
use super::html;
use super::json;
use super::mail;
use super::markdown;
use super::newsml;
use super::plain_text;
use super::table;
use super::tar_archive;
use super::unpack;
use super::warc;
use super::xml;
use super::zip_archive;
use crate::article::Article;
use crate::schema::Cleaning;

/// Something that was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The file.
    pub path: String,
    /// Its record, in a file of many, from 1.
    pub record: Option<u32>,
    /// What is wrong and what can be done.
    pub reason: String,
    /// A rule leaves it out: it is counted under the reason, and is no failure.
    pub by_rule: bool,
}

impl Skip {
    /// Something that could not be read.
    pub fn fault(path: &str, record: Option<u32>, reason: impl Into<String>) -> Skip {
        Skip { path: path.to_string(), record, reason: reason.into(), by_rule: false }
    }
}

/// Where a file came from: its path as shown to people, and relative to the root it was found under.
#[derive(Clone, Debug)]
pub struct Origin<'a> {
    /// As given or found.
    pub path: &'a str,
    /// Below the root; the id is a hash of it.
    pub relative: &'a str,
}

/// Takes articles and what could not be read, in the order of the file.
pub type Sink<'s> = dyn FnMut(Result<Article, Skip>) + 's;

/// Reads one format: hands on each article as soon as it is read, and holds at most one record in memory.
///
/// What cannot be read is handed on as a [`Skip`] and never ends the run: bytes may be anything at all.
pub(super) trait Reader {
    /// Reads all of the bytes.
    fn read(&self, bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink);
}

/// What a reader works with besides the bytes.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub ingest: &'a Ingest<'a>,
    pub origin: &'a Origin<'a>,
    /// The file that the bytes are read from as they are, for formats that must seek.
    pub file: Option<&'a File>,
    /// Archives around it.
    pub depth: u8,
}

/// What is known of a page or text besides its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct About<'a> {
    /// Its number in a file of many.
    pub record: Option<u32>,
    /// Where it was fetched from; its day is looked for there and not in the name of the file.
    pub url: Option<&'a str>,
    /// When it was fetched.
    pub crawled: Option<Crawled>,
}

impl Job<'_> {
    pub fn cleaning(&self) -> &Cleaning {
        self.ingest.cleaning
    }

    pub fn hints(&self) -> &Hints {
        self.ingest.hints
    }

    /// Something that could not be read.
    pub fn fault(&self, record: Option<u32>, reason: impl Into<String>) -> Skip {
        Skip::fault(self.origin.path, record, reason)
    }

    /// Something that a rule leaves out.
    pub fn left_out(&self, record: Option<u32>, reason: impl Into<String>) -> Skip {
        Skip { by_rule: true, ..self.fault(record, reason) }
    }
}

/// Files in archives, which are read by their own readers.
impl Job<'_> {
    /// The rule by which a file of an archive is left out.
    pub fn rule_against(&self, name: &str) -> Option<&'static str> {
        let mut parts = name.split(['/', '\\']).filter(|p| !matches!(*p, "" | "." | ".."));
        let last = parts.clone().next_back().unwrap_or("");
        if parts.any(|p| p.starts_with('.') || p == "__MACOSX") {
            return Some("hidden");
        }
        if last.ends_with(".meta.json") {
            return Some("sidecar");
        }
        (Format::of_name(last).is_none() && last.contains('.')).then_some("type")
    }

    /// Reads a file of an archive.
    pub fn read_member(&self, bytes: Box<dyn Read + '_>, name: &str, sink: &mut Sink) {
        let parts = name.split(['/', '\\']).filter(|p| !matches!(*p, "" | "." | ".."));
        let name = parts.collect::<Vec<_>>().join("/");
        let path = format!("{}/{name}", self.origin.path);
        let relative = format!("{}/{name}", self.origin.relative);
        let origin = Origin { path: &path, relative: &relative };
        let job = Job { origin: &origin, file: None, depth: self.depth + 1, ingest: self.ingest };
        let format = Format::of_name(&name);
        match unpack::member(bytes, &name, LARGEST_MEMBER, self.ingest.stop) {
            Ok(bytes) => {
                self.ingest.read_as(bytes, format, &job, sink);
            }
            Err(e) => sink(Err(job.fault(None, super::describe(&e)))),
        }
    }
}

/// The reader of a format.
pub(super) fn of(format: Format) -> &'static dyn Reader {
    match format {
        Format::Text => &plain_text::PlainText,
        Format::Markdown => &markdown::Markdown,
        Format::Html => &html::Html,
        Format::Mhtml => &mail::SavedPage,
        Format::Json => &json::Json,
        Format::Jsonl => &json::Jsonl,
        Format::Csv => &table::Table { delimiter: b',' },
        Format::Tsv => &table::Table { delimiter: b'\t' },
        Format::Warc => &warc::Warc,
        Format::Feed => &feed::Feed,
        Format::Newsml | Format::Nitf => &newsml::Newsml,
        Format::Xml => &xml::Unknown,
        Format::Mbox => &mail::Mailbox,
        Format::Zip => &zip_archive::Zip,
        Format::Tar => &tar_archive::Tar,
    }
}
