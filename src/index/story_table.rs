//! Which articles are copies of each other, as bytes that are searched where they lie: a query reads no more of them
//! than it asks for, and to open an index costs no more if it holds many.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Visitor;

/// Bytes of a number of an article (a tie).
const TIE: usize = 8;

/// Bytes of an entry: a tie, and where its group starts.
const ENTRY: usize = TIE + 4;

/// Groups of articles, two or more, by their ties.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct StoryTable {
    /// An entry for each tie, sorted.
    entries: Bytes,
    /// Group behind group: the number of its ties, and these, the earliest article first.
    groups: Bytes,
}

impl StoryTable {
    pub fn new(groups: &[Vec<u64>]) -> StoryTable {
        let mut entries: Vec<(u64, u32)> = Vec::new();
        let mut bytes = Vec::new();
        for group in groups {
            let start = (bytes.len() / TIE) as u32;
            entries.extend(group.iter().map(|tie| (*tie, start)));
            bytes.extend((group.len() as u64).to_le_bytes());
            group.iter().for_each(|tie| bytes.extend(tie.to_le_bytes()));
        }
        entries.sort_unstable();
        let packed =
            entries.iter().flat_map(|(tie, start)| tie.to_le_bytes().into_iter().chain(start.to_le_bytes()));
        StoryTable { entries: Bytes(packed.collect()), groups: Bytes(bytes) }
    }

    /// Lists the groups, each with the earliest article first.
    pub fn groups(&self) -> Vec<Vec<u64>> {
        let (mut groups, mut at) = (Vec::new(), 0);
        while let Some(group) = self.group(at) {
            groups.push(group.collect::<Vec<_>>());
            at += 1 + groups.last().map_or(0, Vec::len);
        }
        groups
    }

    /// The group of an article, the earliest first; none if it has no copies.
    pub fn of(&self, tie: u64) -> Option<impl Iterator<Item = u64> + '_> {
        let entry = |at: usize| self.entries.0.get(at * ENTRY..(at + 1) * ENTRY);
        let tie_at = |at: usize| entry(at).map_or(u64::MAX, number);
        let (mut from, mut to) = (0, self.entries.0.len() / ENTRY);
        while from < to {
            let middle = from + (to - from) / 2;
            if tie_at(middle) < tie { from = middle + 1 } else { to = middle }
        }
        let found = entry(from).filter(|entry| number(entry) == tie)?;
        let start = u32::from_le_bytes(found[TIE..].try_into().ok()?);
        self.group(start as usize)
    }

    /// The ties of the group that starts at a place.
    fn group(&self, start: usize) -> Option<impl Iterator<Item = u64> + '_> {
        let tie = |at: usize| self.groups.0.get(at.checked_mul(TIE)?..at.checked_add(1)?.checked_mul(TIE)?);
        let length = usize::try_from(number(tie(start)?)).ok()?;
        let end = start.checked_add(1)?.checked_add(length)?;
        tie(end.checked_sub(1)?)?;
        Some((start + 1..end).filter_map(move |at| tie(at).map(number)))
    }
}

/// The number that bytes begin with.
fn number(bytes: &[u8]) -> u64 {
    bytes.first_chunk::<TIE>().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Bytes that are read as one piece.
#[derive(Clone, Default, PartialEq)]
struct Bytes(Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        struct Taken;
        impl Visitor<'_> for Taken {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tie_finds_its_group() {
        let groups = vec![vec![7, 3, u64::MAX], vec![0, 5], vec![1 << 40, 2]];
        let table = StoryTable::new(&groups);
        assert_eq!(table.groups(), groups);
        for group in &groups {
            for tie in group {
                assert_eq!(table.of(*tie).map(Iterator::collect::<Vec<_>>).as_ref(), Some(group));
            }
        }
        assert!(table.of(4).is_none() && StoryTable::default().of(0).is_none());
        let packed = postcard::to_stdvec(&table).expect("bytes");
        let read: StoryTable = postcard::from_bytes(&packed).expect("a table");
        assert_eq!(read, table);
    }

    #[test]
    fn other_bytes_are_no_groups() {
        let table = StoryTable { entries: Bytes(vec![0; ENTRY]), groups: Bytes(vec![255; 20]) };
        assert!(table.of(0).is_none() && table.groups().is_empty());
    }
}
