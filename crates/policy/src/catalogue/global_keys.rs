//! Condition keys that any service's request may carry.
//!
//! The services' own lists name few of them; this is the table of
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.

use super::condition_key::ConditionKey as Key;
use super::condition_key::ValueType::{Arn, Bool, Date, IpAddress, Numeric, String};

pub(super) static GLOBAL_KEYS: &[Key] = &[
    // Properties of the principal.
    Key::one("aws:PrincipalArn", Arn),
    Key::one("aws:PrincipalAccount", String),
    Key::many("aws:PrincipalOrgPaths", String),
    Key::one("aws:PrincipalOrgID", String),
    Key::one("aws:PrincipalTag/${TagKey}", String),
    Key::one("aws:PrincipalIsAWSService", Bool),
    Key::one("aws:PrincipalServiceName", String),
    Key::many("aws:PrincipalServiceNamesList", String),
    Key::one("aws:PrincipalType", String),
    Key::one("aws:userid", String),
    Key::one("aws:username", String),
    // Properties of a role session.
    Key::one("aws:AssumedRoot", Bool),
    Key::one("aws:FederatedProvider", String),
    Key::one("aws:TokenIssueTime", Date),
    Key::one("aws:SignInSessionArn", Arn),
    Key::one("aws:MultiFactorAuthAge", Numeric),
    Key::one("aws:MultiFactorAuthPresent", Bool),
    Key::one("aws:ChatbotSourceArn", Arn),
    Key::one("aws:Ec2InstanceSourceVpc", String),
    Key::one("aws:Ec2InstanceSourcePrivateIPv4", IpAddress),
    Key::one("aws:SourceIdentity", String),
    Key::one("ec2:RoleDelivery", Numeric),
    Key::one("ec2:SourceInstanceArn", Arn),
    Key::one("glue:RoleAssumedBy", String),
    Key::one("glue:CredentialIssuingService", String),
    Key::one("codebuild:BuildArn", Arn),
    Key::one("codebuild:ProjectArn", Arn),
    Key::one("lambda:SourceFunctionArn", Arn),
    Key::one("ssm:SourceInstanceArn", Arn),
    Key::one("identitystore:UserId", String),
    // Properties of the network.
    Key::one("aws:SourceIp", IpAddress),
    Key::one("aws:SourceVpc", String),
    Key::one("aws:SourceVpcArn", Arn),
    Key::one("aws:SourceVpce", String),
    Key::one("aws:VpceAccount", String),
    Key::one("aws:VpceOrgID", String),
    Key::many("aws:VpceOrgPaths", String),
    Key::one("aws:VpcSourceIp", IpAddress),
    // Properties of the resource.
    Key::one("aws:ResourceAccount", String),
    Key::one("aws:ResourceOrgID", String),
    Key::many("aws:ResourceOrgPaths", String),
    Key::one("aws:ResourceTag/${TagKey}", String),
    // Properties of the request.
    Key::many("aws:CalledVia", String),
    Key::one("aws:CalledViaFirst", String),
    Key::one("aws:CalledViaLast", String),
    Key::one("aws:CalledViaAWSMCP", String),
    Key::one("aws:ViaAWSService", Bool),
    Key::one("aws:ViaAWSMCPService", Bool),
    Key::one("aws:CurrentTime", Date),
    Key::one("aws:EpochTime", Date),
    Key::one("aws:referer", String),
    Key::one("aws:RequestedRegion", String),
    Key::one("aws:RequestTag/${TagKey}", String),
    Key::many("aws:TagKeys", String),
    Key::one("aws:SecureTransport", Bool),
    Key::one("aws:SourceAccount", String),
    Key::one("aws:SourceArn", Arn),
    Key::one("aws:SourceOrgID", String),
    Key::many("aws:SourceOrgPaths", String),
    Key::one("aws:UserAgent", String),
    Key::one("aws:IsMcpServiceAction", Bool),
];

/// Claims of any OpenID Connect provider, whose address stands before the colon. See
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>.
static WEB_IDENTITY_KEYS: &[Key] = &[
    Key::many("${Provider}:amr", String),
    Key::one("${Provider}:aud", String),
    Key::one("${Provider}:azp", String),
    Key::one("${Provider}:email", String),
    Key::one("${Provider}:oaud", String),
    Key::one("${Provider}:sub", String),
];

/// The key of a claim, if what stands before the last colon can be the address of a provider.
pub(super) fn web_identity_key(name: &str) -> Option<Key> {
    let (provider, claim) = name.rsplit_once(':')?;
    let is_claim =
        |key: &&Key| key.name().split_once(':').is_some_and(|(_, known)| known.eq_ignore_ascii_case(claim));
    WEB_IDENTITY_KEYS.iter().find(is_claim).filter(|_| provider.contains('.')).copied()
}
