//! Dateline searches a news corpus by who, in what role, and when.
//!
//! The modules are the pipeline, in reading order; data flows one way. `ARCHITECTURE.md` is the map.

// plain data
pub mod calendar;
pub mod tokens;
pub mod article;
pub mod annotation;
// the domain as tables
pub mod schema;
// the stages
pub mod ingest;
pub mod extract;
pub mod index;
pub mod query;
pub mod present;
// the program
pub mod cli;
pub mod commands;
