//! Passwords of users: login profiles, and changing one's own.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html> and its neighbours. Hashes are
//! computed ahead of the transaction, which then makes sure that nothing has changed meanwhile.

use super::{find, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::{Demanded, Row};
use authn::password::{Entry, rules};
use base::{Entropy, SecretString};
use directory::Tx;
use model::{Account, Identity, LoginProfile, Snapshot, User};
use std::sync::Arc;
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write_prepared::<ops::CreateLoginProfile, Made>(
            "iam",
            |input, call, snapshot| one(target::user_or_self(call, snapshot, input.user_name.as_deref())),
            prepare_create,
            create,
        ),
        Row::read::<ops::GetLoginProfile>(
            "iam",
            |input, call, snapshot| one(target::user_or_self(call, snapshot, input.user_name.as_deref())),
            get,
        ),
        Row::write_prepared::<ops::UpdateLoginProfile, Option<Made>>(
            "iam",
            |input, call, snapshot| one(target::user(call, snapshot, &input.user_name)),
            prepare_update,
            update,
        ),
        Row::write::<ops::DeleteLoginProfile>(
            "iam",
            |input, call, snapshot| one(target::user_or_self(call, snapshot, input.user_name.as_deref())),
            delete,
        ),
        Row::write_prepared::<ops::ChangePassword, Made>(
            "iam",
            |_, call, snapshot| one(own(call, snapshot)),
            prepare_change,
            change,
        ),
    ]
}

fn one(demand: Result<Demand, Fault>) -> Demanded {
    demand.map(|demand| vec![demand])
}

/// Whose own password is changed; others than users have none, which is told behind the gate.
fn own(call: &Call, snapshot: &Snapshot) -> Result<Demand, Fault> {
    match &call.caller.identity {
        Identity::User(user) => target::user(call, snapshot, &user.name),
        other => Ok(Demand::on(other.arn(call.partition))),
    }
}

/// A new password that the account takes, with what it stands on.
pub struct Made {
    user: Arc<User>,
    sealed: Vec<u8>,
    generation: u64,
}

impl Made {
    fn of(call: &Call, account: &Account, user: &Arc<User>, password: &SecretString) -> Result<Self, Fault> {
        let people = &call.tools.passwords;
        let told = rules::violation(password.expose(), account, &user.name, people.breached.as_deref());
        if let Some(told) = told {
            return Err(violation(told));
        }
        if is_used_before(call, account, user, password)? {
            return Err(violation(REUSED));
        }
        let sealed = people.hasher.make(&call.tools.keys, &user.id, password, &call.entropy);
        let sealed = sealed.map_err(|_| Fault::internal())?;
        let mut random = [0; 8];
        call.entropy.fill(&mut random);
        Ok(Self { user: Arc::clone(user), sealed, generation: u64::from_be_bytes(random) })
    }

    /// The user as the hash was made for it: nothing about its password has changed since.
    fn holds(&self, now: &User) -> Result<(), Fault> {
        let generation = |user: &User| user.login_profile.as_ref().map(|profile| profile.generation);
        if now.id == self.user.id && generation(now) == generation(&self.user) {
            return Ok(());
        }
        Err(Fault::of(
            &errors::ENTITY_TEMPORARILY_UNMODIFIABLE,
            format!(
                "Login Profile for User {} cannot be modified while login profile is being created.",
                now.name
            ),
        ))
    }
}

const REUSED: &str = "Policy constraint violation with password reuse prevention during password change.";

fn violation(message: impl Into<String>) -> Fault {
    Fault::of(&errors::PASSWORD_POLICY_VIOLATION, message)
}

/// Whether the policy remembers this password.
fn is_used_before(
    call: &Call,
    account: &Account,
    user: &User,
    password: &SecretString,
) -> Result<bool, Fault> {
    let Some(profile) = &user.login_profile else { return Ok(false) };
    for sealed in profile.not_again(account.password_policy.as_ref()) {
        let hasher = &call.tools.passwords.hasher;
        // A hash that cannot be read is no reason to keep somebody from a new password.
        if hasher.matches(&call.tools.keys, &user.id, sealed, password).unwrap_or(false) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The user that is named, or else the caller. A root user has no login profile here.
fn found<'a>(call: &Call, snapshot: &'a Snapshot, name: Option<&str>) -> Result<&'a Arc<User>, Fault> {
    if let (None, Identity::Root(account)) = (name, &call.caller.identity) {
        return Err(missing(account.as_str()));
    }
    find::user(call.account(snapshot)?, &target::named_or_self(call, name)?)
}

fn profile_of(user: &User) -> Result<&LoginProfile, Fault> {
    user.login_profile.as_ref().ok_or_else(|| missing(&user.name))
}

fn missing(user: &str) -> Fault {
    find::no_such_entity(format!("Login Profile for User {user} cannot be found."))
}

fn prepare_create(
    at: Allowed<'_, ops::CreateLoginProfile>,
    snapshot: &Snapshot,
    input: &shape::CreateLoginProfileRequest,
) -> Result<Made, Fault> {
    let user = found(&at, snapshot, input.user_name.as_deref())?;
    refuse_second(user)?;
    let password = input.password.as_ref().ok_or_else(|| {
        Fault::validation(
            "1 validation error detected: Value null at 'password' failed to satisfy constraint: Member must not \
             be null",
        )
    })?;
    Made::of(&at, &at.account(snapshot)?.account, user, password)
}

fn refuse_second(user: &User) -> Result<(), Fault> {
    match &user.login_profile {
        None => Ok(()),
        Some(_) => Err(Fault::of(
            &errors::ENTITY_ALREADY_EXISTS,
            format!("Login Profile for user {} already exists.", user.name),
        )),
    }
}

fn create(
    at: Allowed<'_, ops::CreateLoginProfile>,
    tx: &mut Tx<'_>,
    input: shape::CreateLoginProfileRequest,
    made: &Made,
) -> Result<shape::CreateLoginProfileResponse, Fault> {
    let mut user = User::clone(found(&at, tx.snapshot(), input.user_name.as_deref())?);
    refuse_second(&user)?;
    made.holds(&user)?;
    let must_change = input.password_reset_required.unwrap_or(false);
    let profile = LoginProfile::new(made.sealed.clone(), made.generation, must_change, at.now);
    let shown = shown(&user, &profile);
    user.login_profile = Some(profile);
    tx.put(user);
    Ok(shape::CreateLoginProfileResponse { login_profile: shown })
}

fn shown(user: &User, profile: &LoginProfile) -> shape::LoginProfile {
    shape::LoginProfile {
        user_name: user.name.clone(),
        create_date: profile.created,
        password_reset_required: Some(profile.reset_required),
    }
}

fn get(
    at: Allowed<'_, ops::GetLoginProfile>,
    snapshot: &Snapshot,
    input: shape::GetLoginProfileRequest,
) -> Result<shape::GetLoginProfileResponse, Fault> {
    let user = found(&at, snapshot, input.user_name.as_deref())?;
    Ok(shape::GetLoginProfileResponse { login_profile: shown(user, profile_of(user)?) })
}

fn prepare_update(
    at: Allowed<'_, ops::UpdateLoginProfile>,
    snapshot: &Snapshot,
    input: &shape::UpdateLoginProfileRequest,
) -> Result<Option<Made>, Fault> {
    let account = at.account(snapshot)?;
    let user = find::user(account, &input.user_name)?;
    profile_of(user)?;
    let Some(password) = &input.password else { return Ok(None) };
    let made = Made::of(&at, &account.account, user, password)?;
    // With a new password come new tries, even if it is not kept in the end.
    at.tools.passwords.guard.forgive(&user.id, at.now);
    Ok(Some(made))
}

fn update(
    at: Allowed<'_, ops::UpdateLoginProfile>,
    tx: &mut Tx<'_>,
    input: shape::UpdateLoginProfileRequest,
    made: &Option<Made>,
) -> Result<Unit, Fault> {
    let mut user = User::clone(find::user(at.account_in(tx)?, &input.user_name)?);
    let profile = profile_of(&user)?;
    let must_change = input.password_reset_required.unwrap_or(profile.reset_required);
    let changed = match made {
        Some(made) => {
            made.holds(&user)?;
            profile.replaced(made.sealed.clone(), made.generation, must_change, at.now)
        }
        None => LoginProfile { reset_required: must_change, ..profile.clone() },
    };
    user.login_profile = Some(changed);
    tx.put(user);
    Ok(Unit)
}

fn delete(
    at: Allowed<'_, ops::DeleteLoginProfile>,
    tx: &mut Tx<'_>,
    input: shape::DeleteLoginProfileRequest,
) -> Result<Unit, Fault> {
    let mut user = User::clone(found(&at, tx.snapshot(), input.user_name.as_deref())?);
    profile_of(&user)?;
    user.login_profile = None;
    tx.put(user);
    Ok(Unit)
}

/// The caller, who must be a user.
fn own_user<'a>(call: &Call, snapshot: &'a Snapshot) -> Result<&'a Arc<User>, Fault> {
    match &call.caller.identity {
        Identity::User(user) => find::user(call.account(snapshot)?, &user.name),
        _ => Err(Fault::of(&errors::INVALID_USER_TYPE, "Only IAM Users can change their own password.")),
    }
}

fn prepare_change(
    at: Allowed<'_, ops::ChangePassword>,
    snapshot: &Snapshot,
    input: &shape::ChangePasswordRequest,
) -> Result<Made, Fault> {
    let user = own_user(&at, snapshot)?;
    let profile = profile_of(user)?;
    check_old(&at, snapshot, user, profile, &input.old_password)?;
    if input.old_password == input.new_password {
        return Err(violation(REUSED));
    }
    Made::of(&at, &at.account(snapshot)?.account, user, &input.new_password)
}

/// The present password must be told: who has got hold of a key or a session has no more tries at it than anybody at
/// the sign-in.
fn check_old(
    call: &Call,
    snapshot: &Snapshot,
    user: &User,
    profile: &LoginProfile,
    old: &SecretString,
) -> Result<(), Fault> {
    let people = &call.tools.passwords;
    let address = call.origin.address;
    let is_right = match people.guard.enter(Some(&user.id), address, snapshot, call.now) {
        Entry::Throttled => return Err(Fault::throttling()),
        Entry::Locked => {
            people.hasher.for_nobody(old);
            false
        }
        Entry::Open => {
            people.hasher.matches(&call.tools.keys, &user.id, &profile.sealed, old).unwrap_or(false)
        }
    };
    if !is_right {
        return Err(Fault::access_denied("The old password was incorrect."));
    }
    people.guard.take_back(&user.id, address, snapshot, call.now);
    Ok(())
}

fn change(
    at: Allowed<'_, ops::ChangePassword>,
    tx: &mut Tx<'_>,
    _: shape::ChangePasswordRequest,
    made: &Made,
) -> Result<Unit, Fault> {
    let mut user = User::clone(own_user(&at, tx.snapshot())?);
    made.holds(&user)?;
    let profile = profile_of(&user)?;
    user.login_profile = Some(profile.replaced(made.sealed.clone(), made.generation, false, at.now));
    tx.put(user);
    Ok(Unit)
}
