//! `dateline stats`: what is in the index.

use super::Context;
use super::Outcome;
use crate::backend::Backend;
use crate::present;

pub(super) fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let index = context.backend()?;
    let found = index.statistics(context.schema)?;
    if context.common.json {
        context.json(&present::json::statistics(&found))?;
        return Ok(Outcome::Done);
    }
    let place = match &index {
        Backend::Embedded(index) => index.dir.display().to_string(),
        Backend::Cluster(_) => context.common.place.index_name.clone(),
    };
    let year = |date: Option<crate::calendar::PartialDate>| date.map_or("none".into(), |d| d.to_string());
    let rows = [
        ("articles", found.articles.to_string()),
        ("stories", found.stories.to_string()),
        ("undated", found.undated.to_string()),
        ("years", format!("{} to {}", year(found.first), year(found.last))),
        ("files", found.files.to_string()),
        ("roots", found.roots.join(", ")),
        ("index", format!("{}, {:.1} MB", place, found.bytes as f64 / 1e6)),
    ];
    present::statistics(&mut context.out, &rows)?;
    Ok(Outcome::Done)
}
