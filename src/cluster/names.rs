//! The spellings of one name over the whole corpus, made when an index run ends and kept beside the files.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;

use super::Cluster;
use super::client::Patience;
use super::mapping::written;
use crate::index::Groups;
use crate::query::Known;
use crate::query::QueryError;
use crate::schema::Schema;

/// Id of the document that holds them.
const ID: &str = "names";

/// Words whose articles are counted at once.
const AT_ONCE: usize = 500;

/// Fields whose values are names that the corpus spells in several ways.
const FIELDS: [&str; 3] = ["person", "organisation", "place"];

impl Cluster {
    /// Groups the spellings of names of the whole corpus, and keeps them for queries.
    ///
    /// # Errors
    /// If the cluster does not answer.
    pub fn group_names(&self, schema: &Schema) -> Result<(), QueryError> {
        let mut counts = BTreeMap::new();
        for field in FIELDS {
            let values = self.values(field)?;
            counts.extend(
                values.into_iter().map(|(value, count)| (format!("{field}={value}"), u64::from(count))),
            );
        }
        // The words to count are those that the first pass asks for.
        let asked = RefCell::new(BTreeSet::new());
        let ask = |word: &str| {
            asked.borrow_mut().insert(word.to_string());
            0
        };
        let _ = Groups::of_names(&counts, schema, &ask);
        let words: Vec<String> = asked.into_inner().into_iter().collect();
        let frequencies = self.frequencies(&words)?;
        let frequency = |word: &str| frequencies.get(word).copied().unwrap_or(0);
        let packed = STANDARD.encode(Groups::of_names(&counts, schema, &frequency).packed_names());
        let body = json!({ "names": { "packed": packed } }).to_string();
        let path = format!("/{}/_doc/{ID}?refresh=true", self.files_index());
        self.client.ask("PUT", &path, Some(&body), Patience::Long)?.expect(&self.client).map(|_| ())
    }

    /// Counts the articles that have each of some words in their text.
    fn frequencies(&self, words: &[String]) -> Result<BTreeMap<String, u64>, QueryError> {
        let mut counted = BTreeMap::new();
        for some in words.chunks(AT_ONCE) {
            let filters: BTreeMap<&str, Value> =
                some.iter().map(|w| (w.as_str(), json!({ "term": { written("text"): w } }))).collect();
            let body = json!({ "size": 0, "aggs": { "words": { "filters": { "filters": filters } } } });
            let answer = self.search_raw(&body, "")?;
            let buckets = answer["aggregations"]["words"]["buckets"].as_object();
            for (word, bucket) in buckets.into_iter().flatten() {
                counted.insert(word.clone(), bucket["doc_count"].as_u64().unwrap_or(0));
            }
        }
        Ok(counted)
    }

    /// Reads the spellings back; none if no run has ended yet.
    pub(super) fn read_names(&self) -> Result<Groups, QueryError> {
        let path = format!("/{}/_doc/{ID}", self.files_index());
        let answer = self.client.ask("GET", &path, None, Patience::Short)?;
        let packed = answer.body["_source"]["names"]["packed"].as_str().and_then(|p| STANDARD.decode(p).ok());
        Ok(packed.and_then(|packed| Groups::with_packed_names(&packed)).unwrap_or_default())
    }
}
