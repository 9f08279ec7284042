//! The one place where an article and its annotations become fields.

use serde::Deserialize;
use serde::Serialize;
use tantivy::TantivyDocument;

use super::ANY;
use super::IndexFields;
use super::LONGEST_VALUE;
use super::event_values::event_value;
use super::overlay::runs;
use super::store;
use crate::annotation::Annotations;
use crate::annotation::DateMention;
use crate::annotation::Event;
use crate::annotation::Kind;
use crate::annotation::Mention;
use crate::annotation::Participant;
use crate::annotation::Status;
use crate::annotation::Zone;
use crate::article::Article;
use crate::article::Block;
use crate::article::BlockKind;
use crate::article::Method;
use crate::article::Published;
use crate::article::Span;
use crate::calendar::PartialDate;
use crate::schema::Schema;

/// Returns the number by which an article is known among stories and among equal scores: a hash of its id.
pub fn tie_of(id: &str) -> u64 {
    let digest = blake3::hash(id.as_bytes());
    let mut tie = [0; 8];
    tie.copy_from_slice(&digest.as_bytes()[..8]);
    u64::from_le_bytes(tie)
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
    pub(super) fn finish(mut self, id: &str, file: &str, fields: &IndexFields) -> TantivyDocument {
        self.document.add_text(fields.stored_text, store::pack_text(&self.text));
        self.document.add_bytes(fields.stored, &store::pack(id, &self.stored));
        self.document.add_text(fields.file, file);
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
    let stored = Stored::encode(article, annotations);
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

/// An article and its annotations as stored with the document; the text is stored beside it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Stored {
    title: String,
    blocks: Vec<(u32, u32, BlockKind)>,
    published: Option<(String, Method, f32)>,
    /// The article's own date is the one above.
    inferred: bool,
    url: Option<String>,
    source: Option<String>,
    authors: Vec<String>,
    sections: Vec<String>,
    language: Option<String>,
    path: String,
    record: Option<u32>,
    names: Vec<String>,
    /// How far behind the one before each starts, its length, ..., the number of its name.
    mentions: Vec<(i32, u32, Zone, Kind, u32, bool)>,
    dates: Vec<(u32, u32, Zone, String)>,
    events: Vec<StoredEvent>,
    countries: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredEvent {
    kind: String,
    participants: Vec<Participant>,
    status: Status,
    background: bool,
    attributed_to: Option<String>,
    date: Option<String>,
    zone: Zone,
    sentence: (u32, u32),
    trigger: (u32, u32),
    rule: String,
    confidence: f32,
}

impl Stored {
    /// Packs all of an article but its id and its text.
    pub fn encode(article: &Article, annotations: &Annotations) -> Vec<u8> {
        let mut names: Vec<String> = Vec::new();
        let mut before = 0;
        let mentions = annotations
            .mentions
            .iter()
            .map(|m| {
                let name =
                    m.entity.as_ref().map_or(0, |entity| match names.iter().position(|n| n == entity) {
                        Some(at) => at as u32 + 1,
                        None => {
                            names.push(entity.clone());
                            names.len() as u32
                        }
                    });
                let ahead = m.span.start.wrapping_sub(before).cast_signed();
                before = m.span.start;
                (ahead, m.span.end.wrapping_sub(m.span.start), m.zone, m.kind, name, m.actor)
            })
            .collect();
        let stored = Stored {
            title: article.title.clone(),
            blocks: article.blocks.iter().map(|b| (b.span.start, b.span.end, b.kind)).collect(),
            published: annotations.published.map(|p| (p.date.to_string(), p.method, p.confidence)),
            inferred: article.published.is_none(),
            url: article.url.clone(),
            source: article.source.clone(),
            authors: article.authors.clone(),
            sections: article.sections.clone(),
            language: article.language.clone(),
            path: article.path.clone(),
            record: article.record,
            mentions,
            names,
            dates: annotations
                .dates
                .iter()
                .map(|d| (d.span.start, d.span.end, d.zone, d.value.to_string()))
                .collect(),
            events: annotations.events.iter().map(StoredEvent::of).collect(),
            countries: annotations.countries.clone(),
        };
        // A Vec takes whatever is written to it; the types hold nothing that postcard refuses.
        postcard::to_stdvec(&stored).unwrap_or_default()
    }

    /// Reads back an article and its annotations; none if the bytes are not ours.
    pub fn decode(bytes: &[u8], id: &str, text: &str) -> Option<(Article, Annotations)> {
        let stored: Stored = postcard::from_bytes(bytes).ok()?;
        let published = match &stored.published {
            Some(stated) => Some(published_of(stated)?),
            None => None,
        };
        let span = |start: u32, end: u32| {
            let fits =
                start <= end && text.is_char_boundary(start as usize) && text.is_char_boundary(end as usize);
            fits.then_some(Span { start, end })
        };
        let blocks: Option<Vec<Block>> = stored
            .blocks
            .iter()
            .map(|(start, end, kind)| Some(Block { span: span(*start, *end)?, kind: *kind }))
            .collect();
        let annotations = Annotations {
            mentions: mentions_of(&stored),
            dates: stored
                .dates
                .iter()
                .filter_map(|(start, end, zone, value)| {
                    Some(DateMention {
                        span: Span { start: *start, end: *end },
                        zone: *zone,
                        value: value.parse().ok()?,
                    })
                })
                .collect(),
            events: stored.events.into_iter().map(StoredEvent::event).collect(),
            countries: stored.countries,
            published,
        };
        let article = Article {
            id: id.to_string(),
            title: stored.title,
            blocks: blocks?,
            published: published.filter(|_| !stored.inferred),
            url: stored.url,
            source: stored.source,
            authors: stored.authors,
            sections: stored.sections,
            language: stored.language,
            path: stored.path,
            record: stored.record,
            text: text.to_string(),
        };
        Some((article, annotations))
    }
}

fn mentions_of(stored: &Stored) -> Vec<Mention> {
    let mut before: u32 = 0;
    let mut span_of = |ahead: i32, length: u32| {
        before = before.wrapping_add_signed(ahead);
        Span { start: before, end: before.wrapping_add(length) }
    };
    let name = |number: u32| number.checked_sub(1).and_then(|n| stored.names.get(n as usize).cloned());
    let mention = |(ahead, length, zone, kind, entity, actor): &(i32, u32, Zone, Kind, u32, bool)| Mention {
        span: span_of(*ahead, *length),
        zone: *zone,
        kind: *kind,
        entity: name(*entity),
        actor: *actor,
    };
    stored.mentions.iter().map(mention).collect()
}

fn published_of((date, method, confidence): &(String, Method, f32)) -> Option<Published> {
    Some(Published { date: date.parse().ok()?, method: *method, confidence: *confidence })
}

impl StoredEvent {
    fn of(event: &Event) -> StoredEvent {
        StoredEvent {
            kind: event.kind.clone(),
            participants: event.participants.clone(),
            status: event.status,
            background: event.background,
            attributed_to: event.attributed_to.clone(),
            date: event.date.map(|d| d.to_string()),
            zone: event.zone,
            sentence: (event.sentence.start, event.sentence.end),
            trigger: (event.trigger.start, event.trigger.end),
            rule: event.rule.clone(),
            confidence: event.confidence,
        }
    }

    fn event(self) -> Event {
        Event {
            kind: self.kind,
            participants: self.participants,
            status: self.status,
            background: self.background,
            attributed_to: self.attributed_to,
            date: self.date.and_then(|d| d.parse().ok()),
            zone: self.zone,
            sentence: Span { start: self.sentence.0, end: self.sentence.1 },
            trigger: Span { start: self.trigger.0, end: self.trigger.1 },
            rule: self.rule,
            confidence: self.confidence,
        }
    }
}
