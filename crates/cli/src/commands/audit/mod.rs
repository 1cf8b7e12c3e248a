//! `bailiwick audit`: what is wrong in these accounts, how bad, and the change that ends it.

mod asked;
pub(crate) mod inputs;
mod parallel;
mod run;
mod verify;

pub(crate) use asked::{Asked, Show};

use crate::args::Form;
use crate::commands::Context;
use crate::problem::{Exit, Problem};
use audit::settings::PasswordProfile;
use base::AccountId;
use std::path::PathBuf;

const AFTER: &str = "\
PATH is a file or a folder with answers of the AWS command line, recognised by what they hold: account authorization \
details, credential report, account summary, password policy, organization, policies of resources and more; gz files \
too. What is missing is said, and a check that needs it is not assessable, which is never a pass. Nothing is sent \
anywhere.

The text shows the grade of each area (A nothing found, B low, C medium, D high, F critical), what to do first, and \
how to see the rest. Risk is what is reached × how exposed it is × what protection leaves of it; docs/audit.md tells \
how it is counted, and --show FINGERPRINT tells it of a finding.

Examples:
  aws iam get-account-authorization-details > account/details.json
  bailiwick audit account/
  bailiwick audit account/ --show key-age
  bailiwick audit account/ --format html --out report.html
  bailiwick audit account/ --format sarif > audit.sarif
  bailiwick audit account/ --format json > today.json
  bailiwick audit account/ --baseline yesterday.json --fail-on new:high
  bailiwick audit account/ --exceptions exceptions.yaml
  bailiwick audit account/ --verify-fix 0123456789abcdef0123456789abcdef

Exit codes: 0 if nothing as grave as --fail-on is found, 1 if something is, 2 if the command line or a file is wrong, \
4 if a file cannot be read or written. With --verify-fix, 0 if the change ends the finding, 1 if it does not.";

/// Tell what is wrong in accounts, how bad it is, and what to do
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The time that ages are counted to, such as 2026-11-22 [default: now]
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
    /// What counts as old, unused or ours, in YAML or JSON; docs/audit.md lists the names
    #[arg(long, value_name = "FILE", help_heading = "What is judged")]
    settings: Option<PathBuf>,
    /// What the password policy is held against: seed, cis, pci or nist [default: seed]
    #[arg(long, value_name = "PROFILE", hide_possible_values = true, help_heading = "What is judged")]
    password_profile: Option<Profile>,
    /// Run only these checks
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',', help_heading = "What is judged")]
    check: Vec<String>,
    /// Leave these checks out
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',', help_heading = "What is judged")]
    skip: Vec<String>,
    /// Only these accounts
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',', help_heading = "What is judged")]
    account: Vec<AccountId>,
    /// Exceptions that somebody answers for, in YAML
    #[arg(long, value_name = "FILE", help_heading = "What counts")]
    exceptions: Option<PathBuf>,
    /// An older report (--format json): tell what is new, fixed, unchanged
    #[arg(long, value_name = "FILE", help_heading = "What counts")]
    baseline: Option<PathBuf>,
    /// The least severity for which the exit code is 1: critical, high, medium, low, info, or never; new:high for new
    /// findings only
    #[arg(long, value_name = "SEVERITY", default_value = "high", help_heading = "What counts")]
    fail_on: String,
    /// The least severity that is told
    #[arg(long, value_name = "SEVERITY", help_heading = "What is told")]
    severity: Option<String>,
    /// Show all findings, those of a check, or one by its fingerprint; may be given several times
    #[arg(long, value_name = "WHAT", help_heading = "What is told")]
    show: Vec<String>,
    /// Tell of this standard, requirement by requirement, such as cis-7.0
    #[arg(long, value_name = "FRAMEWORK", num_args = 1.., value_delimiter = ',', help_heading = "What is told")]
    compliance: Vec<String>,
    /// Write the report into this file instead of standard output
    #[arg(long, value_name = "FILE", help_heading = "What is told")]
    out: Option<PathBuf>,
    /// Try the fix of this finding on a copy: is it gone then, and what access would be lost?
    #[arg(long, value_name = "FINGERPRINT", help_heading = "What is told")]
    verify_fix: Option<String>,
}

/// Standards for passwords, as they are named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Profile {
    Seed,
    Cis,
    Pci,
    Nist,
}

impl From<Profile> for PasswordProfile {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Seed => Self::Seed,
            Profile::Cis => Self::Cis,
            Profile::Pci => Self::Pci,
            Profile::Nist => Self::Nist,
        }
    }
}

/// Audits and reports.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    let asked = Asked::read(&args)?;
    if context.global.format == Form::Junit {
        return Err(Problem::usage("an audit is not written in JUnit's form").help("write `--format sarif`"));
    }
    match &args.verify_fix {
        Some(print) => verify::run(&print.to_ascii_lowercase(), &args, &asked, context),
        None => run::run(&args, &asked, context),
    }
}
