//! Session policies: what limits a session below its role.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session>.

use crate::call::Call;
use crate::iam::{find, policies};
use authn::Session;
use authn::token::{PACKED_LIMIT, packed_size};
use model::{AccountState, PolicyRef, PolicyText, quota};
use policy::DocumentKind;
use wire::Fault;
use wire::sts::{self as shape, errors};

/// Characters that the inline policy and the ARNs of managed ones have together, white space counted.
/// See <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>.
const PLAIN_TEXT_LIMIT: usize = 2_048;

/// The policies of a new session of a role of `account`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SessionPolicies {
    /// The inline one.
    pub inline: Option<PolicyText>,
    /// The managed ones, each once.
    pub managed: Vec<PolicyRef>,
}

/// Reads and checks the policies that a request passes.
pub fn checked(
    call: &Call,
    account: &AccountState,
    inline: Option<&str>,
    managed: Option<&[shape::PolicyDescriptorType]>,
) -> Result<SessionPolicies, Fault> {
    let arns: Vec<&str> =
        managed.unwrap_or_default().iter().filter_map(|policy| policy.arn.as_deref()).collect();
    if arns.len() > quota::SESSION_POLICY_ARNS {
        return Err(Fault::validation(format!(
            "1 validation error detected: Value '[{}]' at 'policyArns' failed to satisfy constraint: Member must have \
             length less than or equal to {}",
            arns.join(", "),
            quota::SESSION_POLICY_ARNS
        )));
    }
    let length = |text: &str| text.chars().count();
    let plain = inline.map_or(0, length) + arns.iter().map(|arn| length(arn)).sum::<usize>();
    if plain > PLAIN_TEXT_LIMIT {
        return Err(Fault::validation(format!(
            "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length \
             less than or equal to {PLAIN_TEXT_LIMIT}"
        )));
    }
    if let Some(text) = inline {
        policies::parsed(text, DocumentKind::Session)?;
    }
    let mut found: Vec<PolicyRef> = Vec::new();
    for arn in arns {
        let policy = find::any_policy(call, account, arn)
            .ok_or_else(|| Fault::validation(format!("Policy {arn} does not exist or is not attachable.")))?;
        if !found.contains(&policy.reference()) {
            found.push(policy.reference());
        }
    }
    Ok(SessionPolicies { inline: inline.map(PolicyText::new), managed: found })
}

/// How much of the space for policies and tags the session takes, in percent, rounded up; `None` if it has neither.
pub fn packed_percent(session: &Session) -> Result<Option<i32>, Fault> {
    if !session.is_limited() && session.tags.is_empty() {
        return Ok(None);
    }
    let percent = (packed_size(session) * 100).div_ceil(PACKED_LIMIT);
    if percent > 100 {
        return Err(Fault::of(
            &errors::PACKED_POLICY_TOO_LARGE,
            format!("Packed policy consumes {percent}% of allotted space, please use smaller policy."),
        ));
    }
    Ok(i32::try_from(percent).ok())
}
