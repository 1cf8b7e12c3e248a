//! Services with rules of their own.

use crate::principal::{Principal, PrincipalForm};
use crate::request::Request;

/// Service prefixes whose resources RCPs bind, sorted.
///
/// See <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>.
#[rustfmt::skip]
const RCP_SERVICES: [&str; 62] = [
    "aoss", "appconfig", "appstream", "autoscaling", "autoscaling-plans", "budgets", "clouddirectory", "cloudfront",
    "cloudsearch", "cloudtrail-data", "codeartifact", "codebuild", "codecommit", "codepipeline", "cognito-identity",
    "cognito-idp", "comprehend", "comprehendmedical", "compute-optimizer", "cost-optimization-hub", "dax", "dsql",
    "dynamodb", "ecr", "ecr-public", "events", "firehose", "fis", "fms", "gamelift", "health", "inspector-scan",
    "kendra", "kinesisvideo", "kms", "logs", "memorydb", "networkmonitor", "notifications", "opensearch",
    "pca-connector-ad", "personalize", "polly", "pricing", "resource-groups", "rolesanywhere", "s3", "secretsmanager",
    "servicediscovery", "signin", "sqs", "sts", "support", "swf", "textract", "timestream-influxdb", "transcribe",
    "transfer", "translate", "wafv2", "workspaces", "xray",
];

/// Actions on roles that make, change, remove or hand them on, sorted, in lower case.
const ROLE_CHANGES: [&str; 16] = [
    "attachrolepolicy",
    "createrole",
    "createservicelinkedrole",
    "deleterole",
    "deleterolepermissionsboundary",
    "deleterolepolicy",
    "deleteservicelinkedrole",
    "detachrolepolicy",
    "passrole",
    "putrolepermissionsboundary",
    "putrolepolicy",
    "tagrole",
    "untagrole",
    "updateassumerolepolicy",
    "updaterole",
    "updateroledescription",
];

/// Actions on managed policies that change or remove them, sorted, in lower case.
const POLICY_CHANGES: [&str; 7] = [
    "createpolicy",
    "createpolicyversion",
    "deletepolicy",
    "deletepolicyversion",
    "setdefaultpolicyversion",
    "tagpolicy",
    "untagpolicy",
];

/// Whether a rule of the first functions here, or of [`needs_resource_policy`], may concern the service's actions.
pub(crate) fn has_rules(service: &[u8]) -> bool {
    matches!(service, b"sts" | b"iam" | b"kms")
}

/// `sts:GetCallerIdentity` is open to every signed caller, even against an explicit deny.
///
/// See <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>.
pub(crate) fn is_always_allowed(request: &Request<'_>) -> bool {
    request.action.bytes() == b"sts:getcalleridentity"
        && !matches!(request.principal.form(), PrincipalForm::Anonymous)
}

/// Whether the resource is AWS's own and the action would change it: managed policies of AWS, roles under
/// `role/aws-reserved/`, aliases under `alias/aws/`.
pub(crate) fn changes_what_aws_owns(request: &Request<'_>) -> bool {
    let Some(arn) = request.resource_arn else { return false };
    let name = || request.action.name();
    match request.action.service_bytes() {
        b"iam" if arn.account == "aws" && arn.resource.starts_with("policy/") => {
            POLICY_CHANGES.binary_search(&name()).is_ok()
        }
        b"iam" if arn.resource.starts_with("role/aws-reserved/") => {
            ROLE_CHANGES.binary_search(&name()).is_ok()
        }
        b"kms" if arn.resource.starts_with("alias/aws/") => {
            matches!(name(), "createalias" | "updatealias" | "deletealias")
        }
        _ => false,
    }
}

/// Whether the resource's policy must allow even in the caller's own account: trust policies of roles and key
/// policies of KMS.
pub(crate) fn needs_resource_policy(request: &Request<'_>) -> bool {
    let Some(arn) = request.resource_arn else { return false };
    match request.action.service_bytes() {
        b"sts" => arn.service == "iam" && arn.resource.starts_with("role/"),
        b"kms" => arn.service == "kms" && arn.resource.starts_with("key/"),
        _ => false,
    }
}

/// Whether RCPs bind this call: not for services without them, not for service-linked roles, not
/// `kms:RetireGrant`, not keys that AWS manages.
pub(crate) fn rcps_apply(request: &Request<'_>) -> bool {
    let action = &request.action;
    RCP_SERVICES.binary_search(&action.service()).is_ok()
        && !request.principal.is_service_linked()
        && action.bytes() != b"kms:retiregrant"
        && !(action.service_bytes() == b"kms" && request.aws_managed_key)
}

/// Whether SCPs bind this principal: members' users, roles and root, but not the management account's,
/// service-linked roles, services and anonymous callers.
pub(crate) fn scps_apply(principal: &Principal) -> bool {
    principal.account().is_some() && !principal.is_in_management_account() && !principal.is_service_linked()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search() {
        assert!(RCP_SERVICES.is_sorted() && ROLE_CHANGES.is_sorted() && POLICY_CHANGES.is_sorted());
    }

    #[test]
    fn rcps_bind_the_services_that_the_catalogue_names() {
        let services = crate::catalogue::Catalogue::get().services();
        let named: Vec<_> =
            services.filter(|service| service.rcp_supported()).map(|service| service.prefix()).collect();
        assert_eq!(named, RCP_SERVICES);
    }
}
