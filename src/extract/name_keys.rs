//! Names as keys: two mentions with the same letters, capitals aside, have the same key. No text is copied for one.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::names::Name;
use super::sentences::Reading;
use crate::tokens::CAPITAL;

/// The key of a run of tokens.
pub(super) fn key(reading: &Reading, from: usize, to: usize) -> u64 {
    let mut hasher = FxHasher::default();
    for at in from..to {
        add_word(&mut hasher, reading.word(at));
    }
    hasher.finish()
}

/// The key of an acronym, by its letters.
pub(super) fn initials(letters: impl Iterator<Item = char>) -> u64 {
    let mut hasher = FxHasher::default();
    for letter in letters.flat_map(char::to_lowercase) {
        hasher.write_u32(u32::from(letter));
    }
    hasher.write_u8(0);
    hasher.finish()
}

/// The same key for the words with a capital of a name.
pub(super) fn initials_of(reading: &Reading, name: &Name) -> u64 {
    let capitals = (name.from..name.to).filter(|i| reading.tokens[*i].has(CAPITAL));
    initials(capitals.filter_map(|i| reading.word(i).chars().next()))
}

/// Dots do not count, so that "St. Louis" is "St Louis" and "U.N.L." is "UNL".
fn add_word(hasher: &mut FxHasher, word: &str) {
    if word == "." {
        return;
    }
    if word.is_ascii() {
        for byte in word.bytes().filter(|b| *b != b'.') {
            hasher.write_u32(u32::from(byte.to_ascii_lowercase()));
        }
        hasher.write_u8(0);
        return;
    }
    for letter in word.chars().filter(|c| *c != '.').flat_map(char::to_lowercase) {
        hasher.write_u32(u32::from(letter));
    }
    hasher.write_u8(0);
}
