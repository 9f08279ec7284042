//! Words that a query may stand for besides its own, by their terms: whatever the inflection, and however a compound is
//! written.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::tokenizer::NewsTokenizer;
use super::tokenizer::terms;

/// Groups of words that mean the same.
#[derive(Default)]
pub(super) struct Synonyms {
    groups: Vec<Vec<String>>,
    /// By the terms of a word or phrase: the others of its groups. Made when first asked for.
    others: OnceLock<FxHashMap<Vec<String>, Vec<String>>>,
}

impl Synonyms {
    pub fn new<'g>(groups: impl Iterator<Item = &'g [String]>) -> Synonyms {
        Synonyms { groups: groups.map(<[String]>::to_vec).collect(), others: OnceLock::new() }
    }
}

impl NewsTokenizer {
    /// Lists the other words of the groups that a word or phrase is in.
    pub fn synonyms(&self, text: &str) -> Vec<String> {
        let others = self.synonyms.others.get_or_init(|| self.other_words());
        others.get(&self.as_one(text)).cloned().unwrap_or_default()
    }

    fn other_words(&self) -> FxHashMap<Vec<String>, Vec<String>> {
        let mut all: FxHashMap<Vec<String>, Vec<String>> = FxHashMap::default();
        for group in &self.synonyms.groups {
            let words: Vec<_> = group.iter().map(|word| (word, self.as_one(word))).collect();
            for key in words.iter().map(|(_, key)| key).collect::<BTreeSet<_>>() {
                let others = words.iter().filter(|(_, other)| other != key).map(|(word, _)| (*word).clone());
                all.entry(key.clone()).or_default().extend(others);
            }
        }
        all
    }

    /// The terms of a word or phrase; of a compound, the one that all its spellings have.
    fn as_one(&self, text: &str) -> Vec<String> {
        let terms = terms(self, text);
        match terms.iter().find(|t| t.joined) {
            Some(joined) if terms.len() == 3 => vec![joined.text.clone()],
            _ => terms.into_iter().map(|t| t.text).collect(),
        }
    }
}
