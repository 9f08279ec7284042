//! What a cluster may do wrong, done by a small server on loopback: the program bears it, or says what it is.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::process::Command;
use std::process::Output;
use std::sync::Arc;
use std::sync::Mutex;

use serde_json::Value;
use serde_json::json;

/// What the program asked for.
struct Request {
    method: String,
    path: String,
    authorization: Option<String>,
    body: String,
}

/// What it gets.
enum Reply {
    Json(u16, Value),
    Text(u16, &'static str),
    Redirect(String),
    /// A number of seconds to wait.
    Busy(u16),
    /// The answer ends in its middle.
    Cut(Value),
    /// The connection ends without an answer.
    Gone,
}

/// What the server has been sent and has taken.
#[derive(Default)]
struct State {
    asked: Vec<String>,
    bulks: usize,
    /// Articles by id: a repeat makes no second one.
    articles: BTreeMap<String, u64>,
    authorization: Option<String>,
}

type Fault = dyn Fn(&Request, &mut State) -> Option<Reply> + Send + Sync;

struct Server {
    url: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    /// Serves as a cluster does, but for what the fault says.
    fn start(fault: impl Fn(&Request, &mut State) -> Option<Reply> + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let (shared, fault): (_, Arc<Fault>) = (Arc::clone(&state), Arc::new(fault));
        // It ends with the process of the tests.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, fault) = (Arc::clone(&shared), Arc::clone(&fault));
                std::thread::spawn(move || serve(stream, &shared, &*fault));
            }
        });
        Server { url, state }
    }

    fn run(&self, args: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
        command.env("DATELINE_BACKEND", "opensearch").env("DATELINE_URL", &self.url);
        command.env("DATELINE_INDEX_NAME", "news").envs(variables.iter().copied());
        command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap()
    }

    /// Indexes four articles.
    fn index(&self) -> Output {
        let dir = tempfile::tempdir().unwrap();
        for n in 0..4 {
            let text = format!("Report {n}\n\nA ceasefire was brokered by Qatar, report {n} said.\n");
            std::fs::write(dir.path().join(format!("{n}.txt")), text).unwrap();
        }
        self.run(&["index", "--json", "--threads", "1", dir.path().to_str().unwrap()], &[])
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>, fault: &Fault) {
    let Some(request) = read(&stream) else { return };
    let reply = {
        let mut state = state.lock().unwrap();
        state.asked.push(format!("{} {}", request.method, request.path));
        if request.authorization.is_some() {
            state.authorization.clone_from(&request.authorization);
        }
        state.bulks += usize::from(is_bulk(&request));
        fault(&request, &mut state).unwrap_or_else(|| usual(&request, &mut state))
    };
    let (status, headers, body, cut) = match reply {
        Reply::Json(status, value) => (status, String::new(), value.to_string(), 0),
        Reply::Text(status, text) => (status, String::new(), text.to_string(), 0),
        Reply::Redirect(to) => (302, format!("location: {to}\r\n"), String::new(), 0),
        Reply::Busy(status) => (status, "retry-after: 0\r\n".into(), "{}".into(), 0),
        Reply::Cut(value) => (200, String::new(), value.to_string(), 9),
        Reply::Gone => return,
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let sent = body.len().saturating_sub(cut);
    let body = if request.method == "HEAD" { "" } else { &body[..sent] };
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut first = line.split_whitespace();
    let (method, path) = (first.next()?.to_string(), first.next()?.to_string());
    let (mut length, mut authorization) = (0, None);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => authorization = Some(value.to_string()),
            "expect" => (&mut &*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, authorization, body: String::from_utf8(body).ok()? })
}

/// A body of articles; files are noted in an index of their own.
fn is_bulk(request: &Request) -> bool {
    request.path.starts_with("/_bulk") && !request.body.contains("news.files")
}

/// Takes the articles of a body.
fn take(request: &Request, state: &mut State) -> usize {
    let lines: Vec<&str> = request.body.lines().collect();
    for pair in lines.chunks(2) {
        let place: Value = serde_json::from_str(pair[0]).unwrap();
        let place = &place["index"];
        let id = place["_id"].as_str().unwrap_or("").to_string();
        state.articles.insert(id, place["version"].as_u64().unwrap_or(0));
    }
    lines.len() / 2
}

fn usual(request: &Request, state: &mut State) -> Reply {
    let path = request.path.split('?').next().unwrap_or("");
    let found = |total: usize| json!({ "hits": { "total": { "value": total }, "hits": [] }, "_shards": { "failed": 0 } });
    match (request.method.as_str(), path) {
        ("GET", "/") => {
            Reply::Json(200, json!({ "version": { "distribution": "opensearch", "number": "3.8.0" } }))
        }
        ("GET", "/_cluster/health") => Reply::Json(200, json!({ "number_of_data_nodes": 3 })),
        ("HEAD", _) => Reply::Json(404, json!({})),
        ("GET", "/news/_mapping") => Reply::Json(
            200,
            json!({ "news.a-all": { "mappings": { "_meta": { "dateline": 2, "tables": "" } } } }),
        ),
        ("GET", _) => Reply::Json(404, json!({ "found": false })),
        ("POST", "/_bulk") if is_bulk(request) => {
            let items = take(request, state);
            Reply::Json(200, json!({ "items": vec![json!({ "index": { "status": 201 } }); items] }))
        }
        ("POST", "/_bulk") => Reply::Json(200, json!({ "errors": false })),
        ("POST", "/news/_search") => Reply::Json(200, found(state.articles.len())),
        ("POST", "/news.files/_search") => Reply::Json(200, found(0)),
        _ => Reply::Json(200, json!({ "acknowledged": true })),
    }
}

#[track_caller]
fn expect_four(server: &Server, output: &Output) {
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{:?} {told}", output.status);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["articles"], &report["skipped"]), (&json!(4), &json!([])), "{report}");
    assert_eq!(server.state.lock().unwrap().articles.len(), 4);
}

#[track_caller]
fn expect_error(output: &Output, code: i32, says: &str) {
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{told}");
    assert!(told.contains(says), "{told}");
}

#[test]
fn a_cluster_that_has_too_much_to_do_is_given_time() {
    for status in [429, 503] {
        let server = Server::start(move |request, state| {
            (is_bulk(request) && state.bulks <= 2).then_some(Reply::Busy(status))
        });
        expect_four(&server, &server.index());
        assert!(server.state.lock().unwrap().bulks >= 3);
    }
}

#[test]
fn articles_that_are_put_off_are_sent_again_and_no_others() {
    let server = Server::start(|request, state| {
        let first = is_bulk(request) && state.bulks == 1;
        first.then(|| {
            let sent = request.body.lines().count() / 2;
            let items: Vec<Value> =
                (0..sent).map(|n| json!({ "index": { "status": if n == 0 { 429 } else { 201 } } })).collect();
            let taken: String = request.body.lines().skip(2).map(|line| format!("{line}\n")).collect();
            take(
                &Request { body: taken, method: String::new(), path: String::new(), authorization: None },
                state,
            );
            Reply::Json(200, json!({ "errors": true, "items": items }))
        })
    });
    expect_four(&server, &server.index());
}

#[test]
fn an_answer_that_is_lost_or_cut_makes_no_article_twice() {
    let lost = Server::start(|request, state| {
        (is_bulk(request) && state.bulks == 1).then(|| {
            take(request, state);
            Reply::Gone
        })
    });
    expect_four(&lost, &lost.index());
    let cut = Server::start(|request, state| {
        (is_bulk(request) && state.bulks == 1).then(|| {
            take(request, state);
            Reply::Cut(json!({ "errors": false, "items": [{ "index": { "status": 201 } }] }))
        })
    });
    expect_four(&cut, &cut.index());
}

#[test]
fn an_article_that_is_refused_is_told_with_its_file_and_the_others_go_in() {
    let server = Server::start(|request, state| {
        (is_bulk(request) && state.bulks == 1).then(|| {
            let sent = take(request, state);
            let mut items = vec![json!({ "index": { "status": 201 } }); sent];
            items[0] = json!({ "index": { "status": 400, "error": { "type": "x", "reason": "the field is too long" } } });
            Reply::Json(200, json!({ "errors": true, "items": items }))
        })
    });
    let output = server.index();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let skipped = report["skipped"].as_array().unwrap();
    assert_eq!(skipped.len(), 1, "{report}");
    assert!(skipped[0]["path"].as_str().unwrap().ends_with(".txt"), "{report}");
    assert!(skipped[0]["reason"].as_str().unwrap().contains("the field is too long"), "{report}");
}

#[test]
fn articles_of_which_nothing_is_said_do_not_count_as_written() {
    let server =
        Server::start(|request, _| is_bulk(request).then(|| Reply::Json(200, json!({ "items": [] }))));
    expect_error(&server.index(), 5, "told of 0 of");
    let noted = server.state.lock().unwrap().asked.iter().filter(|a| a.starts_with("POST /_bulk ")).count();
    assert_eq!(noted, 0, "no file may be noted as done");
}

#[test]
fn what_is_no_cluster_of_ours_is_told_from_one() {
    let page = Server::start(|_, _| Some(Reply::Text(200, "<html>hello</html>")));
    expect_error(&page.run(&["search", "x"], &[]), 4, "does not speak JSON");
    let other = Server::start(|_, _| {
        Some(Reply::Json(200, json!({ "version": { "number": "8.1.0" }, "tagline": "You Know, for Search" })))
    });
    expect_error(&other.run(&["search", "x"], &[]), 4, "needs OpenSearch");
    let foreign = Server::start(|request, _| {
        let mapping = json!({ "news": { "mappings": { "properties": {} } } });
        request.path.contains("_mapping").then_some(Reply::Json(200, mapping))
    });
    expect_error(&foreign.run(&["search", "x"], &[]), 4, "was not made by this version of dateline");
}

#[test]
fn a_cluster_of_one_node_is_not_waited_for() {
    let server = Server::start(|request, _| {
        (request.path == "/_cluster/health").then(|| Reply::Json(200, json!({ "number_of_data_nodes": 1 })))
    });
    expect_error(&server.index(), 2, "--replicas 0");
}

#[test]
fn redirects_are_not_followed() {
    let target = Server::start(|_, _| None);
    let to = format!("{}/", target.url);
    let server = Server::start(move |_, _| Some(Reply::Redirect(to.clone())));
    expect_error(&server.run(&["search", "x"], &[]), 5, "not followed");
    assert!(target.state.lock().unwrap().asked.is_empty());
}

#[test]
fn part_of_an_answer_is_an_error() {
    let server = Server::start(|request, _| {
        let failures = json!([{ "reason": { "reason": "shard is gone" } }]);
        let part = json!({ "hits": { "total": { "value": 3 }, "hits": [] }, "_shards": { "failed": 1, "failures": failures } });
        request.path.starts_with("/news/_search").then_some(Reply::Json(200, part))
    });
    expect_error(&server.run(&["search", "-n", "0", "ceasefire"], &[]), 5, "shard is gone");
}

#[test]
fn a_search_does_not_wait_for_ever() {
    let busy = Server::start(|_, _| Some(Reply::Busy(429)));
    expect_error(&busy.run(&["search", "x"], &[]), 3, "too much to do");
    let gone = Server::start(|_, _| Some(Reply::Gone));
    expect_error(&gone.run(&["search", "x"], &[]), 5, "tried");
}

#[test]
fn who_asks_is_told_by_the_environment_and_by_nothing_else() {
    let server = Server::start(|_, _| None);
    server.run(&["search", "-c", "x"], &[("DATELINE_USER", "reader"), ("DATELINE_PASSWORD", "secret")]);
    // reader:secret
    assert_eq!(server.state.lock().unwrap().authorization.as_deref(), Some("Basic cmVhZGVyOnNlY3JldA=="));
    let closed = Server::start(|_, _| Some(Reply::Json(401, json!({}))));
    let output = closed.run(&["search", "x"], &[("DATELINE_API_KEY", "hidden-key")]);
    expect_error(&output, 5, "refuses who asks");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("hidden-key"));
    let output = server.run(&["search", "x", "--url", "http://me:secret@127.0.0.1:1"], &[]);
    expect_error(&output, 2, "DATELINE_USER");
}
