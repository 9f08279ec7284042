//! What the user knows of the files that they do not say: names of columns, the source, the year, the zone, when they
//! were fetched. Typed as flags, or written in `dateline.toml` beside the files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::json;
use crate::calendar::PartialDate;

/// Name of the file with settings.
pub const SETTINGS_FILE: &str = "dateline.toml";

/// Settings larger than this are not read.
const LARGEST: u64 = 1 << 20;

/// What the user knows, as typed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    /// Field and the column or key that holds it: `title` and `Headline`.
    pub map: BTreeMap<String, String>,
    /// Source of articles that name none.
    pub default_source: Option<String>,
    /// Year of stamps that state none.
    pub default_year: Option<i16>,
    /// Zone in which days are counted where a date is given in universal time: `America/New_York`, `+02:00`.
    pub timezone: Option<String>,
    /// When the files were fetched: what "5 hours ago" counts from.
    pub crawled: Option<toml::Value>,
}

impl Settings {
    /// Reads the settings of a directory, if it has any.
    ///
    /// # Errors
    /// If the file cannot be read or says something that we do not know; the text names the file.
    pub fn of_directory(dir: &Path) -> Result<Option<Settings>, String> {
        let path = dir.join(SETTINGS_FILE);
        let told = |why: String| format!("{}: {}", path.display(), why.trim_end());
        match fs::metadata(&path) {
            Ok(metadata) if !metadata.is_file() => return Ok(None),
            Ok(metadata) if metadata.len() > LARGEST => return Err(told("larger than 1 MB".into())),
            Ok(_) => {}
            Err(_) => return Ok(None),
        }
        let text = fs::read_to_string(&path).map_err(|e| told(super::describe(&e)))?;
        let settings: Settings = toml::from_str(&text).map_err(|e| told(e.to_string()))?;
        Hints::of(&settings).map_err(told)?;
        Ok(Some(settings))
    }

    /// Lays these settings over others, which go on where these say nothing.
    pub fn over(&self, under: &Settings) -> Settings {
        let mut map = under.map.clone();
        map.extend(self.map.clone());
        Settings {
            map,
            default_source: self.default_source.clone().or_else(|| under.default_source.clone()),
            default_year: self.default_year.or(under.default_year),
            timezone: self.timezone.clone().or_else(|| under.timezone.clone()),
            crawled: self.crawled.clone().or_else(|| under.crawled.clone()),
        }
    }

    /// A number that changes with the settings; 0 if there are none.
    pub(super) fn stamp(&self) -> u64 {
        if *self == Settings::default() {
            return 0;
        }
        let digest = blake3::hash(format!("{self:?}").as_bytes());
        let mut stamp = [0; 8];
        stamp.copy_from_slice(&digest.as_bytes()[..8]);
        u64::from_le_bytes(stamp)
    }
}

/// When something was fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crawled {
    /// By the clock of the place.
    pub at: DateTime,
    /// The hour is known.
    pub exact: bool,
}

/// What the user knows, ready for use.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Key by field of a record.
    pub(super) map: BTreeMap<&'static str, String>,
    pub(super) source: Option<String>,
    pub(super) year: Option<i16>,
    pub(super) zone: Option<TimeZone>,
    pub(super) crawled: Option<Crawled>,
}

impl Hints {
    /// Checks settings and makes them ready for use.
    ///
    /// # Errors
    /// If a field, a zone, a year or a date is none.
    pub fn of(settings: &Settings) -> Result<Hints, String> {
        let mut map = BTreeMap::new();
        for (field, key) in &settings.map {
            let known = json::field_called(field).ok_or_else(|| {
                format!(
                    "map: no field `{field}`: the fields of a record are {}",
                    json::field_names().join(", ")
                )
            })?;
            map.insert(known, key.clone());
        }
        let year = match settings.default_year {
            Some(year) if !(1700..2200).contains(&year) => {
                return Err(format!("default-year: {year} is no year of the press (1700 to 2199)"));
            }
            year => year,
        };
        let zone = settings.timezone.as_deref().map(zone).transpose()?;
        let text = settings.crawled.as_ref().map(|value| match value {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let crawled = match text {
            Some(text) => Some(crawled(&text, zone.as_ref()).ok_or_else(|| {
                format!("crawled: `{text}` is no date: write 2020-10-27, or 2020-10-27T14:05")
            })?),
            None => None,
        };
        Ok(Hints { map, source: settings.default_source.clone(), year, zone, crawled })
    }

    /// When an instant was, by the clock of the place.
    pub(super) fn crawled_at(&self, instant: &str) -> Option<Crawled> {
        crawled(instant, self.zone.as_ref())
    }

    /// The day of an instant that is given in universal time, where the user names a zone.
    pub(super) fn local_day(&self, text: &str) -> Option<PartialDate> {
        let zone = self.zone.as_ref()?;
        let text = text.trim();
        let universal = ["Z", "+00:00", "+0000", "-0000", "GMT", "UTC"].iter().any(|z| text.ends_with(z));
        if !universal || !text.contains(':') {
            return None;
        }
        let instant = instant(text)?;
        Some(PartialDate::from_date(instant.to_zoned(zone.clone()).date()))
    }

    /// The day of seconds since 1970 in the zone that the user names.
    pub(super) fn local_day_of_epoch(&self, seconds: i64) -> Option<PartialDate> {
        let zone = self.zone.as_ref()?;
        Some(PartialDate::from_date(Timestamp::from_second(seconds).ok()?.to_zoned(zone.clone()).date()))
    }
}

fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp()))
}

/// A name of the tz database or an offset such as `+02:00`.
fn zone(text: &str) -> Result<TimeZone, String> {
    let wrong = || format!("timezone: `{text}` is no zone: write America/New_York or +02:00");
    if text.starts_with(['+', '-']) {
        let offset = jiff::fmt::strtime::parse("%z", text.replace(':', "")).map_err(|_| wrong())?;
        return offset.offset().map(TimeZone::fixed).ok_or_else(wrong);
    }
    TimeZone::get(text).map_err(|_| wrong())
}

fn crawled(text: &str, zone: Option<&TimeZone>) -> Option<Crawled> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        let zone = zone.cloned().unwrap_or(TimeZone::UTC);
        return Some(Crawled { at: instant.to_zoned(zone).datetime(), exact: true });
    }
    if text.contains(['T', ' ']) {
        return text.parse().ok().map(|at| Crawled { at, exact: true });
    }
    let day: Date = text.parse().ok()?;
    Some(Crawled { at: day.at(12, 0, 0, 0), exact: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints(toml: &str) -> Result<Hints, String> {
        toml::from_str(toml).map_err(|e| e.to_string()).and_then(|s| Hints::of(&s))
    }

    #[test]
    fn settings_are_checked() {
        for (toml, part) in [
            ("timezone = 'Mars/Olympus'", "no zone"),
            ("crawled = 'yesterday'", "no date"),
            ("default-year = 20", "no year"),
            ("[map]\nnonsense = 'A'", "no field `nonsense`"),
            ("defualt-year = 2020", "unknown field"),
        ] {
            let error = hints(toml).err().unwrap_or_default();
            assert!(error.contains(part), "{toml}: {error}");
        }
        let read = hints("crawled = 2020-10-27\ntimezone = '-05:00'\nmap = { headline = 'A', body = 'B' }");
        let read = read.expect("settings");
        assert_eq!(read.map.get("title").map(String::as_str), Some("A"));
        assert!(read.crawled.is_some_and(|c| !c.exact));
    }

    #[test]
    fn days_in_universal_time_are_counted_in_the_zone() {
        let zone = |name: &str| hints(&format!("timezone = '{name}'")).expect("a zone");
        let day = |h: &Hints, text: &str| h.local_day(text).map(|d| d.to_string());
        let new_york = zone("America/New_York");
        assert_eq!(day(&new_york, "2020-02-25T02:25:54Z").as_deref(), Some("2020-02-24"));
        assert_eq!(day(&new_york, "Tue, 25 Feb 2020 02:25:54 GMT").as_deref(), Some("2020-02-24"));
        assert_eq!(day(&new_york, "2020-02-25T02:25:54+01:00"), None);
        assert_eq!(day(&new_york, "2020-02-25"), None);
        assert_eq!(day(&zone("+05:30"), "2020-02-24T20:00:00Z").as_deref(), Some("2020-02-25"));
        assert_eq!(day(&Hints::default(), "2020-02-25T02:25:54Z"), None);
    }
}
