//! `SignIn`: a user with a password, or somebody with a sign-in token, gets a session as the console's is.
//!
//! A user with MFA devices is asked for one of them once the password was right, and gets nothing before.
//!
//! Nobody has signed these requests. Whatever is wrong with a password, the one text `REFUSED` answers; the record
//! tells the account's administrators what it was.

use crate::gate::Allowed;
use crate::record::{Factor as Shown, SignIn as Record};
use crate::row::{Row, Stranger, Unproven};
use crate::sts::session;
use authn::second_factor::{self, Factor, Proven};
use authn::sign_in::{self, Claim, Failed, Why};
use authn::webauthn::{self, Asked, Assertion};
use authn::{Authenticated, Parent, Session};
use base::{AccountId, SecretString, Timestamp};
use directory::Tx;
use model::{Account, AccountState, Identity, LoginProfile, MfaKind, Snapshot, User};
use serde::{Deserialize, Deserializer, Serialize};
use std::ops::RangeInclusive;
use std::time::Duration;
use wire::Fault;

/// Marks the proof.
pub struct SignIn;

/// What AWS's sign-in page says.
const REFUSED: &str = "Your authentication information is incorrect. Please try again.";
/// What a record says of most failures.
const FAILED: &str = "Failed authentication";
/// Seconds that a console session lasts if nobody says otherwise: AWS's twelve hours.
const SECONDS: u32 = 43_200;
/// Seconds that one may last.
pub const ALLOWED_SECONDS: RangeInclusive<u32> = 900..=43_200;

/// The rows.
pub fn rows() -> Vec<Row> {
    // A write: it tells when the password was last used, and in the transaction the password is still the same.
    vec![
        Row::own_write::<SignIn, SignInInput, SignInOutput>("SignIn", |_, _, _| Ok(Vec::new()), answer)
            .own_identify(identify),
    ]
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SignInInput {
    /// The account's id or alias; the first account if not given.
    #[serde(default)]
    account: Option<String>,
    #[serde(default)]
    user_name: Option<String>,
    #[serde(default, deserialize_with = "secret")]
    password: Option<SecretString>,
    /// The device that the code is of; any of the user's if not given.
    #[serde(default)]
    mfa_serial_number: Option<String>,
    #[serde(default, deserialize_with = "secret")]
    mfa_code: Option<SecretString>,
    /// What `PublicKeyCredential.toJSON` yields for the challenge that was answered.
    #[serde(default)]
    mfa_assertion: Option<Assertion>,
    /// Instead of a user and a password.
    #[serde(default, deserialize_with = "secret")]
    signin_token: Option<SecretString>,
    #[serde(default)]
    duration_seconds: Option<u32>,
}

/// Reads a secret text.
pub(super) fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(SecretString::new))
}

/// What is answered: credentials, or what is still wanted.
#[derive(Serialize)]
#[serde(untagged)]
enum SignInOutput {
    SignedIn(SignedIn),
    #[serde(rename_all = "PascalCase")]
    MfaRequired {
        /// Always `true`.
        mfa_required: bool,
        /// The devices that can answer, by their serial numbers.
        devices: Vec<Device>,
        /// For `PublicKeyCredential.parseRequestOptionsFromJSON`, if there is a security key.
        #[serde(skip_serializing_if = "Option::is_none")]
        public_key: Option<serde_json::Value>,
    },
}

/// An MFA device of the user.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Device {
    serial_number: String,
    is_security_key: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SignedIn {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
    account_id: AccountId,
    arn: String,
    /// The credentials are good for `iam:ChangePassword` and nothing else.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    password_reset_required: bool,
    /// When the password expires, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    password_expiration: Option<String>,
}

fn identify(
    stranger: &Stranger<'_>,
    snapshot: &Snapshot,
    input: &SignInInput,
) -> Result<Authenticated, Unproven> {
    if let Some(seconds) = input.duration_seconds.filter(|seconds| !ALLOWED_SECONDS.contains(seconds)) {
        return Err(invalid(format!("a session lasts 900 to 43200 seconds, not {seconds}")).into());
    }
    match (&input.user_name, &input.password, &input.signin_token) {
        (Some(name), Some(password), None) => by_password(stranger, snapshot, input, name, password),
        (None, None, Some(token)) => by_token(stranger, snapshot, token),
        _ => Err(invalid("give UserName and Password, or SigninToken".into()).into()),
    }
}

fn invalid(message: String) -> Fault {
    Fault::new("ValidationException", 400, message)
}

fn refused() -> Fault {
    Fault::new("AuthenticationFailedException", 403, REFUSED)
}

fn by_password(
    stranger: &Stranger<'_>,
    snapshot: &Snapshot,
    input: &SignInInput,
    user_name: &str,
    password: &SecretString,
) -> Result<Authenticated, Unproven> {
    let first = || crate::first_start::management_account(snapshot).map(|id| id.to_string());
    let account = input.account.clone().or_else(first).unwrap_or_default();
    let address = stranger.origin.address;
    let claim = Claim { account: &account, user_name, password, address, now: stranger.now };
    let tools = stranger.tools;
    let proven = sign_in::by_password(&tools.passwords, &tools.keys, &claim, stranger.region, snapshot)
        .map_err(|failed| turned_away(stranger, &failed))?;
    refuse_expired(stranger, snapshot, &proven.user)?;
    note(stranger, &proven.user, FAILED);
    Ok(proven.authenticated)
}

/// The answer to a password sign-in that failed; its record goes to the account that was meant.
fn turned_away(stranger: &Stranger<'_>, failed: &Failed) -> Unproven {
    let failure = match failed.why {
        Why::NoSuchUser | Why::NoSuchAccount => "No username found in supplied account",
        Why::Throttled | Why::Locked => "Too many failed sign-ins",
        Why::NoPassword | Why::WrongPassword => FAILED,
    };
    match &failed.user {
        Some(user) => note(stranger, user, failure),
        None => {
            let identity = trail::Identity {
                kind: trail::IdentityKind::IamUser,
                account: failed.account,
                access_key_id: Some(""),
                user_name: Some(trail::HIDDEN),
                ..trail::Identity::default()
            };
            set(stranger, identity.to_json(), failure);
        }
    }
    let fault = if failed.why == Why::Throttled { Fault::throttling() } else { refused() };
    Unproven { fault, account: failed.account }
}

/// Makes the record that of this user's sign-in; `failure` is what it says if it fails.
fn note(stranger: &Stranger<'_>, user: &User, failure: &'static str) {
    let arn = user.arn(stranger.region.partition);
    let identity = trail::Identity {
        kind: trail::IdentityKind::IamUser,
        principal_id: Some(user.id.as_str()),
        arn: Some(arn.as_str()),
        account: Some(user.account),
        access_key_id: Some(""),
        user_name: Some(&user.name),
        ..trail::Identity::default()
    };
    set(stranger, identity.to_json(), failure);
}

fn set(stranger: &Stranger<'_>, identity: Vec<u8>, failure: &'static str) {
    // Each way through sets it once.
    let _ = stranger.sign_in.set(Record::new("ConsoleLogin", identity, failure));
}

/// An expired password opens nothing where the policy wants an administrator to set a new one. Who is told so knows the
/// password.
fn refuse_expired(stranger: &Stranger<'_>, snapshot: &Snapshot, user: &User) -> Result<(), Unproven> {
    let Some(state) = snapshot.account(user.account) else { return Err(Fault::internal().into()) };
    let hard = state.account.password_policy.as_ref().is_some_and(|policy| policy.hard_expiry == Some(true));
    let expired = user.login_profile.as_ref().is_some_and(|it| is_expired(it, &state.account, stranger.now));
    if !(hard && expired) {
        return Ok(());
    }
    note(stranger, user, "Password expired");
    let message = "Your password has expired. Ask an administrator to set a new one.";
    let fault = Fault::new("PasswordExpiredException", 403, message);
    Err(Unproven { fault, account: Some(user.account) })
}

fn is_expired(profile: &LoginProfile, account: &Account, now: Timestamp) -> bool {
    profile.expires(account.password_policy.as_ref()).is_some_and(|end| now >= end)
}

fn by_token(
    stranger: &Stranger<'_>,
    snapshot: &Snapshot,
    token: &SecretString,
) -> Result<Authenticated, Unproven> {
    let tokens = &stranger.tools.tokens;
    let found = sign_in::by_sign_in_token(tokens, token.expose(), stranger.region, stranger.now);
    let proven = found.filter(|(proven, _)| proven.caller(snapshot, stranger.now).is_ok());
    set(stranger, trail::Identity::default().to_json(), FAILED);
    proven.map(|(authenticated, _)| authenticated).ok_or_else(|| refused().into())
}

fn answer(at: Allowed<'_, SignIn>, tx: &mut Tx<'_>, input: SignInInput) -> Result<SignInOutput, Fault> {
    match (&at.caller.identity, at.caller.session.as_deref()) {
        (Identity::User(user), None) => of_user(&at, tx, &input, User::clone(user)),
        (_, Some(brought)) => of_session(&at, &input, brought),
        _ => Err(Fault::internal()),
    }
}

/// A console session of a user.
fn of_user(
    at: &Allowed<'_, SignIn>,
    tx: &mut Tx<'_>,
    input: &SignInInput,
    mut user: User,
) -> Result<SignInOutput, Fault> {
    let proven = match second_factor(at, tx, input, &user)? {
        Ok(proven) => proven,
        Err(wanted) => return Ok(wanted),
    };
    // Every proof is there. To forget earlier failures twice, should this run again, changes nothing.
    at.tools.passwords.guard.forgive(&user.id, at.now);
    let account = &at.account_in(tx)?.account;
    let profile = user.login_profile.as_ref().ok_or_else(refused)?;
    let must_change = profile.reset_required || is_expired(profile, account, at.now);
    let password_expiration = profile.expires(account.password_policy.as_ref()).map(Timestamp::iso);
    let parent = Parent::Console { id: user.id.clone(), password: profile.generation, must_change };
    let seconds = input.duration_seconds.unwrap_or(SECONDS);
    let mfa = proven.map(|proven| proven.at());
    let session = Session { mfa, ..session::fresh(at, user.account, parent, seconds) };
    let arn = user.arn(at.partition).into();
    user.password_last_used = Some(at.now.whole_seconds());
    tx.put(user);
    let signed_in = output(at, &session, arn)?;
    Ok(SignInOutput::SignedIn(SignedIn {
        password_reset_required: must_change,
        password_expiration,
        ..signed_in
    }))
}

/// The user's second factor: proven, not needed, or still wanted.
fn second_factor(
    at: &Allowed<'_, SignIn>,
    tx: &mut Tx<'_>,
    input: &SignInInput,
    user: &User,
) -> Result<Result<Option<Proven>, SignInOutput>, Fault> {
    let account = at.account_in(tx)?;
    if account.mfa_devices_of(&user.id).next().is_none() {
        return Ok(Ok(None));
    }
    let factor = match (&input.mfa_code, &input.mfa_assertion) {
        (Some(code), None) => {
            Factor::Code { serial: input.mfa_serial_number.as_deref(), code: code.expose() }
        }
        (None, Some(assertion)) => Factor::Assertion(assertion),
        (None, None) => return wanted(at, account, user).map(Err),
        _ => return Err(invalid("give MfaCode or MfaAssertion, not both".into())),
    };
    shown(at, Shown::Given);
    match second_factor::prove(tx, user, factor, at.bench()) {
        Ok(proven) => {
            shown(at, Shown::Proven(proven.serial().to_owned()));
            Ok(Ok(Some(proven)))
        }
        Err(_) => Err(refused()),
    }
}

fn shown(at: &Allowed<'_, SignIn>, factor: Shown) {
    if let Some(record) = &at.sign_in {
        record.note(factor);
    }
}

/// Asks for a second factor.
fn wanted(at: &Allowed<'_, SignIn>, account: &AccountState, user: &User) -> Result<SignInOutput, Fault> {
    shown(at, Shown::Asked);
    let devices = account.mfa_devices_of(&user.id).map(|device| Device {
        serial_number: device.serial(at.partition),
        is_security_key: matches!(device.kind, MfaKind::SecurityKey(_)),
    });
    let bench = at.bench();
    let asked = Asked { keys: bench.keys, party: bench.party, user: &user.id, now: at.now };
    let public_key = webauthn::options::request(asked, account.mfa_devices_of(&user.id), &at.entropy);
    Ok(SignInOutput::MfaRequired {
        mfa_required: true,
        devices: devices.collect(),
        public_key: public_key.map_err(|_| Fault::internal())?,
    })
}

/// A session like the one that was brought, with keys of its own.
fn of_session(
    at: &Allowed<'_, SignIn>,
    input: &SignInInput,
    brought: &Session,
) -> Result<SignInOutput, Fault> {
    let token = input.signin_token.as_ref().ok_or_else(Fault::internal)?;
    let carried = at.tools.tokens.open_sign_in(token.expose()).map_err(|_| refused())?;
    let seconds = carried.seconds.or(input.duration_seconds.filter(|_| carried.seconds.is_some()));
    let fresh = session::fresh(at, brought.account, brought.parent.clone(), SECONDS);
    let expires =
        seconds.map_or(brought.expires, |seconds| fresh.issued + Duration::from_secs(u64::from(seconds)));
    let session = Session { key: fresh.key, secret: fresh.secret, expires, ..brought.clone() };
    output(at, &session, at.caller.arn.clone()).map(SignInOutput::SignedIn)
}

fn output(at: &Allowed<'_, SignIn>, session: &Session, arn: String) -> Result<SignedIn, Fault> {
    let credentials = session::credentials(at, session)?;
    Ok(SignedIn {
        access_key_id: credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose().to_owned(),
        session_token: credentials.session_token.expose().to_owned(),
        expiration: credentials.expiration.iso(),
        account_id: session.account,
        arn,
        password_reset_required: false,
        password_expiration: None,
    })
}
