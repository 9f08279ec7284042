//! Tables as bytes that are searched where they lie: on disk, mapped, so that a query reads no more of them than it
//! asks for, and to open an index costs no more if they are large.

use std::fmt;
use std::ops::Deref;

use serde::Serialize;
use serde::Serializer;
use tantivy::directory::OwnedBytes;

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
pub(super) struct Places(pub Bytes);

impl Places {
    pub fn new(mut pairs: Vec<(u64, u32)>) -> Places {
        pairs.sort_unstable();
        let mut bytes = Vec::with_capacity(pairs.len() * PAIR);
        for (key, place) in pairs {
            bytes.extend(key.to_le_bytes());
            bytes.extend(place.to_le_bytes());
        }
        Places(bytes.into())
    }

    fn get(&self, at: usize) -> Option<(u64, u32)> {
        let (key, place) = self.0.get(at * PAIR..(at + 1) * PAIR)?.split_first_chunk::<KEY>()?;
        Some((u64::from_le_bytes(*key), u32::from_le_bytes(place.try_into().ok()?)))
    }

    /// The places of a key: more than one only if two things share it.
    pub fn of(&self, key: u64) -> impl Iterator<Item = usize> {
        let (mut from, mut to) = (0, self.0.len() / PAIR);
        while from < to {
            let middle = from + (to - from) / 2;
            if self.get(middle).is_some_and(|(other, _)| other < key) {
                from = middle + 1
            } else {
                to = middle
            }
        }
        (from..).map_while(move |at| self.get(at).filter(|(other, _)| *other == key)).map(|(_, p)| p as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_finds_its_places() {
        let pairs = vec![(7, 1), (0, 2), (u64::MAX, 3), (7, 4), (1 << 40, 5)];
        let places = Places::new(pairs.clone());
        for (key, place) in pairs {
            assert!(places.of(key).any(|p| p == place as usize), "{key}");
        }
        assert_eq!(places.of(7).count(), 2);
        assert!(places.of(8).next().is_none() && Places::default().of(0).next().is_none());
        assert!(Places(vec![0; PAIR - 1].into()).of(0).next().is_none());
    }

    #[test]
    fn a_part_is_of_its_whole_alone() {
        let whole = OwnedBytes::new(vec![1, 2, 3, 4]);
        assert_eq!(Bytes::part(&whole, &whole[1..3]).as_deref(), Some(&[2, 3][..]));
        assert_eq!(Bytes::part(&whole, &[2; 64]), None);
    }
}
