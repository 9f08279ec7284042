//! What is kept in memory up to so many bytes: what was not asked for the longest goes first.

use std::hash::Hash;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use lru::LruCache;

/// Values by key, shared by threads; a value is cheap to clone.
pub(super) struct Kept<K: Hash + Eq, V>(Mutex<Entries<K, V>>);

struct Entries<K: Hash + Eq, V> {
    /// Each with its bytes.
    values: LruCache<K, (V, usize)>,
    bytes: usize,
    most: usize,
}

impl<K: Hash + Eq, V: Clone> Kept<K, V> {
    pub fn up_to(most: usize) -> Kept<K, V> {
        Kept(Mutex::new(Entries { values: LruCache::unbounded(), bytes: 0, most }))
    }

    pub fn get(&self, key: &K) -> Option<V> {
        self.entries().values.get(key).map(|(value, _)| value.clone())
    }

    /// Keeps a value of so many bytes in the place of an earlier one; one that is too large by itself is not kept.
    pub fn put(&self, key: K, value: V, bytes: usize) {
        let mut entries = self.entries();
        let most = entries.most;
        if bytes > most {
            return;
        }
        let earlier = entries.values.put(key, (value, bytes)).map_or(0, |(_, bytes)| bytes);
        entries.bytes = entries.bytes + bytes - earlier;
        while entries.bytes > most
            && let Some((_, (_, bytes))) = entries.values.pop_lru()
        {
            entries.bytes -= bytes;
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_for_the_longest_goes_first() {
        let kept = Kept::up_to(10);
        kept.put("a", 1, 4);
        kept.put("b", 2, 4);
        assert_eq!(kept.get(&"a"), Some(1));
        kept.put("c", 3, 4);
        assert_eq!(["a", "b", "c"].map(|key| kept.get(&key)), [Some(1), None, Some(3)]);
        kept.put("a", 5, 2);
        kept.put("d", 4, 4);
        assert_eq!(["a", "c", "d"].map(|key| kept.get(&key)), [Some(5), Some(3), Some(4)]);
        kept.put("e", 6, 11);
        assert_eq!(["a", "e"].map(|key| kept.get(&key)), [Some(5), None]);
    }
}
