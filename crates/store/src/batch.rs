//! Batches: what one group commit appends, their binary form and their hash.
//!
//! The binary form, version 1: a version byte, the id (16 bytes), the hash of the batch before (32 bytes), the
//! time in milliseconds (8 bytes, little endian), then the writes and the events, each list led by its length.
//! Lengths are LEB128. A write is its key, a tag (0 delete, 1 put) and, for a put, the value.

use aws_lc_rs::digest;
use base::Timestamp;
use std::fmt;
use std::sync::Arc;

/// A place in the total order of a log: the first batch has revision 1, the empty log stands at 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rev(pub u64);

impl Rev {
    /// The revision of an empty log.
    pub const ZERO: Self = Self(0);

    /// The revision that follows.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Rev {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The id by which an append of unknown fate is found again: 16 random bytes.
pub type BatchId = [u8; 16];

/// The key of a row.
pub type Key = Arc<[u8]>;

/// The value of a row.
pub type Value = Arc<[u8]>;

/// The new value of a row, or its deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The row.
    pub key: Key,
    /// Its new value; `None` deletes the row.
    pub value: Option<Value>,
}

impl Write {
    /// Sets the row `key` to `value`.
    pub fn put(key: impl Into<Key>, value: impl Into<Value>) -> Self {
        Self { key: key.into(), value: Some(value.into()) }
    }

    /// Deletes the row `key`.
    pub fn delete(key: impl Into<Key>) -> Self {
        Self { key: key.into(), value: None }
    }

    /// About how many bytes the write takes in a batch.
    pub fn size(&self) -> usize {
        self.key.len() + self.value.as_ref().map_or(0, |value| value.len()) + 12
    }
}

/// What one group commit appends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Tells this attempt apart from every other.
    pub id: BatchId,
    /// The hash of the batch before; zeros for the first.
    pub prev_hash: Hash,
    /// When the batch was made.
    pub at: Timestamp,
    /// The rows that change, in order; a later write of a key overrides an earlier one.
    pub writes: Vec<Write>,
    /// Audit events, opaque here: JSON text.
    pub events: Vec<Arc<[u8]>>,
}

/// Bytes that are no batch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The version byte is of a later program.
    #[error("the batch has format {0}, this program reads format 1")]
    Version(u8),
    /// The bytes end early, are too many, or a length or tag makes no sense.
    #[error("the batch is malformed at byte {0}")]
    Malformed(usize),
}

const VERSION: u8 = 1;

impl Batch {
    /// The binary form.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.size());
        out.push(VERSION);
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&self.prev_hash);
        out.extend_from_slice(&self.at.millis().to_le_bytes());
        put_length(&mut out, self.writes.len());
        for write in &self.writes {
            put_bytes(&mut out, &write.key);
            match &write.value {
                None => out.push(0),
                Some(value) => {
                    out.push(1);
                    put_bytes(&mut out, value);
                }
            }
        }
        put_length(&mut out, self.events.len());
        for event in &self.events {
            put_bytes(&mut out, event);
        }
        out
    }

    /// Reads the binary form; every byte must be used.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Input { bytes, at: 0 };
        match input.byte()? {
            VERSION => {}
            other => return Err(DecodeError::Version(other)),
        }
        let id = input.array()?;
        let prev_hash = input.array()?;
        let at = Timestamp::from_millis(i64::from_le_bytes(input.array()?));
        let mut writes = Vec::with_capacity(input.count()?);
        for _ in 0..writes.capacity() {
            let key = input.chunk()?.into();
            let value = match input.byte()? {
                0 => None,
                1 => Some(input.chunk()?.into()),
                _ => return Err(DecodeError::Malformed(input.at)),
            };
            writes.push(Write { key, value });
        }
        let mut events = Vec::with_capacity(input.count()?);
        for _ in 0..events.capacity() {
            events.push(input.chunk()?.into());
        }
        if input.at == bytes.len() {
            Ok(Self { id, prev_hash, at, writes, events })
        } else {
            Err(DecodeError::Malformed(input.at))
        }
    }

    /// SHA-256 of the binary form: what the next batch carries as `prev_hash`.
    pub fn hash(&self) -> Hash {
        hash(&self.encode())
    }

    /// About how many bytes the binary form has; never less.
    pub fn size(&self) -> usize {
        let writes: usize = self.writes.iter().map(Write::size).sum();
        let events: usize = self.events.iter().map(|event| event.len() + 6).sum();
        80 + writes + events
    }
}

/// SHA-256.
pub fn hash(bytes: &[u8]) -> Hash {
    let mut out = Hash::default();
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    let mut rest = length;
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_length(out, bytes.len());
    out.extend_from_slice(bytes);
}

struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let malformed = DecodeError::Malformed(self.at);
        let end = self.at.checked_add(length).ok_or(malformed.clone())?;
        let taken = self.bytes.get(self.at..end).ok_or(malformed)?;
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let at = self.at;
        self.take(N)?.try_into().map_err(|_| DecodeError::Malformed(at))
    }

    fn length(&mut self) -> Result<usize, DecodeError> {
        let mut length = 0_usize;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = usize::from(byte & 0x7f);
            length |= bits << shift;
            if (length >> shift) & 0x7f != bits {
                break;
            }
            if byte & 0x80 == 0 {
                return Ok(length);
            }
        }
        Err(DecodeError::Malformed(self.at))
    }

    /// A number of things that take at least one byte each: more than the bytes left is a lie.
    fn count(&mut self) -> Result<usize, DecodeError> {
        let count = self.length()?;
        if count <= self.bytes.len() - self.at { Ok(count) } else { Err(DecodeError::Malformed(self.at)) }
    }

    fn chunk(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.length()?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes() -> impl Strategy<Value = Arc<[u8]>> {
        prop::collection::vec(any::<u8>(), 0..300).prop_map(Arc::from)
    }

    fn batch() -> impl Strategy<Value = Batch> {
        let write = (bytes(), prop::option::of(bytes())).prop_map(|(key, value)| Write { key, value });
        (
            any::<[u8; 16]>(),
            any::<[u8; 32]>(),
            any::<i64>(),
            prop::collection::vec(write, 0..20),
            prop::collection::vec(bytes(), 0..20),
        )
            .prop_map(|(id, prev_hash, at, writes, events)| Batch {
                id,
                prev_hash,
                at: Timestamp::from_millis(at),
                writes,
                events,
            })
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(batch in batch()) {
            let bytes = batch.encode();
            prop_assert!(bytes.len() <= batch.size());
            prop_assert_eq!(Batch::decode(&bytes), Ok(batch));
        }

        #[test]
        fn cut_bytes_are_refused(batch in batch(), cut in any::<prop::sample::Index>()) {
            let bytes = batch.encode();
            prop_assert!(Batch::decode(&bytes[..cut.index(bytes.len())]).is_err());
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Batch::decode(&bytes);
            let mut led = vec![1; 57];
            led.extend(bytes);
            let _ = Batch::decode(&led);
        }

        #[test]
        fn another_batch_has_another_hash(a in batch(), b in batch()) {
            prop_assert_eq!(a == b, a.hash() == b.hash());
        }
    }

    #[test]
    fn later_formats_are_named() {
        assert_eq!(Batch::decode(&[2; 90]), Err(DecodeError::Version(2)));
    }

    #[test]
    fn the_form_is_fixed() {
        let batch = Batch {
            id: [7; 16],
            prev_hash: [9; 32],
            at: Timestamp::from_millis(1),
            writes: vec![Write::put(*b"k", *b"v"), Write::delete(*b"d")],
            events: vec![Arc::from(*b"{}")],
        };
        let mut expected = vec![1];
        expected.extend([7; 16]);
        expected.extend([9; 32]);
        expected.extend([1, 0, 0, 0, 0, 0, 0, 0]);
        expected.extend(b"\x02\x01k\x01\x01v\x01d\x00\x01\x02{}");
        assert_eq!(batch.encode(), expected);
    }
}
