//! The events behind an answer: those that a query asks for, and the sentences that say so.

use super::plan::Notes;
use super::plan::RoleFilter;
use super::results::Evidence;
use crate::annotation::Annotations;
use crate::annotation::Event;
use crate::annotation::RoleState;
use crate::article::Article;
use crate::index::NewsTokenizer;

/// Sentences that are shown for each value of a role.
const MOST: usize = 2;

/// The sentences of the events that give an article the roles that were asked for.
pub(crate) fn evidence(
    article: &Article,
    annotations: &Annotations,
    notes: &Notes,
    tokenizer: &NewsTokenizer,
) -> Vec<Evidence> {
    let mut out: Vec<Evidence> = Vec::new();
    for filter in &notes.roles {
        for event in &annotations.events {
            add_role(&mut out, article, event, filter);
        }
    }
    for test in &notes.events {
        let events = annotations.events.iter();
        for event in events.filter(|event| test.holds_of(article, event, tokenizer)) {
            let names = event.participants.iter().map(|p| format!("{} {}", p.role, p.name));
            out.push(told("event", names.collect::<Vec<_>>().join(", "), article, event));
        }
    }
    out
}

fn told(field: &str, value: String, article: &Article, event: &Event) -> Evidence {
    let (sentence, rule) = (event.sentence_of(article), event.rule.clone());
    Evidence { field: field.to_string(), value, sentence, rule, confidence: event.confidence }
}

fn add_role(out: &mut Vec<Evidence>, article: &Article, event: &Event, filter: &RoleFilter) {
    for name in filter.names(event) {
        let found = told(&filter.field, name.to_string(), article, event);
        let same = out.iter().filter(|e| e.field == found.field && e.value == found.value);
        let mut known = same.map(|e| &e.sentence);
        if known.clone().count() < MOST && known.all(|sentence| *sentence != found.sentence) {
            out.push(found);
        }
    }
}

/// Tells whether a query asks for an event: by what must hold of one, or by roles; if it asks for none, for all.
pub(crate) fn is_asked_for(
    article: &Article,
    event: &Event,
    notes: &Notes,
    tokenizer: &NewsTokenizer,
) -> bool {
    notes.events.is_empty() && notes.roles.is_empty()
        || notes.roles.iter().any(|filter| filter.names(event).next().is_some())
        || notes.events.iter().any(|test| test.holds_of(article, event, tokenizer))
}

impl RoleFilter {
    /// The names of an event that the filter is about.
    fn names<'e>(&'e self, event: &'e Event) -> impl Iterator<Item = &'e str> {
        let (role, state) = RoleState::split(&self.field);
        let counts = state.is_some_and(|state| state.counts(event.status, event.background));
        let asked = |name: &&str| self.values.is_empty() || self.values.iter().any(|v| v == name);
        event.names(role).filter(move |name| counts && asked(name))
    }
}
