//! `bailiwick public`: do policies of resources let in anybody?

use super::questions::{Asked, Finding, ModeArgs, Report, Sources, What};
use crate::commands::Context;
use crate::problem::{Exit, Problem};
use crate::render::questions::request;
use analysis::{Access, no_new_access};
use audit::ask::public_scope;
use audit::sources::FoundPolicy;
use policy::DocumentKind;
use policy::validate::ResourceKind;

const PUBLIC: What = What {
    code: "PUBLIC_ACCESS",
    key: "PublicAccess",
    some: "public",
    none: "not public",
    summary: "a policy of a resource lets in anybody",
    denied: "",
};

const AFTER: &str = "\
A policy is public if it lets in somebody of an account that it does not name, over a network, from a source and out of \
an organization that none of its conditions fixes. Of each policy it is proved that it is not, or such a request is shown. \
Of folders, plans and templates, only policies of resources, trust policies and endpoint policies are asked about.

Examples:
  bailiwick public bucket-policy.json --type AWS::S3::Bucket
  bailiwick public trust.json --type AWS::IAM::AssumeRolePolicyDocument
  aws sqs get-queue-attributes --queue-url URL --attribute-names Policy | bailiwick public -
  terraform show -json plan.tfplan | bailiwick public - --format sarif > public.sarif

Exit codes: 0 if none is public, 1 if one is, 2 if the command line or a policy is wrong, 3 if neither could be shown, \
4 if a file cannot be read.";

/// Tell whether policies of resources let in anybody.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Files, folders and git's REVISION:PATH; `-` reads standard input
    #[arg(required = true, value_name = "POLICY")]
    files: Vec<String>,
    /// The type of the resource whose policies they are, as CloudFormation calls it [default: told by what they say]
    #[arg(long = "type", alias = "resource-type", value_name = "AWS::…", value_parser = resource_type)]
    resource_type: Option<String>,
    #[command(flatten)]
    mode: ModeArgs,
}

fn resource_type(text: &str) -> Result<String, String> {
    match text.split("::").filter(|part| !part.is_empty()).count() {
        3 => Ok(text.to_owned()),
        _ => Err("a type of resources looks like AWS::S3::Bucket".to_owned()),
    }
}

/// Asks of every policy that may let in somebody.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let sources = Sources::read(&args.files)?;
    let mut report = Report { notes: sources.notes(), ..Report::default() };
    let is_one = sources.policies().count() == 1;
    for found in sources.policies() {
        // Identity policies let in nobody; a single one was meant for what it does not look like.
        let Some(kind) = kind(&args, found).or(is_one.then_some(DocumentKind::Resource)) else { continue };
        let asked = Asked::read(found, Some(kind))?;
        let resource_type = args.resource_type.as_deref().or(found.resource_type);
        let options = args.mode.options();
        let scope = public_scope(resource_type, options.mode);
        let verdict = no_new_access(&asked.read.access(), &Access::nothing(), &scope, options);
        let finding = Finding::new(
            &PUBLIC,
            verdict,
            asked.read.loss.iter().cloned().collect(),
            |witness| format!("it lets {}", request(witness)),
            |found| sources.statements(&asked, &found.blamed),
        );
        report.answers.push(asked.answers(vec![finding]));
    }
    report.finish(context)
}

/// What the policy is, if it is one that names principals.
fn kind(args: &Args, found: &FoundPolicy) -> Option<DocumentKind> {
    if let Some(told) = &args.resource_type {
        return Some(if told == ResourceKind::IamRole.as_str() {
            DocumentKind::Trust
        } else {
            DocumentKind::Resource
        });
    }
    let names_principals =
        matches!(found.kind, DocumentKind::Resource | DocumentKind::Trust | DocumentKind::Endpoint);
    names_principals.then_some(found.kind)
}
