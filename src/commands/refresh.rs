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

use crate::article::Article;
use crate::extract;
use crate::index;
use crate::index::IndexError;
use crate::index::IndexFields;
use crate::index::Prepared;
use crate::index::Source;
use crate::index::StoredArticles;
use crate::index::Writer;
use crate::ingest;
use crate::ingest::Found;
use crate::ingest::Hints;
use crate::ingest::Ingest;
use crate::ingest::Origin;
use crate::ingest::Settings;
use crate::ingest::Skip;
use crate::present::Progress;
use crate::schema::Schema;

/// Articles, and what was skipped, that a file may hold back before its turn to be written.
const HELD_BACK: usize = 512;

/// Bytes of text that a file may hold back before its turn to be written.
const BYTES_HELD_BACK: usize = 4 << 20;

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
    /// What the user knows of the files.
    pub settings: &'a Settings,
    pub quiet: bool,
    /// Set when the user interrupts.
    pub stop: &'a AtomicBool,
}

/// What was done.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub articles: u64,
    pub added: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Articles of unchanged files that were annotated anew because the tables changed.
    pub reannotated: u64,
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
    /// Bytes of their text.
    bytes: usize,
    skipped: Vec<Skip>,
    last: bool,
    /// Why the index could not give its articles.
    failed: Option<IndexError>,
}

impl Piece {
    fn of(file: usize) -> Piece {
        Piece { file, articles: Vec::new(), bytes: 0, skipped: Vec::new(), last: false, failed: None }
    }
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
/// If the index cannot be written, or what the user says of the files cannot be read; it is then as it was.
pub(super) fn refresh(task: &Task) -> anyhow::Result<Report> {
    let started = Instant::now();
    let mut writer = Writer::open(task.dir, task.schema, task.threads)?;
    let spool = tempfile::Builder::new()
        .prefix("dateline-")
        .tempdir()
        .map_err(|source| IndexError::of_disk(std::env::temp_dir(), source))?;
    let mut report = Report::default();
    let (files, gone_roots) = collect(task, spool.path(), &mut report)?;
    let work = match sort_out(task, &mut writer, files, &gone_roots, &mut report) {
        Ok(work) => work,
        Err(error) => return Err(writer.abandon(error).into()),
    };
    let total = work.iter().map(|w| w.size).sum();
    let progress = Progress::new(total, task.quiet);
    let processed = process(task, &mut writer, &work, &progress, &mut report);
    progress.stage("writing");
    report.interrupted = task.stop.load(Ordering::Relaxed);
    if let Err(error) = processed.and_then(|()| writer.commit()) {
        return Err(writer.abandon(error).into());
    }
    report.articles = writer.articles();
    writer.close()?;
    progress.finish();
    report.seconds = started.elapsed().as_secs_f64();
    Ok(report)
}

/// A file whose articles are to be written.
struct Work {
    key: String,
    size: u64,
    from: From,
}

/// Where the articles of a file come from.
enum From {
    /// The file; and whether the index holds an earlier state of it.
    File { found: Found, known: bool },
    /// The index, by their ids: the file is as it was, but the tables are not.
    Index(Vec<String>),
}

/// Files by key, and the roots that are gone.
pub(super) type Collected = (Vec<(String, Found)>, Vec<String>);

/// Walks the roots; standard input is spooled to a file first. Returns also the roots that are gone.
pub(super) fn collect(task: &Task, spool: &Path, report: &mut Report) -> anyhow::Result<Collected> {
    let mut files = Vec::new();
    let mut gone = Vec::new();
    let tables = task.schema.changes.as_ref().map(|c| ("tables", Path::new(&c.dir)));
    let ours: Vec<(&'static str, &Path)> = tables.into_iter().chain([("index", task.dir)]).collect();
    for root in task.roots {
        if root.as_os_str() == "-" {
            files.extend(spool_input(spool, task.settings)?);
            continue;
        }
        let Ok(canonical) = root.canonicalize() else {
            gone.push(absolute(root));
            report.skipped.push(Skip::fault(&ingest::shown(root), None, "no such file or directory"));
            continue;
        };
        let walked =
            ingest::walk(std::slice::from_ref(root), &ours, task.settings).map_err(anyhow::Error::msg)?;
        for (reason, count) in walked.excluded {
            *report.excluded.entry(reason.to_string()).or_default() += count;
        }
        report.skipped.extend(walked.skipped);
        let is_file = canonical.is_file();
        files.extend(walked.files.into_iter().map(|found| {
            let key = if is_file { canonical.clone() } else { canonical.join(&found.relative) };
            (ingest::shown(&key), found)
        }));
    }
    let mut seen = BTreeSet::new();
    files.retain(|(key, _)| seen.insert(key.clone()));
    Ok((files, gone))
}

fn absolute(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    ingest::shown(&path)
}

/// Standard input becomes a file whose key is its contents, so that the same input twice is one.
fn spool_input(spool: &Path, settings: &Settings) -> anyhow::Result<Option<(String, Found)>> {
    let path = spool.join("standard-input");
    let failed = |source| IndexError::Io { path: "standard input".into(), source };
    let full = |source| IndexError::of_disk(&path, source);
    let mut file = std::fs::File::create(&path).map_err(full)?;
    let size = std::io::copy(&mut std::io::stdin().lock(), &mut file).map_err(full)?;
    if size == 0 {
        return Ok(None);
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(std::fs::File::open(&path).map_err(failed)?).map_err(failed)?;
    let key = format!("-:{}", &hasher.finalize().to_hex()[..32]);
    let found = Found {
        file: path,
        path: "-".into(),
        relative: key.clone(),
        root: "-".into(),
        size,
        modified: 0,
        hints: Arc::new(Hints::of(settings).map_err(anyhow::Error::msg)?),
    };
    Ok(Some((key, found)))
}

/// Tells what is new or changed from what is not, and removes what has gone.
fn sort_out(
    task: &Task,
    writer: &mut Writer,
    files: Vec<(String, Found)>,
    gone_roots: &[String],
    report: &mut Report,
) -> Result<Vec<Work>, IndexError> {
    let here: BTreeSet<&str> = files.iter().map(|(key, _)| key.as_str()).collect();
    let roots: Vec<String> =
        task.roots.iter().filter_map(|r| r.canonicalize().ok()).map(|r| ingest::shown(&r)).collect();
    let below = |key: &str, roots: &[String]| roots.iter().any(|root| index::is_below(key, root));
    let is_gone =
        |key: &str| !here.contains(key) && (below(key, &roots) || task.prune && below(key, gone_roots));
    let gone: Vec<String> = writer.sources().files.keys().filter(|k| is_gone(k)).cloned().collect();
    for key in gone {
        report.removed += writer.remove(&key)?;
    }
    writer.add_roots(roots);
    let mut work = Vec::new();
    for (key, found) in files {
        let known = writer.sources().files.get(&key);
        let same = known.filter(|s| s.size == found.size && s.modified == found.modified);
        match same.filter(|s| !writer.was_read_otherwise(s)) {
            Some(source) => keep(writer, &key, source, &found.path, &mut work, report),
            None => {
                work.push(Work { size: found.size, from: From::File { found, known: known.is_some() }, key })
            }
        }
    }
    add_outdated(writer, &mut work);
    Ok(work)
}

/// A file that is as it was: its articles stay, or are annotated anew if the tables are others.
fn keep(writer: &Writer, key: &str, source: &Source, path: &str, work: &mut Vec<Work>, report: &mut Report) {
    if writer.is_outdated(source) {
        work.push(Work { key: key.into(), size: source.size, from: From::Index(source.ids.clone()) });
    } else {
        report.unchanged += source.ids.len() as u64;
    }
    report
        .skipped
        .extend(source.skipped.iter().map(|(record, reason)| Skip::fault(path, *record, reason.as_str())));
    count_left_out(source, report);
}

/// What of a file was left out.
fn count_left_out(source: &Source, report: &mut Report) {
    for (reason, count) in &source.left_out {
        *report.excluded.entry(reason.clone()).or_default() += count;
    }
    if source.repeated > 0 {
        *report.excluded.entry("repeated id".into()).or_default() += source.repeated;
    }
}

/// What lies below other roots is annotated anew too, so that one index has one set of tables.
fn add_outdated(writer: &Writer, work: &mut Vec<Work>) {
    let here: BTreeSet<String> = work.iter().map(|w| w.key.clone()).collect();
    let elsewhere =
        writer.sources().files.iter().filter(|(key, s)| writer.is_outdated(s) && !here.contains(*key));
    work.extend(elsewhere.map(|(key, s)| Work {
        key: key.clone(),
        size: s.size,
        from: From::Index(s.ids.clone()),
    }));
}

/// Reads, annotates and writes the files of the work list.
fn process(
    task: &Task,
    writer: &mut Writer,
    work: &[Work],
    progress: &Progress,
    report: &mut Report,
) -> Result<(), IndexError> {
    let fields = writer.fields();
    let asks_index = work.iter().any(|w| matches!(w.from, From::Index(_)));
    let stored = if asks_index { Some(writer.stored()?) } else { None };
    let turn = Turn::default();
    let (jobs, queue) = bounded::<usize>(AHEAD);
    let (pieces, ready) = bounded::<Piece>(64);
    let halt = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..task.threads {
            let (queue, pieces, turn, halt) = (queue.clone(), pieces.clone(), &turn, &halt);
            let worker = Worker { task, fields, stored: stored.as_ref() };
            scope.spawn(move || worker.work_off(work, &queue, &pieces, turn, halt));
        }
        drop(pieces);
        drop(queue);
        let result = write_pieces(writer, work, &jobs, &ready, &turn, task.stop, progress, report);
        halt.store(true, Ordering::Relaxed);
        drop(jobs);
        turn.set(usize::MAX);
        // Workers that wait to hand on a piece go on when nobody takes it.
        drop(ready);
        result
    })
}

/// Turns files into documents.
struct Worker<'a> {
    task: &'a Task<'a>,
    fields: IndexFields,
    /// Open if a file is to be had from the index.
    stored: Option<&'a StoredArticles>,
}

impl Worker<'_> {
    /// Takes files of the queue and hands on their articles.
    fn work_off(
        &self,
        work: &[Work],
        queue: &Receiver<usize>,
        pieces: &Sender<Piece>,
        turn: &Turn,
        halt: &AtomicBool,
    ) {
        for file in queue {
            let mut piece = Piece::of(file);
            let mut push = |read: Result<Article, Skip>| {
                match read {
                    Ok(article) => {
                        piece.bytes += article.text.len();
                        piece.articles.push(self.prepare(&article));
                    }
                    Err(skip) => piece.skipped.push(skip),
                }
                let number = piece.articles.len() + piece.skipped.len();
                let full = number >= HELD_BACK || piece.bytes >= BYTES_HELD_BACK;
                if full && !halt.load(Ordering::Relaxed) {
                    turn.wait_for(file, halt);
                    let full = std::mem::replace(&mut piece, Piece::of(file));
                    // Sending fails only when the writer has given up, which it reports itself.
                    let _ = pieces.send(full);
                }
            };
            piece.failed = self.read(&work[file], &mut push).err();
            piece.last = true;
            if pieces.send(piece).is_err() {
                return;
            }
        }
    }

    /// Hands on the articles of a file.
    fn read(&self, work: &Work, push: &mut dyn FnMut(Result<Article, Skip>)) -> Result<(), IndexError> {
        match &work.from {
            From::File { found, .. } => {
                let ingest = Ingest {
                    cleaning: &self.task.schema.cleaning,
                    hints: &found.hints,
                    file_time: self.task.file_time,
                    stop: Some(self.task.stop),
                };
                let origin = Origin { path: &found.path, relative: &found.relative };
                ingest.read_file(&found.file, &origin, push);
                Ok(())
            }
            From::Index(ids) => {
                self.stored.map_or(Ok(()), |stored| stored.each(ids, &mut |article| push(Ok(article))))
            }
        }
    }

    fn prepare(&self, article: &Article) -> Prepared {
        let annotations = extract::annotate(article, self.task.schema);
        index::prepare(article, &annotations, self.task.schema, &self.fields)
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
        while handed_out < work.len().min(now + AHEAD) && jobs.try_send(handed_out).is_ok() {
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
        // A reader that is stopped ends in the middle of its file, as if that were damaged.
        if stop.load(Ordering::Relaxed) {
            break;
        }
        if piece.file != now {
            early.entry(piece.file).or_default().push(piece);
            continue;
        }
        let item = &work[now];
        if !begun {
            begin(writer, item)?;
            begun = true;
        }
        let last = piece.last;
        write_piece(writer, item, piece, report)?;
        if last {
            count_file(writer, item, report);
            progress.advance(item.size, report.added + report.updated + report.reannotated);
            early.remove(&now);
            now += 1;
            begun = false;
            turn.set(now);
        }
    }
    if begun && now < work.len() {
        // Interrupted in the middle of a file: it is read anew next time.
        writer.remove(&work[now].key)?;
    }
    Ok(())
}

fn begin(writer: &mut Writer, item: &Work) -> Result<(), IndexError> {
    match &item.from {
        From::File { found, .. } => {
            let (path, size, modified) = (found.path.clone(), found.size, found.modified);
            writer.begin(&item.key, Source { path, size, modified, ..Source::default() })
        }
        From::Index(_) => writer.begin_again(&item.key),
    }
}

fn write_piece(
    writer: &mut Writer,
    item: &Work,
    piece: Piece,
    report: &mut Report,
) -> Result<(), IndexError> {
    if let Some(error) = piece.failed {
        return Err(error);
    }
    for article in piece.articles {
        match item.from {
            From::File { .. } => writer.add(&item.key, article)?,
            From::Index(_) => writer.add_again(article)?,
        }
    }
    for skip in piece.skipped {
        if skip.by_rule {
            writer.leave_out(&item.key, skip.reason);
            continue;
        }
        writer.skip(&item.key, skip.record, skip.reason.clone());
        report.skipped.push(skip);
    }
    Ok(())
}

fn count_file(writer: &Writer, item: &Work, report: &mut Report) {
    let Some(source) = writer.sources().files.get(&item.key) else { return };
    let articles = source.ids.len() as u64;
    let From::File { known, .. } = item.from else {
        report.reannotated += articles;
        return;
    };
    report.bytes += item.size;
    if known {
        report.updated += articles;
    } else {
        report.added += articles;
    }
    count_left_out(source, report);
}
