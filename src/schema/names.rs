//! Canonical names for queries, looked up in the text of the tables: a query does not wait for them to be compiled.

use super::sources::Sources;
use super::sources::items;
use super::sources::rows;
use super::spelling::is_variant;
use super::spelling::skeleton;
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

/// Shortest word that is looked for in other spellings, in letters: short ones are too many names at once.
const SHORTEST: usize = 5;

/// Lists words that stand beside a word in the rows of the tables and sound like it, folded.
pub(super) fn other_spellings(sources: &Sources, word: &str) -> Vec<String> {
    let folded = fold(word);
    let mut out = Vec::new();
    if folded.chars().count() < SHORTEST || !folded.chars().all(char::is_alphabetic) {
        return out;
    }
    // A name starts with a capital, however it was typed; the search for it skips most of the tables.
    let capital = |text: &str| {
        let mut letters = text.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect::<String>())
    };
    let needle = capital(&word.to_lowercase());
    let finder = memchr::memmem::Finder::new(&needle);
    for (table, layer) in sources.actor_layers() {
        let text = layer.text.as_bytes();
        let mut from = 0;
        while let Some(at) = finder.find(&text[from..]).map(|found| from + found) {
            let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |n| n + 1);
            let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |n| at + n);
            collect(&layer.text[start..end], table.name_column(), &folded, &mut out);
            from = end;
        }
    }
    out
}

/// The words of a row's name and aliases that sound like a word that is one of them.
fn collect(row: &str, name_column: usize, folded: &str, out: &mut Vec<String>) {
    let names = row.split('\t').skip(name_column).take(2).flat_map(items);
    let words: Vec<String> = names
        .flat_map(|name| name.split(|c: char| !c.is_alphabetic()))
        .filter(|w| w.starts_with(char::is_uppercase))
        .map(fold)
        .collect();
    if !words.iter().any(|w| w == folded) {
        return;
    }
    for word in words {
        let alike = word != folded && word.len() >= SHORTEST && skeleton(&word) == skeleton(folded);
        if alike && is_variant(&word, folded) && !out.contains(&word) {
            out.push(word);
        }
    }
}
