//! Counts of facet values over the articles that match, names of several spellings as one.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::Cluster;
use super::ask::Asked;
use super::ask::order;
use super::mapping::facet_name;
use super::translate::Plan;
use super::translate::all_of;
use super::translate::silent;
use crate::query;
use crate::query::FacetCounts;
use crate::query::FacetEvidence;
use crate::query::FacetValue;
use crate::query::QueryError;
use crate::query::Request;
use crate::query::Sort;
use crate::schema::Schema;

/// Values that each shard names, so that what is frequent on all together is seldom missed on one.
const BY_SHARD: usize = 2_000;

/// Values that an answer may list.
const MOST: usize = 65_000;

/// Values that are listed at least where their number is to be told, as spellings of one name are one.
const LISTED: usize = 2_500;

/// Beyond the listed ones, up to so many different values are told exactly.
const DISTINCT: u64 = 40_000;

/// Asks for the values of a facet. Names are asked for in excess: spellings of one name are added up.
pub(super) fn aggregation(field: &str, most: usize) -> Value {
    let size = (most.max(1) * 4 + 100).min(MOST);
    json!({
        "terms": { "field": facet_name(field), "size": size, "shard_size": size.max(BY_SHARD) },
    })
}

fn distinct(field: &str) -> Value {
    json!({ "cardinality": { "field": facet_name(field), "precision_threshold": DISTINCT } })
}

/// A value with its other spellings.
#[derive(Default)]
struct Spelled {
    count: u64,
    spellings: Vec<String>,
}

impl Asked<'_> {
    /// The facets of a request, in its order, and warnings of counts that may be low. What is narrowed by a filter of
    /// its own is counted without that filter.
    pub fn facets(&self, plan: &Plan, answer: &Value) -> Result<(Vec<FacetCounts>, Vec<String>), QueryError> {
        let (mut out, mut warnings) = (Vec::new(), Vec::new());
        for (field, most) in &self.request.facets {
            let counts = if self.request.filters_itself(self.schema, field) {
                let plan = self.plan_without(field)?;
                let aggregations = json!({ field: aggregation(field, *most) });
                let body = json!({ "size": 0, "track_total_hits": false, "query": plan.query, "aggs": aggregations });
                self.top_values(&plan, field, &self.cluster.search_raw(&body, "")?, *most)?
            } else {
                self.top_values(plan, field, answer, *most)?
            };
            warnings.extend(counts.warnings.iter().cloned());
            out.push(counts);
        }
        Ok((out, warnings))
    }

    /// Sorts the values, spellings of one name as one, and keeps the most frequent.
    fn top_values(
        &self,
        plan: &Plan,
        field: &str,
        answer: &Value,
        most: usize,
    ) -> Result<FacetCounts, QueryError> {
        let listed = &answer["aggregations"][field];
        let buckets = listed["buckets"].as_array().map_or(&[][..], Vec::as_slice);
        let counts =
            buckets.iter().filter_map(|b| Some((b["key"].as_str()?.to_string(), b["doc_count"].as_u64()?)));
        let is_of_names = self.schema.fields.are_names(field);
        let mut values: BTreeMap<String, Spelled> = BTreeMap::new();
        let groups = &self.cluster.groups;
        for (value, count) in counts {
            let name = if is_of_names { groups.canonical(&value).to_string() } else { value.clone() };
            let entry = values.entry(name).or_default();
            entry.count += count;
            entry.spellings.push(value);
        }
        let distinct = values.len();
        let mut values: Vec<(String, Spelled)> = values.into_iter().collect();
        sort(&mut values);
        // An article with two spellings was counted twice. Only values that may be listed are counted anew.
        let candidates = values.len().min(most.saturating_mul(2));
        for (_, value) in values[..candidates].iter_mut().filter(|(_, v)| v.spellings.len() > 1) {
            let having = silent(json!({ "terms": { facet_name(field): value.spellings } }));
            value.count = self.count(&all_of(vec![plan.query.clone(), having]))?;
        }
        sort(&mut values);
        values.truncate(most);
        let values = values.into_iter().map(|(value, v)| FacetValue { value, count: v.count }).collect();
        let low = listed["doc_count_error_upper_bound"].as_u64().unwrap_or(0);
        let warnings = if low == 0 {
            Vec::new()
        } else {
            vec![format!("counts of `{field}` may be low by up to {low}: its values lie on several shards")]
        };
        Ok(FacetCounts { field: field.to_string(), values, distinct, warnings, partial: false })
    }
}

fn sort(values: &mut [(String, Spelled)]) {
    values.sort_by(|a, b| b.1.count.cmp(&a.1.count).then_with(|| a.0.cmp(&b.0)));
}

impl Cluster {
    /// Lists the values of one facet over the articles that match; `prefix` compares folded beginnings of words.
    ///
    /// # Errors
    /// If the field is no facet, the query cannot be read, or the cluster does not answer.
    pub fn facet_values(
        &self,
        schema: &Schema,
        request: &Request,
        field: &str,
        prefix: Option<&str>,
        most: usize,
    ) -> Result<FacetCounts, QueryError> {
        let field = schema.fields.find(field).map_or(field, |f| f.name.as_str());
        query::known_facet(schema, field)?;
        let asked = Asked::new(self, schema, request)?;
        let plan = asked.plan_without(field)?;
        // Beginnings of words are compared here, so that accents are set aside as everywhere.
        let listed = if prefix.is_some() { MOST } else { most.max(LISTED) };
        let body = json!({
            "size": 0, "track_total_hits": false, "query": plan.query,
            "aggs": { field: aggregation(field, listed), "distinct": distinct(field) },
        });
        let mut answer = self.search_raw(&body, "")?;
        let more = answer["aggregations"][field]["sum_other_doc_count"].as_u64().unwrap_or(0);
        if let Some(prefix) = prefix.map(crate::tokens::fold)
            && let Some(buckets) = answer["aggregations"][field]["buckets"].as_array_mut()
        {
            let begins = |value: &str| {
                let folded = crate::tokens::fold(value);
                folded.starts_with(&prefix) || folded.split([' ', '-']).any(|w| w.starts_with(&prefix))
            };
            buckets.retain(|b| b["key"].as_str().is_some_and(begins));
        }
        let mut counts = asked.top_values(&plan, field, &answer, most)?;
        if more > 0 && prefix.is_none() {
            // Not all were listed: how many there are is told by another count, spellings apart.
            let all = answer["aggregations"]["distinct"]["value"].as_u64().unwrap_or(0);
            counts.distinct = counts.distinct.max(usize::try_from(all).unwrap_or(usize::MAX));
        }
        if more > 0 && prefix.is_some() {
            counts.warnings.push(format!("only the {MOST} most frequent values of `{field}` were looked at"));
        }
        counts.warnings.extend(asked.remarks(&plan, counts.distinct == 0)?);
        Ok(counts)
    }

    /// Lists, for each value of a facet, sentences of the newest articles that have it.
    ///
    /// # Errors
    /// If the query cannot be read, or the cluster does not answer.
    pub fn facet_evidence(
        &self,
        schema: &Schema,
        request: &Request,
        counts: &FacetCounts,
    ) -> Result<Vec<Vec<FacetEvidence>>, QueryError> {
        let field = counts.field.as_str();
        let asked = Asked::new(self, schema, request)?;
        let plan = asked.plan_without(field)?;
        let mut all = Vec::new();
        for value in &counts.values {
            let spellings = query::spellings_of(&self.groups, &value.value);
            let having = silent(json!({ "terms": { facet_name(field): spellings } }));
            let body = json!({
                "size": query::EVIDENCE_ARTICLES, "track_total_hits": false, "_source": ["id", "article"],
                "query": all_of(vec![plan.query.clone(), having]), "sort": order(Sort::Newest, false),
            });
            let answer = self.search_raw(&body, "")?;
            let mut here = Vec::new();
            for hit in answer["hits"]["hits"].as_array().into_iter().flatten() {
                let (article, annotations) = self.article(&hit["_source"])?;
                here.extend(query::told(&self.tokenizer, schema, article, &annotations, field, &spellings));
            }
            all.push(here);
        }
        Ok(all)
    }
}
