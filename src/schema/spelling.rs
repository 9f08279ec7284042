//! Names that are spelled otherwise: "Pashinian" is Pashinyan. The consonants find them, the letters confirm them.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// Letters of a surname from which on two of them may differ.
const LONG: usize = 8;

/// What stays of a folded word when vowels, `y` and `j` go, letters of one sound become one, and doubles single.
pub fn skeleton(word: &str) -> String {
    sounds(word).map(char::from).collect()
}

/// The letters of a skeleton.
fn sounds(word: &str) -> impl Iterator<Item = u8> + '_ {
    let mut last = 0;
    word.bytes().filter(u8::is_ascii_alphabetic).filter_map(move |letter| {
        let sound = match letter {
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' | b'j' => return None,
            b'c' | b'q' => b'k',
            b'w' | b'f' => b'v',
            b'z' => b's',
            other => other,
        };
        (std::mem::replace(&mut last, sound) != sound).then_some(sound)
    })
}

/// One number for the skeletons of a first and a last name; names of one number need not have the same.
pub fn skeletons(first: &str, last: &str) -> u64 {
    let mut hasher = FxHasher::default();
    sounds(first).for_each(|sound| hasher.write_u8(sound));
    hasher.write_u8(0);
    sounds(last).for_each(|sound| hasher.write_u8(sound));
    hasher.finish()
}

/// Tells whether two folded names of persons, each first and last name, can be one name in two spellings.
pub fn are_variants(first: (&str, &str), last: (&str, &str)) -> bool {
    // A skeleton of one or two consonants is no proof.
    let (given, family) = (sounds(first.0).count(), sounds(last.0).count());
    let told = given + family >= 5 && family >= 2;
    told && is_variant(first.0, first.1) && is_variant(last.0, last.1)
}

/// Tells whether two folded words can be one name in two spellings.
pub fn is_variant(a: &str, b: &str) -> bool {
    let most = if a.len().min(b.len()) < LONG { 1 } else { 2 };
    sounds(a).eq(sounds(b))
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
