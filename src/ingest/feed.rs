//! Feeds: RSS 0.9x to 2.0, RSS 1.0 (RDF) and Atom, an article an item.

use std::io::BufRead;

use super::LARGEST_ARTICLE;
use super::authors;
use super::clean;
use super::flow::Flow;
use super::html;
use super::id_of;
use super::id_of_key;
use super::language;
use super::language_code;
use super::published;
use super::reader::Job;
use super::reader::Reader;
use super::reader::Sink;
use super::xml::Document;
use super::xml::Element;
use crate::article::Article;
use crate::article::Method;
use crate::article::Published;

/// RSS, RDF and Atom.
pub(super) struct Feed;

/// What a feed says of all its items.
#[derive(Default)]
struct Channel {
    title: Option<String>,
    language: Option<String>,
    /// What relative addresses of items start from.
    base: Option<String>,
}

impl Reader for Feed {
    fn read(&self, bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
        let mut document = match Document::new(bytes) {
            Ok(document) => document,
            Err(e) => return sink(Err(job.fault(None, super::describe(&e)))),
        };
        let mut channel = Channel::default();
        let mut record = 0;
        loop {
            let begun = match document.next() {
                Ok(Some(begun)) => begun,
                Ok(None) => break,
                Err(reason) => return sink(Err(job.fault(None, reason))),
            };
            match begun.name.as_str() {
                "item" | "entry" => {
                    record += 1;
                    let read = document.rest_of(begun).and_then(|item| article(&item, &channel, job, record));
                    sink(read.map_err(|reason| job.fault(Some(record), reason)));
                }
                "rss" | "rdf:RDF" | "RDF" | "feed" | "channel" | "scripting" => channel.open(&begun),
                // Pictures and search boxes of a channel have titles of their own.
                "image" | "textInput" | "textinput" | "author" => {
                    if let Err(reason) = document.rest_of(begun) {
                        return sink(Err(job.fault(None, reason)));
                    }
                }
                _ => match document.rest_of(begun) {
                    Ok(element) => channel.learn(&element),
                    Err(reason) => return sink(Err(job.fault(None, reason))),
                },
            }
        }
        if record == 0 {
            sink(Err(job.fault(None, "a feed without items")));
        }
    }
}

impl Channel {
    fn open(&mut self, element: &Element) {
        let language = element.attribute("xml:lang").and_then(language_code);
        self.language = language.or(self.language.take());
        self.base = element.attribute("xml:base").map(str::to_string).or(self.base.take());
    }

    fn learn(&mut self, element: &Element) {
        match element.name.as_str() {
            "title" if self.title.is_none() => self.title = title_of(element),
            "language" | "dc:language" => {
                self.language = element.line().and_then(|l| language_code(&l)).or(self.language.take());
            }
            "link" if self.base.is_none() => {
                let own = element.attribute("rel").is_none_or(|r| r == "alternate");
                let address = element.attribute("href").map(str::to_string).or_else(|| element.line());
                self.base = address.filter(|a| own && a.contains("://"));
            }
            _ => {}
        }
    }
}

/// Reads an item.
fn article(item: &Element, channel: &Channel, job: &Job, record: u32) -> Result<Article, String> {
    let title =
        item.child("title").or_else(|| item.child("media:title")).and_then(title_of).unwrap_or_default();
    let mut flow = body(item)?;
    clean::mark(&flow.text, &mut flow.blocks, job.cleaning());
    if title.is_empty() && flow.text.is_empty() {
        return Err("an item without title and text".into());
    }
    let url = address(item, channel);
    let key = item.child("guid").or_else(|| item.child("id")).and_then(Element::line).or_else(|| url.clone());
    let source = item.child("source").and_then(|s| s.child("title").unwrap_or(s).line());
    let spoken = item.attribute("xml:lang").map(str::to_string);
    let spoken = spoken.or_else(|| item.child("dc:language").and_then(Element::line));
    let from_url = || url.as_deref().and_then(published::from_url);
    Ok(Article {
        id: match &key {
            Some(key) => id_of_key(&[channel.title.as_deref().unwrap_or(""), key]),
            None => id_of(job.origin, Some(record)),
        },
        published: day(item, job).or_else(from_url),
        source: source.or_else(|| channel.title.clone()).or_else(|| url.as_deref().and_then(published::host)),
        authors: people(item),
        sections: sections(item),
        language: spoken
            .and_then(|l| language_code(&l))
            .or_else(|| channel.language.clone().filter(|l| l != "en"))
            // Software says English where nobody said anything.
            .or_else(|| language::of_text(&flow.text))
            .or_else(|| channel.language.clone()),
        path: job.origin.path.to_string(),
        record: Some(record),
        blocks: flow.blocks,
        text: flow.text,
        title,
        url,
    })
}

/// A title as people read it: markup and references that a feed escapes once more are taken off.
fn title_of(element: &Element) -> Option<String> {
    let line = element.line()?;
    let as_written = matches!(element.attribute("type"), Some("text"));
    Some(if as_written { line } else { html::plain(&line) }).filter(|t| !t.is_empty())
}

/// The whole text, or the summary where there is no more.
fn body(item: &Element) -> Result<Flow, String> {
    let names = ["content:encoded", "content", "xhtml:body", "body", "fullitem", "description", "summary"];
    let media = || item.find("description").filter(|d| d.name == "media:description");
    let mut longest = Flow::default();
    for element in names.iter().filter_map(|n| item.child(n)).chain(media()) {
        let flow = flow_of(element)?;
        if flow.text.len() > longest.text.len() {
            longest = flow;
        }
    }
    if longest.text.len() as u64 > LARGEST_ARTICLE {
        return Err(format!("its text is larger than {} MB", LARGEST_ARTICLE >> 20));
    }
    Ok(longest)
}

fn flow_of(element: &Element) -> Result<Flow, String> {
    let kind = element.attribute("type").unwrap_or("html").to_ascii_lowercase();
    let binary = kind.contains('/') && !kind.starts_with("text/") && !kind.ends_with("xml");
    if element.attribute("src").is_some() || binary {
        return Ok(Flow::default());
    }
    if element.elements().next().is_some() {
        return Ok(Flow::of(element));
    }
    let text = element.text();
    if kind.starts_with("text") && !kind.ends_with("html") {
        return Ok(html::lines(&text));
    }
    html::fragment(&text)
}

fn address(item: &Element, channel: &Channel) -> Option<String> {
    let of_atom = item.all("link").filter(|l| l.attribute("rel").is_none_or(|r| r == "alternate"));
    let of_atom = of_atom.filter_map(|l| l.attribute("href")).map(str::to_string).next();
    let original = || item.elements().find(|e| e.name == "feedburner:origLink").and_then(Element::line);
    let of_rss = || item.all("link").find_map(Element::line);
    let permanent = || {
        let guid = item.child("guid").filter(|g| g.attribute("isPermaLink") != Some("false"));
        guid.and_then(Element::line).filter(|g| g.contains("://"))
    };
    let about = || item.attribute("rdf:about").map(str::to_string);
    let found = original().or(of_atom).or_else(of_rss).or_else(permanent).or_else(about)?;
    absolute(&found, item.attribute("xml:base").or(channel.base.as_deref()))
}

/// An address on the web; one that is relative is joined to what it starts from.
fn absolute(address: &str, base: Option<&str>) -> Option<String> {
    let address = address.trim();
    if address.contains("://") {
        return Some(address.to_string());
    }
    let base = base?;
    let (scheme, rest) = base.split_once("://")?;
    if let Some(other) = address.strip_prefix("//") {
        return Some(format!("{scheme}://{other}"));
    }
    let host = rest.split('/').next().unwrap_or(rest);
    if address.starts_with('/') {
        return Some(format!("{scheme}://{host}{address}"));
    }
    let directory = rest.rsplit_once('/').map_or(rest, |(directory, _)| directory);
    (!address.is_empty()).then(|| format!("{scheme}://{directory}/{address}"))
}

/// The day of publication; Atom's day of the last change stands in where a feed has no other, with less trust.
/// The day of publication; never that of a change, which is all that some feeds tell.
fn day(item: &Element, job: &Job) -> Option<Published> {
    let names = [
        "pubDate",
        "published",
        "dc:date",
        "issued",
        "dcterms:issued",
        "dcterms:created",
        "created",
        "pubdate",
    ];
    let mut lines = names.iter().filter_map(|n| item.child(n)).filter_map(Element::line);
    let date = lines.find_map(|line| published::from_field(&line, job.hints()))?;
    Some(Published { date, method: Method::Record, confidence: 1.0 })
}

fn people(item: &Element) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for element in item.elements() {
        let text = match element.name.as_str() {
            "author" => element.child("name").unwrap_or(element).line(),
            "dc:creator" => element.line(),
            _ => None,
        };
        let Some(name) = text.as_deref().map(html::plain).and_then(|t| authors::of_field(&t)) else {
            continue;
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Categories that are words and no addresses.
fn sections(item: &Element) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for element in item.elements().filter(|e| matches!(e.name.as_str(), "category" | "dc:subject")) {
        let label = element.attribute("label").or(element.attribute("term")).map(str::to_string);
        let Some(text) = label.or_else(|| element.line()).map(|t| html::plain(&t)) else { continue };
        if !text.contains("://") && !text.is_empty() && text.len() <= 100 && !out.contains(&text) {
            out.push(text);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_addresses_start_from_the_channel() {
        let base = Some("https://wire.example/world/feed.xml");
        let joined = |a: &str| absolute(a, base);
        assert_eq!(joined("https://e.org/a").as_deref(), Some("https://e.org/a"));
        assert_eq!(joined("/a").as_deref(), Some("https://wire.example/a"));
        assert_eq!(joined("a").as_deref(), Some("https://wire.example/world/a"));
        assert_eq!(joined("//cdn.example/a").as_deref(), Some("https://cdn.example/a"));
        assert_eq!(absolute("a", None), None);
    }
}
