//! What depends on the whole corpus: stories, and names that are one. Laid over the articles, never written into them,
//! and made from what is alive in the index alone, so that an index built in one go and one grown in steps are equal.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::OnceLock;

use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde::Serialize;
use tantivy::Directory;
use tantivy::Searcher;
use tantivy::directory::OwnedBytes;

use super::IndexError;
use super::IndexFields;
use super::bytes::Bytes;
use super::bytes::KeyedPlaces;
use super::bytes::Sketch;
use super::bytes::hash_of;
use super::facet_column::FacetColumn;
use super::forms::form;
use super::named;
use super::namesakes;
use super::namesakes::Group;
use super::similarity::Runs;
use super::store::Stores;
use super::stories;
use super::story_table::StoryTable;
use crate::article::Article;
use crate::schema::Schema;
use crate::schema::skeleton;
use crate::tokens::fold;

/// Begins the name of its file.
pub(super) const PREFIX: &str = "overlay-";

/// Groups of articles and of names.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Overlay {
    /// The state of the corpus that it was made for.
    pub(super) of: String,
    /// Near-duplicates.
    stories: StoryTable,
    pub(super) names: Names,
}

/// Spellings of names, made so that a query reads no more of them than it asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Names {
    /// A line for each name that has several spellings: these with tabs between them, the one to show first.
    lines: Bytes,
    /// Where the line of a name starts, by the name's hash.
    line_of: KeyedPlaces,
    /// A line for each word of these names, folded, that is spelled otherwise in another: the word, then the others.
    words: Bytes,
}

/// An overlay as it lies on disk: its parts are read where they are.
#[derive(Deserialize)]
struct Parts<'a> {
    of: &'a str,
    starts: &'a [u8],
    groups: &'a [u8],
    #[serde(borrow)]
    names: NameParts<'a>,
}

/// Names as they lie on disk.
#[derive(Deserialize)]
struct NameParts<'a> {
    lines: &'a [u8],
    line_of: &'a [u8],
    words: &'a [u8],
}

impl NameParts<'_> {
    fn of(self, whole: &OwnedBytes) -> Option<Names> {
        Some(Names {
            lines: Bytes::part(whole, self.lines)?,
            line_of: KeyedPlaces(Bytes::part(whole, self.line_of)?),
            words: Bytes::part(whole, self.words)?,
        })
    }
}

impl Overlay {
    /// Reads what a commit names, and compares it with what was written.
    pub(super) fn read(dir: &Path, name: &str) -> Result<Overlay, IndexError> {
        if name.is_empty() {
            return Ok(Overlay::default());
        }
        let bytes = OwnedBytes::new(named::read_bytes(dir, PREFIX, name)?);
        Overlay::of(&bytes).ok_or_else(|| named::altered(dir, name))
    }

    /// The same where it lies, without a look at all of it.
    pub(super) fn mapped(files: &dyn Directory, dir: &Path, name: &str) -> Result<Overlay, IndexError> {
        if name.is_empty() {
            return Ok(Overlay::default());
        }
        Overlay::of(&named::mapped(files, dir, name)?).ok_or_else(|| named::altered(dir, name))
    }

    fn of(whole: &OwnedBytes) -> Option<Overlay> {
        let Parts { of, starts, groups, names } = postcard::from_bytes(whole).ok()?;
        let starts = KeyedPlaces(Bytes::part(whole, starts)?);
        let stories = StoryTable { starts, groups: Bytes::part(whole, groups)? };
        Some(Overlay { of: of.to_string(), stories, names: names.of(whole)? })
    }

    pub(super) fn write(&self, to: &dyn Directory, dir: &Path) -> Result<String, IndexError> {
        named::write(to, dir, PREFIX, self)
    }

    pub(super) fn remove_others(dir: &Path, current: &str) {
        named::remove_others(dir, PREFIX, current);
    }

    /// Makes the overlay of a commit from that of the one before and the articles that came since.
    pub(super) fn make(
        (searcher, columns): &(Searcher, Arc<[FacetColumn]>),
        fields: &IndexFields,
        schema: &Schema,
        before: &Overlay,
        fresh: &dyn Fn(u64) -> bool,
        of: &str,
        dir: &Path,
    ) -> Result<Overlay, IndexError> {
        let members = stories::members(searcher).map_err(IndexError::engine(dir))?;
        let stores = Stores::new(dir.into(), searcher);
        let runs_of = |address| stores.article(address).map(|(article, _)| runs(&article));
        let stories = stories::group(&members, &before.stories.groups(), fresh, &runs_of)?;
        let names = namesakes::group(searcher, columns, schema).map_err(IndexError::io(dir))?;
        let frequency = |word: &str| searcher.doc_freq(&form(fields.text, word)).unwrap_or(0);
        Ok(Overlay {
            of: of.into(),
            stories: StoryTable::new(&stories),
            names: Names::new(&names, &frequency),
        })
    }
}

/// The runs of an article's own text.
pub(super) fn runs(article: &Article) -> Runs {
    Runs::of(article.paragraphs().map(|b| b.span.of(&article.text)))
}

/// Returns the share of runs of three words that two articles have in common, from 0 to 1.
pub fn likeness(a: &Article, b: &Article) -> f64 {
    runs(a).likeness(&runs(b))
}

impl Names {
    /// `frequency` is the number of articles that have a word, as a name or not.
    fn new(groups: &[Group], frequency: &dyn Fn(&str) -> u64) -> Names {
        let (mut lines, mut line_of, mut listed) = (String::new(), Vec::new(), String::new());
        let mut words: BTreeMap<String, (BTreeSet<String>, u64)> = BTreeMap::new();
        for Group { names: group, articles } in groups {
            let start = lines.len() as u32;
            line_of.extend(group.iter().map(|name| (hash_of(name), start)));
            lines.push_str(&group.join("\t"));
            lines.push('\n');
            let all: Vec<String> = group.iter().flat_map(|name| long_words(name)).collect();
            for word in &all {
                let others = all.iter().filter(|other| *other != word && skeleton(other) == skeleton(word));
                let known = words.entry(word.clone()).or_default();
                known.0.extend(others.cloned());
                known.1 += articles;
            }
        }
        // "Gold" is a surname, but the word is mostly none.
        let is_name = |word: &str, articles: u64| articles * 2 >= frequency(word);
        for (word, (others, articles)) in &words {
            if others.is_empty() || !is_name(word, *articles) {
                continue;
            }
            let others: Vec<&str> = others.iter().map(String::as_str).collect();
            listed.push_str(&format!("{word}\t{}\n", others.join("\t")));
        }
        let (lines, words) = (lines.into_bytes().into(), listed.into_bytes().into());
        Names { lines, line_of: KeyedPlaces::new(line_of), words }
    }

    /// The spellings of a name, the one to show first; none if it has no others.
    fn spellings(&self, name: &str) -> impl Iterator<Item = &str> {
        let lines = self.line_of.of(hash_of(name)).filter_map(|start| line_at(&self.lines, start));
        // Two names may share a hash.
        let line = lines.into_iter().find(|line| line.split('\t').any(|other| other == name));
        line.into_iter().flat_map(|line| line.split('\t'))
    }
}

/// The words of a name that are long enough to be told from others, folded.
fn long_words(name: &str) -> impl Iterator<Item = String> + '_ {
    name.split(|c: char| !c.is_alphanumeric()).filter(|w| w.chars().count() > 3).map(fold)
}

/// The overlay as queries ask it.
#[derive(Debug, Default)]
pub struct Groups {
    stories: StoryTable,
    names: Names,
    /// Of the hashes of names, made when first needed.
    sketch: OnceLock<Sketch>,
}

/// A name that has several spellings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpelledName(usize);

impl Groups {
    pub(super) fn new(overlay: Overlay) -> Groups {
        Groups { stories: overlay.stories, names: overlay.names, sketch: OnceLock::new() }
    }

    /// Groups names by the number of articles that have each, behind `person=`, `organisation=` or `place=`;
    /// `frequency` is the number of articles that have a word.
    pub fn of_names(
        counts: &BTreeMap<String, u64>,
        schema: &Schema,
        frequency: &dyn Fn(&str) -> u64,
    ) -> Groups {
        let names = Names::new(&namesakes::group_counted(counts, schema), frequency);
        Groups { names, ..Groups::default() }
    }

    /// The names as bytes, for an index that is kept elsewhere.
    pub fn packed_names(&self) -> Vec<u8> {
        // A Vec takes whatever is written to it.
        postcard::to_stdvec(&self.names).unwrap_or_default()
    }

    /// Reads names back from bytes; none if these are not ours.
    pub fn with_packed_names(bytes: &[u8]) -> Option<Groups> {
        let whole = OwnedBytes::new(bytes.to_vec());
        let parts: NameParts = postcard::from_bytes(&whole).ok()?;
        Some(Groups { names: parts.of(&whole)?, ..Groups::default() })
    }

    /// The article that stands for the story of an article: the earliest copy, or the article itself.
    pub fn story(&self, tie: u64) -> u64 {
        self.story_of_copy(tie).unwrap_or(tie)
    }

    /// The same of an article that has copies; none of another.
    pub fn story_of_copy(&self, tie: u64) -> Option<u64> {
        self.stories.of(tie).and_then(|mut copies| copies.next())
    }

    /// The copies of an article, itself included, the earliest first; itself alone if it has no others.
    pub fn copies(&self, tie: u64) -> Vec<u64> {
        self.stories.of(tie).map_or_else(|| vec![tie], Iterator::collect)
    }

    /// The name to show for a name.
    pub fn canonical<'a>(&'a self, name: &'a str) -> &'a str {
        self.names.spellings(name).next().unwrap_or(name)
    }

    /// The spellings of a name, the one to show first; none if it has no others.
    pub fn spellings(&self, name: &str) -> Vec<String> {
        self.names.spellings(name).map(str::to_string).collect()
    }

    /// Tells whether a name has other spellings.
    pub fn has_spellings(&self, name: &str) -> bool {
        self.names.spellings(name).next().is_some()
    }

    /// What stands for all spellings of a name, by the name's hash ([`super::FacetColumn::hash`]); none if it has no
    /// others.
    #[inline]
    pub fn spelled(&self, hash: u64) -> Option<SpelledName> {
        let sketch = self.sketch.get_or_init(|| self.names.line_of.sketch());
        if !sketch.may_have(hash) {
            return None;
        }
        self.names.line_of.of(hash).next().map(SpelledName)
    }

    /// Lists the spellings of a name, the one to show first.
    pub fn spellings_of(&self, name: SpelledName) -> Vec<&str> {
        line_at(&self.names.lines, name.0).map_or(Vec::new(), |line| line.split('\t').collect())
    }

    /// Lists the words that stand for a folded word in other spellings of a name and sound like it.
    pub fn word_spellings(&self, folded: &str) -> Vec<String> {
        let line = line_of(&self.names.words, folded).unwrap_or("");
        line.split('\t').skip(1).map(str::to_string).collect()
    }
}

/// The line that starts at a place; none if there is no text.
fn line_at(lines: &[u8], start: usize) -> Option<&str> {
    let rest = lines.get(start..)?;
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    std::str::from_utf8(&rest[..end]).ok()
}

/// Finds the line of a word among lines that begin with a word and a tab, in the order of these words.
fn line_of<'a>(lines: &'a [u8], word: &str) -> Option<&'a str> {
    let (mut from, mut to) = (0, lines.len());
    while from < to {
        let middle = from + (to - from) / 2;
        let start = lines[..middle].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = line_at(lines, start)?;
        match line.split('\t').next()?.cmp(word) {
            Ordering::Less => from = start + line.len() + 1,
            Ordering::Equal => return Some(line),
            Ordering::Greater => to = start,
        }
    }
    None
}

/// Ties of articles.
pub(super) type Ties = FxHashSet<u64>;
