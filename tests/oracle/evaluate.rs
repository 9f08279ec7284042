//! Answers queries by looking at every article. Slow, plain, and written without a look at the engine.

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use dateline::annotation::Event;
use dateline::annotation::Status;
use dateline::index;
use dateline::index::Opened;
use dateline::query;
use dateline::query::Filter;
use dateline::query::Node;
use dateline::query::Pattern;
use dateline::query::Request;
use dateline::query::Value;
use dateline::query::parse_dates;
use dateline::schema::FieldKind;
use dateline::schema::Schema;
use dateline::tokens::fold;

use super::Doc;

/// Which text a word is looked for in.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Anywhere,
    Title,
    Text,
}

/// A text as terms by position and as words as they are written.
#[derive(Clone)]
struct Words {
    terms: Vec<(usize, String)>,
    written: BTreeSet<String>,
}

impl Words {
    fn of(opened: &Opened, text: &str) -> Words {
        let written = index::written(&opened.tokenizer, text).into_iter().map(|t| t.text).collect();
        Words { terms: terms(opened, text), written }
    }
}

pub struct Evaluator<'a> {
    opened: &'a Opened,
    schema: &'static Schema,
    docs: &'a [Doc],
    /// Its terms and written words, by article: of the title, of the text.
    texts: BTreeMap<String, [Words; 2]>,
    /// Its story, by article.
    story: Vec<usize>,
    /// Words are alternatives, and so are the parts of a compound.
    any: Cell<bool>,
    /// What the tables say of a name, looked up once.
    canonical: RefCell<BTreeMap<String, String>>,
    spellings: RefCell<BTreeMap<String, Vec<String>>>,
}

/// Terms by position, joined compounds at the place of their first half.
fn terms(opened: &Opened, text: &str) -> Vec<(usize, String)> {
    index::terms(&opened.tokenizer, text).into_iter().map(|t| (t.position, t.text)).collect()
}

impl<'a> Evaluator<'a> {
    pub fn new(opened: &'a Opened, docs: &'a [Doc]) -> Self {
        Evaluator {
            opened,
            schema: Schema::embedded(),
            docs,
            texts: docs
                .iter()
                .map(|d| {
                    (d.article.id.clone(), [&d.article.title, &d.article.text].map(|t| Words::of(opened, t)))
                })
                .collect(),
            story: stories(opened, docs),
            any: Cell::default(),
            canonical: RefCell::default(),
            spellings: RefCell::default(),
        }
    }

    pub fn matching(&self, request: &Request) -> Vec<&'a Doc> {
        self.matching_without(request, None)
    }

    /// The articles that match but for the filters of one field.
    fn matching_without(&self, request: &Request, without: Option<&str>) -> Vec<&'a Doc> {
        self.any.set(request.any);
        let root = query::parse(&request.query, request.any).unwrap().root;
        let filters: Vec<&Filter> =
            request.filters.iter().filter(|f| Some(f.field.as_str()) != without).collect();
        self.docs
            .iter()
            .filter(|doc| root.as_ref().is_none_or(|node| self.holds(node, doc)))
            .filter(|doc| self.pass_filters(&filters, doc) && self.in_bounds(request, doc))
            .collect()
    }

    /// Values of one field are alternatives, fields all hold, what is excluded does not.
    fn pass_filters(&self, filters: &[&Filter], doc: &Doc) -> bool {
        let value = |f: &Filter| match f.value.as_str() {
            "*" => Value::Any,
            text => Value::Text { text: text.into(), quoted: true, slop: 0 },
        };
        let has = |f: &Filter| self.field(&f.field, &value(f), doc);
        filters.iter().all(|f| {
            if f.exclude {
                !has(f)
            } else {
                filters.iter().any(|other| !other.exclude && other.field == f.field && has(other))
            }
        })
    }

    fn in_bounds(&self, request: &Request, doc: &Doc) -> bool {
        let day = |text: &Option<String>| text.as_ref().map(|t| parse_dates(t, None).unwrap());
        let (from, to) = (day(&request.from), day(&request.to));
        // The wrong way round, the two change places.
        let swapped = from.zip(to).is_some_and(|(a, b)| a.first > b.last);
        let (from, to) = if swapped { (to, from) } else { (from, to) };
        let (from, to) = (from.and_then(|r| r.first), to.and_then(|r| r.last));
        if from.is_none() && to.is_none() {
            return true;
        }
        let Some((first, last)) = doc.annotations.published.and_then(|p| p.date.day_numbers()) else {
            return false;
        };
        from.is_none_or(|from| last >= from) && to.is_none_or(|to| first <= to)
    }

    fn holds(&self, node: &Node, doc: &Doc) -> bool {
        match node {
            Node::All => true,
            Node::Word { text, .. } => self.word(text, doc, Place::Anywhere, true),
            Node::Phrase { text, slop, .. } => self.phrase(text, *slop, doc, Place::Anywhere),
            Node::Pattern { pattern, .. } => self.pattern(pattern, doc, Place::Anywhere),
            Node::Address { .. } => unreachable!("no addresses are generated"),
            Node::Field { name, value, .. } => self.field(name, value, doc),
            Node::Dates { text, .. } => self.published(text, doc),
            Node::Event { inner, .. } => doc.annotations.events.iter().any(|e| self.event(inner, e, doc)),
            Node::And(nodes) => self.all(nodes, doc, &|node| self.holds(node, doc)),
            Node::Or(nodes) => nodes.iter().any(|n| self.holds(n, doc)),
            Node::Not(inner) => !self.excluded(inner, doc),
            Node::Boost { inner, .. } => self.holds(inner, doc),
        }
    }

    /// Each node holds; two words in a row that are also written as one may be there as one.
    fn all(&self, nodes: &[Node], doc: &Doc, holds: &dyn Fn(&Node) -> bool) -> bool {
        let mut at = 0;
        while at < nodes.len() {
            if let (Node::Word { text: a, .. }, Some(Node::Word { text: b, .. })) =
                (&nodes[at], nodes.get(at + 1))
                && let Some(joined) = self.joined(a, b)
            {
                let texts = self.texts(doc, Place::Anywhere);
                let as_one = texts.iter().flatten().any(|(_, word)| *word == joined);
                let both = || [a, b].iter().all(|word| self.word(word, doc, Place::Anywhere, false));
                if !as_one && !both() {
                    return false;
                }
                at += 2;
                continue;
            }
            if !holds(&nodes[at]) {
                return false;
            }
            at += 1;
        }
        true
    }

    fn joined(&self, a: &str, b: &str) -> Option<String> {
        let single = |w: &str| terms(self.opened, w).len() == 1;
        let together = terms(self.opened, &format!("{a} {b}"));
        (single(a) && single(b) && together.len() == 3).then(|| together[1].1.clone())
    }

    /// An exclusion takes no synonyms; names keep their spellings.
    fn excluded(&self, node: &Node, doc: &Doc) -> bool {
        match node {
            Node::Word { text, .. } => self.spelled(text, doc, Place::Anywhere),
            Node::Field { name, value: Value::Text { text, quoted: false, .. }, .. } if name == "title" => {
                text.split_whitespace().all(|w| self.spelled(w, doc, Place::Title))
            }
            Node::Or(nodes) => nodes.iter().any(|n| self.excluded(n, doc)),
            Node::And(nodes) => self.all(nodes, doc, &|node| self.excluded(node, doc)),
            Node::Boost { inner, .. } => self.excluded(inner, doc),
            Node::Not(inner) => !self.excluded(inner, doc),
            other => self.holds(other, doc),
        }
    }

    /// The texts of an article that a place is made of; those of a sentence are not known beforehand.
    fn words(&self, doc: &Doc, place: Place) -> Vec<Words> {
        let known = self.texts.get(&doc.article.id).cloned();
        let made = || [&doc.article.title, &doc.article.text].map(|t| Words::of(self.opened, t));
        let [title, text] = known.unwrap_or_else(made);
        match place {
            Place::Anywhere => vec![title, text],
            Place::Title => vec![title],
            Place::Text => vec![text],
        }
    }

    fn texts(&self, doc: &Doc, place: Place) -> Vec<Vec<(usize, String)>> {
        self.words(doc, place).into_iter().map(|w| w.terms).collect()
    }

    /// A word, its other spellings and its synonyms.
    fn word(&self, text: &str, doc: &Doc, place: Place, others: bool) -> bool {
        if !others {
            return self.row(text, doc, place);
        }
        let stems = |w: &str| terms(self.opened, w).into_iter().map(|t| t.1).collect::<BTreeSet<_>>();
        let asked = stems(text);
        let same = |w: &String| {
            stems(w) == asked || stems(w).len() == 1 && stems(w).is_subset(&asked) && asked.len() == 3
        };
        let synonyms = self.schema.synonyms.groups().filter(|g| g.iter().any(same)).flatten();
        let parts = index::terms(&self.opened.tokenizer, text);
        let is_compound = self.any.get() && place == Place::Anywhere && asked.len() > 1;
        let some_part = || {
            let texts = self.texts(doc, place);
            parts.iter().any(|part| texts.iter().flatten().any(|(_, word)| *word == part.text))
        };
        self.spelled(text, doc, place)
            || is_compound && some_part()
            || synonyms.into_iter().any(|w| self.row(w, doc, place))
    }

    fn spelled(&self, text: &str, doc: &Doc, place: Place) -> bool {
        let mut known = self.spellings.borrow_mut();
        let words = known.entry(text.into()).or_insert_with(|| {
            let mut words = self.schema.other_spellings(text);
            words.push(text.into());
            words
        });
        words.iter().any(|w| self.row(w, doc, place))
    }

    /// The words of a text in a row; a compound as one, with a hyphen or apart.
    fn row(&self, text: &str, doc: &Doc, place: Place) -> bool {
        let wanted = index::terms(&self.opened.tokenizer, text);
        if wanted.is_empty() {
            return true;
        }
        let ways = index::spellings(&self.opened.tokenizer, &wanted);
        self.texts(doc, place).iter().any(|here| {
            let stands = |at: usize, word: &str| here.iter().any(|(p, w)| *p == at && w == word);
            ways.iter().any(|way| {
                here.iter().any(|(start, _)| way.iter().enumerate().all(|(i, word)| stands(start + i, word)))
            })
        })
    }

    fn phrase(&self, text: &str, slop: u32, doc: &Doc, place: Place) -> bool {
        let wanted = index::terms(&self.opened.tokenizer, text);
        let apart: Vec<_> = wanted.iter().filter(|t| !t.joined).collect();
        if apart.len() == 1 {
            let form = index::written(&self.opened.tokenizer, text).remove(0).text;
            return self.written(doc, place).contains(&form);
        }
        if slop == 0 {
            return self.row(text, doc, place);
        }
        let ways = index::spellings(&self.opened.tokenizer, &wanted);
        self.texts(doc, place).iter().any(|here| {
            ways.iter().any(|way| {
                let shifts: Vec<Vec<i64>> = way
                    .iter()
                    .enumerate()
                    .map(|(i, word)| {
                        here.iter().filter(|(_, w)| w == word).map(|(p, _)| *p as i64 - i as i64).collect()
                    })
                    .collect();
                within(&shifts, i64::from(slop), None)
            })
        })
    }

    /// The words of an article as they are written.
    fn written(&self, doc: &Doc, place: Place) -> BTreeSet<String> {
        self.words(doc, place).into_iter().flat_map(|w| w.written).collect()
    }

    fn pattern(&self, pattern: &Pattern, doc: &Doc, place: Place) -> bool {
        let pattern = match pattern {
            Pattern::Wildcard(text) => Pattern::Wildcard(text.replace('-', "")),
            Pattern::Fuzzy(text, distance) => Pattern::Fuzzy(text.replace('-', ""), *distance),
            other => other.clone(),
        };
        self.written(doc, place).iter().any(|word| fits(&pattern, word))
    }

    fn field(&self, name: &str, value: &Value, doc: &Doc) -> bool {
        if let Value::Among(list) = value {
            return list.iter().any(|v| self.field(name, v, doc));
        }
        let field = self.schema.fields.find(name);
        match (name, value) {
            ("title", Value::Text { text, quoted: true, slop }) => {
                self.phrase(text, *slop, doc, Place::Title)
            }
            ("title", Value::Text { text, .. }) => {
                text.split_whitespace().all(|w| self.word(w, doc, Place::Title, true))
            }
            ("title", Value::Pattern(pattern)) => self.pattern(pattern, doc, Place::Title),
            ("published", Value::Any) => doc.annotations.published.is_some(),
            ("published", Value::Text { text, .. }) => self.published(text, doc),
            ("mentioned", Value::Text { text, .. }) => {
                let range = parse_dates(text, None).unwrap();
                doc.annotations.dates.iter().any(|d| range.meets(d.value))
            }
            _ => {
                let values = self.values(doc, name);
                match value {
                    Value::Any => !values.is_empty(),
                    Value::Pattern(pattern) => values.iter().any(|v| fits(pattern, &fold(v))),
                    Value::Text { text, .. } => {
                        let actor = field.is_none_or(|f| f.kind == FieldKind::Actor);
                        let name = self.named(text, actor);
                        values.iter().any(|v| fold(v) == fold(&name) || fold(v) == fold(text))
                    }
                    Value::Among(_) => unreachable!(),
                }
            }
        }
    }

    fn named(&self, text: &str, actor: bool) -> String {
        if !actor {
            return text.into();
        }
        let look_up = || self.schema.canonical_name(text).unwrap_or_else(|| text.into());
        self.canonical.borrow_mut().entry(text.into()).or_insert_with(look_up).clone()
    }

    /// The values of a facet field of an article.
    fn values(&self, doc: &Doc, field: &str) -> Vec<String> {
        match field {
            "source" => doc.article.source.iter().cloned().collect(),
            "path" => vec![doc.article.path.clone()],
            "month" => {
                let date = doc.annotations.published.map(|p| p.date.to_string());
                date.filter(|d| d.len() >= 7).map(|d| d[..7].to_string()).into_iter().collect()
            }
            _ => {
                let facets = doc.annotations.facets(self.schema);
                facets.into_iter().find(|(f, _)| f == field).map(|(_, v)| v).unwrap_or_default()
            }
        }
    }

    fn published(&self, text: &str, doc: &Doc) -> bool {
        let days = doc.annotations.published.and_then(|p| p.date.day_numbers());
        if text == "none" {
            return days.is_none();
        }
        let range = parse_dates(text, None).unwrap();
        days.is_some_and(|(first, last)| {
            range.first.is_none_or(|f| last >= f) && range.last.is_none_or(|l| first <= l)
        })
    }

    /// One event for which all holds; unless something is said of its status, it happened and is no history.
    fn event(&self, node: &Node, event: &Event, doc: &Doc) -> bool {
        let plain = event.status == Status::Asserted && !event.background;
        (plain || tells_status(node)) && self.event_holds(node, event, doc)
    }

    fn event_holds(&self, node: &Node, event: &Event, doc: &Doc) -> bool {
        match node {
            Node::And(nodes) => nodes.iter().all(|n| self.event_holds(n, event, doc)),
            Node::Or(nodes) => nodes.iter().any(|n| self.event_holds(n, event, doc)),
            Node::Not(inner) => !self.event_holds(inner, event, doc),
            Node::Dates { text, .. } => self.event_dated(text, event),
            Node::Word { text, .. } | Node::Phrase { text, .. } => {
                let sentence = Doc {
                    article: dateline::article::Article {
                        text: event.sentence_of(&doc.article),
                        ..Default::default()
                    },
                    annotations: Default::default(),
                };
                self.row(text, &sentence, Place::Text)
            }
            Node::Field { name, value: Value::Among(list), at } => list.iter().any(|v| {
                self.event_holds(&Node::Field { name: name.clone(), value: v.clone(), at: *at }, event, doc)
            }),
            Node::Field { name, value, .. } => self.event_field(name, value, event),
            other => unreachable!("{other:?} in an event"),
        }
    }

    fn event_dated(&self, text: &str, event: &Event) -> bool {
        event.date.is_some_and(|d| parse_dates(text, None).unwrap().meets(d))
    }

    fn event_field(&self, name: &str, value: &Value, event: &Event) -> bool {
        let text = if let Value::Text { text, .. } = value { text.as_str() } else { "" };
        match name {
            "kind" => return event.kind == text,
            "date" => return self.event_dated(text, event),
            "background" => return event.background == (text == "yes"),
            "status" => return text == "any" || event.status.name() == text,
            _ => {}
        }
        let (role, state) = name.split_once('.').unwrap_or((name, ""));
        let in_state = match state {
            "" | "any" => true,
            "background" => event.background,
            state => !event.background && event.status.name() == state,
        };
        let fits = |actual: &str| match value {
            Value::Any => true,
            Value::Pattern(pattern) => fits(pattern, &fold(actual)),
            _ => fold(actual) == fold(&self.named(text, true)),
        };
        in_state && event.names(role).any(fits)
    }

    pub fn stories(&self, docs: &[&Doc]) -> u64 {
        let of = |doc: &&Doc| self.docs.iter().position(|d| d.article.id == doc.article.id).unwrap();
        docs.iter().map(|doc| self.story[of(doc)]).collect::<BTreeSet<_>>().len() as u64
    }

    /// Counts a facet over the articles that match; a filter of its own does not narrow it.
    pub fn facet(&self, request: &Request, field: &str, matching: &[&'a Doc]) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        let filtered = request.filters.iter().any(|f| f.field == field);
        let docs = if filtered { self.matching_without(request, Some(field)) } else { matching.to_vec() };
        for doc in docs {
            for value in self.values(doc, field) {
                *counts.entry(value).or_default() += 1;
            }
        }
        counts
    }

    /// Articles by the first letters of their date, those dated less precisely under what they have.
    pub fn histogram(&self, docs: &[&Doc], length: usize) -> (BTreeMap<String, u64>, u64) {
        let mut buckets = BTreeMap::new();
        let mut undated = 0;
        for doc in docs {
            match doc.annotations.published {
                Some(p) => {
                    let date = p.date.to_string();
                    *buckets.entry(date[..length.min(date.len())].to_string()).or_default() += 1;
                }
                None => undated += 1,
            }
        }
        (buckets, undated)
    }
}

/// The story of each article of the corpus: what matches may hang together by what does not.
fn stories(opened: &Opened, docs: &[Doc]) -> Vec<usize> {
    let runs = |doc: &Doc| -> BTreeSet<Vec<String>> {
        let written = index::written(&opened.tokenizer, &doc.article.text);
        let words: Vec<String> = written.into_iter().filter(|t| !t.joined).map(|t| t.text).collect();
        words.windows(3).map(<[String]>::to_vec).collect()
    };
    let all: Vec<BTreeSet<Vec<String>>> = docs.iter().map(runs).collect();
    let mut story: Vec<usize> = (0..all.len()).collect();
    for a in 0..all.len() {
        for b in 0..a {
            let shared = all[a].intersection(&all[b]).count() as f64;
            if shared / (all[a].union(&all[b]).count() as f64) >= 0.5 {
                let (from, to) = (story[a], story[b]);
                story.iter_mut().filter(|s| **s == from).for_each(|s| *s = to);
            }
        }
    }
    story
}

/// Tells whether a query inside `event{}` says anything of the status.
fn tells_status(node: &Node) -> bool {
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().any(tells_status),
        Node::Not(inner) => tells_status(inner),
        Node::Field { name, .. } => name.contains('.') || name == "status" || name == "background",
        _ => false,
    }
}

/// Tries every choice of one place a word.
fn within(shifts: &[Vec<i64>], slop: i64, so_far: Option<(i64, i64)>) -> bool {
    let Some((first, rest)) = shifts.split_first() else { return true };
    first.iter().any(|shift| {
        let (least, most) = so_far.map_or((*shift, *shift), |(a, b)| (a.min(*shift), b.max(*shift)));
        most - least <= slop && within(rest, slop, Some((least, most)))
    })
}

thread_local! {
    /// Compiled once.
    static REGEXES: RefCell<BTreeMap<String, regex::Regex>> = RefCell::default();
}

fn fits(pattern: &Pattern, word: &str) -> bool {
    match pattern {
        Pattern::Wildcard(text) => {
            let (text, word): (Vec<char>, Vec<char>) = (fold(text).chars().collect(), word.chars().collect());
            wild(&text, &word)
        }
        Pattern::Fuzzy(wanted, distance) => edits(&fold(wanted), word) <= usize::from(*distance),
        Pattern::Regex(text) => REGEXES.with_borrow_mut(|known| {
            let compile = || regex::Regex::new(&format!("^(?:{text})$")).unwrap();
            known.entry(text.clone()).or_insert_with(compile).is_match(word)
        }),
    }
}

fn wild(pattern: &[char], word: &[char]) -> bool {
    match (pattern.first(), word.first()) {
        (None, None) => true,
        (Some('*'), _) => wild(&pattern[1..], word) || !word.is_empty() && wild(pattern, &word[1..]),
        (Some('?'), Some(_)) => wild(&pattern[1..], &word[1..]),
        (Some(a), Some(b)) if a == b => wild(&pattern[1..], &word[1..]),
        _ => false,
    }
}

/// Letters changed, added, left out or swapped with their neighbour.
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let changed = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let mut best = changed.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(table[i - 2][j - 2] + 1);
                    }
                    best
                }
            };
        }
    }
    table[a.len()][b.len()]
}
