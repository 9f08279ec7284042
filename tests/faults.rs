//! What is left when a disk fails or the power does: every operation of a commit is made to fail in turn.
//!
//! `DATELINE_FAULTS=1` prints how many operations were tried.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;

use dateline::article::Article;
use dateline::extract::annotate;
use dateline::index;
use dateline::index::Source;
use dateline::index::Writer;
use dateline::ingest::Format;
use dateline::ingest::Hints;
use dateline::ingest::Ingest;
use dateline::ingest::Origin;
use dateline::schema::Schema;
use tantivy::Directory;
use tantivy::directory::AntiCallToken;
use tantivy::directory::DirectoryLock;
use tantivy::directory::FileHandle;
use tantivy::directory::Lock;
use tantivy::directory::MmapDirectory;
use tantivy::directory::TerminatingWrite;
use tantivy::directory::WatchCallback;
use tantivy::directory::WatchHandle;
use tantivy::directory::WritePtr;
use tantivy::directory::error::DeleteError;
use tantivy::directory::error::LockError;
use tantivy::directory::error::OpenReadError;
use tantivy::directory::error::OpenWriteError;

/// When operations fail.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// The one of that number.
    Once(u64),
    /// That one and all after it: the machine is gone, or the disk is full for good.
    From(u64),
}

/// A change of the directory that a power loss may take back until the directory is synced.
#[derive(Clone, Debug)]
enum Change {
    Put(String, Vec<u8>),
    Remove(String),
}

#[derive(Debug)]
struct Disk {
    fault: Fault,
    kind: io::ErrorKind,
    /// Operations so far.
    operations: u64,
    /// Files that are there after a power loss, whatever happens.
    durable: BTreeMap<String, Vec<u8>>,
    /// Changes that may be there or not.
    pending: Vec<Change>,
}

impl Disk {
    fn operate(&mut self) -> io::Result<()> {
        self.operations += 1;
        let fails = match self.fault {
            Fault::Once(number) => self.operations == number,
            Fault::From(number) => self.operations >= number,
        };
        if fails { Err(io::Error::new(self.kind, "the test says so")) } else { Ok(()) }
    }

    fn settle(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        apply(&mut self.durable, &pending);
    }

    /// What the disk may hold after a power loss: without the changes that were not synced, and with them.
    fn images(&self) -> [BTreeMap<String, Vec<u8>>; 2] {
        let mut all = self.durable.clone();
        apply(&mut all, &self.pending);
        [self.durable.clone(), all]
    }
}

fn apply(files: &mut BTreeMap<String, Vec<u8>>, changes: &[Change]) {
    for change in changes {
        match change {
            Change::Put(name, bytes) => drop(files.insert(name.clone(), bytes.clone())),
            Change::Remove(name) => drop(files.remove(name)),
        }
    }
}

/// A real directory whose operations fail on demand, and that knows what of it would outlast a power loss.
#[derive(Clone, Debug)]
struct FaultDirectory {
    inner: MmapDirectory,
    dir: PathBuf,
    disk: Arc<Mutex<Disk>>,
}

impl FaultDirectory {
    fn open(dir: &Path, fault: Fault, kind: io::ErrorKind) -> FaultDirectory {
        let disk = Disk { fault, kind, operations: 0, durable: files(dir), pending: Vec::new() };
        let inner = MmapDirectory::open(dir).unwrap();
        FaultDirectory { inner, dir: dir.into(), disk: Arc::new(Mutex::new(disk)) }
    }

    fn operate(&self) -> io::Result<()> {
        self.disk.lock().unwrap().operate()
    }
}

impl Directory for FaultDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        self.inner.get_file_handle(path)
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.operate().map_err(|e| DeleteError::IoError { io_error: Arc::new(e), filepath: path.into() })?;
        self.inner.delete(path)?;
        self.disk.lock().unwrap().pending.push(Change::Remove(path.to_string_lossy().into_owned()));
        Ok(())
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.inner.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        self.operate().map_err(|e| OpenWriteError::wrap_io_error(e, path.into()))?;
        let inner = self.inner.open_write(path)?;
        let writer = FaultWriter { inner, path: self.dir.join(path), directory: self.clone() };
        Ok(BufWriter::new(Box::new(writer)))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.inner.atomic_read(path)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        self.operate()?;
        self.inner.atomic_write(path, data)?;
        let put = Change::Put(path.to_string_lossy().into_owned(), data.to_vec());
        self.disk.lock().unwrap().pending.push(put);
        Ok(())
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.operate()?;
        self.disk.lock().unwrap().settle();
        Ok(())
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.inner.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.inner.watch(callback)
    }
}

struct FaultWriter {
    inner: WritePtr,
    path: PathBuf,
    directory: FaultDirectory,
}

impl Write for FaultWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.directory.operate()?;
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl TerminatingWrite for FaultWriter {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        self.directory.operate()?;
        self.inner.flush()?;
        self.inner.terminate_ref(token)?;
        let name = self.path.file_name().unwrap().to_string_lossy().into_owned();
        let put = Change::Put(name, std::fs::read(&self.path)?);
        self.directory.disk.lock().unwrap().pending.push(put);
        Ok(())
    }
}

/// The files of an index directory.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    entries.map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap())).collect()
}

fn write_files(dir: &Path, files: &BTreeMap<String, Vec<u8>>) {
    std::fs::create_dir_all(dir).unwrap();
    for (name, bytes) in files {
        std::fs::write(dir.join(name), bytes).unwrap();
    }
}

fn article(id: &str) -> Article {
    let record = serde_json::json!({
        "id": id, "title": format!("Truce {id}"), "published": "2021-05-04",
        "text": format!("The truce of {id} was brokered by Norway. Both sides said so in {id}."),
    });
    let hints = Hints::default();
    let cleaning = &Schema::embedded().cleaning;
    let reader = Ingest { cleaning, hints: &hints, file_time: false, stop: None };
    let (bytes, mut articles) = (record.to_string(), Vec::new());
    let origin = Origin { path: id, relative: id };
    reader.read(Box::new(bytes.as_bytes()), Some(Format::Json), &origin, &mut |read| {
        articles.push(read.unwrap());
    });
    articles.remove(0)
}

/// Adds articles, each the only one of its file, and removes files; then commits.
fn change(
    directory: Option<&FaultDirectory>,
    dir: &Path,
    add: &[&str],
    remove: &[&str],
) -> Result<(), index::IndexError> {
    let schema = Schema::embedded();
    let mut writer = match directory {
        Some(faulty) => Writer::open_in(Box::new(faulty.clone()), dir, schema, 1)?,
        None => Writer::open(dir, schema, 1)?,
    };
    let fields = writer.fields();
    for id in remove {
        writer.remove(id)?;
    }
    for id in add {
        let article = article(id);
        writer.begin(id, Source::default())?;
        writer.add(id, index::prepare(&article, &annotate(&article, schema), schema, &fields))?;
    }
    writer.commit()?;
    let committed = directory.map(|d| d.disk.lock().unwrap().fault);
    let closed = writer.close();
    // What fails after the commit has said that it is done may not take it back.
    if committed.is_none() { closed } else { Ok(()) }
}

/// The ids of the articles of an index that is whole.
fn held(dir: &Path) -> BTreeSet<String> {
    assert_eq!(index::check(dir).unwrap(), [], "in {}", dir.display());
    let opened = index::open(dir, Schema::embedded()).unwrap();
    let sources = opened.sources().unwrap().files.values();
    let ids: BTreeSet<String> = sources.flat_map(|s| s.ids.iter().cloned()).collect();
    assert_eq!(opened.searcher.num_docs(), ids.len() as u64, "in {}", dir.display());
    ids
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| id.to_string()).collect()
}

/// Runs a second commit with each of its operations failing, and looks at what is left.
fn fail_everywhere(fault: fn(u64) -> Fault, kind: io::ErrorKind) -> u64 {
    let scratch = tempfile::tempdir().unwrap();
    let first = scratch.path().join("first");
    std::fs::create_dir(&first).unwrap();
    change(None, &first, &["a", "b", "c"], &[]).unwrap();
    let (before, after) = (set(&["a", "b", "c"]), set(&["a", "c", "d", "e"]));
    assert_eq!(held(&first), before);
    let start = files(&first);
    for number in 1.. {
        let dir = scratch.path().join(number.to_string());
        write_files(&dir, &start);
        let faulty = FaultDirectory::open(&dir, fault(number), kind);
        let result = change(Some(&faulty), &dir, &["d", "e"], &["b"]);
        let disk = faulty.disk.lock().unwrap();
        // A commit that was said to be done is there; one that was not may be there or not, whole.
        let left = held(&dir);
        let is_one = |ids: &BTreeSet<String>| *ids == after || result.is_err() && *ids == before;
        assert!(is_one(&left), "{:?}: {result:?} left {left:?}", disk.fault);
        for (image, files) in disk.images().iter().enumerate() {
            let lost = scratch.path().join(format!("{number}-lost-{image}"));
            write_files(&lost, files);
            let left = held(&lost);
            assert!(is_one(&left), "{:?} and the power: {result:?} left {left:?}", disk.fault);
            std::fs::remove_dir_all(lost).unwrap();
        }
        let done = disk.operations < number;
        drop(disk);
        // The next run brings the index to where this one was to bring it.
        change(None, &dir, &["d", "e"], &["b"]).unwrap();
        assert_eq!(held(&dir), after);
        std::fs::remove_dir_all(dir).unwrap();
        if done {
            assert!(result.is_ok(), "{result:?}");
            if std::env::var_os("DATELINE_FAULTS").is_some() {
                println!("{} operations, {:?}", number - 1, fault(number));
            }
            return number - 1;
        }
    }
    unreachable!()
}

#[test]
fn a_commit_survives_the_failure_of_any_operation_from_then_on() {
    assert!(fail_everywhere(Fault::From, io::ErrorKind::Other) > 20);
}

#[test]
fn a_commit_survives_the_failure_of_any_one_operation() {
    assert!(fail_everywhere(Fault::Once, io::ErrorKind::StorageFull) > 20);
}
