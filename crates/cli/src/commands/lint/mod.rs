//! `bailiwick lint`: what is wrong with policies, and what could be said better.

mod policies;

pub(crate) use policies::{LintedPolicy, Source};

use crate::args::Form;
use crate::commands::Context;
use crate::problem::{Exit, Problem, plain};
use crate::render::lint as text;
use crate::render::{findings, sarif};
use crate::sources::{Input, read_inputs};
use policy::DocumentKind;
use policy::validate::{Check, FindingType, Fix, ResourceKind, Safety, ValidateOptions, fix_all};
use std::path::PathBuf;

const AFTER: &str = "\
The checks are those of AWS's Access Analyzer, under its issue codes, and some of our own. Nothing is sent \
anywhere. A file holds one policy, or policies in what `aws` prints, a Terraform plan or state as JSON, or a \
CloudFormation template. Of folders the .json and .yaml files are read. docs/policy-sources.md tells what is \
read, docs/lint.md what is checked.

Examples:
  bailiwick lint policies/
  bailiwick lint bucket.json --resource-type AWS::S3::Bucket
  bailiwick lint scp.json --type scp --fail-on warning
  bailiwick lint authorization-details.json --ignore REDUNDANT_ACTION
  aws iam get-role --role-name app | bailiwick lint -
  terraform show -json plan.tfplan | bailiwick lint -
  bailiwick lint HEAD~1:policies/app.json
  bailiwick lint policies/ --fix
  bailiwick lint policies/ --format sarif > lint.sarif

Exit codes: 0 if nothing as grave as --fail-on is found, 1 if something is, 2 if the command line is wrong, 4 if a \
file cannot be read.";

/// Tell what is wrong with policies, and mend it
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Files, folders and git's REVISION:PATH; `-` reads standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What the policies are: identity, resource, trust, scp, rcp, boundary, session or endpoint [default: told by
    /// what they say]
    #[arg(long = "type", value_name = "TYPE", hide_possible_values = true)]
    kind: Option<Kind>,
    /// The type of the resource whose policies they are, such as AWS::S3::Bucket
    #[arg(long, value_name = "TYPE", value_parser = resource_kind)]
    resource_type: Option<ResourceKind>,
    /// Leave findings of this code out; may be given several times
    #[arg(long, value_name = "CODE", value_parser = check)]
    ignore: Vec<&'static Check>,
    /// The least finding for which the exit code is 1: error, security-warning, warning or suggestion
    #[arg(long, value_name = "LEVEL", default_value = "security-warning", hide_possible_values = true)]
    fail_on: Level,
    /// Mend what can be mended without changing what the policies allow
    #[arg(long)]
    fix: bool,
    /// Mend what can be mended, also where the policy comes to allow what was probably meant
    #[arg(long)]
    fix_all: bool,
}

/// Kinds of policies, as they are named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// A policy of a user, group or role
    Identity,
    /// A policy of a resource
    Resource,
    /// A role's trust policy
    Trust,
    /// A service control policy
    Scp,
    /// A resource control policy
    Rcp,
    /// A permissions boundary
    Boundary,
    /// A session policy
    Session,
    /// The policy of a VPC endpoint
    Endpoint,
}

impl From<Kind> for DocumentKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Identity => Self::Identity,
            Kind::Resource => Self::Resource,
            Kind::Trust => Self::Trust,
            Kind::Scp => Self::Scp,
            Kind::Rcp => Self::Rcp,
            Kind::Boundary => Self::Boundary,
            Kind::Session => Self::Session,
            Kind::Endpoint => Self::Endpoint,
        }
    }
}

/// Weights of findings, as they are named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Level {
    Error,
    SecurityWarning,
    Warning,
    Suggestion,
}

impl From<Level> for FindingType {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::Error,
            Level::SecurityWarning => Self::SecurityWarning,
            Level::Warning => Self::Warning,
            Level::Suggestion => Self::Suggestion,
        }
    }
}

fn resource_kind(text: &str) -> Result<ResourceKind, String> {
    ResourceKind::by_name(text).ok_or_else(|| {
        let known: Vec<_> = ResourceKind::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("the types are {}", known.join(", "))
    })
}

fn check(text: &str) -> Result<&'static Check, String> {
    Check::by_code(text).ok_or_else(|| "there is no check of this code; docs/lint.md lists them".to_owned())
}

/// Reads, judges, mends if wanted, and reports.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let told = told(&args)?;
    let mut sources = Vec::new();
    for input in read_inputs(&args.files)? {
        let is_found = input.is_found();
        let source = Source::new(input, told)?;
        // A folder holds other files, too.
        if !is_found || !source.is_empty() {
            sources.push(source);
        }
    }
    let mut fixed = 0;
    if args.fix || args.fix_all {
        for source in &mut sources {
            fixed += mend(source, &args)?;
        }
    }
    for source in &mut sources {
        source.judge(&args.ignore);
    }
    match context.global.format {
        Form::Text => context.output.text(&text::report(&sources, fixed, context.output.colours()))?,
        Form::Sarif => context.output.json(&sarif::report(&sources))?,
        _ => context.output.json(&findings::report(&sources, fixed))?,
    }
    let least = FindingType::from(args.fail_on);
    let mut all = sources.iter().flat_map(|source| &source.policies).flat_map(|policy| &policy.findings);
    let fails = all.any(|finding| finding.check.finding_type() <= least);
    Ok(if fails { Exit::No } else { Exit::Ok })
}

/// What the command line says of the policies.
fn told(args: &Args) -> Result<Option<ValidateOptions>, Problem> {
    let Some(resource_kind) = args.resource_type else {
        return Ok(args.kind.map(|kind| ValidateOptions::new(kind.into())));
    };
    let options = ValidateOptions::of_resource(resource_kind);
    match args.kind.map(DocumentKind::from) {
        Some(kind) if kind != options.kind => {
            Err(Problem::usage(format!("a policy of {} is of another type", resource_kind.words()))
                .help("leave `--type` out"))
        }
        _ => Ok(Some(options)),
    }
}

/// Writes the mended text of a file; how many fixes were applied.
fn mend(source: &mut Source, args: &Args) -> Result<usize, Problem> {
    let Some(path) = source.input.path.clone() else {
        let message = format!("{} cannot be mended", source.input.unmendable());
        return Err(Problem::usage(message).help("name a file"));
    };
    let wanted = |finding: &policy::validate::Finding, fix: &Fix| {
        (args.fix_all || fix.safety == Safety::Safe) && !args.ignore.contains(&finding.check)
    };
    let mut count = 0;
    let mut whole = source.input.text.clone();
    // From the end, so that places before stay where they are. What is written in another way cannot be written back.
    for linted in source.policies.iter().rev().filter(|linted| linted.is_verbatim) {
        let (fixed, fixes) = fix_all(&linted.text, linted.options, wanted);
        if fixes > 0 {
            whole.replace_range(linted.place.range(), &fixed);
            count += fixes;
        }
    }
    if count > 0 {
        std::fs::write(&path, &whole).map_err(|error| {
            Problem::unavailable(format!(
                "the file `{}` cannot be written: {}",
                path.display(),
                plain(&error)
            ))
        })?;
        let options: Vec<_> = source.policies.iter().map(|linted| (linted.options, linted.is_told)).collect();
        *source = Source::new(Input { text: whole, ..source.input.clone() }, None)?;
        // What a policy is does not change by mending it.
        for (linted, (options, is_told)) in source.policies.iter_mut().zip(options) {
            (linted.options, linted.is_told) = (options, is_told);
        }
    }
    Ok(count)
}
