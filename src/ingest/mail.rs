//! Mail: newsletters in a mailbox or as single letters, and pages that browsers save as MIME.

use std::io::BufRead;
use std::io::Read;

use mail_parser::Message;
use mail_parser::MessageParser;
use mail_parser::MimeHeaders;
use mail_parser::PartType;

use super::Crawled;
use super::LARGEST_ARTICLE;
use super::clean;
use super::decode;
use super::flow::Flow;
use super::html;
use super::id_of;
use super::id_of_key;
use super::language;
use super::one_line;
use super::reader::About;
use super::reader::Job;
use super::reader::Reader;
use super::reader::Sink;
use crate::article::Article;
use crate::article::Method;
use crate::article::Published;
use crate::calendar::PartialDate;

/// Bytes of a letter or a saved page, pictures included, that are still read.
const LARGEST: u64 = 64 << 20;

/// Characters of a letter's plain text that make it more than a note to look at the page.
const ENOUGH: usize = 200;

/// A mailbox, or one letter.
pub(super) struct Mailbox;

/// A page with its pictures in one file.
pub(super) struct SavedPage;

impl Reader for Mailbox {
    fn read(&self, mut bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
        let mailbox = bytes.fill_buf().is_ok_and(|head| head.starts_with(b"From "));
        let mut letter = Vec::new();
        if !mailbox {
            let read = decode::raw(&mut bytes, LARGEST).and_then(|raw| article(&raw, None, job));
            return sink(read.map_err(|reason| job.fault(None, reason)));
        }
        let mut record = 0;
        let mut too_large = false;
        let mut blank = true;
        loop {
            let mut line = Vec::new();
            let count = match bytes.by_ref().take(1 << 20).read_until(b'\n', &mut line) {
                Ok(count) => count,
                Err(e) => return sink(Err(job.fault(Some(record), super::describe(&e)))),
            };
            let begins = count == 0 || blank && line.starts_with(b"From ");
            if begins && record > 0 {
                let read = match too_large {
                    true => Err(format!("a letter of more than {} MB", LARGEST >> 20)),
                    false => article(&letter, Some(record), job),
                };
                sink(read.map_err(|reason| job.fault(Some(record), reason)));
            }
            if count == 0 {
                return;
            }
            if begins {
                record += 1;
                letter.clear();
                too_large = false;
                continue;
            }
            blank = line.iter().all(u8::is_ascii_whitespace);
            too_large |= (letter.len() + line.len()) as u64 > LARGEST;
            if !too_large {
                // "From " at the start of a line of text has been quoted.
                let quoted = line.starts_with(b">From ");
                letter.extend_from_slice(&line[usize::from(quoted)..]);
            }
        }
    }
}

fn article(raw: &[u8], record: Option<u32>, job: &Job) -> Result<Article, String> {
    let message = parse(raw)?;
    let mut flow = body(&message)?;
    clean::mark(&flow.text, &mut flow.blocks, job.cleaning());
    let sender = message.from().and_then(|f| f.first());
    let named = sender.and_then(|s| s.name()).map(one_line).filter(|n| !n.is_empty());
    let host = || sender?.address()?.rsplit_once('@').map(|(_, host)| host.to_ascii_lowercase());
    Ok(Article {
        id: match message.message_id() {
            Some(key) => id_of_key(&[key]),
            None => id_of(job.origin, record),
        },
        title: message.subject().map(one_line).unwrap_or_default(),
        published: day(&message).map(|date| Published { date, method: Method::Record, confidence: 1.0 }),
        url: None,
        source: named.or_else(host),
        authors: Vec::new(),
        sections: Vec::new(),
        language: language::of_text(&flow.text),
        path: job.origin.path.to_string(),
        record,
        blocks: flow.blocks,
        text: flow.text,
    })
}

fn parse(raw: &[u8]) -> Result<Message<'_>, String> {
    let message = MessageParser::default().parse(raw).ok_or("not a letter")?;
    if message.headers().is_empty() { Err("a letter without headers".into()) } else { Ok(message) }
}

/// The day by the clock of the sender.
fn day(message: &Message) -> Option<PartialDate> {
    let date = message.date()?;
    PartialDate::day(i16::try_from(date.year).ok()?, date.month as i8, date.day as i8)
}

/// The plain text of a letter, unless it only says that there is a page to look at.
fn body(message: &Message) -> Result<Flow, String> {
    let plain = message.text_bodies().find_map(|part| match &part.body {
        PartType::Text(text) => Some(text.as_ref()),
        _ => None,
    });
    let page = message.html_bodies().find_map(|part| match &part.body {
        PartType::Html(page) => Some(page.as_ref()),
        _ => None,
    });
    let flow = match (plain, page) {
        (Some(plain), page) if page.is_none() || plain.trim().chars().count() >= ENOUGH => html::lines(plain),
        (_, Some(page)) if page.len() as u64 <= LARGEST_ARTICLE => html::fragment(page)?,
        (_, Some(_)) => return Err(format!("its text is larger than {} MB", LARGEST_ARTICLE >> 20)),
        _ => return Err("a letter without text".into()),
    };
    if flow.text.len() as u64 > LARGEST_ARTICLE {
        return Err(format!("its text is larger than {} MB", LARGEST_ARTICLE >> 20));
    }
    if flow.text.is_empty() { Err("a letter without text".into()) } else { Ok(flow) }
}

impl Reader for SavedPage {
    fn read(&self, mut bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
        let read = decode::raw(&mut bytes, LARGEST).and_then(|raw| saved(&raw, job));
        sink(read.map_err(|reason| job.fault(None, reason)));
    }
}

fn saved(raw: &[u8], job: &Job) -> Result<Article, String> {
    let message = parse(raw)?;
    let found = message.parts.iter().find_map(|part| match &part.body {
        PartType::Html(page) => Some((part, page)),
        _ => None,
    });
    let Some((part, page)) = found else { return Err("no page in it".into()) };
    if page.len() as u64 > LARGEST_ARTICLE {
        return Err(format!("a page of more than {} MB", LARGEST_ARTICLE >> 20));
    }
    let url =
        message.header("Snapshot-Content-Location").and_then(|v| v.as_text()).or(part.content_location());
    let url = url.map(str::trim).filter(|u| u.starts_with("http"));
    let saved_at = message.date().and_then(|d| {
        let day = jiff::civil::Date::new(i16::try_from(d.year).ok()?, d.month as i8, d.day as i8).ok()?;
        let at = day.to_datetime(jiff::civil::Time::new(d.hour as i8, d.minute as i8, 0, 0).ok()?);
        Some(Crawled { at, exact: true })
    });
    let about = About { record: None, url, crawled: saved_at.or(job.hints().crawled) };
    html::read(page, job, &about).map_err(|unread| unread.to_string())
}
