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

/// Bytes that are compared as one.
const AT_A_TIME: usize = 16;

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
    let push = if is_folded(&text.as_bytes()[from..to]) { String::push_str } else { push_folded };
    if from > 0 {
        out.push_str("… ");
    }
    let mut at = from;
    for &(start, end) in spans.iter().filter(|span| span.0 >= from && span.1 <= to) {
        // Of spans that overlap, the first.
        if start < at {
            continue;
        }
        push(&mut out, &text[at..start]);
        let first = out.len();
        push(&mut out, &text[start..end]);
        highlights.push((first, out.len()));
        at = end;
    }
    push(&mut out, &text[at..to]);
    out.truncate(out.trim_end().len());
    if to < text.len() {
        out.push_str(" …");
    }
    Snippet { text: out, highlights }
}

/// Tells whether a text is ASCII with words one space apart, as most are.
fn is_folded(text: &[u8]) -> bool {
    let (first, next) = (text.first(), text.get(1..).unwrap_or_default());
    let (these, those) = (text.as_chunks().0, next.as_chunks().0);
    let rest = &text[those.len() * AT_A_TIME..];
    first.is_none_or(|byte| *byte != b' ')
        && these.iter().zip(those).all(|(these, those)| are_apart(these, those))
        && rest.iter().all(|byte| (b' '..=b'~').contains(byte))
        && rest.windows(2).all(|pair| pair != b"  ")
}

/// The same of some bytes and those that follow them; by itself, so that the compiler compares all at a time.
#[inline(never)]
fn are_apart(these: &[u8; AT_A_TIME], those: &[u8; AT_A_TIME]) -> bool {
    let is_odd = |byte: u8| u8::from(byte.wrapping_sub(b' ') > b'~' - b' ');
    let is_double = |a: u8, b: u8| u8::from(a == b' ') & u8::from(b == b' ');
    let odd = |any, (a, b): (&u8, &u8)| any | is_odd(*a) | is_double(*a, *b);
    these.iter().zip(those).fold(0, odd) == 0
}

/// Adds a text to a line: white space becomes one space, and none at the start.
fn push_folded(line: &mut String, text: &str) {
    let (mut from, mut spaced) = (0, line.is_empty() || line.ends_with(' '));
    for (at, byte) in text.bytes().enumerate() {
        let is_space = match byte {
            b'!'..=b'~' => false,
            b' ' if !spaced => {
                spaced = true;
                continue;
            }
            // Nothing starts inside a character.
            _ => match text.get(at..).and_then(|rest| rest.chars().next()) {
                Some(c) => c.is_whitespace(),
                None => continue,
            },
        };
        if is_space {
            line.push_str(&text[from..at]);
            line.push_str(if spaced { "" } else { " " });
            from = at + text[at..].chars().next().map_or(1, char::len_utf8);
        }
        spaced = is_space;
    }
    line.push_str(&text[from..]);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut line = String::new();
        push_folded(&mut line, text);
        line
    }

    #[test]
    fn white_space_becomes_one_space() {
        assert_eq!(folded(" \n a\u{2003}\u{a0}b \t“c” \r\n"), "a b “c” ");
        assert_eq!(folded("naïve — ok"), "naïve — ok");
    }

    #[test]
    fn what_is_taken_as_it_is_has_nothing_to_fold() {
        let around = |odd: &str, before: usize, after: usize| "a".repeat(before) + odd + &"b".repeat(after);
        for (before, after) in (0..40).flat_map(|before| (0..20).map(move |after| (before, after))) {
            for odd in ["  ", "\n", "\t", "\u{a0}", "\u{7f}"] {
                assert!(!is_folded(around(odd, before, after).as_bytes()), "{odd:?} behind {before}");
            }
            let plain = around("-", before, 0) + &around(" ", 1, after);
            assert!(is_folded(plain.as_bytes()) && folded(&plain) == plain, "{plain}");
        }
    }
}
