//! Lays a user's TOML table over ours.
//!
//! Entries with an id (roles, rules, fields) and names with words (classes, triggers) replace ours of that name;
//! other lists are added to. `+name` adds, `-name` takes out, `=name` replaces.

use toml::Table;
use toml::Value;

use super::SchemaError;
use super::overlay::Changes;
use super::overlay::line_of;
use super::roles;

/// Tables below the top whose names the code knows: others take any.
const CLOSED: &[&str] = &["years", "tense", "walk", "background", "parentheses"];

/// Tables whose lists have a name that stands for them: a list replaces ours.
const NAMED: &[&str] = &["classes", "triggers"];

struct Overlay<'a> {
    /// Name of the table below `schema/`.
    table: &'a str,
    path: &'a str,
    text: &'a str,
    changes: &'a mut Changes,
}

/// What the sign before a name asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Put,
    Add,
    Remove,
    Replace,
}

fn sign(name: &str) -> (Sign, &str) {
    match name.as_bytes() {
        [b'+', _, ..] => (Sign::Add, &name[1..]),
        [b'-', _, ..] => (Sign::Remove, &name[1..]),
        [b'=', _, ..] => (Sign::Replace, &name[1..]),
        _ => (Sign::Put, name),
    }
}

/// Returns our table with theirs over it.
pub(super) fn merge(
    table: &str,
    ours: &str,
    path: &str,
    text: &str,
    changes: &mut Changes,
) -> Result<String, SchemaError> {
    let mut merged: Table = toml::from_str(ours).map_err(|e| SchemaError::new(table, e))?;
    let theirs: Table = toml::from_str(text).map_err(|e| SchemaError::new(path, e))?;
    if table == "roles.toml" {
        roles::bind_tests(&mut merged);
    }
    let mut overlay = Overlay { table, path, text, changes };
    overlay.lay(&mut merged, theirs, "")?;
    toml::to_string(&merged).map_err(|e| SchemaError::new(path, e))
}

impl Overlay<'_> {
    /// An error at the line that holds a name.
    fn wrong(&self, name: &str, why: String) -> SchemaError {
        let line = line_of(self.text, name).map_or(String::new(), |line| format!("line {line}: "));
        SchemaError::new(self.path, format!("{line}{why}"))
    }

    fn lay(&mut self, ours: &mut Table, theirs: Table, place: &str) -> Result<(), SchemaError> {
        for (key, value) in theirs {
            let (sign, name) = sign(&key);
            let blank = |v: &Value| v.as_str().is_some_and(|text| text.trim().is_empty());
            if value.as_array().is_some_and(|list| list.iter().any(blank)) {
                // It would fit everything.
                return Err(self.wrong(name, format!("`{name}` holds an empty text: take it out")));
            }
            match ours.remove(name) {
                None => self.lay_new(ours, sign, name, value, place)?,
                Some(known) => {
                    if let Some(value) = self.combined(sign, name, known, value, place)? {
                        ours.insert(name.to_string(), value);
                    }
                }
            }
        }
        Ok(())
    }

    /// Our value and theirs of the same name; none if theirs takes ours out.
    fn combined(
        &mut self,
        sign: Sign,
        name: &str,
        known: Value,
        value: Value,
        place: &str,
    ) -> Result<Option<Value>, SchemaError> {
        let adds = sign == Sign::Add || sign == Sign::Put && !NAMED.contains(&place);
        let merged = match (sign, known, value) {
            (Sign::Remove, _, Value::Boolean(true)) if is_open(place) => {
                self.changes.removed += 1;
                return Ok(None);
            }
            (Sign::Remove, Value::Array(mut list), Value::Array(gone)) => {
                self.take_out(&mut list, gone, name)?;
                Value::Array(list)
            }
            (Sign::Remove, ..) => {
                let why = format!("`-{name}` takes a list of what is to be taken out of `{name}`");
                return Err(self.wrong(name, why));
            }
            (Sign::Put, Value::Array(mut list), Value::Array(new)) if is_entries(&list) => {
                self.lay_entries(&mut list, new, name)?;
                Value::Array(list)
            }
            (Sign::Put, Value::Table(mut known), Value::Table(new)) if place.is_empty() => {
                self.lay(&mut known, new, name)?;
                Value::Table(known)
            }
            (Sign::Put | Sign::Add, Value::Array(mut list), Value::Array(new)) if is_words(&list) && adds => {
                self.add_words(&mut list, new, name)?;
                Value::Array(list)
            }
            (Sign::Add, ..) => {
                return Err(self.wrong(name, format!("`{name}` is no list that `+` could add to")));
            }
            (_, known, new) if shape(&known) == shape(&new) => {
                self.changes.replaced += 1;
                new
            }
            (_, known, new) => {
                return Err(self.wrong(name, format!("`{name}` is {}, not {}", shape(&known), shape(&new))));
            }
        };
        Ok(Some(merged))
    }

    /// A name that we do not have: new in a table that takes any, and an error in others.
    fn lay_new(
        &mut self,
        ours: &mut Table,
        sign: Sign,
        name: &str,
        value: Value,
        place: &str,
    ) -> Result<(), SchemaError> {
        let within =
            if place.is_empty() { self.table.to_string() } else { format!("[{place}] of {}", self.table) };
        if !is_open(place) || sign != Sign::Put {
            let known: Vec<&str> = ours.keys().map(String::as_str).take(40).collect();
            let why =
                format!("there is no `{name}` in the built-in {within}: there are {}", known.join(", "));
            return Err(self.wrong(name, why));
        }
        if let Some(like) = ours.values().next().filter(|v| shape(v) != shape(&value)) {
            return Err(self.wrong(name, format!("`{name}` is to be {}, not {}", shape(like), shape(&value))));
        }
        self.changes.added += 1;
        ours.insert(name.to_string(), value);
        Ok(())
    }

    fn add_words(&mut self, ours: &mut Vec<Value>, new: Vec<Value>, name: &str) -> Result<(), SchemaError> {
        if new.iter().any(|v| !v.is_str()) {
            return Err(self.wrong(name, format!("`{name}` is a list of texts")));
        }
        for word in new {
            if !ours.contains(&word) {
                self.changes.added += 1;
                ours.push(word);
            }
        }
        Ok(())
    }

    fn take_out(&mut self, ours: &mut Vec<Value>, gone: Vec<Value>, name: &str) -> Result<(), SchemaError> {
        for word in gone {
            let Some(at) = ours.iter().position(|v| *v == word) else {
                return Err(self.wrong(
                    name,
                    format!("the built-in `{name}` holds no {word}, so it cannot be taken out"),
                ));
            };
            ours.remove(at);
            self.changes.removed += 1;
        }
        Ok(())
    }

    /// Entries with an id; those without, tests, are added.
    fn lay_entries(&mut self, ours: &mut Vec<Value>, new: Vec<Value>, what: &str) -> Result<(), SchemaError> {
        let key = if what == "field" { "name" } else { "id" };
        let mut seen: Vec<String> = Vec::new();
        for value in new {
            let Value::Table(mut entry) = value else {
                return Err(self.wrong(what, format!("write each {what} under [[{what}]]")));
            };
            let Some(signed) = entry.get(key).and_then(Value::as_str).map(str::to_string) else {
                if what != "test" {
                    return Err(self.wrong(&format!("[[{what}]]"), format!("a {what} without `{key}`")));
                }
                self.checked(what, "text", &entry)?;
                self.changes.added += 1;
                ours.push(Value::Table(entry));
                continue;
            };
            if seen.contains(&signed) {
                return Err(
                    self.wrong(&signed, format!("two entries are called {what} `{signed}`: rename one"))
                );
            }
            seen.push(signed.clone());
            let (sign, id) = sign(&signed);
            entry.insert(key.into(), Value::String(id.into()));
            let known = ours.iter().position(|v| v.get(key).and_then(Value::as_str) == Some(id));
            match (sign, known) {
                (Sign::Put | Sign::Replace, known) => {
                    self.checked(what, id, &entry)?;
                    match known {
                        Some(at) => ours[at] = Value::Table(entry),
                        None => ours.push(Value::Table(entry)),
                    }
                    let count =
                        if known.is_some() { &mut self.changes.replaced } else { &mut self.changes.added };
                    *count += 1;
                }
                (Sign::Remove, Some(at)) => {
                    self.changes.removed += 1;
                    ours.remove(at);
                }
                (Sign::Add, Some(at)) => {
                    entry.remove(key);
                    self.extend_entry(&mut ours[at], entry, what, id)?;
                }
                (_, None) => {
                    return Err(self.wrong(
                        &signed,
                        format!("there is no {what} `{id}` in the built-in {}", self.table),
                    ));
                }
            }
        }
        Ok(())
    }

    /// The keys of an entry over those of ours: lists are added to, the rest replaced.
    fn extend_entry(
        &mut self,
        ours: &mut Value,
        new: Table,
        what: &str,
        id: &str,
    ) -> Result<(), SchemaError> {
        let Value::Table(ours) = ours else { return Ok(()) };
        for (key, value) in new {
            let (sign, name) = sign(&key);
            match (sign, ours.get_mut(name), value) {
                (Sign::Put | Sign::Add, Some(Value::Array(list)), Value::Array(more)) => {
                    list.extend(more);
                }
                (Sign::Remove, Some(Value::Array(list)), Value::Array(gone)) => {
                    self.take_out(list, gone, name)?
                }
                (Sign::Remove, Some(_), Value::Boolean(true)) => {
                    ours.remove(name);
                }
                (_, _, value) => {
                    ours.insert(name.to_string(), value);
                }
            }
        }
        self.changes.extended += 1;
        self.checked(what, id, ours)
    }

    /// An entry must be whole and hold nothing that we do not know.
    fn checked(&self, what: &str, name: &str, entry: &Table) -> Result<(), SchemaError> {
        roles::check_entry(what, entry).map_err(|why| {
            let why = why.trim().replace('\n', " ");
            let place = why
                .split('`')
                .nth(1)
                .filter(|n| why.contains("unknown field") && line_of(self.text, n).is_some());
            self.wrong(place.unwrap_or(name), format!("{what} `{name}`: {why}"))
        })
    }
}

fn is_open(place: &str) -> bool {
    !place.is_empty() && !CLOSED.contains(&place)
}

fn is_entries(list: &[Value]) -> bool {
    list.first().is_some_and(Value::is_table)
}

fn is_words(list: &[Value]) -> bool {
    list.iter().all(Value::is_str)
}

fn shape(value: &Value) -> &'static str {
    match value {
        Value::Array(list) if is_words(list) => "a list of texts",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Boolean(_) => "true or false",
        _ => "a number or a date",
    }
}
