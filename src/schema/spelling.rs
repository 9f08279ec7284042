//! Names that are spelled otherwise: "Pashinian" is Pashinyan. The consonants find them, the letters confirm them.

/// Letters of a surname from which on two of them may differ.
const LONG: usize = 8;

/// What stays of a folded word when vowels, `y` and `j` go, letters of one sound become one, and doubles single.
pub fn skeleton(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for letter in word.chars().filter(char::is_ascii_alphabetic) {
        let sound = match letter {
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'j' => continue,
            'c' | 'q' => 'k',
            'w' | 'f' => 'v',
            'z' => 's',
            other => other,
        };
        if !out.ends_with(sound) {
            out.push(sound);
        }
    }
    out
}

/// Tells whether two folded names of persons, each first and last name, can be one name in two spellings.
pub fn are_variants(first: (&str, &str), last: (&str, &str)) -> bool {
    // A skeleton of one or two consonants is no proof.
    let told = skeleton(first.0).len() + skeleton(last.0).len() >= 5 && skeleton(last.0).len() >= 2;
    told && is_variant(first.0, first.1) && is_variant(last.0, last.1)
}

/// Tells whether two folded words can be one name in two spellings.
pub fn is_variant(a: &str, b: &str) -> bool {
    let most = if a.len().min(b.len()) < LONG { 1 } else { 2 };
    skeleton(a) == skeleton(b)
        && strsim::osa_distance(a, b) <= most
        && begins_alike(a, b)
        // "Kerr" and "Kerry" are two names; "Zelenskiy" and "Zelensky" are one.
        && ends_in_vowel(a) == ends_in_vowel(b)
}

/// The first letters, where J and Y, Y and E, K and C are one.
fn begins_alike(a: &str, b: &str) -> bool {
    let class = |name: &str| match name.chars().next() {
        Some('j' | 'y' | 'e' | 'i') => 'y',
        Some('k' | 'c' | 'q') => 'k',
        Some('g' | 'h') => 'h',
        Some(other) => other,
        None => ' ',
    };
    class(a) == class(b)
}

fn ends_in_vowel(name: &str) -> bool {
    name.ends_with(['a', 'e', 'i', 'o', 'u', 'y'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_share_their_consonants_and_most_letters() {
        assert_eq!(skeleton("pashinian"), "pshn");
        assert_eq!(skeleton("pashinyan"), "pshn");
        assert_eq!(skeleton("zakharova"), "skhrv");
        let one = |a: (&str, &str), b: (&str, &str)| are_variants((a.0, b.0), (a.1, b.1));
        assert!(one(("nikol", "pashinian"), ("nikol", "pashinyan")));
        assert!(one(("volodymyr", "zelenskiy"), ("volodymyr", "zelensky")));
        assert!(one(("sergei", "lavrov"), ("sergey", "lavrov")));
        assert!(!one(("john", "kerr"), ("john", "kerry")));
        assert!(!one(("ann", "lee"), ("anna", "lea")));
        assert!(!one(("steven", "miller"), ("stephen", "miller")));
    }
}
