//! Finds date expressions: what they say, before anything is known of when they were said.

use super::sentences::Reading;
use super::sentences::Sentence;
use crate::calendar::PartialDate;
use crate::schema::DateWords;
use crate::schema::Direction;
use crate::schema::Unit;
use crate::tokens::CAPITAL;
use crate::tokens::GLUED;
use crate::tokens::NUMBER;
use crate::tokens::Token;

/// What an expression says by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    /// A date that needs no context.
    Absolute(PartialDate),
    /// `October 27`
    MonthDay(i8, i8),
    /// `October`
    Month(i8),
    /// `Tuesday`; 0 is Monday.
    Weekday(i8),
    /// `last Tuesday`, `next Tuesday`
    DirectedWeekday(i8, Direction),
    /// Days from publication: `yesterday`.
    Days(i32),
    /// `last week`, `this month`, `next year`
    Period(Direction, Unit),
    /// `two weeks ago`: how many, which unit.
    Offset(i32, Unit),
    /// `the third quarter`
    Quarter(i8),
    /// `last October`, `next May`
    DirectedMonth(i8, Direction),
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
    let mut found = Vec::new();
    for (number, sentence) in reading.sentences.iter().enumerate() {
        let cursor = Cursor { reading, words: &reading.lexicon.dates, sentence };
        let mut at = sentence.from;
        while at < sentence.to {
            match cursor.expression(at) {
                Some((from, to, meaning, weekday)) => {
                    found.push(Expression { from, to, sentence: number, meaning, weekday });
                    at = to;
                }
                None => at += 1,
            }
        }
    }
    found
}

struct Cursor<'a, 'b> {
    reading: &'a Reading<'b>,
    words: &'a DateWords,
    sentence: &'a Sentence,
}

type Found = (usize, usize, Meaning, Option<i8>);

impl Cursor<'_, '_> {
    fn token(&self, at: usize) -> Option<&Token> {
        self.reading.tokens.get(at).filter(|_| at >= self.sentence.from && at < self.sentence.to)
    }

    fn word(&self, at: usize) -> u32 {
        self.token(at).map_or(0, |t| t.word)
    }

    fn text(&self, at: usize) -> &str {
        self.token(at).map_or("", |t| t.text(self.reading.text))
    }

    fn mark(&self, at: usize, marks: &str) -> bool {
        self.token(at).is_some_and(|t| self.reading.is_mark(t, marks))
    }

    fn expression(&self, at: usize) -> Option<Found> {
        let token = self.token(at)?;
        if token.has(NUMBER) {
            return self
                .numeric(at)
                .or_else(|| self.day_month(at))
                .or_else(|| self.number_of_units(at))
                .or_else(|| self.decade(at))
                .or_else(|| self.year(at));
        }
        if token.word == 0 {
            return None;
        }
        self.weekday(at)
            .or_else(|| self.month(at))
            .or_else(|| self.deictic(at))
            .or_else(|| self.directed(at))
            .or_else(|| self.quarter(at))
            .or_else(|| self.number_of_units(at))
    }

    /// A number of at most so many digits, and perhaps an ordinal ending.
    fn number(&self, at: usize, digits: usize) -> Option<i16> {
        let text = self.text(at);
        let plain = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let ending = &text[plain.len()..];
        let clean = matches!(ending, "" | "st" | "nd" | "rd" | "th");
        if clean && !plain.is_empty() && plain.len() <= digits { plain.parse().ok() } else { None }
    }

    fn day(&self, at: usize) -> Option<i8> {
        self.number(at, 2).filter(|d| (1..=31).contains(d)).map(|d| d as i8)
    }

    fn four_digits(&self, at: usize) -> Option<i16> {
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
        let dated = text.len() >= 8 && text.bytes().filter(|b| *b == b'.').count() == 2;
        let date = if dated { crate::calendar::parse_stamp(text)? } else { return None };
        Some((at, at + 1, Meaning::Absolute(date), None))
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

    /// `October 27, 2020`, `October 2020`, `Oct. 27`, `last October`
    fn month(&self, at: usize) -> Option<Found> {
        let month = *self.words.months.get(&self.word(at))?;
        if !self.token(at)?.has(CAPITAL) {
            return None;
        }
        let dot = usize::from(self.mark(at + 1, ".") && self.text(at).len() <= 4);
        let next = at + 1 + dot;
        if let Some(day) = self.day(next).filter(|_| !self.counts(next)) {
            return self.month_day(at, next, month, day);
        }
        let comma = usize::from(self.mark(next, ",") || self.reading.says(next, "of"));
        if let Some(year) = self.four_digits(next + comma) {
            return Some((at, next + comma + 1, Meaning::Absolute(PartialDate::Month(year, month)), None));
        }
        let before = self.word(at.wrapping_sub(1));
        let supported = self.words.before_months.contains(&before) || self.mark(at.wrapping_sub(1), "-");
        if self.words.ambiguous_months.contains(&self.word(at)) && !supported {
            return None;
        }
        Some((at, at + 1, Meaning::Month(month), None))
    }

    fn month_day(&self, at: usize, day_at: usize, month: i8, day: i8) -> Option<Found> {
        let mut to = day_at + 1;
        let comma = usize::from(self.mark(to, ","));
        if let Some(year) = self.four_digits(to + comma) {
            to += comma + 1;
            return Some((at, to, Meaning::Absolute(PartialDate::day(year, month, day)?), None));
        }
        PartialDate::day(2000, month, day)?;
        Some((at, to, Meaning::MonthDay(month, day), None))
    }

    /// "May 20 people": the number counts something.
    fn counts(&self, at: usize) -> bool {
        self.words.counted.contains(&self.word(at + 1))
            || self.mark(at + 1, "%:") && self.token(at + 1).is_some_and(|t| t.has(GLUED))
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
        if short && dot == 0 {
            return None;
        }
        if self.words.day_parts.contains(&self.word(next)) {
            next += 1;
        }
        Some((at, next, Meaning::Weekday(weekday), None))
    }

    fn deictic(&self, at: usize) -> Option<Found> {
        let days = *self.words.deictic.get(&self.word(at))?;
        let part = usize::from(days != 0 && self.words.day_parts.contains(&self.word(at + 1)));
        // "yesterday's" and "today's" are dates too; "USA Today" is not.
        let name = self.token(at)?.has(CAPITAL)
            && at > self.sentence.from
            && self.token(at - 1).is_some_and(|t| t.has(CAPITAL));
        if name { None } else { Some((at, at + 1 + part, Meaning::Days(days), None)) }
    }

    /// `last week`, `this month`, `next Tuesday`, `last October`, `this morning`, `last night`
    fn directed(&self, at: usize) -> Option<Found> {
        let direction = *self.words.directions.get(&self.word(at))?;
        if matches!(direction, Direction::Ago | Direction::Later) {
            return None;
        }
        let next = self.word(at + 1);
        let whole = |to: usize, meaning| Some((at, to, meaning, None));
        if let Some(weekday) =
            self.words.weekdays.get(&next).filter(|_| !self.words.short_weekdays.contains(&next))
        {
            let part = usize::from(self.words.day_parts.contains(&self.word(at + 2)));
            return whole(at + 2 + part, Meaning::DirectedWeekday(*weekday, direction));
        }
        if let Some(month) =
            self.words.months.get(&next).filter(|_| self.token(at + 1).is_some_and(|t| t.has(CAPITAL)))
        {
            let plain = self.day(at + 2).is_none() && self.four_digits(at + 2).is_none();
            return if plain { whole(at + 2, Meaning::DirectedMonth(*month, direction)) } else { None };
        }
        if self.words.day_parts.contains(&next) {
            let days = if direction == Direction::Last { -1 } else { 0 };
            return if direction == Direction::Next { None } else { whole(at + 2, Meaning::Days(days)) };
        }
        let unit = *self.words.units.get(&next)?;
        let plural = self.text(at + 1).ends_with('s');
        let past = matches!(
            self.text(at).to_ascii_lowercase().as_str(),
            "past" | "following" | "coming" | "previous" | "current"
        );
        // "the past year", "the previous day" are durations or hang on another date.
        if plural || unit == Unit::Day || past {
            return None;
        }
        whole(at + 2, Meaning::Period(direction, unit))
    }

    /// `third quarter`, `third-quarter`, `the third quarter of 2020`
    fn quarter(&self, at: usize) -> Option<Found> {
        let quarter = *self.words.ordinals.get(&self.word(at))?;
        let hyphen = usize::from(self.mark(at + 1, "-"));
        let noun = at + 1 + hyphen;
        if self.words.units.get(&self.word(noun)) != Some(&Unit::Quarter) || self.text(noun).ends_with('s') {
            return None;
        }
        let of = usize::from(self.reading.says(noun + 1, "of"));
        if let Some(year) = self.four_digits(noun + 1 + of) {
            return Some((at, noun + 2 + of, Meaning::Absolute(PartialDate::Quarter(year, quarter)), None));
        }
        Some((at, noun + 1, Meaning::Quarter(quarter), None))
    }

    /// `two weeks ago`, `a year earlier`
    fn number_of_units(&self, at: usize) -> Option<Found> {
        let count = match self.words.numbers.get(&self.word(at)) {
            Some(count) => *count,
            None => i32::from(self.number(at, 3).filter(|_| self.token(at).is_some_and(|t| t.has(NUMBER)))?),
        };
        let unit = *self.words.units.get(&self.word(at + 1))?;
        let direction = self.words.directions.get(&self.word(at + 2))?;
        match direction {
            Direction::Ago if !self.reading.says(at + 2, "back") => {
                Some((at, at + 3, Meaning::Offset(-count, unit), None))
            }
            _ => None,
        }
    }

    /// `1990s`, `the 90s`
    fn decade(&self, at: usize) -> Option<Found> {
        let digits = self.text(at).strip_suffix('s')?;
        let decade: i16 =
            match (digits.len(), digits.bytes().all(|b| b.is_ascii_digit()) && digits.ends_with('0')) {
                (4, true) => digits.parse::<i16>().ok()? / 10,
                (2, true) => {
                    digits.parse::<i16>().ok().map(|d| if d >= 20 { 190 + d / 10 } else { 200 + d / 10 })?
                }
                _ => return None,
            };
        Some((at, at + 1, Meaning::Absolute(PartialDate::Decade(decade)), None))
    }

    /// `in 2020`, `the 1997 treaty`, `(2020)`
    fn year(&self, at: usize) -> Option<Found> {
        let year = self.four_digits(at)?;
        if !(1800..2070).contains(&year) || self.words.counted.contains(&self.word(at + 1)) {
            return None;
        }
        let next = self.token(at + 1);
        let glued_behind = next.is_some_and(|t| t.has(GLUED) && self.reading.is_mark(t, "-/:%"));
        let before_at = at.checked_sub(1).filter(|i| *i >= self.sentence.from);
        let Some(before_at) = before_at else {
            return Some((at, at + 1, Meaning::Absolute(PartialDate::Year(year)), None))
                .filter(|_| !glued_behind && self.mark(at + 1, ":-–,"));
        };
        let before = self.word(before_at);
        let noun = next
            .is_some_and(|t| !t.has(CAPITAL) && t.end - t.start > 3 && !self.reading.is_mark(t, ".,;:()\"”"));
        let possessive = self.reading.is_possessive(at + 1);
        let weak = self.words.weak_before_years.contains(&before);
        let strong = self.words.before_years.contains(&before) && !weak;
        let ends = next.is_none_or(|t| self.reading.is_mark(t, ".,;)”\""))
            && weak
            && !matches!(self.text(before_at), "the" | "a" | "its" | "his" | "their" | "The");
        let bracket = self.mark(before_at, "(") && self.mark(at + 1, ")-–,");
        let range = self.mark(before_at, "-–")
            && self.token(at).is_some_and(|t| t.has(GLUED))
            && before_at > 0
            && self.four_digits(before_at - 1).is_some();
        let fits = strong || weak && noun || ends || bracket || range || possessive;
        (fits && (!glued_behind || range || self.four_digits(at + 2).is_some())).then_some((
            at,
            at + 1,
            Meaning::Absolute(PartialDate::Year(year)),
            None,
        ))
    }
}
