//! What the benchmarks share: articles read from a directory, and an index of the sample corpus.

#![allow(dead_code, missing_docs)]

use std::path::Path;
use std::path::PathBuf;

use dateline::article::Article;
use dateline::extract::annotate;
use dateline::index;
use dateline::index::Source;
use dateline::index::Writer;
use dateline::ingest::Hints;
use dateline::ingest::Ingest;
use dateline::ingest::Origin;
use dateline::ingest::Settings;
use dateline::ingest::walk;
use dateline::schema::Schema;

/// The program's own, for what it is compared with as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The sample corpus, from wherever the benchmark is started.
pub fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// Reads every article below a directory.
pub fn articles(dir: &Path) -> Vec<Article> {
    let schema = Schema::embedded();
    let hints = Hints::default();
    let reader = Ingest { cleaning: &schema.cleaning, hints: &hints, file_time: false, stop: None };
    let mut articles = Vec::new();
    for found in walk(&[dir.to_path_buf()], &[], &Settings::default()).unwrap_or_default().files {
        let origin = Origin { path: &found.path, relative: &found.relative };
        reader.read_file(&found.file, &origin, &mut |read| articles.extend(read.ok()));
    }
    articles
}

/// Annotates and indexes articles, on one thread; each stands for a file of its own.
pub fn index(dir: &Path, articles: &[Article]) {
    let schema = Schema::embedded();
    let mut writer = Writer::open(dir, schema, 1).expect("a writer");
    let fields = writer.fields();
    for (number, article) in articles.iter().enumerate() {
        let key = number.to_string();
        writer.begin(&key, Source::default()).expect("a file");
        let prepared = index::prepare(article, &annotate(article, schema), schema, &fields);
        writer.add(&key, prepared).expect("an article");
    }
    writer.commit().expect("a commit");
    writer.close().expect("an end");
}
