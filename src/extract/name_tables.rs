//! Rows of tables in articles of sport: results, standings, ranks, scorecards, fixtures; who is a team and who a player.

use super::sentences::Reading;
use crate::annotation::Kind;
use crate::schema::WordClass;
use crate::tokens::BREAK;
use crate::tokens::CAPITAL;
use crate::tokens::GLUED;
use crate::tokens::MARK;
use crate::tokens::NUMBER;

/// One thing in a line of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Item {
    /// A run of capitals: first token, one past the last.
    Name(usize, usize),
    /// A number of up to three digits.
    Small(usize),
    /// Another number: "6-3", ".576", "1:52.9", "12th".
    Number(usize),
    /// A small word.
    Word(usize),
    Mark(usize),
    /// Round brackets, with what is in them.
    Bracket(usize, usize),
}

/// Reads every line of an article; returns who its tables say plays, in the order of the text.
pub(super) fn read(reading: &Reading) -> Vec<(usize, usize, Kind)> {
    let mut tables = Tables { reading, found: Vec::new(), items: Vec::new(), players: false };
    for block in reading.sentences.chunk_by(|a, b| a.block == b.block) {
        let mut from = block[0].from;
        let end = block[block.len() - 1].to;
        while from < end {
            let to = line_end(reading, from, end);
            tables.read(from, to);
            from = to;
        }
    }
    tables.found
}

/// Where a line of a block ends; one that goes on with a bracket, or with an open one, is the same line.
fn line_end(reading: &Reading, from: usize, end: usize) -> usize {
    let mut open = false;
    for at in from..end {
        let token = &reading.tokens[at];
        let bracket = reading.is_mark(token, "(");
        if at > from && token.has(BREAK) && !bracket && (!open || at - from > 200) {
            return at;
        }
        open = bracket || open && !reading.is_mark(token, ")");
    }
    end
}

/// Reads the lines of an article as rows of tables.
struct Tables<'a, 'b> {
    reading: &'a Reading<'b>,
    found: Vec<(usize, usize, Kind)>,
    items: Vec<Item>,
    /// The last heading was one of players, not of teams.
    players: bool,
}

impl Tables<'_, '_> {
    fn read(&mut self, from: usize, to: usize) {
        let start = self.after_colon(from, to);
        self.cut(start, to);
        let items = std::mem::take(&mut self.items);
        let before = self.found.len();
        self.row(&items);
        if self.found.len() == before {
            self.heading(from, to);
        }
        self.fixtures(&items);
        self.scorers(from, to);
        self.found[before..].sort_unstable_by_key(|f| (f.0, f.1));
        self.items = items;
    }

    /// "In Velden : Velden 2 ...": what stands before the colon is a heading.
    fn after_colon(&self, from: usize, to: usize) -> usize {
        let end = to.min(from + 6);
        (from..end).find(|i| self.reading.is_mark(&self.reading.tokens[*i], ":")).map_or(from, |i| i + 1)
    }

    /// Headings say what the rows below are.
    fn heading(&mut self, from: usize, to: usize) {
        let tokens = &self.reading.tokens[from..to];
        if tokens.iter().any(|t| self.reading.is(t, WordClass::PLAYER_TABLE)) {
            self.players = true;
        } else if tokens.iter().any(|t| self.reading.is(t, WordClass::TEAM_TABLE)) {
            self.players = false;
        }
    }

    /// Cuts a line into items.
    fn cut(&mut self, from: usize, to: usize) {
        self.items.clear();
        let reading = self.reading;
        let mut at = from;
        while at < to {
            let token = &reading.tokens[at];
            let item = if reading.is_mark(token, "(") {
                let close = (at..to).find(|i| reading.is_mark(&reading.tokens[*i], ")")).unwrap_or(to - 1);
                Item::Bracket(at, close + 1)
            } else if token.has(NUMBER) {
                self.number(at, to)
            } else if token.has(MARK) {
                Item::Mark(at)
            } else if self.is_name_word(at) {
                Item::Name(at, self.name_end(at, to))
            } else {
                Item::Word(at)
            };
            at = match item {
                Item::Name(_, end) | Item::Bracket(_, end) => end,
                Item::Number(last) => last + 1,
                _ => at + 1,
            };
            self.items.push(item);
        }
    }

    /// Numbers joined by dashes, dots and colons are one; the item keeps its last token.
    fn number(&self, at: usize, to: usize) -> Item {
        let tokens = &self.reading.tokens;
        let mut end = at + 1;
        while end + 1 < to && tokens[end].has(GLUED) && tokens[end].has(MARK) && tokens[end + 1].has(NUMBER) {
            end += 2;
        }
        let digits = self.reading.word(at).bytes().all(|b| b.is_ascii_digit());
        if end == at + 1 && digits && tokens[at].end - tokens[at].start <= 3 {
            Item::Small(at)
        } else {
            Item::Number(end - 1)
        }
    }

    fn is_name_word(&self, at: usize) -> bool {
        let token = &self.reading.tokens[at];
        let short = token.end - token.start < 4
            && self.reading.is(token, WordClass::STARTER)
            && !self.is_known_pair(at);
        token.has(CAPITAL)
            && !token.has(MARK | NUMBER)
            && !short
            && !self.reading.is(token, WordClass::MATCH_VERB)
    }

    /// "NEW YORK" is a name though "NEW" is a word that starts sentences.
    fn is_known_pair(&self, at: usize) -> bool {
        let tokens = &self.reading.tokens;
        let end = tokens.len().min(at + 4);
        let known = self.reading.lexicon.actors.longest(self.reading.text, &tokens[at..end]);
        known.is_some_and(|(length, _)| length > 1)
    }

    fn name_end(&self, at: usize, to: usize) -> usize {
        let tokens = &self.reading.tokens;
        let mut end = at + 1;
        while end < to && !tokens[end].has(BREAK) {
            let next =
                end + 1 < to && tokens[end + 1].has(CAPITAL) && !tokens[end + 1].has(MARK | NUMBER | BREAK);
            let joint = tokens[end].has(GLUED) && self.reading.is_mark(&tokens[end], "-.'") && next
                || self.reading.is_mark(&tokens[end], ".") && next && self.reading.word(end - 1).len() <= 2
                || self.reading.is(&tokens[end], WordClass::PARTICLE) && next;
            if self.is_name_word(end) {
                end += 1;
            } else if joint {
                end += 2;
            } else {
                break;
            }
        }
        end
    }

    fn is_word(&self, item: Option<&Item>, class: WordClass) -> bool {
        matches!(item, Some(Item::Word(at)) if self.reading.is(&self.reading.tokens[*at], class))
    }

    fn push(&mut self, item: Item, kind: Kind) {
        let Item::Name(from, to) = item else { return };
        let lone = to - from == 1 && self.reading.is(&self.reading.tokens[from], WordClass::NO_NAME);
        if !lone {
            self.found.push((from, to, kind));
        }
    }

    /// Reads one row, if the line is one.
    fn row(&mut self, items: &[Item]) {
        let rank = match items {
            [Item::Small(_), Item::Mark(_), ..] => 2,
            [Item::Small(_), Item::Name(..), ..] => 1,
            _ => 0,
        };
        let items = &items[rank..];
        let bare: Vec<Item> = items.iter().filter(|i| !matches!(i, Item::Bracket(..))).copied().collect();
        match bare[..] {
            [a @ Item::Name(..), Item::Small(_), b @ Item::Name(..), Item::Small(_), ..] => {
                self.teams(&[a, b])
            }
            // "Velden at Oranje": the first plays where the second is at home.
            [a @ Item::Name(..), Item::Word(at), b @ Item::Name(..)] if self.reading.says(at, "at") => {
                self.push(a, Kind::Organisation);
                self.push(b, Kind::Place);
            }
            [a @ Item::Name(..), Item::Word(_), ..] if self.is_word(bare.get(1), WordClass::MATCH_VERB) => {
                self.contest(a, items, &bare);
            }
            [a @ Item::Name(..), Item::Mark(_), ..] if rank == 0 && self.doubles(&bare) => {
                self.contest(a, items, &bare);
            }
            [Item::Name(..), ..] if self.is_batting(&bare) => {
                for item in bare.iter().filter(|i| matches!(i, Item::Name(..))) {
                    self.push(*item, Kind::Person);
                }
            }
            [a @ Item::Name(..), Item::Small(_) | Item::Number(_), ..]
                if figures(&bare) >= 3 && !prose(&bare) =>
            {
                let player = self.is_player(a) || self.players && !self.is_town(a);
                self.push(a, if player { Kind::Person } else { Kind::Organisation });
            }
            [a @ Item::Name(..), ..] if rank == 2 && self.has_country(items) => {
                self.push(a, Kind::Person);
                self.players = true;
                let team = bare[1..].iter().find(|i| matches!(i, Item::Name(..)));
                if let (Some(team), false) = (team, self.mark_between(&bare, "/")) {
                    self.push(*team, Kind::Organisation);
                }
            }
            [a @ Item::Name(..), Item::Small(_) | Item::Number(_), ..] if rank == 2 => {
                let player = self.players || self.is_player(a);
                self.push(a, if player { Kind::Person } else { Kind::Organisation });
            }
            [Item::Name(..), Item::Number(last), ..] if self.players && self.is_bowling(last) => {
                self.bowlers(&bare)
            }
            _ => {}
        }
    }

    fn teams(&mut self, names: &[Item]) {
        for name in names {
            self.push(*name, Kind::Organisation);
        }
    }

    /// "Velden v Oranje , Roda v Helden", "Velden 326 ( D. Smit 95 )", "Velden 389 and 112", "Velden 8 points"
    fn fixtures(&mut self, items: &[Item]) {
        for three in items.windows(3) {
            let [a @ Item::Name(..), Item::Small(_) | Item::Number(_), next] = *three else { continue };
            let innings = match next {
                Item::Bracket(from, to) => {
                    (from..to).any(|i| self.reading.tokens[i].has(CAPITAL) && self.reading.word(i).len() == 1)
                }
                Item::Word(at) => ["and", "points", "declared"].iter().any(|w| self.reading.word(at) == *w),
                _ => false,
            };
            if innings && !self.is_player(a) && self.found.last().is_none_or(|f| Item::Name(f.0, f.1) != a) {
                self.push(a, Kind::Organisation);
            }
        }
        for three in items.windows(3) {
            if let [a @ Item::Name(..), Item::Word(at), b @ Item::Name(..)] = *three
                && ["v", "vs"].iter().any(|v| self.reading.says(at, v))
            {
                self.teams(&[a, b]);
            }
        }
    }

    /// A place of the tables.
    fn is_town(&self, item: Item) -> bool {
        let Item::Name(from, to) = item else { return false };
        let actors = &self.reading.lexicon.actors;
        actors.longest(self.reading.text, &self.reading.tokens[from..to]).is_some_and(|(length, readings)| {
            length == to - from && readings.iter().any(|a| actors.entity(a.entity).kind == Kind::Place)
        })
    }

    fn mark_between(&self, items: &[Item], marks: &str) -> bool {
        items
            .iter()
            .any(|i| matches!(i, Item::Mark(at) if self.reading.is_mark(&self.reading.tokens[*at], marks)))
    }

    /// "Name / Name beat ...": two against two.
    fn doubles(&self, bare: &[Item]) -> bool {
        self.mark_between(&bare[..2], "/")
            && bare.iter().any(|i| self.is_word(Some(i), WordClass::MATCH_VERB))
    }

    /// "A ( Norway ) beat B ( Chad ) 6-3 6-4" are persons, "A beat B 103-95" teams.
    fn contest(&mut self, first: Item, items: &[Item], bare: &[Item]) {
        let Some(verb) = bare.iter().position(|i| self.is_word(Some(i), WordClass::MATCH_VERB)) else {
            return;
        };
        let rest = bare[verb..].iter().skip_while(|i| !matches!(i, Item::Name(..)));
        if bare[verb..].iter().filter(|i| matches!(i, Item::Word(_))).count() > 2 {
            return;
        }
        let persons = self.has_country(items) && (self.players || self.is_player(first));
        let kind = if persons { Kind::Person } else { Kind::Organisation };
        let scored = bare[verb..].iter().any(|i| matches!(i, Item::Small(_) | Item::Number(_)));
        if !persons && !scored {
            return;
        }
        let names: Vec<Item> = if persons {
            bare.iter().filter(|i| matches!(i, Item::Name(..))).copied().collect()
        } else {
            [first].into_iter().chain(rest.take(1).copied()).collect()
        };
        for name in names {
            self.push(name, kind);
        }
    }

    /// A given name or an initial starts it.
    fn is_player(&self, item: Item) -> bool {
        let Item::Name(from, to) = item else { return false };
        let first = &self.reading.tokens[from];
        let given = self.reading.is(first, WordClass::GIVEN_NAME) || first.end - first.start == 1;
        given && to - from > 1
    }

    /// A bracket holds a country, or nothing but a name.
    fn has_country(&self, items: &[Item]) -> bool {
        let actors = &self.reading.lexicon.actors;
        items.iter().any(|item| {
            let Item::Bracket(from, to) = *item else { return false };
            let inner = &self.reading.tokens[(from + 1).min(to)..to];
            let known = actors.longest(self.reading.text, inner);
            known.is_some_and(|(length, readings)| {
                length + 1 == inner.len()
                    && readings
                        .iter()
                        .any(|a| matches!(actors.entity(a.entity).kind, Kind::Country | Kind::Place))
            })
        })
    }

    /// Cricket: "A c B b C 57", "A not out 12", "A lbw b C 0".
    fn is_batting(&self, bare: &[Item]) -> bool {
        let word = |i: &Item, words: &[&str]| matches!(i, Item::Word(at) if words.iter().any(|w| self.reading.word(*at) == *w));
        let out =
            bare.get(1).is_some_and(|i| word(i, &["c", "b", "lbw", "st", "not", "run", "retired", "hit"]));
        let ends = matches!(bare.last(), Some(Item::Small(_)));
        out && ends && bare.iter().any(|i| word(i, &["b", "out", "hurt"]))
    }

    /// "12-3-45-1"
    fn is_bowling(&self, last: usize) -> bool {
        let tokens = &self.reading.tokens;
        last >= 6
            && [1, 3, 5].iter().all(|back| tokens[last - back].has(MARK) && tokens[last - back].has(GLUED))
    }

    fn bowlers(&mut self, bare: &[Item]) {
        for pair in bare.windows(2) {
            if let [name @ Item::Name(..), Item::Number(last)] = pair
                && self.is_bowling(*last)
            {
                self.push(*name, Kind::Person);
            }
        }
    }

    /// Nothing but a name in brackets, and no country: where a player plays.
    fn club(&self, at: usize, to: usize) -> bool {
        if at >= to || !self.is_name_word(at) {
            return false;
        }
        let end = self.name_end(at, to);
        let closes = end < to && self.reading.is_mark(&self.reading.tokens[end], ")");
        closes && !self.has_country(&[Item::Bracket(at - 1, end + 1)])
            || closes && self.is_town(Item::Name(at, end)) && !self.is_home_nation(end)
    }

    /// "Velden ( Oranje ) 2": what stands before the bracket has a score.
    fn has_score(&self, at: usize, to: usize) -> bool {
        let close = (at..to).find(|i| self.reading.is_mark(&self.reading.tokens[*i], ")"));
        close.is_some_and(|i| i + 1 < to && self.reading.tokens[i + 1].has(NUMBER))
    }

    fn is_home_nation(&self, end: usize) -> bool {
        self.reading.is(&self.reading.tokens[end - 1], WordClass::HOME_NATION)
    }

    /// "( Smit 12th, Berg 40th pen )", "Jan Smit ( 12th )": who scored, in or before brackets.
    fn scorers(&mut self, from: usize, to: usize) {
        let reading = self.reading;
        let minute = |i: usize| {
            i < to && reading.tokens[i].has(NUMBER) && {
                let word = reading.word(i);
                word.ends_with("th") || word.ends_with("st") || word.ends_with("nd") || word.ends_with("rd")
            }
        };
        let mut at = from;
        while at < to {
            if !self.is_name_word(at) || self.found.iter().rev().take(4).any(|f| f.0 <= at && at < f.1) {
                at += 1;
                continue;
            }
            let end = self.name_end(at, to);
            let bracket = end < to && reading.is_mark(&reading.tokens[end], "(");
            if minute(end) || bracket && minute(end + 1) {
                self.push(Item::Name(at, end), Kind::Person);
            } else if bracket
                && self.club(end + 1, to)
                && (self.is_player(Item::Name(at, end)) || end - at > 1 && !self.has_score(at, to))
            {
                self.push(Item::Name(at, end), Kind::Person);
                self.push(Item::Name(end + 1, self.name_end(end + 1, to)), Kind::Organisation);
            }
            at = end;
        }
    }
}

/// Counts the numbers of a row.
fn figures(bare: &[Item]) -> usize {
    bare.iter().filter(|i| matches!(i, Item::Small(_) | Item::Number(_))).count()
}

/// More words than a row has.
fn prose(bare: &[Item]) -> bool {
    bare.iter().filter(|i| matches!(i, Item::Word(_))).count() > 1
}
