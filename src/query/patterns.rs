//! Patterns to the words and values that fit them: every one of the index, never a first fifty.

use std::collections::BTreeSet;

use tantivy::Searcher;
use tantivy::Term;
use tantivy::query::FuzzyTermQuery;
use tantivy::schema::Field;
use tantivy_fst::Automaton;
use tantivy_fst::Regex;

use super::QueryError;
use super::ast::Pattern;
use super::deadline::Deadline;
use super::engine;
use crate::index;
use crate::tokens::fold;

/// Lists the words of fields that fit a pattern, as they are written.
pub(super) fn words(
    searcher: &Searcher,
    fields: &[Field],
    pattern: &Pattern,
    deadline: &Deadline,
) -> Result<BTreeSet<String>, QueryError> {
    match pattern {
        Pattern::Fuzzy(word, distance) => {
            let term = Term::from_field_text(fields[0], &joined(word));
            let automaton = FuzzyTermQuery::new(term, *distance, true).automaton().map_err(engine)?;
            fitting(searcher, fields, &automaton, deadline)
        }
        Pattern::Wildcard(text) => {
            fitting(searcher, fields, &compiled(&of_wildcard(&joined(text)))?, deadline)
        }
        Pattern::Regex(text) => fitting(searcher, fields, &compiled(&lower_case(text))?, deadline),
    }
}

fn fitting<A: Automaton>(
    searcher: &Searcher,
    fields: &[Field],
    automaton: &A,
    deadline: &Deadline,
) -> Result<BTreeSet<String>, QueryError>
where
    A::State: Clone,
{
    let mut found = BTreeSet::new();
    for field in fields {
        let mut steps = deadline.steps();
        let more = index::words_that_fit(searcher, *field, automaton, || steps.go_on());
        found.append(&mut more.map_err(engine)?);
    }
    Ok(found)
}

/// Tells of a value whether it fits.
pub(crate) type Matcher = Box<dyn Fn(&str) -> bool>;

/// Tells of a value of a field whether it fits; case and accents aside.
pub(crate) fn matcher(pattern: &Pattern) -> Result<Matcher, QueryError> {
    let automaton = match pattern {
        Pattern::Fuzzy(word, distance) => {
            let (word, distance) = (fold(word), usize::from(*distance));
            return Ok(Box::new(move |value| strsim::osa_distance(&fold(value), &word) <= distance));
        }
        Pattern::Wildcard(text) => compiled(&of_wildcard(&fold(text)))?,
        Pattern::Regex(text) => compiled(&lower_case(text))?,
    };
    Ok(Box::new(move |value| accepts(&automaton, &fold(value))))
}

/// The pattern as typed.
pub(crate) fn shown(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Wildcard(text) => text.clone(),
        Pattern::Fuzzy(word, distance) => format!("{word}~{distance}"),
        Pattern::Regex(text) => format!("/{text}/"),
    }
}

fn accepts(automaton: &Regex, text: &str) -> bool {
    let end = text.bytes().fold(automaton.start(), |state, byte| automaton.accept(&state, byte));
    automaton.is_match(&end)
}

fn compiled(pattern: &str) -> Result<Regex, QueryError> {
    Regex::new(pattern).map_err(|error| QueryError::Usage(format!("/{pattern}/: {error}")))
}

/// Tells of a word as it is written, folded, whether it fits.
pub(crate) fn word_matcher(pattern: &Pattern) -> Result<Matcher, QueryError> {
    match pattern {
        Pattern::Fuzzy(word, distance) => matcher(&Pattern::Fuzzy(joined(word), *distance)),
        Pattern::Wildcard(text) => matcher(&Pattern::Wildcard(joined(text))),
        Pattern::Regex(_) => matcher(pattern),
    }
}

/// `cease-f*` is `ceasef*`, as the joined word is in the index; so with dots and apostrophes.
pub(crate) fn joined(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(|c| !matches!(c, '-' | '.' | '\'' | '’'));
    folded
}

fn of_wildcard(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len() + 8);
    for c in folded.chars() {
        match c {
            '*' => out.push_str(".*"),
            '?' => out.push('.'),
            c if c.is_alphanumeric() || c == ' ' => out.push(c),
            c => {
                out.push('\\');
                out.push(c);
            }
        }
    }
    out
}

/// Lower case, as words are in the index, but for what stands behind a backslash.
pub(crate) fn lower_case(pattern: &str) -> String {
    let mut escaped = false;
    let letter = |c: char| {
        let lower = if escaped { c.to_string() } else { c.to_lowercase().to_string() };
        escaped = c == '\\' && !escaped;
        lower
    };
    pattern.chars().map(letter).collect()
}
