//! Words and values with letters left open, as the engine writes them.

use serde_json::Value;
use serde_json::json;

use super::dsl::literal;
use crate::cluster::unsupported;
use crate::query::Pattern;
use crate::query::QueryError;
use crate::query::joined;
use crate::query::lower_case;
use crate::tokens::fold;

/// Makes the query for the words of a field that fit; of `words`, marks inside are left out as in the index.
pub(super) fn engine_pattern(field: &str, pattern: &Pattern, words: bool) -> Result<Value, QueryError> {
    let folded = |text: &str| if words { joined(text) } else { fold(text) };
    Ok(match pattern {
        Pattern::Wildcard(text) => {
            let parts: Vec<String> = split_open(&folded(text)).collect();
            json!({ "wildcard": { field: { "value": parts.concat(), "rewrite": "constant_score" } } })
        }
        Pattern::Fuzzy(word, distance) => json!({ "fuzzy": { field: {
            "value": folded(word), "fuzziness": distance.to_string(), "transpositions": true, "rewrite": "constant_score",
        } } }),
        Pattern::Regex(text) => json!({ "regexp": { field: {
            "value": common(&lower_case(text))?, "flags": "NONE", "rewrite": "constant_score",
        } } }),
    })
}

/// The letters of a wildcard as they are, but for what stands for others.
fn split_open(text: &str) -> impl Iterator<Item = String> + '_ {
    text.chars().map(|c| if matches!(c, '*' | '?') { c.to_string() } else { literal(&c.to_string()) })
}

/// A regular expression that both engines read alike; marks that only one of them gives a meaning are taken as they are
/// or refused.
fn common(pattern: &str) -> Result<String, QueryError> {
    let refuse = |what: &str| Err(unsupported(&format!("{what} in /{pattern}/")));
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars().peekable();
    let mut repeated = false;
    let mut in_class = false;
    while let Some(c) = chars.next() {
        let repeats = matches!(c, '*' | '+' | '?' | '}');
        match c {
            '\\' => match chars.next() {
                Some(mark) if !mark.is_alphanumeric() => out.extend(['\\', mark]),
                Some(letter) => return refuse(&format!("`\\{letter}`")),
                None => return refuse("`\\` at the end"),
            },
            '[' if in_class => return refuse("a class inside a class"),
            '[' => {
                in_class = true;
                out.push(c);
            }
            ']' => {
                in_class = false;
                out.push(c);
            }
            '^' if in_class && out.ends_with('[') => out.push(c),
            '&' | '~' if in_class => return refuse(&format!("`{c}` in a class")),
            '^' | '$' if !in_class => return refuse(&format!("`{c}`: a word is matched as a whole")),
            '?' if repeated && !in_class => return refuse("a repetition that takes as little as it can"),
            '?' if out.ends_with('(') => return refuse("`(?`"),
            '"' | '@' | '#' | '<' | '>' | '~' | '&' => out.extend(['\\', c]),
            c => out.push(c),
        }
        repeated = repeats && !in_class;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_expressions_mean_the_same_or_are_refused() {
        for (pattern, sent) in [
            ("truces?", "truces?"),
            ("(cease|stop)fires?", "(cease|stop)fires?"),
            ("[a-c]{2,3}x+", "[a-c]{2,3}x+"),
            ("[^a]b.*", "[^a]b.*"),
            (r"a\.b", r"a\.b"),
            ("a@b", r"a\@b"),
            ("a\"b", "a\\\"b"),
        ] {
            assert_eq!(common(pattern).expect("it is there"), sent);
        }
        for pattern in [r"\d+", r"\bword", "^truce", "truce$", "tru.*?", "(?i)truce", "[a&&b]", "a\\"] {
            let error = common(pattern).expect_err("it is refused").to_string();
            assert!(error.starts_with("not on opensearch: "), "{pattern}: {error}");
        }
    }

    #[test]
    fn wildcards_keep_their_letters() {
        let of =
            |text: &str| engine_pattern("f", &Pattern::Wildcard(text.into()), true).expect("it is there");
        assert_eq!(of("Cease-f*")["wildcard"]["f"]["value"], "ceasef*");
        assert_eq!(of("tr?ce")["wildcard"]["f"]["value"], "tr?ce");
        assert_eq!(of(r"a\b*")["wildcard"]["f"]["value"], r"a\\b*");
    }
}
