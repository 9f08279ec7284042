//! Canonical names for queries, looked up in the text of the tables: a query does not wait for them to be compiled.

use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use rustc_hash::FxHashMap;

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

/// Questions that are answered by looking through the tables; whoever asks more gets them sorted first.
const FEW: usize = 16;

/// Other spellings of the words of names.
#[derive(Debug, Default)]
pub(super) struct Spellings {
    asked: AtomicUsize,
    /// By word, as the tables write it.
    known: OnceLock<FxHashMap<String, Vec<String>>>,
}

impl Spellings {
    /// Lists words that stand beside a word in the rows of the tables and sound like it, folded.
    pub fn of(&self, sources: &Sources, word: &str) -> Vec<String> {
        if word.chars().count() < SHORTEST || !word.chars().all(char::is_alphabetic) {
            return Vec::new();
        }
        // A name starts with a capital, however it was typed.
        let small = word.to_lowercase();
        let mut letters = small.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        let word: String = first.chain(letters).collect();
        if self.asked.fetch_add(1, Ordering::Relaxed) < FEW {
            return looked_up(sources, &word);
        }
        self.known.get_or_init(|| all(sources)).get(&word).cloned().unwrap_or_default()
    }
}

/// Looks for a word in the text of the tables, most of which is skipped.
fn looked_up(sources: &Sources, word: &str) -> Vec<String> {
    let mut out = Vec::new();
    let finder = memchr::memmem::Finder::new(word);
    for (table, layer) in sources.actor_layers() {
        let text = layer.text.as_bytes();
        let mut from = 0;
        while let Some(at) = finder.find(&text[from..]).map(|found| from + found) {
            let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |n| n + 1);
            let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |n| at + n);
            let words = words_of(&layer.text[start..end], table.name_column());
            if words.contains(&word) {
                add_variants(word, &words, &mut out);
            }
            from = end;
        }
    }
    out.sort_unstable();
    out
}

/// The words that have other spellings, with these.
fn all(sources: &Sources) -> FxHashMap<String, Vec<String>> {
    let mut out: FxHashMap<String, Vec<String>> = FxHashMap::default();
    for (table, layer) in sources.actor_layers() {
        for row in layer.text.lines() {
            let mut words = words_of(row, table.name_column());
            words.sort_unstable();
            words.dedup();
            if words.len() < 2 {
                continue;
            }
            for word in words.iter().filter(|word| word.chars().count() >= SHORTEST) {
                let mut found = Vec::new();
                add_variants(word, &words, &mut found);
                if !found.is_empty() {
                    let known = out.entry((*word).to_string()).or_default();
                    found.retain(|other| !known.contains(other));
                    known.append(&mut found);
                    known.sort_unstable();
                }
            }
        }
    }
    out
}

/// The words of a row's name and aliases that begin with a capital.
fn words_of(row: &str, name_column: usize) -> Vec<&str> {
    let cells = row.split('\t').skip(name_column).take(if row.starts_with('#') { 0 } else { 2 });
    let words = cells.flat_map(items).flat_map(|name| name.split(|c: char| !c.is_alphabetic()));
    words.filter(|w| w.starts_with(char::is_uppercase)).collect()
}

/// Adds those of some words that sound like one, folded.
fn add_variants(word: &str, words: &[&str], out: &mut Vec<String>) {
    let asked = fold(word);
    let sound = skeleton(&asked);
    for other in words.iter().map(|other| fold(other)) {
        let alike = other != asked && other.len() >= SHORTEST && skeleton(&other) == sound;
        if alike && is_variant(&other, &asked) && !out.contains(&other) {
            out.push(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_sorted_first_are_those_looked_up() {
        let sources = Sources::embedded();
        let all = all(&sources);
        assert!(all.len() > 100);
        for (word, others) in all.iter().step_by(7) {
            assert_eq!(&looked_up(&sources, word), others, "{word}");
        }
    }
}
