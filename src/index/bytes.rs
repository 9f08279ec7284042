//! Tables as bytes that are searched where they lie: on disk, mapped, so that a query reads no more of them than it
//! asks for, and to open an index costs no more if they are large.

use std::fmt;
use std::ops::Deref;

use serde::Serialize;
use serde::Serializer;
use tantivy::directory::OwnedBytes;

/// A number for a text, the same everywhere and always, as it is kept on disk: the first bytes of its BLAKE3 hash, so
/// that nobody chooses two texts that share one by a look at them.
pub(super) fn hash_of(text: &str) -> u64 {
    let first = blake3::hash(text.as_bytes()).as_bytes().first_chunk().copied();
    u64::from_le_bytes(first.unwrap_or_default())
}

/// Bytes that something else may own.
#[derive(Clone)]
pub(super) struct Bytes(OwnedBytes);

impl Bytes {
    /// A part of bytes, without a copy; none if it is not of them.
    pub fn part(whole: &OwnedBytes, part: &[u8]) -> Option<Bytes> {
        let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
        let end = start.checked_add(part.len()).filter(|end| *end <= whole.len())?;
        Some(Bytes(whole.slice(start..end)))
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Bytes {
        Bytes(OwnedBytes::new(bytes))
    }
}

impl Default for Bytes {
    fn default() -> Bytes {
        Bytes(OwnedBytes::empty())
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Bytes) -> bool {
        self[..] == other[..]
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self)
    }
}

/// Bytes of a key.
const KEY: usize = 8;

/// Bytes of a pair.
const PAIR: usize = KEY + 4;

/// Places by key, sorted.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct KeyedPlaces(pub Bytes);

impl KeyedPlaces {
    pub fn new(mut pairs: Vec<(u64, u32)>) -> KeyedPlaces {
        pairs.sort_unstable();
        let mut bytes = Vec::with_capacity(pairs.len() * PAIR);
        for (key, place) in pairs {
            bytes.extend(key.to_le_bytes());
            bytes.extend(place.to_le_bytes());
        }
        KeyedPlaces(bytes.into())
    }

    fn get(&self, at: usize) -> Option<(u64, u32)> {
        let (key, place) = self.0.get(at * PAIR..(at + 1) * PAIR)?.split_first_chunk::<KEY>()?;
        Some((u64::from_le_bytes(*key), u32::from_le_bytes(place.try_into().ok()?)))
    }

    /// A bit for each of the highest bits of a key, set if a key has these: tells at once of most others that they are
    /// not there.
    pub fn sketch(&self) -> Sketch {
        let mut bits = vec![0; 1 << (SKETCH - 6)];
        for (key, _) in (0..self.0.len() / PAIR).filter_map(|at| self.get(at)) {
            let (word, bit) = Sketch::place(key);
            bits[word] |= bit;
        }
        Sketch(bits.into())
    }

    /// The places of a key: more than one only if two things share it.
    pub fn of(&self, key: u64) -> impl Iterator<Item = usize> {
        let (mut from, mut to) = self.about(key);
        while from < to {
            let middle = from + (to - from) / 2;
            if self.is_less(middle, key) { from = middle + 1 } else { to = middle }
        }
        (from..).map_while(move |at| self.get(at).filter(|(other, _)| *other == key)).map(|(_, p)| p as usize)
    }

    /// Between which pairs the first of a key is: keys are hashes, so that it is not far from where its share of all
    /// numbers says, and what lies near is read sooner than what lies all over the file.
    fn about(&self, key: u64) -> (usize, usize) {
        let all = self.0.len() / PAIR;
        let near = ((u128::from(key) * all as u128) >> u64::BITS) as usize;
        let reach = 2 * all.isqrt() + 1;
        let from = near.checked_sub(reach).filter(|from| self.is_less(*from, key)).unwrap_or(0);
        let to = Some(near + reach).filter(|to| *to < all && !self.is_less(*to, key)).unwrap_or(all);
        (from, to)
    }

    #[inline]
    fn is_less(&self, at: usize, key: u64) -> bool {
        self.get(at).is_some_and(|(other, _)| other < key)
    }
}

/// Bits of a key that a sketch looks at: 32 KB.
const SKETCH: u32 = 18;

/// What keys there may be.
#[derive(Debug)]
pub(super) struct Sketch(Box<[u64]>);

impl Sketch {
    fn place(key: u64) -> (usize, u64) {
        let place = key >> (u64::BITS - SKETCH);
        ((place / 64) as usize, 1 << (place % 64))
    }

    /// Tells of a key whether it may be there.
    #[inline]
    pub fn may_have(&self, key: u64) -> bool {
        let (word, bit) = Sketch::place(key);
        self.0[word] & bit != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_finds_its_places() {
        let pairs = vec![(7, 1), (0, 2), (u64::MAX, 3), (7, 4), (1 << 40, 5)];
        let places = KeyedPlaces::new(pairs.clone());
        for (key, place) in pairs {
            assert!(places.of(key).any(|p| p == place as usize), "{key}");
        }
        let sketch = places.sketch();
        assert!([7, 0, u64::MAX, 1 << 40].into_iter().all(|key| sketch.may_have(key)));
        assert!(!sketch.may_have(1 << 60));
        assert_eq!(places.of(7).count(), 2);
        let evenly: Vec<(u64, u32)> = (0..5000).map(|n| (u64::from(n) << 50, n)).collect();
        let bunched: Vec<(u64, u32)> = (0..5000).map(|n| (u64::from(n * n), n)).collect();
        for pairs in [evenly, bunched] {
            let places = KeyedPlaces::new(pairs.clone());
            assert!(pairs.iter().all(|(key, place)| places.of(*key).eq([*place as usize])));
            assert!(pairs.iter().skip(2).all(|(key, _)| places.of(key - 1).next().is_none()));
        }
        assert!(places.of(8).next().is_none() && KeyedPlaces::default().of(0).next().is_none());
        assert!(KeyedPlaces(vec![0; PAIR - 1].into()).of(0).next().is_none());
    }

    #[test]
    fn a_part_is_of_its_whole_alone() {
        let whole = OwnedBytes::new(vec![1, 2, 3, 4]);
        assert_eq!(Bytes::part(&whole, &whole[1..3]).as_deref(), Some(&[2, 3][..]));
        assert_eq!(Bytes::part(&whole, &[2; 64]), None);
    }
}
