//! The tree of a query to the engine's query, with what was understood and what is worth a note.

mod events;
mod fields;
pub(crate) mod words;

use jiff::civil::Date;
use tantivy::query::AllQuery;
use tantivy::query::BooleanQuery;
use tantivy::query::BoostQuery;
use tantivy::query::Query;

use super::QueryError;
use super::ast::Node;
use super::deadline::Deadline;
use super::docs::Except;
use super::event_test::EventTest;
use super::remembered;
use crate::index::Opened;
use crate::schema::Schema;

/// Which articles a query is compiled to find.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Aim {
    /// Those that match.
    Matches,
    /// Undated ones that would match but for the dates of publication.
    UndatedRest,
    /// Those that match but for the status of the role filter of that number.
    OtherStatus(usize),
}

/// A role that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RoleFilter {
    /// `broker`, `broker.offered`, ...
    pub field: String,
    /// Values that count; none means any.
    pub values: Vec<String>,
    /// It is one of several that may hold, or stands for several values: no number can be said of it alone.
    pub loose: bool,
}

/// A query ready to run.
pub(super) struct Plan {
    pub query: Box<dyn Query>,
    /// The query as it was read.
    pub understood: String,
    pub notes: Notes,
}

/// What compiling a query found out besides the engine's query.
#[derive(Clone, Default)]
pub(crate) struct Notes {
    /// What the user should know.
    pub warnings: Vec<String>,
    /// Which words, spellings and synonyms a part of the query stands for.
    pub used: Vec<String>,
    /// Terms to highlight.
    pub terms: Vec<String>,
    /// How many words were asked for, other spellings and synonyms aside.
    pub words: usize,
    /// Words in a row were asked for.
    pub phrases: bool,
    /// Words to highlight as they are written.
    pub written: Vec<String>,
    pub roles: Vec<RoleFilter>,
    pub events: Vec<EventTest>,
    /// A date of publication was asked for.
    pub dated: bool,
    /// A value was asked for that no article has, which a warning says.
    pub unknown: bool,
    /// The undated were asked for.
    pub undated: bool,
    /// Words that joined the query from its best hits, with their weights.
    pub related: Vec<(String, f32)>,
    /// Words were asked for, so that scores mean something.
    pub scored: bool,
    /// How many words, function words by what they score.
    pub weight: f32,
}

/// Compiles a query.
pub(super) struct Planner<'a> {
    pub index: &'a Opened,
    pub schema: &'a Schema,
    pub today: Option<Date>,
    /// The query as typed, for errors.
    pub text: &'a str,
    pub aim: Aim,
    /// Words are taken as typed: no other spellings, no synonyms.
    pub plain: bool,
    /// Words are alternatives, and so are the parts of a compound.
    pub any: bool,
    /// When to stop looking for what a part stands for.
    pub deadline: Deadline,
    /// Inside alternatives, where no part alone decides.
    alternative: bool,
    /// Inside an exclusion, where a synonym would exclude what was not named.
    excluding: bool,
    notes: Notes,
}

/// A compiled part: the engine's query, and how it was read.
pub(super) struct Part {
    query: Box<dyn Query>,
    read: String,
}

impl Part {
    pub fn into_parts(self) -> (Box<dyn Query>, String) {
        (self.query, self.read)
    }

    /// The part as it is read inside another one.
    fn grouped(mut self, node: &Node) -> Part {
        if matches!(node, Node::And(_)) {
            self.read = format!("({})", self.read);
        }
        self
    }

    fn new(query: impl Query, read: impl Into<String>) -> Part {
        Part { query: Box::new(query), read: read.into() }
    }
}

impl<'a> Planner<'a> {
    pub fn new(index: &'a Opened, schema: &'a Schema, today: Option<Date>, text: &'a str, aim: Aim) -> Self {
        let notes = Notes::default();
        Planner {
            index,
            schema,
            today,
            text,
            aim,
            plain: false,
            any: false,
            deadline: Deadline::default(),
            alternative: false,
            excluding: false,
            notes,
        }
    }

    pub fn plan(mut self, root: Option<&Node>) -> Result<Plan, QueryError> {
        let part = match root {
            Some(node) => self.node(node)?,
            None => Part::new(AllQuery, "every article"),
        };
        Ok(Plan { query: part.query, understood: part.read, notes: self.notes })
    }

    fn node(&mut self, node: &Node) -> Result<Part, QueryError> {
        match node {
            Node::All => Ok(Part { query: silent(AllQuery), read: "every article".into() }),
            Node::Word { text, .. } => Ok(self.word(text, None)),
            Node::Phrase { text, slop, .. } => self.phrase(text, None, *slop),
            Node::Pattern { pattern, at } => self.pattern(pattern, None, *at),
            Node::Address { text, .. } => self.address(text),
            Node::Dates { text, at } => self.published(text, *at),
            Node::Field { name, value, at } => self.field(name, value, *at),
            Node::Event { inner, at } => self.event(inner, *at),
            Node::And(nodes) => self.all(nodes),
            Node::Or(nodes) => self.any(nodes),
            Node::Not(inner) => self.except(inner),
            Node::Boost { inner, by, at } => self.boost(inner, *by, *at),
        }
    }

    fn any(&mut self, nodes: &[Node]) -> Result<Part, QueryError> {
        let outer = std::mem::replace(&mut self.alternative, true);
        let parts = nodes.iter().map(|n| self.node(n).map(|part| part.grouped(n)));
        let parts: Vec<Part> = parts.collect::<Result<_, _>>()?;
        self.alternative = outer;
        let read = parts.iter().map(|p| p.read.clone()).collect::<Vec<_>>().join(" OR ");
        let queries = parts.into_iter().map(|p| p.query).collect();
        Ok(Part::new(BooleanQuery::union(queries), format!("({read})")))
    }

    /// An exclusion by itself is everything else; what it asks for is no evidence and no highlight.
    fn except(&mut self, inner: &Node) -> Result<Part, QueryError> {
        let kept = self.notes.clone();
        let aim = std::mem::replace(&mut self.aim, Aim::Matches);
        let excluding = std::mem::replace(&mut self.excluding, true);
        // Not a compound is more than not one of its parts.
        let any = std::mem::replace(&mut self.any, false);
        let part = self.node(inner)?.grouped(inner);
        (self.aim, self.excluding, self.any) = (aim, excluding, any);
        let Notes { warnings, used, .. } = std::mem::replace(&mut self.notes, kept);
        (self.notes.warnings, self.notes.used) = (warnings, used);
        Ok(Part::new(Except::new(part.query, self.deadline.clone()), format!("NOT {}", part.read)))
    }

    fn boost(&mut self, inner: &Node, by: f32, at: usize) -> Result<Part, QueryError> {
        let scored = std::mem::replace(&mut self.notes.scored, false);
        let part = self.node(inner)?.grouped(inner);
        if !self.notes.scored {
            let message = "a weight behind what has no score changes nothing: filters only decide";
            self.notes.warnings.push(format!("{message} (at {})", at + 1));
        }
        self.notes.scored |= scored;
        Ok(Part::new(BoostQuery::new(part.query, by), format!("{}^{by}", part.read)))
    }

    fn all(&mut self, nodes: &[Node]) -> Result<Part, QueryError> {
        let mut queries: Vec<Box<dyn Query>> = Vec::new();
        let mut reads = Vec::new();
        let mut at = 0;
        while at < nodes.len() {
            let pair = nodes.get(at + 1).and_then(|next| self.compound(&nodes[at], next));
            let part = match pair {
                Some(part) => {
                    at += 1;
                    part
                }
                None => self.node(&nodes[at])?,
            };
            reads.extend(Some(part.read).filter(|read| !read.is_empty()));
            queries.push(part.query);
            at += 1;
        }
        Ok(Part { query: remembered::all_of(queries), read: reads.join(" AND ") })
    }
}

/// A part that decides but does not score.
pub(super) fn silent(query: impl Query) -> Box<dyn Query> {
    Box::new(BoostQuery::new(Box::new(query), 0.0))
}

pub(crate) fn quoted(text: &str) -> String {
    if text.contains(' ') { format!("\"{text}\"") } else { text.to_string() }
}
