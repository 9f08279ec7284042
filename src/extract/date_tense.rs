//! The direction in which a date without a year or week lies: what the verbs around it tell.

use super::dates::Expression;
use super::sentences::Reading;
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
    let before = expression.from.checked_sub(1).filter(|i| *i >= sentence.from);
    if before.is_some_and(|i| reading.says(i, "since")) {
        return Some(Tense::Past);
    }
    if reading.is_possessive(expression.to) {
        // "Sunday's vote" has been cast unless something right before says otherwise.
        let ahead = (sentence.from..expression.from).rev().take(3).any(|i| reading.says(i, "ahead"));
        return Some(if ahead { Tense::Future } else { Tense::Past });
    }
    let nearest =
        (sentence.from..expression.from).rev().take(REACH).find_map(|i| says(reading, sentence.from, i));
    nearest.or_else(|| (expression.to..sentence.to).take(REACH).find_map(|i| says(reading, sentence.from, i)))
}

/// What one word tells.
fn says(reading: &Reading, start: usize, at: usize) -> Option<Tense> {
    let words = &reading.lexicon.dates;
    let token = &reading.tokens[at];
    let earlier = |i: usize, steps: usize| (start..i).rev().take(steps);
    if words.future.contains(&token.word) {
        // "had been due to expire": what was planned is past.
        let had = earlier(at, 2).any(|i| reading.says(i, "had"));
        return Some(if had { Tense::Past } else { Tense::Future });
    }
    let past =
        words.past.contains(&token.word) || ends_in_ed(reading, at) && !words.not_past.contains(&token.word);
    // "to be published", "will be sent": the auxiliary tells, not the participle.
    let carried = || earlier(at, 2).any(|i| reading.says(i, "be"));
    (past && !carried()).then_some(Tense::Past)
}

fn ends_in_ed(reading: &Reading, at: usize) -> bool {
    let token = &reading.tokens[at];
    let text = token.text(reading.text);
    !token.has(CAPITAL) && text.len() > 4 && text.ends_with("ed")
}
