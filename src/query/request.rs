//! What is asked of an index, and how it is compiled: the query, its filters and its bounds as one.

use jiff::civil::Date;
use tantivy::collector::Collector;
use tantivy::query::BooleanQuery;
use tantivy::query::Query;

use super::QueryError;
use super::ast::Node;
use super::ast::Parsed;
use super::ast::Value;
use super::below::files_below;
use super::dates::DateRange;
use super::dates::parse_dates;
use super::deadline::Deadline;
use super::docs::Docs;
use super::engine;
use super::gather::Gather;
use super::gather::Gathered;
use super::plan::Aim;
use super::plan::Plan;
use super::plan::Planner;
use super::remarks::Counting;
use super::remarks::remarks;
use super::syntax::parse;
use super::values;
use crate::index::Opened;
use crate::schema::Schema;

/// The order of hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By score; the newest first where no words were asked for.
    #[default]
    Relevance,
    /// Newest first, undated last.
    Newest,
    /// Oldest first, undated last.
    Oldest,
}

/// A filter beside the query: several values of a field are alternatives, fields all hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The field.
    pub field: String,
    /// The value.
    pub value: String,
    /// Articles that have it are left out.
    pub exclude: bool,
}

/// What is asked of an index.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// In the query language; empty for every article.
    pub query: String,
    /// Words are alternatives.
    pub any: bool,
    /// The query is words; nothing in it is an operator.
    pub plain: bool,
    /// Filters beside the query.
    pub filters: Vec<Filter>,
    /// First day of publication, as typed.
    pub from: Option<String>,
    /// Last day of publication, as typed.
    pub to: Option<String>,
    /// The order of hits.
    pub sort: Sort,
    /// Hits of a page.
    pub limit: usize,
    /// Hits before the page.
    pub offset: usize,
    /// Facets to count: field and how many values.
    pub facets: Vec<(String, usize)>,
    /// The day that relative dates count from.
    pub today: Option<Date>,
    /// The words of the best hits join the query: see `query/expand.rs`. Of a search by relevance only.
    pub expand: bool,
    /// Only articles of this file or of files below this directory, as an absolute path.
    pub below: Option<String>,
    /// Copies of an article are hits of their own.
    pub copies: bool,
    /// Hits tell what their score is made of.
    pub explain: bool,
    /// Days after which an article counts half as much in the order by relevance.
    pub half_life: Option<f64>,
    /// When the answer is to be there, as far as it goes by then.
    pub deadline: Deadline,
}

impl Request {
    /// Reads the query.
    pub(crate) fn parsed(&self) -> Result<Parsed, QueryError> {
        if self.plain { Ok(plain_words(&self.query, self.any)) } else { parse(&self.query, self.any) }
    }

    /// Joins the query and the filters, those of one facet left out.
    pub(crate) fn root(&self, parsed: &Parsed, schema: &Schema, without: Option<&str>) -> Option<Node> {
        let mut all: Vec<Node> = parsed.root.clone().into_iter().collect();
        // The words of a conjunction stay its direct parts, so that compounds are seen.
        if let [Node::And(_)] = &all[..]
            && let Some(Node::And(parts)) = all.pop()
        {
            all = parts;
        }
        let counts = |f: &&Filter| Some(canonical(schema, &f.field)) != without;
        all.extend(filters_of(self.filters.iter().filter(counts)));
        all_of(all)
    }

    /// Tells whether a facet is narrowed by filters of its own.
    pub(crate) fn filters_itself(&self, schema: &Schema, facet: &str) -> bool {
        self.filters.iter().any(|f| canonical(schema, &f.field) == facet)
    }

    /// `--from` and `--to` as one range.
    pub(crate) fn bounds(&self) -> Result<Option<DateRange>, QueryError> {
        let read = |text: &Option<String>, flag: &str| match text {
            Some(text) if text.contains("..") || text.starts_with(['<', '>', '[']) => {
                Err(QueryError::Usage(format!("{flag} {text}: one day, month or year, and not a range")))
            }
            Some(text) => {
                parse_dates(text, self.today).map(Some).map_err(|e| QueryError::Usage(format!("{flag}: {e}")))
            }
            None => Ok(None),
        };
        let (from, to) = (read(&self.from, "--from")?, read(&self.to, "--to")?);
        let swapped = match (from, to) {
            (Some(a), Some(b)) => a.first.zip(b.last).is_some_and(|(first, last)| first > last),
            _ => false,
        };
        let (from, to) = if swapped { (to, from) } else { (from, to) };
        let (first, last) = (from.and_then(|r| r.first), to.and_then(|r| r.last));
        Ok((from.is_some() || to.is_some()).then_some(DateRange { first, last, single: None }))
    }
}

fn canonical<'n>(schema: &'n Schema, field: &'n str) -> &'n str {
    schema.fields.find(field).map_or(field, |f| f.name.as_str())
}

/// A request compiled for one aim after another.
pub(super) struct Compiled<'a> {
    pub index: &'a Opened,
    pub schema: &'a Schema,
    pub request: &'a Request,
    pub parsed: Parsed,
    /// The articles of the files that the request keeps to.
    below: Option<Docs>,
}

impl<'a> Compiled<'a> {
    pub fn new(index: &'a Opened, schema: &'a Schema, request: &'a Request) -> Result<Self, QueryError> {
        let below = request.below.as_deref().map(|root| files_below(index, root)).transpose()?;
        Ok(Compiled { index, schema, request, parsed: request.parsed()?, below })
    }

    pub fn plan(&self, aim: Aim) -> Result<Plan, QueryError> {
        self.plan_of(self.root(None), aim, true)
    }

    /// The plan without the filters of one facet: what a facet counts is not narrowed by its own filter.
    pub fn plan_without(&self, facet: &str) -> Result<Plan, QueryError> {
        self.plan_of(self.root(Some(facet)), Aim::Matches, true)
    }

    /// Tells whether a facet is narrowed by filters of its own.
    pub fn filters_itself(&self, facet: &str) -> bool {
        self.request.filters_itself(self.schema, facet)
    }

    fn root(&self, without: Option<&str>) -> Option<Node> {
        self.request.root(&self.parsed, self.schema, without)
    }

    /// Compiles a tree with the bounds of the request, unless `dated` says to leave out the dates.
    fn plan_of(&self, root: Option<Node>, aim: Aim, dated: bool) -> Result<Plan, QueryError> {
        let mut planner = Planner::new(self.index, self.schema, self.request.today, &self.request.query, aim);
        planner.plain = self.request.plain;
        planner.any = self.request.any;
        planner.deadline = self.request.deadline.clone();
        let within = self.request.bounds()?.filter(|_| dated).map(|range| planner.within(range));
        let mut plan = planner.plan(root.as_ref())?;
        if let Some(part) = within {
            let (query, read) = part.into_parts();
            plan.query = Box::new(BooleanQuery::intersection(vec![plan.query, query]));
            plan.understood = if root.is_none() { read } else { format!("{} AND {read}", plan.understood) };
        }
        if let Some(below) = &self.below {
            plan.query = Box::new(BooleanQuery::intersection(vec![plan.query, Box::new(below.clone())]));
        }
        if aim == Aim::Matches {
            plan.notes.warnings.extend(self.parsed.warnings.iter().cloned());
        }
        Ok(plan)
    }

    /// What the request leaves of the index beside its words, if these are alternatives and all that it says.
    pub fn frame(&self) -> Result<Option<Box<dyn Query>>, QueryError> {
        let is_words = |node: &Node| matches!(node, Node::Word { .. } | Node::Phrase { .. });
        let only_words = self.parsed.root.as_ref().is_some_and(|root| match root {
            Node::Or(nodes) => nodes.iter().all(is_words),
            node => is_words(node),
        });
        if !self.request.any || !only_words {
            return Ok(None);
        }
        let rest = Request { query: String::new(), ..self.request.clone() };
        Ok(Some(Compiled::new(self.index, self.schema, &rest)?.plan(Aim::Matches)?.query))
    }

    pub fn gather(&self, plan: &Plan, gather: &Gather) -> Result<Gathered, QueryError> {
        self.collect(&*plan.query, gather.clone())
    }

    pub fn count(&self, plan: &Plan) -> Result<u64, QueryError> {
        Ok(self.collect(&*plan.query, tantivy::collector::Count)? as u64)
    }

    /// Collects what matches, until the time is over.
    pub fn collect<C: Collector>(&self, query: &dyn Query, collector: C) -> Result<C::Fruit, QueryError> {
        self.request.deadline.search(self.index, query, collector).map_err(engine)
    }

    /// Tells whether the answer was cut short.
    pub fn is_partial(&self) -> bool {
        self.request.deadline.cut_short()
    }

    /// All that is worth a note of an answer; of an empty one also why it is empty.
    pub fn remarks(&self, plan: &Plan, empty: bool) -> Result<Vec<String>, QueryError> {
        remarks(self, &plan.notes, empty)
    }
}

impl Counting for Compiled<'_> {
    fn request(&self) -> &Request {
        self.request
    }

    fn root(&self) -> Option<Node> {
        self.root(None)
    }

    fn count_of(&self, parts: Vec<Node>, dated: bool) -> Result<u64, QueryError> {
        self.count(&self.plan_of(all_of(parts), Aim::Matches, dated)?)
    }

    fn count_for(&self, aim: Aim) -> Result<u64, QueryError> {
        self.count(&self.plan(aim)?)
    }

    fn near_words(&self, word: &str) -> Result<Vec<String>, QueryError> {
        values::near_words(self.index, word, &self.request.deadline)
    }
}

pub(crate) fn all_of(mut parts: Vec<Node>) -> Option<Node> {
    match parts.len() {
        0 => None,
        1 => parts.pop(),
        _ => Some(Node::And(parts)),
    }
}

/// Every run of non-space characters is a word; no character means anything else.
fn plain_words(query: &str, any: bool) -> Parsed {
    let words: Vec<Node> = query
        .split_whitespace()
        .filter(|w| w.chars().any(char::is_alphanumeric))
        .map(|w| Node::Word { text: w.to_string(), at: 0 })
        .collect();
    let root = match words.len() {
        0 => None,
        _ if any => Some(Node::Or(words)),
        _ => Some(Node::And(words)),
    };
    Parsed { root, warnings: Vec::new() }
}

/// Groups filters by field: values of a field are alternatives.
fn filters_of<'f>(filters: impl Iterator<Item = &'f Filter>) -> Vec<Node> {
    let mut fields: Vec<(&str, Vec<Value>)> = Vec::new();
    let mut out = Vec::new();
    let value = |filter: &Filter| match filter.value.as_str() {
        "*" => Value::Any,
        text => Value::Text { text: text.to_string(), quoted: true, slop: 0 },
    };
    for filter in filters {
        if filter.exclude {
            out.push(Node::Not(Box::new(Node::Field {
                name: filter.field.clone(),
                value: value(filter),
                at: 0,
            })));
        } else {
            match fields.iter_mut().find(|(f, _)| *f == filter.field) {
                Some((_, values)) => values.push(value(filter)),
                None => fields.push((&filter.field, vec![value(filter)])),
            }
        }
    }
    let of_field = |(name, mut values): (&str, Vec<Value>)| {
        let value = if values.len() == 1 { values.remove(0) } else { Value::Among(values) };
        Node::Field { name: name.to_string(), value, at: 0 }
    };
    fields.into_iter().map(of_field).chain(out).collect()
}
