//! `dateline matrix`: who did what to whom.

use super::Context;
use super::Outcome;
use super::request;
use crate::cli::MatrixArgs;
use crate::present;
use crate::query;
use crate::query::Deadline;

pub(super) fn run(args: &MatrixArgs, context: &mut Context) -> anyhow::Result<Outcome> {
    let index = context.open()?;
    let mut asked = request(&args.query, &args.narrow)?;
    asked.deadline = Deadline::after(args.patience.timeout);
    let matrix = query::matrix(&index, context.schema, &asked, &args.rows, &args.columns)?;
    if context.common.json {
        context.json(&present::json::matrix(&matrix))?;
    } else {
        present::matrix(&mut context.out, &matrix, args.limit)?;
        context.warn(&matrix.warnings);
    }
    Ok(if matrix.cells.is_empty() { Outcome::Partly } else { Outcome::Done })
}
