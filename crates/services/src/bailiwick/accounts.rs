//! `CreateAccount`, `ListAccounts`, `Status`.

use super::realm_wide;
use crate::demand::Demand;
use crate::first_start;
use crate::gate::Allowed;
use crate::row::Row;
use base::AccountId;
use directory::Tx;
use model::{Account, AccountState, Snapshot};
use serde::{Deserialize, Serialize};
use wire::Fault;

/// Marks the proof.
pub struct CreateAccount;
/// Marks the proof.
pub struct ListAccounts;
/// Marks the proof.
pub struct Status;

/// The rows.
pub fn rows() -> Vec<Row> {
    vec![
        // An account is worth as much as the organization's right to make one: a policy that withholds that
        // (as `PowerUserAccess` does) withholds this.
        Row::own_write::<CreateAccount, CreateAccountInput, CreateAccountOutput>(
            "CreateAccount",
            |_, call, snapshot| {
                let demands = vec![Demand::anywhere(), Demand::of("organizations:CreateAccount", "*")];
                realm_wide(call, snapshot, demands)
            },
            create,
        ),
        Row::own_read::<ListAccounts, ListAccountsInput, ListAccountsOutput>(
            "ListAccounts",
            |_, call, snapshot| realm_wide(call, snapshot, vec![Demand::anywhere()]),
            list,
        ),
        Row::own_read::<Status, StatusInput, StatusOutput>(
            "Status",
            |_, _, _| Ok(vec![Demand::anywhere()]),
            status,
        ),
    ]
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateAccountInput {
    name: String,
    #[serde(default)]
    account_id: Option<AccountId>,
    #[serde(default)]
    alias: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct CreateAccountOutput {
    account: AccountView,
}

/// An account as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AccountView {
    id: AccountId,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<String>,
    created: String,
    users: usize,
    roles: usize,
}

impl AccountView {
    fn of(state: &AccountState) -> Self {
        Self {
            id: state.id(),
            name: state.account.name.clone(),
            alias: state.account.alias.clone(),
            created: state.account.created.iso(),
            users: state.users.len(),
            roles: state.roles.len(),
        }
    }
}

fn create(
    at: Allowed<'_, CreateAccount>,
    tx: &mut Tx<'_>,
    input: CreateAccountInput,
) -> Result<CreateAccountOutput, Fault> {
    let name = input.name.trim();
    if name.is_empty() || name.chars().count() > 50 || name.chars().any(char::is_control) {
        return Err(invalid("an account's name has 1 to 50 printable characters"));
    }
    let id = match input.account_id {
        Some(id) if tx.snapshot().account(id).is_some() => {
            return Err(Fault::new(
                "AccountAlreadyExistsException",
                409,
                format!("account {id} exists already"),
            ));
        }
        Some(id) => id,
        None => first_start::free_account_id(tx.snapshot(), &at.entropy).ok_or_else(Fault::internal)?,
    };
    if let Some(alias) = &input.alias {
        crate::iam::account::check_alias(tx.snapshot(), alias)?;
    }
    first_start::make_account(tx, id, name, at.now, &at.entropy);
    let state = tx.snapshot().account(id).ok_or_else(Fault::internal)?;
    if input.alias.is_some() {
        let account = Account { alias: input.alias, ..Account::clone(&state.account) };
        tx.put(account);
    }
    let state = tx.snapshot().account(id).ok_or_else(Fault::internal)?;
    Ok(CreateAccountOutput { account: AccountView::of(state) })
}

fn invalid(message: &str) -> Fault {
    Fault::new("ValidationException", 400, message)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ListAccountsInput {
    #[serde(default)]
    next_token: Option<AccountId>,
    #[serde(default)]
    max_results: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListAccountsOutput {
    accounts: Vec<AccountView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<AccountId>,
}

fn list(
    _: Allowed<'_, ListAccounts>,
    snapshot: &Snapshot,
    input: ListAccountsInput,
) -> Result<ListAccountsOutput, Fault> {
    let limit = input.max_results.unwrap_or(100).clamp(1, 1000);
    let rest = snapshot.accounts().filter(|state| input.next_token.is_none_or(|after| state.id() > after));
    let mut accounts: Vec<_> = rest.take(limit + 1).map(|state| AccountView::of(state)).collect();
    let more = accounts.len() > limit;
    accounts.truncate(limit);
    let next_token = if more { accounts.last().map(|last| last.id) } else { None };
    Ok(ListAccountsOutput { accounts, next_token })
}

#[derive(Debug, Deserialize)]
struct StatusInput {}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StatusOutput {
    version: &'static str,
    account_id: AccountId,
    accounts: usize,
}

fn status(at: Allowed<'_, Status>, snapshot: &Snapshot, _: StatusInput) -> Result<StatusOutput, Fault> {
    Ok(StatusOutput {
        version: env!("CARGO_PKG_VERSION"),
        account_id: at.account_id(),
        accounts: snapshot.accounts().count(),
    })
}
