//! Every match as a download, written piece by piece and no faster than it is read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::Response;
use axum::http::StatusCode;
use axum::http::header;
use hyper::body::Bytes;
use hyper::body::Frame;
use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::Sender;

use super::Shared;
use super::params::Given;
use super::problem::Problem;
use super::workers;
use crate::present;
use crate::query::Deadline;
use crate::query::QueryError;
use crate::query::Request;

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;

/// Pieces that wait to be sent.
const WAITING: usize = 4;

type Pieces = Result<Bytes, Problem>;

/// Begins an export. A query that cannot be read is told before the first piece.
pub(super) async fn response(shared: &Arc<Shared>, given: Given) -> Result<Response<Body>, Problem> {
    let place = Arc::clone(&shared.exports).try_acquire_owned().map_err(|_| {
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "other exports are being written: ask again")
    })?;
    let (csv, what) = (given.choice("format") == "csv", given.choice("what").to_string());
    let (sender, mut pieces) = tokio::sync::mpsc::channel(WAITING);
    let shared = Arc::clone(shared);
    let work = move || {
        let place = place;
        let mut out = Out { sender, waiting: Vec::with_capacity(PIECE) };
        let done = workers::guarded(|| write(&shared, &given, csv, &mut out));
        // If nobody reads any more there is nobody to tell.
        let _ = match done {
            Ok(()) => out.send(),
            Err(problem) => out.sender.blocking_send(Err(problem)).map_err(|_| Gone),
        };
        drop(place);
    };
    let thread = std::thread::Builder::new().name("export".into()).stack_size(workers::STACK);
    thread.spawn(work).map_err(|e| Problem::new(StatusCode::SERVICE_UNAVAILABLE, e.to_string()))?;
    let first = match pieces.recv().await {
        Some(Err(problem)) => return Err(problem),
        Some(Ok(piece)) => Some(piece),
        None => None,
    };
    let (kind, ending) =
        if csv { ("text/csv; charset=utf-8", "csv") } else { ("application/jsonl", "jsonl") };
    let mut response = Response::new(Body::new(Download { first, pieces }));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let name = format!("attachment; filename=\"dateline-{what}.{ending}\"");
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// Writes lines of JSON or CSV, as `dateline export` does.
fn write(shared: &Shared, given: &Given, csv: bool, out: &mut Out) -> Result<(), Problem> {
    let (now, schema) = (shared.live.snapshot(), shared.schema);
    // A download is whole, however long it takes.
    let request = Request { deadline: Deadline::default(), ..given.request()? };
    let events = given.choice("what") == "events";
    // Nothing may be sent before it is known that the query can be read.
    let header = csv.then(|| present::csv_header(schema, events));
    out.waiting.extend(header.into_iter().flat_map(|line| format!("{line}\n").into_bytes()));
    let done = if events {
        now.index.every_event(schema, &request, |article, annotations, event| {
            out.line(&if csv {
                present::csv_of_event(article, annotations, event, schema)
            } else {
                present::json::exported_event(article, annotations, event).to_string()
            })
        })
    } else {
        now.index.every_match(schema, &request, |article, annotations| {
            out.line(&if csv {
                present::csv_of_article(article, annotations, schema)
            } else {
                present::json::exported_article(article, annotations, schema).to_string()
            })
        })
    };
    match done {
        Ok(_) | Err(Ended::Gone) => Ok(()),
        Err(Ended::Failed(error)) => Err(error.into()),
    }
}

/// Why an export ended before its end.
enum Ended {
    /// Nobody reads it any more.
    Gone,
    /// The index failed.
    Failed(QueryError),
}

impl From<QueryError> for Ended {
    fn from(error: QueryError) -> Ended {
        Ended::Failed(error)
    }
}

struct Gone;

/// Lines on their way out.
struct Out {
    sender: Sender<Pieces>,
    waiting: Vec<u8>,
}

impl Out {
    fn line(&mut self, line: &str) -> Result<(), Ended> {
        self.waiting.extend_from_slice(line.as_bytes());
        self.waiting.push(b'\n');
        if self.waiting.len() < PIECE { Ok(()) } else { self.send().map_err(|Gone| Ended::Gone) }
    }

    /// Hands the lines on, when there is room for them.
    fn send(&mut self) -> Result<(), Gone> {
        let piece = std::mem::replace(&mut self.waiting, Vec::with_capacity(PIECE));
        self.sender.blocking_send(Ok(piece.into())).map_err(|_| Gone)
    }
}

/// The pieces as the body of an answer. A failure midway cuts the connection, so that nobody takes it for the end.
struct Download {
    first: Option<Bytes>,
    pieces: Receiver<Pieces>,
}

impl hyper::body::Body for Download {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        self.pieces.poll_recv(cx).map(|piece| {
            piece.map(|piece| piece.map(Frame::data).map_err(|problem| io::Error::other(problem.detail)))
        })
    }
}
