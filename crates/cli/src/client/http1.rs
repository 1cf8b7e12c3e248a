//! One request and one answer on a stream: as much of HTTP/1 as that takes.

use std::io::{self, Read, Write};

/// The content type of our operations.
pub(crate) const JSON: &str = "application/x-amz-json-1.1";
/// An answer is never larger.
const MOST: u64 = 256 * 1024 * 1024;

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The status code.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// Sends a request and reads the answer to the end of the stream. HTTP/1.0 is asked for, so that nobody answers
/// in chunks or keeps the connection.
pub(crate) fn exchange(
    mut stream: impl Read + Write,
    method: &str,
    target: &str,
    host: &str,
    headers: &[(&str, String)],
    body: &[u8],
) -> io::Result<Reply> {
    let mut head = format!("{method} {target} HTTP/1.0\r\nhost: {host}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let agent = concat!("bailiwick/", env!("CARGO_PKG_VERSION"));
    head.push_str(&format!("user-agent: {agent}\r\ncontent-length: {}\r\n\r\n", body.len()));
    // A server that refuses a large body may answer before it has read it: then its answer tells more.
    let sent =
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).and_then(|()| stream.flush());
    let mut answer = Vec::new();
    match (stream.take(MOST).read_to_end(&mut answer), sent) {
        (Err(error), _) if answer.is_empty() => return Err(error),
        (_, Err(error)) if answer.is_empty() => return Err(error),
        _ => {}
    }
    parse(&answer)
}

fn parse(answer: &[u8]) -> io::Result<Reply> {
    let broken = |what| io::Error::new(io::ErrorKind::InvalidData, what);
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .ok_or_else(|| broken("the answer is cut off"))?;
    let (head, body) = answer.split_at(end);
    let body = body.get(4..).unwrap_or_default();
    let head = std::str::from_utf8(head).map_err(|_| broken("the answer is not HTTP"))?;
    let mut lines = head.split("\r\n");
    let mut status = lines.next().unwrap_or_default().splitn(3, ' ');
    if !status.next().is_some_and(|version| version.starts_with("HTTP/1.")) {
        return Err(broken("the answer is not HTTP"));
    }
    let status =
        status.next().and_then(|code| code.parse().ok()).ok_or_else(|| broken("the answer is not HTTP"))?;
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
    let header = |wanted: &str| {
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    if header("transfer-encoding").is_some_and(|how| how.eq_ignore_ascii_case("chunked")) {
        let body = chunks(body).ok_or_else(|| broken("the answer is cut off"))?;
        return Ok(Reply { status, body });
    }
    let length = header("content-length").map(str::parse::<usize>);
    match length {
        Some(Ok(length)) if body.len() < length => Err(broken("the answer is cut off")),
        _ => Ok(Reply { status, body: body.to_vec() }),
    }
}

/// Joins the chunks of a body: some servers send them unasked. `None` if the last one is missing.
fn chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(rest.get(..end)?).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = rest.get(end + 2..)?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size.checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined() {
        let chunked =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n";
        assert_eq!(parse(chunked).unwrap().body, b"abcde");
        assert!(parse(&chunked[..chunked.len() - 8]).is_err());
    }

    #[test]
    fn answers_are_whole_or_errors() {
        let reply = parse(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno").unwrap();
        assert_eq!((reply.status, reply.body.as_slice()), (403, &b"no"[..]));
        for bad in
            [&b""[..], b"SSH-2.0\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nno", b"HTTP/1.1 200"]
        {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
