//! `dateline export`: every matching article or event.

use std::io::Write;

use super::Context;
use super::Outcome;
use super::request;
use crate::cli::ExportArgs;
use crate::cli::ExportFormat;
use crate::cli::ExportWhat;
use crate::present;

pub(super) fn run(args: &ExportArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let index = context.backend()?;
    let asked = request(&args.query, &args.narrow)?;
    let schema = context.schema;
    let csv = args.format == ExportFormat::Csv;
    if csv {
        let events = args.what == ExportWhat::Events;
        writeln!(context.out, "{}", present::csv_header(schema, events))?;
    }
    let exported = match args.what {
        ExportWhat::Articles => index.every_match(schema, &asked, |article, annotations| {
            if csv {
                writeln!(context.out, "{}", present::csv_of_article(article, annotations, schema))?;
                return anyhow::Ok(());
            }
            context.json(&present::json::exported_article(article, annotations, schema))?;
            Ok(())
        })?,
        ExportWhat::Events => index.every_event(schema, &asked, |article, annotations, event| {
            if csv {
                writeln!(context.out, "{}", present::csv_of_event(article, annotations, event, schema))?;
                return anyhow::Ok(());
            }
            context.json(&present::json::exported_event(article, annotations, event))?;
            Ok(())
        })?,
    };
    context.warn(&exported.warnings);
    Ok(if exported.articles == 0 { Outcome::Partly } else { Outcome::Done })
}
