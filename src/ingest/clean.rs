//! Sets page chrome aside: lines that the tables know, lists of links, repeated lines, what follows the end.
//!
//! Nothing is deleted; blocks change their kind. Only lines that look like chrome are touched.

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use super::published::stamp_line;
use super::stamp;
use super::stamp::Order;
use crate::article::Block;
use crate::article::BlockKind;
use crate::schema::Cleaning;

/// Marks the boilerplate and captions among the blocks of a text.
pub(super) fn mark(text: &str, blocks: &mut [Block], rules: &Cleaning) {
    let lines: Vec<String> = blocks.iter().map(|b| normal(b.span.of(text))).collect();
    for (block, line) in blocks.iter_mut().zip(&lines) {
        if is_chrome(line, rules) || is_spaced_menu(block.span.of(text)) {
            block.kind = BlockKind::Boilerplate;
        } else if rules.captions.begin(line) && line.len() < 400 {
            block.kind = BlockKind::Caption;
        }
    }
    mark_lists(text, &lines, blocks, rules);
    mark_repeated(&lines, blocks);
    mark_after_end(&lines, blocks, rules);
}

/// Lower case, single spaces, straight quotes.
fn normal(line: &str) -> String {
    if line.is_ascii() {
        return normal_ascii(line);
    }
    let mut out = String::with_capacity(line.len());
    for word in line.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        for c in word.chars() {
            match c {
                '‘' | '’' => out.push('\''),
                '“' | '”' => out.push('"'),
                c => out.extend(c.to_lowercase()),
            }
        }
    }
    out
}

/// The same for most lines, which need no look at characters.
fn normal_ascii(line: &str) -> String {
    let mut out = Vec::with_capacity(line.len());
    let mut gap = false;
    for byte in line.trim().bytes() {
        if matches!(byte, b'\t'..=b'\r' | b' ') {
            gap = true;
            continue;
        }
        if gap {
            out.push(b' ');
            gap = false;
        }
        out.push(byte.to_ascii_lowercase());
    }
    // ASCII is valid text.
    String::from_utf8(out).unwrap_or_default()
}

/// Marks the texts that the page itself places below pictures.
pub(super) fn mark_captions(text: &str, blocks: &mut [Block], captions: &[String]) {
    if captions.is_empty() {
        return;
    }
    let captions: FxHashSet<String> = captions.iter().map(|c| normal(c)).collect();
    for block in blocks.iter_mut().filter(|b| b.kind == BlockKind::Body) {
        if captions.contains(&normal(block.span.of(text))) {
            block.kind = BlockKind::Caption;
        }
    }
}

fn is_chrome(line: &str, rules: &Cleaning) -> bool {
    let bare = line.trim_matches(|c: char| {
        matches!(c, '[' | ']' | '(' | ')' | '*' | '|' | '•' | '»' | '«' | '>' | '<' | '-' | '–' | '—' | ' ')
    });
    if bare.is_empty() || rules.exact.contains(line) || rules.exact.contains(bare) {
        return true;
    }
    if rules.long_starts.begin(line) {
        return true;
    }
    if line.chars().count() > rules.short {
        return false;
    }
    let starts = rules.starts.begin(bare) || rules.starts.begin(line);
    let holds = || rules.holds.are_in(line);
    let credit = || rules.credits.are_in(line) && !ends_sentence(line);
    // "*** Subscribe now ***"
    let starred = || line.starts_with("***") && line.ends_with("***");
    starts
        || starred()
        || holds()
        || credit()
        || is_navigation(line)
        || is_stamp(line)
        || is_counter(bare)
        || is_address(bare)
}

/// "Home | World | Sport": short words between separators.
fn is_navigation(line: &str) -> bool {
    let parts: Vec<&str> =
        line.split(['|', '»', '›', '>', '•', '·', '/']).map(str::trim).filter(|p| !p.is_empty()).collect();
    let dashed: Vec<&str> = line.split(" - ").collect();
    let short = |parts: &[&str], least: usize| {
        parts.len() >= least && parts.iter().all(|p| p.split(' ').count() <= 3) && !ends_sentence(line)
    };
    short(&parts, 3) || short(&dashed, 4)
}

/// "Menu  Search  Subscribe": short entries with wide gaps between them.
fn is_spaced_menu(line: &str) -> bool {
    if !line.contains("  ") || line.contains('\n') || line.len() > 160 {
        return false;
    }
    let parts: Vec<&str> = line.split("  ").map(str::trim).filter(|p| !p.is_empty()).collect();
    let words = |p: &&str| p.split(' ').count() <= 3 && !p.chars().any(|c| c.is_ascii_digit());
    parts.len() >= 3 && parts.iter().all(words) && !ends_sentence(line)
}

/// "5 hours ago", "Mon Jun 18, 2007 8:38am EDT", "3 min read".
fn is_stamp(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    let ago = words.len() <= 4 && words.last() == Some(&"ago");
    let read = words.len() <= 5 && line.ends_with(" read") && line.contains("min");
    let stamp = || line.len() < 90 && stamp::find(line, Order::DayFirst).is_some_and(|s| s.others == 0);
    ago || read || stamp_line(line).is_some() || stamp()
}

/// "Image 1 of 5", "1 of / 8", "1of4A shopper looks on": the pictures of a gallery.
fn is_counter(bare: &str) -> bool {
    let start = bare.strip_prefix("image ").or_else(|| bare.strip_prefix("photo ")).unwrap_or(bare);
    let rest = start.trim_start_matches(|c: char| c.is_ascii_digit());
    let Some(total) = rest.trim_start().strip_prefix("of").filter(|_| rest.len() < start.len()) else {
        return false;
    };
    let total = total.trim_start_matches([' ', '/']);
    let after = total.trim_start_matches(|c: char| c.is_ascii_digit());
    // "1 of 5 people" is prose; in a gallery the caption sticks to the figure.
    after.len() < total.len() && !after.starts_with(' ')
}

fn is_address(bare: &str) -> bool {
    !bare.contains(' ')
        && (bare.starts_with("http://") || bare.starts_with("https://") || bare.starts_with("www."))
}

fn ends_sentence(line: &str) -> bool {
    line.trim_end_matches(['"', '\'', ')', ']']).ends_with(['.', '!', '?', ':', ';'])
}

/// The bullets, or the short lines without a full stop, below a heading such as "READ MORE:".
fn mark_lists(text: &str, lines: &[String], blocks: &mut [Block], rules: &Cleaning) {
    let is_bullet =
        |line: &str| line.starts_with(['*', '•', '-', '–', '>', '»', '→']) || line.starts_with(". ");
    for at in 0..lines.len() {
        let heading = lines[at].trim_end_matches(':');
        let listed = rules.list_headings.iter().any(|h| h.trim_end_matches(':') == heading);
        // A banner in capitals above bullets heads links; above paragraphs it may head a section.
        let above = lines.get(at + 1).is_some_and(|l| is_bullet(l)) && is_banner(blocks[at].span.of(text));
        if !(is_list_heading(heading) || listed || above) {
            continue;
        }
        blocks[at].kind = BlockKind::Boilerplate;
        let bullets = lines.get(at + 1).is_some_and(|l| is_bullet(l));
        for next in at + 1..lines.len().min(at + 12) {
            let line = &lines[next];
            let link = line.chars().count() <= 120
                && !line.trim_end_matches(['"', '\'', ')']).ends_with(['.', '!', ':', ';']);
            if if bullets { !is_bullet(line) } else { !link } {
                break;
            }
            blocks[next].kind = BlockKind::Boilerplate;
        }
    }
}

/// "ALSO IN CONFLICT", "MORE FROM WORLD"
fn is_banner(line: &str) -> bool {
    line.len() <= 40 && line.chars().any(char::is_alphabetic) && !line.chars().any(char::is_lowercase)
}

/// "More great stories", "Related coverage:", "Latest world news".
fn is_list_heading(line: &str) -> bool {
    let line = line.trim_end_matches(':');
    line.len() < 50
        && ["more ", "related ", "latest ", "recent "].iter().any(|w| line.starts_with(w))
        && [" stories", " news", " coverage", " articles", " headlines", " posts"]
            .iter()
            .any(|w| line.ends_with(w))
}

/// Sets the repetition of a line aside: a headline above and in the page, a caption with its credit, a pulled quote.
/// Short lines that come back far apart, and lines that come back often, are the form of the text.
fn mark_repeated(lines: &[String], blocks: &mut [Block]) {
    let mut seen: FxHashMap<&str, (usize, usize)> = FxHashMap::default();
    for (at, line) in lines.iter().enumerate() {
        if line.len() > 20 && blocks[at].kind != BlockKind::Boilerplate {
            seen.entry(line).or_insert((at, 0)).1 += 1;
        }
    }
    for (at, line) in lines.iter().enumerate() {
        let Some(&(first, times)) = seen.get(line.as_str()) else { continue };
        // Questions come back in interviews.
        let long = line.chars().count() > 100 && !line.ends_with('?');
        let chrome = first < 3 || long || times == 2 && at - first.min(at) <= 3;
        if at > first && chrome && blocks[at].kind != BlockKind::Boilerplate {
            blocks[at].kind = BlockKind::Boilerplate;
        }
    }
}

/// What follows the last line of an article, unless most of the text would be lost.
fn mark_after_end(lines: &[String], blocks: &mut [Block], rules: &Cleaning) {
    let total: usize = lines.iter().map(String::len).sum();
    let mut before = 0;
    for (at, line) in lines.iter().enumerate() {
        before += line.len();
        let ends = blocks[at].kind == BlockKind::Boilerplate && rules.endings.begin(line);
        if ends && before * 2 > total {
            blocks[at..].iter_mut().for_each(|b| b.kind = BlockKind::Boilerplate);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::layout;
    use crate::schema::Schema;

    fn kept(text: &str) -> Vec<&str> {
        let mut blocks = layout::blocks(text);
        mark(text, &mut blocks, &Schema::embedded().cleaning);
        blocks.iter().filter(|b| b.kind != BlockKind::Boilerplate).map(|b| b.span.of(text)).collect()
    }

    #[test]
    fn chrome_is_set_aside_and_prose_is_not() {
        let text = "Home | World | Sport\nTruce holds for a second day\n[ad_1]\nThe truce held.\nREAD MORE:\n* Rivals trade blame\n* Talks resume\n\
                    It had been agreed in Moscow.\nKeep reading:\nArmy shells village\nPM is willing\nBoth sides met on Friday.\nUncredited / AP\n\
                    Truce holds for a second day\nSource link\nA site with news.";
        assert_eq!(
            kept(text),
            [
                "Truce holds for a second day",
                "The truce held.",
                "It had been agreed in Moscow.",
                "Both sides met on Friday."
            ]
        );
    }
}
