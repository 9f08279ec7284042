//! `event{accuser:Armenia accused:Azerbaijan}`: what must hold of one event, not of the article as a whole.

use jiff::civil::Date;

use super::QueryError;
use super::ast::Node;
use super::ast::Value;
use super::dates::DateRange;
use super::dates::parse_dates;
use super::kinds::kind_of;
use super::patterns;
use super::plan::Notes;
use super::plan::quoted;
use super::values;
use super::values::Known;
use crate::annotation::Event;
use crate::annotation::RoleState;
use crate::annotation::Status;
use crate::article::Article;
use crate::index;
use crate::index::EventValue;
use crate::schema::FieldKind;
use crate::schema::Schema;

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
    pub fn needed_words(&self) -> Vec<&Vec<Vec<String>>> {
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

/// Reads what stands between the braces, whichever engine is to find it.
pub(crate) struct EventReader<'a> {
    pub index: &'a dyn Known,
    pub tokenizer: &'a index::NewsTokenizer,
    pub schema: &'a Schema,
    pub today: Option<Date>,
    /// The query as typed, for errors.
    pub text: &'a str,
    pub notes: &'a mut Notes,
}

/// A test and how it was read.
type Read = (EventTest, String);

impl EventReader<'_> {
    /// The test, and how it was read. An event counts that is asserted and no background, unless the test says otherwise.
    pub fn read(mut self, inner: &Node, at: usize) -> Result<Read, QueryError> {
        let (test, read) = self.test(inner, at)?;
        if test.names_status() {
            return Ok((test, read));
        }
        Ok((EventTest::All(vec![EventTest::State(RoleState::Plain), test]), read))
    }

    fn test(&mut self, node: &Node, at: usize) -> Result<Read, QueryError> {
        match node {
            Node::And(nodes) => {
                let (tests, reads) = several(nodes, |node| self.test(node, at))?;
                Ok((EventTest::All(tests), reads.join(" AND ")))
            }
            Node::Or(nodes) => {
                let (tests, reads) = several(nodes, |node| self.test(node, at))?;
                Ok((EventTest::Any(tests), format!("({})", reads.join(" OR "))))
            }
            Node::Not(inner) => {
                let (test, read) = self.test(inner, at)?;
                Ok((EventTest::Not(Box::new(test)), format!("NOT {read}")))
            }
            Node::All => Ok((EventTest::All(Vec::new()), "*".into())),
            Node::Word { text, .. } => Ok(self.words(text)),
            Node::Phrase { text, slop: 0, .. } => Ok(self.words(text)),
            Node::Dates { text, at } => Ok((self.date(text, *at)?, format!("date:{text}"))),
            Node::Field { name, value, at } => self.field(name, value, *at),
            _ => {
                let message =
                    "inside event{} there are roles, words, phrases and dates: write this outside of it";
                Err(QueryError::at(self.text, at, message))
            }
        }
    }

    fn words(&mut self, text: &str) -> Read {
        let terms = index::terms(self.tokenizer, text);
        self.notes.terms.extend(terms.iter().map(|t| t.text.clone()));
        if terms.is_empty() {
            self.notes.warnings.push(format!("`{text}` holds no word and is left out"));
            return (EventTest::All(Vec::new()), String::new());
        }
        let ways = index::spellings(self.tokenizer, &terms);
        (EventTest::Words(ways), quoted(text))
    }

    fn date(&self, text: &str, at: usize) -> Result<EventTest, QueryError> {
        parse_dates(text, self.today).map(EventTest::Date).map_err(|e| QueryError::at(self.text, at, e))
    }

    fn field(&mut self, name: &str, value: &Value, at: usize) -> Result<Read, QueryError> {
        if let Value::Among(list) = value {
            let (tests, reads) = several(list, |value| self.field(name, value, at))?;
            return Ok((EventTest::Any(tests), format!("({})", reads.join(" OR "))));
        }
        let (role, state) = RoleState::split(name);
        if self.schema.role(role).is_some() {
            // A state that there is not is an error here.
            kind_of(self.schema, self.text, name, at)?;
            return self.role(role, state.unwrap_or(RoleState::Plain), value, at);
        }
        let Value::Text { text, .. } = value else {
            let message = format!("`{name}` takes a value inside event{{}}");
            return Err(QueryError::at(self.text, at, message));
        };
        let read = format!("{name}:{text}");
        let test = match name {
            "kind" => EventTest::Kind(vec![text.to_lowercase()]),
            "date" => self.date(text, at)?,
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
    fn role(&mut self, role: &str, state: RoleState, value: &Value, at: usize) -> Result<Read, QueryError> {
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
                let listed = self.index.values(&all)?;
                (Some(listed.into_keys().filter(|v| fits(v)).collect()), patterns::shown(pattern))
            }
            _ => (None, "*".into()),
        };
        let test = EventTest::Role { role: role.into(), names };
        let read = format!("{}:{}", state.field(role), quoted(&shown));
        Ok(match state {
            RoleState::Plain => (test, read),
            state => (EventTest::All(vec![EventTest::State(state), test]), read),
        })
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
