//! An index made anew beside the old one, which answers until the new one takes its place.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use rustix::fs::CWD;
use rustix::fs::RenameFlags;
use rustix::fs::renameat_with;
use tantivy::Directory;
use tantivy::directory::DirectoryLock;
use tantivy::directory::INDEX_WRITER_LOCK;
use tantivy::directory::META_LOCK;
use tantivy::directory::MmapDirectory;

use super::IndexError;
use super::directory::MANAGED;
use super::directory::META;
use super::manifest;
use super::named;
use super::overlay;
use super::sources;

/// An index that is to take the place of another; what there is of it goes if it never does.
pub struct Rebuild {
    dir: PathBuf,
    aside: PathBuf,
    /// Keeps other writers out of the old index.
    _lock: Option<DirectoryLock>,
}

impl Rebuild {
    /// Makes room beside an index, or where one is to be.
    ///
    /// # Errors
    /// If another process writes the index, or the disk refuses.
    pub fn begin(dir: &Path) -> Result<Rebuild, IndexError> {
        let mut name = dir.file_name().unwrap_or(dir.as_os_str()).to_os_string();
        name.push(".new");
        let aside = dir.with_file_name(name);
        let lock = if dir.is_dir() { Some(lock(dir)?) } else { None };
        if aside.exists() {
            // Of a run that was stopped; the lock says that it runs no more.
            fs::remove_dir_all(&aside).map_err(IndexError::io(&aside))?;
        }
        Ok(Rebuild { dir: dir.into(), aside, _lock: lock })
    }

    /// Where to build the new index.
    pub fn aside(&self) -> &Path {
        &self.aside
    }

    /// Puts the new index in the place of the old one, with what else was kept in its directory.
    ///
    /// # Errors
    /// If the disk refuses; the old index is then as it was.
    pub fn finish(self) -> Result<(), IndexError> {
        let Rebuild { dir, aside, .. } = &self;
        if !dir.exists() {
            return fs::rename(aside, dir).map_err(IndexError::io(dir));
        }
        copy_others(dir, aside).map_err(IndexError::io(aside))?;
        exchange(aside, dir).map_err(IndexError::io(dir))
        // The old index is now aside, and goes with `self`.
    }
}

impl Drop for Rebuild {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next rebuild.
        let _ = fs::remove_dir_all(&self.aside);
    }
}

fn lock(dir: &Path) -> Result<DirectoryLock, IndexError> {
    let files = MmapDirectory::open(dir).map_err(|e| IndexError::broken(dir, &e.into()))?;
    files
        .acquire_lock(&INDEX_WRITER_LOCK)
        .map_err(|_| IndexError::Busy { path: dir.into(), holder: super::writer::holder(dir) })
}

/// Swaps two directories in one step, where the system can.
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    if cfg!(target_os = "linux") && renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok() {
        return Ok(());
    }
    let between = new.with_extension("old");
    fs::rename(old, &between)?;
    fs::rename(new, old)?;
    fs::rename(&between, new)
}

/// Tells whether a file of an index directory is part of the index.
fn is_of_index(name: &str) -> bool {
    let locks = [&INDEX_WRITER_LOCK, &META_LOCK].map(|lock| lock.filepath.as_os_str() == name);
    [sources::PREFIX, overlay::PREFIX].iter().any(|prefix| named::is_named(prefix, name))
        || manifest::is_segment(name)
        || manifest::is_manifest(name)
        || [META, MANAGED, manifest::MARKER].contains(&name)
        || locks.contains(&true)
        || name.starts_with(".tmp")
}

/// Copies what is kept beside an index: saved searches, the user's tables.
fn copy_others(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if !is_of_index(&entry.file_name().to_string_lossy()) {
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(|_| ());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
