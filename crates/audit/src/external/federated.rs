//! Identity providers that others use, too: whoever has an account there gets a token of theirs.
//!
//! The subject tells whose token it is, so a trust policy must fix it.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_secure-by-default.html>.

use analysis::KeyValue;
use policy::{Document, Effect};
use std::collections::BTreeSet;

/// An issuer of tokens that anybody can get.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Issuer {
    /// Its host, and how its condition keys begin.
    pub(super) host: &'static str,
    pub(super) name: &'static str,
    /// Which claim tells whose token it is.
    claim: &'static str,
    /// How a stranger's claim looks; `{}` stands for the stranger's name.
    strange: &'static str,
}

/// Issuers that are shared. A provider of a customer's own (EKS, a company's directory) is not among them.
const SHARED: &[Issuer] = &[
    shared("token.actions.githubusercontent.com", "GitHub Actions", "sub", "repo:{}/{}:ref:refs/heads/main"),
    shared(
        "vstoken.actions.githubusercontent.com",
        "GitHub Actions",
        "sub",
        "repo:{}/{}:ref:refs/heads/main",
    ),
    shared("gitlab.com", "GitLab", "sub", "project_path:{}/{}:ref_type:branch:ref:main"),
    shared(
        "app.terraform.io",
        "HCP Terraform",
        "sub",
        "organization:{}:project:{}:workspace:{}:run_phase:apply",
    ),
    shared(
        "agent.buildkite.com",
        "Buildkite",
        "sub",
        "organization:{}:pipeline:{}:ref:refs/heads/main:commit:0:step:{}",
    ),
    shared("accounts.google.com", "Google", "aud", "{}.apps.googleusercontent.com"),
    shared("cognito-identity.amazonaws.com", "Amazon Cognito", "aud", "us-east-1:{}"),
    shared("graph.facebook.com", "Facebook", "app_id", "{}"),
    shared("www.amazon.com", "Login with Amazon", "app_id", "{}"),
    shared("oidc.vercel.com", "Vercel", "sub", "owner:{}:project:{}:environment:production"),
    shared("api.pulumi.com/oidc", "Pulumi", "sub", "pulumi:deploy:org:{}:project:{}:stack:{}"),
    shared("login.microsoftonline.com", "Microsoft Entra", "sub", "{}"),
    shared("auth.docker.io", "Docker", "sub", "{}"),
    shared("app.harness.io", "Harness", "sub", "account/{}:org/{}:project/{}"),
    shared("cloud.scalr.io", "Scalr", "sub", "account:{}:environment:{}:workspace:{}"),
];

const fn shared(
    host: &'static str,
    name: &'static str,
    claim: &'static str,
    strange: &'static str,
) -> Issuer {
    Issuer { host, name, claim, strange }
}

/// The stranger.
const STRANGER: &str = "somebody-else";

/// The shared issuer that a provider of a trust policy is of: an ARN or a host.
pub(super) fn issuer_of(provider: &str) -> Option<&'static Issuer> {
    let host = provider.rsplit_once(":oidc-provider/").map_or(provider, |(_, host)| host);
    SHARED.iter().find(|issuer| {
        host == issuer.host || host.strip_prefix(issuer.host).is_some_and(|rest| rest.starts_with('/'))
    })
}

/// What the tokens of strangers say: of the claim that tells whose they are a stranger's value, also such as fit the
/// wildcards of the policy where a stranger may choose them; of other claims that the policy asks for a stranger's too,
/// but for the audience, which anybody can choose.
pub(super) fn foreign_tokens(issuer: &Issuer, document: &Document) -> Vec<Vec<(String, KeyValue)>> {
    let claims = claims(issuer, document);
    let own = format!("{}:{}", issuer.host, issuer.claim);
    let strange = issuer.strange.replace("{}", STRANGER);
    let mut values = vec![strange];
    for (claim, pattern) in &claims {
        if claim == issuer.claim {
            values.extend(chosen(issuer, pattern));
        }
    }
    let others: BTreeSet<&String> = claims
        .iter()
        .map(|(claim, _)| claim)
        .filter(|claim| *claim != issuer.claim && *claim != "aud")
        .collect();
    let token = |value: String| {
        let others = others
            .iter()
            .map(|claim| (format!("{}:{claim}", issuer.host), KeyValue::One(STRANGER.to_owned())));
        std::iter::once((own.clone(), KeyValue::One(value))).chain(others).collect()
    };
    values.into_iter().map(token).collect()
}

/// The claims of the issuer that conditions of allowing statements ask for, with the values.
fn claims(issuer: &Issuer, document: &Document) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for statement in document.statements().iter().filter(|statement| statement.effect == Effect::Allow) {
        for condition in &statement.conditions {
            let key = condition.key.value.to_ascii_lowercase();
            let Some(claim) = key.strip_prefix(issuer.host).and_then(|rest| rest.strip_prefix(':')) else {
                continue;
            };
            found.extend(condition.values.iter().map(|value| (claim.to_owned(), value.value.to_string())));
        }
    }
    found
}

/// A stranger's value that fits a pattern, if a wildcard stands where a stranger's own name does: in the first part of
/// `repo:NAME/…`. Who owns `acme` is fixed by `repo:acme/*`, not by `repo:acme*`.
fn chosen(issuer: &Issuer, pattern: &str) -> Option<String> {
    let (before, after) = issuer.strange.split_once("{}")?;
    let ends_name = after.chars().next();
    let own = pattern.strip_prefix(before).or_else(|| pattern.starts_with(['*', '?']).then_some(pattern))?;
    let name = ends_name.and_then(|end| own.split(end).next()).unwrap_or(own);
    name.contains(['*', '?']).then(|| pattern.replace('*', STRANGER).replace('?', "x"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_issuers_are_known_by_host() {
        let arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
        assert_eq!(issuer_of(arn).unwrap().name, "GitHub Actions");
        assert_eq!(issuer_of("cognito-identity.amazonaws.com").unwrap().claim, "aud");
        assert!(
            issuer_of("arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/A")
                .is_none()
        );
        assert!(issuer_of("arn:aws:iam::111122223333:saml-provider/corp").is_none());
    }

    #[test]
    fn a_stranger_chooses_what_a_wildcard_leaves_of_the_name() {
        let github = issuer_of("token.actions.githubusercontent.com").unwrap();
        assert_eq!(chosen(github, "repo:acme/*"), None);
        assert_eq!(chosen(github, "repo:acme/app:ref:refs/heads/*"), None);
        assert_eq!(chosen(github, "repo:acme*/app:*").unwrap(), "repo:acmesomebody-else/app:somebody-else");
        assert_eq!(chosen(github, "repo:*").unwrap(), "repo:somebody-else");
        assert_eq!(chosen(github, "*").unwrap(), "somebody-else");
    }
}
