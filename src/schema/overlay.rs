//! A directory of a user's own tables, laid over ours: what has the same name replaces ours, the rest is added.
//!
//! `+name` adds to what we have under that name, `-name` takes it out; `schema/README.md` has the whole of it.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use super::SchemaError;
use super::overlay_rows;
use super::overlay_rows::ActorRows;
use super::overlay_toml;
use super::sources::ActorTable;
use super::sources::Sources;

/// First line of a file that stands for the built-in table as a whole.
const WHOLE: &str = "#! whole table";

/// Tables in one file each, as they are called below a directory; tables of entities may have any name besides.
const KNOWN: &[&str] = &[
    "actors/*.tsv",
    "actors/given_names.txt",
    "words.toml",
    "roles.toml",
    "dates.toml",
    "cleaning.toml",
    "function_words.txt",
    "compounds.txt",
    "fields.toml",
    "synonyms.toml",
];

/// What a user's tables changed, counted.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The directory.
    pub dir: String,
    /// Entities, roles, rules, tests, classes, words and lines that are new.
    pub added: usize,
    /// Those in the place of one of ours.
    pub replaced: usize,
    /// Those of ours that got more.
    pub extended: usize,
    /// Those of ours that are gone.
    pub removed: usize,
    /// The files, for errors: name below the directory, path, text.
    files: Vec<(String, String, String)>,
}

/// Reads the tables of a directory over the embedded ones.
pub(super) fn read(dir: &Path) -> Result<(Sources, Changes), SchemaError> {
    let mut sources = Sources::embedded();
    let mut changes = Changes { dir: dir.display().to_string(), ..Changes::default() };
    changes.files = files(dir)?;
    if changes.files.is_empty() {
        return Err(SchemaError::new(
            &changes.dir,
            format!("holds no table: there are {}", KNOWN.join(", ")),
        ));
    }
    let files = changes.files.clone();
    let mut actors = ActorRows::default();
    for (name, path, text) in &files {
        let whole = is_whole(text);
        if let Some(ours) = sources.toml_mut(name) {
            let merged =
                if whole { text.clone() } else { overlay_toml::merge(name, ours, path, text, &mut changes)? };
            *ours = Cow::Owned(merged);
        } else if name == "compounds.txt" {
            overlay_rows::lay_lines(&mut sources.compounds, path, text, whole, &mut changes)?;
        } else if name == "function_words.txt" {
            overlay_rows::lay_lines(&mut sources.function_words, path, text, whole, &mut changes)?;
        } else if name == "actors/given_names.txt" {
            overlay_rows::lay_lines(&mut sources.given_names, path, text, whole, &mut changes)?;
        } else {
            let table = ActorTable::ALL.into_iter().find(|t| t.file() == name);
            match (whole, table) {
                (true, Some(table)) => sources.actors[table as usize][0].text = Cow::Borrowed(""),
                (true, None) => {
                    let why = format!(
                        "line 1: `{WHOLE}`: there is no built-in table `{name}` that it could stand for"
                    );
                    return Err(SchemaError::new(path, why));
                }
                _ => {}
            }
            actors.read(path, text, table)?;
        }
    }
    actors.lay_over(&mut sources, &mut changes)?;
    Ok((sources, changes))
}

fn is_whole(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.trim() == WHOLE)
}

/// The files of a directory and of its `actors`, in order: name below it, path, text.
fn files(dir: &Path) -> Result<Vec<(String, String, String)>, SchemaError> {
    let mut found = Vec::new();
    for below in ["", "actors"] {
        let place = dir.join(below);
        if !below.is_empty() && !place.is_dir() {
            continue;
        }
        let failed = |e: std::io::Error| {
            SchemaError::new(&place.display().to_string(), format!("cannot be read: {e}"))
        };
        let mut entries: Vec<_> =
            fs::read_dir(&place).map_err(failed)?.collect::<Result<_, _>>().map_err(failed)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let file = entry.file_name().to_string_lossy().into_owned();
            let name = if below.is_empty() { file.clone() } else { format!("{below}/{file}") };
            // Hidden files, editors' copies and notes are nobody's tables.
            let note = file.starts_with('.') || file.ends_with('~') || file.ends_with(".md");
            if note || name == "actors" {
                continue;
            }
            let path = entry.path().display().to_string();
            if !is_known(&name) {
                let why = format!(
                    "is no table: there are {}; notes may stand in files that end in .md",
                    KNOWN.join(", ")
                );
                return Err(SchemaError::new(&path, why));
            }
            let text = fs::read_to_string(entry.path()).map_err(|e| SchemaError::new(&path, e))?;
            let text = text.strip_prefix('\u{feff}').map(str::to_string).unwrap_or(text);
            found.push((name, path, text));
        }
    }
    Ok(found)
}

fn is_known(name: &str) -> bool {
    KNOWN.contains(&name) || name.starts_with("actors/") && name.ends_with(".tsv")
}

/// The number of the first line that holds a name as a whole.
pub(super) fn line_of(text: &str, name: &str) -> Option<usize> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let stands = |line: &str| {
        line.match_indices(name).any(|(at, _)| {
            !line[..at].ends_with(|c| part(c) && c != '-') && !line[at + name.len()..].starts_with(part)
        })
    };
    let lines = || text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    lines().find(|(_, line)| stands(line)).map(|(i, _)| i + 1)
}

impl Changes {
    /// An error that merged tables gave, told of the user's file and line where that is known.
    pub(super) fn locate(&self, error: SchemaError) -> SchemaError {
        let Some((_, path, text)) = self.files.iter().find(|(name, ..)| *name == error.file) else {
            return error;
        };
        match error.reason.split('`').nth(1).and_then(|name| line_of(text, name)) {
            Some(line) => SchemaError::new(path, format!("line {line}: {}", error.reason)),
            None => {
                SchemaError::new(path, format!("laid over the built-in {}: {}", error.file, error.reason))
            }
        }
    }

    /// Tells whether the user's tables whose names begin so name something.
    pub(super) fn names(&self, tables: &str, name: &str) -> bool {
        self.files.iter().any(|(file, _, text)| file.starts_with(tables) && line_of(text, name).is_some())
    }

    /// One line on what is different.
    pub fn told(&self) -> String {
        format!(
            "{}: {} added, {} replaced, {} extended, {} removed",
            self.dir, self.added, self.replaced, self.extended, self.removed
        )
    }
}
