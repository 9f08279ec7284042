//! Articles of sport: who is a team and who a player, told by tables of results and standings and by verbs of play.
//!
//! "Velden 2 Oranje 1" names two clubs though both are towns; "1. Jan Smit ( Norway ) 43.2" a person. A nation that
//! plays stays a country.

use rustc_hash::FxHashSet;

use super::Who;
use super::name_keys::key;
use super::name_tables;
use super::names::Name;
use super::sentences::Reading;
use super::sentences::Sentence;
use crate::annotation::Kind;
use crate::article::BlockKind;
use crate::schema::Form;
use crate::schema::WordClass;
use crate::schema::notes;
use crate::tokens::BREAK;
use crate::tokens::CAPITAL;
use crate::tokens::MARK;
use crate::tokens::NUMBER;
use crate::tokens::UPPER;

/// Tokens at the start of an article in which it says that it is one of sport.
const HEAD: usize = 60;

/// Tells whether an article is one of sport: its first lines have two words of it.
pub(super) fn is_sport(reading: &Reading) -> bool {
    let head = reading.tokens.iter().take(HEAD);
    head.filter(|t| t.noted(notes::SPORT)).take(2).count() == 2
}

/// Settles who plays in an article of sport.
pub(super) fn settle<'t>(reading: &Reading<'t>, names: &mut Vec<Name<'t>>) {
    let found = name_tables::read(reading);
    let mut teams = put(reading, names, found);
    nicknames(reading, names);
    teams.extend(playing(reading, names));
    for sentence in &reading.sentences {
        let first = names.partition_point(|n| n.to <= sentence.from);
        let last = names.partition_point(|n| n.from < sentence.to);
        for name in &mut names[first..last] {
            let team = name.kind == Kind::Place && teams.contains(&key(reading, name.from, name.to));
            if team && !is_placed(reading, name, sentence) {
                name.kind = Kind::Organisation;
                name.who = Some(Who::written(reading, name.from, name.to));
            }
        }
    }
}

/// "In Velden", "VELDEN, Norway 1998-05-04" are the town.
fn is_placed(reading: &Reading, name: &Name, sentence: &Sentence) -> bool {
    let before = name.from.checked_sub(1).filter(|i| *i >= sentence.from);
    let preposition = before.is_some_and(|i| ["in", "at", "near"].iter().any(|w| reading.says(i, w)));
    let next = reading.tokens.get(name.to);
    let colon = next.is_some_and(|t| reading.is_mark(t, ":"));
    let year = next.is_some_and(|t| t.has(NUMBER) && t.end - t.start == 4 && !t.has(BREAK));
    let region = next.is_some_and(|t| reading.is_mark(t, ","))
        && reading.tokens.get(name.to + 1).is_some_and(|t| t.has(CAPITAL))
        && sentence.kind != BlockKind::Title
        && name.from == sentence.from;
    preposition || colon || year || region
}

/// Puts what the tables say in the place of what was found before; returns the keys of the teams.
fn put<'t>(
    reading: &Reading<'t>,
    names: &mut Vec<Name<'t>>,
    found: Vec<(usize, usize, Kind)>,
) -> FxHashSet<u64> {
    let mut teams = FxHashSet::default();
    let mut out: Vec<Name> = Vec::with_capacity(names.len() + found.len());
    let mut old = std::mem::take(names).into_iter().peekable();
    for (from, to, kind) in found {
        if out.last().is_some_and(|n| n.to > from) {
            continue;
        }
        while let Some(name) = old.next_if(|n| n.to <= from) {
            out.push(name);
        }
        let mut kept = false;
        while let Some(name) = old.next_if(|n| n.from < to) {
            let exact = name.from == from && name.to == to;
            if exact && (is_nation(reading, &name) || name.kind == kind) || name.from < from || name.to > to {
                kept = true;
                out.push(name);
            }
        }
        if kind == Kind::Organisation && !kept {
            teams.insert(key(reading, from, to));
        }
        if !kept {
            let who = Some(Who::written(reading, from, to));
            out.push(Name { from, to, kind, who, form: Form::Name, actor: false });
        }
    }
    out.extend(old);
    *names = out;
    teams
}

/// A country, or a nation that plays like one.
fn is_nation(reading: &Reading, name: &Name) -> bool {
    name.kind == Kind::Country || reading.is(&reading.tokens[name.to - 1], WordClass::HOME_NATION)
}

/// "Norfolk Herons": a place and one more word in the plural.
fn nicknames<'t>(reading: &Reading<'t>, names: &mut [Name<'t>]) {
    let mut at = 0;
    while at < names.len() {
        let (from, to) = (names[at].from, names[at].to);
        let place =
            names[at].kind == Kind::Place || names[at].kind == Kind::Country && names[at].form == Form::Name;
        let end = names.get(at + 1).map_or(reading.tokens.len(), |n| n.from);
        let plural = |i: usize| {
            let token = &reading.tokens[i];
            token.has(CAPITAL)
                && !token.has(MARK | BREAK | NUMBER)
                && reading.word(i).to_ascii_lowercase().ends_with('s')
        };
        let ends = |i: usize| reading.tokens.get(i).is_none_or(|t| !t.has(CAPITAL) || t.has(BREAK));
        let own = reading.tokens.get(to).is_some_and(|t| !reading.is(t, WordClass::STARTER) && !t.has(UPPER));
        if place && own && to < end && plural(to) && ends(to + 1) && !reading.is_possessive(to) {
            names[at].to = to + 1;
            names[at].kind = Kind::Organisation;
            names[at].who = Some(Who::written(reading, from, to + 1));
            names[at].form = Form::Name;
            names[at].actor = false;
        }
        at += 1;
    }
}

/// The keys of places that play: "Somerset beat", "against Essex", "Essex's Smit", "Kent have".
fn playing(reading: &Reading, names: &[Name]) -> Vec<u64> {
    let is = |i: usize, class| reading.tokens.get(i).is_some_and(|t| reading.is(t, class));
    let plays = |at: &usize| {
        let name = &names[*at];
        let before = name.from.wrapping_sub(1);
        let placed = is(before, WordClass::PLACE_PREPOSITION) || reading.says(before, "of");
        let met = is(before, WordClass::MATCH_VERB)
            || ["against", "over", "for"].iter().any(|w| reading.says(before, w));
        let owns = reading.is_possessive(name.to)
            && names.get(at + 1).is_some_and(|n| n.from == name.to + 1 && n.kind != Kind::Place);
        let does = [WordClass::SPORT_VERB, WordClass::MATCH_VERB, WordClass::AUXILIARY];
        met || !placed && (owns || does.iter().any(|c| is(name.to, *c)) || reading.says(name.to, "have"))
    };
    let places =
        (0..names.len()).filter(|i| names[*i].kind == Kind::Place && !is_nation(reading, &names[*i]));
    places.filter(plays).map(|i| key(reading, names[i].from, names[i].to)).collect()
}

#[cfg(test)]
mod tests {
    use crate::extract::name_testing::check;
    use crate::extract::name_testing::names;

    #[test]
    fn tables_of_results_and_standings_name_teams() {
        let table = "SOCCER - LEAGUE RESULTS\n\nResults of soccer matches on Sunday :\n\
            Rotterdam 2 Oranje Boys 1\nGhent 0 Zwaluwen 3\nStandings :\nGhent 4 3 1 0 11 4 10\n\
            Haarlem 4 3 0 1 7 3 9";
        let teams = ["Rotterdam", "Oranje Boys", "Ghent", "Zwaluwen", "Haarlem"];
        check(table, &teams.map(|t| (t, "organisation")));
    }

    #[test]
    fn nations_that_play_stay_countries() {
        check(
            "SOCCER - CUP RESULTS\n\nResults of soccer matches on Sunday :\nNorway 2 Chad 1\n",
            &[("Norway", "country"), ("Chad", "country")],
        );
    }

    #[test]
    fn ranks_with_a_country_are_persons() {
        check(
            "CYCLING - RESULTS\n\nLeading riders after the third stage of the race :\n\
             1. Joop Veldenaar ( Netherlands ) 43.2\n2. Ole Fjordheim ( Norway ) 44.1",
            &[("Joop Veldenaar", "person"), ("Ole Fjordheim", "person"), ("Norway", "country")],
        );
    }

    #[test]
    fn a_town_that_plays_is_a_team_but_where_it_is_played_is_the_town() {
        let text = "SOCCER - HAARLEM WIN THE CUP\n\nHaarlem beat the champions in the cup match on Sunday. The \
            players of Haarlem danced in Haarlem all night.";
        let found = names(text);
        let of = |kind| found.iter().filter(|f| **f == ("Haarlem", kind)).count();
        assert_eq!((of("organisation"), of("place")), (2, 1), "{found:?}");
    }
}
