//! What is read: formats, compression, encodings, records and their keys, and what is left out.

use std::io::Write;

use serde_json::Value;
use serde_json::json;

use crate::scratch::Scratch;

const PLAIN: &str = "Fishing fleet returns\n\nThe fishing fleet was back in the harbour of the island on Friday, the mayor said.\n";

/// The articles of a file, as `annotate` reads them.
fn annotated(name: &str, bytes: impl AsRef<[u8]>) -> Vec<Value> {
    let scratch = Scratch::new();
    scratch.write(name, bytes);
    scratch.dateline(["annotate", "--json", name]).run().expect_code(0).json_lines()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn gz_and_zst_files_are_unpacked() {
    let scratch = Scratch::new();
    scratch.write("in/a.txt.gz", gzip(PLAIN.as_bytes()));
    let records = "{\"id\":\"z1\",\"text\":\"The fleet was late.\"}\n{\"id\":\"z2\",\"text\":\"The fleet was early.\"}\n";
    scratch.write("in/b.jsonl.zst", zstd::encode_all(records.as_bytes(), 3).unwrap());
    // Two members one after the other are one stream.
    let two: Vec<u8> =
        [gzip(b"{\"id\":\"g1\",\"text\":\"The fleet\"}\n"), gzip(b"{\"id\":\"g2\",\"text\":\"a fleet\"}")]
            .concat();
    scratch.write("in/c.jsonl.gz", two);
    scratch.write("in/d.txt.gz", "this was never packed");
    let report = scratch.dateline(["index", "in", "--json"]).run().expect_code(1).json();
    assert_eq!(report["articles"], 5);
    assert_eq!(report["skipped"][0]["path"], "in/d.txt.gz");
    assert_eq!(scratch.ids(["fleet"]).len(), 5);
}

#[test]
fn utf_16_and_windows_1252_are_decoded() {
    let text =
        "Café closed\n\nThe café of the déjà vu in the old town was closed by the “owner” on Friday.\n";
    let wide = |mark: u16, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        std::iter::once(mark).chain(text.encode_utf16()).flat_map(order).collect()
    };
    let (windows, _, lossy) = encoding_rs::WINDOWS_1252.encode(text);
    assert!(!lossy);
    let variants = [
        ("UTF-16LE", wide(0xfeff, u16::to_le_bytes)),
        ("UTF-16BE", wide(0xfeff, u16::to_be_bytes)),
        ("UTF-8 with a mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("Windows-1252", windows.into_owned()),
    ];
    for (name, bytes) in variants {
        assert_eq!(annotated("a.txt", bytes)[0]["text"], text, "{name}");
    }
}

#[test]
fn hidden_empty_and_foreign_files_are_left_out_and_counted() {
    let scratch = Scratch::new();
    scratch.write("in/good.txt", PLAIN);
    scratch.write("in/no_extension", PLAIN);
    scratch.write("in/.hidden.txt", PLAIN);
    scratch.write("in/.git/inner.txt", PLAIN);
    scratch.write("in/empty.txt", "");
    scratch.write("in/photo.jpg", "\u{1}\u{2}");
    scratch.write("in/table.xlsx", "PK");
    let report = scratch.dateline(["index", "in", "--index", "in/idx", "--json"]).run().expect_code(0).json();
    assert_eq!(report["excluded"], json!({ "empty": 1, "hidden": 2, "index": 1, "type": 2 }));
    assert_eq!((&report["articles"], &report["skipped"]), (&json!(2), &json!([])));
    let told = scratch.dateline(["index", "in", "--index", "in/idx"]).run().expect_code(0);
    assert!(told.stderr.contains("1 empty, 2 hidden, 1 index, 2 type"), "{}", told.stderr);
}

#[test]
fn unreadable_records_are_named_and_the_others_are_indexed() {
    let scratch = Scratch::new();
    let lines = [
        r#"{"id":"r1","text":"The ferry was late."}"#,
        "no JSON at all",
        r#"{"id":"r3","headline":"The ferry without a text"}"#,
        r#"{"id":"r4","text":"The ferry was early."}"#,
        "[1, 2]",
        "",
    ];
    scratch.write("in/records.jsonl", lines.join("\n"));
    scratch.write("in/binary.txt", b"ferry\0\x01\x02\0\x03");
    for _ in 0..2 {
        // The second run reads nothing, and still says what could not be read.
        let report = scratch.dateline(["index", "in", "--json"]).run().expect_code(1).json();
        assert_eq!(report["articles"], 2);
        let skipped = report["skipped"].as_array().unwrap();
        let records: Vec<u64> = skipped.iter().filter_map(|s| s["record"].as_u64()).collect();
        assert_eq!(records, [2, 3, 5], "{skipped:?}");
        let binary = skipped.iter().find(|s| s["path"] == "in/binary.txt").unwrap();
        assert_eq!(binary["reason"], "binary, not text");
        assert_eq!(scratch.ids_sorted(["ferry"]), ["r1", "r4"]);
    }
}

#[test]
fn standard_input_is_indexed_and_the_same_input_twice_is_one_article() {
    let scratch = Scratch::new();
    for (text, articles) in [(PLAIN, 1), (PLAIN, 1), ("Another text about the fleet of the island.", 2)] {
        let report = scratch.dateline(["index", "-", "--json"]).input(text).run().expect_code(0).json();
        assert_eq!(report["articles"], articles);
    }
    assert_eq!(scratch.ids(["fleet"]).len(), 2);
    let read = scratch.dateline(["annotate", "--json"]).input(r#"{"id":"s1","text":"A fleet."}"#).run();
    assert_eq!(read.expect_code(0).json()["id"], "s1");
}

#[test]
fn the_same_id_twice_in_a_file_is_one_article_and_in_two_files_two() {
    let scratch = Scratch::new();
    let twice =
        "{\"id\":\"same\",\"text\":\"The first ferry.\"}\n{\"id\":\"same\",\"text\":\"The second ferry.\"}\n";
    scratch.write("in/a.jsonl", twice);
    scratch.write("in/b.jsonl", r#"{"id":"same","text":"The third ferry."}"#);
    scratch.write("in/c.jsonl", r#"{"id":"with  white space","text":"The fourth ferry."}"#);
    let report = scratch.dateline(["index", "in", "--json"]).run().expect_code(0).json();
    assert_eq!(report["articles"], 3);
    assert_eq!(report["excluded"]["repeated id"], 1);
    let ids = scratch.ids_sorted(["ferry"]);
    assert_eq!((ids[0].as_str(), ids.len()), ("same", 3));
    assert!(ids[1].starts_with("same") && ids[2] == "with_white_space", "{ids:?}");
    assert_eq!(scratch.ids(["first"]).len(), 0);
    assert_eq!(scratch.ids(["second"]), ["same"]);
    assert_eq!(scratch.ids(["third"]), [ids[1].clone()]);
}

#[test]
fn records_are_read_by_the_keys_of_every_exporter() {
    let text = "  The ferry   was late.\r\n\r\nREAD MORE: The bridge\n";
    let variants = [
        json!({"id": "k", "title": "Ferry late", "text": text, "published": "2021-05-04", "url": "https://e.org/a", "source": "Wire", "authors": ["Ann Ruel"], "language": "en"}),
        json!({"_id": "k", "headline": "Ferry late", "body": text, "date": "2021-05-04", "link": "https://e.org/a", "publisher": "Wire", "author": "Ann Ruel", "lang": "EN"}),
        json!({"uid": "k", "name": "Ferry late", "articleBody": text, "datePublished": "2021-05-04T23:30:00-05:00", "url": "https://e.org/a", "publisher": {"name": "Wire"}, "author": [{"name": "Ann Ruel"}], "language": "en-GB"}),
        json!({"id": "k", "title": "Ferry late", "content": text, "published_at": "2021-05-04 09:00", "url": "https://e.org/a", "site": "Wire", "byline": "Ann Ruel", "lang": "en"}),
        json!({"id": "k", "title": "Ferry late", "maintext": text, "publish_date": "2021-05-04T00:00:00Z", "url": "https://e.org/a", "domain": "Wire", "lang": "en"}),
        json!({"id": "k", "title": "Ferry late", "text": text, "pubDate": "Tue, 04 May 2021 08:00:00 GMT", "url": "https://e.org/a", "source": "Wire", "lang": "en"}),
        json!({"id": "k", "title": "Ferry late", "text": text, "date_published": "2021-05-04", "url": "https://e.org/a", "source": "Wire", "lang": "en"}),
    ];
    let array = Value::Array(variants.to_vec()).to_string();
    let read = annotated("records.json", &array);
    assert_eq!(read.len(), variants.len());
    for (record, read) in variants.iter().zip(&read) {
        // The text of a record comes back byte for byte, and nothing of it is cut.
        assert_eq!((&read["text"], &read["boilerplate"]), (&json!(text), &json!([])), "{record}");
        let got =
            ["id", "title", "source", "url", "language"].map(|key| read[key].as_str().unwrap_or("none"));
        assert_eq!(got, ["k", "Ferry late", "Wire", "https://e.org/a", "en"], "{record}");
        assert_eq!(read["published"]["date"], "2021-05-04", "{record}");
        assert_eq!(read["published"]["method"], "record", "{record}");
    }
}

#[test]
fn json_is_read_as_a_record_a_list_or_a_feed() {
    let one = r#"{"id":"j1","text":"The ferry."}"#;
    let ids = |name: &str, text: &str| -> Vec<Value> {
        annotated(name, text).into_iter().map(|a| a["id"].clone()).collect()
    };
    assert_eq!(ids("a.json", one), ["j1"]);
    assert_eq!(ids("a.json", &format!("[{one}, {one}]")), ["j1", "j1"]);
    assert_eq!(ids("a.json", &format!("{{\"articles\": [{one}]}}")), ["j1"]);
    assert_eq!(ids("a.json", &format!("{{\n  \"items\": [{one}]\n}}")), ["j1"]);
    assert_eq!(ids("a.ndjson", &format!("\n{one}\n\n{one}")), ["j1", "j1"]);
    assert_eq!(ids("without_extension", &format!("{one}\n{one}")), ["j1", "j1"]);
}

#[test]
fn pages_lose_their_navigation_and_give_title_and_date() {
    let page = r#"<!DOCTYPE html><html lang="en"><head><title>Fishing fleet returns | The Harbour</title>
<meta property="article:published_time" content="2022-03-01T10:00:00+02:00"></head><body>
<nav><a href="/">Home</a> <a href="/w">Weather</a> <a href="/s">Subscribe to the newsletter</a></nav>
<article><h1>Fishing fleet returns</h1>
<p>The fishing fleet was back in the harbour of the island on Friday, and the mayor met the crews on the pier.</p>
<p>The storm had kept the forty boats at sea for three days, the harbour master said, and two of them had lost their nets.</p>
<p>The market was open until the evening, and the price of cod fell by a third in the first hour of the sale.</p>
</article><footer>All rights reserved by the owners of the site.</footer></body></html>"#;
    let article = annotated("page.html", page).remove(0);
    assert_eq!(article["title"], "Fishing fleet returns");
    assert_eq!(article["published"]["date"], "2022-03-01");
    assert_eq!(article["published"]["method"], "metadata");
    let text = article["text"].as_str().unwrap();
    assert!(text.contains("forty boats") && !text.contains("newsletter"), "{text}");
}

#[test]
fn a_sidecar_says_what_the_file_does_not() {
    let scratch = Scratch::new();
    scratch.write("in/a.txt", PLAIN);
    scratch.write(
        "in/a.txt.meta.json",
        r#"{"title":"From the sidecar","published":"2019-02","source":"The Log"}"#,
    );
    let report = scratch.dateline(["index", "in", "--json"]).run().expect_code(0).json();
    assert_eq!((&report["articles"], &report["excluded"]["sidecar"]), (&json!(1), &json!(1)));
    let hit = scratch.dateline(["search", "fleet", "--json"]).run().json()["hits"][0].clone();
    assert_eq!(hit["title"], "From the sidecar");
    assert_eq!(hit["published"]["date"], "2019-02");
    assert_eq!(hit["published"]["precision"], "month");
    assert_eq!(hit["source"], "The Log");
}

#[test]
fn an_article_without_an_id_keeps_the_one_made_of_its_place() {
    let scratch = Scratch::new();
    scratch.write("one/sub/a.txt", PLAIN);
    scratch.write("two/sub/a.txt", PLAIN);
    let id = |root: &str| scratch.ids(["fleet", "--in", root, "--index", &format!("index-{root}")]);
    assert_eq!(id("one"), id("two"));
    assert_eq!(id("one")[0].len(), 12);
}
