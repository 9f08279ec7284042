//! Web pages: the article's text and title by readability, the rest from the page's metadata.

use std::fmt;
use std::io::BufRead;

use dom_query::Document;
use dom_smoothie::Config;
use dom_smoothie::Readability;
use dom_smoothie::TextMode;
use serde_json::Value;

use super::LARGEST_ARTICLE;
use super::ago;
use super::authors;
use super::clean;
use super::decode;
use super::flow::Flow;
use super::id_of;
use super::language;
use super::language_code;
use super::layout;
use super::one_line;
use super::page::Heading;
use super::page::Page;
use super::page_date;
use super::published;
use super::reader::About;
use super::reader::Job;
use super::reader::Reader;
use super::reader::Sink;
use crate::article::Article;
use crate::article::BlockKind;
use crate::article::Published;
use crate::calendar::PartialDate;
use crate::schema::Cleaning;

/// Elements of a page that are still looked at.
const MOST_ELEMENTS: usize = 60_000;

/// Elements in elements that are still read: parsers take time that grows with the square of the depth.
const DEEPEST: usize = 512;

/// How deep the tags of a page nest, about: elements that need no end tag are taken to be closed at once.
fn depth(page: &str) -> usize {
    const UNCLOSED: [&str; 20] = [
        "br", "hr", "img", "input", "meta", "link", "li", "p", "td", "tr", "th", "option", "dt", "dd",
        "source", "area", "col", "wbr", "embed", "param",
    ];
    let (mut open, mut deepest) = (0usize, 0);
    for piece in page.split('<').skip(1) {
        if let Some(end) = piece.strip_prefix('/') {
            let name: String = end.chars().take_while(char::is_ascii_alphanumeric).collect();
            open = open.saturating_sub(usize::from(!UNCLOSED.contains(&name.to_ascii_lowercase().as_str())));
            continue;
        }
        let name: String = piece.chars().take_while(char::is_ascii_alphanumeric).collect();
        let closed = piece.split('>').next().is_some_and(|tag| tag.ends_with('/'));
        if !name.is_empty() && !closed && !UNCLOSED.contains(&name.to_ascii_lowercase().as_str()) {
            open += 1;
            deepest = deepest.max(open);
        }
    }
    deepest
}

/// Web pages.
pub(super) struct Html;

impl Reader for Html {
    fn read(&self, mut bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
        match decode::whole(&mut bytes, LARGEST_ARTICLE) {
            Ok(page) if page.trim().is_empty() => sink(Err(job.fault(None, "no text in it"))),
            Ok(page) => {
                let about = About { crawled: job.hints().crawled, ..About::default() };
                sink(read(&page, job, &about).map_err(|unread| job.fault(None, unread.to_string())));
            }
            Err(reason) => sink(Err(job.fault(None, reason))),
        }
    }
}

/// Why a page gave no article.
#[derive(Debug)]
pub(super) enum Unread {
    /// A page of links, pictures or scripts.
    NoText,
    /// It cannot be read as a page.
    Fault(String),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Unread::NoText => f.write_str("no article text found in the page"),
            Unread::Fault(reason) => f.write_str(reason),
        }
    }
}

/// The text of a piece of a page, its paragraphs as they are: nothing of it is taken for navigation.
pub(super) fn fragment(markup: &str) -> Result<Flow, String> {
    if !markup.contains(['<', '&']) {
        return Ok(lines(&unwrapped(markup)));
    }
    if depth(markup) > DEEPEST {
        return Err(format!("elements nested deeper than {DEEPEST}: not read"));
    }
    Ok(Flow::of_page(&Document::fragment(markup).root()))
}

/// A text whose lines are broken and indented as the file around it is: a line ends where a sentence does.
fn unwrapped(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines().map(str::trim) {
        let ended = out.ends_with(['.', '!', '?', '"', '”', '»', ':', '\n']) || line.is_empty();
        if !out.is_empty() {
            out.push(if ended { '\n' } else { ' ' });
        }
        out.push_str(&one_line(line));
    }
    out
}

/// Elements that stand in titles and names.
const IN_TITLES: &[&str] = &[
    "a", "abbr", "b", "big", "br", "cite", "code", "div", "em", "font", "h1", "h2", "h3", "i", "img", "p",
    "q", "s", "small", "span", "strong", "sub", "sup", "tt", "u", "wbr",
];

/// A text whose markup and references are taken off, on one line. "<" may also be meant as it stands.
pub(super) fn plain(text: &str) -> String {
    if !text.contains(['<', '&']) || depth(text) > DEEPEST {
        return one_line(text);
    }
    let tags = text.split('<').skip(1).any(|piece| {
        let name =
            piece.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        IN_TITLES.contains(&name.to_ascii_lowercase().as_str())
    });
    let markup = if tags { text.to_string() } else { text.replace('<', "&lt;") };
    one_line(&Document::fragment(markup).text())
}

/// The paragraphs of a text that is clean.
pub(super) fn lines(text: &str) -> Flow {
    let text = text.trim();
    Flow { blocks: layout::blocks(text), text: text.to_string() }
}

/// Reads one page.
pub(super) fn read(page: &str, job: &Job, about: &About) -> Result<Article, Unread> {
    let rules = job.cleaning();
    if depth(page) > DEEPEST {
        return Err(Unread::Fault(format!("elements nested deeper than {DEEPEST}: not read")));
    }
    let document = Document::from(page);
    let mut head = Head::of(&document, job, about);
    let config =
        Config { max_elements_to_parse: MOST_ELEMENTS, text_mode: TextMode::Formatted, ..Config::default() };
    let mut readability = Readability::with_document(document, None, Some(config))
        .map_err(|e| Unread::Fault(format!("not readable as a page: {e}")))?;
    let parsed = readability.parse();
    let (text, title) = match parsed {
        Ok(parsed) => (parsed.text_content.to_string(), parsed.title),
        Err(_) => (visible(page), String::new()),
    };
    let mut text = text.trim().to_string();
    if text.is_empty() {
        text = head.summary.take().unwrap_or_default();
    }
    if text.is_empty() {
        return Err(Unread::NoText);
    }
    let mut blocks = layout::blocks(&text);
    clean::mark(&text, &mut blocks, rules);
    clean::mark_captions(&text, &mut blocks, &head.captions);
    let title = head.title.clone().unwrap_or(title);
    let title = without_site(&title, head.site.as_deref(), rules);
    for block in blocks.iter_mut().take(3) {
        if block.span.of(&text).trim() == title && block.kind == BlockKind::Body {
            block.kind = BlockKind::Title;
        }
    }
    let published = head.published.or_else(|| {
        let first = blocks.iter().find(|b| b.kind == BlockKind::Body);
        // The text as read no longer tells a stamp from that of a change.
        let is_first = |p: &Published| !head.changed.contains(&p.date);
        published::from_header(blocks.iter().map(|b| b.span.of(&text)))
            .filter(is_first)
            .or_else(|| published::from_dateline(first?.span.of(&text)))
            // The name of a file of many says when they were gathered.
            .or_else(|| if about.record.is_none() { published::from_path(job.origin.path) } else { None })
            .or_else(|| published::from_signature(blocks.iter().map(|b| b.span.of(&text))).filter(is_first))
            .or(head.counted)
    });
    Ok(Article {
        id: id_of(job.origin, about.record),
        title,
        blocks,
        published,
        source: head.site.clone().or_else(|| head.url.as_deref().and_then(published::host)),
        authors: head.authors.clone(),
        sections: head.sections.clone(),
        language: head.language.clone().or_else(|| language::of_text(&text)),
        path: job.origin.path.to_string(),
        record: about.record,
        url: head.url,
        text,
    })
}

/// The text of a page in which readability finds no article.
fn visible(page: &str) -> String {
    let document = Document::from(page);
    document.select("script, style, noscript, nav, header, footer, aside, form, template").remove();
    document.body().map(|b| b.formatted_text().to_string()).unwrap_or_default()
}

/// What a page says of itself.
#[derive(Debug, Default)]
struct Head {
    title: Option<String>,
    site: Option<String>,
    url: Option<String>,
    language: Option<String>,
    authors: Vec<String>,
    sections: Vec<String>,
    published: Option<Published>,
    /// The day of a stamp that counts from the day of the crawl.
    counted: Option<Published>,
    /// What a page whose text is drawn by scripts still says of its article.
    summary: Option<String>,
    captions: Vec<String>,
    /// Days of changes.
    changed: Vec<PartialDate>,
}

impl Head {
    fn of(document: &Document, job: &Job, about: &About) -> Head {
        let page = Page::of(document);
        let linked: Vec<Value> =
            page.linked.iter().filter_map(|text| serde_json::from_str(text.trim()).ok()).collect();
        let meta = |name: &str| page.meta(name).map(str::to_string);
        // A logo is an `h1` too: the headline also stands in the `title` element.
        let within =
            |h: &&Heading| h.text.len() > 12 && page.title.as_ref().is_some_and(|t| t.contains(&h.text));
        let first = |h: &&Heading| h.level == 1 && h.text.len() > 5;
        let heading = || {
            let level_1 = page.headings.iter().filter(|h| h.level == 1);
            level_1.clone().find(within).or_else(|| level_1.clone().find(first)).map(|h| h.text.clone())
        };
        let title = linked
            .iter()
            .find_map(|v| find(v, "headline", 0))
            .or_else(|| meta("og:title"))
            .or_else(heading)
            .or_else(|| page.title.clone())
            // Many writers of metadata escape once too often.
            .map(|title| plain(&title));
        let url = page.canonical.clone().or_else(|| meta("og:url")).filter(|u| u.contains("://"));
        let url = url.or_else(|| about.url.map(str::to_string));
        let published =
            page_date::of(&page, &linked, title.as_deref().unwrap_or(""), url.as_deref(), job.hints());
        let counted =
            about.crawled.and_then(|crawled| page.relative.iter().find_map(|t| ago::read(t, crawled)));
        Head {
            title,
            site: meta("og:site_name"),
            language: page
                .language
                .clone()
                .or_else(|| {
                    linked
                        .iter()
                        .find_map(|v| of_article(v, "inLanguage", 0))
                        .as_ref()
                        .and_then(|v| texts(v).pop())
                })
                .or_else(|| meta("og:locale"))
                .and_then(|l| language_code(&l)),
            authors: writers(&page, &linked),
            sections: sections(&page, &linked),
            published,
            counted,
            url,
            summary: linked
                .iter()
                .find_map(|v| find(v, "articleBody", 0))
                .or_else(|| meta("og:description"))
                .or_else(|| meta("description")),
            captions: page.captions,
            changed: page.changed,
        }
    }
}

/// A value that linked data gives of the article itself.
fn of_article<'v>(value: &'v Value, key: &str, depth: u8) -> Option<&'v Value> {
    match value {
        Value::Object(map) => {
            let kind = map.get("@type").map(Value::to_string).unwrap_or_default();
            let article = ["Article", "Posting", "Report"].iter().any(|k| kind.contains(k));
            match map.get(key).filter(|v| article && !v.is_null()) {
                Some(found) => Some(found),
                None if depth < 4 => ["@graph", "mainEntity", "mainEntityOfPage"]
                    .iter()
                    .find_map(|k| of_article(map.get(*k)?, key, depth + 1)),
                None => None,
            }
        }
        Value::Array(list) => list.iter().take(50).find_map(|v| of_article(v, key, depth + 1)),
        _ => None,
    }
}

/// A text, the name of an object, or those of a list.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![plain(text)],
        Value::Object(map) => map.get("name").map(texts).unwrap_or_default(),
        Value::Array(list) => list.iter().take(20).filter(|v| !v.is_array()).flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Who wrote the article: linked data first, then `meta` elements.
fn writers(page: &Page, linked: &[Value]) -> Vec<String> {
    let said = linked.iter().find_map(|v| of_article(v, "author", 0)).map(texts).unwrap_or_default();
    let metas =
        ["author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl", "byline"];
    let of_meta = || {
        metas.iter().find_map(|n| page.meta(n).filter(|v| !v.contains("://"))).map(|v| vec![v.to_string()])
    };
    let raw = if said.is_empty() { of_meta().unwrap_or_default() } else { said };
    let mut names: Vec<String> = Vec::new();
    for line in raw {
        for name in authors::of_field_or_byline(&line) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The part of the paper that the page belongs to.
fn sections(page: &Page, linked: &[Value]) -> Vec<String> {
    let said = linked.iter().find_map(|v| of_article(v, "articleSection", 0)).map(texts).unwrap_or_default();
    let metas = ["article:section", "parsely-section", "sailthru.section", "section", "article.section"];
    let of_meta = || metas.iter().find_map(|n| page.meta(n)).map(|v| vec![plain(v)]);
    let raw = if said.is_empty() { of_meta().unwrap_or_default() } else { said };
    // "Society,Front page" is a list; "Film, TV and radio" is one section.
    let bare = |s: &String| s.contains(',') && !s.contains(", ");
    let mut raw: Vec<String> =
        raw.iter().flat_map(|s| s.split(if bare(s) { ',' } else { '\n' })).map(str::to_string).collect();
    raw.retain(|s| !s.is_empty() && s.len() <= 100 && !s.contains("://"));
    raw.dedup();
    raw.truncate(8);
    raw
}

/// The first text value of a key anywhere in linked data.
fn find(value: &Value, key: &str, depth: u8) -> Option<String> {
    match value {
        Value::Object(map) => match map.get(key) {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_string()),
            _ if depth < 6 => map.values().find_map(|v| find(v, key, depth + 1)),
            _ => None,
        },
        Value::Array(list) => list.iter().take(50).find_map(|v| find(v, key, depth + 1)),
        _ => None,
    }
}

/// "Truce holds | The Courier" without the site's name.
fn without_site(title: &str, site: Option<&str>, rules: &Cleaning) -> String {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    for separator in &rules.title_separators {
        let Some((head, tail)) = title.rsplit_once(separator.as_str()) else { continue };
        let named = site.is_some_and(|s| s.eq_ignore_ascii_case(tail.trim()));
        let site_like = separator.contains(['|', '»', '·', '•', ':']) && tail.split(' ').count() <= 4;
        if (named || site_like) && head.chars().count() >= 15 {
            return head.trim().to_string();
        }
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_lose_markup_and_keep_what_is_none() {
        assert_eq!(plain("Cod <i>cheap</i> &amp; good"), "Cod cheap & good");
        assert_eq!(plain("A <truce> & more"), "A <truce> & more");
        assert_eq!(plain("5 < 6 &gt; 4"), "5 < 6 > 4");
    }

    #[test]
    fn nesting_is_counted_without_parsing() {
        assert_eq!(depth("<html><body><p>One<p>Two<br><div>Three</div></body></html>"), 3);
        assert!(depth(&"<div class=date>".repeat(20_000)) > DEEPEST);
    }
}
