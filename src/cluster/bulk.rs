//! Sends documents in bodies of some size; each counts as written only when the cluster has said so of it.

use serde_json::Value;

use super::Cluster;
use super::client::Patience;
use super::document::Document;
use super::remote;
use crate::query::QueryError;
use crate::query::Remote;

/// Bytes of a body, about.
const BODY: usize = 5 << 20;

/// How often documents that the cluster puts off are sent again.
const ROUNDS: u32 = 12;

/// A document that the cluster refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file that it was sent for.
    pub file: usize,
    /// Record of the file.
    pub record: Option<u32>,
    /// Why, in the cluster's words.
    pub reason: String,
}

/// What became of documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Written, and acknowledged by all copies in service.
    pub written: u64,
    /// Left, as a newer state of the file has been written.
    pub older: u64,
    /// Refused.
    pub faults: Vec<Fault>,
    /// Sent again after the cluster asked for patience.
    pub again: u64,
}

impl Sent {
    /// Adds what became of others.
    pub fn add(&mut self, other: Sent) {
        self.written += other.written;
        self.older += other.older;
        self.again += other.again;
        self.faults.extend(other.faults);
    }
}

/// Documents on their way.
#[derive(Debug, Default)]
pub struct Bulk {
    waiting: Vec<(usize, Document)>,
    bytes: usize,
}

/// What is to become of a document by the answer.
enum Fate {
    Written,
    Older,
    Again,
    Refused(String),
}

impl Bulk {
    /// Takes a document of a file in; tells whether there is enough for a body.
    pub fn push(&mut self, file: usize, document: Document) -> bool {
        self.bytes += document.lines.len();
        self.waiting.push((file, document));
        self.bytes >= BODY
    }

    /// Sends all that waits, and again what the cluster puts off.
    ///
    /// # Errors
    /// If the cluster does not take them in the end; some may have been written, which sending again does not double.
    pub fn send(&mut self, cluster: &Cluster) -> Result<Sent, QueryError> {
        self.bytes = 0;
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut sent = Sent::default();
        let mut round = 0;
        while !waiting.is_empty() {
            let body: String = waiting.iter().map(|(_, document)| document.lines.as_str()).collect();
            let fates = cluster.send_body(&body, waiting.len())?;
            let mut again = Vec::new();
            for ((file, document), fate) in waiting.into_iter().zip(fates) {
                match fate {
                    Fate::Written => sent.written += 1,
                    Fate::Older => sent.older += 1,
                    Fate::Again => again.push((file, document)),
                    Fate::Refused(reason) => {
                        sent.faults.push(Fault { file, record: document.record, reason });
                    }
                }
            }
            waiting = again;
            sent.again += waiting.len() as u64;
            if !waiting.is_empty() {
                round += 1;
                if round == ROUNDS {
                    let text = format!(
                        "{} has too much to do to take articles: go on later",
                        cluster.client.place()
                    );
                    return Err(remote(Remote::Busy, text));
                }
                cluster.client.pause(round);
            }
        }
        Ok(sent)
    }
}

impl Cluster {
    fn send_body(&self, body: &str, documents: usize) -> Result<Vec<Fate>, QueryError> {
        let path = "/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason";
        let answer = self.client.ask("POST", path, Some(body), Patience::Long)?;
        // A body that is too long for the cluster is no fault of any document.
        if answer.status == 413 && documents > 1 {
            return self.send_halves(body, documents);
        }
        let answer = answer.expect(&self.client)?;
        let items = answer["items"].as_array().map_or(&[][..], Vec::as_slice);
        if items.len() != documents {
            let text = format!("{} told of {} of {documents} articles", self.client.place(), items.len());
            return Err(remote(Remote::Failed, text));
        }
        Ok(items.iter().map(fate).collect())
    }

    fn send_halves(&self, body: &str, documents: usize) -> Result<Vec<Fate>, QueryError> {
        // Two lines a document.
        let middle = documents / 2;
        let at = body.match_indices('\n').nth(middle * 2 - 1).map_or(body.len(), |(at, _)| at + 1);
        let mut fates = self.send_body(&body[..at], middle)?;
        fates.extend(self.send_body(&body[at..], documents - middle)?);
        Ok(fates)
    }
}

fn fate(item: &Value) -> Fate {
    let said = item.as_object().and_then(|action| action.values().next()).unwrap_or(&Value::Null);
    match said["status"].as_u64().unwrap_or(0) {
        200..300 => Fate::Written,
        409 => Fate::Older,
        429 | 500 | 502..=504 => Fate::Again,
        status => {
            let reason = said["error"]["reason"].as_str().unwrap_or("no reason given");
            Fate::Refused(format!("the cluster refused it (HTTP {status}): {reason}"))
        }
    }
}
