//! `bailiwick keys`: access keys for users who have none, such as imported ones.

use crate::client::Client;
use crate::commands::Context;
use crate::output::Format;
use crate::problem::{Exit, Problem};
use crate::terminal::escape;
use base::AccountId;
use clap::Subcommand;
use serde::{Deserialize, Serialize};

const AFTER: &str = "\
The export of a real account holds no secrets, so its users come without working keys. This makes fresh ones. \
The secret is printed once and cannot be read again.

Examples:
  bailiwick keys create alice
  bailiwick keys create alice --account 123456789012 --format json > alice.json";

/// Make access keys for users, such as imported ones.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    /// Make an access key of a user and print it
    Create {
        /// The user's name
        user: String,
        /// The user's account [default: the first one, or that of the credentials]
        #[arg(long, value_name = "ID")]
        account: Option<AccountId>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<AccountId>,
    user_name: &'a str,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Made {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account_id: Option<AccountId>,
    user_name: String,
    access_key_id: String,
    secret_access_key: String,
}

/// Makes a key.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let KeysCommand::Create { user, account } = args.command;
    let client = Client::open(&context.target()?)?;
    let made: Made = client.call("CreateAccessKey", &Input { account, user_name: &user })?;
    if context.output.format() == Format::Json {
        context.output.json(&made)?;
        return Ok(Exit::Ok);
    }
    context.output.text(&format!(
        "UserName         {}\nAccessKeyId      {}\nSecretAccessKey  {}\n",
        escape(&made.user_name),
        escape(&made.access_key_id),
        escape(&made.secret_access_key)
    ))?;
    context.output.note("the secret is shown this once and cannot be read again");
    Ok(Exit::Ok)
}
