//! The words of date expressions, read from `dates.toml`.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::SchemaError;
use crate::tokens::Vocabulary;

const FILE: &str = "dates.toml";

/// A unit of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
}

/// Which way from the day of publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// `last week`
    Last,
    /// `this week`
    This,
    /// `next week`
    Next,
    /// `two weeks ago`
    Ago,
    /// `two weeks later`
    Later,
}

/// What the words of dates mean, by word number.
#[derive(Debug, Default)]
pub struct DateWords {
    /// 1 to 12.
    pub months: FxHashMap<u32, i8>,
    /// Months that need support.
    pub ambiguous_months: Vec<u32>,
    /// What supports them.
    pub before_months: Vec<u32>,
    /// 0, Monday, to 6.
    pub weekdays: FxHashMap<u32, i8>,
    /// Weekdays that need a month or full stop behind them.
    pub short_weekdays: Vec<u32>,
    /// `Black` of "Black Monday".
    pub naming_weekdays: Vec<u32>,
    /// `Times` of "the Sunday Times".
    pub named_after_weekdays: Vec<u32>,
    /// Units, singular and plural.
    pub units: FxHashMap<u32, Unit>,
    /// Number words.
    pub numbers: FxHashMap<u32, i32>,
    /// `first` to `fourth`.
    pub ordinals: FxHashMap<u32, i8>,
    /// Days from publication.
    pub deictic: FxHashMap<u32, i32>,
    /// `last`, `next`, `ago`, ...
    pub directions: FxHashMap<u32, Direction>,
    /// Words before a year.
    pub before_years: Vec<u32>,
    /// Those that need a noun behind the year.
    pub weak_before_years: Vec<u32>,
    /// `eighth`: a day of a month.
    pub day_ordinals: FxHashMap<u32, i8>,
    /// `same`, `latest`, ...
    pub same: Vec<u32>,
    /// `nineties`, as the year divided by ten.
    pub decades: FxHashMap<u32, i16>,
    /// Days with a name, the longest names first.
    pub holidays: Vec<Holiday>,
    /// What a word may start, by word number: see [`DateWords::opens`].
    kinds: Vec<u32>,
}

/// A named day of the year.
#[derive(Debug)]
pub struct Holiday {
    /// Its words.
    pub words: Vec<u32>,
    /// When it falls.
    pub rule: HolidayRule,
    /// It is a date only behind a preposition or the like: "before Christmas".
    pub supported: bool,
}

/// When a named day falls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HolidayRule {
    /// Month and day.
    Fixed(i8, i8),
    /// Month, weekday from Monday, and which one in the month; -1 is the last.
    Nth(i8, i8, i8),
}

/// Kinds of word that an expression hangs on; a word may be of several.
#[allow(missing_docs)]
pub mod kind {
    pub const WEEKDAY: u32 = 1;
    pub const MONTH: u32 = 1 << 1;
    pub const DEICTIC: u32 = 1 << 2;
    pub const DIRECTION: u32 = 1 << 3;
    pub const ORDINAL: u32 = 1 << 4;
    pub const NUMBER: u32 = 1 << 5;
    pub const UNIT: u32 = 1 << 6;
    pub const PERIOD: u32 = 1 << 7;
    pub const DECADE: u32 = 1 << 8;
    pub const HOLIDAY: u32 = 1 << 9;
    /// Of any of the kinds above: an expression may hang on it.
    pub const ANY: u32 = (1 << 10) - 1;
    /// Tells of what is to come.
    pub const FUTURE: u32 = 1 << 10;
    /// Tells of what is past.
    pub const PAST: u32 = 1 << 11;
    /// In -ed, but tells no past.
    pub const NOT_PAST: u32 = 1 << 12;
    /// A noun that a number counts.
    pub const COUNTED: u32 = 1 << 13;
    /// Makes the number behind it no year.
    pub const NUMBERING: u32 = 1 << 14;
    /// Makes the number behind it, with a noun behind that, a count.
    pub const QUANTIFYING: u32 = 1 << 15;
    /// `morning`, `night`, ...
    pub const DAY_PART: u32 = 1 << 16;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    months: Vec<Vec<String>>,
    ambiguous_months: Vec<String>,
    before_months: Vec<String>,
    weekdays: Vec<Vec<String>>,
    short_weekdays: Vec<String>,
    naming_weekdays: Vec<String>,
    named_after_weekdays: Vec<String>,
    day_parts: Vec<String>,
    units: BTreeMap<String, Vec<String>>,
    numbers: BTreeMap<String, i32>,
    ordinals: BTreeMap<String, i8>,
    day_ordinals: Vec<String>,
    period_nouns: Vec<String>,
    same: Vec<String>,
    decades: BTreeMap<String, i16>,
    holidays: BTreeMap<String, HolidayLine>,
    deictic: BTreeMap<String, i32>,
    direction: BTreeMap<String, Vec<String>>,
    years: Years,
    tense: Tense,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Years {
    before: Vec<String>,
    weak: Vec<String>,
    not_before: Vec<String>,
    numbering: Vec<String>,
    quantifying: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayLine {
    day: Option<String>,
    nth: Option<[i8; 3]>,
    #[serde(default)]
    supported: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tense {
    future: Vec<String>,
    past: Vec<String>,
    not_past: Vec<String>,
}

impl DateWords {
    /// Tells whether a word is of one of these kinds; a look into a table, not a search.
    #[inline]
    pub fn opens(&self, word: u32, kinds: u32) -> bool {
        self.kinds.get(word as usize).is_some_and(|k| k & kinds != 0)
    }

    fn mark(&mut self, words: impl IntoIterator<Item = u32>, kind: u32) {
        for word in words {
            let at = word as usize;
            if self.kinds.len() <= at {
                self.kinds.resize(at + 1, 0);
            }
            self.kinds[at] |= kind;
        }
    }

    /// Notes for every word what it may start.
    fn mark_all(&mut self) {
        let keys = |map: &FxHashMap<u32, i8>| map.keys().copied().collect::<Vec<u32>>();
        let (weekdays, months, ordinals) = (keys(&self.weekdays), keys(&self.months), keys(&self.ordinals));
        self.mark(weekdays, kind::WEEKDAY);
        self.mark(months, kind::MONTH);
        self.mark(ordinals, kind::ORDINAL);
        self.mark(self.deictic.keys().copied().collect::<Vec<_>>(), kind::DEICTIC);
        self.mark(self.directions.keys().copied().collect::<Vec<_>>(), kind::DIRECTION);
        self.mark(self.numbers.keys().copied().collect::<Vec<_>>(), kind::NUMBER);
        self.mark(self.units.keys().copied().collect::<Vec<_>>(), kind::UNIT);
        self.mark(self.decades.keys().copied().collect::<Vec<_>>(), kind::DECADE);
        self.mark(self.holidays.iter().map(|h| h.words[0]).collect::<Vec<_>>(), kind::HOLIDAY);
    }

    pub(super) fn read(text: &str, words: &mut Vocabulary) -> Result<Self, SchemaError> {
        let file: File = toml::from_str(text).map_err(|e| SchemaError::new(FILE, e))?;
        check(&file)?;
        let mut list = |names: &[String]| -> Vec<u32> { names.iter().map(|n| words.intern(n)).collect() };
        let mut out = DateWords {
            ambiguous_months: list(&file.ambiguous_months),
            before_months: list(&file.before_months),
            short_weekdays: list(&file.short_weekdays),
            naming_weekdays: list(&file.naming_weekdays),
            named_after_weekdays: list(&file.named_after_weekdays),
            before_years: list(&file.years.before),
            weak_before_years: list(&file.years.weak),
            same: list(&file.same),
            ..DateWords::default()
        };
        for (i, names) in file.months.iter().enumerate() {
            out.months.extend(list(names).into_iter().map(|w| (w, i as i8 + 1)));
        }
        for (i, names) in file.weekdays.iter().enumerate() {
            out.weekdays.extend(list(names).into_iter().map(|w| (w, i as i8)));
        }
        let tense = [
            (&file.period_nouns, kind::PERIOD),
            (&file.tense.future, kind::FUTURE),
            (&file.tense.past, kind::PAST),
            (&file.tense.not_past, kind::NOT_PAST),
            (&file.years.not_before, kind::COUNTED),
            (&file.years.numbering, kind::NUMBERING),
            (&file.years.quantifying, kind::QUANTIFYING),
            (&file.day_parts, kind::DAY_PART),
        ];
        for (names, kind) in tense {
            out.mark(list(names), kind);
        }
        out.day_ordinals = list(&file.day_ordinals).into_iter().zip(1..).collect();
        for (name, names) in &file.units {
            let unit = named(name)?;
            out.units.extend(list(names).into_iter().map(|w| (w, unit)));
        }
        for (name, names) in &file.direction {
            let direction = named(name)?;
            out.directions.extend(list(names).into_iter().map(|w| (w, direction)));
        }
        out.numbers = file.numbers.iter().map(|(w, n)| (words.intern(w), *n)).collect();
        out.ordinals = file.ordinals.iter().map(|(w, n)| (words.intern(w), *n)).collect();
        out.deictic = file.deictic.iter().map(|(w, n)| (words.intern(w), *n)).collect();
        out.decades = file.decades.iter().map(|(w, n)| (words.intern(w), *n)).collect();
        out.holidays = holidays(&file.holidays, words)?;
        out.mark_all();
        Ok(out)
    }
}

/// Checks what the calendar could not be reckoned with.
fn check(file: &File) -> Result<(), SchemaError> {
    let wrong = |why: &str| Err(SchemaError::new(FILE, why));
    if file.months.len() != 12 || file.weekdays.len() != 7 {
        return wrong("`months` has twelve lists, `weekdays` seven: write all of them");
    }
    let far = |number: &&i32| !(-10_000..=10_000).contains(*number);
    let days = file.deictic.values().find(far).or_else(|| file.numbers.values().find(far));
    if let Some(number) = days {
        return wrong(&format!("{number} is out of reach: numbers go to 10,000"));
    }
    if file.decades.values().any(|d| !(100..=300).contains(d)) {
        return wrong("`decades` are years divided by ten, from 100 to 300");
    }
    Ok(())
}

impl HolidayRule {
    /// Tells whether there is such a day in some year.
    fn exists(self) -> bool {
        match self {
            HolidayRule::Fixed(month, day) => (1..=12).contains(&month) && (1..=31).contains(&day),
            HolidayRule::Nth(month, weekday, nth) => {
                (1..=12).contains(&month) && (0..7).contains(&weekday) && (-1..=5).contains(&nth) && nth != 0
            }
        }
    }
}

/// Reads the named days, the longest names first, so that "Christmas Eve" is tried before "Christmas".
fn holidays(
    lines: &BTreeMap<String, HolidayLine>,
    words: &mut Vocabulary,
) -> Result<Vec<Holiday>, SchemaError> {
    let mut out = Vec::new();
    for (name, line) in lines {
        let fixed = line.day.as_deref().and_then(|d| d.split_once('-'));
        let rule = match (fixed, line.nth) {
            (Some((m, d)), None) => m.parse().ok().zip(d.parse().ok()).map(|(m, d)| HolidayRule::Fixed(m, d)),
            (None, Some([month, weekday, nth])) => Some(HolidayRule::Nth(month, weekday, nth)),
            _ => None,
        };
        let rule = rule.filter(|rule| rule.exists() && !name.trim().is_empty()).ok_or_else(|| {
            let why = "write `day = \"12-25\"` or `nth = [month, weekday from 0, which one]`";
            SchemaError::new(FILE, format!("holiday `{name}` has no one day: {why}"))
        })?;
        // The tokenizer makes the possessive a token of its own.
        let split = name.replace("'s", " 's");
        let words = split.split_whitespace().map(|w| words.intern(w)).collect();
        out.push(Holiday { words, rule, supported: line.supported });
    }
    out.sort_by_key(|h| std::cmp::Reverse(h.words.len()));
    Ok(out)
}

fn named<T: serde::de::DeserializeOwned>(name: &str) -> Result<T, SchemaError> {
    T::deserialize(toml::Value::String(name.to_string())).map_err(|e| SchemaError::new(FILE, e))
}
