//! Cuts text into tokens; the one tokenizer that extraction and the index share.
//!
//! A token is a word, a number, a possessive `'s` or a single punctuation mark. Dotted acronyms (`U.S.`)
//! are one token; a hyphen is a token of its own, flagged as glued. Nothing here knows what a word means:
//! [`Vocabulary`] only gives known words a number, so that later stages compare integers.

mod packed;
mod vocabulary;
mod words;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

pub use packed::Packed;
pub use packed::packed;
pub use packed::push_letters;
pub use vocabulary::Vocabulary;
pub use words::Word;
pub use words::next_word;

/// What a token is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Letters, possibly with digits, inner apostrophes or acronym dots.
    Word,
    /// Starts with a digit; may hold inner `,` and `.`.
    Number,
    /// `'s` after a word, with a straight or a curly apostrophe.
    Possessive,
    /// One character that is none of the above and no white space.
    Mark,
}

/// A token before any look-up: byte range and class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is made of.
    pub class: Class,
}

/// First letter is a capital.
pub const CAPITAL: u16 = 1;
/// At least two letters, all capitals.
pub const UPPER: u16 = 1 << 1;
/// No white space before it.
pub const GLUED: u16 = 1 << 2;
/// A line break stands before it.
pub const BREAK: u16 = 1 << 3;
/// Starts with a digit.
pub const NUMBER: u16 = 1 << 4;
/// A punctuation mark.
pub const MARK: u16 = 1 << 5;
/// A dotted acronym such as `U.N.`.
pub const DOTTED: u16 = 1 << 6;

/// A token with its word number and flags. Offsets are bytes into the text it was cut from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Number in the [`Vocabulary`]; [`UNKNOWN`] if the word has none.
    pub word: u32,
    /// Bit set of the flags above.
    pub flags: u16,
    /// What was noted of the word, see [`Vocabulary::note`]; nothing of an unknown one.
    pub notes: u16,
}

impl Token {
    /// Tells whether any of the given flags is set.
    #[inline]
    pub fn has(&self, flags: u16) -> bool {
        self.flags & flags != 0
    }

    /// Tells whether any of the given bits was noted of the word.
    #[inline]
    pub fn noted(&self, notes: u16) -> bool {
        self.notes & notes != 0
    }

    /// Returns the token's letters in the text it was cut from.
    #[inline]
    pub fn text<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start as usize..self.end as usize]
    }

    /// Tells whether the token is this ASCII word, capitals aside.
    #[inline]
    pub fn says(&self, text: &str, word: &str) -> bool {
        // Most words differ in their length, which needs no look at the text.
        (self.end - self.start) as usize == word.len()
            && text.as_bytes()[self.start as usize..self.end as usize].eq_ignore_ascii_case(word.as_bytes())
    }
}

/// The word number of every word that no table names.
pub const UNKNOWN: u32 = 0;

/// Returns the next token at or after byte `at`, skipping white space and control characters.
pub fn scan(text: &str, mut at: usize) -> Option<Raw> {
    let bytes = text.as_bytes();
    loop {
        let byte = *bytes.get(at)?;
        if byte < 0x80 {
            if byte <= b' ' || byte == 0x7f {
                at += 1;
                continue;
            }
            if byte.is_ascii_alphanumeric() {
                return Some(word(text, at));
            }
            if byte == b'\'' {
                return Some(apostrophe(text, at, 1));
            }
            return Some(Raw { start: at, end: at + 1, class: Class::Mark });
        }
        let c = text[at..].chars().next()?;
        let width = c.len_utf8();
        if c.is_alphanumeric() {
            return Some(word(text, at));
        }
        if c == '’' || c == '‘' {
            return Some(apostrophe(text, at, width));
        }
        if c.is_whitespace() || is_invisible(c) || is_combining_mark(c) {
            at += width;
            continue;
        }
        return Some(Raw { start: at, end: at + width, class: Class::Mark });
    }
}

/// Zero-width characters, soft hyphens and byte-order marks separate nothing and mean nothing.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || c.is_control()
}

/// An apostrophe is `'s` when an s ends the word there, else a mark.
fn apostrophe(text: &str, at: usize, width: usize) -> Raw {
    let bytes = text.as_bytes();
    let is_s = matches!(bytes.get(at + width), Some(b's' | b'S'));
    if is_s && !word_continues(text, at + width + 1) {
        return Raw { start: at, end: at + width + 1, class: Class::Possessive };
    }
    Raw { start: at, end: at + width, class: Class::Mark }
}

/// Tells whether a letter or digit stands at byte `at`.
fn word_continues(text: &str, at: usize) -> bool {
    match text.as_bytes().get(at) {
        None => false,
        Some(byte) if *byte < 0x80 => byte.is_ascii_alphanumeric(),
        Some(_) => text[at..].chars().next().is_some_and(|c| c.is_alphanumeric() || is_combining_mark(c)),
    }
}

fn word(text: &str, start: usize) -> Raw {
    let bytes = text.as_bytes();
    if let Some(end) = acronym(bytes, start) {
        return Raw { start, end, class: Class::Word };
    }
    let class = if bytes[start].is_ascii_digit() { Class::Number } else { Class::Word };
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii_alphanumeric() {
            at += 1;
        } else if byte == b'\'' {
            if !joins(text, at, 1) {
                break;
            }
            at += 1;
        } else if (byte == b'.' || byte == b',') && class == Class::Number {
            if !(bytes[at - 1].is_ascii_digit() && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)) {
                break;
            }
            at += 1;
        } else if byte < 0x80 {
            break;
        } else {
            let Some(c) = text[at..].chars().next() else { break };
            let joined =
                c.is_alphanumeric() || is_combining_mark(c) || (c == '’' && joins(text, at, c.len_utf8()));
            if !joined {
                break;
            }
            at += c.len_utf8();
        }
    }
    Raw { start, end: at, class }
}

/// An apostrophe inside a word (`N'Djamena`, `don't`) belongs to it, unless it opens a possessive.
fn joins(text: &str, at: usize, width: usize) -> bool {
    word_continues(text, at + width) && apostrophe(text, at, width).class == Class::Mark
}

/// `U.S.`, `U.N`, `a.m.`: single letters with dots between; returns where it ends.
fn acronym(bytes: &[u8], start: usize) -> Option<usize> {
    let letter = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_alphabetic);
    let dot = |i: usize| bytes.get(i) == Some(&b'.');
    if !(letter(start) && dot(start + 1) && letter(start + 2)) {
        return None;
    }
    let mut at = start;
    while letter(at) && dot(at + 1) {
        at += 2;
    }
    if letter(at) {
        // "U.N" without its last dot is an acronym; "J.Smith" is not.
        let ends = !bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80);
        return if ends { Some(at + 1) } else { None };
    }
    Some(at)
}

/// Lower-cases `text` into `out` and takes off accents, so that `Erdoğan` and `Erdogan` are one word.
pub fn fold_into(text: &str, out: &mut String) {
    out.clear();
    if text.is_ascii() {
        out.push_str(text);
        out.make_ascii_lowercase();
        return;
    }
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            '’' | '‘' | 'ʼ' | '`' => out.push('\''),
            'ı' | 'İ' => out.push('i'),
            'ø' | 'Ø' => out.push('o'),
            'ł' | 'Ł' => out.push('l'),
            'đ' | 'Đ' | 'ð' | 'Ð' => out.push('d'),
            'ß' => out.push_str("ss"),
            'æ' | 'Æ' => out.push_str("ae"),
            'œ' | 'Œ' => out.push_str("oe"),
            'þ' | 'Þ' => out.push_str("th"),
            'ə' | 'Ə' => out.push('a'),
            other => out.extend(other.to_lowercase()),
        }
    }
}

/// Returns `text` lower-cased and without accents.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// Folds a token: an acronym also loses its dots (`U.S.` = `us` is told apart by case later, not here).
pub fn fold_token(text: &str, out: &mut String) {
    fold_into(text, out);
    if out.contains('.') && acronym(out.as_bytes(), 0) == Some(out.len()) {
        out.retain(|c| c != '.');
    }
}

fn case_flags(letters: &str) -> u16 {
    let Some(first) = letters.chars().next() else { return 0 };
    let mut flags = 0;
    if first.is_ascii_digit() {
        flags |= NUMBER;
    }
    if first.is_uppercase() {
        flags |= CAPITAL;
        let mut count = 0;
        if letters.chars().filter(|c| c.is_alphabetic()).all(|c| {
            count += 1;
            !c.is_lowercase()
        }) && count >= 2
        {
            flags |= UPPER;
        }
    }
    if letters.contains('.') && flags & NUMBER == 0 {
        flags |= DOTTED;
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        let mut at = 0;
        std::iter::from_fn(|| {
            let raw = scan(text, at)?;
            at = raw.end;
            Some(&text[raw.start..raw.end])
        })
        .collect()
    }

    #[test]
    fn acronyms_possessives_and_hyphens() {
        assert_eq!(cut("U.S.-brokered truce"), ["U.S.", "-", "brokered", "truce"]);
        assert_eq!(cut("Russia’s 5,000 men, don't"), ["Russia", "’s", "5,000", "men", ",", "don't"]);
        assert_eq!(cut("N'Djamena's telling.Armenia"), ["N'Djamena", "'s", "telling", ".", "Armenia"]);
        assert_eq!(cut("the 1990s, 2020-10-27."), ["the", "1990s", ",", "2020", "-", "10", "-", "27", "."]);
        assert_eq!(cut("J.Smith U.N"), ["J", ".", "Smith", "U.N"]);
    }

    #[test]
    fn folding_takes_off_accents_and_dots() {
        assert_eq!(fold("Erdoğan Türkiye"), "erdogan turkiye");
        let mut out = String::new();
        fold_token("U.N.", &mut out);
        assert_eq!(out, "un");
    }
}
