//! What is noted of every word, so that its tokens tell at once what most stages ask of most words.

use super::Actors;
use super::Classes;
use super::DateWords;
use super::Rules;
use super::WordClass;
use super::dates::kind;

/// A name of the tables starts with it.
pub const NAME: u16 = 1;
/// A particle of names: `al`, `van`.
pub const PARTICLE: u16 = 1 << 1;
/// A date expression hangs on it.
pub const DATE: u16 = 1 << 2;
/// The anchor of a rule that stands alone.
pub const TRIGGER: u16 = 1 << 3;
/// The anchor of a rule that needs confirming.
pub const CONFIRMED: u16 = 1 << 4;
/// A given name, weak or not.
pub const GIVEN: u16 = 1 << 5;
/// An office, organ or group may start with it: `Foreign Minister`.
pub const OFFICE: u16 = 1 << 6;
/// The legal form of a firm.
pub const LEGAL: u16 = 1 << 7;
/// A name of the tables goes on with it.
pub const INNER: u16 = 1 << 8;
/// A word of sport.
pub const SPORT: u16 = 1 << 9;

/// What is noted of a word.
pub(super) fn of(word: u32, classes: &Classes, rules: &Rules, dates: &DateWords, actors: &Actors) -> u16 {
    let is = |class| classes.has(word, class);
    let office = [WordClass::TITLE, WordClass::MODIFIER, WordClass::ORGAN, WordClass::OFFICIALS];
    let bits = [
        (NAME, actors.starts(word)),
        (INNER, actors.goes_on_with(word)),
        (PARTICLE, is(WordClass::PARTICLE)),
        (DATE, dates.opens(word, kind::ANY)),
        (TRIGGER, rules.triggers(word, false)),
        (CONFIRMED, rules.triggers(word, true)),
        (GIVEN, is(WordClass::GIVEN_NAME) || is(WordClass::WEAK_GIVEN_NAME)),
        (OFFICE, office.into_iter().any(is)),
        (LEGAL, is(WordClass::LEGAL_FORM)),
        (SPORT, is(WordClass::SPORT)),
    ];
    bits.into_iter().filter(|(_, holds)| *holds).fold(0, |all, (bit, _)| all | bit)
}
