//! Opens an index for reading, and checks that it is whole.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use tantivy::DocAddress;
use tantivy::DocId;
use tantivy::Executor;
use tantivy::ReloadPolicy;
use tantivy::Searcher;
use tantivy::directory::MmapDirectory;

use super::IndexError;
use super::IndexFields;
use super::directory::IndexDirectory;
use super::directory::META;
use super::facet_column::FacetColumn;
use super::facet_column::facets_gone;
use super::facet_column::open_all;
use super::manifest::Damage;
use super::manifest::Manifest;
use super::overlay::Groups;
use super::overlay::Overlay;
use super::scored_lists::ScoredLists;
use super::sources::Sources;
use super::store::Shared;
use super::store::Stores;
use super::tables::Tables;
use super::tokenizer;
use super::tokenizer::NewsTokenizer;
use super::writer::Payload;
use super::writer::payload;
use crate::annotation::Annotations;
use crate::article::Article;
use crate::schema::Schema;

/// Queries that are answered without a table of all facet values.
const FEW: usize = 8;

/// Name of the index directory unless another is given.
const DEFAULT_NAME: &str = ".dateline";

/// An index opened for reading: one commit of it, whatever is written meanwhile.
pub struct Opened {
    /// Where it is.
    pub dir: PathBuf,
    /// Handles of its fields.
    pub fields: IndexFields,
    /// The engine's view of that commit.
    pub searcher: Searcher,
    /// Cuts the words of queries.
    pub tokenizer: NewsTokenizer,
    /// Tells whether it was made with the schema of this program.
    pub current_schema: bool,
    /// Facet values, by segment.
    pub facets: Arc<[FacetColumn]>,
    /// Stories, and names that are one.
    pub groups: Arc<Groups>,
    /// Words, rows of words, and words that all hold, that were asked for more than once.
    pub scored: Arc<ScoredLists>,
    stores: Stores,
    asked: AtomicUsize,
    threads: usize,
    executor: OnceLock<Executor>,
    tables: OnceLock<Option<Arc<Tables>>>,
    sources_name: String,
    /// Read when first asked for.
    sources: OnceLock<Sources>,
}

/// Returns the index directory: the one given, or the nearest `.dateline` here or above.
pub fn find_index(given: Option<&Path>) -> PathBuf {
    if let Some(dir) = given {
        return dir.to_path_buf();
    }
    let here = std::env::current_dir().unwrap_or_default();
    let found = here.ancestors().map(|d| d.join(DEFAULT_NAME)).find(|d| d.is_dir());
    match found {
        Some(dir) if dir.parent() == Some(&here) => PathBuf::from(DEFAULT_NAME),
        Some(dir) => dir,
        None => PathBuf::from(DEFAULT_NAME),
    }
}

/// Bytes of an index whose contents are compared whenever it is opened: that many are hashed in a few milliseconds.
const SMALL: u64 = 8 << 20;

/// Opens an index; the sizes of all its files are checked first, so that what is cut short is never mapped, and of a
/// small index (up to 8 MB) the contents too.
///
/// # Errors
/// If there is none, it is damaged or of another version.
pub fn open(dir: &Path, schema: &Schema) -> Result<Opened, IndexError> {
    open_checked(dir, schema, SMALL)
}

/// Opens an index after comparing the contents of all its files with what was written, however large it is.
///
/// # Errors
/// If there is none, it is damaged or of another version.
pub fn open_whole(dir: &Path, schema: &Schema) -> Result<Opened, IndexError> {
    open_checked(dir, schema, u64::MAX)
}

/// Opens an index, and compares the contents of its files if they have at most so many bytes.
fn open_checked(dir: &Path, schema: &Schema, most: u64) -> Result<Opened, IndexError> {
    let (mut manifest, mut meta) = Manifest::read(dir)?;
    loop {
        let contents = manifest.bytes() <= most;
        let opened = open_state(dir, schema, &manifest, &meta, contents);
        let Err(error @ IndexError::Damaged { .. }) = opened else { return opened };
        // Another process may have committed, and removed what only the earlier state needs.
        let now = Manifest::read(dir)?;
        if now.1 == meta {
            return Err(error);
        }
        (manifest, meta) = now;
    }
}

/// Opens one state of an index.
fn open_state(
    dir: &Path,
    schema: &Schema,
    manifest: &Manifest,
    meta: &[u8],
    contents: bool,
) -> Result<Opened, IndexError> {
    if let Some(damage) = manifest.damage(dir, contents).into_iter().next() {
        return Err(IndexError::damaged(dir, &damage.file, &damage.reason));
    }
    let damaged = |e: tantivy::TantivyError| IndexError::Damaged {
        path: dir.into(),
        reason: e.to_string().to_lowercase(),
    };
    let files = MmapDirectory::open(dir).map_err(|e| damaged(e.into()))?;
    let directory = IndexDirectory::for_reading(Box::new(files), meta.to_vec());
    let index = tantivy::Index::open(directory.clone()).map_err(damaged)?;
    let (engine_schema, fields) = IndexFields::schema();
    if index.schema() != engine_schema {
        return Err(IndexError::Incompatible { path: dir.into(), reason: "other fields".into() });
    }
    let tokenizer = NewsTokenizer::new(schema);
    tokenizer::register(&index, &tokenizer);
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into();
    let reader: tantivy::IndexReader = reader.map_err(damaged)?;
    let Payload { sources, overlay, schema: annotated_with, .. } = payload(&index, dir)?.unwrap_or_default();
    let searcher = reader.searcher();
    let facets = open_all(&searcher).map_err(damaged)?;
    let facets = facets.ok_or_else(|| facets_gone(dir))?;
    Ok(Opened {
        dir: dir.into(),
        fields,
        facets,
        stores: Stores::new(dir.into(), &searcher),
        searcher,
        asked: AtomicUsize::new(0),
        threads: 1,
        executor: OnceLock::new(),
        tables: OnceLock::new(),
        scored: Arc::default(),
        tokenizer,
        current_schema: annotated_with == schema.hash,
        groups: Arc::new(Groups::new(Overlay::mapped(&directory, dir, &overlay)?)),
        sources_name: sources,
        sources: OnceLock::new(),
    })
}

/// Compares every file of an index with what was written; returns what differs.
///
/// # Errors
/// If there is no index there or it is of another version.
pub fn check(dir: &Path) -> Result<Vec<Damage>, IndexError> {
    loop {
        let (manifest, meta) = match Manifest::read(dir) {
            Ok(read) => read,
            Err(IndexError::Damaged { reason, .. }) => {
                let (file, reason) = reason.split_once(' ').unwrap_or((&reason, ""));
                return Ok(vec![Damage { file: file.into(), reason: reason.into() }]);
            }
            Err(error) => return Err(error),
        };
        let damage = manifest.damage(dir, true);
        // Another process may have committed, and removed what only the earlier state needs.
        if damage.is_empty() || Manifest::read(dir).is_ok_and(|now| now.1 == meta) {
            return Ok(damage);
        }
    }
}

impl Opened {
    /// Reads an article and its annotations back.
    ///
    /// # Errors
    /// If the stored bytes are not ours.
    pub fn article(&self, address: DocAddress) -> Result<(Article, Annotations), IndexError> {
        self.stores.article(address)
    }

    /// Reads an article that is to be shown. Those shown last are kept, for whoever asks often sees them again.
    ///
    /// # Errors
    /// If the stored bytes are not ours.
    pub fn shared_article(&self, address: DocAddress) -> Result<Shared, IndexError> {
        self.stores.shared(address)
    }

    /// Lets each of the first answers use several threads, one a segment at most: a process that asks little has
    /// processors to spare, and one that asks much gives each answer one of its own.
    pub fn use_threads(&mut self, threads: usize) {
        self.threads = threads.min(self.searcher.segment_readers().len());
    }

    /// What runs a query over the segments.
    pub fn executor(&self) -> Executor {
        if self.threads < 2 || self.asked.load(Ordering::Relaxed) > FEW {
            return Executor::single_thread();
        }
        // Where no thread can be had, one does it.
        let make = || Executor::multi_thread(self.threads, "search-").unwrap_or(Executor::SingleThread);
        self.executor.get_or_init(make).clone()
    }

    /// What is kept in memory for queries; none for the first ones, which are answered sooner without.
    pub fn tables(&self, schema: &Schema) -> Option<Arc<Tables>> {
        if self.asked.fetch_add(1, Ordering::Relaxed) < FEW {
            return None;
        }
        // What cannot be read here is told by the query that then reads it for itself.
        let make =
            || Tables::new(&self.searcher, &self.facets, &self.groups, schema).ok().flatten().map(Arc::new);
        self.tables.get_or_init(make).clone()
    }

    /// Lists the sources of some articles, each once, without reading the articles; none is one of them.
    ///
    /// # Errors
    /// If the engine cannot read them.
    pub fn sources_of(
        &self,
        addresses: impl Iterator<Item = DocAddress>,
    ) -> Result<BTreeSet<Option<String>>, IndexError> {
        let mut by_segment: BTreeMap<u32, Vec<DocId>> = BTreeMap::new();
        addresses.for_each(|at| by_segment.entry(at.segment_ord).or_default().push(at.doc_id));
        if let Some(Some(tables)) = self.tables.get() {
            let facets = &tables.facets;
            let lists = facets.lists(&["source"]);
            let all = by_segment.iter().flat_map(|(segment, docs)| docs.iter().map(|doc| (*segment, *doc)));
            let place = |(segment, doc)| {
                let mut first = None;
                lists.of(segment).each_place(&[doc], |place| first = first.or(Some(place)));
                first
            };
            let places: BTreeSet<Option<u32>> = all.map(place).collect();
            let named = |place: u32| facets.value(lists.number(place)).to_string();
            return Ok(places.into_iter().map(|place| place.map(named)).collect());
        }
        let mut sources = BTreeSet::new();
        for (number, docs) in by_segment {
            self.add_sources(&self.facets[number as usize], &docs, &mut sources)?;
        }
        Ok(sources)
    }

    /// Reads the sources of a segment's articles from its column.
    fn add_sources(
        &self,
        column: &FacetColumn,
        docs: &[DocId],
        sources: &mut BTreeSet<Option<String>>,
    ) -> Result<(), IndexError> {
        let failed = |source| IndexError::Io { path: self.dir.clone(), source };
        let range = column.of_field("source").map_err(failed)?;
        let mut known: BTreeSet<Option<u32>> = BTreeSet::new();
        for doc in docs {
            let mut first = None;
            column.each(*doc, |ordinal| first = first.or(Some(ordinal).filter(|o| range.contains(o))));
            if known.insert(first) {
                let name = first.map(|ordinal| column.value(ordinal)).transpose();
                sources.insert(name.map_err(failed)?);
            }
        }
        Ok(())
    }

    /// Reads which files the index holds.
    ///
    /// # Errors
    /// If the state is missing or damaged.
    pub fn sources(&self) -> Result<&Sources, IndexError> {
        if let Some(sources) = self.sources.get() {
            return Ok(sources);
        }
        let name = &self.sources_name;
        let read = if name.is_empty() { Sources::default() } else { Sources::read(&self.dir, name)? };
        Ok(self.sources.get_or_init(|| read))
    }

    /// Makes the tables now: for a process that will ask often.
    pub fn expect_many(&self, schema: &Schema) {
        self.asked.store(FEW, Ordering::Relaxed);
        self.tables(schema);
    }

    /// Returns the size of the index on disk, in bytes.
    ///
    /// # Errors
    /// If its directory cannot be read.
    pub fn bytes(&self) -> Result<u64, IndexError> {
        let files = std::fs::read_dir(&self.dir).map_err(IndexError::io(&self.dir))?;
        Ok(files.flatten().filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum())
    }
}

/// Which commit a directory holds, as far as it can be told without opening it: differs after every commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity(Option<(u64, std::time::SystemTime)>);

impl Identity {
    /// Looks at the size and the time of the file that every commit writes anew.
    pub fn of(dir: &Path) -> Identity {
        let look = || {
            let file = std::fs::metadata(dir.join(META)).ok()?;
            Some((file.len(), file.modified().ok()?))
        };
        Identity(look())
    }
}
