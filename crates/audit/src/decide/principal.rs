//! Who asks.

use super::QuestionError;
use super::members::Members;
use base::{AccountId, ArnRef};
use policy::{Principal, PrincipalForm};

/// The types of principals that a question can name, as in `aws:PrincipalType` and beyond.
pub(super) const TYPES: [&str; 8] = [
    "Account",
    "User",
    "AssumedRole",
    "ServiceLinkedRole",
    "FederatedUser",
    "Federated",
    "Service",
    "Anonymous",
];

/// Reads `principal` and `principal_type` of a request.
pub(super) fn read(request: &Members<'_>) -> Result<Principal, QuestionError> {
    let name = request.text("request.principal", "principal")?;
    let kind = request.text("request.principal_type", "principal_type")?;
    let management = request.flag("request.management_account", "management_account")?;
    let issuer = request.text("request.issuer", "issuer")?;
    let principal = match (name, kind) {
        (Some(name), kind) => named(name.trim(), kind.as_deref(), issuer.as_deref())?,
        (None, Some(kind)) if type_named(&kind)? == "Anonymous" => Principal::anonymous(),
        _ => return Err(QuestionError::Missing("request.principal")),
    };
    Ok(if management == Some(true) { principal.in_management_account() } else { principal })
}

/// The type of this name, whatever its case, with what else it is called.
fn type_named(text: &str) -> Result<&'static str, QuestionError> {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let meant = match plain.as_str() {
        "root" | "rootuser" => "Account",
        "iamuser" => "User",
        "role" | "iamrole" | "rolesession" | "session" => "AssumedRole",
        "awsservice" | "serviceprincipal" => "Service",
        "saml" | "samluser" | "webidentity" | "webidentityuser" | "oidc" | "identityprovider" => "Federated",
        other => TYPES
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(other))
            .ok_or_else(|| QuestionError::NoPrincipalType(text.to_owned()))?,
    };
    Ok(meant)
}

/// The principal of this name and type.
pub(crate) fn named(
    name: &str,
    kind: Option<&str>,
    issuer: Option<&str>,
) -> Result<Principal, QuestionError> {
    let kind = kind.map(type_named).transpose()?;
    match kind {
        Some("Anonymous") => return Ok(Principal::anonymous()),
        Some("Service") => return Ok(Principal::service(name)),
        Some("Federated") => return Ok(Principal::federated(name)),
        Some("ServiceLinkedRole") => {
            return service_linked(name).ok_or_else(|| no_principal(name, kind));
        }
        _ => {}
    }
    let principal = Principal::parse(name).map_err(|_| no_principal(name, None))?;
    let found = match principal.form() {
        PrincipalForm::Root => "Account",
        PrincipalForm::User { .. } => "User",
        PrincipalForm::RoleSession { .. } => "AssumedRole",
        PrincipalForm::FederatedUser { .. } => "FederatedUser",
        PrincipalForm::Federated { .. } => "Federated",
        PrincipalForm::Service { .. } => "Service",
        PrincipalForm::Anonymous => "Anonymous",
    };
    if kind.is_some_and(|kind| kind != found) {
        return Err(no_principal(name, kind));
    }
    if found != "FederatedUser" {
        return Ok(principal);
    }
    let issuer = issuer.map(str::to_owned).or_else(|| namesake(name));
    Principal::federated_user(name, issuer.as_deref()).map_err(|_| no_principal(name, kind))
}

fn no_principal(name: &str, kind: Option<&str>) -> QuestionError {
    let kind = kind.map(|kind| format!(" of type {kind}")).unwrap_or_default();
    QuestionError::NoPrincipal(name.to_owned(), kind)
}

/// A session of a service-linked role. The ARN of a session has no path, so that the role's has to be made up; nothing
/// matches it by its path.
fn service_linked(name: &str) -> Option<Principal> {
    let arn = ArnRef::parse(name)?;
    let account = AccountId::parse(arn.account).ok()?;
    let (role, session) = match arn.typed_resource()? {
        ("role", rest) => (rest.rsplit('/').next()?, "session"),
        ("assumed-role", rest) => rest.split_once('/')?,
        _ => return None,
    };
    let role = format!("arn:{}:iam::{account}:role/aws-service-role/amazonaws.com/{role}", arn.partition);
    Principal::role_session(&role, session).ok()
}

/// Who federated is not in the ARN of a federated user: taken for granted is a user of the same name.
fn namesake(name: &str) -> Option<String> {
    let arn = ArnRef::parse(name)?;
    Some(format!("arn:{}:iam::{}:user/{}", arn.partition, arn.account, arn.name()))
}
