//! A stem and the forms that words have of it, in one dictionary.
//!
//! A term is the stem, and where the word as written differs, a mark and the rest of the word: `attack`,
//! `attack` + mark + `ed`, `happi` + mark + `y`. The mark says how many bytes of the stem the word does not have. So all forms of
//! a stem stand in a row, each form is a term of its own, and every word is indexed once: a search for the stem reads
//! the row, one for the word as written a single term, and a pattern walks the dictionary as if it held plain words.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::hash::Hash;

use frostem::Algorithm;
use frostem::Stemmer;
use rustc_hash::FxHashMap;
use tantivy::InvertedIndexReader;
use tantivy::Searcher;
use tantivy::Term;
use tantivy::postings::TermInfo;
use tantivy::schema::Field;
use tantivy_fst::Automaton;

use crate::tokens::Packed;
use crate::tokens::push_letters;

/// The mark of a word that has all of its stem; no word holds such a byte.
const MARK: u8 = 1;

/// Bytes of its stem that a word may lack; English has words that lack two (`dying`, of `die`).
const LACKING: usize = 3;

/// One past the last mark.
const PAST: char = '\u{5}';

/// Words whose stems are remembered, a thread.
const CACHED: usize = 200_000;

thread_local! {
    static TERMS: RefCell<Terms<Box<str>>> = RefCell::default();
    /// The same for words of few ASCII letters, which are most.
    static SHORT: RefCell<Terms<Packed>> = RefCell::default();
}

/// The terms of words that came before.
struct Terms<W> {
    places: FxHashMap<W, Place>,
    /// Term behind term: frequent words come early, so that their terms lie together.
    terms: String,
}

/// Where a term is, and how many bytes of it are the stem.
#[derive(Clone, Copy)]
struct Place {
    start: u32,
    length: u16,
    stem: u16,
}

impl<W> Default for Terms<W> {
    fn default() -> Terms<W> {
        Terms { places: FxHashMap::default(), terms: String::new() }
    }
}

impl<W: Eq + Hash> Terms<W> {
    /// Gives what is remembered of a word, or what it is composed to, which is then remembered.
    fn recall<Q: Eq + Hash + ?Sized, T>(
        &mut self,
        word: &Q,
        own: impl FnOnce() -> W,
        compose: impl FnOnce() -> (String, usize),
        take: impl FnOnce(&str, usize) -> T,
    ) -> T
    where
        W: Borrow<Q>,
    {
        if let Some(Place { start, length, stem }) = self.places.get(word).copied() {
            let start = start as usize;
            return take(&self.terms[start..start + usize::from(length)], stem.into());
        }
        let (term, stem) = compose();
        let start = u32::try_from(self.terms.len());
        if let (Ok(start), Ok(length)) = (start, u16::try_from(term.len()))
            && self.places.len() < CACHED
        {
            self.places.insert(own(), Place { start, length, stem: stem as u16 });
            self.terms.push_str(&term);
        }
        take(&term, stem)
    }
}

/// Gives the term of a short word of small ASCII letters, and how many bytes of it are the stem.
pub(super) fn with_short_term<T>(
    stemmer: &Stemmer,
    letters: Packed,
    take: impl FnOnce(&str, usize) -> T,
) -> T {
    let compose = || {
        let mut word = String::new();
        push_letters(letters, &mut word);
        composed(stemmer, &word)
    };
    SHORT.with_borrow_mut(|terms| terms.recall(&letters, || letters, compose, take))
}

/// Gives the term of a folded word, and how many bytes of it are the stem.
pub(super) fn with_term<T>(stemmer: &Stemmer, word: &str, take: impl FnOnce(&str, usize) -> T) -> T {
    TERMS.with_borrow_mut(|terms| terms.recall(word, || word.into(), || composed(stemmer, word), take))
}

/// Joins the stem of a word and the word; a number is its own stem, and so is a word that lacks too much of its.
fn composed(stemmer: &Stemmer, word: &str) -> (String, usize) {
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return (word.to_string(), word.len());
    }
    let stem = stemmer.stem(word);
    let same: usize =
        stem.chars().zip(word.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let lacking = stem.len() - same;
    if stem == word || lacking > LACKING {
        return (word.to_string(), word.len());
    }
    (format!("{stem}{}{}", char::from(MARK + lacking as u8), &word[same..]), stem.len())
}

/// The word of a term.
fn word_of(term: &str) -> String {
    let marks = char::from(MARK)..PAST;
    match term.find(|c| marks.contains(&c)) {
        None => term.to_string(),
        Some(at) => {
            let lacking = usize::from(term.as_bytes()[at] - MARK);
            format!("{}{}", &term[..at.saturating_sub(lacking)], &term[at + 1..])
        }
    }
}

/// Makes the term of a folded word in the form it has.
pub fn form(field: Field, word: &str) -> Term {
    with_term(&Stemmer::new(Algorithm::English), word, |term, _| Term::from_field_text(field, term))
}

/// Hands on what a segment has of the forms of a stem.
fn each_form(
    inverted: &InvertedIndexReader,
    stem: &str,
    mut visit: impl FnMut(&[u8], TermInfo),
) -> std::io::Result<()> {
    let mut own = inverted.terms().range().ge(stem).lt(format!("{stem}{PAST}")).into_stream()?;
    while own.advance() {
        visit(own.key(), own.value().clone());
    }
    Ok(())
}

/// Lists where a segment keeps the postings of the forms of a stem.
///
/// # Errors
/// If the dictionary cannot be read.
pub fn form_infos(inverted: &InvertedIndexReader, stem: &str) -> std::io::Result<Vec<TermInfo>> {
    let mut infos = Vec::new();
    each_form(inverted, stem, |_, info| infos.push(info))?;
    Ok(infos)
}

/// Lists the terms of a field that are forms of a stem.
///
/// # Errors
/// If a dictionary cannot be read.
pub fn forms(searcher: &Searcher, field: Field, stem: &str) -> tantivy::Result<BTreeSet<Term>> {
    let mut terms = BTreeSet::new();
    for segment in searcher.segment_readers() {
        each_form(&*segment.inverted_index(field)?, stem, |key, _| {
            terms.insert(Term::from_field_text(field, &String::from_utf8_lossy(key)));
        })?;
    }
    Ok(terms)
}

/// Counts the articles that have a form of a stem in a field: at most, as an article that has two counts twice.
///
/// # Errors
/// If a dictionary cannot be read.
pub fn holders(searcher: &Searcher, field: Field, stem: &str) -> tantivy::Result<u64> {
    let mut all = 0;
    for segment in searcher.segment_readers() {
        let mut holders = 0;
        each_form(&*segment.inverted_index(field)?, stem, |_, info| holders += u64::from(info.doc_freq))?;
        all += holders.min(u64::from(segment.max_doc()));
    }
    Ok(all)
}

/// Lists the words of a field, as they are written, that an automaton accepts, as long as it is to go on.
///
/// # Errors
/// If a dictionary cannot be read.
pub fn words_that_fit<A: Automaton>(
    searcher: &Searcher,
    field: Field,
    automaton: &A,
    mut go_on: impl FnMut() -> bool,
) -> tantivy::Result<BTreeSet<String>>
where
    A::State: Clone,
{
    let mut words = BTreeSet::new();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        let mut stream = inverted.terms().search(AsWritten(automaton)).into_stream()?;
        while stream.advance() && go_on() {
            words.insert(word_of(&String::from_utf8_lossy(stream.key())));
        }
    }
    Ok(words)
}

/// Reads the terms of a dictionary as the words that they stand for.
struct AsWritten<'a, A>(&'a A);

/// Where the automaton is, and where it was some bytes before, the last first: back there it goes at a mark.
#[derive(Clone)]
struct Reached<S> {
    now: S,
    before: [Option<S>; LACKING],
}

impl<A: Automaton> Automaton for AsWritten<'_, A>
where
    A::State: Clone,
{
    type State = Option<Reached<A::State>>;

    fn start(&self) -> Self::State {
        Some(Reached { now: self.0.start(), before: [const { None }; LACKING] })
    }

    fn is_match(&self, state: &Self::State) -> bool {
        state.as_ref().is_some_and(|reached| self.0.is_match(&reached.now))
    }

    fn can_match(&self, state: &Self::State) -> bool {
        let Some(Reached { now, before }) = state else { return false };
        std::iter::once(now).chain(before.iter().flatten()).any(|state| self.0.can_match(state))
    }

    fn accept(&self, state: &Self::State, byte: u8) -> Self::State {
        let Reached { now, before } = state.as_ref()?;
        let lacking = usize::from(byte.wrapping_sub(MARK));
        if lacking <= LACKING {
            let back = lacking.checked_sub(1).map_or(Some(now), |at| before[at].as_ref())?;
            return Some(Reached { now: back.clone(), before: [const { None }; LACKING] });
        }
        let mut then = [const { None }; LACKING];
        then[0] = Some(now.clone());
        then[1..].clone_from_slice(&before[..LACKING - 1]);
        Some(Reached { now: self.0.accept(now, byte), before: then })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_tells_its_word_and_its_stem() {
        let stemmer = Stemmer::new(Algorithm::English);
        let words = "attack attacks attacked happy happily dying skies ceasefire ceasefires relational \
                     possibility agreed hoping gas news 2008 1990s café naïvely москва o'neill";
        for word in words.split_whitespace() {
            let (term, stem) = with_term(&stemmer, word, |term, stem| (term.to_string(), stem));
            assert_eq!(word_of(&term), word);
            if !word.starts_with(|c: char| c.is_ascii_digit()) {
                assert_eq!(term[..stem], *stemmer.stem(word), "{word}");
            }
        }
    }

    #[test]
    fn an_automaton_reads_terms_as_words() {
        let stemmer = Stemmer::new(Algorithm::English);
        let automaton = tantivy_fst::Regex::new("(happ.*|dying|skie.)").expect("a pattern");
        let reads = AsWritten(&automaton);
        for (word, fits) in
            [("happy", true), ("happier", true), ("dying", true), ("skies", true), ("die", false)]
        {
            let term = with_term(&stemmer, word, |term, _| term.to_string());
            let mut state = reads.start();
            for byte in term.bytes() {
                assert!(!fits || reads.can_match(&state), "{word}");
                state = reads.accept(&state, byte);
            }
            assert_eq!(reads.is_match(&state), fits, "{word}");
        }
    }
}
