//! The command line as a whole.

use crate::commands;
use crate::output::Format;
use clap::builder::Styles;
use clap::builder::styling::AnsiColor;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const AFTER: &str = "\
Examples:
  bailiwick serve                                start a server for this machine
  eval \"$(bailiwick login)\"                      be its administrator in this shell
  aws sts get-caller-identity                    call it with AWS's own command line
  bailiwick trail --follow                       watch who does what
  bailiwick import authorization-details.json    load the export of a real account
  bailiwick explain user/alice s3:GetObject ARN  may she, and why
  bailiwick audit account/                       tell what is wrong in an account, worst first
  bailiwick lint policies/                       find what is wrong with policies

Exit codes:
  0  done; where the command decides, the answer is yes
  1  the command decides, and the answer is no
  2  the command line or a file given to it is wrong
  3  the server refused; of a question about policies: neither yes nor no could be shown
  4  no server answered, or a file or socket could not be used

See `bailiwick COMMAND --help` for what a command does, with examples.";

/// Identity and access management that does what AWS IAM does, on your own machine.
///
/// `bailiwick serve` answers AWS's IAM and STS APIs: unmodified clients (the `aws` command line, boto3, Terraform)
/// create users, groups, roles and policies, assume roles, and are allowed and denied as the policies say.
/// The other commands are its clients.
#[derive(Debug, Parser)]
#[command(name = "bailiwick", version, styles = STYLES, after_help = AFTER, max_term_width = 100)]
#[command(propagate_version = false, disable_help_subcommand = false, subcommand_required = true)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The form of results, as it is named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Form {
    /// For people
    Text,
    /// For programs
    Json,
    /// For code-scanning services; `audit`, `lint` and the questions about policies
    Sarif,
    /// A page to read and to hand on; `audit` only
    Html,
    /// For spreadsheets; `audit` only
    Csv,
    /// For SIEMs, as the Open Cybersecurity Schema Framework has it; `audit` only
    Ocsf,
    /// For continuous integration; `test` only
    Junit,
}

impl From<Form> for Format {
    fn from(form: Form) -> Self {
        match form {
            Form::Text | Form::Html | Form::Csv => Self::Text,
            Form::Json | Form::Sarif | Form::Junit | Form::Ocsf => Self::Json,
        }
    }
}

/// What every command understands.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The form of results: for people or for programs
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text", hide_possible_values = true)]
    pub(crate) format: Form,
    /// The server's data directory [default: $BAILIWICK_DATA, else ~/.local/share/bailiwick]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Call the server at this address, signed with the AWS credentials of the environment, instead of over the
    /// local socket [default: the local server, else $AWS_ENDPOINT_URL]
    #[arg(long, global = true, value_name = "URL", env = "BAILIWICK_ENDPOINT", hide_env = true)]
    pub(crate) endpoint: Option<String>,
    /// Certificates to trust for https, in PEM [default: the system's]
    #[arg(long, global = true, value_name = "FILE", env = "AWS_CA_BUNDLE", hide_env = true)]
    pub(crate) ca_bundle: Option<PathBuf>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Answer AWS's IAM and STS APIs
    Serve(commands::serve::Args),
    /// Print a short session of an administrator as shell variables
    Login(commands::login::Args),
    /// Make and list accounts
    Account(commands::account::Args),
    /// Load the export of a real account into a new account
    Import(commands::import::Args),
    /// Tell whether a principal may do something, and why
    Explain(commands::explain::Args),
    /// Tell what is wrong in accounts, how bad it is, and what to do
    Audit(commands::audit::Args),
    /// Collect what an audit needs from an account or a server
    Snapshot(commands::snapshot::Args),
    /// Tell who of all principals can do something, and under which conditions
    WhoCan(commands::who_can::Args),
    /// Tell what a principal can do, by itself and by whom it can become
    Can(commands::can::Args),
    /// Tell who can become an administrator or somebody else, and how
    Paths(commands::paths::Args),
    /// Tell what one version of policies allows that the other does not
    Compare(commands::compare::Args),
    /// Tell whether policies grant any of these accesses
    Grants(commands::grants::Args),
    /// Tell whether policies of resources let in anybody
    Public(commands::public::Args),
    /// Tell whether two policies allow the same request
    Overlap(commands::overlap::Args),
    /// Tell which parts of policies change nothing
    Redundant(commands::redundant::Args),
    /// Print a policy without what changes nothing
    Minimize(commands::minimize::Args),
    /// Answer exact questions about policies, one JSON object a line
    Ask(commands::ask::Args),
    /// Decide questions that bring their policies along, one JSON object a line
    Decide(commands::decide::Args),
    /// Check signatures of requests, one JSON object a line
    Verify(commands::verify::Args),
    /// Hold expected decisions against policies, exports or a server
    Test(commands::test::Args),
    /// Tell what is wrong with policies, and mend it
    Lint(commands::lint::Args),
    /// Show who did what
    Trail(commands::trail::Args),
    /// Make access keys for users, such as imported ones
    Keys(commands::keys::Args),
    /// Show or set what an account demands of passwords
    PasswordPolicy(commands::password_policy::Args),
    /// Print a script that completes commands in a shell
    Completions(commands::completions::Args),
}
