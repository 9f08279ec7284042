//! Web pages: the article's text and title by readability, the rest from the page's metadata.

use dom_query::Document;
use dom_smoothie::Config;
use dom_smoothie::Readability;
use dom_smoothie::TextMode;
use serde_json::Value;

use super::Origin;
use super::clean;
use super::id_of;
use super::language;
use super::layout;
use super::page::Heading;
use super::page::Page;
use super::page_date;
use super::published;
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

/// Reads one page.
pub(super) fn read(page: &str, origin: &Origin, rules: &Cleaning) -> Result<Article, String> {
    if depth(page) > DEEPEST {
        return Err(format!("elements nested deeper than {DEEPEST}: not read"));
    }
    let document = Document::from(page);
    let mut head = Head::of(&document);
    let config =
        Config { max_elements_to_parse: MOST_ELEMENTS, text_mode: TextMode::Formatted, ..Config::default() };
    let mut readability = Readability::with_document(document, None, Some(config))
        .map_err(|e| format!("not readable as a page: {e}"))?;
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
        return Err("no article text found in the page".into());
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
            .or_else(|| published::from_path(origin.path))
            .or_else(|| published::from_signature(blocks.iter().map(|b| b.span.of(&text))).filter(is_first))
    });
    Ok(Article {
        id: id_of(origin, None),
        title,
        blocks,
        published,
        source: head.site.clone().or_else(|| head.url.as_deref().and_then(published::host)),
        authors: head.authors.clone(),
        language: head.language.clone().or_else(|| language::of_text(&text)),
        path: origin.path.to_string(),
        record: None,
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
    published: Option<Published>,
    /// What a page whose text is drawn by scripts still says of its article.
    summary: Option<String>,
    captions: Vec<String>,
    /// Days of changes.
    changed: Vec<PartialDate>,
}

impl Head {
    fn of(document: &Document) -> Head {
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
            .or_else(|| page.title.clone());
        let url = page.canonical.clone().or_else(|| meta("og:url")).filter(|u| u.contains("://"));
        let published = page_date::of(&page, &linked, title.as_deref().unwrap_or(""), url.as_deref());
        Head {
            title,
            site: meta("og:site_name"),
            language: page
                .language
                .as_ref()
                .map(|l| l.to_ascii_lowercase().split(['-', '_']).next().unwrap_or("").to_string())
                .filter(|l| l.len() == 2),
            authors: meta("author").filter(|a| !a.contains("://")).into_iter().collect(),
            published,
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
    fn nesting_is_counted_without_parsing() {
        assert_eq!(depth("<html><body><p>One<p>Two<br><div>Three</div></body></html>"), 3);
        assert!(depth(&"<div class=date>".repeat(20_000)) > DEEPEST);
    }
}
