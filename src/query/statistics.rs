//! What an index holds, in figures.

use super::QueryError;
use super::gather::Period;
use super::request::Request;
use super::results::Statistics;
use super::search::search;
use super::search::timeline;
use crate::index::Opened;
use crate::schema::Schema;

/// Counts what is in an index.
///
/// # Errors
/// If the index fails.
pub fn statistics(index: &Opened, schema: &Schema) -> Result<Statistics, QueryError> {
    let everything = Request::default();
    let results = search(index, schema, &everything)?;
    let years = timeline(index, schema, &everything, Period::Year)?;
    let sources = index.sources()?;
    Ok(Statistics {
        articles: results.total,
        stories: results.stories,
        undated: years.undated,
        files: sources.files.len(),
        roots: sources.roots.clone(),
        bytes: index.bytes()?,
        first: years.buckets.first().map(|b| b.0),
        last: years.buckets.last().map(|b| b.0),
        schema: schema.hash.clone(),
        current: index.current_schema,
    })
}
