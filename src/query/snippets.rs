//! Pieces of an article around the words that were searched.

use rustc_hash::FxHashMap;

use super::plan::Notes;
use super::results::Snippet;
use crate::article::Article;
use crate::index;
use crate::index::NewsTokenizer;

/// Bytes of a snippet, about.
const LENGTH: usize = 240;

/// Snippets of a hit.
const MOST: usize = 2;

/// A place in the text where a term stands.
struct Occurrence {
    /// Number of the term; the terms of a phrase have numbers in a row.
    term: usize,
    /// Number of the word in its block.
    position: usize,
    start: usize,
    end: usize,
}

/// How good a piece is: different terms in it, then terms that stand in a row as in the query.
type Worth = (usize, usize);

/// Cuts the pieces of an article that hold most of the terms; its lead if there are no terms.
pub(crate) fn snippets(article: &Article, notes: &Notes, tokenizer: &NewsTokenizer) -> Vec<Snippet> {
    let mut windows: Vec<(Worth, Snippet)> = Vec::new();
    let wanted = Wanted::new(notes);
    if !notes.terms.is_empty() || !notes.written.is_empty() {
        for block in article.paragraphs() {
            let text = block.span.of(&article.text);
            let found = wanted.occurrences(text, tokenizer);
            windows.extend(best_window(text, &found));
            let enough =
                |(worth, _): &&(Worth, Snippet)| worth.0 >= notes.words && (worth.1 > 0 || !notes.phrases);
            if windows.iter().filter(enough).count() >= MOST {
                break;
            }
        }
    }
    windows.sort_by_key(|w| std::cmp::Reverse(w.0));
    if windows.is_empty() {
        let lead = article.paragraphs().next().map(|b| cut(b.span.of(&article.text), 0, &[]));
        return lead.into_iter().collect();
    }
    windows.into_iter().take(MOST).map(|(_, s)| s).collect()
}

/// The terms of a query by their text.
struct Wanted<'n> {
    /// How words begin that may have one of the stems.
    beginnings: Vec<&'n [u8]>,
    stems: FxHashMap<&'n str, usize>,
    written: FxHashMap<&'n str, usize>,
}

impl<'n> Wanted<'n> {
    fn new(notes: &'n Notes) -> Self {
        let mut stems = FxHashMap::default();
        for (number, term) in notes.terms.iter().enumerate() {
            stems.entry(term.as_str()).or_insert(number);
        }
        let first = notes.terms.len();
        // All words of patterns are one term: a piece is no better for more of them.
        let written = notes.written.iter().map(|word| (word.as_str(), first)).collect();
        // A stem keeps the beginning of its words, a short one perhaps only the first letter: "dying" is "die".
        let begin = |term: &'n String| &term.as_bytes()[..if term.len() > 3 { 3 } else { term.len().min(1) }];
        let mut beginnings: Vec<&[u8]> = notes.terms.iter().map(begin).collect();
        beginnings.sort_unstable();
        beginnings.dedup();
        Wanted { beginnings, stems, written }
    }

    /// Tells whether a word begins as one that is wanted, so that it is worth its stem. A compound begins as its first
    /// half, which may be shorter than what is looked for.
    fn may_be(&self, word: &str) -> bool {
        let same = |wanted: &&[u8]| {
            let both = wanted.len().min(word.len());
            word.as_bytes()[..both].eq_ignore_ascii_case(&wanted[..both])
        };
        !word.is_ascii() || self.beginnings.iter().any(same)
    }

    fn occurrences(&self, text: &str, tokenizer: &NewsTokenizer) -> Vec<Occurrence> {
        let mut found = Vec::new();
        let mut look =
            |terms: &FxHashMap<&str, usize>, tokenizer: &NewsTokenizer, may_be: &dyn Fn(&str) -> bool| {
                index::each_token_that(tokenizer, text, may_be, |token, position, start, end| {
                    if let Some(term) = terms.get(token) {
                        found.push(Occurrence { term: *term, position, start, end });
                    }
                });
            };
        look(&self.stems, tokenizer, &|word| self.may_be(word));
        if !self.written.is_empty() {
            look(&self.written, &tokenizer.as_written(), &|_| true);
        }
        found.sort_by_key(|o| (o.start, o.end));
        found
    }
}

/// The window with the most different terms, the earliest of equals.
fn best_window(text: &str, found: &[Occurrence]) -> Option<(Worth, Snippet)> {
    let worth = |from: usize| {
        let inside = found[from..].iter().take_while(|o| o.end <= found[from].start + LENGTH);
        let mut terms: Vec<usize> = inside.clone().map(|o| o.term).collect();
        let follows = |a: &Occurrence, b: &Occurrence| b.term == a.term + 1 && b.position == a.position + 1;
        let in_row = inside.clone().zip(inside.skip(1)).filter(|(a, b)| follows(a, b)).count();
        terms.sort_unstable();
        terms.dedup();
        (terms.len(), in_row)
    };
    let best = (0..found.len()).max_by_key(|i| (worth(*i), std::cmp::Reverse(*i)))?;
    let spans: Vec<(usize, usize)> = found.iter().map(|o| (o.start, o.end)).collect();
    Some((worth(best), cut(text, found[best].start, &spans)))
}

/// Cuts a piece around a byte, at word boundaries, with an ellipsis where text is left out.
fn cut(text: &str, around: usize, spans: &[(usize, usize)]) -> Snippet {
    let mut from = if text.len() <= LENGTH + 60 { 0 } else { around.saturating_sub(70) };
    from = boundary(text, from);
    let mut to = boundary(text, (from + LENGTH).min(text.len()));
    if text.len() <= LENGTH + 60 {
        to = text.len();
    }
    let mut out = String::new();
    let mut highlights: Vec<(usize, usize)> = Vec::new();
    if from > 0 {
        out.push_str("… ");
    }
    // White space is folded, so that a snippet is one line; offsets follow.
    let mut space = true;
    let mut open = None;
    for (at, c) in text[from..to].char_indices().map(|(i, c)| (i + from, c)) {
        if let Some(span) = spans.iter().find(|s| s.0 == at && s.1 <= to) {
            open = Some((out.len(), span.1));
        }
        if c.is_whitespace() {
            if !space {
                out.push(' ');
            }
            space = true;
        } else {
            out.push(c);
            space = false;
        }
        if let Some((start, end)) = open
            && at + c.len_utf8() >= end
        {
            if highlights.last().is_none_or(|h| h.1 <= start) {
                highlights.push((start, out.len()));
            }
            open = None;
        }
    }
    let mut text_out = out.trim_end().to_string();
    if to < text.len() {
        text_out.push_str(" …");
    }
    Snippet { text: text_out, highlights }
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
