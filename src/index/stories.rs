//! Groups near-duplicates into stories. The groups follow from the articles alone, whatever order they came in.

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use tantivy::DocAddress;
use tantivy::Searcher;

use super::IndexError;
use super::similarity::Runs;
use super::similarity::Signature;
use super::similarity::bands;

/// Share of equal slots from which two texts are compared run by run; copies have more, by far.
const LIKELY: f64 = 0.25;

/// Texts whose runs are kept at hand.
const KEPT: usize = 20_000;

/// An article of the corpus, as stories see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    /// Its name among stories.
    pub tie: u64,
    /// First day of its period of publication; the undated come last.
    pub day: Option<i64>,
    pub address: DocAddress,
    pub signature: Signature,
}

/// Lists the articles with words.
pub(super) fn members(searcher: &Searcher) -> tantivy::Result<Vec<Member>> {
    let mut out = Vec::new();
    for (number, segment) in searcher.segment_readers().iter().enumerate() {
        let fast = segment.fast_fields();
        let Some(signatures) = fast.bytes("signature")? else { continue };
        let (ties, days) = (fast.u64("tie")?, fast.i64("published_min")?);
        let mut bytes = Vec::new();
        for doc in segment.doc_ids_alive() {
            let (Some(ordinal), Some(tie)) = (signatures.ords().first(doc), ties.first(doc)) else {
                continue;
            };
            bytes.clear();
            signatures.ord_to_bytes(ordinal, &mut bytes)?;
            let Some(signature) = Signature::read(&bytes) else { continue };
            let address = DocAddress::new(number as u32, doc);
            out.push(Member { tie, day: days.first(doc), address, signature });
        }
    }
    // By name, so that nothing below depends on where an article lies.
    out.sort_unstable_by_key(|m| m.tie);
    Ok(out)
}

/// Groups articles anew. `before` are the groups of the last commit; `fresh` tells articles that came since.
///
/// Groups that lost an article fall apart and are looked at anew. Each group is sorted: the earliest first.
pub(super) fn group(
    members: &[Member],
    before: &[Vec<u64>],
    fresh: &dyn Fn(u64) -> bool,
    runs_of: &dyn Fn(DocAddress) -> Result<Runs, IndexError>,
) -> Result<Vec<Vec<u64>>, IndexError> {
    let place: FxHashMap<u64, u32> = members.iter().enumerate().map(|(i, m)| (m.tie, i as u32)).collect();
    let mut sets = Sets::new(members.len());
    let mut open: FxHashSet<u32> =
        members.iter().enumerate().filter(|(_, m)| fresh(m.tie)).map(|(i, _)| i as u32).collect();
    for group in before {
        // An article that was replaced is another one under the same name.
        let kept = group.iter().filter(|tie| !fresh(**tie));
        let here: Vec<u32> = kept.filter_map(|tie| place.get(tie).copied()).collect();
        if here.len() < group.len() {
            open.extend(here);
        } else {
            here.windows(2).for_each(|pair| sets.join(pair[0], pair[1]));
        }
    }
    let mut comparison = Comparison { members, runs_of, kept: FxHashMap::default() };
    each_likely_pair(members, &open, |a, b| {
        if sets.find(a) != sets.find(b) && comparison.are_copies(a, b)? {
            sets.join(a, b);
        }
        Ok(())
    })?;
    Ok(sets.groups(members))
}

/// Hands on the pairs with a band in common, one of them open, each pair once. Of articles with the same runs, the
/// first stands for all.
fn each_likely_pair(
    members: &[Member],
    open: &FxHashSet<u32>,
    mut visit: impl FnMut(u32, u32) -> Result<(), IndexError>,
) -> Result<(), IndexError> {
    let mut by_band: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for &at in open {
        for band in bands(&members[at as usize].signature) {
            by_band.entry(band).or_default();
        }
    }
    let mut same: FxHashMap<u64, u32> = FxHashMap::default();
    for (at, member) in members.iter().enumerate() {
        let at = at as u32;
        if let Some(first) = same.get(&member.signature.whole) {
            visit(*first, at)?;
            continue;
        }
        same.insert(member.signature.whole, at);
        let is_open = open.contains(&at);
        for band in bands(&member.signature) {
            let Some(list) = by_band.get_mut(&band) else { continue };
            for &other in list.iter().filter(|other| is_open || open.contains(other)) {
                if first_common(&members[other as usize].signature, &member.signature) == Some(band) {
                    visit(other, at)?;
                }
            }
            list.push(at);
        }
    }
    Ok(())
}

/// The first band that two signatures share.
fn first_common(a: &Signature, b: &Signature) -> Option<u32> {
    bands(a).zip(bands(b)).find(|(a, b)| a == b).map(|(band, _)| band)
}

/// Compares articles run by run, fetching their texts when first needed.
struct Comparison<'a> {
    members: &'a [Member],
    runs_of: &'a dyn Fn(DocAddress) -> Result<Runs, IndexError>,
    kept: FxHashMap<u32, Runs>,
}

impl Comparison<'_> {
    fn are_copies(&mut self, a: u32, b: u32) -> Result<bool, IndexError> {
        let (first, second) = (&self.members[a as usize].signature, &self.members[b as usize].signature);
        if first.whole == second.whole {
            return Ok(true);
        }
        if first.likeness(second) < LIKELY {
            return Ok(false);
        }
        if self.kept.len() + 2 > KEPT {
            self.kept.clear();
        }
        for at in [a, b] {
            if !self.kept.contains_key(&at) {
                self.kept.insert(at, (self.runs_of)(self.members[at as usize].address)?);
            }
        }
        Ok(self.kept[&a].are_copies(&self.kept[&b]))
    }
}

/// Disjoint sets of articles.
struct Sets(Vec<u32>);

impl Sets {
    fn new(size: usize) -> Sets {
        Sets((0..size as u32).collect())
    }

    fn find(&mut self, at: u32) -> u32 {
        let mut root = at;
        while self.0[root as usize] != root {
            root = self.0[root as usize];
        }
        let mut at = at;
        while self.0[at as usize] != root {
            at = std::mem::replace(&mut self.0[at as usize], root);
        }
        root
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a.max(b) as usize] = a.min(b);
    }

    fn groups(mut self, members: &[Member]) -> Vec<Vec<u64>> {
        let mut by_root: FxHashMap<u32, Vec<&Member>> = FxHashMap::default();
        for (at, member) in members.iter().enumerate() {
            by_root.entry(self.find(at as u32)).or_default().push(member);
        }
        let mut groups: Vec<Vec<u64>> = by_root
            .into_values()
            .filter(|group| group.len() > 1)
            .map(|mut group| {
                group.sort_unstable_by_key(|m| (m.day.is_none(), m.day, m.tie));
                group.into_iter().map(|m| m.tie).collect()
            })
            .collect();
        groups.sort_unstable();
        groups
    }
}
