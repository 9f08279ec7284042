//! Files beside the engine's whose names tell their contents: the commit names those that go with it, so that all
//! change in one step.

use std::fs;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::IndexError;
use super::manifest;

const SUFFIX: &str = ".bin";

/// Reads the file of that name.
pub(super) fn read<T: DeserializeOwned>(dir: &Path, prefix: &str, name: &str) -> Result<T, IndexError> {
    let path = dir.join(name);
    let bytes = fs::read(&path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            IndexError::Damaged { path: dir.into(), reason: format!("{name} is missing") }
        }
        _ => IndexError::Io { path: path.clone(), source: e },
    })?;
    let damaged =
        || IndexError::Damaged { path: dir.into(), reason: format!("{name} does not hold what was written") };
    if manifest::digest(&bytes) != name.trim_start_matches(prefix).trim_end_matches(SUFFIX) {
        return Err(damaged());
    }
    postcard::from_bytes(&bytes).map_err(|_| damaged())
}

/// Writes a file; returns its name.
pub(super) fn write<T: Serialize>(dir: &Path, prefix: &str, contents: &T) -> Result<String, IndexError> {
    let bytes = postcard::to_stdvec(contents)
        .map_err(|e| IndexError::Damaged { path: dir.into(), reason: e.to_string() })?;
    let name = format!("{prefix}{}{SUFFIX}", manifest::digest(&bytes));
    manifest::write_durably(&dir.join(&name), &bytes)?;
    Ok(name)
}

/// Removes files that no commit names any more; what cannot be removed now is removed another time.
pub(super) fn remove_others(dir: &Path, prefix: &str, current: &str) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(prefix) && name.ends_with(SUFFIX) && name != current {
            // A leftover costs space and nothing else.
            let _ = fs::remove_file(entry.path());
        }
    }
}
