//! Words, phrases and patterns.

use serde_json::Value;

use super::Part;
use super::Translator;
use super::dsl;
use super::dsl::all_of;
use super::dsl::silent;
use super::patterns::engine_pattern;
use crate::cluster::mapping::written;
use crate::index;
use crate::query::Known;
use crate::query::Node;
use crate::query::Pattern;
use crate::query::QueryError;
use crate::query::shown;
use crate::query::weights::ASIDE;
use crate::query::weights::FUNCTION_WORD;
use crate::query::weights::SPELLING;
use crate::query::weights::TITLE;
use crate::query::word_matcher;
use crate::tokens::fold;

/// The text fields, with what a pattern in each scores.
const ZONES: [(&str, f32); 3] = [("title", TITLE), ("text", 1.0), ("boilerplate", ASIDE)];

impl Translator<'_> {
    /// A word as typed, with the other spellings of a name and synonyms.
    pub(super) fn word(&mut self, text: &str, field: Option<&str>) -> Part {
        let mut part = self.typed(text, field);
        part.query = self.weighed(text, part.query);
        if self.any && field.is_none() {
            part.query = self.or_its_parts(text, part.query);
        }
        if self.plain {
            return part;
        }
        let words = self.notes.words;
        let mut ways = vec![part.query];
        let mut read = vec![part.read.clone()];
        let mut also = |translator: &mut Self, words: Vec<String>, weight: f32| {
            for word in words {
                let other = translator.typed(&word, field);
                ways.push(dsl::weighed(other.query, weight));
                read.push(format!("{}^{weight}", other.read));
            }
        };
        let spellings = self.other_spellings(text);
        if !spellings.is_empty() {
            self.notes.used.push(format!("{text} is also spelled {}", spellings.join(", ")));
        }
        also(self, spellings, SPELLING);
        // An exclusion is of what was named.
        let synonyms = if self.excluding { Vec::new() } else { self.cluster.tokenizer.synonyms(text) };
        if !synonyms.is_empty() {
            let weight = self.schema.synonyms.weight;
            self.notes.used.push(format!("{text} also finds {} (weight {weight})", synonyms.join(", ")));
            also(self, synonyms, weight);
        }
        self.notes.words = words;
        match ways.len() {
            1 => Part::new(ways.remove(0), part.read),
            // The spellings are the same evidence, so that they do not add up.
            _ => Part::new(dsl::best_of(ways), format!("({})", read.join(" OR "))),
        }
    }

    /// Where any word will do, a compound is also its parts.
    fn or_its_parts(&self, text: &str, whole: Value) -> Value {
        let terms = index::terms(&self.cluster.tokenizer, text);
        let (joined, parts): (Vec<_>, Vec<_>) = terms.iter().partition(|t| t.joined);
        if parts.len() < 2 {
            return whole;
        }
        let parts = parts.iter().map(|t| self.weighed(&t.text, dsl::anywhere(&t.text)));
        let mut ways: Vec<Value> = joined.iter().map(|t| dsl::anywhere(&t.text)).collect();
        ways.push(dsl::any_of(parts));
        dsl::best_of(ways)
    }

    /// A word that only joins others still decides, but scores little.
    fn weighed(&self, word: &str, query: Value) -> Value {
        if self.schema.is_function_word(word) { dsl::weighed(query, FUNCTION_WORD) } else { query }
    }

    /// Other spellings of a name, as the tables and the corpus have them; what no article has does no harm.
    fn other_spellings(&self, text: &str) -> Vec<String> {
        let mut out = self.schema.other_spellings(text);
        out.extend(self.cluster.groups().word_spellings(&fold(text)));
        out.sort();
        out.dedup();
        out
    }

    /// Words in a row; a single quoted word is found as it is written.
    pub(super) fn phrase(&mut self, text: &str, field: Option<&str>, slop: u32) -> Part {
        if text.contains('*') {
            self.notes.warnings.push(format!("`*` in \"{text}\" is no wildcard: quotes take it as it is"));
        }
        let terms = index::terms(&self.cluster.tokenizer, text);
        let apart = terms.iter().filter(|t| !t.joined).count();
        if apart == 1 && !self.plain {
            return self.as_written(text, field);
        }
        if apart < 2 || slop == 0 {
            return self.typed(text, field);
        }
        self.near(text, &terms, field, slop)
    }

    /// A word in the very form that was typed: the stem finds and scores, the form decides.
    fn as_written(&mut self, text: &str, field: Option<&str>) -> Part {
        let mut part = self.typed(text, field);
        part.read = field.map_or(format!("\"{text}\""), |name| format!("{name}:\"{text}\""));
        let Some(word) = index::written(&self.cluster.tokenizer, text).into_iter().next() else {
            return part;
        };
        let form = dsl::any_of(zones(field).map(|(zone, _)| dsl::term(&written(zone), &word.text)));
        Part::new(all_of(vec![part.query, silent(form)]), part.read)
    }

    /// Words that stand near each other: their places decide, each word scores.
    fn near(&mut self, text: &str, terms: &[index::Term], field: Option<&str>, slop: u32) -> Part {
        self.notes.scored = true;
        self.notes.terms.extend(terms.iter().map(|t| t.text.clone()));
        let mut ways = Vec::new();
        for words in index::spellings(&self.cluster.tokenizer, terms) {
            for (zone, weight) in zones(field) {
                let mut all: Vec<Value> = words.iter().map(|word| dsl::in_field(zone, word)).collect();
                all.push(silent(dsl::row(zone, &words, slop)));
                let weight = if field.is_some() { 1.0 } else { weight };
                ways.push(dsl::weighed(all_of(all), weight));
            }
        }
        let shown = format!("\"{}\"~{slop}", text.trim());
        let read = field.map_or(shown.clone(), |name| format!("{name}:{shown}"));
        Part::new(dsl::best_of(ways), read)
    }

    /// Every word of the index that fits.
    pub(super) fn pattern(
        &mut self,
        pattern: &Pattern,
        field: Option<&str>,
        at: usize,
    ) -> Result<Part, QueryError> {
        // What one backend cannot read, the other does not read either.
        let _ = word_matcher(pattern).map_err(|e| e.placed(self.text, at))?;
        let shown = shown(pattern);
        let read = field.map_or(shown.clone(), |name| format!("{name}:{shown}"));
        self.notes.scored = true;
        let mut ways = Vec::new();
        for (zone, weight) in zones(field) {
            let fits = engine_pattern(&written(zone), pattern, true).map_err(|e| e.placed(self.text, at))?;
            ways.push(dsl::constant(fits, weight));
        }
        self.patterns.push(pattern.clone());
        Ok(Part::new(dsl::best_of(ways), read))
    }

    /// A pasted address: of the article itself, or in its text.
    pub(super) fn address(&mut self, text: &str) -> Part {
        self.notes
            .warnings
            .push(format!("`{text}` is read as an address: the article's own, or one in its text"));
        let bare = text.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
        let own = dsl::holding("url_folded", &fold(bare));
        let inside = self.typed(text, None);
        let both = dsl::any_of([own, inside.query].into_iter());
        Part::new(both, format!("(url:{bare} OR {})", inside.read))
    }

    /// Two words that are also written as one: `cease fire`.
    pub(super) fn compound(&mut self, first: &Node, second: &Node) -> Option<Part> {
        let (Node::Word { text: a, .. }, Node::Word { text: b, .. }) = (first, second) else { return None };
        let terms = |text: &str| index::terms(&self.cluster.tokenizer, text);
        if terms(a).len() != 1 || terms(b).len() != 1 {
            return None;
        }
        let joined = terms(&format!("{a} {b}")).into_iter().find(|t| t.joined)?;
        let mut half = |word: &str| {
            let part = self.typed(word, None);
            self.weighed(word, part.query)
        };
        let apart = all_of(vec![half(a), half(b)]);
        self.notes.terms.push(joined.text.clone());
        Some(Part::new(dsl::best_of(vec![dsl::anywhere(&joined.text), apart]), format!("{a}-{b}")))
    }

    /// A word or phrase, as typed, in one field or wherever words are looked for.
    fn typed(&mut self, text: &str, field: Option<&str>) -> Part {
        let terms = index::terms(&self.cluster.tokenizer, text);
        let apart = terms.iter().filter(|t| !t.joined).count();
        let shown =
            if apart > 1 || text.contains(' ') { format!("\"{}\"", text.trim()) } else { text.to_string() };
        let read = field.map_or(shown.clone(), |name| format!("{name}:{shown}"));
        if terms.is_empty() {
            self.notes.warnings.push(format!("`{text}` holds no word and is left out"));
            return Part::new(silent(serde_json::json!({ "match_all": {} })), String::new());
        }
        self.notes.scored = true;
        let each = if self.schema.is_function_word(text) { FUNCTION_WORD } else { 1.0 };
        self.notes.weight += each * apart as f32;
        self.notes.terms.extend(terms.iter().map(|t| t.text.clone()));
        self.notes.words += apart;
        self.notes.phrases |= apart > 1;
        Part::new(self.sequence(field, &terms), read)
    }

    /// The words of a phrase in a row; a compound also as one word, and one word also as its halves.
    fn sequence(&self, field: Option<&str>, terms: &[index::Term]) -> Value {
        let way = |words: Vec<String>| match (&words[..], field) {
            ([word], Some(field)) => dsl::in_field(field, word),
            ([word], None) => dsl::anywhere(word),
            (_, Some(field)) => dsl::row(field, &words, 0),
            (_, None) => {
                let aside = dsl::weighed(dsl::row("boilerplate", &words, 0), ASIDE);
                dsl::best_of(vec![dsl::row("title", &words, 0), dsl::row("text", &words, 0), aside])
            }
        };
        dsl::best_of(index::spellings(&self.cluster.tokenizer, terms).into_iter().map(way).collect())
    }
}

/// The fields that words are looked for in.
fn zones(field: Option<&str>) -> impl Iterator<Item = (&'static str, f32)> + use<'_> {
    ZONES.into_iter().filter(move |(zone, _)| field.is_none_or(|wanted| wanted == *zone))
}
