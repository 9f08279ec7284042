//! Lines that are no part of an article, read from `cleaning.toml`.

use serde::Deserialize;

use super::SchemaError;

const FILE: &str = "cleaning.toml";

/// How a line is compared with a pattern; lines are compared in lower case with single spaces.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cleaning {
    /// The whole line.
    pub exact: Vec<String>,
    /// How the line starts; only for lines of at most `short` characters.
    pub starts: Vec<String>,
    /// What the line holds; only for lines of at most `short` characters.
    pub holds: Vec<String>,
    /// How the line starts, whatever its length.
    pub long_starts: Vec<String>,
    /// Headings of lists of links: the bullets or short lines below go with them.
    pub list_headings: Vec<String>,
    /// Words that a line of picture credits holds.
    pub credits: Vec<String>,
    /// How a caption starts.
    pub captions: Vec<String>,
    /// After such a line nothing of the article follows.
    pub endings: Vec<String>,
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
