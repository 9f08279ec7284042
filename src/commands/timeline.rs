//! `dateline timeline`: articles by period.

use super::Context;
use super::Outcome;
use super::request;
use crate::cli::PeriodArg;
use crate::cli::TimelineArgs;
use crate::present;
use crate::query::Deadline;
use crate::query::Period;

pub(super) fn run(args: &TimelineArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let index = context.backend()?;
    let mut asked = request(&args.query, &args.narrow)?;
    asked.deadline = Deadline::after(args.patience.timeout);
    let period = match args.by {
        PeriodArg::Day => Period::Day,
        PeriodArg::Week => Period::Week,
        PeriodArg::Month => Period::Month,
        PeriodArg::Year => Period::Year,
    };
    let timeline = index.timeline(context.schema, &asked, period)?;
    if context.common.json {
        context.json(&present::json::timeline(period.name(), &timeline))?;
    } else {
        present::timeline(&mut context.out, &timeline)?;
        context.warn(&timeline.warnings);
    }
    let found = timeline.undated > 0 || !timeline.buckets.is_empty();
    Ok(if found { Outcome::Done } else { Outcome::Partly })
}
