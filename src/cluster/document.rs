//! The one place where an article and its annotations become a document of the cluster.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustc_hash::FxHashSet;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Cluster;
use super::mapping::Layout;
use super::mapping::SAME_PLACE;
use super::mapping::index_of;
use super::mapping::written;
use super::remote;
use crate::annotation::Annotations;
use crate::annotation::Event;
use crate::article::Article;
use crate::index;
use crate::index::ANY;
use crate::index::EventValue;
use crate::index::NewsTokenizer;
use crate::query::QueryError;
use crate::query::Remote;
use crate::schema::Schema;
use crate::tokens::fold;

/// A document ready to be sent: the line that says where it goes, and the line that it is.
#[derive(Clone, Debug)]
pub struct Document {
    /// Record of the file, for reports.
    pub record: Option<u32>,
    pub(super) lines: String,
}

/// Where a document comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub key: &'a str,
    pub state: &'a str,
    pub modified: u64,
}

/// The cluster's id of an article: the same article of the same file has the same in every run of every writer.
fn id_of(key: &str, id: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(key.as_bytes()).update(b"\0").update(id.as_bytes());
    hasher.finalize().to_hex()[..32].to_string()
}

/// The order of ties is that of numbers without a sign.
pub(super) fn signed_tie(tie: u64) -> i64 {
    (tie ^ (1 << 63)).cast_signed()
}

impl Cluster {
    /// Makes the document of an article of a file.
    pub fn document(
        &self,
        article: &Article,
        annotations: &Annotations,
        schema: &Schema,
        file: &super::FileState,
        layout: &Layout,
    ) -> Document {
        let origin = Origin { key: &file.key, state: &file.state, modified: file.modified };
        document(article, annotations, schema, &self.tokenizer, &self.name, &origin, layout)
    }

    /// Reads an article and its annotations back from a document.
    pub(super) fn article(&self, source: &Value) -> Result<(Article, Annotations), QueryError> {
        let read = || {
            let packed = STANDARD.decode(source["article"]["rest"].as_str()?).ok()?;
            index::decode(&packed, source["id"].as_str()?, source["article"]["text"].as_str()?)
        };
        let damaged =
            || remote(Remote::Incompatible, "an article in the cluster cannot be read: index it again");
        read().ok_or_else(damaged)
    }
}

/// Makes the document of an article.
pub(super) fn document(
    article: &Article,
    annotations: &Annotations,
    schema: &Schema,
    tokenizer: &NewsTokenizer,
    name: &str,
    origin: &Origin,
    layout: &Layout,
) -> Document {
    let mut fields = Map::new();
    fields.insert("id".into(), article.id.clone().into());
    fields.insert("file".into(), origin.key.into());
    fields.insert("state".into(), origin.state.into());
    fields.insert("path".into(), article.path.clone().into());
    fields.insert("path_folded".into(), fold(&article.path).into());
    if let Some(url) = &article.url {
        fields.insert("url_folded".into(), fold(url).into());
    }
    let (kept, aside) = index::kept_and_aside(article);
    for (field, text) in [("title", &article.title), ("text", &kept), ("boilerplate", &aside)] {
        if !text.is_empty() {
            fields.insert(field.into(), stems(tokenizer, text).into());
            fields.insert(written(field), words(tokenizer, text).into());
        }
    }
    if let Some((first, last)) = annotations.published.and_then(|p| p.date.day_numbers()) {
        fields.insert("published_min".into(), first.into());
        fields.insert("published_max".into(), last.into());
    }
    fields.insert("tie".into(), signed_tie(index::tie_of(&article.id)).into());
    fields.insert("facet".into(), facets(article, annotations, schema));
    if !annotations.events.is_empty() {
        let events = annotations.events.iter().map(|e| event(e, article, tokenizer)).collect();
        fields.insert("events".into(), Value::Array(events));
    }
    let rest = STANDARD.encode(index::encode(article, annotations));
    fields.insert("article".into(), json!({ "text": article.text, "rest": rest }));
    let place = json!({ "index": {
        "_index": index_of(name, annotations.published.map(|p| p.date), layout),
        "_id": id_of(origin.key, &article.id),
        // A writer that is late does not undo what a newer state of the file brought; a repeat changes nothing.
        "version": origin.modified / 1_000_000, "version_type": "external_gte",
    } });
    Document { record: article.record, lines: format!("{place}\n{}\n", Value::Object(fields)) }
}

/// The stems of a text in their order, with those of one place joined.
fn stems(tokenizer: &NewsTokenizer, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = None;
    index::each_token(tokenizer, text, |stem, position, _, _| {
        if let Some(last) = last {
            out.push(if last == position { SAME_PLACE } else { ' ' });
        }
        last = Some(position);
        out.push_str(stem);
    });
    out
}

/// The different words of a text as they are written, case and accents aside.
fn words(tokenizer: &NewsTokenizer, text: &str) -> String {
    let mut seen: FxHashSet<String> = FxHashSet::default();
    let mut out = String::new();
    index::each_token(&tokenizer.as_written(), text, |word, _, _, _| {
        if seen.insert(word.to_string()) {
            out.push_str(word);
            out.push(' ');
        }
    });
    out
}

/// The values of each facet. That there is any is what the engine knows by itself, but for the date of publication.
fn facets(article: &Article, annotations: &Annotations, schema: &Schema) -> Value {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for composed in index::facet_values(article, annotations, schema) {
        let Some((field, value)) = composed.split_once('=') else { continue };
        if value != ANY || field == "published" {
            all.entry(field.replace('.', ":")).or_default().push(value.to_string());
        }
    }
    json!(all)
}

/// An event as a document inside the article's, so that what must hold of one event is asked of one document.
fn event(event: &Event, article: &Article, tokenizer: &NewsTokenizer) -> Value {
    let value = EventValue::of(event);
    let mut who: Vec<String> = Vec::new();
    for (role, name) in &value.participants {
        who.push(format!("{role}={ANY}"));
        who.push(format!("{role}={name}"));
    }
    who.sort();
    who.dedup();
    json!({
        "kind": value.kind, "status": value.status.name(), "background": value.background,
        "date": value.date.map(|d| d.to_string()), "who": who,
        "words": stems(tokenizer, &event.sentence_of(article)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_one_place_are_joined_and_words_come_once() {
        let tokenizer = NewsTokenizer::new(Schema::embedded());
        let ceasefire = index::terms(&tokenizer, "ceasefire").remove(0).text;
        let text = stems(&tokenizer, "The cease-fire, the Truces");
        assert!(text.contains(&format!("{SAME_PLACE}{ceasefire} ")), "{text}");
        assert_eq!(text.split(' ').count(), 5, "{text}");
        assert_eq!(words(&tokenizer, "Truce truces TRUCE"), "truce truces ");
    }

    #[test]
    fn a_document_gives_its_article_back_and_keeps_its_id() {
        let article =
            Article { id: "a1".into(), text: "A text.".into(), path: "a.txt".into(), ..Article::default() };
        let schema = Schema::embedded();
        let make = |key| {
            let origin = Origin { key, state: "s", modified: 5_000_000 };
            let tokenizer = NewsTokenizer::new(schema);
            let layout = Layout::default();
            document(&article, &Annotations::default(), schema, &tokenizer, "news", &origin, &layout).lines
        };
        assert_eq!(make("/a"), make("/a"));
        let (one, other) = (make("/a"), make("/b"));
        let line = |text: &str, n: usize| {
            serde_json::from_str::<Value>(text.lines().nth(n).expect("it is there")).expect("it is there")
        };
        assert_ne!(line(&one, 0)["index"]["_id"], line(&other, 0)["index"]["_id"]);
        assert_eq!(line(&one, 0)["index"]["version"], 5);
        let source = line(&one, 1);
        let packed =
            STANDARD.decode(source["article"]["rest"].as_str().expect("it is there")).expect("it is there");
        let back = index::decode(&packed, "a1", source["article"]["text"].as_str().expect("it is there"))
            .expect("it is there")
            .0;
        assert_eq!(back.path, "a.txt");
        assert_eq!(source["facet"]["published"][0], "none");
    }

    #[test]
    fn ties_keep_their_order() {
        assert!(signed_tie(0) < signed_tie(1));
        assert!(signed_tie(u64::MAX / 2) < signed_tie(u64::MAX));
    }
}
