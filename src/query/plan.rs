//! The tree of a query to the engine's query, with what was understood and what is worth a note.

use jiff::civil::Date;
use tantivy::Term;
use tantivy::query::AllQuery;
use tantivy::query::BooleanQuery;
use tantivy::query::BoostQuery;
use tantivy::query::DisjunctionMaxQuery;
use tantivy::query::EmptyQuery;
use tantivy::query::Occur;
use tantivy::query::PhraseQuery;
use tantivy::query::Query;
use tantivy::query::RangeQuery;
use tantivy::query::TermQuery;
use tantivy::query::TermSetQuery;
use tantivy::schema::Field;
use tantivy::schema::IndexRecordOption;

use super::QueryError;
use super::dates::DateRange;
use super::dates::parse_dates;
use super::syntax::Node;
use super::syntax::Value;
use super::values;
use super::word::ASIDE;
use super::word::WordQuery;
use crate::calendar::PartialDate;
use crate::calendar::from_day_number;
use crate::index;
use crate::index::ANY;
use crate::index::Opened;
use crate::schema::FieldKind;
use crate::schema::Schema;

/// What a word that only joins others scores beside one that says what is sought.
const FUNCTION_WORD: f32 = 0.1;

/// Which articles a query is compiled to find.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Aim {
    /// Those that match.
    Matches,
    /// Undated ones that would match but for the dates of publication.
    UndatedRest,
    /// Those that match but for the status of the role filter of that number.
    OtherStatus(usize),
}

/// A role that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RoleFilter {
    /// `broker`, `broker.offered`, ...
    pub field: String,
    /// Values that count; none means any.
    pub values: Vec<String>,
}

/// A query ready to run.
pub(super) struct Plan {
    pub query: Box<dyn Query>,
    /// The query as it was read.
    pub understood: String,
    pub warnings: Vec<String>,
    /// Terms to highlight.
    pub terms: Vec<String>,
    pub roles: Vec<RoleFilter>,
    /// A date of publication was asked for.
    pub dated: bool,
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
    /// Words are alternatives, and so are the parts of a compound.
    pub any: bool,
    plan: Notes,
}

#[derive(Default)]
struct Notes {
    warnings: Vec<String>,
    terms: Vec<String>,
    roles: Vec<RoleFilter>,
    dated: bool,
    scored: bool,
    weight: f32,
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

    fn new(query: impl Query, read: impl Into<String>) -> Part {
        Part { query: Box::new(query), read: read.into() }
    }
}

impl<'a> Planner<'a> {
    pub fn new(index: &'a Opened, schema: &'a Schema, today: Option<Date>, text: &'a str, aim: Aim) -> Self {
        Planner { index, schema, today, text, aim, any: false, plan: Notes::default() }
    }

    pub fn plan(mut self, root: Option<&Node>) -> Result<Plan, QueryError> {
        let part = match root {
            Some(node) => self.node(node)?,
            None => Part::new(AllQuery, "every article"),
        };
        let Notes { warnings, terms, roles, dated, scored, weight } = self.plan;
        Ok(Plan { query: part.query, understood: part.read, warnings, terms, roles, dated, scored, weight })
    }

    fn node(&mut self, node: &Node) -> Result<Part, QueryError> {
        match node {
            Node::Word { text, .. } => Ok(self.word(text)),
            Node::Phrase { text, slop, .. } => Ok(self.words(text, None, *slop)),
            Node::Dates { text, at } => self.published(text, *at),
            Node::Field { name, value, at } => self.field(name, value, *at),
            Node::And(nodes) => self.all(nodes),
            Node::Or(nodes) => {
                let parts: Vec<Part> = nodes.iter().map(|n| self.node(n)).collect::<Result<_, _>>()?;
                let read = parts.iter().map(|p| p.read.clone()).collect::<Vec<_>>().join(" OR ");
                Ok(Part::new(
                    BooleanQuery::union(parts.into_iter().map(|p| p.query).collect()),
                    format!("({read})"),
                ))
            }
            Node::Not(inner) => self.except(inner),
        }
    }

    /// An exclusion by itself is everything else; what it asks for is no evidence and no highlight.
    fn except(&mut self, inner: &Node) -> Result<Part, QueryError> {
        let kept = (self.plan.terms.len(), self.plan.roles.len(), self.plan.dated, self.plan.scored);
        let weight = self.plan.weight;
        let aim = std::mem::replace(&mut self.aim, Aim::Matches);
        // Not a compound is more than not one of its parts.
        let any = std::mem::replace(&mut self.any, false);
        let part = self.node(inner)?;
        (self.aim, self.any) = (aim, any);
        self.plan.terms.truncate(kept.0);
        self.plan.roles.truncate(kept.1);
        (self.plan.dated, self.plan.scored, self.plan.weight) = (kept.2, kept.3, weight);
        let clauses: Vec<(Occur, Box<dyn Query>)> =
            vec![(Occur::Must, silent(AllQuery)), (Occur::MustNot, part.query)];
        Ok(Part::new(BooleanQuery::new(clauses), format!("NOT {}", part.read)))
    }

    fn all(&mut self, nodes: &[Node]) -> Result<Part, QueryError> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
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
            clauses.push((Occur::Must, part.query));
            at += 1;
        }
        Ok(Part::new(BooleanQuery::new(clauses), reads.join(" AND ")))
    }

    /// Two words that are also written as one: `cease fire`.
    fn compound(&mut self, first: &Node, second: &Node) -> Option<Part> {
        let (Node::Word { text: a, .. }, Node::Word { text: b, .. }) = (first, second) else { return None };
        let terms = |text: &str| index::terms(&self.index.tokenizer, text);
        if terms(a).len() != 1 || terms(b).len() != 1 {
            return None;
        }
        let joined = terms(&format!("{a} {b}")).into_iter().find(|t| t.joined)?;
        let apart = BooleanQuery::intersection(vec![self.word(a).query, self.word(b).query]);
        self.plan.terms.push(joined.text.clone());
        let query = DisjunctionMaxQuery::new(vec![self.anywhere(&joined.text), Box::new(apart)]);
        Some(Part::new(query, format!("{a}-{b}")))
    }

    /// A word or phrase in one field, or wherever words are looked for.
    fn words(&mut self, text: &str, field: Option<(Field, &str)>, slop: u32) -> Part {
        let terms = index::terms(&self.index.tokenizer, text);
        let shown = if terms.iter().filter(|t| !t.joined).count() > 1 || text.contains(' ') {
            format!("\"{}\"", text.trim())
        } else {
            text.to_string()
        };
        let read = field.map_or(shown.clone(), |(_, name)| format!("{name}:{shown}"));
        if terms.is_empty() {
            self.plan.warnings.push(format!("`{text}` holds no word and is left out"));
            return Part { query: silent(AllQuery), read: String::new() };
        }
        self.plan.scored = true;
        let each = if self.schema.is_function_word(text) { FUNCTION_WORD } else { 1.0 };
        self.plan.weight += each * terms.iter().filter(|t| !t.joined).count() as f32;
        self.plan.terms.extend(terms.iter().map(|t| t.text.clone()));
        let query = self.sequence(field.map(|(field, _)| field), &terms, slop);
        Part { query, read }
    }

    /// A word of the query; where any word will do, a compound is also its parts.
    fn word(&mut self, text: &str) -> Part {
        let mut part = self.words(text, None, 0);
        part.query = self.weighed(text, part.query);
        let terms = if self.any { index::terms(&self.index.tokenizer, text) } else { Vec::new() };
        let (joined, parts): (Vec<_>, Vec<_>) = terms.iter().partition(|t| t.joined);
        if parts.len() > 1 {
            let parts = parts.iter().map(|t| self.weighed(&t.text, self.anywhere(&t.text))).collect();
            let mut ways: Vec<_> = joined.iter().map(|t| self.anywhere(&t.text)).collect();
            ways.push(Box::new(BooleanQuery::union(parts)));
            // The spellings are the same evidence, so that they do not add up.
            part.query = Box::new(DisjunctionMaxQuery::new(ways));
        }
        part
    }

    /// A word that only joins others still decides, but scores little.
    fn weighed(&self, word: &str, query: Box<dyn Query>) -> Box<dyn Query> {
        if !self.schema.is_function_word(word) {
            return query;
        }
        Box::new(BoostQuery::new(query, FUNCTION_WORD))
    }

    /// The words of a phrase in a row; a compound also as one word, and one word also as its halves.
    fn sequence(&self, field: Option<Field>, terms: &[index::Term], slop: u32) -> Box<dyn Query> {
        let mut ways: Vec<Box<dyn Query>> = index::spellings(&self.index.tokenizer, terms)
            .into_iter()
            .map(|words| -> Box<dyn Query> {
                let row = |field: Field| -> Box<dyn Query> {
                    let term = |(i, w): (usize, &String)| (i, Term::from_field_text(field, w));
                    let terms = words.iter().enumerate().map(term).collect();
                    Box::new(PhraseQuery::new_with_offset_and_slop(terms, slop))
                };
                match (&words[..], field) {
                    ([word], Some(field)) => self.term(field, word),
                    ([word], None) => self.anywhere(word),
                    (_, Some(field)) => row(field),
                    (_, None) => self.everywhere(&row),
                }
            })
            .collect();
        match ways.len() {
            1 => ways.remove(0),
            _ => Box::new(DisjunctionMaxQuery::new(ways)),
        }
    }

    /// A word in the headline, the text or what was set aside, scored as one text.
    fn anywhere(&self, word: &str) -> Box<dyn Query> {
        Box::new(WordQuery::new(&self.index.fields, word))
    }

    fn term(&self, field: Field, text: &str) -> Box<dyn Query> {
        Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs))
    }

    /// The same in the headline, the text and what was set aside; it scores where it scores most.
    fn everywhere(&self, build: &dyn Fn(Field) -> Box<dyn Query>) -> Box<dyn Query> {
        let fields = self.index.fields;
        let aside = Box::new(BoostQuery::new(build(fields.boilerplate), ASIDE));
        Box::new(DisjunctionMaxQuery::new(vec![build(fields.title), build(fields.text), aside]))
    }

    fn field(&mut self, name: &str, value: &Value, at: usize) -> Result<Part, QueryError> {
        if let Value::Among(list) = value {
            return self.among(name, list, at);
        }
        let kind = self.kind(name, at)?;
        let canonical = self.schema.fields.find(name).map_or(name, |f| f.name.as_str()).to_string();
        match (kind, value) {
            (_, Value::Among(_)) => Ok(Part::new(EmptyQuery, "")),
            (FieldKind::Text, Value::Text { text, .. }) => {
                let fields = self.index.fields;
                let field = match canonical.as_str() {
                    "title" => fields.title,
                    "boilerplate" => fields.boilerplate,
                    _ => fields.text,
                };
                Ok(self.words(text, Some((field, &canonical)), 0))
            }
            (FieldKind::Text, Value::Any) => {
                Err(QueryError::at(self.text, at, format!("`{name}:*` is asked of facets, not of words")))
            }
            (FieldKind::Date, Value::Any) if canonical == "published" => {
                self.plan.dated = true;
                Ok(self.facet("published", ANY, "published:*"))
            }
            (FieldKind::Date, Value::Any) => Ok(self.mentioned(&|_| true, "*")),
            (FieldKind::Date, Value::Text { text, .. }) if canonical == "published" => {
                self.published(text, at)
            }
            (FieldKind::Date, Value::Text { text, .. }) => {
                let range = parse_dates(text, self.today).map_err(|e| QueryError::at(self.text, at, e))?;
                Ok(self.mentioned(&|date| range.meets(date), text))
            }
            (_, Value::Any) => {
                self.note_role(&canonical, Vec::new());
                Ok(self.facet(&canonical, ANY, &format!("{canonical}:*")))
            }
            (kind, Value::Text { text, .. }) => self.value(&canonical, kind, text),
        }
    }

    /// Several values of one field; evidence is shown for all of them.
    fn among(&mut self, name: &str, list: &[Value], at: usize) -> Result<Part, QueryError> {
        let first = self.plan.roles.len();
        let parts: Vec<Part> = list.iter().map(|v| self.field(name, v, at)).collect::<Result<_, _>>()?;
        if self.plan.roles.len() > first + 1 {
            let values = self.plan.roles.drain(first..).flat_map(|r| r.values).collect();
            self.plan.roles.push(RoleFilter { field: name.to_string(), values });
        }
        let read = parts.iter().map(|p| p.read.clone()).collect::<Vec<_>>().join(" OR ");
        Ok(Part::new(BooleanQuery::union(parts.into_iter().map(|p| p.query).collect()), format!("({read})")))
    }

    fn kind(&self, name: &str, at: usize) -> Result<FieldKind, QueryError> {
        if let Some(field) = self.schema.fields.find(name) {
            return Ok(field.kind);
        }
        let (role, state) = name.split_once('.').unwrap_or((name, "any"));
        let states =
            ["any", "background", "offered", "requested", "accepted", "rejected", "failed", "negated"];
        if self.schema.role(role).is_some() {
            if states.contains(&state) {
                return Ok(FieldKind::Actor);
            }
            return Err(QueryError::at(
                self.text,
                at,
                format!("`{role}` has no `{state}`: there are {}", states.join(", ")),
            ));
        }
        let fields = self.schema.fields.iter().map(|f| f.name.as_str());
        let known: Vec<&str> = fields.chain(self.schema.roles.iter().map(|r| r.id.as_str())).collect();
        let hint = match values::near_names(role, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}.", known.join(", ")),
        };
        Err(QueryError::at(
            self.text,
            at,
            format!("no field `{name}`: {hint} To search it as words, quote it"),
        ))
    }

    fn value(&mut self, field: &str, kind: FieldKind, text: &str) -> Result<Part, QueryError> {
        let index = self.index;
        if field == "id" {
            let term = Term::from_field_text(index.fields.id, text);
            return Ok(Part {
                query: silent(TermQuery::new(term, IndexRecordOption::Basic)),
                read: format!("id:{text}"),
            });
        }
        if field == "story" {
            let number = u64::from_str_radix(text, 16).unwrap_or_default();
            let term = Term::from_field_u64(index.fields.story, number);
            return Ok(Part {
                query: silent(TermQuery::new(term, IndexRecordOption::Basic)),
                read: format!("story:{text}"),
            });
        }
        let resolved = values::resolve(&index.searcher, &index.fields, self.schema, field, kind, text)?;
        self.plan.warnings.extend(resolved.note);
        if resolved.values.is_empty() {
            self.note_role(field, vec![text.to_string()]);
            // Another status of it may still be there.
            if let Aim::OtherStatus(wanted) = self.aim
                && wanted + 1 == self.plan.roles.len()
                && !field.contains('.')
            {
                return self.other_status(field, text);
            }
            return Ok(Part::new(EmptyQuery, format!("{field}:{}", quoted(text))));
        }
        self.note_role(field, resolved.values.clone());
        if let (Aim::OtherStatus(wanted), [value]) = (self.aim, &resolved.values[..])
            && wanted + 1 == self.plan.roles.len()
            && !field.contains('.')
        {
            return self.other_status(field, value);
        }
        let read = match &resolved.values[..] {
            [one] => format!("{field}:{}", quoted(one)),
            _ => format!("{field}:{}", quoted(text)),
        };
        let terms = resolved.values.iter().map(|v| index.fields.facet_term(field, v));
        Ok(Part { query: silent(TermSetQuery::new(terms.collect::<Vec<_>>())), read })
    }

    /// Articles with the role under any status but the plain one.
    fn other_status(&mut self, role: &str, text: &str) -> Result<Part, QueryError> {
        let index = self.index;
        let any = format!("{role}.any");
        let resolved =
            values::resolve(&index.searcher, &index.fields, self.schema, &any, FieldKind::Actor, text)?;
        let clauses: Vec<(Occur, Box<dyn Query>)> = resolved
            .values
            .iter()
            .flat_map(|value| {
                [
                    (Occur::Must, self.facet(&any, value, "").query),
                    (Occur::MustNot, self.facet(role, value, "").query),
                ]
            })
            .collect();
        Ok(if clauses.is_empty() {
            Part::new(EmptyQuery, "")
        } else {
            Part::new(BooleanQuery::new(clauses), "")
        })
    }

    fn note_role(&mut self, field: &str, values: Vec<String>) {
        let role = field.split('.').next().unwrap_or(field);
        if self.schema.role(role).is_some() {
            self.plan.roles.push(RoleFilter { field: field.to_string(), values });
        }
    }

    fn facet(&self, field: &str, value: &str, read: &str) -> Part {
        let term = self.index.fields.facet_term(field, value);
        Part { query: silent(TermQuery::new(term, IndexRecordOption::Basic)), read: read.to_string() }
    }

    fn published(&mut self, text: &str, at: usize) -> Result<Part, QueryError> {
        if text.eq_ignore_ascii_case("none") {
            return Ok(self.facet("published", "none", "undated"));
        }
        let range = parse_dates(text, self.today).map_err(|e| QueryError::at(self.text, at, e))?;
        if range.first.is_none() && range.last.is_none() {
            return Err(QueryError::at(
                self.text,
                at,
                "articles are published in a year: use mentioned: for days of any year",
            ));
        }
        Ok(self.within(range))
    }

    /// Articles whose period of publication overlaps a range.
    pub fn within(&mut self, range: DateRange) -> Part {
        self.plan.dated = true;
        let day = |d: Option<i32>| d.and_then(from_day_number).map_or(String::new(), |d| d.to_string());
        let read = format!("published:{}..{}", day(range.first), day(range.last));
        if self.aim == Aim::UndatedRest {
            return self.facet("published", "none", &read);
        }
        let fields = self.index.fields;
        let bound = |field, day: Option<i32>| match day {
            Some(day) => std::ops::Bound::Included(Term::from_field_i64(field, i64::from(day))),
            None => std::ops::Bound::Unbounded,
        };
        let mut parts: Vec<Box<dyn Query>> = Vec::new();
        if range.first.is_some() {
            parts.push(Box::new(RangeQuery::new(
                bound(fields.published_max, range.first),
                std::ops::Bound::Unbounded,
            )));
        }
        if range.last.is_some() {
            parts.push(Box::new(RangeQuery::new(
                std::ops::Bound::Unbounded,
                bound(fields.published_min, range.last),
            )));
        }
        Part { query: silent(BooleanQuery::intersection(parts)), read }
    }

    /// Articles with a date in the text that passes; the dates of an index are few enough to look at each.
    fn mentioned(&self, passes: &dyn Fn(PartialDate) -> bool, read: &str) -> Part {
        let values = values::list(&self.index.searcher, &self.index.fields, "mentioned").unwrap_or_default();
        let passing = values.into_keys().filter(|v| v.parse().is_ok_and(passes));
        let terms: Vec<Term> = passing.map(|v| self.index.fields.facet_term("mentioned", &v)).collect();
        Part { query: silent(TermSetQuery::new(terms)), read: format!("mentioned:{read}") }
    }
}

/// A part that decides but does not score.
fn silent(query: impl Query) -> Box<dyn Query> {
    Box::new(BoostQuery::new(Box::new(query), 0.0))
}

fn quoted(text: &str) -> String {
    if text.contains(' ') { format!("\"{text}\"") } else { text.to_string() }
}
