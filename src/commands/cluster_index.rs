//! `dateline index --backend opensearch`: reads and annotates files here, and sends them to a cluster.
//!
//! Each worker reads files, sends what it has made of them, and only when the cluster has acknowledged every article of a
//! file is the file noted as done. So a run that was stopped goes on where it was, and several may run at once.

use std::collections::BTreeMap;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::Context;
use super::Outcome;
use super::index::tell;
use super::index::to_json;
use super::refresh::Report;
use super::refresh::Task;
use super::refresh::collect;
use crate::article::Article;
use crate::cli::IndexArgs;
use crate::cli::LayoutArgs;
use crate::cluster;
use crate::cluster::Bulk;
use crate::cluster::Cluster;
use crate::cluster::FileState;
use crate::cluster::Layout;
use crate::cluster::Sent;
use crate::extract;
use crate::index::IndexError;
use crate::ingest;
use crate::ingest::Found;
use crate::ingest::Ingest;
use crate::ingest::Origin;
use crate::ingest::Settings;
use crate::ingest::Skip;
use crate::present::Progress;
use crate::query::QueryError;
use crate::schema::Schema;

/// Refuses flags that say something of a cluster alone.
pub(super) fn expect_none(layout: &LayoutArgs) -> Result<(), QueryError> {
    let given = [
        ("--shards", layout.shards.is_some()),
        ("--replicas", layout.replicas.is_some()),
        ("--by-month", layout.by_month),
        ("--part", layout.part.is_some()),
        ("--tree", layout.tree.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(QueryError::Usage(format!("{flag} needs --backend opensearch"))),
        None => Ok(()),
    }
}

pub(super) fn run(
    args: &IndexArgs,
    settings: &cluster::Settings,
    known: &Settings,
    context: &mut Context,
) -> anyhow::Result<Outcome> {
    let not_here =
        [("index --rebuild", args.rebuild), ("index --watch", args.watch), ("index --dry-run", args.dry_run)];
    if let Some((what, _)) = not_here.iter().find(|(_, given)| *given) {
        return Err(cluster::no_such_command(what).into());
    }
    let part = Part::read(args.layout.part.as_deref())?;
    let usual = Layout::default();
    let layout = Layout {
        shards: args.layout.shards.unwrap_or(usual.shards),
        replicas: args.layout.replicas.unwrap_or(usual.replicas),
        by_month: args.layout.by_month,
    };
    let cluster = Cluster::open_to_write(settings, context.schema, &layout)?;
    let stop = std::sync::Arc::clone(&context.stop);
    let task = Task {
        dir: Path::new(""),
        roots: &args.paths,
        schema: context.schema,
        threads: context.threads(),
        prune: args.prune,
        file_time: args.file_time,
        settings: known,
        quiet: context.common.quiet || context.common.json,
        stop: &stop,
    };
    let run = Run { task: &task, cluster: &cluster, layout, part, tree: args.layout.tree.as_deref() };
    let report = run.refresh()?;
    if context.common.json {
        context.json(&to_json(&report))?;
    } else {
        tell(&report, &format!("{} on the cluster", settings.name), context);
    }
    Ok(match (report.interrupted, report.skipped.is_empty()) {
        (true, _) => Outcome::Interrupted,
        (false, true) => Outcome::Done,
        (false, false) => Outcome::Partly,
    })
}

/// The files that are this process's to send: those whose path hashes to its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    number: u64,
    of: u64,
}

impl Part {
    fn read(text: Option<&str>) -> Result<Part, QueryError> {
        let Some(text) = text else { return Ok(Part { number: 1, of: 1 }) };
        let wrong = || QueryError::Usage(format!("--part {text}: write I/N, from 1/N to N/N"));
        let (number, of) = text.split_once('/').ok_or_else(wrong)?;
        match (number.parse(), of.parse()) {
            (Ok(number), Ok(of)) if (1..=of).contains(&number) => Ok(Part { number, of }),
            _ => Err(wrong()),
        }
    }

    fn has(self, key: &str) -> bool {
        let hash = blake3::hash(key.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        u64::from_le_bytes(first) % self.of == self.number - 1
    }
}

/// A run of indexing into a cluster.
struct Run<'a> {
    task: &'a Task<'a>,
    cluster: &'a Cluster,
    layout: Layout,
    part: Part,
    tree: Option<&'a str>,
}

/// A file to send.
struct Work {
    found: Found,
    file: FileState,
    /// The cluster has an earlier state of it.
    known: bool,
}

/// What workers have in common.
struct Shared<'w> {
    work: &'w [Work],
    next: AtomicUsize,
    /// Set when one of them has failed.
    halt: AtomicBool,
    progress: &'w Progress,
    report: Mutex<Report>,
    done: Mutex<Vec<FileState>>,
}

impl Run<'_> {
    fn refresh(&self) -> anyhow::Result<Report> {
        let started = Instant::now();
        let spool = tempfile::Builder::new()
            .prefix("dateline-")
            .tempdir()
            .map_err(|source| IndexError::Io { path: "temporary directory".into(), source })?;
        let mut report = Report::default();
        let (files, gone_roots) = collect(self.task, spool.path(), &mut report)?;
        let (work, gone) = self.sort_out(files, &gone_roots, &mut report)?;
        let progress = Progress::new(work.iter().map(|w| w.found.size).sum(), self.task.quiet);
        let shared = Shared {
            work: &work,
            next: AtomicUsize::new(0),
            halt: AtomicBool::new(false),
            progress: &progress,
            report: Mutex::new(report),
            done: Mutex::new(Vec::new()),
        };
        let outcome = self.send(&shared);
        let mut report = shared.report.into_inner().unwrap_or_default();
        let done = shared.done.into_inner().unwrap_or_default();
        outcome?;
        progress.stage("writing");
        report.interrupted = self.task.stop.load(Ordering::Relaxed);
        self.cluster.refresh()?;
        if !report.interrupted {
            let before = report.removed;
            report.removed = before + self.cluster.remove_stale(&gone, &done)?;
            if !done.is_empty() || !gone.is_empty() {
                self.cluster.group_names(self.task.schema)?;
            }
        }
        report.articles = self.cluster.articles()?;
        progress.finish();
        report.seconds = started.elapsed().as_secs_f64();
        Ok(report)
    }

    /// The name of a file on the cluster: its path, behind the name of its tree.
    fn key(&self, path: &str) -> String {
        self.tree.map_or_else(|| path.to_string(), |tree| format!("{tree}:{path}"))
    }

    /// Tells what is new or changed from what is not, and what has gone.
    fn sort_out(
        &self,
        files: Vec<(String, Found)>,
        gone_roots: &[String],
        report: &mut Report,
    ) -> anyhow::Result<(Vec<Work>, Vec<String>)> {
        let schema = self.task.schema;
        let here = self.task.roots.iter().filter_map(|r| r.canonicalize().ok()).map(|r| ingest::shown(&r));
        let mut roots: Vec<String> = here.map(|root| self.key(&root)).collect();
        let pruned = gone_roots.iter().filter(|_| self.task.prune);
        roots.extend(pruned.map(|root| self.key(root)));
        let mut known: BTreeMap<String, FileState> = self.cluster.files_below(&roots)?;
        known.retain(|key, _| self.part.has(key));
        let mut work = Vec::new();
        for (path, found) in files {
            let key = self.key(&path);
            if !self.part.has(&key) {
                continue;
            }
            let tables = [schema.hash.as_str(), schema.reading_hash.as_str()];
            let file = FileState::new(key, found.size, found.modified, tables);
            match known.remove(&file.key) {
                Some(before) if before.state == file.state => {
                    report.unchanged += before.articles;
                    let again = before
                        .skipped
                        .into_iter()
                        .map(|(record, reason)| Skip::fault(&found.path, record, reason));
                    report.skipped.extend(again);
                }
                before => work.push(Work { found, file, known: before.is_some() }),
            }
        }
        Ok((work, known.into_keys().collect()))
    }

    /// Has workers read and send the files; one more than there are cores, as one of them waits for the cluster.
    fn send(&self, shared: &Shared) -> Result<(), QueryError> {
        std::thread::scope(|scope| {
            let workers: Vec<_> =
                (0..=self.task.threads).map(|_| scope.spawn(|| self.work_off(shared))).collect();
            let ended = workers.into_iter().map(|worker| {
                let lost =
                    |_| QueryError::Usage("a worker ended in a panic: this is a fault of dateline".into());
                worker.join().map_err(lost)?
            });
            // All are waited for; the first error is told.
            ended.fold(Ok(()), Result::and)
        })
    }

    fn work_off(&self, shared: &Shared) -> Result<(), QueryError> {
        let mut sender = Sender { run: self, shared, bulk: Bulk::default(), open: Vec::new() };
        let result = sender.files();
        if result.is_err() {
            shared.halt.store(true, Ordering::Relaxed);
        }
        result
    }
}

/// One worker: documents that wait to be sent, and the files that they are of.
struct Sender<'a> {
    run: &'a Run<'a>,
    shared: &'a Shared<'a>,
    bulk: Bulk,
    /// Files that have been read, by number, with what became of them so far.
    open: Vec<(usize, FileState, Vec<Skip>)>,
}

impl Sender<'_> {
    fn files(&mut self) -> Result<(), QueryError> {
        while !self.is_stopped() {
            let number = self.shared.next.fetch_add(1, Ordering::Relaxed);
            let Some(work) = self.shared.work.get(number) else { break };
            self.file(number, work)?;
        }
        // What was read is sent even if the user interrupts: the next run need not read it again.
        self.flush(true)
    }

    fn is_stopped(&self) -> bool {
        self.run.task.stop.load(Ordering::Relaxed) || self.shared.halt.load(Ordering::Relaxed)
    }

    fn file(&mut self, number: usize, work: &Work) -> Result<(), QueryError> {
        let task = self.run.task;
        let ingest = Ingest {
            cleaning: &task.schema.cleaning,
            hints: &work.found.hints,
            file_time: task.file_time,
            stop: Some(task.stop),
        };
        let origin = Origin { path: &work.found.path, relative: &work.found.relative };
        self.open.push((number, work.file.clone(), Vec::new()));
        let mut failed = None;
        let mut seen: HashSet<String> = HashSet::new();
        let mut repeated = 0;
        ingest.read_file(&work.found.file, &origin, &mut |read| match read {
            Ok(article) => {
                repeated += u64::from(!seen.insert(article.id.clone()));
                if failed.is_none() && self.push(number, work, &article) {
                    failed = self.flush(false).err();
                }
            }
            Err(skip) => self.skip(skip),
        });
        if let Some(error) = failed {
            return Err(error);
        }
        if self.is_stopped() {
            // Read in part, perhaps: it is read anew next time.
            self.open.pop();
            return Ok(());
        }
        if let Some((_, file, _)) = self.open.last_mut() {
            file.articles = seen.len() as u64;
        }
        self.count(work, seen.len() as u64, repeated);
        Ok(())
    }

    /// Takes an article in; tells whether there is enough to send.
    fn push(&mut self, number: usize, work: &Work, article: &Article) -> bool {
        let schema: &Schema = self.run.task.schema;
        let annotations = extract::annotate(article, schema);
        let document = self.run.cluster.document(article, &annotations, schema, &work.file, &self.run.layout);
        self.bulk.push(number, document)
    }

    fn skip(&mut self, skip: Skip) {
        if skip.by_rule {
            if let Ok(mut report) = self.shared.report.lock() {
                *report.excluded.entry(skip.reason).or_default() += 1;
            }
        } else if let Some((_, file, skips)) = self.open.last_mut() {
            file.skipped.push((skip.record, skip.reason.clone()));
            skips.push(skip);
        }
    }

    fn count(&self, work: &Work, articles: u64, repeated: u64) {
        let Ok(mut report) = self.shared.report.lock() else { return };
        report.bytes += work.found.size;
        if work.known {
            report.updated += articles;
        } else {
            report.added += articles;
        }
        if repeated > 0 {
            *report.excluded.entry("repeated id".into()).or_default() += repeated;
        }
        self.shared.progress.advance(work.found.size, report.added + report.updated);
    }

    /// Sends what waits, and notes the files that are done with; in the midst of a file, all but that one.
    fn flush(&mut self, all: bool) -> Result<(), QueryError> {
        let sent = self.bulk.send(self.run.cluster)?;
        self.note_faults(&sent);
        let keep = if all { None } else { self.open.pop() };
        let open = std::mem::take(&mut self.open);
        self.open.extend(keep);
        let (files, skips): (Vec<FileState>, Vec<Vec<Skip>>) =
            open.into_iter().map(|(_, file, skips)| (file, skips)).unzip();
        if !files.is_empty() {
            self.run.cluster.note_files(&files)?;
        }
        if let Ok(mut report) = self.shared.report.lock() {
            report.skipped.extend(skips.into_iter().flatten());
            if sent.older > 0 {
                *report.excluded.entry("newer on the cluster".into()).or_default() += sent.older;
            }
        }
        if let Ok(mut done) = self.shared.done.lock() {
            done.extend(files);
        }
        Ok(())
    }

    /// What the cluster refused is told like what could not be read.
    fn note_faults(&mut self, sent: &Sent) {
        for fault in &sent.faults {
            let path = &self.shared.work[fault.file].found.path;
            if let Some((_, file, skips)) = self.open.iter_mut().find(|(number, ..)| *number == fault.file) {
                file.skipped.push((fault.record, fault.reason.clone()));
                file.articles = file.articles.saturating_sub(1);
                skips.push(Skip::fault(path, fault.record, fault.reason.as_str()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_share_all_files_and_overlap_in_none() {
        let parts: Vec<Part> =
            (1..=3).map(|i| Part::read(Some(&format!("{i}/3"))).expect("it is there")).collect();
        for n in 0..100 {
            let key = format!("/news/{n}.txt");
            assert_eq!(parts.iter().filter(|part| part.has(&key)).count(), 1, "{key}");
        }
        assert!(parts.iter().all(|part| (0..100).any(|n| part.has(&format!("/news/{n}.txt")))));
        for wrong in ["0/3", "4/3", "1", "a/b", "1/0", "/", ""] {
            assert!(Part::read(Some(wrong)).is_err(), "{wrong}");
        }
        assert!(Part::read(None).expect("it is there").has("/any"));
    }
}
