//! Stamps as pages print them, in the languages of the press: `15 de abril de 2020`, `31. Oktober 2023`, `2.4.20`.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::calendar::PartialDate;

/// How a page writes a day in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    /// 27/10/2020
    DayFirst,
    /// 10/27/2020
    MonthFirst,
    /// A day that could be either is not read.
    #[default]
    Unknown,
}

impl Order {
    /// The order of a language tag: `en-US` puts the month first, every other language the day; bare `en` says nothing.
    pub(super) fn of_language(tag: &str) -> Order {
        let tag = tag.trim().to_ascii_lowercase().replace('_', "-");
        match tag.split_once('-').unwrap_or((&tag, "")) {
            ("en", "us") => Order::MonthFirst,
            ("en", "") | ("", _) => Order::Unknown,
            _ => Order::DayFirst,
        }
    }
}

/// A date in a line and what the line holds besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) date: PartialDate,
    /// A word such as "published" goes with it.
    pub(super) labelled: bool,
    /// Words of the line that are neither date nor label.
    pub(super) others: usize,
}

/// What a word says of the date next to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Published,
    Updated,
}

/// What a text says of the date that follows it elsewhere: "Erschienen am:", "last edited:".
pub(super) fn announces(text: &str) -> Option<Label> {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty());
    // The label is the last word but for connectives.
    words.rev().map(|w| WORDS.get(w)).find(|m| !matches!(m, Some(Meaning::Filler))).and_then(|m| match m {
        Some(Meaning::Label(label)) => Some(*label),
        _ => None,
    })
}

/// What a word does in a stamp.
#[derive(Clone, Copy, Debug)]
enum Meaning {
    Month(i8),
    Label(Label),
    Filler,
}

/// The words of the tables below.
static WORDS: LazyLock<FxHashMap<&'static str, Meaning>> = LazyLock::new(|| {
    let listed = |list: &'static str, meaning: Meaning| list.split(' ').map(move |word| (word, meaning));
    let months = MONTHS.iter().zip(1..).flat_map(|(names, month)| listed(names, Meaning::Month(month)));
    listed(FILLERS, Meaning::Filler)
        .chain(listed(PUBLISHED, Meaning::Label(Label::Published)))
        .chain(listed(UPDATED, Meaning::Label(Label::Updated)))
        .chain(months)
        .collect()
});

/// Month names and their abbreviations, January first, without accents.
const MONTHS: [&str; 12] = [
    "january jan januar janner janvier janv enero ene gennaio gen janeiro januari ocak oca stycznia styczen sty ledna leden ianuarie января янв січня",
    "february feb februar feber fevrier fevr fev febrero febbraio fevereiro februari subat sub lutego luty lut unora unor februarie февраля фев лютого",
    "march mar marz mrz mars marzo marco maart mrt mart marca marzec brezna brezen martie марта мар березня",
    "april apr avril avr abril abr aprile nisan nis kwietnia kwiecien kwi dubna duben aprilie апреля апр квітня",
    "may mai mayo maggio mag maio mei maj mayis maja kvetna kveten мая май травня",
    "june jun juni juin junio giugno giu junho haziran haz czerwca czerwiec cze cervna cerven iunie июня июн червня",
    "july jul juli juillet juil julio luglio lug julho temmuz tem lipca lipiec lip cervence cervenec iulie июля июл липня",
    "august aug aout agosto ago augustus augusti agustos agu sierpnia sierpien sie srpna srpen авґуста августа авг серпня",
    "september sep sept septembre septiembre settembre set setembro eylul eyl wrzesnia wrzesien wrz zari septembrie setiembre сентября сен вересня",
    "october oct oktober okt octobre octubre ottobre ott outubro out ekim eki pazdziernika pazdziernik paz rijna rijen octombrie октября окт жовтня",
    "november nov novembre noviembre novembro kasim kas listopada listopad lis listopadu noiembrie ноября ноя листопада",
    "december dec dezember dez decembre diciembre dic dicembre dezembro aralik ara grudnia grudzien gru prosince prosinec decembrie декабря дек грудня",
];

/// Words of the first publication, without accents.
const PUBLISHED: &str = "published posted created publication veroffentlicht veroffentlichung erstellt erschienen publiziert artikel beitrag eingestellt geschrieben gespeichert publie publiee publication paru ecrit publicado publicada creado pubblicato pubblicata publicat opublikowano dodano yayinlanma geplaatst gepubliceerd publicerad опубликовано дата datum date fecha submitted filed released issued vom";

/// Words of a later change, without accents.
const UPDATED: &str = "updated update updates modified revised edited corrected aktualisiert aktualisierung geandert anderung uberarbeitet bearbeitet stand mis actualise modifie actualizado actualizada modificado aggiornato aggiornata modificato atualizado atualizada bijgewerkt gewijzigd guncelleme guncellendi zaktualizowano aktualizacja aktualizace uppdaterad oppdatert opdateret обновлено retrieved abgerufen accessed expires deadline copyright until bis";

/// Words that a stamp may hold and that say nothing: connectives, zones, clock words.
const FILLERS: &str = "am um on at the of de du del le el il la den der das st nd rd th er o a um uhr h hrs by von par por da di pm gmt utc est edt et cet cest bst ist pst pdt cst cdt t z y e";

/// One piece of a line.
#[derive(Clone, Copy, Debug)]
enum Piece<'a> {
    /// A number and its count of digits.
    Number(u32, usize),
    Word(&'a str),
    Mark(char),
}

use Piece::Mark;
use Piece::Number;
use Piece::Word;

/// Finds the first full date of a line that is not the date of a change.
///
/// A line longer than a few hundred bytes is prose and has none.
pub(super) fn find(line: &str, order: Order) -> Option<Stamp> {
    if line.len() > 400 || !line.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let folded = fold(line);
    let pieces = pieces(&folded);
    let mut found: Option<PartialDate> = None;
    let (mut published, mut updated, mut others, mut at) = (false, false, 0, 0);
    let mut labelled = false;
    while at < pieces.len() {
        if let Some((date, length)) = date_at(&pieces[at..], order).filter(|_| starts_here(&pieces, at)) {
            if !updated && found.is_none() {
                found = Some(date);
                labelled = published;
            }
            (published, updated) = (false, false);
            at += length;
            continue;
        }
        if let Word(word) = pieces[at] {
            match WORDS.get(word) {
                Some(Meaning::Label(Label::Updated)) => (published, updated) = (false, true),
                Some(Meaning::Label(Label::Published)) => {
                    (published, updated) = (true, false);
                    labelled |= found.is_some();
                }
                Some(Meaning::Filler) => {}
                Some(Meaning::Month(_)) | None => others += 1,
            }
        }
        at += 1;
    }
    found.map(|date| Stamp { date, labelled, others })
}

/// A number that goes on from another, as in `1.27.10.2020` or `12:27.10.2020`, starts no date.
fn starts_here(pieces: &[Piece], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|i| pieces[i]);
    let joined =
        matches!(before(1), Some(Mark('.' | '/' | '-' | ':'))) && matches!(before(2), Some(Number(..)));
    !(joined && matches!(pieces[at], Number(..)))
}

/// Lower case, the commonest accents off.
fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        out.push(match c {
            'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ą' | 'ă' => 'a',
            'é' | 'è' | 'ê' | 'ë' | 'ě' | 'ę' => 'e',
            'í' | 'ì' | 'î' | 'ï' | 'ı' => 'i',
            'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' => 'o',
            'ú' | 'ù' | 'û' | 'ü' | 'ů' => 'u',
            'ç' | 'č' | 'ć' => 'c',
            'ñ' | 'ń' | 'ň' => 'n',
            'ş' | 'š' | 'ś' | 'ș' => 's',
            'ž' | 'ź' | 'ż' => 'z',
            'ř' => 'r',
            'ğ' => 'g',
            'ł' => 'l',
            // What a capital dotted I leaves behind.
            '\u{307}' => continue,
            c => c,
        });
    }
    out
}

/// Runs of digits, runs of letters, marks; white space only parts them.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let is_same = |d: char| if c.is_ascii_digit() { d.is_ascii_digit() } else { is_letter(d) };
        let end = if c.is_ascii_digit() || is_letter(c) {
            rest.find(|d: char| !is_same(d)).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        let (piece, tail) = rest.split_at(end);
        rest = tail;
        if c.is_ascii_digit() {
            // Too long for a number is no part of a date either.
            out.push(Number(piece.parse().unwrap_or(u32::MAX), piece.len()));
        } else if is_letter(c) {
            out.push(Word(piece));
        } else if !c.is_whitespace() {
            out.push(Mark(c));
        }
    }
    out
}

/// The signs of year, month and day in East Asian dates stand for themselves.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !matches!(c, '年' | '月' | '日' | '년' | '월' | '일')
}

/// The date at the start of the pieces, and how many of them it takes.
fn date_at(pieces: &[Piece], order: Order) -> Option<(PartialDate, usize)> {
    year_first(pieces).or_else(|| in_figures(pieces, order)).or_else(|| by_name(pieces))
}

fn year(piece: Option<&Piece>) -> Option<i16> {
    match piece {
        Some(Number(n, 4)) if (1800..2100).contains(n) => Some(*n as i16),
        _ => None,
    }
}

fn small(piece: Option<&Piece>) -> Option<i8> {
    match piece {
        Some(Number(n, 1 | 2)) => Some(*n as i8),
        _ => None,
    }
}

/// `2020-10-27`, `2020.10.27`, `2020年10月27日`, `2020. október 27.`
fn year_first(pieces: &[Piece]) -> Option<(PartialDate, usize)> {
    let year = year(pieces.first())?;
    match pieces.get(1..4)? {
        [Mark('-' | '/' | '.' | '年' | '년'), month, Mark('-' | '/' | '.' | '月' | '월')] => {
            PartialDate::day(year, small(Some(month))?, small(pieces.get(4))?).map(|d| (d, 5))
        }
        _ => None,
    }
}

/// `27.10.2020`, `27/10/2020`, `27-10-2020`, `27.10.20`.
fn in_figures(pieces: &[Piece], order: Order) -> Option<(PartialDate, usize)> {
    let [Number(_, 1 | 2), Mark(mark @ ('.' | '/' | '-')), Number(_, 1 | 2), Mark(again), last, ..] = pieces
    else {
        return None;
    };
    let (first, second) = (small(pieces.first())?, small(pieces.get(2))?);
    if mark != again || matches!(pieces.get(5), Some(Mark('.'))) && matches!(pieces.get(6), Some(Number(..)))
    {
        return None;
    }
    let year = match last {
        // Two figures are a year only where the day is known to come first: elsewhere anything could be meant.
        Number(n, 2) if (*mark == '.' || order == Order::DayFirst && *mark == '/') && *n < 60 => {
            2000 + *n as i16
        }
        last => year(Some(last))?,
    };
    let (day, month) = match (first, second) {
        (d, m) if d > 12 || *mark == '.' => (d, m),
        (m, d) if d > 12 || m == d => (d, m),
        (a, b) => match order {
            Order::DayFirst => (a, b),
            Order::MonthFirst => (b, a),
            Order::Unknown => return None,
        },
    };
    PartialDate::day(year, month, day).map(|d| (d, 5))
}

/// `27 October 2020`, `15 de abril de 2020`, `1er mars 2021`, `Juli 12, 2017`.
fn by_name(pieces: &[Piece]) -> Option<(PartialDate, usize)> {
    let mut at = Cursor { pieces, at: 0 };
    match pieces.first()? {
        Number(..) => {
            let day = small(pieces.first())?;
            at.at = 1;
            at.skip(&["st", "nd", "rd", "th", "er", "de", "of", "º", "ª"]);
            let month = at.month()?;
            at.skip(&["de", "del", "of"]);
            let date = PartialDate::day(at.year()?, month, day)?;
            Some((date, at.at))
        }
        Word(_) => {
            let month = at.month()?;
            at.skip(&[]);
            let day = small(pieces.get(at.at))?;
            at.at += 1;
            at.skip(&["st", "nd", "rd", "th"]);
            let date = PartialDate::day(at.year()?, month, day)?;
            Some((date, at.at))
        }
        Mark(_) => None,
    }
}

/// A place among the pieces.
struct Cursor<'a, 'b> {
    pieces: &'b [Piece<'a>],
    at: usize,
}

impl Cursor<'_, '_> {
    /// Goes over a few joining marks and words.
    fn skip(&mut self, words: &[&str]) {
        for _ in 0..3 {
            match self.pieces.get(self.at) {
                Some(Mark('.' | ',' | '-' | '/' | '\'' | 'º')) => self.at += 1,
                Some(Word(w)) if words.contains(w) => self.at += 1,
                _ => return,
            }
        }
    }

    fn month(&mut self) -> Option<i8> {
        let Some(Word(word)) = self.pieces.get(self.at) else { return None };
        let Some(Meaning::Month(month)) = WORDS.get(word) else { return None };
        self.at += 1;
        Some(*month)
    }

    fn year(&mut self) -> Option<i16> {
        let year = year(self.pieces.get(self.at))?;
        self.at += 1;
        Some(year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(line: &str) -> Option<String> {
        find(line, Order::DayFirst).map(|s| s.date.to_string())
    }

    #[test]
    fn stamps_of_many_languages() {
        for line in [
            "31. Oktober 2023",
            "Dienstag, 31. Okt. 2023, 10:15 Uhr",
            "Publié le 31 octobre 2023 à 08h12",
            "martes 31 de octubre de 2023",
            "31 de Outubro de 2023",
            "Pubblicato il 31 ottobre 2023",
            "31 Ekim 2023 Salı",
            "31 października 2023",
            "31 октября 2023",
            "Oct. 31st, 2023",
            "31 Okt, 2023",
            "31.10.2023, 10:15",
            "31.10.23",
            "2023年10月31日",
            "Updated 1 November 2023, published 31 October 2023",
            "31/10/2023",
        ] {
            assert_eq!(day(line).as_deref(), Some("2023-10-31"), "{line}");
        }
    }

    #[test]
    fn no_date_is_made_up() {
        for line in [
            "Updated 31 October 2023",
            "Aktualisiert: 31.10.2023",
            "Version 1.31.10.2023.4",
            "31 October",
            "IP 10.10.20.31",
            "31 February 2023",
            "10:31 2023",
        ] {
            assert_eq!(day(line), None, "{line}");
        }
    }

    #[test]
    fn the_language_decides_the_order() {
        let day = |line, tag| find(line, Order::of_language(tag)).map(|s| s.date.to_string());
        assert_eq!(day("03/04/2021", "en-US").as_deref(), Some("2021-03-04"));
        assert_eq!(day("03/04/2021", "en_GB").as_deref(), Some("2021-04-03"));
        assert_eq!(day("03/04/2021", "fr").as_deref(), Some("2021-04-03"));
        assert_eq!(day("03/04/2021", "en"), None);
    }

    #[test]
    fn labels_and_other_words() {
        let stamp = find("Posted by Ann Ruel on 3 May 2021", Order::Unknown);
        assert_eq!(stamp.map(|s| (s.labelled, s.others)), Some((true, 2)));
    }
}
