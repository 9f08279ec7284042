//! `event{accuser:Armenia accused:Azerbaijan}`: what must hold of one event, not of the article as a whole.

use rustc_hash::FxHashSet;
use tantivy::BitSet;
use tantivy::DocAddress;
use tantivy::DocId;
use tantivy::SegmentReader;

use super::Part;
use super::Planner;
use crate::annotation::Event;
use crate::annotation::RoleState;
use crate::annotation::Status;
use crate::article::Article;
use crate::index;
use crate::index::EventValue;
use crate::query::QueryError;
use crate::query::ast::Node;
use crate::query::ast::Value;
use crate::query::dates::DateRange;
use crate::query::dates::parse_dates;
use crate::query::docs::Docs;
use crate::query::docs::having_any;
use crate::query::engine;
use crate::query::patterns;
use crate::query::values;
use crate::query::walk::each_event;
use crate::schema::FieldKind;

/// Fields inside the braces besides the roles.
pub(crate) const FIELDS: [&str; 4] = ["kind", "status", "background", "date"];

/// Looks for terms in a row in the sentence of an event.
type HasWords<'s> = &'s dyn Fn(&[String]) -> bool;

/// What is asked of one event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum EventTest {
    /// Somebody has the role: one of these, or anybody.
    Role {
        role: String,
        names: Option<Vec<String>>,
    },
    /// Its kind is one of these.
    Kind(Vec<String>),
    /// It counts under a role in that state.
    State(RoleState),
    /// It is said to have happened, or one of the others, as history or not.
    Status(Status),
    /// It is told as history, or is not.
    Background(bool),
    /// Its date is known and in the range.
    Date(DateRange),
    /// Its sentence has these terms in a row, in one of these ways.
    Words(Vec<Vec<String>>),
    All(Vec<EventTest>),
    Any(Vec<EventTest>),
    Not(Box<EventTest>),
}

impl EventTest {
    /// Tells whether it holds; none if only the sentence can tell. `words` looks for terms in a row there.
    pub fn holds(&self, event: &EventValue, words: Option<HasWords>) -> Option<bool> {
        match self {
            EventTest::Role { role, names } => {
                let mut here = event.participants.iter().filter(|(r, _)| r == role).map(|(_, name)| *name);
                Some(match names {
                    None => here.next().is_some(),
                    Some(names) => here.any(|name| names.iter().any(|n| n == name)),
                })
            }
            EventTest::Kind(kinds) => Some(kinds.iter().any(|k| k == event.kind)),
            EventTest::State(state) => Some(state.counts(event.status, event.background)),
            EventTest::Status(status) => Some(event.status == *status),
            EventTest::Background(background) => Some(event.background == *background),
            EventTest::Date(range) => Some(event.date.is_some_and(|date| range.meets(date))),
            EventTest::Words(ways) => words.map(|has| ways.iter().any(|way| has(way))),
            EventTest::All(tests) => decided(tests, false, |test| test.holds(event, words)),
            EventTest::Any(tests) => decided(tests, true, |test| test.holds(event, words)),
            EventTest::Not(test) => test.holds(event, words).map(|held| !held),
        }
    }

    /// Tells whether it holds of an event of an article, whose sentence is at hand.
    pub fn holds_of(&self, article: &Article, event: &Event, tokenizer: &index::NewsTokenizer) -> bool {
        let sentence = index::terms(tokenizer, &event.sentence_of(article));
        self.holds(&EventValue::of(event), Some(&|row| stand_in(&sentence, row))) == Some(true)
    }

    /// Lists the words that its sentence must have, each in one of some ways.
    fn needed_words(&self) -> Vec<&Vec<Vec<String>>> {
        match self {
            EventTest::Words(ways) => vec![ways],
            EventTest::All(tests) => tests.iter().flat_map(EventTest::needed_words).collect(),
            _ => Vec::new(),
        }
    }

    /// Tells whether it says of which status the event is to be.
    pub fn names_status(&self) -> bool {
        match self {
            EventTest::State(_) | EventTest::Status(_) | EventTest::Background(_) => true,
            EventTest::All(tests) | EventTest::Any(tests) => tests.iter().any(EventTest::names_status),
            EventTest::Not(test) => test.names_status(),
            _ => false,
        }
    }
}

/// One test that comes out so decides for all; else one that is not known leaves all unknown.
fn decided(tests: &[EventTest], by: bool, holds: impl Fn(&EventTest) -> Option<bool>) -> Option<bool> {
    let outcomes: Vec<Option<bool>> = tests.iter().map(holds).collect();
    match outcomes.contains(&Some(by)) {
        true => Some(by),
        false if outcomes.contains(&None) => None,
        false => Some(!by),
    }
}

/// Tells whether terms stand in a row in a sentence.
fn stand_in(sentence: &[index::Term], row: &[String]) -> bool {
    let stands =
        |word: &String, place: usize| sentence.iter().any(|t| t.position == place && t.text == *word);
    sentence.iter().any(|first| row.iter().enumerate().all(|(i, word)| stands(word, first.position + i)))
}

/// A test and how it was read.
type Read = (EventTest, String);

impl Planner<'_> {
    pub(super) fn event(&mut self, inner: &Node, at: usize) -> Result<Part, QueryError> {
        let (mut test, read) = self.event_test(inner, at)?;
        if !test.names_status() {
            test = EventTest::All(vec![EventTest::State(RoleState::Plain), test]);
        }
        let docs = self.articles_with(&test)?;
        self.notes.events.push(test);
        Ok(Part::new(docs, format!("event{{{read}}}")))
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
            Node::Word { text, .. } => Ok(self.event_words(text)),
            Node::Phrase { text, slop: 0, .. } => Ok(self.event_words(text)),
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
        let terms = index::terms(&self.index.tokenizer, text);
        self.notes.terms.extend(terms.iter().map(|t| t.text.clone()));
        if terms.is_empty() {
            self.notes.warnings.push(format!("`{text}` holds no word and is left out"));
            return (EventTest::All(Vec::new()), String::new());
        }
        let ways = index::spellings(&self.index.tokenizer, &terms);
        (EventTest::Words(ways), super::quoted(text))
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
                let known: Vec<&str> = roles.chain(FIELDS).collect();
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
        let (names, shown) = match value {
            Value::Text { text, .. } => {
                let resolved = values::resolve(self.index, self.schema, &all, FieldKind::Actor, text)?;
                self.notes.warnings.extend(resolved.note);
                let shown = resolved.values.first().unwrap_or(text).clone();
                (Some(resolved.values), shown)
            }
            Value::Pattern(pattern) => {
                let fits = patterns::matcher(pattern).map_err(|e| e.placed(self.text, at))?;
                let listed = values::list(&self.index.searcher, &self.index.fields, &all)?;
                (Some(listed.into_keys().filter(|v| fits(v)).collect()), patterns::shown(pattern))
            }
            _ => (None, "*".into()),
        };
        let test = EventTest::Role { role: role.into(), names };
        let read = format!("{}:{}", state.field(role), super::quoted(&shown));
        Ok(match state {
            RoleState::Plain => (test, read),
            state => (EventTest::All(vec![EventTest::State(state), test]), read),
        })
    }

    /// Looks at every event of the index, and where its sentence must tell, at the articles that have it.
    fn articles_with(&self, test: &EventTest) -> Result<Docs, QueryError> {
        let index = self.index;
        let mut found: Vec<DocAddress> = Vec::new();
        for (number, segment) in index.searcher.segment_readers().iter().enumerate() {
            let mut unsure: FxHashSet<DocId> = FxHashSet::default();
            // An event that may be meant, and whether it is for sure.
            let meant = |event: &EventValue| match test.holds(event, None) {
                Some(false) => None,
                held => Some(held.is_some()),
            };
            each_event(index, segment, &self.deadline, meant, |sure, doc| match sure {
                true => found.push(DocAddress::new(number as u32, doc)),
                false => _ = unsure.insert(doc),
            })?;
            // A sentence has no word that its article has not.
            for ways in test.needed_words() {
                let having = self.having_one(segment, ways)?;
                unsure.retain(|doc| having.contains(*doc));
            }
            for doc in unsure.into_iter().filter(|doc| !segment.is_deleted(*doc)) {
                if self.deadline.has_passed() {
                    break;
                }
                let address = DocAddress::new(number as u32, doc);
                if self.sentence_tells(address, test)? {
                    found.push(address);
                }
            }
        }
        Ok(Docs::new(index.searcher.segment_readers(), found))
    }

    /// The articles of a segment with the first word of one of the ways in their headline or text.
    fn having_one(&self, segment: &SegmentReader, ways: &[Vec<String>]) -> Result<BitSet, QueryError> {
        let fields = [self.index.fields.title, self.index.fields.text];
        let first = ways.iter().filter_map(|way| way.first());
        let mut terms = Vec::new();
        for stem in first {
            for field in fields {
                terms.extend(index::forms(&self.index.searcher, field, stem).map_err(engine)?);
            }
        }
        having_any(segment, &terms, &self.deadline).map_err(engine)
    }

    fn sentence_tells(&self, address: DocAddress, test: &EventTest) -> Result<bool, QueryError> {
        let (article, annotations) = self.index.article(address)?;
        Ok(annotations.events.iter().any(|event| test.holds_of(&article, event, &self.index.tokenizer)))
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
