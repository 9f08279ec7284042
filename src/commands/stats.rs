//! `dateline stats`: what is in the index.

use serde_json::json;

use super::Context;
use super::Outcome;
use crate::present;
use crate::query;
use crate::query::Period;
use crate::query::Request;

pub(super) fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let index = context.open()?;
    let everything = Request::default();
    let results = query::search(&index, context.schema, &everything)?;
    let years = query::timeline(&index, context.schema, &everything, Period::Year)?;
    let sources = index.sources()?;
    let bytes: u64 =
        std::fs::read_dir(&index.dir)?.flatten().filter_map(|e| e.metadata().ok()).map(|m| m.len()).sum();
    let (first, last) =
        (years.buckets.first().map(|b| b.0.to_string()), years.buckets.last().map(|b| b.0.to_string()));
    let (articles, stories, undated) = (results.total, results.stories, years.undated);
    if context.common.json {
        context.json(&json!({
            "articles": articles, "stories": stories, "undated": undated, "files": sources.files.len(), "roots": sources.roots,
            "bytes": bytes, "first": first, "last": last, "schema": context.schema.hash, "current": index.current_schema,
        }))?;
        return Ok(Outcome::Done);
    }
    let rows = [
        ("articles", articles.to_string()),
        ("stories", stories.to_string()),
        ("undated", undated.to_string()),
        ("years", format!("{} to {}", first.as_deref().unwrap_or("none"), last.as_deref().unwrap_or("none"))),
        ("files", sources.files.len().to_string()),
        ("roots", sources.roots.join(", ")),
        ("index", format!("{}, {:.1} MB", index.dir.display(), bytes as f64 / 1e6)),
    ];
    present::statistics(&mut context.out, &rows)?;
    Ok(Outcome::Done)
}
