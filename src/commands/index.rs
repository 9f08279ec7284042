//! `dateline index`: builds or refreshes an index.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;
use serde_json::json;

use super::Context;
use super::Outcome;
use super::cluster_index;
use super::dry_run;
use super::refresh::Report;
use super::refresh::Task;
use super::refresh::refresh;
use super::watch;
use super::watch::Watch;
use crate::cli::Common;
use crate::cli::IndexArgs;
use crate::index::Rebuild;
use crate::ingest::Skip;

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
    if let Some(cluster) = context.cluster()? {
        return cluster_index::run(args, &cluster, &settings, context);
    }
    cluster_index::expect_none(&args.layout)?;
    if args.dry_run {
        return dry_run::run(&args.paths, &dir, &settings, args.file_time, context);
    }
    let roots = if args.paths.is_empty() { roots_of(&dir, args.prune, context)? } else { args.paths.clone() };
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
    match rebuild {
        Some(rebuild) if !report.interrupted => rebuild.finish()?,
        Some(_) => {
            context.out.note(&format!("interrupted; {} is as it was", dir.display()));
            return Ok(Outcome::Interrupted);
        }
        None => {}
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

/// What an index holds, to be read anew; one that cannot be opened cannot say. What cannot be read again is not
/// dropped unless that is asked for.
fn roots_of(dir: &Path, prune: bool, context: &Context) -> anyhow::Result<Vec<PathBuf>> {
    let opened = crate::index::open(dir, context.schema)?;
    let sources = opened.sources()?;
    let roots: Vec<PathBuf> = sources.roots.iter().map(PathBuf::from).collect();
    let gone = roots.iter().find(|root| !root.exists()).map(|root| root.display().to_string());
    let piped = sources.files.keys().any(|key| key.starts_with("-:"));
    let lost = gone.or_else(|| piped.then(|| "what was read from standard input".into()));
    match lost.filter(|_| !prune) {
        Some(lost) => anyhow::bail!(crate::query::QueryError::Usage(format!(
            "{lost} cannot be read again: name the PATHs to build from, or give --prune to leave it out"
        ))),
        None => Ok(roots),
    }
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

pub(super) fn to_json(report: &Report) -> Value {
    json!({
        "articles": report.articles, "added": report.added, "updated": report.updated, "unchanged": report.unchanged,
        "reannotated": report.reannotated, "removed": report.removed, "excluded": report.excluded, "skipped": skips(&report.skipped), "bytes": report.bytes,
        "seconds": (report.seconds * 1000.0).round() / 1000.0,
    })
}

/// What could not be read, as JSON.
pub(super) fn skips(skipped: &[Skip]) -> Vec<Value> {
    let one = |skip: &Skip| match skip.record {
        Some(record) => json!({ "path": skip.path, "record": record, "reason": skip.reason }),
        None => json!({ "path": skip.path, "reason": skip.reason }),
    };
    skipped.iter().map(one).collect()
}

/// "3 hidden, 1 type"
pub(super) fn reasons<R: Display>(counts: &BTreeMap<R, u64>) -> String {
    let list: Vec<String> = counts.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    list.join(", ")
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
        context.out.note(&format!("left out: {}", reasons(&report.excluded)));
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
