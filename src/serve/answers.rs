//! What each route answers: the JSON that the command of the same name prints.

use rustc_hash::FxHashMap;
use serde_json::Value;
use serde_json::json;

use super::live::Snapshot;
use super::params::Given;
use super::problem::Problem;
use crate::annotation::Annotations;
use crate::article::Article;
use crate::backend::Backend;
use crate::present::json as written;
use crate::query;
use crate::query::Matrix;
use crate::query::Period;
use crate::query::QueryError;
use crate::schema::Schema;

/// How a route answers.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    /// With one value.
    Json(fn(&Asked) -> Result<Value, Problem>),
    /// Piece by piece.
    Export,
}

/// A request to the index.
pub(super) struct Asked<'a> {
    pub now: &'a Snapshot,
    pub schema: &'static Schema,
    pub given: &'a Given,
    /// The given part of the path.
    pub part: &'a str,
}

pub(super) fn search(asked: &Asked) -> Result<Value, Problem> {
    let mut request = asked.given.request()?;
    request.facets = query::facet_list(asked.given.text("facets"), asked.schema)?;
    let results = asked.now.index.search(asked.schema, &request)?;
    Ok(written::results(&request.query, &results, asked.schema))
}

pub(super) fn facet(asked: &Asked) -> Result<Value, Problem> {
    let (index, schema, given) = (&asked.now.index, asked.schema, asked.given);
    let request = given.request()?;
    let counts = index.facet_values(schema, &request, asked.part, given.text("prefix"), request.limit)?;
    let evidence = match given.flag("evidence") {
        true => Some(index.facet_evidence(schema, &request, &counts)?),
        false => None,
    };
    Ok(written::facet(&counts, evidence.as_deref()))
}

pub(super) fn timeline(asked: &Asked) -> Result<Value, Problem> {
    let period = Period::named(asked.given.choice("by")).unwrap_or(Period::Month);
    let timeline = asked.now.index.timeline(asked.schema, &asked.given.request()?, period)?;
    Ok(written::timeline(period.name(), &timeline))
}

pub(super) fn article(asked: &Asked) -> Result<Value, Problem> {
    let (article, annotations) = find(asked)?;
    Ok(written::shown(&article, &annotations, asked.schema))
}

pub(super) fn similar(asked: &Asked) -> Result<Value, Problem> {
    let (article, _) = find(asked)?;
    let similar =
        query::similar(asked.now.index.embedded("similar")?, &article, asked.given.number("limit"))?;
    Ok(written::similar(&article, &similar))
}

pub(super) fn find(asked: &Asked) -> Result<(Article, Annotations), Problem> {
    asked
        .now
        .index
        .find_article(asked.part)?
        .ok_or_else(|| Problem::not_found(format!("no article has the id or path {}", asked.part)))
}

pub(super) fn matrix(asked: &Asked) -> Result<Value, Problem> {
    let given = asked.given;
    let (rows, columns) = (given.text("rows").unwrap_or(""), given.text("columns").unwrap_or(""));
    let index = asked.now.index.embedded("matrix")?;
    let mut matrix = query::matrix(index, asked.schema, &given.request()?, rows, columns)?;
    cut(&mut matrix, given.number("limit"));
    Ok(written::matrix(&matrix))
}

/// Keeps the cells of the names with the most articles, `most` in rows and as many in columns; 0 keeps all.
fn cut(matrix: &mut Matrix, most: usize) {
    if most == 0 {
        return;
    }
    let (rows, columns) = (top(matrix, most, |cell| &cell.0), top(matrix, most, |cell| &cell.1));
    matrix.cells.retain(|(row, column, _)| rows.contains(row) && columns.contains(column));
}

fn top(matrix: &Matrix, most: usize, name: impl Fn(&(String, String, u64)) -> &String) -> Vec<String> {
    let mut sums: FxHashMap<&str, u64> = FxHashMap::default();
    for cell in &matrix.cells {
        *sums.entry(name(cell)).or_default() += cell.2;
    }
    let mut names: Vec<(&str, u64)> = sums.into_iter().collect();
    names.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    names.into_iter().take(most).map(|(name, _)| name.to_string()).collect()
}

pub(super) fn events(asked: &Asked) -> Result<Value, Problem> {
    let request = asked.given.request()?;
    let page = request.offset..request.offset.saturating_add(request.limit);
    let mut total = 0;
    let mut events = Vec::new();
    let walked = asked.now.index.every_event(asked.schema, &request, |article, annotations, event| {
        if page.contains(&total) {
            events.push(written::exported_event(article, annotations, event));
        }
        total += 1;
        Ok::<(), QueryError>(())
    });
    // A page of events is worth having without the number of all.
    let partial = matches!(walked, Err(QueryError::TimedOut)) && total >= page.end;
    if !partial {
        walked?;
    }
    Ok(json!({ "total": total, "partial": partial, "events": events }))
}

pub(super) fn suggest(asked: &Asked) -> Result<Value, Problem> {
    let (prefix, most) = (asked.given.text("prefix").unwrap_or(""), asked.given.number("limit"));
    // A cluster suggests nothing: the page does without.
    let Backend::Embedded(index) = &asked.now.index else { return Ok(written::suggestions(&[])) };
    let found = asked.now.suggestions.find(index, asked.schema, prefix, most)?;
    Ok(written::suggestions(&found))
}

pub(super) fn statistics(asked: &Asked) -> Result<Value, Problem> {
    Ok(written::statistics(&asked.now.index.statistics(asked.schema)?))
}
