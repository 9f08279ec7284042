//! Names of organs, put in when the events are read: "Foreign Ministry", "the Polish Development Bank".
//!
//! The role rules want the words of an office and the adjective of a country apart; a reader's list of names wants
//! them whole. No country is lost by it: an adjective becomes part of a name only if the article names the country
//! elsewhere as well.

use rustc_hash::FxHashMap;

use super::Who;
use super::names::Name;
use super::names::put_between;
use super::sentences::Reading;
use super::sentences::Sentence;
use crate::annotation::Kind;
use crate::article::BlockKind;
use crate::schema::EntityIndex;
use crate::schema::Form;
use crate::schema::WordClass;
use crate::tokens::CAPITAL;
use crate::tokens::MARK;
use crate::tokens::NUMBER;

/// Words of an organ's name.
const LONGEST: usize = 6;

/// Adds the organs of an article to its names and joins bodies with the adjective before them.
pub(super) fn complete<'t>(reading: &Reading<'t>, names: &mut Vec<Name<'t>>) {
    join(reading, names);
    drop_titles(reading, names);
    put_between(reading, names, |_, sentence, at, limit| {
        let to = if sentence.shouted || sentence.kind == BlockKind::Title {
            None
        } else {
            organ(reading, sentence, at, limit)
        };
        to.map(|to| organisation(reading, at, to))
    });
}

/// An alias may hold a title, "President Reagan"; the name is what follows.
fn drop_titles<'t>(reading: &Reading<'t>, names: &mut [Name<'t>]) {
    for name in names.iter_mut().filter(|n| n.kind == Kind::Person && n.to - n.from > 1) {
        let titled = |i: usize| {
            let (token, next) = (&reading.tokens[i], &reading.tokens[i + 1]);
            (reading.is(token, WordClass::TITLE) || reading.is(token, WordClass::HONORIFIC))
                && next.has(CAPITAL)
        };
        while name.to - name.from > 1 && titled(name.from) {
            name.from += 1;
        }
    }
}

fn organisation<'t>(reading: &Reading<'t>, from: usize, to: usize) -> Name<'t> {
    let who = Some(Who::written(reading, from, to));
    Name { from, to, kind: Kind::Organisation, who, form: Form::Name, actor: false }
}

/// Where the name of an organ ends that starts here: two or more capitals, the last a word for an organ.
fn organ(reading: &Reading, sentence: &Sentence, from: usize, limit: usize) -> Option<usize> {
    let capital = |i: usize| reading.tokens[i].has(CAPITAL) && !reading.tokens[i].has(MARK | NUMBER);
    if !capital(from) || from == sentence.from && reading.is(&reading.tokens[from], WordClass::STARTER) {
        return None;
    }
    let end = (from..limit.min(from + LONGEST)).find(|i| !capital(*i)).unwrap_or(limit.min(from + LONGEST));
    let is = |i: usize, class| reading.is(&reading.tokens[i], class);
    (from + 2..=end).rev().find(|to| is(to - 1, WordClass::ORGAN) && is(to - 1, WordClass::ORG_SUFFIX))
}

/// "Polish" + "Development Bank" is one name.
fn join<'t>(reading: &Reading<'t>, names: &mut Vec<Name<'t>>) {
    let mut counts: FxHashMap<EntityIndex, u32> = FxHashMap::default();
    for name in names.iter() {
        if let (Kind::Country, Some(Who::Known(entity))) = (name.kind, &name.who) {
            *counts.entry(*entity).or_default() += u32::from(name.actor);
        }
    }
    let mut at = 0;
    while at + 1 < names.len() {
        let (first, second) = (&names[at], &names[at + 1]);
        let adjective = first.form == Form::Demonym && first.to == second.from;
        let named = second.kind == Kind::Organisation && matches!(second.who, Some(Who::Named(_)));
        let last = &reading.tokens[second.to - 1];
        let whole = second.to - second.from > 1
            && reading.is(last, WordClass::ORG_SUFFIX)
            && !reading.is(last, WordClass::ORGAN);
        let country = match first.who {
            Some(Who::Known(entity)) => counts.get_mut(&entity).filter(|count| **count > 1),
            _ => None,
        };
        if let (true, true, true, Some(count)) = (adjective, named, whole, country) {
            *count -= 1;
            names[at] = organisation(reading, first.from, second.to);
            names.remove(at + 1);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::name_testing::check;

    #[test]
    fn an_organ_is_named_whole() {
        check(
            "Visit put off\n\nThe visit was put off, the Foreign Ministry said on Monday.",
            &[("Foreign Ministry", "organisation")],
        );
    }

    #[test]
    fn an_adjective_joins_a_body_only_where_the_country_is_named_elsewhere() {
        let body = "Loan agreed\n\nThe loan comes from the Polish Harvest Bank.";
        check(body, &[("Polish", "country")]);
        check(&format!("{body} Poland needs it."), &[("Polish Harvest Bank", "organisation")]);
    }
}
