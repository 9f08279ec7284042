//! What newsrooms have: web archives, feeds, agency items, tables, mail, archives; and what the user says of them.

use serde_json::Value;
use serde_json::json;

use crate::samples;
use crate::samples::PAGE;
use crate::samples::PLAIN;
use crate::scratch::Ran;
use crate::scratch::Scratch;

fn sample(name: &str) -> Vec<u8> {
    samples::all().into_iter().find(|(n, _)| *n == name).unwrap().1
}

/// Runs `annotate --json` over a file.
fn run(name: &str, bytes: impl AsRef<[u8]>, flags: &[&str]) -> Ran {
    let scratch = Scratch::new();
    scratch.write(name, bytes);
    scratch.dateline([&["annotate", "--json", name], flags].concat()).run()
}

/// The articles of a sample, all of which is readable.
fn whole(name: &str) -> Vec<Value> {
    run(name, sample(name), &[]).expect_code(0).json_lines()
}

fn day(article: &Value) -> &str {
    article["published"]["date"].as_str().unwrap_or("undated")
}

/// Title, day, source, authors, sections and text.
#[track_caller]
fn expect(article: &Value, expected: Value) {
    let read = json!([
        article["title"],
        day(article),
        article["source"],
        article["authors"],
        article["sections"],
        article["text"]
    ]);
    assert_eq!(read, expected);
}

#[test]
fn feeds_of_every_kind_give_an_article_an_item() {
    let ran = run("news.rss", sample("news.rss"), &[]).expect_code(1);
    assert!(ran.stderr.contains("record 3: an item without title and text"), "{}", ran.stderr);
    let rss = ran.json_lines();
    expect(
        &rss[0],
        json!([
            "Ferry & fleet late &lol;",
            "2020-10-27",
            "The Harbour",
            ["Ann Ruel"],
            ["Coast"],
            "The ferry was late.\nSo was the fleet."
        ]),
    );
    assert_eq!((&rss[0]["url"], &rss[0]["language"]), (&json!("https://harbour.example/1"), &json!("en")));
    expect(&rss[1], json!(["Headline alone", "undated", "The Harbour", [], [], ""]));
    assert_eq!(rss[1]["url"], "https://harbour.example/2");
    expect(
        &whole("old.rdf")[0],
        json!(["Nets lost", "2020-10-27", "The Harbour", [], [], "Two boats lost their nets."]),
    );
    let atom = whole("news.atom");
    expect(
        &atom[0],
        json!([
            "Cod cheap",
            "2020-10-28",
            "The Harbour",
            ["Ivo Part"],
            [],
            "The price of cod fell.\nBy a third."
        ]),
    );
    assert_eq!(atom[0]["url"], "https://harbour.example/news/4.html");
    let json = whole("feed.json");
    expect(
        &json[0],
        json!([
            "Ferry & fleet late",
            "2020-10-27",
            "The Harbour",
            ["Ann Ruel"],
            ["Coast"],
            "The ferry was late.\nSo was the fleet."
        ]),
    );
    assert_eq!(json[1]["text"], "Only text.");
}

#[test]
fn an_item_of_a_feed_keeps_its_id_where_it_stands() {
    let text = String::from_utf8(sample("news.rss")).unwrap();
    let later = text.replacen("<item>", "<item><title>New</title><guid>h-9</guid></item><item>", 1);
    let ids = |text: &str| -> Vec<Value> {
        run("news.rss", text, &[]).json_lines().into_iter().map(|a| a["id"].clone()).collect()
    };
    assert_eq!(ids(&text)[0], ids(&later)[1]);
}

#[test]
fn agency_items_are_read_and_pictures_are_left_out() {
    let scratch = Scratch::new();
    scratch.write("in/item.xml", sample("item.xml"));
    scratch.write("in/opml.xml", "<?xml version='1.0'?><opml><body/></opml>");
    let report = scratch.dateline(["index", "in", "--json"]).run().expect_code(1).json();
    assert_eq!(report["excluded"], json!({ "package of other items": 1, "picture item": 1 }));
    assert!(report["skipped"][0]["reason"].as_str().unwrap().contains("<opml>"), "{report}");
    let again = scratch.dateline(["index", "in", "--json"]).run().expect_code(1).json();
    assert_eq!((&again["excluded"], &again["skipped"]), (&report["excluded"], &report["skipped"]));
    let expected = json!([
        "Fishing fleet returns",
        "2020-10-27",
        "Harbour Press",
        ["Ann Ruel"],
        ["fishing"],
        "The fishing fleet was back.\nA boat\nIt was late."
    ]);
    expect(&whole("item.xml")[0], expected);
    let expected = json!([
        "Fishing fleet returns",
        "2020-10-27",
        "Harbour Press",
        ["Ann Ruel"],
        ["Coast"],
        "The fishing fleet was back in the harbour.\nIt was late."
    ]);
    expect(&whole("story.nitf")[0], expected);
}

#[test]
fn web_archives_give_their_pages_and_count_the_rest() {
    for name in ["crawl.warc", "crawl.warc.gz"] {
        let scratch = Scratch::new();
        scratch.write(&format!("in/{name}"), sample(name));
        let report = scratch.dateline(["index", "in", "--json"]).run().expect_code(0).json();
        assert_eq!(report["articles"], 4, "{name}: {report}");
        let excluded = json!({ "error page": 1, "redirect": 1, "request": 1, "revisit: the page is in another record": 1, "warcinfo": 1 });
        assert_eq!(report["excluded"], excluded, "{name}");
        let articles = whole(name);
        let pages: Vec<&Value> = articles.iter().filter(|a| a["url"] != "https://h.example/6").collect();
        for (page, url) in pages.iter().zip(["1", "2", "3"]) {
            assert_eq!(page["title"], "Fishing fleet returns", "{name}");
            assert_eq!((day(page), &page["authors"]), ("2022-03-01", &json!(["Ann Ruel", "Ivo Part"])));
            assert_eq!(page["sections"], json!(["Coast", "Trade"]));
            assert_eq!(page["url"], format!("https://h.example/{url}"));
        }
    }
    let arc = whole("crawl.arc");
    assert_eq!(
        (&arc[0]["title"], &arc[0]["url"]),
        (&json!("Fishing fleet returns"), &json!("https://h.example/a b"))
    );
}

#[test]
fn a_damaged_record_is_named_and_the_next_ones_are_read() {
    let block = samples::answer("200 OK", "", PAGE.as_bytes());
    let record = |n: u8, length: usize| {
        samples::record("response", &format!("https://h.example/{n}"), "application/http", &block, length)
    };
    let right = block.len();
    let good = [record(1, right), record(2, right)].concat();
    let cut = &record(1, right)[..right / 2];
    for (what, bytes) in [
        ("too short a length", [record(1, right), record(3, 20), record(2, right)].concat()),
        ("too long a length", [record(1, right), record(3, right + 500), record(2, right)].concat()),
        ("garbage between", [record(1, right), b"garbage\nmore\n".to_vec(), record(2, right)].concat()),
        ("no length", [&good[..], b"WARC/1.0\r\nWARC-Type: response\r\n\r\n"].concat()),
        ("cut short", [&good[..], cut].concat()),
    ] {
        let ran = run("a.warc", bytes, &[]).expect_code(1);
        let urls: Vec<Value> = ran.json_lines().into_iter().map(|a| a["url"].clone()).collect();
        assert_eq!(urls, ["https://h.example/1", "https://h.example/2"], "{what}: {}", ran.stderr);
        assert!(ran.stderr.contains("record"), "{what}: {}", ran.stderr);
    }
    let mut damaged = samples::gzip(&record(3, right));
    let middle = damaged.len() / 2;
    damaged[middle..middle + 40].fill(0xff);
    let bytes = [samples::gzip(&record(1, right)), damaged, samples::gzip(&record(2, right))].concat();
    let ran = run("a.warc.gz", bytes, &[]).expect_code(1);
    let urls: Vec<Value> = ran.json_lines().into_iter().map(|a| a["url"].clone()).collect();
    assert_eq!(urls.first(), Some(&json!("https://h.example/1")), "{}", ran.stderr);
    assert_eq!(urls.last(), Some(&json!("https://h.example/2")), "{}", ran.stderr);
}

#[test]
fn tables_are_read_by_their_header_or_a_map() {
    let ran = run("table.csv", sample("table.csv"), &[]).expect_code(1);
    assert!(ran.stderr.contains("record 2: no text in this row"), "{}", ran.stderr);
    let read = ran.json_lines();
    let text = "The ferry was late.\n\nThe mayor said \"sorry\".";
    let outlet = run("table.csv", sample("table.csv"), &["--map", "source=Outlet"]).json_lines().remove(0);
    expect(&read[0], json!(["Ferry, late", "2020-10-27", null, [], [], text]));
    expect(&outlet, json!(["Ferry, late", "2020-10-27", "Log", [], [], text]));
    assert_eq!(whole("table.tsv")[0]["title"], "Ferry late");

    let odd = "Kopf;Inhalt;Tag\nFerry late;The ferry was late.;27.10.2020\n";
    let refused = run("odd.csv", odd, &[]).expect_code(1);
    assert!(
        refused.stderr.contains("--map text=COLUMN") && refused.stderr.contains("Inhalt"),
        "{}",
        refused.stderr
    );
    let flags = ["--map", "title=Kopf", "--map", "text=Inhalt", "--map", "published=Tag"];
    expect(
        &run("odd.csv", odd, &flags).expect_code(0).json(),
        json!(["Ferry late", "2020-10-27", null, [], [], "The ferry was late."]),
    );
    run("odd.csv", odd, &["--map", "nonsense=Kopf"]).expect_code(2);
    let nested = r#"{"id":"n","meta":{"head":"Ferry late"},"main":"The ferry was late."}"#;
    let flags = ["--map", "title=meta.head", "--map", "text=main"];
    assert_eq!(run("a.jsonl", nested, &flags).expect_code(0).json()["title"], "Ferry late");
}

#[test]
fn markdown_mail_and_saved_pages_lose_their_marks() {
    expect(
        &whole("markdown.md")[0],
        json!([
            "Fleet: it returns",
            "2020-10-27",
            null,
            ["Ann Ruel"],
            ["Coast"],
            "Fleet returns\nThe fishing fleet was back in the harbour of the island.\nThe boats\nThe nets\n"
        ]),
    );
    let letters = whole("letters.mbox");
    let text = "The fishing fleet was back.\n\nFrom the pier came cheers.";
    expect(&letters[0], json!(["First", "2020-10-27", "The Harbour", [], [], text]));
    expect(&letters[1], json!(["Second", "2020-10-28", "harbour.example", [], [], "The price of cod fell."]));
    let letter = &whole("letter.eml")[0];
    // The day of the sender's clock, in whose zone it was still the 27th.
    assert_eq!((&letter["title"], day(letter)), (&json!("Morning letter: café"), "2020-10-27"));
    assert!(letter["text"].as_str().unwrap().contains("It was late."), "{letter}");
    let saved = &whole("saved.mhtml")[0];
    assert_eq!(
        (&saved["title"], &saved["url"]),
        (&json!("Fishing fleet returns"), &json!("https://harbour.example/fleet"))
    );
    assert_eq!(day(saved), "2020-10-27", "five hours before it was saved");
}

#[test]
fn archives_are_read_file_by_file_and_bombs_are_not() {
    for (name, articles) in [("all.zip", 3), ("all.tar", 3), ("all.tar.gz", 2)] {
        let scratch = Scratch::new();
        scratch.write(&format!("in/{name}"), sample(name));
        let report = scratch.dateline(["index", "in", "--json"]).run().expect_code(1).json();
        assert_eq!(report["articles"], articles, "{name}: {report}");
        assert!(
            report["skipped"][0]["path"].as_str().unwrap().starts_with(&format!("in/{name}/in/")),
            "{report}"
        );
    }
    let inner = samples::zipped(&[("a.txt", PLAIN.as_bytes())]);
    let two = samples::zipped(&[("b.zip", &inner), ("../../c.txt", PLAIN.as_bytes())]);
    assert_eq!(run("two.zip", &two, &[]).expect_code(0).json_lines().len(), 2);
    let refused = run("three.zip", samples::zipped(&[("two.zip", &two)]), &[]).expect_code(1);
    assert!(refused.stderr.contains("two.zip/b.zip: archives in archives"), "{}", refused.stderr);
    let bomb = samples::zipped(&[("bomb.jsonl", &vec![b' '; 40 << 20]), ("a.txt", PLAIN.as_bytes())]);
    let ran = run("bomb.zip", bomb, &[]).expect_code(1);
    assert!(ran.stderr.contains("200 times its size"), "{}", ran.stderr);
    assert_eq!(ran.json_lines().len(), 1);
}

#[test]
fn settings_beside_the_files_hold_below_them_and_flags_go_first() {
    let scratch = Scratch::new();
    let undated = PLAIN.replace("27 October 2020", "Oct 27");
    scratch.write("in/a.txt", &undated);
    scratch.write("in/log/b.txt", &undated);
    scratch.write("in/log/c.jsonl", r#"{"id":"c","main":"The fleet.","date":"2020-02-25T02:25:54Z"}"#);
    scratch.write("in/dateline.toml", "default-source = 'The Log'\ndefault-year = 2019\n");
    scratch.write(
        "in/log/dateline.toml",
        "default-year = 2018\ntimezone = 'America/New_York'\nmap = { text = 'main' }\n",
    );
    let read = |flags: &[&str]| -> Vec<(String, String)> {
        scratch.dateline([&["index", "in", "-q"], flags].concat()).run().expect_code(0);
        let mut all: Vec<(String, String)> = scratch
            .dateline(["export"])
            .run()
            .expect_code(0)
            .json_lines()
            .iter()
            .map(|a| (a["source"].as_str().unwrap_or("none").to_string(), day(a).to_string()))
            .collect();
        all.sort();
        all
    };
    let of = |days: [&str; 3], source: &str| days.map(|d| (source.to_string(), d.to_string())).to_vec();
    assert_eq!(read(&[]), of(["2018-10-27", "2019-10-27", "2020-02-24"], "The Log"));
    // Settings that change make the files changed ones.
    scratch.write("in/log/dateline.toml", "timezone = 'UTC'\nmap = { text = 'main' }\n");
    assert_eq!(read(&[]), of(["2019-10-27", "2019-10-27", "2020-02-25"], "The Log"));
    let typed = ["--default-source", "Typed", "--default-year", "2017"];
    assert_eq!(read(&typed), of(["2017-10-27", "2017-10-27", "2020-02-25"], "Typed"));
    let beside = scratch.dateline(["annotate", "--json", "in/a.txt"]).run().expect_code(0).json();
    assert_eq!((&beside["source"], day(&beside)), (&json!("The Log"), "2019-10-27"));
    scratch.write("in/dateline.toml", "defualt-year = 2019\n");
    let wrong = scratch.dateline(["index", "in"]).run().expect_code(2);
    assert!(
        wrong.stderr.contains("in/dateline.toml") && wrong.stderr.contains("defualt-year"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn files_that_patterns_name_are_left_out() {
    let scratch = Scratch::new();
    for name in ["a.txt", "draft-a.txt", "old/b.txt", "old/keep.txt", "sub/draft-c.txt"] {
        scratch.write(&format!("in/{name}"), PLAIN);
    }
    scratch.write("in/.datelineignore", "draft-*\n/old/*\n!/old/keep.txt\n");
    scratch.write("in/sub/.datelineignore", "!draft-c.txt\n");
    let report = scratch.dateline(["index", "in", "--json"]).run().expect_code(0).json();
    assert_eq!((&report["articles"], &report["excluded"]), (&json!(3), &json!({ "ignored": 2 })));
    scratch.write("in/sub/.datelineignore", "");
    let report = scratch.dateline(["index", "in", "--json"]).run().expect_code(0).json();
    assert_eq!((&report["articles"], &report["removed"]), (&json!(2), &json!(1)));
}

#[test]
fn a_dry_run_says_how_each_file_was_understood_and_writes_nothing() {
    let scratch = Scratch::new();
    for (name, bytes) in samples::all() {
        scratch.write(&format!("in/{name}"), bytes);
    }
    let lines = scratch.dateline(["index", "in", "--dry-run", "--json"]).run().expect_code(1).json_lines();
    let of = |name: &str| {
        let path = format!("in/{name}");
        lines.iter().find(|l| l["path"] == path.as_str()).unwrap_or_else(|| panic!("{name} is not told"))
    };
    let formats: Vec<(&str, &Value)> = samples::all().iter().map(|(n, _)| (*n, &of(n)["format"])).collect();
    for (name, format) in
        [("crawl.warc.gz", "WARC"), ("item.xml", "NewsML-G2"), ("news.rss", "feed"), ("letter.eml", "mail")]
    {
        assert!(formats.contains(&(name, &json!(format))), "{formats:?}");
    }
    assert_eq!(of("crawl.warc")["first"]["title"], "Fishing fleet returns");
    let summary = lines.last().unwrap();
    assert_eq!((&summary["dry_run"], &summary["formats"]["WARC"]["articles"]), (&json!(true), &json!(9)));
    assert!(!scratch.path(".dateline").exists());
    let told = scratch.dateline(["index", "in", "--dry-run"]).run().expect_code(1);
    assert!(told.stdout.contains("in/table.csv  CSV  2 articles"), "{}", told.stdout);
}
