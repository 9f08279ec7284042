//! How long does each stage take? Over the sample corpus, on one thread: `cargo bench --bench stages`.
//!
//! The corpus is small, so that a run takes seconds; `extract`, `query` and `against_tantivy` take a corpus of yours.

#![allow(missing_docs)]

mod support;

use std::sync::OnceLock;

use dateline::article::Article;
use dateline::extract;
use dateline::index;
use dateline::index::NewsTokenizer;
use dateline::index::Opened;
use dateline::ingest::Format;
use dateline::ingest::Hints;
use dateline::ingest::Ingest;
use dateline::ingest::Origin;
use dateline::query;
use dateline::query::Request;
use dateline::schema::Schema;
use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

fn articles() -> &'static [Article] {
    static ARTICLES: OnceLock<Vec<Article>> = OnceLock::new();
    ARTICLES.get_or_init(|| support::articles(&support::corpus()))
}

fn bytes(articles: &[Article]) -> BytesCount {
    BytesCount::new(articles.iter().map(|a| a.text.len()).sum::<usize>())
}

/// The directory of an index of the sample corpus.
fn sample() -> &'static std::path::Path {
    static SAMPLE: OnceLock<tempfile::TempDir> = OnceLock::new();
    let made = SAMPLE.get_or_init(|| {
        let dir = tempfile::tempdir().expect("a temporary directory");
        support::index(dir.path(), articles());
        dir
    });
    made.path()
}

/// Text to index terms.
#[divan::bench]
fn tokenise(bencher: Bencher) {
    let tokenizer = NewsTokenizer::new(Schema::embedded());
    bencher.counter(bytes(articles())).bench(|| {
        let mut terms = 0;
        for article in articles() {
            index::each_token(&tokenizer, &article.text, |term, _, _, _| terms += term.len());
        }
        terms
    });
}

/// Text to articles: lines, chrome, title, day.
#[divan::bench]
fn clean(bencher: Bencher) {
    let hints = Hints::default();
    let cleaning = &Schema::embedded().cleaning;
    let reader = Ingest { cleaning, hints: &hints, file_time: false, stop: None };
    bencher.counter(bytes(articles())).bench(|| {
        let mut blocks = 0;
        for article in articles() {
            let origin = Origin { path: &article.path, relative: &article.path };
            let text = Box::new(article.text.as_bytes());
            reader.read(text, Some(Format::Text), &origin, &mut |read| {
                blocks += read.map_or(0, |read| read.blocks.len());
            });
        }
        blocks
    });
}

/// Articles to annotations.
#[divan::bench]
fn extract(bencher: Bencher) {
    let schema = Schema::embedded();
    bencher.counter(bytes(articles())).bench(|| {
        articles().iter().map(|article| extract::annotate(article, schema).mentions.len()).sum::<usize>()
    });
}

/// Articles to an index on disk, extraction and commit included.
#[divan::bench(sample_count = 10)]
fn index(bencher: Bencher) {
    bencher
        .counter(bytes(articles()))
        .with_inputs(|| tempfile::tempdir().expect("a directory"))
        .bench_values(|dir| {
            support::index(dir.path(), articles());
            dir
        });
}

/// Opens an index, checking its files as every command does.
#[divan::bench]
fn open() -> Opened {
    index::open(sample(), Schema::embedded()).expect("an index")
}

/// A query with a role filter, facets, snippets and evidence, in an index that is open.
#[divan::bench]
fn query(bencher: Bencher) {
    let opened = open();
    let facets = ["broker", "actor", "country", "month", "person"].map(|f| (f.to_string(), 8)).into();
    let request = Request { query: "ceasefire broker:*".into(), limit: 10, facets, ..Request::default() };
    bencher.bench(|| query::search(&opened, Schema::embedded(), &request).expect("an answer").total);
}
