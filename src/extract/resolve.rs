//! Gives date expressions a place in the calendar, as far as the day of publication and the tense allow.
//!
//! The rule for news is HeidelTime's idea (Strötgen and Gertz 2013): a weekday is the most recent one, a month
//! without a year the nearest in the direction of the governing verb. Without a publication date nothing is guessed.

use jiff::ToSpan;
use jiff::civil::Date;

use super::date_holidays::falls_on;
use super::date_tense::Tense;
use super::date_tense::tense;
use super::dates::Expression;
use super::dates::Meaning;
use super::dates::Said;
use super::sentences::Reading;
use crate::article::Published;
use crate::calendar::PartialDate;
use crate::schema::Direction;
use crate::schema::HolidayRule;
use crate::schema::Unit;

/// A date expression with its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dated {
    pub from: usize,
    pub to: usize,
    pub value: PartialDate,
}

/// Resolves expressions against the day of publication; those that need one and have none are dropped.
pub(super) fn resolve(reading: &Reading, found: &[Expression], published: Option<PartialDate>) -> Vec<Dated> {
    let mut clock =
        Clock { day: published.and_then(PartialDate::as_date), published, spoken: None, quarter: None };
    let mut out = Vec::with_capacity(found.len());
    for expression in found {
        if let Some(value) = clock.value(reading, expression) {
            clock.note(reading, expression, value);
            out.push(Dated { from: expression.from, to: expression.to, value });
        }
    }
    out
}

/// What is known of the time while a text is read from its start.
struct Clock {
    day: Option<Date>,
    published: Option<PartialDate>,
    /// The last date with a year, and its sentence.
    spoken: Option<(PartialDate, usize)>,
    /// The quarter that an earnings report is about.
    quarter: Option<(i16, i8)>,
}

/// How many sentences a date that "that year" or "a day later" points to may lie back.
const MEMORY: usize = 3;

impl Clock {
    fn value(&self, reading: &Reading, expression: &Expression) -> Option<PartialDate> {
        if let Some(value) = self.in_context(expression) {
            return Some(value);
        }
        match self.day {
            Some(day) => against(expression, day, tense(reading, expression)),
            None => alone(expression, self.published),
        }
    }

    fn note(&mut self, reading: &Reading, expression: &Expression, value: PartialDate) {
        if value.bounds().is_some() {
            self.spoken = Some((value, expression.sentence));
        }
        let compares = matches!(expression.meaning, Meaning::YearAgo | Meaning::PeriodOfYear(_));
        // Reports are about quarters that are over; a fiscal one may be over before the calendar's.
        let ended = reading.says(expression.to, "ended");
        let over = |day: Date| ended || value.bounds().is_some_and(|(_, last)| last < day);
        if let (PartialDate::Quarter(year, quarter), false) = (value, compares)
            && self.day.is_none_or(over)
            && self.quarter.is_none_or(|(known, _)| year >= known)
        {
            self.quarter = Some((year, quarter));
        }
    }

    /// Expressions that point to what was said before.
    fn in_context(&self, expression: &Expression) -> Option<PartialDate> {
        let quarter = |years: i32| {
            let (year, quarter) = self.quarter?;
            Some(PartialDate::Quarter(year.checked_add(i16::try_from(years).ok()?)?, quarter))
        };
        match expression.meaning {
            Meaning::YearAgo => quarter(-1),
            Meaning::SameQuarter(years) | Meaning::NewestQuarter(years) => quarter(years),
            Meaning::PeriodOfYear(year) => {
                Some(self.quarter.map_or(PartialDate::Year(year), |(_, q)| PartialDate::Quarter(year, q)))
            }
            Meaning::Anaphor(count, unit) => {
                let (date, sentence) = self.spoken?;
                let near = expression.sentence - sentence <= MEMORY;
                if near && as_precise(date, unit) { offset(count, unit, date.bounds()?.0) } else { None }
            }
            _ => None,
        }
    }
}

/// A date can be moved by a unit that is no finer than itself.
fn as_precise(date: PartialDate, unit: Unit) -> bool {
    match unit {
        Unit::Day => matches!(date, PartialDate::Day(..)),
        Unit::Week => matches!(date, PartialDate::Day(..) | PartialDate::Week(..)),
        Unit::Month => matches!(date, PartialDate::Day(..) | PartialDate::Month(..)),
        Unit::Quarter => !matches!(date, PartialDate::Year(_) | PartialDate::Decade(_)),
        Unit::Year => !matches!(date, PartialDate::Decade(_)),
        Unit::Decade => true,
    }
}

/// What an expression says without a day of publication.
fn alone(expression: &Expression, published: Option<PartialDate>) -> Option<PartialDate> {
    match expression.meaning {
        Meaning::Absolute(date) => Some(date),
        Meaning::MonthDay(month, day) => {
            let year = published
                .zip(expression.weekday)
                .and_then(|(p, weekday)| solved_year(month, day, weekday, p.bounds()?.0.year()));
            year.map(PartialDate::from_date).or(Some(PartialDate::YearlessDay(month, day)))
        }
        Meaning::Holiday(HolidayRule::Fixed(month, day)) => Some(PartialDate::YearlessDay(month, day)),
        Meaning::Month(month) => Some(PartialDate::YearlessMonth(month)),
        Meaning::Period(Direction::This, Unit::Year) => {
            published.filter(|p| matches!(p, PartialDate::Year(_)))
        }
        _ => None,
    }
}

/// "Monday, Oct. 26": of three years in a row at most one has that day on that weekday.
fn solved_year(month: i8, day: i8, weekday: i8, year: i16) -> Option<Date> {
    let fits = |date: &Date| date.weekday().to_monday_zero_offset() == weekday;
    [year, year - 1, year + 1].into_iter().filter_map(|y| Date::new(y, month, day).ok()).find(fits)
}

fn against(expression: &Expression, day: Date, tense: Option<Tense>) -> Option<PartialDate> {
    let year_from = |years: i32| i16::try_from(years).ok().and_then(|n| day.year().checked_add(n));
    match expression.meaning {
        Meaning::Absolute(date) => Some(date),
        Meaning::MonthDay(month, d) => {
            let solved = expression.weekday.and_then(|w| solved_year(month, d, w, day.year()));
            let date = solved.or_else(|| nearest(day, tense, |year| Date::new(year, month, d).ok()))?;
            Some(PartialDate::from_date(date))
        }
        Meaning::Holiday(rule) => {
            nearest(day, tense, |year| falls_on(rule, year)).map(PartialDate::from_date)
        }
        Meaning::DirectedDay(month, d, said) => directed_day(month, d, said, day),
        Meaning::Month(month) => month_near(month, day, tense),
        Meaning::DirectedMonth(month, said) => directed_month(month, said, day),
        Meaning::Weekday(weekday) => {
            let back = i32::from((day.weekday().to_monday_zero_offset() - weekday).rem_euclid(7));
            let forth = if tense == Some(Tense::Future) && back != 0 { 7 } else { 0 };
            shifted(day, forth - back)
        }
        Meaning::DirectedWeekday(weekday, direction) => directed_weekday(weekday, direction, day),
        Meaning::DayOfMonth(wanted) => day_of_month(wanted, day, tense),
        Meaning::Days(days) => shifted(day, days),
        Meaning::Period(direction, unit) => period(direction, unit, day),
        Meaning::Offset(count, unit) => offset(count, unit, day),
        Meaning::Anaphor(..) | Meaning::SameQuarter(_) | Meaning::PeriodOfYear(_) => None,
        Meaning::YearAgo => offset(-1, Unit::Year, day),
        Meaning::NewestQuarter(years) => offset(years * 4 - 1, Unit::Quarter, day),
        Meaning::QuarterOfYear(quarter, years) => Some(PartialDate::Quarter(year_from(years)?, quarter)),
        Meaning::Weekend(direction) => weekend(direction, day),
        Meaning::QuarterEnded(month) => match month_near(month, day, Some(Tense::Past))? {
            PartialDate::Month(year, month) => Some(PartialDate::Quarter(year, (month + 2) / 3)),
            _ => None,
        },
        Meaning::Quarter(quarter) => {
            let (first, last) = (quarter * 3 - 2, quarter * 3);
            // Even "expects to report" is of the quarter that has just ended.
            let year = match tense {
                _ if quarter == 4 && day.month() <= 2 => day.year() - 1,
                Some(Tense::Future) if last + 3 < day.month() => day.year() + 1,
                Some(Tense::Past) | None if first > day.month() => day.year() - 1,
                _ => day.year(),
            };
            Some(PartialDate::Quarter(year, quarter))
        }
    }
}

/// "on the 27th": of this month or the last, or, if it is to come, the next.
fn day_of_month(wanted: i8, day: Date, tense: Option<Tense>) -> Option<PartialDate> {
    let step = match tense {
        Some(Tense::Future) if wanted < day.day() => 1,
        Some(Tense::Past) | None if wanted > day.day() => -1,
        _ => 0,
    };
    let month = day.first_of_month().checked_add(step.months()).ok()?;
    PartialDate::day(month.year(), month.month(), wanted)
}

fn directed_month(month: i8, said: Said, day: Date) -> Option<PartialDate> {
    let year = match said {
        Said::Year(years) => day.year() + i16::try_from(years).ok()?,
        Said::Towards(Direction::Last) if month >= day.month() => day.year() - 1,
        Said::Towards(Direction::Next) if month <= day.month() => day.year() + 1,
        Said::Towards(_) => day.year(),
    };
    Some(PartialDate::Month(year, month))
}

fn directed_day(month: i8, d: i8, said: Said, day: Date) -> Option<PartialDate> {
    let year = match said {
        Said::Year(years) => day.year() + i16::try_from(years).ok()?,
        Said::Towards(Direction::Last) if (month, d) >= (day.month(), day.day()) => day.year() - 1,
        Said::Towards(Direction::Next) if (month, d) <= (day.month(), day.day()) => day.year() + 1,
        Said::Towards(_) => day.year(),
    };
    PartialDate::day(year, month, d)
}

/// The year in which a yearless day lies nearest in the direction of the tense.
fn nearest(day: Date, tense: Option<Tense>, in_year: impl Fn(i16) -> Option<Date>) -> Option<Date> {
    let ahead = |date: Date| date.since(day).map_or(0, |s| s.get_days());
    let same = in_year(day.year());
    match (same.map(ahead), tense) {
        (None, _) => in_year(day.year() - 1).or_else(|| in_year(day.year() + 1)),
        // Some weeks ahead is an announcement even in the past tense: nobody leaves out a year that is nearly full.
        (Some(days), Some(Tense::Past)) if days > 75 => in_year(day.year() - 1),
        (Some(days), Some(Tense::Future)) if days < -45 => in_year(day.year() + 1),
        (Some(days), None) if days > 183 => in_year(day.year() - 1),
        (Some(days), None) if days < -270 => in_year(day.year() + 1),
        _ => same,
    }
}

fn month_near(month: i8, day: Date, tense: Option<Tense>) -> Option<PartialDate> {
    let ahead = month - day.month();
    let year = match tense {
        Some(Tense::Past) if ahead > 0 => day.year() - 1,
        Some(Tense::Future) if ahead < 0 => day.year() + 1,
        None if ahead > 6 => day.year() - 1,
        None if ahead < -9 => day.year() + 1,
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

/// The week that holds the weekend: the contract has no form for two days.
fn weekend(direction: Direction, day: Date) -> Option<PartialDate> {
    let since_saturday = i32::from((day.weekday().to_monday_zero_offset() + 2).rem_euclid(7));
    let days = match direction {
        Direction::Last => -since_saturday,
        Direction::Next => 7,
        _ => 0,
    };
    offset(0, Unit::Week, day.checked_add(days.days()).ok()?)
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
            Meaning::Weekday(weekday) if tense(reading, e) != Some(Tense::Future) => Some(weekday),
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
