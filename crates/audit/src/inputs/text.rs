//! From bytes to text, and what kind of text it is.

use super::error::{InputError, Reason};
use crate::import::{ImportError, export_text};
use std::borrow::Cow;

/// How deep the brackets of a file may be nested. Policies in answers of AWS's nest some fifteen deep.
pub(super) const DEEPEST: usize = 100;

/// The text of a file, unpacked, without a byte order mark.
pub(super) fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, InputError> {
    let text = match utf16(bytes) {
        Some(text) => Cow::Owned(text),
        None => export_text(bytes).map_err(|error| InputError::export(file, error))?,
    };
    Ok(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_start_matches('\u{feff}')),
        Cow::Owned(text) if text.starts_with('\u{feff}') => {
            Cow::Owned(text.trim_start_matches('\u{feff}').to_owned())
        }
        owned => owned,
    })
}

/// Text in UTF-16, as some shells write it when they redirect.
fn utf16(bytes: &[u8]) -> Option<String> {
    let units = |of: fn([u8; 2]) -> u16| {
        let pairs = bytes.get(2..)?.chunks_exact(2);
        String::from_utf16(&pairs.filter_map(|pair| Some(of(pair.try_into().ok()?))).collect::<Vec<_>>()).ok()
    };
    match bytes {
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        _ => None,
    }
}

/// What kind of text a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextKind {
    /// It begins as JSON does.
    Json,
    /// A credential report.
    Report,
    /// What the AWS CLI writes when an operation fails.
    CliError,
    /// An answer of the AWS CLI as YAML, table or text.
    OtherOutput,
    /// Nothing that is known.
    Other,
}

/// Tells the kind of a text by its beginning.
pub(super) fn kind(text: &str) -> TextKind {
    let start = text.trim_start();
    let line = start.lines().next().unwrap_or_default();
    if start.starts_with(['{', '[']) || line.trim_end() == "null" {
        return TextKind::Json;
    }
    let columns: Vec<&str> = line.split(',').map(|cell| cell.trim().trim_matches('"')).collect();
    if columns.contains(&"user") && columns.contains(&"arn") {
        return TextKind::Report;
    }
    if start.starts_with("An error occurred (") {
        return TextKind::CliError;
    }
    const SIGNS: [&str; 5] = [
        "UserDetailList:",
        "GroupDetailList:",
        "GetAccountAuthorizationDetails",
        "USERDETAILLIST",
        "GROUPDETAILLIST",
    ];
    let near: String = start.chars().take(2_000).collect();
    match SIGNS.iter().any(|sign| near.contains(sign)) {
        true => TextKind::OtherOutput,
        false => TextKind::Other,
    }
}

/// Refuses text whose brackets are nested deeper than anything of AWS's, in one pass and without memory.
pub(super) fn not_too_deep(file: &str, text: &str) -> Result<(), InputError> {
    let (mut depth, mut within, mut escaped) = (0_usize, false, false);
    for (offset, byte) in text.bytes().enumerate() {
        if within {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => within = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => within = true,
            b'{' | b'[' if depth == DEEPEST => {
                return Err(InputError::at(file, position(text, offset), Reason::TooDeep(DEEPEST)));
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Line and column of an offset, both from one.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1) + 1;
    (line, column)
}

/// Whether an error means that the file is empty.
pub(super) fn is_empty(error: &InputError) -> bool {
    matches!(*error.reason, Reason::Export(ImportError::Empty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_the_beginning() {
        assert_eq!(kind(" {\"a\":1}"), TextKind::Json);
        assert_eq!(kind("null\n"), TextKind::Json);
        assert_eq!(kind("arn,x,user\n"), TextKind::Report);
        assert_eq!(kind("\nAn error occurred (NoSuchEntity) when calling"), TextKind::CliError);
        assert_eq!(kind("GroupDetailList:\n- Arn: x"), TextKind::OtherOutput);
        assert_eq!(kind("# Notes\n"), TextKind::Other);
    }

    #[test]
    fn depth_is_bounded_and_brackets_in_strings_do_not_count() {
        let deep = format!("{{\n \"a\": {}", "[".repeat(1_000));
        let error = not_too_deep("x.json", &deep).unwrap_err();
        assert_eq!(*error.reason, Reason::TooDeep(DEEPEST));
        assert_eq!(error.place.unwrap().position.unwrap().0, 2);
        let string = format!("{{\"a\": \"\\\"{}\"}}", "[".repeat(1_000));
        assert!(not_too_deep("x.json", &string).is_ok());
    }

    #[test]
    fn utf_16_is_read() {
        let bytes: Vec<u8> =
            std::iter::once(0xfeff_u16).chain("{}".encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(text("x", &bytes).unwrap(), "{}");
    }
}
