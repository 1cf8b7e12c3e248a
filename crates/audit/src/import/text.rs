//! From the bytes of a file to the members of an export.

use super::ImportError;
use super::shape::Export;
use serde_json::error::Category;
use std::borrow::Cow;
use std::io::Read;

/// What is read of an export at most, unpacked: 256 MiB, some fifty times a large account.
pub const MAX_BYTES: usize = 256 << 20;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
const UTF8_BOM: &str = "\u{feff}";

/// The text of an export, unpacked if it is a gzip file.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>, ImportError> {
    text_within(bytes, MAX_BYTES)
}

fn text_within(bytes: &[u8], limit: usize) -> Result<Cow<'_, str>, ImportError> {
    if bytes.len() > limit {
        return Err(ImportError::TooLarge { limit });
    }
    let text = if bytes.starts_with(GZIP_MAGIC) {
        let text = String::from_utf8(unpack(bytes, limit)?);
        Cow::Owned(text.map_err(|error| ImportError::NotUtf8 { offset: error.utf8_error().valid_up_to() })?)
    } else {
        let text = std::str::from_utf8(bytes);
        Cow::Borrowed(text.map_err(|error| ImportError::NotUtf8 { offset: error.valid_up_to() })?)
    };
    if text.trim_start_matches(UTF8_BOM).trim().is_empty() { Err(ImportError::Empty) } else { Ok(text) }
}

/// Unpacks a gzip file; stops as soon as there is more than the limit.
fn unpack(bytes: &[u8], limit: usize) -> Result<Vec<u8>, ImportError> {
    let mut unpacked = Vec::new();
    let mut decoder = flate2::read::MultiGzDecoder::new(bytes).take(limit as u64 + 1);
    decoder
        .read_to_end(&mut unpacked)
        .map_err(|error| ImportError::BrokenGzip { reason: error.to_string() })?;
    if unpacked.len() > limit { Err(ImportError::TooLarge { limit }) } else { Ok(unpacked) }
}

/// Reads the members of an export that is not one page of several.
pub(super) fn whole_export(text: &str) -> Result<Export<'_>, ImportError> {
    let export = export(text)?;
    if export.is_a_page() { Err(ImportError::Incomplete) } else { Ok(export) }
}

/// Reads the members of an export and refuses what is none.
pub(super) fn export(text: &str) -> Result<Export<'_>, ImportError> {
    let text = text.trim_start_matches(UTF8_BOM);
    if text.trim_start().starts_with('[') {
        let message = "an array stands where an object is expected".to_owned();
        return Err(ImportError::Shape { line: 1, column: 1, message });
    }
    let export: Export<'_> = serde_json::from_str(text).map_err(|error| refused(text, &error))?;
    let lists = [
        export.user_detail_list.is_some(),
        export.group_detail_list.is_some(),
        export.role_detail_list.is_some(),
        export.policies.is_some(),
    ];
    if !lists.contains(&true) {
        return Err(ImportError::OtherTool { looks_like: looks_like(text) });
    }
    Ok(export)
}

fn refused(text: &str, error: &serde_json::Error) -> ImportError {
    let (line, column) = (error.line(), error.column().max(1));
    let full = error.to_string();
    let message = full.split(" at line ").next().unwrap_or_default().to_owned();
    match error.classify() {
        Category::Eof => ImportError::CutOff { line, column },
        Category::Data if looks_like(text).is_some() => {
            ImportError::OtherTool { looks_like: looks_like(text) }
        }
        Category::Data => ImportError::Shape { line, column, message },
        Category::Syntax | Category::Io => ImportError::NotJson { line, column, message },
    }
}

/// Other files that people have at hand, told by a member near their beginning.
fn looks_like(text: &str) -> Option<&'static str> {
    const SIGNS: [(&str, &str); 8] = [
        ("\"Statement\"", "a policy document"),
        ("\"Users\"", "the answer of list-users"),
        ("\"Roles\"", "the answer of list-roles"),
        ("\"Groups\"", "the answer of list-groups"),
        ("\"SummaryMap\"", "the answer of get-account-summary"),
        ("\"PolicyVersion\"", "the answer of get-policy-version"),
        ("\"Records\"", "a CloudTrail file"),
        ("\"AWSTemplateFormatVersion\"", "a CloudFormation template"),
    ];
    const NEAR: usize = 400;
    let near = text.char_indices().nth(NEAR).map_or(text, |(end, _)| text.get(..end).unwrap_or(text));
    if near.contains("DetailList\"") {
        return None;
    }
    SIGNS.iter().find(|(sign, _)| near.contains(sign)).map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn nesting_without_end_is_a_plain_error() {
        let brackets = "[".repeat(1 << 20);
        assert!(matches!(export(&brackets), Err(ImportError::Shape { line: 1, column: 1, .. })));
        let in_list = format!("{{\"UserDetailList\":{brackets}");
        assert!(matches!(export(&in_list), Err(ImportError::Shape { line: 1, .. })));
        // What an export does not have is skipped, however deep, and what ends early is told.
        let unknown = format!("{{\"x\":{brackets}");
        assert!(matches!(export(&unknown), Err(ImportError::CutOff { line: 1, .. })));
    }

    #[test]
    fn a_packed_flood_is_bounded() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&[b' '; 70_000]).unwrap();
        let packed = encoder.finish().unwrap();
        assert!(packed.len() < 1_000);
        assert_eq!(text_within(&packed, 1 << 16).unwrap_err(), ImportError::TooLarge { limit: 1 << 16 });
        assert_eq!(text_within(&packed, 1 << 17).unwrap_err(), ImportError::Empty);
    }

    #[test]
    fn other_files_are_told() {
        let of = |text: &str| match export(text) {
            Err(ImportError::OtherTool { looks_like }) => looks_like,
            other => panic!("{other:?}"),
        };
        assert_eq!(of(r#"{"Version":"2012-10-17","Statement":[]}"#), Some("a policy document"));
        assert_eq!(of(r#"{"Users":[]}"#), Some("the answer of list-users"));
        assert_eq!(of(r#"{"Records":[]}"#), Some("a CloudTrail file"));
        assert_eq!(of("{}"), None);
    }

    #[test]
    fn the_end_is_told_from_other_errors() {
        assert_eq!(export("{\"Policies\":[").unwrap_err(), ImportError::CutOff { line: 1, column: 13 });
        assert!(matches!(export("{\"Policies\":[}").unwrap_err(), ImportError::NotJson { line: 1, .. }));
        assert_eq!(text(b" \n").unwrap_err(), ImportError::Empty);
        assert_eq!(text(b"\xff\xfe{\0").unwrap_err(), ImportError::NotUtf8 { offset: 0 });
    }
}
