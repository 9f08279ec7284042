//! Which tables a command works with: the built-in ones, or a user's laid over them.

use std::path::PathBuf;

use crate::cli::Command;
use crate::cli::Common;
use crate::index::find_index;
use crate::schema::Schema;
use crate::schema::SchemaError;

/// Folder of an index directory with tables for it.
const OWN: &str = "schema";

/// Reads the tables that the flags name, or those beside the index in use; compiles them for commands that read text.
pub(super) fn tables(command: &Command, common: &Common) -> Result<&'static Schema, SchemaError> {
    let Some(dir) = directory(command, common) else { return Ok(Schema::embedded()) };
    let schema = Schema::with_directory(&dir)?;
    let reads_text = match command {
        Command::Index(_) | Command::Annotate(_) | Command::Schema(_) => true,
        Command::Search(args) => args.path.is_some(),
        _ => false,
    };
    if reads_text {
        schema.prepare()?;
    }
    // Threads share the tables, which live as long as the process.
    Ok(Box::leak(Box::new(schema)))
}

fn directory(command: &Command, common: &Common) -> Option<PathBuf> {
    if common.schema.is_some() {
        return common.schema.clone();
    }
    let index = match command {
        Command::Completions(_) | Command::Man | Command::Check => return None,
        Command::Index(_) => super::index::directory(common),
        Command::Search(args) if args.path.is_some() => super::index::directory(common),
        _ => find_index(common.index.as_deref()),
    };
    // An empty folder is one that somebody is about to fill.
    let own = index.join(OWN);
    std::fs::read_dir(&own).is_ok_and(|mut entries| entries.next().is_some()).then_some(own)
}
