//! Events as values of one field, so that what must hold of one event is asked of the dictionary.

use crate::annotation::Event;
use crate::annotation::Status;
use crate::calendar::PartialDate;

/// Stands between the parts of a value; no text holds it.
const SEPARATOR: char = '\u{1f}';

/// Longest value, in bytes; participants beyond it are left out.
const LONGEST: usize = 8192;

/// What the index knows of an event without its article.
#[derive(Clone, Debug, PartialEq)]
pub struct EventValue<'a> {
    /// Kind of event: `mediate`, `accuse`, ...
    pub kind: &'a str,
    /// Whether it is said to have happened.
    pub status: Status,
    /// An earlier event, told as history.
    pub background: bool,
    /// When, by its sentence.
    pub date: Option<PartialDate>,
    /// Role and name of each participant.
    pub participants: Vec<(&'a str, &'a str)>,
}

/// Writes an event as a value.
pub(super) fn event_value(event: &Event) -> String {
    let date = event.date.map_or(String::new(), |date| date.to_string());
    let background = if event.background { "b" } else { "" };
    let mut value =
        [event.kind.as_str(), event.status.name(), background, &date].join(&SEPARATOR.to_string());
    for participant in &event.participants {
        if value.len() + participant.role.len() + participant.name.len() > LONGEST {
            break;
        }
        value.push(SEPARATOR);
        value.push_str(&participant.role);
        value.push('=');
        value.extend(participant.name.chars().filter(|c| *c != SEPARATOR));
    }
    value
}

impl<'a> EventValue<'a> {
    /// Reads a value; none if it is not ours.
    pub fn read(value: &'a str) -> Option<EventValue<'a>> {
        let mut parts = value.split(SEPARATOR);
        let kind = parts.next()?;
        let status = parts.next()?;
        let status = Status::ALL.into_iter().find(|s| s.name() == status)?;
        let background = !parts.next()?.is_empty();
        let date = parts.next()?.parse().ok();
        let participants = parts.filter_map(|part| part.split_once('=')).collect();
        Some(EventValue { kind, status, background, date, participants })
    }

    /// The same view of an event of an article.
    pub fn of(event: &'a Event) -> EventValue<'a> {
        EventValue {
            kind: &event.kind,
            status: event.status,
            background: event.background,
            date: event.date,
            participants: event.participants.iter().map(|p| (p.role.as_str(), p.name.as_str())).collect(),
        }
    }
}
