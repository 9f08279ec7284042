//! Weeks, months, quarters and years that are told by their distance: `last week`, `the year-ago quarter`.

use super::dates::Cursor;
use super::dates::Found;
use super::dates::Meaning;
use super::dates::Said;
use crate::calendar::PartialDate;
use crate::schema::Direction;
use crate::schema::Unit;
use crate::schema::date_kind as kind;
use crate::tokens::CAPITAL;
use crate::tokens::NUMBER;

impl Cursor<'_, '_> {
    /// `last week`, `this month`, `next Tuesday`, `last October`, `this morning`, `last night`
    pub(super) fn directed(&self, at: usize) -> Option<Found> {
        let direction = *self.words.directions.get(&self.word(at))?;
        if matches!(direction, Direction::Ago | Direction::Later) {
            return None;
        }
        if self.is(at + 1, kind::WEEKDAY) {
            let weekday = *self.words.weekdays.get(&self.word(at + 1))?;
            let short = self.words.short_weekdays.contains(&self.word(at + 1));
            let part = usize::from(self.is(at + 2, kind::DAY_PART));
            let meaning = Meaning::DirectedWeekday(weekday, direction);
            return if short { None } else { Some((at, at + 2 + part, meaning, None)) };
        }
        if self.is(at + 1, kind::MONTH) && self.has(at + 1, CAPITAL) {
            return self.directed_month(at, direction);
        }
        if self.is(at + 1, kind::DAY_PART) {
            let days = if direction == Direction::Last { -1 } else { 0 };
            let said = direction != Direction::Next;
            if !said && self.says(at.wrapping_sub(1), &["the"]) {
                return Some((at, at + 2, Meaning::Anaphor(1, Unit::Day), None));
            }
            return said.then_some((at, at + 2, Meaning::Days(days), None));
        }
        self.directed_unit(at, direction)
    }

    /// `last October`, `last Oct. 23`
    fn directed_month(&self, at: usize, direction: Direction) -> Option<Found> {
        let (_, to, meaning, _) = self.month(at + 1).unwrap_or((0, 0, Meaning::Days(0), None));
        let towards = Said::Towards(direction);
        match meaning {
            Meaning::MonthDay(month, day) => Some((at, to, Meaning::DirectedDay(month, day, towards), None)),
            Meaning::Absolute(_) | Meaning::DirectedMonth(..) | Meaning::DirectedDay(..) => None,
            _ => {
                let month = *self.words.months.get(&self.word(at + 1))?;
                Some((at, at + 2, Meaning::DirectedMonth(month, towards), None))
            }
        }
    }

    /// `last week`, `this year's third quarter`, `the following year`
    fn directed_unit(&self, at: usize, direction: Direction) -> Option<Found> {
        let fiscal = usize::from(self.says(at + 1, &["fiscal", "financial", "calendar"]));
        let noun = at + 1 + fiscal;
        if self.says(noun, &["weekend"]) && fiscal == 0 {
            return Some((at, noun + 1, Meaning::Weekend(direction), None));
        }
        let unit = self.one_unit(noun)?;
        // "This Week" and "Next Year" inside other words are the names of broadcasts.
        if self.has(noun, CAPITAL) && !self.sentence.shouted {
            return None;
        }
        let the = self.says(at.wrapping_sub(1), &["the"]);
        let whole = |meaning| Some((at, noun + 1, meaning, None));
        // "the past year" and "coming year" are durations.
        if self.says(at, &["past", "coming"]) {
            return None;
        }
        if self.says(at, &["following", "previous"]) {
            return if the { whole(Meaning::Anaphor(steps(direction), unit)) } else { None };
        }
        if self.says(at, &["current"]) {
            return whole(Meaning::Period(Direction::This, unit));
        }
        match unit {
            Unit::Day if the && direction == Direction::Next => whole(Meaning::Anaphor(1, unit)),
            Unit::Day => None,
            Unit::Year => self.of_directed_year(at, noun, direction),
            _ => whole(Meaning::Period(direction, unit)),
        }
    }

    /// `last year`, `last year's quarter`, `this year's third quarter`
    fn of_directed_year(&self, at: usize, noun: usize, direction: Direction) -> Option<Found> {
        let years = steps(direction);
        let owned = noun + 1 + usize::from(self.reading.is_possessive(noun + 1));
        if let Some((quarter, to)) = self.ordinal_quarter(owned) {
            return Some((at, to, Meaning::QuarterOfYear(quarter, years), None));
        }
        if owned > noun + 1 && self.says(owned, &["quarter", "period"]) && years <= 0 {
            return Some((at, owned + 1, Meaning::SameQuarter(years), None));
        }
        Some((at, noun + 1, Meaning::Period(direction, Unit::Year), None))
    }

    /// `third quarter`, `third-quarter` in the singular, with where it ends.
    pub(super) fn ordinal_quarter(&self, at: usize) -> Option<(i8, usize)> {
        let at = at + usize::from(self.says(at, &["fiscal"]));
        let quarter = *self.words.ordinals.get(&self.word(at))?;
        let noun = at + 1 + usize::from(self.mark(at + 1, "-"));
        (self.one_unit(noun)? == Unit::Quarter).then_some((quarter, noun + 1))
    }

    /// `third quarter`, `the third quarter of 2020`, `third quarter last year`
    pub(super) fn quarter(&self, at: usize) -> Option<Found> {
        let (quarter, to) = self.ordinal_quarter(at)?;
        let of = usize::from(self.says(to, &["of", "in"]));
        let of = of + usize::from(self.says(to + of, &["fiscal"]));
        if let Some((year, end)) = self.any_year(to + of) {
            return Some((at, end, Meaning::Absolute(PartialDate::Quarter(year, quarter)), None));
        }
        if let Some((years, end)) = self.year_steps(to) {
            return Some((at, end, Meaning::QuarterOfYear(quarter, years), None));
        }
        Some((at, to, Meaning::Quarter(quarter), None))
    }

    /// `two weeks ago`, `a year earlier`, `a week or so ago`, `three days later`
    pub(super) fn number_of_units(&self, at: usize) -> Option<Found> {
        let unit_at = at + 1;
        if !self.is(unit_at, kind::UNIT) {
            return None;
        }
        let unit = *self.words.units.get(&self.word(unit_at))?;
        let digits = || self.number(at, 3).filter(|_| self.has(at, NUMBER)).map(i32::from);
        let count = self.words.numbers.get(&self.word(at)).copied().or_else(digits)?;
        let vague = 2 * usize::from(self.says(unit_at + 1, &["or"]) && self.says(unit_at + 2, &["so"]));
        let way = unit_at + 1 + vague;
        let direction =
            *self.words.directions.get(&self.word(way)).filter(|_| self.is(way, kind::DIRECTION))?;
        let earlier = self.says(way, &["earlier"]);
        let meaning = match direction {
            Direction::Ago if self.says(way, &["back"]) => return None,
            Direction::Ago if unit == Unit::Year && count == 1 => Meaning::YearAgo,
            Direction::Ago if earlier && unit != Unit::Year => Meaning::Anaphor(-count, unit),
            Direction::Ago => Meaning::Offset(-count, unit),
            Direction::Later if self.says(way, &["later"]) => Meaning::Anaphor(count, unit),
            Direction::Later => Meaning::Offset(count, unit),
            _ => return None,
        };
        Some((at, way + 1, meaning, None))
    }

    /// Expressions that hang on their noun: `the quarter`, `year-end`, `that month`, `the year-ago period`.
    pub(super) fn period_noun(&self, at: usize) -> Option<Found> {
        if self.says(at, &["weekend"]) {
            let said = self.says(at.wrapping_sub(1), &["the"]) && self.says(at.wrapping_sub(2), &["over"]);
            return said.then_some((at - 1, at + 1, Meaning::Weekend(Direction::Last), None));
        }
        if self.says(at, &["quarter", "period"]) {
            return self.same_quarter(at);
        }
        let unit = self.one_unit(at)?;
        if unit == Unit::Year
            && let Some(found) = self.year_ago(at).or_else(|| self.year_end(at))
        {
            return Some(found);
        }
        self.pointed(at, unit).or_else(|| self.running(at, unit))
    }

    /// `year-ago`, `year-earlier quarter`, `year-ago third quarter`
    fn year_ago(&self, at: usize) -> Option<Found> {
        let word = at + 1 + usize::from(self.mark(at + 1, "-"));
        if word == at + 1 || !self.says(word, &["ago", "earlier"]) {
            return None;
        }
        if let Some((quarter, to)) = self.ordinal_quarter(word + 1) {
            return Some((at, to, Meaning::QuarterOfYear(quarter, -1), None));
        }
        let (meaning, more) = if self.says(word + 1, &["quarter"]) {
            (Meaning::NewestQuarter(-1), 1)
        } else {
            (Meaning::YearAgo, usize::from(self.says(word + 1, &["period"])))
        };
        Some((at, word + 1 + more, meaning, None))
    }

    /// `year-end`, `year's end`, `year-end 1988`
    fn year_end(&self, at: usize) -> Option<Found> {
        let joined = self.mark(at + 1, "-") || self.reading.is_possessive(at + 1);
        let end = at + 1 + usize::from(joined);
        if !self.says(end, &["end"]) {
            return None;
        }
        if let Some((year, to)) = self.any_year(end + 1) {
            return Some((at, to, Meaning::Absolute(PartialDate::Year(year)), None));
        }
        let before = at.wrapping_sub(1);
        let bare = self.says(before, &["by", "at", "until", "before", "since", "after", "around", "from"]);
        let adjective = self.says(before, &["the"]);
        (bare || adjective).then_some((at, end + 1, Meaning::Period(Direction::This, Unit::Year), None))
    }

    /// `the latest quarter`, `the quarter ended Sept. 30`, `the same period last year`
    fn same_quarter(&self, at: usize) -> Option<Found> {
        let before = at.checked_sub(1)?;
        let quarter = self.says(at, &["quarter"]);
        let pointed = self.words.same.contains(&self.word(before));
        let the = self.says(before, &["the"]);
        if !pointed && !the {
            return None;
        }
        let from = if pointed && self.says(before.wrapping_sub(1), &["the"]) { before - 1 } else { before };
        if self.says(at + 1, &["ended"])
            && let Some(month) = self.words.months.get(&self.word(at + 2)).filter(|_| quarter)
        {
            return Some((from, at + 1, Meaning::QuarterEnded(*month), None));
        }
        if let Some((years, to)) = self.year_steps(at + 1) {
            let meaning = if quarter { Meaning::NewestQuarter(years) } else { Meaning::YearAgo };
            return Some((from, to, meaning, None)).filter(|_| quarter || years == -1);
        }
        let of = usize::from(self.says(at + 1, &["of", "in"]));
        if let Some(year) = self.four_digits(at + 1 + of).filter(|_| of == 1) {
            return Some((from, at + 3, Meaning::PeriodOfYear(year), None));
        }
        let latest = self.says(before, &["latest"]);
        match (quarter, latest) {
            (true, true) => Some((from, at + 1, Meaning::NewestQuarter(0), None)),
            (false, true) => Some((from, at + 1, Meaning::SameQuarter(0), None)),
            (true, false) => Some((from, at + 1, Meaning::SameQuarter(0), None)),
            (false, false) => None,
        }
    }

    /// `that year`, `the same month`, `the year before`, `the day before yesterday`
    fn pointed(&self, at: usize, unit: Unit) -> Option<Found> {
        let before = at.checked_sub(1)?;
        if self.says(before, &["that"]) || self.says(before, &["same"]) {
            // "the same day" and "that week" are the ones spoken of; "said that year after year" is not.
            let clause = self.says(at + 1, &["after"]);
            return (!clause).then_some((before, at + 1, Meaning::Anaphor(0, unit), None));
        }
        if !self.says(before, &["the"]) {
            return None;
        }
        let (ahead, behind) = (self.says(at + 1, &["after"]), self.says(at + 1, &["before"]));
        if unit == Unit::Day && behind && self.says(at + 2, &["yesterday"]) {
            return Some((before, at + 3, Meaning::Days(-2), None));
        }
        if unit == Unit::Day && ahead && self.says(at + 2, &["tomorrow"]) {
            return Some((before, at + 3, Meaning::Days(2), None));
        }
        let ends = self.token(at + 2).is_none() || self.mark(at + 2, ".,;)”\"");
        let step = if ahead { 1 } else { -1 };
        ((ahead || behind) && ends).then_some((before, at + 2, Meaning::Anaphor(step, unit), None))
    }

    /// `the end of the year`, `later in the month`, `the full year`, `for the fiscal year`
    fn running(&self, at: usize, unit: Unit) -> Option<Found> {
        if unit == Unit::Day || unit == Unit::Quarter {
            return None;
        }
        let mut from = at.checked_sub(1)?;
        let fiscal = self.says(from, &["full", "fiscal", "financial", "calendar"]);
        if fiscal {
            from = from.checked_sub(1)?;
        }
        if !self.says(from, &["the"]) {
            return None;
        }
        let before = from.checked_sub(1)?;
        let edge = ["end", "beginning", "start", "middle", "rest", "remainder", "half", "months", "quarters"];
        let within = self.says(before, &["in"])
            && self.says(before.wrapping_sub(1), &["earlier", "later", "late", "early"]);
        let part = within || self.says(before, &["of"]) && self.says(before.wrapping_sub(1), &edge);
        let whole = unit == Unit::Year && (fiscal || self.says(before, &["for"]));
        (part || whole).then_some((from, at + 1, Meaning::Period(Direction::This, unit), None))
    }
}

fn steps(direction: Direction) -> i32 {
    match direction {
        Direction::Last | Direction::Ago => -1,
        Direction::This => 0,
        Direction::Next | Direction::Later => 1,
    }
}
