//! The second round of events: rules that say too little alone fire for those whose part the rest of the article
//! confirms. "Shoukry met Hamas officials" makes a mediator of him where the article says that Egypt mediates.

use super::events::Teller;
use super::patterns::Capture;
use super::sentences::Reading;
use crate::annotation::Event;
use crate::annotation::Participant;
use crate::annotation::Status;
use crate::annotation::Zone;
use crate::schema::Confirmed;
use crate::schema::Filter;
use crate::schema::Role;

/// Who has which role in the events that an article tells as fact.
pub(super) struct Cast {
    parts: Vec<Participant>,
}

impl Cast {
    pub fn of(events: &[Event]) -> Self {
        let told = events.iter().filter(|e| e.status == Status::Asserted && !e.background);
        Cast { parts: told.flat_map(|e| e.participants.iter().cloned()).collect() }
    }

    /// Tells whether a rule that needs confirming gives a role that somebody has.
    pub fn may_confirm(&self, reading: &Reading) -> bool {
        let rules = &reading.lexicon.rules;
        self.parts.iter().any(|p| {
            let role = reading.roles.iter().position(|r| r.id == p.role);
            role.is_some_and(|r| rules.confirms_role(r))
        })
    }

    fn has(&self, role: &str, name: &str) -> bool {
        self.parts.iter().any(|p| p.role == role && p.name == name)
    }

    fn plays(&self, name: &str) -> bool {
        self.parts.iter().any(|p| p.name == name)
    }

    /// Tells whether somebody of a phrase has the role, and nobody of it one that beats it.
    fn confirms(&self, role: &Role, names: &[&str], roles: &[Role]) -> bool {
        names.iter().any(|name| self.has(&role.id, name)) && !self.beats(role, names, roles)
    }

    /// Tells whether somebody of a phrase has a role that beats this one.
    fn beats(&self, role: &Role, names: &[&str], roles: &[Role]) -> bool {
        let winners = || roles.iter().filter(|r| r.beats.contains(&role.id));
        names.iter().any(|name| winners().any(|r| self.has(&r.id, name)))
    }
}

impl Teller<'_, '_> {
    /// What rules find that say too little alone, for those whose part the rest of the article confirms.
    pub(super) fn confirmed_events(&self, cast: &Cast, zone: Zone) -> Vec<Event> {
        let mut events: Vec<Event> = Vec::new();
        for mut found in self.scene.matches(true) {
            if !found.captures.iter_mut().all(|c| self.confirm(c, found.rule.confirmed, cast)) {
                continue;
            }
            let mut event = self.event(&found, zone);
            self.settle(&mut event);
            let known = |e: &Event| e.participants == event.participants && e.kind == event.kind;
            if !event.participants.is_empty() && !events.iter().any(known) {
                events.push(event);
            }
        }
        events
    }

    /// Tells whether one of them is a side of the conflict, by how often the text names it, and has no other part.
    fn disputes(&self, names: &[&str], cast: &Cast) -> bool {
        let lexicon = self.scene.reading.lexicon;
        let sides = self.disputants(|who| !cast.plays(who.name(lexicon)));
        sides.iter().any(|who| names.contains(&who.name(lexicon)))
    }

    /// Takes out of a slot the phrases that the article does not confirm; tells whether any is left.
    fn confirm(&self, capture: &mut Capture, how: Option<Confirmed>, cast: &Cast) -> bool {
        let reading = self.scene.reading;
        let names = |item: &usize| -> Vec<&str> {
            let one = self.scene.phrase(*item).map(|p| self.members_of(p, capture.filter));
            one.into_iter().flatten().map(|(who, _)| who.name(reading.lexicon)).collect()
        };
        let confirmed = |item: &usize| {
            let names = names(item);
            let told = capture
                .roles
                .iter()
                .all(|r| cast.confirms(&reading.roles[*r as usize], &names, reading.roles));
            told || capture.filter == Filter::Disputant && self.disputes(&names, cast)
        };
        let kept: Vec<usize> = capture.items.iter().copied().filter(confirmed).collect();
        let any = !kept.is_empty();
        let items = match how {
            Some(Confirmed::Any) => {
                let role = &reading.roles[capture.roles[0] as usize];
                let side = |item: &usize| cast.beats(role, &names(item), reading.roles);
                capture.items.iter().copied().filter(|i| !side(i)).collect()
            }
            _ => kept,
        };
        capture.items = items;
        any
    }
}
