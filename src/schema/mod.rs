//! Reads the tables under `schema/` into a compiled [`Schema`].
//!
//! Knowledge lives in the tables, which are embedded in the binary; this module only checks and compiles it.
//! Every error names the file and, where there is one, the line.

mod actors;
mod cleaning;
mod dates;
mod fields;
mod names;
mod roles;
mod words;

use std::borrow::Cow;
use std::path::Path;
use std::sync::OnceLock;

use crate::tokens::Token;
use crate::tokens::Vocabulary;

pub use actors::Actors;
pub use actors::Alias;
pub use actors::Entity;
pub use actors::EntityIndex;
pub use actors::Form;
pub use actors::Office;
pub use actors::SurnameUse;
pub use cleaning::Cleaning;
pub use dates::DateWords;
pub use dates::Direction;
pub use dates::HolidayRule;
pub use dates::Unit;
pub use dates::kind as date_kind;
pub use fields::Field;
pub use fields::FieldKind;
pub use fields::Fields;
pub use roles::Confirmed;
pub use roles::Element;
pub use roles::Filter;
pub use roles::Role;
pub use roles::RoleTest;
pub use roles::Rule;
pub use roles::Rules;
pub use words::Classes;
pub use words::WordClass;

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

/// The tables: name below `schema/`, and the text that is embedded in the binary.
macro_rules! tables {
    ($($field:ident = $path:literal),* $(,)?) => {
        /// The text of every table.
        #[derive(Clone, Debug)]
        struct Sources {
            $($field: Cow<'static, str>),*
        }

        impl Sources {
            fn embedded() -> Sources {
                Sources { $($field: Cow::Borrowed(include_str!(concat!("../../schema/", $path)))),* }
            }

            /// Takes the tables that a directory has in the place of the embedded ones.
            fn with_directory(dir: &Path) -> Result<Sources, SchemaError> {
                let mut sources = Sources::embedded();
                let mut found = false;
                $(
                    let path = dir.join($path);
                    if path.exists() {
                        let text = std::fs::read_to_string(&path).map_err(|e| SchemaError::new($path, e))?;
                        sources.$field = Cow::Owned(text);
                        found = true;
                    }
                )*
                let list = [$($path),*].join(", ");
                let none = || SchemaError { file: dir.display().to_string(), reason: format!("holds none of the tables {list}") };
                if found { Ok(sources) } else { Err(none()) }
            }

            fn texts(&self) -> Vec<&str> {
                vec![$(&self.$field),*]
            }
        }
    };
}

tables! {
    countries = "actors/countries.tsv",
    organisations = "actors/organisations.tsv",
    places = "actors/places.tsv",
    people = "actors/people.tsv",
    given_names = "actors/given_names.txt",
    words = "words.toml",
    roles = "roles.toml",
    cleaning = "cleaning.toml",
    compounds = "compounds.txt",
    dates = "dates.toml",
    fields = "fields.toml",
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
    /// BLAKE3 of the tables, in hex: an index knows the schema that it was made with.
    pub hash: String,
    sources: Sources,
    lexicon: OnceLock<Lexicon>,
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

    /// Reads the tables with those of a directory in the place of the embedded ones, and compiles all of them.
    ///
    /// # Errors
    /// If the directory has no table, or one that cannot be used.
    pub fn with_directory(dir: &Path) -> Result<Schema, SchemaError> {
        let schema = Schema::read(Sources::with_directory(dir)?)?;
        let lexicon = Lexicon::compile(&schema.sources, &schema.roles)?;
        // Just made, so nothing stands there yet.
        let _ = schema.lexicon.set(lexicon);
        Ok(schema)
    }

    fn read(sources: Sources) -> Result<Schema, SchemaError> {
        Ok(Schema {
            fields: Fields::read(&sources.fields)?,
            roles: roles::read_roles(&sources.roles)?,
            cleaning: Cleaning::read(&sources.cleaning)?,
            compounds: words::read_compounds(&sources.compounds)?,
            hash: sources.hash(),
            sources,
            lexicon: OnceLock::new(),
        })
    }

    /// Returns the compiled tables that reading text needs; the first call compiles them.
    ///
    /// # Panics
    /// If an embedded table is broken, which a test rules out.
    pub fn lexicon(&self) -> &Lexicon {
        self.lexicon.get_or_init(|| {
            Lexicon::compile(&self.sources, &self.roles).unwrap_or_else(|error| panic!("{error}"))
        })
    }

    /// Finds a role by its id.
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|r| r.id == id)
    }

    /// Finds the canonical name that a name, in any case and spelling of the tables, belongs to.
    pub fn canonical_name(&self, name: &str) -> Option<String> {
        let sources = &self.sources;
        let tables: [&str; 4] =
            [&sources.countries, &sources.organisations, &sources.places, &sources.people];
        names::find(tables, name)
    }
}

impl Lexicon {
    fn compile(sources: &Sources, roles: &[Role]) -> Result<Lexicon, SchemaError> {
        let mut vocabulary = Vocabulary::default();
        let mut classes = Classes::read(&sources.words, &mut vocabulary)?;
        classes.add_given_names(&sources.given_names, &mut vocabulary);
        let rules = Rules::read(&sources.roles, roles, &mut classes, &mut vocabulary)?;
        let dates = DateWords::read(&sources.dates, &mut vocabulary)?;
        vocabulary.intern("'s");
        let mut actors = Actors::default();
        actors.add_countries(&sources.countries, &mut vocabulary)?;
        actors.add_organisations(&sources.organisations, &mut vocabulary)?;
        actors.add_places(&sources.places, &mut vocabulary)?;
        actors.add_people(&sources.people, &mut vocabulary)?;
        actors.finish()?;
        classes.fit(vocabulary.size());
        Ok(Lexicon { vocabulary, actors, classes, rules, dates })
    }

    /// Tells whether a token's word is in a class.
    pub fn is(&self, token: &Token, class: WordClass) -> bool {
        self.classes.has(token.word, class)
    }
}

impl Sources {
    fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for table in self.texts() {
            hasher.update(&(table.len() as u64).to_le_bytes());
            hasher.update(table.as_bytes());
        }
        hasher.finalize().to_hex()[..32].to_string()
    }
}

/// Splits a table into its rows: line number and cells; comments and the header are passed over.
fn rows(table: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    table
        .lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line))
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#') && !line.starts_with("id\t"))
        .map(|(number, line)| (number, line.split('\t').map(str::trim).collect()))
}

/// Splits a cell into its items.
fn items(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('|').map(str::trim).filter(|item| !item.is_empty())
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
    }

    #[test]
    fn embedded_tables_compile() {
        let schema = Schema::read(Sources::embedded()).unwrap_or_else(|error| panic!("{error}"));
        if let Err(error) = Lexicon::compile(&Sources::embedded(), &schema.roles) {
            panic!("{error}");
        }
    }
}
