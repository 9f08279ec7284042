//! `dateline check`: is the index whole.

use std::io::Write;

use serde_json::json;

use super::Context;
use super::Outcome;

pub(super) fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let dir = context.index_dir();
    let damaged = crate::index::check(&dir)?;
    if context.common.json {
        context.json(&json!({ "ok": damaged.is_empty(), "damaged": damaged }))?;
    } else if damaged.is_empty() {
        writeln!(context.out, "{}: every file is as it was written", dir.display())?;
    } else {
        for damage in &damaged {
            writeln!(context.out, "{}: {}", damage.file, damage.reason)?;
        }
        context.out.complain(&format!(
            "dateline: the index at {} is damaged: index again with `dateline index --rebuild PATH`",
            dir.display()
        ));
    }
    Ok(if damaged.is_empty() { Outcome::Done } else { Outcome::Damaged })
}
