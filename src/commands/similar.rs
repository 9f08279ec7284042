//! `dateline similar`: copies of an article, and others on the same matter.

use super::Context;
use super::Outcome;
use crate::cli::SimilarArgs;
use crate::present;
use crate::query;
use crate::query::QueryError;

pub(super) fn run(args: &SimilarArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let index = context.open()?;
    let Some((article, _)) = query::find_article(&index, &args.id)? else {
        let message = format!("no article {}: take an id or path that search prints", args.id);
        anyhow::bail!(QueryError::Usage(message));
    };
    let similar = query::similar(&index, &article, args.limit)?;
    if context.common.json {
        context.json(&present::json::similar(&article, &similar))?;
    } else {
        present::similar(&mut context.out, &article, &similar)?;
    }
    let none = similar.copies.is_empty() && similar.related.is_empty();
    Ok(if none { Outcome::Partly } else { Outcome::Done })
}
