//! Unknown names that are known ones in another form: an acronym that the article spells out, a person named shorter
//! ("Mohammed Al Thani") or spelled otherwise ("Nikol Pashinian").

use std::borrow::Cow;
use std::hash::BuildHasher;

use rustc_hash::FxBuildHasher;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use super::Who;
use super::name_keys::initials;
use super::name_keys::initials_of;
use super::names::Name;
use super::sentences::Reading;
use crate::annotation::Kind;
use crate::schema::EntityIndex;
use crate::tokens::UPPER;
use crate::tokens::fold;

/// Gives such names the one that they stand for.
pub(super) fn settle<'t>(reading: &Reading<'t>, names: &mut [Name<'t>]) {
    spell_out(reading, names);
    recognise(reading, names);
}

/// What acronyms stand for.
type Meanings<'t> = FxHashMap<&'t str, (Option<Who<'t>>, Kind)>;

/// "Institute of International Finance (IIF)": from then on, and before, the acronym is the institute.
fn spell_out<'t>(reading: &Reading<'t>, names: &mut [Name<'t>]) {
    let mut meanings = Meanings::default();
    for at in 1..names.len() {
        let (long, short) = (&names[at - 1], &names[at]);
        let enclosed = short.from == long.to + 1
            && reading.is_mark(&reading.tokens[long.to], "(")
            && reading.tokens.get(short.to).is_some_and(|t| reading.is_mark(t, ")"));
        if !enclosed || matches!(short.who, Some(Who::Known(_))) || long.who.is_none() {
            continue;
        }
        // "South African Transport Services": the adjective is a name of its own, but has letters too.
        let adjective = at.checked_sub(2).map(|i| &names[i]).filter(|n| n.to == long.from);
        let whole = adjective.map(|n| reading.span(n.from, long.to).of(reading.text));
        if abbreviates(reading, short, text(reading, long)) {
            meanings.insert(text(reading, short), (long.who.clone(), long.kind));
        } else if let Some(whole) = whole.filter(|whole| abbreviates(reading, short, whole)) {
            let who = Some(Who::Named(whole.into()));
            meanings.insert(text(reading, short), (who, Kind::Organisation));
        }
    }
    add_initials(reading, names, &mut meanings);
    if meanings.is_empty() {
        return;
    }
    for name in names.iter_mut().filter(|n| !matches!(n.who, Some(Who::Known(_)))) {
        if let Some((who, kind)) = meanings.get(text(reading, name)) {
            (name.who, name.kind) = (who.clone(), *kind);
            name.actor = matches!(who, Some(Who::Known(e)) if reading.lexicon.actors.entity(*e).can_act());
        }
    }
}

/// "Communication Workers Union": CWU, where the article has no other body with these initials.
fn add_initials<'t>(reading: &Reading<'t>, names: &[Name<'t>], meanings: &mut Meanings<'t>) {
    let is_open = |n: &&Name| n.to == n.from + 1 && !matches!(n.who, Some(Who::Known(_)));
    let acronyms = || names.iter().filter(is_open).filter(|n| reading.tokens[n.from].has(UPPER));
    if acronyms().next().is_none() {
        return;
    }
    // By initials, the body; none if two have them.
    let mut bodies: FxHashMap<u64, Option<&Name>> = FxHashMap::default();
    for name in names.iter().filter(|n| n.kind == Kind::Organisation && n.to - n.from > 2) {
        let known = bodies.entry(initials_of(reading, name)).or_insert(Some(name));
        *known = known.filter(|other| text(reading, other) == text(reading, name));
    }
    for short in acronyms() {
        let acronym = text(reading, short);
        if let Some(Some(long)) = bodies.get(&initials(acronym.chars())).filter(|_| acronym.len() > 2) {
            meanings.entry(acronym).or_insert_with(|| (long.who.clone(), long.kind));
        }
    }
}

fn text<'a>(reading: &Reading<'a>, name: &Name) -> &'a str {
    reading.span(name.from, name.to).of(reading.text)
}

/// One word of capitals, whose letters stand in the words of the long name in their order, the first one first.
fn abbreviates(reading: &Reading, short: &Name, long: &str) -> bool {
    if short.to != short.from + 1 || !reading.tokens[short.from].has(UPPER) || !long.contains(' ') {
        return false;
    }
    let mut letters = long.chars().filter(|c| c.is_alphabetic()).map(|c| c.to_ascii_uppercase());
    let mut acronym = text(reading, short).chars().filter(|c| c.is_alphabetic());
    letters.next() == acronym.next() && acronym.all(|a| letters.any(|l| l == a))
}

/// Unknown persons whom the article or the tables know by another form of the name.
fn recognise<'t>(reading: &Reading<'t>, names: &mut [Name<'t>]) {
    let is_open = |n: &&Name| n.kind == Kind::Person && matches!(n.who, Some(Who::Named(_)));
    if names.iter().find(is_open).is_none() {
        return;
    }
    let known = known_persons(reading, names);
    let mut found: FxHashMap<Cow<str>, Option<EntityIndex>> = FxHashMap::default();
    for name in names.iter_mut().filter(|n| n.kind == Kind::Person) {
        let Some(Who::Named(written)) = &name.who else { continue };
        let person = match found.get(written) {
            Some(person) => *person,
            None => {
                let person = whom(reading, written, &known);
                found.insert(written.clone(), person);
                person
            }
        };
        if let Some(person) = person {
            name.who = Some(Who::Known(person));
            name.actor = true;
        }
    }
}

/// Known persons by the key of their first and last name, folded; none if two have the same.
type Persons = FxHashMap<u64, Option<EntityIndex>>;

/// The known persons of an article.
fn known_persons(reading: &Reading, names: &[Name]) -> Persons {
    let persons = names.iter().filter(|n| n.kind == Kind::Person);
    let distinct: FxHashSet<EntityIndex> = persons
        .filter_map(|n| match n.who {
            Some(Who::Known(person)) => Some(person),
            _ => None,
        })
        .collect();
    let mut known = Persons::default();
    for person in distinct {
        let name = fold(&reading.lexicon.actors.entity(person).name);
        if let Some(ends) = ends(&name) {
            let found = known.entry(FxBuildHasher.hash_one(ends)).or_insert(Some(person));
            *found = found.filter(|other| *other == person);
        }
    }
    known
}

/// The one known person with these first and last names; `known` are those of the article.
fn whom(reading: &Reading, written: &str, known: &Persons) -> Option<EntityIndex> {
    let folded = fold(written);
    let (first, last) = ends(&folded)?;
    match known.get(&FxBuildHasher.hash_one((first, last))) {
        Some(person) => *person,
        None => reading.lexicon.actors.spelled(first, last),
    }
}

/// The first and the last word of a name of several.
fn ends(name: &str) -> Option<(&str, &str)> {
    Some((name.split(' ').next()?, last_word(name)?))
}

/// The last word of a name of several, hyphens being spaces.
fn last_word(name: &str) -> Option<&str> {
    name.split_once(' ')?.1.rsplit([' ', '-']).next()
}

#[cfg(test)]
mod tests {
    use crate::extract::name_testing::annotate;

    fn entities(text: &str) -> Vec<String> {
        annotate(text).mentions.into_iter().filter_map(|m| m.entity).collect()
    }

    #[test]
    fn other_spellings_and_shorter_forms_are_the_known_person() {
        assert_eq!(entities("Yesterday Nikol Pashinian spoke. Pashinian left."), ["Nikol Pashinyan"; 2]);
        let text = "Tamim bin Hamad Al Thani spoke in the evening. Later Tamim Al Thani left.";
        assert_eq!(entities(text), ["Tamim bin Hamad Al Thani"; 2]);
        assert!(entities("Yesterday Nikola Pashkin spoke.").is_empty());
    }

    #[test]
    fn an_acronym_is_what_the_article_spells_out() {
        let found = annotate(
            "Dockers agree\n\nThe Institute of Harbour Studies (IHS) met in the evening, as it had a week before.\n\n\
             The deal between the two unions was brokered by the IHS, a spokesman said on Monday.",
        );
        let brokers: Vec<&str> = found.events.iter().flat_map(|e| e.names("broker")).collect();
        assert_eq!(brokers, ["Institute of Harbour Studies"]);
    }
}
