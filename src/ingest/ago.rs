//! Stamps that count from the day on which a page was fetched: "5 hours ago", "yesterday".

use jiff::ToSpan;

use super::Crawled;
use crate::article::Method;
use crate::article::Published;
use crate::calendar::PartialDate;

/// Longest text, in bytes, that may be such a stamp.
const LONGEST: usize = 60;

/// Words that may stand before such a stamp.
const LABELS: &[&str] = &[
    "published",
    "posted",
    "first",
    "about",
    "around",
    "on",
    "added",
    "filed",
    "over",
    "almost",
    "nearly",
    "by",
];

/// Reads a text that is such a stamp and nothing else; a change is no publication.
pub(super) fn read(text: &str, crawled: Crawled) -> Option<Published> {
    if text.len() > LONGEST {
        return None;
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .skip_while(|w| LABELS.contains(w))
        .collect();
    let found = |date, confidence| Some(Published { date, method: Method::Header, confidence });
    let today = crawled.at.date();
    match words[..] {
        ["today"] | ["just", "now"] | ["moments", "ago"] => found(PartialDate::from_date(today), 0.7),
        ["yesterday"] => found(PartialDate::from_date(today.checked_sub(1.day()).ok()?), 0.7),
        [number, unit, "ago"] => counted(number_of(number)?, unit, crawled),
        [number, "ago"] => {
            let digits = number.chars().take_while(char::is_ascii_digit).count();
            counted(number[..digits].parse().ok()?, &number[digits..], crawled)
        }
        _ => None,
    }
}

fn number_of(word: &str) -> Option<i64> {
    match word {
        "a" | "an" | "one" => Some(1),
        "two" => Some(2),
        "three" => Some(3),
        _ => word.parse().ok().filter(|n| *n < 10_000),
    }
}

/// As precise as the unit: what was "3 months ago" was in some month.
fn counted(number: i64, unit: &str, crawled: Crawled) -> Option<Published> {
    let back =
        |span: jiff::Span| Some(crawled.at.checked_sub(span).ok()?.date()).filter(|d| d.year() >= 1700);
    let (date, confidence) = match unit.strip_suffix('s').unwrap_or(unit) {
        "second" | "sec" | "minute" | "min" | "m" | "" => {
            (PartialDate::from_date(back(number.minutes())?), 0.7)
        }
        "hour" | "hr" | "h" if crawled.exact => (PartialDate::from_date(back(number.hours())?), 0.7),
        // Without an hour to count from it may have been the day before.
        "hour" | "hr" | "h" => (PartialDate::from_date(back((number / 24 * 24).hours())?), 0.5),
        "day" | "d" => (PartialDate::from_date(back(number.days())?), 0.7),
        "week" | "wk" | "w" => {
            let day = back(number.weeks())?;
            (PartialDate::Month(day.year(), day.month()), 0.6)
        }
        "month" | "mo" => {
            let day = back(number.months())?;
            (PartialDate::Month(day.year(), day.month()), 0.6)
        }
        "year" | "yr" | "y" => (PartialDate::Year(back(number.years())?.year()), 0.6),
        _ => return None,
    };
    Some(Published { date, method: Method::Header, confidence })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_count_from_the_day_of_the_crawl() {
        let noon = Crawled { at: jiff::civil::date(2020, 10, 27).at(3, 0, 0, 0), exact: true };
        let day = |text: &str| read(text, noon).map(|p| p.date.to_string());
        for (text, expected) in [
            ("5 hours ago", Some("2020-10-26")),
            ("Published 2 hours ago", Some("2020-10-27")),
            ("an hour ago", Some("2020-10-27")),
            ("5h ago", Some("2020-10-26")),
            ("3 days ago", Some("2020-10-24")),
            ("Yesterday", Some("2020-10-26")),
            ("2 months ago", Some("2020-08")),
            ("a year ago", Some("2019")),
            ("Updated 5 hours ago", None),
            ("The truce broke down 5 hours ago", None),
            ("99999999999999999999 days ago", None),
            ("9999 years ago", None),
        ] {
            assert_eq!(day(text).as_deref(), expected, "{text}");
        }
        let some_hour = Crawled { exact: false, ..noon };
        assert_eq!(read("5 hours ago", some_hour).map(|p| p.date.to_string()).as_deref(), Some("2020-10-27"));
    }
}
