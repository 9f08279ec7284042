//! Blocks to tokens and sentences.

use crate::article::Block;
use crate::article::BlockKind;
use crate::article::Span;
use crate::schema::Lexicon;
use crate::schema::Role;
use crate::schema::Schema;
use crate::schema::WordClass;
use crate::tokens::CAPITAL;
use crate::tokens::DOTTED;
use crate::tokens::GLUED;
use crate::tokens::MARK;
use crate::tokens::NUMBER;
use crate::tokens::Token;
use crate::tokens::UPPER;

/// A run of tokens that ends where a sentence or its block ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sentence {
    /// First token.
    pub from: usize,
    /// One past the last token.
    pub to: usize,
    /// Which block it stands in.
    pub block: usize,
    /// What the block is for.
    pub kind: BlockKind,
    /// Most words are capitalised, so that a capital says nothing.
    pub shouted: bool,
}

/// A text with its tokens and sentences; boilerplate is left out.
pub(super) struct Reading<'a> {
    pub text: &'a str,
    pub lexicon: &'a Lexicon,
    pub roles: &'a [Role],
    pub tokens: Vec<Token>,
    pub sentences: Vec<Sentence>,
    /// The tokens that a name may start with: capitals, numbers, particles. One in five, so that much is passed over.
    starts: Vec<u32>,
}

impl<'a> Reading<'a> {
    pub fn new(text: &'a str, blocks: &[Block], schema: &'a Schema) -> Self {
        let lexicon = schema.lexicon();
        let mut reading = Reading {
            text,
            lexicon,
            roles: &schema.roles,
            tokens: Vec::with_capacity(text.len() / 5),
            sentences: Vec::new(),
            starts: Vec::with_capacity(text.len() / 25),
        };
        for (number, block) in blocks.iter().enumerate().filter(|(_, b)| b.kind != BlockKind::Boilerplate) {
            let from = reading.tokens.len();
            let (start, end) = (block.span.start as usize, block.span.end as usize);
            lexicon.vocabulary.tokenize(text, start, end, &mut reading.tokens);
            reading.cut(from, number, block.kind);
        }
        for (at, token) in reading.tokens.iter().enumerate() {
            if token.has(CAPITAL | NUMBER) || reading.is(token, WordClass::PARTICLE) {
                reading.starts.push(at as u32);
            }
        }
        reading
    }

    /// The tokens of a sentence that a name may start with.
    pub fn starts(&self, sentence: &Sentence) -> impl Iterator<Item = usize> + use<'_, 'a> {
        let first = self.starts.partition_point(|at| (*at as usize) < sentence.from);
        let end = sentence.to;
        self.starts[first..].iter().map(|at| *at as usize).take_while(move |at| *at < end)
    }

    /// Cuts the tokens from `from` on into sentences.
    fn cut(&mut self, mut from: usize, block: usize, kind: BlockKind) {
        let start = from;
        for at in start..self.tokens.len() {
            if at + 1 == self.tokens.len() || self.ends_after(at) {
                let shouted = shouted(&self.tokens[from..=at]);
                self.sentences.push(Sentence { from, to: at + 1, block, kind, shouted });
                from = at + 1;
            }
        }
    }

    /// Tells whether a sentence ends after this token, which is not the last of its block.
    fn ends_after(&self, at: usize) -> bool {
        let next = &self.tokens[at + 1];
        let token = &self.tokens[at];
        if !token.has(MARK | DOTTED) {
            return false;
        }
        let opens = next.has(CAPITAL | NUMBER) || self.is_quote(next);
        if !opens {
            return false;
        }
        if token.has(DOTTED) {
            // "the U.S. President", "the U.N. Security Council"
            let office = [WordClass::TITLE, WordClass::MODIFIER, WordClass::ORGAN, WordClass::OFFICIALS];
            return token.text(self.text).ends_with('.')
                && next.has(CAPITAL)
                && self.is(next, WordClass::STARTER)
                && !office.into_iter().any(|class| self.is(next, class));
        }
        // A closing quote or bracket right after the stop belongs to the sentence.
        let closes =
            token.has(MARK) && token.has(GLUED) && (self.is_quote(token) || self.is_mark(token, ")]"));
        let stop = if closes && at > 0 { at - 1 } else { at };
        if closes && !next.has(CAPITAL | NUMBER) && !self.is_quote(next) {
            return false;
        }
        self.is_stop(stop) && !(self.is_quote(next) && next.has(GLUED))
    }

    fn is_stop(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        if self.is_mark(token, "!?…") {
            return true;
        }
        if !self.is_mark(token, ".") || at == 0 {
            return false;
        }
        let before = &self.tokens[at - 1];
        let next = self.tokens.get(at + 1);
        // "telling.Armenia" has lost its space; "example.Com" cannot be told apart and is rare.
        if next.is_some_and(|n| n.has(GLUED) && n.has(CAPITAL)) {
            return before.text(self.text).chars().all(char::is_lowercase);
        }
        let initial = before.has(CAPITAL) && before.text(self.text).chars().count() == 1;
        let abbreviation = before.has(CAPITAL) && self.is(before, WordClass::ABBREVIATION);
        !(initial || abbreviation)
    }

    pub fn is(&self, token: &Token, class: WordClass) -> bool {
        self.lexicon.classes.has(token.word, class)
    }

    pub fn is_mark(&self, token: &Token, marks: &str) -> bool {
        if !token.has(MARK) {
            return false;
        }
        match self.text.as_bytes()[token.start as usize] {
            byte @ 0..0x80 => marks.as_bytes().contains(&byte),
            _ => marks.contains(token.text(self.text)),
        }
    }

    pub fn is_quote(&self, token: &Token) -> bool {
        self.is_mark(token, "\"“”„«»'‘’")
    }

    pub fn is_possessive(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|t| matches!(t.text(self.text), "'s" | "’s" | "'S" | "’S"))
            || self.is_plural_possessive(at)
    }

    /// The apostrophe of "the Emirates' mediation".
    fn is_plural_possessive(&self, at: usize) -> bool {
        at > 0
            && self.tokens.get(at).is_some_and(|t| t.has(GLUED) && self.is_mark(t, "'’"))
            && self.tokens[at - 1].text(self.text).ends_with('s')
            && self.tokens.get(at + 1).is_some_and(|t| !t.has(GLUED))
    }

    pub fn word(&self, at: usize) -> &'a str {
        self.tokens[at].text(self.text)
    }

    /// Tells whether the token is this lower-case word, in any case.
    pub fn says(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|t| t.text(self.text).eq_ignore_ascii_case(word))
    }

    /// Returns the bytes from one token up to another, which is left out.
    pub fn span(&self, from: usize, to: usize) -> Span {
        Span { start: self.tokens[from].start, end: self.tokens[to - 1].end }
    }
}

/// A headline in title case, or a line all in capitals.
fn shouted(tokens: &[Token]) -> bool {
    let words = tokens.iter().filter(|t| !t.has(MARK | NUMBER));
    let (mut all, mut capital, mut upper) = (0, 0, 0);
    for token in words {
        let long = token.end - token.start > 3;
        all += u32::from(long);
        capital += u32::from(long && token.has(CAPITAL));
        upper += u32::from(long && token.has(UPPER));
    }
    all >= 4 && capital * 10 >= all * 8 || all >= 2 && upper * 10 >= all * 6
}
