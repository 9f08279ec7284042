//! The day on which a web page was published, judged from all that the page says. Never the day of a change.
//!
//! Declared metadata comes first, then stamps printed near the headline, then the address, then whatever else the
//! page agrees on. Metadata in universal time gives way to the day that the page itself prints.

use serde_json::Value;

use super::Hints;
use super::page::Claim;
use super::page::Heading;
use super::page::Page;
use super::page::Sighting;
use super::published;
use super::stamp;
use crate::article::Method;
use crate::article::Published;
use crate::calendar::PartialDate;
use crate::calendar::day_number;

/// Names of `meta` elements that hold the day of publication, most trusted first.
const DECLARED: &[&str] = &[
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
    "publication-date",
    "published_at",
    "published",
    "pubdate",
    "publishdate",
    "publish-time",
    "article_date_original",
    "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date.published",
    "rnews:datepublished",
    "originalpublicationdate",
    "article.published",
    "article:publish_date",
    "article:post_date",
    "citation_publication_date",
    "citation_online_date",
    "citation_date",
    "bepress_citation_date",
    "bt:pubdate",
    "date_published",
    "og:pubdate",
    "mediator_published_time",
    "dcterms.available",
    "release_date",
];

/// Names of `meta` elements that hold some day: of publication as a rule, of a change at times.
const LOOSE: &[&str] = &[
    "dc.date.created",
    "dcterms.created",
    "dc.date",
    "dc:date",
    "dcterms.date",
    "displaydate",
    "ptime",
    "timestamp",
    "og:date",
    "date",
];

/// Keys of a page's own data that hold the day of publication.
const STATE_KEYS: &[&str] = &[
    "\"datePublished\"",
    "\"publishedDate\"",
    "\"published_date\"",
    "\"publishDate\"",
    "\"publish_date\"",
    "\"publishedAt\"",
    "\"published_at\"",
    "\"publicationDate\"",
    "\"publication_date\"",
    "\"pubDate\"",
    "\"firstPublished\"",
    "\"first_published_at\"",
];

/// Parts of linked data that are about something else.
const OTHER_PARTS: &[&str] = &[
    "comment",
    "comments",
    "review",
    "reviews",
    "publisher",
    "author",
    "isPartOf",
    "hasPart",
    "mentions",
    "citation",
    "video",
    "image",
    "associatedMedia",
    "itemListElement",
    "about",
    "breadcrumb",
    "potentialAction",
    "sourceOrganization",
];

/// Bytes of visible text between a headline and a stamp near it.
const NEAR: usize = 400;

/// A stamp of metadata.
#[derive(Clone, Copy, Debug)]
struct Declared {
    date: PartialDate,
    /// Its hour, if it is given in universal time.
    utc_hour: Option<u8>,
}

/// Judges a page.
pub(super) fn of(
    page: &Page,
    linked: &[Value],
    title: &str,
    url: Option<&str>,
    hints: &Hints,
) -> Option<Published> {
    let field = |text: &str| field(text, hints);
    let with = |date, method, confidence| Published { date, method, confidence };
    let heading = main_heading(page, title);
    let declared = declared(page, linked, hints);
    let best = best(&page.sightings, heading);
    let address = url.and_then(published::from_url);
    if let Some(declared) = declared.filter(|d| d.date.as_date().is_some()) {
        let date = own_day(declared, page, heading, address);
        return Some(with(date, Method::Metadata, 0.95));
    }
    let shown = |least: i32| {
        best.filter(|b| b.1 >= least).map(|(seen, score)| {
            let method = if seen.claim >= Claim::Time { Method::Metadata } else { Method::Header };
            with(
                seen.date,
                method,
                if score >= 80 {
                    0.9
                } else if score >= 60 {
                    0.8
                } else {
                    0.65
                },
            )
        })
    };
    let loose = || LOOSE.iter().find_map(|n| field(page.meta(n)?)).filter(|d| d.date.as_date().is_some());
    shown(55)
        .or(address)
        .or_else(|| shown(48))
        .or_else(|| unanimous(&page.sightings, Claim::Time).map(|d| with(d, Method::Metadata, 0.7)))
        .or_else(|| loose().map(|d| with(own_day(d, page, heading, None), Method::Metadata, 0.75)))
        .or_else(|| shown(35))
        .or_else(|| in_title(page, title).map(|d| with(d, Method::Header, 0.6)))
        .or_else(|| unanimous(&page.sightings, Claim::Byline).map(|d| with(d, Method::Header, 0.55)))
        .or_else(|| in_state(page).map(|d| with(d, Method::Metadata, 0.6)))
        .or_else(|| declared.map(|d| with(d.date, Method::Metadata, 0.8)))
}

/// What linked data or `meta` elements declare.
fn declared(page: &Page, linked: &[Value], hints: &Hints) -> Option<Declared> {
    let field = |text: &str| field(text, hints);
    let in_linked = || {
        let mut found = linked.iter().filter_map(|v| date_published(v, true, 0));
        found.find_map(|d| field(&d)).or_else(|| {
            let mut found = linked.iter().filter_map(|v| date_published(v, false, 0));
            found.find_map(|d| field(&d))
        })
    };
    // Data that is no valid JSON still states its date.
    let broken = || {
        let unread = page.linked.iter().filter(|_| linked.len() < page.linked.len());
        unread.filter_map(|text| values_of(text, STATE_KEYS[0]).next()).find_map(field)
    };
    let whole = |d: &Declared| d.date.as_date().is_some();
    let metas = || DECLARED.iter().filter_map(|n| field(page.meta(n)?));
    in_linked()
        .filter(whole)
        .or_else(|| metas().find(whole))
        .or_else(|| broken().filter(whole))
        .or_else(|| metas().next())
}

/// The `datePublished` of the article in linked data; of anything when `article` is not asked for.
fn date_published(value: &Value, article: bool, depth: u8) -> Option<String> {
    match value {
        Value::Object(map) => {
            let kind = map.get("@type").map(Value::to_string).unwrap_or_default();
            let suits = !article || ["Article", "Posting", "Report"].iter().any(|k| kind.contains(k));
            let own =
                map.get("datePublished").and_then(Value::as_str).map(str::trim).filter(|d| !d.is_empty());
            match own {
                Some(date) if suits => Some(date.to_string()),
                _ if depth < 6 => map
                    .iter()
                    .filter(|(key, _)| !OTHER_PARTS.contains(&key.as_str()))
                    .find_map(|(_, v)| date_published(v, article, depth + 1)),
                _ => None,
            }
        }
        Value::Array(list) => {
            // A list of articles is a list of links: none of them is this page.
            let dated = list.iter().take(50).filter_map(|v| date_published(v, article, depth + 1));
            dated.into_iter().next()
        }
        _ => None,
    }
}

/// Reads a value of metadata.
fn field(text: &str, hints: &Hints) -> Option<Declared> {
    let text = text.trim();
    if let Some(date) = hints.local_day(text) {
        return Some(Declared { date, utc_hour: None });
    }
    let date = published::from_field(text, &Hints::default())
        .or_else(|| stamp::find(text, stamp::Order::Unknown).map(|s| s.date))
        .filter(|d| d.bounds().is_some_and(|(first, _)| first.year() >= 1900))?;
    Some(Declared { date, utc_hour: utc_hour(text) })
}

/// The hour of `2020-02-25T02:25:54Z` and `20200414T00:38:07+0000`.
fn utc_hour(text: &str) -> Option<u8> {
    let zoned = ["Z", "+00:00", "+0000", "GMT", "UTC"].iter().any(|z| text.ends_with(z));
    let colon = text.find(':').filter(|_| zoned)?;
    text.get(colon.checked_sub(2)?..colon)?.parse().ok().filter(|h| *h < 24)
}

/// The day in the source's own zone: what the page prints or its address holds, when universal time is a day off.
fn own_day(
    declared: Declared,
    page: &Page,
    heading: Option<&Heading>,
    address: Option<Published>,
) -> PartialDate {
    let (Some(hour), Some(day)) = (declared.utc_hour, declared.date.as_date()) else { return declared.date };
    let number = day_number(day);
    // West of Greenwich the day before goes on until noon; east of it the next day starts at noon at the earliest.
    let beside = |date: &PartialDate| {
        date.as_date().is_some_and(|d| {
            let off = day_number(d) - number;
            off == -1 && hour < 12 || off == 1 && hour >= 12
        })
    };
    let same = |date: &PartialDate| *date == declared.date;
    let zoned = DECLARED
        .iter()
        .filter_map(|n| page.meta(n))
        .filter(|v| has_offset(v))
        .find_map(|v| field(v, &Hints::default()));
    let printed = best(&page.sightings, heading).filter(|b| b.1 >= 60).map(|b| b.0.date);
    let others = [zoned.map(|d| d.date), printed, address.map(|a| a.date)];
    others.into_iter().flatten().find(|d| same(d) || beside(d)).unwrap_or(declared.date)
}

/// `2020-02-24T21:25:54-05:00`
fn has_offset(text: &str) -> bool {
    let tail = text.get(text.len().saturating_sub(6)..).unwrap_or("");
    tail.starts_with(['+', '-']) && tail.contains(':') && tail[1..] != *"00:00"
}

/// The heading that is the article's title: the one that shares most words with the page's title, else the first
/// `h1` that is not the site's name.
fn main_heading<'a>(page: &'a Page, title: &str) -> Option<&'a Heading> {
    let title = words(if title.is_empty() { page.title.as_deref().unwrap_or("") } else { title });
    let shared = |heading: &Heading| {
        let own = words(&heading.text);
        let shared = own.iter().filter(|w| title.contains(w)).count();
        let most_of_it = shared * 3 >= own.len() * 2;
        let most_of_title = shared * 2 >= title.len() || heading.level == 1 && shared > 1;
        if most_of_it && most_of_title { shared } else { 0 }
    };
    let suits = page.headings.iter().map(|h| (shared(h), h)).filter(|(shared, _)| *shared > 0);
    // Of equals the first: later ones head lists of links to it.
    let best = suits.rev().max_by_key(|(shared, _)| *shared).map(|(_, h)| h);
    let site = page.meta("og:site_name").unwrap_or("");
    best.or_else(|| page.headings.iter().find(|h| h.level == 1 && !h.text.eq_ignore_ascii_case(site)))
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

/// The most telling stamp and its score.
fn best(sightings: &[Sighting], heading: Option<&Heading>) -> Option<(Sighting, i32)> {
    let mut best: Option<(Sighting, i32)> = None;
    for seen in sightings {
        let score = score(seen, heading);
        if best.is_none_or(|(_, s)| score > s) {
            best = Some((*seen, score));
        }
    }
    best
}

fn score(seen: &Sighting, heading: Option<&Heading>) -> i32 {
    let base = match seen.claim {
        Claim::Declared => 60,
        Claim::Published => 52,
        Claim::Label => 48,
        Claim::Time => 42,
        Claim::Date => 38,
        Claim::Byline => 30,
        Claim::Plain => 20,
    };
    let near = heading.map_or(0, |h| {
        let (start, end) = h.span;
        // What stands above a headline is as likely the day on which the page was fetched.
        let gap = if seen.at >= end { seen.at - end } else { start.saturating_sub(seen.at) * 4 };
        match gap {
            0..=150 => 30,
            151..=NEAR => 24,
            401..=1000 => 12,
            _ => 0,
        }
    });
    base + near - if seen.aside { 40 } else { 0 }
}

/// "27.10.2020 - Truce holds", "Truce holds | 27 October 2020"
fn in_title(page: &Page, title: &str) -> Option<PartialDate> {
    [title, page.title.as_deref().unwrap_or("")].into_iter().find_map(|title| {
        let parts = title.split(['|', '–', '—']).flat_map(|p| p.split(" - "));
        parts.filter_map(|p| stamp::find(p, page.order())).find(|s| s.others == 0).map(|s| s.date)
    })
}

/// The one day that all stamps of a page state, outside lists of other articles.
fn unanimous(sightings: &[Sighting], least: Claim) -> Option<PartialDate> {
    let mut days = sightings.iter().filter(|s| !s.aside && s.claim >= least).map(|s| s.date);
    let first = days.next()?;
    days.all(|d| d == first).then_some(first)
}

/// The one day that the page's own data calls the day of publication.
fn in_state(page: &Page) -> Option<PartialDate> {
    let values = page.state.iter().flat_map(|text| STATE_KEYS.iter().flat_map(move |k| values_of(text, k)));
    let mut days = values.take(50).filter_map(|v| field(v, &Hints::default())).map(|d| d.date);
    let first = days.next()?;
    days.all(|d| d == first).then_some(first)
}

/// The text values of a key, valid JSON or not.
fn values_of<'a>(text: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(key).skip(1).filter_map(|rest| {
        let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        let end = rest.find('"').filter(|end| *end <= 60)?;
        Some(&rest[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(html: &str) -> Option<String> {
        let document = dom_query::Document::from(html);
        let page = Page::of(&document);
        let linked: Vec<Value> = page.linked.iter().filter_map(|t| serde_json::from_str(t).ok()).collect();
        let title = page.title.clone().unwrap_or_default();
        of(&page, &linked, &title, page.canonical.as_deref(), &Hints::default()).map(|p| p.date.to_string())
    }

    fn body(html: &str) -> Option<String> {
        day(&format!("<html lang=de><title>The truce holds out</title><body>{html}"))
    }

    #[test]
    fn declared_dates_come_first() {
        let page = r#"<script type="application/ld+json">{"@graph":[{"@type":"WebSite","datePublished":"2011-01-01"},
            {"@type":"NewsArticle","dateModified":"2020-10-29","datePublished":"2020-10-27T08:00:00+01:00",
            "comment":[{"datePublished":"2020-11-01"}]}]}</script><time datetime="2020-10-30">x</time>"#;
        assert_eq!(day(page).as_deref(), Some("2020-10-27"));
        assert_eq!(day("<meta property='article:modified_time' content='2020-10-27'><p>x"), None);
    }

    #[test]
    fn broken_linked_data_still_states_its_date() {
        let page = "<script type=application/ld+json>{\"headline\": \"a \"b\" c\", \"datePublished\": \"2020-10-27\",}</script>";
        assert_eq!(day(page).as_deref(), Some("2020-10-27"));
    }

    #[test]
    fn the_printed_day_outweighs_universal_time() {
        let utc = "<meta property='article:published_time' content='2020-02-25T02:25:54Z'>";
        let page = format!("{utc}<link rel=canonical href='https://x.example/2020/02/24/truce'><body>x");
        assert_eq!(day(&page).as_deref(), Some("2020-02-24"));
        let page = format!("{utc}<link rel=canonical href='https://x.example/2020/02/21/truce'><body>x");
        assert_eq!(day(&page).as_deref(), Some("2020-02-25"));
    }

    #[test]
    fn stamps_near_the_headline() {
        let page = "<aside><time>30.10.2020</time></aside><h1>The truce holds out</h1><p class=info>Von Ann Ruel | 27. Oktober 2020</p>
            <p>Text.</p><div class=comments><time>28.10.2020</time></div>";
        assert_eq!(body(page).as_deref(), Some("2020-10-27"));
        assert_eq!(
            body("<h1>The truce holds out</h1><span>27. Oktober 2020</span><p>x").as_deref(),
            Some("2020-10-27")
        );
        assert_eq!(
            body("<abbr class=published title='2020-10-27T08:00:00+01:00'>08:00</abbr>").as_deref(),
            Some("2020-10-27")
        );
    }

    #[test]
    fn changes_are_no_publication() {
        assert_eq!(body("<h1>The truce holds out</h1><time>Aktualisiert: 27.10.2020</time>"), None);
        assert_eq!(body("<h1>The truce holds out</h1><span itemprop=dateModified>27.10.2020</span>"), None);
        let both = "<h1>The truce holds out</h1><p>Updated 28.10.2020, published 27.10.2020</p>";
        assert_eq!(body(both).as_deref(), Some("2020-10-27"));
    }

    #[test]
    fn deep_and_odd_pages_do_no_harm() {
        let page = "<div class=date>".repeat(400);
        assert_eq!(body(&page), None);
        assert_eq!(utc_hour("é:Z"), None);
        assert!(!has_offset("é2020"));
    }
}
