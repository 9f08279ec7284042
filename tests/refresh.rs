//! Building and refreshing an index: what is read again, what goes, what is counted.

use dateline::index::FORMAT;
use serde_json::Value;

use crate::scratch::Scratch;
use crate::scratch::expect_keys;
use crate::scratch::write_news;

/// `added updated unchanged removed articles` of the report of a run.
fn counts(report: &Value) -> [u64; 5] {
    ["added", "updated", "unchanged", "removed", "articles"].map(|key| report[key].as_u64().unwrap())
}

#[test]
fn a_second_run_touches_only_what_changed() {
    let scratch = Scratch::new();
    write_news(&scratch);
    let index = || scratch.dateline(["index", "news", "--json"]).run().expect_code(0).json();
    let first = index();
    expect_keys(&first, "articles added updated unchanged removed excluded skipped bytes seconds");
    assert_eq!(counts(&first), [4, 0, 0, 0, 4]);
    assert_eq!(counts(&index()), [0, 0, 4, 0, 4]);

    scratch.write("news/port.txt", "The port of the old town was closed by a storm on the third day.");
    assert_eq!(counts(&index()), [1, 0, 4, 0, 5]);

    scratch.write("news/port.txt", "The port of the old town was opened again, the harbour master said.");
    assert_eq!(counts(&index()), [0, 1, 4, 0, 5]);
    assert_eq!(scratch.ids(["storm"]).len(), 0);
    assert_eq!(scratch.ids(["harbour"]).len(), 1);
}

#[test]
fn removing_a_file_removes_its_articles() {
    let scratch = Scratch::indexed();
    scratch.remove("news/records.jsonl");
    let report = scratch.dateline(["index", "news", "--json"]).run().expect_code(0).json();
    assert_eq!(counts(&report), [0, 0, 1, 3, 1]);
    assert_eq!(scratch.ids(["ceasefire"]).len(), 1);
    let brokers = scratch.dateline(["facets", "broker", "--json"]).run().json();
    assert_eq!(brokers["values"], serde_json::json!([{ "value": "Russia", "count": 1 }]));
}

#[test]
fn a_root_that_is_gone_keeps_its_articles_until_they_are_pruned() {
    let scratch = Scratch::indexed();
    scratch.write("more/ferry.txt", "The ferry was late, and the people of the island were angry about it.");
    std::fs::rename(scratch.path("news"), scratch.path("elsewhere")).unwrap();
    let report = scratch.dateline(["index", "news", "more", "--json"]).run().expect_code(1).json();
    assert_eq!(counts(&report), [1, 0, 0, 0, 5]);
    assert_eq!(report["skipped"][0]["path"], "news");
    let report = scratch.dateline(["index", "news", "more", "--prune", "--json"]).run().json();
    assert_eq!(counts(&report), [0, 0, 1, 4, 1]);
}

#[test]
fn search_in_builds_and_refreshes_an_index() {
    let scratch = Scratch::new();
    write_news(&scratch);
    assert_eq!(scratch.ids_sorted(["ceasefire", "--in", "news"]).len(), 4);
    scratch
        .write("news/new.jsonl", r#"{"id":"t9","text":"A ceasefire was signed in the tent by the river."}"#);
    scratch.remove("news/valley.txt");
    assert_eq!(scratch.ids_sorted(["ceasefire", "--in", "news"]), ["t1", "t2", "t3", "t9"]);
    scratch.dateline(["search", "--in", "news", "zeppelin"]).run().expect_code(1);
    scratch.dateline(["search", "--in", "nowhere", "ceasefire"]).run().expect_code(2);
}

#[test]
fn two_roots_share_an_index_and_in_answers_for_its_path_alone() {
    let scratch = Scratch::indexed();
    scratch
        .write("more/a.jsonl", r#"{"id":"m1","text":"The ceasefire was broken by nobody, the mayor said."}"#);
    scratch.write("more/deep/b.jsonl", r#"{"id":"m2","text":"The ceasefire was a year old on the day."}"#);
    scratch.write("more2/c.jsonl", r#"{"id":"n1","text":"The ceasefire was praised in the square."}"#);
    let report = scratch.dateline(["index", "more", "more2", "--json"]).run().expect_code(0).json();
    assert_eq!(counts(&report), [3, 0, 0, 0, 7]);
    assert_eq!(scratch.ids(["ceasefire"]).len(), 7);
    assert_eq!(scratch.ids_sorted(["ceasefire", "--in", "more"]), ["m1", "m2"]);
    assert_eq!(scratch.ids_sorted(["ceasefire", "--in", "more/deep"]), ["m2"]);
    let stats = scratch.dateline(["stats", "--json"]).run().expect_code(0).json();
    assert_eq!(stats["articles"], 7);
}

#[test]
fn the_nearest_index_above_is_used_and_the_environment_may_name_one() {
    let scratch = Scratch::indexed();
    scratch.write("news/inner/x", "");
    let inner = scratch.path("news/inner");
    let found = crate::scratch::Dateline::at(&inner, ["search", "ceasefire", "-c"]).run().expect_code(0);
    assert_eq!(found.stdout, "4\n");
    let named = scratch.dateline(["stats"]).env("DATELINE_INDEX", "nowhere").run().expect_code(2);
    assert!(named.stderr.contains("nowhere"), "{}", named.stderr);
}

#[test]
fn an_index_that_is_being_written_is_busy() {
    let scratch = Scratch::indexed();
    let directory = tantivy::directory::MmapDirectory::open(scratch.path(".dateline")).unwrap();
    let lock = tantivy::Directory::acquire_lock(&directory, &tantivy::directory::INDEX_WRITER_LOCK).unwrap();
    let refused = scratch.dateline(["index", "news"]).run().expect_code(3);
    assert!(refused.stderr.contains("another process"), "{}", refused.stderr);
    scratch.dateline(["search", "ceasefire"]).run().expect_code(0);
    drop(lock);
    scratch.dateline(["index", "news"]).run().expect_code(0);
}

#[test]
fn check_finds_a_flipped_byte_in_every_file_of_the_index() {
    let scratch = Scratch::indexed();
    let whole = scratch.dateline(["check", "--json"]).run().expect_code(0).json();
    assert_eq!(whole, serde_json::json!({ "ok": true, "damaged": [] }));
    let entries = std::fs::read_dir(scratch.path(".dateline")).unwrap();
    let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
    // What begins with a dot is the engine's own bookkeeping, which reading does not need.
    let names: Vec<String> = names.filter(|n| !n.starts_with('.')).collect();
    assert!(names.len() > 5, "{names:?}");
    for name in names {
        let path = format!(".dateline/{name}");
        let bytes = scratch.read(&path);
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x55;
            scratch.write(&path, flipped);
            let ran = scratch.dateline(["check", "--json"]).run();
            assert_eq!(ran.code, Some(4), "byte {at} of {name} was flipped: {}{}", ran.stdout, ran.stderr);
            let found = ran.json();
            assert_eq!(found["ok"], false, "{name}");
            assert_eq!(found["damaged"][0]["file"], name.as_str(), "byte {at}: {found}");
        }
        scratch.write(&path, bytes);
    }
    scratch.dateline(["check"]).run().expect_code(0);
}

#[test]
fn a_file_cut_short_or_gone_is_damage_that_every_command_names() {
    let scratch = Scratch::indexed();
    let entries = std::fs::read_dir(scratch.path(".dateline")).unwrap();
    let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|n| !n.starts_with('.')).collect();
    names.sort();
    for name in names.iter().filter(|n| n.ends_with(".store") || n.ends_with(".term") || n.ends_with(".bin"))
    {
        let path = format!(".dateline/{name}");
        let bytes = scratch.read(&path);
        scratch.write(&path, &bytes[..bytes.len() / 2]);
        let ran = scratch.dateline(["search", "ceasefire"]).run().expect_code(4);
        assert!(ran.stderr.contains(name) && ran.stderr.contains("index again"), "{}", ran.stderr);
        scratch.remove(&path);
        scratch.dateline(["facets", "broker"]).run().expect_code(4);
        scratch.write(&path, bytes);
    }
    scratch.dateline(["search", "ceasefire"]).run().expect_code(0);
}

#[test]
fn an_index_of_another_format_is_refused() {
    let scratch = Scratch::indexed();
    let ours = scratch.read(".dateline/dateline.json");
    let unsigned = |other: u32| format!(r#"{{"format":{other},"engine":"older"}}"#);
    let signed = |other: u32| {
        let hash = blake3::hash(format!("dateline index format {other}").as_bytes()).to_hex();
        format!(r#"{{"format":{other},"checksum":"{}"}}"#, &hash[..32])
    };
    for marker in [unsigned(1), unsigned(4), signed(5), signed(FORMAT - 1), signed(FORMAT + 1)] {
        scratch.write(".dateline/dateline.json", &marker);
        let ran = scratch.dateline(["search", "ceasefire"]).run().expect_code(4);
        assert!(ran.stderr.contains("another version"), "{}", ran.stderr);
        scratch.dateline(["index", "news"]).run().expect_code(4);
    }
    scratch.write(".dateline/dateline.json", ours);
    scratch.dateline(["search", "ceasefire"]).run().expect_code(0);
}

#[test]
fn a_rebuild_takes_the_place_of_an_index_that_cannot_be_read() {
    let scratch = Scratch::indexed();
    scratch.dateline(["saved", "add", "truce", "ceasefire"]).run().expect_code(0);
    // Of what it holds already, when it can say so.
    let report = scratch.dateline(["index", "--rebuild", "--json"]).run().expect_code(0).json();
    assert_eq!(counts(&report), [4, 0, 0, 0, 4]);
    scratch.write(".dateline/dateline.json", r#"{"format":1,"engine":"older"}"#);
    let refused = scratch.dateline(["search", "ceasefire"]).run().expect_code(4);
    assert!(refused.stderr.contains("--rebuild"), "{}", refused.stderr);
    scratch.dateline(["index", "--rebuild"]).run().expect_code(4);
    scratch.dateline(["index", "--rebuild", "nowhere"]).run().expect_code(2);
    scratch.dateline(["search", "ceasefire"]).run().expect_code(4);
    let report = scratch.dateline(["index", "--rebuild", "news", "--json"]).run().expect_code(0).json();
    assert_eq!(counts(&report), [4, 0, 0, 0, 4]);
    scratch.dateline(["search", "ceasefire"]).run().expect_code(0);
    scratch.dateline(["check"]).run().expect_code(0);
    let kept = scratch.dateline(["saved", "list"]).run().expect_code(0);
    assert!(kept.stdout.contains("truce"), "saved searches are kept: {}", kept.stdout);
    assert!(!scratch.path(".dateline.new").exists());
}

#[test]
fn a_rebuild_drops_nothing_that_cannot_be_read_again() {
    let scratch = Scratch::indexed();
    let record = r#"{"id":"piped","text":"The ceasefire held."}"#;
    scratch.dateline(["index", "-"]).input(record).run().expect_code(0);
    let refused = scratch.dateline(["index", "--rebuild"]).run().expect_code(2);
    assert!(refused.stderr.contains("standard input"), "{}", refused.stderr);
    std::fs::rename(scratch.path("news"), scratch.path("away")).unwrap();
    let refused = scratch.dateline(["index", "--rebuild"]).run().expect_code(2);
    assert!(refused.stderr.contains("news"), "{}", refused.stderr);
    assert_eq!(scratch.dateline(["stats", "--json"]).run().json()["articles"], 5);
    std::fs::rename(scratch.path("away"), scratch.path("news")).unwrap();
    let report = scratch.dateline(["index", "--rebuild", "--prune", "--json"]).run().expect_code(0).json();
    assert_eq!(report["articles"], 4);
}
