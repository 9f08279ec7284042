//! Markdown, with what its front matter says of it.

use std::io::BufRead;

use pulldown_cmark::Event;
use pulldown_cmark::Options;
use pulldown_cmark::Parser;
use pulldown_cmark::Tag;
use pulldown_cmark::TagEnd;
use serde_json::Map;
use serde_json::Value;

use super::LARGEST_ARTICLE;
use super::decode;
use super::one_line;
use super::plain_text;
use super::reader::About;
use super::reader::Job;
use super::reader::Reader;
use super::reader::Sink;
use super::sidecar;

/// Markdown.
pub(super) struct Markdown;

impl Reader for Markdown {
    fn read(&self, mut bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
        let text = match decode::whole(&mut bytes, LARGEST_ARTICLE) {
            Ok(text) => text,
            Err(reason) => return sink(Err(job.fault(None, reason))),
        };
        let (matter, body) = split(text.trim_start_matches('\u{feff}'));
        let plain = paragraphs(body);
        if plain.trim().is_empty() {
            return sink(Err(job.fault(None, "no text in it")));
        }
        let mut article =
            plain_text::read(plain, job, &About { crawled: job.hints().crawled, ..About::default() });
        if let Some(matter) = matter {
            sidecar::apply(&Value::Object(matter), &mut article, job.hints());
        }
        sink(Ok(article));
    }
}

/// Parts the front matter, between lines of `---` (YAML) or `+++` (TOML), from the text.
fn split(text: &str) -> (Option<Map<String, Value>>, &str) {
    let read: fn(&str) -> Option<Map<String, Value>> = match text.lines().next().map(str::trim_end) {
        Some("---") => |matter| Some(simple_yaml(matter)),
        Some("+++") => |matter| match serde_json::to_value(toml::from_str::<toml::Table>(matter).ok()?) {
            Ok(Value::Object(map)) => Some(map),
            _ => None,
        },
        _ => return (None, text),
    };
    let fence = &text[..3];
    let start = text.find('\n').map_or(text.len(), |at| at + 1);
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        let end = at + line.len();
        if line.trim_end() == fence || fence == "---" && line.trim_end() == "..." {
            return match read(&text[start..at]) {
                Some(map) => (Some(map), &text[end..]),
                None => (None, text),
            };
        }
        at = end;
    }
    (None, text)
}

/// The YAML that front matter is written in: `key: value`, `key: [a, b]`, and lists of `- value` lines. The rest of
/// YAML, with its references and its types, is passed over.
fn simple_yaml(text: &str) -> Map<String, Value> {
    let mut map = Map::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if let (Some(key), Some(item)) = (&open, trimmed.strip_prefix("- ")) {
            if let Some(Value::Array(list)) = map.get_mut(key) {
                list.push(scalar(item));
            }
            continue;
        }
        let Some((key, value)) = line.split_once(':').filter(|_| !line.starts_with([' ', '\t', '-'])) else {
            continue;
        };
        let (key, value) = (key.trim().trim_matches(['"', '\'']).to_string(), value.trim());
        open = None;
        let read = match value {
            "" => {
                open = Some(key.clone());
                Value::Array(Vec::new())
            }
            "|" | ">" | "null" | "~" => continue,
            list if list.starts_with('[') && list.ends_with(']') => {
                Value::Array(list[1..list.len() - 1].split(',').map(scalar).collect())
            }
            one => scalar(one),
        };
        map.insert(key, read);
    }
    map.retain(|_, value| !matches!(value, Value::Array(list) if list.is_empty()));
    map
}

fn scalar(text: &str) -> Value {
    let text = text.trim();
    let quoted = ['"', '\''].iter().find_map(|q| text.strip_prefix(*q)?.strip_suffix(*q));
    let plain = || text.split(" #").next().unwrap_or(text).trim_end();
    Value::String(quoted.unwrap_or_else(plain).to_string())
}

/// The text without its marks, a paragraph a line.
fn paragraphs(text: &str) -> String {
    let mut out = String::new();
    let mut open = String::new();
    let mut silent = 0u32;
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Start(Tag::Image { .. } | Tag::HtmlBlock) => silent += 1,
            Event::End(TagEnd::Image | TagEnd::HtmlBlock) => silent = silent.saturating_sub(1),
            Event::Text(text) | Event::Code(text) if silent == 0 => open.push_str(&text),
            Event::SoftBreak | Event::HardBreak => open.push(' '),
            Event::Start(
                Tag::Paragraph
                | Tag::Heading { .. }
                | Tag::Item
                | Tag::BlockQuote(_)
                | Tag::CodeBlock(_)
                | Tag::TableRow
                | Tag::TableHead,
            )
            | Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::BlockQuote(_)
                | TagEnd::CodeBlock
                | TagEnd::TableRow
                | TagEnd::TableHead,
            ) => flush(&mut open, &mut out),
            Event::End(TagEnd::TableCell) => open.push_str("  "),
            _ => {}
        }
    }
    flush(&mut open, &mut out);
    out
}

fn flush(open: &mut String, out: &mut String) {
    let line = one_line(open);
    open.clear();
    if !line.is_empty() {
        out.push_str(&line);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_off_and_paragraphs_kept() {
        let text = "# Truce *holds*\n\nThe [truce](https://e.org/a) held\nthrough the **night**.\n\n- One\n- Two\n\n![A bridge](b.jpg)\n\n> Quoted.\n";
        assert_eq!(paragraphs(text), "Truce holds\nThe truce held through the night.\nOne\nTwo\nQuoted.\n");
    }

    #[test]
    fn front_matter_is_read_and_parted_from_the_text() {
        let (matter, body) = split(
            "---\ntitle: \"Truce: it holds\"\ndate: 2020-10-27 # printed\nauthors:\n  - Ann Ruel\n  - Ivo Part\ntags: [peace, 'border']\n---\nText\n",
        );
        let matter = matter.expect("front matter");
        assert_eq!(
            (matter["title"].as_str(), matter["date"].as_str()),
            (Some("Truce: it holds"), Some("2020-10-27"))
        );
        assert_eq!(matter["authors"], serde_json::json!(["Ann Ruel", "Ivo Part"]));
        assert_eq!(body, "Text\n");
        let (matter, body) = split("+++\ntitle = 'Truce'\n+++\nText");
        assert_eq!((matter.map(|m| m["title"].clone()), body), (Some("Truce".into()), "Text"));
        assert_eq!(split("---\nno end"), (None, "---\nno end"));
        assert_eq!(split("Text\n---\n"), (None, "Text\n---\n"));
    }
}
