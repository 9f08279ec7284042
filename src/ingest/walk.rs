//! Finds the files below the roots, in a fixed order, and says what it leaves out.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use ignore::gitignore::Gitignore;
use ignore::gitignore::GitignoreBuilder;
use walkdir::DirEntry;
use walkdir::WalkDir;

use super::Format;
use super::Hints;
use super::SETTINGS_FILE;
use super::Settings;
use super::Skip;

/// Name of the file with patterns of files to leave out, written as git's are.
const IGNORE_FILE: &str = ".datelineignore";

/// Files of patterns that are larger are not read.
const LARGEST_PATTERNS: u64 = 1 << 20;

/// A directory of ours, with its name in reports.
pub type Ours<'a> = (&'static str, &'a Path);

/// A file to read.
#[derive(Clone, Debug)]
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
    /// Nanoseconds since 1970-01-01, those of a sidecar and a number for the settings added.
    pub modified: u64,
    /// What the user knows of it.
    pub hints: Arc<Hints>,
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

/// Walks the roots, passing over directories of ours; a root that is a file is taken as it is. Settings that were
/// typed go before those of the directories.
///
/// # Errors
/// If settings or patterns beside the files cannot be read: the text names the file.
pub fn walk(roots: &[PathBuf], ours: &[Ours], typed: &Settings) -> Result<Walked, String> {
    let mut walked = Walked::default();
    let ours: Vec<(&'static str, PathBuf)> =
        ours.iter().filter_map(|(name, dir)| Some((*name, dir.canonicalize().ok()?))).collect();
    for root in roots {
        walk_root(root, &ours, typed, &mut walked)?;
    }
    Ok(walked)
}

/// What directories say of the files in them.
struct Said {
    /// The directory, its settings over those above, and what they stand for.
    directories: Vec<(PathBuf, Settings, Arc<Hints>)>,
    ignored: Vec<Gitignore>,
}

impl Said {
    fn of_root(root: &Path, typed: &Settings) -> Result<Said, String> {
        let hints = Arc::new(Hints::of(typed)?);
        let mut said =
            Said { directories: vec![(PathBuf::new(), Settings::default(), hints)], ignored: Vec::new() };
        if root.is_file() {
            // The settings beside a file hold for it.
            let beside = root.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            said.enter(beside, Path::new(""), typed)?;
        }
        Ok(said)
    }

    /// Takes in what a directory says.
    fn enter(&mut self, dir: &Path, below: &Path, typed: &Settings) -> Result<(), String> {
        if let Some(own) = Settings::of_directory(dir)? {
            let settings = own.over(&self.settings(below).1);
            let hints = Hints::of(&typed.over(&settings))?;
            self.directories.push((below.to_path_buf(), settings, Arc::new(hints)));
        }
        let patterns = dir.join(IGNORE_FILE);
        if let Some(metadata) = patterns.metadata().ok().filter(Metadata::is_file) {
            if metadata.len() > LARGEST_PATTERNS {
                return Err(format!("{}: larger than 1 MB", patterns.display()));
            }
            let mut builder = GitignoreBuilder::new(dir);
            let told = |e: ignore::Error| format!("{}: {e}", patterns.display());
            builder.add(&patterns).map_or(Ok(()), |e| Err(told(e)))?;
            self.ignored.push(builder.build().map_err(told)?);
        }
        Ok(())
    }

    /// The settings of the nearest directory.
    fn settings(&self, below: &Path) -> &(PathBuf, Settings, Arc<Hints>) {
        let holds = |(dir, ..): &&(PathBuf, Settings, Arc<Hints>)| below.starts_with(dir);
        let nearest = self.directories.iter().filter(holds).max_by_key(|(dir, ..)| dir.components().count());
        nearest.unwrap_or(&self.directories[0])
    }

    /// Tells whether patterns leave a path out; the nearest that speaks of it decides.
    fn leaves_out(&self, path: &Path, is_dir: bool) -> bool {
        let holding = self.ignored.iter().filter(|i| path.starts_with(i.path()));
        let mut nearest: Vec<&Gitignore> = holding.collect();
        nearest.sort_by_key(|i| std::cmp::Reverse(i.path().components().count()));
        let spoken = nearest.iter().map(|i| i.matched(path, is_dir)).find(|m| !m.is_none());
        spoken.is_some_and(|m| m.is_ignore())
    }
}

fn walk_root(
    root: &Path,
    ours: &[(&'static str, PathBuf)],
    typed: &Settings,
    walked: &mut Walked,
) -> Result<(), String> {
    let mut said = Said::of_root(root, typed)?;
    let first = walked.files.len();
    let mut sidecars: BTreeMap<PathBuf, u64> = BTreeMap::new();
    let mut walker = WalkDir::new(root).follow_root_links(true).sort_by_file_name().into_iter();
    while let Some(entry) = walker.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = shown(error.path().unwrap_or(root));
                let reason = error.io_error().map_or_else(|| "a loop of links".into(), super::describe);
                walked.skipped.push(Skip::fault(&path, None, reason));
                continue;
            }
        };
        let is_dir = entry.file_type().is_dir();
        let below = entry.path().strip_prefix(root).unwrap_or(Path::new(""));
        let ignored = || entry.depth() > 0 && said.leaves_out(entry.path(), is_dir);
        if let Some(reason) = hidden_or_ours(&entry, ours).or_else(|| ignored().then_some("ignored")) {
            if is_dir {
                walker.skip_current_dir();
            }
            // Our own files are no loss to anybody.
            if entry.file_name() != IGNORE_FILE {
                *walked.excluded.entry(reason).or_default() += 1;
            }
            continue;
        }
        if is_dir {
            said.enter(entry.path(), below, typed)?;
            continue;
        }
        match consider(&entry, root, said.settings(below.parent().unwrap_or(Path::new("")))) {
            Err(Refused::Sidecar(of, changed)) => {
                *walked.excluded.entry("sidecar").or_default() += 1;
                sidecars.insert(of, changed);
            }
            Ok(found) => walked.files.push(found),
            Err(Refused::Ours) => {}
            Err(Refused::Rule(reason)) => *walked.excluded.entry(reason).or_default() += 1,
            Err(Refused::Fault(skip)) => walked.skipped.push(skip),
        }
    }
    // A sidecar that comes, goes or changes makes its article a changed one; so do settings.
    let typed = typed.stamp();
    for found in &mut walked.files[first..] {
        found.modified =
            found.modified.wrapping_add(sidecars.get(&found.file).copied().unwrap_or(0)).wrapping_add(typed);
    }
    Ok(())
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

/// A path as text. Bytes that are no UTF-8 are shown as `\xff`, so that no two files have one name.
pub fn shown(path: &Path) -> String {
    let bytes = path.as_os_str().as_encoded_bytes();
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

enum Refused {
    Rule(&'static str),
    /// The file with settings.
    Ours,
    /// Which file it stands beside, and when it was changed.
    Sidecar(PathBuf, u64),
    Fault(Skip),
}

fn consider(
    entry: &DirEntry,
    root: &Path,
    (_, settings, hints): &(PathBuf, Settings, Arc<Hints>),
) -> Result<Found, Refused> {
    let path = shown(entry.path());
    let name = entry.file_name().to_string_lossy();
    let named = entry.depth() == 0;
    if entry.file_type().is_symlink() {
        return Err(Refused::Rule("symlink"));
    }
    let fault = |reason: String| Refused::Fault(Skip::fault(&path, None, reason));
    let metadata = entry.metadata().map_err(|e| fault(e.to_string()))?;
    if !metadata.is_file() {
        return Err(Refused::Rule("special"));
    }
    if name == SETTINGS_FILE {
        return Err(Refused::Ours);
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
    let relative = relative.map_or_else(|| shown(Path::new(entry.file_name())), shown);
    Ok(Found {
        file: entry.path().to_path_buf(),
        path,
        relative,
        root: root.to_path_buf(),
        size: metadata.len(),
        modified: changed(&metadata).wrapping_add(settings.stamp()),
        hints: Arc::clone(hints),
    })
}
