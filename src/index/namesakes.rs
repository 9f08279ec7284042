//! Groups the spellings of one name over the whole corpus: "Joaquin Villalobos" and "Joaquín Villalobos", "Kim Jong Il"
//! and "Kim Jong-il", "Exxon Corp" and "Exxon". Names of the tables are never joined to one another.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use tantivy::Searcher;

use super::facet_column::FacetColumn;
use crate::schema::Schema;
use crate::schema::WordClass;
use crate::schema::are_variants;
use crate::schema::skeleton;
use crate::tokens::fold;

/// Fields whose values are names, and whether these are persons.
const FIELDS: [(&str, bool); 3] = [("person=", true), ("organisation=", false), ("place=", false)];

/// A name and the number of articles that have it.
struct Name {
    text: String,
    articles: u64,
    known: bool,
}

/// Spellings of one name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    /// The one to show comes first.
    pub names: Vec<String>,
    /// Articles that have one of them, those with two counted twice.
    pub articles: u64,
}

/// Groups the names of the articles that are alive.
pub(super) fn group(
    searcher: &Searcher,
    columns: &[FacetColumn],
    schema: &Schema,
) -> std::io::Result<Vec<Group>> {
    Ok(group_counted(&counts(searcher, columns)?, schema))
}

/// Groups names by the number of articles that have them, each behind its field and `=`.
pub(super) fn group_counted(counts: &BTreeMap<String, u64>, schema: &Schema) -> Vec<Group> {
    let lexicon = schema.lexicon();
    let known: FxHashSet<&str> = lexicon.actors.entities().iter().map(|e| e.name.as_str()).collect();
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut grouped: FxHashSet<String> = FxHashSet::default();
    for (prefix, persons) in FIELDS {
        let names: Vec<Name> = counts
            .iter()
            .filter_map(|(value, articles)| Some((value.strip_prefix(prefix)?, *articles)))
            .map(|(text, articles)| Name { text: text.into(), articles, known: known.contains(text) })
            .collect();
        let legal = |word: &str| {
            let number = lexicon.vocabulary.number(word);
            lexicon.classes.has(number, WordClass::LEGAL_FORM)
        };
        for group in spelled_alike(names, persons, &legal) {
            // A name that is both a person's and a place's is in one group only.
            if group.names.iter().all(|name| grouped.insert(name.clone())) {
                groups.insert(group.names[0].clone(), group);
            }
        }
    }
    groups.into_values().collect()
}

/// Counts the living articles by facet value, of the fields above.
fn counts(searcher: &Searcher, columns: &[FacetColumn]) -> std::io::Result<BTreeMap<String, u64>> {
    let mut all = BTreeMap::new();
    for (segment, column) in searcher.segment_readers().iter().zip(columns) {
        let mut by_ordinal = vec![0_u32; column.ordinals()];
        for doc in segment.doc_ids_alive() {
            column.each(doc, |ordinal| by_ordinal[ordinal as usize] += 1);
        }
        column.each_term(|term, ordinal| {
            let articles = by_ordinal.get(ordinal as usize).copied().unwrap_or(0);
            let wanted = FIELDS.iter().any(|(prefix, _)| term.starts_with(prefix.as_bytes()));
            if articles > 0 && wanted {
                *all.entry(String::from_utf8_lossy(term).into_owned()).or_default() += u64::from(articles);
            }
        })?;
    }
    Ok(all)
}

/// Groups names that differ in case, accents, hyphens, dots and legal forms; persons also in a middle initial and in
/// the spelling of a foreign name.
fn spelled_alike(names: Vec<Name>, persons: bool, legal: &dyn Fn(&str) -> bool) -> Vec<Group> {
    let mut by_key: BTreeMap<String, Vec<Name>> = BTreeMap::new();
    // A tab or line break stands between names where they are kept.
    let is_name = |n: &Name| !n.text.contains(['\t', '\n']);
    for name in names.into_iter().filter(is_name) {
        by_key.entry(key(&name.text, persons, legal)).or_default().push(name);
    }
    if persons {
        join_initials(&mut by_key);
        join_transliterations(&mut by_key);
    }
    by_key.into_values().filter_map(as_group).collect()
}

/// Folded words without marks; of an organisation without its legal form.
fn key(name: &str, person: bool, legal: &dyn Fn(&str) -> bool) -> String {
    let folded = fold(name).replace('.', "");
    let mut words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    if !person && words.len() > 1 {
        while words.len() > 1 && legal(words[words.len() - 1]) {
            words.pop();
        }
        if words.len() > 1 && words[0] == "the" {
            words.remove(0);
        }
    }
    words.join(" ")
}

/// "John F. Kennedy" is "John Kennedy" if the corpus has no other middle name of his.
fn join_initials(by_key: &mut BTreeMap<String, Vec<Name>>) {
    let mut middles: FxHashMap<String, Vec<String>> = FxHashMap::default();
    for key in by_key.keys() {
        let words: Vec<&str> = key.split(' ').collect();
        if let [first, _, last] = words[..] {
            middles.entry(format!("{first} {last}")).or_default().push(key.clone());
        }
    }
    for (short, longer) in middles {
        let [long] = &longer[..] else { continue };
        let initial = long.split(' ').nth(1).is_some_and(|middle| middle.chars().count() == 1);
        if initial && by_key.contains_key(&short) {
            let moved = by_key.remove(long).unwrap_or_default();
            by_key.entry(short).or_default().extend(moved);
        }
    }
}

/// "Zelenskiy" and "Zelensky": same consonants, hardly another letter.
fn join_transliterations(by_key: &mut BTreeMap<String, Vec<Name>>) {
    let mut by_skeleton: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for key in by_key.keys() {
        if let Some((first, last)) = key.split_once(' ').filter(|(_, last)| !last.contains(' ')) {
            let sound = format!("{} {}", skeleton(first), skeleton(last));
            by_skeleton.entry(sound).or_default().push(key.clone());
        }
    }
    for alike in by_skeleton.into_values().filter(|keys| keys.len() > 1) {
        for (at, later) in alike.iter().enumerate().skip(1) {
            let earlier = alike[..at]
                .iter()
                .find(|earlier| by_key.contains_key(*earlier) && are_one_person(earlier, later));
            if let Some(earlier) = earlier {
                let moved = by_key.remove(later).unwrap_or_default();
                by_key.entry(earlier.clone()).or_default().extend(moved);
            }
        }
    }
}

fn are_one_person(a: &str, b: &str) -> bool {
    match (a.split_once(' '), b.split_once(' ')) {
        (Some((a_first, a_last)), Some((b_first, b_last))) => {
            are_variants((a_first, b_first), (a_last, b_last))
        }
        _ => false,
    }
}

/// The names of a group, the one to show first: one of the tables, else the most frequent. Two of the tables are two.
fn as_group(mut names: Vec<Name>) -> Option<Group> {
    if names.len() < 2 || names.iter().filter(|n| n.known).count() > 1 {
        return None;
    }
    names.sort_by(|a, b| (b.known, b.articles).cmp(&(a.known, a.articles)).then_with(|| a.text.cmp(&b.text)));
    let articles = names.iter().map(|n| n.articles).sum();
    Some(Group { names: names.into_iter().map(|n| n.text).collect(), articles })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(names: &[(&str, u64)], persons: bool) -> Vec<String> {
        let names = names.iter().map(|(text, articles)| Name {
            text: (*text).into(),
            articles: *articles,
            known: false,
        });
        let legal = |word: &str| matches!(word, "corp" | "inc");
        spelled_alike(names.collect(), persons, &legal).into_iter().map(|g| g.names.join(" | ")).collect()
    }

    #[test]
    fn spellings_of_one_name_are_one_and_other_names_are_not() {
        let persons = [
            ("Joaquin Villalobos", 2),
            ("Joaquín Villalobos", 5),
            ("John Kennedy", 3),
            ("John F. Kennedy", 9),
            ("George Bush", 9),
            ("George W. Bush", 9),
            ("George H. Bush", 9),
            ("Volodymyr Zelenskiy", 1),
            ("Volodymyr Zelensky", 4),
            ("John Kerr", 1),
            ("John Kerry", 4),
        ];
        assert_eq!(
            groups(&persons, true),
            [
                "Joaquín Villalobos | Joaquin Villalobos",
                "John F. Kennedy | John Kennedy",
                "Volodymyr Zelensky | Volodymyr Zelenskiy"
            ]
        );
        let organisations = [("Exxon Corp", 2), ("Exxon", 7), ("Corp", 1), ("Exxon Foundation", 1)];
        assert_eq!(groups(&organisations, false), ["Exxon | Exxon Corp"]);
    }
}
