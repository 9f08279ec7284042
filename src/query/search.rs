//! The entry points: a request to its results.

use std::time::Instant;

use jiff::civil::Date;
use tantivy::DocAddress;
use tantivy::query::Query;

use super::DEEPEST_PAGE;
use super::QueryError;
use super::dates::DateRange;
use super::dates::parse_dates;
use super::engine;
use super::expand::expand;
use super::gather::Gather;
use super::gather::Gathered;
use super::gather::Period;
use super::gather::Ranking;
use super::gather::by_period;
use super::plan::Aim;
use super::plan::Plan;
use super::plan::Planner;
use super::results::FacetCounts;
use super::results::FacetValue;
use super::results::Hit;
use super::results::Results;
use super::results::Timeline;
use super::snippets;
use super::syntax::Node;
use super::syntax::Parsed;
use super::syntax::Value;
use super::syntax::parse;
use super::values;
use crate::annotation::Annotations;
use crate::article::Article;
use crate::index::Opened;
use crate::schema::FieldKind;
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
    /// The words of the best hits join the query: see `query/expand.rs`. Of [`search`] by relevance only.
    pub expand: bool,
    /// Only articles of this file or of files below this directory, as an absolute path.
    pub below: Option<String>,
}

/// A request compiled for one aim.
struct Compiled<'a> {
    index: &'a Opened,
    schema: &'a Schema,
    request: &'a Request,
    parsed: Parsed,
}

impl<'a> Compiled<'a> {
    fn new(index: &'a Opened, schema: &'a Schema, request: &'a Request) -> Result<Self, QueryError> {
        let mut parsed = if request.plain {
            plain_words(&request.query, request.any)
        } else {
            parse(&request.query, request.any)?
        };
        let mut all: Vec<Node> = parsed.root.take().into_iter().collect();
        // The words of a conjunction stay its direct parts, so that compounds are seen.
        if let [Node::And(_)] = &all[..]
            && let Some(Node::And(parts)) = all.pop()
        {
            all = parts;
        }
        all.extend(filters_of(&request.filters));
        parsed.root = match all.len() {
            0 => None,
            1 => all.pop(),
            _ => Some(Node::And(all)),
        };
        Ok(Compiled { index, schema, request, parsed })
    }

    fn plan(&self, aim: Aim) -> Result<Plan, QueryError> {
        let mut planner = Planner::new(self.index, self.schema, self.request.today, &self.request.query, aim);
        planner.any = self.request.any;
        let within = self.bounds()?.map(|range| planner.within(range));
        let mut plan = planner.plan(self.parsed.root.as_ref())?;
        if let Some(part) = within {
            let (query, read) = part.into_parts();
            plan.query = Box::new(tantivy::query::BooleanQuery::intersection(vec![plan.query, query]));
            plan.understood =
                if self.parsed.root.is_none() { read } else { format!("{} AND {read}", plan.understood) };
        }
        if let Some(root) = &self.request.below {
            let below = values::files_below(&self.index.searcher, &self.index.fields, root)?;
            plan.query = Box::new(tantivy::query::BooleanQuery::intersection(vec![plan.query, below]));
        }
        if aim == Aim::Matches {
            plan.warnings.extend(self.parsed.warnings.iter().cloned());
        }
        Ok(plan)
    }

    /// `--from` and `--to` as one range.
    fn bounds(&self) -> Result<Option<DateRange>, QueryError> {
        let read = |text: &Option<String>, flag: &str| match text {
            Some(text) => parse_dates(text, self.request.today)
                .map(Some)
                .map_err(|e| QueryError::Usage(format!("{flag}: {e}"))),
            None => Ok(None),
        };
        let from = read(&self.request.from, "--from")?.and_then(|r| r.first);
        let to = read(&self.request.to, "--to")?.and_then(|r| r.last);
        let swapped = from.zip(to).is_some_and(|(a, b)| a > b);
        let (first, last) = if swapped { (to, from) } else { (from, to) };
        Ok((from.is_some() || to.is_some()).then_some(DateRange { first, last, single: None }))
    }

    /// What the query leaves of the index beside its words, if these are alternatives and all that it says.
    fn frame(&self) -> Result<Option<Box<dyn Query>>, QueryError> {
        let typed = Request { filters: Vec::new(), ..self.request.clone() };
        let only_words =
            Compiled::new(self.index, self.schema, &typed)?.parsed.root.is_some_and(|root| match root {
                Node::Or(nodes) => nodes.iter().all(|n| matches!(n, Node::Word { .. } | Node::Phrase { .. })),
                node => matches!(node, Node::Word { .. } | Node::Phrase { .. }),
            });
        if !self.request.any || !only_words {
            return Ok(None);
        }
        let rest = Request { query: String::new(), ..self.request.clone() };
        Ok(Some(Compiled::new(self.index, self.schema, &rest)?.plan(Aim::Matches)?.query))
    }

    fn gather(&self, plan: &Plan, gather: &Gather) -> Result<Gathered, QueryError> {
        self.index.searcher.search(&*plan.query, gather).map_err(engine)
    }

    fn count(&self, aim: Aim) -> Result<u64, QueryError> {
        let plan = self.plan(aim)?;
        let count = self.index.searcher.search(&*plan.query, &tantivy::collector::Count).map_err(engine)?;
        Ok(count as u64)
    }

    /// What is near the answer but not in it: undated articles, and roles of another status.
    fn asides(&self, plan: &Plan) -> Result<Vec<String>, QueryError> {
        let mut notes = Vec::new();
        if plan.dated {
            let undated = self.count(Aim::UndatedRest)?;
            if undated > 0 {
                notes.push(format!(
                    "{} left out: a date of publication is not known ({})",
                    articles(undated, "undated "),
                    "published:none finds them"
                ));
            }
        }
        for (number, role) in
            plan.roles.iter().enumerate().filter(|(_, r)| !r.field.contains('.') && r.values.len() == 1)
        {
            let others = self.count(Aim::OtherStatus(number))?;
            if others > 0 {
                let value = &role.values[0];
                notes.push(format!(
                    "{} with {value} as {} in offers, refusals, failures or as background: {}.any:{} finds them",
                    articles(others, "more "),
                    role.field,
                    role.field,
                    if value.contains(' ') { format!("\"{value}\"") } else { value.clone() }
                ));
            }
        }
        Ok(notes)
    }
}

fn articles(count: u64, adjective: &str) -> String {
    if count == 1 { format!("1 {adjective}article") } else { format!("{count} {adjective}articles") }
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
fn filters_of(filters: &[Filter]) -> Vec<Node> {
    let mut fields: Vec<(&str, Vec<Value>)> = Vec::new();
    let mut out = Vec::new();
    let value = |filter: &Filter| match filter.value.as_str() {
        "*" => Value::Any,
        text => Value::Text { text: text.to_string(), quoted: true },
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

/// Answers a request: hits of a page, counts, facets, and what is worth a note.
///
/// # Errors
/// If the query cannot be read or the index fails.
pub fn search(index: &Opened, schema: &Schema, request: &Request) -> Result<Results, QueryError> {
    let started = Instant::now();
    if request.limit.saturating_add(request.offset) > DEEPEST_PAGE {
        return Err(QueryError::Usage(format!(
            "--limit and --offset reach at most {DEEPEST_PAGE} hits: use `dateline export` for all"
        )));
    }
    for (field, _) in &request.facets {
        known_facet(schema, field)?;
    }
    let compiled = Compiled::new(index, schema, request)?;
    let mut plan = compiled.plan(Aim::Matches)?;
    if request.expand && ranking(request.sort, plan.scored) == Ranking::Score {
        expand(index, schema, &mut plan, compiled.frame()?)?;
    }
    let gather = Gather {
        top: if request.limit == 0 { 0 } else { request.limit + request.offset },
        ranking: ranking(request.sort, plan.scored),
        facets: request.facets.iter().map(|(f, _)| f.clone()).collect(),
        days: false,
        stories: true,
    };
    let mut gathered = compiled.gather(&plan, &gather)?;
    let mut hits = Vec::new();
    for (number, ranked) in gathered.best.iter().enumerate().skip(request.offset) {
        hits.push(hit(index, &plan, number + 1, ranked.score, ranked.address)?);
    }
    let facets = request.facets.iter().map(|(field, most)| top_values(field, &mut gathered, *most)).collect();
    let mut warnings = compiled.asides(&plan)?;
    warnings.splice(0..0, plan.warnings);
    Ok(Results {
        understood: plan.understood,
        warnings,
        total: gathered.total,
        stories: gathered.stories.len() as u64,
        hits,
        facets,
        took_ms: started.elapsed().as_secs_f64() * 1000.0,
    })
}

fn ranking(sort: Sort, scored: bool) -> Ranking {
    match sort {
        Sort::Relevance if scored => Ranking::Score,
        Sort::Relevance | Sort::Newest => Ranking::Newest,
        Sort::Oldest => Ranking::Oldest,
    }
}

fn hit(index: &Opened, plan: &Plan, rank: usize, score: f32, address: DocAddress) -> Result<Hit, QueryError> {
    let (article, annotations) = index.article(address)?;
    let snippets = snippets::snippets(&article, &plan.terms, &index.tokenizer);
    let evidence = snippets::evidence(&article, &annotations, &plan.roles);
    Ok(Hit { rank, score, article, annotations, snippets, evidence })
}

fn top_values(field: &str, gathered: &mut Gathered, most: usize) -> FacetCounts {
    let counts = gathered.facets.remove(field).unwrap_or_default();
    let distinct = counts.len();
    let mut values: Vec<FacetValue> =
        counts.into_iter().map(|(value, count)| FacetValue { value, count }).collect();
    values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    values.truncate(most);
    FacetCounts { field: field.to_string(), values, distinct }
}

/// Checks that a field can be counted.
fn known_facet(schema: &Schema, field: &str) -> Result<(), QueryError> {
    let role = field.split('.').next().unwrap_or(field);
    let is_role = schema.role(role).is_some();
    let kind = schema.fields.find(field).map(|f| f.kind);
    let counted = matches!(kind, Some(FieldKind::Actor | FieldKind::Value))
        && !matches!(field, "path" | "url" | "id" | "story");
    if is_role || counted || field == "mentioned" {
        return Ok(());
    }
    let facets = schema
        .fields
        .iter()
        .filter(|f| matches!(f.kind, FieldKind::Actor | FieldKind::Value))
        .map(|f| f.name.as_str());
    let known: Vec<&str> = schema
        .roles
        .iter()
        .map(|r| r.id.as_str())
        .chain(facets)
        .filter(|f| !matches!(*f, "path" | "url" | "id" | "story"))
        .collect();
    let near = values::near_names(field, known.iter().copied())
        .map_or(String::new(), |n| format!(" (did you mean `{n}`?)"));
    Err(QueryError::Usage(format!("`{field}` is no facet{near}: there are {}", known.join(", "))))
}

/// Lists the values of one facet over the articles that match; `prefix` compares folded beginnings of words.
///
/// # Errors
/// If the query cannot be read, the field is no facet, or the index fails.
pub fn facet_values(
    index: &Opened,
    schema: &Schema,
    request: &Request,
    field: &str,
    prefix: Option<&str>,
    most: usize,
) -> Result<FacetCounts, QueryError> {
    let field = schema.fields.find(field).map_or(field, |f| f.name.as_str());
    known_facet(schema, field)?;
    let compiled = Compiled::new(index, schema, request)?;
    let plan = compiled.plan(Aim::Matches)?;
    let gather = Gather {
        top: 0,
        ranking: Ranking::Score,
        facets: vec![field.to_string()],
        days: false,
        stories: false,
    };
    let mut gathered = compiled.gather(&plan, &gather)?;
    if let (Some(prefix), Some(counts)) = (prefix.map(crate::tokens::fold), gathered.facets.get_mut(field)) {
        counts.retain(|value, _| {
            let folded = crate::tokens::fold(value);
            folded.starts_with(&prefix) || folded.split([' ', '-']).any(|w| w.starts_with(&prefix))
        });
    }
    Ok(top_values(field, &mut gathered, most))
}

/// Counts the matching articles by period of publication.
///
/// # Errors
/// If the query cannot be read or the index fails.
pub fn timeline(
    index: &Opened,
    schema: &Schema,
    request: &Request,
    period: Period,
) -> Result<Timeline, QueryError> {
    let compiled = Compiled::new(index, schema, request)?;
    let plan = compiled.plan(Aim::Matches)?;
    let gather = Gather { top: 0, ranking: Ranking::Score, facets: Vec::new(), days: true, stories: false };
    let gathered = compiled.gather(&plan, &gather)?;
    let mut warnings = compiled.asides(&plan)?;
    warnings.splice(0..0, plan.warnings);
    Ok(Timeline { buckets: by_period(&gathered.days, period), undated: gathered.undated, warnings })
}

/// Hands on every matching article, newest first and the undated last, and returns how many there were.
///
/// # Errors
/// If the query cannot be read, the index fails, or `visit` does.
pub fn every_match<E: From<QueryError>>(
    index: &Opened,
    schema: &Schema,
    request: &Request,
    mut visit: impl FnMut(&Article, &Annotations) -> Result<(), E>,
) -> Result<u64, E> {
    let compiled = Compiled::new(index, schema, request)?;
    let plan = compiled.plan(Aim::Matches)?;
    let total = index.searcher.search(&*plan.query, &tantivy::collector::Count).map_err(engine)?;
    let gather =
        Gather { top: total, ranking: Ranking::Newest, facets: Vec::new(), days: false, stories: false };
    for ranked in compiled.gather(&plan, &gather)?.best {
        let (article, annotations) = index.article(ranked.address).map_err(QueryError::from)?;
        visit(&article, &annotations)?;
    }
    Ok(total as u64)
}

/// Finds an article by its id, or by its path if one file has that path.
///
/// # Errors
/// If the index fails.
pub fn find_article(index: &Opened, id: &str) -> Result<Option<(Article, Annotations)>, QueryError> {
    use tantivy::query::TermQuery;
    use tantivy::schema::IndexRecordOption;
    for field in [index.fields.id, index.fields.path] {
        let query = TermQuery::new(tantivy::Term::from_field_text(field, id), IndexRecordOption::Basic);
        let found = index.searcher.search(&query, &tantivy::collector::DocSetCollector).map_err(engine)?;
        if let Some(address) = found.into_iter().min() {
            return Ok(Some(index.article(address)?));
        }
    }
    Ok(None)
}
