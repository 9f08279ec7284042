//! The one place where an article and its annotations become fields.

use tantivy::TantivyDocument;

use super::ANY;
use super::IndexFields;
use super::LONGEST_VALUE;
use super::bytes::hash_of;
use super::encoding::encode;
use super::event_values::event_value;
use super::overlay::runs;
use super::store;
use crate::annotation::Annotations;
use crate::article::Article;
use crate::article::BlockKind;
use crate::calendar::PartialDate;
use crate::schema::Schema;

/// Returns the number by which an article is known among stories and among equal scores: a hash of its id.
pub fn tie_of(id: &str) -> u64 {
    hash_of(id)
}

/// A document that only lacks its final id.
#[derive(Debug)]
pub struct Prepared {
    /// The article's id, if no other article has it.
    pub id: String,
    document: TantivyDocument,
    stored: Vec<u8>,
    text: String,
}

impl Prepared {
    /// Finishes the document under an id of the writer's choice.
    pub(super) fn finish(mut self, id: &str, fields: &IndexFields) -> TantivyDocument {
        self.document.add_text(fields.stored_text, store::pack_text(&self.text));
        self.document.add_bytes(fields.stored, &store::pack(id, &self.stored));
        self.document.add_u64(fields.tie, tie_of(id));
        self.document
    }
}

/// Turns an article into a document.
pub fn prepare(
    article: &Article,
    annotations: &Annotations,
    schema: &Schema,
    fields: &IndexFields,
) -> Prepared {
    let mut document = TantivyDocument::default();
    if !article.title.is_empty() {
        document.add_text(fields.title, &article.title);
    }
    add_text(article, fields, &mut document);
    for value in facet_values(article, annotations, schema) {
        match value.split_once('=') {
            Some((field, ANY)) => document.add_text(fields.has, field),
            _ => document.add_text(fields.facet, value),
        }
    }
    if let Some((first, last)) = annotations.published.and_then(|p| p.date.day_numbers()) {
        document.add_i64(fields.published_min, i64::from(first));
        document.add_i64(fields.published_max, i64::from(last));
    }
    document.add_text(fields.path, &article.path);
    if let Some(url) = &article.url {
        document.add_text(fields.url, url);
        document.add_text(fields.has, "url");
    }
    for event in &annotations.events {
        document.add_text(fields.event, event_value(event));
    }
    if let Some(signature) = runs(article).signature() {
        document.add_bytes(fields.signature, &signature.bytes());
    }
    let stored = encode(article, annotations);
    Prepared { id: article.id.clone(), document, stored, text: article.text.clone() }
}

/// Joins a facet field and its value, cut to what a value may hold.
pub(super) fn composed(field: &str, value: &str) -> String {
    let mut end = value.len().min(LONGEST_VALUE);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    [field, "=", &value[..end]].concat()
}

/// The kept blocks as one text; boilerplate apart. The title's block is in the title field.
fn add_text(article: &Article, fields: &IndexFields, document: &mut TantivyDocument) {
    let (kept, aside) = kept_and_aside(article);
    if !kept.is_empty() {
        document.add_text(fields.text, kept);
    }
    if !aside.is_empty() {
        document.add_text(fields.boilerplate, aside);
    }
}

/// The kept blocks of an article as one text, its headline's block left out, and its boilerplate as another.
pub fn kept_and_aside(article: &Article) -> (String, String) {
    let join = |wanted: &dyn Fn(BlockKind) -> bool| {
        let mut out = String::new();
        for block in article.blocks.iter().filter(|b| wanted(b.kind)) {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(block.span.of(&article.text));
        }
        out
    };
    let kept = join(&|k| k != BlockKind::Boilerplate && k != BlockKind::Title);
    (kept, join(&|k| k == BlockKind::Boilerplate))
}

/// Lists every facet of an article, field and value composed, without doubles.
pub fn facet_values(article: &Article, annotations: &Annotations, schema: &Schema) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(128);
    let mut push = |field: &str, value: &str| {
        if !value.is_empty() {
            out.push(composed(field, value));
        }
    };
    for (field, values) in annotations.facets(schema) {
        values.iter().for_each(|v| push(&field, v));
        if !values.is_empty() {
            push(&field, ANY);
        }
    }
    for (field, name) in annotations.unknown_names(article, schema) {
        push(field, &name);
        push(field, ANY);
    }
    for date in &annotations.dates {
        push("mentioned", &date.value.to_string());
    }
    match annotations.published.map(|p| p.date) {
        Some(date) => {
            push("published", ANY);
            if let PartialDate::Day(year, month, _) | PartialDate::Month(year, month) = date {
                push("month", &PartialDate::Month(year, month).to_string());
                push("month", ANY);
            }
        }
        None => push("published", "none"),
    }
    if let Some(source) = &article.source {
        push("source", source);
        push("source", ANY);
    }
    for author in &article.authors {
        push("author", author);
        push("author", ANY);
    }
    for section in &article.sections {
        push("section", section);
        push("section", ANY);
    }
    if let Some(language) = &article.language {
        push("lang", language);
        push("lang", ANY);
    }
    out.sort_unstable();
    out.dedup();
    out
}
