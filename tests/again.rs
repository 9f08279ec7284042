//! What a process keeps for queries that are asked again changes no answer.

use dateline::index;
use dateline::index::Opened;
use dateline::query;
use dateline::query::Request;
use dateline::schema::Schema;

use crate::scratch::Scratch;

const QUERIES: [&str; 19] = [
    "ceasefire",
    "\"cease fire\" broker:*",
    "\"foreign minister\"",
    "title:talks",
    "title:\"peace talks\" OR ceasefire",
    "truc* -accuser:*",
    "minister said",
    "peace talks minister said",
    "(talks said) minister foreign",
    "said (minister OR talks) (peace OR truce) foreign",
    "\"said minister\"~4",
    "Pashinyan",
    "event{accuser:* accused:*}",
    "published:none",
    "2020..",
    "gas OR oil^2",
    "said country:Russia",
    "nosuchword",
    "",
];

/// All that an answer says, but for the time that it took.
fn answer(opened: &Opened, query: &str) -> String {
    let facets = ["broker", "actor", "person", "source", "month"].map(|field| (field.to_string(), 5));
    let filters = vec![query::Filter { field: "lang".into(), value: "en".into(), exclude: false }];
    let facets = facets.into_iter().chain([("lang".to_string(), 3)]).collect();
    let request = Request { query: query.into(), limit: 8, facets, filters, ..Request::default() };
    let results = query::search(opened, Schema::embedded(), &request).unwrap();
    let hits: Vec<_> = results
        .hits
        .iter()
        .map(|hit| {
            let score = hit.score.to_bits();
            (&hit.article.id, score, &hit.story, hit.copies, hit.outlets, &hit.snippets, &hit.evidence)
        })
        .collect();
    let counted = (results.total, results.stories, &results.facets);
    format!("{:?}", (&results.understood, &results.used, &results.warnings, counted, hits))
}

#[test]
fn an_answer_is_the_same_asked_first_and_again_and_by_several_threads() {
    let scratch = Scratch::indexed();
    scratch.dateline(["index", concat!(env!("CARGO_MANIFEST_DIR"), "/corpus"), "news"]).run().expect_code(0);
    let dir = scratch.path(".dateline");
    let open = || index::open(&dir, Schema::embedded()).unwrap();
    let threads = |query: &str| {
        let mut opened = open();
        assert!(opened.searcher.segment_readers().len() > 1);
        opened.use_threads(3);
        answer(&opened, query)
    };
    let first: Vec<String> = QUERIES.iter().map(|query| answer(&open(), query)).collect();
    for (query, first) in QUERIES.iter().zip(&first) {
        assert_eq!(&threads(query), first, "{query} by several threads");
    }
    let often = open();
    for round in 0..4 {
        for (query, first) in QUERIES.iter().zip(&first) {
            assert_eq!(&answer(&often, query), first, "{query}, round {round}");
        }
    }
}
