//! The canonical form of a request, which is what is signed.

use super::key::hex;
use crate::head::Head;
use crate::percent;
use crate::split::parts;

/// How the path is brought into canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathStyle {
    /// Dot segments and doubled slashes removed, encoded once more than on the wire: every service but S3.
    Normalized,
    /// As on the wire: S3.
    Verbatim,
}

/// Writes the canonical request; `false` if a signed header is not there.
pub(super) fn request<'q>(
    out: &mut Vec<u8>,
    head: &Head<'_>,
    style: PathStyle,
    query: impl Iterator<Item = (&'q str, &'q str)>,
    signed_headers: &str,
    payload: &[u8; 32],
) -> bool {
    out.extend(head.method.as_str().as_bytes());
    out.push(b'\n');
    path(out, head.uri.path(), style);
    out.push(b'\n');
    self::query(out, query);
    out.push(b'\n');
    let mut complete = true;
    for name in parts(signed_headers, b';') {
        complete &= header(out, head, name);
    }
    out.push(b'\n');
    out.extend(signed_headers.as_bytes());
    out.push(b'\n');
    out.extend(hex(payload));
    complete
}

fn path(out: &mut Vec<u8>, path: &str, style: PathStyle) {
    match style {
        _ if path.is_empty() || path == "/" => out.push(b'/'),
        PathStyle::Verbatim => out.extend(path.as_bytes()),
        PathStyle::Normalized => {
            let mut segments: Vec<&str> = Vec::new();
            for segment in path.split('/') {
                match segment {
                    "" | "." => {}
                    ".." => {
                        segments.pop();
                    }
                    other => segments.push(other),
                }
            }
            for segment in &segments {
                out.push(b'/');
                percent::encode_onto(out, segment.as_bytes());
            }
            if segments.is_empty() || path.ends_with('/') {
                out.push(b'/');
            }
        }
    }
}

fn query<'q>(out: &mut Vec<u8>, pairs: impl Iterator<Item = (&'q str, &'q str)>) {
    let encoded = |text: &str| {
        let mut out = Vec::with_capacity(text.len() + 16);
        percent::encode_onto(&mut out, text.as_bytes());
        out
    };
    let mut pairs: Vec<_> = pairs.map(|(name, value)| (encoded(name), encoded(value))).collect();
    pairs.sort_unstable();
    for (place, (name, value)) in pairs.iter().enumerate() {
        if place > 0 {
            out.push(b'&');
        }
        out.extend(name);
        out.push(b'=');
        out.extend(value);
    }
}

/// `name:value\n`, several values joined by commas; `false` if the header is not there.
fn header(out: &mut Vec<u8>, head: &Head<'_>, name: &str) -> bool {
    let start = out.len();
    out.extend_from_slice(name.as_bytes());
    out.get_mut(start..).unwrap_or_default().make_ascii_lowercase();
    out.push(b':');
    let start = out.len();
    let mut found = false;
    for value in head.headers.get_all(name) {
        if std::mem::replace(&mut found, true) {
            out.push(b',');
        }
        trimmed(out, value.as_bytes());
    }
    if !found && (name.eq_ignore_ascii_case("host") || name == ":authority") {
        if let Some(authority) = head.uri.authority() {
            out.extend(authority.as_str().as_bytes());
        } else if let Some(host) = head.headers.get("host") {
            trimmed(out, host.as_bytes());
        }
        found = out.len() > start;
    }
    out.push(b'\n');
    found
}

/// Blanks around the value go, blanks inside become one.
fn trimmed(out: &mut Vec<u8>, value: &[u8]) {
    // Most values are in this form already.
    if is_trimmed(value) {
        return out.extend_from_slice(value);
    }
    let mut first = true;
    for word in value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
        if !std::mem::take(&mut first) {
            out.push(b' ');
        }
        out.extend(word);
    }
}

/// Whether there are no blanks at either end, no two together and none but spaces.
fn is_trimmed(value: &[u8]) -> bool {
    let mut after_blank = true;
    for byte in value {
        let blank = byte.is_ascii_whitespace();
        if blank && (after_blank || *byte != b' ') {
            return false;
        }
        after_blank = blank;
    }
    !after_blank
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical_path(text: &str, style: PathStyle) -> String {
        let mut out = Vec::new();
        path(&mut out, text, style);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn paths_are_normalized() {
        for (given, expected) in [
            ("/", "/"),
            ("", "/"),
            ("//", "/"),
            ("/./", "/"),
            ("/a/..", "/"),
            ("/a/../", "/"),
            ("/../a", "/a"),
            ("/a//b/./c/", "/a/b/c/"),
            ("/a%20b", "/a%2520b"),
            ("/~a-b_c.d", "/~a-b_c.d"),
        ] {
            assert_eq!(canonical_path(given, PathStyle::Normalized), expected, "{given}");
        }
        assert_eq!(canonical_path("/a//b/../c%20", PathStyle::Verbatim), "/a//b/../c%20");
    }

    #[test]
    fn queries_are_sorted_by_their_encoded_form() {
        let mut out = Vec::new();
        query(&mut out, [("b", "2"), ("a", "ü /"), ("a", "1"), ("A", ""), ("-", "~")].into_iter());
        assert_eq!(String::from_utf8(out).unwrap(), "-=~&A=&a=%C3%BC%20%2F&a=1&b=2");
    }

    #[test]
    fn header_values_are_trimmed() {
        let parts = http::Request::get("/")
            .header("x", "  a   b \t c ")
            .header("X", "d")
            .body(())
            .unwrap()
            .into_parts()
            .0;
        let mut out = Vec::new();
        assert!(header(&mut out, &Head::of(&parts), "X"));
        assert!(!header(&mut out, &Head::of(&parts), "y"));
        assert_eq!(String::from_utf8(out).unwrap(), "x:a b c,d\ny:\n");
    }
}
