//! The text of every table: what is embedded in the binary, and what a user's directory lays over it.

use std::borrow::Cow;

use super::SchemaError;

/// Lines of a table, and the file that they stand in: line `n` of the text is line `n` of the file.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub file: Cow<'static, str>,
    pub text: Cow<'static, str>,
}

impl Layer {
    const fn embedded(file: &'static str, text: &'static str) -> Layer {
        Layer { file: Cow::Borrowed(file), text: Cow::Borrowed(text) }
    }
}

/// A table of lines: the user's layers first, ours last.
pub(super) type Layers = Vec<Layer>;

/// A table of entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ActorTable {
    Countries,
    Organisations,
    Places,
    People,
}

impl ActorTable {
    /// In the order in which a name is looked up: a capital is its country before it is a city.
    pub const ALL: [ActorTable; 4] =
        [ActorTable::Countries, ActorTable::Organisations, ActorTable::Places, ActorTable::People];

    /// The table that an id belongs to, by what stands before its colon.
    pub fn of_id(id: &str) -> Option<ActorTable> {
        match id.split_once(':')?.0 {
            "country" => Some(ActorTable::Countries),
            "org" | "group" => Some(ActorTable::Organisations),
            "place" => Some(ActorTable::Places),
            "person" => Some(ActorTable::People),
            _ => None,
        }
    }

    pub fn file(self) -> &'static str {
        match self {
            ActorTable::Countries => "actors/countries.tsv",
            ActorTable::Organisations => "actors/organisations.tsv",
            ActorTable::Places => "actors/places.tsv",
            ActorTable::People => "actors/people.tsv",
        }
    }

    pub fn columns(self) -> &'static [&'static str] {
        match self {
            ActorTable::Countries => &["id", "name", "aliases", "demonyms", "capital", "metonyms", "not"],
            ActorTable::Organisations => &["id", "kind", "class", "name", "aliases", "of", "not"],
            ActorTable::Places => &["id", "kind", "name", "aliases", "country", "not"],
            ActorTable::People => &["id", "name", "aliases", "surname", "of"],
        }
    }

    /// Where the canonical name stands in a row.
    pub fn name_column(self) -> usize {
        self.columns().iter().position(|c| *c == "name").unwrap_or(1)
    }
}

/// The text of every table.
#[derive(Clone, Debug)]
pub(super) struct Sources {
    /// By [`ActorTable`].
    pub actors: [Layers; 4],
    pub given_names: Layers,
    pub function_words: Layers,
    pub compounds: Layers,
    pub words: Cow<'static, str>,
    pub roles: Cow<'static, str>,
    pub cleaning: Cow<'static, str>,
    pub dates: Cow<'static, str>,
    pub fields: Cow<'static, str>,
    /// What queries alone ask: no part of the hash, as no article changes with it.
    pub synonyms: Cow<'static, str>,
    /// Ids that the user took out: what refers to them loses the reference.
    pub removed: Vec<String>,
}

macro_rules! embedded {
    ($path:literal) => {
        Layer::embedded($path, include_str!(concat!("../../schema/", $path)))
    };
}

impl Sources {
    pub fn embedded() -> Sources {
        Sources {
            actors: [
                vec![embedded!("actors/countries.tsv")],
                vec![embedded!("actors/organisations.tsv")],
                vec![embedded!("actors/places.tsv")],
                vec![embedded!("actors/people.tsv")],
            ],
            given_names: vec![embedded!("actors/given_names.txt")],
            function_words: vec![embedded!("function_words.txt")],
            compounds: vec![embedded!("compounds.txt")],
            words: embedded!("words.toml").text,
            roles: embedded!("roles.toml").text,
            cleaning: embedded!("cleaning.toml").text,
            dates: embedded!("dates.toml").text,
            fields: embedded!("fields.toml").text,
            synonyms: embedded!("synonyms.toml").text,
            removed: Vec::new(),
        }
    }

    pub fn actors(&self, table: ActorTable) -> &Layers {
        &self.actors[table as usize]
    }

    /// All rows of entities in the order in which names are given out: the user's, then ours.
    pub fn actor_layers(&self) -> impl Iterator<Item = (ActorTable, &Layer)> {
        let of = |user: bool| {
            ActorTable::ALL.into_iter().flat_map(move |table| {
                let layers = self.actors(table);
                let (theirs, ours) = layers.split_at(layers.len().saturating_sub(1));
                let part = if user { theirs } else { ours };
                part.iter().map(move |layer| (table, layer))
            })
        };
        of(true).chain(of(false))
    }

    /// The table of that name, if it is one in TOML.
    pub fn toml_mut(&mut self, name: &str) -> Option<&mut Cow<'static, str>> {
        match name {
            "words.toml" => Some(&mut self.words),
            "roles.toml" => Some(&mut self.roles),
            "cleaning.toml" => Some(&mut self.cleaning),
            "dates.toml" => Some(&mut self.dates),
            "fields.toml" => Some(&mut self.fields),
            "synonyms.toml" => Some(&mut self.synonyms),
            _ => None,
        }
    }

    /// BLAKE3 of all tables, in hex.
    pub fn hash(&self) -> String {
        let lists = self.actors.iter().chain([&self.given_names, &self.function_words, &self.compounds]);
        let lists = lists.flat_map(|layers| layers.iter().map(|l| &*l.text));
        let tables = [&self.words, &self.roles, &self.cleaning, &self.dates, &self.fields];
        let removed = self.removed.iter().map(String::as_str);
        hash_of(lists.chain(tables.map(|t| &**t)).chain(removed))
    }
}

/// BLAKE3 of texts, in hex: which bytes belong to which counts too.
pub(super) fn hash_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = blake3::Hasher::new();
    for text in texts {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_string()
}

/// Splits a table into its rows: line number and cells; comments and the header are passed over.
pub(super) fn rows(table: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    table
        .lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line))
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#') && !line.starts_with("id\t"))
        .map(|(number, line)| (number, line.split('\t').map(str::trim).collect()))
}

/// Splits a cell into its items.
pub(super) fn items(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('|').map(str::trim).filter(|item| !item.is_empty())
}

/// The cells of a row, the missing ones empty.
pub(super) fn cells<'a, const N: usize>(
    file: &str,
    line: usize,
    row: &[&'a str],
) -> Result<[&'a str; N], SchemaError> {
    let mut out = [""; N];
    if row.len() > N || row.len() < 2 {
        return Err(SchemaError::new(
            file,
            format!("line {line}: {} cells where {N} are expected: separate cells by one tab", row.len()),
        ));
    }
    out[..row.len()].copy_from_slice(row);
    Ok(out)
}
