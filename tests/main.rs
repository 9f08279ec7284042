//! The integration tests: files in, text out, through the real binary or the library's public face.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod architecture;
mod cli;
mod corpus;
mod inputs;
mod mcp;
mod oracle;
mod own_tables;
mod properties;
mod queries;
mod refresh;
mod schema;
mod scratch;
mod seeds;
mod serve;
mod serve_safety;
mod server;
mod stories;
