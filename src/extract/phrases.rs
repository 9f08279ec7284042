//! Joins mentions, titles and organs into actor phrases, and a sentence into items that role patterns run over.
//!
//! "Russian Foreign Minister Sergey Lavrov" is one item that holds Lavrov and, rolled up, Russia.

use super::Who;
use super::dates::Expression;
use super::names::Name;
use super::sentences::Reading;
use super::sentences::Sentence;
use crate::annotation::Kind;
use crate::schema::Form;
use crate::schema::WordClass;
use crate::schema::notes;
use crate::tokens::CAPITAL;
use crate::tokens::GLUED;
use crate::tokens::MARK;
use crate::tokens::NUMBER;
use crate::tokens::Token;

/// Somebody whom a phrase names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member<'t> {
    pub who: Who<'t>,
    /// The country of an official or organ, rather than named for itself.
    pub rolled_up: bool,
}

/// How a phrase can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    /// Stands for an actor.
    Actor,
    /// An adjective before a noun that is no office or organ.
    Adjective,
    /// A place.
    Place,
    /// People who act for nobody but themselves.
    People,
}

/// An actor phrase.
#[derive(Clone, Debug)]
pub(super) struct Phrase<'t> {
    pub members: Vec<Member<'t>>,
    pub sense: Sense,
    /// A bare name, which can stand before a noun like an adjective.
    pub bare: bool,
    /// A country or place with its name, of which "in X" makes a host.
    pub place: bool,
    /// The country of a seat of government, which the place stands for where a rule asks for an actor.
    pub seat: Option<Member<'t>>,
    /// The office of an official without a name, as a run of tokens: "the Turkish president".
    pub office: Option<(usize, usize)>,
}

impl<'t> Phrase<'t> {
    fn acting(members: Vec<Member<'t>>) -> Self {
        Phrase { members, sense: Sense::Actor, bare: false, place: false, seat: None, office: None }
    }
}

/// One step of a sentence.
#[derive(Clone, Debug)]
pub(super) enum Item<'t> {
    Word { token: usize },
    Actor { from: usize, to: usize, phrase: Box<Phrase<'t>> },
}

impl Item<'_> {
    /// Returns its tokens: first, and one past the last.
    pub fn tokens(&self) -> (usize, usize) {
        match self {
            Item::Word { token } => (*token, token + 1),
            Item::Actor { from, to, .. } => (*from, *to),
        }
    }
}

struct Builder<'a, 't> {
    reading: &'a Reading<'t>,
    sentence: &'a Sentence,
    names: &'a [Name<'t>],
    dates: &'a [Expression],
    day: Option<i32>,
    /// The first of the names that does not lie behind.
    next_name: usize,
    /// The first of the dates that does not.
    next_date: usize,
    items: Vec<Item<'t>>,
}

/// Turns a sentence into items. `names` and `dates` are those of this sentence, in order.
pub(super) fn items<'t>(
    reading: &Reading<'t>,
    sentence: &Sentence,
    names: &[Name<'t>],
    dates: &[Expression],
    day: Option<i32>,
) -> Vec<Item<'t>> {
    let items = Vec::with_capacity(sentence.to - sentence.from);
    let mut builder = Builder { reading, sentence, names, dates, day, next_name: 0, next_date: 0, items };
    let mut at = sentence.from;
    while at < sentence.to {
        at = builder.step(at);
    }
    builder.items
}

/// What a date brings along: "on Wednesday", "late in October", "in mid-June".
const BEFORE_DATES: [&str; 12] =
    ["on", "in", "at", "late", "early", "mid", "-", "during", "since", "by", "from", "of"];

impl<'t> Builder<'_, 't> {
    fn step(&mut self, at: usize) -> usize {
        while self.names.get(self.next_name).is_some_and(|n| n.from < at) {
            self.next_name += 1;
        }
        while self.dates.get(self.next_date).is_some_and(|d| d.to <= at) {
            self.next_date += 1;
        }
        if let Some(date) = self.dates.get(self.next_date).filter(|d| d.from <= at) {
            self.drop_date_words();
            // A date between commas takes both along.
            let enclosed =
                self.last_word().is_some_and(|t| self.reading.is_mark(&self.reading.tokens[t], ","))
                    && self.is_mark(date.to, ",");
            if enclosed {
                self.items.pop();
            }
            return date.to + usize::from(enclosed);
        }
        if self.reading.tokens[at].has(MARK)
            && let Some(end) = self.parenthesis(at)
        {
            return end;
        }
        if let Some((phrase, from, to)) = self.phrase(at) {
            self.drop_determiners();
            self.items.push(Item::Actor { from, to, phrase: Box::new(phrase) });
            return to;
        }
        if !self.is_adverb(at) {
            self.items.push(Item::Word { token: at });
        }
        at + 1
    }

    /// Adverbs say how, not who: patterns pass over them, unless they say when.
    fn is_adverb(&self, at: usize) -> bool {
        let token = &self.reading.tokens[at];
        let long = token.end - token.start > 4 && !token.has(CAPITAL);
        let by_form = long && self.reading.ends_with(token, b"ly") && !self.is(at, WordClass::NOT_ADVERB);
        (by_form || self.is(at, WordClass::FILLER))
            && !self.reading.lexicon.rules.background.contains(&token.word)
    }

    fn last_word(&self) -> Option<usize> {
        match self.items.last() {
            Some(Item::Word { token }) => Some(*token),
            _ => None,
        }
    }

    fn drop_date_words(&mut self) {
        while let Some(token) = self.last_word() {
            let dash = self.is_mark(token, "-") && !self.reading.tokens[token].has(GLUED);
            if dash || !BEFORE_DATES.iter().any(|w| self.reading.says(token, w)) {
                break;
            }
            self.items.pop();
        }
    }

    /// Determiners, "ethnic" and "former" before an actor are not steps of their own.
    fn drop_determiners(&mut self) {
        while let Some(token) = self.last_word() {
            let token = &self.reading.tokens[token];
            if !(self.reading.is(token, WordClass::DETERMINER)
                || self.reading.is(token, WordClass::ETHNIC)
                || self.reading.is(token, WordClass::HONORIFIC)
                || self.reading.is(token, WordClass::ONCE))
            {
                break;
            }
            self.items.pop();
        }
    }

    /// "(...)" of a few words, and ", in turn,": returns where it ends.
    fn parenthesis(&self, at: usize) -> Option<usize> {
        let reading = self.reading;
        let tokens = &reading.tokens;
        if reading.is_mark(&tokens[at], "(") {
            let end = (at + 1..self.sentence.to.min(at + 12)).find(|i| reading.is_mark(&tokens[*i], ")"))?;
            return Some(end + 1);
        }
        if !reading.is_mark(&tokens[at], ",") {
            return None;
        }
        // An age: "Emma Larkin, 34, accused"; the second comma may open an aside.
        let age = |token: &Token| token.has(NUMBER) && token.end - token.start == 2;
        if at + 3 < self.sentence.to && age(&tokens[at + 1]) && reading.is_mark(&tokens[at + 2], ",") {
            let goes_on = self.is(at + 3, WordClass::DETERMINER)
                || reading.says(at + 3, "who")
                || self.names.iter().any(|n| n.from == at + 3);
            return Some(if goes_on { at + 2 } else { at + 3 });
        }
        // A date in commas: ", on Tuesday,".
        reading.lexicon.rules.parentheses.iter().find_map(|phrase| {
            let end = at + 1 + phrase.len();
            let fits =
                end <= self.sentence.to && phrase.iter().zip(&tokens[at + 1..end]).all(|(w, t)| *w == t.word);
            let closes = fits && tokens.get(end).is_some_and(|t| reading.is_mark(t, ","));
            closes.then_some(end + 1)
        })
    }

    /// The name that starts at a token, which must not lie behind.
    fn name_at(&self, at: usize) -> Option<&Name<'t>> {
        self.names[self.next_name..].iter().take_while(|n| n.from <= at).find(|n| n.from == at)
    }

    fn is(&self, at: usize, class: WordClass) -> bool {
        at < self.sentence.to && self.reading.is(&self.reading.tokens[at], class)
    }

    fn phrase(&self, at: usize) -> Option<(Phrase<'t>, usize, usize)> {
        let Some(name) = self.name_at(at) else { return self.titled(at) };
        if name.kind == Kind::Other && self.is_attribute(name.to) {
            return None;
        }
        let (phrase, to) = match name.kind {
            Kind::Person => self.person(name)?,
            _ => self.body(name)?,
        };
        Some((phrase, at, to))
    }

    /// Tells whether a noun follows, so that the name before it is no actor: "Western countries".
    fn is_attribute(&self, at: usize) -> bool {
        if at >= self.sentence.to || self.is_mark(at, ".,;:()-–—\"'“”’") {
            return false;
        }
        let classes =
            [WordClass::STARTER, WordClass::SAY, WordClass::ACTS, WordClass::ACCUSE, WordClass::AUXILIARY];
        !classes.iter().any(|c| self.is(at, *c))
    }

    /// A person, with the country of their office: "Bayramov of Azerbaijan", "Lavrov, the Russian foreign minister,".
    fn person(&self, name: &Name<'t>) -> Option<(Phrase<'t>, usize)> {
        let mut members = vec![Member { who: name.who.clone()?, rolled_up: false }];
        members.extend(self.office_countries(name));
        let mut to = name.to;
        if self.reading.says(to, "of") {
            let start = to + 1 + usize::from(self.reading.says(to + 1, "the"));
            if let Some(body) = self.name_at(start).filter(|n| self.is_public(n))
                && let Some(member) = self.country_at(start)
            {
                to = body.to;
                push(&mut members, member);
            }
        }
        if self.is_mark(to, ",") {
            let start = if self.is(to + 1, WordClass::DETERMINER) { to + 2 } else { to + 1 };
            if let Some((office, end)) = self.apposition(start) {
                office.into_iter().for_each(|m| push(&mut members, m));
                to = end;
            }
        }
        Some((Phrase::acting(members), to))
    }

    /// ", the Russian foreign minister,": the country, and where the second comma ends.
    fn apposition(&self, at: usize) -> Option<(Vec<Member<'t>>, usize)> {
        let former = self.is(at, WordClass::ONCE);
        let at = at + usize::from(former);
        let (member, to) = match self.name_at(at) {
            Some(name) if name.kind != Kind::Person => {
                let after = name.to + usize::from(self.reading.is_possessive(name.to));
                let (end, class) = self.head_run(after)?;
                (class == WordClass::TITLE)
                    .then_some((Member { who: name.who.clone()?, rolled_up: true }, end))?
            }
            Some(_) => return None,
            None => {
                let (end, class) = self.head_run(at)?;
                let (country, end) = self.of_tail(end);
                (class == WordClass::TITLE).then_some((country?, end))?
            }
        };
        // A former official acts for nobody any more.
        let members = if former { Vec::new() } else { vec![member] };
        let closes = self.is_mark(to, ",");
        let goes_on = to < self.sentence.to
            && (self.reading.word(to).ends_with("ing")
                || ["who", "which"].iter().any(|w| self.reading.says(to, w)));
        (closes || goes_on).then_some((members, to + usize::from(closes)))
    }

    fn is_mark(&self, at: usize, marks: &str) -> bool {
        at < self.sentence.to && self.reading.is_mark(&self.reading.tokens[at], marks)
    }

    /// Countries that a known person held office in on the day of the article.
    fn office_countries(&self, name: &Name<'t>) -> Vec<Member<'t>> {
        let actors = &self.reading.lexicon.actors;
        let Some(Who::Known(person)) = &name.who else { return Vec::new() };
        let mut out = Vec::new();
        for office in actors.entity(*person).offices.iter().filter(|o| o.held_on(self.day)) {
            push(&mut out, Member { who: Who::Known(office.of), rolled_up: true });
        }
        out
    }

    /// A country, body or place, perhaps with an organ or office and a person behind it.
    fn body(&self, name: &Name<'t>) -> Option<(Phrase<'t>, usize)> {
        let who = name.who.clone()?;
        // "the U.S. Securities and Exchange Commission"
        if let Some(own) = self.name_at(name.to).filter(|n| self.is_body_of(n, &who)) {
            return self.body(own);
        }
        let possessive = self.reading.is_possessive(name.to);
        let after = name.to + usize::from(possessive);
        if let Some((end, class)) = self.head_run(after) {
            // "Baku's defence ministry" is Azerbaijan's.
            let state = self.seat(&who).filter(|_| possessive && !name.actor).map(|m| m.who);
            return Some(self.organ(state.unwrap_or(who), after, end, class));
        }
        if possessive && let Some(person) = self.name_at(after).filter(|n| n.kind == Kind::Person) {
            let members =
                vec![Member { who: person.who.clone()?, rolled_up: false }, Member { who, rolled_up: true }];
            return Some((Phrase::acting(members), person.to));
        }
        // "US Trade Representative Susan Schwab": an office that is a body too.
        if self.is(name.to - 1, WordClass::TITLE)
            && let Some(person) = self.name_at(name.to).filter(|n| n.kind == Kind::Person)
        {
            let mut members = vec![Member { who: person.who.clone()?, rolled_up: false }];
            members.extend(self.state_of(&who));
            return Some((Phrase::acting(members), person.to));
        }
        if name.form == Form::Demonym
            && let Some(found) = self.described(name.to)
        {
            return Some(found);
        }
        let ethnic = name.form == Form::DemonymPlural && !name.actor;
        let is_place = name.kind == Kind::Place && !name.actor;
        let sense = match name.form {
            Form::Demonym => Sense::Adjective,
            _ if ethnic => Sense::People,
            _ if is_place => Sense::Place,
            _ => Sense::Actor,
        };
        let mut members = vec![Member { who: who.clone(), rolled_up: false }];
        members.extend(if is_place { self.countries_of(&who) } else { self.state_of(&who) });
        let place = matches!(name.kind, Kind::Country | Kind::Place)
            && !matches!(name.form, Form::Demonym | Form::DemonymPlural);
        let seat = if is_place { self.seat(&members[0].who) } else { None };
        Some((Phrase { members, sense, bare: true, place, seat, office: None }, name.to))
    }

    /// Tells whether a name is that of somebody for whom persons act: a company's acts are its own.
    fn is_public(&self, name: &Name<'t>) -> bool {
        matches!(name.who, Some(Who::Known(entity)) if self.reading.lexicon.actors.entity(entity).is_public())
    }

    /// Tells whether a name is that of a body of a country.
    fn is_body_of(&self, name: &Name<'t>, country: &Who) -> bool {
        let (Some(Who::Known(body)), Who::Known(country)) = (&name.who, country) else { return false };
        let body = self.reading.lexicon.actors.entity(*body);
        body.kind == Kind::Organisation && body.countries.contains(country)
    }

    /// The state of which somebody is an organ; an official of a city or province acts for no country.
    fn state_of(&self, who: &Who) -> Vec<Member<'t>> {
        let organ = matches!(who, Who::Known(e) if self.reading.lexicon.actors.entity(*e).is_state_organ());
        if organ { self.countries_of(who) } else { Vec::new() }
    }

    fn countries_of(&self, who: &Who) -> Vec<Member<'t>> {
        let Who::Known(entity) = who else { return Vec::new() };
        let countries = &self.reading.lexicon.actors.entity(*entity).countries;
        countries.iter().map(|c| Member { who: Who::Known(*c), rolled_up: true }).collect()
    }

    /// The country whose government sits in a place.
    fn seat(&self, who: &Who) -> Option<Member<'t>> {
        let Who::Known(entity) = who else { return None };
        let entity = self.reading.lexicon.actors.entity(*entity);
        let country = entity.countries.first().filter(|_| entity.class == "capital")?;
        Some(Member { who: Who::Known(*country), rolled_up: false })
    }

    /// "British drugmaker GlaxoSmithKline", "the Palestinian Islamist group Hamas": the body that a noun announces.
    fn described(&self, from: usize) -> Option<(Phrase<'t>, usize)> {
        let noun = |at: usize| self.is(at, WordClass::DESCRIPTOR) && self.name_at(at).is_none();
        let end = (from..from + 5).take_while(|at| noun(*at) || self.is_mark(*at, "-")).last()? + 1;
        let name = self
            .name_at(end)
            .filter(|n| matches!(n.kind, Kind::Organisation | Kind::Group | Kind::Person))?;
        let members = vec![Member { who: name.who.clone()?, rolled_up: false }];
        Some((Phrase::acting(members), name.to))
    }

    /// "the Armenian defence ministry", "Russian Foreign Minister Sergey Lavrov".
    fn organ(&self, who: Who<'t>, from: usize, end: usize, class: WordClass) -> (Phrase<'t>, usize) {
        let is_group =
            matches!(&who, Who::Known(e) if self.reading.lexicon.actors.entity(*e).kind == Kind::Group);
        // "Houthi fighters" are the Houthis; "Armenian villagers" are not Armenia.
        let people = class == WordClass::PEOPLE && !is_group;
        let mut members = vec![Member { who: who.clone(), rolled_up: !is_group }];
        members.extend(self.state_of(&who));
        let mut to = end;
        let mut office = None;
        if class == WordClass::TITLE
            && let Some((person, end)) = self.person_after(end)
        {
            members.insert(0, person);
            to = end;
        } else if class == WordClass::TITLE && !self.reading.says(end, "of") {
            office = Some((from, end));
        } else if class == WordClass::ORGAN && !self.reading.says(end, "of") {
            to = end;
        } else if !people {
            to = self.of_tail(end).1;
        }
        let sense = if people { Sense::People } else { Sense::Actor };
        (Phrase { members, sense, bare: false, place: false, seat: None, office }, to)
    }

    /// The person whom a title announces: next to it, after a comma, or after "for strategic communications".
    fn person_after(&self, at: usize) -> Option<(Member<'t>, usize)> {
        let comma = usize::from(self.is_mark(at, ","));
        let mut start = at + comma;
        if comma == 0
            && self.name_at(start).is_none()
            && (self.reading.says(start, "for")
                || self.reading.says(start, "of")
                || self.reading.says(start, "to"))
        {
            start = (start + 1..(start + 6).min(self.sentence.to))
                .find(|i| self.name_at(*i).is_some_and(|n| n.kind == Kind::Person))?;
        }
        while self.is(start, WordClass::HONORIFIC) || self.is_mark(start, ".") && start > at {
            start += 1;
        }
        let name = self.name_at(start).filter(|n| n.kind == Kind::Person)?;
        let closes = comma == 1 && self.is_mark(name.to, ",");
        Some((Member { who: name.who.clone()?, rolled_up: false }, name.to + usize::from(closes)))
    }

    /// A run of modifiers that ends in an office, organ or group of people; returns its end and the last word's class.
    fn head_run(&self, from: usize) -> Option<(usize, WordClass)> {
        const HEADS: [WordClass; 4] =
            [WordClass::TITLE, WordClass::ORGAN, WordClass::OFFICIALS, WordClass::PEOPLE];
        let mut found = None;
        let mut at = from;
        while at < self.sentence.to.min(from + 9) {
            if let Some(name) =
                self.name_at(at).filter(|n| !matches!(n.kind, Kind::Person | Kind::Country | Kind::Group))
            {
                if at == from && found.is_none() && name.kind == Kind::Organisation && !name.actor {
                    // An unknown body right behind a country is a body of it.
                    found = Some((name.to, WordClass::ORGAN));
                }
                at = name.to;
                continue;
            }
            if self.name_at(at).is_some() {
                break;
            }
            let joins = self.is_mark(at, "-") && self.reading.tokens[at].has(GLUED)
                || at > from
                    && (self.reading.says(at, "of") || self.reading.says(at, "and"))
                    && self.state_noun(at + 1);
            // "Prime Minister and Minister of Foreign Affairs"
            let joins = joins
                || matches!(found, Some((_, WordClass::TITLE)))
                    && self.reading.says(at, "and")
                    && self.is(at + 1, WordClass::TITLE)
                    && self.reading.tokens[at + 1].has(CAPITAL);
            let plural = HEADS.into_iter().find(|c| self.is(at, *c));
            if let Some(class) = plural {
                // A "secretary of state" is no state.
                let office = matches!(found, Some((_, WordClass::TITLE))) && self.reading.says(at - 1, "of");
                found = Some((at + 1, if office { WordClass::TITLE } else { class }));
            } else if !(self.is(at, WordClass::MODIFIER) || joins) {
                break;
            }
            at += 1;
        }
        found
    }

    /// The words of "secretary of state", "minister of defence", "ministry of foreign affairs".
    fn state_noun(&self, at: usize) -> bool {
        self.is(at, WordClass::MODIFIER) && self.name_at(at).is_none()
    }

    /// "of Azerbaijan", "of defence of Armenia", "in Azerbaijan": the country, and where it ends.
    fn of_tail(&self, at: usize) -> (Option<Member<'t>>, usize) {
        let joins =
            self.reading.says(at, "of") || self.reading.says(at, "for") || self.reading.says(at, "in");
        if !joins {
            return (None, at);
        }
        let start = if self.is(at + 1, WordClass::DETERMINER) { at + 2 } else { at + 1 };
        match self.country_at(start) {
            Some(member) => {
                let to = self.name_at(start).map_or(at, |n| n.to);
                // "head of Egypt's General Intelligence Service"
                let body = self.reading.is_possessive(to).then(|| self.head_run(to + 1)).flatten();
                (Some(member), body.map_or(to, |(end, _)| end))
            }
            None => (None, at),
        }
    }

    fn country_at(&self, at: usize) -> Option<Member<'t>> {
        let name = self.name_at(at)?;
        let acts = matches!(name.kind, Kind::Country | Kind::Organisation | Kind::Group) || name.actor;
        let bare = !matches!(name.form, Form::Demonym | Form::DemonymPlural) && name.kind != Kind::Person;
        (acts && bare).then_some(Member { who: name.who.clone()?, rolled_up: true })
    }

    /// A phrase that starts with its title: "President Vladimir Putin", "the Ministry of Defence in Azerbaijan".
    fn titled(&self, at: usize) -> Option<(Phrase<'t>, usize, usize)> {
        if !self.reading.tokens[at].noted(notes::OFFICE) {
            return None;
        }
        let (end, class) = self.head_run(at)?;
        if class == WordClass::TITLE
            && !self.is_mark(end, ",")
            && let Some((person, mut to)) = self.person_after(end)
        {
            let name = self.names.iter().find(|n| n.to == to || n.to + 1 == to)?;
            let mut members = vec![person];
            members.extend(self.office_countries(name));
            if self.reading.says(to, "of")
                && let (Some(country), end) = self.of_tail(to)
            {
                push(&mut members, country);
                to = end;
            }
            return Some((Phrase::acting(members), at, to));
        }
        // "its general secretary, Brendan Barber,"
        if class == WordClass::TITLE
            && at > self.sentence.from
            && self.is(at - 1, WordClass::DETERMINER)
            && let Some((person, to)) = self.person_after(end)
            && self.is_mark(to - 1, ",")
        {
            return Some((Phrase::acting(vec![person]), at, to));
        }
        if class == WordClass::PEOPLE {
            return None;
        }
        let (country, to) = self.of_tail(end);
        let mut members = vec![country?];
        let mut to = to;
        if class == WordClass::TITLE
            && let Some((person, end)) = self.person_after(to)
        {
            members.insert(0, person);
            to = end;
        }
        // "officials in Armenia" act for it; "police in Texas" and the like are told apart by capitals only.
        let local = self.reading.says(end, "in")
            && class == WordClass::ORGAN
            && !self.reading.tokens[end - 1].has(CAPITAL);
        if local { None } else { Some((Phrase::acting(members), at, to)) }
    }
}

fn push<'t>(members: &mut Vec<Member<'t>>, member: Member<'t>) {
    if !members.iter().any(|m| m.who == member.who) {
        members.push(member);
    }
}
