//! Word classes: sets of words that names, patterns and status are read by.

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::SchemaError;
use super::sources::Layers;
use crate::tokens::Vocabulary;
use crate::tokens::fold;

/// A class of words, as a bit number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WordClass(u8);

/// Classes that the code asks for by name; they must stand in `words.toml`.
macro_rules! known_classes {
    ($($constant:ident = $name:literal),* $(,)?) => {
        /// Names of the classes that the code knows, in bit order.
        const KNOWN: &[&str] = &[$($name),*];
        known_classes!(@constants 0u8; $($constant),*);
    };
    (@constants $bit:expr; $constant:ident $(, $rest:ident)*) => {
        impl WordClass {
            #[allow(missing_docs)]
            pub const $constant: WordClass = WordClass($bit);
        }
        known_classes!(@constants $bit + 1; $($rest),*);
    };
    (@constants $bit:expr;) => {};
}

known_classes! {
    TITLE = "title",
    HONORIFIC = "honorific",
    MODIFIER = "modifier",
    ORGAN = "organ",
    OFFICIALS = "officials",
    PEOPLE = "people",
    ETHNIC = "ethnic",
    PLACE_PREPOSITION = "place_preposition",
    PARTICLE = "particle",
    ORG_SUFFIX = "org_suffix",
    PLACE_SUFFIX = "place_suffix",
    PLACE_PREFIX = "place_prefix",
    OF_HEAD = "of_head",
    STARTER = "starter",
    FUNCTION = "function",
    ABBREVIATION = "abbreviation",
    DETERMINER = "det",
    ASIDE = "aside",
    ONCE = "once",
    FILLER = "filler",
    NOT_ADVERB = "not_adverb",
    SAY = "say",
    DESCRIPTOR = "descriptor",
    ACTS = "acts",
    AUXILIARY = "auxiliary",
    AUX = "aux",
    MODAL = "modal",
    ACCUSE = "accuse",
    SIDES = "sides",
    MONTH = "month_name",
    SPORT = "sport",
    SPORT_VERB = "sport_verb",
    MATCH_VERB = "match_verb",
    HOME_NATION = "home_nation",
    NO_NAME = "no_name",
    LEGAL_FORM = "legal_form",
    BODY_ROLE = "body_role",
    BODY_NOUN = "body_noun",
    PERSON_NOUN = "person_noun",
    PLACE_NOUN = "place_noun",
    PLACE_AFTER = "place_after",
    PLAYER_TABLE = "player_table",
    TEAM_TABLE = "team_table",
    DESK = "desk",
    GIVEN_NAME = "given_name",
    WEAK_GIVEN_NAME = "weak_given_name",
}

/// A set of classes.
#[derive(Clone, Copy, Debug, Default)]
pub struct WordClasses(u128);

impl WordClass {
    /// Its number, from 0 to 127.
    pub(super) fn bit(self) -> usize {
        self.0 as usize
    }
}

impl WordClasses {
    /// Tells whether a class is among them.
    pub fn has(self, class: WordClass) -> bool {
        self.0 & (1 << class.0) != 0
    }

    /// Tells whether all of others are among them.
    pub fn has_all(self, others: WordClasses) -> bool {
        others.0 & !self.0 == 0
    }

    pub(super) fn add(&mut self, class: WordClass) {
        self.0 |= 1 << class.0;
    }
}

/// Which words are in which classes.
#[derive(Debug)]
pub struct Classes {
    names: FxHashMap<String, WordClass>,
    /// Bits by word number.
    bits: Vec<u128>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    classes: toml::Table,
}

impl Classes {
    pub(super) fn read(text: &str, vocabulary: &mut Vocabulary) -> Result<Self, SchemaError> {
        let file: File = toml::from_str(text).map_err(|e| SchemaError::new("words.toml", e))?;
        let mut classes = Classes { names: FxHashMap::default(), bits: Vec::new() };
        for (bit, name) in KNOWN.iter().enumerate() {
            classes.names.insert(name.to_string(), WordClass(bit as u8));
        }
        classes.add_table("words.toml", &file.classes, vocabulary)?;
        // These come with tables of their own.
        let elsewhere = |name: &str| name.ends_with("given_name") || matches!(name, "accuse" | "function");
        for name in KNOWN.iter().filter(|name| !elsewhere(name)) {
            if !file.classes.contains_key(*name) {
                return Err(SchemaError::new("words.toml", format!("class `{name}` is missing")));
            }
        }
        Ok(classes)
    }

    /// Adds every class of a TOML table; values are lists of words, or one phrase of several words each word of which counts.
    pub(super) fn add_table(
        &mut self,
        file: &str,
        table: &toml::Table,
        vocabulary: &mut Vocabulary,
    ) -> Result<(), SchemaError> {
        for (name, words) in table {
            let words =
                words.as_array().ok_or_else(|| SchemaError::new(file, format!("`{name}` is no list")))?;
            let class = self.declare(file, name)?;
            for word in words {
                let word =
                    word.as_str().ok_or_else(|| SchemaError::new(file, format!("`{name}` holds no text")))?;
                for form in inflect(word) {
                    self.insert(class, vocabulary.intern(&fold(&form)));
                }
            }
        }
        Ok(())
    }

    /// Given names: one a line; those after the line with "ambiguous" count only beside another name.
    pub(super) fn add_given_names(&mut self, layers: &Layers, vocabulary: &mut Vocabulary) {
        for layer in layers {
            self.add_given_names_of(&layer.text, vocabulary);
        }
    }

    fn add_given_names_of(&mut self, text: &str, vocabulary: &mut Vocabulary) {
        let mut class = WordClass::GIVEN_NAME;
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
            if line.starts_with('#') {
                if line.contains("ambiguous") {
                    class = WordClass::WEAK_GIVEN_NAME;
                }
                continue;
            }
            self.insert(class, vocabulary.intern(&fold(line)));
        }
    }

    /// Words that only join or point: one a line.
    pub(super) fn add_function_words(&mut self, layers: &Layers, vocabulary: &mut Vocabulary) {
        for word in function_words(layers) {
            self.insert(WordClass::FUNCTION, vocabulary.intern(&word));
        }
    }

    fn declare(&mut self, file: &str, name: &str) -> Result<WordClass, SchemaError> {
        if let Some(class) = self.names.get(name) {
            return Ok(*class);
        }
        let next = self.names.len();
        if next >= 128 {
            return Err(SchemaError::new(
                file,
                format!("`{name}` would be more than 128 word classes: put words into fewer"),
            ));
        }
        let class = WordClass(next as u8);
        self.names.insert(name.to_string(), class);
        Ok(class)
    }

    fn insert(&mut self, class: WordClass, word: u32) {
        self.fit(word as usize + 1);
        self.bits[word as usize] |= 1 << class.0;
    }

    /// Makes room for word numbers below `size`.
    pub(super) fn fit(&mut self, size: usize) {
        if self.bits.len() < size {
            self.bits.resize(size, 0);
        }
    }

    /// Lists the classes that only patterns can name, with their names.
    pub fn of_patterns(&self) -> impl Iterator<Item = (&str, WordClass)> {
        self.names.iter().map(|(n, c)| (n.as_str(), *c)).filter(|(_, c)| c.0 as usize >= KNOWN.len())
    }

    /// Returns the class of that name.
    pub fn class(&self, name: &str) -> Option<WordClass> {
        self.names.get(name).copied()
    }

    /// Tells whether a word is in a class.
    pub fn has(&self, word: u32, class: WordClass) -> bool {
        self.bits[word as usize] & (1 << class.0) != 0
    }

    /// Returns the classes of a word.
    pub fn of(&self, word: u32) -> WordClasses {
        WordClasses(self.bits[word as usize])
    }

    /// Returns the classes that one or the other of some words is in.
    pub fn of_all(&self, words: impl Iterator<Item = u32>) -> WordClasses {
        WordClasses(words.fold(0, |all, word| all | self.bits[word as usize]))
    }

    /// Lists the words of every class, by its bit.
    pub(super) fn words(&self) -> Vec<Vec<u32>> {
        let mut words = vec![Vec::new(); 128];
        for (word, bits) in self.bits.iter().enumerate() {
            let mut rest = *bits;
            while rest != 0 {
                words[rest.trailing_zeros() as usize].push(word as u32);
                rest &= rest - 1;
            }
        }
        words
    }
}

/// Reads the words that only join or point, folded.
pub(super) fn read_function_words(layers: &Layers) -> FxHashSet<String> {
    function_words(layers).collect()
}

fn function_words(layers: &Layers) -> impl Iterator<Item = String> {
    let lines = layers.iter().flat_map(|layer| layer.text.lines()).map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(fold)
}

/// Reads pairs of words, one a line, folded.
pub(super) fn read_compounds(layers: &Layers) -> Result<Vec<(String, String)>, SchemaError> {
    let mut pairs = Vec::new();
    for layer in layers {
        let lines = layer.text.lines().map(str::trim).enumerate();
        for (at, line) in lines.filter(|(_, l)| !l.is_empty() && !l.starts_with('#')) {
            let (first, second) = line.split_once(' ').ok_or_else(|| {
                let why =
                    format!("line {}: `{line}` is no pair of words: write two with a space between", at + 1);
                SchemaError::new(&layer.file, why)
            })?;
            pairs.push((fold(first), fold(second)));
        }
    }
    Ok(pairs)
}

/// `broker*` is broker, brokers, brokered, brokering; other words are themselves.
fn inflect(word: &str) -> Vec<String> {
    let Some(base) = word.strip_suffix('*') else { return vec![word.to_string()] };
    let forms = |stem: &str, endings: [&str; 3]| endings.map(|e| format!("{stem}{e}")).to_vec();
    let mut all = vec![base.to_string()];
    if let Some(stem) = base.strip_suffix('e') {
        all.extend(forms(stem, ["es", "ed", "ing"]));
    } else if let Some(stem) = base.strip_suffix('y').filter(|s| !s.ends_with(['a', 'e', 'o'])) {
        all.extend([format!("{stem}ies"), format!("{stem}ied"), format!("{base}ing")]);
    } else if base.ends_with(['s', 'x', 'z']) || base.ends_with("ch") || base.ends_with("sh") {
        all.extend(forms(base, ["es", "ed", "ing"]));
    } else if base.ends_with("at") {
        // A stem given short: mediat* is mediate, mediates, mediated, mediating.
        all = vec![format!("{base}e"), format!("{base}es"), format!("{base}ed"), format!("{base}ing")];
    } else {
        all.extend(forms(base, ["s", "ed", "ing"]));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflection() {
        assert_eq!(inflect("broker*"), ["broker", "brokers", "brokered", "brokering"]);
        assert_eq!(inflect("deny*"), ["deny", "denies", "denied", "denying"]);
        assert_eq!(inflect("accuse*"), ["accuse", "accuses", "accused", "accusing"]);
        assert_eq!(inflect("truce"), ["truce"]);
    }
}
