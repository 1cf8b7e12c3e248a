//! AWS's federation endpoint: a broker turns the credentials of a session into a link that signs somebody in.
//!
//! `/federation?Action=getSigninToken&Session=…` answers a token, `/federation?Action=login&SigninToken=…` sends the
//! browser on with it, and `SignIn` redeems it. A browser is only ever sent to a path of this server.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>.

use super::sign_in::{ALLOWED_SECONDS, secret};
use crate::gate::Allowed;
use crate::record::SignIn as Record;
use crate::row::{Redirect, Row, Stranger, Unproven};
use authn::{Authenticated, Parent, SignInToken, sign_in};
use base::{SecretString, Timestamp};
use model::Snapshot;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wire::Fault;
use wire::query::Params;

/// Where AWS has it.
pub const PATH: &str = "/federation";
/// How long a sign-in token is good.
const TOKEN_LIFE: Duration = Duration::from_secs(15 * 60);

/// Marks the proof.
pub struct GetSigninToken;
/// Marks the proof.
pub struct FederationLogin;

/// The rows.
pub fn rows() -> Vec<Row> {
    vec![
        Row::own_read::<GetSigninToken, TokenInput, TokenOutput>(
            "GetSigninToken",
            |_, _, _| Ok(Vec::new()),
            get_token,
        )
        .own_identify(identify),
        Row::own_redirect::<FederationLogin, LoginInput>("FederationLogin", login)
            .own_identify(identify_login),
    ]
}

/// The operation that a request to [`PATH`] means.
pub fn operation(params: &Params<'_>) -> &'static str {
    match params.get("Action") {
        Some("getSigninToken") => "GetSigninToken",
        Some("login") => "FederationLogin",
        _ => "",
    }
}

/// The input of a request to [`PATH`], as our own operations have theirs.
pub fn input(params: &Params<'_>) -> serde_json::Value {
    let names = ["Destination", "Issuer", "Session", "SessionDuration", "SigninToken"];
    let given = names.into_iter().filter_map(|name| Some((name.to_owned(), params.get(name)?.into())));
    serde_json::Value::Object(given.collect())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TokenInput {
    /// JSON with `sessionId`, `sessionKey` and `sessionToken`.
    #[serde(default, deserialize_with = "secret")]
    session: Option<SecretString>,
    /// Seconds, as text: it comes in a query string.
    #[serde(default)]
    session_duration: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TokenOutput {
    signin_token: String,
}

/// A session's credentials as brokers write them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Brought {
    session_id: String,
    session_key: String,
    session_token: String,
}

impl TokenInput {
    fn brought(&self) -> Option<Brought> {
        serde_json::from_str(self.session.as_ref()?.expose()).ok()
    }

    /// How long the console's session is to last.
    fn seconds(&self) -> Result<Option<u32>, Fault> {
        let Some(text) = &self.session_duration else { return Ok(None) };
        match text.parse() {
            Ok(seconds) if ALLOWED_SECONDS.contains(&seconds) => Ok(Some(seconds)),
            _ => Err(invalid("SessionDuration is 900 to 43200 seconds")),
        }
    }
}

fn invalid(message: &str) -> Fault {
    Fault::new("ValidationException", 400, message)
}

fn identify(
    stranger: &Stranger<'_>,
    snapshot: &Snapshot,
    input: &TokenInput,
) -> Result<Authenticated, Unproven> {
    input.seconds()?;
    let proven = input.brought().and_then(|brought| {
        let secret = SecretString::new(brought.session_key);
        let keys = (brought.session_id.as_str(), &secret, brought.session_token.as_str());
        sign_in::by_session_keys(&stranger.tools.tokens, keys, stranger.region, stranger.now)
    });
    let proven = proven.filter(|proven| proven.caller(snapshot, stranger.now).is_ok());
    let identity = trail::Identity::default().to_json();
    // Set once, before the answer.
    let _ = stranger.sign_in.set(Record::new("GetSigninToken", identity, "Failed authentication"));
    proven.ok_or_else(|| invalid("The session cannot get a sign-in token.").into())
}

fn get_token(at: Allowed<'_, GetSigninToken>, _: &Snapshot, input: TokenInput) -> Result<TokenOutput, Fault> {
    let session = at.caller.session.as_deref().ok_or_else(Fault::internal)?;
    let seconds = input.seconds()?;
    // The session of a federated user lasts as long as it was made for.
    if seconds.is_some() && !matches!(session.parent, Parent::Role { .. }) {
        return Err(invalid("SessionDuration is for the sessions of roles"));
    }
    let until: Timestamp = at.now + TOKEN_LIFE;
    let sign_in = SignInToken { session: session.clone(), until, seconds };
    let signin_token = at.tools.tokens.seal_sign_in(&sign_in, &at.entropy).map_err(|_| Fault::internal())?;
    Ok(TokenOutput { signin_token })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct LoginInput {
    #[serde(default, deserialize_with = "secret")]
    signin_token: Option<SecretString>,
    #[serde(default)]
    destination: Option<String>,
    /// The broker's own page: told to nobody, and no browser is sent there.
    #[serde(default, rename = "Issuer")]
    _issuer: Option<String>,
}

fn identify_login(
    stranger: &Stranger<'_>,
    snapshot: &Snapshot,
    input: &LoginInput,
) -> Result<Authenticated, Unproven> {
    path(input.destination.as_deref())?;
    let token = input.signin_token.as_ref();
    let tokens = &stranger.tools.tokens;
    let found = token
        .and_then(|token| sign_in::by_sign_in_token(tokens, token.expose(), stranger.region, stranger.now));
    let proven = found.map(|(proven, _)| proven).filter(|it| it.caller(snapshot, stranger.now).is_ok());
    proven.ok_or_else(|| {
        Fault::new("AuthenticationFailedException", 403, "The sign-in link is not valid any more.").into()
    })
}

fn login(at: Allowed<'_, FederationLogin>, _: &Snapshot, input: LoginInput) -> Result<Redirect, Fault> {
    let token = input.signin_token.as_ref().ok_or_else(Fault::internal)?;
    let secure = if at.origin.secure { "; Secure" } else { "" };
    Ok(Redirect {
        to: path(input.destination.as_deref())?,
        cookie: format!(
            "bailiwick-signin={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            wire::percent::encode(token.expose()),
            TOKEN_LIFE.as_secs()
        ),
    })
}

/// Hosts of AWS's console: links that brokers make for AWS name one, and mean the same page here.
const CONSOLE: &str = "console.aws.amazon.com";

/// The path of this server that a destination means.
///
/// Nothing leads elsewhere: neither another host, nor what browsers take for one (`//host`, `/\host`).
fn path(destination: Option<&str>) -> Result<String, Fault> {
    let wanted = destination.unwrap_or("/");
    let path = match wanted.strip_prefix("https://") {
        Some(rest) => {
            let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
            let is_console = host == CONSOLE || host.strip_suffix(CONSOLE).is_some_and(is_label);
            if !is_console {
                return Err(elsewhere());
            }
            if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
        }
        None => wanted.to_owned(),
    };
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>".contains(&byte));
    if is_plain && path.starts_with('/') && !path.starts_with("//") { Ok(path) } else { Err(elsewhere()) }
}

/// `us-east-1.`, as it stands before the console's host.
fn is_label(text: &str) -> bool {
    let label = text.strip_suffix('.').unwrap_or_default();
    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn elsewhere() -> Fault {
    invalid("Destination is not a page of this server")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_103_a_browser_is_sent_to_this_server_alone() {
        for (wanted, goes) in [
            (None, "/"),
            (Some("/"), "/"),
            (Some("/iam/home?x=1#/users"), "/iam/home?x=1#/users"),
            (Some("https://console.aws.amazon.com"), "/"),
            (Some("https://console.aws.amazon.com/s3"), "/s3"),
            (Some("https://eu-west-1.console.aws.amazon.com/s3?region=x"), "/s3?region=x"),
        ] {
            assert_eq!(path(wanted).as_deref(), Ok(goes), "{wanted:?}");
        }
        for bad in [
            "",
            "iam",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "http://console.aws.amazon.com/",
            "https://evil.example/",
            "https://evil.example/console.aws.amazon.com",
            "https://console.aws.amazon.com.evil.example/",
            "https://console.aws.amazon.com@evil.example/",
            "https://evil.example#.console.aws.amazon.com",
            "https://evil.exampleconsole.aws.amazon.com/",
            "https://console.aws.amazon.com//evil.example",
            "https:/console.aws.amazon.com",
            "javascript:alert(1)",
            "/x\r\nSet-Cookie: a=b",
            "/\u{e9}",
        ] {
            assert!(path(Some(bad)).is_err(), "{bad}");
        }
    }
}
