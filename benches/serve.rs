//! How many requests does the server answer, and how soon? A mixed load as pages make it, from this process against
//! `dateline serve` in another: searches with facets, filters and paging, suggestions with every key, timelines, facets
//! with evidence, matrices, articles. Every answer must come, with status 200, and be JSON to its end.
//!
//! `cargo bench --bench serve -- INDEX [SECONDS] [CLIENTS]`; 30 seconds and 4 clients unless given. Prints requests a
//! second, times by route, and the memory of the server as it went along (Linux).

#![allow(clippy::print_stdout, missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

/// What is asked, in turn; every client begins at another place.
const LOAD: &[&str] = &[
    "/search?q=ceasefire",
    "/suggest?prefix=c",
    "/suggest?prefix=chi",
    "/search?q=oil+prices&f=country%3DIran&facets=actor:20,country:20,month:100,source:10",
    "/timeline?q=oil+prices&by=month",
    "/suggest?prefix=broker:u",
    "/search?q=%22interest+rates%22+2008&sort=newest",
    "/facets/accuser?q=court&limit=20",
    "/search?q=election+person:%22Barack+Obama%22",
    "/suggest?prefix=oba",
    "/articles/ID",
    "/search?q=merger+approval&offset=10",
    "/timeline?q=bank&by=year",
    "/search?q=broker:*&facets=broker:50,country:20",
    "/facets/country?q=earthquake&evidence=true&limit=5",
    "/search?q=shares+country:Japan&from=2009&to=2011",
    "/suggest?prefix=united+st",
    "/matrix?rows=accuser&columns=accused&q=2008..2010&limit=12",
    "/search?q=earnings+OR+profit&limit=20",
    "/articles/ID/similar?limit=5",
    "/search?q=inflat*+-china",
    "/stats",
];

/// How often the memory of the server is looked at.
const LOOK: Duration = Duration::from_secs(5);

fn main() {
    let mut args = std::env::args().skip(1).filter(|a| a != "--bench");
    let index = args.next().expect("name the directory of an index");
    let seconds: u64 = args.next().map_or(30, |s| s.parse().expect("seconds"));
    let clients: usize = args.next().map_or(4, |c| c.parse().expect("clients"));
    let mut server = Server::start(Path::new(&index));
    let first = Instant::now();
    Client::connect(&server.host).get("/search?q=ceasefire");
    println!(
        "ready {:.0} ms after the start, first result {:.0} ms later",
        server.ready.as_secs_f64() * 1e3,
        first.elapsed().as_secs_f64() * 1e3
    );
    let load = load(&server.host);
    let end = Instant::now() + Duration::from_secs(seconds);
    let (host, load) = (server.host.as_str(), load.as_slice());
    let (times, memory) = std::thread::scope(|scope| {
        let clients: Vec<_> =
            (0..clients).map(|n| scope.spawn(move || ask(host, load, n * 5, end))).collect();
        let memory = watch(server.child.id(), end);
        let times: Vec<_> = clients.into_iter().flat_map(|c| c.join().unwrap()).collect();
        (times, memory)
    });
    report(&times, seconds, clients);
    println!(
        "memory of the server, MB: {}",
        memory.iter().map(|m| (m >> 20).to_string()).collect::<Vec<_>>().join(" ")
    );
    let _ = server.child.kill();
    let _ = server.child.wait();
}

struct Server {
    child: Child,
    host: String,
    ready: Duration,
}

impl Server {
    fn start(index: &Path) -> Server {
        let started = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
        command.args(["serve", "--port", "0", "--index"]).arg(index).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let host = line.trim().strip_prefix("listening on http://").expect("the server did not start");
        Server { child, host: host.trim_end_matches('/').into(), ready: started.elapsed() }
    }
}

/// A connection that is kept.
struct Client {
    stream: BufReader<TcpStream>,
    host: String,
}

impl Client {
    fn connect(host: &str) -> Client {
        let stream = TcpStream::connect(host).unwrap();
        stream.set_nodelay(true).unwrap();
        Client { stream: BufReader::new(stream), host: host.into() }
    }

    /// Asks, and returns status and body.
    fn get(&mut self, path: &str) -> (u16, Vec<u8>) {
        let request = format!("GET /api/v1{path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.host);
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            assert!(self.stream.read_line(&mut line).unwrap() > 0, "{path}: the connection ended");
            if line.starts_with("HTTP/") {
                status = line.split(' ').nth(1).unwrap().parse().unwrap();
            } else if let Some(bytes) = line.to_lowercase().strip_prefix("content-length:") {
                length = bytes.trim().parse().unwrap();
            } else if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        (status, body)
    }
}

/// The load, with ids of articles of this index in it.
fn load(host: &str) -> Vec<String> {
    let mut client = Client::connect(host);
    let found: Value = serde_json::from_slice(&client.get("/search?facets=none&limit=50").1).unwrap();
    let ids: Vec<&str> =
        found["hits"].as_array().unwrap().iter().map(|h| h["id"].as_str().unwrap()).collect();
    let rounds = ids.iter().flat_map(|id| LOAD.iter().map(move |path| path.replace("ID", id)));
    rounds.collect()
}

fn ask(host: &str, load: &[String], from: usize, end: Instant) -> Vec<(String, Duration)> {
    let mut client = Client::connect(host);
    let mut times = Vec::new();
    for path in load.iter().cycle().skip(from) {
        if Instant::now() > end {
            break;
        }
        let started = Instant::now();
        let (status, body) = client.get(path);
        let took = started.elapsed();
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        assert_eq!(body.last(), Some(&b'}'), "{path}: the answer has no end");
        times.push((route(path), took));
    }
    times
}

fn route(path: &str) -> String {
    let whole = path.split('?').next().unwrap_or(path);
    let first = whole.split('/').nth(1).unwrap_or("");
    if whole.ends_with("/similar") { "similar".into() } else { first.into() }
}

fn watch(pid: u32, end: Instant) -> Vec<usize> {
    let mut seen = Vec::new();
    while Instant::now() < end {
        seen.extend(memory(pid));
        std::thread::sleep(LOOK.min(end.saturating_duration_since(Instant::now())));
    }
    seen
}

/// Memory of a process, in bytes.
fn memory(pid: u32) -> Option<usize> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<usize>().ok().map(|kilobytes| kilobytes << 10)
}

fn report(times: &[(String, Duration)], seconds: u64, clients: usize) {
    println!(
        "{} requests by {clients} clients in {seconds} s: {:.0} a second, none lost",
        times.len(),
        times.len() as f64 / seconds as f64
    );
    let mut by_route: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    for (route, took) in times {
        by_route.entry(route).or_default().push(*took);
        by_route.entry("all").or_default().push(*took);
    }
    println!("{:<10} {:>8} {:>8} {:>8} {:>8} ms", "route", "number", "median", "p99", "max");
    for (route, mut times) in by_route {
        times.sort_unstable();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        println!("{route:<10} {:>8} {:>8.1} {:>8.1} {:>8.1}", times.len(), at(0.5), at(0.99), at(1.0));
    }
}
