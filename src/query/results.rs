//! What a query answers, as plain data; rendering is somebody else's work.

use std::sync::Arc;

use crate::annotation::Annotations;
use crate::article::Article;
use crate::article::Published;
use crate::calendar::PartialDate;

/// A piece of an article around the words that were searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The piece.
    pub text: String,
    /// Bytes of it that match: first, and one past the last.
    pub highlights: Vec<(usize, usize)>,
}

/// The sentence behind a facet value.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The facet field: `broker`.
    pub field: String,
    /// The value: `Russia`.
    pub value: String,
    /// The sentence.
    pub sentence: String,
    /// The rule that fired.
    pub rule: String,
    /// From 0 to 1.
    pub confidence: f32,
}

/// An article that matches.
#[derive(Debug)]
pub struct Hit {
    /// From 1, over all pages.
    pub rank: usize,
    /// BM25; 0 where no words were asked for.
    pub score: f32,
    /// What the score is made of, if that was asked for: the weight or the match, and its share.
    pub score_parts: Vec<(String, f32)>,
    /// Id of its story.
    pub story: String,
    /// Articles of its story that match, itself included.
    pub copies: u64,
    /// Different sources of these.
    pub outlets: u64,
    /// The article as indexed.
    pub article: Arc<Article>,
    /// What was found in it.
    pub annotations: Arc<Annotations>,
    /// Pieces of it, best first.
    pub snippets: Vec<Snippet>,
    /// Sentences behind the roles that were asked for.
    pub evidence: Vec<Evidence>,
}

impl Hit {
    /// Returns when the article was published.
    pub fn published(&self) -> Option<Published> {
        self.annotations.published
    }
}

/// A value of a facet and how many articles have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    /// The value.
    pub value: String,
    /// Articles.
    pub count: u64,
}

/// The values of a facet, most frequent first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetCounts {
    /// The field.
    pub field: String,
    /// Its values.
    pub values: Vec<FacetValue>,
    /// How many values there are, those not listed included.
    pub distinct: usize,
    /// What the user should know of the counts.
    pub warnings: Vec<String>,
    /// The time was over: there may be more than this.
    pub partial: bool,
}

/// The answer to a query.
#[derive(Debug)]
pub struct Results {
    /// The query as it was read.
    pub understood: String,
    /// Which words, spellings and synonyms parts of the query stand for.
    pub used: Vec<String>,
    /// What the user should know of the answer.
    pub warnings: Vec<String>,
    /// The time was over: there may be more than this.
    pub partial: bool,
    /// Matching articles.
    pub total: u64,
    /// Matching groups of near-duplicates.
    pub stories: u64,
    /// Best first, of the page that was asked for.
    pub hits: Vec<Hit>,
    /// In the order that was asked for.
    pub facets: Vec<FacetCounts>,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
}

/// Articles by period of publication.
#[derive(Debug)]
pub struct Timeline {
    /// In order of time; periods without articles are left out.
    pub buckets: Vec<(PartialDate, u64)>,
    /// Matching articles without a date.
    pub undated: u64,
    /// What the user should know of the answer.
    pub warnings: Vec<String>,
    /// The time was over: there may be more than this.
    pub partial: bool,
}

/// A sentence behind a value of a facet.
#[derive(Clone, Debug, PartialEq)]
pub struct FacetEvidence {
    /// Id of the article.
    pub id: String,
    /// When it was published.
    pub published: Option<Published>,
    /// Who published it.
    pub source: Option<String>,
    /// The sentence, or the piece of text that names the value.
    pub sentence: String,
    /// The rule that fired, where the value plays a role.
    pub rule: Option<String>,
}

/// The sentences behind one value of a facet.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueEvidence {
    /// Articles that have it.
    pub total: u64,
    /// The newest first, one an article.
    pub sentences: Vec<FacetEvidence>,
    /// What the user should know of the answer.
    pub warnings: Vec<String>,
}

/// Pairs of names in two roles of the same events.
#[derive(Debug)]
pub struct Matrix {
    /// The role of the rows.
    pub rows: String,
    /// The role of the columns.
    pub columns: String,
    /// Row, column and articles, the most first.
    pub cells: Vec<(String, String, u64)>,
    /// What the user should know of the answer.
    pub warnings: Vec<String>,
    /// The time was over: there may be more than this.
    pub partial: bool,
}

/// An article that is like another.
#[derive(Debug)]
pub struct Alike {
    /// The article.
    pub article: Article,
    /// When it was published.
    pub published: Option<Published>,
    /// Of a copy, the share of runs of three words in common; of a related article, its score by that of the nearest.
    pub likeness: f64,
}

/// Articles like one.
#[derive(Debug)]
pub struct Similar {
    /// Near-duplicates, the earliest first.
    pub copies: Vec<Alike>,
    /// Others on the same matter, the nearest first.
    pub related: Vec<Alike>,
}

/// What was handed on, and what is to be said of it.
#[derive(Debug, Default)]
pub struct Exported {
    /// Articles that match.
    pub articles: u64,
    /// What the user should know of the answer.
    pub warnings: Vec<String>,
}

/// What an index holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    /// Articles.
    pub articles: u64,
    /// Groups of near-duplicates.
    pub stories: u64,
    /// Articles without a date of publication.
    pub undated: u64,
    /// Files that they came from.
    pub files: usize,
    /// What was given to `index`.
    pub roots: Vec<String>,
    /// Size of the index on disk, in bytes.
    pub bytes: u64,
    /// Year of the first dated article.
    pub first: Option<PartialDate>,
    /// Year of the last one.
    pub last: Option<PartialDate>,
    /// Hash of the tables in use.
    pub schema: String,
    /// Tells whether all articles were annotated with these.
    pub current: bool,
}

/// What a beginning of a word may become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// The field: `broker`.
    pub field: String,
    /// A value of it: `Russia`; none where the field itself is meant.
    pub value: Option<String>,
    /// Articles that have it.
    pub count: u64,
}
