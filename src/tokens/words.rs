//! The words of a text, for those who need no marks and no vocabulary: the index and the comparison of texts.

use super::Class;
use super::Raw;
use super::fold_token;
use super::packed::Packed;
use super::packed::SMALL;
use super::packed::letters_ahead;
use super::packed::load;
use super::packed::push_letters;
use super::scan;

/// A word or number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where it stands, and what it is made of.
    pub raw: Raw,
    /// Its letters, small, if they are few and ASCII: as [`super::packed`] has them.
    pub letters: Option<Packed>,
}

impl Word {
    /// Writes the folded word: small letters, no accents.
    #[inline]
    pub fn fold_into(&self, text: &str, out: &mut String) {
        let Some(letters) = self.letters else {
            return fold_token(&text[self.raw.start..self.raw.end], out);
        };
        out.clear();
        push_letters(letters, out);
    }
}

/// Returns the first word or number at or after byte `at`.
#[inline]
pub fn next_word(text: &str, mut at: usize) -> Option<Word> {
    let bytes = text.as_bytes();
    loop {
        let byte = *bytes.get(at)?;
        if byte.is_ascii_alphanumeric() {
            if let Some((end, letters)) = plain_word(text, at, bytes.len()) {
                let class = if byte.is_ascii_digit() { Class::Number } else { Class::Word };
                return Some(Word { raw: Raw { start: at, end, class }, letters: Some(letters) });
            }
        } else if byte < 0x80 && byte != b'\'' {
            at += 1;
            continue;
        }
        let raw = scan(text, at)?;
        if matches!(raw.class, Class::Word | Class::Number) {
            return Some(Word { raw, letters: None });
        }
        at = raw.end;
    }
}

/// Bytes behind a word that may belong to it.
static JOINS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let ascii = byte as u8;
        table[byte] = ascii >= 0x80 || matches!(ascii, b'\'' | b'.' | b',') || ascii.is_ascii_alphanumeric();
        byte += 1;
    }
    table
};

/// A short word of ASCII letters and digits with nothing behind it that could belong to it: its end and its letters.
#[inline]
pub(super) fn plain_word(text: &str, start: usize, to: usize) -> Option<(usize, Packed)> {
    let bytes = text.as_bytes();
    // With the bit of small letters, which all digits have too.
    let low = load(bytes, start);
    let own = letters_ahead(low);
    let mut small = [(low | SMALL) & own, 0];
    let mut length = own.trailing_ones() as usize / 8;
    if length == 8 {
        let high = load(bytes, start + 8);
        let own = letters_ahead(high);
        small[1] = (high | SMALL) & own;
        length += own.trailing_ones() as usize / 8;
    }
    let end = start + length;
    if end != to {
        // A word that runs out of its block or of the number is cut by `scan`.
        let next = *bytes.get(end).filter(|_| end < to)?;
        if JOINS[next as usize]
            && !ends_before(&bytes[..to], end, next, bytes[start].is_ascii_digit(), length)
        {
            return None;
        }
    }
    Some((end, small))
}

/// Tells whether a word of letters and digits is sure to end before a byte that may join it to what follows.
#[inline]
fn ends_before(bytes: &[u8], at: usize, byte: u8, digit: bool, length: usize) -> bool {
    let next = bytes.get(at + 1).copied().unwrap_or(b' ');
    match byte {
        // Of an acronym, "U.N.", or a number, "3.5".
        b'.' => !(digit && next.is_ascii_digit() || length == 1 && next.is_ascii_alphabetic()),
        b',' => !(digit && next.is_ascii_digit()),
        // "Iran's" and "Emirates'" end, "don't" goes on.
        _ => possessive(bytes, at).is_some() || byte == b'\'' && next < 0x80 && !next.is_ascii_alphanumeric(),
    }
}

/// Where the `'s` at a byte ends, with a straight apostrophe or a curly one, if ASCII or nothing stands behind it.
#[inline]
pub(super) fn possessive(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    let width = match rest {
        [b'\'', ..] => 1,
        [0xe2, 0x80, 0x99, ..] => 3,
        _ => return None,
    };
    let ends = rest.get(width + 1).is_none_or(|next| *next < 0x80 && !next.is_ascii_alphanumeric());
    (ends && matches!(rest.get(width), Some(b's' | b'S'))).then_some(at + width + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_scan() {
        let text = "Iran's U.N. envoy, 5,000 men; don't -- Türkiye’s 'truce' 1990s internationalisation J.Smith a\u{301} x";
        let (mut at, mut slow) = (0, Vec::new());
        while let Some(raw) = scan(text, at) {
            at = raw.end;
            slow.extend(matches!(raw.class, Class::Word | Class::Number).then_some(raw));
        }
        let (mut at, mut fast) = (0, Vec::new());
        let (mut short, mut long) = (String::new(), String::new());
        while let Some(word) = next_word(text, at) {
            at = word.raw.end;
            fast.push(word.raw);
            word.fold_into(text, &mut short);
            fold_token(&text[word.raw.start..word.raw.end], &mut long);
            assert_eq!(short, long);
        }
        assert_eq!(fast, slow);
    }
}
