//! The directory of an index, as the engine sees it: every change is one step, and every byte is accounted for.
//!
//! The engine makes a commit, or the end of a merge, by renaming a new `meta.json` into place. Here a manifest goes
//! before it: size and hash of every file that the new state needs, under a name that is the hash of the new
//! `meta.json`. So at any moment, whatever was cut short, the `meta.json` that is there has its manifest. Hashes are
//! taken while files are written, not of what a disk gives back.

use std::collections::BTreeMap;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use tantivy::Directory;
use tantivy::directory::AntiCallToken;
use tantivy::directory::DirectoryLock;
use tantivy::directory::FileHandle;
use tantivy::directory::Lock;
use tantivy::directory::META_LOCK;
use tantivy::directory::TerminatingWrite;
use tantivy::directory::WatchCallback;
use tantivy::directory::WatchHandle;
use tantivy::directory::WritePtr;
use tantivy::directory::error::DeleteError;
use tantivy::directory::error::LockError;
use tantivy::directory::error::OpenReadError;
use tantivy::directory::error::OpenWriteError;

use super::manifest;
use super::manifest::FileEntry;
use super::manifest::Manifest;

/// The engine's list of segments, the last thing that a commit writes.
pub(super) const META: &str = "meta.json";

/// The engine's list of its own files, which it could do without: it has no checksum, so it is not kept on disk.
pub(super) const MANAGED: &str = ".managed.json";

/// What is known of the files.
#[derive(Debug, Default)]
struct Files {
    /// Sizes and hashes of files that were written, or that the last manifest has.
    written: BTreeMap<String, FileEntry>,
    /// What the engine takes for its list of files.
    managed: Vec<u8>,
    /// The manifest of the state that is on disk.
    manifest: Option<String>,
    /// What failed first: the engine tells only that something did, once one of its threads is involved.
    failure: Option<(PathBuf, io::Error)>,
}

impl Files {
    fn note(&mut self, path: &Path, error: &io::Error) {
        let copy = || match error.raw_os_error() {
            Some(number) => io::Error::from_raw_os_error(number),
            None => io::Error::new(error.kind(), error.to_string()),
        };
        self.failure.get_or_insert_with(|| (path.into(), copy()));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What another thread left is whole: every change is one assignment.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A directory that writes a manifest with every commit.
#[derive(Clone, Debug)]
pub(super) struct IndexDirectory {
    inner: Box<dyn Directory>,
    files: Arc<Mutex<Files>>,
    /// Nothing is written any more. Held while a state is written, so that giving up finds it whole or not begun.
    given_up: Arc<Mutex<bool>>,
    /// The state to read, whatever is committed meanwhile; none when writing.
    meta: Option<Arc<Vec<u8>>>,
}

impl IndexDirectory {
    /// For writing what comes after the state of a manifest.
    pub fn for_writing(inner: Box<dyn Directory>, last: Option<&Manifest>) -> Self {
        let written = last.map(|manifest| manifest.files.clone()).unwrap_or_default();
        let manifest = last.map(|manifest| manifest.name.clone());
        // The engine removes files of this list that no state needs any more. A list of names is always valid JSON.
        let segments: Vec<_> = written.keys().filter(|name| manifest::is_segment(name)).collect();
        let managed = serde_json::to_vec(&segments).unwrap_or_default();
        let files = Files { written, managed, manifest, failure: None };
        IndexDirectory { inner, files: Arc::new(Mutex::new(files)), given_up: Arc::default(), meta: None }
    }

    /// For reading one state.
    pub fn for_reading(inner: Box<dyn Directory>, meta: Vec<u8>) -> Self {
        let (files, given_up) = (Arc::default(), Arc::default());
        IndexDirectory { inner, files, given_up, meta: Some(Arc::new(meta)) }
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        lock(&self.files)
    }

    /// Takes what failed first, and the file that it was about.
    pub fn take_failure(&self) -> Option<(PathBuf, io::Error)> {
        self.files().failure.take()
    }

    /// Ends all writing, also that of threads which go on: the state that is there is the one that stays.
    pub fn give_up(&self) {
        *lock(&self.given_up) = true;
    }

    fn unless_given_up(&self) -> io::Result<MutexGuard<'_, bool>> {
        let given_up = lock(&self.given_up);
        if *given_up { Err(io::Error::other("writing has ended")) } else { Ok(given_up) }
    }

    /// Remembers a failure on its way.
    fn noted<T>(&self, path: &Path, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| self.files().note(path, error))
    }

    /// Writes a manifest, then `meta.json`, each synced before the next; then drops the manifest before.
    fn write_state(&self, meta: &[u8]) -> io::Result<()> {
        let _state = self.unless_given_up()?;
        let manifest = Manifest::of(meta, &self.files().written)?;
        self.inner.atomic_write(Path::new(&manifest.name), &manifest.to_bytes())?;
        self.inner.sync_directory()?;
        self.inner.atomic_write(Path::new(META), meta)?;
        self.inner.sync_directory()?;
        let mut files = self.files();
        let before = files.manifest.replace(manifest.name.clone()).filter(|before| *before != manifest.name);
        // Entries of files that this state does not need stay: a merge may have written them for the next one.
        files.written.extend(manifest.files);
        if let Some(before) = before {
            // A leftover costs space and nothing else.
            let _ = self.inner.delete(Path::new(&before));
        }
        Ok(())
    }
}

impl Directory for IndexDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.inner.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.files().written.remove(&*path.to_string_lossy());
        self.inner.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.inner.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let failed = |e: io::Error| OpenWriteError::wrap_io_error(e, path.into());
        drop(self.unless_given_up().map_err(failed)?);
        let inner = self.inner.open_write(path).inspect_err(|error| {
            if let OpenWriteError::IoError { io_error, .. } = error {
                self.files().note(path, io_error);
            }
        });
        let writer = Hashing {
            inner: inner?,
            hasher: blake3::Hasher::new(),
            bytes: 0,
            name: path.to_string_lossy().into_owned(),
            files: Arc::clone(&self.files),
        };
        Ok(BufWriter::new(Box::new(writer)))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        match (path.to_str(), &self.meta) {
            (Some(META), Some(meta)) => Ok(meta.to_vec()),
            (Some(MANAGED), Some(_)) => Err(OpenReadError::FileDoesNotExist(path.into())),
            (Some(MANAGED), None) => Ok(self.files().managed.clone()),
            _ => self.inner.atomic_read(path),
        }
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        match path.to_str() {
            Some(META) => return self.noted(path, self.write_state(data)),
            Some(MANAGED) => {
                self.files().managed = data.to_vec();
                return Ok(());
            }
            _ => {}
        }
        self.noted(path, self.inner.atomic_write(path, data))?;
        let entry = FileEntry { bytes: data.len() as u64, blake3: manifest::digest(data) };
        self.files().written.insert(path.to_string_lossy().into_owned(), entry);
        Ok(())
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.noted(Path::new(""), self.inner.sync_directory())
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        match self.inner.acquire_lock(lock) {
            // A reader locks so that no file goes while it opens them. Where nothing can be written, none goes.
            Err(LockError::IoError(error)) if lock.filepath == META_LOCK.filepath && is_read_only(&error) => {
                Ok(DirectoryLock::from(Box::new(())))
            }
            locked => locked,
        }
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.inner.watch(callback)
    }
}

fn is_read_only(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
}

/// Hashes a file while it is written.
struct Hashing {
    inner: WritePtr,
    hasher: blake3::Hasher,
    bytes: u64,
    name: String,
    files: Arc<Mutex<Files>>,
}

impl Hashing {
    fn noted<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| lock(&self.files).note(Path::new(&self.name), error))
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes);
        let written = self.noted(written)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.inner.flush();
        self.noted(flushed)
    }
}

impl TerminatingWrite for Hashing {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        self.flush()?;
        let ended = self.inner.terminate_ref(token);
        self.noted(ended)?;
        let entry = FileEntry { bytes: self.bytes, blake3: manifest::short(&self.hasher.finalize()) };
        lock(&self.files).written.insert(self.name.clone(), entry);
        Ok(())
    }
}
