//! Blocks to tokens and sentences.

use crate::article::Block;
use crate::article::BlockKind;
use crate::article::Span;
use crate::schema::Lexicon;
use crate::schema::Role;
use crate::schema::Schema;
use crate::schema::WordClass;
use crate::schema::notes;
use crate::tokens::CAPITAL;
use crate::tokens::DOTTED;
use crate::tokens::GLUED;
use crate::tokens::MARK;
use crate::tokens::NUMBER;
use crate::tokens::Token;
use crate::tokens::UNKNOWN;
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
    /// Which of [`Reading::starts`] stand in it.
    starts: (u32, u32),
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
    /// The tokens that a date expression may hang on: numbers and words of dates.
    pub dates: Vec<u32>,
    /// The tokens that are the anchor of a rule.
    pub triggers: Vec<u32>,
    /// The known words that the text also writes with a small letter.
    pub lower: WordSet,
}

/// Tokens of a sentence: what has more is no prose, and the stages behind look at each pair of a sentence's parts.
const LONGEST: usize = 1000;

/// Words in small letters that are looked for.
const LISTED: u16 = notes::PARTICLE | notes::DATE | notes::TRIGGER | notes::CONFIRMED;

/// A set of word numbers.
pub(super) struct WordSet(Vec<u64>);

impl WordSet {
    fn with_room_for(words: usize) -> Self {
        WordSet(vec![0; words / 64 + 1])
    }

    fn insert(&mut self, word: u32) {
        self.0[word as usize / 64] |= 1 << (word % 64);
    }

    pub fn contains(&self, word: u32) -> bool {
        self.0[word as usize / 64] & 1 << (word % 64) != 0
    }
}

impl<'a> Reading<'a> {
    pub fn new(text: &'a str, blocks: &[Block], schema: &'a Schema) -> Self {
        let lexicon = schema.lexicon();
        let mut reading = Reading {
            text,
            lexicon,
            roles: &schema.roles,
            tokens: Vec::with_capacity(text.len() / 5),
            sentences: Vec::with_capacity(text.len() / 80),
            starts: Vec::with_capacity(text.len() / 25),
            dates: Vec::with_capacity(text.len() / 50),
            triggers: Vec::new(),
            lower: WordSet::with_room_for(lexicon.vocabulary.size()),
        };
        for (number, block) in blocks.iter().enumerate().filter(|(_, b)| b.kind != BlockKind::Boilerplate) {
            let from = reading.tokens.len();
            let (start, end) = (block.span.start as usize, block.span.end as usize);
            lexicon.vocabulary.tokenize(text, start, end, &mut reading.tokens);
            reading.cut(from, number, block.kind);
        }
        reading
    }

    /// The tokens of a sentence that a name may start with.
    pub fn starts(&self, sentence: &Sentence) -> impl Iterator<Item = usize> + use<'_, 'a> {
        let (first, last) = sentence.starts;
        self.starts[first as usize..last as usize].iter().map(|at| *at as usize)
    }

    /// The same of the whole text: all its capitals among them.
    pub fn all_starts(&self) -> impl Iterator<Item = usize> + use<'_, 'a> {
        self.starts.iter().map(|at| *at as usize)
    }

    /// Cuts the tokens from `from` on into sentences, and lists those of them that a stage looks for.
    fn cut(&mut self, mut from: usize, block: usize, kind: BlockKind) {
        let mut words = Capitals::default();
        let mut first = self.starts.len();
        let start = from;
        for at in start..self.tokens.len() {
            let token = self.tokens[at];
            words.count(&token);
            // Most words are in small letters, and no stage looks for them.
            if token.has(CAPITAL | MARK | NUMBER) || token.noted(LISTED) {
                self.list(at, &token);
            } else if token.word != UNKNOWN {
                self.lower.insert(token.word);
            }
            let cut = at + 1 == self.tokens.len() || at + 1 - from == LONGEST;
            if cut || token.has(MARK | DOTTED) && self.ends_after(at) {
                let starts = (first as u32, self.starts.len() as u32);
                self.sentences.push(Sentence {
                    from,
                    to: at + 1,
                    block,
                    kind,
                    shouted: words.shout(),
                    starts,
                });
                words = Capitals::default();
                first = self.starts.len();
                from = at + 1;
            }
        }
    }

    /// Notes a token where it will be looked for, so that every stage passes over the others.
    fn list(&mut self, at: usize, token: &Token) {
        if !token.has(CAPITAL | MARK | NUMBER) && token.word != UNKNOWN {
            self.lower.insert(token.word);
        }
        if token.has(CAPITAL | NUMBER) || token.noted(notes::PARTICLE) {
            self.starts.push(at as u32);
        }
        if token.has(NUMBER) || token.noted(notes::DATE) {
            self.dates.push(at as u32);
        }
        if token.noted(notes::TRIGGER | notes::CONFIRMED) {
            self.triggers.push(at as u32);
        }
    }

    /// Tells whether a sentence ends after this mark or acronym, which is not the last token of its block.
    fn ends_after(&self, at: usize) -> bool {
        let next = &self.tokens[at + 1];
        let token = &self.tokens[at];
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
            // So has "telling....Armenia".
            return self.is_mark(before, ".") || before.text(self.text).chars().all(char::is_lowercase);
        }
        let initial = before.has(CAPITAL) && before.text(self.text).chars().count() == 1;
        let abbreviation = before.has(CAPITAL) && self.is(before, WordClass::ABBREVIATION);
        !(initial || abbreviation)
    }

    #[inline]
    pub fn is(&self, token: &Token, class: WordClass) -> bool {
        self.lexicon.classes.has(token.word, class)
    }

    #[inline]
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
        if !token.has(MARK) {
            return false;
        }
        match self.text.as_bytes()[token.start as usize] {
            byte @ 0..0x80 => matches!(byte, b'"' | b'\''),
            _ => matches!(token.text(self.text), "“" | "”" | "„" | "«" | "»" | "‘" | "’"),
        }
    }

    pub fn is_possessive(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else { return false };
        // Either starts with an apostrophe.
        matches!(self.text.as_bytes()[token.start as usize], b'\'' | 0x80..)
            && (matches!(token.text(self.text), "'s" | "’s" | "'S" | "’S")
                || self.is_plural_possessive(at, token))
    }

    /// The apostrophe of "the Emirates' mediation".
    fn is_plural_possessive(&self, at: usize, token: &Token) -> bool {
        at > 0
            && token.has(GLUED)
            && self.is_mark(token, "'’")
            && self.tokens[at - 1].text(self.text).ends_with('s')
            && self.tokens.get(at + 1).is_some_and(|t| !t.has(GLUED))
    }

    #[inline]
    pub fn word(&self, at: usize) -> &'a str {
        self.tokens[at].text(self.text)
    }

    /// Tells whether a token ends in these letters.
    #[inline]
    pub fn ends_with(&self, token: &Token, letters: &[u8]) -> bool {
        self.text.as_bytes()[token.start as usize..token.end as usize].ends_with(letters)
    }

    /// Tells whether the token is this lower-case word, in any case.
    #[inline]
    pub fn says(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|t| t.says(self.text, word))
    }

    /// Returns the bytes from one token up to another, which is left out.
    pub fn span(&self, from: usize, to: usize) -> Span {
        Span { start: self.tokens[from].start, end: self.tokens[to - 1].end }
    }
}

/// How many of the long words of a sentence have a capital or are all capitals.
#[derive(Default)]
struct Capitals {
    all: u32,
    capital: u32,
    upper: u32,
}

impl Capitals {
    #[inline]
    fn count(&mut self, token: &Token) {
        if token.end - token.start > 3 && !token.has(MARK | NUMBER) {
            self.all += 1;
            self.capital += u32::from(token.has(CAPITAL));
            self.upper += u32::from(token.has(UPPER));
        }
    }

    /// A headline in title case, or a line all in capitals.
    fn shout(&self) -> bool {
        let (all, capital, upper) = (self.all, self.capital, self.upper);
        all >= 4 && capital * 10 >= all * 8 || all >= 2 && upper * 10 >= all * 6
    }
}
