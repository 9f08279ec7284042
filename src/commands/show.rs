//! `dateline show`: one article with its facts.

use super::Context;
use super::Outcome;
use crate::cli::ShowArgs;
use crate::present;

pub(super) fn run(args: &ShowArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let index = context.backend()?;
    let Some((article, annotations)) = index.find_article(&args.id)? else {
        context
            .out
            .complain(&format!("dateline: no article has the id or path {}: search prints both", args.id));
        return Ok(Outcome::Partly);
    };
    if context.common.json {
        context.json(&present::json::shown(&article, &annotations, context.schema))?;
    } else {
        present::article(&mut context.out, &article, &annotations)?;
    }
    Ok(Outcome::Done)
}
