//! Cases, and how two answers to one are compared: sets, counts, facets, days, warnings, snippets and evidence are to be
//! equal; the order by relevance too, but for hits whose scores are nearly equal.

use std::collections::BTreeMap;
use std::process::Output;

use serde_json::Value;

/// By how much of its score a hit may stand too high: the engine keeps the lengths of articles more coarsely.
const NEARLY: f64 = 0.08;

/// Hits whose order is compared.
const TOP: usize = 10;

/// What one backend may say and the other need not.
const SAID_BY_ONE: [&str; 2] = ["not on opensearch: stories", "; near it: "];

pub struct Case {
    pub line: String,
    words: Vec<String>,
}

pub enum Difference {
    /// Hits of nearly equal score stand in another order.
    Order,
    /// Hits of other scores do.
    Ranking(String),
    Fault(String),
}

pub fn cases() -> Vec<Case> {
    let lines =
        include_str!("cases.txt").lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    let cases: Vec<Case> = lines.map(|line| Case { line: line.to_string(), words: split(line) }).collect();
    assert!(cases.len() > 100, "the cases were not read");
    cases
}

/// Words between spaces, quoted ones as one; a backslash takes the next letter as it is.
fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    let mut letters = line.chars();
    while let Some(c) = letters.next() {
        match c {
            '\\' => word.extend(letters.next()),
            '"' => (quoted, begun) = (!quoted, true),
            ' ' if !quoted => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            c => word.push(c),
        }
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    words
}

impl Case {
    pub fn args(&self) -> Vec<&str> {
        let mut args: Vec<&str> = self.words.iter().map(String::as_str).collect();
        if args[0] != "export" {
            args.push("--json");
        }
        if args[0] == "search" {
            args.extend(["--all", "--facets", "broker:20,actor:20,person:20,country:20,month:20,source:20"]);
            if !args.contains(&"-n") {
                args.extend(["-n", "1000"]);
            }
        }
        args
    }

    pub fn difference(&self, expected: &Output, got: &Output) -> Option<Difference> {
        let fault = |what: &str, a: &dyn std::fmt::Debug, b: &dyn std::fmt::Debug| {
            let cut = |text: String| text.chars().take(600).collect::<String>();
            Some(Difference::Fault(format!(
                "{what}: {}\n  and: {}",
                cut(format!("{a:?}")),
                cut(format!("{b:?}"))
            )))
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if expected.status.code() != got.status.code() {
            return fault("exit", &expected.status.code(), &(got.status.code(), text(&got.stderr)));
        }
        if self.words[0] == "export" || expected.stdout.is_empty() {
            let (a, b) = (text(&expected.stdout), text(&got.stdout));
            let told = |output: &Output| text(&output.stderr);
            let same = a == b && (!a.is_empty() || told(expected) == told(got));
            return if same { None } else { fault("output", &(a, told(expected)), &(b, told(got))) };
        }
        let read = |output: &Output| serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default();
        let (mut a, mut b) = (read(expected), read(got));
        for answer in [&mut a, &mut b] {
            forget(answer);
        }
        let (a_hits, b_hits) = (a["hits"].take(), b["hits"].take());
        if a != b {
            return fault("answer", &a.to_string(), &b.to_string());
        }
        let by_id = |hits: &Value| -> BTreeMap<String, Value> {
            hits.as_array().into_iter().flatten().map(|h| (h["id"].to_string(), without_rank(h))).collect()
        };
        let (a_all, b_all) = (by_id(&a_hits), by_id(&b_hits));
        if let Some(id) = a_all.keys().chain(b_all.keys()).find(|id| a_all.get(*id) != b_all.get(*id)) {
            return fault("hit", &a_all.get(id).map(Value::to_string), &b_all.get(id).map(Value::to_string));
        }
        order(&a_hits, &b_hits)
    }
}

/// What may differ: time, and what only one of the two has to say.
fn forget(answer: &mut Value) {
    let Some(map) = answer.as_object_mut() else { return };
    for key in ["took_ms", "stories"] {
        map.remove(key);
    }
    if let Some(query) = map.get_mut("query").and_then(Value::as_object_mut) {
        query.remove("used");
    }
    if let Some(warnings) = map.get_mut("warnings").and_then(Value::as_array_mut) {
        warnings.retain(|w| !w.as_str().unwrap_or("").starts_with(SAID_BY_ONE[0]));
        for warning in warnings.iter_mut() {
            let text = warning.as_str().unwrap_or("").to_string();
            // Words near one that no article has are looked up here alone; values are on both.
            if text.contains('`')
                && let Some((said, _)) = text.split_once(SAID_BY_ONE[1])
            {
                *warning = said.into();
            }
        }
    }
}

fn without_rank(hit: &Value) -> Value {
    let mut hit = hit.clone();
    if let Some(map) = hit.as_object_mut() {
        for key in ["rank", "score", "copies", "outlets", "story"] {
            map.remove(key);
        }
    }
    hit
}

/// Compares the first hits: the same, or such as have nearly the score of those in their places.
fn order(expected: &Value, got: &Value) -> Option<Difference> {
    let ids = |hits: &Value| -> Vec<String> {
        hits.as_array().into_iter().flatten().take(TOP).map(|h| h["id"].to_string()).collect()
    };
    let (a, b) = (ids(expected), ids(got));
    if a == b {
        return None;
    }
    let scores: BTreeMap<String, f64> = expected
        .as_array()
        .into_iter()
        .flatten()
        .map(|h| (h["id"].to_string(), h["score"].as_f64().unwrap_or(0.0)))
        .collect();
    for (place, (wanted, id)) in a.iter().zip(&b).enumerate() {
        let (wanted, score) = (scores[wanted], scores[id]);
        if (wanted - score).abs() > NEARLY * wanted.max(score) || wanted == 0.0 {
            return Some(Difference::Ranking(format!(
                "order at {place}: {id} of {score} where one of {wanted} is due"
            )));
        }
    }
    Some(Difference::Order)
}
