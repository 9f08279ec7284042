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
use super::published;
use crate::article::Article;
use crate::article::BlockKind;
use crate::article::Method;
use crate::article::Published;
use crate::calendar::PartialDate;
use crate::schema::Cleaning;

/// Elements of a page that are still looked at.
const MOST_ELEMENTS: usize = 60_000;

/// Names of `meta` elements that hold the day of publication, most trusted first.
const PUBLISHED_META: &[&str] = &[
    "article:published_time",
    "article:published",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "date.published",
    "parsely-pub-date",
    "sailthru.date",
    "publish-date",
    "publish_date",
    "published-date",
    "publication_date",
    "publicationdate",
    "pubdate",
    "publishdate",
    "article_date_original",
    "cxenseparse:recs:publishtime",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date.created",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "date",
    "rnews:datepublished",
    "originalpublicationdate",
    "article.published",
    "citation_publication_date",
    "bt:pubdate",
    "timestamp",
    "displaydate",
    "date_published",
    "dcterms.available",
    "og:pubdate",
    "ptime",
    "mediator_published_time",
];

/// Reads one page.
pub(super) fn read(page: &str, origin: &Origin, rules: &Cleaning) -> Result<Article, String> {
    let document = Document::from(page);
    let head = Head::of(&document);
    let config =
        Config { max_elements_to_parse: MOST_ELEMENTS, text_mode: TextMode::Formatted, ..Config::default() };
    let mut readability = Readability::with_document(document, None, Some(config))
        .map_err(|e| format!("not readable as a page: {e}"))?;
    let parsed = readability.parse();
    let (text, title) = match parsed {
        Ok(parsed) => (parsed.text_content.to_string(), parsed.title),
        Err(_) => (visible(page), String::new()),
    };
    let text = text.trim().to_string();
    if text.is_empty() {
        return Err("no article text found in the page".into());
    }
    let mut blocks = layout::blocks(&text);
    clean::mark(&text, &mut blocks, rules);
    let title = head.title.clone().unwrap_or(title);
    let title = without_site(&title, head.site.as_deref(), rules);
    for block in blocks.iter_mut().take(3) {
        if block.span.of(&text).trim() == title && block.kind == BlockKind::Body {
            block.kind = BlockKind::Title;
        }
    }
    let published = head.published(origin).or_else(|| {
        let first = blocks.iter().find(|b| b.kind == BlockKind::Body)?;
        published::from_header(blocks.iter().map(|b| b.span.of(&text)))
            .or_else(|| published::from_dateline(first.span.of(&text)))
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
    published: Option<PartialDate>,
    /// Less trusted: an element of the page that is called a date.
    shown: Option<PartialDate>,
}

impl Head {
    fn of(document: &Document) -> Head {
        let metas: Vec<(String, String)> = document
            .select("meta[content]")
            .iter()
            .filter_map(|m| {
                let name = ["property", "name", "itemprop", "http-equiv"].iter().find_map(|a| m.attr(a))?;
                Some((name.to_ascii_lowercase(), m.attr("content")?.trim().to_string()))
            })
            .collect();
        let meta =
            |name: &str| metas.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.clone());
        let linked: Vec<Value> = document
            .select("script[type='application/ld+json']")
            .iter()
            .filter_map(|s| serde_json::from_str(s.text().trim()).ok())
            .collect();
        let attribute = |selector: &str, name: &str| {
            document.select(selector).attr(name).map(|v| v.to_string()).filter(|v| !v.is_empty())
        };
        let heading = || {
            Some(document.select("h1").iter().next()?.text().split_whitespace().collect::<Vec<_>>().join(" "))
                .filter(|t| t.len() > 5)
        };
        let element = || {
            Some(document.select("title").text().split_whitespace().collect::<Vec<_>>().join(" "))
                .filter(|t| !t.is_empty())
        };
        Head {
            title: linked
                .iter()
                .find_map(|v| find(v, "headline", 0))
                .or_else(|| meta("og:title"))
                .or_else(heading)
                .or_else(element),
            site: meta("og:site_name"),
            url: attribute("link[rel='canonical']", "href")
                .or_else(|| meta("og:url"))
                .filter(|u| u.contains("://")),
            language: attribute("html", "lang")
                .map(|l| l.to_ascii_lowercase().split(['-', '_']).next().unwrap_or("").to_string())
                .filter(|l| l.len() == 2),
            authors: meta("author").filter(|a| !a.contains("://")).into_iter().collect(),
            published: linked
                .iter()
                .find_map(|v| find(v, "datePublished", 0))
                .and_then(|d| published::from_field(&d))
                .or_else(|| {
                    PUBLISHED_META.iter().filter_map(|n| meta(n)).find_map(|d| published::from_field(&d))
                }),
            shown: shown_date(document),
        }
    }

    fn published(&self, origin: &Origin) -> Option<Published> {
        let found = |date, confidence| Published { date, method: Method::Metadata, confidence };
        self.published
            .map(|d| found(d, 0.95))
            .or_else(|| self.shown.map(|d| found(d, 0.8)))
            .or_else(|| self.url.as_deref().and_then(published::from_url))
            .or_else(|| published::from_path(origin.path))
    }
}

/// The date of a `time` element or of an element whose class says that it is the date.
fn shown_date(document: &Document) -> Option<PartialDate> {
    const PLACES: &[&str] = &[
        "[itemprop='datePublished']",
        "time[pubdate]",
        "article time[datetime]",
        "header time[datetime]",
        "main time[datetime]",
        "time[datetime]",
        "time",
        "[class*='publish']",
        "[class*='pubdate']",
        "[class*='post-date']",
        "[class*='entry-date']",
        "[class*='article-date']",
        "[class*='dateline']",
        "[class*='timestamp']",
        "[id*='pubdate']",
        "[class~='date']",
        "[class*='byline']",
        "[id='date']",
    ];
    PLACES.iter().find_map(|place| {
        document.select(place).iter().take(5).find_map(|element| {
            let modified = element.attr("itemprop").is_some_and(|p| &*p == "dateModified")
                || element.attr("class").is_some_and(|c| c.contains("updated") || c.contains("modified"));
            if modified {
                return None;
            }
            let stamp = element
                .attr("datetime")
                .or_else(|| element.attr("content"))
                .and_then(|d| published::from_field(&d));
            stamp.or_else(|| {
                let text = element.text();
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                if text.len() < 120 { crate::calendar::parse_stamp(&text) } else { None }
            })
        })
    })
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
