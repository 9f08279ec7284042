//! `dateline batch`: many queries from a file, answers in the order of the file.

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
use crate::cli::BatchArgs;
use crate::cli::BatchFormat;
use crate::present::csv_cell;
use crate::query;
use crate::query::QueryError;
use crate::query::Results;

pub(super) fn run(args: &BatchArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let index = context.open()?;
    let lines: Box<dyn BufRead> = if args.file.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(&args.file).with_context(|| args.file.display().to_string())?))
    };
    if args.format == BatchFormat::Csv {
        writeln!(context.out, "query,rank,id,score,published,title")?;
    }
    for (number, line) in lines.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let place = || format!("{} line {}", args.file.display(), number + 1);
        let (id, text) = line
            .split_once('\t')
            .ok_or_else(|| QueryError::Usage(format!("{}: write an id, a tab and a query", place())))?;
        let mut asked = request(&[text.to_string()], &args.narrow)?;
        asked.limit = args.limit;
        asked.expand = args.expand;
        let results = query::search(&index, context.schema, &asked).with_context(place)?;
        print(args.format, id, text, &results, context)?;
    }
    Ok(Outcome::Done)
}

fn print(
    format: BatchFormat,
    id: &str,
    text: &str,
    results: &Results,
    context: &mut Context,
) -> io::Result<()> {
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
                .map(|h| json!({ "rank": h.rank, "id": h.article.id, "score": h.score, "title": h.article.title, "published": published(h) }))
                .collect();
            context.json(&json!({ "id": id, "query": text, "total": results.total, "warnings": results.warnings, "hits": hits }))?;
        }
    }
    Ok(())
}
