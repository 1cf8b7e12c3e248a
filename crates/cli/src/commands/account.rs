//! `bailiwick account`: the accounts of a server.

use crate::client::Client;
use crate::commands::Context;
use crate::output::Format;
use crate::problem::{Exit, Problem};
use crate::terminal::{Cell, escape, table};
use base::AccountId;
use clap::Subcommand;
use serde::{Deserialize, Serialize};

const AFTER: &str = "\
Each account is a world of its own, as in AWS: its own users, groups, roles and policies, and an \
`Administrator` role that trusts the account itself and the first account.

Examples:
  bailiwick account create staging
  bailiwick account create prod --id 123456789012 --alias my-company-prod
  bailiwick account list
  eval \"$(bailiwick login --account 123456789012)\"    work in another account";

/// Make and list accounts.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: AccountCommand,
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// Make an account with an `Administrator` role
    Create {
        /// What people call it, 1 to 50 characters
        name: String,
        /// Its id, twelve digits [default: random]
        #[arg(long, value_name = "ID")]
        id: Option<AccountId>,
        /// Its alias, unique among all accounts of the server
        #[arg(long)]
        alias: Option<String>,
    },
    /// List the accounts
    List,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CreateInput<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateOutput {
    account: serde_json::Value,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListInput {
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListOutput {
    accounts: Vec<serde_json::Value>,
    #[serde(default)]
    next_token: Option<String>,
}

/// An account as the server tells it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    id: AccountId,
    name: String,
    #[serde(default)]
    alias: Option<String>,
    #[serde(default)]
    created: String,
    #[serde(default)]
    users: Option<u64>,
    #[serde(default)]
    roles: Option<u64>,
}

/// Makes or lists accounts.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let client = Client::open(&context.target()?)?;
    match args.command {
        AccountCommand::Create { name, id, alias } => {
            let input = CreateInput { name: &name, account_id: id, alias: alias.as_deref() };
            let made: CreateOutput = client.call("CreateAccount", &input)?;
            created(context, made.account)?;
        }
        AccountCommand::List => list(context, all(&client)?)?,
    }
    Ok(Exit::Ok)
}

fn created(context: &Context<'_>, account: serde_json::Value) -> Result<(), Problem> {
    if context.output.format() == Format::Json {
        return context.output.json(&serde_json::json!({ "Account": account }));
    }
    let account = read(account)?;
    context.output.text(&format!("account {} `{}` is made\n", account.id, escape(&account.name)))?;
    context.output.note(&format!("work in it with: eval \"$(bailiwick login --account {})\"", account.id));
    Ok(())
}

fn all(client: &Client) -> Result<Vec<serde_json::Value>, Problem> {
    let mut accounts = Vec::new();
    let mut next_token = None;
    loop {
        let page: ListOutput = client.call("ListAccounts", &ListInput { next_token })?;
        accounts.extend(page.accounts);
        next_token = page.next_token;
        if next_token.is_none() {
            return Ok(accounts);
        }
    }
}

fn list(context: &Context<'_>, accounts: Vec<serde_json::Value>) -> Result<(), Problem> {
    if context.output.format() == Format::Json {
        return context.output.json(&serde_json::json!({ "Accounts": accounts }));
    }
    let count = |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
    let row = |account: Account| -> Vec<Cell> {
        vec![
            account.id.to_string().into(),
            account.name.into(),
            account.alias.unwrap_or_default().into(),
            account.created.into(),
            count(account.users).into(),
            count(account.roles).into(),
        ]
    };
    let rows = accounts.into_iter().map(|account| read(account).map(row)).collect::<Result<_, _>>()?;
    let headings = ["ID", "NAME", "ALIAS", "CREATED", "USERS", "ROLES"];
    context.output.text(&table(&headings, rows, context.output.colours()))
}

fn read(account: serde_json::Value) -> Result<Account, Problem> {
    serde_json::from_value(account).map_err(|error| crate::client::unreadable(&error))
}
