//! Files that nobody would write on purpose: each is read or skipped with its reason, and the others are indexed.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;

use serde_json::Value;
use serde_json::json;

use crate::samples::gzip;
use crate::samples::zipped;
use crate::scratch::Scratch;

const FERRY: &str =
    "Ferry late\n\nThe ferry was late on Friday, the harbour master said, and nobody was told why.\n";

/// Indexes `in`, of which something is skipped.
fn index(scratch: &Scratch) -> Value {
    let report = scratch.dateline(["index", "in", "--json"]).run().expect_code(1).json();
    scratch.dateline(["check"]).run().expect_code(0);
    report
}

fn reason<'r>(report: &'r Value, path: &str) -> &'r str {
    let skipped = report["skipped"].as_array().unwrap();
    let skip = skipped.iter().find(|skip| skip["path"].as_str().unwrap().contains(path));
    skip.unwrap_or_else(|| panic!("{path} is not in {skipped:?}"))["reason"].as_str().unwrap()
}

#[test]
fn files_that_are_too_large_are_named_and_the_others_are_indexed() {
    let scratch = Scratch::new();
    scratch.write("in/good.txt", FERRY);
    // Ten terabytes where the file system has room for such a number, else one.
    for name in ["sparse.txt", "sparse.html", "sparse.csv", "sparse.xml", "sparse.zip"] {
        let path = scratch.path("in").join(name);
        let made = File::create(&path).unwrap();
        made.set_len(10 << 40).or_else(|_| made.set_len(1 << 40)).or_else(|_| made.set_len(1 << 33)).unwrap();
    }
    scratch.write("in/one.txt", "x");
    scratch.write("in/empty.txt", "");
    scratch.write("in/word.txt", "x".repeat(11 << 20));
    let mut records = File::create(scratch.path("in/records.jsonl")).unwrap();
    writeln!(records, r#"{{"id":"before","text":"The ferry was early."}}"#).unwrap();
    records.write_all(&b"y".repeat(64 << 20)).unwrap();
    records.write_all(b"\n{\"id\":\"behind\",\"text\":\"The ferry was on time.\"}").unwrap();
    drop(records);
    let report = index(&scratch);
    assert_eq!((&report["articles"], &report["excluded"]["empty"]), (&json!(4), &json!(1)));
    for name in ["sparse.txt", "sparse.html", "sparse.csv", "sparse.xml", "sparse.zip"] {
        assert!(!reason(&report, name).is_empty());
    }
    assert!(reason(&report, "sparse.txt").contains("larger than 10 MB"));
    assert!(reason(&report, "word.txt").contains("larger than 10 MB"));
    let line = report["skipped"].as_array().unwrap().iter().find(|skip| skip["path"] == "in/records.jsonl");
    assert_eq!(line.unwrap()["record"], 2);
    assert!(reason(&report, "records.jsonl").contains("20 MB"));
    assert_eq!(scratch.ids_sorted(["ferry"]).len(), 3);
}

#[test]
fn names_that_are_no_text_are_kept_apart_and_shown_harmlessly() {
    let scratch = Scratch::new();
    scratch.write("in/plain.txt", FERRY);
    let names: [&[u8]; 7] = [
        b"a\xff.txt",
        b"a\xfe.txt",
        b"line\nbreak.txt",
        b"\x1b[31mred.txt",
        b"-rf.txt",
        b"--index.txt",
        b"\xe2\x80\xaetxt.txt",
    ];
    for name in names {
        std::fs::write(scratch.path("in").join(OsStr::from_bytes(name)), FERRY).unwrap();
    }
    std::fs::write(scratch.path("in").join(OsStr::from_bytes(b"b\xff\x1b]0;owned\x07.txt")), b"\0\x01\0")
        .unwrap();
    for added in [8, 0] {
        // The second run finds every one of them again.
        let report = scratch.dateline(["index", "in", "--json"]).run().expect_code(1).json();
        assert_eq!((&report["articles"], &report["added"]), (&json!(8), &json!(added)));
        assert_eq!(reason(&report, "b\\xff"), "binary, not text");
    }
    let found = scratch.dateline(["search", "ferry", "--all", "-n", "20"]).run().expect_code(0);
    let told = scratch.dateline(["index", "in"]).run().expect_code(1);
    for text in [found.stdout, found.stderr, told.stdout, told.stderr] {
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    }
    // A name that begins with a dash is a file behind `--`, and below a directory always.
    let scratch_in = scratch.path("in");
    let named = crate::scratch::Dateline::at(&scratch_in, ["annotate", "--json", "--", "-rf.txt"]);
    assert_eq!(named.run().expect_code(0).json()["title"], "Ferry late");
    // Only what has gone is taken out.
    std::fs::remove_file(scratch_in.join(OsStr::from_bytes(b"a\xfe.txt"))).unwrap();
    let report = scratch.dateline(["index", "in", "--json"]).run().expect_code(1).json();
    assert_eq!((&report["articles"], &report["removed"]), (&json!(7), &json!(1)));
}

#[test]
fn what_is_no_file_is_never_waited_for() {
    let scratch = Scratch::new();
    scratch.write("in/good.txt", FERRY);
    scratch.write("outside/secret.txt", "The secret of the ferry, which nobody gave us to read.");
    let within = |name: &str| scratch.path("in").join(name);
    let fifo = |name: &str| assert!(Command::new("mkfifo").arg(within(name)).status().unwrap().success());
    fifo("pipe.txt");
    // Beside a file, a pipe passes for what its owner says of it; the file is not read without that.
    scratch.write("in/said.txt", FERRY);
    fifo("said.txt.meta.json");
    std::fs::create_dir(within("below")).unwrap();
    fifo("below/dateline.toml");
    fifo("below/.datelineignore");
    scratch.write("in/below/deep.txt", FERRY);
    let _socket = UnixListener::bind(within("socket.txt")).unwrap();
    symlink("/dev/zero", within("zero.txt")).unwrap();
    symlink("..", within("loop")).unwrap();
    symlink("itself.txt", within("itself.txt")).unwrap();
    symlink(scratch.path("outside/secret.txt"), within("link.txt")).unwrap();
    symlink(scratch.path("outside"), within("linked")).unwrap();
    let report = index(&scratch);
    assert_eq!(report["excluded"]["symlink"], 5);
    assert!(report["excluded"]["special"].as_u64().unwrap() >= 2, "{report}");
    assert!(reason(&report, "said.txt.meta.json").contains("no file"));
    assert_eq!(scratch.ids_sorted(["secret"]), [] as [&str; 0]);
    assert_eq!(report["articles"], 3);
    // Named, they are no article either; what never ends is read up to a limit.
    scratch.dateline(["index", "in/pipe.txt"]).run().expect_code(0);
    let endless = scratch.dateline(["annotate", "/dev/zero"]).run().expect_code(1);
    assert!(endless.stderr.contains("larger than"), "{}", endless.stderr);
    // A root may be a link.
    symlink(scratch.path("in/below"), scratch.path("root")).unwrap();
    let rooted =
        scratch.dateline(["index", "root", "--index", "rooted", "--json"]).run().expect_code(0).json();
    assert_eq!(rooted["articles"], 1);
}

#[test]
fn a_file_that_may_not_be_read_is_named() {
    let scratch = Scratch::new();
    scratch.write("in/good.txt", FERRY);
    scratch.write("in/shut.txt", FERRY);
    scratch.write("in/closed/inner.txt", FERRY);
    let close = |name: &str| {
        std::fs::set_permissions(scratch.path(name), std::fs::Permissions::from_mode(0o000)).unwrap();
    };
    close("in/shut.txt");
    close("in/closed");
    let is_root = std::fs::read(scratch.path("in/shut.txt")).is_ok();
    let report = scratch.dateline(["index", "in", "--json"]).run();
    if is_root {
        // Nothing is shut to root.
        assert_eq!(report.expect_code(0).json()["articles"], 3);
    } else {
        let report = report.expect_code(1).json();
        assert_eq!(report["articles"], 1);
        assert!(
            reason(&report, "shut.txt").contains("denied") && reason(&report, "closed").contains("denied")
        );
    }
    std::fs::set_permissions(scratch.path("in/closed"), std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_path_longer_than_the_system_takes_is_named() {
    let scratch = Scratch::new();
    scratch.write("in/good.txt", FERRY);
    // Made from within: 400 directories of 20 letters.
    let script = "cd in && n=0; while [ $n -lt 400 ]; do mkdir aaaaaaaaaaaaaaaaaaaa && cd -P aaaaaaaaaaaaaaaaaaaa || exit 0; n=$((n+1)); done; echo x > deep.txt";
    Command::new("sh").args(["-c", script]).current_dir(scratch.path("")).output().unwrap();
    let report = index(&scratch);
    assert_eq!(report["articles"], 1);
    assert!(reason(&report, "aaaa").contains("name too long"), "{report}");
    // The test's own clearing up would stop at the same limit.
    Command::new("rm").args(["-rf", "in"]).current_dir(scratch.path("")).status().unwrap();
}

#[test]
fn a_file_that_changes_while_it_is_read_is_read_again() {
    let scratch = Scratch::new();
    let records = |from: u64, to: u64| -> String {
        (from..to)
            .map(|n| format!("{{\"id\":\"r{n}\",\"text\":\"The ferry of day {n} was late.\"}}\n"))
            .collect()
    };
    scratch.write("in/records.jsonl", records(0, 3000));
    let mut running = scratch.dateline(["index", "in", "-q"]).spawn();
    let mut number = 3000;
    // It grows, and then is cut to nothing and written anew.
    while running.try_wait().unwrap().is_none() {
        let mut file = File::options().append(true).open(scratch.path("in/records.jsonl")).unwrap();
        file.write_all(records(number, number + 5).as_bytes()).unwrap();
        number += 5;
        if number % 50 == 0 {
            scratch.write("in/records.jsonl", records(0, 100));
        }
    }
    let ended = running.wait_with_output().unwrap();
    assert!([Some(0), Some(1)].contains(&ended.status.code()), "{ended:?}");
    scratch.dateline(["check"]).run().expect_code(0);
    scratch.write("in/records.jsonl", records(0, 50));
    let report = scratch.dateline(["index", "in", "--json"]).run().expect_code(0).json();
    assert_eq!(report["articles"], 50);
}

#[test]
fn words_are_found_whatever_the_bytes_around_them() {
    let text = "Café closed\n\nThe café in the harbour was closed on Friday, and the déjà vu of the mayor was long.\n";
    let (windows, ..) = encoding_rs::WINDOWS_1252.encode(text);
    let (chinese, ..) =
        encoding_rs::GB18030.encode("渔船返回港口。harbour 渔船返回港口，市长星期五说。渔船返回港口。");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let overlong = [text.as_bytes(), b"\xc0\xaf\xe0\x80\xaf\xed\xa0\x80 and \xff\xfe the rest\n"].concat();
    let marks = format!("Zalgo\n\nThe harbour a{}b was closed.\n", "\u{301}".repeat(1_000_000));
    let turned = "Turned\n\nThe \u{202e}harbour\u{202c} was \u{2067}closed\u{2069}.\n";
    let files: [(&str, Vec<u8>); 8] = [
        ("windows.txt", windows.to_vec()),
        ("chinese.txt", chinese.to_vec()),
        ("wide.txt", wide),
        ("overlong.txt", overlong),
        ("marks.txt", marks.into_bytes()),
        ("turned.txt", turned.into()),
        ("surrogate.json", br#"{"id":"s","text":"The harbour \ud800 was closed."}"#.to_vec()),
        ("pair.json", br#"{"id":"p","text":"The harbour \ud83d\udea2 was closed."}"#.to_vec()),
    ];
    let scratch = Scratch::new();
    for (name, bytes) in &files {
        scratch.write(&format!("in/{name}"), bytes);
    }
    scratch.write("in/nul.txt", b"The harbour\0was closed");
    let report = index(&scratch);
    assert_eq!(reason(&report, "nul.txt"), "binary, not text");
    assert!(reason(&report, "surrogate.json").contains("hex escape"), "{report}");
    assert_eq!(report["articles"], 7);
    let found = scratch.dateline(["search", "harbour", "-l", "--all", "-n", "20"]).run().expect_code(0);
    assert_eq!(found.lines().len(), 7, "{}", found.stdout);
    for word in ["café", "cafe\u{301}", "déjà"] {
        let found = scratch.dateline(["search", word, "-l", "--all"]).run().expect_code(0);
        assert!(
            found.stdout.contains("windows.txt") && found.stdout.contains("wide.txt"),
            "{word}: {}",
            found.stdout
        );
    }
}

#[test]
fn broken_json_is_named_by_its_line() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let wide: String = (0..100_000).map(|n| format!("\"k{n}\":{n},")).collect();
    let lines = [
        format!("\u{feff}{}", r#"{"id":"good1","text":"The ferry was late."}"#),
        format!(r#"{{"id":"deep","text":"The ferry","more":{deep}}}"#),
        r#"{"id":"comma","text":"The ferry",}"#.into(),
        r#"{"id":"number","text":"The ferry was early.","date":1e999999}"#.into(),
        r#"{"id":"epoch","text":"The ferry was early.","date":1e300}"#.into(),
        r#"{"id":"twice","text":"The first ferry.","text":"The second ferry."}"#.into(),
        format!(r#"{{{wide}"id":"wide","text":"The ferry was wide."}}"#),
        r#"{"id":{"a":1},"title":[1],"text":"The ferry of types.","url":false,"authors":{"x":[]},"date":[]}"#
            .into(),
        r#"{"id":"list","text":["The ferry"]}"#.into(),
        r#"{"id":"good2","text":"The ferry was on time."}"#.into(),
    ];
    let scratch = Scratch::new();
    scratch.write("in/records.jsonl", lines.join("\n"));
    scratch.write("in/deep.json", &deep);
    scratch.write("in/deep-object.json", format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)));
    let report = index(&scratch);
    let skipped = report["skipped"].as_array().unwrap();
    let records: Vec<u64> = skipped.iter().filter_map(|skip| skip["record"].as_u64()).collect();
    assert_eq!(records, [2, 3, 4, 9], "{skipped:?}");
    assert!(reason(&report, "deep.json").contains("recursion") && !reason(&report, "deep-object").is_empty());
    assert_eq!(report["articles"], 6);
}

/// A file, and a piece of the reason for which it is skipped; none if it is read.
type Bad = (&'static str, Vec<u8>, &'static str);

fn bad_markup() -> Vec<Bad> {
    let page = |body: &str| format!("<html><body>{body}<p>The ferry was late on Friday.</p>").into_bytes();
    let feed = |head: &str, item: &str| {
        let item = format!("<item><title>Late</title><description>{item}</description></item>");
        format!("{head}<rss version=\"2.0\"><channel><title>Log</title>{item}</channel></rss>").into_bytes()
    };
    let ten = |n: u32| format!("<!ENTITY l{} \"{}\">", n + 1, format!("&l{n};").repeat(10));
    let laughs = format!("<!DOCTYPE rss [<!ENTITY l0 \"ferry\">{}]>", (0..9).map(ten).collect::<String>());
    let accounts = "<!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    vec![
        ("divs.html", page(&"<div>".repeat(100_000)), "nested deeper"),
        ("tables.html", page(&"<table><tr><td>".repeat(30_000)), "nested deeper"),
        ("cdata.html", page(&"<![CDATA[<a>".repeat(50_000)), "nested deeper"),
        ("attribute.html", page(&format!("<p title=\"{}\">", "x".repeat(11 << 20))), "larger than"),
        ("entities.html", page(&"&amp;&bogus;&#99999999;&lt".repeat(20_000)), ""),
        ("charset.html", page("<meta charset=\"utf-16\">caf\u{e9}"), ""),
        ("deep.xml", feed("", &"<a>".repeat(100_000)), "too deep"),
        ("laughs.xml", feed(&laughs, "&l9; The ferry."), ""),
        ("external.xml", feed(accounts, "&x; The ferry."), ""),
        ("quotes.md", format!("{}The ferry\n\n{}", "> ".repeat(20_000), "[".repeat(50_000)).into(), ""),
    ]
}

fn bad_records() -> Vec<Bad> {
    let part = |n: u32| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
    let endless = format!("title,text\n\"ferry,{}", "x\n".repeat(11 << 20));
    let lies = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999999999999999\r\n\r\nx";
    vec![
        ("columns.csv", format!("{}text\nx\n", "c,".repeat(100_000)).into(), "columns"),
        ("quote.csv", endless.into(), "a quote is perhaps never closed"),
        ("lies.warc", lies.to_vec(), "length"),
        ("head.warc", format!("WARC/1.0\r\n{}\r\n", "X: y\r\n".repeat(100_000)).into(), "head"),
        ("parts.eml", (0..5000).map(part).collect::<String>().into(), "without text"),
    ]
}

fn bad_archives() -> Vec<Bad> {
    let mut nested = b"The ferry was late.".to_vec();
    for number in 0..20 {
        let name = if number == 0 { "inner.txt" } else { "inner.zip" };
        nested = zipped(&[(name, &nested)]);
    }
    let mut locked = zipped(&[("locked.txt", FERRY.as_bytes())]);
    // The bit that says "encrypted", in both heads of the file.
    for (mark, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let at = locked.windows(4).position(|bytes| bytes == mark).unwrap();
        locked[at + flags] |= 1;
    }
    let climbing = zipped(&[("../../outside.txt", FERRY.as_bytes()), ("/root.txt", FERRY.as_bytes())]);
    vec![
        ("nested.zip", nested, "2 deep"),
        ("climbing.zip", climbing, ""),
        ("locked.zip", locked, "locked.txt"),
        ("cut.zip", zipped(&[("a.txt", FERRY.as_bytes())])[..60].to_vec(), "ZIP"),
        ("bomb.txt.gz", gzip(&vec![b'a'; 64 << 20]), "larger than"),
    ]
}

#[test]
fn nested_broken_and_swollen_files_cost_little_and_harm_no_other() {
    let files = [bad_markup(), bad_records(), bad_archives()].concat();
    let scratch = Scratch::new();
    scratch.write("in/good.txt", FERRY);
    for (name, bytes, _) in &files {
        scratch.write(&format!("in/{name}"), bytes);
    }
    let report = index(&scratch);
    let skipped = report["skipped"].as_array().unwrap();
    for (name, _, why) in &files {
        let said = skipped.iter().find(|skip| skip["path"].as_str().unwrap().contains(name));
        match said {
            None => assert!(why.is_empty(), "{name} is not in {skipped:?}"),
            Some(said) => assert!(!why.is_empty() && said.to_string().contains(why), "{said}"),
        }
    }
    assert!(!scratch.path("outside.txt").exists());
    // Neither the file of accounts of this machine nor a swollen entity has become text.
    scratch.dateline(["search", "--plain", "root:x", "--all"]).run().expect_code(1);
    scratch.dateline(["search", "\"ferry ferry ferry ferry\"", "--all"]).run().expect_code(1);
}

#[test]
fn of_many_bad_records_the_first_are_named_and_the_others_counted() {
    let scratch = Scratch::new();
    let good = r#"{"id":"good","text":"The ferry was late."}"#;
    scratch.write("in/lines.jsonl", format!("{}{good}\n", "x\n".repeat(300_000)));
    scratch.write("in/array.json", format!("[{}{}]", "1,".repeat(300_000), good.replace("good", "other")));
    scratch.write("in/cut.json", format!("[{},{{\"id\":", good.replace("good", "third")));
    for _ in 0..2 {
        let report = index(&scratch);
        assert_eq!(report["articles"], 3);
        let skipped = report["skipped"].as_array().unwrap();
        assert_eq!(skipped.len(), 2 * 1001 + 1);
        let more =
            skipped.iter().filter(|skip| skip["reason"].as_str().unwrap().starts_with("299000 more")).count();
        assert_eq!(more, 2, "{:?}", skipped.last());
        assert!(reason(&report, "cut.json").contains("not valid JSON"));
    }
}

#[test]
fn a_sentence_without_end_is_cut() {
    let scratch = Scratch::new();
    scratch.write("a.txt", "Armenia accused Azerbaijan and ".repeat(10_000));
    let read = scratch.dateline(["annotate", "--json", "a.txt"]).run().expect_code(0).json();
    let events = read["events"].as_array().unwrap();
    // Where each part is compared with each, a text of 10 MB would otherwise take a quarter of an hour.
    let length =
        |event: &Value| event["sentence"][1].as_u64().unwrap() - event["sentence"][0].as_u64().unwrap();
    assert!(!events.is_empty() && events.iter().all(|event| length(event) < 10_000));
}
