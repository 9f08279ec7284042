//! Runs the role rules over the items of each sentence and turns matches into events.

use super::Who;
use super::confirm::Cast;
use super::dates::Expression;
use super::names::Name;
use super::patterns::Capture;
use super::patterns::Captures;
use super::patterns::Match;
use super::patterns::Scene;
use super::phrases;
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
use crate::schema::Filter;
use crate::schema::Rule;
use crate::schema::Supply;
use crate::schema::WordClass;
use crate::schema::notes;
use crate::schema::word_bit;

/// An event this many days before publication is told as history.
const BACKGROUND_DAYS: i32 = 30;

/// Confidence in an event that somebody is quoted for, as a share of the rule's.
const ATTRIBUTED: f32 = 0.8;

/// Names before a sentence that it may speak of without naming them: more than an article has, fewer than a book.
const MEMORY: usize = 4096;

/// The dates of a text.
pub(super) struct Dates<'a> {
    pub found: &'a [Expression],
    pub resolved: &'a [Dated],
    /// Day of publication, in days since 1970-01-01.
    pub day: Option<i32>,
}

/// Finds the events of a text, in order: in a first round those that rules tell, then those that these confirm.
pub(super) fn find(reading: &Reading, names: &[Name], dates: &Dates, zone: Zone) -> Vec<Event> {
    let mut events = tell(reading, names, dates, zone, None);
    let cast = Cast::of(&events);
    if cast.may_confirm(reading) {
        events.extend(tell(reading, names, dates, zone, Some(&cast)));
        events.sort_by_key(|e| (e.trigger, e.kind.clone()));
    }
    events
}

fn tell(reading: &Reading, names: &[Name], dates: &Dates, zone: Zone, cast: Option<&Cast>) -> Vec<Event> {
    let mut events = Vec::new();
    each_sentence(reading, names, dates, Round { cast, nameless: false }, |teller, bare, resolved| {
        let mut found = teller.tell(zone);
        if let Some(bare) = bare {
            let more = bare.tell(zone);
            let known = |e: &Event| found.iter().any(|f| f.trigger == e.trigger && f.kind == e.kind);
            let new: Vec<Event> = more.into_iter().filter(|e| !known(e)).collect();
            found.extend(new);
        }
        for event in &mut found {
            event.date = resolved.first().map(|d| d.value);
        }
        events.extend(found);
    });
    events
}

/// Which rules run, and over what.
#[derive(Clone, Copy, Default)]
pub(super) struct Round<'a> {
    /// The rules that need confirming run, for these; else the others.
    pub cast: Option<&'a Cast>,
    /// Sentences that speak of nobody count too.
    pub nameless: bool,
}

/// Shows each sentence that has a trigger word, with its dates: as it is, and without what commas set aside, so that
/// "Djibouti, a small state on the Red Sea, brokered" is read once more.
pub(super) fn each_sentence(
    reading: &Reading,
    names: &[Name],
    dates: &Dates,
    round: Round,
    mut visit: impl FnMut(&Teller, Option<&Teller>, &[Dated]),
) {
    let mut history = History::default();
    let mut seen = 0;
    let (mut triggers, mut all_resolved, mut all_found) =
        (&reading.triggers[..], dates.resolved, dates.found);
    for sentence in &reading.sentences {
        let named = take_before(&mut &names[seen..], sentence.to, |n| n.from);
        seen += named.len();
        let resolved = take_before(&mut all_resolved, sentence.to, |d| d.from);
        let found = take_before(&mut all_found, sentence.to, |d| d.from);
        history.enter(sentence, resolved, dates.day);
        let here = take_before(&mut triggers, sentence.to, |at| *at as usize);
        if here.is_empty() || !round.nameless && named.is_empty() && !speaks_of_somebody(reading, sentence) {
            continue;
        }
        let Some(supply) = wakes(reading, sentence, here, named, round) else { continue };
        let items = phrases::items(reading, sentence, named, found, dates.day);
        let teller = |items| Teller {
            scene: Scene { reading, sentence, items, supply },
            names: &names[seen.saturating_sub(MEMORY)..seen.min(names.len())],
            day: dates.day,
            past: history.past,
            cast: round.cast,
        };
        let whole = teller(&items);
        let bare = whole.scene.without_asides();
        visit(&whole, bare.as_deref().map(&teller).as_ref(), resolved);
    }
}

/// Takes off a sorted list what starts before a token: as sentences follow each other, what lies in the next one.
fn take_before<'t, T>(list: &mut &'t [T], to: usize, start: impl Fn(&T) -> usize) -> &'t [T] {
    let count = list.iter().take_while(|x| start(x) < to).count();
    let (here, behind) = list.split_at(count);
    *list = behind;
    here
}

/// What a sentence has, if a rule has its trigger there and what it cannot do without. Those that are explained count
/// even if their patterns cannot fit.
fn wakes(
    reading: &Reading,
    sentence: &Sentence,
    triggers: &[u32],
    names: &[Name],
    round: Round,
) -> Option<Supply> {
    let rules = &reading.lexicon.rules;
    let confirmed = round.cast.is_some();
    let note = if confirmed { notes::CONFIRMED } else { notes::TRIGGER };
    let mut tokens =
        triggers.iter().map(|at| *at as usize).filter(|at| reading.tokens[*at].noted(note)).peekable();
    tokens.peek()?;
    let words = reading.tokens[sentence.from..sentence.to].iter().map(|t| t.word);
    let supply = Supply {
        classes: reading.lexicon.classes.of_all(words.clone()),
        words: words.fold(0, |all, word| all | word_bit(word)),
    };
    let mut wakes = |at: usize| {
        let before = names.partition_point(|n| n.from < at);
        let sides = [before, names.len() - before];
        let awake = |r: &Rule| if round.nameless { r.is_awake(&supply) } else { r.may_fit(&supply, sides) };
        rules.anchored_at(reading.tokens[at].word, confirmed).any(awake)
    };
    tokens.any(&mut wakes).then_some(supply)
}

/// Tells whether a sentence without a name may speak of somebody whom another one names.
fn speaks_of_somebody(reading: &Reading, sentence: &Sentence) -> bool {
    (sentence.from..sentence.to).any(|at| {
        reading.is(&reading.tokens[at], WordClass::SIDES) || reading.says(at, "he") || reading.says(at, "she")
    })
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

/// The events of a sentence, told from its matches.
pub(super) struct Teller<'a, 'b> {
    pub scene: Scene<'a, 'b>,
    /// The names of the text up to the end of the sentence.
    names: &'a [Name<'a>],
    /// Day of publication.
    day: Option<i32>,
    /// The sentence tells of a time long before publication.
    past: bool,
    /// Who plays which part, in the round of what needs confirming.
    pub cast: Option<&'a Cast>,
}

impl Teller<'_, '_> {
    /// The events of the round: those that rules tell alone, or those that the article confirms.
    pub(super) fn tell(&self, zone: Zone) -> Vec<Event> {
        match self.cast {
            None => self.events(zone),
            Some(cast) => self.confirmed_events(cast, zone),
        }
    }

    fn events(&self, zone: Zone) -> Vec<Event> {
        let mut matches = self.scene.matches(false);
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
        // "mediation discussed between A and B": who has a part already is no party.
        let taken = |items: &[usize]| {
            let told = matches.iter().filter(|m| !m.rule.attach).flat_map(|m| &m.captures);
            told.into_iter().any(|c| c.items == items)
        };
        for found in matches.iter().filter(|m| m.rule.attach) {
            if found.captures.iter().any(|c| taken(&c.items)) {
                continue;
            }
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
    pub(super) fn settle(&self, event: &mut Event) {
        dedup(&mut event.participants);
        for role in self.scene.reading.roles.iter().filter(|r| !r.beats.is_empty()) {
            if event.names(&role.id).next().is_none() {
                continue;
            }
            let winners: Vec<String> = event.names(&role.id).map(str::to_string).collect();
            event.participants.retain(|p| !role.beats.contains(&p.role) || !winners.contains(&p.name));
        }
    }

    /// The two countries or groups that the text has named most often so far, of those that may be; fewer if
    /// there are no two.
    pub(super) fn disputants(&self, may_be: impl Fn(&Who) -> bool) -> Vec<&Who<'_>> {
        let mut counts: Vec<(&Who, usize)> = Vec::new();
        for name in self.names.iter().filter(|n| n.actor && matches!(n.kind, Kind::Country | Kind::Group)) {
            let Some(who) = name.who.as_ref().filter(|who| may_be(who)) else { continue };
            match counts.iter_mut().find(|(w, _)| *w == who) {
                Some((_, count)) => *count += 1,
                None => counts.push((who, 1)),
            }
        }
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts.into_iter().take(2).map(|(who, _)| who).collect()
    }

    fn participants(&self, captures: &Captures) -> Vec<Participant> {
        let mut out = Vec::new();
        for capture in captures {
            for (who, rolled_up) in self.members(capture) {
                let name = who.name(self.scene.reading.lexicon);
                out.extend(capture.roles.iter().map(|r| Participant {
                    role: self.scene.reading.roles[*r as usize].id.clone(),
                    name: name.to_string(),
                    rolled_up,
                }));
            }
        }
        out
    }

    /// The one person whom the sentence before names; none if it names several or nobody.
    fn antecedent(&self) -> Option<&Who<'_>> {
        let sentences = &self.scene.reading.sentences;
        let here = sentences.partition_point(|s| s.from < self.scene.sentence.from);
        let before = &sentences[here.checked_sub(1)?];
        let mut persons = self
            .names
            .iter()
            .filter(|n| n.kind == Kind::Person && (before.from..before.to).contains(&n.from))
            .filter_map(|n| n.who.as_ref());
        let first = persons.next()?;
        persons.all(|p| p == first).then_some(first)
    }

    /// Whom a slot names; a seat of government stands for its country unless a place was asked for.
    pub(super) fn members<'s>(&'s self, capture: &'s Capture) -> Vec<(&'s Who<'s>, bool)> {
        if capture.filter == Filter::Sides {
            let sides = self.disputants(|_| true);
            return if sides.len() < 2 {
                Vec::new()
            } else {
                sides.into_iter().map(|who| (who, false)).collect()
            };
        }
        if capture.filter == Filter::Pronoun {
            return self.antecedent().into_iter().map(|who| (who, false)).collect();
        }
        let phrases = capture.items.iter().filter_map(|i| self.scene.phrase(*i));
        phrases.flat_map(|phrase| self.members_of(phrase, capture.filter)).collect()
    }

    pub(super) fn members_of<'s>(
        &'s self,
        phrase: &'s Phrase<'s>,
        filter: Filter,
    ) -> Vec<(&'s Who<'s>, bool)> {
        if let Some(seat) = phrase.seat.as_ref().filter(|_| filter != Filter::Place) {
            return vec![(&seat.who, seat.rolled_up)];
        }
        let holder = self.holder(phrase).map(|who| (who, false));
        holder.into_iter().chain(phrase.members.iter().map(|m| (&m.who, m.rolled_up))).collect()
    }

    /// The one person of the text so far who holds the office of a phrase: "the Turkish president".
    fn holder(&self, phrase: &Phrase) -> Option<&Who<'_>> {
        let (from, to) = phrase.office?;
        let reading = self.scene.reading;
        let span = reading.span(from, to);
        let title = reading.text[span.start as usize..span.end as usize].to_lowercase();
        let title = if title == "premier" { "prime minister" } else { &title };
        let holds = |who: &Who| {
            let Who::Known(entity) = who else { return false };
            let offices = &reading.lexicon.actors.entity(*entity).offices;
            offices.iter().any(|o| {
                let state = phrase.members.first().is_some_and(|m| m.who == Who::Known(o.of));
                state && o.title == title && o.held_on(self.day)
            })
        };
        let mut holders = self.names.iter().filter_map(|n| n.who.as_ref()).filter(|w| holds(w));
        let first = holders.next()?;
        holders.all(|who| who == first).then_some(first)
    }

    pub(super) fn event(&self, found: &Match, zone: Zone) -> Event {
        let reading = self.scene.reading;
        let attributed_to = self.attribution(found);
        let share = if attributed_to.is_some() { ATTRIBUTED } else { 1.0 };
        let (from, to) = self.scene.items[found.anchor].tokens();
        Event {
            kind: found.rule.event.clone(),
            participants: self.participants(&found.captures),
            status: self.status(found),
            background: self.is_background(found)
                || self.past && found.rule.narrative && !self.is_perfect(found),
            attributed_to,
            date: None,
            zone,
            sentence: reading.span(self.scene.sentence.from, self.scene.sentence.to),
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
        if let Some(status) = (found.first..found.anchor).rev().find_map(|at| self.status_at(at)) {
            return status;
        }
        let walk = &self.scene.reading.lexicon.rules.walk;
        for at in (0..found.first).rev().take(5) {
            if let Some(status) = self.status_at(at) {
                return status;
            }
            if !self.scene.word_of(&self.scene.items[at]).is_some_and(|word| walk.contains(&word)) {
                break;
            }
        }
        Status::Asserted
    }

    /// What a word says of the status of what it governs; "so-called" says nothing.
    fn status_at(&self, at: usize) -> Option<Status> {
        let word = self.scene.word_of(&self.scene.items[at])?;
        let status = self.scene.reading.lexicon.rules.status.get(&word).copied();
        status.filter(|_| at == 0 || !self.scene.is_hyphen(at - 1))
    }

    fn is_background(&self, found: &Match) -> bool {
        // "Two earlier truces, one negotiated by": before a passive the noun may stand some way off.
        let reach = if found.first == found.anchor { 6 } else { 2 };
        let from = found.first.saturating_sub(reach);
        let words = &self.scene.reading.lexicon.rules.background;
        self.scene.items[from..found.anchor]
            .iter()
            .filter_map(|i| self.scene.word_of(i))
            .any(|w| words.contains(&w))
    }

    /// "has mediated" tells of now, whatever dates stand near.
    fn is_perfect(&self, found: &Match) -> bool {
        (found.first..found.anchor).any(|i| ["has", "have"].iter().any(|w| self.scene.says(i, w)))
    }

    /// Who says it: "X said ..." before the match, or "..., X said" behind it.
    fn attribution(&self, found: &Match) -> Option<String> {
        let said = |i: usize| self.scene.in_class(i, WordClass::SAY);
        let actor = |i: usize| self.scene.phrase(i).filter(|p| p.sense == Sense::Actor);
        // "said Kirby", but not "Kirby said Russia".
        let inverted = |i: usize| {
            said(i) && actor(i + 1).is_some() && i.checked_sub(1).is_none_or(|b| actor(b).is_none())
        };
        let before = (0..found.first.saturating_sub(1)).rev().find(|i| actor(*i).is_some() && said(i + 1));
        let behind = || {
            (found.last..self.scene.items.len().saturating_sub(1))
                .find(|i| actor(*i).is_some() && said(i + 1) || inverted(*i))
        };
        let at = before.or_else(behind)?;
        let phrase = actor(at).or_else(|| actor(at + 1))?;
        phrase.members.first().map(|m| m.who.name(self.scene.reading.lexicon).to_string())
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
