//! Mutated samples of every format: nothing panics, hangs or gives an unsound article, whatever the bytes.
//!
//! A short run is part of the tests. A long one: `DATELINE_FUZZ=100000 cargo test --test integration fuzz -- --nocapture`,
//! with `DATELINE_SEED` for another start.

use std::time::Duration;
use std::time::Instant;

use dateline::article::Article;
use dateline::ingest::Hints;
use dateline::ingest::Ingest;
use dateline::ingest::LARGEST_ARTICLE;
use dateline::ingest::Origin;
use dateline::ingest::Settings;
use dateline::schema::Schema;

use crate::samples;

/// Mutated files of each format in the short run.
const SHORT: u64 = 60;

/// No file of a few kilobytes may take longer, also on a busy machine.
const SLOWEST: Duration = Duration::from_secs(20);

/// Pieces that formats have a meaning for.
const TOKENS: &[&[u8]] = &[
    b"\r\n\r\n",
    b"WARC/1.0\r\n",
    b"Content-Length: 99999999999\r\n",
    b"Content-Length: -1\r\n",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<!DOCTYPE a [",
    b"<item>",
    b"</item>",
    b"<entry>",
    b"&",
    b"&#0;",
    b"&#xffffffff;",
    b"<",
    b">",
    b"\"",
    b"'",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\\ud800",
    b",",
    b"\n",
    b"\n---\n",
    b"+++\n",
    b"From ",
    b"boundary=",
    b"--b--",
    b"=3D",
    b"=?utf-8?b?",
    b"\x1f\x8b\x08",
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
    b"ffffffffffffffff\r\n",
    b"9999-99-99",
    b"<div>",
    b"\xf0\x9f\x8e\xa3",
    b"\xc3",
];

/// A sequence of numbers that is the same for the same seed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }
}

fn mutate(bytes: &mut Vec<u8>, others: &[Vec<u8>], numbers: &mut Numbers) {
    for _ in 0..=numbers.below(5) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + numbers.below(60)).min(bytes.len());
        match numbers.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << numbers.below(8),
            1 if at < bytes.len() => bytes[at] = numbers.next() as u8,
            2 => drop(bytes.drain(at..end)),
            3 => {
                let piece = bytes[at..end].repeat(1 + numbers.below(4));
                bytes.splice(at..at, piece);
            }
            4 => bytes.truncate(at),
            5 => {
                let other = &others[numbers.below(others.len())];
                let from = numbers.below(other.len());
                let piece = other[from..(from + numbers.below(200)).min(other.len())].to_vec();
                bytes.splice(at..end, piece);
            }
            _ => {
                let token = TOKENS[numbers.below(TOKENS.len())];
                bytes.splice(at..at, token.iter().copied());
            }
        }
    }
}

fn expect_sound(article: &Article) {
    let text = &article.text;
    // Replacing what cannot be decoded may make a text longer than its bytes.
    assert!(text.len() as u64 <= LARGEST_ARTICLE * 3);
    let mut end = 0;
    for block in &article.blocks {
        assert!(
            block.span.start >= end && block.span.start <= block.span.end,
            "{:?} after {end}",
            block.span
        );
        assert!(text.get(block.span.start as usize..block.span.end as usize).is_some(), "{:?}", block.span);
        end = block.span.end;
    }
    assert!(!article.id.is_empty() && !article.path.is_empty());
}

fn environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn mutated_files_of_every_format_are_read_or_refused() {
    let asked = environment("DATELINE_FUZZ");
    let mut numbers = Numbers(environment("DATELINE_SEED").unwrap_or(27) | 1);
    let cleaning = &Schema::embedded().cleaning;
    let settings: Settings =
        toml::from_str("default-year = 2020\ntimezone = '+02:00'\ncrawled = 2020-10-27").unwrap();
    let (plain, known) = (Hints::default(), Hints::of(&settings).unwrap());
    let samples = samples::all();
    let others: Vec<Vec<u8>> = samples.iter().map(|(_, bytes)| bytes.clone()).collect();
    for (name, sample) in &samples {
        let (mut articles, mut refused) = (0u64, 0u64);
        let number = asked.unwrap_or(SHORT);
        for round in 0..number {
            let mut bytes = sample.clone();
            mutate(&mut bytes, &others, &mut numbers);
            let hints = if round % 2 == 0 { &plain } else { &known };
            let ingest = Ingest { cleaning, hints, file_time: false, stop: None };
            let origin = Origin { path: name, relative: name };
            // The name tells the format, or the bytes have to.
            let format = if round % 5 == 4 { None } else { dateline::ingest::Format::of_name(name) };
            let started = Instant::now();
            ingest.read(Box::new(bytes.as_slice()), format, &origin, &mut |read| match read {
                Ok(article) => {
                    expect_sound(&article);
                    articles += 1;
                }
                Err(skip) => {
                    assert!(!skip.reason.is_empty());
                    refused += 1;
                }
            });
            assert!(started.elapsed() < SLOWEST, "{name}: {:?} for {} bytes", started.elapsed(), bytes.len());
        }
        if asked.is_some() {
            println!("{name}: {number} mutated files, {articles} articles, {refused} refused");
        }
    }
}

#[test]
fn mutated_tables_of_a_user_are_taken_or_refused() {
    let mut numbers = Numbers(environment("DATELINE_SEED").unwrap_or(5) | 1);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    let tables = ["roles.toml", "dates.toml", "cleaning.toml", "synonyms.toml", "words.toml"];
    let others: Vec<Vec<u8>> = tables.iter().map(|name| std::fs::read(root.join(name)).unwrap()).collect();
    let article = &read(b"A Norwegian-brokered truce took hold on Monday, officials said.\n");
    for (name, table) in tables.iter().zip(&others) {
        for _ in 0..environment("DATELINE_FUZZ").unwrap_or(SHORT).min(2000) / 3 {
            let scratch = tempfile::tempdir().unwrap();
            let mut bytes = table.clone();
            mutate(&mut bytes, &others, &mut numbers);
            std::fs::write(scratch.path().join(name), bytes).unwrap();
            match Schema::with_directory(scratch.path()).and_then(|schema| schema.prepare().map(|()| schema))
            {
                Ok(schema) => drop(dateline::extract::annotate(article, &schema)),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

fn read(text: &[u8]) -> Article {
    let (hints, mut articles) = (Hints::default(), Vec::new());
    let ingest =
        Ingest { cleaning: &Schema::embedded().cleaning, hints: &hints, file_time: false, stop: None };
    let origin = Origin { path: "a.txt", relative: "a.txt" };
    ingest.read(Box::new(text), Some(dateline::ingest::Format::Text), &origin, &mut |read| {
        articles.push(read.unwrap());
    });
    articles.remove(0)
}

#[test]
fn an_index_with_a_mutated_state_is_never_opened() {
    let mut numbers = Numbers(environment("DATELINE_SEED").unwrap_or(9) | 1);
    let scratch = crate::scratch::Scratch::indexed();
    let dir = scratch.path(".dateline");
    let is_state = |name: &String| name.ends_with(".json") || name.ends_with(".bin");
    let entries = std::fs::read_dir(&dir).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(is_state);
    let states: Vec<(String, Vec<u8>)> =
        names.map(|name| (name.clone(), std::fs::read(dir.join(name)).unwrap())).collect();
    assert!(states.len() >= 5, "{states:?}");
    let others: Vec<Vec<u8>> = states.iter().map(|(_, bytes)| bytes.clone()).collect();
    for (name, whole) in &states {
        for _ in 0..environment("DATELINE_FUZZ").unwrap_or(SHORT) {
            let mut bytes = whole.clone();
            mutate(&mut bytes, &others, &mut numbers);
            if bytes == *whole {
                continue;
            }
            std::fs::write(dir.join(name), &bytes).unwrap();
            let found = dateline::index::check(&dir);
            assert!(found.as_ref().is_ok_and(|damage| !damage.is_empty()), "{name}: {found:?}");
            // What queries do not read may be damaged without their notice.
            let opened = dateline::index::open(&dir, Schema::embedded());
            assert!(opened.is_err() || name.starts_with("sources-"), "{name}");
        }
        std::fs::write(dir.join(name), whole).unwrap();
    }
    assert!(dateline::index::open(&dir, Schema::embedded()).is_ok());
}
