//! Brings an index up to date with files: reads and annotates in parallel, writes in one fixed order.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crossbeam_channel::Receiver;
use crossbeam_channel::Sender;
use crossbeam_channel::bounded;

use crate::extract;
use crate::index;
use crate::index::IndexError;
use crate::index::IndexFields;
use crate::index::Prepared;
use crate::index::Source;
use crate::index::Writer;
use crate::ingest;
use crate::ingest::Found;
use crate::ingest::Origin;
use crate::ingest::Reader;
use crate::ingest::Skip;
use crate::present::Progress;
use crate::schema::Schema;

/// Articles that a file may hold back before its turn to be written.
const HELD_BACK: usize = 512;

/// Files that may be read ahead of the one being written.
const AHEAD: usize = 256;

/// What to bring up to date, and how.
pub(super) struct Task<'a> {
    pub dir: &'a Path,
    pub roots: &'a [PathBuf],
    pub schema: &'static Schema,
    pub threads: usize,
    pub prune: bool,
    pub file_time: bool,
    pub quiet: bool,
}

/// What was done.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub articles: u64,
    pub added: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub removed: u64,
    pub excluded: BTreeMap<String, u64>,
    pub skipped: Vec<Skip>,
    pub bytes: u64,
    pub seconds: f64,
    pub interrupted: bool,
}

/// Part of a file, ready to be written.
struct Piece {
    file: usize,
    articles: Vec<Prepared>,
    skipped: Vec<Skip>,
    last: bool,
}

/// Lets files be written in their order: a file with much to write waits for its turn.
#[derive(Default)]
struct Turn {
    now: Mutex<usize>,
    changed: Condvar,
}

impl Turn {
    fn wait_for(&self, file: usize, stop: &AtomicBool) {
        let Ok(mut now) = self.now.lock() else { return };
        while *now < file && !stop.load(Ordering::Relaxed) {
            let Ok((guard, _)) = self.changed.wait_timeout(now, std::time::Duration::from_millis(200)) else {
                return;
            };
            now = guard;
        }
    }

    fn set(&self, file: usize) {
        if let Ok(mut now) = self.now.lock() {
            *now = file;
        }
        self.changed.notify_all();
    }
}

/// Reads what is new or changed below the roots into the index, and takes out what has gone.
///
/// # Errors
/// If the index cannot be written; it is then as it was.
pub(super) fn refresh(task: &Task) -> Result<Report, IndexError> {
    let started = Instant::now();
    let mut writer = Writer::open(task.dir, task.schema, task.threads)?;
    let spool = tempfile::Builder::new()
        .prefix("dateline-")
        .tempdir()
        .map_err(|source| IndexError::Io { path: "temporary directory".into(), source })?;
    let mut report = Report::default();
    let (files, gone_roots) = collect(task, spool.path(), &mut report)?;
    let work = sort_out(task, &mut writer, files, &gone_roots, &mut report);
    let stop = Arc::new(AtomicBool::new(false));
    let handler = Arc::clone(&stop);
    // A second handler in one process is refused, which only tests that call twice would see.
    let _ = ctrlc::set_handler(move || handler.store(true, Ordering::Relaxed));
    let total = work.iter().map(|w| w.found.size).sum();
    let progress = Progress::new(total, task.quiet);
    process(task, &mut writer, &work, &stop, &progress, &mut report)?;
    progress.stage("writing");
    report.interrupted = stop.load(Ordering::Relaxed);
    writer.commit()?;
    report.articles = writer.articles();
    writer.close()?;
    progress.finish();
    report.seconds = started.elapsed().as_secs_f64();
    Ok(report)
}

/// A file to read, and whether the index holds an earlier state of it.
struct Work {
    key: String,
    found: Found,
    known: bool,
}

/// Files by key, and the roots that are gone.
type Collected = (Vec<(String, Found)>, Vec<String>);

/// Walks the roots; standard input is spooled to a file first. Returns also the roots that are gone.
fn collect(task: &Task, spool: &Path, report: &mut Report) -> Result<Collected, IndexError> {
    let mut files = Vec::new();
    let mut gone = Vec::new();
    for root in task.roots {
        if root.as_os_str() == "-" {
            files.extend(spool_input(spool)?);
            continue;
        }
        let Ok(canonical) = root.canonicalize() else {
            gone.push(absolute(root));
            report.skipped.push(Skip {
                path: root.to_string_lossy().into_owned(),
                record: None,
                reason: "no such file or directory".into(),
            });
            continue;
        };
        let walked = ingest::walk(std::slice::from_ref(root), Some(task.dir));
        for (reason, count) in walked.excluded {
            *report.excluded.entry(reason.to_string()).or_default() += count;
        }
        report.skipped.extend(walked.skipped);
        let is_file = canonical.is_file();
        files.extend(walked.files.into_iter().map(|found| {
            let key = if is_file { canonical.clone() } else { canonical.join(&found.relative) };
            (key.to_string_lossy().into_owned(), found)
        }));
    }
    let mut seen = BTreeSet::new();
    files.retain(|(key, _)| seen.insert(key.clone()));
    Ok((files, gone))
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).to_string_lossy().into_owned()
}

/// Standard input becomes a file whose key is its contents, so that the same input twice is one.
fn spool_input(spool: &Path) -> Result<Option<(String, Found)>, IndexError> {
    let path = spool.join("standard-input");
    let failed = |source| IndexError::Io { path: "standard input".into(), source };
    let mut file = std::fs::File::create(&path).map_err(failed)?;
    let size = std::io::copy(&mut std::io::stdin().lock(), &mut file).map_err(failed)?;
    if size == 0 {
        return Ok(None);
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(std::fs::File::open(&path).map_err(failed)?).map_err(failed)?;
    let key = format!("-:{}", &hasher.finalize().to_hex()[..32]);
    let found =
        Found { file: path, path: "-".into(), relative: key.clone(), root: "-".into(), size, modified: 0 };
    Ok(Some((key, found)))
}

/// Tells what is new or changed from what is not, and removes what has gone.
fn sort_out(
    task: &Task,
    writer: &mut Writer,
    files: Vec<(String, Found)>,
    gone_roots: &[String],
    report: &mut Report,
) -> Vec<Work> {
    let here: BTreeSet<&str> = files.iter().map(|(key, _)| key.as_str()).collect();
    let roots: Vec<String> = task
        .roots
        .iter()
        .filter_map(|r| r.canonicalize().ok())
        .map(|r| r.to_string_lossy().into_owned())
        .collect();
    let below = |key: &str, root: &String| {
        key == root || key.strip_prefix(root.as_str()).is_some_and(|rest| rest.starts_with('/'))
    };
    let is_gone = |key: &str| {
        !here.contains(key)
            && (roots.iter().any(|r| below(key, r)) || task.prune && gone_roots.iter().any(|r| below(key, r)))
    };
    let gone: Vec<String> = writer.sources().files.keys().filter(|k| is_gone(k)).cloned().collect();
    for key in gone {
        report.removed += writer.remove(&key);
    }
    writer.add_roots(roots);
    let outdated = writer.is_outdated();
    let mut work = Vec::new();
    for (key, found) in files {
        let known = writer.sources().files.get(&key);
        match known {
            Some(source) if !outdated && source.size == found.size && source.modified == found.modified => {
                report.unchanged += source.ids.len() as u64;
                report.skipped.extend(source.skipped.iter().map(|(record, reason)| Skip {
                    path: found.path.clone(),
                    record: *record,
                    reason: reason.clone(),
                }));
                if source.repeated > 0 {
                    *report.excluded.entry("repeated id".into()).or_default() += source.repeated;
                }
            }
            known => work.push(Work { known: known.is_some(), key, found }),
        }
    }
    work
}

/// Reads, annotates and writes the files of the work list.
fn process(
    task: &Task,
    writer: &mut Writer,
    work: &[Work],
    stop: &AtomicBool,
    progress: &Progress,
    report: &mut Report,
) -> Result<(), IndexError> {
    let fields = writer.fields();
    let turn = Turn::default();
    let (jobs, queue) = bounded::<usize>(AHEAD);
    let (pieces, ready) = bounded::<Piece>(64);
    let halt = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..task.threads {
            let (queue, pieces, turn, halt) = (queue.clone(), pieces.clone(), &turn, &halt);
            scope.spawn(move || work_off(task, fields, work, &queue, &pieces, turn, halt));
        }
        drop(pieces);
        drop(queue);
        let result = write_pieces(writer, work, &jobs, &ready, &turn, stop, progress, report);
        halt.store(true, Ordering::Relaxed);
        drop(jobs);
        turn.set(usize::MAX);
        // Workers that wait to hand on a piece go on when nobody takes it.
        drop(ready);
        result
    })
}

/// A worker: reads files of the queue and hands on their articles.
fn work_off(
    task: &Task,
    fields: IndexFields,
    work: &[Work],
    queue: &Receiver<usize>,
    pieces: &Sender<Piece>,
    turn: &Turn,
    halt: &AtomicBool,
) {
    let reader = Reader { cleaning: &task.schema.cleaning, file_time: task.file_time };
    for file in queue {
        let found = &work[file].found;
        let origin = Origin { path: &found.path, relative: &found.relative };
        let mut piece = Piece { file, articles: Vec::new(), skipped: Vec::new(), last: false };
        reader.read_file(&found.file, &origin, &mut |read| {
            match read {
                Ok(article) => {
                    let annotations = extract::annotate(&article, task.schema);
                    piece.articles.push(index::prepare(&article, &annotations, task.schema, &fields));
                }
                Err(skip) => piece.skipped.push(skip),
            }
            if piece.articles.len() >= HELD_BACK && !halt.load(Ordering::Relaxed) {
                turn.wait_for(file, halt);
                let full = std::mem::replace(
                    &mut piece,
                    Piece { file, articles: Vec::new(), skipped: Vec::new(), last: false },
                );
                // Sending fails only when the writer has given up, which it reports itself.
                let _ = pieces.send(full);
            }
        });
        piece.last = true;
        if pieces.send(piece).is_err() {
            return;
        }
    }
}

/// Writes the pieces in the order of the files, keeping those that come early.
#[allow(clippy::too_many_arguments)]
fn write_pieces(
    writer: &mut Writer,
    work: &[Work],
    jobs: &Sender<usize>,
    ready: &Receiver<Piece>,
    turn: &Turn,
    stop: &AtomicBool,
    progress: &Progress,
    report: &mut Report,
) -> Result<(), IndexError> {
    let mut early: BTreeMap<usize, Vec<Piece>> = BTreeMap::new();
    let mut handed_out = 0;
    let mut now = 0;
    let mut begun = false;
    while now < work.len() {
        while handed_out < work.len().min(now + AHEAD)
            && !stop.load(Ordering::Relaxed)
            && jobs.try_send(handed_out).is_ok()
        {
            handed_out += 1;
        }
        if now == handed_out {
            break;
        }
        let waiting = early.get_mut(&now).filter(|p| !p.is_empty()).map(|p| p.remove(0));
        let piece = match waiting {
            Some(piece) => piece,
            None => match ready.recv() {
                Ok(piece) => piece,
                Err(_) => break,
            },
        };
        if piece.file != now {
            early.entry(piece.file).or_default().push(piece);
            continue;
        }
        let item = &work[now];
        if !begun {
            let source = Source {
                path: item.found.path.clone(),
                size: item.found.size,
                modified: item.found.modified,
                ..Source::default()
            };
            writer.begin(&item.key, source);
            begun = true;
        }
        let last = piece.last;
        write_piece(writer, item, piece, report)?;
        if last {
            count_file(writer, item, report);
            progress.advance(item.found.size, report.added + report.updated);
            early.remove(&now);
            now += 1;
            begun = false;
            turn.set(now);
        }
    }
    if begun && now < work.len() {
        // Interrupted in the middle of a file: it is read anew next time.
        writer.remove(&work[now].key);
    }
    Ok(())
}

fn write_piece(
    writer: &mut Writer,
    item: &Work,
    piece: Piece,
    report: &mut Report,
) -> Result<(), IndexError> {
    for article in piece.articles {
        writer.add(&item.key, article)?;
    }
    for skip in piece.skipped {
        writer.skip(&item.key, skip.record, skip.reason.clone());
        report.skipped.push(skip);
    }
    Ok(())
}

fn count_file(writer: &Writer, item: &Work, report: &mut Report) {
    report.bytes += item.found.size;
    let Some(source) = writer.sources().files.get(&item.key) else { return };
    let articles = source.ids.len() as u64;
    if item.known {
        report.updated += articles;
    } else {
        report.added += articles;
    }
    if source.repeated > 0 {
        *report.excluded.entry("repeated id".into()).or_default() += source.repeated;
    }
}
