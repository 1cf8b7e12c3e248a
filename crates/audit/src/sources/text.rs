//! From bytes to text.

use super::SourceError;
use std::io::Read;

/// What is read of a source at most, unpacked: 64 MiB. Plans and exports of large accounts have tens of megabytes.
pub const MAX_BYTES: usize = 64 << 20;

/// The text of a source: unpacked if it is a gzip file, without the mark that Windows begins texts with, and out of
/// the UTF-16 that its shell writes.
///
/// # Errors
/// If it is larger than [`MAX_BYTES`], packed in another way, or no text.
pub fn text(bytes: Vec<u8>) -> Result<String, SourceError> {
    text_within(bytes, MAX_BYTES)
}

fn text_within(bytes: Vec<u8>, limit: usize) -> Result<String, SourceError> {
    let bytes = match bytes.as_slice() {
        [0x1f, 0x8b, ..] => unpack(&bytes, limit)?,
        _ => bytes,
    };
    if bytes.len() > limit {
        return Err(SourceError::TooLarge { limit });
    }
    match bytes.as_slice() {
        [b'P', b'K', 3, 4, ..] => Err(SourceError::Archive),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest.to_vec()),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String, SourceError> {
    String::from_utf8(bytes)
        .map_err(|error| SourceError::NotUtf8 { offset: error.utf8_error().valid_up_to() })
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, SourceError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(pairs.iter().copied().map(unit)).collect::<Result<String, _>>();
    text.ok().filter(|_| rest.is_empty()).ok_or(SourceError::NotUtf8 { offset: 0 })
}

/// Unpacks a gzip file; stops as soon as there is more than the limit.
fn unpack(bytes: &[u8], limit: usize) -> Result<Vec<u8>, SourceError> {
    let mut unpacked = Vec::new();
    let mut decoder = flate2::read::MultiGzDecoder::new(bytes).take(limit as u64 + 1);
    decoder
        .read_to_end(&mut unpacked)
        .map_err(|error| SourceError::BrokenGzip { reason: error.to_string() })?;
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn marks_and_packings_are_undone() {
        let utf16: Vec<u8> = "{\"ü\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [
            "{\"ü\"}".as_bytes().to_vec(),
            [b"\xef\xbb\xbf", "{\"ü\"}".as_bytes()].concat(),
            [&[0xff, 0xfe], utf16.as_slice()].concat(),
            packed("{\"ü\"}".as_bytes()),
        ] {
            assert_eq!(text(bytes).unwrap(), "{\"ü\"}");
        }
    }

    #[test]
    fn what_is_no_text_is_told() {
        assert_eq!(text(b"{\"a\": \"\xff\"}".to_vec()), Err(SourceError::NotUtf8 { offset: 7 }));
        assert_eq!(text(b"\xff\xfe{".to_vec()), Err(SourceError::NotUtf8 { offset: 0 }));
        assert_eq!(text(b"PK\x03\x04plan".to_vec()), Err(SourceError::Archive));
        assert!(matches!(text(vec![0x1f, 0x8b, 8]), Err(SourceError::BrokenGzip { .. })));
        let flood = packed(&[b' '; 70_000]);
        assert!(flood.len() < 1_000);
        assert_eq!(text_within(flood, 1 << 16), Err(SourceError::TooLarge { limit: 1 << 16 }));
        assert_eq!(text_within(vec![b' '; 9], 8), Err(SourceError::TooLarge { limit: 8 }));
    }
}
