//! The same questions to an index on this machine and to a real cluster; then files that change, writers side by side, and
//! a node that is lost. `tests/cluster/run` starts the cluster; without it these tests are not run and fail.

mod articles;
mod compare;

use std::env;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use compare::Difference;

/// The layouts that are asked: their names, flags of `index`, and the step from case to case.
const LAYOUTS: [(&str, &[&str], usize); 2] =
    [("three-shards", &["--shards", "3"], 1), ("by-month", &["--by-month", "--replicas", "0"], 4)];

/// Articles that are written while a node is lost.
const WHILE_LOST: usize = 2_000;

fn urls() -> String {
    env::var("DATELINE_OPENSEARCH_URL").expect("no cluster: start these tests by tests/cluster/run")
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dateline"));
    for (name, _) in env::vars().filter(|(name, _)| name.starts_with("DATELINE_")) {
        command.env_remove(name);
    }
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command
}

fn here(index: &Path, args: &[&str]) -> Output {
    command(args).env("DATELINE_INDEX", index).output().unwrap()
}

fn there(name: &str, args: &[&str]) -> Command {
    let mut command = command(args);
    command
        .env("DATELINE_BACKEND", "opensearch")
        .env("DATELINE_URL", urls())
        .env("DATELINE_INDEX_NAME", name);
    command
}

fn ask(name: &str, args: &[&str]) -> Output {
    there(name, args).output().unwrap()
}

#[track_caller]
fn good(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{:?}\n{out}\n{err}", output.status);
    out.into_owned()
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn answers_are_equal() {
    let work = tempfile::tempdir().unwrap();
    let work = work.path();
    let generated = work.join("generated.jsonl");
    fs::write(&generated, articles::jsonl(0..400)).unwrap();
    let paths = ["corpus", generated.to_str().unwrap()];
    let index = work.join("index");
    good(&here(&index, &["index", paths[0], paths[1]]));
    let cases = compare::cases();
    let expected: Vec<Output> = cases.iter().map(|case| here(&index, &case.args())).collect();
    let mut faults = Vec::new();
    for (name, flags, step) in LAYOUTS {
        let mut args = vec!["index", paths[0], paths[1]];
        args.extend(flags);
        good(&ask(name, &args));
        let started = Instant::now();
        let (mut equal, mut near) = (0, 0);
        let asked: Vec<_> = cases.iter().zip(&expected).step_by(step).collect();
        for (case, expected) in &asked {
            match case.difference(expected, &ask(name, &case.args())) {
                None => equal += 1,
                // A search within some months is scored by what these hold.
                Some(Difference::Ranking(_)) if name == "by-month" => near += 1,
                Some(Difference::Order) => near += 1,
                Some(Difference::Fault(fault) | Difference::Ranking(fault)) => {
                    faults.push(format!("{name}: {}\n  {fault}", case.line))
                }
            }
        }
        println!(
            "conformance, {name}: {equal} of {} equal, {near} but for hits of nearly equal score, in {:.0} s",
            asked.len(),
            started.elapsed().as_secs_f64()
        );
    }
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn files_come_and_go() {
    let work = tempfile::tempdir().unwrap();
    let work = work.path();
    let dir = work.join("news");
    fs::create_dir(&dir).unwrap();
    let write =
        |name: &str, ids: std::ops::Range<usize>| fs::write(dir.join(name), articles::jsonl(ids)).unwrap();
    write("a.jsonl", 0..10);
    write("b.jsonl", 10..20);
    let index = || json(&good(&ask("files", &["index", "--json", dir.to_str().unwrap()])));
    let report = index();
    assert_eq!((&report["articles"], &report["added"]), (&20.into(), &20.into()), "{report}");
    let report = index();
    assert_eq!((&report["articles"], &report["unchanged"]), (&20.into(), &20.into()), "{report}");
    // One file loses articles, one goes, one comes.
    write("a.jsonl", 0..6);
    fs::remove_file(dir.join("b.jsonl")).unwrap();
    write("c.jsonl", 30..33);
    let report = index();
    assert_eq!(
        (&report["articles"], &report["updated"], &report["added"]),
        (&9.into(), &6.into(), &3.into()),
        "{report}"
    );
    assert_eq!(report["removed"], 14, "{report}");
    let (shown, gone) = (ask("files", &["show", "g30", "--json"]), ask("files", &["show", "g12"]));
    assert_eq!(json(&good(&shown))["id"], "g30");
    assert_eq!(gone.status.code(), Some(1));
    println!("files that come and go: as they should");
}

#[test]
fn several_writers_make_no_article_twice() {
    let work = tempfile::tempdir().unwrap();
    let work = work.path();
    let dir = work.join("shared");
    fs::create_dir(&dir).unwrap();
    for number in 0..30 {
        let file = dir.join(format!("{number}.jsonl"));
        fs::write(file, articles::jsonl(number * 10..number * 10 + 10)).unwrap();
    }
    let path = dir.to_str().unwrap();
    // Two take a part each, and a third takes everything at the same time.
    let start = |flags: &[&str]| {
        let args: Vec<&str> = ["index", "--json", path].into_iter().chain(flags.iter().copied()).collect();
        there("writers", &args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let writers: Vec<Child> = [&["--part", "1/2"][..], &["--part", "2/2"], &[]].map(start).into();
    for writer in writers {
        good(&writer.wait_with_output().unwrap());
    }
    assert_eq!(json(&good(&ask("writers", &["search", "--json", "-n", "0"])))["total"], 300);
    let ids = exported("writers");
    assert_eq!(ids.len(), 300);
    println!("three writers side by side: 300 articles, none twice");
}

fn exported(name: &str) -> std::collections::BTreeSet<String> {
    let lines = good(&ask(name, &["export"]));
    let ids: Vec<String> = lines.lines().map(|l| json(l)["id"].as_str().unwrap().to_string()).collect();
    let different: std::collections::BTreeSet<String> = ids.iter().cloned().collect();
    assert_eq!(ids.len(), different.len(), "articles are exported twice");
    different
}

#[test]
fn what_a_cluster_cannot_do_is_an_error() {
    let work = tempfile::tempdir().unwrap();
    let file = work.path().join("one.jsonl");
    fs::write(&file, articles::jsonl(0..1)).unwrap();
    good(&ask("one", &["index", file.to_str().unwrap()]));
    let output = ask("nothing", &["search", "x"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    for args in
        [&["similar", "g1"][..], &["matrix", "accuser", "accused"], &["search", "--expand", "x"], &["check"]]
    {
        let output = ask("one", args);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && told.contains("not on opensearch: "), "{args:?}: {told}");
    }
}

#[test]
fn batches_and_the_server_ask_the_cluster() {
    let work = tempfile::tempdir().unwrap();
    let file = work.path().join("served.jsonl");
    fs::write(&file, articles::jsonl(0..60)).unwrap();
    good(&ask("served", &["index", file.to_str().unwrap()]));
    let queries = work.path().join("queries.tsv");
    fs::write(&queries, "q1\tceasefire\nq2\tbroker:* -grain\n").unwrap();
    let answers = good(&ask("served", &["batch", queries.to_str().unwrap()]));
    let totals: Vec<serde_json::Value> = answers.lines().map(|line| json(line)["total"].clone()).collect();
    let total =
        |query: &str| json(&good(&ask("served", &["search", "--json", "-n", "0", query])))["total"].clone();
    assert_eq!(totals, [total("ceasefire"), total("broker:* -grain")]);

    let mut server =
        there("served", &["serve", "--port", "0", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let host = json(&line)["url"].as_str().unwrap().replace("http://", "").replace('/', "");
    let get = |path: &str| {
        let mut stream = TcpStream::connect(&host).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_string(), body.to_string())
    };
    let answers = [
        get("/api/v1/search?q=ceasefire"),
        get("/api/v1/facets/broker"),
        get("/api/v1/timeline?by=year"),
        get("/api/v1/articles/g7"),
        get("/api/v1/export?q=ceasefire"),
        get("/api/v1/stats"),
        get("/api/v1/matrix?rows=accuser&columns=accused"),
    ];
    // Killed before anything is asserted, so that it does not outlive the test.
    let _ = server.kill();
    let _ = server.wait();
    let [search, facets, timeline, article, export, stats, matrix] = answers;
    assert_eq!(json(&search.1)["total"], totals[0], "{search:?}");
    assert!(json(&facets.1)["distinct"].as_u64().unwrap() > 0, "{facets:?}");
    assert!(!json(&timeline.1)["buckets"].as_array().unwrap().is_empty(), "{timeline:?}");
    assert_eq!(json(&article.1)["id"], "g7", "{article:?}");
    assert!(export.0.contains("200"), "{export:?}");
    assert_eq!(json(&stats.1)["articles"], 60, "{stats:?}");
    assert!(matrix.0.contains("400") && matrix.1.contains("not on opensearch"), "{matrix:?}");
    println!("batch and serve ask the cluster");
}

/// Runs last, by its name: the node does not come back.
#[test]
fn without_one_of_three_nodes_nothing_is_lost() {
    let work = tempfile::tempdir().unwrap();
    let node = env::var("DATELINE_OPENSEARCH_LOSE")
        .expect("no node to lose: start these tests by tests/cluster/run");
    let first = work.path().join("first.jsonl");
    fs::write(&first, articles::jsonl(WHILE_LOST..WHILE_LOST + 300)).unwrap();
    good(&ask("lost", &["index", "--shards", "3", first.to_str().unwrap()]));
    let dir = work.path().join("more");
    fs::create_dir(&dir).unwrap();
    for number in 0..WHILE_LOST / 50 {
        let file: PathBuf = dir.join(format!("{number}.jsonl"));
        fs::write(file, articles::jsonl(number * 50..number * 50 + 50)).unwrap();
    }
    let search = || {
        let answer = ask("lost", &["search", "--json", "-n", "0", "ceasefire path:first"]);
        json(&good(&answer))["total"].clone()
    };
    let before = search();
    let args = ["index", "--json", dir.to_str().unwrap()];
    let writer = there("lost", &args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    let (mut killed, mut asked, mut longest) = (false, 0, Duration::ZERO);
    while !killed || started.elapsed() < Duration::from_secs(12) {
        if !killed && started.elapsed() > Duration::from_secs(2) {
            assert!(Command::new("kill").args(["-9", &node]).status().unwrap().success());
            killed = true;
        }
        let asking = Instant::now();
        assert_eq!(search(), before, "an answer without the articles of the lost node");
        (asked, longest) = (asked + 1, longest.max(asking.elapsed()));
    }
    let all = WHILE_LOST + 300;
    let report = json(&good(&writer.wait_with_output().unwrap()));
    assert_eq!(report["articles"], all, "{report}");
    assert_eq!(exported("lost").len(), all);
    println!(
        "one of three nodes killed: {all} of {all} articles there, {asked} searches answered in full, the longest in {:.1} s",
        longest.as_secs_f64()
    );
}
