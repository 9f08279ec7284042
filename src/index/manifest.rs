//! What the index directory must hold, file by file: size and hash, and a hash over the manifest itself.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;

use super::FORMAT;
use super::IndexError;
use super::directory::META;
use super::facet_column::EXTENSION;

/// Says what the directory is, whatever state it is in: the one file whose name and form no version may change.
pub(super) const MARKER: &str = "dateline.json";

const PREFIX: &str = "manifest-";
const SUFFIX: &str = ".json";

/// How often it is looked again when a commit or the end of a merge comes between two looks.
pub(super) const LOOKS: usize = 20;

/// A file that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Name in the index directory.
    pub file: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What every segment has a file of.
const COMPONENTS: [&str; 7] = ["fast", "fieldnorm", "idx", "pos", "store", "term", EXTENSION];

/// The files of one state of an index.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Its own name, which tells the `meta.json` that it goes with.
    pub name: String,
    /// Version of the engine.
    engine: String,
    /// Files by name.
    pub files: BTreeMap<String, FileEntry>,
    /// Hash of the fields above.
    checksum: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FileEntry {
    pub bytes: u64,
    pub blake3: String,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct Marker {
    format: u32,
    /// Hash of the format, so that a damaged one passes for no other version.
    #[serde(default)]
    checksum: String,
    /// Earlier versions told the engine here, and had no such hash.
    #[serde(default, skip_serializing)]
    engine: Option<String>,
}

impl Marker {
    fn of(format: u32) -> Marker {
        let checksum = digest(format!("dateline index format {format}").as_bytes());
        Marker { format, checksum, engine: None }
    }

    /// Tells whether it is that of another version, and no damaged one of ours.
    fn is_foreign(&self) -> bool {
        // Ours is compared byte by byte before: one that only means the same was not written by us.
        let is_signed = *self == Marker::of(self.format) && self.format != FORMAT;
        is_signed || self.engine.is_some() && UNSIGNED.contains(&self.format)
    }
}

/// Versions whose markers had no checksum of the format.
const UNSIGNED: std::ops::Range<u32> = 1..5;

/// Returns the first 16 bytes of the BLAKE3 hash, in hex.
pub(super) fn digest(bytes: &[u8]) -> String {
    short(&blake3::hash(bytes))
}

/// The first 16 bytes of a hash, in hex.
pub(super) fn short(hash: &blake3::Hash) -> String {
    hash.to_hex()[..32].to_string()
}

/// The file that says that a directory is an index, and of which version.
pub(super) fn marker() -> Vec<u8> {
    serde_json::to_vec(&Marker::of(FORMAT)).unwrap_or_default()
}

/// Tells whether a name is that of a manifest.
pub(super) fn is_manifest(name: &str) -> bool {
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

/// Tells whether a name is that of a segment's file: its number and an extension.
pub(super) fn is_segment(name: &str) -> bool {
    let id = name.split('.').next().unwrap_or_default();
    id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()) && name.len() > id.len()
}

impl Manifest {
    /// Lists the files that a `meta.json` needs, out of all that were written.
    pub fn of(meta: &[u8], written: &BTreeMap<String, FileEntry>) -> io::Result<Manifest> {
        let needed = Needed::read(meta)?;
        let mut files: BTreeMap<String, FileEntry> = written
            .iter()
            .filter(|(name, _)| needed.has(name))
            .map(|(n, e)| (n.clone(), e.clone()))
            .collect();
        // A file that a manifest does not name would be taken for a leftover.
        if let Some(missing) = needed.all().find(|name| !files.contains_key(name)) {
            return Err(io::Error::other(format!("{missing} was never written")));
        }
        let known = |bytes: &[u8]| FileEntry { bytes: bytes.len() as u64, blake3: digest(bytes) };
        files.insert(MARKER.into(), known(&marker()));
        files.insert(META.into(), known(meta));
        let name = format!("{PREFIX}{}{SUFFIX}", digest(meta));
        let engine = tantivy::version_string().to_string();
        let mut manifest = Manifest { name, engine, files, checksum: String::new() };
        manifest.checksum = manifest.own_checksum();
        Ok(manifest)
    }

    /// The manifest as it stands on disk.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    fn own_checksum(&self) -> String {
        let bare = Manifest { checksum: String::new(), ..self.clone() };
        digest(&serde_json::to_vec(&bare).unwrap_or_default())
    }

    /// Reads the manifest of an index, with the `meta.json` that it goes with, and checks that both are whole.
    pub fn read(dir: &Path) -> Result<(Manifest, Vec<u8>), IndexError> {
        let damaged = |file: &str, reason: &str| IndexError::damaged(dir, file, reason);
        check_marker(dir)?;
        let mut meta = read_meta(dir)?;
        for _ in 0..LOOKS {
            let name = format!("{PREFIX}{}{SUFFIX}", digest(&meta));
            match fs::read(dir.join(&name)) {
                Ok(bytes) => {
                    let read = serde_json::from_slice(&bytes).ok();
                    let whole = |m: &Manifest| {
                        m.name == name && m.checksum == m.own_checksum() && m.to_bytes() == bytes
                    };
                    let manifest =
                        read.filter(whole).ok_or_else(|| damaged(&name, "does not hold what was written"))?;
                    return Ok((manifest, meta));
                }
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    // Another process may have committed since.
                    let now = read_meta(dir)?;
                    if now == meta {
                        return Err(match other_manifest(dir) {
                            true => damaged(META, "does not hold what was written"),
                            false => damaged(&name, "is missing"),
                        });
                    }
                    meta = now;
                }
                Err(source) => return Err(IndexError::Io { path: dir.join(name), source }),
            }
        }
        Err(IndexError::Busy { path: dir.into(), holder: None })
    }

    /// Bytes of all files together.
    pub fn bytes(&self) -> u64 {
        self.files.values().map(|entry| entry.bytes).sum()
    }

    /// Compares the sizes of the files, or their whole contents, with what was written.
    pub fn damage(&self, dir: &Path, contents: bool) -> Vec<Damage> {
        let check = |(name, entry): (&String, &FileEntry)| {
            let path = dir.join(name);
            let reason = match fs::symlink_metadata(&path) {
                Err(e) if e.kind() == io::ErrorKind::NotFound => "is missing".to_string(),
                Err(e) => format!("cannot be looked at: {e}"),
                Ok(metadata) if !metadata.is_file() => "is no file".to_string(),
                Ok(metadata) if metadata.len() != entry.bytes => {
                    format!("has {} bytes, {} were written", metadata.len(), entry.bytes)
                }
                Ok(_) if contents => match hash_file(&path) {
                    Ok(hash) if hash == entry.blake3 => return None,
                    Ok(_) => "does not hold what was written".to_string(),
                    Err(e) => format!("cannot be read: {e}"),
                },
                Ok(_) => return None,
            };
            Some(Damage { file: name.clone(), reason })
        };
        self.files.iter().filter_map(check).collect()
    }
}

/// The files that a state needs.
struct Needed {
    /// Segments, and the number in the name of each one's list of deletions.
    segments: BTreeMap<String, Option<u64>>,
    /// Files that the commit names.
    named: BTreeSet<String>,
}

/// What of the engine's `meta.json` tells its files.
#[derive(Deserialize)]
struct Meta {
    segments: Vec<Segment>,
    payload: Option<String>,
}

#[derive(Deserialize)]
struct Segment {
    segment_id: String,
    deletes: Option<Deletes>,
}

#[derive(Deserialize)]
struct Deletes {
    opstamp: u64,
}

impl Needed {
    fn read(meta: &[u8]) -> io::Result<Needed> {
        let meta: Meta = serde_json::from_slice(meta)?;
        let id = |segment: &Segment| segment.segment_id.replace('-', "");
        let segments = meta.segments.iter().map(|s| (id(s), s.deletes.as_ref().map(|d| d.opstamp))).collect();
        let payload: Option<super::writer::Payload> =
            meta.payload.as_deref().map(serde_json::from_str).transpose()?;
        let named = payload.map(|p| [p.sources, p.overlay]).into_iter().flatten();
        Ok(Needed { segments, named: named.filter(|name| !name.is_empty()).collect() })
    }

    /// The files that there must be.
    fn all(&self) -> impl Iterator<Item = String> {
        let of_segment = |(id, deletions): (&String, &Option<u64>)| {
            let deletions = deletions.map(|number| format!("{id}.{number}.del"));
            COMPONENTS.map(|component| format!("{id}.{component}")).into_iter().chain(deletions)
        };
        self.named.iter().cloned().chain(self.segments.iter().flat_map(of_segment))
    }

    fn has(&self, name: &str) -> bool {
        let of_segment = || {
            let (id, extension) = name.split_once('.')?;
            let deletions = self.segments.get(id)?;
            match extension.strip_suffix(".del") {
                Some(number) => Some(number.parse().ok() == *deletions && deletions.is_some()),
                None => Some(extension != "store.temp"),
            }
        };
        self.named.contains(name) || of_segment() == Some(true)
    }
}

fn read_meta(dir: &Path) -> Result<Vec<u8>, IndexError> {
    fs::read(dir.join(META)).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound if other_manifest(dir) => IndexError::damaged(dir, META, "is missing"),
        io::ErrorKind::NotFound => IndexError::Missing(dir.into()),
        _ => IndexError::Io { path: dir.join(META), source },
    })
}

/// Tells an index from another directory, and one of this version from others.
fn check_marker(dir: &Path) -> Result<(), IndexError> {
    let bytes = match fs::read(dir.join(MARKER)) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound && !dir.join(META).exists() => {
            return Err(IndexError::Missing(dir.into()));
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(IndexError::damaged(dir, MARKER, "is missing"));
        }
        Err(source) => return Err(IndexError::Io { path: dir.join(MARKER), source }),
    };
    if bytes == marker() {
        return Ok(());
    }
    match serde_json::from_slice::<Marker>(&bytes) {
        Ok(other) if other.is_foreign() => {
            let reason = format!("index format {}, this program writes {FORMAT}", other.format);
            Err(IndexError::Incompatible { path: dir.into(), reason })
        }
        _ => Err(IndexError::damaged(dir, MARKER, "does not hold what was written")),
    }
}

/// Tells whether a directory has a manifest, of whatever state.
fn other_manifest(dir: &Path) -> bool {
    let Ok(entries) = fs::read_dir(dir) else { return false };
    entries.flatten().any(|entry| is_manifest(&entry.file_name().to_string_lossy()))
}

fn hash_file(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(short(&hasher.finalize()))
}
