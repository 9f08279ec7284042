//! What kind of thing an unknown name names, by all that the article says of it.
//!
//! Every mention votes by its form and its neighbours ("X, 34,", "in X", "X shares"); the sum decides for all mentions
//! with the same letters, so that a surname, an acronym or the short form of a firm is what its full form is. Then
//! headlines and first words of sentences, whose capitals say nothing, take what is decided.

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use super::Who;
use super::name_keys::initials;
use super::name_keys::initials_of;
use super::name_keys::key;
use super::names::Name;
use super::names::put_between;
use super::sentences::Reading;
use crate::annotation::Kind;
use crate::schema::Form;
use crate::schema::WordClass;
use crate::schema::WordClasses;
use crate::schema::notes;
use crate::tokens::CAPITAL;
use crate::tokens::GLUED;
use crate::tokens::MARK;
use crate::tokens::NUMBER;
use crate::tokens::Token;
use crate::tokens::UNKNOWN;
use crate::tokens::UPPER;

/// Votes for a person, an organisation and a place.
type Votes = [i16; 3];

const PERSON: usize = 0;
const BODY: usize = 1;
const PLACE: usize = 2;
const KINDS: [Kind; 3] = [Kind::Person, Kind::Organisation, Kind::Place];
/// Votes that decide.
const ENOUGH: i16 = 2;
/// Words of a name that a headline repeats.
const LONGEST: usize = 6;

/// What is decided for a key.
#[derive(Clone, Copy)]
struct Decision {
    kind: usize,
    /// The name whose `who` a shorter mention takes.
    full: usize,
}

/// Settles the unknown names of an article.
pub(super) fn settle<'t>(reading: &Reading<'t>, names: &mut Vec<Name<'t>>, sport: bool) {
    let legal = |t: &Token| t.has(CAPITAL) && t.noted(notes::LEGAL);
    let business = reading.all_starts().filter(|at| legal(&reading.tokens[*at])).take(2).count() == 2;
    let keys: Vec<u64> = names.iter().map(|n| key(reading, n.from, n.to)).collect();
    let mut poll = Poll { reading, sums: FxHashMap::default(), sport, business };
    for (at, key) in keys.iter().enumerate() {
        poll.hear(names, at, *key);
    }
    let mut decided = FxHashMap::with_capacity_and_hasher(names.len(), Default::default());
    // Long names first: they vote for their short forms.
    for long in [true, false] {
        for at in 0..names.len() {
            let name = &names[at];
            if (name.to - name.from > 1) == long && is_open(name) {
                poll.decide(names, at, keys[at], &mut decided);
            } else if long {
                remember_known(reading, name, at, &mut decided);
            }
        }
    }
    for at in 0..names.len() {
        if is_open(&names[at]) {
            assign(names, at, decided.get(&keys[at]));
        }
    }
    repeat(reading, names, &decided);
}

/// An unknown name whose kind may change.
fn is_open(name: &Name) -> bool {
    matches!(name.who, Some(Who::Named(_))) && name.form != Form::Surname
}

/// Headlines may repeat known persons by surname, and what the tables of results told.
fn remember_known(reading: &Reading, name: &Name, at: usize, decided: &mut FxHashMap<u64, Decision>) {
    let kind = match name.kind {
        Kind::Person if name.to - name.from > 1 => PERSON,
        _ => return,
    };
    let last = key(reading, name.to - 1, name.to);
    decided.entry(last).or_insert(Decision { kind, full: at });
}

fn assign(names: &mut [Name], at: usize, decision: Option<&Decision>) {
    let (from, to) = (names[at].from, names[at].to);
    let Some(decision) = decision else { return };
    let who = names[decision.full].who.clone();
    let name = &mut names[at];
    name.kind = KINDS[decision.kind];
    if decision.kind == PERSON && to - from == 1 && decision.full != at {
        name.form = Form::Surname;
        name.actor = matches!(who, Some(Who::Known(_)));
        name.who = who;
    }
}

/// Finds the decided names where a capital says nothing: in headlines and at the start of sentences.
fn repeat<'t>(reading: &Reading<'t>, names: &mut Vec<Name<'t>>, decided: &FxHashMap<u64, Decision>) {
    // Most capitals begin no decided name: their first words are looked up before any longer run.
    let starts: FxHashSet<u64> = decided
        .values()
        .flat_map(|d| {
            let full = &names[d.full];
            [key(reading, full.from, full.from + 1), key(reading, full.to - 1, full.to)]
        })
        .collect();
    put_between(reading, names, |names, _, at, limit| {
        let token = &reading.tokens[at];
        let capital = token.has(CAPITAL) && !token.has(MARK | NUMBER);
        if !capital || !starts.contains(&key(reading, at, at + 1)) {
            return None;
        }
        let common = |to: usize| {
            to == at + 1 && (reading.is(token, WordClass::STARTER) || reading.lower.contains(token.word))
        };
        let mut ends =
            (at + 1..=limit.min(at + LONGEST)).rev().filter(|to| !reading.tokens[*to - 1].has(MARK));
        let (to, decision) = ends.find_map(|to| {
            let decision = decided.get(&key(reading, at, to)).filter(|_| !common(to))?;
            Some((to, decision))
        })?;
        let full = &names[decision.full];
        let whole = full.to - full.from == to - at;
        let form = if decision.kind == PERSON && !whole { Form::Surname } else { Form::Name };
        let actor = matches!(full.who, Some(Who::Known(_)));
        Some(Name { from: at, to, kind: KINDS[decision.kind], who: full.who.clone(), form, actor })
    });
}

/// Collects votes.
struct Poll<'a, 'b> {
    reading: &'a Reading<'b>,
    sums: FxHashMap<u64, Votes>,
    sport: bool,
    /// Firms are named with their legal form.
    business: bool,
}

impl Poll<'_, '_> {
    fn vote(&mut self, key: u64, kind: usize, votes: i16) {
        let sum = self.sums.entry(key).or_default();
        sum[kind] = sum[kind].saturating_add(votes);
    }

    fn is(&self, at: usize, class: WordClass) -> bool {
        self.reading.tokens.get(at).is_some_and(|t| self.reading.is(t, class))
    }

    /// All classes of a token.
    fn classes(&self, at: usize) -> WordClasses {
        let token = self.reading.tokens.get(at);
        token.map_or(WordClasses::default(), |t| self.reading.lexicon.classes.of(t.word))
    }

    fn is_mark(&self, at: usize, marks: &str) -> bool {
        self.reading.tokens.get(at).is_some_and(|t| self.reading.is_mark(t, marks))
    }

    /// Counts the votes of one mention.
    fn hear(&mut self, names: &[Name], at: usize, key: u64) {
        let name = &names[at];
        if !is_open(name) {
            return;
        }
        let mut votes = self.by_form(name);
        self.before(names, at, &mut votes);
        self.after(names, at, &mut votes);
        if votes != [0; 3] {
            let sum = self.sums.entry(key).or_default();
            for (sum, votes) in sum.iter_mut().zip(votes) {
                *sum = sum.saturating_add(votes);
            }
        }
    }

    fn by_form(&self, name: &Name) -> Votes {
        let reading = self.reading;
        let (from, to) = (name.from, name.to);
        let (first, last) = (&reading.tokens[from], &reading.tokens[to - 1]);
        let long = to - from > 1;
        let mut votes = [0; 3];
        match name.kind {
            // Told by a given name, a title or an initial, by a suffix, by a table.
            Kind::Person if long => votes[PERSON] += 4,
            Kind::Person => votes[PERSON] += 1,
            Kind::Organisation if long || !last.has(UPPER) => votes[BODY] += 5,
            Kind::Place if long && reading.is(last, WordClass::PLACE_SUFFIX) => votes[PLACE] += 4,
            // In capitals, only the city of a dateline is known to be one.
            Kind::Place if first.has(UPPER) => votes[PLACE] += 4,
            _ => {}
        }
        if !long && first.has(UPPER) {
            votes[BODY] += 2;
        }
        let body = (from..to).any(|i| {
            let token = &reading.tokens[i];
            reading.is(token, WordClass::ORG_SUFFIX)
                || reading.is(token, WordClass::ORGAN)
                || reading.is_mark(token, "&")
        });
        if long && body {
            votes[BODY] += 2;
        }
        let words = (from..to).filter(|i| reading.tokens[*i].has(CAPITAL)).count();
        let strange = (from..to).all(|i| {
            let token = &reading.tokens[i];
            !token.has(UPPER)
                && (token.word == UNKNOWN || reading.is(token, WordClass::GIVEN_NAME) || !token.has(CAPITAL))
        });
        if (2..=3).contains(&words) && strange {
            votes[PERSON] += if self.sport { 2 } else { 1 };
        }
        votes
    }

    /// What the words before a name say of it.
    fn before(&self, names: &[Name], at: usize, votes: &mut Votes) {
        let reading = self.reading;
        let from = names[at].from;
        let Some(prev) = from.checked_sub(1) else { return };
        let the = reading.says(prev, "the");
        if the {
            let said = self.sport || self.business || names[at].to - from > 1;
            votes[BODY] += i16::from(said || reading.tokens[from].has(UPPER));
            votes[PERSON] -= 2;
        }
        let prev = if the { prev.saturating_sub(1) } else { prev };
        if reading.tokens[prev].has(MARK) {
            // A name alone between quotes is a title of a work.
            let quoted = reading.is_quote(&reading.tokens[prev])
                && reading.tokens.get(names[at].to).is_some_and(|t| reading.is_quote(t));
            if quoted {
                *votes = [-4; 3];
            }
            return;
        }
        let classes = self.classes(prev);
        if reading.says(prev, "in") || reading.says(prev, "near") {
            votes[PLACE] += if the { 1 } else { 3 };
        } else if reading.says(prev, "at") || reading.says(prev, "from") {
            votes[PLACE] += i16::from(!the);
        } else if classes.has(WordClass::PLACE_NOUN) {
            votes[PLACE] += 1;
        } else if reading.says(prev, "of") && prev > 0 && self.is(prev - 1, WordClass::PLACE_NOUN) {
            votes[PLACE] += 4;
        }
        if classes.has(WordClass::BODY_NOUN) {
            votes[BODY] += 2;
        }
        let title = classes.has(WordClass::TITLE) || classes.has(WordClass::HONORIFIC);
        if !the && (title || classes.has(WordClass::PERSON_NOUN)) {
            votes[PERSON] += if title { 3 } else { 2 };
        }
        let demonym = at > 0 && names[at - 1].to == from && names[at - 1].form == Form::Demonym;
        if demonym && names[at].to - from > 1 {
            votes[PERSON] += 1;
        }
    }

    /// What the words after a name say of it.
    fn after(&self, names: &[Name], at: usize, votes: &mut Votes) {
        let reading = self.reading;
        let to = names[at].to;
        let long = to - names[at].from > 1;
        let classes = self.classes(to);
        if classes.has(WordClass::SAY) {
            votes[PERSON] += 1;
            votes[BODY] += i16::from(!long);
        }
        if classes.has(WordClass::BODY_ROLE) {
            votes[BODY] += 2;
        }
        if classes.has(WordClass::PLACE_AFTER) && reading.tokens[to].flags & CAPITAL == 0 {
            votes[PLACE] += 2;
        }
        // What follows is asked of marks only.
        if !reading.tokens.get(to).is_some_and(|t| t.has(MARK)) {
            return;
        }
        if self.is_mark(to, "-") && reading.says(to + 1, "based") {
            votes[PLACE] += 4;
        }
        if self.is_mark(to, ",") {
            let age = reading.tokens.get(to + 1).is_some_and(|t| t.has(NUMBER) && t.end - t.start == 2);
            if age && self.is_mark(to + 2, ",")
                || reading.says(to + 1, "who")
                || reading.says(to + 1, "whose")
            {
                votes[PERSON] += 4;
            }
            if reading.says(to + 1, "which") {
                votes[BODY] += 2;
            }
            let region =
                names.get(at + 1).filter(|n| n.from == to + 1 && matches!(n.who, Some(Who::Known(_))));
            if region.is_some_and(|n| matches!(n.kind, Kind::Place | Kind::Country) && n.form == Form::Name) {
                votes[PLACE] += 3;
            }
        }
        // "Acme Wheel Union ( AWU )"
        if long && self.is_mark(to, "(") && self.is_mark(to + 2, ")") && self.is_acronym(&names[at], to + 1) {
            votes[BODY] += 4;
        }
    }

    /// Tells whether a token is made of the first letters of a name.
    fn is_acronym(&self, name: &Name, at: usize) -> bool {
        let word = self.reading.tokens.get(at).filter(|t| t.has(UPPER));
        word.is_some() && initials(self.reading.word(at).chars()) == initials_of(self.reading, name)
    }

    /// Decides a name by its votes; a long one then votes for its short forms.
    fn decide(&mut self, names: &[Name], at: usize, key: u64, decided: &mut FxHashMap<u64, Decision>) {
        let name = &names[at];
        if decided.contains_key(&key) {
            return;
        }
        let votes = self.sums.get(&key).copied().unwrap_or_default();
        let Some(kind) = self.winner(name, votes) else { return };
        decided.insert(key, Decision { kind, full: at });
        if name.to - name.from == 1 {
            return;
        }
        match kind {
            PERSON => self.name_person(names, at, decided),
            BODY => self.name_body(name),
            _ => {}
        }
    }

    fn name_person(&mut self, names: &[Name], at: usize, decided: &mut FxHashMap<u64, Decision>) {
        let name = &names[at];
        let surname = key(self.reading, name.to - 1, name.to);
        let votes = self.sums.get(&surname).copied().unwrap_or_default();
        // "Lincoln Park" and "in Lincoln" say more than one "Ann Lincoln".
        if votes[BODY] < 5 && votes[PLACE] < 5 {
            decided.entry(surname).or_insert(Decision { kind: PERSON, full: at });
        }
    }

    /// "Velden Steel Corp" is also "Velden" and, if it has three words, "VSC".
    fn name_body(&mut self, name: &Name) {
        let acronym = initials_of(self.reading, name);
        if name.to - name.from > 2 {
            self.vote(acronym, BODY, 3);
        }
        let first = &self.reading.tokens[name.from];
        let suffix = self.is(name.to - 1, WordClass::LEGAL_FORM);
        if first.word == UNKNOWN && suffix {
            let short = key(self.reading, name.from, name.from + 1);
            self.vote(short, BODY, 4);
        }
        let mut end = name.to;
        while end > name.from + 1 && self.is(end - 1, WordClass::LEGAL_FORM) {
            end -= 1;
        }
        if end < name.to {
            let short = key(self.reading, name.from, end);
            self.vote(short, BODY, 4);
        }
    }

    fn winner(&self, name: &Name, votes: Votes) -> Option<usize> {
        let first = &self.reading.tokens[name.from];
        let long = name.to - name.from > 1;
        // "H2", "Q3", "GDP"
        let code = !long
            && first.end - first.start <= 3
            && self.reading.word(name.from).ends_with(|c: char| c.is_ascii_digit());
        if code || !long && self.reading.is(first, WordClass::NO_NAME) {
            return None;
        }
        let best = (0..3).max_by_key(|k| (votes[*k], 2 - *k))?;
        let second = (0..3).filter(|k| *k != best).map(|k| votes[k]).max().unwrap_or(0);
        if votes[best] >= ENOUGH && votes[best] > second {
            return Some(best);
        }
        if votes.iter().any(|v| *v < -2) {
            return None;
        }
        let strange = first.word == UNKNOWN && !first.has(UPPER | GLUED);
        if strange && votes[best] >= 1 && votes[best] > second {
            return Some(best);
        }
        self.guess(name, strange)
    }
}

impl Poll<'_, '_> {
    /// The kind of a name of which nothing is said: what most such names are in an article of its sort.
    fn guess(&self, name: &Name, strange: bool) -> Option<usize> {
        let reading = self.reading;
        let words = || (name.from..name.to).filter(|i| reading.tokens[*i].has(CAPITAL));
        let plain = words().all(|i| !reading.tokens[i].has(UPPER) && !self.is(i, WordClass::STARTER));
        match words().count() {
            1 if strange => {
                Some(if self.sport { PERSON } else { BODY }).filter(|_| self.sport || self.business)
            }
            2 | 3 if plain && name.to - name.from <= 4 => {
                let stranger = words().any(|i| reading.tokens[i].word == UNKNOWN);
                (stranger && !self.business || self.sport).then_some(PERSON)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::name_testing::check;
    use crate::extract::name_testing::names;

    #[test]
    fn the_short_form_of_a_firm_is_the_firm() {
        check(
            "Veldenco buys mill\n\nThe mill was bought by Veldenco Paper Holdings Ltd on Monday. The price that \
             Veldenco paid is not known, and shares of Veldenco fell.",
            &[("Veldenco Paper Holdings Ltd", "organisation"), ("Veldenco", "organisation")],
        );
    }

    #[test]
    fn one_cue_decides_for_all_mentions_and_for_the_headline() {
        let text = "FJORDHEIM SEES RAIN\n\nThe fire began when Fjordheim slept. Later Ole Fjordheim, 34, told the \
            police what he knew.";
        let found = names(text);
        assert!(found.contains(&("FJORDHEIM", "person")), "{found:?}");
        assert!(found.contains(&("Fjordheim", "person")), "{found:?}");
    }

    #[test]
    fn a_place_is_told_by_what_stands_around_it() {
        check(
            "Mill burns\n\nA mill burnt down in the town of Qvarnby on Monday. The mayor says Qvarnby had but one.",
            &[("Qvarnby", "place")],
        );
    }
}
