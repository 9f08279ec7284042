//! `event{accuser:Armenia accused:Azerbaijan}`: what must hold of one event is asked of one nested document.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use serde_json::json;

use super::Part;
use super::Translator;
use super::dsl;
use super::dsl::silent;
use crate::annotation::RoleState;
use crate::annotation::Status;
use crate::index::ANY;
use crate::query::DateRange;
use crate::query::EventReader;
use crate::query::EventTest;
use crate::query::Node;
use crate::query::QueryError;

impl Translator<'_> {
    pub(super) fn event(&mut self, inner: &Node, at: usize) -> Result<Part, QueryError> {
        let reader = EventReader {
            index: self.cluster,
            tokenizer: &self.cluster.tokenizer,
            schema: self.schema,
            today: self.today,
            text: self.text,
            notes: &mut self.notes,
        };
        let (test, read) = reader.read(inner, at)?;
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
