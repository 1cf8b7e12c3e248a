//! `AssumeRoleWithWebIdentity`: a role for whom an OpenID Connect provider vouches.
//! See <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>.
//!
//! The request has no signature: the token is its proof, and [`authn::oidc`] verifies it before anything else is done.

use super::{assume_role, federated, session, session_policies};
use crate::gate::Allowed;
use crate::row::{Row, Stranger, Unproven};
use authn::Authenticated;
use authn::oidc::{self, Asked};
use base::SecretString;
use model::Snapshot;
use policy::catalogue::Catalogue;
use wire::Fault;
use wire::sts::{self as shape, errors, ops};

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::read::<ops::AssumeRoleWithWebIdentity>(
            "sts",
            |input, call, snapshot| {
                federated::demands(call, snapshot, ACTION, &input.role_arn, &input.role_session_name)
            },
            assume,
        )
        .identify::<ops::AssumeRoleWithWebIdentity>(identify),
    ]
}

/// Who brings the token.
fn identify(
    stranger: &Stranger<'_>,
    snapshot: &Snapshot,
    input: &shape::AssumeRoleWithWebIdentityRequest,
) -> Result<Authenticated, Unproven> {
    let (address, now, tools) = (stranger.origin.address, stranger.now, stranger.tools);
    let account = federated::account_of(&input.role_arn)?;
    refuse_access_tokens(input.provider_id.as_deref())?;
    let may_try = tools.attempts.may_try(address, now);
    let asked = Asked {
        account,
        token: SecretString::expose(&input.web_identity_token),
        region: stranger.region,
        now,
        may_ask: may_try,
        known_claims,
    };
    oidc::identify(&asked, snapshot, &tools.issuers).map_err(|refused| {
        if refused.is_made_up {
            tools.attempts.note_failure(address, now);
        }
        let fault = if may_try { refused.fault } else { Fault::throttling() };
        Unproven { fault, account: Some(account) }
    })
}

/// Tokens of OAuth 2.0 say nothing by themselves: only their two providers could tell whose they are, and they know
/// of no application here.
fn refuse_access_tokens(provider_id: Option<&str>) -> Result<(), Fault> {
    match provider_id {
        None => Ok(()),
        Some("www.amazon.com" | "graph.facebook.com") => Err(Fault::of(
            &errors::IDP_COMMUNICATION_ERROR,
            "Access tokens of this provider cannot be verified here; bring an OpenID Connect ID token.",
        )),
        Some(_) => Err(Fault::of(
            &errors::INVALID_IDENTITY_TOKEN,
            "ProviderId must be www.amazon.com or graph.facebook.com, and is not for OpenID Connect ID tokens.",
        )),
    }
}

/// The claims of a provider that the catalogue knows as condition keys, such as `repository` of GitHub's.
/// A name without a dot is nobody's on the network, and could be taken for the prefix of AWS's own keys.
fn known_claims(provider: &str) -> Vec<String> {
    let keys = Catalogue::get().service("sts").map(|sts| sts.condition_keys()).unwrap_or_default();
    if !provider.contains('.') {
        return Vec::new();
    }
    let claim = |key: &policy::catalogue::ConditionKey| {
        let (_, claim) = key.name().rsplit_once(':')?;
        key.matches(&format!("{provider}:{claim}")).then(|| claim.to_owned())
    };
    keys.iter().filter_map(claim).collect()
}

/// The keys that requests of the session have, too.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>.
fn stays(name: &str) -> bool {
    [":amr", ":aud", ":sub"].into_iter().any(|claim| name.ends_with(claim))
}

fn assume(
    at: Allowed<'_, ops::AssumeRoleWithWebIdentity>,
    snapshot: &Snapshot,
    input: shape::AssumeRoleWithWebIdentityRequest,
) -> Result<shape::AssumeRoleWithWebIdentityResponse, Fault> {
    let outsider = federated::outsider(&at)?;
    let role = federated::role(&at, snapshot, &input.role_arn, ACTION)?;
    let wanted = federated::Wanted {
        name: &input.role_session_name,
        seconds: assume_role::seconds(input.duration_seconds, false, role)?,
        policy: input.policy.as_deref(),
        policy_arns: input.policy_arns.as_deref(),
    };
    let session = federated::session(&at, snapshot, role, &wanted, stays)?;
    let packed_policy_size = session_policies::packed_percent(&session)?;
    Ok(shape::AssumeRoleWithWebIdentityResponse {
        credentials: Some(session::credentials(&at, &session)?),
        subject_from_web_identity_token: Some(outsider.subject.clone()),
        assumed_role_user: Some(federated::assumed(&at, role, &input.role_session_name)),
        packed_policy_size,
        // The provider's ARN, as STS answers; its documentation speaks of the issuer.
        provider: Some(outsider.provider.clone()),
        audience: Some(outsider.audience.clone()),
        source_identity: session.source_identity,
        ..Default::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_have_their_own_claims() {
        let github = known_claims("token.actions.githubusercontent.com");
        assert!(["repository", "job_workflow_ref", "actor"].iter().all(|it| github.iter().any(|n| n == it)));
        assert!(known_claims("token.actions.githubusercontent.com/octo").contains(&"ref".to_owned()));
        let circle = known_claims("oidc.circleci.com/org/0123");
        assert_eq!(circle, ["oidc.circleci.com/project-id"]);
        assert!(known_claims("accounts.google.com").contains(&"oaud".to_owned()));
        for other in ["login.example.com", "sts", "saml", "aws", "iam"] {
            assert!(known_claims(other).is_empty(), "{other}");
        }
    }
}
