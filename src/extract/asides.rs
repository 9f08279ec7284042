//! Reads a sentence without what commas set aside behind an actor, so that the verb stands next to who does it.

use super::phrases::Item;
use super::sentences::Reading;
use crate::schema::WordClass;
use crate::tokens::MARK;

/// Items from the actor to the second comma at most.
const LONGEST: usize = 16;

/// Takes out the asides of a sentence, if it has any: ", who initiated the call,", ", a small state,", ", building on
/// earlier talks,"; and the commas about a name that is one: "the union, the IAM, accuses".
pub(super) fn without_asides<'t>(reading: &Reading, items: &[Item<'t>]) -> Option<Vec<Item<'t>>> {
    let asides = Asides { reading, items };
    let first = (0..items.len()).find(|at| asides.end(*at).is_some() || asides.is_set_off(*at))?;
    let mut out: Vec<Item> = items[..first].to_vec();
    let mut at = first;
    while at < items.len() {
        if asides.is_set_off(at) {
            out.push(items[at + 1].clone());
            at += 3;
        } else {
            out.push(items[at].clone());
            at = asides.end(at).map_or(at + 1, |end| end + 1);
        }
    }
    Some(out)
}

/// The asides of a sentence.
struct Asides<'a, 't> {
    reading: &'a Reading<'a>,
    items: &'a [Item<'t>],
}

impl Asides<'_, '_> {
    /// Where the aside behind an actor ends: at its second comma.
    fn end(&self, at: usize) -> Option<usize> {
        let is_actor = matches!(self.items[at], Item::Actor { .. });
        let comma = self.word(at + 1).filter(|_| is_actor && self.says(at + 1, ","))?;
        let end = (at + 3..self.items.len().min(at + LONGEST)).find(|i| self.says(*i, ","))?;
        let opened = (self.opens(comma + 1) || self.is_office(at + 2)) && !self.is_list(at + 2);
        // ", adding that, as a neighbour, it" goes on.
        (opened && !self.says(end - 1, "that")).then_some(end)
    }

    /// Tells whether a comma opens an aside that is a name, behind a word and before one: "the union, the IAM, accuses".
    fn is_set_off(&self, at: usize) -> bool {
        matches!(self.items.get(at + 1), Some(Item::Actor { .. }))
            && self.says(at, ",")
            && self.says(at + 2, ",")
            && at.checked_sub(1).is_some_and(|before| self.has_meaning(before))
            && self.has_meaning(at + 3)
            && self.end(at + 1).is_none()
    }

    /// Tells whether an aside may begin with a token.
    fn opens(&self, token: usize) -> bool {
        let Some(first) = self.reading.tokens.get(token) else { return false };
        self.is(token, WordClass::ASIDE)
            || self.is(token, WordClass::ONCE)
            || self.reading.ends_with(first, b"ing")
    }

    /// ", Germany's envoy to the talks,", ", chairman of the African Union,"
    fn is_office(&self, at: usize) -> bool {
        let Some(Item::Actor { phrase, .. }) = self.items.get(at) else { return false };
        phrase.office.is_some() || phrase.members.iter().all(|m| m.rolled_up)
    }

    /// ", the United States and Egypt" goes on with a list that the actor begins.
    fn is_list(&self, at: usize) -> bool {
        let is_actor = |at: usize| matches!(self.items.get(at), Some(Item::Actor { .. }));
        let joined = self.says(at + 1, "and") || self.says(at + 1, "or");
        is_actor(at) && (joined || self.says(at + 1, ",") && is_actor(at + 2))
    }

    /// Tells whether an item may be a noun or a verb: no mark, and no word that only joins others.
    fn has_meaning(&self, at: usize) -> bool {
        let joins = |token: usize| self.is(token, WordClass::FUNCTION);
        self.word(at).is_some_and(|token| !joins(token) && !self.reading.tokens[token].has(MARK))
    }

    /// The token of an item that is a word.
    fn word(&self, at: usize) -> Option<usize> {
        match self.items.get(at) {
            Some(Item::Word { token }) => Some(*token),
            _ => None,
        }
    }

    fn says(&self, at: usize, letters: &str) -> bool {
        self.word(at).is_some_and(|token| self.reading.says(token, letters))
    }

    fn is(&self, token: usize, class: WordClass) -> bool {
        self.reading.tokens.get(token).is_some_and(|t| self.reading.is(t, class))
    }
}
