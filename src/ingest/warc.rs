//! Web archives: WARC, and its forerunner ARC. Pages and texts of a crawl are articles; the rest is counted.
//!
//! A record that is damaged is a fault, and reading goes on at the next one that can be made out.

use std::io;
use std::io::BufRead;
use std::io::Read;

use super::Format;
use super::LARGEST_ARTICLE;
use super::decode;
use super::html;
use super::http;
use super::http::Response;
use super::plain_text;
use super::reader;
use super::reader::About;
use super::reader::Job;
use super::reader::Reader;
use super::reader::Sink;
use super::reader::Skip;
use super::unpack::MOST_DAMAGED;
use super::unpack::Rewind;
use crate::article::Article;

/// WARC and ARC.
pub(super) struct Warc;

/// Bytes of a line of a record's head.
const LONGEST_LINE: u64 = 64 << 10;

/// Lines of a record's head.
const MOST_LINES: usize = 500;

/// Bytes of a record that are kept; what is longer is no article.
const LARGEST_BLOCK: u64 = LARGEST_ARTICLE * 2;

type Input<'a> = Rewind<Box<dyn BufRead + 'a>>;

/// A record as it stands in the archive.
#[derive(Debug, Default)]
struct Record {
    /// `response`, `request`, ...
    kind: String,
    url: Option<String>,
    /// When it was fetched.
    date: Option<String>,
    media_type: String,
    length: u64,
}

/// Why a record could not be read.
enum Fault {
    /// Reading can go on behind it.
    Damaged(String),
    /// This record is whole, and the one behind it is damaged.
    NextDamaged(String),
    /// Nothing more comes.
    Over(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        let reason = super::describe(&error);
        match error.kind() {
            io::ErrorKind::InvalidData => Fault::Damaged(reason),
            _ => Fault::Over(reason),
        }
    }
}

impl Reader for Warc {
    fn read(&self, bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
        let mut input = Rewind::new(bytes);
        let mut number = 0;
        let mut damaged = 0;
        loop {
            number += 1;
            if damaged > MOST_DAMAGED {
                return sink(Err(job.fault(Some(number), "too many damaged records: the rest is not read")));
            }
            let fault = match read_record(&mut input, job, number, sink) {
                Ok(true) => continue,
                Ok(false) => break,
                Err(fault) => fault,
            };
            damaged += 1;
            number += u32::from(matches!(fault, Fault::NextDamaged(_)));
            match fault {
                Fault::Over(reason) => return sink(Err(job.fault(Some(number), reason))),
                Fault::Damaged(reason) | Fault::NextDamaged(reason) => {
                    sink(Err(
                        job.fault(Some(number), format!("{reason}; reading goes on at the next record"))
                    ));
                    if let Err(reason) = find_record(&mut input) {
                        return sink(Err(job.fault(Some(number), reason)));
                    }
                }
            }
        }
        if number == 1 {
            sink(Err(job.fault(None, "a web archive without records")));
        }
    }
}

/// Reads a record and hands on its article; false at the end of the archive.
fn read_record(input: &mut Input, job: &Job, number: u32, sink: &mut Sink) -> Result<bool, Fault> {
    let Some(record) = head(input)? else { return Ok(false) };
    let mut block = Vec::new();
    let kept = record.length.min(LARGEST_BLOCK);
    input.by_ref().take(kept).read_to_end(&mut block)?;
    // Some writers count the end of the last line, which is not there.
    let cut = (block.len() as u64) + 2 < kept;
    let too_long = record.length > LARGEST_BLOCK;
    if too_long {
        io::copy(&mut input.by_ref().take(record.length - kept), &mut io::sink())?;
    }
    let behind = if cut { Ok(false) } else { is_in_step(input) };
    if !matches!(behind, Ok(false)) {
        let read = match too_long {
            true => Some(Err(job.left_out(Some(number), "record of more than 20 MB"))),
            false => article(&record, block, job, number, sink),
        };
        read.into_iter().for_each(sink);
        return match behind {
            Err(Fault::Damaged(reason)) => Err(Fault::NextDamaged(reason)),
            other => other,
        };
    }
    // The next record may stand in what was taken for this one.
    let wrong = || "its length is not the one that is stated".to_string();
    let Some(at) = memchr::memmem::find(&block, b"\nWARC/").filter(|_| !record.kind.is_empty()) else {
        return Err(Fault::Damaged(if cut { "cut short".into() } else { wrong() }));
    };
    input.put_back(&block[at + 1..]);
    Err(Fault::Damaged(wrong()))
}

/// The head of the next record; none at the end.
fn head(input: &mut Input) -> Result<Option<Record>, Fault> {
    loop {
        let Some(line) = line(input)? else { return Ok(None) };
        let text = line.trim();
        if text.is_empty() {
            continue;
        }
        if text.starts_with("WARC/") {
            return warc_head(input).map(Some);
        }
        return arc_head(text).map(Some).ok_or_else(|| Fault::Damaged("no record begins here".into()));
    }
}

fn warc_head(input: &mut Input) -> Result<Record, Fault> {
    let mut record = Record::default();
    let mut length = None;
    for _ in 0..MOST_LINES {
        let Some(line) = line(input)? else { return Err(Fault::Damaged("cut short".into())) };
        if line.trim().is_empty() {
            record.length = length.ok_or_else(|| Fault::Damaged("its head states no length".into()))?;
            return Ok(record);
        }
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "warc-type" => record.kind = value.to_ascii_lowercase(),
            // Some writers put angle brackets around it.
            "warc-target-uri" => record.url = Some(value.trim_matches(['<', '>']).to_string()),
            "warc-date" => record.date = Some(value.to_string()),
            "content-type" => record.media_type = value.to_string(),
            "content-length" => length = value.parse().ok(),
            _ => {}
        }
    }
    Err(Fault::Damaged(format!("its head has more than {MOST_LINES} lines")))
}

/// `http://example.org/ 192.0.2.1 20140102030405 text/html 1234`; an address may hold blanks.
fn arc_head(line: &str) -> Option<Record> {
    let mut fields = line.rsplit(' ');
    let length = fields.next()?.parse().ok()?;
    let media_type = fields.next()?.to_string();
    let stamp = fields.next().filter(|s| s.len() == 14 && s.bytes().all(|b| b.is_ascii_digit()))?;
    let _server = fields.next()?;
    let mut url: Vec<&str> = fields.collect();
    url.reverse();
    let url = Some(url.join(" ")).filter(|u| u.contains(':'))?;
    let date = format!(
        "{}-{}-{}T{}:{}:{}Z",
        &stamp[..4],
        &stamp[4..6],
        &stamp[6..8],
        &stamp[8..10],
        &stamp[10..12],
        &stamp[12..]
    );
    let kind = if url.starts_with("filedesc:") { "warcinfo" } else { "response" };
    Some(Record { kind: kind.into(), url: Some(url), date: Some(date), media_type, length })
}

/// A line without its end; none at the end of the archive.
fn line(input: &mut Input) -> Result<Option<String>, Fault> {
    let mut line = Vec::new();
    input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.len() as u64 == LONGEST_LINE {
        return Err(Fault::Damaged("a line of its head has more than 64 KB".into()));
    }
    Ok(Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_string()))
}

/// Tells whether a record is followed by the next one or the end, and passes over what lies between.
fn is_in_step(input: &mut Input) -> Result<bool, Fault> {
    let mut blank = 0;
    loop {
        match input.fill_buf()?.first() {
            None | Some(b'W') => return Ok(true),
            Some(b'\r' | b'\n') if blank < 16 => {
                blank += 1;
                input.consume(1);
            }
            // A record of ARC begins with an address, in a line of its own.
            Some(b) => return Ok(blank > 0 && b.is_ascii_alphabetic()),
        }
    }
}

/// Passes over bytes up to a line with which a record begins, or to the end.
fn find_record(input: &mut Input) -> Result<(), String> {
    loop {
        let mut line = Vec::new();
        match input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::InvalidData => continue,
            Err(e) => return Err(super::describe(&e)),
        }
        let arc = || std::str::from_utf8(&line).is_ok_and(|l| arc_head(l.trim_end()).is_some());
        if line.starts_with(b"WARC/") || arc() {
            input.put_back(&line);
            return Ok(());
        }
    }
}

/// Reads what a record holds; none if another reader has handed it on.
fn article(
    record: &Record,
    block: Vec<u8>,
    job: &Job,
    number: u32,
    sink: &mut Sink,
) -> Option<Result<Article, Skip>> {
    let left_out = |reason: &str| Some(Err(job.left_out(Some(number), reason)));
    match record.kind.as_str() {
        "response" => {}
        "resource" | "conversion" => {
            let (media_type, charset) = http::media_type(&record.media_type);
            return page(record, block, &media_type, charset.as_deref(), job, number, sink);
        }
        "revisit" => return left_out("revisit: the page is in another record"),
        "" => return Some(Err(job.fault(Some(number), "a record without a type"))),
        "continuation" => return left_out("continuation of a record"),
        other => return left_out(other),
    }
    let Some(response) = Response::of(&block) else {
        return left_out("not an answer of a web server");
    };
    match response.status {
        200 | 203 => {}
        300..=399 => return left_out("redirect"),
        _ => return left_out("error page"),
    }
    let (media_type, charset) = http::media_type(response.header("content-type").unwrap_or(""));
    match response.body() {
        Ok(body) => page(record, body, &media_type, charset.as_deref(), job, number, sink),
        Err(reason) => Some(Err(job.fault(Some(number), reason))),
    }
}

/// Reads a page, a text or a feed by its media type.
fn page(
    record: &Record,
    body: Vec<u8>,
    media_type: &str,
    charset: Option<&str>,
    job: &Job,
    number: u32,
    sink: &mut Sink,
) -> Option<Result<Article, Skip>> {
    let left_out = |reason: &str| Some(Err(job.left_out(Some(number), reason)));
    let url = record.url.as_deref();
    let format = match media_type {
        "text/html" | "application/xhtml+xml" => Format::Html,
        "text/plain" if url.is_none_or(|u| !u.ends_with("/robots.txt")) => Format::Text,
        "text/xml" | "application/xml" => Format::of_xml(&body),
        feed if feed.ends_with("+xml") => Format::of_xml(&body),
        "" => Some(Format::of_bytes(&body)).filter(|f| *f == Format::Html).unwrap_or(Format::Xml),
        _ => return left_out("not a page"),
    };
    if matches!(format, Format::Feed | Format::Newsml | Format::Nitf) {
        reader::of(format).read(Box::new(body.as_slice()), job, &mut |read| {
            sink(read.map(|article| Article { record: Some(number), ..article }));
        });
        return None;
    }
    let text = match decode::text_labelled(body, charset) {
        Ok(text) if text.trim().is_empty() => return left_out("page without text"),
        Ok(text) => text,
        Err(reason) => return left_out(&reason),
    };
    let crawled = record.date.as_deref().and_then(|d| job.hints().crawled_at(d)).or(job.hints().crawled);
    let about = About { record: Some(number), url, crawled };
    match format {
        Format::Html => match html::read(&text, job, &about) {
            Ok(article) => Some(Ok(article)),
            Err(html::Unread::NoText) => left_out("page without text"),
            Err(html::Unread::Fault(reason)) => Some(Err(job.fault(Some(number), reason))),
        },
        Format::Text => Some(Ok(plain_text::read(text, job, &about))),
        _ => left_out("not a page"),
    }
}
