//! What the engine is told of our fields: made from the tables, so that a user's role needs no code.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Cluster;
use super::FORMAT;
use super::client::Patience;
use crate::annotation::RoleState;
use crate::calendar::PartialDate;
use crate::query::QueryError;
use crate::query::weights::ASIDE;
use crate::query::weights::B;
use crate::query::weights::K1;
use crate::schema::FieldKind;
use crate::schema::Schema;

/// The engine's weights of fields that are scored as one text begin at 1, and ours at [`ASIDE`]: all are so much greater.
pub(super) const SCALE: f32 = 1.0 / ASIDE;

/// Stands between tokens of one place, such as the halves of a compound and the word that they make.
pub(super) const SAME_PLACE: char = '|';

/// Longest token with others at its place, in characters.
const LONGEST_PLACE: usize = 4096;

/// Longest path or address that is found by a part of it, in characters.
const LONGEST_PATH: usize = 8_000;

/// How the index lies on the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Primary shards of each index.
    pub shards: u32,
    /// Copies of each shard besides it.
    pub replicas: u32,
    /// An index for each month of publication, behind one alias.
    pub by_month: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Layout { shards: 1, replicas: 1, by_month: false }
    }
}

/// The engine's name of a facet; a dot would make an object of it.
pub(super) fn facet_name(field: &str) -> String {
    format!("facet.{}", field.replace('.', ":"))
}

/// The index that articles of a date belong to.
pub(super) fn index_of(name: &str, published: Option<PartialDate>, layout: &Layout) -> String {
    let part = match published {
        _ if !layout.by_month => "all".into(),
        Some(PartialDate::Day(year, month, _) | PartialDate::Month(year, month)) => {
            PartialDate::Month(year, month).to_string()
        }
        Some(PartialDate::Year(year)) => PartialDate::Year(year).to_string(),
        _ => "undated".into(),
    };
    format!("{name}.a-{}", part.to_lowercase())
}

impl Cluster {
    /// Makes the template of the indices and the first of them, and adds fields that the tables have gained.
    pub(super) fn prepare(&self, schema: &Schema, layout: &Layout) -> Result<(), QueryError> {
        if layout.replicas > 0 && !self.exists()? {
            self.expect_nodes(2)?;
        }
        let name = &self.name;
        let template = json!({
            "index_patterns": [format!("{name}.a-*")], "priority": 300,
            "template": {
                "settings": settings(layout), "mappings": mappings(schema), "aliases": { name: {} },
            },
        });
        self.put(&format!("/_index_template/{name}.articles"), &template)?;
        self.put(&format!("/{}", index_of(name, None, layout)), &json!({}))?;
        self.put(&format!("/{name}/_mapping"), &mappings(schema))?;
        self.put(&format!("/{}", self.files_index()), &files(layout))
    }

    /// Copies of shards need nodes to lie on: without them every write would wait for ever.
    fn expect_nodes(&self, least: u64) -> Result<(), QueryError> {
        // Who may write may not be allowed to ask this.
        let Ok(health) = self.client.get("/_cluster/health", Patience::Short) else { return Ok(()) };
        let nodes = health["number_of_data_nodes"].as_u64().unwrap_or(least);
        if nodes >= least {
            return Ok(());
        }
        let text = format!(
            "{} has {nodes} node, and a copy of a shard needs another: give --replicas 0",
            self.client.place()
        );
        Err(QueryError::Usage(text))
    }

    /// Puts what may be there already, put by another writer a moment ago.
    fn put(&self, path: &str, body: &Value) -> Result<(), QueryError> {
        let answer = self.client.ask("PUT", path, Some(&body.to_string()), Patience::Long)?;
        let there =
            answer.status == 400 && answer.body["error"]["type"] == "resource_already_exists_exception";
        if there { Ok(()) } else { answer.expect(&self.client).map(|_| ()) }
    }
}

fn settings(layout: &Layout) -> Value {
    json!({ "index": {
        "number_of_shards": layout.shards, "number_of_replicas": layout.replicas,
        "codec": "best_compression", "refresh_interval": "30s",
        // What is acknowledged is on two nodes: an index that has just been made has one copy for a while.
        "write": { "wait_for_active_shards": layout.replicas.min(1) + 1 },
        // Writes wait for the second copy, which is made anew when its node does not come back so soon.
        "unassigned": { "node_left": { "delayed_timeout": "10s" } },
        "mapping": { "total_fields": { "limit": 5_000 }, "nested_objects": { "limit": 100_000 } },
        "similarity": {
            // Counts and lengths of the fields scored as one are all greater, so that their saturation comes later.
            "default": { "type": "BM25", "k1": K1 * SCALE, "b": B, "discount_overlaps": false },
            "zone": { "type": "BM25", "k1": K1, "b": B, "discount_overlaps": false },
        },
        "analysis": {
            "tokenizer": { "places": { "type": "whitespace", "max_token_length": LONGEST_PLACE } },
            "filter": { "one_place": {
                "type": "pattern_capture", "preserve_original": false, "patterns": [format!("([^{SAME_PLACE}]+)")],
            } },
            "analyzer": {
                "our_tokens": { "type": "custom", "tokenizer": "places", "filter": ["one_place"] },
                "our_terms": { "type": "custom", "tokenizer": "places" },
            },
        },
    } })
}

fn mappings(schema: &Schema) -> Value {
    let text = json!({ "type": "text", "analyzer": "our_tokens", "search_analyzer": "our_terms", "similarity": "zone" });
    let words = json!({ "type": "text", "analyzer": "our_terms", "index_options": "docs", "norms": false });
    let keyword = json!({ "type": "keyword" });
    let folded = json!({ "type": "keyword", "doc_values": false, "ignore_above": LONGEST_PATH });
    let mut properties = json!({
        "id": keyword, "file": keyword, "state": keyword, "path": keyword,
        "path_folded": folded, "url_folded": folded,
        "published_min": { "type": "long" }, "published_max": { "type": "long" },
        // A hash of the id, by which equal scores are ordered in every build; the engine's numbers have a sign.
        "tie": { "type": "long" },
        "facet": { "properties": facets(schema) },
        "events": { "type": "nested", "properties": {
            "kind": keyword, "status": keyword, "background": { "type": "boolean" }, "date": keyword,
            "who": keyword, "words": text,
        } },
        "article": { "type": "object", "enabled": false },
    });
    for field in ["title", "text", "boilerplate"] {
        properties[field] = text.clone();
        properties[written(field)] = words.clone();
    }
    json!({
        "dynamic": "strict",
        "_meta": { "dateline": FORMAT, "tables": schema.hash },
        // The tokens can be made again from the article: they are indexed and not stored.
        "_source": { "includes": ["id", "article"] },
        "properties": properties,
    })
}

/// The field with the words of another as they are written.
pub(super) fn written(field: &str) -> String {
    format!("{field}_written")
}

/// A field for each facet of the tables, and for each state of each role.
fn facets(schema: &Schema) -> Map<String, Value> {
    let is_facet = |kind| matches!(kind, FieldKind::Actor | FieldKind::Value | FieldKind::Date);
    let fields = schema.fields.iter().filter(|f| is_facet(f.kind)).map(|f| f.name.clone());
    let states = || [RoleState::Plain].into_iter().chain(RoleState::all());
    let roles = schema.roles.iter().flat_map(|role| states().map(|state| state.field(&role.id)));
    fields.chain(roles).map(|field| (field.replace('.', ":"), json!({ "type": "keyword" }))).collect()
}

/// The index that remembers which files the articles came from.
fn files(layout: &Layout) -> Value {
    json!({
        "settings": { "index": { "number_of_shards": 1, "number_of_replicas": layout.replicas } },
        "mappings": { "dynamic": "strict", "_meta": { "dateline": FORMAT }, "properties": {
            "key": { "type": "keyword" }, "state": { "type": "keyword" }, "articles": { "type": "long" },
            "names": { "type": "object", "enabled": false }, "skipped": { "type": "object", "enabled": false },
        } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_tables_has_its_place() {
        let mappings = mappings(Schema::embedded());
        let facets = &mappings["properties"]["facet"]["properties"];
        for field in ["actor", "source", "mentioned", "published", "broker", "broker:offered", "broker:any"] {
            assert_eq!(facets[field]["type"], "keyword", "{field}");
        }
        assert!(facets.get("text").is_none());
        assert_eq!(facet_name("broker.offered"), "facet.broker:offered");
    }

    #[test]
    fn months_have_indices_of_their_own_if_that_is_asked_for() {
        let (all, months) = (Layout::default(), Layout { by_month: true, ..Layout::default() });
        let of = |date: &str, layout| index_of("news", date.parse().ok(), layout);
        assert_eq!(of("2020-10-27", &all), "news.a-all");
        assert_eq!(of("2020-10-27", &months), "news.a-2020-10");
        assert_eq!(of("2020-10", &months), "news.a-2020-10");
        assert_eq!(of("2020", &months), "news.a-2020");
        assert_eq!(of("199X", &months), "news.a-undated");
        assert_eq!(of("", &months), "news.a-undated");
    }
}
