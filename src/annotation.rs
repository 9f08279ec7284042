//! What the text of an article states: mentions of entities, dates and events. Plain data with byte spans.

use serde::Deserialize;
use serde::Serialize;

use crate::article::Article;
use crate::article::Published;
use crate::article::Span;
use crate::calendar::PartialDate;
use crate::schema::Schema;

/// What kind of thing a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A human being.
    Person,
    /// A body of people with a name.
    Organisation,
    /// A row of the country list; says nothing on sovereignty.
    Country,
    /// A city, region, sea or disputed territory.
    Place,
    /// An armed group or movement.
    Group,
    /// A name of something else, or of who knows what.
    Other,
}

impl Kind {
    /// Returns the name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Person => "person",
            Kind::Organisation => "organisation",
            Kind::Country => "country",
            Kind::Place => "place",
            Kind::Group => "group",
            Kind::Other => "other",
        }
    }
}

/// Which of the two texts of an article a span counts in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Zone {
    /// `Article::text`.
    #[default]
    Text,
    /// `Article::title`, where the title is not part of the text.
    Title,
}

/// A name in the text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    /// Bytes of the name, without titles.
    pub span: Span,
    /// The text that the span counts in.
    pub zone: Zone,
    /// What it names.
    pub kind: Kind,
    /// Canonical name; none if the name is not in the tables.
    pub entity: Option<String>,
    /// Tells whether the mention makes its entity an actor of the article (an ethnic adjective does not).
    pub actor: bool,
}

/// A date in the text, resolved as far as the article allows.
#[derive(Clone, Debug, PartialEq)]
pub struct DateMention {
    /// Bytes of the expression.
    pub span: Span,
    /// The text that the span counts in.
    pub zone: Zone,
    /// What it means.
    pub value: PartialDate,
}

/// Whether an event is said to have happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Told as a fact.
    #[default]
    Asserted,
    /// Offered, planned or possible.
    Offered,
    /// Asked for by somebody.
    Requested,
    /// Agreed to, not yet done.
    Accepted,
    /// Turned down.
    Rejected,
    /// Tried without success.
    Failed,
    /// Said not to have happened.
    Negated,
}

impl Status {
    /// Every status, in the order in which they are listed to people.
    pub const ALL: [Status; 7] = [
        Status::Asserted,
        Status::Offered,
        Status::Requested,
        Status::Accepted,
        Status::Rejected,
        Status::Failed,
        Status::Negated,
    ];

    /// Returns the name used in JSON and in queries.
    pub fn name(self) -> &'static str {
        match self {
            Status::Asserted => "asserted",
            Status::Offered => "offered",
            Status::Requested => "requested",
            Status::Accepted => "accepted",
            Status::Rejected => "rejected",
            Status::Failed => "failed",
            Status::Negated => "negated",
        }
    }
}

/// Which events of a role a field asks for: `broker`, `broker.any`, `broker.background`, `broker.offered`, ...
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleState {
    /// Told as fact, and no history.
    Plain,
    /// All.
    Any,
    /// Told as history.
    Background,
    /// Of that status, and no history.
    Status(Status),
}

impl RoleState {
    /// Splits a field into its role and the state behind the dot; no state if it is none of ours.
    pub fn split(field: &str) -> (&str, Option<RoleState>) {
        match field.split_once('.') {
            None => (field, Some(RoleState::Plain)),
            Some((role, state)) => (role, RoleState::all().find(|s| s.name() == state)),
        }
    }

    /// Lists the states that have a name, in the order in which they are listed to people.
    pub fn all() -> impl Iterator<Item = RoleState> {
        let statuses = Status::ALL.into_iter().filter(|s| *s != Status::Asserted).map(RoleState::Status);
        [RoleState::Any, RoleState::Background].into_iter().chain(statuses)
    }

    /// Returns what stands behind the dot.
    pub fn name(self) -> &'static str {
        match self {
            RoleState::Plain => "",
            RoleState::Any => "any",
            RoleState::Background => "background",
            RoleState::Status(status) => status.name(),
        }
    }

    /// Returns the field of a role in this state.
    pub fn field(self, role: &str) -> String {
        if self == RoleState::Plain { role.to_string() } else { format!("{role}.{}", self.name()) }
    }

    /// Returns the state that an event is in, besides any.
    pub fn of(status: Status, background: bool) -> RoleState {
        match (background, status) {
            (true, _) => RoleState::Background,
            (false, Status::Asserted) => RoleState::Plain,
            (false, status) => RoleState::Status(status),
        }
    }

    /// Tells whether an event of that status counts.
    pub fn counts(self, status: Status, background: bool) -> bool {
        self == RoleState::Any || self == RoleState::of(status, background)
    }
}

/// Who fills a role in an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Name of the role: `broker`, `accuser`, ...
    pub role: String,
    /// Canonical name, or the name as written.
    pub name: String,
    /// The country of the official or organ that fills the role, rather than named itself.
    pub rolled_up: bool,
}

/// Something that happened between actors, and the words that say so.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Kind of event: `mediate`, `accuse`, `host`, ...
    pub kind: String,
    /// Who took part, in the order of the text.
    pub participants: Vec<Participant>,
    /// Whether it is said to have happened.
    pub status: Status,
    /// An earlier event, told as history.
    pub background: bool,
    /// Who says so, if it is not the article itself.
    pub attributed_to: Option<String>,
    /// When, by its sentence.
    pub date: Option<PartialDate>,
    /// The text that the spans count in.
    pub zone: Zone,
    /// The sentence that says so.
    pub sentence: Span,
    /// The words that fired the rule.
    pub trigger: Span,
    /// The rule's id.
    pub rule: String,
    /// From 0 to 1.
    pub confidence: f32,
}

impl Event {
    /// Returns the sentence that says so, on one line.
    pub fn sentence_of(&self, article: &Article) -> String {
        let text = if self.zone == Zone::Title { &article.title } else { &article.text };
        let piece = text.get(self.sentence.start as usize..self.sentence.end as usize).unwrap_or("");
        piece.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Lists the names in a role.
    pub fn names<'a>(&'a self, role: &'a str) -> impl Iterator<Item = &'a str> {
        self.participants.iter().filter(move |p| p.role == role).map(|p| p.name.as_str())
    }
}

/// What the rules made of a trigger word.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The text that the spans count in.
    pub zone: Zone,
    /// The sentence.
    pub sentence: Span,
    /// The word.
    pub trigger: Span,
    /// Rules that fired, and those that came near, the nearest first.
    pub rules: Vec<RuleTrace>,
}

/// What became of a rule at a trigger word.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleTrace {
    /// The rule's id.
    pub rule: String,
    /// The rule's confidence.
    pub confidence: f32,
    /// It made an event or added to one.
    pub fired: bool,
    /// Who fills its roles.
    pub participants: Vec<Participant>,
    /// The status of its event.
    pub status: Status,
    /// Its event is told as history.
    pub background: bool,
    /// Elements of its pattern that fit.
    pub matched: u32,
    /// Elements of its pattern that must.
    pub elements: u32,
    /// Why it did not fire, or what it lost to other rules.
    pub why: Option<String>,
}

/// Tells whether a text ends inside parentheses that begin as a line of credits: "(Reporting by".
fn is_credit(before: &str, schema: &Schema) -> bool {
    let start = before.len().saturating_sub(LONGEST_CREDITS);
    let near = before.get(before.ceil_char_boundary(start)..).unwrap_or("");
    let Some((_, inside)) = near.rsplit_once('(').filter(|(_, inside)| !inside.contains(')')) else {
        return false;
    };
    let inside = inside.trim_start().to_lowercase();
    schema.cleaning.starts.begin(&inside)
}

/// How far before a name its credits may begin, in bytes.
const LONGEST_CREDITS: usize = 300;

/// Longest name that is taken for one, in bytes.
const LONGEST_NAME: usize = 60;

/// All that was found in one article.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotations {
    /// Sorted by zone and span, not overlapping.
    pub mentions: Vec<Mention>,
    /// Sorted by zone and span, not overlapping.
    pub dates: Vec<DateMention>,
    /// In the order of the text.
    pub events: Vec<Event>,
    /// Canonical names of the countries that the article is about.
    pub countries: Vec<String>,
    /// The article's own date, or one that its text implies.
    pub published: Option<Published>,
}

impl Annotations {
    /// Lists names that the tables do not know, with the facet field that they belong to: the corpus as a whole makes
    /// entities of them. One word alone is nobody's name: it may be anybody's surname.
    /// Names in the credits at the end of an article are no matter of it.
    pub fn unknown_names(&self, article: &Article, schema: &Schema) -> Vec<(&'static str, String)> {
        let named = |m: &Mention| {
            let field = match m.kind {
                _ if m.entity.is_some() => return None,
                Kind::Person => "person",
                Kind::Organisation | Kind::Group => "organisation",
                Kind::Place => "place",
                Kind::Country | Kind::Other => return None,
            };
            if m.zone == Zone::Text && is_credit(&article.text[..m.span.start as usize], schema) {
                return None;
            }
            let text = if m.zone == Zone::Title { &article.title } else { &article.text };
            let name = m.span.of(text).split_whitespace().collect::<Vec<_>>().join(" ");
            (name.len() <= LONGEST_NAME).then_some((field, name))
        };
        let mut all: Vec<(&'static str, String)> = self.mentions.iter().filter_map(named).collect();
        all.sort();
        all.dedup();
        all.retain(|(field, name)| *field != "person" || name.contains(' '));
        all
    }

    /// Lists where the participants of an event are named in its sentence; who is not named there is left out.
    pub fn role_spans<'e>(&self, event: &'e Event) -> Vec<(&'e Participant, Span)> {
        let inside = |m: &&Mention| {
            m.zone == event.zone && m.span.start >= event.sentence.start && m.span.end <= event.sentence.end
        };
        let here: Vec<&Mention> = self.mentions.iter().filter(inside).collect();
        let span_of = |p: &'e Participant| {
            let mention = here.iter().find(|m| m.entity.as_deref() == Some(p.name.as_str()))?;
            Some((p, mention.span))
        };
        event.participants.iter().filter_map(span_of).collect()
    }

    /// Groups names by facet, each in the order of the text: `actor`, `person`, ..., every role of the schema, and
    /// for a role `broker.background`, `broker.offered`, ... and `broker.any`.
    ///
    /// A role itself counts events that are asserted and no background; the others are under their own names.
    pub fn facets(&self, schema: &Schema) -> Vec<(String, Vec<String>)> {
        let mut facets = Facets::default();
        for name in ["actor", "country", "person", "organisation", "place"] {
            facets.declare(name);
        }
        for role in &schema.roles {
            facets.declare(&role.id);
        }
        for mention in &self.mentions {
            facets.add_mention(mention);
        }
        for country in &self.countries {
            facets.add("country", country);
        }
        for event in &self.events {
            for participant in &event.participants {
                for state in [RoleState::Any, RoleState::of(event.status, event.background)] {
                    facets.add(&state.field(&participant.role), &participant.name);
                }
            }
        }
        facets.0
    }
}

#[derive(Default)]
struct Facets(Vec<(String, Vec<String>)>);

impl Facets {
    fn declare(&mut self, field: &str) {
        self.0.push((field.to_string(), Vec::new()));
    }

    fn add(&mut self, field: &str, value: &str) {
        let at = match self.0.iter().position(|(f, _)| f == field) {
            Some(at) => at,
            None => {
                self.declare(field);
                self.0.len() - 1
            }
        };
        let values = &mut self.0[at].1;
        if !values.iter().any(|v| v == value) {
            values.push(value.to_string());
        }
    }

    fn add_mention(&mut self, mention: &Mention) {
        let Some(entity) = &mention.entity else { return };
        if mention.actor {
            self.add("actor", entity);
        }
        match mention.kind {
            Kind::Person => self.add("person", entity),
            Kind::Organisation | Kind::Group => self.add("organisation", entity),
            Kind::Place => self.add("place", entity),
            // Of countries, only those that the article is about make a facet.
            Kind::Country | Kind::Other => {}
        }
    }
}
