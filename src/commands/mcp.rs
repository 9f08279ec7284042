//! `dateline mcp`: the index as tools for an agent.

use super::Context;
use super::Outcome;
use super::serve::plain;
use crate::serve;

pub(super) fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let threads = context.threads().max(2);
    serve::mcp(&context.index_dir(), context.schema, threads).map_err(plain)?;
    Ok(Outcome::Done)
}
