//! What stands in the way of something else in the tables, though each of them can be used.

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use super::Element;
use super::Rule;
use super::Schema;
use super::WordClass;
use super::sources::ActorTable;
use super::sources::items;
use super::sources::rows;
use crate::tokens::fold;

/// What kind of thing clashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClashKind {
    /// A name of two entities.
    Name,
    /// A rule that another one shadows, or that waits for what never comes.
    Rule,
    /// A class of words that no pattern uses.
    Class,
    /// A role that no rule fills.
    Role,
}

impl ClashKind {
    /// Every kind, in the order in which they are told.
    pub const ALL: [ClashKind; 4] = [ClashKind::Name, ClashKind::Rule, ClashKind::Class, ClashKind::Role];

    /// Returns the name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            ClashKind::Name => "name",
            ClashKind::Rule => "rule",
            ClashKind::Class => "class",
            ClashKind::Role => "role",
        }
    }
}

/// Something that stands in the way of something else.
#[derive(Clone, Debug)]
pub struct Clash {
    /// What kind of thing.
    pub kind: ClashKind,
    /// What clashes, and what can be done.
    pub text: String,
    /// A table of the user has part in it.
    pub own: bool,
}

impl Schema {
    /// Lists what stands in the way of something else; none of it keeps the tables from being used.
    pub fn clashes(&self) -> Vec<Clash> {
        let mut out = names(self);
        out.extend(rules(self));
        out.extend(deaf(self));
        out.extend(unused(self));
        out
    }

    fn is_own(&self, file: &str, name: &str) -> bool {
        self.changes.as_ref().is_some_and(|changes| changes.names(file, name))
    }
}

/// Names that two rows claim and none of them marks as weak.
fn names(schema: &Schema) -> Vec<Clash> {
    let mut first: FxHashMap<String, &str> = FxHashMap::default();
    let mut out = Vec::new();
    for (table, layer) in schema.sources.actor_layers() {
        for (_, row) in rows(&layer.text) {
            let mut here = FxHashSet::default();
            for name in claimed(table, &row) {
                let key = name.strip_prefix('=').map_or_else(|| fold(name), str::to_string);
                if !here.insert(key.clone()) {
                    continue;
                }
                match first.get(&key) {
                    Some(other) => out.push(Clash {
                        kind: ClashKind::Name,
                        text: format!(
                            "`{name}` names {other} and {}: mark it with ~ where it means less, or take it out of one",
                            row[0]
                        ),
                        own: schema.is_own("actors/", name),
                    }),
                    None => {
                        first.insert(key, row[0]);
                    }
                }
            }
        }
    }
    out
}

/// The names of a row that are not marked as weak; capitals are shared by design.
fn claimed<'r>(table: ActorTable, row: &[&'r str]) -> Vec<&'r str> {
    let columns = ["name", "aliases", "demonyms", "metonyms"];
    let cells = table.columns().iter().zip(row).filter(|(column, _)| columns.contains(column));
    let all: Vec<&str> = cells.flat_map(|(_, cell)| items(cell)).collect();
    let weak: Vec<&str> = all.iter().filter_map(|n| n.strip_prefix('~')).collect();
    all.into_iter().filter(|n| !n.starts_with(['~', '+', '-']) && !weak.contains(n)).collect()
}

/// Rules that say the same of the same words.
fn rules(schema: &Schema) -> Vec<Clash> {
    let rules = &schema.lexicon().rules.rules;
    let same = |a: &Rule, b: &Rule| {
        a.written == b.written && a.anchor == b.anchor && a.event == b.event && a.requires == b.requires
    };
    let mut out = Vec::new();
    for (at, rule) in rules.iter().enumerate() {
        let Some(earlier) = rules[..at].iter().find(|r| same(r, rule)) else { continue };
        out.push(Clash {
            kind: ClashKind::Rule,
            text: format!("rule `{}` has the pattern of `{}`: take one out", rule.id, earlier.id),
            own: schema.is_own("roles.toml", &rule.id),
        });
    }
    out
}

/// Rules that wait for a word which every pattern passes over.
fn deaf(schema: &Schema) -> Vec<Clash> {
    let lexicon = schema.lexicon();
    let passed_over = |word: &u32| {
        lexicon.classes.has(*word, WordClass::FILLER) && !lexicon.rules.background.contains(word)
    };
    let waits = |element: &Element| match element {
        Element::Words { choices, .. } => choices.iter().flatten().any(passed_over),
        _ => false,
    };
    let mut out = Vec::new();
    for rule in &lexicon.rules.rules {
        let parts = rule.elements.iter().zip(&rule.written);
        out.extend(parts.filter(|(element, _)| waits(element)).map(|(_, part)| Clash {
            kind: ClashKind::Rule,
            text: format!("rule `{}` has a word in `{part}` that is a filler: take it out", rule.id),
            own: schema.is_own("roles.toml", &rule.id),
        }));
    }
    out
}

/// Classes that no pattern uses, and roles that none fills.
fn unused(schema: &Schema) -> Vec<Clash> {
    let lexicon = schema.lexicon();
    let mut classes: FxHashSet<WordClass> = FxHashSet::default();
    let mut filled: FxHashSet<u8> = FxHashSet::default();
    for rule in &lexicon.rules.rules {
        classes.extend(rule.requires);
        for element in &rule.elements {
            match element {
                Element::Class { class, .. } => {
                    classes.insert(*class);
                }
                Element::Slot { roles, .. } => filled.extend(roles),
                _ => {}
            }
        }
    }
    let mut idle: Vec<&str> =
        lexicon.classes.of_patterns().filter(|(_, c)| !classes.contains(c)).map(|(name, _)| name).collect();
    idle.sort_unstable();
    let class = |name: &str| Clash {
        kind: ClashKind::Class,
        text: format!("no pattern uses the class `{name}`"),
        own: schema.is_own("roles.toml", name) || schema.is_own("words.toml", name),
    };
    let empty = schema.roles.iter().enumerate().filter(|(i, _)| !filled.contains(&(*i as u8)));
    let role = |id: &str| Clash {
        kind: ClashKind::Role,
        text: format!("no rule fills the role `{id}`"),
        own: schema.is_own("roles.toml", id),
    };
    idle.into_iter().map(class).chain(empty.map(|(_, r)| role(&r.id))).collect()
}
