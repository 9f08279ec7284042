//! How fast are answers? Fifty mixed queries with five facets, snippets and evidence, beside bare tantivy's top ten
//! and count for the same words, over the same articles, in turn, in one process and on one thread.
//!
//! `cargo bench --bench query -- INDEX` with the directory of an index; without one, the sample corpus is indexed
//! first. Ratios are of medians; the machine's noise is in both. A process keeps what it is asked for again (words,
//! facet values, articles that it showed), so the times of the first pass, when nothing is kept, are told apart.

#![allow(clippy::print_stdout, missing_docs)]

mod support;

use std::hint::black_box;
use std::path::Path;
use std::path::PathBuf;
use std::time::Instant;

use dateline::index;
use dateline::index::Opened;
use dateline::query;
use dateline::query::QueryError;
use dateline::query::Request;
use dateline::schema::Schema;
use tantivy::TantivyDocument;
use tantivy::collector::Count;
use tantivy::collector::TopDocs;
use tantivy::query::QueryParser;
use tantivy::schema::IndexRecordOption;
use tantivy::schema::STORED;
use tantivy::schema::TextFieldIndexing;
use tantivy::schema::TextOptions;

/// Passes over all queries, after those that are not counted.
const PASSES: usize = 11;

/// Passes after which all is kept that will be.
const WARM: usize = 2;

/// Words that both are asked for, and what Dateline alone is asked besides.
const QUERIES: [(&str, &str); 50] = [
    ("ceasefire", ""),
    ("ceasefire", "broker:*"),
    ("merger", ""),
    ("merger approval", ""),
    ("oil prices", ""),
    ("oil prices", "country:Iran"),
    ("\"interest rates\"", ""),
    ("\"interest rates\"", "2008"),
    ("inflation", "country:\"United States\""),
    ("bank bailout", ""),
    ("election", "person:\"Barack Obama\""),
    ("election", ""),
    ("nuclear talks", ""),
    ("nuclear talks", "accuser:*"),
    ("earthquake", ""),
    ("earthquake", "2010..2011"),
    ("profit forecast", ""),
    ("shares fell", ""),
    ("shares", "country:Japan"),
    ("\"chief executive\"", ""),
    ("\"chief executive\" resigned", ""),
    ("lawsuit settlement", ""),
    ("lawsuit", "accused:*"),
    ("europe debt crisis", ""),
    ("greece bonds", ""),
    ("greece", "host:*"),
    ("china trade", ""),
    ("china trade", "-country:Japan"),
    ("gold price", ""),
    ("airline strike", ""),
    ("drug trial", ""),
    ("vaccine", ""),
    ("climate", "2007..2009"),
    ("hurricane", ""),
    ("\"wall street\"", ""),
    ("\"wall street\" stocks", "2011"),
    ("goldman", ""),
    ("goldman fraud", ""),
    ("microsoft yahoo", ""),
    ("apple iphone", ""),
    ("egypt protest", ""),
    ("libya", "attacker:*"),
    ("israel gaza", ""),
    ("israel gaza", "party:*"),
    ("pakistan", ""),
    ("afghanistan troops", ""),
    ("minister said", ""),
    ("said", ""),
    ("company", "month:2009-03"),
    ("budget vote", ""),
];

/// Facets of every query.
const FACETS: [&str; 5] = ["broker", "actor", "country", "month", "person"];

fn main() {
    let given = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    let scratch = tempfile::tempdir().expect("a temporary directory");
    let dir = given.map_or_else(|| sample(scratch.path()), PathBuf::from);
    let opened = index::open(&dir, Schema::embedded()).expect("an index");
    println!("{} articles", opened.searcher.num_docs());
    let bare = Bare::new(&opened, &scratch.path().join("bare"));

    let (mut first, mut again) = (Times::default(), Times::default());
    for pass in 0..WARM + PASSES {
        for (words, rest) in QUERIES {
            let started = Instant::now();
            black_box(ask(&opened, &format!("{words} {rest}")));
            let middle = Instant::now();
            black_box(bare.ask(words));
            let times = match pass {
                0 => &mut first,
                _ if pass < WARM => continue,
                _ => &mut again,
            };
            times.ours.push((middle - started).as_secs_f64() * 1000.0);
            times.theirs.push(middle.elapsed().as_secs_f64() * 1000.0);
        }
    }
    first.print("asked for the first time");
    again.print("asked again");
    if std::env::var_os("DATELINE_EACH").is_some() {
        each(&opened, &bare);
    }
}

/// Milliseconds.
#[derive(Default)]
struct Times {
    ours: Vec<f64>,
    theirs: Vec<f64>,
}

impl Times {
    fn print(&mut self, what: &str) {
        let at = |times: &mut Vec<f64>, share: f64| {
            times.sort_by(f64::total_cmp);
            times[((times.len() - 1) as f64 * share) as usize]
        };
        let [ours, theirs] =
            [&mut self.ours, &mut self.theirs].map(|times| [at(times, 0.5), at(times, 0.99)]);
        println!("{what:24} median ms   99 % ms");
        println!("dateline                 {:9.3} {:9.3}", ours[0], ours[1]);
        println!("bare tantivy             {:9.3} {:9.3}", theirs[0], theirs[1]);
        println!("ratio                    {:9.2} {:9.2}", ours[0] / theirs[0], ours[1] / theirs[1]);
    }
}

/// Prints the best of some times for each query.
fn each(opened: &Opened, bare: &Bare) {
    for (words, rest) in QUERIES {
        let best = |run: &dyn Fn()| {
            let time = |_| {
                let started = Instant::now();
                run();
                started.elapsed().as_secs_f64() * 1000.0
            };
            (0..PASSES).map(time).fold(f64::MAX, f64::min)
        };
        let full = format!("{words} {rest}");
        let (ours, theirs) =
            (best(&|| _ = black_box(ask(opened, &full))), best(&|| _ = black_box(bare.ask(words))));
        println!("{ours:8.3} {theirs:8.3}  {full}");
    }
}

fn ask(opened: &Opened, query: &str) -> u64 {
    let request = Request {
        query: query.into(),
        limit: 10,
        facets: FACETS.map(|f| (f.to_string(), 8)).into(),
        ..Request::default()
    };
    query::search(opened, Schema::embedded(), &request).expect("an answer").total
}

/// The same articles in tantivy alone: title and text, stemmed, with positions.
struct Bare {
    searcher: tantivy::Searcher,
    parser: QueryParser,
}

impl Bare {
    fn new(opened: &Opened, dir: &Path) -> Bare {
        std::fs::create_dir_all(dir).expect("a directory");
        let mut builder = tantivy::schema::Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("en_stem")
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let options = TextOptions::default().set_indexing_options(indexing) | STORED;
        let (title, body) =
            (builder.add_text_field("title", options.clone()), builder.add_text_field("body", options));
        let made = tantivy::Index::create_in_dir(dir, builder.build()).expect("an index");
        let mut writer = made.writer_with_num_threads(2, 100 << 20).expect("a writer");
        let everything = Request::default();
        query::every_match(opened, Schema::embedded(), &everything, |article, _| {
            let mut document = TantivyDocument::default();
            document.add_text(title, &article.title);
            document.add_text(body, &article.text);
            writer.add_document(document).expect("a document");
            Ok::<_, QueryError>(())
        })
        .expect("every article");
        writer.commit().expect("a commit");
        writer.wait_merging_threads().expect("merges");
        let mut parser = QueryParser::for_index(&made, vec![title, body]);
        parser.set_conjunction_by_default();
        Bare { searcher: made.reader().expect("a reader").searcher(), parser }
    }

    fn ask(&self, words: &str) -> usize {
        let query = self.parser.parse_query(words).expect("a query");
        let top = TopDocs::with_limit(10).order_by_score();
        self.searcher.search(&query, &(top, Count)).expect("an answer").1
    }
}

/// Indexes the sample corpus.
fn sample(scratch: &Path) -> PathBuf {
    let dir = scratch.join("sample");
    support::index(&dir, &support::articles(&support::corpus()));
    dir
}
