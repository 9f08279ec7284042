//! What an agent can ask: fewer things than a page, told in fewer words, since an agent reads all of an answer.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::answers::Asked;
use super::answers::facet;
use super::answers::find;
use super::answers::timeline;
use super::params::Kind;
use super::params::Parameter;
use super::params::Parameters;
use super::problem::Problem;
use super::routes::NARROW;
use crate::annotation::Event;
use crate::present::json as written;
use crate::query;
use crate::query::Hit;

/// Bytes of an article's text that are given at once.
const PIECE: usize = 6_000;

/// Values of a role that a hit lists.
const NAMES: usize = 6;

/// A tool.
pub(super) struct Tool {
    pub name: &'static str,
    pub help: &'static str,
    pub parameters: Parameters,
    pub answer: fn(&Asked) -> Result<Value, Problem>,
}

const fn number(name: &'static str, usual: usize, most: usize, help: &'static str) -> Parameter {
    Parameter::new(name, Kind::Number { usual, most }, help)
}

const FIELD: &[Parameter] = &[Parameter::new(
    "field",
    Kind::Text,
    "Facet: a role (broker, host, party, accuser, accused, backer, attacker, target, ...) or actor, person, organisation, country, place, source, author, month",
)
.required()];

const ID: &[Parameter] =
    &[Parameter::new("id", Kind::Text, "Id of an article, as search gives it").required()];

/// All tools.
pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "search",
        help: "Find news articles by words, roles, actors and dates. Answers with counts, the best hits with snippets, and the sentences behind the roles that were asked for.",
        parameters: &[
            NARROW,
            &[
                Parameter::new("sort", Kind::Choice(&query::Sort::NAMES), "Order of the hits"),
                number("limit", 5, 20, "Hits to list"),
                number("offset", 0, 1_000, "Hits to pass over"),
            ],
        ],
        answer: search,
    },
    Tool {
        name: "facets",
        help: "Count the values of one facet over the matching articles: who brokered, who accused, which countries, which months.",
        parameters: &[
            FIELD,
            NARROW,
            &[
                Parameter::new("prefix", Kind::Text, "Only values with a word that starts so"),
                number("limit", 15, 100, "Values to list"),
            ],
        ],
        answer: facet,
    },
    Tool {
        name: "timeline",
        help: "Count the matching articles by day, week, month or year of publication.",
        parameters: &[
            NARROW,
            &[Parameter::new("by", Kind::Choice(&["month", "day", "week", "year"]), "Period")],
        ],
        answer: timeline,
    },
    Tool {
        name: "article",
        help: "Read one article: its text piece by piece, and the events found in it with their roles.",
        parameters: &[
            ID,
            &[number(
                "offset",
                0,
                100_000_000,
                "Byte of the text to read from: next_offset of the answer before",
            )],
        ],
        answer: article,
    },
    Tool {
        name: "evidence",
        help: "List the sentences that give one facet its value, newest first, such as every sentence in which Russia is a broker. Quote these, with the article's id.",
        parameters: &[
            FIELD,
            &[Parameter::new(
                "value",
                Kind::Text,
                "The value; other names of an actor will do: Moscow for Russia",
            )
            .required()],
            NARROW,
            &[
                number("limit", 5, 50, "Sentences to list"),
                number("offset", 0, 1_000, "Articles to pass over"),
            ],
        ],
        answer: evidence,
    },
];

fn search(asked: &Asked) -> Result<Value, Problem> {
    let results = asked.now.index.search(asked.schema, &asked.given.request()?)?;
    let shown = asked.given.number("offset") as u64 + results.hits.len() as u64;
    let mut answer = json!({
        "understood": results.understood, "total": results.total, "stories": results.stories,
        "hits": results.hits.iter().map(|hit| brief(hit, asked)).collect::<Vec<_>>(),
    });
    if shown < results.stories && !results.hits.is_empty() {
        answer["next_offset"] = shown.into();
    }
    add_notes(&mut answer, &results.warnings);
    Ok(answer)
}

/// A hit without what is empty.
fn brief(hit: &Hit, asked: &Asked) -> Value {
    let published = hit.published().map(|p| p.date.to_string());
    let snippets: Vec<&str> = hit.snippets.iter().map(|s| s.text.as_str()).collect();
    let mut value = json!({
        "id": hit.article.id, "title": hit.article.title, "source": hit.article.source, "published": published, "snippets": snippets,
    });
    let facets = hit.annotations.facets(asked.schema);
    let roles =
        facets.into_iter().filter(|(field, names)| asked.schema.role(field).is_some() && !names.is_empty());
    let roles: Map<String, Value> =
        roles.map(|(field, names)| (field, names.into_iter().take(NAMES).collect())).collect();
    if !roles.is_empty() {
        value["roles"] = roles.into();
    }
    if hit.copies > 1 {
        value["copies"] = hit.copies.into();
    }
    if !hit.evidence.is_empty() {
        let one = |e: &query::Evidence| json!({ "field": e.field, "value": e.value, "sentence": e.sentence });
        value["evidence"] = hit.evidence.iter().map(one).collect();
    }
    value
}

fn article(asked: &Asked) -> Result<Value, Problem> {
    let (article, annotations) = find(asked)?;
    let whole = written::article(&article, &annotations, asked.schema);
    let from = article.text.floor_char_boundary(asked.given.number("offset"));
    let to = article.text.floor_char_boundary(from.saturating_add(PIECE));
    let mut answer = json!({
        "id": article.id, "title": article.title, "source": article.source, "url": article.url,
        "published": whole.get("published"), "text": &article.text[from..to],
    });
    if to < article.text.len() {
        answer["next_offset"] = to.into();
    }
    if from == 0 {
        let one = |event: &Event| {
            let told = written::event(event);
            json!({
                "kind": event.kind, "status": event.status.name(), "background": event.background,
                "roles": told["roles"], "sentence": event.sentence_of(&article),
            })
        };
        answer["events"] = annotations.events.iter().map(one).collect();
    }
    Ok(answer)
}

fn evidence(asked: &Asked) -> Result<Value, Problem> {
    let (given, request) = (asked.given, asked.given.request()?);
    let value = given.text("value").unwrap_or("");
    let found = query::value_evidence(
        asked.now.index.embedded("evidence")?,
        asked.schema,
        &request,
        asked.part,
        value,
    )?;
    let one = |e: &query::FacetEvidence| {
        let published = e.published.map(|p| p.date.to_string());
        json!({ "id": e.id, "source": e.source, "published": published, "sentence": e.sentence, "rule": e.rule })
    };
    let sentences: Vec<Value> = found.sentences.iter().map(one).collect();
    let mut answer = json!({ "field": asked.part, "articles": found.total, "sentences": sentences });
    add_notes(&mut answer, &found.warnings);
    Ok(answer)
}

fn add_notes(answer: &mut Value, notes: &[String]) {
    if !notes.is_empty() {
        answer["notes"] = json!(notes);
    }
}
