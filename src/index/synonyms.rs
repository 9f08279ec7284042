//! Words that a query may stand for besides its own, by their terms: whatever the inflection, and however a compound is
//! written.

use rustc_hash::FxHashMap;

use super::tokenizer::NewsTokenizer;
use super::tokenizer::terms;
use crate::schema::Schema;

/// By the terms of a word or phrase: the others of its groups.
pub(super) type Synonyms = FxHashMap<Vec<String>, Vec<String>>;

impl NewsTokenizer {
    /// Lists the other words of the groups that a word or phrase is in.
    pub fn synonyms(&self, schema: &Schema, text: &str) -> Vec<String> {
        let known = self.known_synonyms.get_or_init(|| self.all_synonyms(schema));
        known.get(&self.as_one(text)).cloned().unwrap_or_default()
    }

    fn all_synonyms(&self, schema: &Schema) -> Synonyms {
        let mut all = Synonyms::default();
        for group in schema.synonyms.groups() {
            let mut keys: Vec<Vec<String>> = group.iter().map(|word| self.as_one(word)).collect();
            let words: Vec<_> = group.iter().zip(keys.clone()).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                let others = words.iter().filter(|(_, other)| *other != key).map(|(word, _)| (*word).clone());
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
