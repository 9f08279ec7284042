//! A query as a tree. Positions are bytes of the query as typed.

/// A word with letters left open.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// `*` for any letters, `?` for one.
    Wildcard(String),
    /// A word with up to so many letters changed, added, left out or swapped with their neighbour.
    Fuzzy(String, u8),
    /// A regular expression for a whole word.
    Regex(String),
}

/// What a field is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A word or quoted text.
    Text {
        /// The text, without its quotes.
        text: String,
        /// It stood in quotes.
        quoted: bool,
        /// Places that its words may be moved by, all together.
        slop: u32,
    },
    /// Values that fit.
    Pattern(Pattern),
    /// Has any value.
    Any,
    /// One of several.
    Among(Vec<Value>),
}

/// A part of a query; `at` is its first byte.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Every article.
    All,
    /// A word anywhere in the article.
    Word {
        /// As typed.
        text: String,
        /// Where.
        at: usize,
    },
    /// Words one after the other, moved by up to `slop` places all together.
    Phrase {
        /// Without its quotes.
        text: String,
        /// Places.
        slop: u32,
        /// Where.
        at: usize,
    },
    /// A word with letters left open.
    Pattern {
        /// Which.
        pattern: Pattern,
        /// Where.
        at: usize,
    },
    /// The address of a page: an article's own, or one in its text.
    Address {
        /// As typed.
        text: String,
        /// Where.
        at: usize,
    },
    /// A field's value.
    Field {
        /// Lower case, as typed.
        name: String,
        /// What it is asked for.
        value: Value,
        /// Where.
        at: usize,
    },
    /// A range of dates of publication without a field's name.
    Dates {
        /// As typed.
        text: String,
        /// Where.
        at: usize,
    },
    /// One event of the article for which all inside holds.
    Event {
        /// Inside the braces.
        inner: Box<Node>,
        /// Where.
        at: usize,
    },
    /// All hold.
    And(Vec<Node>),
    /// One holds.
    Or(Vec<Node>),
    /// Does not hold.
    Not(Box<Node>),
    /// Counts so many times as much in the score.
    Boost {
        /// What.
        inner: Box<Node>,
        /// Greater than 0.
        by: f32,
        /// Where the sign stands.
        at: usize,
    },
}

/// A query and what is to be said of how it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// None for a query without words.
    pub root: Option<Node>,
    /// Notes for the user.
    pub warnings: Vec<String>,
}
