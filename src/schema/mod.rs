//! Reads the tables under `schema/` into a compiled [`Schema`].
//!
//! Knowledge lives in the tables, which are embedded in the binary; this module only checks and compiles it.
//! Every error names the file and, where there is one, the line.

mod actors;
mod clashes;
mod cleaning;
mod dates;
mod fields;
mod names;
pub mod notes;
mod overlay;
mod overlay_rows;
mod overlay_toml;
mod role;
mod roles;
mod sources;
mod spelling;
mod synonyms;
mod words;

use std::path::Path;
use std::sync::OnceLock;

use rustc_hash::FxHashSet;

use crate::tokens::Token;
use crate::tokens::Vocabulary;
use crate::tokens::fold;

pub use actors::Actors;
pub use actors::Alias;
pub use actors::Entity;
pub use actors::EntityIndex;
pub use actors::Form;
pub use actors::Office;
pub use actors::Readings;
pub use actors::SurnameUse;
pub use clashes::Clash;
pub use clashes::ClashKind;
pub use cleaning::Cleaning;
pub use dates::DateWords;
pub use dates::Direction;
pub use dates::HolidayRule;
pub use dates::Unit;
pub use dates::kind as date_kind;
pub use fields::Field;
pub use fields::FieldKind;
pub use fields::Fields;
use names::Spellings;
pub use overlay::Changes;
pub use role::Role;
pub use roles::Confirmed;
pub use roles::Element;
pub use roles::Filter;
pub use roles::Over;
pub use roles::RoleTest;
pub use roles::Rule;
pub use roles::Rules;
pub use roles::Supply;
pub use roles::word_bit;
use sources::Sources;
use sources::hash_of;
pub use spelling::are_variants;
pub use spelling::skeleton;
pub use synonyms::Synonyms;
pub use words::Classes;
pub use words::WordClass;
pub use words::WordClasses;

/// A table that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct SchemaError {
    /// The file below `schema/`.
    pub file: String,
    /// Line, entry and what is wrong with it.
    pub reason: String,
}

impl SchemaError {
    fn new(file: &str, reason: impl ToString) -> Self {
        SchemaError { file: file.to_string(), reason: reason.to_string() }
    }
}

/// The domain as tables: light parts at hand, the heavy ones compiled when text is first read.
#[derive(Debug)]
pub struct Schema {
    /// Fields of the index.
    pub fields: Fields,
    /// Parts that actors play, in the order of the table.
    pub roles: Vec<Role>,
    /// Lines that are no part of an article.
    pub cleaning: Cleaning,
    /// Pairs of words that are also written as one.
    pub compounds: Vec<(String, String)>,
    /// Words that a query may stand for besides its own.
    pub synonyms: Synonyms,
    /// BLAKE3 of the tables, in hex: an index knows the schema that it was made with.
    pub hash: String,
    /// BLAKE3 of the table that reading files needs: what depends on it is not annotated anew but read anew.
    pub reading_hash: String,
    /// What a user's tables changed.
    pub changes: Option<Changes>,
    sources: Sources,
    lexicon: OnceLock<Lexicon>,
    function_words: OnceLock<FxHashSet<String>>,
    spellings: Spellings,
}

/// What reading text needs: who there is, what words mean, which rules make events.
#[derive(Debug)]
pub struct Lexicon {
    /// Words with a number.
    pub vocabulary: Vocabulary,
    /// Entities and the names they go by.
    pub actors: Actors,
    /// Classes of words.
    pub classes: Classes,
    /// Role rules.
    pub rules: Rules,
    /// Words of date expressions.
    pub dates: DateWords,
}

impl Schema {
    /// Returns the tables embedded in the binary, compiled once per process.
    ///
    /// # Panics
    /// If an embedded table is broken, which a test rules out.
    pub fn embedded() -> &'static Schema {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| Schema::read(Sources::embedded()).unwrap_or_else(|error| panic!("{error}")))
    }

    /// Reads the tables of a directory laid over the embedded ones.
    ///
    /// # Errors
    /// If the directory has no table, or one that cannot be used.
    pub fn with_directory(dir: &Path) -> Result<Schema, SchemaError> {
        let (sources, changes) = overlay::read(dir)?;
        let mut schema = Schema::read(sources).map_err(|e| changes.locate(e))?;
        schema.changes = Some(changes);
        Ok(schema)
    }

    /// Compiles what reading text needs, so that a table that cannot be used is an error and no panic later.
    ///
    /// # Errors
    /// If a user's table cannot be used.
    pub fn prepare(&self) -> Result<(), SchemaError> {
        if self.lexicon.get().is_none() {
            let compiled = Lexicon::compile(&self.sources, &self.roles);
            let lexicon =
                compiled.map_err(|e| self.changes.iter().fold(e, |e, changes| changes.locate(e)))?;
            // Nobody else compiles meanwhile, and if so, to the same.
            let _ = self.lexicon.set(lexicon);
        }
        Ok(())
    }

    fn read(sources: Sources) -> Result<Schema, SchemaError> {
        let fields = Fields::read(&sources.fields)?;
        let roles = role::read_roles(&sources.roles)?;
        check_names(&fields, &roles)?;
        Ok(Schema {
            fields,
            roles,
            cleaning: Cleaning::read(&sources.cleaning)?,
            compounds: words::read_compounds(&sources.compounds)?,
            synonyms: Synonyms::read(&sources.synonyms)?,
            hash: sources.hash(),
            reading_hash: hash_of([&*sources.cleaning]),
            changes: None,
            sources,
            lexicon: OnceLock::new(),
            function_words: OnceLock::new(),
            spellings: Spellings::default(),
        })
    }

    /// Returns the compiled tables that reading text needs; the first call compiles them.
    ///
    /// # Panics
    /// If an embedded table is broken, which a test rules out; for a user's tables call [`Schema::prepare`] first.
    pub fn lexicon(&self) -> &Lexicon {
        self.lexicon.get_or_init(|| {
            Lexicon::compile(&self.sources, &self.roles).unwrap_or_else(|error| panic!("{error}"))
        })
    }

    /// Tells whether a word only joins others: `the`, `of`, `what`, but not `WHO`. Queries ask, so that the lexicon is
    /// left alone and only that table is read.
    pub fn is_function_word(&self, word: &str) -> bool {
        if word.chars().count() > 1 && !word.chars().any(char::is_lowercase) {
            return false;
        }
        let words =
            self.function_words.get_or_init(|| words::read_function_words(&self.sources.function_words));
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        words.contains(&fold(bare))
    }

    /// Finds a role by its id.
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|r| r.id == id)
    }

    /// Finds the canonical name that a name, in any case and spelling of the tables, belongs to.
    pub fn canonical_name(&self, name: &str) -> Option<String> {
        names::find(&self.sources, name)
    }

    /// Lists other spellings of a word that is part of a name, folded: "pashinian" of "Pashinyan".
    pub fn other_spellings(&self, word: &str) -> Vec<String> {
        self.spellings.of(&self.sources, word)
    }
}

/// Roles and fields share one space of names, and name each other.
fn check_names(fields: &Fields, roles: &[Role]) -> Result<(), SchemaError> {
    let is_role = |name: &str| roles.iter().any(|r| r.id == name);
    for role in roles {
        if fields.find(&role.id).is_some() {
            let why = format!("role `{}`: a field has that name: take another", role.id);
            return Err(SchemaError::new("roles.toml", why));
        }
        if let Some(beaten) = role.beats.iter().find(|b| !is_role(b)) {
            let why = format!("no role `{beaten}`, which `{}` is to beat", role.id);
            return Err(SchemaError::new("roles.toml", why));
        }
    }
    match fields.default_facets.iter().find(|f| fields.find(f).is_none() && !is_role(f)) {
        None => Ok(()),
        Some(facet) => {
            let why = format!("`{facet}` of default_facets is neither a field nor a role");
            Err(SchemaError::new("fields.toml", why))
        }
    }
}

impl Lexicon {
    fn compile(sources: &Sources, roles: &[Role]) -> Result<Lexicon, SchemaError> {
        let mut vocabulary = Vocabulary::default();
        let mut classes = Classes::read(&sources.words, &mut vocabulary)?;
        classes.add_given_names(&sources.given_names, &mut vocabulary);
        classes.add_function_words(&sources.function_words, &mut vocabulary);
        let rules = Rules::read(&sources.roles, roles, &mut classes, &mut vocabulary)?;
        let dates = DateWords::read(&sources.dates, &mut vocabulary)?;
        vocabulary.intern("'s");
        let mut actors = Actors::default();
        // Of two that claim a name the first has it, so a user's rows come before ours.
        for (table, layer) in sources.actor_layers() {
            actors.add_layer(table, layer, &mut vocabulary)?;
        }
        actors.finish(&sources.removed)?;
        classes.fit(vocabulary.size());
        vocabulary.note(|word| notes::of(word, &classes, &rules, &dates, &actors));
        Ok(Lexicon { vocabulary, actors, classes, rules, dates })
    }

    /// Tells whether a token's word is in a class.
    pub fn is(&self, token: &Token, class: WordClass) -> bool {
        self.classes.has(token.word, class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_spelling() {
        let schema = Schema::embedded();
        let name = |text: &str| schema.canonical_name(text);
        for text in ["moscow", "Russian Federation", "RUSSIA", "the Kremlin"] {
            assert_eq!(name(text).as_deref(), Some("Russia"), "{text}");
        }
        assert_eq!(name("Nikol Pashinian").as_deref(), Some("Nikol Pashinyan"));
        assert_eq!(name("U.N.").as_deref(), Some("United Nations"));
        assert_eq!(name("nobody at all"), None);
        assert!(schema.other_spellings("Pashinyan").contains(&"pashinian".to_string()));
        assert!(schema.other_spellings("pashinian").contains(&"pashinyan".to_string()));
        for word in ["talks", "ceasefire", "paris", "bush", "minister"] {
            assert_eq!(schema.other_spellings(word), [""; 0], "{word}");
        }
    }

    #[test]
    fn embedded_tables_compile() {
        let schema = Schema::read(Sources::embedded()).unwrap_or_else(|error| panic!("{error}"));
        if let Err(error) = Lexicon::compile(&Sources::embedded(), &schema.roles) {
            panic!("{error}");
        }
    }
}
