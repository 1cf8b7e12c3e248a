//! `bailiwick login`: a session as lines for a shell. The owner of the server gets one over the local socket, a user by
//! name and password.

mod aws;
mod person;
mod shell;

use crate::client::Local;
use crate::commands::Context;
use crate::output::Format;
use crate::problem::{Exit, Problem};
use base::{AccountId, Partition};
use serde::{Deserialize, Serialize};
use shell::Shell;

/// The region of IAM in the partition `aws`.
const REGION: &str = "us-east-1";

const AFTER: &str = "\
Without `--user`, only the user who runs the server can do this, and only on the same machine: the server is asked \
over a socket in its data directory that nobody else may open. The session is that of a role and lasts an hour unless \
said otherwise; there is no long-term key to lose.

With `--user`, anybody signs in as a user of an account, from anywhere: the password is asked for, and a code if the \
user has an MFA device. The session is the user's own and lasts twelve hours unless said otherwise.

Examples:
  eval \"$(bailiwick login)\"                            administrator of the first account
  eval \"$(bailiwick login --account 123456789012)\"     of another account
  bailiwick login --shell fish | source
  bailiwick login --shell powershell | Out-String | Invoke-Expression
  bailiwick login --role Auditor --duration 4h
  eval \"$(bailiwick login --user alice --account acme --endpoint https://iam.example.com)\"

In ~/.aws/config, so that sessions are renewed by themselves:
  [profile local]
  region = us-east-1
  endpoint_url = http://127.0.0.1:7373
  credential_process = bailiwick login --credential-process

AWS's command line heeds AWS_ENDPOINT_URL since 2.13 and 1.29. An older one would call the real AWS: where one \
is installed, the lines also define a function `aws` that names the endpoint.";

/// Print a short session of an administrator, or of a user, as shell variables.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// The account: its id, or with `--user` its alias [default: the first one]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The role of the account
    #[arg(long, value_name = "NAME", default_value = "Administrator", conflicts_with = "user")]
    role: String,
    /// Sign in as this user, with a password
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// The code of the user's MFA device, to be asked for if it is not given
    #[arg(long, value_name = "CODE", requires = "user")]
    mfa_code: Option<String>,
    /// How long the session lasts, 15m up to the role's longest, as in 900, 15m, 4h
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    duration: Option<u64>,
    /// The shell that reads the lines
    #[arg(long, value_enum, value_name = "SHELL", default_value = "sh")]
    shell: Shell,
    /// Print JSON for `credential_process` in ~/.aws/config instead
    #[arg(long, conflicts_with = "shell")]
    credential_process: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<AccountId>,
    role_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<u64>,
}

/// What the server hands out.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Session {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
    account_id: AccountId,
    arn: String,
}

/// Signs in and prints the session.
pub(crate) fn run(args: Args, context: &Context<'_>) -> Result<Exit, Problem> {
    if let Some(user) = &args.user {
        let (session, endpoint) = person::sign_in(user, &args, context)?;
        return show(&session, &endpoint, &args, context);
    }
    if context.global.endpoint.is_some() && context.global.data.is_none() {
        context.output.note("note: login goes over the local socket; `--endpoint` is not used");
    }
    let local = Local::open(&context.data()?)?;
    let account = args.account.as_deref().map(AccountId::parse).transpose();
    let account = account.map_err(|error| Problem::usage(error.to_string()))?;
    let input = Input { account, role_name: &args.role, duration_seconds: args.duration };
    let session: Session = local.call("Login", &input)?;
    show(&session, &local.endpoint()?, &args, context)
}

/// Prints the session in the form that was asked for.
fn show(session: &Session, endpoint: &str, args: &Args, context: &Context<'_>) -> Result<Exit, Problem> {
    if args.credential_process {
        context.output.json(&for_process(session))?;
        return Ok(Exit::Ok);
    }
    if context.output.format() == Format::Json {
        context.output.json(&serde_json::json!({ "Endpoint": endpoint, "Session": session }))?;
        return Ok(Exit::Ok);
    }
    context.output.text(&lines(session, endpoint, args.shell))?;
    warn(context, args.shell);
    Ok(Exit::Ok)
}

/// The form that `credential_process` wants:
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>.
fn for_process(session: &Session) -> serde_json::Value {
    serde_json::json!({
        "Version": 1,
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": session.expiration,
    })
}

fn lines(session: &Session, endpoint: &str, shell: Shell) -> String {
    let mut variables = vec![
        ("AWS_ACCESS_KEY_ID", session.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", session.secret_access_key.as_str()),
        ("AWS_SESSION_TOKEN", session.session_token.as_str()),
        ("AWS_ENDPOINT_URL", endpoint),
    ];
    let region = crate::environment::aws_region();
    let stays = region.as_deref().is_some_and(is_global);
    if !stays {
        variables.extend([("AWS_REGION", REGION), ("AWS_DEFAULT_REGION", REGION)]);
    }
    let mut text: String = variables.iter().map(|(name, value)| shell.set(name, value)).collect();
    if let Some(why) = aws::ignores_the_endpoint() {
        text.push_str(&shell.wrap_aws());
        text.push_str(&shell.comment(&why));
    }
    if let Some(region) = region.filter(|_| !stays) {
        text.push_str(
            &shell.comment(&format!(
                "the region was {region}; IAM, as a global service, is called in {REGION}"
            )),
        );
    }
    text.push_str(&shell.comment(&format!("{} until {}", session.arn, session.expiration)));
    text
}

/// Whether IAM is called in this region. Clients that are told an endpoint sign for the region that is set, and for
/// IAM that must be the one in which its partition has the global services.
fn is_global(region: &str) -> bool {
    Partition::of_region(region).is_some_and(|partition| partition.facts().global_region == region)
}

fn warn(context: &Context<'_>, shell: Shell) {
    let overrides = crate::environment::endpoint_overrides();
    if !overrides.is_empty() {
        context.output.note(&format!(
            "warning: {} leads AWS's tools past AWS_ENDPOINT_URL, perhaps to the real AWS; unset it",
            overrides.join(", ")
        ));
    }
    if context.output.is_terminal() && shell == Shell::Sh {
        context
            .output
            .note("note: these lines are for your shell; let it read them with eval \"$(bailiwick login)\"");
    }
}

fn seconds(text: &str) -> Result<u64, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let factor = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("a time looks like 900, 15m or 4h".into()),
    };
    let number: u64 = number.parse().map_err(|_| "a time looks like 900, 15m or 4h".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "no session lasts that long".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, expected) in [("900", 900), ("900s", 900), ("15m", 900), ("4h", 14_400)] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for bad in ["", "h", "4d", "-1", "1.5h", "99999999999999999999h", "9999999999999999999h"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
