//! The language of a text, as far as it can be told.

/// Words that nearly every English sentence has one of.
const ENGLISH: [&str; 12] = ["the", "of", "and", "to", "in", "is", "was", "for", "that", "on", "said", "by"];

/// English words among all words, or at least two different ones among those without a capital: a table of
/// foreign clubs under an English heading is English.
fn is_english(words: &[&str]) -> bool {
    let is = |w: &str| ENGLISH.iter().position(|e| e.eq_ignore_ascii_case(w));
    // "In", "is" and "was" are German and Dutch too.
    let shared = |w: &str| matches!(w, "in" | "is" | "was");
    let own = words.iter().any(|w| is(w).is_some() && !shared(&w.to_ascii_lowercase()));
    if own && words.iter().filter(|w| is(w).is_some()).count() * 14 >= words.len() {
        return true;
    }
    let small = words.iter().filter(|w| w.starts_with(char::is_lowercase) && !shared(w));
    let (mut all, mut english, mut seen) = (0, 0, 0u16);
    for word in small {
        all += 1;
        if let Some(at) = is(word) {
            english += 1;
            seen |= 1 << at;
        }
    }
    english * 12 >= all && seen.count_ones() >= 2
}

/// Returns the ISO 639-1 code of a text's language; none for a text too short to tell.
///
/// `whichlang` always answers one of 16 languages, so English is believed only where English words stand and
/// other languages only where they do not.
pub(super) fn of_text(text: &str) -> Option<String> {
    let mut end = text.len().min(1024);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    let words: Vec<&str> = head.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()).collect();
    if words.len() < 8 {
        return None;
    }
    if is_english(&words) {
        return Some("en".into());
    }
    let code = match whichlang::detect_language(head).three_letter_code() {
        "ara" => "ar",
        "cmn" => "zh",
        "deu" => "de",
        "eng" => "en",
        "fra" => "fr",
        "hin" => "hi",
        "ita" => "it",
        "jpn" => "ja",
        "kor" => "ko",
        "nld" => "nl",
        "por" => "pt",
        "rus" => "ru",
        "spa" => "es",
        "swe" => "sv",
        "tur" => "tr",
        "vie" => "vi",
        _ => return None,
    };
    Some(code.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_foreign_names_under_an_english_heading_is_english() {
        let table = "Results of the first division matches played on Sunday :\n\
            Sparta Velden 2 Oranje Boys 1\nRoda Helden 0 Groen Wit 0\nZwaluwen 3 Blauw Geel Vooruit 1\n\
            Excelsior Zuid 1 Noorderkroon 1\nDe Valken 2 Rood Zwart 2\nWilhelmina Sport 4 Oude Zaan 0";
        assert_eq!(of_text(table).as_deref(), Some("en"));
        let german = "Der Minister sagte am Sonntag in Berlin, die Gespräche seien beendet und man werde \
            kommende Woche wieder verhandeln, wenn die Lage es erlaubt, womit niemand rechnet.";
        assert_eq!(of_text(german).as_deref(), Some("de"));
    }
}
