//! Finds the files below the roots, in a fixed order, and says what it leaves out.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use walkdir::DirEntry;
use walkdir::WalkDir;

use super::Format;
use super::Skip;

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub file: PathBuf,
    /// Its path as shown to people.
    pub path: String,
    /// Its path below the root it was found under.
    pub relative: String,
    /// The root.
    pub root: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Nanoseconds since 1970-01-01, those of a sidecar added.
    pub modified: u64,
}

/// What a walk found.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    /// Files to read, in order of root and path.
    pub files: Vec<Found>,
    /// What a rule leaves out, counted by reason.
    pub excluded: BTreeMap<&'static str, u64>,
    /// What could not be looked at.
    pub skipped: Vec<Skip>,
}

/// Walks the roots, passing over directories of ours, each with its name; a root that is a file is taken as it is.
pub fn walk(roots: &[PathBuf], ours: &[(&'static str, &Path)]) -> Walked {
    let mut walked = Walked::default();
    let ours: Vec<(&'static str, PathBuf)> =
        ours.iter().filter_map(|(name, dir)| Some((*name, dir.canonicalize().ok()?))).collect();
    for root in roots {
        walk_root(root, &ours, &mut walked);
    }
    walked
}

fn walk_root(root: &Path, ours: &[(&'static str, PathBuf)], walked: &mut Walked) {
    let mut excluded: BTreeMap<&'static str, u64> = BTreeMap::new();
    let walker =
        WalkDir::new(root).follow_root_links(true).sort_by_file_name().into_iter().filter_entry(|entry| {
            let reason = hidden_or_ours(entry, ours);
            if let Some(reason) = reason {
                *excluded.entry(reason).or_default() += 1;
            }
            reason.is_none()
        });
    let first = walked.files.len();
    let mut sidecars: BTreeMap<PathBuf, u64> = BTreeMap::new();
    for entry in walker {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => match consider(&entry, root) {
                Err(Refused::Sidecar(of, changed)) => {
                    *walked.excluded.entry("sidecar").or_default() += 1;
                    sidecars.insert(of, changed);
                }
                Ok(found) => walked.files.push(found),
                Err(Refused::Rule(reason)) => *walked.excluded.entry(reason).or_default() += 1,
                Err(Refused::Fault(skip)) => walked.skipped.push(skip),
            },
            Err(error) => {
                let path = error.path().unwrap_or(root).to_string_lossy().into_owned();
                let reason = error.io_error().map_or_else(|| "a loop of links".into(), super::describe);
                walked.skipped.push(Skip { path, record: None, reason });
            }
        }
    }
    // A sidecar that comes, goes or changes makes its article a changed one.
    for found in &mut walked.files[first..] {
        found.modified = found.modified.wrapping_add(sidecars.get(&found.file).copied().unwrap_or(0));
    }
    for (reason, count) in excluded {
        *walked.excluded.entry(reason).or_default() += count;
    }
}

fn hidden_or_ours(entry: &DirEntry, ours: &[(&'static str, PathBuf)]) -> Option<&'static str> {
    if entry.depth() == 0 {
        return None;
    }
    if entry.file_name().to_string_lossy().starts_with('.') {
        return Some("hidden");
    }
    let is_dir = entry.file_type().is_dir() && !ours.is_empty();
    let path = if is_dir { entry.path().canonicalize().ok() } else { None };
    path.and_then(|p| ours.iter().find(|(_, dir)| *dir == p)).map(|(name, _)| *name)
}

/// Nanoseconds since 1970-01-01.
fn changed(metadata: &std::fs::Metadata) -> u64 {
    metadata
        .modified()
        .ok()
        .and_then(|t| t.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |d| d.as_nanos() as u64)
}

enum Refused {
    Rule(&'static str),
    /// Which file it stands beside, and when it was changed.
    Sidecar(PathBuf, u64),
    Fault(Skip),
}

fn consider(entry: &DirEntry, root: &Path) -> Result<Found, Refused> {
    let path = entry.path().to_string_lossy().into_owned();
    let name = entry.file_name().to_string_lossy();
    let named = entry.depth() == 0;
    if entry.file_type().is_symlink() {
        return Err(Refused::Rule("symlink"));
    }
    let fault = |reason: String| Refused::Fault(Skip { path: path.clone(), record: None, reason });
    let metadata = entry.metadata().map_err(|e| fault(e.to_string()))?;
    if !metadata.is_file() {
        return Err(Refused::Rule("special"));
    }
    if let Some(of) = name.strip_suffix(".meta.json").filter(|_| !named) {
        return Err(Refused::Sidecar(entry.path().with_file_name(of), changed(&metadata)));
    }
    if Format::of_name(&name).is_none() && !named && name.contains('.') {
        return Err(Refused::Rule("type"));
    }
    if metadata.len() == 0 {
        return Err(Refused::Rule("empty"));
    }
    let relative = entry.path().strip_prefix(root).ok().filter(|p| !p.as_os_str().is_empty());
    let relative = relative.map_or_else(|| name.into_owned(), |p| p.to_string_lossy().into_owned());
    let modified = metadata
        .modified()
        .ok()
        .and_then(|t| t.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |d| d.as_nanos() as u64);
    Ok(Found {
        file: entry.path().to_path_buf(),
        path,
        relative,
        root: root.to_path_buf(),
        size: metadata.len(),
        modified,
    })
}
