//! Names that no table knows, told by their form: given names, titles, initials, suffixes, what surrounds them.

use super::Who;
use super::names::Finder;
use super::names::Name;
use super::sentences::Reading;
use super::sentences::Sentence;
use crate::annotation::Kind;
use crate::article::BlockKind;
use crate::schema::Alias;
use crate::schema::Form;
use crate::schema::WordClass;
use crate::schema::notes;
use crate::tokens::CAPITAL;
use crate::tokens::GLUED;
use crate::tokens::MARK;
use crate::tokens::NUMBER;
use crate::tokens::UNKNOWN;
use crate::tokens::UPPER;

impl<'t> Finder<'_, 't> {
    /// A given name followed by capitals: a person, unless the tables know a name as long.
    #[inline]
    pub fn unknown_person(&self, at: usize, sentence: &Sentence) -> Option<Name<'t>> {
        let token = &self.reading.tokens[at];
        // In a line of capitals a capital says nothing; in a list of names it does.
        let capital = token.has(CAPITAL) && !token.has(MARK | UPPER);
        let starts =
            token.noted(notes::GIVEN) || token.end - token.start == 1 && self.is_initial(at, sentence);
        if capital && starts { self.named_person(at, sentence) } else { None }
    }

    fn named_person(&self, at: usize, sentence: &Sentence) -> Option<Name<'t>> {
        let tokens = &self.reading.tokens;
        let to = self.run_end(at, sentence);
        let words = (at..to).filter(|i| tokens[*i].has(CAPITAL)).count();
        if !(2..=5).contains(&words) || self.ends_like_a_body(at, to) {
            return None;
        }
        if let Some((length, readings)) = self.candidates(at, sentence.to) {
            let named = readings.iter().any(|a| a.form != Form::Not);
            let longer = length > 1 && readings.iter().any(|a| !matches!(a.form, Form::Surname | Form::Not));
            if at + length >= to && named || longer {
                return None;
            }
        }
        Some(self.person(at, to))
    }

    /// "J. Smit", at the start of a name.
    fn is_initial(&self, at: usize, sentence: &Sentence) -> bool {
        let tokens = &self.reading.tokens;
        let lone = at == sentence.from || !tokens[at - 1].has(CAPITAL);
        lone && at + 2 < sentence.to
            && self.reading.is_mark(&tokens[at + 1], ".")
            && tokens[at + 1].has(GLUED)
            && tokens[at + 2].has(CAPITAL)
            && !tokens[at + 2].has(UPPER)
            && tokens[at + 2].end - tokens[at + 2].start > 2
    }

    fn person(&self, from: usize, to: usize) -> Name<'t> {
        let who = Some(Who::written(self.reading, from, to));
        Name { from, to, kind: Kind::Person, who, form: Form::Name, actor: false }
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
            // "Marsh & McLennan"
            let firm = reading.is_mark(token, "&");
            if (initial || hyphen || firm) && capital(end + 1) {
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
            && [WordClass::ORG_SUFFIX, WordClass::PLACE_SUFFIX, WordClass::DESK]
                .iter()
                .any(|class| self.reading.is(last, *class))
    }

    /// A capitalised run that no table knows.
    pub fn unknown(&self, at: usize, sentence: &Sentence) -> Option<Name<'t>> {
        let reading = self.reading;
        let token = &reading.tokens[at];
        if sentence.shouted
            || sentence.kind == BlockKind::Title
            || !token.has(CAPITAL)
            || token.has(MARK | NUMBER)
        {
            return None;
        }
        if self.is_office(at, sentence) || self.is_subhead(at, sentence) {
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
        // "Law Professor David Opder": what follows the last title is a person.
        let announces = |i: usize| {
            let token = &reading.tokens[i];
            let noun = || first && i == at && reading.is(token, WordClass::PERSON_NOUN);
            reading.is(token, WordClass::TITLE) || noun() && !self.ends_like_a_body(at, to)
        };
        if let Some(title) = (at..to - 1).rev().find(|i| announces(*i)) {
            return Some(self.person(title + 1, to))
                .filter(|p| !reading.is_mark(&reading.tokens[p.from], "-."));
        }
        if let Some(end) = self.of_tail(to, sentence) {
            let kind = if reading.is(&reading.tokens[to - 1], WordClass::PLACE_SUFFIX) {
                Kind::Place
            } else {
                Kind::Organisation
            };
            return Some(Name { kind, ..self.person(at, end) });
        }
        let kind = self.classify(at, to, sentence)?;
        if kind == Kind::Person {
            return Some(self.person(at, to));
        }
        if single && first {
            return self.speaker(at, to, sentence);
        }
        let to = self.with_stop(to, sentence);
        Some(Name { kind, ..self.person(at, to) })
    }

    /// A surname that the article gives with its full name, before or after.
    pub fn unknown_surname(&self, at: usize, sentence: &Sentence) -> Option<Name<'t>> {
        let reading = self.reading;
        let token = &reading.tokens[at];
        if !token.has(CAPITAL) || token.has(MARK | NUMBER) {
            return None;
        }
        let full = self.full_name(at)?;
        let before = at.checked_sub(1).filter(|i| *i >= sentence.from);
        let placed = before.is_some_and(|i| ["in", "at", "near"].iter().any(|w| reading.says(i, w)));
        if placed || self.run_end(at, sentence) != at + 1 || self.is_body(at, sentence) {
            return None;
        }
        let who = Some(Who::Named(full.clone()));
        Some(Name { from: at, to: at + 1, kind: Kind::Person, who, form: Form::Surname, actor: false })
    }

    /// "Reuters" stays the agency though a "Theo Reuters" took a picture.
    fn is_body(&self, at: usize, sentence: &Sentence) -> bool {
        let kind = |entity| self.reading.lexicon.actors.entity(entity).kind;
        self.candidates(at, sentence.to).is_some_and(|(_, readings)| {
            readings.iter().any(|a| {
                !a.weak && a.form == Form::Name && matches!(kind(a.entity), Kind::Organisation | Kind::Group)
            })
        })
    }

    /// A longer name that starts with a known one: "Montreal Hockey Club", "Suffolk County", "Edward George Honey".
    pub fn longer(&self, own: &Name<'t>, sentence: &Sentence) -> Option<Name<'t>> {
        let reading = self.reading;
        let (at, to) = (own.from, own.to);
        // "JPMorgan Chase & Co"
        if own.kind == Kind::Organisation
            && to + 1 < sentence.to
            && reading.is_mark(&reading.tokens[to], "&")
            && reading.is(&reading.tokens[to + 1], WordClass::LEGAL_FORM)
        {
            return Some(Name { to: self.with_stop(to + 2, sentence), ..own.clone() });
        }
        let next =
            reading.tokens.get(to).filter(|t| to < sentence.to && t.has(CAPITAL) && !t.has(MARK | NUMBER))?;
        let office = self.is_office(to, sentence) && own.kind != Kind::Organisation;
        // "the U.S. Securities and Exchange Commission"
        if reading.is_possessive(to) || office || self.known_name_starts(to, sentence) {
            return None;
        }
        let end = self.run_end(to, sentence);
        let last = &reading.tokens[end - 1];
        // Of a line of names only, a desk can still be told: "-- Jane Smit , Oslo Newsroom".
        if sentence.shouted && !reading.is(last, WordClass::DESK) {
            return None;
        }
        let organ = reading.is(last, WordClass::ORGAN);
        let body = || Name { kind: Kind::Organisation, ..self.person(at, end) };
        match own.kind {
            Kind::Person if next.word == UNKNOWN && end == to + 1 => Some(self.person(at, end)),
            Kind::Place | Kind::Country if reading.is(last, WordClass::PLACE_SUFFIX) => {
                Some(Name { kind: Kind::Place, ..self.person(at, end) })
            }
            Kind::Place | Kind::Country if reading.is(last, WordClass::DESK) => Some(body()),
            Kind::Place | Kind::Country if reading.is(last, WordClass::ORG_SUFFIX) && !organ => Some(body()),
            // "Daewoo Corp" is who "Daewoo" is; "Daewoo Motor Sales Corp" may be somebody else.
            Kind::Organisation
                if (to..end).all(|i| reading.is(&reading.tokens[i], WordClass::LEGAL_FORM)) =>
            {
                Some(Name { to: self.with_stop(end, sentence), ..own.clone() })
            }
            Kind::Organisation if reading.is(last, WordClass::LEGAL_FORM) => {
                Some(Name { to: self.with_stop(end, sentence), ..body() })
            }
            _ => None,
        }
    }

    /// "Inc." and "Ltd." end with their full stop, unless the sentence does.
    fn with_stop(&self, end: usize, sentence: &Sentence) -> usize {
        let reading = self.reading;
        let last = &reading.tokens[end - 1];
        let short = reading.is(last, WordClass::LEGAL_FORM) && reading.is(last, WordClass::ABBREVIATION);
        let stop = end + 1 < sentence.to
            && reading.is_mark(&reading.tokens[end], ".")
            && reading.tokens[end].has(GLUED);
        end + usize::from(short && stop)
    }

    /// "University of Minnesota", "Gulf of Oman": where the name goes on after "of".
    fn of_tail(&self, at: usize, sentence: &Sentence) -> Option<usize> {
        let reading = self.reading;
        if !reading.is(&reading.tokens[at - 1], WordClass::OF_HEAD) || !reading.says(at, "of") {
            return None;
        }
        let start = at + 1 + usize::from(reading.says(at + 1, "the"));
        let first = reading.tokens.get(start).filter(|_| start < sentence.to)?;
        if !first.has(CAPITAL) || first.has(MARK | NUMBER) {
            return None;
        }
        let known = self.candidates(start, sentence.to).map_or(1, |(length, _)| length);
        Some(self.run_end(start, sentence).max(start + known))
    }

    /// "Cuomo had accused", "Cordis, which accused": an unknown word that says something as a sentence begins.
    fn speaker(&self, at: usize, to: usize, sentence: &Sentence) -> Option<Name<'t>> {
        let reading = self.reading;
        let is = |i: usize, class| i < sentence.to && reading.is(&reading.tokens[i], class);
        let acted = |i: usize| is(i, WordClass::ACTS) && reading.word(i).ends_with("ed");
        let says = |i: usize| is(i, WordClass::SAY) || is(i, WordClass::ACCUSE) || acted(i);
        let unknown = reading.tokens[at].word == UNKNOWN && !reading.tokens[at].has(UPPER);
        let which = to + 2 < sentence.to
            && reading.is_mark(&reading.tokens[to], ",")
            && reading.says(to + 1, "which");
        if unknown && which && says(to + 2) {
            return Some(Name { kind: Kind::Organisation, ..self.person(at, to) });
        }
        let speaks = says(to) || is(to, WordClass::AUXILIARY) && says(to + 1);
        (unknown && speaks).then(|| self.person(at, to))
    }

    /// "SUICIDE Picard accused": a line of its own that has run into the sentence.
    fn is_subhead(&self, at: usize, sentence: &Sentence) -> bool {
        let token = &self.reading.tokens[at];
        at == sentence.from
            && token.has(UPPER)
            && token.end - token.start > 3
            && at + 1 < sentence.to
            && self.full_name(at + 1).is_some()
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
        let initial = long && reading.is_mark(&tokens[at + 1], ".") && reading.word(at).chars().count() == 1;
        if (initial || self.after_title(at, sentence)) && !last.has(UPPER) {
            return Some(Kind::Person);
        }
        // "Boston Scientific", "Houston Natural": a body by the name of its town.
        if long && self.starts_with_town(at, to) {
            return Some(Kind::Organisation);
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

    /// A known place, then a word that is no name.
    fn starts_with_town(&self, at: usize, to: usize) -> bool {
        let place = |a: &Alias| {
            a.form == Form::Name && self.reading.lexicon.actors.entity(a.entity).kind == Kind::Place
        };
        let town = self.candidates(at, to).filter(|(_, readings)| readings.iter().any(place));
        let office = [
            WordClass::TITLE,
            WordClass::MODIFIER,
            WordClass::ORGAN,
            WordClass::OFFICIALS,
            WordClass::PEOPLE,
            WordClass::DESCRIPTOR,
            WordClass::STARTER,
            WordClass::GIVEN_NAME,
        ];
        town.is_some_and(|(length, _)| at + length + 1 == to)
            && !office.into_iter().any(|c| self.reading.is(&self.reading.tokens[to - 1], c))
    }
}

/// "al-Ansari": a particle, a hyphen and a capital.
fn particle_glued(reading: &Reading, at: usize, to: usize) -> bool {
    at + 2 < to
        && reading.is_mark(&reading.tokens[at + 1], "-")
        && reading.tokens[at + 2].has(CAPITAL)
        && reading.tokens[at + 2].has(GLUED)
}
