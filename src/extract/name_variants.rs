//! Unknown names that are known ones in another form: an acronym that the article spells out, a person named shorter
//! ("Mohammed Al Thani") or spelled otherwise ("Nikol Pashinian").

use rustc_hash::FxHashMap;

use super::Who;
use super::names::Name;
use super::sentences::Reading;
use crate::annotation::Kind;
use crate::schema::EntityIndex;
use crate::tokens::CAPITAL;
use crate::tokens::UPPER;
use crate::tokens::fold;

/// Gives such names the one that they stand for.
pub(super) fn settle(reading: &Reading, names: &mut [Name]) {
    spell_out(reading, names);
    recognise(reading, names);
}

/// "Institute of International Finance (IIF)": from then on, and before, the acronym is the institute.
fn spell_out(reading: &Reading, names: &mut [Name]) {
    let mut meanings: FxHashMap<String, (Option<Who>, Kind)> = FxHashMap::default();
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
            meanings.insert(text(reading, short).to_string(), (long.who.clone(), long.kind));
        } else if let Some(whole) = whole.filter(|whole| abbreviates(reading, short, whole)) {
            let who = Some(Who::Named(whole.to_string()));
            meanings.insert(text(reading, short).to_string(), (who, Kind::Organisation));
        }
    }
    add_initials(reading, names, &mut meanings);
    if meanings.is_empty() {
        return;
    }
    for name in names.iter_mut().filter(|n| !matches!(n.who, Some(Who::Known(_)))) {
        if let Some((who, kind)) = meanings.get(text(reading, name)) {
            (name.who, name.kind) = (who.clone(), *kind);
            name.actor = who.as_ref().is_some_and(|w| acts(reading, w));
        }
    }
}

/// "Communication Workers Union": CWU, where the article has no other body with these initials.
fn add_initials(reading: &Reading, names: &[Name], meanings: &mut FxHashMap<String, (Option<Who>, Kind)>) {
    let open = |n: &&Name| !matches!(n.who, Some(Who::Known(_))) && n.to == n.from + 1;
    for short in names.iter().filter(open).filter(|n| reading.tokens[n.from].has(UPPER)) {
        let acronym = text(reading, short);
        if acronym.len() < 3 || meanings.contains_key(acronym) {
            continue;
        }
        let spells = |n: &&Name| {
            let words = (n.from..n.to).filter(|i| reading.tokens[*i].has(CAPITAL));
            let initials = words.filter_map(|i| reading.word(i).chars().next());
            n.kind == Kind::Organisation && n.to - n.from > 2 && initials.eq(acronym.chars())
        };
        let mut long = names.iter().filter(spells);
        if let Some(first) = long.next()
            && long.all(|n| text(reading, n) == text(reading, first))
        {
            meanings.insert(acronym.to_string(), (first.who.clone(), first.kind));
        }
    }
}

fn text<'a>(reading: &Reading<'a>, name: &Name) -> &'a str {
    reading.span(name.from, name.to).of(reading.text)
}

fn acts(reading: &Reading, who: &Who) -> bool {
    match who {
        Who::Known(entity) => reading.lexicon.actors.entity(*entity).can_act(),
        Who::Named(_) => true,
    }
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
fn recognise(reading: &Reading, names: &mut [Name]) {
    let is_open = |n: &&Name| n.kind == Kind::Person && matches!(n.who, Some(Who::Named(_)));
    if names.iter().find(is_open).is_none() {
        return;
    }
    let mut known: Vec<EntityIndex> = Vec::new();
    for name in names.iter().filter(|n| n.kind == Kind::Person) {
        if let Some(Who::Known(person)) = name.who
            && !known.contains(&person)
        {
            known.push(person);
        }
    }
    let mut found: FxHashMap<String, Option<EntityIndex>> = FxHashMap::default();
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

/// The one known person with these first and last names; `known` are those of the article.
fn whom(reading: &Reading, written: &str, known: &[EntityIndex]) -> Option<EntityIndex> {
    let folded = fold(written);
    let (first, last) = (folded.split(' ').next()?, last_word(&folded)?);
    let actors = &reading.lexicon.actors;
    let same = |person: &&EntityIndex| {
        let name = fold(&actors.entity(**person).name);
        name.split(' ').next() == Some(first) && last_word(&name) == Some(last)
    };
    let mut shorter = known.iter().filter(same);
    match (shorter.next(), shorter.next()) {
        (Some(person), None) => Some(*person),
        (None, _) => actors.spelled(first, last),
        _ => None,
    }
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
