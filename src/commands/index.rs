//! `dateline index`: builds or refreshes an index.

use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use serde_json::json;

use super::Context;
use super::Outcome;
use super::dry_run;
use super::refresh::Report;
use super::refresh::Task;
use super::refresh::refresh;
use super::watch;
use super::watch::Watch;
use crate::cli::Common;
use crate::cli::IndexArgs;
use crate::index::Rebuild;

/// Files that the report names; the others are counted.
const NAMED: usize = 20;

pub(super) fn run(args: &IndexArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let dir = directory(&context.common);
    let missing = args.paths.iter().find(|p| p.as_os_str() != "-" && !p.exists());
    if let (Some(path), 1, false) = (missing, args.paths.len(), args.prune) {
        anyhow::bail!(crate::query::QueryError::Usage(format!(
            "{}: no such file or directory",
            path.display()
        )));
    }
    let settings = super::known(&args.known)?;
    context.heed_interrupts();
    if args.dry_run {
        return dry_run::run(&args.paths, &dir, &settings, args.file_time, context);
    }
    let roots = if args.paths.is_empty() { roots_of(&dir, context)? } else { args.paths.clone() };
    let rebuild = if args.rebuild { Some(Rebuild::begin(&dir)?) } else { None };
    let built = rebuild.as_ref().map_or_else(|| dir.clone(), |rebuild| rebuild.aside().to_path_buf());
    let stop = std::sync::Arc::clone(&context.stop);
    let task = Task {
        dir: &built,
        roots: &roots,
        schema: context.schema,
        threads: context.threads(),
        prune: args.prune,
        file_time: args.file_time,
        settings: &settings,
        quiet: context.common.quiet || context.common.json,
        stop: &stop,
    };
    // Watching begins first, so that no change falls between.
    let watch = if args.watch { Some(Watch::start(&args.paths, &dir, context)?) } else { None };
    let report = refresh(&task)?;
    if let Some(rebuild) = rebuild.filter(|_| !report.interrupted) {
        rebuild.finish()?;
    }
    if context.common.json {
        context.json(&to_json(&report))?;
    } else {
        tell(&report, &dir.display().to_string(), context);
    }
    if let (Some(watch), false) = (watch, report.interrupted) {
        context.out.flush()?;
        return watch::run(&watch, &task, context);
    }
    Ok(match (report.interrupted, report.skipped.is_empty()) {
        (true, _) => Outcome::Interrupted,
        (false, true) => Outcome::Done,
        (false, false) => Outcome::Partly,
    })
}

/// What an index holds, to be read anew; one that cannot be opened cannot say.
fn roots_of(dir: &Path, context: &Context) -> anyhow::Result<Vec<PathBuf>> {
    let roots = crate::index::open(dir, context.schema).and_then(|opened| opened.sources())?.roots;
    Ok(roots.into_iter().map(PathBuf::from).collect())
}

/// The index directory that is written: here, unless another is named.
pub(super) fn directory(common: &Common) -> PathBuf {
    common.index.clone().unwrap_or_else(|| ".dateline".into())
}

/// Tells of a batch that was taken in while watching, if it changed anything or something could not be read.
pub(super) fn tell_batch(report: &Report, context: &mut Context) -> std::io::Result<()> {
    if report.added + report.updated + report.removed + report.reannotated == 0 {
        return Ok(());
    }
    if context.common.json {
        context.json(&to_json(report))?;
        return context.out.flush();
    }
    context.out.note(&format!(
        "{} added, {} updated, {} removed in {:.1} s; {} articles",
        report.added, report.updated, report.removed, report.seconds, report.articles
    ));
    Ok(())
}

fn to_json(report: &Report) -> serde_json::Value {
    let skipped: Vec<_> = report
        .skipped
        .iter()
        .map(|s| match s.record {
            Some(record) => json!({ "path": s.path, "record": record, "reason": s.reason }),
            None => json!({ "path": s.path, "reason": s.reason }),
        })
        .collect();
    json!({
        "articles": report.articles, "added": report.added, "updated": report.updated, "unchanged": report.unchanged,
        "reannotated": report.reannotated, "removed": report.removed, "excluded": report.excluded, "skipped": skipped, "bytes": report.bytes,
        "seconds": (report.seconds * 1000.0).round() / 1000.0,
    })
}

/// The closing report, on standard error: the index is the output.
pub(super) fn tell(report: &Report, dir: &str, context: &mut Context) {
    let rate = if report.seconds > 0.05 && report.bytes > 100_000 {
        format!(
            " ({:.1} MB, {:.1} MB/s)",
            report.bytes as f64 / 1e6,
            report.bytes as f64 / 1e6 / report.seconds
        )
    } else {
        String::new()
    };
    let state = if report.interrupted { "interrupted; " } else { "" };
    let again = match report.reannotated {
        0 => String::new(),
        number => format!("{number} annotated anew, "),
    };
    context.out.note(&format!(
        "{state}{dir} holds {} articles: {} added, {} updated, {again}{} unchanged, {} removed in {:.1} s{rate}",
        report.articles, report.added, report.updated, report.unchanged, report.removed, report.seconds
    ));
    if !report.excluded.is_empty() {
        let list: Vec<String> =
            report.excluded.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        context.out.note(&format!("left out: {}", list.join(", ")));
    }
    if !report.skipped.is_empty() {
        context.out.note(&format!("could not read {}:", report.skipped.len()));
        for skip in report.skipped.iter().take(NAMED) {
            let record = skip.record.map_or(String::new(), |r| format!(" record {r}"));
            context.out.note(&format!("  {}{record}: {}", skip.path, skip.reason));
        }
        if report.skipped.len() > NAMED {
            context.out.note(&format!("  and {} more: --json lists all", report.skipped.len() - NAMED));
        }
    }
}
