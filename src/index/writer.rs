//! Adds, replaces and removes the articles of files, and commits all of it or nothing.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;
use serde::Deserialize;
use serde::Serialize;
use tantivy::Directory;
use tantivy::IndexSettings;
use tantivy::IndexWriter;
use tantivy::TantivyDocument;
use tantivy::directory::INDEX_WRITER_LOCK;
use tantivy::directory::MmapDirectory;
use tantivy::directory::error::LockError;
use tantivy::query::TermSetQuery;
use tantivy::store::Compressor;
use tantivy::store::ZstdCompressor;

use super::IndexError;
use super::IndexFields;
use super::directory::IndexDirectory;
use super::document::Prepared;
use super::document::tie_of;
use super::facet_column::FacetColumn;
use super::facet_column::facets_gone;
use super::facet_column::open_all;
use super::facet_plugin::FacetPlugin;
use super::manifest::LOOKS;
use super::manifest::MARKER;
use super::manifest::Manifest;
use super::manifest::is_manifest;
use super::manifest::is_segment;
use super::manifest::marker;
use super::named::is_named;
use super::overlay;
use super::overlay::Overlay;
use super::overlay::Ties;
use super::sources;
use super::sources::Source;
use super::sources::Sources;
use super::stored::StoredArticles;
use super::tokenizer;
use super::tokenizer::NewsTokenizer;
use crate::schema::Schema;

/// Memory for documents that are not on disk yet, in bytes, all threads together.
const MEMORY: usize = 160 << 20;

/// How hard zstd tries to compress articles: its own default.
const LEVEL: i32 = 3;

/// Bytes of articles that are compressed together: three times the engine's default makes the store a twelfth smaller.
const BLOCK: usize = 48 << 10;

/// What a commit says of itself, in the engine's own commit.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Payload {
    /// The file with the state of the corpus.
    pub sources: String,
    /// The file with the stories and the names that are one.
    #[serde(default)]
    pub overlay: String,
    /// Hash of the schema.
    pub schema: String,
    /// Articles in the index.
    pub articles: u64,
}

/// Writes an index; at most one at a time does.
pub struct Writer {
    dir: PathBuf,
    fields: IndexFields,
    engine: IndexWriter<TantivyDocument>,
    sources: Sources,
    /// The overlay of the last commit; none if it is not of that commit, so that every article is looked at anew.
    overlay: Option<Overlay>,
    /// Articles that came since.
    fresh: Ties,
    tables: &'static Schema,
    /// Whose article has an id.
    owners: HashMap<String, String, FxBuildHasher>,
    directory: IndexDirectory,
    /// There is a commit.
    committed: bool,
    schema: String,
    reading: String,
    outdated: bool,
    changed: bool,
}

impl Writer {
    /// Opens an index for writing, making it if there is none.
    ///
    /// # Errors
    /// If another process writes it, it is damaged, of another version, or the disk refuses.
    pub fn open(dir: &Path, schema: &'static Schema, threads: usize) -> Result<Writer, IndexError> {
        fs::create_dir_all(dir).map_err(IndexError::io(dir))?;
        let files = MmapDirectory::open(dir).map_err(|e| IndexError::broken(dir, &e.into()))?;
        Writer::open_in(Box::new(files), dir, schema, threads)
    }

    /// The same over files that something stands between: for tests of what fails.
    ///
    /// # Errors
    /// If another process writes it, it is damaged, of another version, or the disk refuses.
    pub fn open_in(
        files: Box<dyn Directory>,
        dir: &Path,
        schema: &'static Schema,
        threads: usize,
    ) -> Result<Writer, IndexError> {
        let (index, directory, engine) = take(files, dir, schema, threads)?;
        let (sources, overlay, annotated_with) = match payload(&index, dir)? {
            Some(Payload { sources, overlay, schema, .. }) => {
                let overlay = Overlay::read(dir, &overlay)?;
                let overlay = Some(overlay).filter(|o| o.of == sources);
                (Sources::read(dir, &sources)?, overlay, Some(schema))
            }
            None => (Sources::default(), None, None),
        };
        let owners = sources
            .files
            .iter()
            .flat_map(|(key, s)| s.ids.iter().map(|id| (id.clone(), key.clone())))
            .collect();
        let committed = annotated_with.is_some();
        let outdated = annotated_with.is_some_and(|tables| tables != schema.hash);
        Ok(Writer {
            dir: dir.into(),
            fields: IndexFields::schema().1,
            engine,
            sources,
            overlay,
            fresh: Ties::default(),
            tables: schema,
            owners,
            directory,
            committed,
            schema: schema.hash.clone(),
            reading: schema.reading_hash.clone(),
            outdated,
            changed: false,
        })
    }

    /// The handles that documents are prepared with.
    pub fn fields(&self) -> IndexFields {
        self.fields
    }

    /// Tells whether the articles of a file were annotated with other tables than these.
    pub fn is_outdated(&self, source: &Source) -> bool {
        source.tables != self.schema
    }

    /// Tells whether a file was read with other tables than these, so that its blocks may come out differently.
    pub fn was_read_otherwise(&self, source: &Source) -> bool {
        source.reading != self.reading
    }

    /// The articles of the last commit, to be annotated anew.
    ///
    /// # Errors
    /// If the engine cannot read them.
    pub fn stored(&self) -> Result<StoredArticles, IndexError> {
        Ok(StoredArticles { dir: self.dir.clone(), fields: self.fields, searcher: self.searcher()? })
    }

    /// The files that the index holds.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Counts the articles that the index will hold.
    pub fn articles(&self) -> u64 {
        self.owners.len() as u64
    }

    /// Notes roots that have been indexed.
    pub fn add_roots(&mut self, roots: impl IntoIterator<Item = String>) {
        for root in roots {
            if !self.sources.roots.contains(&root) {
                self.sources.roots.push(root);
                self.changed = true;
            }
        }
    }

    /// Starts a file anew: its articles are removed and the ones added next take their place.
    ///
    /// # Errors
    /// If the engine cannot note the deletions.
    pub fn begin(&mut self, key: &str, source: Source) -> Result<(), IndexError> {
        self.remove(key)?;
        let source = Source { tables: self.schema.clone(), reading: self.reading.clone(), ..source };
        self.sources.files.insert(key.to_string(), source);
        self.changed = true;
        Ok(())
    }

    /// Starts the articles of a file anew without the file: the same articles under the same ids come next.
    ///
    /// # Errors
    /// If the engine cannot note the deletions.
    pub fn begin_again(&mut self, key: &str) -> Result<(), IndexError> {
        self.changed = true;
        let Some(source) = self.sources.files.get_mut(key) else { return Ok(()) };
        source.tables.clone_from(&self.schema);
        delete(&self.engine, &self.fields, &source.ids).map_err(IndexError::engine(&self.dir))
    }

    /// Adds an article of a file that was begun again.
    ///
    /// # Errors
    /// If the engine cannot take it, say because the disk is full.
    pub fn add_again(&mut self, prepared: Prepared) -> Result<(), IndexError> {
        let id = prepared.id.clone();
        self.put(&id, prepared)
    }

    fn put(&mut self, id: &str, prepared: Prepared) -> Result<(), IndexError> {
        self.fresh.insert(tie_of(id));
        let document = prepared.finish(id, &self.fields);
        self.engine.add_document(document).map_err(IndexError::engine(&self.dir))?;
        Ok(())
    }

    /// Notes that a file is where it was, perhaps under another way of writing its path.
    pub fn source_mut(&mut self, key: &str) -> Option<&mut Source> {
        self.changed = true;
        self.sources.files.get_mut(key)
    }

    /// Adds an article of a file that was begun. An id that another file has gets a suffix; one that this file
    /// had already replaces the earlier article.
    ///
    /// # Errors
    /// If the engine cannot take it, say because the disk is full.
    pub fn add(&mut self, key: &str, prepared: Prepared) -> Result<(), IndexError> {
        let mut id = prepared.id.clone();
        let mut copy = 1;
        while let Some(owner) = self.owners.get(&id) {
            if owner == key {
                let deleted = delete(&self.engine, &self.fields, std::slice::from_ref(&id));
                deleted.map_err(IndexError::engine(&self.dir))?;
                if let Some(source) = self.sources.files.get_mut(key) {
                    source.repeated += 1;
                    source.ids.retain(|i| *i != id);
                }
                break;
            }
            copy += 1;
            id = format!("{}~{copy}", prepared.id);
        }
        self.put(&id, prepared)?;
        self.owners.insert(id.clone(), key.to_string());
        if let Some(source) = self.sources.files.get_mut(key) {
            source.ids.push(id);
        }
        Ok(())
    }

    /// Notes what of a file could not be read.
    pub fn skip(&mut self, key: &str, record: Option<u32>, reason: String) {
        if let Some(source) = self.sources.files.get_mut(key) {
            source.skipped.push((record, reason));
        }
    }

    /// Notes that a rule leaves out a record of a file.
    pub fn leave_out(&mut self, key: &str, reason: String) {
        if let Some(source) = self.sources.files.get_mut(key) {
            *source.left_out.entry(reason).or_default() += 1;
        }
    }

    /// Removes the articles of a file; returns how many there were.
    ///
    /// # Errors
    /// If the engine cannot note the deletions.
    pub fn remove(&mut self, key: &str) -> Result<u64, IndexError> {
        let Some(source) = self.sources.files.remove(key) else { return Ok(0) };
        self.changed = true;
        delete(&self.engine, &self.fields, &source.ids).map_err(IndexError::engine(&self.dir))?;
        for id in &source.ids {
            self.owners.remove(id);
        }
        Ok(source.ids.len() as u64)
    }

    /// Makes everything since the last commit last, in one step.
    ///
    /// # Errors
    /// If it cannot; the index is then as it was.
    pub fn commit(&mut self) -> Result<(), IndexError> {
        if !self.changed && self.committed && !self.outdated && self.overlay.is_some() {
            return Ok(());
        }
        let name = self.sources.write(&self.directory, &self.dir)?;
        // A run that was stopped leaves articles of the old tables, which the next run looks for.
        if self.sources.files.values().any(|s| s.tables != self.schema) {
            self.schema = "mixed".into();
        }
        let mut payload = Payload {
            sources: name.clone(),
            overlay: String::new(),
            schema: self.schema.clone(),
            articles: self.articles(),
        };
        self.commit_as(&payload)?;
        // Near-duplicates are looked for among what is committed. A writer that is stopped before the second commit
        // leaves an index without stories, which the next one groups.
        let overlay = self.make_overlay(&name)?;
        payload.overlay = overlay.write(&self.directory, &self.dir)?;
        self.commit_as(&payload)?;
        Sources::remove_others(&self.dir, &name);
        Overlay::remove_others(&self.dir, &payload.overlay);
        self.overlay = Some(overlay);
        self.fresh.clear();
        self.changed = false;
        self.committed = true;
        self.outdated = false;
        Ok(())
    }

    fn commit_as(&mut self, payload: &Payload) -> Result<(), IndexError> {
        let text = serde_json::to_string(payload).unwrap_or_default();
        let result = self.engine.prepare_commit().and_then(|mut prepared| {
            prepared.set_payload(&text);
            prepared.commit()
        });
        if let Err(error) = result {
            // Back to the last commit: the writer must not be used on after a failure.
            let _ = self.engine.rollback();
            return Err(IndexError::Engine { path: self.dir.clone(), source: error });
        }
        Ok(())
    }

    fn make_overlay(&self, of: &str) -> Result<Overlay, IndexError> {
        let committed = self.committed()?;
        let none = Overlay::default();
        let (before, all) = self.overlay.as_ref().map_or((&none, true), |overlay| (overlay, false));
        let fresh = |tie| all || self.fresh.contains(&tie);
        Overlay::make(&committed, &self.fields, self.tables, before, &fresh, of, &self.dir)
    }

    /// What is committed, and the facet values of its segments.
    fn committed(&self) -> Result<(tantivy::Searcher, Arc<[FacetColumn]>), IndexError> {
        for _ in 0..LOOKS {
            let searcher = self.searcher()?;
            // The end of a merge may have removed files of these segments by now.
            if let Some(columns) = open_all(&searcher).map_err(IndexError::engine(&self.dir))? {
                return Ok((searcher, columns));
            }
        }
        Err(facets_gone(&self.dir))
    }

    fn searcher(&self) -> Result<tantivy::Searcher, IndexError> {
        let reader = self.engine.index().reader_builder().reload_policy(tantivy::ReloadPolicy::Manual);
        let reader: tantivy::IndexReader = reader.try_into().map_err(IndexError::engine(&self.dir))?;
        Ok(reader.searcher())
    }

    /// Ends writing after a failure: the last commit stays, and what was written since goes, which may be what filled
    /// the disk. Returns the failure, with its cause.
    pub fn abandon(self, error: IndexError) -> IndexError {
        self.directory.give_up();
        if let Ok((last, _)) = Manifest::read(&self.dir) {
            remove_leftovers(&self.dir, &last);
        }
        cause(&self.directory, &self.dir, error)
    }

    /// Ends writing: waits for merges, and removes files that nothing needs.
    ///
    /// # Errors
    /// If a merge failed or the disk refuses.
    pub fn close(self) -> Result<(), IndexError> {
        // Merges that run already are worth having; files that they replace go at the next garbage collection.
        let Writer { dir, directory, engine, .. } = self;
        let failed = |source| cause(&directory, &dir, IndexError::Engine { path: dir.clone(), source });
        engine.wait_merging_threads().map_err(failed)
    }
}

/// Deletes the articles of some ids from what was added before: as one operation, of which the engine keeps a kilobyte
/// each until they are committed.
fn delete(
    engine: &IndexWriter<TantivyDocument>,
    fields: &IndexFields,
    ids: &[String],
) -> tantivy::Result<()> {
    let term = |id: &String| fields.article_term(id);
    match ids {
        [] => {}
        [id] => _ = engine.delete_term(term(id)),
        ids => _ = engine.delete_query(Box::new(TermSetQuery::new(ids.iter().map(term))))?,
    }
    Ok(())
}

/// The engine's side of an index, with the lock of writers held.
type Taken = (tantivy::Index, IndexDirectory, IndexWriter<TantivyDocument>);

/// Opens an index, or makes it, and takes the lock of writers.
fn take(files: Box<dyn Directory>, dir: &Path, schema: &Schema, threads: usize) -> Result<Taken, IndexError> {
    let per_thread = (MEMORY / threads.max(1)).max(20 << 20);
    loop {
        let (index, directory, last) = open_last(&*files, dir)?;
        tokenizer::register(&index, &NewsTokenizer::new(schema));
        let engine = index.writer_with_num_threads(threads.max(1), per_thread * threads.max(1));
        let engine = engine.map_err(|e| match e {
            tantivy::TantivyError::LockFailure(LockError::LockBusy, _) => {
                IndexError::Busy { path: dir.into(), holder: holder(dir) }
            }
            tantivy::TantivyError::LockFailure(LockError::IoError(ref e), _) => {
                let e = e.raw_os_error().map_or_else(|| e.kind().into(), std::io::Error::from_raw_os_error);
                IndexError::of_disk(dir.join(&INDEX_WRITER_LOCK.filepath), e)
            }
            other => IndexError::Engine { path: dir.into(), source: other },
        })?;
        // Another process may have committed before the lock was had.
        if Manifest::read(dir)?.0.name == last.name {
            take_over(dir, &last);
            return Ok((index, directory, engine));
        }
    }
}

/// Opens the last state for writing; the first one is an index without articles.
fn open_last(
    files: &dyn Directory,
    dir: &Path,
) -> Result<(tantivy::Index, IndexDirectory, Manifest), IndexError> {
    let engine_schema = IndexFields::schema().0;
    let last = match Manifest::read(dir) {
        Err(IndexError::Missing(_)) => {
            let directory = IndexDirectory::for_writing(files.box_clone(), None);
            let made = create(&directory, engine_schema.clone());
            made.map_err(|e| cause(&directory, dir, IndexError::Engine { path: dir.into(), source: e }))?;
            Manifest::read(dir)?.0
        }
        read => read?.0,
    };
    let directory = IndexDirectory::for_writing(files.box_clone(), Some(&last));
    let mut index = tantivy::Index::open(directory.clone()).map_err(|e| match e {
        tantivy::TantivyError::IoError(_) => IndexError::Engine { path: dir.into(), source: e },
        _ => IndexError::broken(dir, &e),
    })?;
    if index.schema() != engine_schema {
        return Err(IndexError::Incompatible { path: dir.into(), reason: "other fields".into() });
    }
    index.register_plugin(Arc::new(FacetPlugin));
    Ok((index, directory, last))
}

/// Makes the engine's part of a new index.
fn create(directory: &IndexDirectory, schema: tantivy::schema::Schema) -> tantivy::Result<tantivy::Index> {
    directory.atomic_write(Path::new(MARKER), &marker())?;
    let zstd = ZstdCompressor { compression_level: Some(LEVEL) };
    let settings = IndexSettings {
        docstore_compression: Compressor::Zstd(zstd),
        docstore_blocksize: BLOCK,
        ..IndexSettings::default()
    };
    let facets = Arc::new(FacetPlugin);
    let builder = tantivy::Index::builder().schema(schema).settings(settings).register_plugin(facets);
    builder.open_or_create(directory.clone())
}

/// Says what the disk said first, where the engine only says that it failed.
fn cause(directory: &IndexDirectory, dir: &Path, error: IndexError) -> IndexError {
    let is_vague = matches!(error, IndexError::Engine { .. } | IndexError::Io { .. });
    match directory.take_failure().filter(|_| is_vague) {
        Some((name, source)) => IndexError::of_disk(dir.join(name), source),
        None => error,
    }
}

/// Notes who writes, and removes what a writer that was stopped left behind; only the holder of the lock does.
fn take_over(dir: &Path, last: &Manifest) {
    // Who writes is only told in a message.
    let _ = fs::write(dir.join(&INDEX_WRITER_LOCK.filepath), std::process::id().to_string());
    remove_leftovers(dir, last);
}

/// Removes what a state does not need. The engine would trip over its own leftovers: it names deletions by a number
/// that comes again.
fn remove_leftovers(dir: &Path, last: &Manifest) {
    let needed = |name: &str| last.name == name || last.files.contains_key(name);
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let is_state = |name: &str| is_named(sources::PREFIX, name) || is_named(overlay::PREFIX, name);
    let is_ours =
        |name: &str| name.starts_with(".tmp") || is_manifest(name) || is_segment(name) || is_state(name);
    for name in names.filter(|name| is_ours(name) && !needed(name)) {
        // What cannot be removed is told by the commit that it is in the way of.
        let _ = fs::remove_file(dir.join(name));
    }
}

/// The process that holds the lock of writers.
pub(super) fn holder(dir: &Path) -> Option<u32> {
    fs::read_to_string(dir.join(&INDEX_WRITER_LOCK.filepath)).ok()?.trim().parse().ok()
}

/// What the last commit says of itself.
pub(super) fn payload(index: &tantivy::Index, dir: &Path) -> Result<Option<Payload>, IndexError> {
    let metas = index.load_metas().map_err(IndexError::engine(dir))?;
    let Some(text) = metas.payload else { return Ok(None) };
    let damaged = |_| IndexError::Damaged { path: dir.into(), reason: "meta.json names no state".into() };
    serde_json::from_str(&text).map(Some).map_err(damaged)
}
