//! Numbers for the words that the tables know, and the way from text to tokens that bear them.

use rustc_hash::FxHashMap;

use super::BREAK;
use super::CAPITAL;
use super::Class;
use super::GLUED;
use super::MARK;
use super::NUMBER;
use super::Raw;
use super::Token;
use super::UNKNOWN;
use super::UPPER;
use super::case_flags;
use super::fold_into;
use super::fold_token;
use super::packed::Packed;
use super::packed::packed;
use super::scan;
use super::words::plain_word;
use super::words::possessive;

/// Numbers for the words that the tables know.
#[derive(Debug)]
pub struct Vocabulary {
    /// Words of few ASCII bytes, packed: most of a text. At least half of the slots are empty.
    short: Vec<Slot>,
    /// The others.
    long: FxHashMap<Box<str>, Known>,
    /// Single ASCII bytes, so that a punctuation mark needs no hashing.
    single: [Known; 0x80],
    /// The possessive `'s`, however it is written.
    possessive: Known,
    /// Numbers given out, the unknown word's included.
    size: u32,
}

/// Slots to start with: a power of two, enough for the tables at hand.
const ROOM: usize = 1 << 16;

/// A word's number, and what is noted of it.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    word: u32,
    notes: u16,
}

/// A place in the table of short words; empty if its word is [`UNKNOWN`].
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    packed: Packed,
    known: Known,
}

/// What may start at a byte.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    Gap,
    Word,
    Mark,
    /// Only [`scan`] knows.
    Other,
}

/// By byte, what starts there.
static STARTS: [Start; 256] = {
    let mut table = [Start::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        let ascii = byte as u8;
        if ascii.is_ascii_alphanumeric() {
            table[byte] = Start::Word;
        } else if ascii.is_ascii_punctuation() && ascii != b'\'' {
            table[byte] = Start::Mark;
        } else if ascii <= b' ' {
            table[byte] = Start::Gap;
        }
        byte += 1;
    }
    table
};

/// The bytes of a short ASCII word as one number.
fn pack(word: &str) -> Option<Packed> {
    packed(word, 0, word.len(), false)
}

impl Default for Vocabulary {
    fn default() -> Self {
        let known = Known::default();
        Vocabulary {
            short: vec![Slot::default(); ROOM],
            long: FxHashMap::default(),
            single: [known; 0x80],
            possessive: known,
            size: 1,
        }
    }
}

impl Vocabulary {
    /// Returns the number of a folded word, giving it one if it has none.
    pub fn intern(&mut self, folded: &str) -> u32 {
        let number = self.number(folded);
        if number != UNKNOWN || folded.is_empty() {
            return number;
        }
        let known = Known { word: self.size, notes: 0 };
        self.size += 1;
        match pack(folded) {
            Some(packed) => self.insert(Slot { packed, known }),
            None => drop(self.long.insert(folded.into(), known)),
        }
        if let [byte @ 0..0x80] = folded.as_bytes() {
            self.single[*byte as usize] = known;
        }
        if folded == "'s" {
            self.possessive = known;
        }
        known.word
    }

    /// Returns the number of a token of a table, giving it one if it has none; `folded` is room for its letters.
    pub fn intern_token(&mut self, text: &str, raw: Raw, folded: &mut String) -> u32 {
        // Most are known, and found without a copy of their letters.
        let dotted = || text.as_bytes()[raw.start..raw.end].contains(&b'.');
        if raw.class == Class::Word
            && let Some(packed) = packed(text, raw.start, raw.end, true).filter(|_| !dotted())
            && let known = self.short[self.place(packed)].known.word
            && known != UNKNOWN
        {
            return known;
        }
        if raw.class == Class::Possessive {
            return self.intern("'s");
        }
        fold_token(&text[raw.start..raw.end], folded);
        self.intern(folded)
    }

    fn insert(&mut self, slot: Slot) {
        if self.size as usize * 2 > self.short.len() {
            let room = vec![Slot::default(); self.short.len() * 2];
            let old = std::mem::replace(&mut self.short, room);
            old.into_iter().filter(|s| s.known.word != UNKNOWN).for_each(|s| self.put(s));
        }
        self.put(slot);
    }

    fn put(&mut self, slot: Slot) {
        let at = self.place(slot.packed);
        self.short[at] = slot;
    }

    /// Where a packed word stands, or the empty slot where it would.
    #[inline]
    fn place(&self, packed: Packed) -> usize {
        // The size is a power of two; the high bits of the product depend on all bits of the word.
        let last = self.short.len() - 1;
        let mixed = (packed[0] ^ packed[1].rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut at = (mixed >> 40) as usize & last;
        while self.short[at].packed != packed && self.short[at].known.word != UNKNOWN {
            at = (at + 1) & last;
        }
        at
    }

    /// Returns the number of a folded word, or [`UNKNOWN`].
    pub fn number(&self, folded: &str) -> u32 {
        self.known(folded).word
    }

    fn known(&self, folded: &str) -> Known {
        match pack(folded) {
            Some(packed) => self.short[self.place(packed)].known,
            None => self.long.get(folded).copied().unwrap_or_default(),
        }
    }

    /// Counts the numbers in use, the unknown word's included.
    pub fn size(&self) -> usize {
        self.size as usize
    }

    /// Notes bits of every word, which its tokens will bear: what they mean is the caller's business.
    pub fn note(&mut self, bits: impl Fn(u32) -> u16) {
        let long = self.long.values_mut();
        let all = self
            .short
            .iter_mut()
            .map(|s| &mut s.known)
            .chain(long)
            .chain(&mut self.single)
            .chain([&mut self.possessive]);
        for known in all.filter(|k| k.word != UNKNOWN) {
            known.notes = bits(known.word);
        }
    }

    /// Cuts `text[from..to]` into tokens and appends them to `out`.
    ///
    /// ASCII words and marks take a short way that sees every byte once; what is left goes through [`scan`], which
    /// alone says what a token is.
    pub fn tokenize(&self, text: &str, from: usize, to: usize, out: &mut Vec<Token>) {
        let bytes = &text.as_bytes()[..to];
        let mut folded = String::new();
        let (mut at, mut after) = (from, from);
        let (mut glue, mut gap) = (if from > 0 { GLUED } else { 0 }, 0);
        while let Some(&byte) = bytes.get(at) {
            let start = STARTS[byte as usize];
            if start == Start::Gap {
                gap |= if byte == b'\n' { BREAK } else { 0 };
                glue = 0;
                at += 1;
                continue;
            }
            let short = match start {
                Start::Word => self.plain_word(text, at, to),
                Start::Mark => Some((at + 1, self.single[byte as usize & 0x7f], MARK)),
                _ => possessive(bytes, at).map(|end| (end, self.possessive, 0)),
            };
            let token = match short {
                Some((end, Known { word, notes }, flags)) => {
                    Token { start: at as u32, end: end as u32, word, flags: flags | glue | gap, notes }
                }
                None => match scan(&text[..to], at) {
                    Some(raw) => self.token(text, raw, after, &mut folded),
                    None => return,
                },
            };
            out.push(token);
            at = token.end as usize;
            after = at;
            (glue, gap) = (GLUED, 0);
        }
    }

    /// A word of ASCII letters and digits with nothing behind it that could belong to it: its end, what it is, its flags.
    #[inline]
    fn plain_word(&self, text: &str, start: usize, to: usize) -> Option<(usize, Known, u16)> {
        let (end, small) = plain_word(text, start, to)?;
        let bytes = text.as_bytes();
        let digit = bytes[start].is_ascii_digit();
        let mut flags = if digit { NUMBER } else { 0 };
        if bytes[start].is_ascii_uppercase() {
            flags |= if is_shouted(&bytes[start..end]) { CAPITAL | UPPER } else { CAPITAL };
        }
        Some((end, self.short[self.place(small)].known, flags))
    }

    fn token(&self, text: &str, raw: Raw, after: usize, folded: &mut String) -> Token {
        let letters = &text[raw.start..raw.end];
        let mut flags = if raw.start == after && raw.start > 0 { GLUED } else { 0 };
        if text.as_bytes()[after..raw.start].contains(&b'\n') {
            flags |= BREAK;
        }
        let Known { word, notes } = match raw.class {
            Class::Possessive => self.possessive,
            Class::Mark => {
                flags |= MARK;
                fold_into(letters, folded);
                self.known(folded)
            }
            Class::Word | Class::Number => {
                flags |= case_flags(letters);
                fold_token(letters, folded);
                self.known(folded)
            }
        };
        Token { start: raw.start as u32, end: raw.end as u32, word, flags, notes }
    }
}

/// Tells whether a word of ASCII letters and digits that starts with a capital has two letters, all capitals.
#[inline]
fn is_shouted(word: &[u8]) -> bool {
    // Most names go on with a small letter.
    word.len() > 1
        && !word[1].is_ascii_lowercase()
        && word.iter().filter(|b| b.is_ascii_alphabetic()).count() >= 2
        && !word.iter().any(u8::is_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The short way for ASCII says what `scan` says.
    #[test]
    fn both_ways_agree() {
        let mut words = Vocabulary::default();
        for word in
            ["the", "us", "russia", "internationalisation", "'s", ",", "-", "don't", "5,000", "\u{2019}"]
        {
            words.intern(word);
        }
        let pieces = [
            "U.S.",
            "3",
            "'S",
            "Iran'",
            "the",
            "Russia's",
            "don't",
            "5,000",
            "1990s",
            "\n",
            " ",
            ".",
            ",",
            "-",
            "’s",
            "Türkiye",
            "\u{ad}",
            "internationalisation",
            "J.Smith",
            "a.m",
            "U",
            "'",
            "\u{7f}",
            "\u{1}",
            "ABC",
            "x2",
            "\r\n\n",
            "“",
            "e\u{301}",
        ];
        for i in 0..pieces.len() * pieces.len() * pieces.len() {
            let n = pieces.len();
            let text = [pieces[i % n], pieces[i / n % n], pieces[i / n / n]].concat();
            let mut fast = Vec::new();
            words.tokenize(&text, 0, text.len(), &mut fast);
            let (mut slow, mut at, mut folded) = (Vec::new(), 0, String::new());
            while let Some(raw) = scan(&text, at) {
                slow.push(words.token(&text, raw, at, &mut folded));
                at = raw.end;
            }
            assert_eq!(fast, slow, "{text:?}");
        }
    }
}
