//! Finds date expressions: what they say, before anything is known of when they were said.

use super::sentences::Reading;
use super::sentences::Sentence;
use crate::calendar::PartialDate;
use crate::schema::DateWords;
use crate::schema::Direction;
use crate::schema::HolidayRule;
use crate::schema::Unit;
use crate::schema::date_kind as kind;
use crate::schema::notes;
use crate::tokens::CAPITAL;
use crate::tokens::GLUED;
use crate::tokens::MARK;
use crate::tokens::NUMBER;
use crate::tokens::Token;

/// What an expression says by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    /// A date that needs no context.
    Absolute(PartialDate),
    /// `October 27`
    MonthDay(i8, i8),
    /// `last Oct. 27`, `Oct. 27 last year`
    DirectedDay(i8, i8, Said),
    /// `October`
    Month(i8),
    /// `last October`, `next May`, `in May next year`
    DirectedMonth(i8, Said),
    /// `Tuesday`; 0 is Monday.
    Weekday(i8),
    /// `last Tuesday`, `next Tuesday`
    DirectedWeekday(i8, Direction),
    /// `on the 27th`
    DayOfMonth(i8),
    /// Days from publication: `yesterday`.
    Days(i32),
    /// `last week`, `this month`, `next year`
    Period(Direction, Unit),
    /// `two weeks ago`: how many, which unit.
    Offset(i32, Unit),
    /// `two weeks later`, `that year`: counted from the date spoken of before.
    Anaphor(i32, Unit),
    /// `the third quarter`
    Quarter(i8),
    /// `this year's third quarter`, `the year-earlier third quarter`: years from publication.
    QuarterOfYear(i8, i32),
    /// `the quarter`, `the quarter a year ago`: the one spoken of, or so many years before it.
    SameQuarter(i32),
    /// `the latest quarter`: the one spoken of, else the newest that had ended.
    NewestQuarter(i32),
    /// `a year earlier`, `year-ago results`: the quarter spoken of, a year before; else the year before.
    YearAgo,
    /// `the 1988 period`: the quarter spoken of, in that year.
    PeriodOfYear(i16),
    /// `the quarter ended Sept. 30`
    QuarterEnded(i8),
    /// `over the weekend`, `next weekend`
    Weekend(Direction),
    /// `Christmas`
    Holiday(HolidayRule),
}

/// Which month or day of that name is meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Said {
    /// `last October`, `next October`
    Towards(Direction),
    /// `October last year`: years from publication.
    Year(i32),
}

/// A date expression, as a run of tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expression {
    pub from: usize,
    pub to: usize,
    /// Which sentence it stands in.
    pub sentence: usize,
    pub meaning: Meaning,
    /// The weekday written beside a day: `Tuesday, October 27`.
    pub weekday: Option<i8>,
}

/// Finds the date expressions of a text, sorted and not overlapping.
pub(super) fn find(reading: &Reading) -> Vec<Expression> {
    let mut found: Vec<Expression> = Vec::with_capacity(reading.dates.len() / 2);
    let mut candidates = reading.dates.iter().map(|at| *at as usize).peekable();
    for (number, sentence) in reading.sentences.iter().enumerate() {
        let cursor = Cursor { reading, words: &reading.lexicon.dates, sentence };
        let mut at = sentence.from;
        while at < sentence.to {
            // Behind an expression may stand another day, elsewhere only what a date hangs on.
            if found.last().is_none_or(|e| e.to != at || e.sentence != number) {
                while candidates.next_if(|c| *c < at).is_some() {}
                match candidates.peek() {
                    Some(next) if *next < sentence.to => at = *next,
                    _ => break,
                }
            }
            let end = found.last().map_or(0, |e| e.to);
            let next = cursor.another_day(at, number, found.last());
            match next.or_else(|| cursor.expression(at)) {
                Some((from, to, meaning, weekday)) if from >= end => {
                    cursor.share_year(found.last_mut(), from, meaning);
                    found.push(Expression { from, to, sentence: number, meaning, weekday });
                    at = to;
                }
                _ => at += 1,
            }
        }
    }
    found
}

pub(super) struct Cursor<'a, 'b> {
    pub(super) reading: &'a Reading<'b>,
    pub(super) words: &'a DateWords,
    pub(super) sentence: &'a Sentence,
}

pub(super) type Found = (usize, usize, Meaning, Option<i8>);

impl Cursor<'_, '_> {
    pub(super) fn token(&self, at: usize) -> Option<&Token> {
        self.reading.tokens.get(at).filter(|_| at >= self.sentence.from && at < self.sentence.to)
    }

    pub(super) fn word(&self, at: usize) -> u32 {
        self.token(at).map_or(0, |t| t.word)
    }

    pub(super) fn text(&self, at: usize) -> &str {
        self.token(at).map_or("", |t| t.text(self.reading.text))
    }

    pub(super) fn mark(&self, at: usize, marks: &str) -> bool {
        self.token(at).is_some_and(|t| self.reading.is_mark(t, marks))
    }

    pub(super) fn has(&self, at: usize, flags: u16) -> bool {
        self.token(at).is_some_and(|t| t.has(flags))
    }

    pub(super) fn is(&self, at: usize, kinds: u32) -> bool {
        self.words.opens(self.word(at), kinds)
    }

    pub(super) fn says(&self, at: usize, words: &[&str]) -> bool {
        self.token(at).is_some_and(|t| words.iter().any(|w| t.says(self.reading.text, w)))
    }

    fn expression(&self, at: usize) -> Option<Found> {
        let token = self.token(at)?;
        if token.has(NUMBER) {
            return self
                .numeric(at)
                .or_else(|| self.day_month(at))
                .or_else(|| self.number_of_units(at))
                .or_else(|| self.decade(at))
                .or_else(|| self.year(at))
                .or_else(|| self.short_apostrophe_year(at))
                .or_else(|| self.day_alone(at));
        }
        if !token.noted(notes::DATE) {
            return None;
        }
        let of = |kinds: u32| self.words.opens(token.word, kinds);
        let named =
            if of(kind::WEEKDAY | kind::MONTH) { self.weekday(at).or_else(|| self.month(at)) } else { None };
        named
            .or_else(|| if of(kind::HOLIDAY) { self.holiday(at) } else { None })
            .or_else(|| if of(kind::DEICTIC) { self.deictic(at) } else { None })
            .or_else(|| if of(kind::DIRECTION) { self.directed(at) } else { None })
            .or_else(|| if of(kind::ORDINAL) { self.quarter(at) } else { None })
            .or_else(|| if of(kind::NUMBER) { self.spelled_year(at) } else { None })
            .or_else(|| if of(kind::NUMBER) { self.number_of_units(at) } else { None })
            .or_else(|| if of(kind::DECADE) { self.spelled_decade(at) } else { None })
            .or_else(|| if of(kind::UNIT | kind::PERIOD) { self.period_noun(at) } else { None })
    }

    /// "between March and May 2004": the year behind the second month is the first one's too.
    fn share_year(&self, last: Option<&mut Expression>, from: usize, meaning: Meaning) {
        let Some(last) = last.filter(|e| e.to + 1 == from && e.from >= self.sentence.from) else { return };
        let joined = self.says(last.to, &["and", "to", "through", "until", "or"]) || self.mark(last.to, "-–");
        let (PartialDate::Day(year, end, _) | PartialDate::Month(year, end)) = (match meaning {
            Meaning::Absolute(date) if joined => date,
            _ => return,
        }) else {
            return;
        };
        let date = match last.meaning {
            Meaning::Month(month) if month <= end => Some(PartialDate::Month(year, month)),
            Meaning::MonthDay(month, day) if month <= end => PartialDate::day(year, month, day),
            _ => None,
        };
        if let Some(date) = date {
            last.meaning = Meaning::Absolute(date);
        }
    }

    /// `April 24 and 25`, `Nov. 9-11`: a bare number right behind a day is a day of the same month.
    fn another_day(&self, at: usize, sentence: usize, last: Option<&Expression>) -> Option<Found> {
        let last = last.filter(|e| e.to == at && e.sentence == sentence)?;
        let joined = self.says(at, &["and", "to", "through", "or"]) || self.mark(at, "-–");
        let day = if joined { self.day(at + 1)? } else { return None };
        if self.counts(at + 1) || self.is(at + 2, kind::MONTH | kind::UNIT) || self.mark(at + 2, "%") {
            return None;
        }
        let lower = self.token(at + 2).is_some_and(|t| !t.has(CAPITAL | MARK | NUMBER));
        if lower && self.says(at, &["and", "to", "or"]) && self.text(at + 2).ends_with('s') {
            return None;
        }
        let meaning = match last.meaning {
            Meaning::MonthDay(month, first) if day > first => {
                PartialDate::day(2000, month, day)?;
                Meaning::MonthDay(month, day)
            }
            Meaning::Absolute(PartialDate::Day(year, month, first)) if day > first => {
                Meaning::Absolute(PartialDate::day(year, month, day)?)
            }
            _ => return None,
        };
        Some((at + 1, at + 2, meaning, None))
    }

    /// A number of at most so many digits, and perhaps an ordinal ending.
    pub(super) fn number(&self, at: usize, digits: usize) -> Option<i16> {
        let text = self.text(at);
        let plain = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let ending = &text[plain.len()..];
        let clean = matches!(ending, "" | "st" | "nd" | "rd" | "th");
        if clean && !plain.is_empty() && plain.len() <= digits { plain.parse().ok() } else { None }
    }

    pub(super) fn day(&self, at: usize) -> Option<i8> {
        self.number(at, 2).filter(|d| (1..=31).contains(d)).map(|d| d as i8)
    }

    pub(super) fn four_digits(&self, at: usize) -> Option<i16> {
        let text = self.text(at);
        let year: i16 = if text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()) {
            text.parse().ok()?
        } else {
            return None;
        };
        (1000..2200).contains(&year).then_some(year)
    }

    /// `2020-10-27`, `10/27/2020`, `27.10.2020`
    fn numeric(&self, at: usize) -> Option<Found> {
        let glued = |i: usize| self.token(i).is_some_and(|t| t.has(GLUED));
        let joined = (1..=4).all(|i| glued(at + i));
        if !joined || !self.mark(at + 1, "-/.") || self.text(at + 1) != self.text(at + 3) {
            return self.dotted(at);
        }
        let text = &self.reading.text[self.token(at)?.start as usize..self.token(at + 4)?.end as usize];
        let date = crate::calendar::parse_stamp(text).or_else(|| self.short_year(at))?;
        Some((at, at + 5, Meaning::Absolute(date), None))
    }

    /// `10/27/98`: American order unless the first number is a day.
    fn short_year(&self, at: usize) -> Option<PartialDate> {
        let two = self.text(at + 4);
        let year: i16 = if two.len() == 2 { two.parse().ok()? } else { return None };
        let year = if year < 50 { 2000 + year } else { 1900 + year };
        let (a, b) = (self.number(at, 2)? as i8, self.number(at + 2, 2)? as i8);
        if a > 12 { PartialDate::day(year, b, a) } else { PartialDate::day(year, a, b) }
    }

    /// `27.10.2020` is one number token to the tokenizer.
    fn dotted(&self, at: usize) -> Option<Found> {
        let text = self.text(at);
        if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
            return self.compact(at);
        }
        let dated = text.len() >= 8 && text.bytes().filter(|b| *b == b'.').count() == 2;
        let date = if dated { crate::calendar::parse_stamp(text)? } else { return None };
        Some((at, at + 1, Meaning::Absolute(date), None))
    }

    /// `19980108`, in a stamp.
    fn compact(&self, at: usize) -> Option<Found> {
        let date = crate::calendar::parse_stamp(self.text(at))?;
        let near = matches!(date, PartialDate::Day(1900..2050, ..));
        near.then_some((at, at + 1, Meaning::Absolute(date), None))
    }

    /// `27 October 2020`, `27th of October`
    fn day_month(&self, at: usize) -> Option<Found> {
        let day = self.day(at)?;
        let of = usize::from(self.reading.says(at + 1, "of"));
        let month_at = at + 1 + of;
        let month = *self.words.months.get(&self.word(month_at))?;
        if !self.token(month_at)?.has(CAPITAL) {
            return None;
        }
        let mut to = month_at + 1;
        let comma = usize::from(self.mark(to, ",.") && self.four_digits(to + 1).is_some());
        if let Some(year) = self.four_digits(to + comma) {
            to += comma + 1;
            return Some((at, to, Meaning::Absolute(PartialDate::day(year, month, day)?), None));
        }
        PartialDate::day(2000, month, day)?;
        Some((at, to, Meaning::MonthDay(month, day), None))
    }

    /// `October 27, 2020`, `October 2020`, `Oct. 27`, `March eighth`, `June last year`
    pub(super) fn month(&self, at: usize) -> Option<Found> {
        let month = *self.words.months.get(&self.word(at))?;
        if !self.has(at, CAPITAL) {
            return None;
        }
        let dot = usize::from(self.mark(at + 1, ".") && self.text(at).len() <= 4);
        let next = at + 1 + dot;
        if let Some(day) = self.day(next).filter(|_| !self.counts(next)) {
            return self.month_day(at, next + 1, month, day);
        }
        if let Some((day, to)) = self.spelled_day(next) {
            return self.month_day(at, to, month, day);
        }
        let comma = usize::from(self.mark(next, ",") || self.says(next, &["of"]));
        if let Some((year, to)) = self.any_year(next + comma) {
            return Some((at, to, Meaning::Absolute(PartialDate::Month(year, month)), None));
        }
        if let Some((years, to)) = self.year_steps(next) {
            return Some((at, to, Meaning::DirectedMonth(month, Said::Year(years)), None));
        }
        if self.words.ambiguous_months.contains(&self.word(at)) && !self.supports_month(at, dot) {
            return None;
        }
        Some((at, at + 1, Meaning::Month(month), None))
    }

    /// "in May" is a month; "Jan Kowalski" is not, nor is "may".
    fn supports_month(&self, at: usize, dot: usize) -> bool {
        let abbreviated = self.text(at).len() == 3 && !self.says(at, &["may"]);
        if abbreviated && dot == 0 {
            return false;
        }
        let before = at.wrapping_sub(1);
        self.words.before_months.contains(&self.word(before)) || self.mark(before, "-")
    }

    fn month_day(&self, at: usize, mut to: usize, month: i8, day: i8) -> Option<Found> {
        let comma = usize::from(self.mark(to, ","));
        if let Some((year, end)) = self.any_year(to + comma) {
            return Some((at, end, Meaning::Absolute(PartialDate::day(year, month, day)?), None));
        }
        PartialDate::day(2000, month, day)?;
        let mut meaning = Meaning::MonthDay(month, day);
        if let Some((years, end)) = self.year_steps(to) {
            (to, meaning) = (end, Meaning::DirectedDay(month, day, Said::Year(years)));
        }
        Some((at, to, meaning, None))
    }

    /// "May 20 people": the number counts something.
    pub(super) fn counts(&self, at: usize) -> bool {
        self.is(at + 1, kind::COUNTED)
            || self.mark(at + 1, "%") && self.has(at + 1, GLUED)
            || self.mark(at + 1, ":") && self.has(at + 2, GLUED) && self.has(at + 2, NUMBER)
    }

    /// `on the 27th`, with nothing behind it that it could count.
    fn day_alone(&self, at: usize) -> Option<Found> {
        if !self.text(at).ends_with(['d', 'h', 't']) {
            return None;
        }
        let day = self.day(at)?;
        let preposition = ["on", "by", "until", "since", "from", "before", "after"];
        let said = self.says(at.wrapping_sub(1), &["the"]) && self.says(at.wrapping_sub(2), &preposition);
        let alone = self.token(at + 1).is_none_or(|t| t.has(MARK)) && !self.mark(at + 1, "-–");
        (said && alone).then_some((at - 1, at + 1, Meaning::DayOfMonth(day), None))
    }

    /// `Tuesday`, `last Tuesday night`, `Tuesday, October 27, 2020`
    fn weekday(&self, at: usize) -> Option<Found> {
        let weekday = *self.words.weekdays.get(&self.word(at))?;
        let short = self.words.short_weekdays.contains(&self.word(at));
        if !self.token(at)?.has(CAPITAL) {
            return None;
        }
        let dot = usize::from(short && self.mark(at + 1, "."));
        let mut next = at + 1 + dot;
        let comma = usize::from(self.mark(next, ","));
        let dated = self.month(next + comma).or_else(|| self.day_month(next + comma));
        if let Some((_, to, meaning, _)) = dated.filter(|d| !matches!(d.2, Meaning::Month(_))) {
            return Some((at, to, meaning, Some(weekday)));
        }
        // "in the Sun." ends a sentence.
        let before = at.wrapping_sub(1);
        if short && (dot == 0 || self.says(before, &["the"])) {
            return None;
        }
        if self.words.naming_weekdays.contains(&self.word(before)) && self.has(before, CAPITAL)
            || self.words.named_after_weekdays.contains(&self.word(next)) && self.has(next, CAPITAL)
        {
            return None;
        }
        if self.is(next, kind::DAY_PART) {
            next += 1;
        }
        Some((at, next, Meaning::Weekday(weekday), None))
    }

    fn deictic(&self, at: usize) -> Option<Found> {
        let days = *self.words.deictic.get(&self.word(at))?;
        let part = usize::from(days != 0 && self.is(at + 1, kind::DAY_PART));
        // "yesterday's" and "today's" are dates too; "USA Today" is not.
        let name = self.token(at)?.has(CAPITAL)
            && at > self.sentence.from
            && self.token(at - 1).is_some_and(|t| t.has(CAPITAL));
        if name { None } else { Some((at, at + 1 + part, Meaning::Days(days), None)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Block;
    use crate::article::BlockKind;
    use crate::article::Span;
    use crate::extract::resolve::resolve;
    use crate::schema::Schema;

    /// What a text says on a day of publication; an empty day is none.
    fn values(published: &str, text: &str) -> Vec<(String, String)> {
        let schema = Schema::embedded();
        let blocks = [Block { span: Span::new(0, text.len()), kind: BlockKind::Body }];
        let reading = Reading::new(text, &blocks, schema);
        let words = |from: usize, to: usize| {
            let span = reading.span(from, to);
            text[span.start as usize..span.end as usize].to_string()
        };
        resolve(&reading, &find(&reading), published.parse().ok())
            .iter()
            .map(|d| (words(d.from, d.to), d.value.to_string()))
            .collect()
    }

    fn says(published: &str, text: &str, expected: &[(&str, &str)]) {
        let found = values(published, text);
        let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    /// Wednesday, 18 March 2015.
    const DAY: &str = "2015-03-18";

    #[test]
    fn weekdays_follow_the_tense() {
        says(DAY, "Envoys met on Monday.", &[("Monday", "2015-03-16")]);
        says(DAY, "Envoys will meet on Monday.", &[("Monday", "2015-03-23")]);
        says(DAY, "The envoy said on Monday he had a plan.", &[("Monday", "2015-03-16")]);
        says(DAY, "It had been due to expire on Friday.", &[("Friday", "2015-03-13")]);
        says(DAY, "Rebels rejected ways around Tuesday's ruling.", &[("Tuesday", "2015-03-17")]);
        says(DAY, "Talks are set to resume Friday.", &[("Friday", "2015-03-20")]);
        says(DAY, "The truce was extended until Sunday.", &[("Sunday", "2015-03-22")]);
        says(DAY, "Help may come as soon as Thursday.", &[("Thursday", "2015-03-19")]);
        says("", "Envoys met on Monday.", &[]);
        says(DAY, "The Sunday Times fell on Black Monday.", &[]);
    }

    #[test]
    fn days_of_months() {
        says("", "They met on October 27.", &[("October 27", "XXXX-10-27")]);
        says(DAY, "They met on October 27.", &[("October 27", "2014-10-27")]);
        says(DAY, "They met from Feb. 9-11.", &[("Feb. 9", "2015-02-09"), ("11", "2015-02-11")]);
        says(DAY, "He was shot last Oct. 23.", &[("last Oct. 23", "2014-10-23")]);
        says(DAY, "It fell in June last year.", &[("June last year", "2014-06")]);
        says(DAY, "It closed March eighth.", &[("March eighth", "2015-03-08")]);
        says(DAY, "An editorial for Saturday, Dec. 26: peace.", &[("Saturday, Dec. 26", "2015-12-26")]);
        says(DAY, "Jan Nowak spoke.", &[]);
        says(DAY, "They met on the 27th, on the 27th floor.", &[("the 27th", "2015-02-27")]);
        says(DAY, "They will meet on the 27th.", &[("the 27th", "2015-03-27")]);
        says("2015", "It began on Monday, Oct. 26.", &[("Monday, Oct. 26", "2015-10-26")]);
    }

    #[test]
    fn numbers_that_are_years() {
        says("", "The 1971 convention bound them.", &[("1971", "1971")]);
        says("", "He left both 1990 and 1991 open.", &[("1990", "1990"), ("1991", "1991")]);
        says("", "They fought in mid-1996 and '89.", &[("1996", "1996"), ("'89", "1989")]);
        says("", "It sold 2000 rockets for $1999.", &[]);
        says("", "In nineteen ninety-six he fled.", &[("nineteen ninety-six", "1996")]);
        says("", "He died in the nineties, in his 30s.", &[("nineties", "199X")]);
        says("", "That is more than 1989. 1998: war.", &[("1989", "1989"), ("1998", "1998")]);
        says("", "Resolution 1929 and the 1559 vote.", &[]);
        says("", "Between March and May 2004 he may rest.", &[("March", "2004-03"), ("May 2004", "2004-05")]);
        says("", "Stamp 19980108 stands.", &[("19980108", "1998-01-08")]);
    }

    #[test]
    fn quarters_of_reports() {
        says(
            DAY,
            "Profit rose in the fourth quarter from a year earlier.",
            &[("fourth quarter", "2014-36"), ("a year earlier", "2013-36")],
        );
        says(DAY, "The sale will close in the fourth quarter.", &[("fourth quarter", "2015-36")]);
        says("2015-11-02", "It expects to report a third-quarter loss.", &[("third-quarter", "2015-35")]);
        says("2015-11-02", "The sale will close in the first quarter.", &[("first quarter", "2016-33")]);
        says(DAY, "Sales fell from the year-ago quarter.", &[("year-ago quarter", "2013-36")]);
        says(DAY, "Sales fell from a year ago.", &[("a year ago", "2014")]);
        says(DAY, "In this year's third quarter sales rose.", &[("this year's third quarter", "2015-35")]);
        says(
            DAY,
            "In the quarter ended Jan. 31 it lost.",
            &[("the quarter", "2015-33"), ("Jan. 31", "2015-01-31")],
        );
        says("", "Sales fell from the year-ago quarter in the quarter.", &[]);
    }

    #[test]
    fn dates_that_point_back() {
        says(
            "",
            "He fled in June 1998 and returned later that year.",
            &[("June 1998", "1998-06"), ("that year", "1998")],
        );
        says(
            "",
            "It began on May 2, 1999. Two days later it ended.",
            &[("May 2, 1999", "1999-05-02"), ("Two days later", "1999-05-04")],
        );
        says(
            "",
            "In 1995 he rose; the following year he fell.",
            &[("1995", "1995"), ("following year", "1996")],
        );
        says("", "That year was hard.", &[]);
    }

    #[test]
    fn periods_around_publication() {
        says(DAY, "It will end by the end of the year.", &[("the year", "2015")]);
        says(DAY, "They talked over the weekend.", &[("the weekend", "2015-W11")]);
        says(DAY, "He came the day before yesterday.", &[("the day before yesterday", "2015-03-16")]);
        says(DAY, "On Thanksgiving Day she was found.", &[("Thanksgiving Day", "2014-11-27")]);
        says("", "They met on Christmas Eve.", &[("Christmas Eve", "XXXX-12-24")]);
        says(DAY, "Host of \"This Week\" asked. Now it is currently over.", &[]);
    }
}
