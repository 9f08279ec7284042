//! Threads that ask the index: few, with deep stacks, and with a queue that has an end.

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::time::Duration;

use axum::http::StatusCode;
use crossbeam_channel::Sender;
use crossbeam_channel::TrySendError;

use super::problem::Problem;

/// Stack of a thread, in bytes: queries nest, and so do the engine's compiled ones.
pub(super) const STACK: usize = 16 << 20;

/// Requests that wait for each thread.
const WAITING: usize = 16;

/// How long a request waits for its answer, its time in the queue included.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);

/// When a query stops with what it has found: before anyone gives up waiting, and its thread is free again.
pub(super) const ENOUGH: Duration = Duration::from_secs(4);

type Job = Box<dyn FnOnce() + Send>;

/// The threads, by their queue; they end when it is dropped.
pub(super) struct Workers {
    queue: Sender<Job>,
}

impl Workers {
    /// Starts threads.
    ///
    /// # Errors
    /// If the system has none to give.
    pub fn start(threads: usize) -> std::io::Result<Workers> {
        let (queue, jobs) = crossbeam_channel::bounded::<Job>(threads * WAITING);
        for _ in 0..threads {
            let jobs = jobs.clone();
            let work = move || jobs.iter().for_each(|job| job());
            std::thread::Builder::new().name("query".into()).stack_size(STACK).spawn(work)?;
        }
        Ok(Workers { queue })
    }

    /// Requests that wait for a thread.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Does something on one of the threads. What nobody waits for any more is not begun.
    ///
    /// # Errors
    /// If too many wait already, it takes too long, or it fails.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let job = move || {
            if !answer.is_closed() {
                // Nobody to hear of it: the request ran out of time or its sender went away.
                let _ = answer.send(guarded(work));
            }
        };
        self.queue.try_send(Box::new(job)).map_err(|refused| match refused {
            TrySendError::Full(_) => {
                Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many requests wait already: ask again")
            }
            TrySendError::Disconnected(_) => broken("no thread is left to answer"),
        })?;
        match tokio::time::timeout(DEADLINE, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(broken("the answer was lost")),
            Err(_) => Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("no answer within {} s: narrow the query, or ask again", DEADLINE.as_secs()),
            )),
        }
    }
}

/// Does something that may panic: the engine does on some damage that sizes do not show.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(broken("reading the index failed: `dateline check` names the damaged file")))
}

fn broken(detail: &str) -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
}
