//! An index on other machines: the same articles, queries and answers on OpenSearch.
//!
//! What text means stays ours: articles are read and annotated here, cut into our tokens, and sent ready; queries are
//! read by `query::syntax` and resolved as `query::plan` resolves them, and only then translated. Snippets and evidence are
//! made here from the stored article. The engine finds, counts and ranks.
//!
//! Reading order: `client` speaks HTTP; `mapping` and `document` say what is stored; `bulk` and `files` write; `translate`
//! makes the engine's query of a tree; `ask`, `facets` and `walk` answer.

mod ask;
mod bulk;
mod capabilities;
mod client;
mod document;
mod facets;
mod files;
mod known;
mod mapping;
mod names;
mod translate;
mod walk;

use serde_json::Value;
use serde_json::json;

pub use bulk::Bulk;
pub use bulk::Fault;
pub use bulk::Sent;
pub use capabilities::CAPABILITIES;
pub use capabilities::Capability;
pub use client::Login;
pub use client::Settings;
pub use document::Document;
pub use files::FileState;
pub use mapping::Layout;

use self::client::Client;
use self::client::Patience;
use crate::index::Groups;
use crate::index::NewsTokenizer;
use crate::query::QueryError;
use crate::query::Remote;
use crate::schema::Schema;

/// Version of the documents; an index with another one is not read.
const FORMAT: u64 = 2;

/// What to call this backend in messages.
const NAME: &str = "opensearch";

/// An index on a cluster.
pub struct Cluster {
    client: Client,
    /// The alias over its indices.
    name: String,
    tokenizer: NewsTokenizer,
    groups: Groups,
    /// Tells whether its articles were annotated with the tables of this program.
    pub current_schema: bool,
}

impl Cluster {
    /// Connects to a cluster for writing, which makes what the index needs, or for an index that is there.
    ///
    /// # Errors
    /// If the settings contradict themselves, nobody answers, or what answers is no engine that we speak to.
    fn connect(settings: &Settings, schema: &Schema) -> Result<Cluster, QueryError> {
        let name = settings.name.clone();
        if !is_index_name(&name) {
            let text =
                format!("--index-name {name}: small letters, digits, - and _, beginning with a letter");
            return Err(QueryError::Usage(text));
        }
        let client = Client::new(settings)?;
        let cluster = Cluster {
            client,
            name,
            tokenizer: NewsTokenizer::new(schema),
            groups: Groups::default(),
            current_schema: true,
        };
        cluster.expect_engine()?;
        Ok(cluster)
    }

    /// Opens an index for queries.
    ///
    /// # Errors
    /// If nobody answers, there is no such index, or it is not ours.
    pub fn open(settings: &Settings, schema: &Schema) -> Result<Cluster, QueryError> {
        let mut cluster = Cluster::connect(settings, schema)?;
        let tables = cluster.expect_ours()?;
        cluster.current_schema = tables == schema.hash;
        cluster.groups = cluster.read_names()?;
        Ok(cluster)
    }

    /// Opens an index for writing, and makes it if there is none.
    ///
    /// # Errors
    /// If nobody answers, or an index of that name is not ours.
    pub fn open_to_write(
        settings: &Settings,
        schema: &Schema,
        layout: &Layout,
    ) -> Result<Cluster, QueryError> {
        let cluster = Cluster::connect(settings, schema)?;
        if cluster.exists()? {
            cluster.expect_ours()?;
        }
        cluster.prepare(schema, layout)?;
        Ok(cluster)
    }

    /// What answers must be an engine whose language we speak.
    fn expect_engine(&self) -> Result<(), QueryError> {
        let said = self.client.get("/", Patience::Short)?;
        let distribution = said["version"]["distribution"].as_str().unwrap_or("");
        let number = said["version"]["number"].as_str().unwrap_or("");
        if distribution == NAME && is_new_enough(number) {
            return Ok(());
        }
        let what = match said["version"]["number"].as_str() {
            Some(number) => {
                format!("version {number} of {}", said["tagline"].as_str().unwrap_or("something"))
            }
            None => "no search engine".into(),
        };
        Err(remote(
            Remote::Incompatible,
            format!("{} is {what}: --backend opensearch needs OpenSearch 3.2 or newer", self.client.place()),
        ))
    }

    fn exists(&self) -> Result<bool, QueryError> {
        let found = self.client.ask("HEAD", &format!("/{}", self.name), None, Patience::Short)?;
        Ok(found.status == 200)
    }

    /// Reads what the index says of itself; returns the hash of the tables that it was made with last.
    fn expect_ours(&self) -> Result<String, QueryError> {
        let path = format!("/{}/_mapping?filter_path=*.mappings._meta", self.name);
        let answer = self.client.ask("GET", &path, None, Patience::Short)?;
        if answer.status == 404 {
            return Err(remote(
                Remote::Missing,
                format!(
                    "no index {} at {}: make one with `dateline index --backend opensearch PATH`",
                    self.name,
                    self.client.place()
                ),
            ));
        }
        let answer = answer.expect(&self.client)?;
        let metas: Vec<&Value> = answer
            .as_object()
            .into_iter()
            .flat_map(|all| all.values())
            .map(|i| &i["mappings"]["_meta"])
            .collect();
        let ours = metas.iter().all(|meta| meta["dateline"].as_u64() == Some(FORMAT));
        if metas.is_empty() || !ours {
            return Err(remote(
                Remote::Incompatible,
                format!(
                    "the index {} at {} was not made by this version of dateline: take another --index-name",
                    self.name,
                    self.client.place()
                ),
            ));
        }
        Ok(metas.last().and_then(|meta| meta["tables"].as_str()).unwrap_or("").to_string())
    }

    /// Counts the articles.
    ///
    /// # Errors
    /// If the cluster does not answer.
    pub fn articles(&self) -> Result<u64, QueryError> {
        let body = json!({ "size": 0, "track_total_hits": true });
        let answer = self.search_raw(&body, "")?;
        total(&answer)
    }

    /// Makes what was written visible to queries.
    ///
    /// # Errors
    /// If the cluster does not answer.
    pub fn refresh(&self) -> Result<(), QueryError> {
        for index in [self.name.clone(), self.files_index()] {
            let path = format!("/{index}/_refresh?ignore_unavailable=true");
            self.client.ask("POST", &path, None, Patience::Long)?.expect(&self.client)?;
        }
        Ok(())
    }

    fn search_raw(&self, body: &Value, parameters: &str) -> Result<Value, QueryError> {
        // Part of an answer is none: while a node is being replaced, the engine says so and is asked again.
        let path = format!("/{}/_search?allow_partial_search_results=false&{parameters}", self.name);
        let answer = self.client.ask("POST", &path, Some(&body.to_string()), Patience::Short)?;
        let answer = answer.expect(&self.client)?;
        whole(&answer, &self.client)?;
        Ok(answer)
    }
}

/// An answer that some shards did not give is no answer: what they hold would be missing in silence.
fn whole(answer: &Value, client: &Client) -> Result<(), QueryError> {
    let failed = answer["_shards"]["failed"].as_u64().unwrap_or(0);
    if failed == 0 && answer["timed_out"] != json!(true) {
        return Ok(());
    }
    let reason = answer["_shards"]["failures"][0]["reason"]["reason"].as_str().unwrap_or("it took too long");
    Err(remote(
        Remote::Failed,
        format!("{}: {failed} shards of the index did not answer ({reason}): ask again", client.place()),
    ))
}

fn total(answer: &Value) -> Result<u64, QueryError> {
    let value = answer["hits"]["total"]["value"].as_u64();
    value.ok_or_else(|| remote(Remote::Failed, "the cluster answered without a total"))
}

fn remote(cause: Remote, text: impl Into<String>) -> QueryError {
    QueryError::Remote { cause, text: text.into() }
}

/// The error for what this backend does not do.
fn unsupported(what: &str) -> QueryError {
    QueryError::Usage(format!("not on {NAME}: {what}"))
}

/// Says that a command cannot be had of a cluster.
pub fn no_such_command(command: &str) -> QueryError {
    unsupported(&format!("`dateline {command}`; docs/cluster.md lists what it answers"))
}

/// Words are scored over several fields as one since 3.2.
fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.split('.').map(|n| n.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (3, 2)
}

fn is_index_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    name.len() <= 100 && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(fits)
}
