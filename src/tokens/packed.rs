//! Short ASCII words as two numbers of eight bytes each: measured, lower-cased and compared without a look at single
//! bytes, whose number the processor would have to guess anew for every word.

/// Bytes of a word that are looked up as one.
pub(super) const PACKED: usize = 16;

/// The bytes of a word, the first one lowest, zeros behind the last.
pub type Packed = [u64; 2];

const ONES: u64 = 0x0101_0101_0101_0101;
/// The bit of each byte that no ASCII character has.
const HIGH: u64 = 0x80 * ONES;
/// The bit that tells small letters from capitals, and that all digits have.
pub(super) const SMALL: u64 = 0x20 * ONES;

/// Eight bytes from `at` on, zeros behind the last.
#[inline]
pub(super) fn load(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => rest.iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte)),
    }
}

/// The high bit of every byte from `first` to `last`; all bytes must be ASCII, so that no sum runs into the next byte.
#[inline]
fn between(ascii: u64, first: u8, last: u8) -> u64 {
    let reach = ascii + u64::from(0x80 - first) * ONES;
    let exceed = ascii + u64::from(0x7f - last) * ONES;
    reach & !exceed & HIGH
}

/// The bits of the ASCII letters and digits that eight bytes start with.
#[inline]
pub(super) fn letters_ahead(bytes: u64) -> u64 {
    let ascii = bytes & !HIGH;
    let letters = between(ascii | SMALL, b'a', b'z') | between(ascii, b'0', b'9');
    let others = !(letters & !bytes) & HIGH;
    // One bit in the first of the others; without any, all bits are taken.
    let first = others & others.wrapping_neg();
    (first >> 7).wrapping_sub(1)
}

/// The bits of the first `count` bytes of eight.
#[inline]
fn first(count: usize) -> u64 {
    if count < 8 { (1 << (8 * count)) - 1 } else { u64::MAX }
}

#[inline]
fn lower(bytes: u64) -> u64 {
    bytes | (between(bytes & !HIGH, b'A', b'Z') & !bytes) >> 2
}

/// The letters of a word of up to 16 ASCII bytes as two numbers, small if `small` says so; none of other words.
#[inline]
pub fn packed(text: &str, from: usize, to: usize, small: bool) -> Option<Packed> {
    let length = to - from;
    if length > PACKED {
        return None;
    }
    let low = load(text.as_bytes(), from) & first(length);
    let high = if length > 8 { load(text.as_bytes(), from + 8) & first(length - 8) } else { 0 };
    let word = if small { [lower(low), lower(high)] } else { [low, high] };
    ((low | high) & HIGH == 0).then_some(word)
}

/// Appends the letters of a packed word to a text.
#[inline]
pub fn push_letters(word: Packed, out: &mut String) {
    let bytes = [word[0].to_le_bytes(), word[1].to_le_bytes()];
    let bytes = bytes.as_flattened();
    let length = bytes.iter().position(|byte| *byte == 0).unwrap_or(PACKED);
    // ASCII is valid text, whatever it says.
    out.push_str(std::str::from_utf8(&bytes[..length]).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_what_the_library_says() {
        for byte in 0..=255_u8 {
            let text = [b'a', byte, b'b', b'!', 0, 0, 0, 0];
            let ahead = letters_ahead(u64::from_le_bytes(text));
            let wanted = if byte.is_ascii_alphanumeric() { first(3) } else { first(1) };
            assert_eq!(ahead, wanted, "{byte}");
            let small = lower(u64::from_le_bytes(text)).to_le_bytes();
            assert_eq!(small, text.map(|b| b.to_ascii_lowercase()), "{byte}");
        }
        assert_eq!(letters_ahead(u64::from_le_bytes(*b"abcdEFG9")), u64::MAX);
    }

    #[test]
    fn words_are_packed_with_what_stands_behind_them_cut_off() {
        let text = "The Minister of Internationalisation";
        assert_eq!(packed(text, 4, 12, true), packed("minister", 0, 8, false));
        assert_ne!(packed(text, 4, 12, false), packed("minister", 0, 8, false));
        assert_eq!(packed(text, 16, 36, true), None);
        assert_eq!(packed("Erdoğan", 0, 8, true), None);
    }
}
