//! `dateline saved`: searches that are kept under a name.

use std::io::Write;

use serde_json::json;

use super::Context;
use super::Outcome;
use super::request;
use crate::cli::QueryArgs;
use crate::cli::SavedAction;
use crate::cli::SavedArgs;
use crate::index::IndexError;
use crate::index::Saved;
use crate::index::SavedSearch;
use crate::query;
use crate::query::Filter;
use crate::query::QueryError;
use crate::query::Request;

pub(super) fn run(args: &SavedArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    match &args.action {
        SavedAction::Add { name, query, narrow, from_now } => add(name, query, narrow, *from_now, context),
        SavedAction::List => list(context),
        SavedAction::Remove { name } => remove(name, context),
    }
}

/// The request that a saved search stands for.
pub(super) fn request_of(search: &SavedSearch) -> Result<Request, QueryError> {
    let narrow = QueryArgs {
        filters: search.filters.clone(),
        from: search.from.clone(),
        to: search.to.clone(),
        any: search.any,
        plain: search.plain,
    };
    request(std::slice::from_ref(&search.query), &narrow)
}

fn add(
    name: &str,
    query: &[String],
    narrow: &QueryArgs,
    from_now: bool,
    context: &mut Context,
) -> anyhow::Result<Outcome> {
    let dir = context.index_dir();
    let _lock = Saved::lock(&dir)?;
    let mut saved = Saved::read(&dir)?;
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        anyhow::bail!(QueryError::Usage("a saved search needs a name".into()));
    }
    if saved.searches.iter().any(|s| s.name == name) {
        let text = format!("there is a saved search `{name}`: `dateline saved remove` takes it away");
        anyhow::bail!(QueryError::Usage(text));
    }
    let mut search = SavedSearch {
        name: name.into(),
        query: query.join(" "),
        filters: narrow.filters.clone(),
        from: narrow.from.clone(),
        to: narrow.to.clone(),
        any: narrow.any,
        plain: narrow.plain,
        ..SavedSearch::default()
    };
    narrow.filters.iter().try_for_each(|f| Filter::read(f).map(|_| ()))?;
    if !search.plain {
        query::parse(&search.query, search.any)?;
    }
    match crate::index::open(&dir, context.schema) {
        Ok(index) => {
            let asked = request_of(&search)?;
            let told = &mut search.told;
            let found = query::every_new(
                &index,
                context.schema,
                &asked,
                |_| false,
                |article, _| {
                    if from_now {
                        told.insert(crate::index::tie_of(&article.id));
                    }
                    anyhow::Ok(())
                },
            )?;
            context.out.note(&format!("`{name}` finds {} articles now", found.articles));
            context.warn(&found.warnings);
        }
        Err(IndexError::Missing(_)) if !from_now => {}
        Err(error) => return Err(error.into()),
    }
    saved.searches.push(search);
    saved.write(&dir)?;
    Ok(Outcome::Done)
}

fn list(context: &mut Context) -> anyhow::Result<Outcome> {
    let saved = Saved::read(&context.index_dir())?;
    for search in &saved.searches {
        if context.common.json {
            context.json(&json!({
                "name": search.name, "query": search.query, "filters": search.filters, "from": search.from, "to": search.to,
                "any": search.any, "plain": search.plain, "told": search.told.len(),
            }))?;
            continue;
        }
        let mut parts = vec![search.query.clone()];
        parts.extend(search.filters.iter().map(|f| format!("-f {f}")));
        parts.extend(search.from.iter().map(|d| format!("--from {d}")));
        parts.extend(search.to.iter().map(|d| format!("--to {d}")));
        parts.extend(search.any.then(|| "--any".to_string()));
        parts.extend(search.plain.then(|| "--plain".to_string()));
        writeln!(context.out, "{}\t{}\t{} told", search.name, parts.join(" ").trim(), search.told.len())?;
    }
    if saved.searches.is_empty() {
        context.out.note("no searches are saved: `dateline saved add NAME QUERY` saves one");
    }
    Ok(if saved.searches.is_empty() { Outcome::Partly } else { Outcome::Done })
}

fn remove(name: &str, context: &mut Context) -> anyhow::Result<Outcome> {
    let dir = context.index_dir();
    let _lock = Saved::lock(&dir)?;
    let mut saved = Saved::read(&dir)?;
    let before = saved.searches.len();
    saved.searches.retain(|s| s.name != name);
    if saved.searches.len() == before {
        anyhow::bail!(no_search(name, &saved));
    }
    saved.recent.retain(|t| t.search != name);
    saved.write(&dir)?;
    Ok(Outcome::Done)
}

/// Says that there is no search of a name, and which there are.
pub(super) fn no_search(name: &str, saved: &Saved) -> QueryError {
    let names: Vec<&str> = saved.searches.iter().map(|s| s.name.as_str()).collect();
    let there =
        if names.is_empty() { "none is saved".into() } else { format!("saved are {}", names.join(", ")) };
    QueryError::Usage(format!("no saved search `{name}`: {there}"))
}
