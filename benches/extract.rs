//! How fast is extraction? Annotates the articles below a directory again and again, on one thread.
//!
//! `cargo bench --bench extract -- [DIR [PASSES]]`; without a directory it takes the sample corpus. Reading files and
//! cutting pages are left out; MB are of article text, the median pass counts. For instructions a byte, which other
//! work on the machine does not disturb: `valgrind --tool=callgrind --toggle-collect='*extract*pass*' ... DIR 1`.

#![allow(clippy::print_stdout, missing_docs)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use dateline::article::Article;
use dateline::extract::annotate;
use dateline::ingest::Hints;
use dateline::ingest::Ingest;
use dateline::ingest::Origin;
use dateline::ingest::Settings;
use dateline::ingest::walk;
use dateline::schema::Schema;

/// Passes over all articles, if no number is given, after one to warm up.
const PASSES: usize = 5;

fn main() {
    // `cargo bench` adds a flag of its own.
    let mut given = std::env::args().skip(1).filter(|a| !a.starts_with("--"));
    let dir = PathBuf::from(given.next().unwrap_or_else(|| "corpus".into()));
    let passes = given.next().and_then(|n| n.parse().ok()).unwrap_or(PASSES).max(1);
    let schema = Schema::embedded();
    let articles = read(&dir, schema);
    let bytes: usize = articles.iter().map(|a| a.text.len()).sum();

    let mut seconds: Vec<f64> = (0..=passes).map(|_| pass(&articles, schema)).skip(1).collect();
    seconds.sort_by(f64::total_cmp);
    let median = seconds[passes / 2];
    let megabytes = bytes as f64 / 1e6;
    println!("{} articles, {megabytes:.1} MB of text", articles.len());
    println!(
        "{:.1} MB/s, {:.1} us an article",
        megabytes / median,
        median * 1e6 / articles.len().max(1) as f64
    );
}

fn read(dir: &std::path::Path, schema: &Schema) -> Vec<Article> {
    let hints = Hints::default();
    let reader = Ingest { cleaning: &schema.cleaning, hints: &hints, file_time: false, stop: None };
    let mut articles = Vec::new();
    for found in walk(&[dir.to_path_buf()], &[], &Settings::default()).unwrap_or_default().files {
        let origin = Origin { path: &found.path, relative: &found.relative };
        reader.read_file(&found.file, &origin, &mut |read| articles.extend(read.ok()));
    }
    articles
}

/// Seconds for one pass; never inlined, so that a profiler finds it.
#[inline(never)]
fn pass(articles: &[Article], schema: &Schema) -> f64 {
    let started = Instant::now();
    for article in articles {
        black_box(annotate(article, schema));
    }
    started.elapsed().as_secs_f64()
}
