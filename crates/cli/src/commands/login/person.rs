//! Signing in as a user: password, and a code of an MFA device.

use super::{Args, Session};
use crate::client::Stranger;
use crate::commands::Context;
use crate::problem::Problem;
use crate::prompt;
use base::SecretString;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Input<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    user_name: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mfa_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_seconds: Option<u64>,
}

/// What the server says: a session, or what it still wants.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    SignedIn {
        #[serde(flatten)]
        session: Session,
        #[serde(flatten)]
        password: Password,
    },
    #[serde(rename_all = "PascalCase")]
    MfaRequired { devices: Vec<Device> },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Password {
    #[serde(default)]
    password_reset_required: bool,
    #[serde(default)]
    password_expiration: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Device {
    is_security_key: bool,
}

/// Signs in, and gives the server's address with the session.
pub(super) fn sign_in(user: &str, args: &Args, context: &Context<'_>) -> Result<(Session, String), Problem> {
    let server = Stranger::open(&context.target()?)?;
    let password = prompt::password("Password")?;
    let given = args.mfa_code.clone().map(SecretString::new);
    let ask = |code: Option<&SecretString>| -> Result<Answer, Problem> {
        server.call(
            "SignIn",
            &Input {
                account: args.account.as_deref(),
                user_name: user,
                password: password.expose(),
                mfa_code: code.map(SecretString::expose),
                duration_seconds: args.duration,
            },
        )
    };
    let answer = match ask(given.as_ref())? {
        Answer::MfaRequired { devices } => ask(Some(&code(&devices)?))?,
        signed_in => signed_in,
    };
    match answer {
        Answer::SignedIn { session, password } => {
            tell(&password, context);
            let endpoint = server.endpoint()?;
            Ok((session, endpoint))
        }
        Answer::MfaRequired { .. } => Err(Problem::unavailable("the server asks for the code once more")),
    }
}

fn code(devices: &[Device]) -> Result<SecretString, Problem> {
    if devices.iter().all(|device| device.is_security_key) {
        return Err(Problem::usage("the user has security keys alone, which need a browser")
            .help("enable a virtual MFA device for signing in on the command line"));
    }
    prompt::code("MFA code")
}

fn tell(password: &Password, context: &Context<'_>) {
    if password.password_reset_required {
        context.output.note(
            "note: the password must be changed before anything else: aws iam change-password --old-password OLD \
             --new-password NEW, and then sign in again",
        );
    } else if let Some(expiration) = &password.password_expiration {
        context.output.note(&format!("note: the password expires at {expiration}"));
    }
}
