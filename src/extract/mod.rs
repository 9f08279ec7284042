//! Article to annotations: who is named, which dates, what happened. A pure function: no I/O, no clock, no failure.
//!
//! Stages, each a file: `sentences` cuts blocks into tokens and sentences, `names` finds mentions in the tables and
//! `unknown` others by form, `name_teams`, `name_votes` and `name_datelines` settle what those name, `dates` and its helpers find dates and `resolve` places them, `phrases` joins
//! mentions and titles into actor phrases, `patterns` and `lists` match the role rules over them, `events` tells
//! what the matches say.

mod countries;
mod date_holidays;
mod date_periods;
mod date_tense;
mod date_years;
mod dates;
mod events;
mod lists;
mod name_datelines;
mod name_keys;
mod name_organs;
mod name_tables;
mod name_teams;
#[cfg(test)]
mod name_testing;
mod name_votes;
mod names;
mod patterns;
mod phrases;
mod resolve;
mod sentences;
mod unknown;

use crate::annotation::Annotations;
use crate::annotation::DateMention;
use crate::annotation::Mention;
use crate::annotation::Zone;
use crate::article::Article;
use crate::article::Block;
use crate::article::BlockKind;
use crate::article::Method;
use crate::article::Published;
use crate::article::Span;
use crate::schema::EntityIndex;
use crate::schema::Lexicon;
use crate::schema::Schema;
use sentences::Reading;

/// Who a name names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Who {
    /// Somebody in the tables.
    Known(EntityIndex),
    /// A name that is not in the tables, as written.
    Named(String),
}

impl Who {
    fn name<'a>(&'a self, lexicon: &'a Lexicon) -> &'a str {
        match self {
            Who::Known(entity) => &lexicon.actors.entity(*entity).name,
            Who::Named(name) => name,
        }
    }
}

/// Languages whose articles the rules cover.
pub fn covers(language: Option<&str>) -> bool {
    matches!(language, None | Some("en"))
}

/// Finds names, dates and events in an article, in its text and, where that does not hold it, in its title.
pub fn annotate(article: &Article, schema: &Schema) -> Annotations {
    let mut annotations = Annotations { published: article.published, ..Annotations::default() };
    if !covers(article.language.as_deref()) {
        return annotations;
    }
    let text = Reading::new(&article.text, &article.blocks, schema);
    let found = dates::find(&text);
    annotations.published = article.published.or_else(|| resolve::newest_full_date(&text, &found));
    let mut tally = countries::Tally::default();
    read(&text, found, Zone::Text, &mut annotations, &mut tally);
    if !article.title_in_text() {
        let block = Block { span: Span::new(0, article.title.len()), kind: BlockKind::Title };
        let blocks = [block];
        let title = Reading::new(&article.title, &blocks, schema);
        let in_title = dates::find(&title);
        read(&title, in_title, Zone::Title, &mut annotations, &mut tally);
    }
    annotations.countries = tally.subjects(&annotations, text.lexicon);
    annotations
}

/// Annotates one of the two texts of an article.
fn read(
    reading: &Reading,
    found: Vec<dates::Expression>,
    zone: Zone,
    annotations: &mut Annotations,
    tally: &mut countries::Tally,
) {
    let published = annotations.published.filter(|p| p.method != Method::FileTime);
    let dates = resolve::resolve(reading, &found, published.map(|p| p.date));
    // Of a month or a year, the last day: whoever held office or what was history then, was so before.
    let day = published.and_then(|p| p.date.day_numbers()).map(|(_, last)| last);
    let lower = names::lower_words(reading);
    let mut names = names::find(reading, &found, day, &lower);
    let dateline = if zone == Zone::Text { name_datelines::settle(reading, &mut names) } else { None };
    let sport = name_teams::is_sport(reading);
    if sport {
        name_teams::settle(reading, &mut names);
    }
    name_votes::settle(reading, &mut names, &lower, sport);
    tally.read(reading, &names, dateline);
    let events = events::find(reading, &names, &events::Dates { found: &found, resolved: &dates, day }, zone);
    name_organs::complete(reading, &mut names);
    annotations.mentions.extend(names.iter().map(|name| mention(reading, name, zone)));
    annotations.dates.extend(dates.iter().map(|d| DateMention {
        span: reading.span(d.from, d.to),
        zone,
        value: d.value,
    }));
    annotations.events.extend(events);
}

fn mention(reading: &Reading, name: &names::Name, zone: Zone) -> Mention {
    let entity = match &name.who {
        Some(Who::Known(entity)) => Some(reading.lexicon.actors.entity(*entity).name.clone()),
        _ => None,
    };
    Mention { span: reading.span(name.from, name.to), zone, kind: name.kind, entity, actor: name.actor }
}

impl Published {
    /// A date that the text implies, at the confidence of that method.
    fn from_text(date: crate::calendar::PartialDate, confidence: f32) -> Self {
        Published { date, method: Method::Text, confidence }
    }
}
