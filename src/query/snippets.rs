//! Pieces of an article around the words that were searched.

use super::plan::Notes;
use super::results::Snippet;
use super::wanted::Occurrence;
use super::wanted::Wanted;
use crate::article::Article;
use crate::index::NewsTokenizer;
use crate::tokens::next_word;

/// Bytes of a snippet, about.
const LENGTH: usize = 240;

/// Bytes of a block that are looked through before it is asked whether that is enough.
const AT_ONCE: usize = 1024;

/// Snippets of a hit.
const MOST: usize = 2;

/// How good a piece is: different terms in it, then terms that stand in a row as in the query.
type Worth = (usize, usize);

/// A piece of a block that holds terms.
struct Window<'a> {
    worth: Worth,
    block: &'a str,
    /// Where its first term starts.
    start: usize,
    /// The terms of the block: first bytes, and one past the last.
    spans: Vec<(usize, usize)>,
}

/// Cuts pieces of one article after another for one query.
pub(crate) struct Snippets<'n> {
    notes: &'n Notes,
    wanted: Wanted<'n>,
}

impl<'n> Snippets<'n> {
    pub fn new(notes: &'n Notes, tokenizer: &'n NewsTokenizer) -> Self {
        Snippets { notes, wanted: Wanted::new(notes, tokenizer) }
    }

    /// Cuts the pieces of an article that hold most of the terms; its lead if there are no terms.
    pub fn of(&self, article: &Article) -> Vec<Snippet> {
        let mut windows: Vec<Window> = Vec::new();
        let mut enough = 0;
        for block in article.paragraphs().filter(|_| !self.wanted.is_empty()) {
            let Some(window) = self.window(block.span.of(&article.text)) else { continue };
            enough += usize::from(self.is_enough(window.worth));
            windows.push(window);
            if enough >= MOST {
                break;
            }
        }
        windows.sort_by_key(|w| std::cmp::Reverse(w.worth));
        if windows.is_empty() {
            let lead = article.paragraphs().next().map(|b| cut(b.span.of(&article.text), 0, &[]));
            return lead.into_iter().collect();
        }
        windows.iter().take(MOST).map(|w| cut(w.block, w.start, &w.spans)).collect()
    }

    /// The first window of a block that holds all that was asked for, or else the one that holds most.
    fn window<'a>(&self, block: &'a str) -> Option<Window<'a>> {
        let mut found: Vec<Occurrence> = Vec::new();
        let (mut best, mut looked) = (None, 0);
        let mut from = 0;
        while from < block.len() && best.is_none_or(|(_, worth)| !self.is_enough(worth)) {
            let to = Some(boundary(block, from + AT_ONCE)).filter(|to| *to > from).unwrap_or(block.len());
            self.wanted.add_occurrences(block, from..to, &mut found);
            // What begins near the end may go on behind it.
            let whole = |o: &Occurrence| to == block.len() || o.start + LENGTH <= to;
            while found.get(looked).is_some_and(whole) {
                let worth = worth(block, &found[looked..]);
                if best.is_none_or(|(_, most)| worth > most) {
                    best = Some((looked, worth));
                }
                looked += 1;
            }
            from = to;
        }
        let (first, worth) = best?;
        let spans = found.iter().map(|o| (o.start, o.end)).collect();
        Some(Window { worth, block, start: found[first].start, spans })
    }

    /// Tells whether a piece holds all that was asked for.
    fn is_enough(&self, worth: Worth) -> bool {
        worth.0 >= self.notes.words && (worth.1 > 0 || !self.notes.phrases)
    }
}

/// How good the window is that begins with the first of some occurrences.
fn worth(block: &str, found: &[Occurrence]) -> Worth {
    let inside = found.iter().take_while(|o| o.end <= found[0].start + LENGTH);
    let is_next = |a: &Occurrence, b: &Occurrence| {
        next_word(block, a.end).is_some_and(|word| word.raw.start == b.start)
    };
    let follows = |a: &Occurrence, b: &Occurrence| b.term == a.term + 1 && is_next(a, b);
    let in_row = inside.clone().zip(inside.clone().skip(1)).filter(|(a, b)| follows(a, b)).count();
    let mut terms: Vec<usize> = inside.map(|o| o.term).collect();
    terms.sort_unstable();
    terms.dedup();
    (terms.len(), in_row)
}

/// Cuts a piece around a byte, at word boundaries, with an ellipsis where text is left out. The spans are in order.
fn cut(text: &str, around: usize, spans: &[(usize, usize)]) -> Snippet {
    let whole = text.len() <= LENGTH + 60;
    let from = if whole { 0 } else { boundary(text, around.saturating_sub(70)) };
    let to = if whole { text.len() } else { boundary(text, (from + LENGTH).min(text.len())) };
    let mut out = String::with_capacity(to - from + 8);
    let mut highlights: Vec<(usize, usize)> = Vec::new();
    if from > 0 {
        out.push_str("… ");
    }
    let mut at = from;
    for &(start, end) in spans.iter().filter(|span| span.0 >= from && span.1 <= to) {
        // Of spans that overlap, the first.
        if start < at {
            continue;
        }
        push_folded(&text[at..start], &mut out);
        let first = out.len();
        push_folded(&text[start..end], &mut out);
        highlights.push((first, out.len()));
        at = end;
    }
    push_folded(&text[at..to], &mut out);
    out.truncate(out.trim_end().len());
    if to < text.len() {
        out.push_str(" …");
    }
    Snippet { text: out, highlights }
}

/// Adds a text to a line: white space becomes one space, and none at the start.
fn push_folded(text: &str, line: &mut String) {
    // Most texts have single spaces only.
    let is_plain = |byte: &u8| (b' '..0x7f).contains(byte);
    let bytes = text.as_bytes();
    let doubles = text.starts_with(' ') && (line.is_empty() || line.ends_with(' '));
    let after = bytes.get(1..).unwrap_or_default();
    // Without a way out in between, many bytes are compared at once.
    let plain = bytes.iter().fold(true, |all, byte| all & is_plain(byte))
        & bytes.iter().zip(after).fold(true, |all, (a, b)| all & !((*a == b' ') & (*b == b' ')));
    if !doubles && plain {
        return line.push_str(text);
    }
    for c in text.chars() {
        if !c.is_whitespace() {
            line.push(c);
        } else if !(line.is_empty() || line.ends_with(' ')) {
            line.push(' ');
        }
    }
}

/// The piece of a text around a byte.
pub(super) fn around(text: &str, at: usize) -> String {
    cut(text, at, &[]).text
}

/// The start of the word that a byte stands in.
fn boundary(text: &str, mut at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    while at > 0 && !(text.is_char_boundary(at) && text[..at].ends_with(char::is_whitespace)) {
        at -= 1;
    }
    at
}
