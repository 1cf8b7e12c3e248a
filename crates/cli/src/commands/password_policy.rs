//! `bailiwick password-policy`.

use crate::client::Client;
use crate::commands::Context;
use crate::output::Format;
use crate::problem::{Exit, Problem};
use crate::terminal::escape;
use base::AccountId;
use serde::{Deserialize, Serialize};

const AFTER: &str = "\
Without options it shows the policy. A preset sets all of it:
  aws-default  AWS's own: eight characters of three of four kinds
  cis          14 characters, the last 24 not again
  pci-4.0.1    12 characters with letters and digits, the last four not again, 90 days
  nist-63b-4   15 characters of any kind, with the block list on
The block list refuses long passwords too that are made of common words, names of the account or user, years, \
sequences and repetitions, and those of `serve --breached-passwords`. AWS has nothing like it.

Examples:
  bailiwick password-policy
  bailiwick password-policy --preset nist-63b-4
  bailiwick password-policy --preset cis --block-list on --word Zeppelin --word Hindenburg
  bailiwick password-policy --account 123456789012 --format json";

/// Show or set what an account demands of passwords.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Set the policy of this name: aws-default, cis, pci-4.0.1, nist-63b-4
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
    /// Turn the block list on or off
    #[arg(long, value_name = "on|off", value_parser = switch)]
    block_list: Option<bool>,
    /// A word of your organization that no password may be made of; may be repeated, and replaces earlier ones
    #[arg(long, value_name = "WORD")]
    word: Vec<String>,
    /// The account [default: the first one, or that of the credentials]
    #[arg(long, value_name = "ID")]
    account: Option<AccountId>,
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("it is `on` or `off`".into()),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preset: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block_list: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<Vec<String>>,
}

/// The policy as the server tells it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    account_id: AccountId,
    preset: Option<String>,
    password_policy: Option<serde_json::Map<String, serde_json::Value>>,
    block_list: bool,
    words: Vec<String>,
}

/// Shows or sets the policy.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let words = (!args.word.is_empty()).then_some(args.word);
    let sets = args.preset.is_some() || args.block_list.is_some() || words.is_some();
    let operation = if sets { "SetPasswordPolicy" } else { "GetPasswordPolicy" };
    let input = Input { account: args.account, preset: args.preset, block_list: args.block_list, words };
    let client = Client::open(&context.target()?)?;
    let shown: serde_json::Value = client.call(operation, &input)?;
    if context.output.format() == Format::Json {
        context.output.json(&shown)?;
        return Ok(Exit::Ok);
    }
    let shown = serde_json::from_value(shown).map_err(|error| crate::client::unreadable(&error))?;
    context.output.text(&lines(&shown))?;
    Ok(Exit::Ok)
}

fn lines(shown: &Shown) -> String {
    let mut rows = vec![
        ("Account".to_owned(), shown.account_id.to_string()),
        ("Preset".to_owned(), shown.preset.clone().unwrap_or_else(|| "none".to_owned())),
    ];
    match &shown.password_policy {
        Some(policy) => rows.extend(policy.iter().map(|(name, value)| (name.clone(), value.to_string()))),
        None => rows.push(("Policy".to_owned(), "AWS's default one".to_owned())),
    }
    rows.push(("Block list".to_owned(), if shown.block_list { "on" } else { "off" }.to_owned()));
    if !shown.words.is_empty() {
        rows.push(("Words".to_owned(), shown.words.join(", ")));
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    rows.iter().map(|(name, value)| format!("{name:width$}  {}\n", escape(value))).collect()
}
