//! `bailiwick import`: the export of a real account becomes a new account.

use crate::client::Client;
use crate::commands::Context;
use crate::output::{Format, Output};
use crate::problem::{Exit, Problem, plain};
use crate::terminal::{Style, escape};
use audit::import::{ImportReport, Note};
use base::AccountId;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The server takes requests of 64 MiB; the document in it grows by its escapes.
const MOST: u64 = 60 * 1024 * 1024;
/// How a file packed with gzip begins.
const GZIP: &[u8] = &[0x1f, 0x8b];
/// How many subjects of a note are named before the rest is counted.
const SUBJECTS: usize = 5;

const AFTER: &str = "\
The file is what `aws iam get-account-authorization-details` prints. Users, groups, roles, policies \
with their versions, boundaries, tags and dates come over into a new account with the export's own id; unique \
ids stay. Secrets are in no export: make fresh keys for the users that need them. An import happens whole or not at all.

Examples:
  aws iam get-account-authorization-details > authorization-details.json   (at the real AWS)
  bailiwick import authorization-details.json
  bailiwick import authorization-details.json --name production --format json
  bailiwick keys create alice --account 123456789012";

/// Load the export of a real account into a new account.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// The export; `-` reads standard input
    file: PathBuf,
    /// What to call the account [default: its id]
    #[arg(long)]
    name: Option<String>,
    /// The account's id, if the export does not tell it
    #[arg(long, value_name = "ID")]
    account_id: Option<AccountId>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    document: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_name: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Imported {
    account_id: AccountId,
    report: ImportReport,
}

/// Imports a file.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let document = read(&args.file)?;
    let client = Client::open(&context.target()?)?;
    let input =
        Input { document: &document, account_id: args.account_id, account_name: args.name.as_deref() };
    let answer: serde_json::Value = client.call("Import", &input)?;
    if context.output.format() == Format::Json {
        context.output.json(&answer)?;
        return Ok(Exit::Ok);
    }
    let imported: Imported =
        serde_json::from_value(answer).map_err(|error| crate::client::unreadable(&error))?;
    report(context.output, &imported)?;
    Ok(Exit::Ok)
}

/// Reads an export, within bounds.
fn read(path: &Path) -> Result<String, Problem> {
    let shown = path.display();
    let unusable = |error: io::Error| {
        Problem::unavailable(format!("the file `{shown}` cannot be read: {}", plain(&error)))
    };
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes).map_err(unusable)?;
    } else {
        File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes)).map_err(unusable)?;
    }
    if bytes.len() as u64 > MOST {
        return Err(Problem::usage(format!(
            "the file `{shown}` is larger than 60 MiB, too large for an export"
        )));
    }
    if bytes.starts_with(GZIP) {
        let text = audit::import::export_text(&bytes).map(Cow::into_owned);
        return text.map_err(|error| {
            Problem::usage(format!("the file `{shown}` cannot be used: {error}")).help(error.help())
        });
    }
    String::from_utf8(bytes).map_err(|_| {
        Problem::usage(format!("the file `{shown}` is not text in UTF-8"))
            .help("an export is what `aws iam get-account-authorization-details` prints")
    })
}

fn report(output: &Output, imported: &Imported) -> Result<(), Problem> {
    let report = &imported.report;
    let mut text = format!("account {} is imported\n\n", imported.account_id);
    for (what, count) in [
        ("users", report.users),
        ("groups", report.groups),
        ("memberships", report.memberships),
        ("roles", report.roles),
        ("customer managed policies", report.policies),
        ("  versions of them", report.versions),
        ("inline policies", report.inline_policies),
        ("attachments", report.attachments),
        ("permissions boundaries", report.boundaries),
        ("instance profiles", report.instance_profiles),
        ("AWS managed policies", report.aws_managed_policies),
    ] {
        text.push_str(&format!("{count:>7}  {what}\n"));
    }
    for note in &report.notes {
        text.push_str(&described(note, output.colours()));
    }
    output.text(&text)
}

fn described(note: &Note, colours: bool) -> String {
    let mut text = format!("\n{}: {}\n", Style::Bold.paint("note", colours), note.kind.message());
    for subject in note.subjects.iter().take(SUBJECTS) {
        text.push_str(&format!("  {}\n", escape(subject)));
    }
    if let Some(more) = note.subjects.len().checked_sub(SUBJECTS).filter(|more| *more > 0) {
        text.push_str(&format!("  and {more} more\n"));
    }
    if let Some(help) = note.kind.help() {
        text.push_str(&format!("  {}\n", Style::Dim.paint(help, colours)));
    }
    text
}
