//! Finds names: first those in the tables, then unknown ones by their form.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use super::Who;
use super::dates::Expression;
use super::name_keys::exact;
use super::sentences::Reading;
use super::sentences::Sentence;
use crate::annotation::Kind;
use crate::schema::Alias;
use crate::schema::EntityIndex;
use crate::schema::Form;
use crate::schema::Readings;
use crate::schema::SurnameUse;
use crate::schema::WordClass;
use crate::schema::notes;
use crate::tokens::CAPITAL;
use crate::tokens::GLUED;
use crate::tokens::MARK;
use crate::tokens::NUMBER;
use crate::tokens::UNKNOWN;
use crate::tokens::UPPER;

/// A mention, as a run of tokens.
#[derive(Clone, Debug)]
pub(super) struct Name<'t> {
    /// First token.
    pub from: usize,
    /// One past the last token.
    pub to: usize,
    /// What it names.
    pub kind: Kind,
    /// Whom it names.
    pub who: Option<Who<'t>>,
    /// How it names it.
    pub form: Form,
    /// Makes its entity an actor of the article.
    pub actor: bool,
}

/// What an article has said of persons so far.
pub(super) struct Finder<'a, 't> {
    pub reading: &'a Reading<'t>,
    /// Days since 1970-01-01, if the article is dated.
    pub day: Option<i32>,
    /// Persons of the tables whose full name stands in the article.
    pub full: FxHashSet<EntityIndex>,
    /// Unknown persons by the key of their surname.
    pub surnames: FxHashMap<u64, Cow<'t, str>>,
    pub names: Vec<Name<'t>>,
    /// What the tables know from a token on, as [`Finder::collect_persons`] saw it: by token a number in `readings`
    /// plus two, one for nothing, zero where nobody has looked.
    known: Vec<u32>,
    readings: Vec<(usize, Readings<'t>)>,
    pub dates: &'a [Expression],
}

/// Finds the names of an article, sorted and not overlapping.
pub(super) fn find<'t>(reading: &Reading<'t>, dates: &[Expression], day: Option<i32>) -> Vec<Name<'t>> {
    let mut finder = Finder {
        reading,
        day,
        full: FxHashSet::default(),
        surnames: FxHashMap::default(),
        names: Vec::with_capacity(reading.all_starts().count() / 2),
        known: vec![0; reading.tokens.len()],
        readings: Vec::with_capacity(reading.all_starts().count() / 2),
        dates,
    };
    for sentence in &reading.sentences {
        finder.collect_persons(sentence);
    }
    for sentence in &reading.sentences {
        finder.read(sentence);
    }
    finder.names
}

/// Puts names in between those that are known: `find` sees each token that one may start with and the one that it may
/// not reach beyond.
pub(super) fn put_between<'t>(
    reading: &Reading,
    names: &mut Vec<Name<'t>>,
    find: impl Fn(&[Name<'t>], &Sentence, usize, usize) -> Option<Name<'t>>,
) {
    let mut found: Vec<Name> = Vec::new();
    let mut next = 0;
    for sentence in &reading.sentences {
        let mut end = 0;
        for at in reading.starts(sentence) {
            if at < end {
                continue;
            }
            while next < names.len() && names[next].to <= at {
                next += 1;
            }
            let limit = names.get(next).map_or(sentence.to, |n| n.from.min(sentence.to));
            if limit <= at {
                end = names[next].to;
            } else if let Some(name) = find(names, sentence, at, limit) {
                end = name.to;
                found.push(name);
            }
        }
    }
    if !found.is_empty() {
        names.extend(found);
        names.sort_by_key(|n| n.from);
    }
}

impl<'t> Finder<'_, 't> {
    /// A surname may stand before the full name (headline, caption), so that persons of the tables and others are
    /// looked for first.
    fn collect_persons(&mut self, sentence: &Sentence) {
        let reading = self.reading;
        let (mut known_end, mut other_end) = (0, 0);
        for at in reading.starts(sentence) {
            if at >= known_end
                && let Some((length, readings)) = self.look_up(at, sentence.to).filter(|(l, _)| *l > 1)
            {
                let person = |a: &&Alias| a.form == Form::Name && self.entity_kind(a) == Kind::Person;
                let found: Vec<EntityIndex> = readings.iter().filter(person).map(|a| a.entity).collect();
                self.full.extend(found);
                known_end = at + length;
            }
            if at >= other_end
                && let Some(person) = self.unknown_person(at, sentence)
            {
                other_end = person.to;
                self.remember(&person);
            }
        }
    }

    fn read(&mut self, sentence: &Sentence) {
        let reading = self.reading;
        let mut end = 0;
        let mut dates = &self.dates[self.dates.partition_point(|d| d.to <= sentence.from)..];
        for at in reading.starts(sentence) {
            if at < end {
                continue;
            }
            while dates.first().is_some_and(|d| d.to <= at) {
                dates = &dates[1..];
            }
            if let Some(date) = dates.first().filter(|d| d.from <= at) {
                end = date.to;
                continue;
            }
            let name = self.unknown_person(at, sentence).or_else(|| self.unknown_surname(at, sentence));
            let name = name.or_else(|| self.known(at, sentence)).or_else(|| self.unknown(at, sentence));
            let Some(name) = name else { continue };
            end = name.to;
            if name.kind != Kind::Other || name.who.is_some() {
                self.remember(&name);
                self.names.push(name);
            }
        }
    }

    /// A person goes by the surname from now on, or by the given name if nobody has it for a surname.
    fn remember(&mut self, name: &Name<'t>) {
        let (Kind::Person, Some(Who::Named(full))) = (name.kind, &name.who) else { return };
        // Who is named by surname goes by it already.
        if name.form == Form::Surname {
            return;
        }
        let space = |byte: &u8| *byte == b' ';
        let first = full.bytes().position(|b| space(&b)).unwrap_or(full.len());
        let last = full.as_bytes().iter().rposition(space).map_or(0, |at| at + 1);
        for key in [exact(full, last, full.len()), exact(full, 0, first)] {
            self.surnames.entry(key).or_insert_with(|| full.clone());
        }
    }

    /// The full name of the unknown person whose surname a token is.
    pub fn full_name(&self, at: usize) -> Option<&Cow<'t, str>> {
        let token = &self.reading.tokens[at];
        let key = || exact(self.reading.text, token.start as usize, token.end as usize);
        if self.surnames.is_empty() { None } else { self.surnames.get(&key()) }
    }

    fn entity_kind(&self, alias: &Alias) -> Kind {
        self.reading.lexicon.actors.entity(alias.entity).kind
    }

    /// The longest name of the tables that starts at a token, and what it can be.
    pub fn candidates(&self, at: usize, to: usize) -> Option<(usize, Readings<'t>)> {
        match self.known[at] {
            0 => self.search(at, to),
            1 => None,
            // What was looked for up to the end of the sentence may reach beyond `to`.
            number => {
                let known = self.readings[number as usize - 2];
                if at + known.0 <= to { Some(known) } else { self.search(at, to) }
            }
        }
    }

    /// Searches for a name up to the end of a sentence and remembers what was found.
    fn look_up(&mut self, at: usize, to: usize) -> Option<(usize, Readings<'t>)> {
        let found = self.search(at, to);
        self.readings.extend(found);
        self.known[at] = if found.is_some() { self.readings.len() as u32 + 1 } else { 1 };
        found
    }

    #[inline]
    fn search(&self, at: usize, to: usize) -> Option<(usize, Readings<'t>)> {
        let tokens = &self.reading.tokens;
        let starts = tokens[at].has(CAPITAL | NUMBER) || tokens[at].noted(notes::PARTICLE);
        if !starts || !tokens[at].noted(notes::NAME) {
            return None;
        }
        self.reading.lexicon.actors.longest(self.reading.text, &tokens[at..to])
    }

    /// A name of the tables, read as its context asks.
    fn known(&self, at: usize, sentence: &Sentence) -> Option<Name<'t>> {
        let (length, readings) = self.candidates(at, sentence.to)?;
        let to = at + length;
        let name = |alias: &Alias, kind, actor| Name {
            from: at,
            to,
            kind,
            who: Some(Who::Known(alias.entity)),
            form: alias.form,
            actor,
        };
        if let Some(alias) = self.choose(readings, |f| f == Form::Name, at, to, sentence) {
            let capital = readings.iter().find(|a| a.form == Form::Capital);
            if let Some(capital) = capital
                && self.is_capital_of(alias, capital)
            {
                let place = name(alias, Kind::Place, false);
                if let Some(longer) = self.longer(&place, sentence) {
                    return Some(longer);
                }
                return Some(if self.speaks(at, to, sentence) {
                    name(capital, Kind::Country, true)
                } else {
                    place
                });
            }
            let entity = self.reading.lexicon.actors.entity(alias.entity);
            let own = name(alias, entity.kind, entity.can_act());
            return Some(self.longer(&own, sentence).unwrap_or_else(|| self.with_lineage(own, sentence)));
        }
        if let Some(alias) = self.choose(readings, |f| f == Form::Metonym, at, to, sentence) {
            return Some(name(alias, Kind::Country, true));
        }
        let demonym = |f| matches!(f, Form::Demonym | Form::DemonymPlural);
        if let Some(alias) = self.choose(readings, demonym, at, to, sentence) {
            return Some(name(alias, Kind::Country, !self.is_ethnic(at)));
        }
        let hidden = readings.iter().any(|a| a.form == Form::Not);
        let not = Name { from: at, to, kind: Kind::Other, who: None, form: Form::Not, actor: false };
        let other = || self.unknown(at, sentence).filter(|name| name.to >= to).unwrap_or(not);
        self.surname(readings, at, to, sentence).or_else(|| hidden.then(other))
    }

    /// "Tamim bin Hamad" goes on as "Al-Thani": what a lineage adds to a known person's name.
    fn with_lineage(&self, mut name: Name<'t>, sentence: &Sentence) -> Name<'t> {
        let tokens = &self.reading.tokens;
        while name.kind == Kind::Person
            && name.to + 1 < sentence.to
            && self.reading.is(&tokens[name.to], WordClass::PARTICLE)
            && self.candidates(name.to, sentence.to).is_none()
        {
            let hyphen = usize::from(self.reading.is_mark(&tokens[name.to + 1], "-"));
            let Some(last) = tokens.get(name.to + 1 + hyphen).filter(|t| t.has(CAPITAL)) else { break };
            if last.has(MARK) {
                break;
            }
            name.to += 2 + hyphen;
        }
        name
    }

    fn is_capital_of(&self, place: &Alias, capital: &Alias) -> bool {
        self.reading.lexicon.actors.entity(place.entity).countries.contains(&capital.entity)
    }

    /// Picks the first reading of a form, unless it is weak and nothing supports it.
    fn choose<'s>(
        &self,
        readings: Readings<'s>,
        form: impl Fn(Form) -> bool,
        at: usize,
        to: usize,
        sentence: &Sentence,
    ) -> Option<&'s Alias> {
        let supported = |a: &Alias| !a.weak || self.supports(a, at, to, sentence);
        let found = readings.iter().find(|a| form(a.form) && supported(a));
        found.filter(|_| to - at > 1 || !self.is_common(at, sentence))
    }

    /// A word that the article also writes small says nothing where a sentence starts: "Turkey prices rose".
    fn is_common(&self, at: usize, sentence: &Sentence) -> bool {
        let token = &self.reading.tokens[at];
        (at == sentence.from || sentence.shouted)
            && !token.has(UPPER)
            && self.reading.lower.contains(token.word)
    }

    /// A weak name counts where no other name touches it and, for a body, where its capital says something.
    fn supports(&self, alias: &Alias, at: usize, to: usize, sentence: &Sentence) -> bool {
        let tokens = &self.reading.tokens;
        let touches = |i: usize| {
            let token = &tokens[i];
            token.has(CAPITAL)
                && !token.has(UPPER)
                && (token.word == UNKNOWN || self.is_given(i))
                && !tokens[i.max(at + 1)].has(MARK)
        };
        let before = at > sentence.from && touches(at - 1);
        let after = to < sentence.to
            && tokens[to].word == UNKNOWN
            && tokens[to].has(CAPITAL)
            && !tokens[to].has(GLUED);
        // "Chad le Clos", "Jordan van der Sloot"
        let particle = to + 1 < sentence.to
            && self.reading.is(&tokens[to], WordClass::PARTICLE)
            && tokens[to + 1].has(CAPITAL);
        // "Jordan and Beth"
        let beside = to + 1 < sentence.to
            && self.reading.says(to, "and")
            && self.is_given(to + 1)
            && self.candidates(to + 1, sentence.to).is_none();
        if before || after || particle || beside {
            return false;
        }
        let entity = self.reading.lexicon.actors.entity(alias.entity);
        matches!(entity.kind, Kind::Country | Kind::Place)
            || (at > sentence.from && !sentence.shouted)
            || self.acts(to, sentence)
    }

    /// Tells whether a verb of saying or doing comes next, adverbs aside.
    fn acts(&self, at: usize, sentence: &Sentence) -> bool {
        let reading = self.reading;
        let adverb = at < sentence.to && reading.word(at).ends_with("ly");
        let Some(next) = reading.tokens.get(at + usize::from(adverb)).filter(|_| at < sentence.to) else {
            return false;
        };
        [WordClass::SAY, WordClass::ACTS, WordClass::ACCUSE, WordClass::AUXILIARY]
            .iter()
            .any(|c| reading.is(next, *c))
    }

    pub fn is_given(&self, at: usize) -> bool {
        let token = &self.reading.tokens[at];
        token.noted(notes::GIVEN)
    }

    /// Tells whether a seat of government stands for the government: it says or does something.
    fn speaks(&self, at: usize, to: usize, sentence: &Sentence) -> bool {
        let reading = self.reading;
        let tokens = &reading.tokens;
        if at > sentence.from && reading.is(&tokens[at - 1], WordClass::PLACE_PREPOSITION) {
            return false;
        }
        let Some(next) = tokens.get(to).filter(|_| to < sentence.to) else { return false };
        if reading.is_mark(next, "-") && next.has(GLUED) {
            return !reading.says(to + 1, "based") && !reading.says(to + 1, "born");
        }
        let is = |class| reading.is(next, class);
        is(WordClass::SAY)
            || is(WordClass::ACTS)
            || is(WordClass::AUX) && !reading.is_possessive(to)
            || is(WordClass::MODAL)
            || is(WordClass::ACCUSE)
    }

    /// "ethnic Armenians" are not Armenia.
    fn is_ethnic(&self, at: usize) -> bool {
        at > 0 && self.reading.is(&self.reading.tokens[at - 1], WordClass::ETHNIC)
    }

    /// Part of the name of a person of the tables.
    fn surname(&self, readings: Readings, at: usize, to: usize, sentence: &Sentence) -> Option<Name<'t>> {
        let actors = &self.reading.lexicon.actors;
        let after_title = self.after_title(at, sentence);
        let surnames = || readings.iter().filter(|a| a.form == Form::Surname);
        // "Bernard Putin" is somebody else.
        let other_given =
            at > sentence.from && self.reading.tokens[at - 1].has(CAPITAL) && self.is_given(at - 1);
        if other_given && surnames().all(|a| !self.full.contains(&a.entity)) {
            return None;
        }
        let in_office = |e: EntityIndex| actors.entity(e).offices.iter().any(|o| o.held_on(self.day));
        let alias = surnames().find(|a| self.full.contains(&a.entity)).or_else(|| {
            let mut fitting: Vec<&Alias> = surnames()
                .filter(|a| {
                    let entity = actors.entity(a.entity);
                    entity.surname == SurnameUse::Always || after_title && entity.surname != SurnameUse::Never
                })
                .collect();
            // Another surname of an unknown person of this article wins over a namesake in the tables.
            if self.full_name(to - 1).is_some() {
                return None;
            }
            fitting.sort_by_key(|a| !in_office(a.entity));
            let always = fitting.iter().any(|a| actors.entity(a.entity).surname == SurnameUse::Always);
            // Without a date or a full name, two namesakes cannot be told apart.
            if !always && fitting.len() > 1 && self.day.is_none() { None } else { fitting.first().copied() }
        })?;
        Some(Name {
            from: at,
            to,
            kind: Kind::Person,
            who: Some(Who::Known(alias.entity)),
            form: Form::Surname,
            actor: true,
        })
    }

    pub fn after_title(&self, at: usize, sentence: &Sentence) -> bool {
        let reading = self.reading;
        let is_title = |i: usize| {
            reading.is(&reading.tokens[i], WordClass::TITLE)
                || reading.is(&reading.tokens[i], WordClass::HONORIFIC)
        };
        let dot = at > sentence.from && reading.is_mark(&reading.tokens[at - 1], ".");
        let before = at.checked_sub(if dot { 2 } else { 1 });
        before.is_some_and(|i| i >= sentence.from && is_title(i))
    }
}
