//! The password policy of an account.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html> and its neighbours.
//! The block list is beside it: these operations neither show nor change it.

use super::find;
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::{Demanded, Row};
use directory::Tx;
use model::{Account, PasswordPolicy, Snapshot};
use wire::iam::{self as shape, ops};
use wire::{Fault, Unit};

/// The length that holds where the request names none: less than that of an account without a policy.
const UNSAID_LENGTH: u32 = 6;

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::UpdateAccountPasswordPolicy>("iam", anywhere, update),
        Row::read::<ops::GetAccountPasswordPolicy>("iam", anywhere, get),
        Row::write::<ops::DeleteAccountPasswordPolicy>("iam", anywhere, delete),
    ]
}

fn anywhere<I>(_: &I, _: &Call, _: &Snapshot) -> Demanded {
    Ok(vec![Demand::anywhere()])
}

fn update(
    at: Allowed<'_, ops::UpdateAccountPasswordPolicy>,
    tx: &mut Tx<'_>,
    input: shape::UpdateAccountPasswordPolicyRequest,
) -> Result<Unit, Fault> {
    let number = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
    let age = number(input.max_password_age);
    let policy = PasswordPolicy {
        minimum_password_length: number(input.minimum_password_length).unwrap_or(UNSAID_LENGTH),
        require_symbols: input.require_symbols.unwrap_or(false),
        require_numbers: input.require_numbers.unwrap_or(false),
        require_uppercase_characters: input.require_uppercase_characters.unwrap_or(false),
        require_lowercase_characters: input.require_lowercase_characters.unwrap_or(false),
        allow_users_to_change_password: input.allow_users_to_change_password.unwrap_or(false),
        expire_passwords: age.is_some(),
        max_password_age: age,
        password_reuse_prevention: number(input.password_reuse_prevention),
        hard_expiry: input.hard_expiry,
    };
    let account = Account::clone(&at.account_in(tx)?.account);
    tx.put(Account { password_policy: Some(policy), ..account });
    Ok(Unit)
}

fn get(
    at: Allowed<'_, ops::GetAccountPasswordPolicy>,
    snapshot: &Snapshot,
    _: Unit,
) -> Result<shape::GetAccountPasswordPolicyResponse, Fault> {
    let account = &at.account(snapshot)?.account;
    let policy = account.password_policy.as_ref().ok_or_else(|| {
        find::no_such_entity(format!("The Password Policy with domain name {} cannot be found.", account.id))
    })?;
    Ok(shape::GetAccountPasswordPolicyResponse { password_policy: shown(policy) })
}

/// The policy as the API shows it: limits that were never set are left out.
pub fn shown(policy: &PasswordPolicy) -> shape::PasswordPolicy {
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    shape::PasswordPolicy {
        minimum_password_length: Some(number(policy.minimum_password_length)),
        require_symbols: Some(policy.require_symbols),
        require_numbers: Some(policy.require_numbers),
        require_uppercase_characters: Some(policy.require_uppercase_characters),
        require_lowercase_characters: Some(policy.require_lowercase_characters),
        allow_users_to_change_password: Some(policy.allow_users_to_change_password),
        expire_passwords: Some(policy.expire_passwords),
        max_password_age: policy.max_password_age.map(number),
        password_reuse_prevention: policy.password_reuse_prevention.map(number),
        hard_expiry: policy.hard_expiry,
    }
}

fn delete(
    at: Allowed<'_, ops::DeleteAccountPasswordPolicy>,
    tx: &mut Tx<'_>,
    _: Unit,
) -> Result<Unit, Fault> {
    let account = Account::clone(&at.account_in(tx)?.account);
    if account.password_policy.is_none() {
        return Err(find::no_such_entity(
            "The account policy with name PasswordPolicy cannot be found.".to_owned(),
        ));
    }
    tx.put(Account { password_policy: None, ..account });
    Ok(Unit)
}
