//! Parameters of requests: read by a table that is also what the OpenAPI document tells.

use axum::http::StatusCode;

use super::problem::Problem;
use super::workers;
use crate::query;
use crate::query::Deadline;
use crate::query::Filter;
use crate::query::LONGEST_QUERY;
use crate::query::QueryError;
use crate::query::Request;
use crate::query::Sort;

/// A parameter of a route.
#[derive(Debug)]
pub(super) struct Parameter {
    pub name: &'static str,
    pub kind: Kind,
    pub help: &'static str,
    pub required: bool,
}

/// What a parameter takes.
#[derive(Debug)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// Texts, the parameter given once for each.
    Texts,
    /// A number from 0.
    Number { usual: usize, most: usize },
    /// `true` or `false`.
    Flag,
    /// One of these; the first unless another is given.
    Choice(&'static [&'static str]),
}

impl Parameter {
    pub const fn new(name: &'static str, kind: Kind, help: &'static str) -> Parameter {
        Parameter { name, kind, help, required: false }
    }

    pub const fn required(self) -> Parameter {
        Parameter { required: true, ..self }
    }

    fn check(&self, value: &str) -> Result<(), Problem> {
        let wrong = |what: &str| Err(Problem::wrong(format!("{}={value}: {what}", self.name)));
        match &self.kind {
            Kind::Text | Kind::Texts => Ok(()),
            Kind::Number { most, .. } => match value.parse::<usize>() {
                Ok(number) if number <= *most => Ok(()),
                _ => wrong(&format!("write a number from 0 to {most}")),
            },
            Kind::Flag if matches!(value, "true" | "false" | "1" | "0") => Ok(()),
            Kind::Flag => wrong("write true or false"),
            Kind::Choice(names) if names.contains(&value) => Ok(()),
            Kind::Choice(names) => wrong(&format!("there are {}", names.join(", "))),
        }
    }
}

/// Lists of parameters that a route takes.
pub(super) type Parameters = &'static [&'static [Parameter]];

/// The parameters of a request, each one known and of its kind.
#[derive(Debug, Default)]
pub(super) struct Given {
    values: Vec<(&'static Parameter, String)>,
    known: Parameters,
    /// Counts from when the request came, its time in the queue included.
    deadline: Deadline,
}

impl Given {
    /// Reads what stands behind the `?` of an address.
    pub fn read(address: Option<&str>, known: Parameters) -> Result<Given, Problem> {
        let pairs = form_urlencoded::parse(address.unwrap_or("").as_bytes());
        Given::of(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())), known)
    }

    /// Checks names and values; what is given but empty is not given.
    pub fn of(pairs: impl Iterator<Item = (String, String)>, known: Parameters) -> Result<Given, Problem> {
        let mut given = Given { values: Vec::new(), known, deadline: Deadline::after(workers::ENOUGH) };
        for (name, value) in pairs {
            let Some(parameter) = given.all().find(|p| p.name == name) else {
                let names: Vec<&str> = given.all().map(|p| p.name).collect();
                return Err(Problem::wrong(format!(
                    "no parameter `{name}` here: there are {}",
                    names.join(", ")
                )));
            };
            if value.is_empty() {
                continue;
            }
            if value.len() > LONGEST_QUERY {
                let detail = format!("{name} has more than {LONGEST_QUERY} bytes");
                return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
            }
            parameter.check(&value)?;
            if !matches!(parameter.kind, Kind::Texts) && given.text(parameter.name).is_some() {
                return Err(Problem::wrong(format!("{name} is given twice")));
            }
            given.values.push((parameter, value));
        }
        match given.all().find(|p| p.required && given.text(p.name).is_none()) {
            Some(missing) => Err(Problem::wrong(format!("{} is missing: {}", missing.name, missing.help))),
            None => Ok(given),
        }
    }

    fn all(&self) -> impl Iterator<Item = &'static Parameter> + use<> {
        self.known.iter().flat_map(|list| list.iter())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts(name).next()
    }

    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.values.iter().filter(move |(p, _)| p.name == name).map(|(_, value)| value.as_str())
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), Some("true" | "1"))
    }

    /// The number that was given, or the usual one.
    pub fn number(&self, name: &str) -> usize {
        let usual = self.all().find_map(|p| match p.kind {
            Kind::Number { usual, .. } if p.name == name => Some(usual),
            _ => None,
        });
        self.text(name).and_then(|value| value.parse().ok()).or(usual).unwrap_or(0)
    }

    /// The name that was chosen, or the first.
    pub fn choice(&self, name: &str) -> &str {
        let first = self.all().find_map(|p| match p.kind {
            Kind::Choice(names) if p.name == name => names.first().copied(),
            _ => None,
        });
        self.text(name).or(first).unwrap_or("")
    }

    /// What is asked of the index.
    pub fn request(&self) -> Result<Request, QueryError> {
        let text = |name: &str| self.text(name).map(str::to_string);
        Ok(Request {
            query: text("q").unwrap_or_default(),
            any: self.flag("any"),
            plain: self.flag("plain"),
            filters: self.texts("f").map(Filter::read).collect::<Result<_, _>>()?,
            from: text("from"),
            to: text("to"),
            sort: self.text("sort").and_then(Sort::named).unwrap_or_default(),
            half_life: self.text("recency").map(query::half_life).transpose()?,
            limit: self.number("limit"),
            offset: self.number("offset"),
            copies: self.flag("all"),
            expand: self.flag("expand"),
            explain: self.flag("explain"),
            today: Some(query::today()),
            deadline: self.deadline.clone(),
            ..Request::default()
        })
    }
}
