//! Queries of any size and shape: refused above the limits with the limit, answered at them.

use crate::scratch::Scratch;

/// A query, the exit code that it ends with, and a piece of what is said.
type Row = (String, i32, &'static str);

fn rows() -> Vec<Row> {
    let any_of = |words: usize| (0..words).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" OR ");
    let row = |query: &str, code, piece| (query.to_string(), code, piece);
    vec![
        (format!("{}ceasefire{}", "(".repeat(20), ")".repeat(20)), 0, ""),
        (format!("{}x{}", "(a OR ".repeat(60), ")".repeat(60)), 2, "nested deeper than 50"),
        ("(".repeat(5000), 2, "nested deeper"),
        ("(+".repeat(2000), 2, ""),
        ("NOT ".repeat(2000), 2, "nested deeper"),
        ("title:".repeat(1000), 1, ""),
        ("event{".repeat(60), 2, "an event inside an event"),
        ("\"".repeat(4001), 2, "more than 1024 parts"),
        (format!("{} OR ceasefire", any_of(1000)), 0, ""),
        (any_of(10_000), 2, "longer than 8192 bytes"),
        ("x".repeat(1 << 16), 2, "longer than 8192 bytes"),
        (format!("\"{}\"", "ceasefire ".repeat(800)), 1, ""),
        (format!("id:({})", any_of(1000)), 1, ""),
        row("\"ceasefire brokered\"~4294967295", 2, "from 0 to 100"),
        row("ceasefire^1e400", 2, "a weight"),
        row("ceasefire^nan", 2, "a weight"),
        row("ceasefire^-1", 2, "a weight"),
        row("*", 0, ""),
        row("*a*", 0, ""),
        row("/.*/", 0, ""),
        row("/((a*)*)*e?ceasefire/", 0, ""),
        row("/[/", 2, ""),
        row("/(a{1000}){1000}/", 2, ""),
        (format!("{}~2", "a".repeat(200)), 2, "up to 100 bytes"),
        ("a".repeat(300), 1, ""),
        row("published:99999999", 2, "is no date"),
        row("published:2020-02-30", 2, "is no date"),
        row("published:0001..9999", 0, ""),
        row(">=9999", 1, ""),
        row("\u{201c}ceasefire", 2, "not closed"),
        row("\u{201c}ceasefire\u{201d}", 0, ""),
        row("\u{ff43}\u{ff45}\u{ff41}\u{ff53}\u{ff45}\u{ff46}\u{ff49}\u{ff52}\u{ff45}", 0, ""),
        row("\u{202e}ceasefire\u{202c}", 0, ""),
        row("\u{1f469}\u{200d}\u{1f52c}", 0, "holds no word"),
    ]
}

#[test]
fn queries_are_refused_above_their_bounds_and_answered_at_them() {
    let scratch = Scratch::indexed();
    let mut faults = Vec::new();
    for (query, code, piece) in rows() {
        let ran = scratch.dateline(["search", "--", &query]).run();
        if ran.code != Some(code) || !ran.stderr.contains(piece) {
            let query: String = query.chars().take(40).collect();
            let said: String = ran.stderr.chars().take(100).collect();
            faults.push(format!("{query}: {code} and {piece:?} expected, {:?} and {said:?} came", ran.code));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn pages_and_facets_are_refused_beyond_their_bounds() {
    let scratch = Scratch::indexed();
    let rows: [(&[&str], i32, &str); 10] = [
        (&["search", "ceasefire", "-n", "0"], 0, ""),
        (&["search", "ceasefire", "-n", "10000"], 0, ""),
        (&["search", "ceasefire", "-n", "1000000000"], 2, "10000"),
        (&["search", "ceasefire", "-n", "18446744073709551615"], 2, "10000"),
        (&["search", "ceasefire", "-n", "18446744073709551616"], 2, ""),
        (&["search", "ceasefire", "-n", "-1"], 2, ""),
        (&["search", "ceasefire", "--offset", "1000000000"], 2, "10000"),
        (&["search", "ceasefire", "--facets", "actor:4294967295"], 2, "65000"),
        (&["timeline", "--by", "0"], 2, ""),
        (&["timeline", "--by", "day", "0001..9999"], 0, ""),
    ];
    for (args, code, piece) in rows {
        let ran = scratch.dateline(args).run();
        assert_eq!(ran.code, Some(code), "{args:?}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(piece), "{args:?}: {}", ran.stderr);
    }
}
