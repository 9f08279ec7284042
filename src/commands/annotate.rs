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
use crate::ingest::Hints;
use crate::ingest::Ingest;
use crate::ingest::Origin;
use crate::ingest::Settings;
use crate::ingest::Sink;
use crate::ingest::Skip;
use crate::present;

pub(super) fn run(args: &AnnotateArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let format = format(args.format);
    let typed = super::known(&args.known)?;
    let standard_input = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &standard_input[..] } else { &args.files };
    let mut outcome = Outcome::Done;
    let mut first = true;
    for file in files {
        let hints = hints(file, &typed).map_err(anyhow::Error::msg)?;
        let ingest =
            Ingest { cleaning: &context.schema.cleaning, hints: &hints, file_time: false, stop: None };
        let mut failed: Option<io::Error> = None;
        read(file, format, &ingest, &mut |read| {
            if failed.is_some() {
                return;
            }
            match read {
                Ok(article) => {
                    failed = print(&article, args.explain, first, context).err();
                    first = false;
                }
                // What a rule leaves out is no failure, and is told by `index`.
                Err(skip) if skip.by_rule => {}
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

/// What was typed, over what stands beside the file.
fn hints(file: &Path, typed: &Settings) -> Result<Hints, String> {
    let beside = match file.parent().filter(|_| file.as_os_str() != "-") {
        Some(dir) if dir.as_os_str().is_empty() => Settings::of_directory(Path::new("."))?,
        Some(dir) => Settings::of_directory(dir)?,
        None => None,
    };
    Hints::of(&typed.over(&beside.unwrap_or_default()))
}

fn format(named: FormatArg) -> Option<Format> {
    Some(match named {
        FormatArg::Auto => return None,
        FormatArg::Text => Format::Text,
        FormatArg::Markdown => Format::Markdown,
        FormatArg::Html => Format::Html,
        FormatArg::Mhtml => Format::Mhtml,
        FormatArg::Json => Format::Json,
        FormatArg::Jsonl => Format::Jsonl,
        FormatArg::Csv => Format::Csv,
        FormatArg::Tsv => Format::Tsv,
        FormatArg::Warc => Format::Warc,
        FormatArg::Feed => Format::Feed,
        FormatArg::Newsml => Format::Newsml,
        FormatArg::Nitf => Format::Nitf,
        FormatArg::Mbox => Format::Mbox,
        FormatArg::Zip => Format::Zip,
        FormatArg::Tar => Format::Tar,
    })
}

fn read(file: &Path, format: Option<Format>, ingest: &Ingest, sink: &mut Sink) {
    let path = file.to_string_lossy();
    let name = file.file_name().map_or_else(|| path.clone(), |n| n.to_string_lossy());
    let origin = Origin { path: &path, relative: &name };
    if path == "-" {
        ingest.read(Box::new(io::stdin().lock()), format, &origin, sink);
        return;
    }
    match format {
        None if !is_stream(file) => {
            ingest.read_file(file, &origin, sink);
        }
        _ => match std::fs::File::open(file) {
            Ok(bytes) => {
                ingest.read(Box::new(bytes), format, &origin, sink);
            }
            Err(e) => sink(Err(Skip::fault(&path, None, e.to_string()))),
        },
    }
}

/// A pipe, say that of `<(command)`, is read to its end like standard input.
fn is_stream(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
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
