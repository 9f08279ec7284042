//! `event{accuser:Armenia accused:Azerbaijan}`: what must hold of one event, not of the article as a whole.

use rustc_hash::FxHashSet;
use tantivy::BitSet;
use tantivy::DocAddress;
use tantivy::DocSet;
use tantivy::SegmentReader;
use tantivy::TERMINATED;
use tantivy::Term;
use tantivy::schema::IndexRecordOption;

use super::Part;
use super::Planner;
use crate::annotation::Status;
use crate::index;
use crate::index::EventValue;
use crate::index::IndexError;
use crate::query::QueryError;
use crate::query::ast::Node;
use crate::query::ast::Value;
use crate::query::dates::DateRange;
use crate::query::dates::parse_dates;
use crate::query::docs::Docs;
use crate::query::engine;
use crate::query::patterns;
use crate::query::values;
use crate::schema::FieldKind;

/// Fields inside the braces besides the roles.
const FIELDS: [&str; 4] = ["kind", "status", "background", "date"];

/// Looks for terms in a row in the sentence of an event.
type HasWords<'s> = &'s dyn Fn(&[String]) -> bool;

/// What is asked of one event.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) enum EventTest {
    /// Somebody has the role: one of these, or anybody.
    Role {
        role: String,
        names: Option<Vec<String>>,
    },
    /// Its kind is one of these.
    Kind(Vec<String>),
    /// It is said to have happened, or one of the others.
    Status(Vec<Status>),
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
            EventTest::Status(statuses) => Some(statuses.contains(&event.status)),
            EventTest::Background(background) => Some(event.background == *background),
            EventTest::Date(range) => Some(event.date.is_some_and(|date| range.meets(date))),
            EventTest::Words(ways) => words.map(|has| ways.iter().any(|way| has(way))),
            EventTest::All(tests) => {
                let each = || tests.iter().map(|test| test.holds(event, words));
                if each().any(|t| t == Some(false)) {
                    Some(false)
                } else {
                    each().collect::<Option<Vec<_>>>().map(|_| true)
                }
            }
            EventTest::Any(tests) => {
                let each = || tests.iter().map(|test| test.holds(event, words));
                if each().any(|t| t == Some(true)) {
                    Some(true)
                } else {
                    each().collect::<Option<Vec<_>>>().map(|_| false)
                }
            }
            EventTest::Not(test) => test.holds(event, words).map(|held| !held),
        }
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
    fn names_status(&self) -> bool {
        match self {
            EventTest::Status(_) | EventTest::Background(_) => true,
            EventTest::All(tests) | EventTest::Any(tests) => tests.iter().any(EventTest::names_status),
            EventTest::Not(test) => test.names_status(),
            _ => false,
        }
    }
}

/// Terms of a sentence in their order, and whether some stand in a row in it.
pub(in crate::query) struct Sentence(Vec<index::Term>);

impl Sentence {
    pub fn new(tokenizer: &index::NewsTokenizer, text: &str) -> Sentence {
        Sentence(index::terms(tokenizer, text))
    }

    pub fn has(&self, row: &[String]) -> bool {
        let stands =
            |word: &String, place: usize| self.0.iter().any(|t| t.position == place && t.text == *word);
        self.0.iter().any(|first| row.iter().enumerate().all(|(i, word)| stands(word, first.position + i)))
    }
}

impl Planner<'_> {
    pub(super) fn event(&mut self, inner: &Node, at: usize) -> Result<Part, QueryError> {
        let mut any_status = false;
        let (mut test, read) = self.event_test(inner, at, &mut any_status)?;
        if !any_status && !test.names_status() {
            test = EventTest::All(vec![
                EventTest::Status(vec![Status::Asserted]),
                EventTest::Background(false),
                test,
            ]);
        }
        let docs = self.articles_with(&test)?;
        self.notes.events.push(test);
        Ok(Part::new(docs, format!("event{{{read}}}")))
    }

    fn event_test(
        &mut self,
        node: &Node,
        at: usize,
        any_status: &mut bool,
    ) -> Result<(EventTest, String), QueryError> {
        let mut several = |planner: &mut Self, nodes: &[Node], between: &str| {
            let parts: Vec<(EventTest, String)> =
                nodes.iter().map(|n| planner.event_test(n, at, any_status)).collect::<Result<_, _>>()?;
            let (tests, reads): (Vec<EventTest>, Vec<String>) = parts.into_iter().unzip();
            Ok::<_, QueryError>((tests, reads.join(between)))
        };
        match node {
            Node::And(nodes) => {
                several(self, nodes, " AND ").map(|(tests, read)| (EventTest::All(tests), read))
            }
            Node::Or(nodes) => {
                several(self, nodes, " OR ").map(|(tests, read)| (EventTest::Any(tests), format!("({read})")))
            }
            Node::Not(inner) => {
                let (test, read) = self.event_test(inner, at, any_status)?;
                Ok((EventTest::Not(Box::new(test)), format!("NOT {read}")))
            }
            Node::All => Ok((EventTest::All(Vec::new()), "*".into())),
            Node::Word { text, .. } => Ok(self.event_words(text)),
            Node::Phrase { text, slop: 0, .. } => Ok(self.event_words(text)),
            Node::Dates { text, at } => Ok((self.event_date(text, *at)?, format!("date:{text}"))),
            Node::Field { name, value, at } => self.event_field(name, value, *at, any_status),
            _ => {
                let message =
                    "inside event{} there are roles, words, phrases and dates: write this outside of it";
                Err(QueryError::at(self.text, at, message))
            }
        }
    }

    fn event_words(&mut self, text: &str) -> (EventTest, String) {
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

    fn event_field(
        &mut self,
        name: &str,
        value: &Value,
        at: usize,
        any_status: &mut bool,
    ) -> Result<(EventTest, String), QueryError> {
        if let Value::Among(list) = value {
            let parts: Vec<(EventTest, String)> =
                list.iter().map(|v| self.event_field(name, v, at, any_status)).collect::<Result<_, _>>()?;
            let (tests, reads): (Vec<EventTest>, Vec<String>) = parts.into_iter().unzip();
            return Ok((EventTest::Any(tests), format!("({})", reads.join(" OR "))));
        }
        if self.schema.role(name.split('.').next().unwrap_or(name)).is_some() {
            self.kind(name, at)?;
            return self.event_role(name, value, at, any_status);
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
            "status" if text == "any" => {
                *any_status = true;
                EventTest::All(Vec::new())
            }
            "status" => {
                let known = Status::ALL.into_iter().find(|s| s.name() == text.to_lowercase());
                let names: Vec<&str> = Status::ALL.iter().map(|s| s.name()).collect();
                let message = format!("no status `{text}`: there are any, {}", names.join(", "));
                EventTest::Status(vec![known.ok_or_else(|| QueryError::at(self.text, at, message))?])
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
        name: &str,
        value: &Value,
        at: usize,
        any_status: &mut bool,
    ) -> Result<(EventTest, String), QueryError> {
        let (role, state) = name.split_once('.').unwrap_or((name, ""));
        // Every event that names somebody stands under `.any`.
        let all = format!("{role}.any");
        let (names, shown) = match value {
            Value::Text { text, .. } => {
                let resolved = values::resolve(self.index, self.schema, &all, FieldKind::Actor, text)?;
                self.notes.warnings.extend(resolved.note);
                let shown = resolved.values.first().unwrap_or(text).clone();
                (Some(resolved.values), shown)
            }
            Value::Pattern(pattern) => {
                let fits =
                    patterns::matcher(pattern).map_err(|e| QueryError::at(self.text, at, e.to_string()))?;
                let listed = values::list(&self.index.searcher, &self.index.fields, &all)?;
                (Some(listed.into_keys().filter(|v| fits(v)).collect()), patterns::shown(pattern))
            }
            _ => (None, "*".into()),
        };
        let test = EventTest::Role { role: role.into(), names };
        let read = format!("{name}:{}", super::quoted(&shown));
        let test = match state {
            "" => test,
            "any" => {
                *any_status = true;
                test
            }
            "background" => EventTest::All(vec![EventTest::Background(true), test]),
            state => {
                let status = Status::ALL.into_iter().filter(|s| s.name() == state).collect();
                EventTest::All(vec![EventTest::Status(status), EventTest::Background(false), test])
            }
        };
        Ok((test, read))
    }

    /// Looks at every event of the index, and where its sentence must tell, at the articles that have it.
    fn articles_with(&self, test: &EventTest) -> Result<Docs, QueryError> {
        let index = self.index;
        let mut found: Vec<DocAddress> = Vec::new();
        for (number, segment) in index.searcher.segment_readers().iter().enumerate() {
            let inverted = segment.inverted_index(index.fields.event).map_err(engine)?;
            let failed = |source| QueryError::Index(IndexError::Io { path: index.dir.clone(), source });
            let mut unsure: FxHashSet<u32> = FxHashSet::default();
            let mut stream = inverted.terms().stream().map_err(failed)?;
            while stream.advance() {
                let Ok(text) = std::str::from_utf8(stream.key()) else { continue };
                let held = EventValue::read(text).map_or(Some(false), |event| test.holds(&event, None));
                if held == Some(false) {
                    continue;
                }
                let info = stream.value().clone();
                let read = inverted.read_postings_from_terminfo(&info, IndexRecordOption::Basic);
                let mut postings = read.map_err(failed)?;
                while postings.doc() != TERMINATED {
                    match held {
                        Some(_) => found.push(DocAddress::new(number as u32, postings.doc())),
                        None => _ = unsure.insert(postings.doc()),
                    }
                    postings.advance();
                }
            }
            // A sentence has no word that its article has not.
            for ways in test.needed_words() {
                let having = self.having_one(segment, ways)?;
                unsure.retain(|doc| having.contains(*doc));
            }
            for doc in unsure.into_iter().filter(|doc| !segment.is_deleted(*doc)) {
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
        let mut having = BitSet::with_max_value(segment.max_doc());
        for field in [self.index.fields.title, self.index.fields.text] {
            let inverted = segment.inverted_index(field).map_err(engine)?;
            for word in ways.iter().filter_map(|way| way.first()) {
                let term = Term::from_field_text(field, word);
                let failed =
                    |source| QueryError::Index(IndexError::Io { path: self.index.dir.clone(), source });
                let read = inverted.read_postings(&term, IndexRecordOption::Basic).map_err(failed)?;
                let Some(mut postings) = read else { continue };
                while postings.doc() != TERMINATED {
                    having.insert(postings.doc());
                    postings.advance();
                }
            }
        }
        Ok(having)
    }

    fn sentence_tells(&self, address: DocAddress, test: &EventTest) -> Result<bool, QueryError> {
        let (article, annotations) = self.index.article(address)?;
        Ok(annotations.events.iter().any(|event| {
            let sentence = Sentence::new(&self.index.tokenizer, &event.sentence_of(&article));
            test.holds(&EventValue::of(event), Some(&|row| sentence.has(row))) == Some(true)
        }))
    }
}
