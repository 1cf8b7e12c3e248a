//! Profiles of AWS's own tools: keys, a program that gives keys, or a role to assume with another profile.
//!
//! See <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html>.

use super::credentials::{Credentials, in_file};
use crate::environment;
use crate::problem::{Problem, plain};
use base::SecretString;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::process::Command;

/// How a profile gets its credentials.
#[derive(Debug)]
pub(super) enum Way {
    /// They are there.
    Keys(Credentials),
    /// This role is assumed with them.
    Role { with: Credentials, role: String, external_id: Option<String>, session: String },
}

/// A profile of the files `credentials` and `config`.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) way: Way,
    pub(super) region: Option<String>,
}

impl Profile {
    /// Reads a profile by its name.
    pub(super) fn find(name: &str) -> Result<Self, Problem> {
        let (file, _) = environment::aws_profile();
        let keys = file.and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
        let config =
            environment::aws_config().and_then(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
        let region = settings(&config, name).remove("region");
        Ok(Self { way: way(&keys, &config, name, 0)?, region })
    }
}

/// How often a profile may lead to another one.
const FARTHEST: usize = 4;

fn way(keys: &str, config: &str, name: &str, depth: usize) -> Result<Way, Problem> {
    let mut found = settings(config, name);
    if let (Some(role), Some(source)) = (found.remove("role_arn"), found.remove("source_profile")) {
        if depth == FARTHEST {
            return Err(Problem::usage(format!("the profile `{name}` leads in a circle")));
        }
        // A profile may name itself as source of its keys.
        let with = match source == name {
            true => in_file(keys, name).ok_or_else(|| nothing(name))?,
            false => match way(keys, config, &source, depth + 1)? {
                Way::Keys(with) => with,
                Way::Role { .. } => {
                    return Err(Problem::usage(format!(
                        "the profile `{name}` assumes a role by another role"
                    ))
                    .help("assume the first one yourself, and set its keys in the environment"));
                }
            },
        };
        let session = found.remove("role_session_name").unwrap_or_else(|| "bailiwick".to_owned());
        return Ok(Way::Role { with, role, external_id: found.remove("external_id"), session });
    }
    if let Some(program) = found.remove("credential_process") {
        return run(name, &program).map(Way::Keys);
    }
    let in_config = || in_file(&config.replace("[profile ", "["), name);
    in_file(keys, name).or_else(in_config).map(Way::Keys).ok_or_else(|| nothing(name))
}

fn nothing(name: &str) -> Problem {
    Problem::usage(format!("the profile `{name}` has no keys, no role and no program that gives keys"))
        .help("see `aws configure list-profiles`; for single sign-on, `eval \"$(aws configure export-credentials --profile NAME --format env)\"`")
}

/// The settings of a profile in the file `config`.
fn settings(config: &str, name: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut within = false;
    for line in config.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let section = section.trim();
            within = section.strip_prefix("profile ").map(str::trim).unwrap_or(section) == name;
        } else if let Some((key, value)) = line.split_once('=').filter(|_| within) {
            found.insert(key.trim().to_owned(), value.trim().to_owned());
        }
    }
    found
}

/// Runs a program that gives keys.
/// See <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>.
fn run(name: &str, program: &str) -> Result<Credentials, Problem> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Given {
        access_key_id: String,
        secret_access_key: String,
        session_token: Option<String>,
    }
    let failed =
        |why: String| Problem::unavailable(format!("the program of profile `{name}` gives no keys: {why}"));
    let ran = Command::new("sh").arg("-c").arg(program).output().map_err(|error| failed(plain(&error)))?;
    if !ran.status.success() {
        return Err(failed(format!("it ends with {}", ran.status)));
    }
    let given: Given = serde_json::from_slice(&ran.stdout)
        .map_err(|_| failed("its answer is not what it should be".into()))?;
    Ok(Credentials {
        key: given.access_key_id,
        secret: SecretString::new(given.secret_access_key),
        token: given.session_token.map(SecretString::new),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_lead_to_keys_and_roles() {
        let keys = "[base]\naws_access_key_id = A\naws_secret_access_key = S\n";
        let config = "[profile base]\nregion = eu-west-1\n[profile audit]\nrole_arn = arn:aws:iam::123456789012:role/Audit\n\
                      source_profile = base\nexternal_id = x\n[profile loop]\nrole_arn = r\nsource_profile = loop2\n\
                      [profile loop2]\nrole_arn = r\nsource_profile = loop\n\
                      [profile made]\ncredential_process = echo '{\"Version\":1,\"AccessKeyId\":\"P\",\"SecretAccessKey\":\"Q\"}'\n";
        assert_eq!(settings(config, "base")["region"], "eu-west-1");
        assert!(matches!(way(keys, config, "base", 0), Ok(Way::Keys(found)) if found.key == "A"));
        match way(keys, config, "audit", 0).unwrap() {
            Way::Role { with, role, external_id, session } => {
                assert_eq!((with.key.as_str(), external_id.as_deref()), ("A", Some("x")));
                assert!(role.ends_with("Audit") && session == "bailiwick");
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(way(keys, config, "made", 0), Ok(Way::Keys(found)) if found.key == "P"));
        assert!(way(keys, config, "loop", 0).is_err() && way(keys, config, "none", 0).is_err());
    }
}
