//! `Import`: the export of an account becomes a new account.

use super::realm_wide;
use crate::demand::Demand;
use crate::first_start;
use crate::gate::Allowed;
use crate::row::Row;
use audit::import::{ImportOptions, ImportReport, authorization_details};
use base::AccountId;
use directory::Tx;
use model::Account;
use model::snapshot::Entity;
use serde::{Deserialize, Serialize};
use wire::Fault;

/// Marks the proof.
pub struct Import;

/// The rows.
pub fn rows() -> Vec<Row> {
    vec![Row::own_write::<Import, ImportInput, ImportOutput>(
        "Import",
        |_, call, snapshot| {
            let demands = vec![Demand::anywhere(), Demand::of("organizations:CreateAccount", "*")];
            realm_wide(call, snapshot, demands)
        },
        import,
    )]
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ImportInput {
    document: String,
    #[serde(default)]
    account_id: Option<AccountId>,
    #[serde(default)]
    account_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ImportOutput {
    account_id: AccountId,
    report: ImportReport,
}

fn import(at: Allowed<'_, Import>, tx: &mut Tx<'_>, input: ImportInput) -> Result<ImportOutput, Fault> {
    let options =
        ImportOptions { account_id: input.account_id, name: input.account_name, ..ImportOptions::at(at.now) };
    let import = authorization_details(input.document.as_bytes(), &options).map_err(|error| {
        Fault::new("InvalidExportException", 400, format!("{error} (help: {})", error.help()))
    })?;
    let accounts: Vec<AccountId> = import.entities.iter().filter_map(account).collect();
    if let Some(id) = accounts.iter().find(|id| tx.snapshot().account(**id).is_some()) {
        return Err(Fault::new(
            "AccountAlreadyExistsException",
            409,
            format!(
                "account {id} exists already: an export becomes a new account, it is not merged into one"
            ),
        ));
    }
    for entity in import.entities {
        match entity {
            Entity::Account(account) => {
                let created = first_start::after_the_first(tx.snapshot(), account.created);
                tx.put(Account { created, ..Account::clone(&account) });
            }
            other => tx.put(other),
        }
    }
    for id in accounts {
        let state = tx.snapshot().account(id).ok_or_else(Fault::internal)?;
        if state.roles.get(first_start::ADMINISTRATOR).is_none() {
            first_start::make_administrator(tx, id, at.now, &at.entropy);
        }
    }
    let id = import.account.id;
    Ok(ImportOutput { account_id: id, report: import.report })
}

fn account(entity: &Entity) -> Option<AccountId> {
    match entity {
        Entity::Account(account) => Some(account.id),
        _ => None,
    }
}
