//! Accepts connections: so many, with limits on time and size, and none for ever.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::pin::pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Bytes;
use hyper::body::Frame;
use hyper::body::SizeHint;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::sync::watch::Receiver;

use super::Shared;
use super::patience::Patient;
use super::router;

/// Connections at a time; one more ends the one that has been silent for longest.
const MOST_CONNECTIONS: usize = 256;

/// How long the head of a request may take; a connection may also be silent for as long.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// Longest head of a request, in bytes.
const LONGEST_HEAD: usize = 32 * 1024;

/// How long running requests have when the server stops.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// A connection as the others see it.
#[derive(Default)]
struct Place {
    busy: AtomicBool,
    give_up: Notify,
}

/// The connections, the oldest first.
#[derive(Clone, Default)]
struct Places(Arc<Mutex<BTreeMap<u64, Arc<Place>>>>);

impl Places {
    /// Takes a place. If there is none left, the oldest connection that waits for a request has to go; if all are at
    /// work, the new one has.
    fn take(&self, number: u64) -> Option<Arc<Place>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_CONNECTIONS {
            let (silent, place) = all.iter().find(|(_, place)| !place.busy.load(Ordering::Relaxed))?;
            place.give_up.notify_one();
            let silent = *silent;
            all.remove(&silent);
        }
        let place = Arc::new(Place::default());
        all.insert(number, Arc::clone(&place));
        Some(place)
    }

    fn leave(&self, number: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }
}

/// Keeps a connection from being taken for silent.
struct Work(Arc<Place>);

impl Work {
    fn begin(place: &Arc<Place>) -> Work {
        place.busy.store(true, Ordering::Relaxed);
        Work(Arc::clone(place))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Relaxed);
    }
}

/// The body of an answer; the connection is at work until it has been sent.
struct Answer {
    body: Body,
    _work: Work,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Accepts connections until the server is told to stop, and then waits for the requests that run.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let places = Places::default();
    let routes = router::router(&shared);
    let mut stop = shared.stop.0.subscribe();
    let mut running = tokio::task::JoinSet::new();
    let mut number = 0;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|told| *told) => break,
        };
        // What has ended is forgotten.
        while running.try_join_next().is_some() {}
        let Ok((stream, _)) = accepted else {
            // No more files may be open, most likely: that passes when others have been answered.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        number += 1;
        if let Some(place) = places.take(number) {
            let connection = connection(stream, Arc::clone(&shared), routes.clone(), place, stop.clone());
            let places = places.clone();
            running.spawn(async move {
                connection.await;
                places.leave(number);
            });
        }
    }
    drop(listener);
    let all = async { while running.join_next().await.is_some() {} };
    // Who has not read the answer by then will not.
    let _ = tokio::time::timeout(LAST_WORDS, all).await;
}

/// Answers the requests of a connection.
async fn connection(
    stream: TcpStream,
    shared: Arc<Shared>,
    routes: Router,
    place: Arc<Place>,
    mut stop: Receiver<bool>,
) {
    // Answers are small and are to be seen at once.
    let _ = stream.set_nodelay(true);
    let at_work = Arc::clone(&place);
    let service = service_fn(move |request| {
        let (shared, routes, work) = (Arc::clone(&shared), routes.clone(), Work::begin(&at_work));
        async move {
            let response = router::respond(&shared, routes, request).await;
            Ok::<_, std::convert::Infallible>(response.map(|body| Answer { body, _work: work }))
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(LONGEST_HEAD);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(Patient::new(stream)), service));
    let mut told = false;
    loop {
        tokio::select! {
            // A connection that breaks is its sender's loss.
            _ = connection.as_mut() => return,
            () = place.give_up.notified() => return,
            _ = stop.wait_for(|told| *told), if !told => {
                told = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
