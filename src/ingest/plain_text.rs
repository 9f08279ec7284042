//! Plain text as scraped or exported: finds the title, the byline and the stamp, and sets the chrome aside.

use std::io::BufRead;

use super::LARGEST_ARTICLE;
use super::ago;
use super::clean;
use super::decode;
use super::id_of;
use super::language;
use super::layout;
use super::published;
use super::reader::About;
use super::reader::Job;
use super::reader::Reader;
use super::reader::Sink;
use crate::article::Article;
use crate::article::Block;
use crate::article::BlockKind;
use crate::article::Published;
use crate::schema::Cleaning;

/// Longest headline, in characters.
const LONGEST_TITLE: usize = 220;

/// Lines that may hold a stamp that counts from the day of the crawl.
const HEADER_LINES: usize = 7;

/// Plain text.
pub(super) struct PlainText;

impl Reader for PlainText {
    fn read(&self, mut bytes: Box<dyn BufRead + '_>, job: &Job, sink: &mut Sink) {
        match decode::whole(&mut bytes, LARGEST_ARTICLE) {
            Ok(text) if text.trim().is_empty() => sink(Err(job.fault(None, "no text in it"))),
            Ok(text) => {
                sink(Ok(read(text, job, &About { crawled: job.hints().crawled, ..About::default() })))
            }
            Err(reason) => sink(Err(job.fault(None, reason))),
        }
    }
}

/// Reads one article.
pub(super) fn read(text: String, job: &Job, about: &About) -> Article {
    let rules = job.cleaning();
    let mut blocks = layout::blocks(&text);
    clean::mark(&text, &mut blocks, rules);
    let url = about.url.map(str::to_string).or_else(|| address(&text, &blocks));
    let title = take_title(&text, &mut blocks);
    let title = without_site(&title, &text, url.as_deref(), job.origin.path, rules);
    let authors = take_byline(&text, &mut blocks);
    let published = day(&text, &blocks, url.as_deref(), job.origin.path, about);
    let body = blocks.iter().find(|b| b.kind == BlockKind::Body).map_or(0, |b| b.span.start as usize);
    Article {
        id: id_of(job.origin, about.record),
        title,
        published,
        source: url.as_deref().and_then(published::host),
        authors,
        sections: Vec::new(),
        language: language::of_text(&text[body..]),
        path: job.origin.path.to_string(),
        record: about.record,
        blocks,
        url,
        text,
    }
}

/// The first line that reads like a headline and is followed by more; its block becomes the title.
fn take_title(text: &str, blocks: &mut [Block]) -> String {
    let bodies: Vec<usize> = (0..blocks.len()).filter(|i| blocks[*i].kind == BlockKind::Body).collect();
    for &at in bodies.iter().take(3) {
        let line = bare(blocks[at].span.of(text));
        let length = line.chars().count();
        let ellipsis = line.ends_with("...") || line.ends_with('…');
        let sentence = line.ends_with(['.', ';', ',', ':']) && !ellipsis;
        let more = at != *bodies.last().unwrap_or(&at);
        if is_banner(line)
            && bodies.iter().skip_while(|b| **b <= at).take(2).any(|b| is_headline(blocks[*b].span.of(text)))
        {
            blocks[at].kind = BlockKind::Boilerplate;
            continue;
        }
        if (8..=LONGEST_TITLE).contains(&length) && !sentence && more && !line.contains("(Reuters)") {
            blocks[at].kind = BlockKind::Title;
            return line.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        // A paragraph before any headline: there is none.
        if length > LONGEST_TITLE {
            break;
        }
    }
    String::new()
}

/// A section or the site's name, in capitals alone: "ANALYSIS", "NORTHGATE POST".
fn is_banner(line: &str) -> bool {
    let capitals = line.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
    capitals && line.split_whitespace().count() <= 3 && line.chars().any(char::is_alphabetic)
}

/// A line below a banner that can be the headline: of some words, not in capitals, no sentence.
fn is_headline(line: &str) -> bool {
    let line = bare(line);
    let words = line.split_whitespace().count();
    let byline = line.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("by "));
    words >= 4
        && line.chars().count() <= LONGEST_TITLE
        && !line.ends_with(['.', ';', ',', ':'])
        && !byline
        && line.chars().any(char::is_lowercase)
}

/// "Truce holds - Levant Wire" without the site, if the folder or the host is called so, the page signs with that
/// name, or the headline stands there once more without it.
fn without_site(title: &str, text: &str, url: Option<&str>, path: &str, rules: &Cleaning) -> String {
    let letters =
        |s: &str| s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    for separator in &rules.title_separators {
        let Some((head, tail)) = title.rsplit_once(separator.as_str()) else { continue };
        let (head, tail) = (head.trim_end(), tail.trim());
        let name = letters(tail);
        if head.chars().count() < 12 || name.len() < 3 || tail.split_whitespace().count() > 5 {
            continue;
        }
        let folder = || path.split(['/', '\\']).rev().skip(1).any(|part| letters(part) == name);
        let host = || {
            let host = url.and_then(published::host);
            host.is_some_and(|h| h.split('.').any(|part| letters(part) == name) || letters(&h) == name)
        };
        let signed = || {
            let proper =
                tail.split_whitespace().count() > 1 && tail.chars().next().is_some_and(char::is_uppercase);
            proper
                && [format!("({tail})"), format!("By {tail}"), format!("© {tail}")]
                    .iter()
                    .any(|s| text.contains(s.as_str()))
        };
        let again = || text.lines().any(|line| bare(line.trim()) == head);
        if folder() || host() || signed() || again() {
            return head.to_string();
        }
    }
    title.to_string()
}

/// Takes dashes and hashes off the start of a line.
fn bare(line: &str) -> &str {
    line.trim_start_matches(['-', '#', '*', '=', '>', ' ']).trim_end()
}

/// "By Ann Ruel" and "By Ann Ruel and Ivo Part" among the first lines.
fn take_byline(text: &str, blocks: &mut [Block]) -> Vec<String> {
    for block in blocks.iter_mut().take(6).filter(|b| b.kind == BlockKind::Body) {
        let line = bare(block.span.of(text));
        let Some(names) = line.strip_prefix("By ").or_else(|| line.strip_prefix("BY ")) else { continue };
        let names = names.split(['|', '(', '·']).next().unwrap_or(names);
        let names = names.split(" - ").next().unwrap_or(names);
        let words = names.split_whitespace().count();
        let named = names
            .split_whitespace()
            .all(|w| w == "and" || w.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit()));
        if line.chars().count() <= 90 && (2..=8).contains(&words) && named && !line.ends_with('.') {
            block.kind = BlockKind::Boilerplate;
            return names
                .split(" and ")
                .flat_map(|n| n.split(", "))
                .map(|n| n.trim().to_string())
                .filter(|n| n.contains(' '))
                .collect();
        }
    }
    Vec::new()
}

/// A web address that stands alone among the first lines.
fn address(text: &str, blocks: &[Block]) -> Option<String> {
    blocks.iter().take(6).map(|b| bare(b.span.of(text))).find_map(|line| {
        let alone = line.starts_with("http") && line.contains("://") && !line.contains(char::is_whitespace);
        alone.then(|| line.to_string())
    })
}

fn day(text: &str, blocks: &[Block], url: Option<&str>, path: &str, about: &About) -> Option<Published> {
    let lines = blocks.iter().map(|b| b.span.of(text));
    let dateline = || {
        let bodies = blocks.iter().filter(|b| b.kind == BlockKind::Body);
        bodies.take(3).find_map(|b| published::from_dateline(b.span.of(text)))
    };
    let counted = || {
        let first = blocks.iter().take(HEADER_LINES).map(|b| bare(b.span.of(text)));
        first.filter_map(|line| ago::read(line, about.crawled?)).next()
    };
    published::from_header(lines)
        .or_else(|| url.and_then(published::from_url))
        .or_else(dateline)
        // The name of a file of many says when they were gathered.
        .or_else(|| if about.record.is_none() { published::from_path(path) } else { None })
        .or_else(counted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::Hints;
    use crate::ingest::Ingest;
    use crate::ingest::Origin;
    use crate::schema::Schema;

    fn title(text: &str, path: &str) -> String {
        let hints = Hints::default();
        let ingest =
            Ingest { cleaning: &Schema::embedded().cleaning, hints: &hints, file_time: false, stop: None };
        let job = Job { ingest: &ingest, origin: &Origin { path, relative: path }, file: None, depth: 0 };
        read(text.to_string(), &job, &About::default()).title
    }

    const BODY: &str =
        "\n\nThe truce held through the night, officials on both sides of the river said.\nTalks go on.\n";

    #[test]
    fn banners_are_no_titles() {
        for chrome in [
            "ANALYSIS",
            "RIVER POST",
            "RIVER LEDGER ONLINE - scores - columns - classifieds - weather",
            "FOOTBALL  CRICKET  TENNIS  GOLF  MORE v",
            "Menu  Search  Subscribe",
        ] {
            let text = format!("{chrome}\nTruce on the river holds for a night{BODY}");
            assert_eq!(title(&text, "a.txt"), "Truce on the river holds for a night", "{chrome}");
        }
        assert_eq!(title(&format!("TRUCE HOLDS{BODY}"), "a.txt"), "TRUCE HOLDS");
    }

    #[test]
    fn the_sites_name_is_no_part_of_the_title() {
        let text = format!("Truce on the river holds - River Wire{BODY}");
        assert_eq!(title(&text, "river-wire/a.txt"), "Truce on the river holds");
        assert_eq!(title(&format!("{text}(River Wire)"), "a.txt"), "Truce on the river holds");
        assert_eq!(
            title(&format!("Truce on the river is over - Ruel{BODY}"), "a.txt"),
            "Truce on the river is over - Ruel"
        );
    }
}
