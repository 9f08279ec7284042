//! Text to results: the query language, the engine's query, counting and ranking, snippets and evidence.
//!
//! The engine's own query parser is never used: what a query cannot do is an error or a warning, never silence.

mod ast;
mod below;
mod dates;
mod deadline;
mod docs;
mod event_test;
mod evidence;
mod expand;
mod facet_evidence;
mod facets;
mod gather;
mod kinds;
mod matrix;
mod near;
mod nothing;
mod options;
mod patterns;
mod plan;
mod remarks;
mod remembered;
mod request;
mod results;
mod row;
mod search;
mod similar;
mod snippets;
mod statistics;
mod stem;
mod suggest;
mod syntax;
mod syntax_patterns;
mod syntax_values;
mod tally;
mod values;
mod walk;
mod wanted;
mod word;

pub use ast::Node;
pub use ast::Parsed;
pub use ast::Pattern;
pub use ast::Value;
pub use dates::DateRange;
pub use dates::parse_dates;
pub use deadline::Deadline;
pub use facet_evidence::facet_evidence;
pub use facet_evidence::value_evidence;
pub use facets::facet_values;
pub use gather::Period;
pub use matrix::matrix;
pub use options::facet_list;
pub use options::half_life;
pub use options::today;
pub use request::Filter;
pub use request::Request;
pub use request::Sort;
pub use results::Alike;
pub use results::Evidence;
pub use results::Exported;
pub use results::FacetCounts;
pub use results::FacetEvidence;
pub use results::FacetValue;
pub use results::Hit;
pub use results::Matrix;
pub use results::Results;
pub use results::Similar;
pub use results::Snippet;
pub use results::Statistics;
pub use results::Suggestion;
pub use results::Timeline;
pub use results::ValueEvidence;
pub use search::every_event;
pub use search::every_match;
pub use search::every_new;
pub use search::find_article;
pub use search::search;
pub use search::timeline;
pub use similar::similar;
pub use statistics::statistics;
pub use suggest::Suggestions;
pub use syntax::parse;

// What another backend needs to mean the same: the resolved form, and what is made of an article at hand.
pub(crate) use event_test::EventReader;
pub(crate) use event_test::EventTest;
pub(crate) use evidence::evidence;
pub(crate) use evidence::is_asked_for;
pub(crate) use facet_evidence::ARTICLES as EVIDENCE_ARTICLES;
pub(crate) use facet_evidence::spellings_of;
pub(crate) use facet_evidence::told;
pub(crate) use facets::known_facet;
pub(crate) use gather::by_period;
pub(crate) use kinds::kind_of;
pub(crate) use patterns::Matcher;
pub(crate) use patterns::joined;
pub(crate) use patterns::lower_case;
pub(crate) use patterns::matcher;
pub(crate) use patterns::shown;
pub(crate) use patterns::word_matcher;
pub(crate) use plan::Aim;
pub(crate) use plan::Notes;
pub(crate) use plan::RoleFilter;
pub(crate) use plan::quoted;
pub(crate) use plan::words::listed;
pub(crate) use remarks::Counting;
pub(crate) use remarks::remarks;
pub(crate) use request::all_of;
pub(crate) use snippets::Snippets;
pub(crate) use values::Known;
pub(crate) use values::resolve;

/// What parts of a query count for in a score.
pub(crate) mod weights {
    pub(crate) use super::plan::words::FUNCTION_WORD;
    pub(crate) use super::plan::words::SPELLING;
    pub(crate) use super::plan::words::TITLE;
    pub(crate) use super::word::ASIDE;
    pub(crate) use super::word::B;
    pub(crate) use super::word::HEADLINE;
    pub(crate) use super::word::K1;
    pub(crate) use super::word::rarity;
}

use crate::index::IndexError;

/// Longest query, in bytes.
pub const LONGEST_QUERY: usize = 8192;

/// Hits that a page may reach: offset and limit together; exports have no such limit.
pub const DEEPEST_PAGE: usize = 10_000;

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The query cannot be read.
    #[error("{message}\n  {query}\n  {caret}^")]
    Syntax {
        /// What is wrong and what to write instead.
        message: String,
        /// The query.
        query: String,
        /// Spaces up to the place.
        caret: String,
        /// The place: a byte of the query as it was given.
        byte: usize,
    },
    /// A flag or field asks for what there is not.
    #[error("{0}")]
    Usage(String),
    /// A complete answer was asked for, and the time was over before it was there.
    #[error("no complete answer in the time allowed: narrow the query")]
    TimedOut,
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The machines that hold the index did not answer, or not as they should.
    #[error("{text}")]
    Remote {
        /// What is the matter.
        cause: Remote,
        /// What happened and what to do.
        text: String,
    },
}

/// Why an index on other machines cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remote {
    /// There is none of that name.
    Missing,
    /// The machines have too much to do.
    Busy,
    /// It is not ours, or was made by another version.
    Incompatible,
    /// They cannot be reached, refuse, or fail.
    Failed,
}

impl QueryError {
    /// The same error with the byte of the query that it is about.
    pub(crate) fn placed(self, query: &str, byte: usize) -> QueryError {
        match self {
            QueryError::Usage(message) => QueryError::at(query, byte, message),
            other => other,
        }
    }

    /// An error at a byte of the query.
    pub(crate) fn at(query: &str, byte: usize, message: impl Into<String>) -> QueryError {
        if query.is_empty() {
            return QueryError::Usage(message.into());
        }
        let shown: String = query.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let caret = " ".repeat(query.get(..byte).map_or(0, |before| before.chars().count()));
        QueryError::Syntax { message: message.into(), query: shown, caret, byte }
    }
}

/// Turns an engine's failure into ours.
fn engine(error: tantivy::TantivyError) -> QueryError {
    QueryError::Index(IndexError::Engine { path: ".".into(), source: error })
}
