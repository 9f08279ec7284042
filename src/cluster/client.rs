//! HTTP to a cluster: one of several addresses, credentials, limits, and patience with what passes.
//!
//! Every request may be repeated: searches change nothing, and documents have ids and versions of their own.

use std::hash::BuildHasher;
use std::io::Read;
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine;
use serde_json::Value;
use ureq::Agent;
use ureq::tls::Certificate;
use ureq::tls::PemItem;
use ureq::tls::RootCerts;
use ureq::tls::TlsConfig;

use super::remote;
use crate::query::QueryError;
use crate::query::Remote;

/// Time for a connection, and for an answer as a whole.
const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(120);

/// Longest answer, in bytes: a page of long articles fits.
const LONGEST_ANSWER: u64 = 256 << 20;

/// The first wait before a repeat, and the longest.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Who asks.
#[derive(Clone, Default)]
pub enum Login {
    /// Nobody in particular.
    #[default]
    None,
    /// A name and a password.
    Password(String, String),
    /// A key that the cluster gave out.
    ApiKey(String),
}

/// Secrets are shown to nobody.
impl std::fmt::Debug for Login {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Login::None => "None",
            Login::Password(..) => "Password(..)",
            Login::ApiKey(_) => "ApiKey(..)",
        })
    }
}

/// Where the cluster is and how it is spoken to.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Addresses of its nodes; the next is asked when one does not answer.
    pub urls: Vec<String>,
    /// Name of the index.
    pub name: String,
    /// Who asks.
    pub login: Login,
    /// Certificates, as PEM, that are trusted in the place of the usual ones.
    pub ca_file: Option<PathBuf>,
}

/// How often a request is repeated before it counts as failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// For somebody who waits.
    Short,
    /// For writing: a node may be gone and another may have to take over.
    Long,
}

impl Patience {
    fn tries(self) -> u32 {
        match self {
            Patience::Short => 6,
            Patience::Long => 10,
        }
    }
}

pub(super) struct Client {
    agent: Agent,
    urls: Vec<String>,
    /// The address that answered last.
    current: AtomicUsize,
    authorization: Option<String>,
}

/// What came back.
pub(super) struct Answer {
    pub status: u16,
    pub body: Value,
}

/// Why a try failed, and how long the cluster asks to wait.
struct Failure {
    text: String,
    busy: bool,
    wait: Option<Duration>,
}

impl Client {
    pub fn new(settings: &Settings) -> Result<Client, QueryError> {
        let urls: Vec<String> =
            settings.urls.iter().map(|url| checked(url, settings)).collect::<Result<_, _>>()?;
        if urls.is_empty() {
            return Err(QueryError::Usage("--backend opensearch needs --url, or DATELINE_URL".into()));
        }
        let mut tls = TlsConfig::builder();
        if let Some(file) = &settings.ca_file {
            tls = tls.root_certs(trusted(file)?);
        }
        let agent = Agent::config_builder()
            .tls_config(tls.build())
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(WHOLE))
            .user_agent(concat!("dateline/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        let authorization = match &settings.login {
            Login::None => None,
            Login::Password(name, password) => {
                let both = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
                Some(format!("Basic {both}"))
            }
            Login::ApiKey(key) => Some(format!("ApiKey {key}")),
        };
        Ok(Client { agent, urls, current: AtomicUsize::new(0), authorization })
    }

    /// The address that is asked now, for messages.
    pub fn place(&self) -> &str {
        &self.urls[self.current.load(Ordering::Relaxed) % self.urls.len()]
    }

    /// Asks for what must be there.
    pub fn get(&self, path: &str, patience: Patience) -> Result<Value, QueryError> {
        self.ask("GET", path, None, patience)?.expect(self)
    }

    /// Asks until there is an answer: what passes is waited out, with a growing time that differs between writers.
    ///
    /// # Errors
    /// If no node answers in the end, or refuses who asks.
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        body: Option<&str>,
        patience: Patience,
    ) -> Result<Answer, QueryError> {
        let mut tried = 0;
        loop {
            let failure = match self.once(method, path, body) {
                Ok(answer) if matches!(answer.status, 401 | 403) => return Err(self.refused(answer.status)),
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            tried += 1;
            if tried == patience.tries() {
                let cause = if failure.busy { Remote::Busy } else { Remote::Failed };
                return Err(remote(
                    cause,
                    format!("{}: {} (tried {tried} times)", self.place(), failure.text),
                ));
            }
            if !failure.busy {
                self.current.fetch_add(1, Ordering::Relaxed);
            }
            std::thread::sleep(wait(tried, failure.wait));
        }
    }

    /// Waits before documents that were put off are sent again.
    pub fn pause(&self, round: u32) {
        std::thread::sleep(wait(round, None));
    }

    fn refused(&self, status: u16) -> QueryError {
        let hint =
            "set DATELINE_USER and DATELINE_PASSWORD, or DATELINE_API_KEY, or name a file with --credentials";
        remote(Remote::Failed, format!("{} refuses who asks (HTTP {status}): {hint}", self.place()))
    }

    fn once(&self, method: &str, path: &str, body: Option<&str>) -> Result<Answer, Failure> {
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.place()));
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization);
        }
        let kind = if path.contains("/_bulk") { "application/x-ndjson" } else { "application/json" };
        let answered = match body {
            Some(body) => {
                let request =
                    request.header("content-type", kind).body(body).map_err(|e| failure(e.to_string()))?;
                self.agent.run(request)
            }
            None => self.agent.run(request.body(()).map_err(|e| failure(e.to_string()))?),
        };
        let mut response = answered.map_err(|e| failure(e.to_string()))?;
        let status = response.status().as_u16();
        let wait = response.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
        if status == 429 || status == 502 || status == 503 || status == 504 {
            let text = format!("it has too much to do (HTTP {status})");
            return Err(Failure { text, busy: status == 429, wait: wait.map(Duration::from_secs) });
        }
        if (300..400).contains(&status) {
            return Ok(Answer { status, body: Value::Null });
        }
        let mut text = Vec::new();
        let reader = response.body_mut().with_config().limit(LONGEST_ANSWER).reader();
        reader
            .take(LONGEST_ANSWER)
            .read_to_end(&mut text)
            .map_err(|e| failure(format!("its answer was cut: {e}")))?;
        let read = if text.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&text) };
        match read {
            Ok(body) => Ok(Answer { status, body }),
            // What speaks no JSON is no engine; what begins as JSON was cut on its way.
            Err(_) if !text.starts_with(b"{") => Ok(Answer { status, body: Value::Null }),
            Err(error) => Err(failure(format!("its answer was cut: {error}"))),
        }
    }
}

fn failure(text: String) -> Failure {
    Failure { text, busy: false, wait: None }
}

impl Answer {
    /// The body of an answer that must be a good one.
    pub fn expect(self, client: &Client) -> Result<Value, QueryError> {
        if (200..300).contains(&self.status) && self.body.is_object() {
            return Ok(self.body);
        }
        let place = client.place();
        if (300..400).contains(&self.status) {
            let text = format!(
                "{place} sends on to another address, which is not followed: name that one with --url"
            );
            return Err(remote(Remote::Failed, text));
        }
        if !self.body.is_object() {
            let text = format!("{place} does not speak JSON (HTTP {}): is it a search engine?", self.status);
            return Err(remote(Remote::Incompatible, text));
        }
        let error = &self.body["error"];
        let cause = error["root_cause"][0]["reason"].as_str().or(error["reason"].as_str());
        let inner =
            error["failed_shards"][0]["reason"]["reason"].as_str().or(cause).unwrap_or("no reason given");
        Err(remote(Remote::Failed, format!("{place} answers HTTP {}: {inner}", self.status)))
    }
}

/// Waits double from try to try, and by chance up to half as long again, so that writers do not come back together.
fn wait(tried: u32, asked: Option<Duration>) -> Duration {
    let grown = FIRST_WAIT.saturating_mul(1 << tried.min(10).saturating_sub(1)).min(LONGEST_WAIT);
    let chance = std::collections::hash_map::RandomState::new().hash_one(tried) % 512;
    let grown = grown + grown.mul_f64(chance as f64 / 1024.0);
    asked.map_or(grown, |asked| asked.min(LONGEST_WAIT).max(grown))
}

/// An address without its last slash; credentials have no place in it, and go in clear to this machine alone.
fn checked(url: &str, settings: &Settings) -> Result<String, QueryError> {
    let wrong = |what: &str| QueryError::Usage(format!("--url: {what}"));
    let url = url.trim().trim_end_matches('/');
    let uri: ureq::http::Uri =
        url.parse().map_err(|_| wrong(&format!("{url} is no address: write https://host:9200")))?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(wrong(&format!("{url} is no address: write https://host:9200")));
    };
    if authority.as_str().contains('@') {
        return Err(wrong(
            "credentials in an address are seen by others: use DATELINE_USER and DATELINE_PASSWORD",
        ));
    }
    let here = matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]");
    match scheme {
        "https" => Ok(url.to_string()),
        "http" if here || matches!(settings.login, Login::None) => Ok(url.to_string()),
        "http" => Err(wrong("credentials are sent by https:// only")),
        other => Err(wrong(&format!("{other}:// is not spoken: write https://host:9200"))),
    }
}

fn trusted(file: &std::path::Path) -> Result<RootCerts, QueryError> {
    let wrong = |what: String| QueryError::Usage(format!("--ca-file {}: {what}", file.display()));
    let text = std::fs::read(file).map_err(|e| wrong(e.to_string()))?;
    let mut certificates: Vec<Certificate<'static>> = Vec::new();
    for item in ureq::tls::parse_pem(&text) {
        if let PemItem::Certificate(certificate) = item.map_err(|e| wrong(e.to_string()))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(wrong("it holds no certificate".into()));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_would_give_credentials_away_are_refused() {
        let open = Settings::default();
        let login = Settings { login: Login::ApiKey("k".into()), ..Settings::default() };
        assert_eq!(
            checked("http://search.example:9200/", &open).expect("it is there"),
            "http://search.example:9200"
        );
        assert!(checked("http://search.example:9200", &login).is_err());
        assert!(checked("https://search.example:9200", &login).is_ok());
        assert!(checked("http://127.0.0.1:9200", &login).is_ok());
        assert!(checked("https://me:secret@search.example", &open).is_err());
        assert!(checked("ftp://search.example", &open).is_err());
        assert!(checked("search.example", &open).is_err());
    }

    #[test]
    fn waits_grow_and_end() {
        assert!(wait(1, None) < wait(4, None));
        assert!(wait(60, None) <= LONGEST_WAIT.mul_f64(1.5));
        assert!(wait(1, Some(Duration::from_secs(3))) >= Duration::from_secs(3));
        assert!(wait(1, Some(Duration::from_secs(9_999))) <= LONGEST_WAIT);
    }
}
