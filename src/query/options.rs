//! Options of a request as they are typed, in flags and in addresses alike: filters, facets, periods, today.

use jiff::civil::Date;

use super::QueryError;
use super::gather::Period;
use super::request::Filter;
use super::request::Sort;
use crate::calendar::from_day_number;
use crate::schema::Schema;

/// Values of a facet that are listed unless a number is given.
const FACET_VALUES: usize = 8;

/// Most values of a facet that can be asked for.
const MOST_VALUES: usize = 65_000;

impl Filter {
    /// Reads `FIELD=VALUE` or `FIELD!=VALUE`.
    ///
    /// # Errors
    /// If it is neither.
    pub fn read(text: &str) -> Result<Filter, QueryError> {
        let wrong = || QueryError::Usage(format!("filter {text}: write FIELD=VALUE or FIELD!=VALUE"));
        let (field, value) = text.split_once(['=', ':']).ok_or_else(wrong)?;
        let exclude = field.ends_with('!');
        let field = field.trim_end_matches('!').trim();
        if field.is_empty() || value.trim().is_empty() {
            return Err(wrong());
        }
        Ok(Filter { field: field.to_lowercase(), value: value.trim().to_string(), exclude })
    }
}

impl Sort {
    /// The orders by name.
    pub const NAMES: [&str; 3] = ["relevance", "newest", "oldest"];

    /// Finds an order by its name.
    pub fn named(name: &str) -> Option<Sort> {
        match name {
            "relevance" => Some(Sort::Relevance),
            "newest" => Some(Sort::Newest),
            "oldest" => Some(Sort::Oldest),
            _ => None,
        }
    }
}

impl Period {
    /// The periods by name.
    pub const NAMES: [&str; 4] = ["day", "week", "month", "year"];

    /// Finds a period by its name.
    pub fn named(name: &str) -> Option<Period> {
        [Period::Day, Period::Week, Period::Month, Period::Year].into_iter().find(|p| p.name() == name)
    }
}

/// Reads `30d`, `6w`, `12m`, `2y` as days.
///
/// # Errors
/// If it is no such period.
pub fn half_life(text: &str) -> Result<f64, QueryError> {
    let wrong = || QueryError::Usage(format!("recency {text}: write a number and d, w, m or y, such as 30d"));
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: f64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    let days = match unit {
        'd' => 1.0,
        'w' => 7.0,
        'm' => 30.4,
        'y' => 365.2,
        _ => return Err(wrong()),
    };
    Some(number * days).filter(|days| *days > 0.0 && days.is_finite()).ok_or_else(wrong)
}

/// Reads `broker:50,actor` as facets and how many values of each; `none` is none, nothing is the usual ones.
///
/// # Errors
/// If a number is none, or too high.
pub fn facet_list(list: Option<&str>, schema: &Schema) -> Result<Vec<(String, usize)>, QueryError> {
    let Some(list) = list else {
        return Ok(schema.fields.default_facets.iter().map(|f| (f.clone(), FACET_VALUES)).collect());
    };
    if list == "none" {
        return Ok(Vec::new());
    }
    let one = |item: &str| match item.split_once(':') {
        Some((field, number)) => match number.parse::<usize>() {
            Ok(number) if number <= MOST_VALUES => Ok((field.to_string(), number)),
            _ => Err(QueryError::Usage(format!("facets {item}: write FIELD:N with N up to {MOST_VALUES}"))),
        },
        None => Ok((item.to_string(), FACET_VALUES)),
    };
    list.split(',').map(str::trim).filter(|i| !i.is_empty()).map(one).collect()
}

/// The day by the system's clock, in UTC: what "last 7 days" counts from.
pub fn today() -> Date {
    let seconds =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    from_day_number((seconds / 86_400) as i32).unwrap_or(Date::constant(1970, 1, 1))
}
