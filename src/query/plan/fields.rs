//! Fields: names of actors, exact values, dates.

use tantivy::Term;
use tantivy::query::AllQuery;
use tantivy::query::BooleanQuery;
use tantivy::query::EmptyQuery;
use tantivy::query::Query;
use tantivy::query::RangeQuery;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;

use super::Aim;
use super::Part;
use super::Planner;
use super::RoleFilter;
use super::quoted;
use super::silent;
use super::words::TextField;
use super::words::listed;
use crate::annotation::RoleState;
use crate::calendar::PartialDate;
use crate::calendar::from_day_number;
use crate::index::ANY;
use crate::query::QueryError;
use crate::query::ast::Pattern;
use crate::query::ast::Value;
use crate::query::dates::DateRange;
use crate::query::dates::parse_dates;
use crate::query::docs::Except;
use crate::query::docs::any_term;
use crate::query::kinds::kind_of;
use crate::query::patterns;
use crate::query::values;
use crate::schema::FieldKind;

impl Planner<'_> {
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
                    Ok(Part { query: silent(AllQuery), read: format!("{canonical}:*") })
                }
                Value::Any => {
                    self.note_role(&canonical, Vec::new(), true);
                    Ok(self.facet(&canonical, ANY, &format!("{canonical}:*")))
                }
                Value::Pattern(pattern) => self.fitting(&canonical, pattern, at),
                Value::Text { text, .. } if text.trim().is_empty() => Err(QueryError::at(
                    self.text,
                    at,
                    format!("`{name}:` has no value: write {name}:* for any"),
                )),
                Value::Text { text, .. } => self.value(&canonical, kind, text),
                Value::Among(_) => Ok(Part::new(EmptyQuery, "")),
            },
        }
    }

    fn text_field(&mut self, name: &str, value: &Value, at: usize) -> Result<Part, QueryError> {
        let fields = self.index.fields;
        let field = match name {
            "title" => fields.title,
            "boilerplate" => fields.boilerplate,
            _ => fields.text,
        };
        let field: TextField = (field, name);
        match value {
            Value::Text { text, quoted: true, slop } => self.phrase(text, Some(field), *slop),
            Value::Text { text, .. } => {
                // Words without quotes between the parentheses of a text field all hold, as outside of it.
                let parts: Vec<Part> = text.split_whitespace().map(|w| self.word(w, Some(field))).collect();
                let read = parts.iter().map(|p| p.read.clone()).collect::<Vec<_>>().join(" AND ");
                let mut queries: Vec<Box<dyn Query>> = parts.into_iter().map(|p| p.query).collect();
                Ok(match queries.len() {
                    1 => Part { query: queries.remove(0), read },
                    _ => Part::new(BooleanQuery::intersection(queries), format!("({read})")),
                })
            }
            Value::Pattern(pattern) => self.pattern(pattern, Some(field), at),
            _ => Err(QueryError::at(self.text, at, format!("`{name}:*` is asked of facets, not of words"))),
        }
    }

    fn date_field(&mut self, name: &str, value: &Value, at: usize) -> Result<Part, QueryError> {
        match (name, value) {
            ("published", Value::Any) => {
                self.notes.undated = true;
                Ok(self.facet("published", ANY, "published:*"))
            }
            (_, Value::Any) => Ok(self.mentioned(&|_| true, "*")),
            ("published", Value::Text { text, .. }) => self.published(text, at),
            (_, Value::Text { text, .. }) => {
                let range = parse_dates(text, self.today).map_err(|e| QueryError::at(self.text, at, e))?;
                Ok(self.mentioned(&|date| range.meets(date), text))
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
        Ok(Part::new(BooleanQuery::union(parts.into_iter().map(|p| p.query).collect()), format!("({read})")))
    }

    fn kind(&self, name: &str, at: usize) -> Result<FieldKind, QueryError> {
        kind_of(self.schema, self.text, name, at)
    }

    fn value(&mut self, field: &str, kind: FieldKind, text: &str) -> Result<Part, QueryError> {
        match field {
            "id" => {
                let term = self.index.fields.article_term(text);
                let query = silent(TermQuery::new(term, IndexRecordOption::Basic));
                return Ok(Part { query, read: format!("id:{text}") });
            }
            "story" => return Ok(self.story(text)),
            // Asked by a part of the value.
            "path" | "url" => {
                return Ok(Part { query: self.holding(field, text)?, read: format!("{field}:{text}") });
            }
            _ => {}
        }
        let resolved = values::resolve(self.index, self.schema, field, kind, text)?;
        self.notes.warnings.extend(resolved.note);
        let asked = self.notes.roles.len();
        if resolved.values.is_empty() {
            self.notes.unknown = true;
            self.note_role(field, vec![text.to_string()], false);
            // Another status of it may still be there.
            if self.aims_at(asked, field) {
                return self.other_status(field, text);
            }
            return Ok(Part::new(EmptyQuery, format!("{field}:{}", quoted(text))));
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
        Ok(Part { query: self.facet_among(field, &resolved.values), read })
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
        let fits = patterns::matcher(pattern).map_err(|e| e.placed(self.text, at))?;
        let all = values::list(&self.index.searcher, &self.index.fields, field)?;
        let found: Vec<String> = all.into_keys().filter(|value| fits(value)).collect();
        let read = format!("{field}:{}", patterns::shown(pattern));
        self.notes.used.push(listed(&read, found.iter()));
        self.note_role(field, found.clone(), true);
        Ok(Part { query: self.facet_among(field, &found), read })
    }

    /// Values that hold a text.
    pub(super) fn holding(&mut self, field: &str, text: &str) -> Result<Box<dyn Query>, QueryError> {
        let folded = crate::tokens::fold(text);
        let all = values::list(&self.index.searcher, &self.index.fields, field)?;
        let found: Vec<String> =
            all.into_keys().filter(|v| crate::tokens::fold(v).contains(&folded)).collect();
        Ok(self.facet_among(field, &found))
    }

    fn facet_among(&self, field: &str, values: &[String]) -> Box<dyn Query> {
        any_term(values.iter().map(|v| self.index.fields.facet_term(field, v)))
    }

    /// The articles of a story, by the id that hits show.
    fn story(&mut self, text: &str) -> Part {
        let read = format!("story:{text}");
        let Ok(tie) = u64::from_str_radix(text, 16) else {
            self.notes.warnings.push(format!("no story `{text}`: take the id that a hit shows"));
            return Part::new(EmptyQuery, read);
        };
        let ties = self.index.groups.copies(tie).into_iter();
        let terms = ties.map(|tie| Term::from_field_u64(self.index.fields.tie, tie));
        Part { query: any_term(terms), read }
    }

    /// Articles with the role under any status but the plain one.
    fn other_status(&mut self, role: &str, text: &str) -> Result<Part, QueryError> {
        let any = RoleState::Any.field(role);
        let resolved = values::resolve(self.index, self.schema, &any, FieldKind::Actor, text)?;
        if resolved.values.is_empty() {
            return Ok(Part::new(EmptyQuery, ""));
        }
        let plainly = Box::new(Except::new(self.facet_among(role, &resolved.values), self.deadline.clone()));
        Ok(Part::new(BooleanQuery::intersection(vec![self.facet_among(&any, &resolved.values), plainly]), ""))
    }

    fn note_role(&mut self, field: &str, values: Vec<String>, loose: bool) {
        let role = field.split('.').next().unwrap_or(field);
        if self.schema.role(role).is_some() {
            self.notes.roles.push(RoleFilter {
                field: field.to_string(),
                values,
                loose: loose || self.alternative,
            });
        }
    }

    fn facet(&self, field: &str, value: &str, read: &str) -> Part {
        let term = self.index.fields.facet_term(field, value);
        Part { query: silent(TermQuery::new(term, IndexRecordOption::Basic)), read: read.to_string() }
    }

    pub(super) fn published(&mut self, text: &str, at: usize) -> Result<Part, QueryError> {
        if text.eq_ignore_ascii_case("none") {
            self.notes.undated = true;
            return Ok(self.facet("published", "none", "undated"));
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
            return self.facet("published", "none", &read);
        }
        let fields = self.index.fields;
        let bound = |field, day: Option<i32>| match day {
            Some(day) => std::ops::Bound::Included(Term::from_field_i64(field, i64::from(day))),
            None => std::ops::Bound::Unbounded,
        };
        let mut parts: Vec<Box<dyn Query>> = Vec::new();
        if range.first.is_some() {
            let from = bound(fields.published_max, range.first);
            parts.push(Box::new(RangeQuery::new(from, std::ops::Bound::Unbounded)));
        }
        if range.last.is_some() {
            let to = bound(fields.published_min, range.last);
            parts.push(Box::new(RangeQuery::new(std::ops::Bound::Unbounded, to)));
        }
        Part { query: silent(BooleanQuery::intersection(parts)), read }
    }

    /// Articles with a date in the text that passes; the dates of an index are few enough to look at each.
    fn mentioned(&self, passes: &dyn Fn(PartialDate) -> bool, read: &str) -> Part {
        let values = values::list(&self.index.searcher, &self.index.fields, "mentioned").unwrap_or_default();
        let passing = values.into_keys().filter(|v| v.parse().is_ok_and(passes));
        let terms = passing.map(|v| self.index.fields.facet_term("mentioned", &v));
        Part { query: any_term(terms), read: format!("mentioned:{read}") }
    }
}
