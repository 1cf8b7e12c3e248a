//! `bailiwick explain`: may this principal do this, and why.

use crate::client::Client;
use crate::commands::Context;
use crate::output::Format;
use crate::problem::{Exit, Problem, plain};
use crate::render::explanation::{Look, text};
use audit::explain::{Answer, Question, Setting, ask};
use audit::import::{ImportError, ImportOptions, authorization_details};
use base::{AccountId, Clock};
use serde::Serialize;
use server::SystemClock;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Columns of the answer.
const WIDTH: usize = 100;

const AFTER: &str = "\
The answer names the layer, the policy and the statement that decide, and prints the statement with the deciding \
words underlined. Of a denial it tells which statements nearly allow it, and what they lack; of every decision, \
the smallest change of policies that would turn it around. Condition keys that follow from the principal and the \
resource are filled in; others come with --context, and one given without a value (`--context aws:SourceIp=`) is \
taken as absent.

Examples:
  bailiwick explain user/alice s3:GetObject arn:aws:s3:::reports/2026.csv
  bailiwick explain role/ci iam:PassRole role/web --context iam:PassedToService=ec2.amazonaws.com
  bailiwick explain ec2.amazonaws.com sts:AssumeRole role/web
  bailiwick explain user/alice iam:ListUsers --from authorization-details.json

Exit codes: 0 if it is allowed, 1 if it is denied.";

/// Tell whether a principal may do something, and why.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Who: user/NAME, role/NAME, role/NAME/SESSION, root, an ARN, or a service such as ec2.amazonaws.com
    principal: String,
    /// What: an action such as s3:GetObject
    action: String,
    /// On what: an ARN, `*`, or user/NAME, role/NAME, group/NAME, policy/NAME
    #[arg(default_value = "*")]
    resource: String,
    /// A condition key of the request; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    context: Vec<(String, String)>,
    /// Ask the export of an account instead of a server; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// The account of the principal and of names [default: the first one, or that of the credentials; of an
    /// export all]
    #[arg(long, value_name = "ID")]
    account: Option<AccountId>,
    /// The account that owns the resource, where its ARN does not tell
    #[arg(long, value_name = "ID")]
    resource_account: Option<AccountId>,
    /// The resource's own policy; trust policies of roles are known without it
    #[arg(long, value_name = "FILE")]
    resource_policy: Option<PathBuf>,
    /// A session policy; may be given several times
    #[arg(long, value_name = "FILE")]
    session_policy: Vec<PathBuf>,
}

/// The input of the server's `Explain`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Input<'a> {
    /// The account of the principal and of names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<AccountId>,
    /// What is asked.
    pub(super) question: &'a Question,
}

/// Asks and prints the answer.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let question = question(&args)?;
    let answer = match &args.from {
        Some(file) => offline(file, &question, args.account)?,
        None => {
            let client = Client::open(&context.target()?)?;
            client.call::<Answer>("Explain", &Input { account: args.account, question: &question })?
        }
    };
    match context.output.format() {
        Format::Json => context.output.json(&answer)?,
        Format::Text => {
            context.output.text(&text(&answer, Look { colours: context.output.colours(), width: WIDTH }))?;
        }
    }
    Ok(if answer.is_allowed() { Exit::Ok } else { Exit::No })
}

/// Answers from an export, without a server.
fn offline(file: &Path, question: &Question, account: Option<AccountId>) -> Result<Answer, Problem> {
    let now = SystemClock.now();
    let bytes = bytes(file, audit::import::MAX_BYTES)?;
    let import = authorization_details(&bytes, &ImportOptions::at(now));
    let import = import.map_err(|error| unreadable(file, &error))?;
    let setting = Setting { partition: import.report.partition, account, now };
    ask(&import.snapshot(), question, &setting)
        .map_err(|error| Problem::usage(error.to_string()).help(error.help()))
}

/// An export that cannot be read, with its place.
pub(super) fn unreadable(file: &Path, error: &ImportError) -> Problem {
    let place = error.position().map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
    Problem::usage(format!("the file `{}{place}` cannot be used: {error}", file.display())).help(error.help())
}

fn question(args: &Args) -> Result<Question, Problem> {
    let mut question = Question::new(&*args.principal, &*args.action, &*args.resource);
    for (key, value) in &args.context {
        question = question.with(key, value);
    }
    question.resource_account = args.resource_account;
    question.resource_policy = args.resource_policy.as_deref().map(policy).transpose()?;
    question.session_policies =
        args.session_policy.iter().map(|file| policy(file)).collect::<Result<_, _>>()?;
    Ok(question)
}

/// The text of a policy; the engine tells what is wrong with it.
pub(super) fn policy(file: &Path) -> Result<String, Problem> {
    const MOST: usize = 1 << 20;
    String::from_utf8(bytes(file, MOST)?)
        .map_err(|_| Problem::usage(format!("the file `{}` is not text in UTF-8", file.display())))
}

/// Reads a file of so many bytes at most.
pub(super) fn bytes(file: &Path, most: usize) -> Result<Vec<u8>, Problem> {
    let shown = file.display();
    let unusable = |error: io::Error| {
        Problem::unavailable(format!("the file `{shown}` cannot be read: {}", plain(&error)))
    };
    let mut bytes = Vec::new();
    let limit = most as u64 + 1;
    if file.as_os_str() == "-" {
        io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(unusable)?;
    } else {
        File::open(file).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(unusable)?;
    }
    if bytes.len() > most {
        return Err(Problem::usage(format!("the file `{shown}` is larger than {} MiB", most >> 20)));
    }
    Ok(bytes)
}

/// `KEY=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE, as in aws:SourceIp=203.0.113.7".to_owned()),
    }
}
