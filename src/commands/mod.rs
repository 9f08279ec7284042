//! One file a command: the only place where stages meet.

mod alerts;
mod annotate;
mod batch;
mod check;
mod cluster_index;
mod dry_run;
mod export;
mod facets;
mod index;
mod matrix;
mod mcp;
mod place;
mod refresh;
mod saved;
mod schema;
mod search;
mod serve;
mod show;
mod similar;
mod stats;
mod tables;
mod timeline;
mod watch;

use std::io;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use crate::backend::Backend;
use crate::cli;
use crate::cli::Cli;
use crate::cli::ColorChoice;
use crate::cli::Command;
use crate::cli::Common;
use crate::cli::KnownArgs;
use crate::cli::QueryArgs;
use crate::cluster::Cluster;
use crate::index::IndexError;
use crate::index::Opened;
use crate::ingest::Settings;
use crate::present::Output;
use crate::query::Filter;
use crate::query::QueryError;
use crate::query::Remote;
use crate::query::Request;
use crate::schema::Schema;

/// Articles of an index from which on a second thread saves more time than it takes to start.
const MANY: u64 = 10_000;

/// How a command ended, as an exit code of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done = 0,
    /// Found nothing, or could not read some inputs.
    Partly = 1,
    /// Wrong usage or query, or no index there.
    Usage = 2,
    /// Index busy.
    Busy = 3,
    /// Index damaged or of another version.
    Damaged = 4,
    /// Reading or writing failed.
    Io = 5,
    /// Interrupted.
    Interrupted = 130,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        ExitCode::from(outcome as u8)
    }
}

/// What every command works with.
struct Context {
    common: Common,
    schema: &'static Schema,
    out: Output,
    /// Set when the user interrupts a command that asked to be told.
    stop: Arc<AtomicBool>,
}

/// Runs a command; prints its error, if it ends in one.
pub fn run(cli: Cli) -> ExitCode {
    let color = match cli.common.color {
        ColorChoice::Auto => None,
        ColorChoice::Always => Some(true),
        ColorChoice::Never => Some(false),
    };
    let out = Output::new(
        color.map(|c| c && !cli.common.json).or(if cli.common.json { Some(false) } else { None }),
        cli.common.quiet,
    );
    let schema = match tables::tables(&cli.command, &cli.common) {
        Ok(schema) => schema,
        Err(error) => {
            let mut out = out;
            out.complain(&format!("dateline: {error}"));
            return Outcome::Usage.into();
        }
    };
    let mut context = Context { common: cli.common, schema, out, stop: Arc::default() };
    let result = guarded(cli.command, &mut context).and_then(|outcome| {
        context.out.flush()?;
        Ok(outcome)
    });
    match result {
        Ok(outcome) => outcome.into(),
        Err(error) if is_broken_pipe(&error) => Outcome::Done.into(),
        Err(error) => {
            context.out.complain(&format!("dateline: {error:#}"));
            outcome_of(&error).into()
        }
    }
}

/// The engine panics on some damage that sizes do not show; that is told like any other damage.
fn guarded(command: Command, context: &mut Context) -> anyhow::Result<Outcome> {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| dispatch(command, context)));
    std::panic::set_hook(told);
    result.unwrap_or_else(|cause| {
        let text = cause
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| cause.downcast_ref::<&str>().copied());
        let reason = format!(
            "reading it failed: {}; `dateline check` names the file",
            text.unwrap_or("no reason given")
        );
        Err(IndexError::Damaged { path: context.index_dir(), reason }.into())
    })
}

fn dispatch(command: Command, context: &mut Context) -> anyhow::Result<Outcome> {
    place::expect(&command, context)?;
    match command {
        Command::Index(args) => index::run(&args, context),
        Command::Search(args) => search::run(&args, context),
        Command::Facets(args) => facets::run(&args, context),
        Command::Timeline(args) => timeline::run(&args, context),
        Command::Show(args) => show::run(&args, context),
        Command::Annotate(args) => annotate::run(&args, context),
        Command::Similar(args) => similar::run(&args, context),
        Command::Matrix(args) => matrix::run(&args, context),
        Command::Batch(args) => batch::run(&args, context),
        Command::Export(args) => export::run(&args, context),
        Command::Saved(args) => saved::run(&args, context),
        Command::Alerts(args) => alerts::run(&args, context),
        Command::Serve(args) => serve::run(&args, context),
        Command::Mcp => mcp::run(context),
        Command::Stats => stats::run(context),
        Command::Check => check::run(context),
        Command::Schema(args) => schema::run(&args, context),
        Command::Completions(args) => {
            cli::completions(args.shell, &mut context.out)?;
            Ok(Outcome::Done)
        }
        Command::Man => {
            cli::manual(&mut context.out)?;
            Ok(Outcome::Done)
        }
    }
}

/// A reader that went away, as `head` does, is no failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|e| e.downcast_ref::<io::Error>()).any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

fn outcome_of(error: &anyhow::Error) -> Outcome {
    for cause in error.chain() {
        let index = match cause.downcast_ref::<QueryError>() {
            Some(QueryError::Index(index)) => Some(index),
            Some(QueryError::Remote { cause, .. }) => {
                return match cause {
                    Remote::Missing => Outcome::Usage,
                    Remote::Busy => Outcome::Busy,
                    Remote::Incompatible => Outcome::Damaged,
                    Remote::Failed => Outcome::Io,
                };
            }
            Some(_) => return Outcome::Usage,
            None => cause.downcast_ref::<IndexError>(),
        };
        if let Some(index) = index {
            return match index {
                IndexError::Missing(_) => Outcome::Usage,
                IndexError::Busy { .. } => Outcome::Busy,
                IndexError::Damaged { .. } | IndexError::Incompatible { .. } => Outcome::Damaged,
                IndexError::Full { .. } | IndexError::Io { .. } | IndexError::Engine { .. } => Outcome::Io,
            };
        }
        if cause.downcast_ref::<io::Error>().is_some() {
            return Outcome::Io;
        }
    }
    Outcome::Usage
}

impl Context {
    /// The index directory that the flags and the place name.
    fn index_dir(&self) -> PathBuf {
        crate::index::find_index(self.common.index.as_deref())
    }

    fn open(&mut self) -> anyhow::Result<Opened> {
        let mut opened = crate::index::open(&self.index_dir(), self.schema)?;
        if opened.searcher.num_docs() >= MANY {
            opened.use_threads(self.threads());
        }
        if !opened.current_schema {
            self.out.note("note: not all of this index was made with the tables in use: run `dateline index` again to bring it up to date");
        }
        Ok(opened)
    }

    /// Opens the index that the flags name, wherever it is.
    fn backend(&mut self) -> anyhow::Result<Backend> {
        match self.cluster()? {
            None => Ok(Backend::Embedded(Box::new(self.open()?))),
            Some(settings) => {
                let cluster = Cluster::open(&settings, self.schema)?;
                if !cluster.current_schema {
                    self.out.note("note: this index was made with other tables than those in use: run `dateline index` again to bring it up to date");
                }
                Ok(Backend::Cluster(Box::new(cluster)))
            }
        }
    }

    /// Lets an interrupt set the flag, and no longer end the process at once.
    fn heed_interrupts(&self) {
        let stop = Arc::clone(&self.stop);
        // A second handler in one process is refused; the first one does what is needed.
        let _ = ctrlc::set_handler(move || stop.store(true, Ordering::Relaxed));
    }

    /// Threads to work with.
    fn threads(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, usize::from);
        self.common.threads.unwrap_or_else(all).clamp(1, 64)
    }

    fn json(&mut self, value: &serde_json::Value) -> io::Result<()> {
        let text = crate::present::json::text(value, self.common.pretty);
        writeln!(self.out, "{text}")
    }

    fn warn(&mut self, warnings: &[String]) {
        for warning in warnings {
            self.out.note(&format!("note: {warning}"));
        }
    }
}

/// What was typed of the files, as settings.
fn known(typed: &KnownArgs) -> anyhow::Result<Settings> {
    let pair = |text: &String| match text.split_once('=') {
        Some((field, column)) if !field.trim().is_empty() && !column.trim().is_empty() => {
            Ok((field.trim().to_string(), column.trim().to_string()))
        }
        _ => Err(QueryError::Usage(format!("--map {text}: write FIELD=COLUMN"))),
    };
    Ok(Settings {
        map: typed.map.iter().map(pair).collect::<Result<_, _>>()?,
        default_source: typed.default_source.clone(),
        default_year: typed.default_year,
        timezone: typed.timezone.clone(),
        crawled: typed.crawled.clone().map(Into::into),
    })
}

/// Makes a request of what was typed.
fn request(query: &[String], narrow: &QueryArgs) -> Result<Request, QueryError> {
    Ok(Request {
        query: query.join(" "),
        any: narrow.any,
        plain: narrow.plain,
        filters: narrow.filters.iter().map(|f| Filter::read(f)).collect::<Result<_, _>>()?,
        from: narrow.from.clone(),
        to: narrow.to.clone(),
        limit: 10,
        today: Some(crate::query::today()),
        ..Request::default()
    })
}
