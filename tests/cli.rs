//! The commands from outside: what they print, in JSON and for people, and how they end.

use serde_json::Value;
use serde_json::json;

use crate::scratch::Scratch;
use crate::scratch::expect_keys;
use crate::scratch::string;

const ANNOTATED: &str =
    "id title language source url published text boilerplate mentions dates events facets";
const EVENT: &str =
    "kind roles rolled_up status background attributed_to date sentence trigger rule confidence";

#[test]
fn indexing_and_searching_show_the_sentence_behind_a_role() {
    let scratch = Scratch::indexed();
    let ran = scratch.dateline(["search", "ceasefire", "broker=Russia"]).run().expect_code(0);
    assert!(ran.stdout.starts_with("1 article"), "{}", ran.stdout);
    for piece in [
        "Truce takes hold in the valley",
        "2022-09-14",
        "news/valley.txt",
        "broker Russia: “A Russian-brokered",
    ] {
        assert!(ran.stdout.contains(piece), "{piece:?} is not in\n{}", ran.stdout);
    }
}

#[test]
fn exit_codes_tell_hits_from_none_from_wrong_usage() {
    let scratch = Scratch::indexed();
    scratch.dateline(["search", "ceasefire"]).run().expect_code(0);
    scratch.dateline(["search", "zeppelin"]).run().expect_code(1);
    scratch.dateline(["show", "no-such-id"]).run().expect_code(1);
    scratch.dateline(["facets", "broker", "zeppelin"]).run().expect_code(1);
    scratch.dateline(["timeline", "zeppelin"]).run().expect_code(1);
    scratch.dateline(["export", "zeppelin"]).run().expect_code(1);
    scratch.dateline(["annotate", "no-such-file.txt"]).run().expect_code(1);
    scratch.dateline(["search", "--no-such-flag"]).run().expect_code(2);
    scratch.dateline(["no-such-command"]).run().expect_code(2);
    scratch.dateline(["index", "no-such-directory"]).run().expect_code(2);
    let none = scratch.dateline(["search", "--index", "nowhere", "ceasefire"]).run().expect_code(2);
    assert!(
        none.stderr.contains("no index at nowhere") && none.stderr.contains("dateline index"),
        "{}",
        none.stderr
    );
    scratch.write("a-file", "x");
    scratch.dateline(["index", "news", "--index", "a-file/index"]).run().expect_code(5);
}

#[test]
fn search_prints_one_line_of_json() {
    let scratch = Scratch::indexed();
    let answer =
        scratch.dateline(["search", "ceasefire broker=Russia", "--json"]).run().expect_code(0).json();
    expect_keys(&answer, "query total stories took_ms warnings hits facets");
    expect_keys(&answer["query"], "text understood");
    assert_eq!(answer["query"]["text"], "ceasefire broker=Russia");
    assert_eq!(answer["facets"]["broker"], json!([{ "value": "Russia", "count": 1 }]));
    let hit = &answer["hits"][0];
    expect_keys(hit, "rank id score title source url path published facets snippets evidence");
    assert_eq!(
        (&hit["rank"], &hit["source"], &hit["path"]),
        (&json!(1), &Value::Null, &json!("news/valley.txt"))
    );
    expect_keys(&hit["published"], "date precision method confidence");
    assert_eq!(hit["published"]["date"], "2022-09-14");
    let evidence = &hit["evidence"][0];
    expect_keys(evidence, "field value sentence rule confidence");
    assert_eq!((&evidence["field"], &evidence["value"]), (&json!("broker"), &json!("Russia")));
    for snippet in hit["snippets"].as_array().unwrap() {
        let text = string(&snippet["text"]);
        for highlight in snippet["highlights"].as_array().unwrap() {
            let [from, to] = [0, 1].map(|end| highlight[end].as_u64().unwrap() as usize);
            assert_eq!(&text[from..to], "ceasefire");
        }
    }

    let none = scratch.dateline(["search", "zeppelin", "--json"]).run().expect_code(1).json();
    assert_eq!((&none["total"], &none["hits"]), (&json!(0), &json!([])));
    let undated = scratch.dateline(["search", "bell", "--json"]).run().json()["hits"][0].clone();
    assert_eq!((&undated["published"], &undated["record"]), (&Value::Null, &json!(3)));
    let pretty = scratch.dateline(["search", "bell", "--json", "--pretty"]).run().expect_code(0);
    assert!(pretty.lines().len() > 10 && serde_json::from_str::<Value>(&pretty.stdout).is_ok());
}

#[test]
fn facets_timeline_stats_and_check_print_one_line_of_json() {
    let scratch = Scratch::indexed();
    let json = |args: &[&str]| scratch.dateline([args, &["--json"]].concat()).run().expect_code(0).json();
    let facet = json(&["facets", "country", "-n", "1"]);
    assert_eq!(
        (&facet["field"], &facet["values"]),
        (&json!("country"), &json!([{ "value": "Armenia", "count": 2 }]))
    );
    let prefixed = json(&["facets", "actor", "--prefix", "nat"]);
    assert_eq!(prefixed["values"], json!([{ "value": "United Nations", "count": 1 }]));

    let timeline = json(&["timeline", "ceasefire"]);
    assert_eq!((&timeline["by"], &timeline["undated"]), (&json!("month"), &json!(1)));
    let buckets = json!([{ "date": "2020-10", "count": 1 }, { "date": "2022-09", "count": 1 }, { "date": "2023-11", "count": 1 }]);
    assert_eq!(timeline["buckets"], buckets);
    for (period, date) in [("day", "2023-11-20"), ("week", "2023-W47"), ("year", "2023")] {
        assert_eq!(
            json(&["timeline", "doha", "--by", period])["buckets"],
            json!([{ "date": date, "count": 1 }])
        );
    }

    let stats = json(&["stats"]);
    expect_keys(&stats, "articles stories undated roots bytes");
    assert_eq!((&stats["articles"], &stats["stories"], &stats["undated"]), (&json!(4), &json!(4), &json!(1)));
    assert!(string(&stats["roots"][0]).ends_with("news"));
    assert_eq!(json(&["check"]), json!({ "ok": true, "damaged": [] }));
}

#[test]
fn annotate_and_show_print_the_article_with_all_that_was_found() {
    let scratch = Scratch::indexed();
    let read = scratch.dateline(["annotate", "news/valley.txt", "--json"]).run().expect_code(0).json();
    expect_keys(&read, ANNOTATED);
    let text = String::from_utf8(scratch.read("news/valley.txt")).unwrap();
    assert_eq!(read["text"], text.as_str());
    let of =
        |start: &Value, end: &Value| &text[start.as_u64().unwrap() as usize..end.as_u64().unwrap() as usize];
    for mention in read["mentions"].as_array().unwrap() {
        expect_keys(mention, "start end text kind entity");
        assert_eq!(mention["text"], of(&mention["start"], &mention["end"]));
    }
    for date in read["dates"].as_array().unwrap() {
        expect_keys(date, "start end text value");
        assert_eq!(date["text"], of(&date["start"], &date["end"]));
    }
    for span in read["boilerplate"].as_array().unwrap() {
        assert!(!of(&span[0], &span[1]).contains("ceasefire"));
    }
    let event = &read["events"][0];
    expect_keys(event, EVENT);
    assert_eq!((&event["kind"], &event["roles"]["broker"]), (&json!("mediate"), &json!(["Russia"])));
    assert_eq!((&event["status"], &event["background"]), (&json!("asserted"), &json!(false)));
    assert!(of(&event["sentence"][0], &event["sentence"][1]).starts_with("A Russian-brokered ceasefire"));
    assert_eq!(of(&event["trigger"][0], &event["trigger"][1]), "brokered");
    expect_keys(&read["facets"], "actor country person organisation place broker host party accuser accused");

    let shown = scratch.dateline(["show", "t2", "--json"]).run().expect_code(0).json();
    expect_keys(&shown, ANNOTATED);
    assert_eq!(shown["facets"]["accused"], json!(["Armenia"]));
    let by_path = scratch.dateline(["show", "news/valley.txt"]).run().expect_code(0);
    assert!(by_path.stdout.contains("Ann Ruel"), "{}", by_path.stdout);
}

#[test]
fn annotate_prints_a_line_for_each_article_in_input_order() {
    let scratch = Scratch::indexed();
    let args = ["annotate", "--json", "news/records.jsonl", "news/valley.txt"];
    let read = scratch.dateline(args).run().expect_code(0).json_lines();
    let titles: Vec<String> = read.iter().map(|a| string(&a["title"])).collect();
    let expected = [
        "Doha talks resume",
        "Blame in the hills",
        "An old truce remembered",
        "Truce takes hold in the valley",
    ];
    assert_eq!(titles, expected);
    let forced = scratch.dateline(["annotate", "--json", "--format", "text", "news/records.jsonl"]).run();
    assert_eq!(forced.expect_code(0).json_lines().len(), 1);
    let half = scratch.dateline(["annotate", "--json", "none.txt", "news/valley.txt"]).run().expect_code(1);
    assert_eq!(half.json_lines().len(), 1);
    assert!(half.stderr.contains("none.txt"), "{}", half.stderr);
}

#[test]
fn export_writes_every_matching_article_or_event() {
    let scratch = Scratch::indexed();
    let articles = scratch.dateline(["export", "ceasefire"]).run().expect_code(0).json_lines();
    assert_eq!(articles.len(), 4);
    for article in &articles {
        expect_keys(article, "id title source url path published facets");
        assert!(article.get("rank").is_none() && article.get("snippets").is_none());
    }
    let events = scratch.dateline(["export", "--what", "events", "-f", "source=The Courier"]).run();
    let events = events.expect_code(0).json_lines();
    let mut kinds: Vec<String> = events.iter().map(|e| string(&e["kind"])).collect();
    kinds.sort();
    assert_eq!(kinds, ["accuse", "mediate"]);
    for event in &events {
        expect_keys(event, EVENT);
        expect_keys(event, "id path source published");
    }
    let dated = scratch.dateline(["export", "--from", "2023"]).run().expect_code(0).json_lines();
    assert_eq!(dated.len(), 1);
}

#[test]
fn batch_answers_many_queries_in_three_formats() {
    let scratch = Scratch::indexed();
    scratch.write("queries.tsv", "q1\tdoha talks\nq2\tzeppelin\n\nq3\tceasefire broker=Turkey\n");
    let batch =
        |args: &[&str]| scratch.dateline([&["batch", "queries.tsv"], args].concat()).run().expect_code(0);
    let answers = batch(&[]).json_lines();
    let totals: Vec<_> = answers.iter().map(|a| (string(&a["id"]), a["total"].as_u64().unwrap())).collect();
    assert_eq!(totals, [("q1".into(), 1), ("q2".into(), 0), ("q3".into(), 1)]);
    assert_eq!(answers[2]["hits"][0]["id"], "t3");

    let trec = batch(&["--format", "trec"]);
    let cells: Vec<Vec<&str>> = trec.lines().iter().map(|l| l.split(' ').collect()).collect();
    assert_eq!(cells.len(), 2);
    assert_eq!([&cells[0][..4], &cells[0][5..]].concat(), ["q1", "Q0", "t1", "1", "dateline"]);
    assert!(cells[0][4].parse::<f64>().unwrap() > 0.0);

    let csv = batch(&["--format", "csv"]);
    assert!(csv.lines()[0].starts_with("query,rank,id,"), "{}", csv.stdout);
    assert!(csv.lines()[1].starts_with("q1,1,t1,") && csv.lines()[1].ends_with(",Doha talks resume"));
    assert_eq!(csv.lines().len(), 3);

    let piped =
        scratch.dateline(["batch", "-", "-n", "2"]).input("a\tceasefire\n").run().expect_code(0).json();
    assert_eq!((&piped["total"], piped["hits"].as_array().unwrap().len()), (&json!(4), 2));
    let any = scratch.dateline(["batch", "-", "--any"]).input("a\tdoha bell\n").run().expect_code(0).json();
    assert_eq!(any["total"], 2);
    let bad = scratch.dateline(["batch", "-"]).input("a\tceasefire\nwithout a tab\n").run().expect_code(2);
    assert!(bad.stderr.contains("line 2"), "{}", bad.stderr);
}

#[test]
fn colours_are_for_terminals_or_on_demand() {
    let scratch = Scratch::indexed();
    let search = |args: &[&str]| scratch.dateline([&["search", "ceasefire"], args].concat());
    let colored = |ran: crate::scratch::Ran| ran.expect_code(0).stdout.contains('\u{1b}');
    assert!(!colored(search(&[]).run()));
    assert!(colored(search(&["--color", "always"]).run()));
    assert!(colored(search(&["--color", "always"]).env("NO_COLOR", "1").run()));
    assert!(!colored(search(&["--color", "never"]).run()));
    assert!(!colored(search(&["--color", "auto"]).env("NO_COLOR", "1").run()));
    assert!(!colored(search(&["--color", "always", "--json"]).run()));
    search(&["--color", "sometimes"]).run().expect_code(2);
}

#[test]
fn control_characters_of_an_article_do_not_reach_the_terminal() {
    let scratch = Scratch::new();
    let record = json!({ "id": "c1", "title": "A \u{1b}[31mred\u{7} ferry", "text": "The ferry \u{1b}]0;owned\u{7} was \u{202e}late." });
    scratch.write("in/a.jsonl", record.to_string());
    let ran = scratch.dateline(["search", "--in", "in", "ferry"]).run().expect_code(0);
    let shown = scratch.dateline(["show", "c1"]).run().expect_code(0);
    for text in [ran.stdout, shown.stdout] {
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let scratch = Scratch::indexed();
    let commands: [&[&str]; 8] = [
        &["search", "ceasefire"],
        &["search", "ceasefire", "--json"],
        &["export"],
        &["facets", "actor"],
        &["timeline"],
        &["stats"],
        &["annotate", "news/valley.txt"],
        &["man"],
    ];
    for args in commands {
        let ran = scratch.dateline(args).run_unread().expect_code(0);
        assert_eq!(ran.stderr, "", "{args:?}");
    }
}

#[test]
fn quiet_keeps_notes_and_reports_to_itself() {
    let scratch = Scratch::new();
    crate::scratch::write_news(&scratch);
    let loud = scratch.dateline(["index", "news"]).run().expect_code(0);
    assert_eq!(loud.stdout, "");
    assert!(loud.stderr.contains("4 added"), "{}", loud.stderr);
    assert_eq!(scratch.dateline(["index", "news", "-q"]).run().expect_code(0).stderr, "");
    let dated = scratch.dateline(["search", "ceasefire", "--from", "2020", "-q"]).run().expect_code(0);
    assert_eq!(dated.stderr, "");
    let failed = scratch.dateline(["search", "-q", "brocker:x"]).run().expect_code(2);
    assert!(failed.stderr.contains("brocker"), "{}", failed.stderr);
}

#[test]
fn completions_manual_help_and_version_are_printed() {
    let scratch = Scratch::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = scratch.dateline(["completions", shell]).run().expect_code(0);
        assert!(script.stdout.contains("timeline"), "{shell}");
    }
    assert!(scratch.dateline(["man"]).run().expect_code(0).stdout.contains(".TH dateline"));
    let help = scratch.dateline(["--help"]).run().expect_code(0).stdout;
    for command in
        ["index", "search", "facets", "timeline", "show", "annotate", "batch", "export", "stats", "check"]
    {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is not in the help");
    }
    assert!(scratch.dateline(["--version"]).run().expect_code(0).stdout.contains(env!("CARGO_PKG_VERSION")));
}
