//! Lays a user's rows of entities, and plain lists of words, over ours.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use super::SchemaError;
use super::overlay::Changes;
use super::sources::ActorTable;
use super::sources::Layer;
use super::sources::Layers;
use super::sources::Sources;
use super::sources::items;
use crate::tokens::fold;

/// Columns whose cells hold lists, to which `+id` adds; the others it replaces.
const LISTS: &[&str] = &["aliases", "demonyms", "capital", "metonyms", "not", "of", "country"];

/// The rows of a user's files, before they meet ours.
#[derive(Default)]
pub(super) struct ActorRows {
    files: Vec<String>,
    /// Lines of each file.
    lengths: Vec<usize>,
    rows: Vec<Row>,
}

/// A row with its cells in the order of its table.
struct Row {
    file: usize,
    line: usize,
    sign: Sign,
    id: String,
    table: ActorTable,
    cells: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Put,
    Add,
    Remove,
}

impl ActorRows {
    /// Reads a file; without a header line it has the columns of the built-in table of its name.
    pub fn read(&mut self, path: &str, text: &str, table: Option<ActorTable>) -> Result<(), SchemaError> {
        let mut header: Option<Vec<&str>> = table.map(|t| t.columns().to_vec());
        let file = self.files.len();
        self.files.push(path.to_string());
        self.lengths.push(text.lines().count());
        for (at, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |why: String| SchemaError::new(path, format!("line {}: {why}", at + 1));
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            if cells[0] == "id" {
                header = Some(columns(&cells).map_err(wrong)?);
                continue;
            }
            let header = header.as_ref().ok_or_else(|| {
                wrong("no header above: the first line names the columns, say `id name aliases` with tabs between".into())
            })?;
            if cells.len() > header.len() {
                let why = format!(
                    "{} cells under {} columns: separate cells by one tab",
                    cells.len(),
                    header.len()
                );
                return Err(wrong(why));
            }
            let (sign, id, table, cells) = row(header, &cells).map_err(wrong)?;
            self.rows.push(Row { file, line: at + 1, sign, id, table, cells });
        }
        Ok(())
    }

    /// Puts the rows over ours: new ones in layers of their own, and ours blanked or extended where they stand.
    pub fn lay_over(self, sources: &mut Sources, changes: &mut Changes) -> Result<(), SchemaError> {
        if self.files.is_empty() {
            return Ok(());
        }
        let mut ours = ActorTable::ALL.map(|table| Ours::of(&sources.actors(table)[0].text));
        // A line for each line of a file, so that errors name the right one.
        let blank: Vec<Vec<String>> = self.lengths.iter().map(|n| vec![String::new(); *n]).collect();
        let mut layers: [Vec<Vec<String>>; 4] = std::array::from_fn(|_| blank.clone());
        for row in &self.rows {
            let table = row.table as usize;
            let path = &self.files[row.file];
            let wrong = |why: String| SchemaError::new(path, format!("line {}: {why}", row.line));
            match row.sign {
                Sign::Put => {
                    let known = ours[table].remove(&row.id);
                    *(if known { &mut changes.replaced } else { &mut changes.added }) += 1;
                    layers[table][row.file][row.line - 1] = row.cells.join("\t");
                }
                Sign::Add if ours[table].extend(row) => changes.extended += 1,
                Sign::Remove if ours[table].remove(&row.id) => {
                    changes.removed += 1;
                    sources.removed.push(row.id.clone());
                }
                _ => {
                    return Err(wrong(format!(
                        "there is no built-in `{}`: {}",
                        row.id,
                        ours[table].near(&row.id)
                    )));
                }
            }
        }
        for (table, lines) in layers.into_iter().enumerate() {
            let text = std::mem::replace(&mut ours[table], Ours::of("")).text();
            let mut all: Layers = Vec::new();
            for (file, lines) in
                lines.into_iter().enumerate().filter(|(_, l)| l.iter().any(|l| !l.is_empty()))
            {
                all.push(Layer {
                    file: Cow::Owned(self.files[file].clone()),
                    text: Cow::Owned(lines.join("\n")),
                });
            }
            all.push(Layer { file: sources.actors[table][0].file.clone(), text: Cow::Owned(text) });
            sources.actors[table] = all;
        }
        Ok(())
    }
}

/// Checks a header.
fn columns<'a>(cells: &[&'a str]) -> Result<Vec<&'a str>, String> {
    let known = |c: &str| ActorTable::ALL.iter().any(|t| t.columns().contains(&c));
    match cells.iter().find(|c| !known(c)) {
        None => Ok(cells.to_vec()),
        Some(cell) => {
            let mut all: Vec<&str> = ActorTable::ALL.iter().flat_map(|t| t.columns()).copied().collect();
            all.sort_unstable();
            all.dedup();
            Err(format!("no column `{cell}`: there are {}", all.join(", ")))
        }
    }
}

/// Brings a row into the order of its table, which its id tells.
fn row(header: &[&str], cells: &[&str]) -> Result<(Sign, String, ActorTable, Vec<String>), String> {
    let (sign, id) = match cells[0].as_bytes().first() {
        Some(b'+') => (Sign::Add, &cells[0][1..]),
        Some(b'-') => (Sign::Remove, &cells[0][1..]),
        _ => (Sign::Put, cells[0]),
    };
    let table = ActorTable::of_id(id).ok_or_else(|| {
        format!("the id `{id}` does not say what it is: write country:, org:, group:, person: or place: before a name of your choice")
    })?;
    let mut out = vec![String::new(); table.columns().len()];
    for (column, cell) in header.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        let at = table.columns().iter().position(|c| c == column).ok_or_else(|| {
            format!("`{id}` can have no `{column}`: its table has {}", table.columns().join(", "))
        })?;
        out[at] = cell.to_string();
    }
    out[0] = id.to_string();
    if sign == Sign::Put {
        if out[table.name_column()].is_empty() {
            return Err(format!("`{id}` has no name; to add to a row of ours write `+{id}`"));
        }
        // What a mixed file need not say.
        let kind = table.columns().iter().position(|c| *c == "kind").filter(|at| out[*at].is_empty());
        if let Some(at) = kind {
            out[at] = match id.split(':').next() {
                Some("group") => "group",
                Some("org") => "organisation",
                _ => "other",
            }
            .into();
        }
    }
    Ok((sign, id.to_string(), table, out))
}

/// A table of ours while rows are taken out and extended.
struct Ours {
    lines: Vec<String>,
    at: FxHashMap<String, usize>,
}

impl Ours {
    fn of(text: &str) -> Ours {
        let lines: Vec<String> = text.lines().map(str::to_string).collect();
        let id = |(i, line): (usize, &String)| Some((line.split('\t').next()?.to_string(), i));
        let at =
            lines.iter().enumerate().filter(|(_, l)| l.contains(':') && !l.starts_with('#')).filter_map(id);
        Ours { at: at.collect(), lines }
    }

    fn text(self) -> String {
        self.lines.join("\n")
    }

    fn remove(&mut self, id: &str) -> bool {
        let Some(at) = self.at.remove(id) else { return false };
        self.lines[at].clear();
        true
    }

    fn extend(&mut self, row: &Row) -> bool {
        let Some(at) = self.at.get(&row.id) else { return false };
        let columns = row.table.columns();
        let mut cells: Vec<String> = self.lines[*at].split('\t').map(|c| c.trim().to_string()).collect();
        cells.resize(columns.len(), String::new());
        for (i, new) in row.cells.iter().enumerate().skip(1).filter(|(_, new)| !new.is_empty()) {
            if !LISTS.contains(&columns[i]) {
                cells[i] = new.clone();
                continue;
            }
            let more: Vec<&str> = items(new).filter(|n| !items(&cells[i]).any(|c| c == *n)).collect();
            let all: Vec<&str> = items(&cells[i]).chain(more).collect();
            cells[i] = all.join("|");
        }
        self.lines[*at] = cells.join("\t");
        true
    }

    /// What to do about an id that is not there.
    fn near(&self, id: &str) -> String {
        let name = id.split(':').nth(1).unwrap_or(id);
        let mut like: Vec<&str> =
            self.at.keys().map(String::as_str).filter(|k| !name.is_empty() && k.contains(name)).collect();
        like.sort_unstable();
        like.truncate(3);
        if like.is_empty() {
            "the first column of the built-in tables has the ids".to_string()
        } else {
            format!("did you mean {}?", like.join(", "))
        }
    }
}

/// Lays a list of words over ours: a line adds, `-line` takes out.
pub(super) fn lay_lines(
    layers: &mut Layers,
    path: &str,
    text: &str,
    whole: bool,
    changes: &mut Changes,
) -> Result<(), SchemaError> {
    let mut ours: Vec<String> =
        if whole { Vec::new() } else { layers[0].text.lines().map(str::to_string).collect() };
    let content = |line: &str| !line.trim().is_empty() && !line.starts_with('#');
    let known: FxHashMap<String, usize> =
        ours.iter().enumerate().filter(|(_, l)| content(l)).map(|(i, l)| (fold(l.trim()), i)).collect();
    let mut theirs: Vec<String> = Vec::new();
    let mut seen = FxHashSet::default();
    for (at, line) in text.lines().enumerate() {
        theirs.push(line.to_string());
        if !content(line) {
            continue;
        }
        let taken = line.trim().strip_prefix('-');
        let number = known.get(&fold(taken.unwrap_or(line).trim()));
        match (taken, number) {
            (Some(word), None) => {
                return Err(SchemaError::new(
                    path,
                    format!("line {}: `{word}` is not in the built-in list", at + 1),
                ));
            }
            (Some(_), Some(_)) => {
                changes.removed += 1;
                theirs[at].clear();
            }
            (None, Some(_)) => {}
            (None, None) if seen.insert(fold(line.trim())) => changes.added += 1,
            (None, None) => {}
        }
        if let Some(number) = number {
            ours[*number].clear();
        }
    }
    let file = layers[0].file.clone();
    *layers = vec![
        Layer { file: Cow::Owned(path.to_string()), text: Cow::Owned(theirs.join("\n")) },
        Layer { file, text: Cow::Owned(ours.join("\n")) },
    ];
    Ok(())
}
