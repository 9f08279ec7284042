//! What saved searches found: as text, as JSON lines, and as a feed that readers of feeds understand.

use std::fmt::Write;

use jiff::Timestamp;
use quick_xml::escape::escape;
use serde_json::Value;
use serde_json::json;

use super::json::published as day_in_json;
use super::output::Output;
use super::output::Tone;
use super::output::visible;
use crate::article::Article;
use crate::article::BlockKind;
use crate::article::Published;

/// Characters of an article's beginning that are shown.
const LEAD: usize = 240;

/// An article that a saved search found.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Name of the search.
    pub search: String,
    /// Id of the article.
    pub id: String,
    /// Its headline; empty if it has none.
    pub title: String,
    /// How it begins.
    pub lead: String,
    /// Who published it.
    pub source: Option<String>,
    /// Where it stands on the web.
    pub url: Option<String>,
    /// The file it was read from.
    pub path: String,
    /// When it was published.
    pub published: Option<Published>,
    /// Near-duplicates that are new as well and are not shown.
    pub copies: u64,
    /// When it was told, in seconds since 1970-01-01.
    pub told: i64,
}

impl Alert {
    /// What is told of an article.
    pub fn of(search: &str, article: &Article, published: Option<Published>, told: i64) -> Alert {
        let body = article.blocks.iter().find(|b| b.kind == BlockKind::Body);
        let words =
            body.map_or("", |b| b.span.of(&article.text)).split_whitespace().collect::<Vec<_>>().join(" ");
        let cut = words.char_indices().nth(LEAD).map(|(at, _)| at);
        let lead = match cut.and_then(|at| words[..at].rfind(' ')) {
            Some(at) => format!("{} …", &words[..at]),
            None => words,
        };
        Alert {
            search: search.into(),
            id: article.id.clone(),
            title: article.title.clone(),
            lead,
            source: article.source.clone(),
            url: article.url.clone(),
            path: article.path.clone(),
            published,
            copies: 0,
            told,
        }
    }

    fn headline(&self) -> &str {
        if self.title.is_empty() { "(no title)" } else { &self.title }
    }
}

/// One alert as JSON.
pub fn to_json(alert: &Alert) -> Value {
    json!({
        "search": alert.search, "id": alert.id, "title": if alert.title.is_empty() { Value::Null } else { json!(alert.title) },
        "source": alert.source, "url": alert.url, "path": alert.path, "published": day_in_json(alert.published),
        "lead": alert.lead, "copies": alert.copies,
    })
}

/// The alerts of one search for people to read.
pub fn text(out: &Output, search: &str, alerts: &[&Alert]) -> String {
    let mut page = String::new();
    let number = super::terminal::count(alerts.len() as u64, "article", "articles");
    // Writing to a string cannot fail.
    let _ = writeln!(page, "{} · {number}", out.paint(Tone::Label, search));
    for alert in alerts {
        let day = alert.published.map_or("undated".into(), |p| p.date.to_string());
        let copies = match alert.copies {
            0 => String::new(),
            number => format!(" · {}", super::terminal::count(number, "more copy", "more copies")),
        };
        let source = alert.source.as_ref().map_or(String::new(), |s| format!("{s} · "));
        let place = alert.url.as_deref().unwrap_or(&alert.path);
        let _ = writeln!(page, "  {}  {day}", out.paint(Tone::Title, alert.headline()));
        let _ = writeln!(
            page,
            "    {}",
            out.paint(Tone::Faint, &format!("{source}{place} · {}{copies}", alert.id))
        );
        if !alert.lead.is_empty() {
            let _ = writeln!(page, "    {}", visible(&alert.lead));
        }
    }
    page
}

/// Alerts as RSS 2.0.
pub fn rss(alerts: &[Alert]) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel>\
         <title>Dateline alerts</title><link>about:blank</link><description>What saved searches found</description>\n",
    );
    for alert in alerts {
        out.push_str("<item>");
        element(&mut out, "title", alert.headline());
        if let Some(url) = web(alert) {
            element(&mut out, "link", url);
        }
        let _ = write!(
            out,
            "<guid isPermaLink=\"false\">{}</guid>",
            clean(&format!("{}:{}", alert.search, alert.id))
        );
        // A feed has days to the second: a date that is less is given as text with the rest.
        if let Some(day) = alert.published.and_then(|p| p.date.as_date()) {
            element(
                &mut out,
                "pubDate",
                &day.at(0, 0, 0, 0).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
            );
        }
        element(&mut out, "category", &alert.search);
        if let Some(source) = &alert.source {
            element(&mut out, "dc:creator", source);
        }
        element(&mut out, "description", &alert.lead);
        out.push_str("</item>\n");
    }
    out.push_str("</channel></rss>\n");
    out
}

/// Alerts as Atom.
pub fn atom(alerts: &[Alert]) -> String {
    let stamp = |seconds: i64| Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string();
    let newest = alerts.iter().map(|a| a.told).max().unwrap_or(0);
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>urn:dateline:alerts</id>\
         <title>Dateline alerts</title><author><name>Dateline</name></author>",
    );
    element(&mut out, "updated", &stamp(newest));
    out.push('\n');
    for alert in alerts {
        out.push_str("<entry>");
        element(&mut out, "id", &format!("urn:dateline:{}:{}", alert.search.replace(' ', "-"), alert.id));
        element(&mut out, "title", alert.headline());
        element(&mut out, "updated", &stamp(alert.told));
        if let Some(day) = alert.published.and_then(|p| p.date.as_date()) {
            element(&mut out, "published", &format!("{day}T00:00:00Z"));
        }
        if let Some(url) = web(alert) {
            let _ = write!(out, "<link href=\"{}\"/>", clean(url));
        }
        let _ = write!(out, "<category term=\"{}\"/>", clean(&alert.search));
        element(&mut out, "summary", &alert.lead);
        out.push_str("</entry>\n");
    }
    out.push_str("</feed>\n");
    out
}

/// Only addresses of the web are links: a feed reader may follow them.
fn web(alert: &Alert) -> Option<&str> {
    alert.url.as_deref().filter(|u| u.starts_with("http://") || u.starts_with("https://"))
}

fn element(out: &mut String, name: &str, text: &str) {
    let _ = write!(out, "<{name}>{}</{name}>", clean(text));
}

/// Text as XML may hold it: without characters that XML has no way to write.
fn clean(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    escape(kept.replace(['\u{fffe}', '\u{ffff}'], "")).into_owned()
}
