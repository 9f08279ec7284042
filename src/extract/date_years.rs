//! Years and decades: which numbers are years, and years in words.

use super::dates::Cursor;
use super::dates::Found;
use super::dates::Meaning;
use crate::calendar::PartialDate;
use crate::schema::Unit;
use crate::schema::date_kind as kind;
use crate::tokens::CAPITAL;
use crate::tokens::GLUED;
use crate::tokens::MARK;
use crate::tokens::NUMBER;

/// Newswire writes counts with a comma ("1,990"), so a bare number in this range is a year unless it counts.
const USUAL: std::ops::Range<i16> = 1900..2050;

impl Cursor<'_, '_> {
    /// `2020` or `nineteen ninety-six`, with where it ends.
    pub(super) fn any_year(&self, at: usize) -> Option<(i16, usize)> {
        self.four_digits(at).map(|year| (year, at + 1)).or_else(|| self.year_in_words(at))
    }

    /// `last year`, `of this year`, `a year ago`: years from publication, with where it ends.
    pub(super) fn year_steps(&self, at: usize) -> Option<(i32, usize)> {
        let at = at + usize::from(self.says(at, &["of"]));
        let year = |i: usize| self.says(i, &["year"]);
        if year(at + 1) {
            if self.says(at, &["a", "one"]) && self.says(at + 2, &["ago", "earlier"]) {
                return Some((-1, at + 3));
            }
            let steps = if self.says(at, &["last"]) {
                -1
            } else if self.says(at, &["next"]) {
                1
            } else if self.says(at, &["this"]) {
                0
            } else {
                return None;
            };
            return Some((steps, at + 2));
        }
        None
    }

    /// `1990s`, `the 90s`
    pub(super) fn decade(&self, at: usize) -> Option<Found> {
        let digits = self.text(at).strip_suffix('s')?;
        let plain = digits.bytes().all(|b| b.is_ascii_digit()) && digits.ends_with('0');
        let number: i16 = if plain { digits.parse().ok()? } else { return None };
        let decade = match digits.len() {
            4 => number / 10,
            // "in his 30s" is an age.
            2 if number >= 20 && self.names_decade(at) => 190 + number / 10,
            _ => return None,
        };
        Some((at, at + 1, Meaning::Absolute(PartialDate::Decade(decade)), None))
    }

    fn names_decade(&self, at: usize) -> bool {
        let before = at.wrapping_sub(1);
        let part = self.says(before, &["early", "mid", "late", "-"]);
        self.says(before, &["the"])
            || self.mark(before, "'’‘") && self.has(at, GLUED)
            || part && self.says(at.wrapping_sub(2), &["the", "mid"])
    }

    /// `the nineties`
    pub(super) fn spelled_decade(&self, at: usize) -> Option<Found> {
        let decade = *self.words.decades.get(&self.word(at))?;
        let before = at.wrapping_sub(1);
        let said = self.says(before, &["the", "early", "late", "mid", "-", "nineteen"]);
        said.then_some((at, at + 1, Meaning::Absolute(PartialDate::Decade(decade)), None))
    }

    /// `in 2020`, `the 1997 treaty`, `(2020)`, `the 1988 third quarter`
    pub(super) fn year(&self, at: usize) -> Option<Found> {
        let year = self.four_digits(at)?;
        let fits = match year {
            1900..2000 => self.may_be_year(at),
            2000..2050 => self.may_be_year(at) && (self.supported_year(at) || !self.may_count(at)),
            1800..1900 => self.may_be_year(at) && self.supported_year(at),
            1500..1800 => self.says(at.wrapping_sub(1), &["in", "since", "until"]) && self.may_be_year(at),
            _ => false,
        };
        if !fits {
            return None;
        }
        if let Some((quarter, to)) = self.ordinal_quarter(at + 1) {
            return Some((at, to, Meaning::Absolute(PartialDate::Quarter(year, quarter)), None));
        }
        if self.says(at + 1, &["quarter", "period"]) && self.says(at.wrapping_sub(1), &["the"]) {
            return Some((at, at + 2, Meaning::PeriodOfYear(year), None));
        }
        Some((at, at + 1, Meaning::Absolute(PartialDate::Year(year)), None))
    }

    /// Nothing around the number makes it a sum, a count, a time or a part of a longer number.
    fn may_be_year(&self, at: usize) -> bool {
        if self.is(at + 1, kind::COUNTED) {
            return false;
        }
        let joined = |i: usize| self.has(i, GLUED) && self.has(i, MARK);
        let number = |i: usize| self.has(i, GLUED) && self.has(i, NUMBER);
        if joined(at + 1) {
            let dash = self.mark(at + 1, "-–/");
            let short = self.text(at + 2).len();
            let range = dash && number(at + 2) && (short == 2 || short == 4);
            if self.mark(at + 1, "%")
                || self.mark(at + 1, ":") && number(at + 2)
                || dash && number(at + 2) && !range
            {
                return false;
            }
        }
        let before = at.wrapping_sub(1);
        if self.has(at, GLUED) && joined(before) && self.has(before.wrapping_sub(1), NUMBER) {
            return self.mark(before, "-–/") && self.four_digits(before.wrapping_sub(1)).is_some();
        }
        let part = self.has(at, GLUED) && self.mark(before, "/.:@&_=");
        let numbered = self.is(before, kind::NUMBERING) || self.mark(before, "$£€¥#+");
        let counted = self.is(before, kind::QUANTIFYING) && self.common_noun(at + 1);
        !part && !numbered && !counted
    }

    /// A preposition or determiner that goes with years.
    fn supported_year(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1).filter(|i| *i >= self.sentence.from) else { return false };
        let word = self.word(before);
        let weak = self.words.weak_before_years.contains(&word);
        let plural = self.common_noun(at + 1) && self.text(at + 1).ends_with('s');
        let article = self.says(before, &["the", "a", "its", "his", "their", "that", "this"]);
        let strong = self.words.before_years.contains(&word) && !weak && !plural;
        strong
            || weak && (!plural || article)
            || self.mark(before, "(-–")
            || self.is(before, kind::MONTH)
            || self.reading.is_possessive(at + 1)
    }

    /// "2000 rebels", "Windows 2000": a round or recent number that counts or names.
    fn may_count(&self, at: usize) -> bool {
        let before = at.wrapping_sub(1);
        let named = before >= self.sentence.from && self.has(before, CAPITAL);
        named || self.common_noun(at + 1)
    }

    fn common_noun(&self, at: usize) -> bool {
        self.token(at).is_some_and(|t| !t.has(CAPITAL | MARK | NUMBER))
    }

    /// `'89`
    pub(super) fn short_apostrophe_year(&self, at: usize) -> Option<Found> {
        let before = at.checked_sub(1)?;
        let text = self.text(at);
        let two = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        let marked = two && self.mark(before, "'’‘") && self.has(at, GLUED);
        // 5'11 is a height.
        if !marked || self.has(before, GLUED) && self.has(before.wrapping_sub(1), NUMBER) {
            return None;
        }
        let short: i16 = text.parse().ok()?;
        let year = if short < 50 { 2000 + short } else { 1900 + short };
        let alone =
            !self.has(at + 1, CAPITAL) && !self.is(at + 1, kind::UNIT) && !self.is(at + 1, kind::COUNTED);
        alone.then_some((before, at + 1, Meaning::Absolute(PartialDate::Year(year)), None))
    }

    pub(super) fn spelled_year(&self, at: usize) -> Option<Found> {
        let (year, to) = self.year_in_words(at)?;
        Some((at, to, Meaning::Absolute(PartialDate::Year(year)), None))
    }

    /// `nineteen ninety-six`, `the year two thousand`: broadcast transcripts write years out.
    fn year_in_words(&self, at: usize) -> Option<(i16, usize)> {
        let number = |i: usize| self.words.numbers.get(&self.word(i)).copied();
        if self.says(at, &["two"]) && self.says(at + 1, &["thousand"]) {
            let year = self.says(at.wrapping_sub(1), &["year", "in", "since", "until", "by"]);
            let alone =
                self.token(at + 2).is_none_or(|t| t.has(MARK)) || self.says(at.wrapping_sub(1), &["year"]);
            return (year && alone).then_some((2000, at + 2));
        }
        if !self.says(at, &["nineteen"]) {
            return None;
        }
        let tens = number(at + 1).filter(|n| (10..100).contains(n) && !self.is(at + 1, kind::UNIT))?;
        let ones_at = at + 2 + usize::from(self.mark(at + 2, "-"));
        let ones = number(ones_at).filter(|n| (1..10).contains(n) && tens % 10 == 0 && tens >= 20);
        // "nineteen ninety a year" holds no year 1991.
        let ones = ones.filter(|_| !self.says(ones_at, &["a", "an"]));
        let (last, to) = ones.map_or((0, at + 2), |n| (n, ones_at + 1));
        let year = i16::try_from(1900 + tens + last).ok()?;
        USUAL.contains(&year).then_some((year, to))
    }

    /// The `eighth` of "March eighth", the `twenty-first` of "May twenty-first", with where it ends.
    pub(super) fn spelled_day(&self, at: usize) -> Option<(i8, usize)> {
        let ordinal = |i: usize| self.words.day_ordinals.get(&self.word(i)).copied();
        let tens = if self.says(at, &["twenty"]) {
            20
        } else if self.says(at, &["thirty"]) {
            30
        } else {
            // "in March first came ..." is no day.
            let ends = self.token(at + 1).is_none_or(|t| t.has(MARK));
            return ordinal(at).filter(|d| *d > 3 || ends).map(|d| (d, at + 1));
        };
        let ones_at = at + 1 + usize::from(self.mark(at + 1, "-"));
        let day = tens + ordinal(ones_at).filter(|d| *d < 10)?;
        (day <= 31).then_some((day, ones_at + 1))
    }

    /// The unit that a word names in the singular.
    pub(super) fn one_unit(&self, at: usize) -> Option<Unit> {
        let unit = self.words.units.get(&self.word(at)).copied()?;
        (!self.text(at).ends_with(['s', 'S'])).then_some(unit)
    }
}
