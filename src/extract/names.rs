//! Finds names: first those in the tables, then unknown ones by their form.

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use super::Who;
use super::sentences::Reading;
use super::sentences::Sentence;
use crate::annotation::Kind;
use crate::article::BlockKind;
use crate::schema::Alias;
use crate::schema::EntityIndex;
use crate::schema::Form;
use crate::schema::SurnameUse;
use crate::schema::WordClass;
use crate::tokens::CAPITAL;
use crate::tokens::GLUED;
use crate::tokens::MARK;
use crate::tokens::NUMBER;
use crate::tokens::UNKNOWN;
use crate::tokens::UPPER;

/// A mention, as a run of tokens.
#[derive(Clone, Debug)]
pub(super) struct Name {
    /// First token.
    pub from: usize,
    /// One past the last token.
    pub to: usize,
    /// What it names.
    pub kind: Kind,
    /// Whom it names.
    pub who: Option<Who>,
    /// How it names it.
    pub form: Form,
    /// Makes its entity an actor of the article.
    pub actor: bool,
}

/// What an article has said of persons so far.
struct Finder<'a, 'b> {
    reading: &'a Reading<'b>,
    /// Days since 1970-01-01, if the article is dated.
    day: Option<i32>,
    /// Persons of the tables whose full name stands in the article.
    full: FxHashSet<EntityIndex>,
    /// Unknown persons by surname.
    surnames: FxHashMap<String, String>,
    names: Vec<Name>,
}

/// Finds the names of an article, sorted and not overlapping.
pub(super) fn find(reading: &Reading, day: Option<i32>) -> Vec<Name> {
    let mut finder = Finder {
        reading,
        day,
        full: FxHashSet::default(),
        surnames: FxHashMap::default(),
        names: Vec::new(),
    };
    finder.collect_full_names();
    for sentence in &reading.sentences {
        finder.read(sentence);
    }
    finder.names
}

impl Finder<'_, '_> {
    /// A surname may stand before the full name (headline, caption), so full names are looked for first.
    fn collect_full_names(&mut self) {
        let mut full = FxHashSet::default();
        for sentence in &self.reading.sentences {
            let mut at = sentence.from;
            while at < sentence.to {
                at += match self.candidates(at, sentence.to) {
                    Some((length, readings)) if length > 1 => {
                        let person =
                            |a: &&&Alias| a.form == Form::Name && self.entity_kind(a) == Kind::Person;
                        full.extend(readings.iter().filter(person).map(|a| a.entity));
                        length
                    }
                    _ => 1,
                };
            }
        }
        self.full = full;
    }

    fn read(&mut self, sentence: &Sentence) {
        let mut at = sentence.from;
        while at < sentence.to {
            let name = self.unknown_person(at, sentence).or_else(|| self.known(at, sentence));
            let name = name.or_else(|| self.unknown(at, sentence));
            match name {
                Some(name) => {
                    at = name.to;
                    if name.kind != Kind::Other || name.who.is_some() {
                        self.remember(&name);
                        self.names.push(name);
                    }
                }
                None => at += 1,
            }
        }
    }

    fn remember(&mut self, name: &Name) {
        if let (Kind::Person, Some(Who::Named(full))) = (name.kind, &name.who)
            && let Some(surname) = full.split(' ').next_back()
        {
            self.surnames.entry(surname.to_string()).or_insert_with(|| full.clone());
        }
    }

    fn entity_kind(&self, alias: &Alias) -> Kind {
        self.reading.lexicon.actors.entity(alias.entity).kind
    }

    fn candidates(&self, at: usize, to: usize) -> Option<(usize, Vec<&Alias>)> {
        let tokens = &self.reading.tokens;
        let starts = tokens[at].has(CAPITAL | NUMBER) || self.reading.is(&tokens[at], WordClass::PARTICLE);
        if !starts || tokens[at].word == UNKNOWN {
            return None;
        }
        self.reading.lexicon.actors.longest(self.reading.text, &tokens[at..to])
    }

    /// A name of the tables, read as its context asks.
    fn known(&self, at: usize, sentence: &Sentence) -> Option<Name> {
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
        if let Some(alias) = self.choose(&readings, |f| f == Form::Name, at, to, sentence) {
            let capital = readings.iter().find(|a| a.form == Form::Capital);
            if let Some(capital) = capital
                && self.is_capital_of(alias, capital)
            {
                return Some(if self.speaks(at, to, sentence) {
                    name(capital, Kind::Country, true)
                } else {
                    name(alias, Kind::Place, false)
                });
            }
            let entity = self.reading.lexicon.actors.entity(alias.entity);
            return Some(name(alias, entity.kind, entity.can_act()));
        }
        if let Some(alias) = self.choose(&readings, |f| f == Form::Metonym, at, to, sentence) {
            return Some(name(alias, Kind::Country, true));
        }
        let demonym = |f| matches!(f, Form::Demonym | Form::DemonymPlural);
        if let Some(alias) = self.choose(&readings, demonym, at, to, sentence) {
            return Some(name(alias, Kind::Country, !self.is_ethnic(at)));
        }
        let hidden = readings.iter().any(|a| a.form == Form::Not);
        let not = Name { from: at, to, kind: Kind::Other, who: None, form: Form::Not, actor: false };
        self.surname(&readings, at, to, sentence).or(hidden.then_some(not))
    }

    fn is_capital_of(&self, place: &Alias, capital: &Alias) -> bool {
        self.reading.lexicon.actors.entity(place.entity).countries.contains(&capital.entity)
    }

    /// Picks the first reading of a form, unless it is weak and nothing supports it.
    fn choose<'s>(
        &self,
        readings: &[&'s Alias],
        form: impl Fn(Form) -> bool,
        at: usize,
        to: usize,
        sentence: &Sentence,
    ) -> Option<&'s Alias> {
        readings.iter().copied().find(|a| form(a.form) && (!a.weak || self.supports(a, at, to, sentence)))
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
        if before || after {
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

    fn is_given(&self, at: usize) -> bool {
        let token = &self.reading.tokens[at];
        self.reading.is(token, WordClass::GIVEN_NAME) || self.reading.is(token, WordClass::WEAK_GIVEN_NAME)
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
        let class = |name| reading.lexicon.classes.class(name).is_some_and(|c| reading.is(next, c));
        class("say")
            || class("acts")
            || class("aux") && !reading.is_possessive(to)
            || class("modal")
            || class("accuse")
    }

    /// "ethnic Armenians" are not Armenia.
    fn is_ethnic(&self, at: usize) -> bool {
        at > 0 && self.reading.is(&self.reading.tokens[at - 1], WordClass::ETHNIC)
    }

    /// Part of the name of a person of the tables.
    fn surname(&self, readings: &[&Alias], at: usize, to: usize, sentence: &Sentence) -> Option<Name> {
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
            let mut fitting: Vec<&&Alias> = surnames()
                .filter(|a| {
                    let entity = actors.entity(a.entity);
                    entity.surname == SurnameUse::Always || after_title && entity.surname != SurnameUse::Never
                })
                .collect();
            // Another surname of an unknown person of this article wins over a namesake in the tables.
            if self.surnames.contains_key(self.reading.word(to - 1)) {
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

    fn after_title(&self, at: usize, sentence: &Sentence) -> bool {
        let reading = self.reading;
        let is_title = |i: usize| {
            reading.is(&reading.tokens[i], WordClass::TITLE)
                || reading.is(&reading.tokens[i], WordClass::HONORIFIC)
        };
        let dot = at > sentence.from && reading.is_mark(&reading.tokens[at - 1], ".");
        let before = at.checked_sub(if dot { 2 } else { 1 });
        before.is_some_and(|i| i >= sentence.from && is_title(i))
    }

    /// A given name followed by capitals: a person, unless the tables know a name as long.
    fn unknown_person(&self, at: usize, sentence: &Sentence) -> Option<Name> {
        let tokens = &self.reading.tokens;
        if sentence.shouted || !tokens[at].has(CAPITAL) || tokens[at].has(MARK | UPPER) || !self.is_given(at)
        {
            return None;
        }
        let to = self.run_end(at, sentence);
        let words = (at..to).filter(|i| tokens[*i].has(CAPITAL)).count();
        if !(2..=5).contains(&words) || self.ends_like_a_body(at, to) {
            return None;
        }
        if let Some((length, readings)) = self.candidates(at, sentence.to)
            && (at + length >= to || length > 1 && readings.iter().any(|a| a.form != Form::Surname))
        {
            return None;
        }
        Some(self.person(at, to))
    }

    fn person(&self, from: usize, to: usize) -> Name {
        let span = self.reading.span(from, to);
        let name = span.of(self.reading.text).split_whitespace().collect::<Vec<_>>().join(" ");
        Name { from, to, kind: Kind::Person, who: Some(Who::Named(name)), form: Form::Name, actor: false }
    }

    /// The end of a run of capitalised words; initials, particles and hyphens join it.
    fn run_end(&self, at: usize, sentence: &Sentence) -> usize {
        let reading = self.reading;
        let tokens = &reading.tokens;
        let capital = |i: usize| i < sentence.to && tokens[i].has(CAPITAL) && !tokens[i].has(MARK | NUMBER);
        let mut end = at + 1;
        loop {
            if capital(end) && self.known_name_starts(end, sentence) {
                break;
            }
            if capital(end) && !reading.is_possessive(end) {
                end += 1;
                continue;
            }
            let Some(token) = tokens.get(end).filter(|_| end < sentence.to) else { break };
            let initial =
                reading.is_mark(token, ".") && token.has(GLUED) && reading.word(end - 1).chars().count() == 1;
            let hyphen = reading.is_mark(token, "-")
                && token.has(GLUED)
                && capital(end + 1)
                && tokens[end + 1].has(GLUED);
            let particle = reading.is(token, WordClass::PARTICLE);
            if (initial || hyphen) && capital(end + 1) {
                end += 2;
            } else if particle && (capital(end + 1) || particle_glued(reading, end, sentence.to)) {
                end += if capital(end + 1) { 2 } else { 3 };
            } else {
                break;
            }
        }
        end.min(sentence.to)
    }

    /// A full name of the tables ends a run of unknown capitals.
    fn known_name_starts(&self, at: usize, sentence: &Sentence) -> bool {
        self.candidates(at, sentence.to)
            .is_some_and(|(length, readings)| length > 1 && readings.iter().any(|a| a.form == Form::Name))
    }

    fn ends_like_a_body(&self, at: usize, to: usize) -> bool {
        let last = &self.reading.tokens[to - 1];
        to - at > 1
            && (self.reading.is(last, WordClass::ORG_SUFFIX)
                || self.reading.is(last, WordClass::PLACE_SUFFIX))
    }

    /// A capitalised run that no table knows.
    fn unknown(&self, at: usize, sentence: &Sentence) -> Option<Name> {
        let reading = self.reading;
        let token = &reading.tokens[at];
        if sentence.shouted
            || sentence.kind == BlockKind::Title
            || !token.has(CAPITAL)
            || token.has(MARK | NUMBER)
        {
            return None;
        }
        if self.is_office(at, sentence) {
            return None;
        }
        let first = at == sentence.from
            || at == sentence.from + 1 && reading.is_quote(&reading.tokens[sentence.from]);
        if first && reading.is(token, WordClass::STARTER)
            || reading.is(token, WordClass::STARTER) && token.end - token.start < 4
        {
            return None;
        }
        let to = self.run_end(at, sentence);
        let single = to - at == 1;
        if single && let Some(full) = self.surnames.get(reading.word(at)) {
            let who = Some(Who::Named(full.clone()));
            return Some(Name { from: at, to, kind: Kind::Person, who, form: Form::Surname, actor: false });
        }
        let kind = self.classify(at, to, sentence)?;
        if kind == Kind::Person {
            return Some(self.person(at, to));
        }
        if single && first {
            // "Cuomo had accused": an unknown word that says something at the start of a sentence is a name.
            let next = reading.tokens.get(to).filter(|_| to < sentence.to);
            let speaks =
                next.is_some_and(|t| reading.is(t, WordClass::SAY) || reading.is(t, WordClass::ACCUSE));
            return (speaks && token.word == UNKNOWN && !token.has(UPPER)).then(|| self.person(at, to));
        }
        Some(Name { who: self.person(at, to).who, kind, ..self.person(at, to) })
    }

    /// "Foreign Minister", "Ministry": words of an office or organ, no part of a name that starts here.
    fn is_office(&self, at: usize, sentence: &Sentence) -> bool {
        let reading = self.reading;
        let is = |i: usize, class| i < sentence.to && reading.is(&reading.tokens[i], class);
        let office = |i: usize| {
            [WordClass::TITLE, WordClass::HONORIFIC, WordClass::ORGAN, WordClass::OFFICIALS]
                .iter()
                .any(|c| is(i, *c))
        };
        office(at) || is(at, WordClass::MODIFIER) && (office(at + 1) || is(at + 1, WordClass::MODIFIER))
    }

    fn classify(&self, at: usize, to: usize, sentence: &Sentence) -> Option<Kind> {
        let reading = self.reading;
        let tokens = &reading.tokens;
        let last = &tokens[to - 1];
        let long = to - at > 1;
        if long && reading.is(last, WordClass::ORG_SUFFIX) {
            return Some(Kind::Organisation);
        }
        if long
            && (reading.is(last, WordClass::PLACE_SUFFIX) || reading.is(&tokens[at], WordClass::PLACE_PREFIX))
        {
            return Some(Kind::Place);
        }
        if self.after_title(at, sentence) && !last.has(UPPER) {
            return Some(Kind::Person);
        }
        let says = to < sentence.to && reading.is(&tokens[to], WordClass::SAY);
        let comma_who =
            to + 1 < sentence.to && reading.is_mark(&tokens[to], ",") && reading.says(to + 1, "who");
        if long && to - at <= 3 && (says || comma_who) && !tokens[at].has(UPPER) && !last.has(UPPER) {
            return Some(Kind::Person);
        }
        let before = at.checked_sub(1).filter(|i| *i >= sentence.from);
        if before.is_some_and(|i| reading.says(i, "in") || reading.says(i, "near")) && !last.has(UPPER) {
            return Some(Kind::Place);
        }
        Some(if tokens[at].has(UPPER) && !long { Kind::Organisation } else { Kind::Other })
    }
}

/// "al-Ansari": a particle, a hyphen and a capital.
fn particle_glued(reading: &Reading, at: usize, to: usize) -> bool {
    at + 2 < to
        && reading.is_mark(&reading.tokens[at + 1], "-")
        && reading.tokens[at + 2].has(CAPITAL)
        && reading.tokens[at + 2].has(GLUED)
}
