//! Canonical names for queries, looked up in the text of the tables: a query does not wait for them to be compiled.

use super::sources::Sources;
use super::sources::items;
use super::sources::rows;
use crate::tokens::fold;

/// Finds the name of the first row that has a name or alias equal to the one given, case and accents aside.
///
/// A user's rows are asked before ours; among ours, a capital is its country before it is a city.
pub(super) fn find(sources: &Sources, name: &str) -> Option<String> {
    let folded = plain(name);
    let wanted = folded.strip_prefix("the ").unwrap_or(&folded);
    if wanted.is_empty() {
        return None;
    }
    sources.actor_layers().find_map(|(table, layer)| in_table(&layer.text, table.name_column(), wanted))
}

fn in_table(table: &str, column: usize, wanted: &str) -> Option<String> {
    // A row's own name goes before another row's alias.
    let named = rows(table).find(|(_, row)| row.get(column).is_some_and(|n| is(n, wanted)));
    let row = named.or_else(|| {
        rows(table).find(|(_, row)| {
            let aliases = row.iter().skip(column + 1).take(row.len().saturating_sub(column + 2).max(1));
            aliases
                .flat_map(|cell| items(cell))
                .any(|item| is(item.trim_start_matches(['~', '=', '+']), wanted))
        })
    });
    row.and_then(|(_, cells)| cells.get(column).map(|n| n.to_string()))
}

/// Compares without folding first: most names differ in their first letter.
fn is(name: &str, wanted: &str) -> bool {
    let first = |text: &str| text.chars().next().map(|c| c.to_ascii_lowercase());
    let differs = name.is_ascii() && first(name) != first(wanted);
    !differs && plain(name) == wanted
}

/// Folded, and without the dots of acronyms.
fn plain(name: &str) -> String {
    let mut folded = fold(name.trim());
    folded.retain(|c| c != '.');
    folded
}
