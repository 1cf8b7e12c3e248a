//! The only place that reads the environment.
#![expect(clippy::disallowed_methods, reason = "the command line is what reads the environment")]

use base::SecretString;
use std::env;
use std::path::PathBuf;

/// A variable that is set to something.
fn text(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}

fn path(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Whether colours are welcome: see <https://no-color.org>.
pub(crate) fn colours() -> bool {
    env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && text("TERM").is_none_or(|term| term != "dumb")
}

/// The data directory that the environment names, else the one of the user.
pub(crate) fn data_directory() -> Option<PathBuf> {
    if let Some(named) = path("BAILIWICK_DATA") {
        return Some(named);
    }
    let share = path("XDG_DATA_HOME").filter(|path| path.is_absolute());
    share
        .or_else(|| env::home_dir().map(|home| home.join(".local/share")))
        .map(|share| share.join("bailiwick"))
}

/// Where passing files go.
pub(crate) fn scratch() -> PathBuf {
    env::temp_dir()
}

/// The sealing key in base64, for machines that keep secrets in the environment.
pub(crate) fn sealing_key() -> Option<SecretString> {
    text("BAILIWICK_KEY").map(SecretString::new)
}

/// The key pair of the administrator of `serve --dev`.
pub(crate) fn dev_keys() -> (Option<String>, Option<SecretString>) {
    (text("BAILIWICK_DEV_ACCESS_KEY_ID"), text("BAILIWICK_DEV_SECRET_ACCESS_KEY").map(SecretString::new))
}

/// What to log, as in `debug` or `bailiwick_server=debug`.
pub(crate) fn log_filter() -> Option<String> {
    text("BAILIWICK_LOG")
}

/// The endpoint that AWS's own tools use.
pub(crate) fn aws_endpoint() -> Option<String> {
    text("AWS_ENDPOINT_URL")
}

/// The region that AWS's own tools use.
pub(crate) fn aws_region() -> Option<String> {
    text("AWS_REGION").or_else(|| text("AWS_DEFAULT_REGION"))
}

/// Access key id, secret access key and session token, if both of the first are set.
pub(crate) fn aws_keys() -> Option<(String, SecretString, Option<String>)> {
    let (id, secret) = (text("AWS_ACCESS_KEY_ID")?, text("AWS_SECRET_ACCESS_KEY")?);
    Some((id, SecretString::new(secret), text("AWS_SESSION_TOKEN")))
}

/// The file of shared credentials and the profile in it.
pub(crate) fn aws_profile() -> (Option<PathBuf>, String) {
    let file = path("AWS_SHARED_CREDENTIALS_FILE")
        .or_else(|| env::home_dir().map(|home| home.join(".aws").join("credentials")));
    (file, text("AWS_PROFILE").unwrap_or_else(|| "default".to_owned()))
}

/// The file of profiles that AWS's own tools read.
pub(crate) fn aws_config() -> Option<PathBuf> {
    path("AWS_CONFIG_FILE").or_else(|| env::home_dir().map(|home| home.join(".aws").join("config")))
}

/// Variables that would lead AWS's own tools past `AWS_ENDPOINT_URL` to another place, the real AWS among them.
pub(crate) fn endpoint_overrides() -> Vec<String> {
    let leads_away = |name: &String| {
        name.starts_with("AWS_ENDPOINT_URL_") || name == "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
    };
    let mut names: Vec<_> =
        env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(leads_away).collect();
    names.sort();
    names
}

/// The program of this name that a shell would run.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| file.is_file())
}
