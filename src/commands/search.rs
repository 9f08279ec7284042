//! `dateline search`: hits, facets and evidence.

use std::io::Write;
use std::path::Path;

use super::Context;
use super::Outcome;
use super::index::tell;
use super::refresh::Report;
use super::refresh::Task;
use super::refresh::refresh;
use super::request;
use crate::cli::SearchArgs;
use crate::cli::SortArg;
use crate::index::IndexError;
use crate::ingest::Settings;
use crate::present;
use crate::query;
use crate::query::Deadline;
use crate::query::QueryError;
use crate::query::Request;
use crate::query::Results;
use crate::query::Sort;

pub(super) fn run(args: &SearchArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let mut asked = request(&args.query, &args.narrow)?;
    asked.sort = match args.sort {
        SortArg::Relevance => Sort::Relevance,
        SortArg::Newest => Sort::Newest,
        SortArg::Oldest => Sort::Oldest,
    };
    asked.limit = args.limit;
    asked.offset = args.offset;
    asked.copies = args.all || args.paths_only;
    asked.explain = args.explain;
    asked.expand = args.expand;
    asked.half_life = args.recency.as_deref().map(query::half_life).transpose()?;
    asked.facets = query::facet_list(args.facets.as_deref(), context.schema)?;
    if args.count {
        asked.limit = 0;
    }
    if args.count || args.paths_only {
        asked.facets.clear();
    }
    if let Some(path) = &args.path
        && bring_up_to_date(path, context)?.interrupted
    {
        return Ok(Outcome::Interrupted);
    }
    if args.verify {
        verify(context)?;
    }
    let index = context.backend()?;
    if let Some(path) = &args.path {
        asked.below = below(path, index.embedded("search --in")?)?;
    }
    asked.deadline = Deadline::after(args.patience.timeout);
    let results = index.search(context.schema, &asked)?;
    print(args, &asked, &results, context)?;
    Ok(if results.total == 0 { Outcome::Partly } else { Outcome::Done })
}

/// Refuses to answer from an index that is not whole.
fn verify(context: &Context) -> Result<(), IndexError> {
    let path = context.index_dir();
    match crate::index::check(&path)?.into_iter().next() {
        None => Ok(()),
        Some(damage) => {
            Err(IndexError::Damaged { path, reason: format!("{} {}", damage.file, damage.reason) })
        }
    }
}

/// Indexes the path before the search; what it did is told only if it did something.
fn bring_up_to_date(path: &Path, context: &mut Context) -> anyhow::Result<Report> {
    if !path.exists() {
        anyhow::bail!(QueryError::Usage(format!("{}: no such file or directory", path.display())));
    }
    let dir = super::index::directory(&context.common);
    context.common.index = Some(dir.clone());
    let roots = [path.to_path_buf()];
    context.heed_interrupts();
    let task = Task {
        dir: &dir,
        roots: &roots,
        schema: context.schema,
        threads: context.threads(),
        prune: false,
        file_time: false,
        settings: &Settings::default(),
        quiet: context.common.quiet || context.common.json,
        stop: &context.stop,
    };
    let report = refresh(&task)?;
    if report.added + report.updated + report.reannotated + report.removed > 0 || !report.skipped.is_empty() {
        tell(&report, &dir.display().to_string(), context);
    }
    Ok(report)
}

/// The path to search below, unless the index holds nothing else.
fn below(path: &Path, index: &crate::index::Opened) -> anyhow::Result<Option<String>> {
    let root = crate::ingest::shown(&path.canonicalize()?);
    let mut files = index.sources()?.files.keys();
    Ok(if files.all(|file| crate::index::is_below(file, &root)) { None } else { Some(root) })
}

fn print(args: &SearchArgs, asked: &Request, results: &Results, context: &mut Context) -> anyhow::Result<()> {
    if context.common.json {
        let value = present::json::results(&asked.query, results, context.schema);
        context.json(&value)?;
        return Ok(());
    }
    if args.count {
        writeln!(context.out, "{}", results.total)?;
    } else if args.paths_only {
        let mut paths: Vec<&str> = results.hits.iter().map(|h| h.article.path.as_str()).collect();
        paths.dedup();
        for path in paths {
            // A program that reads the list needs the names as they are, a terminal must not obey them.
            let path = if context.out.terminal { &present::visible(path) } else { path };
            writeln!(context.out, "{path}")?;
        }
    } else {
        present::results(&mut context.out, results, args.explain)?;
    }
    context.warn(&results.warnings);
    Ok(())
}
