//! What can be asked: one row a route, from which the router, the OpenAPI document and the agents' tools are made.

use super::answers;
use super::answers::Answer;
use super::params::Kind;
use super::params::Parameter;
use super::params::Parameters;
use crate::query::DEEPEST_PAGE;

/// A route that answers with JSON, or that is written piece by piece.
pub(super) struct Route {
    /// Below the host, with `{...}` for a part that is given.
    pub path: &'static str,
    /// Name in metrics and in the OpenAPI document.
    pub name: &'static str,
    pub summary: &'static str,
    /// The part of the path that is given, and what it is.
    pub part: Option<(&'static str, &'static str)>,
    pub parameters: Parameters,
    /// Name of the answer's schema.
    pub schema: &'static str,
    pub answer: Answer,
}

/// Hits of a page at most.
const LONGEST_PAGE: usize = 1_000;

const fn number(name: &'static str, usual: usize, most: usize, help: &'static str) -> Parameter {
    Parameter::new(name, Kind::Number { usual, most }, help)
}

const fn text(name: &'static str, help: &'static str) -> Parameter {
    Parameter::new(name, Kind::Text, help)
}

const fn flag(name: &'static str, help: &'static str) -> Parameter {
    Parameter::new(name, Kind::Flag, help)
}

const fn choice(name: &'static str, names: &'static [&'static str], help: &'static str) -> Parameter {
    Parameter::new(name, Kind::Choice(names), help)
}

/// What narrows a query.
pub(super) const NARROW: &[Parameter] = &[
    text("q", "The query: words, \"phrases\", OR, -word, field:value, dates such as 2020-10..2022"),
    Parameter::new(
        "f",
        Kind::Texts,
        "FIELD=VALUE keeps articles with this value, FIELD!=VALUE those without; several values of a field are alternatives",
    ),
    text("from", "First day of publication: 2020, 2020-10, 2020-10-27"),
    text("to", "Last day of publication"),
    flag("any", "Any of the words instead of all"),
    flag("plain", "The query is words; nothing in it is an operator"),
];

const PAGE: &[Parameter] = &[
    number("limit", 10, LONGEST_PAGE, "How many to list; 0 for counts alone"),
    number("offset", 0, DEEPEST_PAGE, "How many to pass over"),
];

const SEARCH: &[Parameter] = &[
    choice("sort", &crate::query::Sort::NAMES, "Order of the hits"),
    text("recency", "Halve an article's score with every so many days before the newest: 30d, 6w, 12m, 2y"),
    text("facets", "Facets to count, as FIELD or FIELD:N, with commas between them; or none"),
    flag("all", "Show every copy of an article, not the earliest alone"),
    flag("expand", "Let the words of the best hits join the query"),
    flag("explain", "Say what each hit's score is made of"),
];

const FACETS: &[Parameter] = &[
    text("prefix", "Only values with a word that starts so"),
    number("limit", 20, 10_000, "Values to list"),
    flag("evidence", "Show the sentences behind each value"),
];

const TIMELINE: &[Parameter] = &[choice("by", &["month", "day", "week", "year"], "Period of a bucket")];

const SIMILAR: &[Parameter] = &[number("limit", 10, 100, "Related articles to list")];

const MATRIX: &[Parameter] = &[
    text("rows", "Role of the rows: accuser, broker, attacker, ...").required(),
    text("columns", "Role of the columns: accused, party, target, ...").required(),
    number("limit", 0, 10_000, "Names in rows and in columns, the most frequent first; 0 for all"),
];

const SUGGEST: &[Parameter] = &[
    text("prefix", "What was typed: a beginning of a word, or field: and a beginning"),
    number("limit", 10, 100, "How many to list"),
];

const EXPORT: &[Parameter] = &[
    choice("what", &["articles", "events"], "What to write"),
    choice("format", &["jsonl", "csv"], "One JSON object a line, or comma-separated values"),
];

const ARTICLE: Option<(&str, &str)> = Some(("id", "Id or path of an article, as search gives them"));

/// Tells that the server runs, and nothing else; probes have no token.
pub(super) const HEALTH: [&str; 2] = ["/health", "/api/v1/health"];

/// The OpenAPI document.
pub(super) const DOCUMENT: &str = "/api/v1/openapi.json";

/// Counters for Prometheus.
pub(super) const METRICS: [&str; 2] = ["/metrics", "/api/v1/metrics"];

/// All of them, those without JSON of their own aside: the document itself, health and metrics.
pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/api/v1/search",
        name: "search",
        summary: "Find articles: words, roles, actors and dates",
        part: None,
        parameters: &[NARROW, PAGE, SEARCH],
        schema: "Results",
        answer: Answer::Json(answers::search),
    },
    Route {
        path: "/api/v1/facets/{field}",
        name: "facets",
        summary: "List the values of a facet with their counts",
        part: Some((
            "field",
            "Facet: broker, host, accuser, accused, actor, person, country, source, month, ...",
        )),
        parameters: &[NARROW, FACETS],
        schema: "Facet",
        answer: Answer::Json(answers::facet),
    },
    Route {
        path: "/api/v1/timeline",
        name: "timeline",
        summary: "Count articles by period of publication",
        part: None,
        parameters: &[NARROW, TIMELINE],
        schema: "Timeline",
        answer: Answer::Json(answers::timeline),
    },
    Route {
        path: "/api/v1/articles/{id}",
        name: "article",
        summary: "One article with all that was found in it",
        part: ARTICLE,
        parameters: &[],
        schema: "Article",
        answer: Answer::Json(answers::article),
    },
    Route {
        path: "/api/v1/articles/{id}/similar",
        name: "similar",
        summary: "The copies of an article, and others on the same matter",
        part: ARTICLE,
        parameters: &[SIMILAR],
        schema: "Similar",
        answer: Answer::Json(answers::similar),
    },
    Route {
        path: "/api/v1/matrix",
        name: "matrix",
        summary: "Count who did what to whom: two roles of the same events",
        part: None,
        parameters: &[NARROW, MATRIX],
        schema: "Matrix",
        answer: Answer::Json(answers::matrix),
    },
    Route {
        path: "/api/v1/events",
        name: "events",
        summary: "The events of the matching articles, or those of them that the query asks for",
        part: None,
        parameters: &[NARROW, PAGE],
        schema: "Events",
        answer: Answer::Json(answers::events),
    },
    Route {
        path: "/api/v1/suggest",
        name: "suggest",
        summary: "Fields, roles and values that begin as typed",
        part: None,
        parameters: &[SUGGEST],
        schema: "Suggestions",
        answer: Answer::Json(answers::suggest),
    },
    Route {
        path: "/api/v1/export",
        name: "export",
        summary: "Every matching article or event, complete, as a download",
        part: None,
        parameters: &[NARROW, EXPORT],
        schema: "",
        answer: Answer::Export,
    },
    Route {
        path: "/api/v1/stats",
        name: "stats",
        summary: "What is in the index",
        part: None,
        parameters: &[],
        schema: "Statistics",
        answer: Answer::Json(answers::statistics),
    },
];
