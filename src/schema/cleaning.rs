//! Lines that are no part of an article, read from `cleaning.toml`.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::SchemaError;

const FILE: &str = "cleaning.toml";

/// How a line is compared with a pattern; lines are compared in lower case with single spaces.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cleaning {
    /// The whole line.
    pub exact: FxHashSet<String>,
    /// How the line starts; only for lines of at most `short` characters.
    pub starts: Beginnings,
    /// What the line holds; only for lines of at most `short` characters.
    pub holds: Pieces,
    /// How the line starts, whatever its length.
    pub long_starts: Beginnings,
    /// Headings of lists of links: the bullets or short lines below go with them.
    pub list_headings: Vec<String>,
    /// Words that a line of picture credits holds.
    pub credits: Pieces,
    /// How a caption starts.
    pub captions: Beginnings,
    /// After such a line nothing of the article follows.
    pub endings: Beginnings,
    /// Longest line, in characters, that `starts` and `holds` look at.
    pub short: usize,
    /// Ends of titles that name the site: `Truce holds | The Courier`.
    pub title_separators: Vec<String>,
}

impl Cleaning {
    pub(super) fn read(text: &str) -> Result<Self, SchemaError> {
        toml::from_str(text).map_err(|e| SchemaError::new(FILE, e))
    }
}

/// How lines may begin, by their first byte: most lines are compared with nothing.
#[derive(Debug, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct Beginnings(Vec<Vec<String>>);

impl From<Vec<String>> for Beginnings {
    fn from(all: Vec<String>) -> Self {
        let mut by_first = vec![Vec::new(); 256];
        for beginning in all {
            if let Some(&first) = beginning.as_bytes().first() {
                by_first[first as usize].push(beginning);
            }
        }
        Beginnings(by_first)
    }
}

impl Beginnings {
    /// Tells whether a line begins in one of these ways.
    pub fn begin(&self, line: &str) -> bool {
        let first = line.as_bytes().first();
        first.is_some_and(|first| self.0[*first as usize].iter().any(|b| line.starts_with(b.as_str())))
    }
}

/// Pieces of lines, looked for all at once.
#[derive(Debug, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct Pieces {
    all: Vec<String>,
    /// Made when the first line is read, which a query does not; none if there are too many pieces for one.
    automaton: OnceLock<Option<AhoCorasick>>,
}

impl From<Vec<String>> for Pieces {
    fn from(mut all: Vec<String>) -> Self {
        all.retain(|piece| !piece.is_empty());
        Pieces { all, automaton: OnceLock::new() }
    }
}

impl Pieces {
    /// Tells whether a line holds one of these.
    pub fn are_in(&self, line: &str) -> bool {
        match self.automaton.get_or_init(|| AhoCorasick::new(&self.all).ok()) {
            Some(automaton) => automaton.is_match(line),
            None => self.all.iter().any(|piece| line.contains(piece)),
        }
    }
}
