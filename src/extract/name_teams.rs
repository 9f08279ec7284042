//! Articles of sport: who is a team and who a player, told by tables of results and standings and by verbs of play.
//!
//! "Velden 2 Oranje 1" names two clubs though both are towns; "1. Jan Smit ( Norway ) 43.2" a person. A nation that
//! plays stays a country.

use rustc_hash::FxHashSet;

use super::Who;
use super::name_keys::key;
use super::names::Name;
use super::sentences::Reading;
use super::sentences::Sentence;
use crate::annotation::Kind;
use crate::article::BlockKind;
use crate::schema::Form;
use crate::schema::WordClass;
use crate::tokens::BREAK;
use crate::tokens::CAPITAL;
use crate::tokens::GLUED;
use crate::tokens::MARK;
use crate::tokens::NUMBER;
use crate::tokens::UPPER;

/// Tokens at the start of an article in which it says that it is one of sport.
const HEAD: usize = 60;

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

/// Tells whether an article is one of sport: its first lines have two words of it.
pub(super) fn is_sport(reading: &Reading) -> bool {
    let head = reading.tokens.iter().take(HEAD);
    head.filter(|t| reading.is(t, WordClass::SPORT)).take(2).count() == 2
}

/// Settles who plays in an article of sport.
pub(super) fn settle(reading: &Reading, names: &mut Vec<Name>) {
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
    let found = std::mem::take(&mut tables.found);
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
                name.who = named(reading, name.from, name.to);
            }
        }
    }
}

fn named(reading: &Reading, from: usize, to: usize) -> Option<Who> {
    let words = reading.span(from, to).of(reading.text);
    Some(Who::Named(words.split_whitespace().collect::<Vec<_>>().join(" ")))
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
fn put(reading: &Reading, names: &mut Vec<Name>, found: Vec<(usize, usize, Kind)>) -> FxHashSet<u64> {
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
            let who = named(reading, from, to);
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
fn nicknames(reading: &Reading, names: &mut Vec<Name>) {
    let mut at = 0;
    while at < names.len() {
        let (from, to) = (names[at].from, names[at].to);
        let place = names[at].kind == Kind::Place || names[at].kind == Kind::Country && names[at].form == Form::Name;
        let end = names.get(at + 1).map_or(reading.tokens.len(), |n| n.from);
        let plural = |i: usize| {
            let token = &reading.tokens[i];
            token.has(CAPITAL) && !token.has(MARK | BREAK | NUMBER) && reading.word(i).to_ascii_lowercase().ends_with('s')
        };
        let ends = |i: usize| reading.tokens.get(i).is_none_or(|t| !t.has(CAPITAL) || t.has(BREAK));
        let own = reading.tokens.get(to).is_some_and(|t| !reading.is(t, WordClass::STARTER) && !t.has(UPPER));
        if place && own && to < end && plural(to) && ends(to + 1) && !reading.is_possessive(to) {
            names[at].to = to + 1;
            names[at].kind = Kind::Organisation;
            names[at].who = named(reading, from, to + 1);
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
    let places = (0..names.len()).filter(|i| names[*i].kind == Kind::Place && !is_nation(reading, &names[*i]));
    places.filter(plays).map(|i| key(reading, names[i].from, names[i].to)).collect()
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
        if end == at + 1 && digits && tokens[at].end - tokens[at].start <= 3 { Item::Small(at) } else { Item::Number(end - 1) }
    }

    fn is_name_word(&self, at: usize) -> bool {
        let token = &self.reading.tokens[at];
        let short = token.end - token.start < 4
            && self.reading.is(token, WordClass::STARTER)
            && !self.is_known_pair(at);
        token.has(CAPITAL) && !token.has(MARK | NUMBER) && !short && !self.reading.is(token, WordClass::MATCH_VERB)
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
            let next = end + 1 < to && tokens[end + 1].has(CAPITAL) && !tokens[end + 1].has(MARK | NUMBER | BREAK);
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
            [a @ Item::Name(..), Item::Small(_), b @ Item::Name(..), Item::Small(_), ..] => self.teams(&[a, b]),
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
            [a @ Item::Name(..), Item::Small(_) | Item::Number(_), ..] if figures(&bare) >= 3 && !prose(&bare) => {
                let player = self.is_player(a) || self.players && !self.is_town(a);
                self.push(a, if player { Kind::Person } else { Kind::Organisation });
            }
            [a @ Item::Name(..), ..] if rank == 2 && self.has_country(items) => {
                self.push(a, Kind::Person);
                let team = bare[1..].iter().find(|i| matches!(i, Item::Name(..)));
                if let (Some(team), false) = (team, self.mark_between(&bare, "/")) {
                    self.push(*team, Kind::Organisation);
                }
            }
            [a @ Item::Name(..), Item::Small(_) | Item::Number(_), ..] if rank == 2 => {
                let player = self.players || self.is_player(a);
                self.push(a, if player { Kind::Person } else { Kind::Organisation });
            }
            [Item::Name(..), Item::Number(last), ..] if self.players && self.is_bowling(last) => self.bowlers(&bare),
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
                Item::Bracket(from, to) => (from..to).any(|i| self.reading.tokens[i].has(CAPITAL) && self.reading.word(i).len() == 1),
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
        items.iter().any(|i| matches!(i, Item::Mark(at) if self.reading.is_mark(&self.reading.tokens[*at], marks)))
    }

    /// "Name / Name beat ...": two against two.
    fn doubles(&self, bare: &[Item]) -> bool {
        self.mark_between(&bare[..2], "/") && bare.iter().any(|i| self.is_word(Some(i), WordClass::MATCH_VERB))
    }

    /// "A ( Norway ) beat B ( Chad ) 6-3 6-4" are persons, "A beat B 103-95" teams.
    fn contest(&mut self, first: Item, items: &[Item], bare: &[Item]) {
        let Some(verb) = bare.iter().position(|i| self.is_word(Some(i), WordClass::MATCH_VERB)) else { return };
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
                    && readings.iter().any(|a| matches!(actors.entity(a.entity).kind, Kind::Country | Kind::Place))
            })
        })
    }

    /// Cricket: "A c B b C 57", "A not out 12", "A lbw b C 0".
    fn is_batting(&self, bare: &[Item]) -> bool {
        let word = |i: &Item, words: &[&str]| {
            matches!(i, Item::Word(at) if words.iter().any(|w| self.reading.word(*at) == *w))
        };
        let out = bare.get(1).is_some_and(|i| word(i, &["c", "b", "lbw", "st", "not", "run", "retired", "hit"]));
        let ends = matches!(bare.last(), Some(Item::Small(_)));
        out && ends && bare.iter().any(|i| word(i, &["b", "out", "hurt"]))
    }

    /// "12-3-45-1"
    fn is_bowling(&self, last: usize) -> bool {
        let tokens = &self.reading.tokens;
        last >= 6 && [1, 3, 5].iter().all(|back| tokens[last - back].has(MARK) && tokens[last - back].has(GLUED))
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
        closes && !self.has_country(&[Item::Bracket(at - 1, end + 1)]) || closes && self.is_town(Item::Name(at, end)) && !self.is_home_nation(end)
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
        let taken = self.found.len();
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
            } else if bracket && self.club(end + 1, to) && (self.is_player(Item::Name(at, end)) || end - at > 1 && !self.has_score(at, to)) {
                self.push(Item::Name(at, end), Kind::Person);
                self.push(Item::Name(end + 1, self.name_end(end + 1, to)), Kind::Organisation);
            }
            at = end;
        }
        debug_assert!(self.found.len() >= taken);
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
