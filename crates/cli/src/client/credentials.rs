//! The credentials that AWS's own tools would use: the environment's, else those of the shared file's profile.
//!
//! See <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html>.

use crate::environment;
use crate::problem::Problem;
use base::SecretString;

/// What a request is signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    pub(super) key: String,
    pub(super) secret: SecretString,
    pub(super) token: Option<SecretString>,
}

impl Credentials {
    /// Looks in the environment, then in the file.
    pub(super) fn find() -> Result<Self, Problem> {
        if let Some((key, secret, token)) = environment::aws_keys() {
            return Ok(Self { key, secret, token: token.map(SecretString::new) });
        }
        let (file, profile) = environment::aws_profile();
        let text = file.and_then(|file| std::fs::read_to_string(file).ok());
        text.and_then(|text| in_file(&text, &profile)).ok_or_else(|| {
            Problem::usage("there are no credentials to call the server with").help(
                "sign in with eval \"$(bailiwick login)\", or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            )
        })
    }
}

pub(super) fn in_file(text: &str, profile: &str) -> Option<Credentials> {
    let (mut key, mut secret, mut token, mut within) = (None, None, None, false);
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            within = name.trim() == profile;
        } else if let Some((name, value)) = line.split_once('=').filter(|_| within) {
            let value = value.trim().to_owned();
            match name.trim() {
                "aws_access_key_id" => key = Some(value),
                "aws_secret_access_key" => secret = Some(SecretString::new(value)),
                "aws_session_token" => token = Some(SecretString::new(value)),
                _ => {}
            }
        }
    }
    Some(Credentials { key: key?, secret: secret?, token })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_told_apart() {
        let text = "# c\n[default]\naws_access_key_id = A\naws_secret_access_key=S=\n\n[ two ]\naws_access_key_id=B\n\
                    aws_secret_access_key = T\naws_session_token = U\nregion = x\n";
        let default = in_file(text, "default").unwrap();
        assert_eq!((default.key.as_str(), default.secret.expose()), ("A", "S="));
        assert_eq!(default.token, None);
        let two = in_file(text, "two").unwrap();
        assert_eq!((two.key.as_str(), two.token), ("B", Some(SecretString::new("U"))));
        assert_eq!(in_file(text, "three"), None);
        assert_eq!(in_file("[default]\naws_access_key_id = A\n", "default"), None);
    }
}
