//! `dateline index --dry-run`: reads everything, says how each file was understood, and writes nothing.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use serde_json::Value;
use serde_json::json;

use super::Context;
use super::Outcome;
use super::index::reasons;
use super::index::skips;
use crate::article::Article;
use crate::ingest;
use crate::ingest::Found;
use crate::ingest::Ingest;
use crate::ingest::Origin;
use crate::ingest::Settings;
use crate::ingest::Skip;

/// Faults of a file that are shown; the others are counted.
const SHOWN: usize = 3;

/// How a file, or all files of a format, were understood.
#[derive(Default)]
struct Understood {
    format: &'static str,
    files: u64,
    articles: u64,
    undated: u64,
    bytes: u64,
    first: Option<Article>,
    left_out: BTreeMap<String, u64>,
    skipped: Vec<Skip>,
}

pub(super) fn run(
    roots: &[PathBuf],
    dir: &Path,
    settings: &Settings,
    file_time: bool,
    context: &mut Context,
) -> anyhow::Result<Outcome> {
    let schema = context.schema;
    let tables = schema.changes.as_ref().map(|c| ("tables", Path::new(&c.dir)));
    let ours: Vec<ingest::Ours> = tables.into_iter().chain([("index", dir)]).collect();
    let walked = ingest::walk(roots, &ours, settings).map_err(anyhow::Error::msg)?;
    let mut formats: BTreeMap<&'static str, Understood> = BTreeMap::new();
    let mut skipped = walked.skipped;
    for found in &walked.files {
        if context.stop.load(Ordering::Relaxed) {
            return Ok(Outcome::Interrupted);
        }
        let stop = std::sync::Arc::clone(&context.stop);
        let ingest =
            Ingest { cleaning: &schema.cleaning, hints: &found.hints, file_time, stop: Some(stop.as_ref()) };
        let file = understand(found, &ingest);
        print(found, &file, context)?;
        let all = formats.entry(file.format).or_default();
        all.files += 1;
        all.articles += file.articles;
        all.undated += file.undated;
        all.bytes += found.size;
        for (reason, number) in &file.left_out {
            *all.left_out.entry(reason.clone()).or_default() += number;
        }
        skipped.extend(file.skipped);
    }
    summarise(&formats, &walked.excluded, &skipped, context)?;
    Ok(if skipped.is_empty() { Outcome::Done } else { Outcome::Partly })
}

fn understand(found: &Found, ingest: &Ingest) -> Understood {
    let mut file = Understood::default();
    let origin = Origin { path: &found.path, relative: &found.relative };
    let format = ingest.read_file(&found.file, &origin, &mut |read| match read {
        Ok(article) => {
            file.articles += 1;
            file.undated += u64::from(article.published.is_none());
            file.first.get_or_insert(article);
        }
        Err(skip) if skip.by_rule => *file.left_out.entry(skip.reason).or_default() += 1,
        Err(skip) => file.skipped.push(skip),
    });
    file.format = format.map_or("unreadable", ingest::Format::name);
    file
}

fn print(found: &Found, file: &Understood, context: &mut Context) -> io::Result<()> {
    if context.common.json {
        return context.json(&json!({
            "path": found.path, "format": file.format, "articles": file.articles, "undated": file.undated,
            "first": file.first.as_ref().map(first), "excluded": file.left_out,
            "skipped": skips(&file.skipped),
        }));
    }
    let clean = crate::present::visible;
    writeln!(context.out, "{}  {}  {}", clean(&found.path), file.format, told(file))?;
    if let Some(article) = &file.first {
        let day = article.published.map_or("undated".into(), |p| format!("{} ({})", p.date, p.method.name()));
        let title = if article.title.is_empty() { "(no title)" } else { &article.title };
        let source = article.source.as_deref().unwrap_or("no source");
        let language = article.language.as_deref().unwrap_or("?");
        let paragraphs = article.paragraphs().count();
        let aside = article.boilerplate().count();
        let blocks = format!("{}, {aside} set aside", counted(paragraphs as u64, "paragraph"));
        writeln!(context.out, "    {} · {day} · {} · {language} · {blocks}", clean(title), clean(source))?;
    }
    for skip in file.skipped.iter().take(SHOWN) {
        let record = skip.record.map_or(String::new(), |r| format!("record {r}: "));
        let inside = skip.path.strip_prefix(&found.path).map_or("", |p| p.trim_start_matches('/'));
        let inside = if inside.is_empty() { String::new() } else { format!("{inside}: ") };
        writeln!(context.out, "    not read: {}{record}{}", clean(&inside), clean(&skip.reason))?;
    }
    if file.skipped.len() > SHOWN {
        writeln!(context.out, "    and {} more: --json lists all", file.skipped.len() - SHOWN)?;
    }
    Ok(())
}

fn first(article: &Article) -> Value {
    json!({
        "id": article.id, "title": article.title, "source": article.source, "url": article.url,
        "authors": article.authors, "sections": article.sections, "language": article.language,
        "published": article.published.map(|p| json!({ "date": p.date.to_string(), "method": p.method.name() })),
    })
}

/// "1 article", "2 articles"
fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// "12 articles, 2 undated; left out: 3 redirect"
fn told(file: &Understood) -> String {
    let mut text = counted(file.articles, "article");
    if file.undated > 0 {
        text += &format!(", {} undated", file.undated);
    }
    if !file.skipped.is_empty() {
        text += &format!(", {} not read", file.skipped.len());
    }
    if !file.left_out.is_empty() {
        text += &format!("; left out: {}", reasons(&file.left_out));
    }
    text
}

fn summarise(
    formats: &BTreeMap<&'static str, Understood>,
    excluded: &BTreeMap<&'static str, u64>,
    skipped: &[Skip],
    context: &mut Context,
) -> io::Result<()> {
    let articles: u64 = formats.values().map(|f| f.articles).sum();
    if context.common.json {
        let mut all: BTreeMap<String, u64> = excluded.iter().map(|(k, v)| ((*k).to_string(), *v)).collect();
        for (reason, number) in formats.values().flat_map(|f| &f.left_out) {
            *all.entry(reason.clone()).or_default() += number;
        }
        let by_format: serde_json::Map<String, Value> = formats
            .iter()
            .map(|(name, f)| ((*name).to_string(), json!({ "files": f.files, "articles": f.articles, "undated": f.undated, "bytes": f.bytes })))
            .collect();
        return context.json(&json!({
            "dry_run": true, "articles": articles, "formats": by_format, "excluded": all,
            "skipped": skips(skipped),
        }));
    }
    for (name, format) in formats {
        context.out.note(&format!("{name}: {}, {}", counted(format.files, "file"), told(format)));
    }
    if !excluded.is_empty() {
        context.out.note(&format!("left out: {}", reasons(excluded)));
    }
    context.out.note(&format!(
        "{} would be indexed, {} not read; nothing was written",
        counted(articles, "article"),
        skipped.len()
    ));
    Ok(())
}
