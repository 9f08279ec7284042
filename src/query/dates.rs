//! Dates as people type them in queries, to periods.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::calendar::PartialDate;
use crate::calendar::day_number;
use crate::calendar::from_day_number;
use crate::calendar::parse_stamp;

/// A period with both ends included; an end may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRange {
    /// First day, in days since 1970-01-01.
    pub first: Option<i32>,
    /// Last day.
    pub last: Option<i32>,
    /// The one partial date that was asked for, if it was one.
    pub single: Option<PartialDate>,
}

impl DateRange {
    fn of(date: PartialDate) -> DateRange {
        let bounds = date.day_numbers();
        DateRange { first: bounds.map(|b| b.0), last: bounds.map(|b| b.1), single: Some(date) }
    }

    /// Tells whether a date of a text falls in the range.
    pub fn meets(&self, date: PartialDate) -> bool {
        match (self.single, date.day_numbers()) {
            (Some(single), _) => single.overlaps(date),
            (None, Some((first, last))) => {
                self.first.is_none_or(|f| last >= f) && self.last.is_none_or(|l| first <= l)
            }
            // A day of any year: is there such a day in the range?
            (None, None) => match (self.first, self.last) {
                (Some(first), Some(last)) if last - first < 366 => (first..=last)
                    .filter_map(from_day_number)
                    .any(|day| PartialDate::from_date(day).overlaps(date)),
                _ => true,
            },
        }
    }
}

/// Reads `2020`, `2020-10`, `2020-10-01..2020-10-31`, `>=2020-10`, `[2020-10 TO 2021]`, `today`, `last 7 days`.
///
/// `today` is the day that relative dates count from. Ends that are the wrong way round are swapped.
///
/// # Errors
/// With what is wrong, if the text is no date.
pub fn parse_dates(text: &str, today: Option<Date>) -> Result<DateRange, String> {
    let text = text.trim();
    let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    let ends = inner.and_then(|t| t.split_once(" TO ")).or_else(|| text.split_once(".."));
    if let Some((from, to)) = ends {
        return between(from, to, today);
    }
    for (sign, strict, after) in
        [(">=", false, true), ("<=", false, false), (">", true, true), ("<", true, false)]
    {
        if let Some(rest) = text.strip_prefix(sign) {
            let (first, last) = bounds(rest, today)?;
            let step = i32::from(strict);
            let range = match (after, strict) {
                (true, true) => (Some(last + step), None),
                (true, false) => (Some(first), None),
                (false, true) => (None, Some(first - step)),
                (false, false) => (None, Some(last)),
            };
            return Ok(DateRange { first: range.0, last: range.1, single: None });
        }
    }
    if let Some(range) = relative(text, today)? {
        return Ok(range);
    }
    one(text).map(DateRange::of)
}

fn between(from: &str, to: &str, today: Option<Date>) -> Result<DateRange, String> {
    let open = |end: &str| end.trim().is_empty() || end.trim() == "*";
    let first = if open(from) { None } else { Some(bounds(from, today)?) };
    let last = if open(to) { None } else { Some(bounds(to, today)?) };
    if let (Some(a), Some(b)) = (first, last)
        && a.0 > b.1
    {
        return Ok(DateRange { first: Some(b.0), last: Some(a.1), single: None });
    }
    Ok(DateRange { first: first.map(|b| b.0), last: last.map(|b| b.1), single: None })
}

fn one(text: &str) -> Result<PartialDate, String> {
    let date = text.parse::<PartialDate>().ok().or_else(|| short(text)).or_else(|| parse_stamp(text));
    date.ok_or_else(|| format!("`{text}` is no date: write 2020, 2020-10, 2020-10-27, XXXX-10-27, or a range such as 2020-10..2021"))
}

/// `2020-9`, `2020-9-5` and `2020/10`
fn short(text: &str) -> Option<PartialDate> {
    let parts: Vec<&str> = text.split(['-', '/']).collect();
    let padded: Vec<String> =
        parts.iter().map(|p| if p.len() == 1 { format!("0{p}") } else { p.to_string() }).collect();
    padded.join("-").parse().ok()
}

fn bounds(text: &str, today: Option<Date>) -> Result<(i32, i32), String> {
    let text = text.trim();
    if let Some(DateRange { first: Some(first), last: Some(last), .. }) = relative(text, today)? {
        return Ok((first, last));
    }
    one(text)?.day_numbers().ok_or_else(|| format!("`{text}` has no year, so it cannot end a range"))
}

/// `today`, `yesterday`, `last 7 days`, `last 2 weeks`
fn relative(text: &str, today: Option<Date>) -> Result<Option<DateRange>, String> {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let (back, until) = match words[..] {
        ["today"] => (0.days(), 0),
        ["yesterday"] => (1.days(), 1),
        ["last" | "past", count, unit] => {
            let Ok(count) = count.parse::<i32>() else { return Ok(None) };
            let count = count.clamp(0, 20_000);
            match unit.trim_end_matches('s') {
                "day" => ((count - 1).max(0).days(), 0),
                "week" => ((count * 7 - 1).max(0).days(), 0),
                "month" => (count.months(), 0),
                "year" => (count.years(), 0),
                _ => return Ok(None),
            }
        }
        ["last" | "past", unit] => match unit {
            "week" => (6.days(), 0),
            "month" => (1.months(), 0),
            "year" => (1.years(), 0),
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    let today = today.ok_or("relative dates need to know today")?;
    let first = today.checked_sub(back).map_err(|_| format!("`{text}` is out of the calendar"))?;
    Ok(Some(DateRange {
        first: Some(day_number(first)),
        last: Some(day_number(today) - until),
        single: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> String {
        let today = Date::constant(2022, 9, 15);
        let day = |d: Option<i32>| {
            d.and_then(crate::calendar::from_day_number).map_or("*".into(), |d| d.to_string())
        };
        match parse_dates(text, Some(today)) {
            Ok(r) => format!("{}..{}", day(r.first), day(r.last)),
            Err(e) => e,
        }
    }

    #[test]
    fn periods() {
        assert_eq!(range("2020-10"), "2020-10-01..2020-10-31");
        assert_eq!(range("2020-10..2021"), "2020-10-01..2021-12-31");
        assert_eq!(range("2021..2020"), "2020-01-01..2021-12-31");
        assert_eq!(range("2020-10-01.."), "2020-10-01..*");
        assert_eq!(range("[2020-10-01 TO 2020-10-31]"), "2020-10-01..2020-10-31");
        assert_eq!(range(">=2020-10"), "2020-10-01..*");
        assert_eq!(range("<2020"), "*..2019-12-31");
        assert_eq!(range("last 7 days"), "2022-09-09..2022-09-15");
        assert_eq!(range("last week"), "2022-09-09..2022-09-15");
        assert_eq!(range("yesterday"), "2022-09-14..2022-09-14");
        assert!(range("soon").contains("is no date"));
    }
}
