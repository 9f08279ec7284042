//! The command line as typed: flags and their help, nothing resolved.

mod place;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::ArgAction;
use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;

pub use self::place::BackendArg;
pub use self::place::LayoutArgs;
pub use self::place::PlaceArgs;

/// Search a news corpus by who, in what role, and when
#[derive(Debug, Parser)]
#[command(name = "dateline", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Flags of every command.
    #[command(flatten)]
    pub common: Common,
}

/// Flags of every command.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// Index directory [default: the nearest .dateline here or above]
    #[arg(long, global = true, env = "DATELINE_INDEX", value_name = "DIR")]
    pub index: Option<PathBuf>,
    /// Lay the tables of DIR (roles.toml, actors/*.tsv, ...) over the built-in ones [default: schema/ in the index directory]
    #[arg(long, global = true, env = "DATELINE_SCHEMA", value_name = "DIR")]
    pub schema: Option<PathBuf>,
    /// Print JSON, one object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// Spread JSON over lines
    #[arg(long, global = true, requires = "json")]
    pub pretty: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
    /// Print no progress, no report and no notes
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Threads to work with [default: one a core]
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<usize>,
    /// Where the index is.
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build or refresh the index of files and directories
    Index(IndexArgs),
    /// Find articles: words, roles, actors and dates
    Search(SearchArgs),
    /// List the values of a facet with their counts
    Facets(FacetsArgs),
    /// Count articles by day, week, month or year of publication
    Timeline(TimelineArgs),
    /// Show one article with its facts and the sentences behind them
    Show(ShowArgs),
    /// Find names, dates and events in files, without an index
    Annotate(AnnotateArgs),
    /// List the copies of an article, and others on the same matter
    Similar(SimilarArgs),
    /// Count who did what to whom: two roles of the same events, such as accuser and accused
    Matrix(MatrixArgs),
    /// Run many queries from a file
    Batch(BatchArgs),
    /// Write out every matching article or event
    Export(ExportArgs),
    /// Keep searches under a name, for alerts
    Saved(SavedArgs),
    /// Tell what saved searches find; with --since-last-run what is new, each article once
    Alerts(AlertsArgs),
    /// Open the index on this machine: a page for a browser, an HTTP API for programs
    Serve(ServeArgs),
    /// Answer an agent on standard input, by the Model Context Protocol
    Mcp,
    /// Say what is in the index
    Stats,
    /// Check that every file of the index is whole
    Check,
    /// Check the tables and run the tests of the role rules
    Schema(SchemaArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page
    Man,
}

/// Flags of `index`.
#[derive(Clone, Debug, Args)]
pub struct IndexArgs {
    /// Files and directories; - is standard input
    #[arg(required_unless_present = "rebuild", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Make the index anew beside the old one, which it then replaces; without PATH, of what the old one holds
    #[arg(long, conflicts_with_all = ["dry_run", "watch"])]
    pub rebuild: bool,
    /// Also remove the articles of roots that are gone as a whole
    #[arg(long)]
    pub prune: bool,
    /// Take a file's time of change for its date if nothing better is known
    #[arg(long)]
    pub file_time: bool,
    /// What you know of the files.
    #[command(flatten)]
    pub known: KnownArgs,
    /// Read everything and say how each file was understood; write nothing
    #[arg(long, conflicts_with = "watch")]
    pub dry_run: bool,
    /// Go on: take in files as they come, change and go, until interrupted
    #[arg(long)]
    pub watch: bool,
    /// How an index lies on a cluster.
    #[command(flatten)]
    pub layout: LayoutArgs,
}

/// What the user knows of files that they do not say themselves; `dateline.toml` beside the files holds it for good.
#[derive(Clone, Debug, Default, Args)]
pub struct KnownArgs {
    /// Column or key that holds a field of JSON, CSV and TSV records: --map title=Headline
    #[arg(long, value_name = "FIELD=COLUMN", action = ArgAction::Append)]
    pub map: Vec<String>,
    /// Source of articles that name none
    #[arg(long, value_name = "NAME")]
    pub default_source: Option<String>,
    /// Year of stamps and datelines that state none
    #[arg(long, value_name = "YEAR")]
    pub default_year: Option<i16>,
    /// Zone in which days are counted where a date is given in universal time: America/New_York, +02:00
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub timezone: Option<String>,
    /// When the files were fetched, which "5 hours ago" counts from: 2020-10-27, 2020-10-27T14:05
    #[arg(long, value_name = "DATE")]
    pub crawled: Option<String>,
}

/// What narrows a query.
#[derive(Clone, Debug, Default, Args)]
pub struct QueryArgs {
    /// Keep articles with this value, or with != those without; several values of a field are alternatives
    #[arg(short, long = "filter", value_name = "FIELD=VALUE", action = ArgAction::Append)]
    pub filters: Vec<String>,
    /// First day of publication: 2020, 2020-10, 2020-10-27
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Last day of publication
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// Any of the words instead of all
    #[arg(long)]
    pub any: bool,
    /// The query is words; nothing in it is an operator
    #[arg(long)]
    pub plain: bool,
}

/// How long an answer may take.
#[derive(Clone, Debug, Args)]
pub struct PatienceArgs {
    /// Stop after so many seconds and answer with what was found by then, marked as partial; 0 never stops
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub timeout: Duration,
}

/// Reads seconds; none is no limit.
fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || "write a number of seconds such as 5 or 0.5; 0 is no limit".to_string();
    let number: f64 = text.strip_suffix('s').unwrap_or(text).parse().map_err(|_| wrong())?;
    let time = Duration::try_from_secs_f64(number).map_err(|_| wrong())?;
    Ok(if time.is_zero() { Duration::MAX } else { time })
}

/// Flags of `search`.
#[derive(Clone, Debug, Args)]
pub struct SearchArgs {
    /// Words, "phrases", OR, -word, field:value, dates such as 2020-10..2022
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// First build or refresh an index of PATH, then search PATH alone
    #[arg(long = "in", value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// What narrows the query.
    #[command(flatten)]
    pub narrow: QueryArgs,
    /// How long an answer may take.
    #[command(flatten)]
    pub patience: PatienceArgs,
    /// Let the words of the best hits join the query: finds more of what it is about, and takes twice as long
    #[arg(long)]
    pub expand: bool,
    /// Order of the hits
    #[arg(long, value_name = "ORDER", default_value = "relevance")]
    pub sort: SortArg,
    /// Halve an article's score with every so many days before the newest: 30d, 6w, 12m, 2y
    #[arg(long, value_name = "PERIOD")]
    pub recency: Option<String>,
    /// Show every copy of an article, not the earliest alone
    #[arg(long)]
    pub all: bool,
    /// Hits to print; 0 for counts and facets alone
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    pub limit: usize,
    /// Hits to pass over
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: usize,
    /// Facets to count, as FIELD or FIELD:N, with commas between them; or none
    #[arg(long, value_name = "LIST")]
    pub facets: Option<String>,
    /// Print paths only
    #[arg(short = 'l', long = "files-with-matches")]
    pub paths_only: bool,
    /// Print the number of matching articles only
    #[arg(short, long)]
    pub count: bool,
    /// First check every file of the index against what was written
    #[arg(long)]
    pub verify: bool,
    /// Say how the query was understood, which words it stands for, and what each hit's score is made of
    #[arg(long)]
    pub explain: bool,
}

/// Order of hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum SortArg {
    Relevance,
    Newest,
    Oldest,
}

/// Flags of `facets`.
#[derive(Clone, Debug, Args)]
pub struct FacetsArgs {
    /// Facet: broker, host, accuser, accused, actor, person, country, source, month, ...
    #[arg(value_name = "FIELD")]
    pub field: String,
    /// Query
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// What narrows the query.
    #[command(flatten)]
    pub narrow: QueryArgs,
    /// How long an answer may take.
    #[command(flatten)]
    pub patience: PatienceArgs,
    /// Only values with a word that starts so
    #[arg(long, value_name = "TEXT")]
    pub prefix: Option<String>,
    /// Values to list
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// Show the sentences behind each value
    #[arg(long)]
    pub evidence: bool,
}

/// Flags of `similar`.
#[derive(Clone, Debug, Args)]
pub struct SimilarArgs {
    /// Id or path of an article, as search prints them
    #[arg(value_name = "ID")]
    pub id: String,
    /// Related articles to list
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    pub limit: usize,
}

/// Flags of `matrix`.
#[derive(Clone, Debug, Args)]
pub struct MatrixArgs {
    /// Role of the rows: accuser, broker, attacker, ...
    #[arg(value_name = "ROLE")]
    pub rows: String,
    /// Role of the columns: accused, party, target, ...
    #[arg(value_name = "ROLE")]
    pub columns: String,
    /// Query
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// What narrows the query.
    #[command(flatten)]
    pub narrow: QueryArgs,
    /// How long an answer may take.
    #[command(flatten)]
    pub patience: PatienceArgs,
    /// Rows and columns to print, the most frequent first
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    pub limit: usize,
}

/// Flags of `timeline`.
#[derive(Clone, Debug, Args)]
pub struct TimelineArgs {
    /// Query
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// What narrows the query.
    #[command(flatten)]
    pub narrow: QueryArgs,
    /// How long an answer may take.
    #[command(flatten)]
    pub patience: PatienceArgs,
    /// Period of a bar
    #[arg(long, value_name = "PERIOD", default_value = "month")]
    pub by: PeriodArg,
}

/// Period of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum PeriodArg {
    Day,
    Week,
    Month,
    Year,
}

/// Flags of `show`.
#[derive(Clone, Debug, Args)]
pub struct ShowArgs {
    /// Id or path of an article, as search prints them
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Flags of `annotate`.
#[derive(Clone, Debug, Args)]
pub struct AnnotateArgs {
    /// Files; - or none is standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Format of the input
    #[arg(long, value_name = "FORMAT", default_value = "auto")]
    pub format: FormatArg,
    /// What you know of the files.
    #[command(flatten)]
    pub known: KnownArgs,
    /// Say for each trigger word which rules fired and which came near, and what they lacked
    #[arg(long)]
    pub explain: bool,
}

/// Format of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum FormatArg {
    Auto,
    Text,
    Markdown,
    Html,
    Mhtml,
    Json,
    Jsonl,
    Csv,
    Tsv,
    Warc,
    Feed,
    Newsml,
    Nitf,
    Mbox,
    Zip,
    Tar,
}

/// Flags of `batch`.
#[derive(Clone, Debug, Args)]
pub struct BatchArgs {
    /// File with an id, a tab and a query a line; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What narrows every query.
    #[command(flatten)]
    pub narrow: QueryArgs,
    /// How long an answer may take.
    #[command(flatten)]
    pub patience: PatienceArgs,
    /// Let the words of the best hits join the query: finds more of what it is about, and takes twice as long
    #[arg(long)]
    pub expand: bool,
    /// Format of the answers
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    pub format: BatchFormat,
    /// Hits a query
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    pub limit: usize,
}

/// Format of the answers of `batch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum BatchFormat {
    Jsonl,
    Csv,
    Trec,
}

/// Flags of `export`.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    /// Query
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// What narrows the query.
    #[command(flatten)]
    pub narrow: QueryArgs,
    /// What to write out
    #[arg(long, value_name = "WHAT", default_value = "articles")]
    pub what: ExportWhat,
    /// Format
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    pub format: ExportFormat,
}

/// What `export` writes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum ExportWhat {
    Articles,
    Events,
}

/// Format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum ExportFormat {
    Jsonl,
    Csv,
}

/// Flags of `saved`.
#[derive(Clone, Debug, Args)]
pub struct SavedArgs {
    /// What to do
    #[command(subcommand)]
    pub action: SavedAction,
}

/// Actions of `saved`.
#[derive(Clone, Debug, Subcommand)]
pub enum SavedAction {
    /// Keep a search under a name
    Add {
        /// Name
        #[arg(value_name = "NAME")]
        name: String,
        /// Query
        #[arg(value_name = "QUERY")]
        query: Vec<String>,
        /// What narrows the query.
        #[command(flatten)]
        narrow: QueryArgs,
        /// Take what it finds now as told already
        #[arg(long)]
        from_now: bool,
    },
    /// List the saved searches
    List,
    /// Forget a saved search
    Remove {
        /// Name
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// Flags of `alerts`.
#[derive(Clone, Debug, Args)]
pub struct AlertsArgs {
    /// Saved searches; all of them if none is named
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Tell only what has not been told yet, and remember it as told; exit code 0 if there is something, 1 if not
    #[arg(long)]
    pub since_last_run: bool,
    /// Format; rss and atom hold the last hundred articles that were told
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: AlertFormat,
    /// File to write instead of standard output, replaced as a whole
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Format of alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum AlertFormat {
    Text,
    Jsonl,
    Rss,
    Atom,
}

/// Flags of `serve`.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// Port to listen on; 0 for any that is free
    #[arg(long, value_name = "PORT", default_value_t = 7777)]
    pub port: u16,
    /// Address to listen on; any but this machine's own needs --token-file
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1")]
    pub bind: IpAddr,
    /// File with a token of 16 characters or more that every request must show
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Another name that requests may call this server by, as NAME or NAME:PORT
    #[arg(long = "host", value_name = "NAME", action = ArgAction::Append)]
    pub hosts: Vec<String>,
}

/// Flags of `schema`.
#[derive(Clone, Debug, Args)]
pub struct SchemaArgs {
    /// What to do
    #[command(subcommand)]
    pub action: SchemaAction,
}

/// Actions of `schema`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum SchemaAction {
    /// Compile the tables, run the tests of the role rules and count clashes
    Check {
        /// List every clash
        #[arg(short, long)]
        verbose: bool,
    },
}

/// Flags of `completions`.
#[derive(Clone, Debug, Args)]
pub struct CompletionsArgs {
    /// Shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Parses the arguments of this process; prints help or the error and exits if there is nothing to run.
pub fn parse() -> Cli {
    Cli::parse()
}

/// Writes a completion script.
///
/// # Errors
/// If writing fails.
pub fn completions(shell: clap_complete::Shell, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let mut command = <Cli as clap::CommandFactory>::command();
    // Into memory first: the generator panics if the reader of its output has gone.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "dateline", &mut script);
    out.write_all(&script)
}

/// Writes the manual page.
///
/// # Errors
/// If writing fails.
pub fn manual(out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let command = <Cli as clap::CommandFactory>::command();
    clap_mangen::Man::new(command.clone()).render(&mut &mut *out)?;
    for sub in command.get_subcommands() {
        let name: &'static str = Box::leak(format!("dateline-{}", sub.get_name()).into_boxed_str());
        clap_mangen::Man::new(sub.clone().name(name)).render(&mut &mut *out)?;
    }
    Ok(())
}
