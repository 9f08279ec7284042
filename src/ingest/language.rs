//! The language of a text, as far as it can be told.

/// Words that nearly every English sentence has one of.
const ENGLISH: [&str; 12] = ["the", "of", "and", "to", "in", "is", "was", "for", "that", "on", "said", "by"];

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
    let english = words.iter().filter(|w| ENGLISH.iter().any(|e| e.eq_ignore_ascii_case(w))).count();
    if english * 14 >= words.len() {
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
