//! Articles made by rule, so that there are enough of them: who did what to whom, where and when, told in few ways.

use std::fmt::Write;
use std::ops::Range;

const ACTORS: [&str; 10] =
    ["Russia", "Turkey", "Egypt", "Qatar", "France", "Iran", "Armenia", "Azerbaijan", "Israel", "Hamas"];
const PEOPLE: [&str; 6] = [
    "Sergey Lavrov",
    "Hakan Fidan",
    "Badr Abdelatty",
    "Joaquin Villalobos",
    "Joaquín Villalobos",
    "John F. Kennedy",
];
const PLACES: [&str; 6] = ["Moscow", "Ankara", "Cairo", "Doha", "Paris", "Tehran"];
const SOURCES: [&str; 4] = ["Harbour Courier", "Meridian", "Valley Times", "Northern Wire"];

/// Numbers that look like chance and are the same in every run.
fn pick<'a>(list: &[&'a str], seed: usize) -> &'a str {
    let mixed = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    list[mixed as usize % list.len()]
}

fn text(n: usize) -> String {
    let (a, b, c) = (pick(&ACTORS, n * 7 + 1), pick(&ACTORS, n * 11 + 2), pick(&ACTORS, n * 13 + 3));
    let (person, place) = (pick(&PEOPLE, n * 17 + 4), pick(&PLACES, n * 19 + 5));
    let told = match n % 7 {
        0 => format!("A ceasefire between {b} and {c} was brokered by {a} after talks in {place}."),
        1 => format!("{a} accused {b} of violating the truce near the border, a spokesman said."),
        2 => format!("{a} offered to mediate between {b} and {c}, said {person} in {place} on Oct 27."),
        3 => format!("{b} and {c} met in {place}. The cease-fire that {a} brokered in 2019 has held since."),
        4 => format!("{a} hosted negotiations between {b} and {c} in {place}; {person} took part."),
        5 => format!(
            "Grain prices rose in {place}, where traders said that {a} was buying. Ceasefires were no matter."
        ),
        _ => format!(
            "{a} said on Tuesday that attacks by {b} had stopped. {person} called for a lasting truce."
        ),
    };
    let more = [
        "The ministry did not comment.",
        "Hostages were released at dawn.",
        "Aid lorries waited at the crossing.",
    ];
    let filler: Vec<&str> = (0..n % 5).map(|i| pick(&more, n + i * 31)).collect();
    format!("{told}\n\nReport {n}. {}\n", filler.join(" "))
}

/// Records of articles `gN`; some have no date, some only a month or a year.
pub fn jsonl(numbers: Range<usize>) -> String {
    let mut out = String::new();
    for n in numbers {
        let (year, month, day) = (2018 + n % 6, 1 + n % 12, 1 + n % 28);
        let published = match n % 10 {
            0 => String::new(),
            1 => format!("{year}-{month:02}"),
            2 => format!("{year}"),
            _ => format!("{year}-{month:02}-{day:02}"),
        };
        let record = serde_json::json!({
            "id": format!("g{n}"), "title": format!("{} report {}", pick(&ACTORS, n * 7 + 1), ["ceasefire", "talks", "grain"][n % 3]),
            "text": text(n), "published": published, "source": pick(&SOURCES, n), "author": format!("Writer {}", n % 9),
            "url": format!("https://{}.example/{n}", SOURCES[n % 4].replace(' ', "-").to_lowercase()),
        });
        let _ = writeln!(out, "{record}");
    }
    out
}
