//! `bailiwick verify`: are these requests signed as they should be? One JSON object a line.

use crate::commands::Context;
use crate::commands::decide::{Asked, answer_all, read};
use crate::problem::{Exit, Problem};
use base::{Secret, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::path::PathBuf;
use wire::head::Head;
use wire::sigv4::{self, Expected, Regions, SigningKey, Unverified};
use wire::{Fault, base64};

const AFTER: &str = "\
Each line is a request as a server got it, with the keys that are known: it is checked as this server checks its own \
requests (AWS Signature Version 4, in a header or in the query string), for whichever service and region. Each is \
answered with one line, in order: accepted, or refused with AWS's error code, status and message. Of two mistakes \
the one is told that AWS tells.

  {\"id\": 1, \"method\": \"POST\", \"path\": \"/\", \"query\": \"\",
   \"headers\": [[\"Host\", \"iam.amazonaws.com\"], [\"X-Amz-Date\", \"20261122T120000Z\"]],
   \"body\": \"Action=ListUsers&Version=2010-05-08\", \"at\": \"2026-11-22T12:00:05Z\",
   \"service\": \"iam\", \"region\": \"us-east-1\",
   \"keys\": {\"AKIAIOSFODNN7EXAMPLE\": \"the secret\",
            \"ASIAIOSFODNN7EXAMPLE\": {\"secret\": \"the secret\", \"session_token\": \"the token\",
                                     \"expires\": \"2026-11-22T13:00:00Z\"}}}

`headers` is a list of pairs, or an object where no name repeats. `query` is the text after the question mark, as it was \
sent. `body_base64` stands in place of `body` for what is no text. A key whose `active` is false is known to nobody.

Examples:
  bailiwick verify requests.jsonl
  proxy-log | bailiwick verify | jq -r 'select(.verdict == \"refused\") | .code'

Exit codes: 0 if every line was answered, whatever the answers; 2 if one could not be.";

/// Check signatures of requests.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// The requests; `-` reads standard input
    #[arg(default_value = "-")]
    file: PathBuf,
}

/// Answers every line.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let (name, questions) = read(&args.file)?;
    answer_all(&name, questions, context, &mut |line| {
        let reply = answer(line);
        let is_answered = reply.error.is_none();
        Asked::of(&reply, is_answered)
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    #[serde(default)]
    id: Value,
    method: String,
    path: String,
    #[serde(default)]
    query: String,
    headers: Headers,
    #[serde(default)]
    body: String,
    #[serde(default)]
    body_base64: Option<String>,
    at: String,
    service: String,
    region: String,
    keys: HashMap<String, Key>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Headers {
    Pairs(Vec<(String, String)>),
    Named(HashMap<String, String>),
}

/// A key that is known. It has no `Debug` that shows the secret.
#[derive(Deserialize)]
#[serde(untagged)]
enum Key {
    Secret(String),
    Full {
        secret: String,
        #[serde(default)]
        session_token: Option<String>,
        #[serde(default)]
        expires: Option<String>,
        #[serde(default)]
        active: Option<bool>,
    },
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

#[derive(Debug, Default, Serialize)]
struct Reply {
    id: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presigned: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

fn answer(line: &str) -> Reply {
    let value: Value = match serde_json::from_str(line) {
        Ok(value) => value,
        Err(error) => {
            return Reply { error: Some(format!("the line is no JSON: {error}")), ..Reply::default() };
        }
    };
    let id = value.get("id").cloned().unwrap_or_default();
    let question: Question = match serde_json::from_value(value) {
        Ok(question) => question,
        Err(error) => {
            return Reply {
                id,
                error: Some(format!("the request cannot be read: {error}")),
                ..Reply::default()
            };
        }
    };
    let id = question.id.clone();
    match question.judge() {
        Ok(Ok((access_key, presigned))) => Reply {
            id,
            verdict: Some("accepted"),
            access_key_id: Some(access_key),
            presigned: Some(presigned),
            ..Reply::default()
        },
        Ok(Err(fault)) => Reply {
            id,
            verdict: Some("refused"),
            code: Some(fault.code.into_owned()),
            status: Some(fault.status),
            message: Some(fault.message),
            ..Reply::default()
        },
        Err(error) => Reply { id, error: Some(error), ..Reply::default() },
    }
}

/// The access key that signed, and whether in the query string.
type Accepted = (String, bool);

impl Question {
    /// The outer error is one of the question, the inner one the answer to the request.
    fn judge(&self) -> Result<Result<Accepted, Fault>, String> {
        let now = Timestamp::parse(&self.at).map_err(|_| format!("`at` is no time: `{}`", self.at))?;
        let body = match &self.body_base64 {
            Some(text) => base64::decode(text).ok_or("`body_base64` is not base64")?,
            None => self.body.clone().into_bytes(),
        };
        self.expiries()?;
        Ok(self.verify(&body, now))
    }

    /// Times of keys are part of the question: all must be readable.
    fn expiries(&self) -> Result<(), String> {
        for key in self.keys.values() {
            if let Key::Full { expires: Some(text), .. } = key {
                Timestamp::parse(text).map_err(|_| format!("`expires` is no time: `{text}`"))?;
            }
        }
        Ok(())
    }

    fn verify(&self, body: &[u8], now: Timestamp) -> Result<Accepted, Fault> {
        let malformed = |what: &str| Fault::malformed_http_request(format!("The {what} is malformed."));
        let target =
            if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) };
        let uri: Uri = target.parse().map_err(|_| malformed("URL"))?;
        let method = Method::from_bytes(self.method.as_bytes()).map_err(|_| malformed("method"))?;
        let headers = self.headers.read().ok_or_else(|| malformed("header section"))?;
        let head = Head { method: &method, uri: &uri, headers: &headers };
        let params = head.params(body)?;
        let expected = Expected { service: &self.service, regions: Regions::All };
        let claim = sigv4::parse(head, &params, &expected, now)?;
        if claim.region().name != self.region {
            return Err(Fault::signature_does_not_match("Credential should be scoped to a valid region. "));
        }
        match self.key(&claim, now)? {
            Some(secret) => {
                let verified = claim.verify(&claim.signing_key(&Secret::new(secret.as_bytes())), body)?;
                Ok((verified.access_key().to_owned(), verified.presigned()))
            }
            None => Err(claim.refuse_unknown(&SigningKey::nobody(&[0; 32]), body)),
        }
    }

    /// The secret of the key that the request names; `None` if there is none, or the session token is another.
    fn key(&self, claim: &Unverified<'_>, now: Timestamp) -> Result<Option<&str>, Fault> {
        let (secret, token, expires) = match self.keys.get(claim.access_key()) {
            Some(Key::Secret(secret)) => (secret, None, None),
            Some(Key::Full { secret, session_token, expires, active }) if active.unwrap_or(true) => {
                (secret, session_token.as_deref(), expires.as_deref())
            }
            _ => return Ok(None),
        };
        if token != claim.session_token() {
            return Ok(None);
        }
        let end = expires.and_then(|text| Timestamp::parse(text).ok());
        if end.is_some_and(|end| now >= end) { Err(Fault::expired_token()) } else { Ok(Some(secret)) }
    }
}

impl Headers {
    fn read(&self) -> Option<HeaderMap> {
        let mut all = HeaderMap::new();
        let pairs: Vec<(&String, &String)> = match self {
            Headers::Pairs(pairs) => pairs.iter().map(|(name, value)| (name, value)).collect(),
            Headers::Named(named) => named.iter().collect(),
        };
        for (name, value) in pairs {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            all.append(name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
        Some(all)
    }
}
