//! The encoded message of a refusal: what stood behind the decision, sealed, for `sts:DecodeAuthorizationMessage`.
//!
//! AWS gives one with refusals of some services (EC2 and others) and never with those of IAM and STS. Here the
//! operations of our own service give one. The caller cannot read it; whoever in the caller's account may call
//! `sts:DecodeAuthorizationMessage` can, as long as the key under which it is sealed is kept, which is two days.

use crate::call::Call;
use crate::context::GateContext;
use crate::demand::Demand;
use authn::SealedKind;
use policy::{Decision, Effect, Layer, Layers, Outcome, Statement};
use serde_json::{Value, json};
use wire::Fault;

/// Characters that an encoded message has at most: what `DecodeAuthorizationMessage` takes.
const LIMIT: usize = 10_240;

/// The refusal with the encoded message at its end.
pub(crate) fn attached(
    mut refusal: Fault,
    call: &Call,
    action: &str,
    demand: &Demand,
    decision: Decision,
    (context, layers): (&GateContext<'_>, &Layers<'_>),
) -> Fault {
    let conditions = context.told().into_iter().map(|(key, values)| condition(&key, &values)).collect();
    let full = message(call, action, demand, decision, (layers, conditions));
    let short = || message(call, action, demand, decision, (layers, Vec::new()));
    let encoded = encoded(call, &full).or_else(|| encoded(call, &short()));
    if let Some(encoded) = encoded {
        refusal.message = format!("{}. Encoded authorization failure message: {encoded}", refusal.message);
    }
    refusal
}

fn encoded(call: &Call, message: &Value) -> Option<String> {
    let kind = SealedKind::AuthorizationMessage;
    let sealed = call.tools.tokens.seal_text(kind, call.account_id(), &message.to_string(), &call.entropy);
    sealed.ok().filter(|text| text.len() <= LIMIT)
}

/// The members and their nesting are those of the messages that EC2's refusals carry.
fn message(
    call: &Call,
    action: &str,
    demand: &Demand,
    decision: Decision,
    (layers, conditions): (&Layers<'_>, Vec<Value>),
) -> Value {
    json!({
        "allowed": decision.is_allowed(),
        "explicitDeny": decision.outcome == Outcome::ExplicitlyDenied,
        "matchedStatements": {"items": matched(decision, layers).into_iter().collect::<Vec<_>>()},
        "failures": {"items": []},
        "context": {
            "principal": {"id": call.caller.user_id, "arn": call.caller.arn},
            "action": action,
            "resource": demand.resource,
            "conditions": {"items": conditions},
        },
    })
}

fn condition(key: &str, values: &[String]) -> Value {
    let values: Vec<_> = values.iter().map(|value| json!({"value": value})).collect();
    json!({"key": key, "values": {"items": values}})
}

/// The statement that decided, if one did.
fn matched(decision: Decision, layers: &Layers<'_>) -> Option<Value> {
    let set = match decision.reason.layer {
        Layer::Identity => Some(layers.identity),
        Layer::Boundary => layers.boundary,
        Layer::Session => layers.session,
        Layer::Resource => layers.resource,
        _ => None,
    }?;
    let policy = set.policies().get(decision.reason.policy? as usize)?;
    policy.document().statements().get(decision.reason.statement? as usize).map(statement)
}

fn statement(statement: &Statement) -> Value {
    let list = |element: &policy::ListElement| {
        let entries: Vec<_> = element.entries.iter().map(|entry| json!({"value": entry.value})).collect();
        json!({"items": entries})
    };
    json!({
        "statementId": statement.sid.as_ref().map_or("", |sid| &*sid.value),
        "effect": if statement.effect == Effect::Deny { "DENY" } else { "ALLOW" },
        "actions": list(&statement.action),
        "resources": statement.resource.as_ref().map_or_else(|| json!({"items": []}), list),
    })
}
