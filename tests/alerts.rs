//! Saved searches and what is new for them; files that are watched.

use std::io::BufRead;
use std::io::BufReader;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use serde_json::json;

use crate::scratch::Scratch;

/// The ids that `alerts --since-last-run` tells.
fn new(scratch: &Scratch, code: i32) -> Vec<Value> {
    let ran = scratch.dateline(["alerts", "--since-last-run", "--format", "jsonl"]).run().expect_code(code);
    ran.json_lines().into_iter().map(|a| a["id"].clone()).collect()
}

#[test]
fn each_article_is_told_once() {
    let scratch = Scratch::indexed();
    scratch.dateline(["saved", "add", "truce", "ceasefire", "-f", "broker=Russia"]).run().expect_code(0);
    assert_eq!(new(&scratch, 0).len(), 1);
    assert_eq!(new(&scratch, 1), [""; 0]);
    let record = r#"{"id":"n1","title":"A new <truce> & more","text":"A Russian-brokered ceasefire held in the hills.","published":"2024-05-02","url":"https://e.org/?a=1&b=2"}"#;
    scratch.write("news/new.jsonl", record);
    scratch.dateline(["index", "news", "-q"]).run().expect_code(0);
    let told = scratch.dateline(["alerts", "--since-last-run"]).run().expect_code(0);
    assert!(
        told.stdout.starts_with("truce · 1 article\n  A new <truce> & more  2024-05-02\n"),
        "{}",
        told.stdout
    );
    // An article that is written anew was told already.
    scratch.write("news/new.jsonl", record.replace("in the hills", "in the valley"));
    scratch.dateline(["index", "news", "-q"]).run().expect_code(0);
    assert_eq!(new(&scratch, 1), [""; 0]);
    // Without the flag all is shown and nothing is noted.
    let all = scratch.dateline(["alerts", "--json"]).run().expect_code(0);
    assert_eq!(all.json_lines().len(), 2);
}

#[test]
fn feeds_hold_what_was_told_last() {
    let scratch = Scratch::indexed();
    scratch.write("news/new.jsonl", r#"{"id":"n1","title":"A <truce> & more","text":"The ceasefire held.\u0001","published":"2024-05-02","url":"https://e.org/?a=1&b=2"}"#);
    scratch.dateline(["index", "news", "-q"]).run().expect_code(0);
    scratch.dateline(["saved", "add", "truce", "ceasefire"]).run().expect_code(0);
    for (format, code) in [("rss", 0), ("atom", 1)] {
        let args = ["alerts", "--since-last-run", "--format", format, "-o", "alerts.xml"];
        scratch.dateline(args).run().expect_code(code);
        let feed = scratch.dateline(["annotate", "--json", "alerts.xml"]).run().expect_code(0).json_lines();
        assert_eq!(feed.len(), 5, "{format}: what was told before stays in the feed");
        let item = feed.iter().find(|a| a["title"] == "A <truce> & more").unwrap();
        assert_eq!(
            (&item["url"], &item["published"]["date"]),
            (&json!("https://e.org/?a=1&b=2"), &json!("2024-05-02"))
        );
    }
}

#[test]
fn searches_are_saved_listed_and_removed() {
    let scratch = Scratch::indexed();
    scratch.dateline(["saved", "add", "a", "ceasefire", "--from", "2020", "--from-now"]).run().expect_code(0);
    assert_eq!(new(&scratch, 1), [""; 0], "what is found now counts as told");
    let listed = scratch.dateline(["saved", "list"]).run().expect_code(0);
    assert_eq!(listed.stdout, "a\tceasefire --from 2020\t3 told\n");
    scratch.dateline(["saved", "add", "a", "other"]).run().expect_code(2);
    let wrong = scratch.dateline(["saved", "add", "b", "(never closed"]).run().expect_code(2);
    assert!(wrong.stderr.contains("never closed"), "{}", wrong.stderr);
    scratch.dateline(["saved", "add", "c", "x", "-f", "nonsense"]).run().expect_code(2);
    scratch.dateline(["alerts", "nobody"]).run().expect_code(2);
    scratch.dateline(["saved", "remove", "a"]).run().expect_code(0);
    scratch.dateline(["saved", "remove", "a"]).run().expect_code(2);
    scratch.dateline(["saved", "list"]).run().expect_code(1);
    scratch.dateline(["check"]).run().expect_code(0);
}

#[cfg(unix)]
#[test]
fn watched_files_are_taken_in_within_seconds() {
    let scratch = Scratch::new();
    let record = |id: &str| format!(r#"{{"id":"{id}","text":"The ferry was late."}}"#);
    scratch.write("in/a.jsonl", record("a"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_dateline"))
        .args(["index", "--watch", ".", "--json"])
        .current_dir(scratch.path("in"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let (sender, reports) = std::sync::mpsc::channel::<Value>();
    let reading = std::thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            let _ = sender.send(serde_json::from_str(&line).unwrap());
        }
    });
    let next = || reports.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(next()["added"], 1);
    let started = Instant::now();
    scratch.write("in/deep/b.jsonl", record("b"));
    assert_eq!(next()["articles"], 2);
    scratch.write("in/a.jsonl", record("other"));
    assert_eq!(next()["updated"], 1);
    scratch.remove("in/deep/b.jsonl");
    assert_eq!(next()["removed"], 1);
    // Busy machines are slow; looking every few minutes would be slower.
    assert!(started.elapsed() < Duration::from_secs(90), "{:?}", started.elapsed());
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    reading.join().unwrap();
}
