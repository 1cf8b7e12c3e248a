//! `bailiwick snapshot`: collects what an audit needs from an account, or from a server.

mod account;
mod organization;
mod permissions;
mod resources;
mod sign_on;
mod store;
mod tree;
mod workloads;

use crate::client::{Aws, Failure, Reached};
use crate::commands::Context;
use crate::problem::{Exit, Problem};
use base::AccountId;
use std::path::PathBuf;
use store::Store;

const AFTER: &str = "\
What is collected is what `bailiwick audit` reads: users, groups, roles and policies, the credential report, the \
account's settings, its organization, IAM Identity Center, analyzers, policies of resources and what runs as which \
role. Nothing is changed. What is denied, or not built by a server, is recorded: the audit says that it cannot be \
judged. A snapshot that was broken off goes on where it stopped when the command is run again.

Credentials come from the environment or from a profile (keys, credential_process, role_arn with source_profile). \
--print-policy prints the smallest policy that is needed.

Examples:
  bailiwick snapshot --profile audit --out account
  bailiwick snapshot --profile audit --out account --all-regions --last-accessed
  bailiwick snapshot --print-policy > snapshot-policy.json
  eval \"$(bailiwick login)\"; bailiwick snapshot --out here     the server of this machine
  bailiwick audit account";

/// Collect what an audit needs from an account or a server
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// The folder that gets the files; it is made if it is missing
    #[arg(long, value_name = "DIR", required_unless_present = "print_policy")]
    out: Option<PathBuf>,
    /// A profile of the AWS command line
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// A region whose resources are collected; may be given several times [default: the profile's]
    #[arg(long, value_name = "NAME")]
    region: Vec<String>,
    /// Collect the resources of all regions that the account has enabled
    #[arg(long, conflicts_with = "region")]
    all_regions: bool,
    /// Also collect when each user and role last used each service, which takes a second or two for each
    #[arg(long)]
    last_accessed: bool,
    /// Leave out policies of resources and what runs as which role
    #[arg(long)]
    no_resources: bool,
    /// Print the smallest policy that this needs, and collect nothing
    #[arg(long)]
    print_policy: bool,
}

/// Collects.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let (Some(out), false) = (&args.out, args.print_policy) else {
        context.output.text(&permissions::policy(!args.no_resources, args.last_accessed))?;
        return Ok(Exit::Ok);
    };
    let reached = Reached {
        profile: args.profile.as_deref(),
        endpoint: context.global.endpoint.as_deref(),
        region: args.region.first().map(String::as_str),
        ca_bundle: context.global.ca_bundle.as_deref(),
    };
    let aws = Aws::reach(&reached)?;
    let account = whoami(&aws)?;
    let mut store = Store::open(out, account, aws.partition())?;
    account::collect(&aws, &mut store, args.last_accessed)?;
    organization::collect(&aws, &mut store)?;
    sign_on::collect(&aws, &mut store)?;
    if !args.no_resources {
        let regions = regions(&aws, &args, &mut store);
        resources::account_wide(&aws, &mut store)?;
        for region in &regions {
            resources::collect(&aws, region, &mut store)?;
            workloads::collect(&aws, region, &mut store)?;
        }
    }
    let finished = store.finish()?;
    let text = match context.output.format() {
        crate::output::Format::Json => return context.output.json(&finished).map(|()| Exit::Ok),
        crate::output::Format::Text => finished.text(out),
    };
    context.output.text(&text)?;
    Ok(Exit::Ok)
}

/// The account of the credentials; without it nothing else would answer.
fn whoami(aws: &Aws) -> Result<AccountId, Problem> {
    let root = aws.query("sts", "2011-06-15", "GetCallerIdentity", &[], None).map_err(|failure| {
        let problem = match &failure {
            Failure::Refused { code, message } => {
                Problem::refused(code.clone(), format!("the credentials are not accepted: {code}: {message}"))
            }
            Failure::Silent(why) => Problem::unavailable(format!("sts does not answer: {why}")),
        };
        problem.help("check --profile, --region and --endpoint; does `aws sts get-caller-identity` work?")
    })?;
    let found = root.child("GetCallerIdentityResult").and_then(|result| result.text_of("Account"));
    found.and_then(|id| AccountId::parse(id.trim()).ok()).ok_or_else(|| {
        Problem::unavailable("the answer of sts has no account")
            .help("is this the address of AWS, or of a server?")
    })
}

/// The regions whose resources are collected.
fn regions(aws: &Aws, args: &Args, store: &mut Store) -> Vec<String> {
    if !args.all_regions {
        return match args.region.as_slice() {
            [] => vec![aws.region.clone()],
            named => named.to_vec(),
        };
    }
    let asked = aws.query("ec2", "2016-11-15", "DescribeRegions", &[], None);
    let named = |root: wire::xml::Element| -> Vec<String> {
        let list = root.child("regionInfo").map(|list| list.children.clone()).unwrap_or_default();
        list.iter().filter_map(|item| item.text_of("regionName")).map(str::to_owned).collect()
    };
    match asked {
        Ok(root) => named(root),
        Err(failure) => {
            store.missing("resources", "DescribeRegions", &failure);
            vec![aws.region.clone()]
        }
    }
}
