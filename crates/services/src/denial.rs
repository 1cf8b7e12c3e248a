//! The sentences of refusals: who, which action, on which resource, because of which kind of policy.
//!
//! Their forms are listed on
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>.

use crate::call::Call;
use crate::demand::Demand;
use crate::iam::find;
use base::ArnRef;
use model::Identity;
use policy::{Cause, Decision, Layer, Outcome};
use wire::Fault;

/// The refusal of a demand.
pub fn refusal(call: &Call, action: &str, demand: &Demand, decision: Decision) -> Fault {
    if let Some(role) = protected_role(demand, decision) {
        return find::protected(role);
    }
    if let Identity::Outsider(_) = call.caller.identity {
        return crate::sts::federated::not_authorized(action);
    }
    let plain = not_authorized(call, action, &demand.resource);
    if hides_the_reason(call, demand, decision) {
        return plain;
    }
    Fault::access_denied(format!("{} {}", plain.message, because(action, decision)))
}

/// The name of the role that is to be changed, if it is one that only AWS changes: IAM has an error of its own
/// for those, whoever asks.
fn protected_role(demand: &Demand, decision: Decision) -> Option<&str> {
    let arn = ArnRef::parse(&demand.resource).filter(|arn| arn.service == "iam")?;
    let is_protected = decision.reason.cause == Cause::AwsOwned && arn.resource.starts_with("role/");
    is_protected.then(|| arn.name())
}

/// The refusal without a reason.
pub fn not_authorized(call: &Call, action: &str, resource: &str) -> Fault {
    Fault::access_denied(format!(
        "{} is not authorized to perform: {action} on resource: {resource}",
        caller(call)
    ))
}

/// Whether the caller is not told why: a refusal to assume a role reads the same whether the role does not trust
/// the caller or is not there at all, so that nobody finds out which roles another account has.
fn hides_the_reason(call: &Call, demand: &Demand, decision: Decision) -> bool {
    demand.trust.as_ref().is_some_and(|trust| {
        trust.role.account != call.account_id() || decision.outcome == Outcome::ImplicitlyDenied
    })
}

/// `User: ARN`, as every refusal begins, whatever kind of principal it is.
fn caller(call: &Call) -> String {
    match &call.caller.identity {
        Identity::Operator(_) => "The operator".to_owned(),
        Identity::Outsider(outsider) => format!("User: {}", outsider.principal_id()),
        identity => format!("User: {}", identity.arn(call.partition)),
    }
}

fn because(action: &str, decision: Decision) -> String {
    let kind = decision.reason.layer.policy_name();
    match (decision.outcome, decision.reason.cause) {
        (Outcome::ExplicitlyDenied, Cause::Statement) => {
            format!("with an explicit deny in {} {kind}", article(decision.reason.layer))
        }
        (_, Cause::AwsOwned) => "because the resource belongs to AWS and cannot be changed".to_owned(),
        (_, Cause::OtherPartition) => "because the resource is in another partition".to_owned(),
        _ => format!("because no {kind} allows the {action} action"),
    }
}

fn article(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "an",
        _ => "a",
    }
}
