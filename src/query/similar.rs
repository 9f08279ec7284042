//! Articles like one: its copies, and others on the same matter.

use rustc_hash::FxHashMap;
use tantivy::Term;
use tantivy::collector::TopDocs;
use tantivy::query::BooleanQuery;
use tantivy::query::BoostQuery;
use tantivy::query::Query;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;

use super::QueryError;
use super::deadline::Deadline;
use super::docs::Except;
use super::docs::any_term;
use super::engine;
use super::results::Alike;
use super::results::Similar;
use super::word::WordQuery;
use crate::article::Article;
use crate::article::BlockKind;
use crate::index;
use crate::index::Opened;
use crate::index::tie_of;

/// Words of an article that others are looked for by: those that tell most.
const WORDS: usize = 30;

/// Articles with the word, from which on it is no typing error.
const RAREST: u64 = 2;

/// Lists the copies of an article, the earliest first, and up to `most` related articles, the nearest first.
///
/// # Errors
/// If the index fails.
pub fn similar(index: &Opened, article: &Article, most: usize) -> Result<Similar, QueryError> {
    let tie = tie_of(&article.id);
    let mut copies = Vec::new();
    for other in index.groups.copies(tie).into_iter().filter(|other| *other != tie) {
        let term = Term::from_field_u64(index.fields.tie, other);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let found = index.searcher.search(&query, &tantivy::collector::DocSetCollector).map_err(engine)?;
        for address in found {
            let (other, annotations) = index.article(address)?;
            let likeness = index::likeness(article, &other);
            copies.push(Alike { article: other, published: annotations.published, likeness });
        }
    }
    Ok(Similar { copies, related: related(index, article, tie, most)? })
}

/// Articles of other stories with the words and actors that tell most of this one.
fn related(index: &Opened, article: &Article, tie: u64, most: usize) -> Result<Vec<Alike>, QueryError> {
    let Some(query) = query_of(index, article)? else { return Ok(Vec::new()) };
    let same = index.groups.copies(tie).into_iter();
    let same = any_term(same.map(|tie| Term::from_field_u64(index.fields.tie, tie)));
    let others = Box::new(Except::new(same, Deadline::default()));
    // Copies of one related article take one place, so more are fetched than shown.
    let top = TopDocs::with_limit((most * 3).max(1)).order_by_score();
    let found =
        index.searcher.search(&BooleanQuery::intersection(vec![query, others]), &top).map_err(engine)?;
    let best = found.first().map_or(1.0, |(score, _)| *score);
    let mut out: Vec<Alike> = Vec::new();
    let mut stories = Vec::new();
    for (score, address) in found {
        let (other, annotations) = index.article(address)?;
        let story = index.groups.story(tie_of(&other.id));
        if out.len() < most && !stories.contains(&story) {
            stories.push(story);
            let likeness = f64::from(score / best);
            out.push(Alike { article: other, published: annotations.published, likeness });
        }
    }
    Ok(out)
}

/// The terms of the article with the greatest frequency here times rarity elsewhere.
fn query_of(index: &Opened, article: &Article) -> Result<Option<Box<dyn Query>>, QueryError> {
    let mut frequency: FxHashMap<String, u32> = FxHashMap::default();
    let own = article.blocks.iter().filter(|b| b.kind != BlockKind::Boilerplate);
    let texts = own.map(|b| b.span.of(&article.text)).chain([article.title.as_str()]);
    for text in texts {
        index::each_token(&index.tokenizer, text, |term, _, _, _| {
            *frequency.entry(term.to_string()).or_default() += 1;
        });
    }
    let all = index.searcher.num_docs().max(1) as f64;
    let mut weighed: Vec<(f64, String)> = Vec::new();
    for (term, times) in frequency {
        let articles = index::holders(&index.searcher, index.fields.text, &term).map_err(engine)?;
        let is_number = term.starts_with(|c: char| c.is_ascii_digit());
        if articles >= RAREST && !is_number && term.len() > 2 {
            weighed.push(((1.0 + f64::from(times).ln()) * (all / articles as f64).ln().max(0.0), term));
        }
    }
    weighed.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    weighed.truncate(WORDS);
    let term = |(weight, term): (f64, String)| -> Box<dyn Query> {
        let query = WordQuery::in_field(index.fields.text, &term);
        Box::new(BoostQuery::new(Box::new(query), weight as f32))
    };
    let terms: Vec<Box<dyn Query>> = weighed.into_iter().map(term).collect();
    Ok(if terms.is_empty() { None } else { Some(Box::new(BooleanQuery::union(terms))) })
}
