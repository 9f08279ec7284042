//! `dateline index --watch`: after the first run, takes in what comes, changes and goes, in batches.

use std::path::Path;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use crossbeam_channel::Receiver;
use crossbeam_channel::Sender;
use notify::Event;
use notify::EventKind;
use notify::RecursiveMode;
use notify::Watcher;

use super::Context;
use super::Outcome;
use super::index::tell_batch;
use super::refresh::Task;
use super::refresh::refresh;
use crate::index::IndexError;

/// A batch is read when nothing has changed for so long ...
const QUIET: Duration = Duration::from_millis(300);
/// ... or this long after its first change.
const LONGEST: Duration = Duration::from_millis(1200);
/// How often an interrupt is looked for.
const TICK: Duration = Duration::from_millis(100);
/// How often files are looked at where the system tells nothing of changes.
const POLL: Duration = Duration::from_secs(2);

/// Tells of changes below the roots for as long as it lives.
pub(super) struct Watch {
    changes: Receiver<()>,
    _watcher: Box<dyn Watcher>,
}

impl Watch {
    /// Starts to watch. Changes in the index directory are our own.
    ///
    /// # Errors
    /// If a root cannot be watched.
    pub fn start(roots: &[PathBuf], index: &Path, context: &mut Context) -> anyhow::Result<Watch> {
        // It may not be there yet.
        std::fs::create_dir_all(index).map_err(|source| IndexError::Io { path: index.into(), source })?;
        let ours = index.canonicalize().unwrap_or_else(|_| index.to_path_buf());
        // One change is as good as many: what it was is found out by walking.
        let (sender, changes) = crossbeam_channel::bounded(1);
        let made = notify::recommended_watcher(handler(sender.clone(), ours.clone()))
            .map(|w| Box::new(w) as Box<dyn Watcher>)
            .and_then(|w| watch_all(w, roots));
        let watcher = match made {
            Ok(watcher) => watcher,
            Err(error) => {
                context
                    .out
                    .note(&format!("the system tells nothing of changes ({error}): looking every 2 seconds"));
                let config = notify::Config::default().with_poll_interval(POLL);
                let poll = notify::PollWatcher::new(handler(sender, ours), config)?;
                watch_all(Box::new(poll), roots)?
            }
        };
        Ok(Watch { changes, _watcher: watcher })
    }

    /// Waits for a batch of changes to be over; false when the user interrupts.
    fn wait(&self, context: &Context) -> bool {
        let mut first: Option<Instant> = None;
        let mut last = Instant::now();
        while !context.stop.load(Ordering::Relaxed) {
            if self.changes.recv_timeout(TICK).is_ok() {
                last = Instant::now();
                first.get_or_insert(last);
            }
            if first.is_some_and(|first| last.elapsed() >= QUIET || first.elapsed() >= LONGEST) {
                return true;
            }
        }
        false
    }
}

fn handler(sender: Sender<()>, ours: PathBuf) -> impl Fn(notify::Result<Event>) + Send + 'static {
    move |event: notify::Result<Event>| {
        let of_others = match &event {
            Ok(event) if matches!(event.kind, EventKind::Access(_)) => false,
            Ok(event) => event.paths.is_empty() || event.paths.iter().any(|p| !p.starts_with(&ours)),
            // Changes may have been lost: a walk finds them.
            Err(_) => true,
        };
        if of_others {
            // It is full when a change has been told already.
            let _ = sender.try_send(());
        }
    }
}

fn watch_all(mut watcher: Box<dyn Watcher>, roots: &[PathBuf]) -> notify::Result<Box<dyn Watcher>> {
    for root in roots.iter().filter(|r| r.as_os_str() != "-") {
        let root = root.canonicalize()?;
        // Editors put another file in the place of one: its directory is what can be watched.
        match root.parent().filter(|_| root.is_file()) {
            Some(directory) => watcher.watch(directory, RecursiveMode::NonRecursive)?,
            None => watcher.watch(&root, RecursiveMode::Recursive)?,
        }
    }
    Ok(watcher)
}

/// Takes in changes until the user interrupts.
pub(super) fn run(watch: &Watch, task: &Task, context: &mut Context) -> anyhow::Result<Outcome> {
    context.out.note("watching; an interrupt ends it");
    while watch.wait(context) {
        match refresh(task) {
            Ok(report) => tell_batch(&report, context)?,
            Err(error) => match error.downcast_ref::<IndexError>() {
                // Whoever writes the index now does not know of these changes: they are read when it has gone.
                Some(IndexError::Busy { .. }) => retry(watch, task, context)?,
                Some(_) => return Err(error),
                // Settings that are being written.
                None => context.out.complain(&format!("dateline: {error:#}")),
            },
        }
    }
    Ok(Outcome::Interrupted)
}

fn retry(watch: &Watch, task: &Task, context: &mut Context) -> anyhow::Result<()> {
    while !context.stop.load(Ordering::Relaxed) {
        let _ = watch.changes.recv_timeout(Duration::from_secs(1));
        match refresh(task) {
            Ok(report) => return Ok(tell_batch(&report, context)?),
            Err(error) if matches!(error.downcast_ref(), Some(IndexError::Busy { .. })) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
