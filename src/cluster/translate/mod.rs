//! The tree of a query to the engine's query: part by part as `query::plan` compiles it, so that both mean the same.
//!
//! `tests/cluster` asks both backends the same questions.

mod dsl;
mod events;
mod fields;
mod patterns;
mod words;

use jiff::civil::Date;
use serde_json::Value;
use serde_json::json;

pub(super) use self::dsl::all_of;
pub(super) use self::dsl::each_headline;
pub(super) use self::dsl::silent;
use super::Cluster;
use crate::query::Aim;
use crate::query::Node;
use crate::query::Notes;
use crate::query::Pattern;
use crate::query::QueryError;
use crate::schema::Schema;

/// A query ready to be sent.
pub(super) struct Plan {
    pub query: Value,
    /// The query as it was read.
    pub understood: String,
    pub notes: Notes,
    /// Words with letters left open: which these are is told by each article.
    pub patterns: Vec<Pattern>,
}

pub(super) struct Translator<'a> {
    pub cluster: &'a Cluster,
    pub schema: &'a Schema,
    pub today: Option<Date>,
    /// The query as typed, for errors.
    pub text: &'a str,
    pub aim: Aim,
    /// Words are taken as typed.
    pub plain: bool,
    /// Words are alternatives, and so are the parts of a compound.
    pub any: bool,
    alternative: bool,
    excluding: bool,
    notes: Notes,
    patterns: Vec<Pattern>,
}

/// A translated part, and how it was read.
pub(super) struct Part {
    pub query: Value,
    pub read: String,
}

impl Part {
    fn new(query: Value, read: impl Into<String>) -> Part {
        Part { query, read: read.into() }
    }

    /// The part as it is read inside another one.
    fn grouped(mut self, node: &Node) -> Part {
        if matches!(node, Node::And(_)) {
            self.read = format!("({})", self.read);
        }
        self
    }
}

impl<'a> Translator<'a> {
    pub fn new(
        cluster: &'a Cluster,
        schema: &'a Schema,
        today: Option<Date>,
        text: &'a str,
        aim: Aim,
    ) -> Self {
        Translator {
            cluster,
            schema,
            today,
            text,
            aim,
            plain: false,
            any: false,
            alternative: false,
            excluding: false,
            notes: Notes::default(),
            patterns: Vec::new(),
        }
    }

    pub fn plan(mut self, root: Option<&Node>) -> Result<Plan, QueryError> {
        let part = match root {
            Some(node) => self.node(node)?,
            None => Part::new(json!({ "match_all": {} }), "every article"),
        };
        Ok(Plan { query: part.query, understood: part.read, notes: self.notes, patterns: self.patterns })
    }

    fn node(&mut self, node: &Node) -> Result<Part, QueryError> {
        match node {
            Node::All => Ok(Part::new(silent(json!({ "match_all": {} })), "every article")),
            Node::Word { text, .. } => Ok(self.word(text, None)),
            Node::Phrase { text, slop, .. } => Ok(self.phrase(text, None, *slop)),
            Node::Pattern { pattern, at } => self.pattern(pattern, None, *at),
            Node::Address { text, .. } => Ok(self.address(text)),
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
        Ok(Part::new(dsl::any_of(parts.into_iter().map(|p| p.query)), format!("({read})")))
    }

    /// An exclusion by itself is everything else; what it asks for is no evidence and no highlight.
    fn except(&mut self, inner: &Node) -> Result<Part, QueryError> {
        let kept = self.notes.clone();
        let patterns = self.patterns.len();
        let aim = std::mem::replace(&mut self.aim, Aim::Matches);
        let excluding = std::mem::replace(&mut self.excluding, true);
        // Not a compound is more than not one of its parts.
        let any = std::mem::replace(&mut self.any, false);
        let part = self.node(inner)?.grouped(inner);
        (self.aim, self.excluding, self.any) = (aim, excluding, any);
        let Notes { warnings, used, .. } = std::mem::replace(&mut self.notes, kept);
        (self.notes.warnings, self.notes.used) = (warnings, used);
        self.patterns.truncate(patterns);
        Ok(Part::new(dsl::except(part.query), format!("NOT {}", part.read)))
    }

    fn boost(&mut self, inner: &Node, by: f32, at: usize) -> Result<Part, QueryError> {
        let scored = std::mem::replace(&mut self.notes.scored, false);
        let part = self.node(inner)?.grouped(inner);
        if !self.notes.scored {
            let message = "a weight behind what has no score changes nothing: filters only decide";
            self.notes.warnings.push(format!("{message} (at {})", at + 1));
        }
        self.notes.scored |= scored;
        Ok(Part::new(dsl::weighed(part.query, by), format!("{}^{by}", part.read)))
    }

    fn all(&mut self, nodes: &[Node]) -> Result<Part, QueryError> {
        let mut queries = Vec::new();
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
        Ok(Part::new(all_of(queries), reads.join(" AND ")))
    }
}
