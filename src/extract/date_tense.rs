//! The direction in which a date without a year or week lies: what the verbs around it tell.

use super::dates::Expression;
use super::sentences::Reading;
use crate::schema::date_kind as kind;
use crate::tokens::CAPITAL;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Tense {
    Past,
    Future,
}

/// How many tokens away a verb may stand.
const REACH: usize = 14;

/// The last telling verb before a date in its sentence, else the first after it; none when nothing tells.
pub(super) fn tense(reading: &Reading, expression: &Expression) -> Option<Tense> {
    let sentence = &reading.sentences[expression.sentence];
    let back = || (sentence.from..expression.from).rev();
    if back().take(1).any(|i| reading.says(i, "since") || reading.says(i, "ended")) {
        return Some(Tense::Past);
    }
    if reading.is_possessive(expression.to) {
        // "Sunday's vote" has been cast unless something right before says otherwise.
        let ahead = back().take(3).any(|i| reading.says(i, "ahead"));
        return Some(if ahead { Tense::Future } else { Tense::Past });
    }
    let mut two = back();
    if two.next().is_some_and(|i| reading.says(i, "as"))
        && two.next().is_some_and(|i| reading.says(i, "soon") || reading.says(i, "early"))
    {
        return Some(Tense::Future);
    }
    let until = back().take(4).find(|i| reading.says(*i, "until") || reading.says(*i, "till"));
    if until.is_some_and(|i| i > sentence.from) {
        return Some(Tense::Future);
    }
    let nearest = back().take(REACH).find_map(|i| says(reading, sentence.from, i));
    let after = || (expression.to..sentence.to).take(REACH).find_map(|i| says(reading, sentence.from, i));
    nearest.or_else(after)
}

/// What one word tells.
fn says(reading: &Reading, start: usize, at: usize) -> Option<Tense> {
    let words = &reading.lexicon.dates;
    let token = &reading.tokens[at];
    let near = |steps: usize, these: &[&str]| {
        (start..at).rev().take(steps).any(|i| these.iter().any(|w| reading.says(i, w)))
    };
    if token.has(CAPITAL) && words.opens(token.word, kind::MONTH) {
        return None;
    }
    if words.opens(token.word, kind::FUTURE) {
        // "the plan" is a noun, "to meet" hangs on its own verb, "could be found" told of the past.
        if near(1, &["the", "a", "its", "their", "his", "her", "this", "to", "could"])
            && !near(2, &["is", "are"])
        {
            return if reading.says(at, "be") && near(1, &["to"]) { Some(Tense::Future) } else { None };
        }
        // "had been due to expire", "as planned": what was planned is past.
        let over = near(2, &["had"]) || near(1, &["as", "previously"]);
        return Some(if over { Tense::Past } else { Tense::Future });
    }
    // "is to resume", "are set to meet"
    if reading.says(at, "to") {
        return near(1, &["is", "are", "set"]).then_some(Tense::Future);
    }
    let past = words.opens(token.word, kind::PAST)
        || ends_in_ed(reading, at) && !words.opens(token.word, kind::NOT_PAST);
    // "to be published", "will be sent": the auxiliary tells, not the participle.
    (past && !near(2, &["be"])).then_some(Tense::Past)
}

fn ends_in_ed(reading: &Reading, at: usize) -> bool {
    let token = &reading.tokens[at];
    !token.has(CAPITAL) && token.end - token.start > 4 && reading.ends_with(token, b"ed")
}
