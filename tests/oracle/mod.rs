//! A differential oracle: random articles, replaced and removed over several commits, and random queries of the whole
//! language. What the index answers is compared with an evaluator that looks at every article, word by word.
//!
//! `DATELINE_ORACLE=100000 DATELINE_SEED=7 cargo test oracle` runs more queries over other corpora.

mod evaluate;
mod generate;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use dateline::annotation::Annotations;
use dateline::article::Article;
use dateline::extract;
use dateline::index;
use dateline::index::Opened;
use dateline::index::Source;
use dateline::index::Writer;
use dateline::query;
use dateline::query::Deadline;
use dateline::query::Period;
use dateline::query::QueryError;
use dateline::query::Request;
use dateline::schema::Schema;

use self::evaluate::Evaluator;
use self::generate::Random;

/// Queries of a run, unless told otherwise.
const QUERIES: usize = 5000;

/// Queries that one corpus is asked.
const A_CORPUS: usize = 500;

/// Articles of a corpus.
const ARTICLES: usize = 60;

/// The longest that a query may take which is asked once more, to be cut short at any place.
const LONGEST_MICROS: usize = 1000;

/// An article of the corpus with what was found in it.
pub struct Doc {
    pub article: Article,
    pub annotations: Annotations,
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

#[test]
fn every_query_is_answered_as_by_looking_at_every_article() {
    let queries = number("DATELINE_ORACLE", QUERIES);
    let seed = number("DATELINE_SEED", 1) as u64;
    let mut answered = 0;
    for corpus in 0..queries.div_ceil(A_CORPUS) as u64 {
        let mut random = Random::new(seed * 1_000_003 + corpus);
        let dir = tempfile::tempdir().unwrap();
        let docs = build(dir.path(), &mut random);
        let opened = index::open(dir.path(), Schema::embedded()).unwrap();
        assert_eq!(opened.searcher.num_docs(), docs.len() as u64);
        let evaluator = Evaluator::new(&opened, &docs);
        for _ in 0..A_CORPUS {
            let request = generate::request(&mut random);
            let readable = compare(&opened, &evaluator, &request);
            answered += usize::from(readable);
            if readable {
                let allowed = Duration::from_micros(random.below(LONGEST_MICROS) as u64);
                hurry(&opened, &evaluator, &Request { deadline: Deadline::after(allowed), ..request });
            }
        }
    }
    println!("{answered} of {queries} queries could be read");
    assert!(answered * 10 > queries * 8, "only {answered} of {queries} queries could be read");
}

/// Writes a corpus in several commits, in which articles are replaced and removed; returns what is left.
fn build(dir: &Path, random: &mut Random) -> Vec<Doc> {
    let schema = Schema::embedded();
    let mut alive: BTreeMap<String, Vec<Doc>> = BTreeMap::new();
    for _ in 0..3 {
        let mut writer = Writer::open(dir, schema, 1).unwrap();
        for _ in 0..ARTICLES / 3 {
            let file = format!("/corpus/{}", random.below(ARTICLES / 2));
            writer.begin(&file, Source::default()).unwrap();
            let docs: Vec<Doc> = (0..1 + random.below(2)).map(|at| doc(&file, at, random, schema)).collect();
            for doc in &docs {
                let prepared = index::prepare(&doc.article, &doc.annotations, schema, &writer.fields());
                writer.add(&file, prepared).unwrap();
            }
            alive.insert(file, docs);
        }
        let gone: Vec<String> = alive.keys().filter(|_| random.below(8) == 0).cloned().collect();
        for file in gone {
            writer.remove(&file).unwrap();
            alive.remove(&file);
        }
        writer.commit().unwrap();
        writer.close().unwrap();
    }
    alive.into_values().flatten().collect()
}

fn doc(file: &str, at: usize, random: &mut Random, schema: &Schema) -> Doc {
    let mut article = generate::article(random);
    article.id = format!("{}-{at}", file.trim_start_matches("/corpus/"));
    article.path = format!("corpus/{}.txt", article.id);
    let annotations = extract::annotate(&article, schema);
    Doc { article, annotations }
}

/// Compares everything that a request is answered with; false if it cannot be read, which both must say.
fn compare(opened: &Opened, evaluator: &Evaluator, request: &Request) -> bool {
    let shown = format!("{request:?}");
    let mut ids = BTreeSet::new();
    let visited = query::every_match(opened, Schema::embedded(), request, |article, _| {
        ids.insert(article.id.clone());
        Ok::<_, QueryError>(())
    });
    let total = match visited {
        Ok(exported) => exported.articles,
        Err(QueryError::Index(error)) => panic!("{shown}: {error}"),
        Err(_) => return false,
    };
    let expected = evaluator.matching(request);
    let expected_ids: BTreeSet<String> = expected.iter().map(|d| d.article.id.clone()).collect();
    assert_eq!(ids, expected_ids, "{shown}");
    assert_eq!(total, expected.len() as u64, "{shown}");

    let results = query::search(opened, Schema::embedded(), request).unwrap();
    assert_eq!(results.total, total, "{shown}");
    assert_eq!(results.stories, evaluator.stories(&expected), "stories of {shown}");
    let hits = results.hits.len() as u64;
    assert_eq!(hits, results.stories.min(request.limit as u64), "hits of {shown}");
    for counts in &results.facets {
        let got: BTreeMap<String, u64> = counts.values.iter().map(|v| (v.value.clone(), v.count)).collect();
        assert_eq!(got, evaluator.facet(request, &counts.field, &expected), "{} of {shown}", counts.field);
    }
    for (period, length) in [(Period::Month, 7), (Period::Year, 4)] {
        let timeline = query::timeline(opened, Schema::embedded(), request, period).unwrap();
        let got: BTreeMap<String, u64> = timeline.buckets.iter().map(|(d, n)| (d.to_string(), *n)).collect();
        assert_eq!((got, timeline.undated), evaluator.histogram(&expected, length), "timeline of {shown}");
    }
    true
}

/// An answer that was cut short says so, and says nothing that the whole one does not; an export is whole or fails.
fn hurry(opened: &Opened, evaluator: &Evaluator, request: &Request) {
    let expected = evaluator.matching(request);
    let results = query::search(opened, Schema::embedded(), request).unwrap();
    let shown = format!("{request:?}");
    for hit in &results.hits {
        let matches = expected.iter().any(|doc| doc.article.id == hit.article.id);
        assert!(matches, "{} matches {shown} in a hurry alone", hit.article.id);
    }
    let total = expected.len() as u64;
    assert!(
        if results.partial { results.total <= total } else { results.total == total },
        "total of {shown}"
    );
    let mut visited = 0;
    let export = query::every_match(opened, Schema::embedded(), request, |_, _| {
        visited += 1;
        Ok::<_, QueryError>(())
    });
    assert!(matches!(export, Err(QueryError::TimedOut)) || visited == total, "export of {shown}");
    for counts in &results.facets {
        let whole = evaluator.facet(request, &counts.field, &expected);
        for found in &counts.values {
            let most = whole.get(&found.value).copied().unwrap_or(0);
            assert!(found.count <= most, "{} {} of {shown}", counts.field, found.value);
        }
    }
}
