//! The entry points: a request to its results.

use std::sync::Arc;
use std::time::Instant;

use tantivy::DocAddress;
use tantivy::query::Query;

use super::DEEPEST_PAGE;
use super::QueryError;
use super::engine;
use super::evidence;
use super::expand::expand;
use super::facets;
use super::gather::Copied;
use super::gather::Gather;
use super::gather::Gathered;
use super::gather::Period;
use super::gather::Ranked;
use super::gather::Ranking;
use super::gather::by_period;
use super::plan::Aim;
use super::plan::Plan;
use super::request::Compiled;
use super::request::Request;
use super::request::Sort;
use super::results::Exported;
use super::results::Hit;
use super::results::Results;
use super::results::Timeline;
use super::snippets::Snippets;
use super::word::WordQuery;
use crate::annotation::Annotations;
use crate::annotation::Event;
use crate::article::Article;
use crate::index::Opened;
use crate::index::tie_of;
use crate::schema::Schema;

/// Copies of an article whose outlets are counted.
const MOST_COPIES: usize = 200;

/// Hits that are shown however late it is: what was found is not kept back.
const FIRST_HITS: usize = 10;

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
        facets::known_facet(schema, field)?;
    }
    let compiled = Compiled::new(index, schema, request)?;
    let mut plan = compiled.plan(Aim::Matches)?;
    if request.expand && request.sort == Sort::Relevance && plan.notes.scored {
        expand(&compiled, &mut plan)?;
    }
    let tables = index.tables(schema);
    let gather = Gather {
        tables: tables.clone(),
        top: if request.limit == 0 { 0 } else { request.limit + request.offset },
        ranking: ranking(index, request, plan.notes.scored)?,
        facets: request.facets.iter().map(|(f, _)| f.clone()).collect(),
        columns: Arc::clone(&index.facets),
        days: false,
        stories: Some(Arc::clone(&index.groups)),
        collapse: !request.copies,
    };
    let mut gathered = compiled.gather(&plan, &gather)?;
    let facets = facets::counted(&compiled, &plan, &mut gathered, tables.as_ref())?;
    let snippets = Snippets::new(&plan.notes, &index.tokenizer);
    let mut hits = Vec::new();
    for (number, ranked) in gathered.best.iter().enumerate().skip(request.offset) {
        if hits.len() >= FIRST_HITS && request.deadline.has_passed() {
            break;
        }
        let mut hit = hit(index, &plan, &snippets, &gathered, number + 1, ranked)?;
        if request.explain && plan.notes.scored {
            hit.score_parts = score_parts(index, &plan, ranked.address)?;
        }
        hits.push(hit);
    }
    let partial = compiled.is_partial();
    // Who asks for a number alone gets the number alone.
    let alone = request.limit == 0 && request.facets.is_empty();
    let warnings = compiled.remarks(&plan, gathered.total == 0 && !alone)?;
    Ok(Results {
        understood: plan.understood,
        used: plan.notes.used,
        warnings,
        partial,
        total: gathered.total,
        stories: gathered.stories(),
        hits,
        facets,
        took_ms: started.elapsed().as_secs_f64() * 1000.0,
    })
}

fn ranking(index: &Opened, request: &Request, scored: bool) -> Result<Ranking, QueryError> {
    Ok(match (request.sort, request.half_life) {
        (Sort::Relevance, Some(half_life)) if scored => Ranking::Recent { half_life, newest: newest(index)? },
        (Sort::Relevance, _) if scored => Ranking::Score,
        (Sort::Relevance | Sort::Newest, _) => Ranking::Newest,
        (Sort::Oldest, _) => Ranking::Oldest,
    })
}

/// The last day of publication in the index: an archive has no today.
fn newest(index: &Opened) -> Result<i64, QueryError> {
    let mut newest = 0;
    for segment in index.searcher.segment_readers() {
        let column = segment.fast_fields().i64("published_min").map_err(engine)?;
        newest = newest.max(column.max_value());
    }
    Ok(newest)
}

fn hit(
    index: &Opened,
    plan: &Plan,
    snippets: &Snippets,
    gathered: &Gathered,
    rank: usize,
    ranked: &Ranked,
) -> Result<Hit, QueryError> {
    let Ranked { score, address, .. } = *ranked;
    let (article, annotations) = index.shared_article(address)?;
    let snippets = snippets.of(&article);
    let evidence = evidence::evidence(&article, &annotations, &plan.notes, &index.tokenizer);
    let tie = tie_of(&article.id);
    let story = index.groups.story(tie);
    let copies = gathered.copies(story);
    let story = format!("{story:016x}");
    let outlets = if copies.is_empty() { 1 } else { outlets(index, copies)? };
    let copies = copies.len().max(1) as u64;
    let score_parts = Vec::new();
    Ok(Hit { rank, score, score_parts, story, copies, outlets, article, annotations, snippets, evidence })
}

/// The score of each term that was searched, over the whole article, as it would be alone.
fn score_parts(index: &Opened, plan: &Plan, address: DocAddress) -> Result<Vec<(String, f32)>, QueryError> {
    let mut terms = plan.notes.terms.clone();
    terms.sort();
    terms.dedup();
    let mut parts = Vec::new();
    for term in &terms {
        // A term that the article does not have is an error to the engine.
        if let Ok(explanation) = WordQuery::new(&index.fields, term).explain(&index.searcher, address) {
            parts.push((format!("{term} (before weights)"), explanation.value()));
        }
    }
    for (term, weight) in &plan.notes.related {
        if let Ok(explanation) = WordQuery::new(&index.fields, term).explain(&index.searcher, address) {
            parts.push((format!("{term}, expanded with weight {weight:.2}"), weight * explanation.value()));
        }
    }
    Ok(parts)
}

/// Counts the different sources of copies; those without a source are one.
fn outlets(index: &Opened, copies: &[Copied]) -> Result<u64, QueryError> {
    let shown = copies.iter().take(MOST_COPIES).map(|copy| copy.ranked.address);
    Ok(index.sources_of(shown)?.len() as u64)
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
    let gather = Gather { days: true, ..Gather::default() };
    let gathered = compiled.gather(&plan, &gather)?;
    let partial = compiled.is_partial();
    let warnings = compiled.remarks(&plan, gathered.total == 0)?;
    Ok(Timeline { buckets: by_period(&gathered.days, period), undated: gathered.undated, warnings, partial })
}

/// Hands on every matching article, newest first and the undated last.
///
/// # Errors
/// If the query cannot be read, the index fails, or `visit` does.
pub fn every_match<E: From<QueryError>>(
    index: &Opened,
    schema: &Schema,
    request: &Request,
    mut visit: impl FnMut(&Article, &Annotations) -> Result<(), E>,
) -> Result<Exported, E> {
    each_match(index, schema, request, |article, annotations, _| visit(article, annotations))
}

/// Hands on every event that the query asks for by `event{...}` or by roles; every event of the matching articles, if
/// it asks for none.
///
/// # Errors
/// If the query cannot be read, the index fails, or `visit` does.
pub fn every_event<E: From<QueryError>>(
    index: &Opened,
    schema: &Schema,
    request: &Request,
    mut visit: impl FnMut(&Article, &Annotations, &Event) -> Result<(), E>,
) -> Result<Exported, E> {
    each_match(index, schema, request, |article, annotations, plan| {
        for event in &annotations.events {
            if evidence::is_asked_for(article, event, &plan.notes, &index.tokenizer) {
                visit(article, annotations, event)?;
            }
        }
        Ok(())
    })
}

/// Hands on every matching article whose number ([`crate::index::tie_of`]) is not known yet, newest first and the undated last.
///
/// # Errors
/// If the query cannot be read, the index fails, or `visit` does.
pub fn every_new<E: From<QueryError>>(
    index: &Opened,
    schema: &Schema,
    request: &Request,
    is_known: impl Fn(u64) -> bool,
    mut visit: impl FnMut(&Article, &Annotations) -> Result<(), E>,
) -> Result<Exported, E> {
    let compiled = Compiled::new(index, schema, request)?;
    let plan = compiled.plan(Aim::Matches)?;
    let articles = compiled.count(&plan)?;
    let gather = Gather { top: articles as usize, ranking: Ranking::Newest, ..Gather::default() };
    for ranked in compiled.gather(&plan, &gather)?.best.into_iter().filter(|r| !is_known(r.tie)) {
        let (article, annotations) = index.article(ranked.address).map_err(QueryError::from)?;
        visit(&article, &annotations)?;
    }
    Ok(Exported { articles, warnings: compiled.remarks(&plan, articles == 0)? })
}

fn each_match<E: From<QueryError>>(
    index: &Opened,
    schema: &Schema,
    request: &Request,
    mut visit: impl FnMut(&Article, &Annotations, &Plan) -> Result<(), E>,
) -> Result<Exported, E> {
    let compiled = Compiled::new(index, schema, request)?;
    let plan = compiled.plan(Aim::Matches)?;
    let articles = compiled.count(&plan)?;
    let gather = Gather { top: articles as usize, ranking: Ranking::Newest, ..Gather::default() };
    for ranked in compiled.gather(&plan, &gather)?.best {
        if request.deadline.has_passed() {
            break;
        }
        let (article, annotations) = index.article(ranked.address).map_err(QueryError::from)?;
        visit(&article, &annotations, &plan)?;
    }
    // What is to be complete is not half of it.
    if compiled.is_partial() {
        return Err(QueryError::TimedOut.into());
    }
    Ok(Exported { articles, warnings: compiled.remarks(&plan, articles == 0)? })
}

/// Finds an article by its id, or by its path if one file has that path.
///
/// # Errors
/// If the index fails.
pub fn find_article(index: &Opened, id: &str) -> Result<Option<(Article, Annotations)>, QueryError> {
    use tantivy::Term;
    use tantivy::query::TermQuery;
    use tantivy::schema::IndexRecordOption;
    let fields = &index.fields;
    for term in [fields.article_term(id), Term::from_field_text(fields.path, id)] {
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let found = index.searcher.search(&query, &tantivy::collector::DocSetCollector).map_err(engine)?;
        if let Some(address) = found.into_iter().min() {
            return Ok(Some(index.article(address)?));
        }
    }
    Ok(None)
}
