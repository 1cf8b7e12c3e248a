//! Splits a stream of JSON into records without reading it whole.
//!
//! Understands CloudTrail's files (`{"Records":[…]}`), the answer of `aws cloudtrail lookup-events`
//! (`{"Events":[…]}`), a plain list, and JSON lines or objects one after the other.

use memchr::{memchr2, memchr3};
use std::io::{self, Read};

/// No record is longer: CloudTrail's own limit is 256 KB.
pub const MAX_RECORD: usize = 1 << 20;
const BUFFER: usize = 64 << 10;

/// Why a stream does not split.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// The stream cannot be read, or its compression is damaged.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The stream ends within a record.
    #[error("the file ends in the middle")]
    Torn,
    /// Something other than a record stands where one should.
    #[error("a record was expected")]
    NotARecord,
    /// The record is longer than [`MAX_RECORD`]; the ones after it can be read.
    #[error("the record is larger than {MAX_RECORD} bytes")]
    TooLarge,
}

/// Where the splitter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    List { wrapped: bool },
    Ended,
}

/// Yields the JSON of one record after the other.
pub struct Splitter<R> {
    input: Input<R>,
    place: Place,
    record: Vec<u8>,
}

impl<R: Read> Splitter<R> {
    /// Splits what `reader` yields.
    pub fn new(reader: R) -> Self {
        let input = Input { reader, buffer: vec![0; BUFFER].into_boxed_slice(), from: 0, to: 0, passed: 0 };
        Self { input, place: Place::Top, record: Vec::new() }
    }

    /// The next record and the offset of its first byte in the (uncompressed) stream. After an error other than
    /// [`SplitError::TooLarge`] the stream has ended.
    pub fn next_record(&mut self) -> Option<(u64, Result<&[u8], SplitError>)> {
        let (offset, found) = self.advance();
        match found {
            Ok(true) => Some((offset, Ok(&self.record))),
            Ok(false) => None,
            Err(error) => {
                if !matches!(error, SplitError::TooLarge) {
                    self.place = Place::Ended;
                }
                Some((offset, Err(error)))
            }
        }
    }

    fn advance(&mut self) -> (u64, Result<bool, SplitError>) {
        loop {
            if self.place == Place::Ended {
                return (self.input.offset(), Ok(false));
            }
            let next = self.input.skip_blanks();
            let offset = self.input.offset();
            let step = match (next, self.place) {
                (Err(error), _) => Err(error.into()),
                (Ok(Some(b'{')), Place::Top) => self.object_at_top(),
                (Ok(Some(b'{')), _) => self.copy_object(0).map(|()| true),
                (Ok(Some(b'[')), Place::Top) => {
                    self.input.bump();
                    self.place = Place::List { wrapped: false };
                    Ok(false)
                }
                (Ok(Some(b']')), Place::List { wrapped }) => {
                    self.input.bump();
                    self.place = Place::Top;
                    if wrapped { self.skip_rest_of_wrapper() } else { Ok(false) }
                }
                (Ok(None), Place::Top) => {
                    self.place = Place::Ended;
                    Ok(false)
                }
                (Ok(None), _) => Err(SplitError::Torn),
                (Ok(Some(_)), _) => Err(SplitError::NotARecord),
            };
            match step {
                Ok(false) => {}
                other => return (offset, other),
            }
        }
    }

    /// An object at the top is a record, unless its first member is the list of them.
    fn object_at_top(&mut self) -> Result<bool, SplitError> {
        self.record.clear();
        self.input.bump();
        self.record.push(b'{');
        if self.input.skip_blanks()? != Some(b'"') {
            return self.copy_object(1).map(|()| true);
        }
        self.input.bump();
        self.record.push(b'"');
        while let Some(byte) = self.input.peek()? {
            self.input.bump();
            self.record.push(byte);
            if matches!(byte, b'"' | b'\\') || self.record.len() > 16 {
                break;
            }
        }
        if !matches!(self.record.as_slice(), b"{\"Records\"" | b"{\"Events\"") {
            return self.copy_rest_of_object().map(|()| true);
        }
        for expected in [b':', b'['] {
            if self.input.skip_blanks()? != Some(expected) {
                return Err(SplitError::NotARecord);
            }
            self.input.bump();
        }
        self.place = Place::List { wrapped: true };
        Ok(false)
    }

    /// Goes on after the beginning of a first key was copied: it may have stopped within the key.
    fn copy_rest_of_object(&mut self) -> Result<(), SplitError> {
        let quotes = self.record.iter().filter(|byte| **byte == b'"').count();
        let mut scan = Scan { depth: 1, in_string: quotes == 1, escaped: self.record.last() == Some(&b'\\') };
        self.copy(&mut scan)
    }

    fn copy_object(&mut self, depth: usize) -> Result<(), SplitError> {
        if depth == 0 {
            self.record.clear();
        }
        self.copy(&mut Scan { depth, in_string: false, escaped: false })
    }

    fn copy(&mut self, scan: &mut Scan) -> Result<(), SplitError> {
        let mut too_large = false;
        loop {
            let chunk = self.input.fill()?;
            if chunk.is_empty() {
                return Err(SplitError::Torn);
            }
            let (used, ended) = scan.run(chunk);
            let taken = chunk.get(..used).unwrap_or_default();
            too_large |= self.record.len() + taken.len() > MAX_RECORD;
            if !too_large {
                self.record.extend_from_slice(taken);
            }
            self.input.from += used;
            match ended {
                Some(Ended::Whole) if too_large => return Err(SplitError::TooLarge),
                Some(Ended::Whole) => return Ok(()),
                Some(Ended::LineInString) => return Err(SplitError::Torn),
                None => {}
            }
        }
    }

    fn skip_rest_of_wrapper(&mut self) -> Result<bool, SplitError> {
        self.record.clear();
        self.copy_object(1).map(|()| false)
    }
}

enum Ended {
    Whole,
    LineInString,
}

/// Follows nesting and strings; knows no other grammar.
struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Scan {
    /// How many bytes were looked at, and whether the object ended there.
    fn run(&mut self, chunk: &[u8]) -> (usize, Option<Ended>) {
        let mut at = 0;
        while let Some(rest) = chunk.get(at..).filter(|rest| !rest.is_empty()) {
            if self.escaped {
                self.escaped = false;
                at += 1;
            } else if self.in_string {
                let Some(found) = memchr3(b'"', b'\\', b'\n', rest) else {
                    return (chunk.len(), None);
                };
                at += found + 1;
                match rest.get(found) {
                    Some(b'"') => self.in_string = false,
                    Some(b'\\') => self.escaped = true,
                    _ => return (at, Some(Ended::LineInString)),
                }
            } else {
                at += 1;
                match rest.first() {
                    Some(b'"') => self.in_string = true,
                    Some(b'{' | b'[') => self.depth += 1,
                    Some(b'}' | b']') => {
                        self.depth = self.depth.saturating_sub(1);
                        if self.depth == 0 {
                            return (at, Some(Ended::Whole));
                        }
                    }
                    _ => {}
                }
            }
        }
        (chunk.len(), None)
    }
}

struct Input<R> {
    reader: R,
    buffer: Box<[u8]>,
    from: usize,
    to: usize,
    passed: u64,
}

impl<R: Read> Input<R> {
    fn offset(&self) -> u64 {
        self.passed + self.from as u64
    }

    /// What is buffered, read anew if nothing is; empty only at the end.
    fn fill(&mut self) -> io::Result<&[u8]> {
        while self.from == self.to {
            self.passed += self.to as u64;
            (self.from, self.to) = (0, 0);
            match self.reader.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(count) => self.to = count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.buffer.get(self.from..self.to).unwrap_or_default())
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.fill()?.first().copied())
    }

    fn bump(&mut self) {
        self.from = (self.from + 1).min(self.to);
    }

    /// Passes over white space, commas between records and a byte order mark.
    fn skip_blanks(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\t' | b'\r' | b'\n' | b',') => self.bump(),
                Some(0xef | 0xbb | 0xbf) if self.offset() < 3 => self.bump(),
                other => return Ok(other),
            }
        }
    }
}

/// The complete lines of `bytes` without their ends, and how many bytes they take: what follows the last line
/// break is not yet a line.
pub(crate) fn complete_lines(bytes: &[u8]) -> (impl Iterator<Item = &[u8]>, usize) {
    let complete = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
    let lines = bytes.get(..complete).unwrap_or_default().split(|byte| *byte == b'\n');
    (lines.filter(|line| !line.is_empty()), complete)
}

/// Whether a record could break its line.
pub(crate) fn has_line_break(json: &[u8]) -> bool {
    memchr2(b'\n', b'\r', json).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Yields a byte or two at a time, so that every state meets the end of a buffer.
    struct Slow<'a>(&'a [u8], usize);
    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn split(text: &str, step: usize) -> Vec<Result<String, String>> {
        let mut splitter = Splitter::new(Slow(text.as_bytes(), step));
        let mut found = Vec::new();
        while let Some((_, record)) = splitter.next_record() {
            found.push(record.map(|r| String::from_utf8_lossy(r).into_owned()).map_err(|e| e.to_string()));
            assert!(found.len() < 100);
        }
        found
    }

    fn check(text: &str, expected: &[&str]) {
        for step in [1, 2, 7, 1000] {
            let found: Vec<String> = split(text, step).into_iter().map(|r| r.unwrap_or_else(|e| e)).collect();
            assert_eq!(found, expected, "{text} by {step}");
        }
    }

    #[test]
    fn every_layout() {
        let (a, b) = (r#"{"a":"}]\"{"}"#, r#"{"b":[{"c":{}}]}"#);
        check(&format!("{{\"Records\":[{a},{b}]}}"), &[a, b]);
        check(&format!("\u{feff}{{ \"Records\" : [\n {a} ,\n {b} ] , \"x\": [1,{{}}] }}\n"), &[a, b]);
        check(&format!("{{\"Events\":[{a}]}}"), &[a]);
        check(&format!("{a}\n{b}\n"), &[a, b]);
        check(&format!("[{a},{b}]"), &[a, b]);
        check(&format!("{a}{b}"), &[a, b]);
        check("{\"Records\":[]}", &[]);
        check("", &[]);
        check("{}", &["{}"]);
        check(r#"{"averylongfirstkeyindeed":1}"#, &[r#"{"averylongfirstkeyindeed":1}"#]);
        check(r#"{"\"x":1}{"k\\":2}"#, &[r#"{"\"x":1}"#, r#"{"k\\":2}"#]);
    }

    #[test]
    fn damage_is_told() {
        check(r#"{"Records":[{"a":1},{"b""#, &[r#"{"a":1}"#, "the file ends in the middle"]);
        check(r#"{"Records":[{"a":1}"#, &[r#"{"a":1}"#, "the file ends in the middle"]);
        check(r#"{"Records":[1]}"#, &["a record was expected"]);
        check(r#"{"Records":{}}"#, &["a record was expected"]);
        check("hello", &["a record was expected"]);
        check("{\"a\":\"torn\n{\"b\":1}", &["the file ends in the middle"]);
    }

    #[test]
    fn a_giant_is_passed_over() {
        let giant = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_RECORD));
        let found = split(&format!("{{\"Records\":[{giant},{{\"b\":1}}]}}"), 5000);
        assert_eq!(found.len(), 2);
        assert!(found[0].is_err());
        assert_eq!(found[1].as_deref(), Ok(r#"{"b":1}"#));
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(bytes in prop::collection::vec(prop::sample::select(b"{}[]\",:\\Records \n1".to_vec()), 0..60)) {
            let mut splitter = Splitter::new(Slow(&bytes, 3));
            let mut count = 0;
            while splitter.next_record().is_some() {
                count += 1;
                prop_assert!(count <= bytes.len());
            }
        }
    }
}
