//! Matches the patterns of role rules over the items of a sentence, both ways from the trigger word.

use super::phrases::Item;
use super::phrases::Phrase;
use super::phrases::Sense;
use super::sentences::Reading;
use super::sentences::Sentence;
use crate::annotation::Status;
use crate::schema::Element;
use crate::schema::Filter;
use crate::schema::Over;
use crate::schema::Rule;
use crate::schema::Supply;
use crate::schema::WordClass;
use crate::tokens::GLUED;
use crate::tokens::MARK;

/// What filled a slot of a rule.
#[derive(Clone)]
pub(super) struct Capture {
    /// Numbers of the roles.
    pub roles: Vec<u8>,
    /// The actor items, or the word that stands for both sides.
    pub items: Vec<usize>,
    pub filter: Filter,
}

pub(super) type Captures = Vec<Capture>;

/// A rule that fits: items from `first` to `last`, both included.
pub(super) struct Match<'a> {
    pub rule: &'a Rule,
    pub anchor: usize,
    pub first: usize,
    pub last: usize,
    pub captures: Captures,
}

/// A sentence as items.
pub(super) struct Scene<'a, 'b> {
    pub reading: &'a Reading<'b>,
    pub sentence: &'a Sentence,
    pub items: &'a [Item<'a>],
    /// What it has that patterns need.
    pub supply: Supply,
}

impl<'a> Scene<'a, '_> {
    /// Lists what fits, of the rules that stand alone or of those that need confirming.
    pub(super) fn matches(&self, confirmed: bool) -> Vec<Match<'a>> {
        let rules = &self.reading.lexicon.rules;
        let mut out = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            let Some(word) = self.word_of(item).filter(|w| rules.triggers(*w, confirmed)) else { continue };
            let actors = |items: &[Item]| items.iter().filter(|i| matches!(i, Item::Actor { .. })).count();
            let sides = [actors(&self.items[..at]), actors(&self.items[at + 1..])];
            let rules = rules.anchored_at(word, confirmed);
            for rule in rules.filter(|r| r.may_fit(&self.supply, sides)) {
                out.extend(self.try_rule(rule, at));
            }
        }
        out
    }

    fn try_rule(&self, rule: &'a Rule, at: usize) -> Option<Match<'a>> {
        let mut right = Vec::new();
        let end = self.rightwards(&rule.elements[rule.anchor..], at, &mut right)?;
        let mut left = Vec::new();
        let first = self.leftwards(&rule.elements[..rule.anchor], at, &mut left)?;
        let next = self.items.get(end).and_then(|i| self.word_of(i));
        if next.is_some_and(|w| rule.unless_next.contains(&w)) {
            return None;
        }
        let previous = first.checked_sub(1).and_then(|i| self.word_of(&self.items[i]));
        if previous.is_some_and(|w| rule.unless_previous.contains(&w)) {
            return None;
        }
        let mut behind = self.items[at + 1..end].iter().filter_map(|i| self.word_of(i));
        if !rule.unless_behind.is_empty() && behind.any(|w| rule.unless_behind.contains(&w)) {
            return None;
        }
        left.reverse();
        left.append(&mut right);
        Some(Match { rule, anchor: at, first, last: end.saturating_sub(1), captures: left })
    }

    pub(super) fn word_of(&self, item: &Item) -> Option<u32> {
        match item {
            Item::Word { token } => Some(self.reading.tokens[*token].word),
            Item::Actor { .. } => None,
        }
    }

    /// Matches elements from item `at` on; returns the item behind the match.
    pub(super) fn rightwards(
        &self,
        elements: &[Element],
        at: usize,
        captures: &mut Captures,
    ) -> Option<usize> {
        let Some((element, rest)) = elements.split_first() else { return Some(at) };
        match element {
            Element::Words { choices, from, to } => choices
                .iter()
                .find_map(|choice| {
                    let end = self.sequence(choice, at)?;
                    let again = if *to > 1 {
                        self.attempt(captures, |s, c| s.rightwards(&more(element, rest), end, c))
                    } else {
                        None
                    };
                    again.or_else(|| self.attempt(captures, |s, c| s.rightwards(rest, end, c)))
                })
                .or_else(|| if *from == 0 { self.rightwards(rest, at, captures) } else { None }),
            Element::Class { class, from, to } => {
                let run = (0..*to as usize).take_while(|i| self.in_class(at + i, *class)).count();
                (*from as usize..=run)
                    .rev()
                    .find_map(|n| self.attempt(captures, |s, c| s.rightwards(rest, at + n, c)))
            }
            Element::Hyphen => {
                if self.is_hyphen(at) {
                    self.rightwards(rest, at + 1, captures)
                } else {
                    None
                }
            }
            Element::Start => {
                if at == 0 {
                    self.rightwards(rest, at, captures)
                } else {
                    None
                }
            }
            Element::Gap { most, over } => {
                let open = |i: &usize| *i == 0 || self.passable(at + i - 1, *over);
                let last = (0..=*most as usize).take_while(open).count().checked_sub(1)?;
                let step = |i| if *over == Over::All { last - i } else { i };
                (0..=last).find_map(|i| self.attempt(captures, |s, c| s.rightwards(rest, at + step(i), c)))
            }
            Element::Slot { roles, filter } => {
                let mut ends = self.list_ends(at, *filter);
                // "between A and B, C said": two sides are the first that an "and" joins; other lists go on.
                if *filter != Filter::Many {
                    ends.reverse();
                }
                ends.into_iter().find_map(|end| {
                    let filled = self.actors(at, end, *filter);
                    self.attempt(captures, |s, c| {
                        c.push(Capture { roles: roles.clone(), items: filled.clone(), filter: *filter });
                        s.rightwards(rest, end, c)
                    })
                })
            }
        }
    }

    /// Matches elements backwards from the item before `at`; returns the first item of the match.
    pub(super) fn leftwards(
        &self,
        elements: &[Element],
        at: usize,
        captures: &mut Captures,
    ) -> Option<usize> {
        let Some((element, rest)) = elements.split_last() else { return Some(at) };
        match element {
            Element::Words { choices, from, to } => choices
                .iter()
                .find_map(|choice| {
                    let start =
                        at.checked_sub(choice.len()).filter(|s| self.sequence(choice, *s) == Some(at))?;
                    let again = if *to > 1 {
                        self.attempt(captures, |s, c| s.leftwards(&less(element, rest), start, c))
                    } else {
                        None
                    };
                    again.or_else(|| self.attempt(captures, |s, c| s.leftwards(rest, start, c)))
                })
                .or_else(|| if *from == 0 { self.leftwards(rest, at, captures) } else { None }),
            Element::Class { class, from, to } => {
                let run = (1..=(*to as usize).min(at)).take_while(|i| self.in_class(at - i, *class)).count();
                (*from as usize..=run)
                    .rev()
                    .find_map(|n| self.attempt(captures, |s, c| s.leftwards(rest, at - n, c)))
            }
            Element::Hyphen => {
                if at > 0 && self.is_hyphen(at - 1) {
                    self.leftwards(rest, at - 1, captures)
                } else {
                    None
                }
            }
            Element::Start => {
                if at == 0 {
                    self.leftwards(rest, at, captures)
                } else {
                    None
                }
            }
            Element::Gap { most, over } => {
                let open = |i: &usize| *i == 0 || self.passable(at - i, *over);
                let last = (0..=(*most as usize).min(at)).take_while(open).count().checked_sub(1)?;
                let step = |i| if *over == Over::All { last - i } else { i };
                (0..=last).find_map(|i| self.attempt(captures, |s, c| s.leftwards(rest, at - step(i), c)))
            }
            Element::Slot { roles, filter } => {
                let introduced = matches!(rest.last(), Some(Element::Words { from: 1, .. }));
                let starts = self.list_starts(at, *filter, introduced);
                starts.into_iter().find_map(|start| {
                    let filled = self.actors(start, at, *filter);
                    self.attempt(captures, |s, c| {
                        c.push(Capture { roles: roles.clone(), items: filled.clone(), filter: *filter });
                        s.leftwards(rest, start, c)
                    })
                })
            }
        }
    }

    /// Tries a continuation and takes back its captures if it fails.
    fn attempt(
        &self,
        captures: &mut Captures,
        run: impl FnOnce(&Self, &mut Captures) -> Option<usize>,
    ) -> Option<usize> {
        let mark = captures.len();
        let end = run(self, captures);
        if end.is_none() {
            captures.truncate(mark);
        }
        end
    }

    fn sequence(&self, words: &[u32], at: usize) -> Option<usize> {
        let fits = words
            .iter()
            .enumerate()
            .all(|(i, w)| self.items.get(at + i).and_then(|x| self.word_of(x)) == Some(*w));
        fits.then_some(at + words.len())
    }

    pub(super) fn in_class(&self, at: usize, class: WordClass) -> bool {
        match self.items.get(at) {
            Some(Item::Word { token }) => self.reading.is(&self.reading.tokens[*token], class),
            _ => false,
        }
    }

    pub(super) fn is_hyphen(&self, at: usize) -> bool {
        let Some(Item::Word { token }) = self.items.get(at) else { return false };
        let glued = |i: usize| self.reading.tokens.get(i).is_some_and(|t| t.has(GLUED));
        self.reading.is_mark(&self.reading.tokens[*token], "-‐‑–") && glued(*token) && glued(token + 1)
    }

    /// Tells whether a gap may pass over an item.
    fn passable(&self, at: usize, over: Over) -> bool {
        match over {
            Over::Words => self.is_between(at),
            Over::All => match self.items.get(at) {
                Some(Item::Word { token }) => !self.reading.is_mark(&self.reading.tokens[*token], ";:()—"),
                item => item.is_some(),
            },
            Over::Description => self.describes(at),
        }
    }

    /// Words, adjectives, places and what a preposition governs, but no clause mark.
    fn is_between(&self, at: usize) -> bool {
        match self.items.get(at) {
            Some(Item::Word { token }) => {
                let token = &self.reading.tokens[*token];
                !self.reading.is_mark(token, ";:,()—“”\"")
            }
            Some(Item::Actor { phrase, .. }) => {
                let noun = phrase.bare && at > 0 && self.in_class(at - 1, WordClass::DETERMINER);
                phrase.sense != Sense::Actor
                    || noun
                    || self.governed(at)
                    || self.stands_before_noun(at, phrase)
            }
            None => false,
        }
    }

    /// Tells whether an item may describe the name behind it: "the [South American bloc] Unasur", "[U.S.-based cleric]",
    /// "[country's conference]". Verbs and what negates do not, nor what only joins.
    pub(super) fn describes(&self, at: usize) -> bool {
        match self.items.get(at) {
            Some(Item::Word { token }) => {
                let word = &self.reading.tokens[*token];
                // "U.S.-based", "self-proclaimed"
                let glued = at > 0 && self.is_hyphen(at - 1);
                let joins = word.has(MARK) || self.reading.is(word, WordClass::FUNCTION);
                let negates = self.reading.lexicon.rules.status.get(&word.word) == Some(&Status::Negated);
                !joins && !negates && (glued || !self.looks_like_a_verb(word))
                    || self.reading.is(word, WordClass::DETERMINER)
                    || self.is_hyphen(at)
                    || self.reading.is_possessive(*token)
            }
            Some(Item::Actor { phrase, .. }) => {
                phrase.sense == Sense::Adjective
                    || self.is_hyphen(at + 1)
                    || self.stands_before_noun(at, phrase)
            }
            None => false,
        }
    }

    /// Tells whether a preposition stands before an item.
    pub(super) fn governed(&self, at: usize) -> bool {
        const PREPOSITIONS: [&str; 14] = [
            "by", "in", "of", "with", "from", "against", "between", "for", "on", "at", "to", "into",
            "within", "near",
        ];
        let Some(Item::Word { token }) = at.checked_sub(1).map(|i| &self.items[i]) else { return false };
        PREPOSITIONS.iter().any(|p| self.reading.says(*token, p))
    }

    pub(super) fn phrase(&self, at: usize) -> Option<&Phrase<'_>> {
        match self.items.get(at) {
            Some(Item::Actor { phrase, .. }) => Some(phrase),
            _ => None,
        }
    }

    pub(super) fn says(&self, at: usize, word: &str) -> bool {
        match self.items.get(at) {
            Some(Item::Word { token }) => self.reading.says(*token, word),
            _ => false,
        }
    }
}

/// The same element once more at most `to - 1` times, then the rest.
fn more(element: &Element, rest: &[Element]) -> Vec<Element> {
    std::iter::once(fewer(element)).chain(rest.iter().cloned()).collect()
}

fn less(element: &Element, rest: &[Element]) -> Vec<Element> {
    rest.iter().cloned().chain(std::iter::once(fewer(element))).collect()
}

fn fewer(element: &Element) -> Element {
    match element {
        Element::Words { choices, to, .. } => {
            Element::Words { choices: choices.clone(), from: 0, to: to.saturating_sub(1) }
        }
        other => other.clone(),
    }
}
