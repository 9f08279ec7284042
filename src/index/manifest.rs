//! What the index directory must hold, file by file: size and hash, and a hash over the manifest itself.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;

use super::FORMAT;
use super::IndexError;

/// Name of the manifest in the index directory.
pub(super) const NAME: &str = "dateline.json";

/// A file that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Name in the index directory.
    pub file: String,
    /// What is wrong with it.
    pub reason: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Version of the layout.
    pub format: u32,
    /// Version of the engine.
    pub engine: String,
    /// Hash of the schema that the articles were annotated with.
    pub schema: String,
    /// Files by name.
    pub files: BTreeMap<String, FileEntry>,
    /// Hash of the fields above.
    #[serde(default)]
    pub checksum: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FileEntry {
    pub bytes: u64,
    pub blake3: String,
}

/// Returns the first 16 bytes of the BLAKE3 hash, in hex.
pub(super) fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..32].to_string()
}

/// Writes a file so that it is there, whole, after a power loss: aside, synced, renamed, directory synced.
pub(super) fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), IndexError> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let mut aside = tempfile::Builder::new().prefix(".tmp").tempfile_in(dir)?;
        aside.write_all(bytes)?;
        aside.as_file().sync_all()?;
        aside.persist(path).map_err(|e| e.error)?;
        sync_directory(dir)
    };
    write().map_err(IndexError::io(path))
}

/// Makes renames in a directory last.
pub(super) fn sync_directory(dir: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

impl Manifest {
    /// Lists the live files of a directory, taking the hashes of files that have not changed from the last manifest.
    pub fn of(
        dir: &Path,
        live: impl IntoIterator<Item = String>,
        schema: &str,
        last: Option<&Manifest>,
    ) -> Result<Manifest, IndexError> {
        let mut files = BTreeMap::new();
        for name in live {
            let path = dir.join(&name);
            let bytes = fs::metadata(&path).map_err(IndexError::io(&path))?.len();
            // The engine never writes a segment file twice; meta.json it does.
            let known =
                last.and_then(|m| m.files.get(&name)).filter(|f| f.bytes == bytes && name != "meta.json");
            let entry = match known {
                Some(entry) => entry.clone(),
                None => FileEntry { bytes, blake3: hash_file(&path).map_err(IndexError::io(&path))? },
            };
            files.insert(name, entry);
        }
        let mut manifest = Manifest {
            format: FORMAT,
            engine: tantivy::version_string().to_string(),
            schema: schema.into(),
            files,
            checksum: String::new(),
        };
        manifest.checksum = manifest.own_checksum();
        Ok(manifest)
    }

    fn own_checksum(&self) -> String {
        let bare = Manifest { checksum: String::new(), ..self.clone() };
        digest(&serde_json::to_vec(&bare).unwrap_or_default())
    }

    pub fn write(&self, dir: &Path) -> Result<(), IndexError> {
        let bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        write_durably(&dir.join(NAME), &bytes)
    }

    /// Reads the manifest of an index and checks that it is whole and of our version.
    pub fn read(dir: &Path) -> Result<Manifest, IndexError> {
        let path = dir.join(NAME);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && !dir.join("meta.json").exists() => {
                return Err(IndexError::Missing(dir.into()));
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(IndexError::Damaged { path: dir.into(), reason: format!("{NAME} is missing") });
            }
            Err(source) => return Err(IndexError::Io { path, source }),
        };
        let damaged = |what: &str| IndexError::Damaged { path: dir.into(), reason: format!("{NAME} {what}") };
        let value: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|_| damaged("cannot be read"))?;
        match value.get("format").and_then(serde_json::Value::as_u64) {
            Some(format) if format != u64::from(FORMAT) => {
                let reason = format!("index format {format}, this program writes {FORMAT}");
                return Err(IndexError::Incompatible { path: dir.into(), reason });
            }
            Some(_) => {}
            None => return Err(damaged("has no format")),
        }
        let manifest: Manifest = serde_json::from_value(value).map_err(|_| damaged("cannot be read"))?;
        if manifest.checksum != manifest.own_checksum() {
            return Err(damaged("does not hold what was written"));
        }
        Ok(manifest)
    }

    /// Compares the sizes of the files, or their whole contents, with what was written.
    pub fn damage(&self, dir: &Path, contents: bool) -> Vec<Damage> {
        let check = |(name, entry): (&String, &FileEntry)| {
            let path = dir.join(name);
            let reason = match fs::symlink_metadata(&path) {
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => "is missing".to_string(),
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

fn hash_file(path: &Path) -> std::io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize().to_hex()[..32].to_string())
}
