//! An article and its annotations as bytes: all but its id and its text, which are kept beside them.
//!
//! What an article has many of stands in columns, and a name or a word once, in a table that the columns count in:
//! so it takes a seventh less of the store than a row for each.

use std::hash::Hash;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::Serialize;

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

/// What is stored of an article besides its id and its text.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    #[serde(borrow)]
    title: &'a str,
    url: Option<&'a str>,
    source: Option<&'a str>,
    authors: Vec<&'a str>,
    sections: Vec<&'a str>,
    language: Option<&'a str>,
    path: &'a str,
    record: Option<u32>,
    blocks: Column<BlockKind>,
    published: Option<(PartialDate, Method, f32)>,
    /// The article's own date is the one above.
    inferred: bool,
    words: Words<'a>,
    mentions: Column<Named>,
    dates: Column<(PartialDate, Zone)>,
    events: Vec<StoredEvent>,
    countries: Vec<u32>,
}

/// All of a mention but where it is; the word is its entity's name, the empty one if it has none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Named {
    word: u32,
    zone: Zone,
    kind: Kind,
    actor: bool,
}

/// Names are numbers in the table of words.
#[derive(Serialize, Deserialize)]
struct StoredEvent {
    kind: u32,
    participants: Vec<(u32, u32, bool)>,
    status: Status,
    background: bool,
    attributed_to: Option<u32>,
    date: Option<PartialDate>,
    zone: Zone,
    sentence: (u32, u32),
    /// Counted from the start of the sentence.
    trigger: (u32, u32),
    rule: u32,
    confidence: f32,
}

/// What stands in the text in a row.
#[derive(Serialize, Deserialize)]
struct Column<T> {
    /// How far each starts behind the end of the one before.
    ahead: Vec<u32>,
    /// Bytes of each.
    lengths: Vec<u32>,
    /// What each is, as a number in the table.
    what: Vec<u32>,
    table: Vec<T>,
}

impl<T: Copy + Eq + Hash> Column<T> {
    fn of(rows: impl ExactSizeIterator<Item = (Span, T)>) -> Column<T> {
        let room = || Vec::with_capacity(rows.len());
        let (mut ahead, mut lengths, mut what) = (room(), room(), room());
        let (mut table, mut end) = (Table::default(), 0);
        for (span, row) in rows {
            ahead.push(span.start.wrapping_sub(end));
            lengths.push(span.end.wrapping_sub(span.start));
            what.push(table.number(row));
            end = span.end;
        }
        Column { ahead, lengths, what, table: table.rows }
    }

    /// Hands back each; none for a number that the table does not have, or if one has no length or number.
    fn iter(&self) -> impl Iterator<Item = Option<(Span, T)>> {
        let mut end: u32 = 0;
        let rows = self.ahead.len().max(self.lengths.len()).max(self.what.len());
        (0..rows).map(move |row| {
            let start = end.wrapping_add(*self.ahead.get(row)?);
            end = start.wrapping_add(*self.lengths.get(row)?);
            let what = *self.what.get(row)?;
            Some((Span { start, end }, *self.table.get(what as usize)?))
        })
    }
}

/// A table while it is made.
struct Table<T> {
    rows: Vec<T>,
    numbers: FxHashMap<T, u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table { rows: Vec::new(), numbers: FxHashMap::default() }
    }
}

impl<T: Copy + Eq + Hash> Table<T> {
    /// The number of a row, which is added if it is new.
    fn number(&mut self, row: T) -> u32 {
        *self.numbers.entry(row).or_insert_with(|| {
            self.rows.push(row);
            self.rows.len() as u32 - 1
        })
    }
}

/// The names and other words of an article's annotations.
#[derive(Serialize, Deserialize)]
struct Words<'a>(#[serde(borrow)] Vec<&'a str>);

impl Words<'_> {
    fn get(&self, number: u32) -> Option<String> {
        self.0.get(number as usize).map(|word| (*word).to_string())
    }
}

/// A date, if it is one.
fn sound(date: PartialDate) -> Option<PartialDate> {
    Some(date).filter(|date| date.exists())
}

/// Packs all of an article but its id and its text.
pub fn encode(article: &Article, annotations: &Annotations) -> Vec<u8> {
    let mut words = Table::default();
    let stored = Stored {
        title: &article.title,
        url: article.url.as_deref(),
        source: article.source.as_deref(),
        authors: article.authors.iter().map(String::as_str).collect(),
        sections: article.sections.iter().map(String::as_str).collect(),
        language: article.language.as_deref(),
        path: &article.path,
        record: article.record,
        blocks: Column::of(article.blocks.iter().map(|b| (b.span, b.kind))),
        published: annotations.published.map(|p| (p.date, p.method, p.confidence)),
        inferred: article.published.is_none(),
        mentions: Column::of(annotations.mentions.iter().map(|m| (m.span, Named::of(m, &mut words)))),
        dates: Column::of(annotations.dates.iter().map(|d| (d.span, (d.value, d.zone)))),
        events: annotations.events.iter().map(|e| StoredEvent::of(e, &mut words)).collect(),
        countries: annotations.countries.iter().map(|c| words.number(c)).collect(),
        words: Words(words.rows),
    };
    // A Vec takes whatever is written to it; the types hold nothing that postcard refuses.
    postcard::to_stdvec(&stored).unwrap_or_default()
}

/// Reads back an article and its annotations; none if the bytes are not ours.
pub fn decode(bytes: &[u8], id: &str, text: &str) -> Option<(Article, Annotations)> {
    let stored: Stored = postcard::from_bytes(bytes).ok()?;
    let published = match stored.published {
        Some((date, method, confidence)) => Some(Published { date: sound(date)?, method, confidence }),
        None => None,
    };
    let annotations = Annotations {
        mentions: stored.mentions.iter().map(|row| stored.mention(row?, text)).collect::<Option<_>>()?,
        dates: stored.dates.iter().map(|row| stored.date(row?, text)).collect::<Option<_>>()?,
        events: stored.events.iter().map(|event| stored.event(event, text)).collect::<Option<_>>()?,
        countries: stored.countries.iter().map(|c| stored.words.get(*c)).collect::<Option<_>>()?,
        published,
    };
    let owned = |texts: &[&str]| texts.iter().map(|t| (*t).to_string()).collect();
    let article = Article {
        id: id.to_string(),
        title: stored.title.to_string(),
        blocks: stored.blocks.iter().map(|row| stored.block(row?, text)).collect::<Option<_>>()?,
        published: published.filter(|_| !stored.inferred),
        url: stored.url.map(str::to_string),
        source: stored.source.map(str::to_string),
        authors: owned(&stored.authors),
        sections: owned(&stored.sections),
        language: stored.language.map(str::to_string),
        path: stored.path.to_string(),
        record: stored.record,
        text: text.to_string(),
    };
    Some((article, annotations))
}

impl Stored<'_> {
    /// A span, if it is of the text or the title.
    fn span_in(&self, span: Span, zone: Zone, text: &str) -> Option<Span> {
        let text = if zone == Zone::Title { self.title } else { text };
        text.get(span.start as usize..span.end as usize).map(|_| span)
    }

    fn event(&self, event: &StoredEvent, text: &str) -> Option<Event> {
        let event = event.read(&self.words)?;
        self.span_in(event.sentence, event.zone, text)?;
        self.span_in(event.trigger, event.zone, text)?;
        Some(event)
    }

    fn block(&self, (span, kind): (Span, BlockKind), text: &str) -> Option<Block> {
        Some(Block { span: self.span_in(span, Zone::Text, text)?, kind })
    }

    fn mention(&self, (span, named): (Span, Named), text: &str) -> Option<Mention> {
        let span = self.span_in(span, named.zone, text)?;
        let entity = Some(self.words.get(named.word)?).filter(|entity| !entity.is_empty());
        Some(Mention { span, zone: named.zone, kind: named.kind, entity, actor: named.actor })
    }

    fn date(&self, (span, (value, zone)): (Span, (PartialDate, Zone)), text: &str) -> Option<DateMention> {
        Some(DateMention { span: self.span_in(span, zone, text)?, zone, value: sound(value)? })
    }
}

impl Named {
    fn of<'a>(mention: &'a Mention, words: &mut Table<&'a str>) -> Named {
        let word = words.number(mention.entity.as_deref().unwrap_or_default());
        Named { word, zone: mention.zone, kind: mention.kind, actor: mention.actor }
    }
}

impl StoredEvent {
    fn of<'a>(event: &'a Event, words: &mut Table<&'a str>) -> StoredEvent {
        let mut participants = Vec::with_capacity(event.participants.len());
        for Participant { role, name, rolled_up } in &event.participants {
            participants.push((words.number(role), words.number(name), *rolled_up));
        }
        let length = |span: Span| span.end.wrapping_sub(span.start);
        StoredEvent {
            kind: words.number(&event.kind),
            participants,
            status: event.status,
            background: event.background,
            attributed_to: event.attributed_to.as_deref().map(|name| words.number(name)),
            date: event.date,
            zone: event.zone,
            sentence: (event.sentence.start, length(event.sentence)),
            trigger: (event.trigger.start.wrapping_sub(event.sentence.start), length(event.trigger)),
            rule: words.number(&event.rule),
            confidence: event.confidence,
        }
    }

    fn read(&self, words: &Words) -> Option<Event> {
        let participant = |(role, name, rolled_up): &(u32, u32, bool)| {
            Some(Participant { role: words.get(*role)?, name: words.get(*name)?, rolled_up: *rolled_up })
        };
        let attributed_to = match self.attributed_to {
            Some(number) => Some(words.get(number)?),
            None => None,
        };
        let span = |start: u32, length: u32| Span { start, end: start.wrapping_add(length) };
        let trigger = self.sentence.0.wrapping_add(self.trigger.0);
        Some(Event {
            kind: words.get(self.kind)?,
            participants: self.participants.iter().map(participant).collect::<Option<_>>()?,
            status: self.status,
            background: self.background,
            attributed_to,
            date: self.date.and_then(sound),
            zone: self.zone,
            sentence: span(self.sentence.0, self.sentence.1),
            trigger: span(trigger, self.trigger.1),
            rule: words.get(self.rule)?,
            confidence: self.confidence,
        })
    }
}
