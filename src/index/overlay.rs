//! What depends on the whole corpus: stories, and names that are one. Laid over the articles, never written into them,
//! and made from what is alive in the index alone, so that an index built in one go and one grown in steps are equal.

use std::path::Path;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde::Serialize;
use tantivy::Searcher;

use super::IndexError;
use super::named;
use super::namesakes;
use super::similarity::Runs;
use super::store::Stores;
use super::stories;
use crate::article::Article;
use crate::article::BlockKind;
use crate::schema::Schema;
use crate::tokens::fold;

const PREFIX: &str = "overlay-";

/// Groups of articles and of names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Overlay {
    /// The state of the corpus that it was made for.
    pub(super) of: String,
    /// Near-duplicates, two or more: ties, the earliest article first.
    pub(super) stories: Vec<Vec<u64>>,
    /// Spellings of one name, two or more, the one to show first.
    pub(super) names: Vec<Vec<String>>,
}

impl Overlay {
    pub(super) fn read(dir: &Path, name: &str) -> Result<Overlay, IndexError> {
        if name.is_empty() { Ok(Overlay::default()) } else { named::read(dir, PREFIX, name) }
    }

    pub(super) fn write(&self, dir: &Path) -> Result<String, IndexError> {
        named::write(dir, PREFIX, self)
    }

    pub(super) fn remove_others(dir: &Path, current: &str) {
        named::remove_others(dir, PREFIX, current);
    }

    /// Makes the overlay of a commit from that of the one before and the articles that came since.
    pub(super) fn make(
        searcher: &Searcher,
        schema: &Schema,
        before: &Overlay,
        fresh: &dyn Fn(u64) -> bool,
        of: &str,
        dir: &Path,
    ) -> Result<Overlay, IndexError> {
        let members = stories::members(searcher).map_err(IndexError::engine(dir))?;
        let stores = Stores::new(dir.into(), searcher);
        let runs_of = |address| stores.article(address).map(|(article, _)| runs(&article));
        let stories = stories::group(&members, &before.stories, fresh, &runs_of)?;
        let names = namesakes::group(searcher, schema).map_err(IndexError::engine(dir))?;
        Ok(Overlay { of: of.into(), stories, names })
    }
}

/// The runs of an article's own text.
pub(super) fn runs(article: &Article) -> Runs {
    let own = article.blocks.iter().filter(|b| matches!(b.kind, BlockKind::Body | BlockKind::Caption));
    Runs::of(own.map(|b| b.span.of(&article.text)))
}

/// Returns the share of runs of three words that two articles have in common, from 0 to 1.
pub fn likeness(a: &Article, b: &Article) -> f64 {
    runs(a).likeness(&runs(b))
}

/// The overlay as queries ask it.
#[derive(Debug, Default)]
pub struct Groups {
    stories: Vec<Vec<u64>>,
    story_of: FxHashMap<u64, u32>,
    names: Vec<Vec<String>>,
    cluster_of: FxHashMap<String, u32>,
}

impl Groups {
    pub(super) fn new(overlay: Overlay) -> Groups {
        let mut groups = Groups { stories: overlay.stories, names: overlay.names, ..Groups::default() };
        for (number, group) in groups.stories.iter().enumerate() {
            groups.story_of.extend(group.iter().map(|tie| (*tie, number as u32)));
        }
        for (number, group) in groups.names.iter().enumerate() {
            groups.cluster_of.extend(group.iter().map(|name| (name.clone(), number as u32)));
        }
        groups
    }

    /// The article that stands for the story of an article: the earliest copy, or the article itself.
    pub fn story(&self, tie: u64) -> u64 {
        self.story_of.get(&tie).map_or(tie, |number| self.stories[*number as usize][0])
    }

    /// The copies of an article, itself included, the earliest first; none if it has no others.
    pub fn copies(&self, tie: u64) -> &[u64] {
        self.story_of.get(&tie).map_or(&[], |number| &self.stories[*number as usize])
    }

    /// Counts the articles that are copies of an earlier one.
    pub fn later_copies(&self) -> u64 {
        self.stories.iter().map(|group| group.len() as u64 - 1).sum()
    }

    /// The name to show for a name.
    pub fn canonical<'a>(&'a self, name: &'a str) -> &'a str {
        self.cluster_of.get(name).map_or(name, |number| &self.names[*number as usize][0])
    }

    /// The spellings of a name, the one to show first; none if it has no others.
    pub fn spellings(&self, name: &str) -> &[String] {
        self.cluster_of.get(name).map_or(&[], |number| &self.names[*number as usize])
    }

    /// Lists the words that stand for a folded word in other spellings of a name, where they sound alike.
    pub fn word_spellings(&self, folded: &str, alike: &dyn Fn(&str, &str) -> bool) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let first = folded.bytes().next().unwrap_or(0);
        // Folding is dear and names are many: most words differ in their first letter already.
        let may_be = |word: &str| {
            let begins =
                word.bytes().next().is_some_and(|b| !b.is_ascii() || b.to_ascii_lowercase() == first);
            begins && fold(word) == folded
        };
        for group in self.names.iter().filter(|group| group.iter().any(|name| split(name).any(may_be))) {
            let words = group.iter().flat_map(|name| split(name)).map(fold);
            out.extend(words.filter(|word| word != folded && alike(word, folded)));
        }
        out.sort();
        out.dedup();
        out
    }
}

/// The words of a name that are long enough to be told from others.
fn split(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|w| w.chars().count() > 3)
}

/// Ties of articles.
pub(super) type Ties = FxHashSet<u64>;
