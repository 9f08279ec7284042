//! What a web page says of itself: one pass over its nodes gathers metadata, headings and whatever looks like a stamp.

use dom_query::Document;
use dom_query::Element;
use dom_query::NodeData;
use dom_query::NodeId;
use dom_query::NodeRef;

use super::stamp;
use super::stamp::Label;
use super::stamp::Order;
use crate::calendar::PartialDate;

/// Nodes of a page that are still looked at.
const MOST_NODES: usize = 200_000;

/// Longest text, in bytes, that may be a stamp.
const LONGEST_STAMP: usize = 160;

/// Longest text, in bytes, that may announce a date: "First published on".
const LONGEST_LABEL: usize = 60;

/// Nodes that are looked at to see whether a part of the page is the article.
const MOST_LOOKED_AHEAD: usize = 600;

/// Stamps of a page that are kept.
const MOST_SIGHTINGS: usize = 400;

/// What one pass over a page finds.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Names (lower case) and values of `meta` elements.
    pub(super) metas: Vec<(String, String)>,
    /// Linked data as written.
    pub(super) linked: Vec<String>,
    /// Other data that scripts carry.
    pub(super) state: Vec<String>,
    /// The `title` element.
    pub(super) title: Option<String>,
    /// Headings and where they stand.
    pub(super) headings: Vec<Heading>,
    /// The address that the page gives itself.
    pub(super) canonical: Option<String>,
    /// The language tag of the page.
    pub(super) language: Option<String>,
    /// Days of changes.
    pub(super) changed: Vec<PartialDate>,
    /// Texts below pictures.
    pub(super) captions: Vec<String>,
    /// Whatever looks like a stamp.
    pub(super) sightings: Vec<Sighting>,
    /// Short texts that count from the day on which the page was fetched: "5 hours ago".
    pub(super) relative: Vec<String>,
}

/// A heading of a page.
#[derive(Debug)]
pub(super) struct Heading {
    /// 1 to 3.
    pub(super) level: u8,
    pub(super) text: String,
    /// Bytes of visible text before it and up to its end.
    pub(super) span: (usize, usize),
}

/// Why something is taken for the stamp of an article, least telling first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    /// A short text with a date.
    Plain,
    /// An element called byline, meta or author.
    Byline,
    /// An element called a date.
    Date,
    /// A `time` element.
    Time,
    /// The text says "published".
    Label,
    /// An element called published.
    Published,
    /// `itemprop=datePublished` or `time[pubdate]`.
    Declared,
}

/// A stamp that stands in a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sighting {
    pub(super) date: PartialDate,
    pub(super) claim: Claim,
    /// Bytes of visible text before it.
    pub(super) at: usize,
    /// Among links to other articles, in a side column or a footer.
    pub(super) aside: bool,
}

impl Page {
    /// Reads a page.
    pub(super) fn of(document: &Document) -> Page {
        let mut walk = Walk::default();
        let root = document.root();
        let mut next = Some(root);
        for _ in 0..MOST_NODES {
            let Some(node) = next else { break };
            if walk.aside_until == Some(node.id) {
                walk.aside_until = None;
            }
            let child = if walk.visit(&node) { node.first_child() } else { None };
            next = child.or_else(|| following(node));
        }
        walk.page
    }

    /// The first value of a `meta` element of that name.
    pub(super) fn meta(&self, name: &str) -> Option<&str> {
        self.metas.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }

    /// How the page writes days in figures.
    pub(super) fn order(&self) -> Order {
        let locale = self.meta("og:locale").filter(|l| l.contains(['_', '-']));
        let tag = self.language.as_deref().filter(|l| l.len() != 2 || !l.eq_ignore_ascii_case("en"));
        tag.or(locale).map_or(Order::Unknown, Order::of_language)
    }
}

/// The node after all that a node holds.
fn following(node: NodeRef<'_>) -> Option<NodeRef<'_>> {
    let mut node = node;
    loop {
        if let Some(sibling) = node.next_sibling() {
            return Some(sibling);
        }
        node = node.parent()?;
    }
}

/// The state of a pass.
#[derive(Default)]
struct Walk {
    page: Page,
    /// Bytes of visible text so far.
    at: usize,
    /// The first node behind a part of the page that is not the article's.
    aside_until: Option<NodeId>,
    in_body: bool,
    /// The text before, if it is short: it may announce a date.
    previous: String,
    /// How the page writes days in figures.
    order: Order,
}

/// What an element's class and id call it.
#[derive(Clone, Copy, Debug, Default)]
struct Called {
    claim: Option<Claim>,
    updated: bool,
    /// Comments: their stamps are never the article's.
    comments: bool,
    aside: bool,
    footer: bool,
    /// The article itself, or a part of it.
    own: bool,
}

impl Called {
    fn of(element: &Element) -> Called {
        let mut called = Called::default();
        for attribute in &element.attrs {
            if matches!(&*attribute.name.local, "class" | "id" | "data-testid") {
                for word in attribute.value.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| w.len() > 2)
                {
                    called.hear(word);
                }
            }
        }
        called
    }

    fn hear(&mut self, word: &str) {
        let mut buffer = [0; 20];
        let Some(lower) = buffer.get_mut(..word.len()) else { return };
        lower.copy_from_slice(word.as_bytes());
        lower.make_ascii_lowercase();
        let claim = match std::str::from_utf8(lower).unwrap_or("") {
            "published" | "publication" | "pubdate" | "posted" | "created" | "submitted" | "publishdate"
            | "publisheddate" | "publicationdate" | "postdate" | "dateline" => Some(Claim::Published),
            "datum" | "fecha" | "datetime" | "time" | "timestamp" | "data" => Some(Claim::Date),
            "byline" | "meta" | "author" | "autor" | "authored" | "info" | "infoline" | "credit"
            | "kicker" | "caption" => Some(Claim::Byline),
            "updated" | "modified" | "lastmod" | "update" | "updatedate" | "modifieddate" => {
                self.updated = true;
                None
            }
            "comments" | "comment" | "kommentare" | "kommentar" | "commentlist" | "disqus" | "leserbrief"
            | "respond" => {
                self.comments = true;
                None
            }
            "related" | "teaser" | "teasers" | "sidebar" | "widget" | "menu" | "nav" | "navbar"
            | "recommended" | "recommendations" | "popular" | "recent" | "latest" | "breaking" | "ticker"
            | "promo" | "archive" | "calendar" | "copyright" | "carousel" | "slider" => {
                self.aside = true;
                None
            }
            "footer" => {
                self.footer = true;
                None
            }
            "post" | "entry" | "article" | "asset" | "blog" | "story" => {
                self.own = true;
                None
            }
            word if word.ends_with("date") && !matches!(word, "candidate" | "mandate" | "validate") => {
                Some(Claim::Date)
            }
            _ => None,
        };
        self.claim = self.claim.max(claim);
    }
}

impl Walk {
    /// Takes a node in; says whether to look into it.
    fn visit(&mut self, node: &NodeRef) -> bool {
        let Some(element) = node.element_ref() else {
            self.text(node);
            return true;
        };
        let name = &*element.name.local;
        match name {
            "meta" => self.meta(&element),
            "link" => self.link(&element),
            "html" => self.page.language = attribute(&element, "lang").map(str::to_string),
            "body" => {
                self.in_body = true;
                self.order = self.page.order();
            }
            "title" if self.page.title.is_none() && !self.in_body => self.page.title = some_text(node, 600),
            "script" => self.script(node, &element),
            "h1" | "h2" | "h3" => self.heading(node, name),
            "figcaption" if self.page.captions.len() < 200 => {
                self.page.captions.extend(some_text(node, 1000))
            }
            _ => {}
        }
        let opaque = matches!(
            name,
            "script" | "style" | "noscript" | "template" | "svg" | "iframe" | "select" | "title" | "textarea"
        );
        if opaque {
            return false;
        }
        let called = Called::of(&element);
        let framing = matches!(name, "html" | "body" | "main" | "article");
        if called.comments && !framing && called.claim.is_none_or(|c| c < Claim::Date) {
            // Comments may hold anything; only their length counts.
            return false;
        }
        let footer = (name == "footer" || called.footer) && !called.own;
        let aside = matches!(name, "aside" | "nav") || footer || called.aside && called.claim.is_none();
        if aside && !framing && self.aside_until.is_none() && !self.holds_title(node) {
            self.aside_until = following(*node).map(|n| n.id);
        }
        self.element(node, &element, called);
        true
    }

    fn meta(&mut self, element: &Element) {
        let name = ["property", "name", "itemprop", "http-equiv"].iter().find_map(|a| attribute(element, a));
        let value = attribute(element, "content").map(str::trim).filter(|v| !v.is_empty());
        if let (Some(name), Some(value)) = (name, value) {
            self.page.metas.push((name.to_ascii_lowercase(), value.to_string()));
        }
    }

    fn link(&mut self, element: &Element) {
        let canonical = attribute(element, "rel").is_some_and(|r| r.eq_ignore_ascii_case("canonical"));
        if canonical && self.page.canonical.is_none() {
            self.page.canonical = attribute(element, "href").filter(|h| !h.is_empty()).map(str::to_string);
        }
    }

    fn script(&mut self, node: &NodeRef, element: &Element) {
        let kind = attribute(element, "type").unwrap_or("");
        if kind.contains("ld+json") {
            self.page.linked.push(node.text().to_string());
        } else if kind.contains("json") && self.page.state.len() < 20 {
            self.page.state.push(node.text().to_string());
        }
    }

    fn heading(&mut self, node: &NodeRef, name: &str) {
        let level = name.as_bytes()[1] - b'0';
        if let Some(text) = some_text(node, 400).filter(|_| self.page.headings.len() < 200) {
            let span = (self.at, self.at + text.len());
            self.page.headings.push(Heading { level, text, span });
        }
    }

    /// Reads an element that is called a date.
    fn element(&mut self, node: &NodeRef, element: &Element, called: Called) {
        let property = attribute(element, "itemprop").unwrap_or("");
        let time = &*element.name.local == "time";
        let declared = property.contains("datePublished") || time && attribute(element, "pubdate").is_some();
        let changed = property.contains("dateModified") || called.updated && called.claim < Some(Claim::Date);
        if changed {
            // Its text says nothing of publication either.
            self.previous = "updated".into();
            let text = some_text(node, LONGEST_STAMP);
            self.page.changed.extend(text.and_then(|t| stamp::find(&t, self.order)).map(|s| s.date));
        }
        let claim = if declared {
            Claim::Declared
        } else if time {
            called.claim.map_or(Claim::Time, |c| c.max(Claim::Time))
        } else {
            match called.claim {
                Some(claim) => claim,
                None => return,
            }
        };
        if changed || self.page.sightings.len() >= MOST_SIGHTINGS {
            return;
        }
        let order = self.order;
        let text = some_text(node, LONGEST_STAMP);
        let printed = text.as_deref().and_then(|t| stamp::find(t, order));
        // "Updated ..." as its text outweighs what the element is called.
        let refused = printed.is_none() && text.as_deref().is_some_and(says_updated);
        let value = || {
            let names: &[&str] =
                if declared || time { &["datetime", "content", "title"] } else { &["datetime", "title"] };
            names.iter().find_map(|n| stamp::find(attribute(element, n)?, order))
        };
        let Some(found) = printed.or_else(|| value().filter(|_| !refused)) else { return };
        // What holds a headline is more than a stamp: the day may be the headline's.
        if !time && nodes_within(*node).take(40).any(|n| is_heading(&n)) {
            return;
        }
        let claim = if found.labelled { claim.max(Claim::Label) } else { claim };
        self.sight(found.date, claim);
    }

    /// A part of the page called "widget" or "archive" may still hold the whole article.
    fn holds_title(&self, node: &NodeRef) -> bool {
        let title = self.page.title.as_deref().unwrap_or("").to_lowercase();
        let headings = nodes_within(*node).take(MOST_LOOKED_AHEAD).filter(is_heading).take(8);
        headings
            .filter_map(|n| some_text(&n, 400))
            .any(|text| text.len() > 8 && title.contains(&text.to_lowercase()))
    }

    /// Counts visible text, and reads it if it is short and holds a date.
    fn text(&mut self, node: &NodeRef) {
        let mut own = String::new();
        let relative = |text: &str| {
            let end = text.trim_end_matches('.');
            ["ago", "Ago", "esterday", "ust now"].iter().any(|w| end.ends_with(w))
        };
        let (length, found) = node.query_or((0, None), |n| match &n.data {
            NodeData::Text { contents } if self.in_body => {
                let text = contents.trim();
                let short = (6..=LONGEST_STAMP).contains(&text.len());
                if text.len() <= LONGEST_LABEL {
                    own.push_str(text);
                }
                (text.len(), if short { stamp::find(text, self.order) } else { None })
            }
            _ => (0, None),
        });
        if let Some(found) = found
            && self.page.sightings.len() < MOST_SIGHTINGS
        {
            let alone = || {
                node.parent()
                    .and_then(|p| some_text(&p, LONGEST_STAMP))
                    .is_some_and(|t| t.len() < LONGEST_STAMP)
            };
            if self.in_heading() && stamp::announces(&self.previous) != Some(Label::Published) {
                // The day of an event in a headline.
            } else if found.labelled && found.others <= 6 {
                self.sight(found.date, Claim::Label);
            } else if found.others <= 5 && alone() {
                self.sight(found.date, Claim::Plain);
            }
        }
        self.at += length;
        if length > 0 {
            let changed = stamp::announces(&self.previous) == Some(Label::Updated);
            if relative(&own) && !changed && self.aside_until.is_none() && self.page.relative.len() < 20 {
                self.page.relative.push(own.clone());
            }
            self.previous = own;
        }
    }

    fn in_heading(&self) -> bool {
        self.page.headings.last().is_some_and(|h| (h.span.0..h.span.1).contains(&self.at))
    }

    fn sight(&mut self, date: PartialDate, claim: Claim) {
        let claim = match stamp::announces(&self.previous) {
            Some(Label::Updated) => return,
            Some(Label::Published) => claim.max(Claim::Label),
            None => claim,
        };
        self.page.sightings.push(Sighting { date, claim, at: self.at, aside: self.aside_until.is_some() });
    }
}

/// Tells whether a text speaks of a change only.
fn says_updated(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["updated", "modified", "aktualisiert", "mis à jour", "actualizado", "aggiornato", "bijgewerkt"]
        .iter()
        .any(|w| lower.contains(w))
}

fn is_heading(node: &NodeRef) -> bool {
    node.element_ref().is_some_and(|e| matches!(&*e.name.local, "h1" | "h2" | "h3"))
}

fn attribute<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    element.attrs.iter().find(|a| &*a.name.local == name).map(|a| &*a.value)
}

/// The text below a node with single spaces, up to some bytes; none if there is only white space.
fn some_text(node: &NodeRef, most: usize) -> Option<String> {
    let mut out = String::new();
    for node in nodes_within(*node).take(60) {
        node.query(|n| {
            if let NodeData::Text { contents } = &n.data {
                for word in contents.split_whitespace() {
                    if !out.is_empty() {
                        out.push(' ');
                    }
                    out.push_str(word);
                    if out.len() >= most {
                        break;
                    }
                }
            }
        });
        if out.len() >= most {
            break;
        }
    }
    (!out.is_empty()).then_some(out)
}

/// A node and all below it in document order, without recursion.
fn nodes_within(top: NodeRef<'_>) -> impl Iterator<Item = NodeRef<'_>> {
    let mut next = Some(top);
    std::iter::from_fn(move || {
        let node = next?;
        next = node.first_child().or_else(|| {
            let mut node = node;
            while node.id != top.id {
                if let Some(sibling) = node.next_sibling() {
                    return Some(sibling);
                }
                node = node.parent()?;
            }
            None
        });
        Some(node)
    })
}
