//! Whether the installed `aws` heeds `AWS_ENDPOINT_URL`.
//!
//! See <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>: version 2 does since 2.13.0,
//! version 1 since 1.29.0. Older ones call the real AWS.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// `aws` is a Python program and starts slowly.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the `aws` that a shell would run needs the endpoint named; `None` if there is none, or it does not.
pub(super) fn ignores_the_endpoint() -> Option<String> {
    crate::environment::program("aws")?;
    match version_text() {
        Some(text) => judge(&text),
        None => Some(
            "the version of the installed aws is not known, so it is told the endpoint in every call".into(),
        ),
    }
}

fn version_text() -> Option<String> {
    let mut child = Command::new("aws")
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut stream = child.stdout.take()?;
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = stream.read_to_string(&mut text);
        // Nobody listens any more if it took too long.
        let _ = send.send(read.map(|_| text));
    });
    let text = receive.recv_timeout(PATIENCE);
    // One that has ended cannot be killed, and need not be.
    let _ = child.kill();
    let _ = child.wait();
    text.ok()?.ok()
}

/// Reads `aws-cli/2.9.19 Python/3.11.2 …`.
fn judge(text: &str) -> Option<String> {
    let version = text.trim().strip_prefix("aws-cli/").and_then(|rest| rest.split_whitespace().next());
    let mut numbers = version.unwrap_or_default().split('.').map_while(|part| part.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(2), Some(minor)) if minor >= 13 => None,
        (Some(1), Some(minor)) if minor >= 29 => None,
        (Some(major), Some(_)) if major >= 3 => None,
        (Some(_), Some(_)) => Some(format!(
            "the installed aws {} is older than 2.13 and would call the real AWS: it is told the endpoint in every call",
            version.unwrap_or_default()
        )),
        _ => Some(
            "the version of the installed aws is not known, so it is told the endpoint in every call".into(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_are_told_the_endpoint() {
        for new in [
            "aws-cli/2.13.0 Python/3",
            "aws-cli/2.31.5 x",
            "aws-cli/1.29.0",
            "aws-cli/1.46.3 y",
            "aws-cli/3.0.0",
        ] {
            assert_eq!(judge(new), None, "{new}");
        }
        for old in ["aws-cli/2.9.19 Python/3.11.2", "aws-cli/2.12.7", "aws-cli/1.28.1 x", "aws-cli/0.1"] {
            assert!(judge(old).unwrap().contains("older than 2.13"), "{old}");
        }
        for strange in ["", "zsh: command", "aws-cli/x"] {
            assert!(judge(strange).unwrap().contains("not known"), "{strange}");
        }
    }
}
