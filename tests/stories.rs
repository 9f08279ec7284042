//! Reprints of an article are one story with it, whatever was edited or cut; other articles are not.

use std::path::Path;

use serde_json::Value;
use serde_json::json;

use crate::scratch::Scratch;

/// Every so many words of an edited reprint is another one: 5 %.
const EDITED: usize = 20;

/// An article, one with every twentieth word changed, and one of which the first three quarters are left.
fn reprints(id: usize, title: &str, text: &str) -> Vec<Value> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let edited: Vec<&str> = words
        .iter()
        .enumerate()
        .map(|(at, word)| if at % EDITED == EDITED / 2 { "moreover" } else { *word })
        .collect();
    let cut = &words[..words.len() * 3 / 4];
    let one = |kind: &str, day: u32, source: &str, words: &[&str]| {
        json!({
            "id": format!("{id}-{kind}"), "title": title, "source": source,
            "published": format!("2020-10-{day:02}"), "text": words.join(" "),
        })
    };
    vec![
        one("edited", 12, "The Courier", &edited),
        one("original", 10, "The Lantern", &words),
        one("cut", 11, "Harbour Radio", cut),
    ]
}

/// The articles of a directory, long enough to be cut.
fn articles(dir: &Path) -> Vec<(String, String)> {
    let mut paths: Vec<_> = walkdir::WalkDir::new(dir)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        let title = text.lines().next().unwrap_or_default().to_string();
        (text.split_whitespace().count() > 80).then_some((title, text))
    };
    paths.iter().filter_map(read).collect()
}

fn check(articles: &[(String, String)]) {
    let scratch = Scratch::new();
    let records = articles.iter().enumerate().flat_map(|(id, (title, text))| reprints(id, title, text));
    let lines: Vec<String> = records.map(|record| record.to_string()).collect();
    scratch.write("in/reprints.jsonl", lines.join("\n"));
    scratch.dateline(["index", "in"]).run().expect_code(0);
    let stories = articles.len();

    let answer = scratch.dateline(["search", "--json", "-n", "1000"]).run().expect_code(0).json();
    assert_eq!((&answer["total"], &answer["stories"]), (&json!(3 * stories), &json!(stories)));
    let hits = answer["hits"].as_array().unwrap();
    assert_eq!(hits.len(), stories);
    for hit in hits {
        let id = hit["id"].as_str().unwrap();
        assert!(id.ends_with("-original"), "{id} is not the earliest copy");
        assert_eq!((&hit["copies"], &hit["outlets"]), (&json!(3), &json!(3)), "{id}");
        let story = format!("story:{}", hit["story"].as_str().unwrap());
        let copies = scratch.dateline(["search", &story, "--all", "--json"]).run().expect_code(0).json();
        assert_eq!(copies["hits"].as_array().unwrap().len(), 3, "{story}");
        let similar = scratch.dateline(["similar", id, "--json"]).run().expect_code(0).json();
        let likeness: Vec<f64> =
            similar["copies"].as_array().unwrap().iter().map(|c| c["likeness"].as_f64().unwrap()).collect();
        assert!(likeness.len() == 2 && likeness.iter().all(|l| (0.5..1.0).contains(l)), "{id}: {likeness:?}");
        for related in similar["related"].as_array().unwrap() {
            assert!(!related["id"].as_str().unwrap().starts_with(&id[..id.len() - "original".len()]), "{id}");
        }
    }
    let all = scratch.dateline(["search", "--json", "-n", "1000", "--all"]).run().expect_code(0).json();
    assert_eq!(all["hits"].as_array().unwrap().len(), 3 * stories);
}

#[test]
fn edited_and_cut_reprints_are_one_story() {
    let sample = articles(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"));
    assert!(sample.len() >= 5, "the sample corpus has {} articles of some length", sample.len());
    check(&sample);
}

/// Real pages, when they are there.
#[test]
fn reprints_of_the_seeds_are_one_story_each() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds");
    if seeds.is_dir() {
        let seeds = articles(&seeds);
        assert_eq!(seeds.len(), 5);
        check(&seeds);
    }
}
