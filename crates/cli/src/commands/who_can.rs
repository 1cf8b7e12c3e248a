//! `bailiwick who-can`: who of all principals can do this, and under which conditions.

use crate::commands::Context;
use crate::commands::explain::{bytes, pair, policy, unreadable};
use crate::output::Format;
use crate::problem::{Exit, Problem};
use crate::terminal::{Style, escape, paragraph};
use audit::import::{ImportOptions, authorization_details, join};
use audit::who_can::{Answer, Clause, Part, PersonAnswer, Question, StatementShown, Verdict, ask};
use base::{AccountId, Clock, Partition};
use serde_json::value::RawValue;
use server::SystemClock;
use std::path::{Path, PathBuf};

const AFTER: &str = "\
Every user, role and root user of the exports is judged, by the policies of its groups, boundaries and, if they are \
given, SCPs and the resource's policy. Condition keys of the request that are not given are open: whoever depends on \
them can `if` the conditions shown hold, and `unless` a statement denies whose conditions hold. Whoever can `always` \
can whatever they are; who is not listed never can. Keys that follow from the principal or the resource, such as \
aws:username and tags, are known. One given without a value (`--context aws:SourceIp=`) is taken as absent.

Without the resource's policy nobody of another account can, and nobody can use a KMS key. A role's trust policy is \
known: `who-can sts:AssumeRole role/NAME` tells who can become the role. Each --scp is a level of the organization, \
root first; a file with a list of policies holds all those of its level.

Examples:
  bailiwick who-can s3:GetObject arn:aws:s3:::payroll/2026.csv --in authorization-details.json
  bailiwick who-can iam:PassRole role/admin --in account-a.json --in account-b.json
  bailiwick who-can sts:AssumeRole role/deployer --in account.json --format json
  bailiwick who-can kms:Decrypt KEY-ARN --in account.json --resource-policy key-policy.json
  bailiwick who-can ec2:DescribeInstances --in account.json --scp root.json --scp unit.json

Exit codes: 0 if somebody can, be it under conditions, 1 if nobody can.";

/// Tell who of all principals can do something, and under which conditions.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// What: one action, such as s3:GetObject
    action: String,
    /// On what: one ARN, or role/NAME, user/NAME and the like; `*` for actions that have no resources
    #[arg(default_value = "*")]
    resource: String,
    /// The export of an account, as `aws iam get-account-authorization-details` prints it; may be given several
    /// times; `-` reads standard input
    #[arg(long = "in", value_name = "EXPORT", required = true)]
    exports: Vec<PathBuf>,
    /// A condition key of the request; may be given several times
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    context: Vec<(String, String)>,
    /// The account that owns the resource, where its ARN does not tell
    #[arg(long, value_name = "ID")]
    resource_account: Option<AccountId>,
    /// The resource's own policy; trust policies of roles are known without it
    #[arg(long, value_name = "FILE")]
    resource_policy: Option<PathBuf>,
    /// Service control policies of one level of the organization, root first; may be given several times
    #[arg(long, value_name = "FILE")]
    scp: Vec<PathBuf>,
    /// The organization's management account, which SCPs do not bind
    #[arg(long, value_name = "ID")]
    management_account: Option<AccountId>,
    /// How many principals are listed at most; 0 lists all
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
}

/// Asks and prints the answer.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let question = question(&args)?;
    let now = SystemClock.now();
    let mut imports = Vec::new();
    for file in &args.exports {
        let bytes = bytes(file, audit::import::MAX_BYTES)?;
        let import = authorization_details(&bytes, &ImportOptions::at(now));
        imports.push(import.map_err(|error| unreadable(file, &error))?);
    }
    let snapshot = join(&imports).map_err(|error| Problem::usage(error.to_string()))?;
    let partition = imports.first().map_or(Partition::aws(), |import| import.report.partition);
    let answer = ask(&snapshot, partition, &question)
        .map_err(|error| Problem::usage(error.to_string()).help(error.help()))?;
    match context.output.format() {
        Format::Json => context.output.json(&answer)?,
        Format::Text => context.output.text(&text(&answer, context.output.colours()))?,
    }
    Ok(if answer.count.always + answer.count.conditional > 0 { Exit::Ok } else { Exit::No })
}

fn question(args: &Args) -> Result<Question, Problem> {
    let mut question = Question::new(&*args.action, &*args.resource);
    for (key, value) in &args.context {
        question.context.entry(key.to_lowercase()).or_default().push(value.clone());
    }
    question.resource_account = args.resource_account;
    question.resource_policy = args.resource_policy.as_deref().map(policy).transpose()?;
    question.scps = args.scp.iter().map(|file| level(file)).collect::<Result<_, _>>()?;
    question.management_account = args.management_account;
    question.limit = (args.limit > 0).then_some(args.limit);
    Ok(question)
}

/// The policies of a level: a file holds one, or a list of them.
fn level(file: &Path) -> Result<Vec<String>, Problem> {
    let text = policy(file)?;
    if !text.trim_start().starts_with('[') {
        return Ok(vec![text]);
    }
    let policies: Vec<&RawValue> = serde_json::from_str(&text).map_err(|error| {
        Problem::usage(format!("the file `{}` is no list of policies: {error}", file.display()))
    })?;
    Ok(policies.into_iter().map(|policy| policy.get().to_owned()).collect())
}

fn text(answer: &Answer, colours: bool) -> String {
    let count = answer.count;
    let all = count.always + count.conditional + count.never;
    let resource = if answer.resource == "*" { String::new() } else { format!(" on {}", answer.resource) };
    let head = format!(
        "{}{resource}: {} of {all} principals can always, {} if conditions hold",
        answer.action, count.always, count.conditional
    );
    let mut text = paragraph(&escape(&head), 0, 2);
    text.push('\n');
    for person in &answer.people {
        text.push_str(&block(person, colours));
    }
    if answer.omitted > 0 {
        text.push_str(&format!("and {} more; --limit lists more of them\n", answer.omitted));
    }
    if !answer.people.is_empty() {
        text.push('\n');
    }
    for note in &answer.notes {
        let note = paragraph(&format!("note: {}", escape(note)), 0, 6);
        text.push_str(&note.replacen("note", &Style::Bold.paint("note", colours), 1));
    }
    text
}

/// The lines about one principal: the verdict and who it is, then the statements with their conditions.
fn block(person: &PersonAnswer, colours: bool) -> String {
    let (verdict, gap) = match person.verdict {
        Verdict::Always => (Style::Green.paint("always", colours), "  "),
        Verdict::If => (Style::Bold.paint("if", colours), "      "),
    };
    let mut text = format!("{verdict}{gap}{}\n", escape(&person.principal));
    if person.because.is_empty() {
        let why = if person.kind == "root" { "the account's root user" } else { "everybody can" };
        text.push_str(&paragraph(why, INDENT, INDENT));
    }
    for clause in &person.because {
        let word = word(clause);
        let denies = if clause.part == Part::Unless { " denies" } else { "" };
        let line = format!("{word} {}{denies}", escape(&shown(&clause.statement)));
        let line = paragraph(&line, INDENT, INDENT + 2);
        text.push_str(&if word.is_empty() {
            line
        } else {
            line.replacen(word, &Style::Dim.paint(word, colours), 1)
        });
        for (place, condition) in clause.statement.conditions.iter().enumerate() {
            let start = if place == 0 { "if" } else { "and" };
            let line = paragraph(&format!("{start} {}", escape(condition)), INDENT + 2, INDENT + 4);
            text.push_str(&line.replacen(start, &Style::Dim.paint(start, colours), 1));
        }
    }
    text
}

/// Columns before what is said of a principal.
const INDENT: usize = 8;

fn word(clause: &Clause) -> &'static str {
    match clause.part {
        Part::Allows => "",
        Part::And => "and",
        Part::Or => "or",
        Part::OrElse => "or else",
        Part::Unless => "unless",
    }
}

/// `inline policy own-notes, statement 1 (Read)`.
fn shown(statement: &StatementShown) -> String {
    let StatementShown { kind, policy, index, sid, level, .. } = statement;
    let sid = sid.as_ref().map(|sid| format!(" ({sid})")).unwrap_or_default();
    let level = level.map(|level| format!(" of level {}", level + 1)).unwrap_or_default();
    format!("{kind} {policy}{level}, statement {}{sid}", index + 1)
}
