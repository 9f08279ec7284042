//! The names in a byline: "By Ann Ruel and Ivo Part, staff writers".

/// Words that begin a byline, in the languages of the press.
const OPENERS: &[&str] = &["by ", "von ", "par ", "por ", "di ", "door ", "av ", "text: ", "written by "];

/// Longest name, in bytes.
const LONGEST: usize = 80;

/// Names of a byline, in its order; one that looks like no name is left out.
pub(super) fn of_byline(text: &str) -> Vec<String> {
    let line = super::one_line(text);
    let lower = line.to_lowercase();
    // Lower case may be of another length; an opener is ASCII and stands first.
    let opener = OPENERS.iter().find(|o| lower.starts_with(**o) && line.is_char_boundary(o.len()));
    let rest = opener.map_or(line.as_str(), |o| &line[o.len()..]);
    let rest = rest.split(['|', '(', '·']).next().unwrap_or(rest);
    let mut names: Vec<String> = Vec::new();
    for name in rest.split([',', ';', '&', '/']).flat_map(|p| p.split(" and ")).flat_map(|p| p.split(" und "))
    {
        let name = name.trim().trim_end_matches('.');
        if is_name(name) && !names.iter().any(|n| n == name) {
            names.push(name.to_string());
        }
    }
    names
}

/// Of two to five words, the first and the last with a capital, and no address.
fn is_name(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let capital = |w: &&str| w.chars().next().is_some_and(|c| c.is_uppercase() || !c.is_ascii());
    (2..=5).contains(&words.len())
        && text.len() <= LONGEST
        && !text.contains(['@', ':'])
        && words.first().is_some_and(capital)
        && words.last().is_some_and(capital)
        && !text.chars().any(|c| c.is_ascii_digit())
}

/// A name that stands alone in a field: taken as it is, unless it is an address.
pub(super) fn of_field(text: &str) -> Option<String> {
    let line = super::one_line(text);
    // RSS: "ann@example.org (Ann Ruel)"
    let inner = line.contains('@').then(|| line.split_once('(')?.1.strip_suffix(')')).flatten();
    let name = inner.unwrap_or(&line).trim();
    let name = name.strip_prefix("By ").or_else(|| name.strip_prefix("by ")).unwrap_or(name);
    let plain = !name.is_empty() && name.len() <= LONGEST * 2 && !name.contains("://") && !name.contains('@');
    plain.then(|| name.to_string())
}

/// The names in a field that may hold one name, several, or a byline.
pub(super) fn of_field_or_byline(text: &str) -> Vec<String> {
    let several = of_byline(text);
    if several.is_empty() { of_field(text).into_iter().collect() } else { several }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bylines_are_names() {
        assert_eq!(of_byline("By Ann Ruel and Ivo Part, staff reporters"), ["Ann Ruel", "Ivo Part"]);
        assert_eq!(of_byline("Von Ann Ruel, dpa"), ["Ann Ruel"]);
        assert_eq!(of_byline("Ann Ruel; ann@example.org"), ["Ann Ruel"]);
        assert_eq!(of_byline("ﬁle by nobody"), [""; 0]);
        assert_eq!(of_field("ann@example.org (Ann Ruel)").as_deref(), Some("Ann Ruel"));
        assert_eq!(of_field("ann@example.org"), None);
        assert_eq!(of_field("The Courier").as_deref(), Some("The Courier"));
    }
}
