//! What a request asks for: a managed policy as the template, its placeholders `@{Name}` filled with the request's
//! parameters.

use crate::call::Call;
use crate::iam::find;
use model::{AccountState, DelegationParameter, Snapshot};
use policy::{Document, DocumentKind};
use wire::Fault;
use wire::iam::{self as shape, errors};

/// The parameters of a request.
pub fn parameters(permissions: &shape::DelegationPermission) -> Result<Vec<DelegationParameter>, Fault> {
    let given = permissions.parameters.as_deref().unwrap_or_default();
    given.iter().map(parameter).collect()
}

fn parameter(given: &shape::PolicyParameter) -> Result<DelegationParameter, Fault> {
    let name = given.name.clone().ok_or_else(|| invalid("A parameter has no name."))?;
    let kind = given.r#type.clone().unwrap_or_else(|| "string".to_owned());
    let values = given.values.clone().unwrap_or_default();
    if kind == "string" && values.len() != 1 {
        return Err(invalid(format!("Parameter {name} must have one value.")));
    }
    Ok(DelegationParameter { name, values, kind })
}

/// The template's ARN, and its text filled in.
pub fn filled(
    call: &Call,
    snapshot: &Snapshot,
    permissions: &shape::DelegationPermission,
    parameters: &[DelegationParameter],
) -> Result<(String, String), Fault> {
    let arn = permissions.policy_template_arn.as_deref();
    let arn = arn.ok_or_else(|| invalid("A policy template must be given."))?;
    let account: &AccountState = call.account(snapshot)?;
    let found = find::any_policy(call, account, arn)
        .and_then(|policy| account.policy_text(&policy.reference(), call.partition));
    let text = found.ok_or_else(|| invalid(format!("Policy template {arn} was not found.")))?;
    let filled = parameters.iter().try_fold(text.into_owned(), |text, parameter| fill(&text, parameter))?;
    if let Some((_, rest)) = filled.split_once("@{") {
        let name = rest.split('}').next().unwrap_or_default();
        return Err(invalid(format!("Parameter {name} of the policy template has no value.")));
    }
    Document::parse_strict(&filled, DocumentKind::Session)
        .map_err(|malformed| invalid(format!("The policy template is not valid: {}", malformed.message)))?;
    Ok((arn.to_owned(), filled))
}

/// A list takes the place of a whole string, one value that of the placeholder alone.
fn fill(text: &str, parameter: &DelegationParameter) -> Result<String, Fault> {
    let placeholder = format!("@{{{}}}", parameter.name);
    if !text.contains(&placeholder) {
        return Err(invalid(format!("The policy template has no parameter {}.", parameter.name)));
    }
    if parameter.values.iter().any(|value| value.contains("@{")) {
        return Err(invalid(format!("The value of parameter {} is not valid.", parameter.name)));
    }
    if parameter.kind == "stringList" {
        let list = serde_json::to_string(&parameter.values).map_err(|_| Fault::internal())?;
        return Ok(text.replace(&format!("\"{placeholder}\""), &list));
    }
    let value = parameter.values.first().map(String::as_str).unwrap_or_default();
    let quoted = serde_json::to_string(value).map_err(|_| Fault::internal())?;
    let inner = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default();
    Ok(text.replace(&placeholder, inner))
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::of(&errors::INVALID_INPUT, message)
}
