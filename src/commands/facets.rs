//! `dateline facets`: the values of one facet.

use super::Context;
use super::Outcome;
use super::request;
use crate::cli::FacetsArgs;
use crate::present;
use crate::query::Deadline;

pub(super) fn run(args: &FacetsArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let index = context.backend()?;
    let mut asked = request(&args.query, &args.narrow)?;
    asked.deadline = Deadline::after(args.patience.timeout);
    let counts =
        index.facet_values(context.schema, &asked, &args.field, args.prefix.as_deref(), args.limit)?;
    let evidence =
        if args.evidence { Some(index.facet_evidence(context.schema, &asked, &counts)?) } else { None };
    if context.common.json {
        context.json(&present::json::facet(&counts, evidence.as_deref()))?;
    } else {
        present::facet(&mut context.out, &counts, evidence.as_deref())?;
        context.warn(&counts.warnings);
    }
    Ok(if counts.distinct == 0 { Outcome::Partly } else { Outcome::Done })
}
