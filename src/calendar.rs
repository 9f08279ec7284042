//! Calendar dates as precise as the text that states them, in Extended Date/Time Format (EDTF, ISO 8601-2).
//!
//! A [`PartialDate`] never holds more than what is known: a day without a year stays `XXXX-10-27`.
//! Days are counted from 1970-01-01 in the proleptic Gregorian calendar; there are no times or zones here.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::civil::Weekday;
use serde::Deserialize;
use serde::Serialize;

/// A calendar date of some precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PartialDate {
    /// `2020-10-27`
    Day(i16, i8, i8),
    /// `2020-10`
    Month(i16, i8),
    /// `2020-33` to `2020-36`: the first to the fourth quarter.
    Quarter(i16, i8),
    /// `2020-W12`: an ISO week.
    Week(i16, i8),
    /// `2020`
    Year(i16),
    /// `199X`: the value is the year divided by ten.
    Decade(i16),
    /// `XXXX-10-27`: a day of an unknown year.
    YearlessDay(i8, i8),
    /// `XXXX-10`: a month of an unknown year.
    YearlessMonth(i8),
}

use PartialDate::Day;
use PartialDate::Decade;
use PartialDate::Month;
use PartialDate::Quarter;
use PartialDate::Week;
use PartialDate::Year;
use PartialDate::YearlessDay;
use PartialDate::YearlessMonth;

impl PartialDate {
    /// Returns the day if it exists in the calendar.
    pub fn day(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self::from_date)
    }

    /// Returns the date of a civil day.
    pub fn from_date(date: Date) -> Self {
        Day(date.year(), date.month(), date.day())
    }

    /// Returns the civil day if this is one.
    pub fn as_date(self) -> Option<Date> {
        match self {
            Day(y, m, d) => Date::new(y, m, d).ok(),
            _ => None,
        }
    }

    /// Tells whether the calendar has such a date: one that is read back from bytes may be anything.
    pub fn exists(self) -> bool {
        match self {
            Quarter(_, quarter) => (1..=4).contains(&quarter),
            Decade(decade) => (-999..=999).contains(&decade),
            YearlessDay(month, day) => Date::new(2000, month, day).is_ok(),
            YearlessMonth(month) => (1..=12).contains(&month),
            Day(..) | Month(..) | Week(..) | Year(_) => self.bounds().is_some(),
        }
    }

    /// Names the precision: `day`, `month`, `quarter`, `week`, `year` or `decade`.
    pub fn precision(self) -> &'static str {
        match self {
            Day(..) | YearlessDay(..) => "day",
            Month(..) | YearlessMonth(..) => "month",
            Quarter(..) => "quarter",
            Week(..) => "week",
            Year(..) => "year",
            Decade(..) => "decade",
        }
    }

    /// Returns the first and last day of the period; none without a year.
    pub fn bounds(self) -> Option<(Date, Date)> {
        let months = |year, from: i8, to: i8| {
            Some((Date::new(year, from, 1).ok()?, Date::new(year, to, 1).ok()?.last_of_month()))
        };
        match self {
            Day(..) => self.as_date().map(|d| (d, d)),
            Month(y, m) => months(y, m, m),
            Quarter(y, q) => months(y, q * 3 - 2, q * 3),
            Week(y, w) => {
                let monday = jiff::civil::ISOWeekDate::new(y, w, Weekday::Monday).ok()?.date();
                Some((monday, monday.checked_add(6.days()).ok()?))
            }
            Year(y) => months(y, 1, 12),
            Decade(d) => Some((Date::new(d * 10, 1, 1).ok()?, Date::new(d * 10 + 9, 12, 31).ok()?)),
            YearlessDay(..) | YearlessMonth(..) => None,
        }
    }

    /// Returns the bounds as days since 1970-01-01.
    pub fn day_numbers(self) -> Option<(i32, i32)> {
        let (first, last) = self.bounds()?;
        Some((day_number(first), day_number(last)))
    }

    /// Tells whether the two periods share a day; a yearless day meets that day of any year.
    pub fn overlaps(self, other: Self) -> bool {
        match (self.bounds(), other.bounds()) {
            (Some((a, b)), Some((c, d))) => a <= d && c <= b,
            (None, Some(bounds)) => self.falls_within(bounds),
            (Some(bounds), None) => other.falls_within(bounds),
            (None, None) => match (self, other) {
                (YearlessDay(m, _), YearlessMonth(n)) | (YearlessMonth(m), YearlessDay(n, _)) => m == n,
                (a, b) => a == b,
            },
        }
    }

    /// A yearless date meets a period that holds it in some year; a whole year or more says nothing of it.
    fn falls_within(self, (first, last): (Date, Date)) -> bool {
        let spans_a_year = last.since(first).is_ok_and(|s| s.get_days() >= 364);
        !spans_a_year
            && [first.year(), last.year()]
                .into_iter()
                .filter_map(|year| self.in_year(year)?.bounds())
                .any(|(a, b)| a <= last && first <= b)
    }

    /// Gives a yearless date a year; other dates are left as they are.
    pub fn in_year(self, year: i16) -> Option<Self> {
        match self {
            YearlessDay(m, d) => Self::day(year, m, d),
            YearlessMonth(m) => Some(Month(year, m)),
            other => Some(other),
        }
    }
}

/// Returns days since 1970-01-01.
pub fn day_number(date: Date) -> i32 {
    date.since(Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days())
}

/// Returns the day that many days after 1970-01-01.
pub fn from_day_number(days: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(days.days()).ok()
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Day(y, m, d) => write!(f, "{y:04}-{m:02}-{d:02}"),
            Month(y, m) => write!(f, "{y:04}-{m:02}"),
            Quarter(y, q) => write!(f, "{y:04}-{:02}", q + 32),
            Week(y, w) => write!(f, "{y:04}-W{w:02}"),
            Year(y) => write!(f, "{y:04}"),
            Decade(d) => write!(f, "{d:03}X"),
            YearlessDay(m, d) => write!(f, "XXXX-{m:02}-{d:02}"),
            YearlessMonth(m) => write!(f, "XXXX-{m:02}"),
        }
    }
}

/// The text is no date in a form that [`PartialDate`] knows.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a date: write 2020, 2020-10, 2020-10-27, 199X, 2020-W12 or XXXX-10-27")]
pub struct BadDate;

impl FromStr for PartialDate {
    type Err = BadDate;

    fn from_str(text: &str) -> Result<Self, BadDate> {
        let parts: Vec<&str> = text.split('-').collect();
        let number = |s: &str, digits: usize| -> Result<i8, BadDate> {
            let plain = s.len() == digits && s.bytes().all(|b| b.is_ascii_digit());
            if plain { s.parse().map_err(|_| BadDate) } else { Err(BadDate) }
        };
        let month = |s: &str| number(s, 2).ok().filter(|m| (1..=12).contains(m)).ok_or(BadDate);
        if parts[0].eq_ignore_ascii_case("XXXX") {
            return match parts[1..] {
                [m] => Ok(YearlessMonth(month(m)?)),
                // 2000 is a leap year: February 29 exists without a year.
                [m, d] => match Self::day(2000, month(m)?, number(d, 2)?).ok_or(BadDate)? {
                    Day(_, m, d) => Ok(YearlessDay(m, d)),
                    _ => Err(BadDate),
                },
                _ => Err(BadDate),
            };
        }
        if let (4, [decade]) = (parts[0].len(), &parts[..])
            && let Some(tens) = decade.strip_suffix(['X', 'x'])
        {
            let plain = tens.bytes().all(|b| b.is_ascii_digit());
            return if plain { tens.parse().map(Decade).map_err(|_| BadDate) } else { Err(BadDate) };
        }
        if parts[0].len() != 4 || !parts[0].bytes().all(|b| b.is_ascii_digit()) {
            return Err(BadDate);
        }
        let year: i16 = parts[0].parse().map_err(|_| BadDate)?;
        match parts[1..] {
            [] => Ok(Year(year)),
            [w] if w.starts_with(['W', 'w']) => {
                let week = number(&w[1..], 2)?;
                if Week(year, week).bounds().is_some() { Ok(Week(year, week)) } else { Err(BadDate) }
            }
            [m] => match number(m, 2)? {
                m @ 1..=12 => Ok(Month(year, m)),
                q @ 33..=36 => Ok(Quarter(year, q - 32)),
                _ => Err(BadDate),
            },
            [m, d] => Self::day(year, month(m)?, number(d, 2)?).ok_or(BadDate),
            _ => Err(BadDate),
        }
    }
}

/// English month names and their abbreviations, lower case; the index is the month minus one.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Returns the number of an English month name or abbreviation (`Sept.` is 9).
pub fn month_number(word: &str) -> Option<i8> {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    if word.len() < 3 || !word.is_ascii() {
        return None;
    }
    let at = MONTHS.iter().position(|m| {
        *m == word || (word.len() == 3 && m.starts_with(&word)) || (word == "sept" && *m == "september")
    })?;
    Some(at as i8 + 1)
}

/// Returns the day that a stamp states, as its writer counts days; a time and a zone may follow it.
///
/// Understands ISO 8601 (`2020-10-27T08:00Z`, `20201027`), RFC 2822 (`Tue, 27 Oct 2020`), American and British
/// long forms (`October 27, 2020`, `27 October 2020`, `Mon Jun 18, 2007 8:38am EDT`), `2020/10/27`, and
/// `27/10/2020` or `27.10.2020` when the order is beyond doubt. Years run from 1700 to 2199.
pub fn parse_stamp(text: &str) -> Option<PartialDate> {
    let text = text.trim();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    (0..words.len().min(8)).find_map(|i| {
        let window = &words[i..];
        compact_day(window[0]).or_else(|| numeric_day(window, text)).or_else(|| named_day(window))
    })
}

fn plausible(year: i16) -> bool {
    (1700..2200).contains(&year)
}

fn year_word(word: &str) -> Option<i16> {
    let year: i16 = if word.len() == 4 { word.parse().ok()? } else { return None };
    plausible(year).then_some(year)
}

/// `20201027`, perhaps followed by `T080000Z`.
fn compact_day(word: &str) -> Option<PartialDate> {
    let digits = word.split(['T', 't']).next()?;
    if digits.len() != 8 && digits.len() != 14 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let year = year_word(&digits[..4])?;
    PartialDate::day(year, digits[4..6].parse().ok()?, digits[6..8].parse().ok()?)
}

/// `2020 10 27` in that order, or `27 10 2020` when only one order can be meant.
fn numeric_day(words: &[&str], text: &str) -> Option<PartialDate> {
    let [a, b, c, ..] = words else { return None };
    let small = |w: &str| -> Option<i8> {
        let digits: String = w.chars().take_while(char::is_ascii_digit).collect();
        let rest = &w[digits.len()..];
        let clean = rest.is_empty() || rest.starts_with(['T', 't']);
        if clean && (1..=2).contains(&digits.len()) { digits.parse().ok() } else { None }
    };
    if let Some(year) = year_word(a) {
        return PartialDate::day(year, small(b)?, small(c)?);
    }
    let (x, y, year) = (small(a)?, small(b)?, year_word(c)?);
    let dotted = text.contains('.') && !text.contains('/');
    match (x, y) {
        (d, m) if d > 12 || dotted => PartialDate::day(year, m, d),
        (m, d) if d > 12 || m == d => PartialDate::day(year, m, d),
        _ => None,
    }
}

/// `October 27 2020`, `27 October 2020`, `Oct 27th 2020`, `27-Oct-20` is not read.
fn named_day(words: &[&str]) -> Option<PartialDate> {
    let ordinal = |w: &str| -> Option<i8> {
        let digits: String = w.chars().take_while(char::is_ascii_digit).collect();
        let rest = w[digits.len()..].to_ascii_lowercase();
        let clean = matches!(rest.as_str(), "" | "st" | "nd" | "rd" | "th");
        if clean && (1..=2).contains(&digits.len()) { digits.parse().ok() } else { None }
    };
    let [a, b, rest @ ..] = words else { return None };
    if let Some(month) = month_number(a) {
        let year = rest.first().and_then(|w| year_word(w))?;
        return PartialDate::day(year, month, ordinal(b)?);
    }
    let (day, month) = (ordinal(a)?, month_number(b)?);
    PartialDate::day(rest.first().and_then(|w| year_word(w))?, month, day)
}

/// Finds `/2020/10/27/`, `2020-10-27` or `20201027` in a URL or path.
pub fn day_in_path(path: &str) -> Option<PartialDate> {
    let parts: Vec<&str> = path.split(['/', '\\', '_', '?', '&', '=']).collect();
    let slashed = parts.windows(3).find_map(|w| {
        let exact = w[1].len() <= 2 && (w[2].len() <= 2);
        if !exact {
            return None;
        }
        PartialDate::day(year_word(w[0])?, w[1].parse().ok()?, w[2].parse().ok()?)
    });
    slashed.or_else(|| parts.iter().find_map(|part| dashed_day(part)))
}

/// A part such as `2020-10-27-karabakh-truce`, `karabakh-2020-10-27` or `20201027`.
fn dashed_day(part: &str) -> Option<PartialDate> {
    let stem = part.split('.').next()?;
    let pieces: Vec<&str> = stem.split('-').collect();
    let three = pieces.windows(3).find_map(|w| {
        let exact = w[1].len() == 2 && w[2].len() == 2;
        if exact { PartialDate::day(year_word(w[0])?, w[1].parse().ok()?, w[2].parse().ok()?) } else { None }
    });
    three.or_else(|| pieces.iter().find_map(|p| if p.len() == 8 { compact_day(p) } else { None }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edtf_goes_round() {
        for text in ["2020-10-27", "2020-10", "2020-34", "2020-W12", "2020", "199X", "XXXX-10-27", "XXXX-10"]
        {
            assert_eq!(text.parse::<PartialDate>().map(|d| d.to_string()), Ok(text.to_string()));
        }
        for text in ["", "20", "2020-13", "2020-02-30", "2021-W53-1", "next week", "XXXX-02-30"] {
            assert_eq!(text.parse::<PartialDate>(), Err(BadDate), "{text}");
        }
    }

    #[test]
    fn stamps_of_many_writers() {
        let day = |s: &str| parse_stamp(s).map(|d| d.to_string());
        let expect = Some("2007-06-18".to_string());
        for text in [
            "2007-06-18",
            "2007-06-18T08:38:00-04:00",
            "20070618",
            "20070618T083800Z",
            "2007/06/18",
            "18/06/2007",
            "06/18/2007",
            "18.06.2007",
            "Mon Jun 18, 2007 8:38am EDT",
            "Mon, 18 Jun 2007 08:38:00 GMT",
            "June 18th, 2007",
            "Published: 18 June 2007",
        ] {
            assert_eq!(day(text), expect, "{text}");
        }
        assert_eq!(day("05/06/2007"), None, "day and month cannot be told apart");
        assert_eq!(day("1192812345"), None);
    }

    #[test]
    fn days_in_urls() {
        let day = |s: &str| day_in_path(s).map(|d| d.to_string());
        assert_eq!(day("https://x.example/2020/10/28/truce.html").as_deref(), Some("2020-10-28"));
        assert_eq!(day("news/2020-10-28-truce.txt").as_deref(), Some("2020-10-28"));
        assert_eq!(day("x/20201028/us-oil-idUS1.txt").as_deref(), Some("2020-10-28"));
        assert_eq!(day("x/us-oil-idUSN1528287520070618"), None);
    }

    #[test]
    fn a_yearless_day_meets_that_day_of_any_year() {
        let date = |s: &str| s.parse::<PartialDate>().expect("a date");
        assert!(date("XXXX-10-27").overlaps(date("2020-10")));
        assert!(!date("XXXX-10-27").overlaps(date("2020-11")));
        assert!(date("2020").overlaps(date("2020-10-27")));
    }
}
