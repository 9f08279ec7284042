//! Words to index terms: folded, stemmed, compounds joined. The engine and queries use the same code.

use std::sync::Arc;

use frostem::Algorithm;
use frostem::Stemmer;
use rustc_hash::FxHashMap;
use tantivy::tokenizer::Token;
use tantivy::tokenizer::TokenStream;
use tantivy::tokenizer::Tokenizer;

use super::forms::with_short_term;
use super::forms::with_term;
use super::synonyms::Synonyms;
use crate::schema::Schema;
use crate::tokens::Class;
use crate::tokens::Word;
use crate::tokens::next_word;

/// Name under which the engine knows the tokenizer.
pub(super) const NAME: &str = "news";

/// Longest term, in bytes; longer words are cut.
const LONGEST_TERM: usize = 255;

/// Pairs of words that are also written as one: `cease fire`, by the first.
type Compounds = FxHashMap<Box<str>, Vec<Box<str>>>;

/// The tokenizer of every text field.
#[derive(Clone)]
pub struct NewsTokenizer {
    compounds: Arc<Compounds>,
    /// By the first byte of a word, whether it may begin a compound of two words.
    begins: Arc<[bool; 256]>,
    /// Stems of joined compounds, with the stems of their halves.
    halves: Arc<FxHashMap<String, [String; 2]>>,
    pub(super) synonyms: Arc<Synonyms>,
    gives: Gives,
}

/// What a token bears of its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gives {
    /// The stem.
    Stem,
    /// The word as written, case and accents aside.
    Written,
    /// The term of the index, which has both.
    Term,
}

/// Makes the tokenizer known to the engine.
pub(super) fn register(index: &tantivy::Index, tokenizer: &NewsTokenizer) {
    index.tokenizers().register(NAME, NewsTokenizer { gives: Gives::Term, ..tokenizer.clone() });
}

impl NewsTokenizer {
    /// Makes the tokenizer with the compounds of a schema; its tokens are stems.
    pub fn new(schema: &Schema) -> Self {
        let mut compounds = Compounds::default();
        for (first, second) in &schema.compounds {
            compounds.entry(first.as_str().into()).or_default().push(second.as_str().into());
        }
        let stemmer = Stemmer::new(Algorithm::English);
        let stem = |word: &str| stemmer.stem(word).into_owned();
        let halves = schema.compounds.iter().map(|(a, b)| (stem(&format!("{a}{b}")), [stem(a), stem(b)]));
        let mut begins = [false; 256];
        compounds
            .keys()
            .filter_map(|first| first.bytes().next())
            .for_each(|byte| begins[byte as usize] = true);
        NewsTokenizer {
            compounds: Arc::new(compounds),
            begins: Arc::new(begins),
            halves: Arc::new(halves.collect()),
            synonyms: Arc::new(Synonyms::new(schema.synonyms.groups())),
            gives: Gives::Stem,
        }
    }

    /// The stem of the first half of a compound, of which the stem is given.
    pub fn first_half(&self, joined: &str) -> Option<&str> {
        self.halves.get(joined).map(|[first, _]| first.as_str())
    }

    /// Makes one whose tokens are words as they are written.
    pub fn as_written(&self) -> Self {
        NewsTokenizer { gives: Gives::Written, ..self.clone() }
    }
}

impl Tokenizer for NewsTokenizer {
    type TokenStream<'a> = NewsStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> NewsStream<'a> {
        self.stream(text)
    }
}

impl NewsTokenizer {
    fn stream<'a>(&'a self, text: &'a str) -> NewsStream<'a> {
        // The engine's own default makes room for a word, which most texts that are cut here do without.
        let token =
            Token { text: String::new(), offset_from: 0, offset_to: 0, position: 0, position_length: 1 };
        NewsStream {
            text,
            compounds: &self.compounds,
            begins: &self.begins,
            stemmer: Stemmer::new(Algorithm::English),
            gives: self.gives,
            next: next_word(text, 0),
            joined: None,
            token,
            folded: String::new(),
            other: String::new(),
            position: 0,
        }
    }
}

/// The tokens of one text.
pub struct NewsStream<'a> {
    text: &'a str,
    compounds: &'a Compounds,
    begins: &'a [bool; 256],
    stemmer: Stemmer,
    gives: Gives,
    next: Option<Word>,
    /// The two halves of a compound, whose joined form comes next.
    joined: Option<(Word, Word)>,
    token: Token,
    folded: String,
    other: String,
    position: usize,
}

impl NewsStream<'_> {
    /// `cease-fire` always joins; `cease fire` if the table has it.
    fn is_compound(&mut self, first: Word, second: Word) -> bool {
        if first.raw.class == Class::Number || second.raw.class == Class::Number {
            return false;
        }
        let between = &self.text[first.raw.end..second.raw.start];
        if matches!(between, "-" | "‐" | "‑") {
            return true;
        }
        // Few words begin one; the first letter rules most of them out, unless folding might change it.
        let letter = self.text.as_bytes()[first.raw.start].to_ascii_lowercase();
        if !matches!(between, " " | "\n") || letter.is_ascii() && !self.begins[letter as usize] {
            return false;
        }
        first.fold_into(self.text, &mut self.folded);
        let Some(seconds) = self.compounds.get(self.folded.as_str()) else { return false };
        second.fold_into(self.text, &mut self.other);
        seconds.iter().any(|s| **s == *self.other)
    }

    /// Goes to the first word at or after a byte.
    fn go_to(&mut self, at: usize) {
        self.next = next_word(self.text, at);
        self.joined = None;
    }

    fn emit(&mut self, word: Word, position: usize) {
        self.place(word.raw.start, word.raw.end, position);
        let out = &mut self.token.text;
        match (self.gives, word.letters) {
            (Gives::Term, Some(letters)) => {
                with_short_term(&self.stemmer, letters, |term, _| out.push_str(term));
            }
            (Gives::Stem, Some(letters)) => {
                with_short_term(&self.stemmer, letters, |term, stem| out.push_str(&term[..stem]));
            }
            _ => {
                word.fold_into(self.text, &mut self.folded);
                self.give();
            }
        }
    }

    /// The joined form of a compound stands where its first half does.
    fn emit_joined(&mut self, first: Word, second: Word, position: usize) {
        self.place(first.raw.start, second.raw.end, position);
        first.fold_into(self.text, &mut self.folded);
        second.fold_into(self.text, &mut self.other);
        self.folded.push_str(&self.other);
        self.give();
    }

    fn place(&mut self, start: usize, end: usize, position: usize) {
        self.token.offset_from = start;
        self.token.offset_to = end;
        self.token.position = position;
        self.token.position_length = 1;
        self.token.text.clear();
    }

    /// Gives what is asked for of the folded word.
    fn give(&mut self) {
        cut(&mut self.folded);
        let out = &mut self.token.text;
        match self.gives {
            Gives::Written => out.push_str(&self.folded),
            Gives::Stem => with_term(&self.stemmer, &self.folded, |term, stem| out.push_str(&term[..stem])),
            Gives::Term => with_term(&self.stemmer, &self.folded, |term, _| out.push_str(term)),
        }
    }
}

fn cut(text: &mut String) {
    if text.len() > LONGEST_TERM {
        let mut end = LONGEST_TERM;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
}

impl TokenStream for NewsStream<'_> {
    fn advance(&mut self) -> bool {
        if let Some((first, second)) = self.joined.take() {
            self.emit_joined(first, second, self.position - 1);
            return true;
        }
        let Some(word) = self.next else { return false };
        self.next = next_word(self.text, word.raw.end);
        self.emit(word, self.position);
        self.position += 1;
        if let Some(next) = self.next
            && self.is_compound(word, next)
        {
            self.joined = Some((word, next));
        }
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// A term of a query: what the index holds for a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Folded and stemmed.
    pub text: String,
    /// Place in the phrase; the joined form of a compound stands at the place of its first half.
    pub position: usize,
    /// The joined form of a compound of two words.
    pub joined: bool,
}

/// Cuts the words of a query as the index cuts those of an article.
pub fn terms(tokenizer: &NewsTokenizer, text: &str) -> Vec<Term> {
    let mut stream = tokenizer.stream(text);
    let mut out: Vec<Term> = Vec::new();
    while stream.advance() {
        let token = stream.token();
        let joined = out.last().is_some_and(|t| t.position == token.position);
        out.push(Term { text: token.text.clone(), position: token.position, joined });
    }
    out
}

/// Cuts the words of a text without stemming them, joined compounds included.
pub fn written(tokenizer: &NewsTokenizer, text: &str) -> Vec<Term> {
    terms(&tokenizer.as_written(), text)
}

/// Lists the ways to write a phrase, as terms in a row: as typed, with compounds joined, with joined words apart.
pub fn spellings(tokenizer: &NewsTokenizer, terms: &[Term]) -> Vec<Vec<String>> {
    let apart: Vec<&Term> = terms.iter().filter(|t| !t.joined).collect();
    let mut ways = vec![apart.iter().map(|t| t.text.clone()).collect::<Vec<_>>()];
    for joined in terms.iter().filter(|t| t.joined) {
        let mut words = Vec::new();
        for term in &apart {
            match term.position {
                position if position == joined.position => words.push(joined.text.clone()),
                position if position == joined.position + 1 => {}
                _ => words.push(term.text.clone()),
            }
        }
        ways.push(words);
    }
    if apart.len() > 1 {
        for (at, term) in apart.iter().enumerate() {
            if let Some(halves) = tokenizer.halves.get(&term.text) {
                let mut words = ways[0].clone();
                words.splice(at..=at, halves.iter().cloned());
                ways.push(words);
            }
        }
    }
    ways
}

/// Hands on every term of a text with its place and its bytes: first, and one past the last.
pub fn each_token(tokenizer: &NewsTokenizer, text: &str, mut visit: impl FnMut(&str, usize, usize, usize)) {
    let mut stream = tokenizer.stream(text);
    while stream.advance() {
        let token = stream.token();
        visit(&token.text, token.position, token.offset_from, token.offset_to);
    }
}

/// Hands on, with their bytes, the terms of the words that begin at some places, in order, and of the compounds whose
/// first halves these are; and perhaps of words before them.
pub fn each_token_at(
    tokenizer: &NewsTokenizer,
    text: &str,
    places: &[usize],
    mut visit: impl FnMut(&str, usize, usize),
) {
    let mut stream = tokenizer.stream(text);
    let mut done = 0;
    for place in places {
        if *place < done {
            continue;
        }
        // Where a word begins depends on what stands before it, up to a space.
        let space = text[done..*place].rfind([' ', '\n']).map_or(done, |at| done + at);
        stream.go_to(space);
        while stream.joined.is_some() || stream.next.is_some_and(|word| word.raw.start <= *place) {
            done = stream.next.filter(|_| stream.joined.is_none()).map_or(done, |word| word.raw.end);
            stream.advance();
            let token = stream.token();
            visit(&token.text, token.offset_from, token.offset_to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_of_a_compound_meet() {
        let tokenizer = NewsTokenizer::new(Schema::embedded());
        let texts =
            |s: &str| terms(&tokenizer, s).into_iter().map(|t| (t.text, t.position)).collect::<Vec<_>>();
        let one = texts("ceasefire").remove(0).0;
        for spelling in ["cease-fire", "cease fire", "Cease-Fire"] {
            assert!(texts(spelling).contains(&(one.clone(), 0)), "{spelling}");
        }
        assert_eq!(texts("U.S. troops'"), [("us".into(), 0), ("troop".into(), 1)]);
    }
}
