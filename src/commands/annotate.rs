//! `dateline annotate`: extraction without an index.

use std::io;
use std::path::Path;
use std::path::PathBuf;

use super::Context;
use super::Outcome;
use crate::article::Article;
use crate::cli::AnnotateArgs;
use crate::cli::FormatArg;
use crate::extract;
use crate::ingest::Format;
use crate::ingest::Origin;
use crate::ingest::Reader;
use crate::ingest::Skip;
use crate::present;

pub(super) fn run(args: &AnnotateArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let format = match args.format {
        FormatArg::Auto => None,
        FormatArg::Text => Some(Format::Text),
        FormatArg::Html => Some(Format::Html),
        FormatArg::Json => Some(Format::Json),
        FormatArg::Jsonl => Some(Format::Jsonl),
    };
    let standard_input = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &standard_input[..] } else { &args.files };
    let mut outcome = Outcome::Done;
    let mut first = true;
    for file in files {
        let mut failed: Option<io::Error> = None;
        read(file, format, context.schema, &mut |read| {
            if failed.is_some() {
                return;
            }
            match read {
                Ok(article) => {
                    failed = print(&article, args.explain, first, context).err();
                    first = false;
                }
                Err(skip) => {
                    let record = skip.record.map_or(String::new(), |r| format!(" record {r}"));
                    context.out.complain(&format!("dateline: {}{record}: {}", skip.path, skip.reason));
                    outcome = Outcome::Partly;
                }
            }
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
    }
    Ok(outcome)
}

fn read(
    file: &Path,
    format: Option<Format>,
    schema: &crate::schema::Schema,
    sink: &mut dyn FnMut(Result<Article, Skip>),
) {
    let reader = Reader { cleaning: &schema.cleaning, file_time: false };
    let path = file.to_string_lossy();
    let name = file.file_name().map_or_else(|| path.clone(), |n| n.to_string_lossy());
    let origin = Origin { path: &path, relative: &name };
    if path == "-" {
        return reader.read(Box::new(io::stdin().lock()), format, &origin, sink);
    }
    match format {
        None => reader.read_file(file, &origin, sink),
        Some(_) => match std::fs::File::open(file) {
            Ok(bytes) => reader.read(Box::new(bytes), format, &origin, sink),
            Err(e) => {
                sink(Err(Skip { path: path.clone().into_owned(), record: None, reason: e.to_string() }))
            }
        },
    }
}

fn print(article: &Article, explain: bool, first: bool, context: &mut Context) -> io::Result<()> {
    use std::io::Write;
    let annotations = extract::annotate(article, context.schema);
    let why = explain.then(|| extract::explain(article, context.schema));
    if context.common.json {
        let mut value = present::json::annotated(article, &annotations, context.schema);
        if let Some(why) = why {
            value["explain"] = present::explain::to_json(article, &why);
        }
        return context.json(&value);
    }
    if !first {
        writeln!(context.out, "\n---\n")?;
    }
    present::article(&mut context.out, article, &annotations)?;
    why.map_or(Ok(()), |why| present::explanations(&mut context.out, article, &why))
}
