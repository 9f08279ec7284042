//! Datelines: "GENEVA, March 3 -", "LYON, France (AFP) —", "OSLO 1998-05-04": where an article was written.
//!
//! The city of a dateline is a place though the line is in capitals and no table may know it.

use super::Who;
use super::names::Name;
use super::sentences::Reading;
use super::sentences::Sentence;
use crate::annotation::Kind;
use crate::schema::Form;
use crate::schema::WordClass;
use crate::tokens::BREAK;
use crate::tokens::CAPITAL;
use crate::tokens::GLUED;
use crate::tokens::MARK;
use crate::tokens::NUMBER;
use crate::tokens::Token;
use crate::tokens::UPPER;

/// Lines below the headline that may be a dateline, in tokens: bylines stand before it.
const REACH: usize = 80;

/// Finds the dateline, makes its city a place if nobody knows it, and returns the tokens of its names.
pub(super) fn settle<'t>(reading: &Reading<'t>, names: &mut Vec<Name<'t>>) -> Option<(usize, usize)> {
    let end = reading.tokens.len().min(REACH);
    // The first token of a block bears no mark of a line break.
    let near = |s: &&Sentence| s.from < end;
    let (from, city, to) = reading.sentences.iter().take_while(near).find_map(|sentence| {
        let line = Line { reading, end: sentence.to };
        let starts = |at: &usize| *at == sentence.from || reading.tokens[*at].has(BREAK);
        (sentence.from..sentence.to.min(end)).filter(starts).find_map(|at| line.dateline(at))
    })?;
    let at = names.partition_point(|n| n.to <= from);
    match names.get_mut(at).filter(|n| n.from < to) {
        // "ROME, Georgia" and the like are longer than the city.
        Some(known) if known.from == from && known.to >= city => {
            if !matches!(known.kind, Kind::Place | Kind::Country) {
                known.kind = Kind::Place;
                known.who = Some(Who::written(reading, from, known.to));
                known.actor = false;
            }
        }
        _ => {
            names.retain(|n| n.to <= from || n.from >= city);
            let who = Some(Who::written(reading, from, city));
            let place = Name { from, to: city, kind: Kind::Place, who, form: Form::Name, actor: false };
            names.insert(at, place);
        }
    }
    Some((from, to))
}

/// The tokens of one block.
struct Line<'a, 'b> {
    reading: &'a Reading<'b>,
    end: usize,
}

impl Line<'_, '_> {
    fn get(&self, at: usize) -> Option<&Token> {
        self.reading.tokens.get(at).filter(|_| at < self.end)
    }

    fn is_mark(&self, at: usize, marks: &str) -> bool {
        self.get(at).is_some_and(|t| self.reading.is_mark(t, marks))
    }

    /// The dateline that starts at a token: its first token, the end of the city, the end of the last place.
    fn dateline(&self, from: usize) -> Option<(usize, usize, usize)> {
        let city = self.capitals(from)?;
        let upper = self.reading.tokens[from].has(UPPER);
        let to = self.regions(city);
        let mut at = to + usize::from(self.is_mark(to, ","));
        let days = self.day(at).unwrap_or(0);
        at += days;
        let agency = self.is_mark(at, "(");
        if agency {
            at = (at..at + 6).find(|i| self.is_mark(*i, ")"))? + 1;
        }
        at += usize::from(self.is_mark(at, ",") && days > 0);
        let dash = self.is_mark(at, "-–—") && self.get(at).is_some_and(|t| !t.has(BREAK));
        let ends = self.get(at).is_none_or(|t| t.has(BREAK));
        let certain = dash && (upper || days > 0 || agency) || days > 0 && ends && upper;
        // "SOCCER - RESULTS": a heading has a dash too, and no day; then the city must be known to be one.
        let known = days > 0 || agency || self.is_place(from, city);
        (certain && known).then_some((from, city, to))
    }

    /// ", Alberta", ", Calif., U.S.": where the places after the city end; a day is none.
    fn regions(&self, city: usize) -> usize {
        let mut to = city;
        while self.is_mark(to, ",") && self.day(to + 1).is_none() {
            let Some(end) = self.capitals(to + 1) else { break };
            let dot = self.is_mark(end, ".") && self.get(end).is_some_and(|t| t.has(GLUED) || !t.has(BREAK));
            to = end + usize::from(dot);
        }
        to
    }

    fn is_place(&self, from: usize, city: usize) -> bool {
        let actors = &self.reading.lexicon.actors;
        let tokens = &self.reading.tokens[from..city];
        actors.longest(self.reading.text, tokens).is_some_and(|(length, readings)| {
            length == tokens.len()
                && readings.iter().any(|a| {
                    a.form == Form::Name
                        && matches!(actors.entity(a.entity).kind, Kind::Place | Kind::Country)
                })
        })
    }

    /// Up to five words with a capital, on one line.
    fn capitals(&self, from: usize) -> Option<usize> {
        let capital = |t: &Token| t.has(CAPITAL) && !t.has(MARK | NUMBER);
        let mut at = from;
        while let Some(token) = self.get(at).filter(|t| at == from || !t.has(BREAK)) {
            let joins = at > from && token.has(GLUED) && self.is_mark(at, "-'./");
            let next = self.get(at + 1).is_some_and(|n| capital(n) && !n.has(BREAK));
            if !(capital(token) || joins && next) || at - from > 5 {
                break;
            }
            at += 1;
        }
        (at > from && at - from <= 5).then_some(at)
    }

    /// "March 3", "Nov. 21, 2020", "3 March", "1998-05-04": how many tokens the day of a dateline takes.
    fn day(&self, at: usize) -> Option<usize> {
        let number = |i: usize| self.get(i).is_some_and(|t| t.has(NUMBER) && !t.has(BREAK));
        let month = |t: &Token| self.reading.is(t, WordClass::MONTH);
        let first = self.get(at).filter(|t| !t.has(BREAK))?;
        if first.has(NUMBER) {
            let iso = first.end - first.start == 4
                && self.is_mark(at + 1, "-")
                && number(at + 2)
                && self.is_mark(at + 3, "-")
                && number(at + 4);
            return if iso { Some(5) } else { self.get(at + 1).is_some_and(month).then_some(2) };
        }
        let dot = usize::from(self.is_mark(at + 1, "."));
        if !month(first) || !number(at + 1 + dot) {
            return None;
        }
        let year = self.is_mark(at + 2 + dot, ",") && number(at + 3 + dot);
        Some(2 + dot + if year { 2 } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::name_testing::check;
    use crate::extract::name_testing::names;

    #[test]
    fn the_city_of_a_dateline_is_a_place() {
        check("Mill burns\n\nVELDENBURG, Ontario, March 3 - A mill burnt down.", &[("VELDENBURG", "place")]);
        check("Mill burns\n\nOBERVELDEN (Agency) - A mill burnt down.", &[("OBERVELDEN", "place")]);
        check("Mill burns\n\nLONDON 1998-05-04\nA mill burnt down on Monday.", &[("LONDON", "place")]);
    }

    #[test]
    fn a_heading_with_a_dash_is_no_dateline() {
        assert!(!names("Mills\n\nUPDATE - A mill burnt down.").contains(&("UPDATE", "place")));
    }
}
