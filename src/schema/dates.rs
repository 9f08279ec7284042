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
    /// `morning`, `night`, ...
    pub day_parts: Vec<u32>,
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
    /// Nouns that a number counts.
    pub counted: Vec<u32>,
    /// Words of the future.
    pub future: Vec<u32>,
    /// Words of the past.
    pub past: Vec<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    months: Vec<Vec<String>>,
    ambiguous_months: Vec<String>,
    before_months: Vec<String>,
    weekdays: Vec<Vec<String>>,
    short_weekdays: Vec<String>,
    day_parts: Vec<String>,
    units: BTreeMap<String, Vec<String>>,
    numbers: BTreeMap<String, i32>,
    ordinals: BTreeMap<String, i8>,
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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tense {
    future: Vec<String>,
    past: Vec<String>,
}

impl DateWords {
    pub(super) fn read(text: &str, words: &mut Vocabulary) -> Result<Self, SchemaError> {
        let file: File = toml::from_str(text).map_err(|e| SchemaError::new(FILE, e))?;
        let mut list = |names: &[String]| -> Vec<u32> { names.iter().map(|n| words.intern(n)).collect() };
        let mut out = DateWords {
            ambiguous_months: list(&file.ambiguous_months),
            before_months: list(&file.before_months),
            short_weekdays: list(&file.short_weekdays),
            day_parts: list(&file.day_parts),
            before_years: list(&file.years.before),
            weak_before_years: list(&file.years.weak),
            counted: list(&file.years.not_before),
            future: list(&file.tense.future),
            past: list(&file.tense.past),
            ..DateWords::default()
        };
        for (i, names) in file.months.iter().enumerate() {
            out.months.extend(list(names).into_iter().map(|w| (w, i as i8 + 1)));
        }
        for (i, names) in file.weekdays.iter().enumerate() {
            out.weekdays.extend(list(names).into_iter().map(|w| (w, i as i8)));
        }
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
        Ok(out)
    }
}

fn named<T: serde::de::DeserializeOwned>(name: &str) -> Result<T, SchemaError> {
    T::deserialize(toml::Value::String(name.to_string())).map_err(|e| SchemaError::new(FILE, e))
}
