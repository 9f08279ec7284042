//! What a search answers: filters, dates, order, pages, notes, and errors that show the place.

use serde_json::Value;

use crate::scratch::Scratch;

fn values(facet: &Value) -> Vec<&str> {
    facet.as_array().unwrap().iter().map(|v| v["value"].as_str().unwrap()).collect()
}

#[test]
fn words_phrases_and_roles_find_their_articles() {
    let scratch = Scratch::indexed();
    let find = |query: &str| scratch.ids_sorted([query]);
    assert_eq!(find("ceasefire").len(), 4);
    assert_eq!(find("ceasefire talks doha"), ["t1"]);
    assert_eq!(find("\"three hours\""), ["t1"]);
    assert_eq!(find("\"hours three\""), [""; 0]);
    assert_eq!(find("doha OR bell"), ["t1", "t3"]);
    assert_eq!(find("(doha OR bell) turkey"), ["t3"]);
    assert_eq!(find("ceasefire -armenia NOT doha"), ["t3"]);
    assert_eq!(find("cease-fire").len(), 4);
    assert_eq!(find("cease fire doha"), ["t1"]);
    assert_eq!(find("title:blame"), ["t2"]);
    assert_eq!(find("broker=Qatar"), ["t1"]);
    assert_eq!(find("broker:(Qatar OR Turkey)"), ["t1", "t3"]);
    assert_eq!(find("accuser:Azerbaijan accused:Armenia"), ["t2"]);
    assert_eq!(find("accuser:Armenia"), [""; 0]);
    assert_eq!(find("broker:* -broker:Russia"), ["t1", "t3"]);
    assert_eq!(find("source:\"The Courier\""), ["t2", "t3"]);
    assert_eq!(find("author:\"Ivo Part\""), ["t1"]);
    assert_eq!(find("id:t2"), ["t2"]);
    assert_eq!(find("path:records.jsonl"), ["t1", "t2", "t3"]);
    assert_eq!(find("url:example.org"), ["t1"]);
}

#[test]
fn another_name_of_an_actor_is_read_as_the_canonical_one() {
    let scratch = Scratch::indexed();
    let answer = scratch.dateline(["search", "broker=Moscow", "--json"]).run().expect_code(0).json();
    assert_eq!(answer["total"], 1);
    assert!(answer["warnings"].to_string().contains("Moscow is read as Russia"), "{}", answer["warnings"]);
    assert_eq!(scratch.ids(["country:\"Russian Federation\""]).len(), 1);
    let near = scratch.dateline(["search", "broker=Qatarr"]).run().expect_code(1);
    assert!(near.stderr.contains("near it: Qatar"), "{}", near.stderr);
}

#[test]
fn an_unknown_field_is_an_error_with_its_place_and_a_suggestion() {
    let scratch = Scratch::indexed();
    let ran = scratch.dateline(["search", "ceasefire brocker:Russia"]).run().expect_code(2);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("did you mean `broker`?"), "{}", ran.stderr);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    let at = lines.iter().position(|l| l.trim() == "ceasefire brocker:Russia").unwrap();
    assert_eq!(lines[at + 1].find('^'), lines[at].find("brocker"), "{}", ran.stderr);
    let facet = scratch.dateline(["facets", "brokers"]).run().expect_code(2);
    assert!(facet.stderr.contains("did you mean `broker`?"), "{}", facet.stderr);
}

#[test]
fn what_the_language_does_not_have_is_an_error_and_plain_takes_it_as_words() {
    let scratch = Scratch::indexed();
    for query in [
        "(ceasefire",
        "ceasefire)",
        "ceasefire AND",
        "OR ceasefire",
        "\"ceasefire",
        "broker:",
        "/cease(/",
        "event{ceasefire",
        "ceasefire^0",
        "ceasefire~9",
        "2020-13-45..",
    ] {
        let ran = scratch.dateline(["search", query]).run();
        assert_eq!(ran.code, Some(2), "{query}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains('^'), "{query}: {}", ran.stderr);
        let plain = scratch.dateline(["search", "--plain", query]).run();
        assert!(matches!(plain.code, Some(0 | 1)), "--plain {query}: {}", plain.stderr);
    }
    assert_eq!(scratch.ids_sorted(["--plain", "(doha - ceasefire:"]), ["t1"]);
    assert_eq!(scratch.ids_sorted(["--any", "doha bell zeppelin"]), ["t1", "t3"]);
    let mixed = scratch.dateline(["search", "doha talks OR bell"]).run().expect_code(0);
    assert!(mixed.stderr.contains("AND binds tighter than OR"), "{}", mixed.stderr);
}

#[test]
fn values_of_one_filter_are_alternatives_and_filters_all_hold() {
    let scratch = Scratch::indexed();
    assert_eq!(scratch.ids_sorted(["-f", "broker=Qatar", "-f", "broker=Turkey"]), ["t1", "t3"]);
    assert_eq!(scratch.ids_sorted(["-f", "broker=Turkey", "-f", "source=The Courier"]), ["t3"]);
    assert_eq!(scratch.ids_sorted(["-f", "broker=Qatar", "-f", "source=The Courier"]), [""; 0]);
    assert_eq!(scratch.ids_sorted(["ceasefire", "-f", "country!=Armenia"]), ["t1", "t3"]);
    assert_eq!(
        scratch.ids_sorted(["-f", "broker!=Qatar", "-f", "broker!=Turkey", "-f", "broker=*"]).len(),
        1
    );
    scratch.dateline(["search", "-f", "broker"]).run().expect_code(2);
}

#[test]
fn dates_narrow_and_the_undated_left_out_are_counted() {
    let scratch = Scratch::indexed();
    assert_eq!(scratch.ids_sorted(["ceasefire", "--from", "2023"]), ["t1"]);
    assert_eq!(scratch.ids_sorted(["ceasefire", "--to", "2020-10-28"]), ["t2"]);
    assert_eq!(scratch.ids_sorted(["ceasefire", "--to", "2020-10-27"]), [""; 0]);
    assert_eq!(scratch.ids_sorted(["ceasefire", "--from", "2020", "--to", "2023-11"]).len(), 3);
    assert_eq!(scratch.ids_sorted(["ceasefire 2023-11-01..2023-11-30"]), ["t1"]);
    assert_eq!(scratch.ids_sorted(["published:>=2022-10"]), ["t1"]);
    assert_eq!(scratch.ids_sorted(["published:[2020-10-01 TO 2020-10-31]"]), ["t2"]);
    assert_eq!(scratch.ids_sorted(["published:none"]), ["t3"]);
    assert_eq!(scratch.ids_sorted(["NOT published:none"]).len(), 3);
    assert_eq!(scratch.ids_sorted(["mentioned:XXXX-10-27"]), ["t2", "t3"]);
    assert!(scratch.ids(["mentioned:2020-10-27"]).contains(&"t2".to_string()));
    let dated = scratch.dateline(["search", "ceasefire 2020..2022"]).run().expect_code(0);
    assert!(dated.stderr.contains("1 undated article left out"), "{}", dated.stderr);
    let silent = scratch.dateline(["search", "doha", "--from", "2020"]).run().expect_code(0);
    assert_eq!(silent.stderr, "");
    scratch.dateline(["search", "ceasefire", "--from", "soon"]).run().expect_code(2);
}

#[test]
fn hits_are_sorted_by_date_with_the_undated_last() {
    let scratch = Scratch::indexed();
    let newest = scratch.ids(["ceasefire", "--sort", "newest"]);
    let oldest = scratch.ids(["ceasefire", "--sort", "oldest"]);
    assert_eq!([&newest[0], &newest[2], &newest[3]], ["t1", "t2", "t3"]);
    assert_eq!([&oldest[0], &oldest[2], &oldest[3]], ["t2", "t1", "t3"]);
    assert_eq!(newest[1], oldest[1]);
}

#[test]
fn pages_follow_one_another_and_counts_can_stand_alone() {
    let scratch = Scratch::indexed();
    let all = scratch.ids(["ceasefire"]);
    let pages =
        [scratch.ids(["ceasefire", "-n", "3"]), scratch.ids(["ceasefire", "-n", "3", "--offset", "3"])];
    assert_eq!((pages[0].len(), pages.concat()), (3, all));
    let ranks = scratch.dateline(["search", "ceasefire", "--offset", "2", "--json"]).run().json();
    assert_eq!((&ranks["hits"][0]["rank"], &ranks["total"]), (&3.into(), &4.into()));

    let counts = scratch.dateline(["search", "ceasefire", "-n", "0", "--json"]).run().expect_code(0).json();
    assert_eq!((&counts["total"], counts["hits"].as_array().unwrap().len()), (&4.into(), 0));
    assert_eq!(values(&counts["facets"]["broker"]), ["Qatar", "Russia", "Turkey", "United Nations"]);
    assert_eq!(scratch.dateline(["search", "ceasefire", "-c"]).run().expect_code(0).stdout, "4\n");
    let none = scratch.dateline(["search", "zeppelin", "-c"]).run().expect_code(1);
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("0\n", ""));
    let paths = scratch.dateline(["search", "valley", "-l"]).run().expect_code(0);
    assert_eq!(paths.lines(), ["news/valley.txt"]);
    scratch.dateline(["search", "ceasefire", "--offset", "999999999"]).run().expect_code(2);
}

#[test]
fn facets_are_the_ones_asked_for() {
    let scratch = Scratch::indexed();
    let facets = |list: &str| {
        scratch.dateline(["search", "ceasefire", "--json", "--facets", list]).run().expect_code(0).json()["facets"]
            .clone()
    };
    assert_eq!(facets("none"), serde_json::json!({}));
    let two = facets("country:1,source");
    assert_eq!(values(&two["country"]).len(), 1);
    assert_eq!(values(&two["source"]), ["The Courier", "The Lantern"]);
    scratch.dateline(["search", "ceasefire", "--facets", "nonsense"]).run().expect_code(2);
}

#[test]
fn flags_may_follow_the_query_and_after_two_dashes_all_is_query() {
    let scratch = Scratch::indexed();
    for args in
        [["-n", "1", "ceasefire", "doha"], ["ceasefire", "doha", "-n", "1"], ["ceasefire", "-n", "1", "doha"]]
    {
        assert_eq!(scratch.ids(args), ["t1"], "{args:?}");
    }
    let excluded =
        scratch.dateline(["search", "--json", "--", "-doha", "ceasefire"]).run().expect_code(0).json();
    assert_eq!(excluded["total"], 3);
    let words = scratch.dateline(["search", "-c", "--", "ceasefire", "-l"]).run();
    assert_ne!(words.stdout.trim(), "", "-l after -- is part of the query: {}", words.stderr);
}

#[test]
fn a_role_told_as_an_offer_is_no_fact_and_is_pointed_to() {
    let scratch = Scratch::new();
    scratch.write(
        "in/a.jsonl",
        r#"{"id":"o1","text":"Turkey offered to mediate between Russia and Ukraine."}
{"id":"o2","text":"Turkey mediated between Russia and Ukraine."}"#,
    );
    scratch.dateline(["index", "in"]).run().expect_code(0);
    assert_eq!(scratch.ids_sorted(["broker=Turkey"]), ["o2"]);
    assert_eq!(scratch.ids_sorted(["broker.offered:Turkey"]), ["o1"]);
    assert_eq!(scratch.ids_sorted(["broker.any:Turkey"]), ["o1", "o2"]);
    let ran = scratch.dateline(["search", "broker=Turkey"]).run().expect_code(0);
    assert!(ran.stderr.contains("broker.any:Turkey"), "{}", ran.stderr);
}

#[test]
fn copies_of_an_article_are_one_story() {
    let scratch = Scratch::new();
    let text =
        "The ferry of the island was late again, and the mayor was asked to explain it to the council.";
    for name in ["a", "b", "c"] {
        scratch.write(&format!("in/{name}.jsonl"), format!("{{\"id\":\"{name}\",\"text\":\"{text}\"}}"));
    }
    scratch.write("in/d.jsonl", r#"{"id":"d","text":"The ferry sank."}"#);
    let answer = scratch.dateline(["search", "--in", "in", "ferry", "--json"]).run().expect_code(0).json();
    assert_eq!((&answer["total"], &answer["stories"]), (&4.into(), &2.into()));
}

/// A directory with an index of these articles: id, headline and text.
fn indexed(articles: &[(&str, &str, &str)]) -> Scratch {
    let scratch = Scratch::new();
    let record = |(id, title, text): &(&str, &str, &str)| serde_json::json!({ "id": id, "title": title, "text": text });
    let lines: Vec<String> = articles.iter().map(|a| record(a).to_string()).collect();
    scratch.write("in/articles.jsonl", lines.join("\n"));
    scratch.dateline(["index", "in"]).run().expect_code(0);
    scratch
}

#[test]
fn the_headline_counts_with_the_text_and_mildly_by_itself() {
    let scratch = indexed(&[
        (
            "both",
            "Harbour reopens",
            "The harbour was cleared of ice and the first boats left the harbour at dawn.",
        ),
        (
            "head",
            "Harbour reopens",
            "The quay was cleared of ice and the first boats left for sea at dawn on Friday.",
        ),
        (
            "text",
            "Quay reopens",
            "The harbour was cleared of ice and the first boats left for sea at dawn on Friday.",
        ),
        ("none", "Quay reopens", "The ferry was late again."),
    ]);
    assert_eq!(scratch.ids(["harbour"]), ["both", "head", "text"]);
    assert_eq!(scratch.ids(["title:harbour"]).len(), 2);
}

#[test]
fn a_compound_is_also_its_parts_where_any_word_will_do() {
    let scratch = indexed(&[
        ("one", "", "A ceasefire held."),
        ("glued", "", "A cease-fire held."),
        ("two", "", "They agreed to cease fire."),
        ("part", "", "A fire broke out."),
        ("none", "", "The ferry was late again."),
    ]);
    assert_eq!(scratch.ids_sorted(["cease-fire"]), ["glued", "one", "two"]);
    assert_eq!(scratch.ids_sorted(["cease-fire", "--any"]), ["glued", "one", "part", "two"]);
    assert_eq!(scratch.ids_sorted(["broke", "--any", "-f", "id=part"]), ["part"]);
    assert_eq!(scratch.ids_sorted(["NOT cease-fire", "--any"]), ["none", "part"]);
}

#[test]
fn function_words_decide_but_hardly_score() {
    let scratch = indexed(&[
        ("a", "", "What of the ferry, what of the quay, what of the boats, and what of the mayor?"),
        ("b", "", "Boats were lost."),
        ("c", "", "Nothing was lost."),
    ]);
    assert_eq!(scratch.ids(["what of the lost", "--any"])[1..], ["c", "a"]);
    assert_eq!(scratch.ids(["what"]), ["a"]);
}

/// Two articles about rusty hinges, one of which names the drawbridge, and many about nothing in common.
fn bridges() -> Scratch {
    let names: Vec<(String, String)> =
        (0..40).map(|i| (format!("filler{i}"), format!("Council number{i} met about item{i}."))).collect();
    let mut articles = vec![
        ("first", "", "The drawbridge jammed: rust had eaten the hinges of the drawbridge."),
        ("second", "", "Rust and more rust: the hinges of the lock gave way."),
    ];
    articles.extend(names.iter().map(|(id, text)| (id.as_str(), "", text.as_str())));
    indexed(&articles)
}

#[test]
fn the_words_of_the_best_hits_join_the_query_if_asked_for() {
    let scratch = bridges();
    let ask = |more: &[&str]| {
        let args = [&["search", "drawbridge", "--json"], more].concat();
        scratch.dateline(args).run().expect_code(0).json()
    };
    let ids = |answer: &Value| -> Vec<String> {
        answer["hits"].as_array().unwrap().iter().map(|h| h["id"].as_str().unwrap().to_string()).collect()
    };
    let read = |answer: &Value| answer["query"]["understood"].as_str().unwrap().to_string();
    assert_eq!(read(&ask(&[])), "drawbridge");
    // All words must be there still: the others only score.
    let all = ask(&["--expand"]);
    assert_eq!(ids(&all), ["first"]);
    assert!(read(&all).starts_with("drawbridge expanded with drawbridge^0."), "{}", read(&all));
    assert!(read(&all).contains(" hinges^0."), "{}", read(&all));
    assert_eq!(ids(&ask(&["--expand", "--any"])), ["first", "second"]);
    // What is asked for beside words holds for what they add.
    assert_eq!(ids(&ask(&["--expand", "--any", "-f", "id=first"])), ["first"]);
    assert_eq!(read(&ask(&["--expand", "--sort", "newest"])), "drawbridge");
}

#[test]
fn a_batch_expands_its_queries_if_asked_for() {
    let scratch = bridges();
    scratch.write("queries.tsv", "1\tdrawbridge\n");
    let lines = |more: &[&str]| {
        let args = [&["batch", "queries.tsv", "--any", "--format", "trec"], more].concat();
        scratch.dateline(args).run().expect_code(0).stdout.lines().count()
    };
    assert_eq!((lines(&[]), lines(&["--expand"])), (1, 2));
}

#[test]
fn spellings_of_a_name_that_no_table_has_are_one_value() {
    let scratch = Scratch::new();
    scratch.write(
        "in/a.jsonl",
        r#"{"id":"n1","text":"Joaquin Villalobos, the mayor of the town, said on Monday that the ferry was late."}
{"id":"n2","text":"The mayor, Joaquín Villalobos, said the bridge would open in May. Harbour Systems Corp built it."}
{"id":"n3","text":"Joaquin Villalobos and Joaquín Villalobos are one man, the council was told. Harbour Systems said so."}
{"id":"n4","text":"Joaquin Villalobos told the council that winter would be hard."}"#,
    );
    scratch.dateline(["index", "in"]).run().expect_code(0);
    let facet = |field: &str| {
        let json = scratch.dateline(["facets", field, "--json"]).run().expect_code(0).json();
        let one = |v: &Value| (v["value"].as_str().unwrap().to_string(), v["count"].as_u64().unwrap());
        json["values"].as_array().unwrap().iter().map(one).collect::<Vec<_>>()
    };
    // The article with both spellings counts once.
    assert_eq!(facet("person"), [("Joaquin Villalobos".to_string(), 4)]);
    assert_eq!(facet("organisation"), [("Harbour Systems".to_string(), 2)]);
    for name in ["Joaquin Villalobos", "Joaquín Villalobos", "joaquin villalobos"] {
        assert_eq!(scratch.ids([&format!("person:\"{name}\"")]).len(), 4, "{name}");
    }
}

#[test]
fn an_empty_answer_says_what_emptied_it() {
    let scratch = Scratch::indexed();
    let notes = |query: &str| scratch.dateline(["search", query]).run().expect_code(1).stderr;
    assert!(notes("ceasefyre doha").contains("no article has `ceasefyre`; near it: ceasefire"));
    assert!(notes("doha bell").contains("without `bell` there would be 1 article"));
    assert!(notes("event{broker:Qatar zeppelin}").contains("no article has `event{broker:Qatar zeppelin}`"));
}

#[test]
fn a_facet_is_not_narrowed_by_its_own_filter() {
    let scratch = Scratch::indexed();
    let brokers = |args: [&str; 3]| {
        let args = ["search", "--json", "--facets", "broker"].into_iter().chain(args);
        let json = scratch.dateline(args).run().expect_code(0).json();
        (json["total"].as_u64().unwrap(), json["facets"]["broker"].as_array().unwrap().len())
    };
    assert_eq!(brokers(["ceasefire", "-f", "broker=Qatar"]), (1, 4));
    assert_eq!(brokers(["ceasefire broker=Qatar", "-n", "1"]), (1, 1));
}

#[test]
fn one_event_has_it_all_or_does_not_match() {
    let scratch = Scratch::indexed();
    assert_eq!(scratch.ids(["event{accuser:Azerbaijan accused:Armenia}"]), ["t2"]);
    assert_eq!(scratch.ids(["event{accuser:Armenia accused:Azerbaijan}"]), [""; 0]);
    let matrix = scratch.dateline(["matrix", "accuser", "accused", "--json"]).run().expect_code(0).json();
    assert_eq!(
        matrix["cells"],
        serde_json::json!([{ "row": "Azerbaijan", "column": "Armenia", "count": 1 }])
    );
    let events = scratch.dateline(["export", "--what", "events", "event{broker:Qatar}"]).run().expect_code(0);
    assert_eq!(events.lines().len(), 1, "{}", events.stdout);
    let csv = scratch.dateline(["export", "--what", "events", "--format", "csv"]).run().expect_code(0);
    assert!(csv.stdout.starts_with("id,source,published,"), "{}", csv.stdout);
}

#[test]
fn an_answer_that_takes_too_long_is_partial_and_says_so() {
    let scratch = Scratch::indexed();
    for command in [
        &["search", "ceasefire -\"peace talks\""][..],
        &["facets", "actor"],
        &["timeline"],
        &["matrix", "broker", "party"],
    ] {
        let late = scratch.dateline([command, &["--json", "--timeout", "0.000000001"]].concat()).run().json();
        assert_eq!(late["partial"], true, "{command:?}");
        assert!(late["warnings"][0].as_str().unwrap().starts_with("stopped after"), "{late}");
        let whole = scratch.dateline([command, &["--json", "--timeout", "0"]].concat()).run().json();
        assert_eq!(whole["partial"], false, "{command:?}");
    }
    scratch.dateline(["search", "ceasefire", "--timeout", "soon"]).run().expect_code(2);
}
