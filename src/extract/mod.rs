//! Article to annotations: who is named, which dates, what happened. A pure function: no I/O, no clock, no failure.
//!
//! Stages, each a file: `sentences` cuts blocks into tokens and sentences, `names` finds mentions in the tables and
//! `unknown` others by form; `name_teams`, `name_votes`, `name_variants` and `name_datelines` settle what those name,
//! `name_organs` joins what the rules want apart; `countries` weighs which countries an article is about; `dates` and
//! its helpers find dates and `resolve` places them; `phrases` joins mentions and titles into actor phrases, `asides`
//! leaves out what commas set aside, `patterns` and `lists` match the role rules over them, `events` tells what the
//! matches say and `confirm` what these confirm; `explain` says why, when it is asked.

mod asides;
mod confirm;
mod countries;
mod date_holidays;
mod date_periods;
mod date_tense;
mod date_years;
mod dates;
mod events;
mod explain;
mod lists;
mod name_datelines;
mod name_keys;
mod name_organs;
mod name_tables;
mod name_teams;
#[cfg(test)]
mod name_testing;
mod name_variants;
mod name_votes;
mod names;
mod patterns;
mod phrases;
mod resolve;
mod sentences;
mod unknown;

use std::borrow::Cow;

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
use crate::tokens::Token;
pub use explain::explain;
use sentences::Reading;

/// Who a name names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Who<'t> {
    /// Somebody in the tables.
    Known(EntityIndex),
    /// A name that is not in the tables, as written; of the text itself but for what goes over a line's end.
    Named(Cow<'t, str>),
}

impl<'t> Who<'t> {
    /// Somebody whom no table has, by the words of the text with one space between.
    fn written(reading: &Reading<'t>, from: usize, to: usize) -> Self {
        let name = reading.span(from, to).of(reading.text);
        let gap = |pair: &[Token]| &reading.text.as_bytes()[pair[0].end as usize..pair[1].start as usize];
        let plain = reading.tokens[from..to].windows(2).all(|pair| matches!(gap(pair), b"" | b" "));
        Who::Named(if plain {
            Cow::Borrowed(name)
        } else {
            Cow::Owned(name.split_whitespace().collect::<Vec<_>>().join(" "))
        })
    }

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
    let mut annotations = Annotations::default();
    let mut tally = countries::Tally::default();
    annotations.published = each_reading(article, schema, |reading, found, zone| {
        let Found { mut names, dateline, dates } = found;
        tally.read(reading, &names, dateline);
        annotations.events.extend(events::find(reading, &names, &dates, zone));
        name_organs::complete(reading, &mut names);
        annotations.mentions.extend(names.iter().map(|name| mention(reading, name, zone)));
        annotations.dates.extend(dates.resolved.iter().map(|d| DateMention {
            span: reading.span(d.from, d.to),
            zone,
            value: d.value,
        }));
    });
    if covers(article.language.as_deref()) {
        annotations.countries = tally.subjects(&annotations, schema.lexicon());
    }
    annotations
}

/// What a text names.
struct Found<'a, 't> {
    names: Vec<names::Name<'t>>,
    /// Where its dateline stands, as tokens.
    dateline: Option<(usize, usize)>,
    dates: events::Dates<'a>,
}

/// Reads the names and dates of the one or two texts of an article, and returns its day of publication.
fn each_reading(
    article: &Article,
    schema: &Schema,
    mut visit: impl FnMut(&Reading, Found, Zone),
) -> Option<Published> {
    if !covers(article.language.as_deref()) {
        return article.published;
    }
    let text = Reading::new(&article.text, &article.blocks, schema);
    let found = dates::find(&text);
    let day = article.published.or_else(|| resolve::newest_full_date(&text, &found));
    read(&text, &found, day, Zone::Text, &mut visit);
    if !article.title_in_text() {
        let block = Block { span: Span::new(0, article.title.len()), kind: BlockKind::Title };
        let blocks = [block];
        let title = Reading::new(&article.title, &blocks, schema);
        let in_title = dates::find(&title);
        read(&title, &in_title, day, Zone::Title, &mut visit);
    }
    day
}

/// Finds the names of one of the two texts of an article and places its dates in the calendar.
fn read(
    reading: &Reading,
    found: &[dates::Expression],
    published: Option<Published>,
    zone: Zone,
    visit: &mut impl FnMut(&Reading, Found, Zone),
) {
    let published = published.filter(|p| p.method != Method::FileTime);
    let resolved = resolve::resolve(reading, found, published.map(|p| p.date));
    // Of a month or a year, the last day: whoever held office or what was history then, was so before.
    let day = published.and_then(|p| p.date.day_numbers()).map(|(_, last)| last);
    let mut names = names::find(reading, found, day);
    let dateline = if zone == Zone::Text { name_datelines::settle(reading, &mut names) } else { None };
    let sport = name_teams::is_sport(reading);
    if sport {
        name_teams::settle(reading, &mut names);
    }
    name_votes::settle(reading, &mut names, sport);
    name_variants::settle(reading, &mut names);
    visit(reading, Found { names, dateline, dates: events::Dates { found, resolved: &resolved, day } }, zone);
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
