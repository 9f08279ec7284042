//! Plain text as scraped or exported: finds the title, the byline and the stamp, and sets the chrome aside.

use super::Origin;
use super::clean;
use super::id_of;
use super::language;
use super::layout;
use super::published;
use crate::article::Article;
use crate::article::Block;
use crate::article::BlockKind;
use crate::article::Published;
use crate::schema::Cleaning;

/// Longest headline, in characters.
const LONGEST_TITLE: usize = 220;

/// Reads one article.
pub(super) fn read(text: String, origin: &Origin, rules: &Cleaning) -> Article {
    let mut blocks = layout::blocks(&text);
    clean::mark(&text, &mut blocks, rules);
    let title = take_title(&text, &mut blocks);
    let authors = take_byline(&text, &mut blocks);
    let url = address(&text, &blocks);
    let published = day(&text, &blocks, url.as_deref(), origin.path);
    let body = blocks.iter().find(|b| b.kind == BlockKind::Body).map_or(0, |b| b.span.start as usize);
    Article {
        id: id_of(origin, None),
        title,
        published,
        source: url.as_deref().and_then(published::host),
        authors,
        language: language::of_text(&text[body..]),
        path: origin.path.to_string(),
        record: None,
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

fn day(text: &str, blocks: &[Block], url: Option<&str>, path: &str) -> Option<Published> {
    let lines = blocks.iter().map(|b| b.span.of(text));
    let dateline = || {
        let bodies = blocks.iter().filter(|b| b.kind == BlockKind::Body);
        bodies.take(3).find_map(|b| published::from_dateline(b.span.of(text)))
    };
    published::from_header(lines)
        .or_else(|| url.and_then(published::from_url))
        .or_else(dateline)
        .or_else(|| published::from_path(path))
}
