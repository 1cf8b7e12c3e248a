//! What the inputs of the matrix speak of: values by member, and the things that are there to be acted on.
//!
//! An operation that is new mostly needs nothing here. If its input does not pass the validation, give the member a
//! value in [`VALUES`] (or in [`FOR_ONE`] if the same name means something else elsewhere); if it acts on something that
//! must be there, make it in [`furnish`]; if an optional member brings demands of its own, name it in [`SPECIAL`]; if
//! an optional member must be there for a call to make sense, name it in [`GIVEN`].

use crate::harness::{ACCOUNT, World};
use crate::inputs::{arn, device, open_trust, small_policy};

/// The user that is acted on.
pub const SUBJECT: &str = "subject";

/// Optional members that bring demands of their own.
pub const SPECIAL: [&str; 4] = ["Tags", "PermissionsBoundary", "SourceIdentity", "SetAsDefault"];

/// Optional members that are given always.
const GIVEN: [(&str, &str); 15] = [
    ("GetUser", "UserName"),
    ("CreateLoginProfile", "UserName"),
    ("CreateLoginProfile", "Password"),
    ("GetLoginProfile", "UserName"),
    ("DeleteLoginProfile", "UserName"),
    ("ListAccessKeys", "UserName"),
    ("CreateAccessKey", "UserName"),
    ("UpdateAccessKey", "UserName"),
    ("DeleteAccessKey", "UserName"),
    ("ListSSHPublicKeys", "UserName"),
    ("ListSigningCertificates", "UserName"),
    ("ListServiceSpecificCredentials", "UserName"),
    ("ListMFADevices", "UserName"),
    ("GetMFADevice", "UserName"),
    ("DeactivateMFADevice", "UserName"),
];

/// Members that mean the same in every operation.
const VALUES: [(&str, &str); 30] = [
    ("AccountAlias", "an-alias"),
    ("AWSServiceName", "elasticbeanstalk.amazonaws.com"),
    ("Audience", "https://api.example.com"),
    ("AuthenticationCode1", "123456"),
    ("AuthenticationCode2", "654321"),
    ("CertificateId", "CERTIFICATESAMPLE0000000"),
    ("DelegationRequestId", "00000000-0000-0000-0000-000000000000"),
    (
        "DeletionTaskId",
        "task/aws-service-role/sample.amazonaws.com/AWSServiceRoleForSample/00000000-0000-0000-0000-000000000000",
    ),
    ("EncodedMessage", "sample"),
    ("GroupName", "crew"),
    ("InstanceProfileName", "Profile"),
    ("JobId", "00000000-0000-0000-0000-000000000000"),
    ("Key", "Team"),
    ("Name", "sample"),
    ("NewUserName", "renamed"),
    ("NewGroupName", "renamed"),
    ("NewPassword", "another-Sample-1"),
    ("NotificationChannel", "arn:aws:sns:us-east-1:123456789012:topic"),
    ("OldPassword", "sample-Sample-1"),
    ("Password", "sample-Sample-1"),
    ("PolicyName", "inline"),
    ("RoleName", "Pilot"),
    ("RoleSessionName", "session"),
    ("ServerCertificateName", "certificate"),
    ("SigningAlgorithm", "ES384"),
    ("TagKeys", "Team"),
    ("ThumbprintList", "9e99a48a9960b14926bb7f3b02e22da2b0ab7280"),
    ("UserName", SUBJECT),
    ("Value", "lights"),
    ("VersionId", "v2"),
];

/// Members that mean something else in one operation.
const FOR_ONE: [(&str, &str, &str); 13] = [
    ("CreateOpenIDConnectProvider", "Url", "https://new.example.com"),
    ("CreateUser", "UserName", "newcomer"),
    ("CreateGroup", "GroupName", "newcomers"),
    ("CreateRole", "RoleName", "NewRole"),
    ("CreatePolicy", "PolicyName", "NewPaper"),
    ("CreateInstanceProfile", "InstanceProfileName", "NewProfile"),
    ("AddRoleToInstanceProfile", "InstanceProfileName", "Empty"),
    ("UpdateAccessKey", "Status", "Inactive"),
    ("GetAccessKeyLastUsed", "AccessKeyId", "AKIADEVELOPMENT12345"),
    ("GetAccessKeyInfo", "AccessKeyId", "AKIADEVELOPMENT12345"),
    ("CreateVirtualMFADevice", "VirtualMFADeviceName", "device"),
    ("SetSecurityTokenServicePreferences", "GlobalEndpointTokenVersion", "v2Token"),
    ("SimulateCustomPolicy", "ActionNames", "iam:ListUsers"),
];

/// The value of a member, if the shape's constraints alone do not tell a good one.
pub fn value(operation: &str, member: &str) -> Option<String> {
    let for_one = FOR_ONE.iter().find(|(name, known, _)| *name == operation && *known == member);
    if let Some((_, _, value)) = for_one {
        return Some((*value).to_owned());
    }
    if let Some((_, value)) = VALUES.iter().find(|(known, _)| *known == member) {
        return Some((*value).to_owned());
    }
    Some(match member {
        "PolicyArn" | "arn" | "PermissionsBoundary" => arn("policy/Paper"),
        "PolicySourceArn" => arn(&format!("user/{SUBJECT}")),
        "RoleArn" => arn("role/Pilot"),
        "SAMLProviderArn" => arn("saml-provider/provider"),
        "OpenIDConnectProviderArn" => arn("oidc-provider/id.example.com"),
        "SerialNumber" | "MFADeviceArn" => device(),
        "Arn" => arn(&format!("user/{SUBJECT}")),
        "EntityArn" => arn("delegation-request/00000000-0000-0000-0000-000000000000"),
        "TemplateArn" => "arn:aws:iam::aws:role-template/sample.amazonaws.com/sample:1".to_owned(),
        "TargetPrincipal" => "210987654321".to_owned(),
        "PolicyDocument" | "PolicyInputList" => small_policy(),
        "AssumeRolePolicyDocument" => open_trust(),
        "EntityPath" => format!("o-sample0000/r-root/{ACCOUNT}"),
        "ActionNames" => "iam:ListUsers".to_owned(),
        _ => return None,
    })
}

/// Whether an optional member is given all the same.
pub fn is_given(operation: &str, member: &str) -> bool {
    GIVEN.contains(&(operation, member))
}

/// Inputs of our own operations.
pub fn own(operation: &str) -> &'static str {
    match operation {
        "GetDelegationToken" => r#"{"DelegationRequestId":"00000000-0000-0000-0000-000000000000"}"#,
        "CreateAccount" => r#"{"Name":"sample"}"#,
        "CreateAccessKey" => r#"{"UserName":"subject"}"#,
        "Explain" => {
            r#"{"Question":{"Principal":"arn:aws:iam::123456789012:user/subject","Action":"iam:ListUsers","Resource":"*"}}"#
        }
        "Import" => r#"{"Document":"{}"}"#,
        "RegisterHardwareToken" => {
            r#"{"SerialNumber":"GAHT12345678","Seed":"3132333435363738393031323334353637383930"}"#
        }
        "DeleteHardwareToken" => r#"{"SerialNumber":"GAHT12345678"}"#,
        "BeginWebAuthnRegistration" => r#"{"UserName":"subject"}"#,
        "FinishWebAuthnRegistration" => {
            r#"{"UserName":"subject","DeviceName":"usb","Credential":{"id":"AA","response":{"clientDataJSON":"AA","attestationObject":"AA"}}}"#
        }
        _ => "{}",
    }
}

/// Makes what is acted on.
pub fn furnish(world: &World) {
    world.iam("CreateUser", &[("UserName", SUBJECT)]);
    world.iam("CreateGroup", &[("GroupName", "crew")]);
    world.role("Pilot", &open_trust(), "");
    let document = small_policy();
    world.iam("CreatePolicy", &[("PolicyName", "Paper"), ("PolicyDocument", &document)]);
    world.iam("CreateInstanceProfile", &[("InstanceProfileName", "Profile")]);
    world.iam("AddRoleToInstanceProfile", &[("InstanceProfileName", "Profile"), ("RoleName", "Pilot")]);
    world.iam("CreateInstanceProfile", &[("InstanceProfileName", "Empty")]);
    world.second_account();
}
