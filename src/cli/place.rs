//! Where an index is, if it is not on this machine, and how it lies there.

use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;

/// Where the index is, if it is not on this machine.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "An index on a cluster")]
pub struct PlaceArgs {
    /// Engine that holds the index
    #[arg(
        long,
        global = true,
        env = "DATELINE_BACKEND",
        value_name = "ENGINE",
        default_value = "embedded",
        hide_short_help = true
    )]
    pub backend: BackendArg,
    /// Addresses of the cluster's nodes, with commas between them: https://search:9200
    #[arg(
        long = "url",
        global = true,
        env = "DATELINE_URL",
        value_name = "URL",
        value_delimiter = ',',
        hide_short_help = true
    )]
    pub urls: Vec<String>,
    /// Name of the index on the cluster
    #[arg(
        long,
        global = true,
        env = "DATELINE_INDEX_NAME",
        value_name = "NAME",
        default_value = "dateline",
        hide_short_help = true
    )]
    pub index_name: String,
    /// File with `user:password` or `ApiKey KEY` [default: DATELINE_USER and DATELINE_PASSWORD, or DATELINE_API_KEY]
    #[arg(long, global = true, env = "DATELINE_CREDENTIALS", value_name = "FILE", hide_short_help = true)]
    pub credentials: Option<PathBuf>,
    /// File with the certificates to trust, in the place of the usual ones
    #[arg(long, global = true, env = "DATELINE_CA_FILE", value_name = "FILE", hide_short_help = true)]
    pub ca_file: Option<PathBuf>,
}

/// Engine that holds an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum BackendArg {
    Embedded,
    Opensearch,
}

/// How an index lies on a cluster, and which part of the files this process sends.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "An index on a cluster")]
pub struct LayoutArgs {
    /// Primary shards of a new index [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub shards: Option<u32>,
    /// Copies of each shard besides it, of a new index [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=10))]
    pub replicas: Option<u32>,
    /// An index for each month of publication, behind one name
    #[arg(long)]
    pub by_month: bool,
    /// Send part I of N of the files, by a hash of their paths: other machines send the others
    #[arg(long, value_name = "I/N")]
    pub part: Option<String>,
    /// Name of this tree of files, where machines hold different files under one path
    #[arg(long, value_name = "NAME")]
    pub tree: Option<String>,
}
