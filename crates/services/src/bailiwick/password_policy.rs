//! `SetPasswordPolicy` and `GetPasswordPolicy`: password policies by name, and the block list, which AWS has not.

use super::account_meant;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use authn::password::Preset;
use base::AccountId;
use directory::Tx;
use model::{Account, BlockList, PasswordPolicy, Snapshot};
use serde::{Deserialize, Serialize};
use wire::Fault;

/// Marks the proof.
pub struct SetPasswordPolicy;
/// Marks the proof.
pub struct GetPasswordPolicy;

/// Words of an organization at most.
const MOST_WORDS: usize = 100;
/// Characters of such a word.
const WORD: std::ops::RangeInclusive<usize> = 4..=64;

/// The rows. Whoever may not set or see the policy by IAM's own operations may not here.
pub fn rows() -> Vec<Row> {
    vec![
        Row::own_write::<SetPasswordPolicy, SetInput, Shown>(
            "SetPasswordPolicy",
            |input, call, snapshot| {
                account_meant(call, snapshot, input.account)?;
                Ok(vec![Demand::anywhere(), Demand::of("iam:UpdateAccountPasswordPolicy", "*")])
            },
            set,
        ),
        Row::own_read::<GetPasswordPolicy, GetInput, Shown>(
            "GetPasswordPolicy",
            |input, call, snapshot| {
                account_meant(call, snapshot, input.account)?;
                Ok(vec![Demand::anywhere(), Demand::of("iam:GetAccountPasswordPolicy", "*")])
            },
            get,
        ),
    ]
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SetInput {
    #[serde(default)]
    account: Option<AccountId>,
    /// Sets policy and block list as the preset has them.
    #[serde(default)]
    preset: Option<String>,
    /// Turns the block list on or off, whatever the preset says.
    #[serde(default)]
    block_list: Option<bool>,
    /// The organization's own words, in place of those that there are; turns the block list on.
    #[serde(default)]
    words: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GetInput {
    #[serde(default)]
    account: Option<AccountId>,
}

/// The policy of an account with everything that is beyond AWS's.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    account_id: AccountId,
    /// The preset that it is, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    preset: Option<&'static str>,
    /// Absent where AWS's default one holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    password_policy: Option<PasswordPolicy>,
    block_list: bool,
    words: Vec<String>,
}

impl Shown {
    fn of(account: &Account) -> Self {
        let is = |preset: &Preset| {
            preset.policy() == account.password_policy
                && preset.block_list().is_some() == account.block_list.is_some()
        };
        Self {
            account_id: account.id,
            preset: Preset::ALL.into_iter().find(is).map(Preset::name),
            password_policy: account.password_policy.clone(),
            block_list: account.block_list.is_some(),
            words: account.block_list.clone().unwrap_or_default().words,
        }
    }
}

fn set(at: Allowed<'_, SetPasswordPolicy>, tx: &mut Tx<'_>, input: SetInput) -> Result<Shown, Fault> {
    let id = account_meant(&at, tx.snapshot(), input.account)?;
    let state = tx.snapshot().account(id).ok_or_else(Fault::internal)?;
    let mut account = Account::clone(&state.account);
    if let Some(name) = &input.preset {
        let preset = Preset::named(name).ok_or_else(|| unknown(name))?;
        account.password_policy = preset.policy();
        // The organization's words stay where the list stays.
        let known = account.block_list.take();
        account.block_list = preset.block_list().map(|list| known.unwrap_or(list));
    }
    match input.block_list {
        Some(true) => account.block_list = Some(account.block_list.take().unwrap_or_default()),
        Some(false) => account.block_list = None,
        None => {}
    }
    if let Some(words) = input.words {
        if input.block_list == Some(false) {
            return Err(invalid("words are of no use with the block list off".into()));
        }
        account.block_list = Some(BlockList { words: checked(words)? });
    }
    let shown = Shown::of(&account);
    tx.put(account);
    Ok(shown)
}

fn unknown(name: &str) -> Fault {
    let known: Vec<_> = Preset::ALL.into_iter().map(Preset::name).collect();
    invalid(format!("`{name}` is no preset: they are {}", known.join(", ")))
}

fn invalid(message: String) -> Fault {
    Fault::new("ValidationException", 400, message)
}

fn checked(words: Vec<String>) -> Result<Vec<String>, Fault> {
    let is_word = |word: &String| WORD.contains(&word.chars().count()) && !word.chars().any(char::is_control);
    match words.iter().find(|word| !is_word(word)) {
        Some(word) => Err(invalid(format!("`{word}` is no word of 4 to 64 characters"))),
        None if words.len() > MOST_WORDS => Err(invalid(format!("there may be {MOST_WORDS} words at most"))),
        None => Ok(words),
    }
}

fn get(at: Allowed<'_, GetPasswordPolicy>, snapshot: &Snapshot, input: GetInput) -> Result<Shown, Fault> {
    let id = account_meant(&at, snapshot, input.account)?;
    let state = snapshot.account(id).ok_or_else(Fault::internal)?;
    Ok(Shown::of(&state.account))
}
