//! The index over HTTP, for people by a page and for programs by JSON, and over standard input for agents.
//!
//! Reading order: `listen` accepts connections within limits; `guard` admits requests; `routes` says what there is and
//! `answers` asks the index, on the threads of `workers`; `live` follows the index as it changes.

mod answers;
mod assets;
mod export;
mod guard;
mod listen;
mod live;
mod mcp;
mod metrics;
mod openapi;
mod params;
mod patience;
mod problem;
mod router;
mod routes;
mod tools;
mod workers;

use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::index::IndexError;
use crate::query::QueryError;
use crate::schema::Schema;

pub use guard::Token;
pub use live::Place;
pub use mcp::mcp;

/// What a server is told.
#[derive(Debug)]
pub struct Config {
    /// Where the index is.
    pub index: Place,
    /// Address to listen on.
    pub bind: IpAddr,
    /// Port to listen on; 0 for any that is free.
    pub port: u16,
    /// What a request must show; needed on all addresses but those of this machine itself.
    pub token: Option<Token>,
    /// Names that requests may call this server by, besides its own: `news.example.org`, with a port or without.
    pub hosts: Vec<String>,
    /// Queries that are answered at the same time.
    pub threads: usize,
}

/// Why a server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The index cannot be opened.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The index cannot be asked.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// An address of the network was asked for without a token.
    #[error(
        "{0} is not this machine alone: others need a token, so name a file that holds one with --token-file"
    )]
    NoToken(IpAddr),
    /// The token is too easy to guess.
    #[error("the token has {0} characters: write at least {least} into its file", least = guard::SHORTEST_TOKEN)]
    ShortToken(usize),
    /// The address cannot be listened on.
    #[error("{address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// An agent does not speak the protocol.
    #[error("{0}: this command is for agents that speak the Model Context Protocol on its standard input")]
    Protocol(String),
    /// The system refused what a server cannot do without.
    #[error("{0}")]
    System(#[from] std::io::Error),
}

/// Ends a server: it takes no new requests, and finishes those that it has.
#[derive(Clone, Debug)]
pub struct Stop(tokio::sync::watch::Sender<bool>);

impl Stop {
    /// Makes one for a server to come.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Stop {
        Stop(tokio::sync::watch::Sender::new(false))
    }

    /// Tells the server to stop; returns whether it had been told before.
    pub fn now(&self) -> bool {
        self.0.send_replace(true)
    }
}

/// What all requests share.
struct Shared {
    schema: &'static Schema,
    live: live::Live,
    workers: workers::Workers,
    exports: Arc<tokio::sync::Semaphore>,
    guard: guard::Guard,
    metrics: metrics::Metrics,
    stop: Stop,
}

/// Exports that are written at the same time.
const EXPORTS: usize = 2;

/// Serves an index until it is told to stop; `ready` is told the address that is listened on.
///
/// # Errors
/// If the index cannot be opened or the address cannot be listened on.
pub fn serve(
    config: Config,
    schema: &'static Schema,
    stop: &Stop,
    ready: impl FnOnce(SocketAddr) -> std::io::Result<()>,
) -> Result<(), ServeError> {
    if !config.bind.is_loopback() && config.token.is_none() {
        return Err(ServeError::NoToken(config.bind));
    }
    let live = live::Live::open(&config.index, schema)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let address = SocketAddr::new(config.bind, config.port);
        let failed = |source| ServeError::Listen { address, source };
        let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let shared = Arc::new(Shared {
            schema,
            live,
            workers: workers::Workers::start(config.threads)?,
            exports: Arc::new(tokio::sync::Semaphore::new(EXPORTS)),
            guard: guard::Guard::new(address, config.token, &config.hosts),
            metrics: metrics::Metrics::default(),
            stop: stop.clone(),
        });
        ready(address)?;
        let watch = tokio::spawn(live::watch(Arc::clone(&shared)));
        listen::accept(listener, Arc::clone(&shared)).await;
        watch.abort();
        Ok(())
    })
}
