//! `dateline stats`: what is in the index.

use super::Context;
use super::Outcome;
use crate::present;
use crate::query;

pub(super) fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let index = context.open()?;
    let found = query::statistics(&index, context.schema)?;
    if context.common.json {
        context.json(&present::json::statistics(&found))?;
        return Ok(Outcome::Done);
    }
    let year = |date: Option<crate::calendar::PartialDate>| date.map_or("none".into(), |d| d.to_string());
    let rows = [
        ("articles", found.articles.to_string()),
        ("stories", found.stories.to_string()),
        ("undated", found.undated.to_string()),
        ("years", format!("{} to {}", year(found.first), year(found.last))),
        ("files", found.files.to_string()),
        ("roots", found.roots.join(", ")),
        ("index", format!("{}, {:.1} MB", index.dir.display(), found.bytes as f64 / 1e6)),
    ];
    present::statistics(&mut context.out, &rows)?;
    Ok(Outcome::Done)
}
