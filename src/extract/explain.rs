//! Says of each trigger word which rules fired and which came near: the engine asked again, with shorter patterns.
//!
//! Nothing of this runs when an article is annotated.

use super::confirm::Cast;
use super::events;
use super::events::Round;
use super::events::Teller;
use super::patterns::Match;
use super::patterns::Scene;
use super::phrases::Item;
use super::phrases::Phrase;
use super::phrases::Sense;
use super::resolve::Dated;
use crate::annotation::Event;
use crate::annotation::Explanation;
use crate::annotation::Participant;
use crate::annotation::RuleTrace;
use crate::annotation::Status;
use crate::annotation::Zone;
use crate::article::Article;
use crate::schema::Element;
use crate::schema::Filter;
use crate::schema::Rule;
use crate::schema::Schema;

/// Explains the events of an article, and those that it nearly has.
pub fn explain(article: &Article, schema: &Schema) -> Vec<Explanation> {
    let mut out = Vec::new();
    super::each_reading(article, schema, |reading, found, zone| {
        let (names, dates) = (&found.names, &found.dates);
        let cast = Cast::of(&events::find(reading, names, dates, zone));
        let mut read = |teller: &Teller, bare: Option<&Teller>, _: &[Dated]| {
            let mut told = sentence(teller, zone);
            // What fires only without the asides stands in the place of what came near with them.
            for more in bare.into_iter().flat_map(|bare| sentence(bare, zone)) {
                let silent = told.iter_mut().find(|t| t.trigger == more.trigger && !fires(t));
                if let Some(silent) = silent.filter(|_| fires(&more)) {
                    *silent = more;
                }
            }
            out.extend(told);
        };
        for cast in [None, Some(&cast)] {
            events::each_sentence(reading, names, dates, Round { cast, nameless: true }, &mut read);
        }
    });
    out.sort_by_key(|e| (e.zone, e.trigger));
    out
}

fn fires(explanation: &Explanation) -> bool {
    explanation.rules.iter().any(|r| r.fired)
}

/// The trigger words of a sentence.
fn sentence(teller: &Teller, zone: Zone) -> Vec<Explanation> {
    let scene = &teller.scene;
    let confirmed = teller.cast.is_some();
    let matches = scene.matches(confirmed);
    let mut out = Vec::new();
    for (at, item) in scene.items.iter().enumerate() {
        let Some(word) = scene.word_of(item) else { continue };
        let mut rules: Vec<RuleTrace> = Vec::new();
        for rule in scene.reading.lexicon.rules.anchored_at(word, confirmed) {
            let found = matches.iter().find(|m| m.anchor == at && m.rule.id == rule.id);
            rules.extend(match found {
                Some(found) => Some(fired(teller, found, &matches, zone)),
                None => near_miss(scene, rule, at),
            });
        }
        if scene.reading.lexicon.rules.anchored_at(word, confirmed).next().is_none() {
            continue;
        }
        rules.sort_by(|a, b| {
            let missing = |r: &RuleTrace| r.elements - r.matched;
            b.fired
                .cmp(&a.fired)
                .then(missing(a).cmp(&missing(b)))
                .then(b.confidence.total_cmp(&a.confidence))
        });
        let (from, to) = item.tokens();
        out.push(Explanation {
            zone,
            sentence: scene.reading.span(scene.sentence.from, scene.sentence.to),
            trigger: scene.reading.span(from, to),
            rules,
        });
    }
    out
}

/// A rule that fits: what it says, and what becomes of it beside the others.
fn fired(teller: &Teller, found: &Match, matches: &[Match], zone: Zone) -> RuleTrace {
    let mut event = teller.event(found, zone);
    let settled = teller.tell(zone);
    let result = settled
        .iter()
        .find(|e| e.kind == found.rule.event && (e.trigger == event.trigger || found.rule.attach));
    let mut why: Vec<String> = found
        .captures
        .iter()
        .filter(|c| teller.members(c).is_empty())
        .map(|c| nobody(c.filter).to_string())
        .collect();
    match result {
        None if found.rule.attach => {
            why.push(format!("it adds to an event of the kind {} and there is none", event.kind));
        }
        None if found.rule.confirmed.is_some() => {
            why.push("nothing else in the article gives them these roles, which this rule asks for".into());
            event.participants.clear();
        }
        _ => {
            let left = result.map_or(&[][..], |r| &r.participants);
            let stays = |p: &Participant| left.iter().any(|r| r.role == p.role && r.name == p.name);
            let lost = event.participants.iter().filter(|p| !stays(p));
            why.extend(lost.map(|p| beaten(teller, p, left)));
            event.participants.retain(stays);
        }
    }
    let fired = result.is_some() && !event.participants.is_empty();
    if fired {
        why.extend(shades(found, matches, &event));
    }
    let elements = found.rule.elements.iter().filter(|e| is_solid(e)).count() as u32;
    RuleTrace {
        rule: found.rule.id.clone(),
        confidence: found.rule.confidence,
        fired,
        participants: event.participants,
        status: event.status,
        background: event.background,
        matched: elements,
        elements,
        why: (!why.is_empty()).then(|| why.join("; ")),
    }
}

/// What makes the event of a rule less than a plain fact, or another rule's.
fn shades(found: &Match, matches: &[Match], event: &Event) -> Vec<String> {
    let surer = matches.iter().find(|m| {
        m.anchor == found.anchor
            && m.rule.event == found.rule.event
            && !m.rule.attach
            && m.rule.confidence > found.rule.confidence
    });
    let mut why = Vec::new();
    if let Some(surer) = surer.filter(|_| !found.rule.attach) {
        why.push(format!("{} is surer and speaks for this word; this rule adds to it", surer.rule.id));
    }
    let role = event.participants.first().map_or("", |p| &p.role);
    let status = event.status.name();
    if event.background {
        why.push(format!("it is told as history: it counts under {role}.background, not {role}"));
    } else if event.status != Status::Asserted {
        why.push(format!("its words say {status}: it counts under {role}.{status}, not {role}"));
    }
    why
}

/// Why a slot that fits names nobody.
fn nobody(filter: Filter) -> &'static str {
    match filter {
        Filter::Pronoun => "the sentence before does not name one person alone, whom the pronoun could mean",
        Filter::Sides => "the text has not named two sides so far",
        _ => "a slot fits but names nobody",
    }
}

/// Why somebody lost a role.
fn beaten(teller: &Teller, lost: &Participant, left: &[Participant]) -> String {
    let winner = teller.scene.reading.roles.iter().find(|role| {
        role.beats.contains(&lost.role) && left.iter().any(|p| p.role == role.id && p.name == lost.name)
    });
    match winner {
        Some(role) => format!("{} is {}, which rules {} out", lost.name, role.id, lost.role),
        None => format!("{} is not kept as {}", lost.name, lost.role),
    }
}

/// Tells whether an element must be there for a pattern to fit.
fn is_solid(element: &Element) -> bool {
    match element {
        Element::Words { from, .. } | Element::Class { from, .. } => *from > 0,
        Element::Gap { .. } | Element::Start => false,
        Element::Slot { .. } | Element::Hyphen => true,
    }
}

/// A rule that does not fit, if but one thing is missing or much is there.
fn near_miss(scene: &Scene, rule: &Rule, at: usize) -> Option<RuleTrace> {
    let (left, right) = rule.elements.split_at(rule.anchor);
    let fits_right = |n: usize| scene.rightwards(&right[..n], at, &mut Vec::new()).map(|end| (n, end));
    let fits_left =
        |n: usize| scene.leftwards(&left[left.len() - n..], at, &mut Vec::new()).map(|start| (n, start));
    let (to, end) = (0..=right.len()).rev().find_map(fits_right).unwrap_or((0, at));
    let (back, start) = (0..=left.len()).rev().find_map(fits_left).unwrap_or((0, at));
    let (from, to) = (rule.anchor - back, rule.anchor + to);
    let solid = |elements: &[Element]| elements.iter().filter(|e| is_solid(e)).count();
    let matched = solid(&rule.elements[from..to]);
    let all = solid(&rule.elements);
    if all - matched > 1 && matched < 3 || matched < 2 {
        return None;
    }
    let why = if to < rule.elements.len() {
        format!(
            "fits `{}`, but then `{}`: {}",
            rule.written[from..to].join(" "),
            rule.written[to],
            lack(scene, &rule.elements[to], end, None)
        )
    } else if from > 0 {
        let before = start.checked_sub(1);
        let lack = lack(scene, &rule.elements[from - 1], before.unwrap_or(usize::MAX), before);
        format!(
            "fits `{}`, but before it `{}`: {lack}",
            rule.written[from..to].join(" "),
            rule.written[from - 1]
        )
    } else {
        condition(scene, rule, start, end)
    };
    Some(RuleTrace {
        rule: rule.id.clone(),
        confidence: rule.confidence,
        fired: false,
        participants: Vec::new(),
        status: Status::Asserted,
        background: false,
        matched: matched as u32,
        elements: all as u32,
        why: Some(why),
    })
}

/// Why a rule whose pattern fits does not fire.
fn condition(scene: &Scene, rule: &Rule, start: usize, end: usize) -> String {
    let barred = |at: Option<usize>, words: &[u32]| {
        let item = &scene.items.get(at?)?;
        scene.word_of(item).filter(|w| words.contains(w)).map(|_| text(scene, item).to_string())
    };
    if let Some(word) = barred(Some(end), &rule.unless_next) {
        format!("the pattern fits, but “{word}” must not follow it (unless_next)")
    } else if let Some(word) = barred(start.checked_sub(1), &rule.unless_previous) {
        format!("the pattern fits, but “{word}” must not stand before it (unless_previous)")
    } else if !rule.unless_behind.is_empty() {
        "the pattern fits, but a word stands in it that must not (unless_behind)".into()
    } else if rule.requires.is_some() {
        "the pattern fits, but no word of the class that it requires stands in the sentence".into()
    } else {
        "each side of the pattern fits, but not both together".into()
    }
}

fn text<'a>(scene: &'a Scene, item: &Item) -> &'a str {
    let (from, to) = item.tokens();
    scene.reading.span(from, to).of(scene.reading.text)
}

/// What stands where an element should; `left` is set if the pattern is read towards the left.
fn lack(scene: &Scene, element: &Element, at: usize, left: Option<usize>) -> String {
    let Some(item) = scene.items.get(at) else {
        return if at == usize::MAX { "the sentence begins there" } else { "the sentence ends there" }.into();
    };
    let there = text(scene, item);
    let Element::Slot { filter, .. } = element else {
        return match element {
            Element::Start => "the sentence does not begin there".into(),
            _ => format!("“{there}” stands there"),
        };
    };
    match (filter, scene.phrase(at)) {
        (Filter::Sides, _) => format!("“{there}” does not stand for both sides"),
        (Filter::Pronoun, _) => format!("“{there}” is not “he” or “she”"),
        (_, None) => format!("no actor stands there, but “{there}”"),
        (Filter::Place, Some(_)) => format!("“{there}” is no place"),
        (_, Some(phrase)) => no_actor(scene, *filter, phrase, there, left),
    }
}

/// Why a phrase does not fill a slot for actors.
fn no_actor(scene: &Scene, filter: Filter, phrase: &Phrase, there: &str, left: Option<usize>) -> String {
    match (phrase.sense, filter) {
        (Sense::Place, _) => format!("“{there}” is a place there and acts for nobody"),
        (Sense::People, _) => format!("“{there}” act for nobody but themselves"),
        (Sense::Adjective, Filter::Plain | Filter::Subject | Filter::Many) => {
            format!("“{there}” is an adjective there")
        }
        (_, Filter::Many) => format!("“{there}” is one actor, two are needed"),
        _ if left.is_some_and(|at| scene.governed(at)) => {
            format!("“{there}” hangs on a preposition, so it is not the subject")
        }
        _ => format!("“{there}” does not fit"),
    }
}
