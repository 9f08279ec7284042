//! `dateline batch`: many queries from a file, run side by side, answers in the order of the file.

use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;

use anyhow::Context as _;
use serde_json::json;

use super::Context;
use super::Outcome;
use super::request;
use crate::backend::Backend;
use crate::cli::BatchArgs;
use crate::cli::BatchFormat;
use crate::present::csv_cell;
use crate::query;
use crate::query::Deadline;
use crate::query::QueryError;
use crate::query::Results;
use crate::schema::Schema;

/// Queries that are answered before their answers are written.
const AT_ONCE: usize = 256;

/// A line of the file.
struct Asked {
    number: usize,
    id: String,
    text: String,
}

pub(super) fn run(args: &BatchArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let index = context.backend()?;
    let lines: Box<dyn BufRead> = if args.file.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(&args.file).with_context(|| args.file.display().to_string())?))
    };
    if args.format == BatchFormat::Csv {
        writeln!(context.out, "query,rank,id,score,published,title")?;
    }
    let mut failed = 0;
    let mut waiting = Vec::new();
    for (number, line) in lines.split(b'\n').enumerate() {
        let line = line?;
        // What is not UTF-8 is searched as far as it can be read; a mark of the byte order is no part of an id.
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_start_matches('\u{feff}').trim_end_matches('\r');
        if line.trim().is_empty() {
            continue;
        }
        let (id, text) = line.split_once('\t').unwrap_or((line, ""));
        // White space in an id would be a column of its own in TREC's format.
        let id = id.split_whitespace().collect::<Vec<_>>().join("_");
        waiting.push(Asked { number: number + 1, id, text: text.into() });
        if waiting.len() == AT_ONCE {
            failed += answer(args, &index, &std::mem::take(&mut waiting), context)?;
        }
    }
    failed += answer(args, &index, &waiting, context)?;
    Ok(if failed > 0 { Outcome::Usage } else { Outcome::Done })
}

/// Answers queries and prints them in their order; returns how many could not be read. The others are answered.
fn answer(
    args: &BatchArgs,
    index: &Backend,
    asked: &[Asked],
    context: &mut Context,
) -> anyhow::Result<usize> {
    let threads = context.threads().min(asked.len()).max(1);
    let schema = context.schema;
    let next = std::sync::atomic::AtomicUsize::new(0);
    let mut answers: Vec<(usize, Result<Results, QueryError>)> = std::thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let Some(one) = asked.get(at) else { return done };
                done.push((at, results(args, index, schema, one)));
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    answers.sort_by_key(|(at, _)| *at);
    let mut failed = 0;
    for (at, result) in answers {
        let one = &asked[at];
        match result {
            Ok(results) => print(args.format, one, &results, context)?,
            Err(error @ (QueryError::Index(_) | QueryError::Remote { .. })) => return Err(error.into()),
            Err(error) => {
                failed += 1;
                context.out.complain(&format!("{} line {}: {error}", args.file.display(), one.number));
                if args.format == BatchFormat::Jsonl {
                    context.json(&json!({ "id": one.id, "query": one.text, "error": error.to_string() }))?;
                }
            }
        }
    }
    Ok(failed)
}

fn results(args: &BatchArgs, index: &Backend, schema: &Schema, one: &Asked) -> Result<Results, QueryError> {
    if one.text.is_empty() || one.id.is_empty() {
        return Err(QueryError::Usage("write an id, a tab and a query".into()));
    }
    let mut asked = request(std::slice::from_ref(&one.text), &args.narrow)?;
    asked.limit = args.limit;
    asked.copies = true;
    asked.expand = args.expand;
    asked.deadline = Deadline::after(args.patience.timeout);
    index.search(schema, &asked)
}

fn print(format: BatchFormat, one: &Asked, results: &Results, context: &mut Context) -> io::Result<()> {
    let (id, text) = (one.id.as_str(), one.text.as_str());
    let published = |hit: &query::Hit| hit.published().map(|p| p.date.to_string());
    match format {
        BatchFormat::Trec => {
            for hit in &results.hits {
                writeln!(context.out, "{id} Q0 {} {} {:.5} dateline", hit.article.id, hit.rank, hit.score)?;
            }
        }
        BatchFormat::Csv => {
            for hit in &results.hits {
                let cells = [
                    id,
                    &hit.rank.to_string(),
                    &hit.article.id,
                    &format!("{:.5}", hit.score),
                    &published(hit).unwrap_or_default(),
                    &hit.article.title,
                ];
                writeln!(context.out, "{}", cells.map(csv_cell).join(","))?;
            }
        }
        BatchFormat::Jsonl => {
            let hits: Vec<_> = results
                .hits
                .iter()
                .map(|h| json!({ "rank": h.rank, "id": h.article.id, "score": (f64::from(h.score) * 1000.0).round() / 1000.0, "title": h.article.title, "published": published(h) }))
                .collect();
            context.json(&json!({ "id": id, "query": text, "total": results.total, "partial": results.partial, "warnings": results.warnings, "hits": hits }))?;
        }
    }
    Ok(())
}
