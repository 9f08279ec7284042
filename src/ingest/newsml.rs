//! What agencies send: NewsML-G2 items, alone or many in a message, and NITF articles.

use std::io::BufRead;

use super::authors;
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
use super::reader::Skip;
use super::xml::Document;
use super::xml::Element;
use crate::article::Article;
use crate::article::Method;
use crate::article::Published;

/// NewsML-G2 and NITF.
pub(super) struct Newsml;

/// Items of NewsML-G2 that hold no article, and what they are.
const OTHER_ITEMS: [(&str, &str); 6] = [
    ("packageItem", "package of other items"),
    ("conceptItem", "concept item"),
    ("knowledgeItem", "knowledge item"),
    ("catalogItem", "catalog item"),
    ("planningItem", "planning item"),
    ("catalog", "catalog"),
];

impl Reader for Newsml {
    fn read(&self, bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
        let mut document = match Document::new(bytes) {
            Ok(document) => document,
            Err(e) => return sink(Err(job.fault(None, super::describe(&e)))),
        };
        let mut seen = 0;
        loop {
            let begun = match document.next() {
                Ok(Some(begun)) => begun,
                Ok(None) => break,
                Err(reason) => return sink(Err(job.fault(None, reason))),
            };
            let name = begun.local().to_string();
            let other = OTHER_ITEMS.iter().find(|(item, _)| *item == name).map(|(_, told)| *told);
            if !matches!(name.as_str(), "newsItem" | "nitf") && other.is_none() {
                continue;
            }
            seen += 1;
            let element = match document.rest_of(begun) {
                Ok(element) => element,
                Err(reason) => return sink(Err(job.fault(Some(seen), reason))),
            };
            if let Some(told) = other {
                sink(Err(job.left_out(Some(seen), told)));
                continue;
            }
            let read = if name == "nitf" { nitf(&element, job, seen) } else { item(&element, job, seen) };
            sink(read);
        }
        if seen == 0 {
            sink(Err(job.fault(None, "a piece of NewsML without an item")));
        }
    }
}

/// Reads a news item.
fn item(item: &Element, job: &Job, record: u32) -> Result<Article, Skip> {
    let class = item.at(&["itemMeta", "itemClass"]).and_then(|c| c.attribute("qcode").or(c.attribute("uri")));
    let class = class.unwrap_or("").rsplit([':', '/']).next().unwrap_or("");
    let status = item.at(&["itemMeta", "pubStatus"]).and_then(|s| s.attribute("qcode")).unwrap_or("");
    if status.ends_with("canceled") || status.ends_with("withheld") {
        return Err(job.left_out(Some(record), "cancelled item"));
    }
    let Some(flow) = content(item) else {
        let reason = match class {
            "picture" | "video" | "audio" | "graphic" | "animation" => format!("{class} item"),
            _ => "item without text".to_string(),
        };
        return Err(job.left_out(Some(record), reason));
    };
    let meta = item.at(&["contentMeta"]);
    let headline = meta.and_then(|m| m.at(&["headline"])).and_then(Element::line);
    let inner = item.find("nitf");
    let title = headline.or_else(|| inner.and_then(nitf_title)).unwrap_or_default();
    let language = meta.and_then(|m| m.at(&["language"])?.attribute("tag")).or(item.attribute("xml:lang"));
    Ok(Article {
        id: match item.attribute("guid") {
            Some(guid) => id_of_key(&[guid]),
            None => id_of(job.origin, Some(record)),
        },
        title,
        published: day(item, job),
        url: None,
        source: publisher(item),
        authors: people(item),
        sections: meta.map(sections).unwrap_or_default(),
        language: language.and_then(language_code).or_else(|| language::of_text(&flow.text)),
        path: job.origin.path.to_string(),
        record: Some(record),
        blocks: flow.blocks,
        text: flow.text,
    })
}

/// The text of an item: NITF or a page in it, else the longest of its plain texts.
fn content(item: &Element) -> Option<Flow> {
    let set = item.at(&["contentSet"])?;
    let marked = set.elements().filter(|e| e.local() == "inlineXML").find_map(|inline| {
        let nitf = inline.find("nitf").and_then(nitf_flow);
        nitf.or_else(|| inline.find("body").map(Flow::of)).filter(|f| !f.text.is_empty())
    });
    marked.or_else(|| {
        let plain = set.elements().filter(|e| e.local() == "inlineData");
        let readable = plain.filter(|e| e.attribute("contenttype").is_none_or(|t| t.starts_with("text/")));
        let longest =
            readable.filter(|e| e.attribute("encoding").is_none()).max_by_key(|e| e.text().len())?;
        let text = longest.text();
        let page = longest.attribute("contenttype").is_some_and(|t| t.contains("html"));
        let flow = if page { html::fragment(&text).ok()? } else { html::lines(&text) };
        Some(flow).filter(|f| !f.text.is_empty())
    })
}

/// The day of the first version; that of the version at hand where an item says no more.
fn day(item: &Element, job: &Job) -> Option<Published> {
    let paths: [&[&str]; 3] =
        [&["itemMeta", "firstCreated"], &["contentMeta", "contentCreated"], &["itemMeta", "versionCreated"]];
    let line = paths.iter().find_map(|path| item.at(path).and_then(Element::line))?;
    let date = published::from_field(&line, job.hints())?;
    Some(Published { date, method: Method::Record, confidence: 1.0 })
}

/// Who sends the item: a name, else the last part of a code.
fn publisher(item: &Element) -> Option<String> {
    let provider = item.at(&["itemMeta", "provider"]);
    let holder = item.at(&["rightsInfo", "copyrightHolder"]);
    let origin = item.at(&["contentMeta", "infoSource"]);
    let named = [provider, holder, origin]
        .into_iter()
        .flatten()
        .find_map(|e| e.at(&["name"]).and_then(Element::line));
    let coded = || {
        let code = provider?.attribute("literal").or(provider?.attribute("qcode"))?;
        code.rsplit(':').next().map(str::to_string)
    };
    named.or_else(coded)
}

fn people(item: &Element) -> Vec<String> {
    let Some(meta) = item.at(&["contentMeta"]) else { return Vec::new() };
    let by: Vec<String> = meta
        .elements()
        .filter(|e| e.local() == "by")
        .filter_map(Element::line)
        .flat_map(|line| authors::of_byline(&line))
        .collect();
    if !by.is_empty() {
        return by;
    }
    // "gehrke.ann" is how a system calls a person; a name that looks like one is taken.
    let creators = meta.elements().filter(|e| e.local() == "creator");
    creators.filter_map(|c| c.at(&["name"])?.line()).flat_map(|n| authors::of_byline(&n)).collect()
}

/// The desk, if it is given; else the topics of the press's own code list.
fn sections(meta: &Element) -> Vec<String> {
    let subjects = || meta.elements().filter(|e| e.local() == "subject");
    // Beside the name stands its abbreviation.
    let name = |e: &Element| {
        let names = e.elements().filter(|n| n.local() == "name").filter_map(Element::line);
        names.max_by_key(String::len)
    };
    let desks: Vec<String> = subjects()
        .filter(|s| s.attribute("type").is_some_and(|t| t.ends_with(":category")))
        .filter_map(name)
        .collect();
    if !desks.is_empty() {
        return desks;
    }
    let coded = |e: &&Element| {
        let code = e.attribute("qcode").unwrap_or("");
        code.starts_with("medtop:") || code.starts_with("subj:")
    };
    subjects().filter(coded).filter_map(name).take(8).collect()
}

/// Reads an article that is NITF by itself.
fn nitf(nitf: &Element, job: &Job, record: u32) -> Result<Article, Skip> {
    let Some(flow) = nitf_flow(nitf) else { return Err(job.left_out(Some(record), "item without text")) };
    let head = nitf.at(&["head"]);
    let body = nitf.at(&["body", "body.head"]);
    let norm = |path: &[&str], name: &str| head?.at(path)?.attribute(name).map(str::to_string);
    let dates = [
        norm(&["pubdata"], "date.publication"),
        norm(&["docdata", "date.issue"], "norm"),
        body.and_then(|b| b.at(&["dateline", "story.date"])?.attribute("norm").map(str::to_string)),
        norm(&["docdata", "date.release"], "norm"),
    ];
    let date = dates.into_iter().flatten().find_map(|d| published::from_field(&d, job.hints()));
    let key = norm(&["docdata", "doc-id"], "id-string");
    let source = norm(&["pubdata"], "name").or_else(|| {
        body.and_then(|b| {
            b.at(&["distributor", "org"]).or_else(|| b.at(&["distributor"])).and_then(Element::line)
        })
    });
    let byline = body.and_then(|b| b.at(&["byline"]));
    let person = byline.and_then(|b| b.find("person")).and_then(Element::line);
    let line = person.or_else(|| byline.map(own_line)).unwrap_or_default();
    Ok(Article {
        id: match &key {
            Some(key) => id_of_key(&[source.as_deref().unwrap_or(""), key]),
            None => id_of(job.origin, Some(record)),
        },
        title: nitf_title(nitf).unwrap_or_default(),
        published: date.map(|date| Published { date, method: Method::Record, confidence: 1.0 }),
        url: norm(&["pubdata"], "ex-ref").filter(|u| u.contains("://")),
        source,
        authors: authors::of_byline(&line),
        sections: norm(&["pubdata"], "position.section").into_iter().collect(),
        language: nitf
            .attribute("xml:lang")
            .and_then(language_code)
            .or_else(|| language::of_text(&flow.text)),
        path: job.origin.path.to_string(),
        record: Some(record),
        blocks: flow.blocks,
        text: flow.text,
    })
}

/// A byline without the title of its writer.
fn own_line(byline: &Element) -> String {
    let title = byline.find("byttl").map(Element::text).unwrap_or_default();
    super::one_line(&byline.text().replacen(&title, "", usize::from(!title.is_empty())))
}

fn nitf_title(nitf: &Element) -> Option<String> {
    let headline = nitf
        .at(&["body", "body.head", "hedline", "hl1"])
        .or_else(|| nitf.at(&["body", "body.head", "hedline"]));
    headline.and_then(Element::line).or_else(|| nitf.at(&["head", "title"])?.line())
}

fn nitf_flow(nitf: &Element) -> Option<Flow> {
    let body = nitf.at(&["body", "body.content"]).or_else(|| nitf.at(&["body"]))?;
    let flow = Flow::of(body);
    if !flow.text.is_empty() {
        return Some(flow);
    }
    let summary = Flow::of(nitf.at(&["body", "body.head", "abstract"])?);
    (!summary.text.is_empty()).then_some(summary)
}
