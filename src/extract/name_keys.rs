//! Names as keys: two mentions with the same letters, capitals aside, have the same key. No text is copied for one.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::names::Name;
use super::sentences::Reading;
use crate::tokens::CAPITAL;
use crate::tokens::DOTTED;
use crate::tokens::NUMBER;
use crate::tokens::Token;
use crate::tokens::packed;

/// The key of a run of tokens.
pub(super) fn key(reading: &Reading, from: usize, to: usize) -> u64 {
    let mut hasher = FxHasher::default();
    for token in &reading.tokens[from..to] {
        add_word(&mut hasher, reading, token);
    }
    hasher.finish()
}

/// The key of one word of a text with its capitals.
#[inline]
pub(super) fn exact(text: &str, from: usize, to: usize) -> u64 {
    let mut hasher = FxHasher::default();
    match packed(text, from, to, false) {
        Some(packed) => Letters { packed, ..Letters::default() }.add_to(&mut hasher),
        None => hasher.write(&text.as_bytes()[from..to]),
    }
    hasher.finish()
}

/// The key of an acronym, by its letters.
pub(super) fn initials(letters: impl Iterator<Item = char>) -> u64 {
    let mut hasher = FxHasher::default();
    Letters::of(letters).add_to(&mut hasher);
    hasher.finish()
}

/// The same key for the words with a capital of a name.
pub(super) fn initials_of(reading: &Reading, name: &Name) -> u64 {
    let capitals = (name.from..name.to).filter(|i| reading.tokens[*i].has(CAPITAL));
    initials(capitals.filter_map(|i| reading.word(i).chars().next()))
}

/// Dots do not count, so that "St. Louis" is "St Louis" and "U.N.L." is "UNL".
fn add_word(hasher: &mut FxHasher, reading: &Reading, token: &Token) {
    let (from, to) = (token.start as usize, token.end as usize);
    if reading.is_mark(token, ".") {
        return;
    }
    let short = if token.has(DOTTED | NUMBER) { None } else { packed(reading.text, from, to, true) };
    let letters = match short {
        Some(packed) => Letters { packed, ..Letters::default() },
        None => Letters::of(token.text(reading.text).chars().filter(|c| *c != '.')),
    };
    letters.add_to(hasher);
}

/// Small letters: the first ones as numbers if they are ASCII, what does not fit there as text.
#[derive(Default)]
struct Letters {
    packed: [u64; 2],
    rest: String,
}

impl Letters {
    fn of(letters: impl Iterator<Item = char>) -> Self {
        let mut out = Letters::default();
        for (at, letter) in letters.flat_map(char::to_lowercase).enumerate() {
            if at < 16 && letter.is_ascii() && out.rest.is_empty() {
                out.packed[at / 8] |= u64::from(letter) << (at % 8 * 8);
            } else {
                out.rest.push(letter);
            }
        }
        out
    }

    #[inline]
    fn add_to(&self, hasher: &mut FxHasher) {
        hasher.write_u64(self.packed[0]);
        hasher.write_u64(self.packed[1]);
        if !self.rest.is_empty() {
            hasher.write(self.rest.as_bytes());
        }
    }
}
