//! The part of CBOR (RFC 8949) that authenticators write: integers, strings, arrays and maps of known length, and
//! the simple values. CTAP2 allows nothing else.

use super::Refusal;

/// A value; texts and bytes are slices of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Major types 0 and 1.
    Integer(i64),
    /// Major type 2.
    Bytes(&'a [u8]),
    /// Major type 3.
    Text(&'a str),
    /// Major type 4.
    Array(Vec<Value<'a>>),
    /// Major type 5; no key twice.
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// `false`, `true`.
    Bool(bool),
    /// `null`.
    Null,
}

/// Arrays and maps inside each other at most; CTAP2 allows four.
const DEPTH: usize = 8;

impl<'a> Value<'a> {
    /// The entry of a map whose key is this integer.
    pub fn at(&self, key: i64) -> Option<&Value<'a>> {
        self.entry(&Value::Integer(key))
    }

    /// The entry of a map whose key is this text.
    pub fn named(&self, key: &str) -> Option<&Value<'a>> {
        self.entry(&Value::Text(key))
    }

    fn entry(&self, key: &Value<'_>) -> Option<&Value<'a>> {
        let Value::Map(entries) = self else { return None };
        entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The integer, if it is one.
    pub fn integer(&self) -> Option<i64> {
        if let Value::Integer(number) = self { Some(*number) } else { None }
    }

    /// The bytes, if it is a string of bytes.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        if let Value::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&'a str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }
}

/// Reads one value; what follows it is handed back.
pub fn read(input: &[u8]) -> Result<(Value<'_>, &[u8]), Refusal> {
    let mut reader = Reader { rest: input };
    let value = reader.value(DEPTH)?;
    Ok((value, reader.rest))
}

/// Reads one value that must be all.
pub fn read_whole(input: &[u8]) -> Result<Value<'_>, Refusal> {
    match read(input)? {
        (value, []) => Ok(value),
        _ => Err(Refusal::Malformed("there are bytes after the CBOR value")),
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

const CUT: Refusal = Refusal::Malformed("the CBOR is cut off");

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Refusal> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(CUT)?;
        self.rest = rest;
        Ok(taken)
    }

    /// A head: the major type, its five bits, and the argument.
    fn head(&mut self) -> Result<(u8, u8, u64), Refusal> {
        let first = self.take(1)?.first().copied().unwrap_or_default();
        let (major, info) = (first >> 5, first & 31);
        let argument = match info {
            0..=23 => u64::from(info),
            24..=27 => {
                let bytes = self.take(1 << (info - 24))?;
                bytes.iter().fold(0, |all, byte| all << 8 | u64::from(*byte))
            }
            _ => return Err(Refusal::Malformed("the CBOR has a length that is not told")),
        };
        Ok((major, info, argument))
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, Refusal> {
        let (major, info, argument) = self.head()?;
        let integer =
            || i64::try_from(argument).map_err(|_| Refusal::Malformed("a CBOR number is too large"));
        let length = || usize::try_from(argument).map_err(|_| CUT);
        match major {
            0 => integer().map(Value::Integer),
            1 => integer().map(|number| Value::Integer(-1 - number)),
            2 => self.take(length()?).map(Value::Bytes),
            3 => std::str::from_utf8(self.take(length()?)?)
                .map(Value::Text)
                .map_err(|_| Refusal::Malformed("a CBOR text is not UTF-8")),
            4 => self.array(length()?, depth),
            5 => self.map(length()?, depth),
            7 if info == 20 || info == 21 => Ok(Value::Bool(info == 21)),
            7 if info == 22 => Ok(Value::Null),
            _ => Err(Refusal::Malformed("the CBOR has a value of a kind that authenticators do not use")),
        }
    }

    fn array(&mut self, length: usize, depth: usize) -> Result<Value<'a>, Refusal> {
        let depth = deeper(depth)?;
        let mut all = Vec::new();
        // Every element takes a byte, so that the input bounds the length.
        for _ in 0..length {
            all.push(self.value(depth)?);
        }
        Ok(Value::Array(all))
    }

    fn map(&mut self, length: usize, depth: usize) -> Result<Value<'a>, Refusal> {
        let depth = deeper(depth)?;
        let mut all: Vec<(Value<'a>, Value<'a>)> = Vec::new();
        for _ in 0..length {
            let key = self.value(depth)?;
            if all.iter().any(|(known, _)| *known == key) {
                return Err(Refusal::Malformed("a CBOR map has a key twice"));
            }
            // Keys are compared with each other: more than any authenticator writes would only cost time.
            if all.len() >= ENTRIES {
                return Err(Refusal::Malformed("a CBOR map has too many entries"));
            }
            all.push((key, self.value(depth)?));
        }
        Ok(Value::Map(all))
    }
}

const ENTRIES: usize = 64;

fn deeper(depth: usize) -> Result<usize, Refusal> {
    depth.checked_sub(1).ok_or(Refusal::Malformed("the CBOR is nested too deeply"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_standard() {
        for (bytes, expected) in [
            (&[0x00][..], Value::Integer(0)),
            (&[0x17], Value::Integer(23)),
            (&[0x18, 0x18], Value::Integer(24)),
            (&[0x19, 0x03, 0xe8], Value::Integer(1_000)),
            (&[0x20], Value::Integer(-1)),
            (&[0x39, 0x01, 0x00], Value::Integer(-257)),
            (&[0x44, 1, 2, 3, 4], Value::Bytes(&[1, 2, 3, 4])),
            (&[0x64, 0x49, 0x45, 0x54, 0x46], Value::Text("IETF")),
            (&[0x82, 0x01, 0xf5], Value::Array(vec![Value::Integer(1), Value::Bool(true)])),
            (&[0xa1, 0x61, 0x61, 0xf6], Value::Map(vec![(Value::Text("a"), Value::Null)])),
        ] {
            assert_eq!(read_whole(bytes).unwrap(), expected, "{bytes:?}");
        }
    }

    #[test]
    fn what_is_not_whole_or_not_allowed_is_refused() {
        for bad in [
            &[][..],
            &[0x18],
            &[0x44, 1, 2, 3],
            &[0x00, 0x00],
            &[0x5f, 0x41, 0x00, 0xff],
            &[0x9f, 0xff],
            &[0xa2, 0x01, 0x00, 0x01, 0x00],
            &[0xf9, 0x00, 0x00],
            &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0xc0, 0x00],
            &[0x81; 40],
            &[0x61, 0xff],
        ] {
            assert!(read_whole(bad).is_err(), "{bad:?}");
        }
    }
}
