//! `dateline alerts`: what saved searches find, or what they find that was not told before.

use std::io::Write;
use std::path::Path;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use anyhow::Context as _;

use super::Context;
use super::Outcome;
use super::saved::no_search;
use super::saved::request_of;
use crate::cli::AlertFormat;
use crate::cli::AlertsArgs;
use crate::index::Opened;
use crate::index::Saved;
use crate::index::SavedSearch;
use crate::index::tie_of;
use crate::present;
use crate::present::alerts::Alert;
use crate::query;

/// What one search found.
struct Found {
    search: String,
    /// Without near-duplicates of each other.
    alerts: Vec<Alert>,
    /// All of them, the newest first.
    ids: Vec<String>,
}

pub(super) fn run(args: &AlertsArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let index = context.open()?;
    // Two runs at once must not tell the same article.
    let _lock = if args.since_last_run { Some(Saved::lock(&index.dir)?) } else { None };
    let mut saved = Saved::read(&index.dir)?;
    if let Some(name) = args.names.iter().find(|n| saved.searches.iter().all(|s| s.name != **n)) {
        anyhow::bail!(no_search(name, &saved));
    }
    if saved.searches.is_empty() {
        context.out.note("no searches are saved: `dateline saved add NAME QUERY` saves one");
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64);
    let mut found = Vec::new();
    for search in saved.searches.iter().filter(|s| args.names.is_empty() || args.names.contains(&s.name)) {
        found.push(look(search, args.since_last_run, now, &index, context)?);
    }
    let anything = found.iter().any(|f| !f.ids.is_empty());
    let mut after = saved.clone();
    if args.since_last_run {
        found.iter().for_each(|f| after.tell(&f.search, &f.ids, now));
    }
    let format = if context.common.json { AlertFormat::Jsonl } else { args.format };
    let page = page(format, args.since_last_run, &found, &after, &index, context)?;
    match &args.output {
        Some(path) => replace(path, page.as_bytes())?,
        None => {
            context.out.write_all(page.as_bytes())?;
            context.out.flush()?;
        }
    }
    // What could not be written was not told.
    if args.since_last_run && anything {
        saved = after;
        saved.write(&index.dir)?;
    }
    Ok(if anything { Outcome::Done } else { Outcome::Partly })
}

/// Asks one search.
fn look(
    search: &SavedSearch,
    new_only: bool,
    now: i64,
    index: &Opened,
    context: &mut Context,
) -> anyhow::Result<Found> {
    let asked = request_of(search)?;
    let mut found = Found { search: search.name.clone(), alerts: Vec::new(), ids: Vec::new() };
    let mut stories = std::collections::HashMap::new();
    let known = |tie: u64| new_only && search.told.contains(&tie);
    let exported = query::every_new(index, context.schema, &asked, known, |article, annotations| {
        found.ids.push(article.id.clone());
        let story = index.groups.story(tie_of(&article.id));
        match stories.get(&story) {
            Some(&at) => {
                let first: &mut Alert = &mut found.alerts[at];
                first.copies += 1;
            }
            None => {
                stories.insert(story, found.alerts.len());
                found.alerts.push(Alert::of(&search.name, article, annotations.published, now));
            }
        }
        anyhow::Ok(())
    })?;
    let warnings: Vec<String> = exported.warnings.iter().map(|w| format!("{}: {w}", search.name)).collect();
    if exported.articles > 0 {
        context.warn(&warnings);
    }
    Ok(found)
}

fn page(
    format: AlertFormat,
    new_only: bool,
    found: &[Found],
    saved: &Saved,
    index: &Opened,
    context: &Context,
) -> anyhow::Result<String> {
    let shown = || found.iter().flat_map(|f| &f.alerts);
    Ok(match format {
        AlertFormat::Text => {
            let with = found.iter().filter(|f| !f.alerts.is_empty());
            let pages: Vec<String> = with
                .map(|f| present::alerts::text(&context.out, &f.search, &f.alerts.iter().collect::<Vec<_>>()))
                .collect();
            pages.join("\n")
        }
        AlertFormat::Jsonl => shown().map(|a| format!("{}\n", present::alerts::to_json(a))).collect(),
        AlertFormat::Rss | AlertFormat::Atom => {
            let alerts = if new_only { recent(saved, index)? } else { shown().cloned().collect() };
            if format == AlertFormat::Rss {
                present::alerts::rss(&alerts)
            } else {
                present::alerts::atom(&alerts)
            }
        }
    })
}

/// The articles that were told last: a feed shows them until others take their place, so that a reader of the feed
/// that comes seldom misses none.
fn recent(saved: &Saved, index: &Opened) -> anyhow::Result<Vec<Alert>> {
    let mut alerts = Vec::new();
    for told in &saved.recent {
        if let Some((article, annotations)) = query::find_article(index, &told.id)? {
            alerts.push(Alert::of(&told.search, &article, annotations.published, told.at));
        }
    }
    Ok(alerts)
}

/// Replaces a file in one step.
fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let dir = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let mut builder = tempfile::Builder::new();
        // As open as files usually are: a feed is for others to read.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
        let mut aside = builder.prefix(".tmp").tempfile_in(dir)?;
        aside.write_all(bytes)?;
        aside.persist(path).map_err(|e| e.error)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
