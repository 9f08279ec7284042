//! Fields: names of actors, exact values, dates.

use serde_json::Value as Json;
use serde_json::json;

use super::Part;
use super::Translator;
use super::dsl;
use super::dsl::all_of;
use super::dsl::silent;
use super::patterns::engine_pattern;
use crate::annotation::RoleState;
use crate::calendar::PartialDate;
use crate::calendar::from_day_number;
use crate::cluster::document::signed_tie;
use crate::cluster::mapping::facet_name;
use crate::index::ANY;
use crate::query::Aim;
use crate::query::DateRange;
use crate::query::Known;
use crate::query::Pattern;
use crate::query::QueryError;
use crate::query::RoleFilter;
use crate::query::Value;
use crate::query::kind_of;
use crate::query::listed;
use crate::query::matcher;
use crate::query::parse_dates;
use crate::query::quoted;
use crate::query::resolve;
use crate::query::shown;
use crate::schema::FieldKind;
use crate::tokens::fold;

impl Translator<'_> {
    pub(super) fn field(&mut self, name: &str, value: &Value, at: usize) -> Result<Part, QueryError> {
        if let Value::Among(list) = value {
            return self.among(name, list, at);
        }
        let kind = self.kind(name, at)?;
        let canonical = self.schema.fields.find(name).map_or(name, |f| f.name.as_str()).to_string();
        match kind {
            FieldKind::Text => self.text_field(&canonical, value, at),
            FieldKind::Date => self.date_field(&canonical, value, at),
            _ => match value {
                // Every article has these.
                Value::Any if matches!(canonical.as_str(), "path" | "id" | "story") => {
                    Ok(Part::new(silent(json!({ "match_all": {} })), format!("{canonical}:*")))
                }
                Value::Any => {
                    self.note_role(&canonical, Vec::new(), true);
                    let field = if canonical == "url" { "url_folded".into() } else { facet_name(&canonical) };
                    Ok(Part::new(dsl::has(&field), format!("{canonical}:*")))
                }
                Value::Pattern(pattern) => self.fitting(&canonical, pattern, at),
                Value::Text { text, .. } if text.trim().is_empty() => Err(QueryError::at(
                    self.text,
                    at,
                    format!("`{name}:` has no value: write {name}:* for any"),
                )),
                Value::Text { text, .. } => self.value(&canonical, kind, text),
                Value::Among(_) => Ok(Part::new(dsl::none(), "")),
            },
        }
    }

    fn text_field(&mut self, name: &str, value: &Value, at: usize) -> Result<Part, QueryError> {
        match value {
            Value::Text { text, quoted: true, slop } => Ok(self.phrase(text, Some(name), *slop)),
            Value::Text { text, .. } => {
                // Words without quotes between the parentheses of a text field all hold, as outside of it.
                let mut parts: Vec<Part> =
                    text.split_whitespace().map(|w| self.word(w, Some(name))).collect();
                if parts.len() == 1 {
                    return Ok(parts.remove(0));
                }
                let read = parts.iter().map(|p| p.read.clone()).collect::<Vec<_>>().join(" AND ");
                Ok(Part::new(all_of(parts.into_iter().map(|p| p.query).collect()), format!("({read})")))
            }
            Value::Pattern(pattern) => self.pattern(pattern, Some(name), at),
            _ => Err(QueryError::at(self.text, at, format!("`{name}:*` is asked of facets, not of words"))),
        }
    }

    fn date_field(&mut self, name: &str, value: &Value, at: usize) -> Result<Part, QueryError> {
        match (name, value) {
            ("published", Value::Any) => {
                self.notes.undated = true;
                Ok(Part::new(dsl::facet_among("published", &[ANY.into()]), "published:*"))
            }
            (_, Value::Any) => self.mentioned(&|_| true, "*"),
            ("published", Value::Text { text, .. }) => self.published(text, at),
            (_, Value::Text { text, .. }) => {
                let range = parse_dates(text, self.today).map_err(|e| QueryError::at(self.text, at, e))?;
                self.mentioned(&|date| range.meets(date), text)
            }
            _ => {
                let message = format!("`{name}` takes dates: 2020, 2020-10, 2020-10-01..2020-10-31");
                Err(QueryError::at(self.text, at, message))
            }
        }
    }

    /// Several values of one field; evidence is shown for all of them.
    fn among(&mut self, name: &str, list: &[Value], at: usize) -> Result<Part, QueryError> {
        let first = self.notes.roles.len();
        let parts: Vec<Part> = list.iter().map(|v| self.field(name, v, at)).collect::<Result<_, _>>()?;
        if self.notes.roles.len() > first + 1 {
            let values = self.notes.roles.drain(first..).flat_map(|r| r.values).collect();
            self.notes.roles.push(RoleFilter { field: name.to_string(), values, loose: true });
        }
        let read = parts.iter().map(|p| p.read.clone()).collect::<Vec<_>>().join(" OR ");
        Ok(Part::new(dsl::any_of(parts.into_iter().map(|p| p.query)), format!("({read})")))
    }

    fn kind(&self, name: &str, at: usize) -> Result<FieldKind, QueryError> {
        kind_of(self.schema, self.text, name, at)
    }

    fn value(&mut self, field: &str, kind: FieldKind, text: &str) -> Result<Part, QueryError> {
        match field {
            "id" => return Ok(Part::new(silent(dsl::term("id", text)), format!("id:{text}"))),
            "story" => return Ok(self.story(text)),
            // Asked by a part of the value.
            "path" | "url" => {
                let query = dsl::holding(&format!("{field}_folded"), &fold(text));
                return Ok(Part::new(query, format!("{field}:{text}")));
            }
            _ => {}
        }
        let resolved = resolve(self.cluster, self.schema, field, kind, text)?;
        self.notes.warnings.extend(resolved.note);
        let asked = self.notes.roles.len();
        if resolved.values.is_empty() {
            self.notes.unknown = true;
            self.note_role(field, vec![text.to_string()], false);
            // Another status of it may still be there.
            if self.aims_at(asked, field) {
                return self.other_status(field, text);
            }
            return Ok(Part::new(dsl::none(), format!("{field}:{}", quoted(text))));
        }
        if let [one, others @ ..] = &resolved.values[..]
            && !others.is_empty()
        {
            self.notes.used.push(format!("{one} is also spelled {}", others.join(", ")));
        }
        self.note_role(field, resolved.values.clone(), false);
        if self.aims_at(asked, field) {
            return self.other_status(field, &resolved.values[0]);
        }
        let read = format!("{field}:{}", quoted(&resolved.values[0]));
        Ok(Part::new(dsl::facet_among(field, &resolved.values), read))
    }

    /// Tells whether the role filter of that number is the one whose other statuses are asked for.
    fn aims_at(&self, number: usize, field: &str) -> bool {
        self.aim == Aim::OtherStatus(number) && !field.contains('.')
    }

    /// Values that fit a pattern.
    fn fitting(&mut self, field: &str, pattern: &Pattern, at: usize) -> Result<Part, QueryError> {
        if matches!(field, "id" | "story") {
            return Err(QueryError::at(self.text, at, format!("`{field}` takes a whole id")));
        }
        let fits = matcher(pattern).map_err(|e| e.placed(self.text, at))?;
        let read = format!("{field}:{}", shown(pattern));
        if matches!(field, "path" | "url") {
            let query = engine_pattern(&format!("{field}_folded"), pattern, false);
            return Ok(Part::new(silent(query.map_err(|e| e.placed(self.text, at))?), read));
        }
        let all = self.cluster.values(field)?;
        let found: Vec<String> = all.into_keys().filter(|value| fits(value)).collect();
        self.notes.used.push(listed(&read, found.iter()));
        self.note_role(field, found.clone(), true);
        Ok(Part::new(dsl::facet_among(field, &found), read))
    }

    /// An article by the id of its story: each is one of its own.
    fn story(&mut self, text: &str) -> Part {
        let read = format!("story:{text}");
        let Ok(tie) = u64::from_str_radix(text, 16) else {
            self.notes.warnings.push(format!("no story `{text}`: take the id that a hit shows"));
            return Part::new(dsl::none(), read);
        };
        Part::new(silent(json!({ "term": { "tie": signed_tie(tie) } })), read)
    }

    /// Articles with the role under any status but the plain one.
    fn other_status(&mut self, role: &str, text: &str) -> Result<Part, QueryError> {
        let any = RoleState::Any.field(role);
        let resolved = resolve(self.cluster, self.schema, &any, FieldKind::Actor, text)?;
        if resolved.values.is_empty() {
            return Ok(Part::new(dsl::none(), ""));
        }
        let plainly = dsl::except(dsl::facet_among(role, &resolved.values));
        Ok(Part::new(all_of(vec![dsl::facet_among(&any, &resolved.values), plainly]), ""))
    }

    fn note_role(&mut self, field: &str, values: Vec<String>, loose: bool) {
        let role = field.split('.').next().unwrap_or(field);
        if self.schema.role(role).is_some() {
            let loose = loose || self.alternative;
            self.notes.roles.push(RoleFilter { field: field.to_string(), values, loose });
        }
    }

    pub(super) fn published(&mut self, text: &str, at: usize) -> Result<Part, QueryError> {
        if text.eq_ignore_ascii_case("none") {
            self.notes.undated = true;
            return Ok(Part::new(undated(), "undated"));
        }
        let range = parse_dates(text, self.today).map_err(|e| QueryError::at(self.text, at, e))?;
        if range.first.is_none() && range.last.is_none() {
            let message = "articles are published in a year: use mentioned: for days of any year";
            return Err(QueryError::at(self.text, at, message));
        }
        Ok(self.within(range))
    }

    /// Articles whose period of publication overlaps a range.
    pub fn within(&mut self, range: DateRange) -> Part {
        self.notes.dated = true;
        let day = |d: Option<i32>| d.and_then(from_day_number).map_or(String::new(), |d| d.to_string());
        let read = format!("published:{}..{}", day(range.first), day(range.last));
        if self.aim == Aim::UndatedRest {
            return Part::new(undated(), read);
        }
        let mut parts = Vec::new();
        if let Some(first) = range.first {
            parts.push(json!({ "range": { "published_max": { "gte": first } } }));
        }
        if let Some(last) = range.last {
            parts.push(json!({ "range": { "published_min": { "lte": last } } }));
        }
        Part::new(silent(json!({ "bool": { "filter": parts } })), read)
    }

    /// Articles with a date in the text that passes; the dates of an index are few enough to look at each.
    fn mentioned(&self, passes: &dyn Fn(PartialDate) -> bool, read: &str) -> Result<Part, QueryError> {
        let values = self.cluster.values("mentioned")?;
        let passing: Vec<String> = values.into_keys().filter(|v| v.parse().is_ok_and(passes)).collect();
        Ok(Part::new(dsl::facet_among("mentioned", &passing), format!("mentioned:{read}")))
    }
}

fn undated() -> Json {
    dsl::facet_among("published", &["none".into()])
}
