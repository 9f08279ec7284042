//! The sentences behind the values of a facet.

use tantivy::DocAddress;
use tantivy::query::BooleanQuery;

use super::QueryError;
use super::docs::any_term;
use super::evidence;
use super::facets::known_facet;
use super::gather::Gather;
use super::gather::Ranking;
use super::plan::Aim;
use super::plan::Notes;
use super::plan::RoleFilter;
use super::request::Compiled;
use super::request::Filter;
use super::request::Request;
use super::results::FacetCounts;
use super::results::FacetEvidence;
use super::results::ValueEvidence;
use super::snippets;
use super::values;
use crate::annotation::Annotations;
use crate::annotation::Zone;
use crate::article::Article;
use crate::index::Groups;
use crate::index::NewsTokenizer;
use crate::index::Opened;
use crate::schema::FieldKind;
use crate::schema::Schema;

/// Articles that a value is shown from.
pub(crate) const ARTICLES: usize = 3;

/// Lists, for each value of a facet, sentences of the newest articles that have it.
///
/// # Errors
/// If the query cannot be read or the index fails.
pub fn facet_evidence(
    index: &Opened,
    schema: &Schema,
    request: &Request,
    counts: &FacetCounts,
) -> Result<Vec<Vec<FacetEvidence>>, QueryError> {
    let compiled = Compiled::new(index, schema, request)?;
    let field = counts.field.as_str();
    let plan = compiled.plan_without(field)?;
    let mut all = Vec::new();
    for value in &counts.values {
        let spellings = spellings_of(&index.groups, &value.value);
        let having = any_term(spellings.iter().map(|v| index.fields.facet_term(field, v)));
        let both = BooleanQuery::intersection(vec![plan.query.box_clone(), having]);
        let gather = Gather { top: ARTICLES, ranking: Ranking::Newest, ..Gather::default() };
        let found = compiled.collect(&both, gather)?;
        let mut here = Vec::new();
        for ranked in found.best {
            here.extend(in_article(index, schema, ranked.address, field, &spellings)?);
        }
        all.push(here);
    }
    Ok(all)
}

/// Lists sentences of the newest articles that have one value of a facet; the value goes through the aliases.
///
/// # Errors
/// If the field is no facet, the query cannot be read or the index fails.
pub fn value_evidence(
    index: &Opened,
    schema: &Schema,
    request: &Request,
    field: &str,
    value: &str,
) -> Result<ValueEvidence, QueryError> {
    let field = schema.fields.find(field).map_or(field, |f| f.name.as_str());
    known_facet(schema, field)?;
    let mut request = request.clone();
    request.filters.push(Filter { field: field.into(), value: value.into(), exclude: false });
    let kind = schema.fields.find(field).map_or(FieldKind::Actor, |f| f.kind);
    let values = values::resolve(index, schema, field, kind, value)?.values;
    let compiled = Compiled::new(index, schema, &request)?;
    let plan = compiled.plan(Aim::Matches)?;
    let gather =
        Gather { top: request.limit + request.offset, ranking: Ranking::Newest, ..Gather::default() };
    let found = compiled.gather(&plan, &gather)?;
    let mut sentences = Vec::new();
    for ranked in found.best.iter().skip(request.offset) {
        sentences.extend(in_article(index, schema, ranked.address, field, &values)?);
    }
    let warnings = compiled.remarks(&plan, found.total == 0)?;
    Ok(ValueEvidence { total: found.total, sentences, warnings })
}

/// What an article has to say for a value.
fn in_article(
    index: &Opened,
    schema: &Schema,
    address: DocAddress,
    field: &str,
    values: &[String],
) -> Result<Option<FacetEvidence>, QueryError> {
    let (article, annotations) = index.article(address)?;
    Ok(told(&index.tokenizer, schema, article, &annotations, field, values))
}

/// All spellings of a name, or a value as it is.
pub(crate) fn spellings_of(groups: &Groups, value: &str) -> Vec<String> {
    let spellings = groups.spellings(value);
    if spellings.is_empty() { vec![value.to_string()] } else { spellings.to_vec() }
}

/// What an article at hand has to say for a value.
pub(crate) fn told(
    tokenizer: &NewsTokenizer,
    schema: &Schema,
    article: Article,
    annotations: &Annotations,
    field: &str,
    values: &[String],
) -> Option<FacetEvidence> {
    let (sentence, rule) = sentence(tokenizer, schema, &article, annotations, field, values)?;
    let published = annotations.published;
    Some(FacetEvidence { id: article.id, published, source: article.source, sentence, rule })
}

/// The sentence of an article that gives it a value, and the rule that says so.
fn sentence(
    tokenizer: &NewsTokenizer,
    schema: &Schema,
    article: &Article,
    annotations: &Annotations,
    field: &str,
    values: &[String],
) -> Option<(String, Option<String>)> {
    if schema.role(field.split('.').next().unwrap_or(field)).is_some() {
        let filter = RoleFilter { field: field.into(), values: values.to_vec(), loose: false };
        let notes = Notes { roles: vec![filter], ..Notes::default() };
        let found = evidence::evidence(article, annotations, &notes, tokenizer).into_iter().next()?;
        return Some((found.sentence, Some(found.rule)));
    }
    let mention =
        annotations.mentions.iter().find(|m| m.entity.as_ref().is_some_and(|e| values.contains(e)))?;
    if mention.zone == Zone::Title {
        return Some((article.title.clone(), None));
    }
    let (start, end) = (mention.span.start as usize, mention.span.end as usize);
    let block =
        article.blocks.iter().find(|b| b.span.start as usize <= start && end <= b.span.end as usize)?;
    Some((snippets::around(block.span.of(&article.text), start - block.span.start as usize), None))
}
