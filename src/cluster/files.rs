//! Which files the articles of the cluster came from, kept in an index beside them: what was acknowledged is not sent
//! again, and what has gone is taken out.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use super::Cluster;
use super::client::Patience;
use super::whole;
use crate::query::QueryError;

/// Files that are read or written at once.
const AT_ONCE: usize = 5_000;

/// Files whose articles are taken out at once.
const REMOVED_AT_ONCE: usize = 500;

/// A file as it was when its articles were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileState {
    /// Its absolute path, behind the name of its tree if that was given.
    pub key: String,
    /// A hash of all that its articles follow from: the file's size and time, and the tables.
    pub state: String,
    /// Nanoseconds since 1970-01-01: the version of its articles.
    pub modified: u64,
    /// Articles.
    pub articles: u64,
    /// Records that could not be read or were refused, with the reason.
    pub skipped: Vec<(Option<u32>, String)>,
}

impl FileState {
    /// Makes the state of a file that was read with some tables.
    pub fn new(key: String, size: u64, modified: u64, tables: [&str; 2]) -> FileState {
        let mut hasher = blake3::Hasher::new();
        hasher.update(key.as_bytes()).update(&size.to_le_bytes()).update(&modified.to_le_bytes());
        for table in tables {
            hasher.update(table.as_bytes());
        }
        let state = hasher.finalize().to_hex()[..32].to_string();
        FileState { key, state, modified, ..FileState::default() }
    }

    /// The name of the file in the index of files.
    fn id(&self) -> String {
        id_of(&self.key)
    }

    fn to_json(&self) -> Value {
        let skipped: Vec<Value> =
            self.skipped.iter().map(|(record, reason)| json!([record, reason])).collect();
        json!({ "key": self.key, "state": self.state, "articles": self.articles, "skipped": { "of": skipped } })
    }

    fn read(source: &Value) -> Option<FileState> {
        let skipped = source["skipped"]["of"].as_array().map_or(&[][..], Vec::as_slice).iter();
        let one = |entry: &Value| {
            Some((entry[0].as_u64().and_then(|r| u32::try_from(r).ok()), entry[1].as_str()?.to_string()))
        };
        Some(FileState {
            key: source["key"].as_str()?.into(),
            state: source["state"].as_str()?.into(),
            modified: 0,
            articles: source["articles"].as_u64()?,
            skipped: skipped.filter_map(one).collect(),
        })
    }
}

fn id_of(key: &str) -> String {
    blake3::hash(key.as_bytes()).to_hex()[..32].to_string()
}

impl Cluster {
    pub(super) fn files_index(&self) -> String {
        format!("{}.files", self.name)
    }

    /// Reads which files below some roots the cluster has, by key.
    ///
    /// # Errors
    /// If the cluster does not answer.
    pub fn files_below(&self, roots: &[String]) -> Result<BTreeMap<String, FileState>, QueryError> {
        let mut found = BTreeMap::new();
        let path = format!("/{}/_search", self.files_index());
        let inside = roots.iter().flat_map(|root| {
            [json!({ "term": { "key": root } }), json!({ "prefix": { "key": format!("{root}/") } })]
        });
        let query = json!({ "bool": { "should": inside.collect::<Vec<_>>(), "minimum_should_match": 1 } });
        let mut after = Value::Null;
        loop {
            let mut body = json!({ "size": AT_ONCE, "query": query, "sort": [{ "key": "asc" }] });
            if !after.is_null() {
                body["search_after"] = after;
            }
            let answer = self.client.ask("POST", &path, Some(&body.to_string()), Patience::Long)?;
            let answer = answer.expect(&self.client)?;
            whole(&answer, &self.client)?;
            let hits = answer["hits"]["hits"].as_array().map_or(&[][..], Vec::as_slice);
            found.extend(
                hits.iter().filter_map(|h| FileState::read(&h["_source"])).map(|f| (f.key.clone(), f)),
            );
            match hits.last() {
                Some(last) if hits.len() == AT_ONCE => after = last["sort"].clone(),
                _ => return Ok(found),
            }
        }
    }

    /// Notes files whose articles have all been acknowledged.
    ///
    /// # Errors
    /// If the cluster does not take it: the files are then read again next time.
    pub fn note_files(&self, files: &[FileState]) -> Result<(), QueryError> {
        let lines = files.iter().map(|file| {
            let place = json!({ "index": { "_index": self.files_index(), "_id": file.id() } });
            format!("{place}\n{}\n", file.to_json())
        });
        self.change_files(lines.collect())
    }

    fn change_files(&self, lines: Vec<String>) -> Result<(), QueryError> {
        for some in lines.chunks(AT_ONCE) {
            let answer = self.client.ask("POST", "/_bulk", Some(&some.concat()), Patience::Long)?;
            answer.expect(&self.client)?;
        }
        Ok(())
    }

    /// Takes out the articles of files that have gone, and of files that were written again those of their earlier
    /// states; returns how many.
    ///
    /// # Errors
    /// If the cluster does not answer: the next run takes out the rest.
    pub fn remove_stale(&self, gone: &[String], written: &[FileState]) -> Result<u64, QueryError> {
        let mut removed = 0;
        for keys in gone.chunks(REMOVED_AT_ONCE) {
            removed += self.remove(&json!({ "terms": { "file": keys } }))?;
            let forget = |key: &String| {
                format!("{}\n", json!({ "delete": { "_index": self.files_index(), "_id": id_of(key) } }))
            };
            self.change_files(keys.iter().map(forget).collect())?;
        }
        for files in written.chunks(REMOVED_AT_ONCE) {
            let keys: Vec<&str> = files.iter().map(|f| f.key.as_str()).collect();
            let states: Vec<&str> = files.iter().map(|f| f.state.as_str()).collect();
            removed += self.remove(&json!({ "bool": {
                "filter": [{ "terms": { "file": keys } }], "must_not": [{ "terms": { "state": states } }],
            } }))?;
        }
        Ok(removed)
    }

    fn remove(&self, query: &Value) -> Result<u64, QueryError> {
        let path = format!("/{}/_delete_by_query?conflicts=proceed&refresh=true", self.name);
        let body = json!({ "query": query }).to_string();
        let answer = self.client.ask("POST", &path, Some(&body), Patience::Long)?.expect(&self.client)?;
        Ok(answer["deleted"].as_u64().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_differs_with_all_that_articles_follow_from() {
        let state =
            |key: &str, size, modified, tables| FileState::new(key.into(), size, modified, tables).state;
        let first = state("/a", 1, 2, ["t", "r"]);
        assert_eq!(first, state("/a", 1, 2, ["t", "r"]));
        for other in [
            state("/b", 1, 2, ["t", "r"]),
            state("/a", 2, 2, ["t", "r"]),
            state("/a", 1, 3, ["t", "r"]),
            state("/a", 1, 2, ["u", "r"]),
            state("/a", 1, 2, ["t", "s"]),
        ] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn what_is_remembered_of_a_file_comes_back() {
        let skipped = vec![(Some(3), "cut short".into()), (None, "no text".into())];
        let file = FileState { key: "/a".into(), state: "s".into(), modified: 0, articles: 7, skipped };
        assert_eq!(FileState::read(&file.to_json()), Some(file));
        assert_eq!(FileState::read(&json!({ "key": "/a" })), None);
    }
}
