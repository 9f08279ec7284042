//! Days with a name: Christmas Eve, Labor Day.

use jiff::civil::Date;
use jiff::civil::Weekday;

use super::dates::Cursor;
use super::dates::Found;
use super::dates::Meaning;
use crate::schema::HolidayRule;
use crate::tokens::CAPITAL;

impl Cursor<'_, '_> {
    pub(super) fn holiday(&self, at: usize) -> Option<Found> {
        if !self.has(at, CAPITAL) {
            return None;
        }
        let fits = |words: &[u32]| words.iter().enumerate().all(|(i, w)| self.word(at + i) == *w);
        let holiday = self.words.holidays.iter().find(|h| fits(&h.words))?;
        let to = at + holiday.words.len();
        let before = at.wrapping_sub(1);
        let support = ["before", "after", "by", "until", "since", "on", "at", "last", "this", "next", "over"];
        // "the Christmas season" and "Christmas trees" are no days.
        if holiday.supported && (!self.says(before, &support) || self.reading.is_possessive(to)) {
            return None;
        }
        if self.has(to, CAPITAL) && !self.says(to, &["day"]) && !self.sentence.shouted {
            return None;
        }
        let day = usize::from(self.says(to, &["day"]));
        Some((at, to + day, Meaning::Holiday(holiday.rule), None))
    }
}

/// The day in a year on which a holiday falls.
pub(super) fn falls_on(rule: HolidayRule, year: i16) -> Option<Date> {
    match rule {
        HolidayRule::Fixed(month, day) => Date::new(year, month, day).ok(),
        HolidayRule::Nth(month, weekday, nth) => {
            let weekday = Weekday::from_monday_zero_offset(weekday).ok()?;
            Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday).ok()
        }
    }
}
