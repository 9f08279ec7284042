//! Gives date expressions a place in the calendar, as far as the day of publication and the tense allow.
//!
//! The rule for news is HeidelTime's idea (Strötgen and Gertz 2013): a weekday is the most recent one, a month
//! without a year the nearest in the direction of the governing verb. Without a publication date nothing is guessed.

use jiff::ToSpan;
use jiff::civil::Date;

use super::dates::Expression;
use super::dates::Meaning;
use super::sentences::Reading;
use crate::article::Published;
use crate::calendar::PartialDate;
use crate::schema::Direction;
use crate::schema::Unit;

/// A date expression with its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dated {
    pub from: usize,
    pub to: usize,
    pub value: PartialDate,
}

#[derive(Clone, Copy, PartialEq)]
enum Tense {
    Past,
    Future,
}

/// Resolves expressions against the day of publication; those that need one and have none are dropped.
pub(super) fn resolve(reading: &Reading, found: &[Expression], published: Option<PartialDate>) -> Vec<Dated> {
    let value = |e: &Expression| match published.and_then(PartialDate::as_date) {
        Some(day) => against(e, day, tense(reading, e)),
        None => alone(e, published),
    };
    found.iter().filter_map(|e| Some(Dated { from: e.from, to: e.to, value: value(e)? })).collect()
}

/// What an expression says without a day of publication.
fn alone(expression: &Expression, published: Option<PartialDate>) -> Option<PartialDate> {
    match expression.meaning {
        Meaning::Absolute(date) => Some(date),
        Meaning::MonthDay(month, day) => Some(PartialDate::YearlessDay(month, day)),
        Meaning::Month(month) => Some(PartialDate::YearlessMonth(month)),
        Meaning::Period(Direction::This, Unit::Year) => {
            published.filter(|p| matches!(p, PartialDate::Year(_)))
        }
        _ => None,
    }
}

fn against(expression: &Expression, day: Date, tense: Tense) -> Option<PartialDate> {
    match expression.meaning {
        Meaning::Absolute(date) => Some(date),
        Meaning::MonthDay(month, d) => {
            let in_year = |year: i16| Date::new(year, month, d).ok();
            let date = nearest(day, tense, in_year, |date| date.since(day).map_or(0, |s| s.get_days()))?;
            Some(PartialDate::from_date(date))
        }
        Meaning::Month(month) => month_near(month, day, tense),
        Meaning::DirectedMonth(month, Direction::Last) => {
            let year = if month < day.month() { day.year() } else { day.year() - 1 };
            Some(PartialDate::Month(year, month))
        }
        Meaning::DirectedMonth(month, Direction::Next) => {
            let year = if month > day.month() { day.year() } else { day.year() + 1 };
            Some(PartialDate::Month(year, month))
        }
        Meaning::DirectedMonth(month, _) => Some(PartialDate::Month(day.year(), month)),
        Meaning::Weekday(weekday) => {
            let back = i32::from((day.weekday().to_monday_zero_offset() - weekday).rem_euclid(7));
            let forth = if tense == Tense::Future && back != 0 { 7 } else { 0 };
            shifted(day, forth - back)
        }
        Meaning::DirectedWeekday(weekday, direction) => directed_weekday(weekday, direction, day),
        Meaning::Days(days) => shifted(day, days),
        Meaning::Period(direction, unit) => period(direction, unit, day),
        Meaning::Offset(count, unit) => offset(count, unit, day),
        Meaning::Quarter(quarter) => {
            let starts_later = quarter * 3 - 2 > day.month();
            let year = if starts_later && tense == Tense::Past { day.year() - 1 } else { day.year() };
            Some(PartialDate::Quarter(year, quarter))
        }
    }
}

/// The year in which a yearless day lies nearest in the direction of the tense.
fn nearest(
    day: Date,
    tense: Tense,
    in_year: impl Fn(i16) -> Option<Date>,
    ahead: impl Fn(Date) -> i32,
) -> Option<Date> {
    let same = in_year(day.year());
    match (same.map(&ahead), tense) {
        (None, _) => in_year(day.year() - 1).or_else(|| in_year(day.year() + 1)),
        // A few days ahead is an announcement even in the past tense.
        (Some(days), Tense::Past) if days > 45 => in_year(day.year() - 1),
        (Some(days), Tense::Future) if days < -45 => in_year(day.year() + 1),
        _ => same,
    }
}

fn month_near(month: i8, day: Date, tense: Tense) -> Option<PartialDate> {
    let year = match tense {
        Tense::Past if month > day.month() => day.year() - 1,
        Tense::Future if month < day.month() => day.year() + 1,
        _ => day.year(),
    };
    Some(PartialDate::Month(year, month))
}

fn shifted(day: Date, days: i32) -> Option<PartialDate> {
    day.checked_add(days.days()).ok().map(PartialDate::from_date)
}

fn directed_weekday(weekday: i8, direction: Direction, day: Date) -> Option<PartialDate> {
    let today = day.weekday().to_monday_zero_offset();
    let days = match direction {
        Direction::Next => i32::from((weekday - today - 1).rem_euclid(7)) + 1,
        Direction::This => i32::from(weekday - today),
        _ => -(i32::from((today - weekday - 1).rem_euclid(7)) + 1),
    };
    shifted(day, days)
}

fn period(direction: Direction, unit: Unit, day: Date) -> Option<PartialDate> {
    let step = match direction {
        Direction::Last => -1,
        Direction::Next => 1,
        _ => 0,
    };
    offset(step, unit, day)
}

/// The unit that lies `count` units from the day, at the precision of the unit.
fn offset(count: i32, unit: Unit, day: Date) -> Option<PartialDate> {
    let months = |n: i32| day.checked_add(n.months()).ok();
    match unit {
        Unit::Day => shifted(day, count),
        Unit::Week => {
            let week = day.checked_add((count * 7).days()).ok()?.iso_week_date();
            Some(PartialDate::Week(week.year(), week.week()))
        }
        Unit::Month => months(count).map(|d| PartialDate::Month(d.year(), d.month())),
        Unit::Quarter => months(count * 3).map(|d| PartialDate::Quarter(d.year(), (d.month() + 2) / 3)),
        Unit::Year => months(count * 12).map(|d| PartialDate::Year(d.year())),
        Unit::Decade => months(count * 120).map(|d| PartialDate::Decade(d.year() / 10)),
    }
}

/// The verb that governs a date: the last telling word before it in its sentence, else the first after it.
fn tense(reading: &Reading, expression: &Expression) -> Tense {
    let words = &reading.lexicon.dates;
    let sentence = &reading.sentences[expression.sentence];
    let says = |at: usize| {
        let token = &reading.tokens[at];
        if words.past.contains(&token.word) || token.word == 0 && token.text(reading.text).ends_with("ed") {
            return Some(Tense::Past);
        }
        words.future.contains(&token.word).then_some(Tense::Future)
    };
    let before = (sentence.from..expression.from).rev().take(12).find_map(says);
    before.or_else(|| (expression.to..sentence.to).take(12).find_map(says)).unwrap_or(Tense::Past)
}

/// The day of publication that a text implies: its newest full date, if weekdays named alone fit that week.
pub(super) fn newest_full_date(reading: &Reading, found: &[Expression]) -> Option<Published> {
    let day_of = |e: &Expression| match e.meaning {
        Meaning::Absolute(date @ PartialDate::Day(..)) => date.as_date(),
        _ => None,
    };
    let newest = found.iter().filter_map(day_of).max()?;
    let later_year = found.iter().any(|e| match e.meaning {
        Meaning::Absolute(date) => date.bounds().is_some_and(|(first, _)| first > newest),
        _ => false,
    });
    let weekdays: Vec<i8> = found
        .iter()
        .filter_map(|e| match e.meaning {
            Meaning::Weekday(weekday) if tense(reading, e) == Tense::Past => Some(weekday),
            _ => None,
        })
        .collect();
    let own = newest.weekday().to_monday_zero_offset();
    if later_year || !weekdays.contains(&own) {
        return None;
    }
    // The last weekday told, within two days of the date, is when the story was told.
    let ahead = weekdays.iter().map(|w| (w - own).rem_euclid(7)).filter(|days| *days <= 2).max().unwrap_or(0);
    let day = newest.checked_add(i32::from(ahead).days()).ok()?;
    Some(Published::from_text(PartialDate::from_date(day), 0.7))
}
