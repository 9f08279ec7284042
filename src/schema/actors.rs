//! Entities and the names they go by, as a trie over word numbers.

use rustc_hash::FxHashMap;

use super::SchemaError;
use super::notes;
use super::sources::ActorTable;
use super::sources::Layer;
use super::sources::cells;
use super::sources::items;
use super::sources::rows;
use super::spelling::are_variants;
use super::spelling::skeletons;
use crate::annotation::Kind;
use crate::calendar::PartialDate;
use crate::calendar::day_number;
use crate::tokens::CAPITAL;
use crate::tokens::Token;
use crate::tokens::Vocabulary;
use crate::tokens::fold;

/// Number of an entity in [`Actors`].
pub type EntityIndex = u32;

/// When a person's surname alone names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SurnameUse {
    /// In any article.
    Always,
    /// After the full name or a title.
    AfterFull,
    /// Never.
    Never,
}

/// An office that a person held.
#[derive(Clone, Debug)]
pub struct Office {
    /// The country or body.
    pub of: EntityIndex,
    /// What they were: `foreign minister`.
    pub title: String,
    /// First day, as days since 1970-01-01; open if not known.
    pub from: Option<i32>,
    /// Last day; open if not known or not over.
    pub to: Option<i32>,
}

impl Office {
    /// Tells whether it was held on that day; on an unknown day, whether it may have been.
    pub fn held_on(&self, day: Option<i32>) -> bool {
        let Some(day) = day else { return true };
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// Somebody or something with a row in the tables.
#[derive(Clone, Debug)]
pub struct Entity {
    /// `country:RUS`, `person:sergey-lavrov`, ...
    pub id: String,
    /// Canonical name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Class of an organisation (`igo`, `media`, ...) or kind of place (`disputed`, `city`, ...).
    pub class: String,
    /// The countries that it belongs to.
    pub countries: Vec<EntityIndex>,
    /// Offices, of persons only.
    pub offices: Vec<Office>,
    /// When the surname alone is enough, of persons only.
    pub surname: SurnameUse,
}

impl Entity {
    /// Tells whether a mention of it can make it an actor: persons, bodies, countries, disputed regions.
    pub fn can_act(&self) -> bool {
        self.kind != Kind::Place && self.kind != Kind::Other || self.class == "disputed"
    }

    /// Tells whether who acts for it makes it act: a country, a group, an organ of a state or a body of states.
    pub fn is_public(&self) -> bool {
        matches!(self.kind, Kind::Country | Kind::Group) || self.is_state_organ() || self.class == "igo"
    }

    /// Tells whether it is an organ of a state, whose acts are the state's.
    pub fn is_state_organ(&self) -> bool {
        self.class == "government" || self.class == "central_bank"
    }
}

/// What kind of name an alias is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A longer name of something else, which hides the shorter one.
    Not,
    /// A name, acronym or spelling variant.
    Name,
    /// `Russian`
    Demonym,
    /// `Russians`
    DemonymPlural,
    /// A seat of government: place or government, by context.
    Capital,
    /// Always the government: `Kremlin`.
    Metonym,
    /// Part of a person's name.
    Surname,
}

/// One name of one entity.
#[derive(Clone, Debug)]
pub struct Alias {
    /// Whose name it is.
    pub entity: EntityIndex,
    /// What kind of name.
    pub form: Form,
    /// Also a common word or a name of something else.
    pub weak: bool,
    /// The only letters that count, if case matters.
    exact: Option<Box<str>>,
    /// Bit i: word i must start with a capital.
    capitals: u64,
}

/// All entities, and a trie of their names.
#[derive(Debug, Default)]
pub struct Actors {
    entities: Vec<Entity>,
    by_id: FxHashMap<String, EntityIndex>,
    /// Edges of the trie while it grows: node, word, node.
    edges: FxHashMap<(u32, u32), u32>,
    /// The node behind the root for each word; 0 is none.
    roots: Vec<u32>,
    /// The other edges by node and word: word and node.
    children: Vec<(u32, u32)>,
    /// Words of these, as bits.
    inner: Vec<u64>,
    /// Aliases with their nodes, while the trie grows.
    names: Vec<(u32, Alias)>,
    /// The same by node.
    aliases: Vec<Alias>,
    nodes: Vec<Node>,
    /// Names of persons by the consonants of first and last name, see [`skeletons`].
    spellings: FxHashMap<u64, Vec<Spelling>>,
    /// Files that were read.
    files: Vec<String>,
    /// Rows whose `of` is resolved when all tables are read.
    pending: Vec<Reference>,
}

/// Where the edges and the aliases of a node start; they end where those of the next one start.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    children: u32,
    aliases: u32,
}

/// The first and last name of a person, folded.
#[derive(Debug)]
struct Spelling {
    person: EntityIndex,
    first: String,
    last: String,
}

/// What a row says of another row: its id, or the number of an office, `=` and the id.
#[derive(Debug)]
struct Reference {
    entity: EntityIndex,
    file: usize,
    line: usize,
    id: String,
}

impl Actors {
    /// Reads the rows of a file.
    pub(super) fn add_layer(
        &mut self,
        table: ActorTable,
        layer: &Layer,
        words: &mut Vocabulary,
    ) -> Result<(), SchemaError> {
        self.files.push(layer.file.to_string());
        match table {
            ActorTable::Countries => self.add_countries(layer, words),
            ActorTable::Organisations => self.add_organisations(layer, words),
            ActorTable::Places => self.add_places(layer, words),
            ActorTable::People => self.add_people(layer, words),
        }
    }

    fn add_countries(&mut self, layer: &Layer, words: &mut Vocabulary) -> Result<(), SchemaError> {
        let file = &*layer.file;
        for (line, row) in rows(&layer.text) {
            let [id, name, aliases, demonyms, capitals, metonyms, not] = cells(file, line, &row)?;
            let country = self.add(file, line, id, name, Kind::Country, "")?;
            self.add_names(country, name, aliases, not, words);
            let forms: Vec<&str> = items(demonyms).collect();
            for form in &forms {
                let bare = form.trim_start_matches(['~', '=']);
                let plural = is_plural(bare, &forms);
                self.name(country, form, if plural { Form::DemonymPlural } else { Form::Demonym }, words);
            }
            for metonym in items(metonyms) {
                self.name(country, metonym, Form::Metonym, words);
            }
            self.add_capital(country, (file, line, id), capitals, words)?;
        }
        Ok(())
    }

    /// A capital is two entities under one name: the place and, through the alias, the government.
    fn add_capital(
        &mut self,
        country: EntityIndex,
        (file, line, id): (&str, usize, &str),
        capitals: &str,
        words: &mut Vocabulary,
    ) -> Result<(), SchemaError> {
        let Some(first) = items(capitals).next() else { return Ok(()) };
        let name = first.trim_start_matches(['~', '=']);
        let place_id = format!("place:capital-{}", id.trim_start_matches("country:").to_ascii_lowercase());
        let place = self.add(file, line, &place_id, name, Kind::Place, "capital")?;
        self.entities[place as usize].countries = vec![country];
        for capital in items(capitals) {
            self.name(country, capital, Form::Capital, words);
            self.name(place, capital, Form::Name, words);
        }
        Ok(())
    }

    fn add_organisations(&mut self, layer: &Layer, words: &mut Vocabulary) -> Result<(), SchemaError> {
        let file = &*layer.file;
        for (line, row) in rows(&layer.text) {
            let [id, kind, class, name, aliases, of, not] = cells(file, line, &row)?;
            let kind = match kind {
                "organisation" => Kind::Organisation,
                "group" => Kind::Group,
                other => return Err(SchemaError::new(file, format!("line {line}: kind `{other}`"))),
            };
            let entity = self.add(file, line, id, name, kind, class)?;
            self.add_names(entity, name, aliases, not, words);
            self.refer(entity, line, items(of));
        }
        Ok(())
    }

    fn add_places(&mut self, layer: &Layer, words: &mut Vocabulary) -> Result<(), SchemaError> {
        let file = &*layer.file;
        for (line, row) in rows(&layer.text) {
            let [id, class, name, aliases, country, not] = cells(file, line, &row)?;
            let entity = self.add(file, line, id, name, Kind::Place, class)?;
            self.add_names(entity, name, aliases, not, words);
            self.refer(entity, line, items(country));
        }
        Ok(())
    }

    fn add_people(&mut self, layer: &Layer, words: &mut Vocabulary) -> Result<(), SchemaError> {
        let file = &*layer.file;
        for (line, row) in rows(&layer.text) {
            let [id, name, aliases, surname, of] = cells(file, line, &row)?;
            let person = self.add(file, line, id, name, Kind::Person, "")?;
            self.entities[person as usize].surname = match surname {
                "always" => SurnameUse::Always,
                "after_full" | "" => SurnameUse::AfterFull,
                "never" => SurnameUse::Never,
                other => return Err(SchemaError::new(file, format!("line {line}: surname `{other}`"))),
            };
            let (short, full): (Vec<&str>, Vec<&str>) =
                items(aliases).partition(|a| a.starts_with(['+', '-']));
            for alias in std::iter::once(name).chain(full) {
                self.name(person, alias, Form::Name, words);
                self.add_spelling(person, alias);
            }
            for alias in short.iter().filter_map(|a| a.strip_prefix('+')) {
                self.name(person, alias, Form::Surname, words);
            }
            let last = name.rsplit(' ').next().unwrap_or(name);
            let unused = short.iter().any(|a| a.strip_prefix('-') == Some(last));
            if !unused && last != name && surname != "never" {
                self.name(person, last, Form::Surname, words);
            }
            for office in items(of) {
                self.add_office(person, (file, line), office)?;
            }
        }
        Ok(())
    }

    fn add_spelling(&mut self, person: EntityIndex, name: &str) {
        let folded = fold(name);
        let Some((first, rest)) = folded.split_once(' ') else { return };
        let last = rest.rsplit([' ', '-']).next().unwrap_or(rest);
        let key = skeletons(first, last);
        let spelling = Spelling { person, first: first.to_string(), last: last.to_string() };
        self.spellings.entry(key).or_default().push(spelling);
    }

    /// The one person whose first and last names, folded, can be these in another spelling.
    pub fn spelled(&self, first: &str, last: &str) -> Option<EntityIndex> {
        let all = self.spellings.get(&skeletons(first, last))?;
        let fits = |s: &&Spelling| are_variants((first, &s.first), (last, &s.last));
        let mut fitting = all.iter().filter(fits).map(|s| s.person);
        let person = fitting.next()?;
        fitting.all(|other| other == person).then_some(person)
    }

    /// `country:RUS=foreign minister@2004-03-09..`
    fn add_office(
        &mut self,
        person: EntityIndex,
        (file, line): (&str, usize),
        text: &str,
    ) -> Result<(), SchemaError> {
        let wrong = |what: String| SchemaError::new(file, format!("line {line}: {what}"));
        let (actor, rest) = text.split_once('=').ok_or_else(|| wrong(format!("no `=` in `{text}`")))?;
        let (title, period) = rest.split_once('@').unwrap_or((rest, ".."));
        let (from, to) = period.split_once("..").ok_or_else(|| wrong(format!("no `..` in `{text}`")))?;
        let bound = |date: &str, last: bool| -> Result<Option<i32>, SchemaError> {
            if date.is_empty() {
                return Ok(None);
            }
            let date: PartialDate = date.parse().map_err(|_| wrong(format!("`{date}` is no date")))?;
            Ok(date.bounds().map(|(first, end)| day_number(if last { end } else { first })))
        };
        // An unknown actor drops the office, not the person: `finish` has every id and decides.
        let office = Office {
            of: EntityIndex::MAX,
            title: title.to_string(),
            from: bound(from, false)?,
            to: bound(to, true)?,
        };
        self.entities[person as usize].offices.push(office);
        let number = self.entities[person as usize].offices.len() - 1;
        self.refer(person, line, [&*format!("{number}={actor}")]);
        Ok(())
    }

    /// Notes references of a row of the newest file.
    fn refer<'i>(&mut self, entity: EntityIndex, line: usize, ids: impl IntoIterator<Item = &'i str>) {
        let file = self.files.len() - 1;
        self.pending.extend(ids.into_iter().map(|id| Reference { entity, file, line, id: id.to_string() }));
    }

    /// Resolves references between rows; those to rows that a user took out go with them.
    pub(super) fn finish(&mut self, removed: &[String]) -> Result<(), SchemaError> {
        for Reference { entity, file, line, id } in std::mem::take(&mut self.pending) {
            let (office, id) = match id.split_once('=') {
                Some((number, id)) => (number.parse::<usize>().ok(), id),
                None => (None, id.as_str()),
            };
            let entity = &mut self.entities[entity as usize];
            match (self.by_id.get(id), office) {
                (Some(target), Some(number)) => entity.offices[number].of = *target,
                (Some(target), None) => entity.countries.push(*target),
                (None, _) if removed.iter().any(|r| r == id) => {}
                (None, _) => {
                    let why = format!("line {line}: `{}` refers to `{id}`, which has no row", entity.id);
                    return Err(SchemaError::new(&self.files[file], why));
                }
            }
        }
        self.freeze();
        if !removed.is_empty() {
            self.entities.iter_mut().for_each(|e| e.offices.retain(|o| o.of != EntityIndex::MAX));
        }
        Ok(())
    }

    fn add(
        &mut self,
        file: &str,
        line: usize,
        id: &str,
        name: &str,
        kind: Kind,
        class: &str,
    ) -> Result<EntityIndex, SchemaError> {
        if name.is_empty() || id.is_empty() {
            return Err(SchemaError::new(file, format!("line {line}: no name or no id")));
        }
        let number = self.entities.len() as EntityIndex;
        if self.by_id.insert(id.to_string(), number).is_some() {
            return Err(SchemaError::new(file, format!("line {line}: `{id}` has two rows: take one out")));
        }
        self.entities.push(Entity {
            id: id.to_string(),
            name: name.to_string(),
            kind,
            class: class.to_string(),
            countries: Vec::new(),
            offices: Vec::new(),
            surname: SurnameUse::Never,
        });
        Ok(number)
    }

    /// The name itself, unless the aliases repeat it with a mark, then the aliases and what they are not.
    fn add_names(
        &mut self,
        entity: EntityIndex,
        name: &str,
        aliases: &str,
        not: &str,
        words: &mut Vocabulary,
    ) {
        let marked = items(aliases).any(|a| a.trim_start_matches(['~', '=']) == name);
        if !marked {
            self.name(entity, name, Form::Name, words);
        }
        for alias in items(aliases) {
            self.name(entity, alias, Form::Name, words);
        }
        for other in items(not) {
            self.name(entity, other, Form::Not, words);
        }
    }

    fn name(&mut self, entity: EntityIndex, alias: &str, form: Form, words: &mut Vocabulary) {
        let (marks, text) = alias.split_at(alias.len() - alias.trim_start_matches(['~', '=']).len());
        if text.is_empty() {
            return;
        }
        self.insert(entity, text, form, marks, words);
        if text.contains('-') {
            self.insert(entity, &text.replace('-', " "), form, marks, words);
        }
    }

    fn insert(&mut self, entity: EntityIndex, text: &str, form: Form, marks: &str, words: &mut Vocabulary) {
        let mut folded = String::new();
        let mut node = 0;
        let mut capitals = 0;
        let mut at = 0;
        let mut position = 0;
        while let Some(raw) = crate::tokens::scan(text, at) {
            let word = words.intern_token(text, raw, &mut folded);
            if text[raw.start..].starts_with(char::is_uppercase) && position < 64 {
                capitals |= 1 << position;
            }
            node = self.child(node, word);
            at = raw.end;
            position += 1;
        }
        let exact = marks.contains('=').then(|| text.into());
        let alias = Alias { entity, form, weak: marks.contains('~'), exact, capitals };
        self.names.push((node, alias));
    }

    fn child(&mut self, node: u32, word: u32) -> u32 {
        let next = self.edges.len() as u32 + 1;
        *self.edges.entry((node, word)).or_insert(next)
    }

    /// Tells whether a name starts with a word.
    pub fn starts(&self, word: u32) -> bool {
        self.roots.get(word as usize).is_some_and(|node| *node != 0)
    }

    /// Puts the edges of the trie where they are found without hashing.
    fn freeze(&mut self) {
        // As one number, node and word are sorted faster than as a pair.
        let key = |node: u32, word: u32| u64::from(node) << 32 | u64::from(word);
        let mut edges: Vec<(u64, u32)> =
            std::mem::take(&mut self.edges).into_iter().map(|((n, w), child)| (key(n, w), child)).collect();
        edges.sort_unstable_by_key(|(key, _)| *key);
        let edges: Vec<((u32, u32), u32)> =
            edges.into_iter().map(|(key, child)| (((key >> 32) as u32, key as u32), child)).collect();
        let words = edges.iter().map(|((_, word), _)| *word).max().unwrap_or(0);
        self.roots = vec![0; words as usize + 1];
        self.inner = vec![0; words as usize / 64 + 1];
        let nodes = edges.len() + 1;
        let mut edges = edges.into_iter().peekable();
        // Of one node they stay in the order of the tables.
        let mut names = std::mem::take(&mut self.names);
        names.sort_by_key(|(node, _)| *node);
        let mut names = names.into_iter().peekable();
        while let Some(((_, word), child)) = edges.next_if(|((node, _), _)| *node == 0) {
            self.roots[word as usize] = child;
        }
        for node in 0..nodes as u32 {
            let (children, first) = (self.children.len() as u32, self.aliases.len() as u32);
            self.nodes.push(Node { children, aliases: first });
            while let Some((_, alias)) = names.next_if(|(of, _)| *of == node) {
                self.aliases.push(alias);
            }
            while let Some(((_, word), child)) = edges.next_if(|((from, _), _)| *from == node) {
                self.children.push((word, child));
                self.inner[word as usize / 64] |= 1 << (word % 64);
            }
        }
        let (children, aliases) = (self.children.len() as u32, self.aliases.len() as u32);
        self.nodes.push(Node { children, aliases });
    }

    /// Tells whether a name goes on with a word.
    pub fn goes_on_with(&self, word: u32) -> bool {
        self.inner.get(word as usize / 64).is_some_and(|bits| bits & 1 << (word % 64) != 0)
    }

    /// Returns an entity by number.
    pub fn entity(&self, index: EntityIndex) -> &Entity {
        &self.entities[index as usize]
    }

    /// Counts the entities.
    pub fn len(&self) -> usize {
        self.entities.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
    }

    /// Lists every entity.
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// Finds the longest name that starts at the first token; returns its length in tokens and its readings.
    pub fn longest<'a>(&'a self, text: &'a str, tokens: &[Token]) -> Option<(usize, Readings<'a>)> {
        let first = tokens.first().filter(|t| t.noted(notes::NAME))?;
        let mut node = self.roots[first.word as usize];
        let mut small = 0;
        let mut best = None;
        for (i, token) in tokens.iter().enumerate() {
            if i > 0 {
                match Some(token).filter(|t| t.noted(notes::INNER)).and_then(|t| self.child_of(node, t.word))
                {
                    Some(child) => node = child,
                    None => break,
                }
            }
            // Words beyond the last bit are not asked for their capitals.
            small |= u64::from(!token.has(CAPITAL)).checked_shl(i as u32).unwrap_or(0);
            let aliases = &self.aliases[self.range(node, |n| n.aliases)];
            let readings = Readings { aliases, small, text, from: first.start, to: token.end };
            if readings.iter().next().is_some() {
                best = Some((i + 1, readings));
            }
        }
        best
    }

    /// Where something of a node stands.
    #[inline]
    fn range(&self, node: u32, first: impl Fn(&Node) -> u32) -> std::ops::Range<usize> {
        first(&self.nodes[node as usize]) as usize..first(&self.nodes[node as usize + 1]) as usize
    }

    /// The node behind another one.
    #[inline]
    fn child_of(&self, node: u32, word: u32) -> Option<u32> {
        let children = &self.children[self.range(node, |n| n.children)];
        let at = children.partition_point(|(known, _)| *known < word);
        children.get(at).filter(|(known, _)| *known == word).map(|(_, child)| *child)
    }
}

/// The aliases that a run of tokens can be.
#[derive(Clone, Copy)]
pub struct Readings<'a> {
    /// All that are written with these words.
    aliases: &'a [Alias],
    /// Bit i: token i has no capital.
    small: u64,
    /// Where they stand.
    text: &'a str,
    from: u32,
    to: u32,
}

impl<'a> Readings<'a> {
    /// Lists them: capitals stand where the name has them, and case-exact names are exact.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = &'a Alias> {
        self.aliases.iter().filter(move |alias| match &alias.exact {
            Some(exact) => exact.as_bytes() == &self.text.as_bytes()[self.from as usize..self.to as usize],
            None => alias.capitals & self.small == 0,
        })
    }
}

/// `Russians` beside `Russian`, `Frenchmen`: people, not an adjective.
fn is_plural(form: &str, forms: &[&str]) -> bool {
    let has = |base: &str| forms.iter().any(|f| f.trim_start_matches(['~', '=']) == base);
    form.ends_with("men") && form.len() > 5
        || form.strip_suffix('s').is_some_and(&has)
        || form.strip_suffix("es").is_some_and(&has)
        || form.strip_suffix("ies").is_some_and(|s| has(&format!("{s}y")))
}
