//! Files beside the engine's whose names tell their contents: the commit names those that go with it, so that all
//! change in one step.

use std::fs;
use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tantivy::Directory;
use tantivy::directory::OwnedBytes;
use tantivy::directory::error::OpenReadError;

use super::IndexError;
use super::manifest;

const SUFFIX: &str = ".bin";

/// How hard zstd tries: paths and hashes shrink to a sixth, and more would take thrice the time.
const LEVEL: i32 = 3;

/// Tells whether a name is that of such a file.
pub(super) fn is_named(prefix: &str, name: &str) -> bool {
    name.starts_with(prefix) && name.ends_with(SUFFIX)
}

/// Maps the file of that name.
pub(super) fn mapped(files: &dyn Directory, dir: &Path, name: &str) -> Result<OwnedBytes, IndexError> {
    let failed = |source| IndexError::Io { path: dir.join(name), source };
    let file = files.open_read(Path::new(name)).map_err(|e| match e {
        OpenReadError::FileDoesNotExist(_) => IndexError::damaged(dir, name, "is missing"),
        OpenReadError::IoError { io_error, .. } => failed(io::Error::new(io_error.kind(), io_error)),
        OpenReadError::IncompatibleIndex(_) => altered(dir, name),
    })?;
    file.read_bytes().map_err(failed)
}

/// Reads a file that was written compressed.
pub(super) fn read_packed<T: DeserializeOwned>(
    dir: &Path,
    prefix: &str,
    name: &str,
) -> Result<T, IndexError> {
    let bytes = read_bytes(dir, prefix, name)?;
    let bytes = zstd::decode_all(&bytes[..]).map_err(|_| altered(dir, name))?;
    postcard::from_bytes(&bytes).map_err(|_| altered(dir, name))
}

pub(super) fn altered(dir: &Path, name: &str) -> IndexError {
    IndexError::damaged(dir, name, "does not hold what was written")
}

/// Reads the file of that name as it was written.
pub(super) fn read_bytes(dir: &Path, prefix: &str, name: &str) -> Result<Vec<u8>, IndexError> {
    let path = dir.join(name);
    let bytes = fs::read(&path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => IndexError::damaged(dir, name, "is missing"),
        _ => IndexError::Io { path: path.clone(), source: e },
    })?;
    if manifest::digest(&bytes) != name.trim_start_matches(prefix).trim_end_matches(SUFFIX) {
        return Err(altered(dir, name));
    }
    Ok(bytes)
}

/// Writes a file; returns its name.
pub(super) fn write<T: Serialize>(
    to: &dyn Directory,
    dir: &Path,
    prefix: &str,
    contents: &T,
) -> Result<String, IndexError> {
    write_bytes(to, dir, prefix, &encoded(dir, contents)?)
}

/// The same, compressed: for what is large and not read by queries.
pub(super) fn write_packed<T: Serialize>(
    to: &dyn Directory,
    dir: &Path,
    prefix: &str,
    contents: &T,
) -> Result<String, IndexError> {
    let bytes = zstd::encode_all(&encoded(dir, contents)?[..], LEVEL).map_err(IndexError::io(dir))?;
    write_bytes(to, dir, prefix, &bytes)
}

fn encoded<T: Serialize>(dir: &Path, contents: &T) -> Result<Vec<u8>, IndexError> {
    postcard::to_stdvec(contents).map_err(|e| IndexError::Damaged { path: dir.into(), reason: e.to_string() })
}

fn write_bytes(to: &dyn Directory, dir: &Path, prefix: &str, bytes: &[u8]) -> Result<String, IndexError> {
    let name = format!("{prefix}{}{SUFFIX}", manifest::digest(bytes));
    to.atomic_write(Path::new(&name), bytes).map_err(IndexError::io(dir.join(&name)))?;
    Ok(name)
}

/// Removes files that no commit names any more; what cannot be removed now is removed another time.
pub(super) fn remove_others(dir: &Path, prefix: &str, current: &str) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_named(prefix, &name) && name != current {
            // A leftover costs space and nothing else.
            let _ = fs::remove_file(entry.path());
        }
    }
}
