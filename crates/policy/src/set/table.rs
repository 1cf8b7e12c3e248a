//! A table of texts by their hashes that is built once and then only read.

use super::prefixes::Span;

/// Entries sorted by hash, and where the entries with the same first bits begin. Nothing is probed, so that entries
/// whose hashes were made to collide cost no more than a search among them.
#[derive(Debug, Default)]
pub(super) struct Table<T> {
    /// How far a hash is shifted for the bits that choose where to look.
    shift: u32,
    starts: Vec<u32>,
    entries: Vec<Entry<T>>,
}

#[derive(Debug)]
pub(super) struct Entry<T> {
    pub(super) hash: u64,
    pub(super) key: Span,
    pub(super) value: T,
}

impl<T> Table<T> {
    pub(super) const EMPTY: Table<T> = Table { shift: 63, starts: Vec::new(), entries: Vec::new() };

    /// A table of entries that are sorted by hash.
    pub(super) fn new(entries: Vec<Entry<T>>) -> Self {
        if entries.is_empty() {
            return Self::EMPTY;
        }
        let bits = entries.len().next_power_of_two().trailing_zeros().max(1);
        let shift = u64::BITS - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        let mut rest = entries.iter().zip(0u32..).peekable();
        for bucket in 0..1u64 << bits {
            while rest.next_if(|(entry, _)| entry.hash >> shift < bucket).is_some() {}
            starts.push(rest.peek().map_or(entries.len() as u32, |(_, place)| *place));
        }
        starts.push(entries.len() as u32);
        Self { shift, starts, entries }
    }

    /// The value under a key; `texts` holds the keys.
    #[inline]
    pub(super) fn find(&self, hash: u64, key: &[u8], texts: &[u8]) -> Option<&T> {
        let bucket = (hash >> self.shift) as usize;
        let (start, end) = (*self.starts.get(bucket)?, *self.starts.get(bucket + 1)?);
        let entries = self.entries.get(start as usize..end as usize)?;
        let entries = match entries.len() {
            0..=8 => entries,
            _ => entries.get(entries.partition_point(|entry| entry.hash < hash)..)?,
        };
        let same = |entry: &&Entry<T>| entry.hash == hash && entry.key.of(texts) == key;
        entries.iter().take_while(|entry| entry.hash <= hash).find(same).map(|entry| &entry.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_also_among_equal_hashes() {
        for count in [0u64, 1, 2, 7, 100, 1_000] {
            let mut texts = Vec::new();
            let hash = |number: u64| (number / 13).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mut entries: Vec<Entry<u64>> = (0..count)
                .map(|number| {
                    let key = Span::push(&mut texts, &number.to_string());
                    Entry { hash: hash(number), key, value: number }
                })
                .collect();
            entries.sort_by_key(|entry| entry.hash);
            let table = Table::new(entries);
            for number in 0..count {
                let found = table.find(hash(number), number.to_string().as_bytes(), &texts);
                assert_eq!(found, Some(&number));
            }
            assert_eq!(table.find(hash(0), b"x", &texts), None);
            assert_eq!(table.find(u64::MAX, b"0", &texts), None);
            assert_eq!(table.find(5, b"0", &texts), None);
        }
    }
}
