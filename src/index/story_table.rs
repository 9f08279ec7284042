//! Which articles are copies of each other.

use serde::Serialize;

use super::bytes::Bytes;
use super::bytes::KeyedPlaces;

/// Bytes of a number of an article (a tie).
const TIE: usize = 8;

/// Groups of articles, two or more, by their ties.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct StoryTable {
    /// Where the group of each tie starts, in ties.
    pub starts: KeyedPlaces,
    /// Group behind group: the number of its ties, and these, the earliest article first.
    pub groups: Bytes,
}

impl StoryTable {
    pub fn new(groups: &[Vec<u64>]) -> StoryTable {
        let mut starts: Vec<(u64, u32)> = Vec::new();
        let mut bytes = Vec::new();
        for group in groups {
            let start = (bytes.len() / TIE) as u32;
            starts.extend(group.iter().map(|tie| (*tie, start)));
            bytes.extend((group.len() as u64).to_le_bytes());
            group.iter().for_each(|tie| bytes.extend(tie.to_le_bytes()));
        }
        StoryTable { starts: KeyedPlaces::new(starts), groups: bytes.into() }
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
        let start = self.starts.of(tie).next()?;
        self.group(start)
    }

    /// The ties of the group that starts at a place.
    fn group(&self, start: usize) -> Option<impl Iterator<Item = u64> + '_> {
        let tie = |at: usize| self.groups.get(at.checked_mul(TIE)?..at.checked_add(1)?.checked_mul(TIE)?);
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
    }

    #[test]
    fn other_bytes_are_no_groups() {
        let table = StoryTable { starts: KeyedPlaces::new(vec![(0, 0)]), groups: vec![255; 20].into() };
        assert!(table.of(0).is_none() && table.groups().is_empty());
    }
}
