//! What the cluster knows of values: whether there is one, and which there are.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::Cluster;
use super::mapping::facet_name;
use super::remote;
use super::total;
use crate::index::ANY;
use crate::index::Groups;
use crate::query::Known;
use crate::query::QueryError;
use crate::query::Remote;

/// Values that are read at once.
const AT_ONCE: usize = 10_000;

/// Values of a field that are looked through for one that is not written as the articles have it.
const MOST: usize = 500_000;

impl Known for Cluster {
    fn has(&self, field: &str, value: &str) -> Result<bool, QueryError> {
        let query = json!({ "term": { facet_name(field): value } });
        let answer = self.search_raw(&json!({ "size": 0, "terminate_after": 1, "query": query }), "")?;
        // What stands for any value is none itself.
        Ok(total(&answer)? > 0 && value != ANY)
    }

    fn values(&self, field: &str) -> Result<BTreeMap<String, u32>, QueryError> {
        let source = json!({ "terms": { "field": facet_name(field) } });
        let mut found = BTreeMap::new();
        self.each_bucket(&json!({ "match_all": {} }), &[("value", source)], |key, count| {
            if let Some(value) = key["value"].as_str().filter(|value| *value != ANY) {
                found.insert(value.to_string(), u32::try_from(count).unwrap_or(u32::MAX));
            }
            if found.len() > MOST {
                let text = format!("`{field}` has more than {MOST} values: write the one you mean in full");
                return Err(remote(Remote::Failed, text));
            }
            Ok(())
        })?;
        Ok(found)
    }

    fn groups(&self) -> &Groups {
        &self.groups
    }
}

impl Cluster {
    /// Visits every combination of values with its number of articles, page by page: exact, however many shards.
    pub(super) fn each_bucket(
        &self,
        query: &Value,
        sources: &[(&str, Value)],
        mut visit: impl FnMut(&Value, u64) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        let sources: Vec<Value> = sources.iter().map(|(name, source)| json!({ *name: source })).collect();
        let mut composite = json!({ "size": AT_ONCE, "sources": sources });
        loop {
            let body = json!({
                "size": 0, "track_total_hits": false, "query": query, "aggs": { "all": { "composite": composite } },
            });
            let answer = self.search_raw(&body, "")?;
            let page = &answer["aggregations"]["all"];
            let buckets = page["buckets"].as_array().map_or(&[][..], Vec::as_slice);
            for bucket in buckets {
                visit(&bucket["key"], bucket["doc_count"].as_u64().unwrap_or(0))?;
            }
            if buckets.len() < AT_ONCE || page["after_key"].is_null() {
                return Ok(());
            }
            composite["after"] = page["after_key"].clone();
        }
    }
}
