//! The day of publication from what surrounds a text: fields, stamps, addresses, datelines. Never invented.

use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use super::Hints;
use super::stamp;
use super::stamp::Order;
use crate::article::Method;
use crate::article::Published;
use crate::calendar::PartialDate;
use crate::calendar::day_in_path;
use crate::calendar::from_day_number;
use crate::calendar::month_number;
use crate::calendar::parse_stamp;

/// Lines of a text that may hold its stamp.
const HEADER_LINES: usize = 7;

/// Reads the value of a date field: a stamp, or a month or year alone.
pub(super) fn from_field(text: &str, hints: &Hints) -> Option<PartialDate> {
    let text = text.trim();
    if let Ok(date) = text.parse::<PartialDate>() {
        return Some(date);
    }
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && text.len() >= 9 && text.len() != 14 {
        return from_epoch(text.parse().ok()?, hints);
    }
    hints
        .local_day(text)
        .or_else(|| parse_stamp(text))
        .or_else(|| month_and_year(text))
        .or_else(|| hints.year.filter(|_| text.len() < 40).and_then(|year| day_of_year(text, year)))
}

/// The day of a stamp without a year, in that year; none if a year stands there.
fn day_of_year(text: &str, year: i16) -> Option<PartialDate> {
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    if words.iter().any(|w| w.len() == 4 && w.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let year = year.to_string();
    words.windows(2).find_map(|pair| parse_stamp(&[pair[0], pair[1], &year].join(" ")))
}

/// The stamp or the dateline among the first lines, whose year only the user knows.
pub(super) fn of_year<'a>(lines: impl Iterator<Item = &'a str>, year: i16) -> Option<Published> {
    lines.take(HEADER_LINES).find_map(|line| {
        let stamp = stamp_words(line).and_then(|line| day_of_year(line, year));
        let stamp = stamp.map(|date| Published { date, method: Method::Header, confidence: 0.6 });
        stamp.or_else(|| {
            let found = dateline(line, &|stamp| day_of_year(stamp.split('(').next()?, year))?;
            Some(Published { confidence: 0.6, ..found })
        })
    })
}

/// Reads seconds, milliseconds, microseconds or nanoseconds since 1970, whichever gives a year of the press.
pub(super) fn from_epoch(number: f64, hints: &Hints) -> Option<PartialDate> {
    let whole = number as i64;
    if (1700..2200).contains(&whole) {
        return Some(PartialDate::Year(whole as i16));
    }
    if let Some(day) = parse_stamp(&whole.to_string()) {
        return Some(day);
    }
    [1.0, 1e3, 1e6, 1e9].iter().find_map(|unit| {
        let days = (number / unit / 86_400.0).floor();
        let date = if days.abs() < 100_000.0 { from_day_number(days as i32)? } else { return None };
        let plain = || PartialDate::from_date(date);
        let day = || hints.local_day_of_epoch((number / unit) as i64).unwrap_or_else(plain);
        (1971..2100).contains(&date.year()).then(day)
    })
}

/// `August 2001`
fn month_and_year(text: &str) -> Option<PartialDate> {
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    let (month, year) = (month_number(words.next()?)?, words.next()?);
    let year: i16 = if year.len() == 4 { year.parse().ok()? } else { return None };
    (words.next().is_none() && (1700..2200).contains(&year)).then_some(PartialDate::Month(year, month))
}

/// The day in a web address.
pub(super) fn from_url(url: &str) -> Option<Published> {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    day_in_path(path).map(|date| Published { date, method: Method::Url, confidence: 0.85 })
}

/// The day in the path of a file.
pub(super) fn from_path(path: &str) -> Option<Published> {
    day_in_path(path).map(|date| Published { date, method: Method::Url, confidence: 0.8 })
}

/// The day of a file's time of change, in UTC; the least trusted method.
pub(super) fn from_file_time(time: SystemTime) -> Option<Published> {
    let days = time.duration_since(UNIX_EPOCH).ok()?.as_secs() / 86_400;
    let date = PartialDate::from_date(from_day_number(i32::try_from(days).ok()?)?);
    Some(Published { date, method: Method::FileTime, confidence: 0.2 })
}

/// The site of a web address, without `www.`.
pub(super) fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let host = rest.split(['/', '?', '#', ':']).next()?.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    (host.contains('.') && !host.contains('@')).then(|| host.to_string())
}

/// What a stamp line may hold besides its date.
const STAMP_WORDS: &[&str] = &[
    "published",
    "posted",
    "on",
    "at",
    "date",
    "first",
    "updated",
    "am",
    "pm",
    "gmt",
    "utc",
    "est",
    "edt",
    "et",
    "cet",
    "cest",
    "bst",
    "ist",
    "pst",
    "pdt",
    "cst",
    "cdt",
    "msk",
    "eat",
    "wat",
    "hrs",
    "by",
    "the",
    "of",
    "st",
    "nd",
    "rd",
    "th",
    "local",
    "time",
    "a",
    "p",
    "m",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
    "tues",
    "thur",
    "thurs",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "t",
    "z",
    "last",
    "filed",
    "released",
    "issued",
    "article",
    "story",
    "publication",
    "added",
    "created",
    "original",
];

/// Tells whether a line holds nothing but a stamp, and reads it.
pub(super) fn stamp_line(line: &str) -> Option<PartialDate> {
    let line = stamp_words(line)?;
    parse_stamp(line).or_else(|| month_and_year(line))
}

/// The line without its bullets, if it has nothing but what a stamp is made of.
fn stamp_words(line: &str) -> Option<&str> {
    let line = line.trim().trim_start_matches(['-', '*', '|', '#', '>', ' ', '(', '[']);
    if line.len() > 90 || !line.bytes().any(|b| b.is_ascii_digit()) || line.contains("://") {
        return None;
    }
    let other = line
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| w.chars().any(char::is_alphabetic))
        .filter(|w| !w.chars().any(|c| c.is_ascii_digit()) && month_number(w).is_none())
        .filter(|w| !STAMP_WORDS.iter().any(|s| s.eq_ignore_ascii_case(w)))
        .count();
    (other == 0).then_some(line)
}

/// The stamp in the first lines, or after "Published" in the last ones.
pub(super) fn from_header<'a>(lines: impl DoubleEndedIterator<Item = &'a str> + Clone) -> Option<Published> {
    let found = |date, confidence| Published { date, method: Method::Header, confidence };
    let is_update = |line: &&str| {
        let lower = line.trim_start_matches(['-', '*', ' ', '|']).to_ascii_lowercase();
        !["updated", "last updated", "modified", "last modified"].iter().any(|w| lower.starts_with(w))
    };
    let first = lines.clone().take(HEADER_LINES).filter(is_update);
    if let Some(date) = first.clone().find_map(stamp_line) {
        return Some(found(date, if date.as_date().is_some() { 0.95 } else { 0.8 }));
    }
    if let Some(date) = first.filter(|l| l.len() < 160).find_map(stamp_among_others) {
        return Some(found(date, 0.9));
    }
    let labelled = |line: &&str| {
        let lower = line.trim().to_ascii_lowercase();
        ["published", "posted", "first published", "publication date", "date:"]
            .iter()
            .any(|w| lower.starts_with(w))
    };
    let date = lines
        .rev()
        .take(3)
        .filter(labelled)
        .find_map(|l| if l.len() < 90 { parse_stamp(l) } else { None })?;
    Some(found(date, 0.8))
}

/// A stamp alone in one of the last two lines: a letter or a notice signs off with its day.
pub(super) fn from_signature<'a>(lines: impl DoubleEndedIterator<Item = &'a str>) -> Option<Published> {
    let date = lines.rev().take(2).find_map(|line| {
        let stamp = stamp::find(line, Order::Unknown).filter(|s| line.len() < 60 && s.others <= 2)?;
        Some(stamp.date)
    })?;
    Some(Published { date, method: Method::Header, confidence: 0.6 })
}

/// "By Ann Ruel | 27 October 2020", "Meridian, Oct 27, 2020 - 14:05": one part of the line is a stamp.
fn stamp_among_others(line: &str) -> Option<PartialDate> {
    let mut parts = line.split(['|', '·', '•', '—', '–', '/']).flat_map(|p| p.split(" - "));
    let by = line.trim_start().to_ascii_lowercase().starts_with("by ");
    let published = || {
        let lower = line.to_ascii_lowercase();
        let at = ["published:", "published on", "posted on", "posted:", "published "]
            .iter()
            .find_map(|w| lower.find(w).map(|i| i + w.len()))?;
        line.get(at..).and_then(|rest| stamp_line(rest.split(['|', '(']).next().unwrap_or(rest)))
    };
    let after_name = || {
        let tail = line.split_once(',').map(|(_, tail)| tail).filter(|_| by)?;
        stamp_line(tail)
    };
    parts.find_map(stamp_line).or_else(published).or_else(after_name).or_else(|| placed_stamp(line))
}

/// "Kuala Lumpur, March 28, 2014", "RIMBO, Sweden, Dec 13, 2018 (Meridian)": a place and a day that stand alone.
fn placed_stamp(line: &str) -> Option<PartialDate> {
    let line = line.trim();
    let line = line.strip_suffix(')').and_then(|l| l.rsplit_once(" (")).map_or(line, |(head, _)| head);
    line.match_indices(',').take(3).find_map(|(at, _)| {
        let (place, rest) = (&line[..at], &line[at + 1..]);
        let named = |w: &str| w.chars().next().is_some_and(char::is_uppercase);
        let city = place.split_whitespace().all(named) && place.split_whitespace().count() <= 5;
        if city { stamp_line(rest).filter(|d| d.as_date().is_some()) } else { None }
    })
}

/// The date of "GENEVA, Nov 9, 2020 (Meridian) - ...", if it states the year.
pub(super) fn from_dateline(paragraph: &str) -> Option<Published> {
    dateline(paragraph, &parse_stamp)
}

fn dateline(paragraph: &str, stamp: &dyn Fn(&str) -> Option<PartialDate>) -> Option<Published> {
    let mut end = paragraph.len().min(110);
    while !paragraph.is_char_boundary(end) {
        end -= 1;
    }
    let head = &paragraph[..end];
    let stop = [" - ", " – ", " — ", "--", ") ", "—"].iter().filter_map(|s| head.find(s)).min()?;
    let (place, rest) = head[..stop].split_once([',', '(', '.'])?;
    let city = place.split_whitespace().all(|w| w.chars().next().is_some_and(char::is_uppercase))
        && place.len() < 40;
    let letters = place.chars().filter(|c| c.is_alphabetic());
    let upper = letters.clone().all(char::is_uppercase) && letters.count() > 2;
    let date = if city { stamp(rest)? } else { return None };
    // In lower-case places the date must stand right behind: "Geneva, 9 November 2020 -".
    (upper || stamp_words(rest.split('(').next().unwrap_or(rest)).is_some_and(|l| stamp(l).is_some()))
        .then_some(Published { date, method: Method::Dateline, confidence: 0.9 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Option<String> {
        from_header(text.lines()).map(|p| p.date.to_string())
    }

    #[test]
    fn stamps_in_the_first_lines() {
        assert_eq!(
            header("-- Title\n-- \n-- Mon Jun 18, 2007 8:38am EDT\n-- http://x/2007/06/19/a").as_deref(),
            Some("2007-06-18")
        );
        assert_eq!(header("Title\nBy Ann Ruel | 27 October 2020\nText.").as_deref(), Some("2020-10-27"));
        assert_eq!(header("Title\nPublished: August 2001\nText.").as_deref(), Some("2001-08"));
        assert_eq!(
            header("Title\nRIMBO, Sweden, Dec 13, 2018 (Meridian)\nText.").as_deref(),
            Some("2018-12-13")
        );
        assert_eq!(header("Title\nKuala Lumpur, March 28, 2014\nText.").as_deref(), Some("2014-03-28"));
        assert_eq!(header("The truce of 10 October 2020 broke down.\nText."), None);
        assert_eq!(header("Updated 10 October 2020\nText."), None);
    }

    #[test]
    fn datelines() {
        let day = |s: &str| from_dateline(s).map(|p| p.date.to_string());
        assert_eq!(day("GENEVA, Nov 9, 2020 (Meridian) - Talks began.").as_deref(), Some("2020-11-09"));
        assert_eq!(day("GENEVA, Nov 9 (Meridian) - Talks began."), None);
        assert_eq!(day("The deal of Nov 9, 2020 - a landmark - fell."), None);
    }

    #[test]
    fn epochs() {
        let day = |n: f64| from_epoch(n, &Hints::default()).map(|d| d.to_string());
        assert_eq!(day(1_603_800_000.0).as_deref(), Some("2020-10-27"));
        assert_eq!(day(1_603_800_000_000.0).as_deref(), Some("2020-10-27"));
        assert_eq!(day(20_201_027.0).as_deref(), Some("2020-10-27"));
    }
}
