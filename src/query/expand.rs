//! Expansion of a query by the words of its best hits: relevance feedback without anyone to give it.
//!
//! RM3 of Abdul-Jaleel et al., *UMass at TREC 2004: Novelty and HARD*, with the parameters and filters of Anserini
//! (`Rm3Reranker`): a word's weight is its share of each of the best articles, weighed by the article's score; the
//! heaviest words join the query, which keeps half of the weight.

use std::fmt::Write;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use tantivy::query::BooleanQuery;
use tantivy::query::BoostQuery;
use tantivy::query::Occur;
use tantivy::query::Query;

use super::QueryError;
use super::engine;
use super::gather::Gather;
use super::plan::Plan;
use super::request::Compiled;
use super::word::WordQuery;
use crate::article::Article;
use crate::article::BlockKind;
use crate::index;
use crate::index::Opened;
use crate::schema::Schema;

/// Articles that are believed to be relevant.
const ARTICLES: usize = 10;

/// Hits that are looked at for them: copies of one story would say the same words again.
const LOOKED_AT: usize = 3 * ARTICLES;

/// Words that join the query.
const WORDS: usize = 10;

/// What the words as typed keep of the weight.
const TYPED: f32 = 0.5;

/// A word that a larger share of all articles holds tells nothing.
const MOST_HOLDERS: f32 = 0.1;

/// Lengths of words that may join, in characters.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=20;

/// A word that joins the query.
#[derive(Clone, Debug, PartialEq)]
struct Related {
    /// As in the index: folded and stemmed.
    term: String,
    /// As the first of the articles has it.
    word: String,
    /// Beside the words of the query, which have 1 each.
    weight: f32,
}

/// Adds the words of a query's best hits to it. The articles that match stay the same, unless the query is words as
/// alternatives: then those of its frame match too that hold one of the words.
pub(super) fn expand(compiled: &Compiled, plan: &mut Plan) -> Result<(), QueryError> {
    let Compiled { index, schema, .. } = *compiled;
    let articles = relevant(compiled, plan)?;
    let related = model(index, schema, &articles, plan.notes.weight)?;
    if related.is_empty() {
        return Ok(());
    }
    let boosted = |r: &Related| -> Box<dyn Query> {
        Box::new(BoostQuery::new(Box::new(WordQuery::new(&index.fields, &r.term)), r.weight))
    };
    let union = BooleanQuery::union(related.iter().map(boosted).collect());
    let typed = std::mem::replace(&mut plan.query, Box::new(tantivy::query::EmptyQuery));
    plan.query = Box::new(match compiled.frame()? {
        Some(among) => {
            let silent: Box<dyn Query> = Box::new(BoostQuery::new(among, 0.0));
            BooleanQuery::union(vec![
                typed,
                Box::new(BooleanQuery::intersection(vec![silent, Box::new(union)])),
            ])
        }
        None => BooleanQuery::new(vec![(Occur::Must, typed), (Occur::Should, Box::new(union))]),
    });
    plan.understood.push_str(" expanded with");
    for one in &related {
        plan.notes.related.push((one.term.clone(), one.weight));
        // Writing to a string cannot fail.
        let _ = write!(plan.understood, " {}^{:.2}", one.word, one.weight);
    }
    Ok(())
}

/// The best articles with their scores, one of each story.
fn relevant(compiled: &Compiled, plan: &Plan) -> Result<Vec<(Article, f32)>, QueryError> {
    let index = compiled.index;
    let gather = Gather { top: LOOKED_AT, ..Gather::default() };
    let best = compiled.gather(plan, &gather)?.best;
    let mut stories = FxHashSet::default();
    let mut articles = Vec::new();
    for hit in &best {
        if articles.len() == ARTICLES {
            break;
        }
        let (article, _) = index.article(hit.address)?;
        if stories.insert(index.groups.story(index::tie_of(&article.id))) {
            articles.push((article, hit.score));
        }
    }
    Ok(articles)
}

/// The heaviest words of some articles; together they weigh as much, beside `typed`, as the constants say.
fn model(
    index: &Opened,
    schema: &Schema,
    articles: &[(Article, f32)],
    typed: f32,
) -> Result<Vec<Related>, QueryError> {
    let mut words: FxHashMap<String, Related> = FxHashMap::default();
    let mut telling: FxHashMap<String, bool> = FxHashMap::default();
    for (article, score) in articles {
        let mut counts: Vec<(String, String, f32)> = Vec::new();
        for (term, (word, count)) in counted(index, article) {
            let tells = match telling.get(&term) {
                Some(tells) => *tells,
                None => !schema.is_function_word(&word) && is_telling(index, &term)?,
            };
            telling.insert(term.clone(), tells);
            if tells {
                counts.push((term, word, count));
            }
        }
        let length: f32 = counts.iter().map(|c| c.2).sum();
        for (term, word, count) in counts {
            let related = words.entry(term.clone()).or_insert_with(|| Related { term, word, weight: 0.0 });
            related.weight += score * count / length;
        }
    }
    let mut related: Vec<Related> = words.into_values().collect();
    related.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.term.cmp(&b.term)));
    related.truncate(WORDS);
    let all: f32 = related.iter().map(|r| r.weight).sum();
    for one in &mut related {
        one.weight *= typed * (1.0 - TYPED) / (TYPED * all.max(f32::MIN_POSITIVE));
    }
    Ok(related)
}

/// The terms of an article's headline and text: the word as first written, and how often it stands there.
fn counted(index: &Opened, article: &Article) -> FxHashMap<String, (String, f32)> {
    let kept = |kind: BlockKind| kind != BlockKind::Boilerplate && kind != BlockKind::Title;
    let blocks = article.blocks.iter().filter(|b| kept(b.kind)).map(|b| b.span.of(&article.text));
    let mut counts: FxHashMap<String, (String, f32)> = FxHashMap::default();
    for text in std::iter::once(article.title.as_str()).chain(blocks) {
        let mut last = None;
        index::each_token(&index.tokenizer, text, |term, _, start, end| {
            // A compound's joined form follows its first half and starts with it.
            if last.replace(start) == Some(start) {
                return;
            }
            match counts.get_mut(term) {
                Some((_, count)) => *count += 1.0,
                None => {
                    counts.insert(term.to_string(), (crate::tokens::fold(&text[start..end]), 1.0));
                }
            }
        });
    }
    counts
}

/// Tells whether a word is neither odd nor everywhere.
fn is_telling(index: &Opened, term: &str) -> Result<bool, QueryError> {
    if !LENGTHS.contains(&term.chars().count()) || !term.chars().all(char::is_alphanumeric) {
        return Ok(false);
    }
    let holders = index::holders(&index.searcher, index.fields.text, term).map_err(engine)?;
    Ok(holders as f32 <= MOST_HOLDERS * index.searcher.num_docs() as f32)
}
