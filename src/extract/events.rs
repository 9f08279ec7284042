//! Runs the role rules over the items of each sentence and turns matches into events.

use super::Who;
use super::dates::Expression;
use super::names::Name;
use super::phrases;
use super::phrases::Item;
use super::phrases::Phrase;
use super::phrases::Sense;
use super::resolve::Dated;
use super::sentences::Reading;
use super::sentences::Sentence;
use crate::annotation::Event;
use crate::annotation::Kind;
use crate::annotation::Participant;
use crate::annotation::Status;
use crate::annotation::Zone;
use crate::schema::Element;
use crate::schema::Filter;
use crate::schema::Rule;
use crate::schema::WordClass;
use crate::tokens::GLUED;

/// An event this many days before publication is told as history.
const BACKGROUND_DAYS: i32 = 30;

/// Confidence in an event that somebody is quoted for, as a share of the rule's.
const ATTRIBUTED: f32 = 0.8;

/// What filled a slot of a rule.
#[derive(Clone)]
struct Capture {
    roles: Vec<u8>,
    items: Vec<usize>,
    filter: Filter,
}

type Captures = Vec<Capture>;

/// A rule that fits: items from `first` to `last`, both included.
struct Match<'a> {
    rule: &'a Rule,
    anchor: usize,
    first: usize,
    last: usize,
    captures: Captures,
}

/// The dates of a text.
pub(super) struct Dates<'a> {
    pub found: &'a [Expression],
    pub resolved: &'a [Dated],
    /// Day of publication, in days since 1970-01-01.
    pub day: Option<i32>,
}

/// Finds the events of a text, in order.
pub(super) fn find(reading: &Reading, names: &[Name], dates: &Dates, zone: Zone) -> Vec<Event> {
    let mut events = Vec::new();
    let mut history = History::default();
    let mut seen = 0;
    for sentence in &reading.sentences {
        let named = within(names, sentence, |n| (n.from, n.to));
        seen += named.len();
        let resolved = within(dates.resolved, sentence, |d| (d.from, d.to));
        history.enter(sentence, resolved, dates.day);
        if !has_trigger(reading, sentence) {
            continue;
        }
        let found = within(dates.found, sentence, |d| (d.from, d.to));
        let items = phrases::items(reading, sentence, named, found, dates.day);
        let scene = Scene { reading, sentence, items: &items, names: &names[..seen.min(names.len())], past: history.past };
        let mut found = scene.events(zone);
        for event in &mut found {
            event.date = resolved.first().map(|d| d.value);
        }
        events.extend(found);
    }
    events
}

/// The slice of a sorted list that lies in a sentence.
fn within<'t, T>(list: &'t [T], sentence: &Sentence, range: impl Fn(&T) -> (usize, usize)) -> &'t [T] {
    let from = list.partition_point(|x| range(x).0 < sentence.from);
    let to = list.partition_point(|x| range(x).0 < sentence.to);
    &list[from..to.max(from)]
}

fn has_trigger(reading: &Reading, sentence: &Sentence) -> bool {
    let tokens = &reading.tokens[sentence.from..sentence.to];
    tokens.iter().any(|t| reading.lexicon.rules.anchored_at(t.word).next().is_some())
}

/// Whether the sentences tell of a time long before publication: by their own date, or by one just before.
#[derive(Default)]
struct History {
    block: usize,
    past: bool,
    /// Sentences since the date was told.
    since: u32,
}

/// A date speaks for so many sentences after its own.
const REACH: u32 = 2;

impl History {
    fn enter(&mut self, sentence: &Sentence, dates: &[Dated], day: Option<i32>) {
        self.since += 1;
        if sentence.block != self.block || self.since > REACH {
            self.block = sentence.block;
            self.past = false;
        }
        let Some(day) = day else { return };
        let newest = dates.iter().filter_map(|d| d.value.day_numbers()).map(|(_, last)| last).max();
        if let Some(newest) = newest {
            self.past = newest < day - BACKGROUND_DAYS;
            self.since = 0;
        }
    }
}

struct Scene<'a, 'b> {
    reading: &'a Reading<'b>,
    sentence: &'a Sentence,
    items: &'a [Item],
    /// The names of the text up to the end of the sentence.
    names: &'a [Name],
    /// The sentence tells of a time long before publication.
    past: bool,
}

impl<'a> Scene<'a, '_> {
    fn events(&self, zone: Zone) -> Vec<Event> {
        let mut matches = self.matches();
        // The surest rule of a trigger speaks for it; others add the roles that it leaves open.
        matches.sort_by(|a, b| b.rule.confidence.total_cmp(&a.rule.confidence));
        let mut events: Vec<(usize, Event)> = Vec::new();
        for found in matches.iter().filter(|m| !m.rule.attach) {
            let event = self.event(found, zone);
            match events.iter_mut().find(|(anchor, e)| *anchor == found.anchor && e.kind == event.kind) {
                Some((_, known)) => merge(known, event),
                None => events.push((found.anchor, event)),
            }
        }
        for found in matches.iter().filter(|m| m.rule.attach) {
            let nearest = events
                .iter_mut()
                .filter(|(_, e)| e.kind == found.rule.event)
                .min_by_key(|(anchor, _)| anchor.abs_diff(found.anchor));
            if let Some((_, event)) = nearest {
                event.participants.extend(self.participants(&found.captures));
            }
        }
        let mut events: Vec<Event> = events.into_iter().map(|(_, event)| event).collect();
        events.iter_mut().for_each(|e| self.settle(e));
        events.retain(|e| !e.participants.is_empty());
        events.sort_by_key(|e| (e.trigger, e.kind.clone()));
        events
    }

    /// One role an actor, the one that beats the others: who is party to a deal did not broker it.
    fn settle(&self, event: &mut Event) {
        dedup(&mut event.participants);
        for role in self.reading.roles {
            let winners: Vec<String> = event.names(&role.id).map(str::to_string).collect();
            event.participants.retain(|p| !role.beats.contains(&p.role) || !winners.contains(&p.name));
        }
    }

    fn matches(&self) -> Vec<Match<'a>> {
        let mut out = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            let Item::Word { token } = item else { continue };
            for rule in self.reading.lexicon.rules.anchored_at(self.reading.tokens[*token].word) {
                out.extend(self.try_rule(rule, at));
            }
        }
        out
    }

    fn try_rule(&self, rule: &'a Rule, at: usize) -> Option<Match<'a>> {
        if rule.requires.is_some_and(|class| !self.holds(class)) {
            return None;
        }
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
        left.reverse();
        left.append(&mut right);
        Some(Match { rule, anchor: at, first, last: end.saturating_sub(1), captures: left })
    }

    /// Tells whether a word of a class stands in the sentence.
    fn holds(&self, class: WordClass) -> bool {
        self.reading.tokens[self.sentence.from..self.sentence.to].iter().any(|t| self.reading.is(t, class))
    }

    fn word_of(&self, item: &Item) -> Option<u32> {
        match item {
            Item::Word { token } => Some(self.reading.tokens[*token].word),
            Item::Actor { .. } => None,
        }
    }

    /// Matches elements from item `at` on; returns the item behind the match.
    fn rightwards(&self, elements: &[Element], at: usize, captures: &mut Captures) -> Option<usize> {
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
            Element::Gap { most, crossing } => {
                let open = |i: &usize| *i == 0 || self.passable(at + i - 1, *crossing);
                let mut steps: Vec<usize> = (0..=*most as usize).take_while(open).collect();
                if *crossing {
                    steps.reverse();
                }
                steps.into_iter().find_map(|i| self.attempt(captures, |s, c| s.rightwards(rest, at + i, c)))
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
    fn leftwards(&self, elements: &[Element], at: usize, captures: &mut Captures) -> Option<usize> {
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
            Element::Gap { most, crossing } => {
                let open = |i: &usize| *i == 0 || self.passable(at - i, *crossing);
                let mut steps: Vec<usize> = (0..=(*most as usize).min(at)).take_while(open).collect();
                if *crossing {
                    steps.reverse();
                }
                steps.into_iter().find_map(|i| self.attempt(captures, |s, c| s.leftwards(rest, at - i, c)))
            }
            Element::Slot { roles, filter } => {
                let starts = self.list_starts(at, *filter);
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

    fn in_class(&self, at: usize, class: WordClass) -> bool {
        match self.items.get(at) {
            Some(Item::Word { token }) => self.reading.is(&self.reading.tokens[*token], class),
            _ => false,
        }
    }

    fn is_hyphen(&self, at: usize) -> bool {
        let Some(Item::Word { token }) = self.items.get(at) else { return false };
        let glued = |i: usize| self.reading.tokens.get(i).is_some_and(|t| t.has(GLUED));
        self.reading.is_mark(&self.reading.tokens[*token], "-‐‑–") && glued(*token) && glued(token + 1)
    }

    /// A gap passes over words, adjectives, places and what a preposition governs, but not over clause marks.
    fn passable(&self, at: usize, crossing: bool) -> bool {
        match self.items.get(at) {
            Some(Item::Word { token }) if crossing => !self.reading.is_mark(&self.reading.tokens[*token], ";:()—"),
            Some(Item::Actor { .. }) if crossing => true,
            Some(Item::Word { token }) => {
                let token = &self.reading.tokens[*token];
                !self.reading.is_mark(token, ";:,()—“”\"")
            }
            Some(Item::Actor { phrase, .. }) => {
                let noun = phrase.bare && at > 0 && self.in_class(at - 1, WordClass::DETERMINER);
                phrase.sense != Sense::Actor || noun || self.governed(at)
            }
            None => false,
        }
    }

    /// Tells whether a preposition stands before an item.
    fn governed(&self, at: usize) -> bool {
        const PREPOSITIONS: [&str; 14] = [
            "by", "in", "of", "with", "from", "against", "between", "for", "on", "at", "to", "into",
            "within", "near",
        ];
        let Some(Item::Word { token }) = at.checked_sub(1).map(|i| &self.items[i]) else { return false };
        PREPOSITIONS.iter().any(|p| p.eq_ignore_ascii_case(self.reading.word(*token)))
    }

    fn phrase(&self, at: usize) -> Option<&Phrase> {
        match self.items.get(at) {
            Some(Item::Actor { phrase, .. }) => Some(phrase),
            _ => None,
        }
    }

    fn fits(&self, at: usize, filter: Filter) -> bool {
        if filter == Filter::Sides {
            return self.in_class(at, WordClass::SIDES);
        }
        let Some(phrase) = self.phrase(at) else { return false };
        let actor = phrase.sense == Sense::Actor || phrase.seat.is_some();
        match filter {
            Filter::Plain | Filter::Many | Filter::Subject => actor,
            Filter::Adjective => actor && !self.is_territory(phrase) || phrase.bare && phrase.sense == Sense::Adjective,
            Filter::Place => phrase.place,
            Filter::Sides => false,
        }
    }

    /// "Gaza mediation" is about Gaza, not by it.
    fn is_territory(&self, phrase: &Phrase) -> bool {
        let kind = |who: &Who| match who {
            Who::Known(entity) => self.reading.lexicon.actors.entity(*entity).kind,
            Who::Named(_) => Kind::Other,
        };
        phrase.bare && phrase.seat.is_none() && phrase.members.first().is_some_and(|m| kind(&m.who) == Kind::Place)
    }

    /// Ends of the lists "A", "A and B", "A, B and C" that start at an item, shortest first.
    fn list_ends(&self, at: usize, filter: Filter) -> Vec<usize> {
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
        let joined = ["and", "or", "&"].iter().any(|w| self.says(word, w));
        if joined && self.fits(word + 1, filter) {
            return Some((word + 1, false));
        }
        if joined && self.says(word + 1, "with") {
            return None;
        }
        const JOINERS: [&[&str]; 5] = [&["along", "with"], &["together", "with"], &["as", "well", "as"], &["in", "addition", "to"], &["alongside"]];
        let joiner = JOINERS.iter().find(|words| words.iter().enumerate().all(|(i, w)| self.says(word + i, w)));
        if let Some(words) = joiner {
            // "along with mediators Qatar and Egypt": one word may stand between.
            let first = word + words.len();
            return [first, first + 1].into_iter().find(|i| self.fits(*i, filter)).map(|i| (i, false));
        }
        (comma && self.fits(at + 1, filter)).then_some((at + 1, true))
    }

    fn says(&self, at: usize, word: &str) -> bool {
        match self.items.get(at) {
            Some(Item::Word { token }) => self.reading.word(*token).eq_ignore_ascii_case(word),
            _ => false,
        }
    }

    /// Starts of the lists that end before an item, longest first.
    fn list_starts(&self, at: usize, filter: Filter) -> Vec<usize> {
        let mut starts: Vec<usize> = (0..at)
            .rev()
            .take(14)
            .filter(|start| self.list_ends(*start, filter).contains(&at))
            .filter(|start| self.may_start(*start, at, filter))
            .collect();
        starts.reverse();
        starts
    }

    /// "called Artsakh by ethnic Armenians, A and B accused": what a preposition governs opens no subject, and
    /// neither does the tail of a list that one governs: "between C and D, A and B mediated".
    fn may_start(&self, start: usize, end: usize, filter: Filter) -> bool {
        if matches!(filter, Filter::Adjective | Filter::Place | Filter::Sides) {
            return true;
        }
        let tail = start >= 2 && ["and", "or"].iter().any(|w| self.says(start - 1, w)) && self.phrase(start - 2).is_some();
        let free = !(end - start > 1 || self.must_be_free(start, filter)) || !self.governed(start);
        free && !(tail && end - start > 1)
    }

    /// A subject is governed by no preposition; a place that acts as a government is none in "talks in Doha".
    fn must_be_free(&self, at: usize, filter: Filter) -> bool {
        filter == Filter::Subject || filter == Filter::Plain && self.phrase(at).is_some_and(|p| p.seat.is_some())
    }

    /// The actor items of a list, or the word that stands for both sides.
    fn actors(&self, from: usize, to: usize, filter: Filter) -> Vec<usize> {
        (from..to).filter(|i| filter == Filter::Sides || self.phrase(*i).is_some()).collect()
    }

    /// The two countries or groups that the text has named most often so far.
    fn disputants(&self) -> Vec<&Who> {
        let mut counts: Vec<(&Who, usize)> = Vec::new();
        for name in self.names.iter().filter(|n| n.actor && matches!(n.kind, Kind::Country | Kind::Group)) {
            let Some(who) = &name.who else { continue };
            match counts.iter_mut().find(|(w, _)| *w == who) {
                Some((_, count)) => *count += 1,
                None => counts.push((who, 1)),
            }
        }
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        if counts.len() < 2 { Vec::new() } else { counts.into_iter().take(2).map(|(who, _)| who).collect() }
    }

    fn participants(&self, captures: &Captures) -> Vec<Participant> {
        let mut out = Vec::new();
        for capture in captures {
            for (who, rolled_up) in self.members(capture) {
                let name = who.name(self.reading.lexicon);
                out.extend(capture.roles.iter().map(|r| Participant {
                    role: self.reading.roles[*r as usize].id.clone(),
                    name: name.to_string(),
                    rolled_up,
                }));
            }
        }
        out
    }

    /// Whom a slot names; a seat of government stands for its country unless a place was asked for.
    fn members<'s>(&'s self, capture: &'s Capture) -> Vec<(&'s Who, bool)> {
        if capture.filter == Filter::Sides {
            return self.disputants().into_iter().map(|who| (who, false)).collect();
        }
        let phrases = capture.items.iter().filter_map(|i| self.phrase(*i));
        let members = phrases.flat_map(|phrase| match &phrase.seat {
            Some(seat) if capture.filter != Filter::Place => std::slice::from_ref(seat),
            _ => &phrase.members[..],
        });
        members.map(|m| (&m.who, m.rolled_up)).collect()
    }

    fn event(&self, found: &Match, zone: Zone) -> Event {
        let reading = self.reading;
        let attributed_to = self.attribution(found);
        let share = if attributed_to.is_some() { ATTRIBUTED } else { 1.0 };
        let (from, to) = self.items[found.anchor].tokens();
        Event {
            kind: found.rule.event.clone(),
            participants: self.participants(&found.captures),
            status: self.status(found),
            background: self.is_background(found) || self.past && found.rule.narrative && !self.is_perfect(found),
            attributed_to,
            date: None,
            zone,
            sentence: reading.span(self.sentence.from, self.sentence.to),
            trigger: reading.span(from, to),
            rule: found.rule.id.clone(),
            confidence: found.rule.confidence * share,
        }
    }

    /// The first status word left of the trigger; before the match only over words that keep the government.
    fn status(&self, found: &Match) -> Status {
        if let Some(fixed) = found.rule.status {
            return fixed;
        }
        let roles = &self.reading.lexicon.rules;
        let inside = (found.first..found.anchor).rev().filter_map(|i| self.word_of(&self.items[i]));
        if let Some(status) = inside.filter_map(|w| roles.status.get(&w)).next() {
            return *status;
        }
        for item in self.items[..found.first].iter().rev().take(5) {
            match self.word_of(item) {
                Some(word) if roles.status.contains_key(&word) => return roles.status[&word],
                Some(word) if roles.walk.contains(&word) => {}
                _ => break,
            }
        }
        Status::Asserted
    }

    fn is_background(&self, found: &Match) -> bool {
        // "Two earlier truces, one negotiated by": before a passive the noun may stand some way off.
        let reach = if found.first == found.anchor { 6 } else { 2 };
        let from = found.first.saturating_sub(reach);
        let words = &self.reading.lexicon.rules.background;
        self.items[from..found.anchor].iter().filter_map(|i| self.word_of(i)).any(|w| words.contains(&w))
    }

    /// "has mediated" tells of now, whatever dates stand near.
    fn is_perfect(&self, found: &Match) -> bool {
        (found.first..found.anchor).any(|i| ["has", "have"].iter().any(|w| self.says(i, w)))
    }

    /// Who says it: "X said ..." before the match, or "..., X said" behind it.
    fn attribution(&self, found: &Match) -> Option<String> {
        let said = |i: usize| self.in_class(i, WordClass::SAY);
        let actor = |i: usize| self.phrase(i).filter(|p| p.sense == Sense::Actor);
        let before = (0..found.first.saturating_sub(1)).rev().find(|i| actor(*i).is_some() && said(i + 1));
        let behind = || {
            (found.last..self.items.len().saturating_sub(1))
                .find(|i| actor(*i).is_some() && said(i + 1) || said(*i) && actor(i + 1).is_some())
        };
        let at = before.or_else(behind)?;
        let phrase = actor(at).or_else(|| actor(at + 1))?;
        phrase.members.first().map(|m| m.who.name(self.reading.lexicon).to_string())
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

fn dedup(participants: &mut Vec<Participant>) {
    let mut seen: Vec<Participant> = Vec::with_capacity(participants.len());
    for participant in participants.drain(..) {
        match seen.iter_mut().find(|p| p.role == participant.role && p.name == participant.name) {
            Some(known) => known.rolled_up &= participant.rolled_up,
            None => seen.push(participant),
        }
    }
    *participants = seen;
}

/// Adds what another rule found at the same trigger.
fn merge(known: &mut Event, other: Event) {
    known.participants.extend(other.participants);
}
