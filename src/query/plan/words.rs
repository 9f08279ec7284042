//! Words, phrases and patterns.

use tantivy::query::AllQuery;
use tantivy::query::BooleanQuery;
use tantivy::query::BoostQuery;
use tantivy::query::ConstScoreQuery;
use tantivy::query::DisjunctionMaxQuery;
use tantivy::query::EmptyQuery;
use tantivy::query::Query;
use tantivy::schema::Field;

use super::Part;
use super::Planner;
use super::silent;
use crate::index;
use crate::query::QueryError;
use crate::query::ast::Node;
use crate::query::ast::Pattern;
use crate::query::docs::Docs;
use crate::query::docs::any_of_many;
use crate::query::docs::any_term;
use crate::query::near::near;
use crate::query::patterns;
use crate::query::remembered::Remembered;
use crate::query::row::RowQuery;
use crate::query::word::ASIDE;
use crate::query::word::WordQuery;
use crate::tokens::fold;

/// What a word that only joins others scores beside one that says what is sought.
pub(crate) const FUNCTION_WORD: f32 = 0.1;

/// Weights of a pattern and of words near each other in the headline, the text, and what was set aside.
pub(crate) const TITLE: f32 = 1.3;

/// Weight of another spelling of a name.
pub(crate) const SPELLING: f32 = 0.9;

/// Words that a pattern is said to stand for.
const SHOWN: usize = 8;

/// A text field, and its name in queries.
pub(super) type TextField<'f> = (Field, &'f str);

impl Planner<'_> {
    /// A word as typed, with the other spellings of a name and synonyms.
    pub(super) fn word(&mut self, text: &str, field: Option<TextField>) -> Part {
        let mut part = self.typed(text, field);
        part.query = self.weighed(text, part.query);
        if self.any && field.is_none() {
            part.query = self.or_its_parts(text, part.query);
        }
        if self.plain {
            return part;
        }
        let words = self.notes.words;
        let mut ways: Vec<Box<dyn Query>> = vec![part.query];
        let mut read = vec![part.read.clone()];
        let mut also = |planner: &mut Self, words: Vec<String>, weight: f32| {
            for word in words {
                let other = planner.typed(&word, field);
                ways.push(Box::new(BoostQuery::new(other.query, weight)));
                read.push(format!("{}^{weight}", other.read));
            }
        };
        let spellings = self.other_spellings(text);
        if !spellings.is_empty() {
            self.notes.used.push(format!("{text} is also spelled {}", spellings.join(", ")));
        }
        also(self, spellings, SPELLING);
        // An exclusion is of what was named.
        let synonyms = if self.excluding { Vec::new() } else { self.index.tokenizer.synonyms(text) };
        if !synonyms.is_empty() {
            let weight = self.schema.synonyms.weight;
            self.notes.used.push(format!("{text} also finds {} (weight {weight})", synonyms.join(", ")));
            also(self, synonyms, weight);
        }
        self.notes.words = words;
        match ways.len() {
            1 => Part { query: ways.remove(0), read: part.read },
            // The spellings are the same evidence, so that they do not add up.
            _ => Part::new(DisjunctionMaxQuery::new(ways), format!("({})", read.join(" OR "))),
        }
    }

    /// Where any word will do, a compound is also its parts.
    fn or_its_parts(&self, text: &str, whole: Box<dyn Query>) -> Box<dyn Query> {
        let terms = index::terms(&self.index.tokenizer, text);
        let (joined, parts): (Vec<_>, Vec<_>) = terms.iter().partition(|t| t.joined);
        if parts.len() < 2 {
            return whole;
        }
        let parts = parts.iter().map(|t| self.weighed(&t.text, self.anywhere(&t.text))).collect();
        let mut ways: Vec<_> = joined.iter().map(|t| self.anywhere(&t.text)).collect();
        ways.push(Box::new(BooleanQuery::union(parts)));
        Box::new(DisjunctionMaxQuery::new(ways))
    }

    /// A word that only joins others still decides, but scores little.
    fn weighed(&self, word: &str, query: Box<dyn Query>) -> Box<dyn Query> {
        if !self.schema.is_function_word(word) {
            return query;
        }
        Box::new(BoostQuery::new(query, FUNCTION_WORD))
    }

    /// Other spellings of a name, as the tables and the corpus have them.
    fn other_spellings(&self, text: &str) -> Vec<String> {
        let mut out = self.schema.other_spellings(text);
        let folded = fold(text);
        out.extend(self.index.groups.word_spellings(&folded));
        out.sort();
        out.dedup();
        let in_index = |word: &String| {
            let terms = index::terms(&self.index.tokenizer, word);
            terms.iter().any(|t| self.document_frequency(&t.text) > 0)
        };
        out.retain(in_index);
        out
    }

    fn document_frequency(&self, term: &str) -> u64 {
        let fields = [self.index.fields.text, self.index.fields.title];
        let of = |field| index::holders(&self.index.searcher, field, term).unwrap_or(0);
        fields.into_iter().map(of).sum()
    }

    /// Words in a row; a single quoted word is found as it is written.
    pub(super) fn phrase(
        &mut self,
        text: &str,
        field: Option<TextField>,
        slop: u32,
    ) -> Result<Part, QueryError> {
        if text.contains('*') {
            self.notes.warnings.push(format!("`*` in \"{text}\" is no wildcard: quotes take it as it is"));
        }
        let terms = index::terms(&self.index.tokenizer, text);
        let apart = terms.iter().filter(|t| !t.joined).count();
        if apart == 1 && !self.plain {
            return Ok(self.as_written(text, field));
        }
        if apart < 2 || slop == 0 {
            return Ok(self.typed(text, field));
        }
        self.near(text, &terms, field, slop)
    }

    /// A word in the very form that was typed, case and accents aside: the stem finds and scores, the form decides.
    fn as_written(&mut self, text: &str, field: Option<TextField>) -> Part {
        let mut part = self.typed(text, field);
        part.read = field.map_or(format!("\"{text}\""), |(_, name)| format!("{name}:\"{text}\""));
        let Some(word) = index::written(&self.index.tokenizer, text).into_iter().next() else { return part };
        let fields = self.zones(field);
        let form = any_term(fields.iter().map(|(field, _)| index::form(*field, &word.text)));
        Part { query: Box::new(BooleanQuery::intersection(vec![part.query, form])), read: part.read }
    }

    /// The fields that words are looked for in, with their weights.
    fn zones(&self, field: Option<TextField>) -> Vec<(Field, f32)> {
        let fields = self.index.fields;
        let all = [(fields.title, TITLE), (fields.text, 1.0), (fields.boilerplate, ASIDE)];
        all.into_iter().filter(|(zone, _)| field.is_none_or(|(wanted, _)| wanted == *zone)).collect()
    }

    /// Words that stand near each other: their places decide, each word scores.
    fn near(
        &mut self,
        text: &str,
        terms: &[index::Term],
        field: Option<TextField>,
        slop: u32,
    ) -> Result<Part, QueryError> {
        self.notes.scored = true;
        self.notes.terms.extend(terms.iter().map(|t| t.text.clone()));
        let places = match field {
            Some((field, _)) => vec![(field, 1.0)],
            None => self.zones(None),
        };
        let mut ways: Vec<Box<dyn Query>> = Vec::new();
        for words in index::spellings(&self.index.tokenizer, terms) {
            for (field, weight) in &places {
                let found = near(&self.index.searcher, *field, &words, slop, &self.deadline)?;
                let docs = Docs::new(self.index.searcher.segment_readers(), found);
                let mut all: Vec<Box<dyn Query>> = words.iter().map(|word| self.term(*field, word)).collect();
                all.push(Box::new(docs));
                ways.push(Box::new(BoostQuery::new(Box::new(BooleanQuery::intersection(all)), *weight)));
            }
        }
        let shown = format!("\"{}\"~{slop}", text.trim());
        let read = field.map_or(shown.clone(), |(_, name)| format!("{name}:{shown}"));
        Ok(Part::new(DisjunctionMaxQuery::new(ways), read))
    }

    /// Every word of the index that fits.
    pub(super) fn pattern(
        &mut self,
        pattern: &Pattern,
        field: Option<TextField>,
        at: usize,
    ) -> Result<Part, QueryError> {
        let fields = self.zones(field);
        let only: Vec<Field> = fields.iter().map(|(field, _)| *field).collect();
        let words = patterns::words(&self.index.searcher, &only, pattern, &self.deadline)
            .map_err(|e| e.placed(self.text, at))?;
        let shown = patterns::shown(pattern);
        let read = field.map_or(shown.clone(), |(_, name)| format!("{name}:{shown}"));
        self.notes.scored = true;
        self.notes.used.push(listed(&shown, words.iter()));
        if words.is_empty() {
            return Ok(Part::new(EmptyQuery, read));
        }
        let ways = fields.iter().map(|(field, weight)| -> Box<dyn Query> {
            let terms = words.iter().map(|word| index::form(*field, word));
            Box::new(ConstScoreQuery::new(any_of_many(terms, &self.deadline), *weight))
        });
        let query = DisjunctionMaxQuery::new(ways.collect());
        self.notes.written.extend(words);
        Ok(Part::new(query, read))
    }

    /// A pasted address: of the article itself, or in its text.
    pub(super) fn address(&mut self, text: &str) -> Result<Part, QueryError> {
        self.notes
            .warnings
            .push(format!("`{text}` is read as an address: the article's own, or one in its text"));
        let bare = text.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
        let own = self.holding("url", bare)?;
        let inside = self.typed(text, None);
        Ok(Part::new(
            BooleanQuery::union(vec![own, inside.query]),
            format!("(url:{bare} OR {})", inside.read),
        ))
    }

    /// Two words that are also written as one: `cease fire`.
    pub(super) fn compound(&mut self, first: &Node, second: &Node) -> Option<Part> {
        let (Node::Word { text: a, .. }, Node::Word { text: b, .. }) = (first, second) else { return None };
        let terms = |text: &str| index::terms(&self.index.tokenizer, text);
        if terms(a).len() != 1 || terms(b).len() != 1 {
            return None;
        }
        let joined = terms(&format!("{a} {b}")).into_iter().find(|t| t.joined)?;
        let mut half = |word: &str| {
            let part = self.typed(word, None);
            self.weighed(word, part.query)
        };
        let apart = BooleanQuery::intersection(vec![half(a), half(b)]);
        self.notes.terms.push(joined.text.clone());
        let query = DisjunctionMaxQuery::new(vec![self.anywhere(&joined.text), Box::new(apart)]);
        Some(Part::new(query, format!("{a}-{b}")))
    }

    /// A word or phrase, as typed, in one field or wherever words are looked for.
    fn typed(&mut self, text: &str, field: Option<TextField>) -> Part {
        let terms = index::terms(&self.index.tokenizer, text);
        let shown = if terms.iter().filter(|t| !t.joined).count() > 1 || text.contains(' ') {
            format!("\"{}\"", text.trim())
        } else {
            text.to_string()
        };
        let read = field.map_or(shown.clone(), |(_, name)| format!("{name}:{shown}"));
        if terms.is_empty() {
            self.notes.warnings.push(format!("`{text}` holds no word and is left out"));
            return Part { query: silent(AllQuery), read: String::new() };
        }
        self.notes.scored = true;
        let apart = terms.iter().filter(|t| !t.joined).count();
        let each = if self.schema.is_function_word(text) { FUNCTION_WORD } else { 1.0 };
        self.notes.weight += each * apart as f32;
        self.notes.terms.extend(terms.iter().map(|t| t.text.clone()));
        self.notes.words += apart;
        self.notes.phrases |= apart > 1;
        let query = self.sequence(field.map(|(field, _)| field), &terms);
        Part { query, read }
    }

    /// The words of a phrase in a row; a compound also as one word, and one word also as its halves.
    fn sequence(&self, field: Option<Field>, terms: &[index::Term]) -> Box<dyn Query> {
        let mut ways: Vec<Box<dyn Query>> = index::spellings(&self.index.tokenizer, terms)
            .into_iter()
            .map(|words| -> Box<dyn Query> {
                let row = |field: Field| {
                    let name = format!("row {} {}", field.field_id(), words.join(" "));
                    self.remembered(name, RowQuery::new(field, &words, &self.deadline))
                };
                match (&words[..], field) {
                    ([word], Some(field)) => self.term(field, word),
                    ([word], None) => self.anywhere(word),
                    (_, Some(field)) => row(field),
                    (_, None) => self.everywhere(&row),
                }
            })
            .collect();
        match ways.len() {
            1 => ways.remove(0),
            _ => Box::new(DisjunctionMaxQuery::new(ways)),
        }
    }

    /// A word in the headline, the text or what was set aside, scored as one text.
    fn anywhere(&self, word: &str) -> Box<dyn Query> {
        self.remembered(format!("word {word}"), WordQuery::new(&self.index.fields, word))
    }

    fn term(&self, field: Field, text: &str) -> Box<dyn Query> {
        self.remembered(format!("word {} {text}", field.field_id()), WordQuery::in_field(field, text))
    }

    fn remembered(&self, name: String, query: impl Query) -> Box<dyn Query> {
        Box::new(Remembered::new(name, query, &self.index.scored, &self.deadline))
    }

    /// The same in the headline, the text and what was set aside; it scores where it scores most.
    fn everywhere(&self, build: &dyn Fn(Field) -> Box<dyn Query>) -> Box<dyn Query> {
        let fields = self.index.fields;
        let aside = Box::new(BoostQuery::new(build(fields.boilerplate), ASIDE));
        Box::new(DisjunctionMaxQuery::new(vec![build(fields.title), build(fields.text), aside]))
    }
}

/// "truc* stands for truce, truces and 3 more"
pub(crate) fn listed<'w>(what: &str, words: impl ExactSizeIterator<Item = &'w String>) -> String {
    let number = words.len();
    if number == 0 {
        return format!("{what} fits nothing in the index");
    }
    let first: Vec<&str> = words.take(SHOWN).map(String::as_str).collect();
    let more = number - first.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{what} stands for {}{more}", first.join(", "))
}
