//! `event{accuser:Armenia accused:Azerbaijan}`: what must hold of one event is asked of one nested document.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use serde_json::json;

use super::Part;
use super::Translator;
use super::dsl;
use super::dsl::silent;
use super::quoted;
use crate::annotation::RoleState;
use crate::annotation::Status;
use crate::index;
use crate::index::ANY;
use crate::query::DateRange;
use crate::query::EVENT_FIELDS;
use crate::query::EventTest;
use crate::query::Known;
use crate::query::Node;
use crate::query::QueryError;
use crate::query::Value;
use crate::query::matcher;
use crate::query::parse_dates;
use crate::query::resolve;
use crate::query::shown;
use crate::schema::FieldKind;

/// A test and how it was read.
type Read = (EventTest, String);

impl Translator<'_> {
    pub(super) fn event(&mut self, inner: &Node, at: usize) -> Result<Part, QueryError> {
        let (mut test, read) = self.event_test(inner, at)?;
        if !test.names_status() {
            test = EventTest::All(vec![EventTest::State(RoleState::Plain), test]);
        }
        let inner = self.of_test(&test)?;
        self.notes.events.push(test);
        let query = json!({ "nested": { "path": "events", "query": silent(inner), "score_mode": "none" } });
        Ok(Part::new(silent(query), format!("event{{{read}}}")))
    }

    /// A test as a query for events.
    fn of_test(&self, test: &EventTest) -> Result<Json, QueryError> {
        Ok(match test {
            EventTest::Role { role, names: None } => dsl::term("events.who", &format!("{role}={ANY}")),
            EventTest::Role { role, names: Some(names) } => {
                let who: Vec<String> = names.iter().map(|name| format!("{role}={name}")).collect();
                json!({ "terms": { "events.who": who } })
            }
            EventTest::Kind(kinds) => json!({ "terms": { "events.kind": kinds } }),
            EventTest::State(state) => of_state(*state),
            EventTest::Status(status) => dsl::term("events.status", status.name()),
            EventTest::Background(background) => json!({ "term": { "events.background": background } }),
            EventTest::Date(range) => json!({ "terms": { "events.date": self.event_dates(range)? } }),
            EventTest::Words(ways) => dsl::any_of(ways.iter().map(|way| dsl::row("events.words", way, 0))),
            EventTest::All(tests) if tests.is_empty() => json!({ "match_all": {} }),
            EventTest::All(tests) => {
                let all: Vec<Json> = tests.iter().map(|t| self.of_test(t)).collect::<Result<_, _>>()?;
                json!({ "bool": { "filter": all } })
            }
            EventTest::Any(tests) => {
                let any: Vec<Json> = tests.iter().map(|t| self.of_test(t)).collect::<Result<_, _>>()?;
                dsl::any_of(any.into_iter())
            }
            EventTest::Not(test) => dsl::except(self.of_test(test)?),
        })
    }

    /// The dates of events that a range meets: there are few enough to look at each.
    fn event_dates(&self, range: &DateRange) -> Result<BTreeSet<String>, QueryError> {
        let body = json!({ "size": 0, "track_total_hits": false, "aggs": { "events": {
            "nested": { "path": "events" },
            "aggs": { "dates": { "terms": { "field": "events.date", "size": 65_000 } } },
        } } });
        let answer = self.cluster.search_raw(&body, "")?;
        let buckets = answer["aggregations"]["events"]["dates"]["buckets"].as_array();
        let dates = buckets.into_iter().flatten().filter_map(|b| b["key"].as_str());
        Ok(dates.filter(|d| d.parse().is_ok_and(|date| range.meets(date))).map(str::to_string).collect())
    }

    fn event_test(&mut self, node: &Node, at: usize) -> Result<Read, QueryError> {
        match node {
            Node::And(nodes) => {
                let (tests, reads) = several(nodes, |node| self.event_test(node, at))?;
                Ok((EventTest::All(tests), reads.join(" AND ")))
            }
            Node::Or(nodes) => {
                let (tests, reads) = several(nodes, |node| self.event_test(node, at))?;
                Ok((EventTest::Any(tests), format!("({})", reads.join(" OR "))))
            }
            Node::Not(inner) => {
                let (test, read) = self.event_test(inner, at)?;
                Ok((EventTest::Not(Box::new(test)), format!("NOT {read}")))
            }
            Node::All => Ok((EventTest::All(Vec::new()), "*".into())),
            Node::Word { text, .. } | Node::Phrase { text, slop: 0, .. } => Ok(self.event_words(text)),
            Node::Dates { text, at } => Ok((self.event_date(text, *at)?, format!("date:{text}"))),
            Node::Field { name, value, at } => self.event_field(name, value, *at),
            _ => {
                let message =
                    "inside event{} there are roles, words, phrases and dates: write this outside of it";
                Err(QueryError::at(self.text, at, message))
            }
        }
    }

    fn event_words(&mut self, text: &str) -> Read {
        let terms = index::terms(&self.cluster.tokenizer, text);
        self.notes.terms.extend(terms.iter().map(|t| t.text.clone()));
        if terms.is_empty() {
            self.notes.warnings.push(format!("`{text}` holds no word and is left out"));
            return (EventTest::All(Vec::new()), String::new());
        }
        let ways = index::spellings(&self.cluster.tokenizer, &terms);
        (EventTest::Words(ways), quoted(text))
    }

    fn event_date(&self, text: &str, at: usize) -> Result<EventTest, QueryError> {
        parse_dates(text, self.today).map(EventTest::Date).map_err(|e| QueryError::at(self.text, at, e))
    }

    fn event_field(&mut self, name: &str, value: &Value, at: usize) -> Result<Read, QueryError> {
        if let Value::Among(list) = value {
            let (tests, reads) = several(list, |value| self.event_field(name, value, at))?;
            return Ok((EventTest::Any(tests), format!("({})", reads.join(" OR "))));
        }
        let (role, state) = RoleState::split(name);
        if self.schema.role(role).is_some() {
            // A state that there is not is an error here.
            self.kind(name, at)?;
            return self.event_role(role, state.unwrap_or(RoleState::Plain), value, at);
        }
        let Value::Text { text, .. } = value else {
            let message = format!("`{name}` takes a value inside event{{}}");
            return Err(QueryError::at(self.text, at, message));
        };
        let read = format!("{name}:{text}");
        let test = match name {
            "kind" => EventTest::Kind(vec![text.to_lowercase()]),
            "date" => self.event_date(text, at)?,
            "background" => match text.to_lowercase().as_str() {
                "yes" | "true" => EventTest::Background(true),
                "no" | "false" => EventTest::Background(false),
                _ => return Err(QueryError::at(self.text, at, "`background` is yes or no")),
            },
            "status" if text == "any" => EventTest::State(RoleState::Any),
            "status" => {
                let known = Status::ALL.into_iter().find(|s| s.name() == text.to_lowercase());
                let names: Vec<&str> = Status::ALL.iter().map(|s| s.name()).collect();
                let message = format!("no status `{text}`: there are any, {}", names.join(", "));
                EventTest::Status(known.ok_or_else(|| QueryError::at(self.text, at, message))?)
            }
            _ => {
                let roles = self.schema.roles.iter().map(|r| r.id.as_str());
                let known: Vec<&str> = roles.chain(EVENT_FIELDS).collect();
                let message = format!("an event has no `{name}`: there are {}", known.join(", "));
                return Err(QueryError::at(self.text, at, message));
            }
        };
        Ok((test, read))
    }

    /// `broker:Russia`, and `broker.offered:Russia`, which also says of which status the event is.
    fn event_role(
        &mut self,
        role: &str,
        state: RoleState,
        value: &Value,
        at: usize,
    ) -> Result<Read, QueryError> {
        // Every event that names somebody stands under `.any`.
        let all = RoleState::Any.field(role);
        let (names, read) = match value {
            Value::Text { text, .. } => {
                let resolved = resolve(self.cluster, self.schema, &all, FieldKind::Actor, text)?;
                self.notes.warnings.extend(resolved.note);
                let read = resolved.values.first().unwrap_or(text).clone();
                (Some(resolved.values), read)
            }
            Value::Pattern(pattern) => {
                let fits = matcher(pattern).map_err(|e| e.placed(self.text, at))?;
                let listed = self.cluster.values(&all)?;
                (Some(listed.into_keys().filter(|v| fits(v)).collect()), shown(pattern))
            }
            _ => (None, "*".into()),
        };
        let test = EventTest::Role { role: role.into(), names };
        let read = format!("{}:{}", state.field(role), quoted(&read));
        Ok(match state {
            RoleState::Plain => (test, read),
            state => (EventTest::All(vec![EventTest::State(state), test]), read),
        })
    }
}

/// Events that count under a role in a state.
fn of_state(state: RoleState) -> Json {
    let told = |status: Status, background: bool| {
        json!({ "bool": { "filter": [
            { "term": { "events.status": status.name() } }, { "term": { "events.background": background } },
        ] } })
    };
    match state {
        RoleState::Any => json!({ "match_all": {} }),
        RoleState::Background => json!({ "term": { "events.background": true } }),
        RoleState::Plain => told(Status::Asserted, false),
        RoleState::Status(status) => told(status, false),
    }
}

/// Reads each of some parts; tests and how they were read apart.
fn several<T>(
    parts: &[T],
    read: impl FnMut(&T) -> Result<Read, QueryError>,
) -> Result<(Vec<EventTest>, Vec<String>), QueryError> {
    let read: Vec<Read> = parts.iter().map(read).collect::<Result<_, _>>()?;
    Ok(read.into_iter().unzip())
}
