//! Slots of patterns: which actor phrases fit one, and lists of them ("Egypt, Qatar and the United States").

use super::Who;
use super::patterns::Scene;
use super::phrases::Item;
use super::phrases::Phrase;
use super::phrases::Sense;
use crate::annotation::Kind;
use crate::schema::Filter;
use crate::schema::WordClass;
use crate::tokens::DOTTED;
use crate::tokens::Token;
use crate::tokens::UPPER;

/// Words that describe a name in a list.
const LONGEST_DESCRIPTION: usize = 4;

impl Scene<'_, '_> {
    fn fits(&self, at: usize, filter: Filter) -> bool {
        if filter == Filter::Sides {
            return self.in_class(at, WordClass::SIDES);
        }
        if filter == Filter::Pronoun {
            return self.says(at, "he") || self.says(at, "she");
        }
        let Some(phrase) = self.phrase(at) else { return false };
        let actor = phrase.sense == Sense::Actor || phrase.seat.is_some();
        match filter {
            _ if filter != Filter::Adjective && self.is_hyphen(at + 1) => false,
            Filter::Plain | Filter::Disputant => {
                actor && !self.is_attribute(at, phrase) || self.shares_a_noun(at, phrase)
            }
            Filter::Many | Filter::Subject => actor,
            Filter::Adjective => {
                actor && !self.is_territory(phrase) || phrase.bare && phrase.sense == Sense::Adjective
            }
            Filter::Place => phrase.place,
            Filter::Sides | Filter::Pronoun => false,
        }
    }

    /// "supported by U.S. jobs data" is not by the United States: an acronym before a noun is an adjective.
    fn is_attribute(&self, at: usize, phrase: &Phrase) -> bool {
        // Nor is "supported by Japan's budget" by Japan.
        let possessive = match self.items.get(at + 1) {
            Some(Item::Word { token }) => self.reading.is_possessive(*token),
            _ => false,
        };
        let acronym = self.reading.tokens[self.items[at].tokens().0].has(UPPER | DOTTED);
        phrase.bare && possessive
            || self.stands_before_noun(at, phrase) && (acronym || self.describes_a_name(at))
    }

    /// "Egyptian and Qatari negotiators"
    fn shares_a_noun(&self, at: usize, phrase: &Phrase) -> bool {
        let acts = |p: &Phrase| p.sense == Sense::Actor && !p.bare;
        phrase.sense == Sense::Adjective && self.says(at + 1, "and") && self.phrase(at + 2).is_some_and(acts)
    }

    /// "accused his Arsenal rival Wenger": of what is behind the noun.
    fn describes_a_name(&self, at: usize) -> bool {
        matches!(self.items.get(at + 2), Some(Item::Actor { phrase, .. }) if phrase.sense == Sense::Actor)
            && self.describes(at + 1)
    }

    /// "the Stormont negotiations": a bare name with a word behind it that looks like no verb.
    pub(super) fn stands_before_noun(&self, at: usize, phrase: &Phrase) -> bool {
        let Some(Item::Word { token }) = self.items.get(at + 1) else { return false };
        let word = &self.reading.tokens[*token];
        let joins = [WordClass::FUNCTION, WordClass::ASIDE];
        phrase.bare
            && word.text(self.reading.text).starts_with(char::is_lowercase)
            && !self.looks_like_a_verb(word)
            && !joins.into_iter().any(|c| self.reading.is(word, c))
    }

    /// Tells whether a word is of a class of verbs or has an ending of theirs.
    pub(super) fn looks_like_a_verb(&self, word: &Token) -> bool {
        let classes = [WordClass::SAY, WordClass::ACTS, WordClass::AUXILIARY, WordClass::ACCUSE];
        self.reading.ends_with(word, b"ed")
            || self.reading.ends_with(word, b"ing")
            || classes.into_iter().any(|c| self.reading.is(word, c))
    }

    /// "Gaza mediation" is about Gaza, not by it.
    fn is_territory(&self, phrase: &Phrase) -> bool {
        let kind = |who: &Who| match who {
            Who::Known(entity) => self.reading.lexicon.actors.entity(*entity).kind,
            Who::Named(_) => Kind::Other,
        };
        phrase.bare
            && phrase.seat.is_none()
            && phrase.members.first().is_some_and(|m| kind(&m.who) == Kind::Place)
    }

    /// Ends of the lists "A", "A and B", "A, B and C" that start at an item, shortest first.
    pub(super) fn list_ends(&self, at: usize, filter: Filter) -> Vec<usize> {
        let mut ends = Vec::new();
        if !self.fits(at, filter) {
            return ends;
        }
        let mut end = at + 1;
        let mut commas = 0;
        let mut aside = false;
        if filter != Filter::Many {
            ends.push(end);
        }
        while let Some((next, comma)) = self.list_step(end, filter) {
            aside |= self.says(end, ",") && !comma && !self.says(end + 1, "and");
            // A comma alone joins a list only if an "and" closes it.
            commas = if comma { commas + 1 } else { 0 };
            end = next + 1;
            if commas == 0 {
                ends.push(end);
            }
            // "A, along with B, has": the second comma closes what the first opened.
            if aside && self.says(end, ",") {
                ends.push(end + 1);
            }
        }
        ends
    }

    /// The next actor of a list whose last actor ends before `at`, and whether only a comma joins it.
    fn list_step(&self, at: usize, filter: Filter) -> Option<(usize, bool)> {
        let comma = self.says(at, ",");
        let word = at + usize::from(comma);
        // "American-Saudi mediation"
        if filter == Filter::Adjective && self.is_hyphen(at) && self.fits(at + 1, filter) {
            return Some((at + 1, false));
        }
        let joined = ["and", "or", "&"].iter().any(|w| self.says(word, w));
        if joined && let Some(next) = self.described(word + 1, filter) {
            return Some((next, false));
        }
        if joined && self.says(word + 1, "with") {
            return None;
        }
        const JOINERS: [&[&str]; 5] = [
            &["along", "with"],
            &["together", "with"],
            &["as", "well", "as"],
            &["in", "addition", "to"],
            &["alongside"],
        ];
        let joiner =
            JOINERS.iter().find(|words| words.iter().enumerate().all(|(i, w)| self.says(word + i, w)));
        if let Some(words) = joiner {
            // "along with mediators Qatar and Egypt": one word may stand between.
            let first = word + words.len();
            return [first, first + 1].into_iter().find(|i| self.fits(*i, filter)).map(|i| (i, false));
        }
        (comma && self.fits(at + 1, filter)).then_some((at + 1, true))
    }

    /// The actor at an item, or behind a few words that describe it: "and the rebel group M23".
    fn described(&self, at: usize, filter: Filter) -> Option<usize> {
        if filter == Filter::Adjective || !self.opens_description(at) {
            return self.fits(at, filter).then_some(at);
        }
        let words = (at..at + LONGEST_DESCRIPTION).take_while(|i| self.describes(*i)).count();
        (at..=at + words).find(|i| self.fits(*i, filter))
    }

    /// Tells whether a description may begin at an item: with a determiner, an adjective or a noun that is known to
    /// describe; other words may be verbs.
    fn opens_description(&self, at: usize) -> bool {
        const CLASSES: [WordClass; 4] =
            [WordClass::DETERMINER, WordClass::DESCRIPTOR, WordClass::MODIFIER, WordClass::TITLE];
        match self.items.get(at) {
            Some(Item::Word { .. }) => CLASSES.into_iter().any(|class| self.in_class(at, class)),
            _ => self.describes(at),
        }
    }

    /// Starts of the lists that end before an item, longest first; where the pattern has a word before the slot, that word
    /// is all that needs to stand there.
    pub(super) fn list_starts(&self, at: usize, filter: Filter, introduced: bool) -> Vec<usize> {
        let mut starts: Vec<usize> = (0..at)
            .rev()
            .take(14)
            .filter(|start| self.list_ends(*start, filter).contains(&at))
            .filter(|start| introduced || self.may_start(*start, at, filter))
            .collect();
        starts.reverse();
        starts
    }

    /// "called Artsakh by ethnic Armenians, A and B accused": what a preposition governs opens no subject, and
    /// neither does the tail of a list that one governs: "between C and D, A and B mediated".
    fn may_start(&self, start: usize, end: usize, filter: Filter) -> bool {
        if filter == Filter::Adjective {
            // "Israel and Qatari mediators" are two; "US and Qatari mediators" are not.
            return (start..end - 1).all(|i| self.phrase(i).is_none() || self.is_attributive(i));
        }
        if matches!(filter, Filter::Place | Filter::Sides | Filter::Pronoun) {
            return true;
        }
        let tail = start >= 2
            && ["and", "or"].iter().any(|w| self.says(start - 1, w))
            && self.phrase(start - 2).is_some();
        let free = !(end - start > 1 || self.must_be_free(start, filter)) || !self.governed(start);
        free && !(tail && end - start > 1)
    }

    /// An adjective, or an acronym that serves as one.
    fn is_attributive(&self, at: usize) -> bool {
        let acronym =
            self.items.get(at).is_some_and(|i| self.reading.tokens[i.tokens().0].has(UPPER | DOTTED));
        acronym || self.phrase(at).is_some_and(|p| p.sense == Sense::Adjective)
    }

    /// A subject is governed by no preposition; a place that acts as a government is none in "talks in Doha".
    fn must_be_free(&self, at: usize, filter: Filter) -> bool {
        filter == Filter::Subject
            || filter == Filter::Plain && self.phrase(at).is_some_and(|p| p.seat.is_some())
    }

    /// The actor items of a list, or the word that stands for both sides.
    pub(super) fn actors(&self, from: usize, to: usize, filter: Filter) -> Vec<usize> {
        (from..to)
            .filter(|i| matches!(filter, Filter::Sides | Filter::Pronoun) || self.phrase(*i).is_some())
            .collect()
    }
}
