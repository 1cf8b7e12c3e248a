//! `bailiwick grants`: do policies grant any of these accesses?

use super::lint::Kind;
use super::questions::{Asked, Finding, ModeArgs, Report, Sources, What};
use crate::commands::Context;
use crate::problem::{Exit, Problem};
use crate::render::questions::request;
use analysis::{Access, Scope, no_new_access};
use audit::ask::{check_action, check_resource};

const GRANTED: What = What {
    code: "ACCESS_GRANTED",
    key: "AccessGranted",
    some: "access granted",
    none: "nothing of that is granted",
    summary: "a policy grants an access that it must not",
    denied: "",
};

const AFTER: &str = "\
Of each policy it is proved that it allows none of the actions on any of the resources, or a request is shown that it \
allows, with the statements to blame. Without --resources any resource counts, without --actions any action. Both may \
have wildcards. docs/questions.md tells what the modes mean.

Examples:
  bailiwick grants policy.json --actions iam:PassRole sts:AssumeRole
  bailiwick grants policies/ --actions 's3:Put*' 's3:Delete*' --resources 'arn:aws:s3:::payroll/*'
  terraform show -json plan.tfplan | bailiwick grants - --actions 'iam:*'
  bailiwick grants policies/ --actions kms:Decrypt --format sarif > grants.sarif

Exit codes: 0 if nothing is granted, 1 if something is, 2 if the command line or a policy is wrong, 3 if neither could \
be shown, 4 if a file cannot be read.";

/// Tell whether policies grant any of these accesses.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Files, folders and git's REVISION:PATH; `-` reads standard input
    #[arg(required = true, value_name = "POLICY")]
    files: Vec<String>,
    /// Actions, such as s3:PutObject or s3:Put*
    #[arg(long, value_name = "ACTION", num_args = 1.., value_parser = action, required_unless_present = "resources")]
    actions: Vec<String>,
    /// ARNs, such as arn:aws:s3:::payroll/*
    #[arg(long, value_name = "ARN", num_args = 1.., value_parser = resource)]
    resources: Vec<String>,
    /// What the policies are: identity, resource, trust, scp, rcp, boundary, session or endpoint [default: told by
    /// what they say]
    #[arg(long = "type", value_name = "TYPE", hide_possible_values = true)]
    kind: Option<Kind>,
    #[command(flatten)]
    mode: ModeArgs,
}

fn action(text: &str) -> Result<String, String> {
    check_action(text).map(|()| text.to_owned()).map_err(|error| error.to_string())
}

fn resource(text: &str) -> Result<String, String> {
    check_resource(text).map(|()| text.to_owned()).map_err(|error| error.to_string())
}

/// Asks of every policy.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let sources = Sources::read(&args.files)?;
    let list = |all: &[String]| (!all.is_empty()).then(|| all.to_vec());
    let scope = Scope { actions: list(&args.actions), resources: list(&args.resources), ..Scope::default() };
    let mut report = Report { notes: sources.notes(), ..Report::default() };
    for found in sources.policies() {
        let asked = Asked::read(found, args.kind.map(Into::into))?;
        let verdict = no_new_access(&asked.read.access(), &Access::nothing(), &scope, args.mode.options());
        let finding = Finding::new(
            &GRANTED,
            verdict,
            asked.read.loss.iter().cloned().collect(),
            |witness| format!("it lets {}", request(witness)),
            |found| sources.statements(&asked, &found.blamed),
        );
        report.notes.extend(asked.notes());
        report.answers.push(asked.answers(vec![finding]));
    }
    report.finish(context)
}
