//! Signing in with a password, or with a session's sign-in token.
//!
//! Whatever is wrong with a password sign-in — the account, the user, the password, that there is none, that there
//! were too many tries — the same work is done, one hash, and callers are to answer with one text. Names are compared
//! as IAM compares them, without regard to case; a name with anything but its letters in it is nobody's.

use crate::authenticate::Authenticated;
use crate::caller::Credential;
use crate::password::{Entry, Passwords};
use crate::session::Parent;
use crate::token::TokenSealer;
use base::{AccountId, Region, SecretString, Timestamp};
use model::{LoginProfile, Snapshot, User};
use std::net::IpAddr;
use std::sync::Arc;
use store::seal::KeyRing;

/// What somebody says of themselves.
pub struct Claim<'a> {
    /// The account's id or alias.
    pub account: &'a str,
    /// The user's name.
    pub user_name: &'a str,
    /// The password.
    pub password: &'a SecretString,
    /// Where the request came from.
    pub address: Option<IpAddr>,
    /// When it came.
    pub now: Timestamp,
}

/// Somebody whose password is right.
#[derive(Debug, Clone)]
pub struct Proven {
    /// The user.
    pub user: Arc<User>,
    /// The proof.
    pub authenticated: Authenticated,
}

/// Why somebody is not signed in. None of it is for the one who tries, but for the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Too many failures from this address.
    Throttled,
    /// There is no such account.
    NoSuchAccount,
    /// There is no such user in the account.
    NoSuchUser,
    /// The user has no password.
    NoPassword,
    /// Too many wrong passwords for this user.
    Locked,
    /// The password is wrong.
    WrongPassword,
}

/// A sign-in that failed.
#[derive(Debug, Clone)]
pub struct Failed {
    /// Why.
    pub why: Why,
    /// The account that was meant, if there is one.
    pub account: Option<AccountId>,
    /// The user who was meant, if there is one.
    pub user: Option<Arc<User>>,
}

/// Looks at a user's password.
///
/// # Errors
/// See [`Why`].
pub fn by_password(
    passwords: &Passwords,
    keys: &KeyRing,
    claim: &Claim<'_>,
    region: Region,
    snapshot: &Snapshot,
) -> Result<Proven, Failed> {
    let account = account(claim.account, snapshot);
    let user = account.and_then(|id| snapshot.account(id)?.users.get(claim.user_name).cloned());
    let failed = |why| Failed { why, account, user: user.clone() };
    let id = user.as_ref().map(|user| &user.id);
    let entry = passwords.guard.enter(id, claim.address, snapshot, claim.now);
    let profile = user.as_ref().and_then(|user| Some((user, user.login_profile.as_ref()?)));
    let is_right = match (entry, profile) {
        (Entry::Throttled, _) => return Err(failed(Why::Throttled)),
        (Entry::Open, Some((user, profile))) => is_right(passwords, keys, user, profile, claim.password),
        _ => {
            passwords.hasher.for_nobody(claim.password);
            false
        }
    };
    match (entry, &user, profile) {
        (Entry::Open, Some(user), Some((_, profile))) if is_right => {
            passwords.guard.take_back(&user.id, claim.address, snapshot, claim.now);
            Ok(Proven { user: Arc::clone(user), authenticated: proof(user, profile, region) })
        }
        (Entry::Locked, ..) => Err(failed(Why::Locked)),
        (_, Some(_), Some(_)) => Err(failed(Why::WrongPassword)),
        (_, Some(_), None) => Err(failed(Why::NoPassword)),
        (_, None, _) if account.is_some() => Err(failed(Why::NoSuchUser)),
        (_, None, _) => Err(failed(Why::NoSuchAccount)),
    }
}

/// The account of an id or an alias.
fn account(text: &str, snapshot: &Snapshot) -> Option<AccountId> {
    match AccountId::parse(text) {
        Ok(id) => snapshot.account(id).map(|state| state.id()),
        Err(_) => snapshot.account_by_alias(&text.to_ascii_lowercase()),
    }
}

/// Whether the password is the user's: one hash, whatever is stored.
fn is_right(
    passwords: &Passwords,
    keys: &KeyRing,
    user: &User,
    profile: &LoginProfile,
    password: &SecretString,
) -> bool {
    let before = passwords.hasher.matches(keys, &user.id, &profile.sealed, password);
    before.unwrap_or_else(|_| {
        // What is stored was refused before anything was computed.
        passwords.hasher.for_nobody(password);
        false
    })
}

fn proof(user: &User, profile: &LoginProfile, region: Region) -> Authenticated {
    let credential =
        Credential::Password { account: user.account, user: user.id.clone(), generation: profile.generation };
    Authenticated::unsigned(credential, region)
}

/// A session's keys that are brought instead of being used to sign: how federation brokers ask for a sign-in token.
/// `None` unless they belong together and are good for it: the session of a role that was assumed with a long-term
/// key, or of a federated user.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>.
pub fn by_session_keys(
    tokens: &TokenSealer,
    (key, secret, token): (&str, &SecretString, &str),
    region: Region,
    now: Timestamp,
) -> Option<Authenticated> {
    let session = tokens.open(token).ok()?;
    let is_its = session.key.as_str() == key && session.secret == *secret;
    let may = !session.chained && matches!(session.parent, Parent::Role { .. } | Parent::Federated { .. });
    (is_its && may && now < session.expires)
        .then(|| Authenticated::unsigned(Credential::Session(Arc::new(session)), region))
}

/// The session of a sign-in token, and how long the one lasts that it opens.
pub fn by_sign_in_token(
    tokens: &TokenSealer,
    token: &str,
    region: Region,
    now: Timestamp,
) -> Option<(Authenticated, Option<u32>)> {
    let sign_in = tokens.open_sign_in(token).ok()?;
    (now < sign_in.until && now < sign_in.session.expires).then(|| {
        let credential = Credential::Session(Arc::new(sign_in.session));
        (Authenticated::unsigned(credential, region), sign_in.seconds)
    })
}
