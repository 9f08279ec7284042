//! Asides: what commas set aside behind an actor. Without them, the verb stands next to who does it.

use super::patterns::Scene;
use super::phrases::Item;
use crate::schema::WordClass;
use crate::tokens::MARK;

/// Items from the actor to the second comma at most.
const LONGEST: usize = 16;

impl<'a> Scene<'a, '_> {
    /// The items without the asides, if there are any: ", who initiated the call,", ", a small state,", ", building on
    /// earlier talks,"; and without the commas about a name that is one: "the union, the IAM, accuses".
    pub(super) fn without_asides(&self) -> Option<Vec<Item<'a>>> {
        let all = self.items.len();
        let first = (0..all).find(|at| self.aside_end(*at).is_some() || self.is_set_off(*at))?;
        let mut out = self.items[..first].to_vec();
        let mut at = first;
        while at < all {
            if self.is_set_off(at) {
                out.push(self.items[at + 1].clone());
                at += 3;
            } else {
                out.push(self.items[at].clone());
                at = self.aside_end(at).map_or(at + 1, |end| end + 1);
            }
        }
        Some(out)
    }

    /// Where the aside behind an actor ends: at its second comma.
    fn aside_end(&self, at: usize) -> Option<usize> {
        self.phrase(at)?;
        let Some(Item::Word { token: comma }) = self.items.get(at + 1).filter(|_| self.says(at + 1, ","))
        else {
            return None;
        };
        let end = (at + 3..self.items.len().min(at + LONGEST)).find(|i| self.says(*i, ","))?;
        let opened = (self.opens_aside(comma + 1) || self.is_office(at + 2)) && !self.is_list(at + 2);
        // ", adding that, as a neighbour, it" goes on.
        (opened && !self.says(end - 1, "that")).then_some(end)
    }

    /// Tells whether a comma opens an aside that is a name, behind a word and before one: "the union, the IAM, accuses".
    fn is_set_off(&self, at: usize) -> bool {
        self.says(at, ",")
            && self.phrase(at + 1).is_some()
            && self.says(at + 2, ",")
            && at.checked_sub(1).is_some_and(|before| self.has_meaning(before))
            && self.has_meaning(at + 3)
            && self.aside_end(at + 1).is_none()
    }

    /// Tells whether an aside may begin with a token.
    fn opens_aside(&self, token: usize) -> bool {
        self.reading.tokens.get(token).is_some_and(|first| {
            self.reading.is(first, WordClass::ASIDE)
                || self.reading.is(first, WordClass::ONCE)
                || self.reading.ends_with(first, b"ing")
        })
    }

    /// ", Germany's envoy to the talks,", ", chairman of the African Union,"
    fn is_office(&self, at: usize) -> bool {
        self.phrase(at).is_some_and(|p| p.office.is_some() || p.members.iter().all(|m| m.rolled_up))
    }

    /// ", the United States and Egypt" goes on with a list that the actor begins.
    fn is_list(&self, at: usize) -> bool {
        let joined = self.says(at + 1, "and") || self.says(at + 1, "or");
        let goes_on = joined || self.says(at + 1, ",") && self.phrase(at + 2).is_some();
        self.phrase(at).is_some() && goes_on
    }

    /// Tells whether an item may be a noun or a verb: no mark, and no word that only joins others.
    fn has_meaning(&self, at: usize) -> bool {
        match self.items.get(at) {
            Some(Item::Word { token }) => {
                let word = &self.reading.tokens[*token];
                !word.has(MARK) && !self.reading.is(word, WordClass::FUNCTION)
            }
            _ => false,
        }
    }
}
