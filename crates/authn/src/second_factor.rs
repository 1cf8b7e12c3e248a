//! Second factors: a code or an assertion of a user's device is verified, used up, and counted if it is wrong.
//!
//! All of it happens in the transaction that answers: a code that was accepted is in the log before anybody is told
//! so, and no restart and no second session gives it back, or gives new tries.

use crate::totp::{self, Code, Codes};
use crate::webauthn::{self, Asked, Assertion, RelyingParty};
use base::{Partition, Timestamp, UniqueId};
use directory::Tx;
use model::mfa::{CodeDevice, MfaDevice, MfaKind, MfaTries};
use model::snapshot::EntityKey;
use model::{AccountState, User};
use std::sync::Arc;
use std::time::Duration;
use store::seal::KeyRing;

/// What a user answers with.
#[derive(Debug, Clone, Copy)]
pub enum Factor<'a> {
    /// A code of the device of this serial number, or of any of the user's devices.
    Code {
        /// The serial number, if the user named one.
        serial: Option<&'a str>,
        /// The code as it was typed.
        code: &'a str,
    },
    /// A signature of a security key.
    Assertion(&'a Assertion),
}

/// What verification needs besides the realm.
#[derive(Debug, Clone, Copy)]
pub struct Bench<'a> {
    /// Opens seeds and challenges.
    pub keys: &'a KeyRing,
    /// Whom security keys work for.
    pub party: &'a RelyingParty,
    /// The partition of the serial numbers.
    pub partition: Partition,
    /// Now.
    pub now: Timestamp,
}

/// The proof that a user answered with a second factor. Only [`prove`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    user: UniqueId,
    at: Timestamp,
    serial: String,
}

impl Proven {
    /// When: `aws:MultiFactorAuthAge` counts from here.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Who.
    pub fn user(&self) -> &UniqueId {
        &self.user
    }

    /// The serial number of the device.
    pub fn serial(&self) -> &str {
        &self.serial
    }
}

/// Why a second factor is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The user has no such device, or none of the kind that would answer so.
    #[error("the user has no such device")]
    Device,
    /// The answer is wrong, too late, or was used before.
    #[error("the answer is wrong")]
    Wrong,
    /// Too many were wrong: nothing is looked at until the time is over.
    #[error("too many wrong answers: try again in {} seconds", .0.as_secs())]
    TooMany(Duration),
}

/// Wrong answers in a row after which the user has to wait.
pub const FREE_TRIES: u32 = 5;
/// The first wait; each further wrong answer doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(900);
/// Steps before and after the present one whose codes are good, for clocks that are not quite right.
const WINDOW: i64 = 1;

/// Verifies what `user` answers with, and uses it up.
///
/// What it writes is kept even if the call is refused in the end, see [`Tx::keep_refused`].
///
/// # Errors
/// If the answer is not accepted. Wrong ones count against the user, whichever device or session they come by.
pub fn prove(tx: &mut Tx<'_>, user: &User, factor: Factor<'_>, bench: Bench<'_>) -> Result<Proven, Refused> {
    if let Some(wait) = wait(tx, &user.id, bench.now) {
        return Err(Refused::TooMany(wait));
    }
    let account = Arc::clone(tx.snapshot().account(user.account).ok_or(Refused::Device)?);
    let mut devices = candidates(&account, &user.id, factor, bench.partition).peekable();
    if devices.peek().is_none() {
        return Err(Refused::Device);
    }
    match devices.find_map(|device| used(device, factor, bench)) {
        Some(device) => {
            let serial = device.serial(bench.partition);
            tx.put(device);
            forgive(tx, &user.id);
            tx.keep_refused();
            Ok(Proven { user: user.id.clone(), at: bench.now.whole_seconds(), serial })
        }
        None => {
            count_wrong(tx, &user.id, bench.now);
            Err(Refused::Wrong)
        }
    }
}

/// How long a user still has to wait before an answer is looked at; `None` if not at all.
pub fn wait(tx: &Tx<'_>, user: &UniqueId, now: Timestamp) -> Option<Duration> {
    let tries = tx.snapshot().mfa_tries(user.as_str())?;
    let beyond = tries.failed.checked_sub(FREE_TRIES)?;
    let pause = FIRST_WAIT.saturating_mul(1 << beyond.min(16)).min(LONGEST_WAIT);
    let over = tries.last + pause;
    (now < over).then(|| over.since(now))
}

/// Counts a wrong answer against a user; kept even if the call is refused.
pub fn count_wrong(tx: &mut Tx<'_>, user: &UniqueId, now: Timestamp) {
    let failed = tx.snapshot().mfa_tries(user.as_str()).map_or(0, |tries| tries.failed);
    tx.put(MfaTries { user: user.clone(), failed: failed.saturating_add(1), last: now });
    tx.keep_refused();
}

/// Forgets a user's wrong answers.
pub fn forgive(tx: &mut Tx<'_>, user: &UniqueId) {
    if tx.snapshot().mfa_tries(user.as_str()).is_some() {
        tx.remove(&EntityKey::MfaTries(user.clone()));
    }
}

/// The user's devices that can answer so.
fn candidates<'a>(
    account: &'a AccountState,
    user: &UniqueId,
    factor: Factor<'a>,
    partition: Partition,
) -> impl Iterator<Item = &'a Arc<MfaDevice>> {
    account.mfa_devices_of(user).filter(move |device| match (factor, &device.kind) {
        (Factor::Code { serial, .. }, MfaKind::Virtual(_) | MfaKind::Hardware(_)) => {
            serial.is_none_or(|serial| device.serial(partition) == serial)
        }
        (Factor::Assertion(assertion), MfaKind::SecurityKey(key)) => {
            webauthn::unbase64url(&assertion.id).as_ref() == Some(&key.credential)
        }
        _ => false,
    })
}

/// The device as it must be kept once the answer is used up; `None` if the answer is wrong.
fn used(device: &Arc<MfaDevice>, factor: Factor<'_>, bench: Bench<'_>) -> Option<MfaDevice> {
    let kind = match (factor, &device.kind) {
        (Factor::Code { code, .. }, MfaKind::Virtual(codes)) => {
            MfaKind::Virtual(used_code(device, codes, code, bench)?)
        }
        (Factor::Code { code, .. }, MfaKind::Hardware(codes)) => {
            MfaKind::Hardware(used_code(device, codes, code, bench)?)
        }
        (Factor::Assertion(assertion), MfaKind::SecurityKey(key)) => {
            let user = &device.enabled.as_ref()?.user;
            let asked = Asked { keys: bench.keys, party: bench.party, user, now: bench.now };
            MfaKind::SecurityKey(webauthn::assert(asked, key, assertion).ok()?)
        }
        _ => return None,
    };
    Some(MfaDevice { kind, ..MfaDevice::clone(device) })
}

fn used_code(device: &MfaDevice, codes: &CodeDevice, code: &str, bench: Bench<'_>) -> Option<CodeDevice> {
    let code = Code::parse(code)?;
    let middle = totp::counter(bench.now) + codes.drift;
    let found = of(device, codes, bench.keys)?.find(code, middle - WINDOW..=middle + WINDOW, codes.last)?;
    Some(CodeDevice { last: Some(found), ..codes.clone() })
}

/// The device as it must be kept once two codes that follow each other have told how its clock stands; `None` if
/// they do not follow each other, lie more than `reach` steps away from now, or were used before.
pub fn synchronized(
    device: &MfaDevice,
    (first, second): (&str, &str),
    reach: i64,
    bench: Bench<'_>,
) -> Option<MfaDevice> {
    let (MfaKind::Virtual(codes) | MfaKind::Hardware(codes)) = &device.kind else { return None };
    let pair = (Code::parse(first)?, Code::parse(second)?);
    let now = totp::counter(bench.now);
    let found = of(device, codes, bench.keys)?.find_pair(pair, now, reach, codes.last)?;
    // Whoever types the second code a little early or late has no clock that is wrong.
    let drift = if (found - now).abs() <= WINDOW { 0 } else { found - now };
    let codes = CodeDevice { drift, last: Some(found), ..codes.clone() };
    let kind = if device.is_virtual() { MfaKind::Virtual(codes) } else { MfaKind::Hardware(codes) };
    Some(MfaDevice { kind, ..device.clone() })
}

fn of(device: &MfaDevice, codes: &CodeDevice, keys: &KeyRing) -> Option<Codes> {
    totp::open_seed(keys, device.id.as_str(), &codes.sealed).ok().map(|seed| Codes::new(&seed))
}
