//! Dateline searches a news corpus by who, in what role, and when.
//!
//! The modules are the pipeline, in reading order; data flows one way. `ARCHITECTURE.md` is the map.

// plain data
pub mod annotation;
pub mod article;
pub mod calendar;
pub mod tokens;
// the domain as tables
pub mod schema;
// the stages
pub mod backend;
pub mod cluster;
pub mod extract;
pub mod index;
pub mod ingest;
pub mod present;
pub mod query;
pub mod serve;
// the program
pub mod cli;
pub mod commands;
