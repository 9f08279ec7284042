//! The integration tests: files in, text out, through the real binary or the library's public face.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod again;
mod alerts;
mod architecture;
mod bounds;
mod cli;
mod cluster_faults;
mod corpus;
mod crashes;
mod faults;
mod formats;
mod fuzz;
mod hostile;
mod inputs;
mod licences;
mod machine;
mod mcp;
mod oracle;
mod own_tables;
mod properties;
mod queries;
mod refresh;
mod samples;
mod schema;
mod scratch;
mod seeds;
mod serve;
mod serve_safety;
mod server;
mod stories;
