//! Role rules: patterns over actor phrases and words, read from `roles.toml` and compiled.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::SchemaError;
use super::role::Role;
use super::words::Classes;
use super::words::WordClass;
use super::words::WordClasses;
use crate::annotation::Status;
use crate::tokens::Vocabulary;
use crate::tokens::scan;

const FILE: &str = "roles.toml";

/// What kind of actor phrase may fill a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// An actor that stands for itself.
    Plain,
    /// An adjective or bare name before a noun.
    Adjective,
    /// A place.
    Place,
    /// At least two actors.
    Many,
    /// An actor that no preposition governs.
    Subject,
    /// "both sides": the two disputants of the article so far.
    Sides,
    /// "he", "she": the one person whom the sentence before names.
    Pronoun,
    /// In rules that need confirming: a side of the conflict that the article tells of.
    Disputant,
}

/// One step of a pattern.
#[derive(Clone, Debug)]
pub enum Element {
    /// One of these word sequences, `from` to `to` times.
    #[allow(missing_docs)]
    Words { choices: Vec<Vec<u32>>, from: u8, to: u8 },
    /// A word of a class, `from` to `to` times.
    #[allow(missing_docs)]
    Class { class: WordClass, from: u8, to: u8 },
    /// An actor, or a list of actors, by numbers of roles.
    #[allow(missing_docs)]
    Slot { roles: Vec<u8>, filter: Filter },
    /// Up to so many items.
    #[allow(missing_docs)]
    Gap { most: u8, over: Over },
    /// A hyphen without spaces.
    Hyphen,
    /// The first item of the sentence.
    Start,
}

/// What a gap passes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// What is neither an actor nor a clause mark, as little as it can.
    Words,
    /// Actors and commas too, as much as it can.
    All,
    /// What may describe the name that follows: "the [South American bloc] Unasur".
    Description,
}

/// A pattern and what it says when it fits.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Name in JSON: `broker.compound`.
    pub id: String,
    /// Kind of the event it makes.
    pub event: String,
    /// The pattern.
    pub elements: Vec<Element>,
    /// The same as it is written, element by element.
    pub written: Vec<String>,
    /// Which element is tried first.
    pub anchor: usize,
    /// From 0 to 1.
    pub confidence: f32,
    /// Adds roles to an event of its kind in the same sentence, and makes none itself.
    pub attach: bool,
    /// Words that must not follow the match.
    pub unless_next: Vec<u32>,
    /// Words that must not stand right before the match.
    pub unless_previous: Vec<u32>,
    /// Words that must not stand in the match behind the anchor.
    pub unless_behind: Vec<u32>,
    /// A class of which a word must stand in the sentence.
    pub requires: Option<WordClass>,
    /// What a sentence must have for the pattern to fit.
    needs: Needs,
    /// The status of its events, whatever the words around say.
    pub status: Option<Status>,
    /// Tells a story: a date long before publication makes its event an earlier one.
    pub narrative: bool,
    /// Says too little alone: fires only for those who have its role by other rules in the same article.
    pub confirmed: Option<Confirmed>,
}

/// What a sentence must have for a pattern to fit: told by a look at its words, before anything is joined or matched.
#[derive(Clone, Debug, Default)]
struct Needs {
    /// Of each of these classes a word.
    classes: WordClasses,
    /// Of each of these lists one choice, all its words; as bits that words share, see [`word_bit`].
    words: Vec<Vec<u64>>,
    /// Names before the anchor, and behind it.
    names: [usize; 2],
}

/// What a sentence has that patterns need.
#[derive(Clone, Copy, Debug, Default)]
pub struct Supply {
    /// The classes of its words.
    pub classes: WordClasses,
    /// Its words, see [`word_bit`].
    pub words: u64,
}

/// One of 64 bits, by word: a word whose bit is missing stands nowhere.
pub fn word_bit(word: u32) -> u64 {
    1 << (word.wrapping_mul(0x9e37_79b9) >> 26)
}

impl Needs {
    fn of(elements: &[Element], anchor: usize) -> Self {
        let mut needs = Needs::default();
        for (at, element) in elements.iter().enumerate() {
            let names = &mut needs.names[usize::from(at > anchor)];
            match element {
                Element::Class { class, from: 1.., .. } => needs.classes.add(*class),
                Element::Words { choices, from: 1.., .. } => {
                    let bits = |words: &Vec<u32>| words.iter().fold(0, |all, w| all | word_bit(*w));
                    needs.words.push(choices.iter().map(bits).collect());
                }
                Element::Slot { filter: Filter::Sides, .. } => needs.classes.add(WordClass::SIDES),
                Element::Slot { filter: Filter::Pronoun, .. } => {}
                Element::Slot { filter: Filter::Many, .. } => *names += 2,
                // Every actor phrase holds a name of its own.
                Element::Slot { .. } => *names += 1,
                _ => {}
            }
        }
        needs
    }
}

impl Rule {
    /// Tells whether a sentence has what the rule requires and its pattern cannot do without, with so many names
    /// before and behind the anchor.
    pub fn may_fit(&self, supply: &Supply, names: [usize; 2]) -> bool {
        let missing = |bits: &u64| bits & !supply.words != 0;
        self.needs.names[0] <= names[0]
            && self.needs.names[1] <= names[1]
            && self.is_awake(supply)
            && supply.classes.has_all(self.needs.classes)
            && !self.needs.words.iter().any(|choices| choices.iter().all(missing))
    }

    /// Tells whether a sentence has what the rule requires beside its pattern.
    pub fn is_awake(&self, supply: &Supply) -> bool {
        self.requires.is_none_or(|class| supply.classes.has(class))
    }
}

/// Which of the actor phrases in each slot must be confirmed by the rest of the article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confirmed {
    /// Each phrase for itself; those that are not are left out.
    Each,
    /// One of the list speaks for all.
    Any,
}

/// A sentence and the facets it must give; run by the tests.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleTest {
    /// The sentence.
    pub text: String,
    /// `broker=Russia`, `broker.offered=Turkey`: all role facets, and no others of the roles named.
    pub expect: Vec<String>,
    /// The roles that it speaks of, if not those that it names; with neither, all.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// Rules, and the words that decide on status and background.
#[derive(Debug)]
pub struct Rules {
    /// In the order of the table.
    pub rules: Vec<Rule>,
    /// Rules by the words that their anchor may be.
    by_anchor: FxHashMap<u32, Vec<u16>>,
    /// The same for the rules that need confirming.
    by_anchor_confirmed: FxHashMap<u32, Vec<u16>>,
    /// Which of the two name a word, by word number.
    trigger_bits: Vec<u8>,
    /// The roles that rules fill which need confirming, as bits.
    confirmable: [u64; 4],
    /// What a word says of the status of what it governs.
    pub status: FxHashMap<u32, Status>,
    /// Words that the search for a status passes over.
    pub walk: Vec<u32>,
    /// Words that make an event an earlier one.
    pub background: Vec<u32>,
    /// Word sequences between commas that patterns pass over.
    pub parentheses: Vec<Vec<u32>>,
    /// Sentences with their expected facets.
    pub tests: Vec<RoleTest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "role")]
    _roles: serde::de::IgnoredAny,
    triggers: toml::Table,
    classes: toml::Table,
    status: BTreeMap<String, Vec<String>>,
    walk: Words,
    background: Words,
    parentheses: Phrases,
    rule: Vec<RuleRow>,
    #[serde(default)]
    test: Vec<RoleTest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrases {
    phrases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleRow {
    id: String,
    event: String,
    pattern: String,
    anchor: Option<String>,
    confidence: f32,
    #[serde(default)]
    attach: bool,
    status: Option<Status>,
    #[serde(default)]
    unless_next: Vec<String>,
    #[serde(default)]
    unless_previous: Vec<String>,
    #[serde(default)]
    unless_behind: Vec<String>,
    requires: Option<String>,
    #[serde(default)]
    narrative: bool,
    confirmed: Option<Confirmed>,
}

/// A test that expects nothing speaks of the roles beside it, not of those that a user adds.
pub(super) fn bind_tests(table: &mut toml::Table) {
    use toml::Value;
    let list = |name: &str| table.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let roles: Vec<Value> = list("role").iter().filter_map(|r| r.get("id").cloned()).collect();
    let Some(Value::Array(tests)) = table.get_mut("test") else { return };
    for test in tests.iter_mut().filter_map(Value::as_table_mut) {
        if test.get("expect").and_then(Value::as_array).is_some_and(Vec::is_empty) {
            test.entry("roles").or_insert_with(|| Value::Array(roles.clone()));
        }
    }
}

/// Tells what is wrong with an entry of a user's table.
pub(super) fn check_entry(what: &str, entry: &toml::Table) -> Result<(), String> {
    fn read<T: serde::de::DeserializeOwned>(entry: &toml::Table) -> Result<T, String> {
        T::deserialize(toml::Value::Table(entry.clone())).map_err(|e| e.to_string())
    }
    match what {
        "role" => {
            let id = read::<Role>(entry)?.id;
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if id.is_empty() || !id.chars().all(plain) {
                return Err("an id is small letters, digits and `_`, so that a query can name it".into());
            }
            Ok(())
        }
        "rule" => read::<RuleRow>(entry).map(|_| ()),
        "test" => read::<RoleTest>(entry).map(|_| ()),
        "field" => read::<super::Field>(entry).map(|_| ()),
        _ => Ok(()),
    }
}

impl Rules {
    pub(super) fn read(
        text: &str,
        roles: &[Role],
        classes: &mut Classes,
        words: &mut Vocabulary,
    ) -> Result<Self, SchemaError> {
        let file: File = toml::from_str(text).map_err(|e| SchemaError::new(FILE, e))?;
        classes.add_table(FILE, &file.triggers, words)?;
        classes.add_table(FILE, &file.classes, words)?;
        let mut compiled = Rules {
            rules: Vec::new(),
            by_anchor: FxHashMap::default(),
            by_anchor_confirmed: FxHashMap::default(),
            trigger_bits: Vec::new(),
            confirmable: [0; 4],
            status: FxHashMap::default(),
            walk: file.walk.words.iter().map(|w| words.intern(w)).collect(),
            background: file.background.words.iter().map(|w| words.intern(w)).collect(),
            parentheses: file.parentheses.phrases.iter().map(|p| sequence(p, words)).collect(),
            tests: file.test,
        };
        for (name, list) in &file.status {
            let status = Status::ALL.into_iter().find(|s| s.name() == name);
            let status = status.ok_or_else(|| SchemaError::new(FILE, format!("no status `{name}`")))?;
            compiled.status.extend(list.iter().map(|w| (words.intern(w), status)));
        }
        let words_of = classes.words();
        let triggers: Vec<String> = file.triggers.keys().cloned().collect();
        for row in file.rule {
            let mut compiler = Compiler { roles, classes, words, triggers: &triggers };
            let rule = compiler
                .compile(&row)
                .map_err(|e| SchemaError::new(FILE, format!("rule `{}`: {e}", row.id)))?;
            compiled.index_rule(rule, &words_of);
        }
        Ok(compiled)
    }

    fn index_rule(&mut self, rule: Rule, words_of: &[Vec<u32>]) {
        let number = self.rules.len() as u16;
        let anchors: Vec<u32> = match &rule.elements[rule.anchor] {
            Element::Class { class, .. } => words_of[class.bit()].clone(),
            Element::Words { choices, .. } => choices.iter().map(|c| c[0]).collect(),
            _ => Vec::new(),
        };
        let index = match rule.confirmed {
            None => &mut self.by_anchor,
            Some(_) => &mut self.by_anchor_confirmed,
        };
        let bit = if rule.confirmed.is_some() { 2 } else { 1 };
        for element in rule.elements.iter().filter(|_| rule.confirmed.is_some()) {
            let Element::Slot { roles, .. } = element else { continue };
            roles.iter().for_each(|r| self.confirmable[*r as usize / 64] |= 1 << (r % 64));
        }
        for word in anchors {
            let size = self.trigger_bits.len().max(word as usize + 1);
            self.trigger_bits.resize(size, 0);
            self.trigger_bits[word as usize] |= bit;
            let list = index.entry(word).or_default();
            if !list.contains(&number) {
                list.push(number);
            }
        }
        self.rules.push(rule);
    }

    /// Tells whether a word is the anchor of a rule: of those that stand alone, or of those that need confirming.
    pub fn triggers(&self, word: u32, confirmed: bool) -> bool {
        let bit = if confirmed { 2 } else { 1 };
        self.trigger_bits.get(word as usize).is_some_and(|bits| bits & bit != 0)
    }

    /// Tells whether a rule that needs confirming fills this role.
    pub fn confirms_role(&self, role: usize) -> bool {
        self.confirmable.get(role / 64).is_some_and(|bits| bits & 1 << (role % 64) != 0)
    }

    /// Lists the rules whose anchor may be this word: those that stand alone, or those that need confirming.
    pub fn anchored_at(&self, word: u32, confirmed: bool) -> impl Iterator<Item = &Rule> {
        let index = if confirmed { &self.by_anchor_confirmed } else { &self.by_anchor };
        index.get(&word).into_iter().flatten().map(|i| &self.rules[*i as usize])
    }
}

/// Word numbers of a phrase.
fn sequence(phrase: &str, words: &mut Vocabulary) -> Vec<u32> {
    let mut out = Vec::new();
    let mut folded = String::new();
    let mut at = 0;
    while let Some(raw) = scan(phrase, at) {
        out.push(words.intern_token(phrase, raw, &mut folded));
        at = raw.end;
    }
    out
}

struct Compiler<'a> {
    roles: &'a [Role],
    classes: &'a Classes,
    words: &'a mut Vocabulary,
    triggers: &'a [String],
}

impl Compiler<'_> {
    fn compile(&mut self, row: &RuleRow) -> Result<Rule, String> {
        let parts = split(&row.pattern)?;
        let mut elements = Vec::new();
        let mut anchor = None;
        for part in &parts {
            let element = self.element(part)?;
            let is_anchor = match &row.anchor {
                Some(word) if word == "word" => matches!(element, Element::Words { .. }),
                Some(word) => self.names_anchor(part, word),
                None => self.triggers.iter().any(|t| bare(part).strip_prefix('%') == Some(t)),
            };
            if is_anchor && anchor.is_none() {
                anchor = Some(elements.len());
            }
            elements.push(element);
        }
        let anchor =
            anchor.ok_or("no element is a trigger: use a class of [triggers] or name an `anchor`")?;
        if let Element::Words { from: 0, .. } | Element::Class { from: 0, .. } = elements[anchor] {
            return Err("the anchor is optional".into());
        }
        let class = |name: &String| self.classes.class(name).ok_or_else(|| format!("no class `{name}`"));
        let requires = row.requires.as_ref().map(class).transpose()?;
        Ok(Rule {
            id: row.id.clone(),
            event: row.event.clone(),
            needs: Needs::of(&elements, anchor),
            elements,
            written: parts,
            anchor,
            confidence: row.confidence,
            attach: row.attach,
            status: row.status,
            unless_next: row.unless_next.iter().map(|w| self.words.intern(w)).collect(),
            unless_previous: row.unless_previous.iter().map(|w| self.words.intern(w)).collect(),
            unless_behind: row.unless_behind.iter().map(|w| self.words.intern(w)).collect(),
            requires,
            narrative: row.narrative,
            confirmed: row.confirmed,
        })
    }

    fn names_anchor(&self, part: &str, word: &str) -> bool {
        if bare(part).trim_matches(['(', ')']) == word {
            return true;
        }
        bare(part) == word
            || bare(part).strip_prefix('%') == Some(word)
            || part.trim_matches(['(', ')']).split(' ').next() == Some(word)
    }

    fn element(&mut self, part: &str) -> Result<Element, String> {
        let (from, to) = repetition(part)?;
        let core = bare(part);
        if let Some(slot) = core.strip_prefix('<') {
            return self.slot(slot.strip_suffix('>').ok_or("`<` without `>`")?);
        }
        if let Some(class) = core.strip_prefix('%') {
            let class = self.classes.class(class).ok_or_else(|| format!("no class `{class}`"))?;
            return Ok(Element::Class { class, from, to });
        }
        for (sign, over) in [("...", Over::All), ("..", Over::Words), ("~", Over::Description)] {
            if let Some(count) = core.strip_prefix(sign) {
                let most = count.parse().map_err(|_| format!("`{core}` is no gap"))?;
                return Ok(Element::Gap { most, over });
            }
        }
        if core == "-" && from == 1 {
            return Ok(Element::Hyphen);
        }
        if core == "^" {
            return Ok(Element::Start);
        }
        let inner = core.strip_prefix('(').and_then(|c| c.strip_suffix(')')).unwrap_or(core);
        let choices: Vec<Vec<u32>> =
            inner.split('|').map(|c| sequence(c, self.words)).filter(|c| !c.is_empty()).collect();
        if choices.is_empty() {
            return Err(format!("`{part}` holds no word"));
        }
        Ok(Element::Words { choices, from, to })
    }

    fn slot(&self, text: &str) -> Result<Element, String> {
        let (names, filter) = text.split_once(':').unwrap_or((text, ""));
        let filter = match filter {
            "" => Filter::Plain,
            "adj" => Filter::Adjective,
            "place" => Filter::Place,
            "many" => Filter::Many,
            "subject" => Filter::Subject,
            "sides" => Filter::Sides,
            "pronoun" => Filter::Pronoun,
            "disputant" => Filter::Disputant,
            other => return Err(format!("no filter `{other}`")),
        };
        let roles: Result<Vec<u8>, String> = names
            .split('+')
            .map(|n| {
                self.roles
                    .iter()
                    .position(|r| r.id == n)
                    .map(|p| p as u8)
                    .ok_or_else(|| format!("no role `{n}`"))
            })
            .collect();
        Ok(Element::Slot { roles: roles?, filter })
    }
}

/// Splits a pattern at spaces outside parentheses.
fn split(pattern: &str) -> Result<Vec<String>, String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in pattern.chars() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Err("`)` without `(`".into()),
            ')' => depth -= 1,
            ' ' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.retain(|p| !p.is_empty());
    if depth == 0 { Ok(parts) } else { Err("`(` without `)`".into()) }
}

/// Takes `?` or `{m,n}` off the end.
fn bare(part: &str) -> &str {
    let part = part.strip_suffix('?').unwrap_or(part);
    match part.find('{') {
        Some(at) if part.ends_with('}') => &part[..at],
        _ => part,
    }
}

fn repetition(part: &str) -> Result<(u8, u8), String> {
    if part.ends_with('?') {
        return Ok((0, 1));
    }
    let Some((_, range)) = part.strip_suffix('}').and_then(|p| p.split_once('{')) else { return Ok((1, 1)) };
    let (from, to) = range.split_once(',').ok_or_else(|| format!("`{part}`: write {{m,n}}"))?;
    let number = |s: &str| s.parse().map_err(|_| format!("`{part}`: write {{m,n}}"));
    Ok((number(from)?, number(to)?))
}
