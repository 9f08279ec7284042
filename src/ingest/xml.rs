//! XML as it streams: elements one after the other, each as a small tree within limits on size, depth and number.
//!
//! Entities that a document declares are neither expanded nor fetched.

use std::io::BufRead;

use quick_xml::events::BytesStart;
use quick_xml::events::Event;

use super::LARGEST_ARTICLE;
use super::decode::Utf8;
use super::format;
use super::reader::Job;
use super::reader::Reader;
use super::reader::Sink;
use super::unpack::Budget;
use super::unpack::Budgeted;
use super::unpack::budgeted;

/// Elements in elements that are still read.
const DEEPEST: usize = 200;

/// Elements of one record that are still read.
const MOST_ELEMENTS: usize = 100_000;

/// XML of a kind that holds no articles.
pub(super) struct Unknown;

impl Reader for Unknown {
    fn read(&self, mut bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
        let root = bytes.fill_buf().ok().and_then(format::root_name);
        let reason = match root {
            Some(root) => format!("XML of a kind that holds no articles: its outermost element is <{root}>"),
            None => "no XML in it".into(),
        };
        sink(Err(job.fault(None, reason)));
    }
}

/// An element and all in it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Element {
    /// As written, without the prefix of the document's outermost element: `title`, `dc:date`.
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub nodes: Vec<Node>,
}

/// What an element holds.
#[derive(Debug, PartialEq)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// The name without a prefix.
    pub fn local(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or(&self.name)
    }

    /// An attribute by its name, with or without a prefix.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let same = |key: &str| key == name || key.rsplit(':').next() == Some(name);
        self.attributes
            .iter()
            .find(|(key, _)| same(key))
            .map(|(_, value)| value.trim())
            .filter(|v| !v.is_empty())
    }

    /// Its elements.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Its elements of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |e| e.name == name)
    }

    /// Its first element of a name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.elements().find(|e| e.name == name)
    }

    /// The first element of a name without its prefix, along a path.
    pub fn at(&self, path: &[&str]) -> Option<&Element> {
        path.iter().try_fold(self, |element, name| element.elements().find(|e| e.local() == *name))
    }

    /// The first element below of a name without its prefix.
    pub fn find(&self, local: &str) -> Option<&Element> {
        self.elements().find_map(|e| if e.local() == local { Some(e) } else { e.find(local) })
    }

    /// All text below, as written.
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.gather(&mut out);
        out
    }

    fn gather(&self, out: &mut String) {
        for node in &self.nodes {
            match node {
                Node::Text(text) => out.push_str(text),
                Node::Element(element) => element.gather(out),
            }
        }
    }

    /// All text below on one line; none if there is only white space.
    pub fn line(&self) -> Option<String> {
        Some(super::one_line(&self.text())).filter(|line| !line.is_empty())
    }
}

/// A document that is read as it streams.
pub(super) struct Document<'a> {
    reader: quick_xml::Reader<Budgeted<Utf8<Box<dyn BufRead + 'a>>>>,
    budget: Budget,
    buffer: Vec<u8>,
    /// The prefix of the outermost element.
    prefix: Option<String>,
    /// The element that has just begun is empty.
    empty: bool,
    /// The outermost element has been seen.
    begun: bool,
}

impl<'a> Document<'a> {
    pub fn new(bytes: Box<dyn BufRead + 'a>) -> std::io::Result<Document<'a>> {
        let (bytes, budget) =
            budgeted(Utf8::new(bytes)?, LARGEST_ARTICLE * 2, "an element of more than 20 MB: not read");
        let mut reader = quick_xml::Reader::from_reader(bytes);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Ok(Document { reader, budget, buffer: Vec::new(), prefix: None, empty: false, begun: false })
    }

    /// Goes on to where the next element begins; none at the end of the document. Text between is passed over.
    pub fn next(&mut self) -> Result<Option<Element>, String> {
        self.budget.renew();
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer).map_err(|e| told(&e))?;
            self.empty = matches!(event, Event::Empty(_));
            match event {
                Event::Start(start) | Event::Empty(start) => {
                    let element = element(&start, &mut self.prefix, !self.begun);
                    self.begun = true;
                    return Ok(Some(element));
                }
                Event::Eof => return Ok(None),
                _ => {}
            }
        }
    }

    /// Reads all of the element that has just begun.
    pub fn rest_of(&mut self, begun: Element) -> Result<Element, String> {
        if self.empty {
            return Ok(begun);
        }
        let name = begun.name.clone();
        let mut stack = vec![begun];
        let mut elements = 1;
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer).map_err(|e| told(&e))?;
            let Some(top) = stack.last_mut() else { return Err("no element".into()) };
            match event {
                Event::Start(start) => {
                    elements += 1;
                    if stack.len() >= DEEPEST || elements > MOST_ELEMENTS {
                        return Err(format!(
                            "<{name}> holds too many elements, or too deep in each other: not read"
                        ));
                    }
                    stack.push(element(&start, &mut self.prefix, false));
                }
                Event::Empty(start) => {
                    elements += 1;
                    top.nodes.push(Node::Element(element(&start, &mut self.prefix, false)));
                }
                Event::Text(text) => push(top, &text.xml10_content()),
                Event::CData(text) => push(top, &text.xml10_content()),
                Event::GeneralRef(reference) => push(top, &resolved(&reference)),
                Event::End(end) => {
                    let ended = without(end.name().as_ref(), self.prefix.as_deref());
                    if let Some(whole) = close(&mut stack, &ended) {
                        return Ok(whole);
                    }
                }
                Event::Eof => return Err(format!("ends in the middle of <{name}>")),
                _ => {}
            }
        }
    }
}

/// Closes the element of that name and those in it that were never closed; an end without a start is passed over.
/// Returns the outermost element when it is closed.
fn close(stack: &mut Vec<Element>, ended: &str) -> Option<Element> {
    let at = stack.iter().rposition(|e| e.name == ended)?;
    while stack.len() > at.max(1) {
        let done = stack.pop()?;
        stack.last_mut()?.nodes.push(Node::Element(done));
    }
    if at == 0 { stack.pop() } else { None }
}

fn push(element: &mut Element, text: &str) {
    match element.nodes.last_mut() {
        Some(Node::Text(before)) => before.push_str(text),
        _ => element.nodes.push(Node::Text(text.to_string())),
    }
}

/// The character of a reference; a name that the document declares itself stays as it is written.
fn resolved(reference: &quick_xml::events::BytesRef) -> String {
    let name: &str = reference;
    match reference.resolve_char_ref() {
        Ok(Some(c)) => c.to_string(),
        _ => match quick_xml::escape::resolve_predefined_entity(name) {
            Some(text) => text.to_string(),
            None => format!("&{name};"),
        },
    }
}

fn element(start: &BytesStart, prefix: &mut Option<String>, outermost: bool) -> Element {
    let name: String = start.name().as_ref().to_string();
    if outermost && prefix.is_none() {
        *prefix = name.split_once(':').map(|(p, _)| p.to_string());
    }
    let mut attributes = start.attributes();
    let attributes = attributes.with_checks(false).flatten().map(|a| {
        let raw: &str = &a.value;
        let value = quick_xml::escape::unescape(raw).map_or_else(|_| raw.to_string(), |v| v.into_owned());
        (a.key.as_ref().to_string(), value)
    });
    Element { name: without(&name, prefix.as_deref()), attributes: attributes.collect(), nodes: Vec::new() }
}

/// A name without the prefix of the outermost element, which is the one that goes without saying.
fn without(name: &str, prefix: Option<&str>) -> String {
    // RDF wraps RSS 1.0, whose own names have no prefix.
    let own = prefix.filter(|p| *p != "rdf").and_then(|p| name.strip_prefix(p)?.strip_prefix(':'));
    own.unwrap_or(name).to_string()
}

fn told(error: &quick_xml::Error) -> String {
    match error {
        quick_xml::Error::Io(e) => super::describe(e),
        other => format!("not well-formed XML: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Result<Element, String> {
        let mut document = Document::new(Box::new(text.as_bytes())).map_err(|e| e.to_string())?;
        match document.next()? {
            Some(element) => document.rest_of(element),
            None => Err("no element".into()),
        }
    }

    #[test]
    fn declared_entities_are_not_expanded() {
        let laughs = "<!DOCTYPE a [<!ENTITY b \"xxxxxxxx\"><!ENTITY c \"&b;&b;&b;\"><!ENTITY d SYSTEM \"file:///etc/passwd\">]>\
            <a>&c; &d; &amp; &eacute; &#65; & more</a>";
        assert_eq!(whole(laughs).map(|e| e.text()).as_deref(), Ok("&c; &d; & é A & more"));
    }

    #[test]
    fn elements_that_are_never_closed_end_with_the_one_around_them() {
        let read = whole("<a><b>one<c>two</b>three</nothing></a>").expect("an element");
        assert_eq!(read.text(), "onetwothree");
        assert_eq!(read.at(&["b", "c"]).map(Element::text).as_deref(), Some("two"));
        assert_eq!(whole("<a><b>one"), Err("ends in the middle of <a>".into()));
    }

    #[test]
    fn depth_and_size_are_bounded() {
        assert!(whole(&"<a>".repeat(100_000)).is_err());
        assert!(whole(&format!("<a {}/>", "x".repeat(30 << 20))).is_err());
        assert!(whole(&format!("<a>{}</a>", "<b/>".repeat(200_000))).is_ok(), "flat");
    }

    #[test]
    fn the_outermost_prefix_goes_without_saying() {
        let read =
            whole("<x:feed xmlns:x='u'><x:title x:lang='en'>T</x:title></x:feed>").expect("an element");
        assert_eq!(
            (read.name.as_str(), read.child("title").and_then(|t| t.attribute("lang"))),
            ("feed", Some("en"))
        );
    }
}
