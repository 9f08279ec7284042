//! The words that an answer highlights: how they begin, and where they stand in a text.

use std::ops::Range;

use memchr::memchr2_iter;
use rustc_hash::FxHashMap;

use super::plan::Notes;
use crate::index;
use crate::index::NewsTokenizer;
use crate::tokens::next_word;

/// Letters that a beginning has at most.
const LETTERS: usize = 8;

/// Beginnings that are looked for at most; with more, every word of a text is looked at.
const MOST: usize = 16;

/// Letters of English, the most frequent first.
const FREQUENT: &[u8; 26] = b"etaoinsrhldcumfpgwybvkxjqz";

/// What may stand between two letters of a beginning: of an acronym, or of a compound.
const BETWEEN: [u8; 4] = [b'.', b'-', b' ', b'\n'];

/// A place in the text where a term stands.
pub(super) struct Occurrence {
    /// Number of the term; the terms of a phrase have numbers in a row.
    pub term: usize,
    pub start: usize,
    pub end: usize,
}

/// The terms of a query by their text.
pub(super) struct Wanted<'n> {
    stems: FxHashMap<&'n str, usize>,
    written: FxHashMap<&'n str, usize>,
    beginnings: Option<Beginnings>,
    tokenizer: &'n NewsTokenizer,
}

impl<'n> Wanted<'n> {
    pub fn new(notes: &'n Notes, tokenizer: &'n NewsTokenizer) -> Self {
        let mut stems = FxHashMap::default();
        for (number, term) in notes.terms.iter().enumerate() {
            stems.entry(term.as_str()).or_insert(number);
        }
        let first = notes.terms.len();
        // All words of patterns are one term: a piece is no better for more of them.
        let written = notes.written.iter().map(|word| (word.as_str(), first)).collect();
        Wanted { stems, written, beginnings: Beginnings::new(notes, tokenizer), tokenizer }
    }

    /// Tells whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.stems.is_empty() && self.written.is_empty()
    }

    /// Finds the terms that begin in a piece of a block, in order.
    pub fn add_occurrences(&self, block: &str, piece: Range<usize>, found: &mut Vec<Occurrence>) {
        let known = found.len();
        let places = match &self.beginnings {
            Some(beginnings) if is_plain(&block[piece.clone()]) => beginnings.places(block, piece.clone()),
            _ => word_starts(block, piece.clone()),
        };
        if places.is_empty() {
            return;
        }
        let mut look = |terms: &FxHashMap<&str, usize>, tokenizer: &NewsTokenizer| {
            index::each_token_at(tokenizer, block, &places, |token, start, end| {
                if let (Some(term), true) = (terms.get(token), piece.contains(&start)) {
                    found.push(Occurrence { term: *term, start, end });
                }
            });
        };
        if !self.stems.is_empty() {
            look(&self.stems, self.tokenizer);
        }
        if !self.written.is_empty() {
            look(&self.written, &self.tokenizer.as_written());
        }
        found[known..].sort_by_key(|o| (o.start, o.end));
    }
}

/// How the words begin that may be wanted, so that most words of a text need no look.
struct Beginnings(Vec<Beginning>);

struct Beginning {
    /// Small letters and digits, ASCII.
    letters: Vec<u8>,
    /// Which of them is the rarest in texts.
    rarest: usize,
}

impl Beginnings {
    /// None if there are many, or if it is not known here what their letters may look like in a text.
    fn new(notes: &Notes, tokenizer: &NewsTokenizer) -> Option<Beginnings> {
        let mut all: Vec<&[u8]> = Vec::new();
        for word in notes.terms.iter().chain(&notes.written) {
            if !word.is_ascii() {
                return None;
            }
            all.push(kept(word));
            if word.ends_with("ie") {
                // "dying" is of "die".
                all.push(&word.as_bytes()[..1]);
            }
            all.extend(tokenizer.first_half(word).map(kept));
        }
        all.sort_unstable();
        // What begins as another one is found with it.
        all.dedup_by(|longer, shorter| longer.starts_with(shorter));
        (all.len() <= MOST).then(|| Beginnings(all.into_iter().map(Beginning::new).collect()))
    }

    /// The places in a piece of a text where such words begin, in order.
    fn places(&self, text: &str, piece: Range<usize>) -> Vec<usize> {
        let mut places: Vec<usize> = Vec::new();
        self.0.iter().for_each(|beginning| beginning.add_places(text.as_bytes(), &piece, &mut places));
        places.sort_unstable();
        places.dedup();
        places
    }
}

impl Beginning {
    fn new(letters: &[u8]) -> Beginning {
        let rank = |letter: &u8| FREQUENT.iter().position(|other| other == letter).unwrap_or(FREQUENT.len());
        let rarest = (0..letters.len()).max_by_key(|at| rank(&letters[*at])).unwrap_or(0);
        Beginning { letters: letters.to_vec(), rarest }
    }

    /// Looks where the rarest letter is.
    fn add_places(&self, text: &[u8], piece: &Range<usize>, places: &mut Vec<usize>) {
        let Some(letter) = self.letters.get(self.rarest) else { return };
        // With something between the letters it stands up to twice as far.
        let to = text.len().min(piece.end + 2 * self.rarest);
        for found in memchr2_iter(*letter, letter.to_ascii_uppercase(), &text[piece.start..to]) {
            let found = found + piece.start;
            let Some(start) = found.checked_sub(self.rarest) else { continue };
            if !self.is_led_up_to(&text[..found]) {
                continue;
            }
            if self.is_at(text, start) {
                if piece.contains(&start) {
                    places.push(start);
                }
            } else if text[start..found].iter().any(|byte| BETWEEN.contains(byte)) {
                let starts = start.saturating_sub(self.rarest)..start;
                places.extend(starts.filter(|start| piece.contains(start) && self.is_at(text, *start)));
            }
        }
    }

    /// Tells whether a text ends with the letter before the rarest: most places are no more than the one letter.
    #[inline]
    fn is_led_up_to(&self, before: &[u8]) -> bool {
        let Some(letter) = self.rarest.checked_sub(1).map(|at| self.letters[at]) else { return true };
        match before {
            [.., last] if last.eq_ignore_ascii_case(&letter) => true,
            [.., other, last] => BETWEEN.contains(last) && other.eq_ignore_ascii_case(&letter),
            _ => false,
        }
    }

    /// Tells whether a word begins so at a place: capitals or not, with the dots of an acronym, or in a compound's halves.
    fn is_at(&self, text: &[u8], start: usize) -> bool {
        if start > 0 && text[start - 1].is_ascii_alphanumeric() {
            return false;
        }
        let mut rest = text[start..].iter();
        self.letters.iter().enumerate().all(|(at, letter)| {
            let is_letter = |next: Option<&u8>| next.is_some_and(|byte| byte.eq_ignore_ascii_case(letter));
            let next = rest.next();
            is_letter(next)
                || at > 0 && next.is_some_and(|byte| BETWEEN.contains(byte)) && is_letter(rest.next())
        })
    }
}

/// The letters of a stem that all its words keep: "citi" is of "city", "hope" of "hoping", "possibl" of "possibility".
fn kept(stem: &str) -> &[u8] {
    let bytes = stem.as_bytes();
    let changes = bytes.len() > 2 && matches!(bytes[bytes.len() - 1], b'i' | b'y' | b'e' | b'l');
    &bytes[..(bytes.len() - usize::from(changes)).min(LETTERS)]
}

/// The places in a piece of a text where any word begins.
fn word_starts(text: &str, piece: Range<usize>) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut next = next_word(text, piece.start);
    while let Some(word) = next.filter(|word| word.raw.start < piece.end) {
        starts.push(word.raw.start);
        next = next_word(text, word.raw.end);
    }
    starts
}

/// Tells whether a text holds nothing but ASCII and the punctuation of typesetters.
fn is_plain(text: &str) -> bool {
    text.is_ascii()
        || text.chars().all(|c| c.is_ascii() || matches!(c, '\u{2013}'..='\u{201f}' | '\u{2026}' | '\u{a0}'))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::schema::Schema;

    fn notes(term: &str) -> Notes {
        Notes { terms: vec![term.to_string()], ..Notes::default() }
    }

    fn is_found_where_it_stands(text: &str) {
        let tokenizer = NewsTokenizer::new(Schema::embedded());
        let mut known = BTreeSet::new();
        index::each_token(&tokenizer, text, |term, _, start, end| {
            if !known.insert(term.to_string()) {
                return;
            }
            let mut found = Vec::new();
            let notes = notes(term);
            let wanted = Wanted::new(&notes, &tokenizer);
            wanted.add_occurrences(text, 0..text.len(), &mut found);
            assert!(found.iter().any(|o| (o.start, o.end) == (start, end)), "{term} in {text}");
        });
    }

    #[test]
    fn a_term_is_found_in_every_form() {
        is_found_where_it_stands(
            "He is dying. Skies cleared. A cry for e-mail; cease fire, cease\nfire and Cease-Fire. U.S. troops. \
             Café talks of the oil-rich U.S.S.R., isn’t it? 5,000 men early only gas by O'Neill on an iPhone, gently \
             relational possibilities; capability of ability; flying skis; happily; co-operating; THE END",
        );
    }

    fn texts_below(path: &std::path::Path) -> Vec<String> {
        match std::fs::read_dir(path) {
            Ok(inside) => inside.flatten().flat_map(|entry| texts_below(&entry.path())).collect(),
            Err(_) => std::fs::read_to_string(path).into_iter().collect(),
        }
    }

    #[test]
    fn a_term_is_found_in_the_sample_corpus() {
        let texts = texts_below(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus").as_ref());
        assert!(texts.len() > 20);
        texts.iter().flat_map(|text| text.lines()).for_each(is_found_where_it_stands);
    }

    #[test]
    fn other_words_are_passed_over() {
        let tokenizer = NewsTokenizer::new(Schema::embedded());
        let places = |term: &str, text: &str| {
            Beginnings::new(&notes(term), &tokenizer).map(|begin| begin.places(text, 0..text.len()))
        };
        assert_eq!(places("truce", "A truce, astruc and Trucks"), Some(vec![2, 20]));
        assert_eq!(places("ceasefir", "a cease fire; Cease-Fire; seafire"), Some(vec![2, 14]));
        assert_eq!(places("ussr", "the U.S.S.R. and Russia"), Some(vec![4]));
    }
}
