//! Facts 28 to 36: services with their own rule.

use crate::oracle::Who;
use crate::support::*;
use bailiwick_policy::{Cause, Layer};

const TARGET: &str = "arn:aws:iam::123456789012:role/Target";
const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234";

fn trust(principal: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}"#)
}

fn assume(who: Who) -> Ask {
    ask(who).action("sts:AssumeRole").resource(TARGET)
}

fn decrypt(who: Who) -> Ask {
    ask(who).action("kms:Decrypt").resource(KEY)
}

#[test]
fn fact_028_trust_and_key_policies_must_allow() {
    for ask in [assume(user()), decrypt(user())] {
        assert_eq!(ask.clone().identity(ALLOW_ALL).implicit(), Layer::Resource);
        assert!(ask.resource_policy(&to("Allow", &aws(USER))).is_allowed());
    }
}

#[test]
fn fact_029_in_one_account_a_trust_policy_naming_the_caller_suffices() {
    assert!(assume(user()).resource_policy(&trust(&aws(USER))).is_allowed());
    assert!(assume(session()).resource_policy(&trust(&aws(ROLE))).is_allowed());
    let by_account = assume(user()).resource_policy(&trust(&aws("arn:aws:iam::123456789012:root")));
    assert_eq!(by_account.implicit(), Layer::Identity);
    assert!(by_account.identity(ALLOW_ALL).is_allowed());
}

#[test]
fn fact_030_across_accounts_assuming_a_role_takes_both() {
    let foreign_role = format!("arn:aws:iam::{OTHER}:role/Target");
    let ask = ask(user()).action("sts:AssumeRole").resource(&foreign_role);
    assert_eq!(ask.clone().identity(ALLOW_ALL).implicit(), Layer::Resource);
    let trusted = ask.resource_policy(&trust(&aws(USER)));
    assert_eq!(trusted.implicit(), Layer::Identity);
    assert!(trusted.identity(ALLOW_ALL).is_allowed());
}

#[test]
fn fact_031_iam_policies_reach_a_key_only_through_its_account_statement() {
    assert_eq!(
        decrypt(user()).identity(ALLOW_ALL).resource_policy(&to("Allow", &aws(ROLE))).implicit(),
        Layer::Resource
    );
    let delegated = decrypt(user()).resource_policy(&to("Allow", &aws("arn:aws:iam::123456789012:root")));
    assert_eq!(delegated.implicit(), Layer::Identity);
    assert!(delegated.identity(ALLOW_ALL).is_allowed());
    let alias = |name: &str| {
        let arn = format!("arn:aws:kms:us-east-1:123456789012:alias/{name}");
        ask(user()).identity(ALLOW_ALL).action("kms:UpdateAlias").resource(&arn)
    };
    assert!(alias("mine").is_allowed());
    assert_eq!(alias("aws/s3").decide().reason.cause, Cause::AwsOwned);
}

#[test]
fn fact_032_calls_on_no_key_need_no_key_policy() {
    assert!(ask(user()).identity(ALLOW_ALL).action("kms:ListKeys").resource("*").is_allowed());
}

#[test]
fn fact_033_federation_is_decided_by_the_trust_policy_alone() {
    let provider = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
    let ask =
        ask(Who::Provider(provider.to_owned())).action("sts:AssumeRoleWithWebIdentity").resource(TARGET);
    assert_eq!(ask.clone().identity(ALLOW_ALL).implicit(), Layer::Resource);
    let trust = format!(
        r#"{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"StringLike":{{"token.actions.githubusercontent.com:sub":"repo:org/*"}}}}}}"#
    );
    let ask = ask.resource_policy(&trust);
    assert!(ask.clone().key("token.actions.githubusercontent.com:sub", "repo:org/app").is_allowed());
    assert!(!ask.key("token.actions.githubusercontent.com:sub", "repo:evil/app").is_allowed());
}

#[test]
fn fact_034_tags_need_their_own_allow_on_both_sides_of_the_trust() {
    let ask = assume(user()).action("sts:TagSession").resource_policy(&trust(&aws(USER)));
    assert_eq!(ask.implicit(), Layer::Resource);
    let tagging = trust(&aws(USER)).replace("sts:AssumeRole", "sts:TagSession");
    assert!(ask.resource_policy(&tagging).is_allowed());
}

#[test]
fn fact_035_get_caller_identity_is_open_to_every_signed_caller() {
    let ask =
        |who| ask(who).action("sts:GetCallerIdentity").resource("*").identity(DENY_ALL).scps(&[DENY_ALL]);
    let decision = ask(user()).decide();
    assert!(decision.is_allowed());
    assert_eq!(decision.reason.cause, Cause::AlwaysAllowed);
    assert!(!ask(Who::Anonymous).is_allowed());
}

#[test]
fn fact_036_what_aws_owns_is_not_changed() {
    let ask =
        |action: &str, resource: &str| ask(user()).identity(ALLOW_ALL).action(action).resource(resource);
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let role = "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x_1";
    for action in [
        "CreatePolicy",
        "CreatePolicyVersion",
        "DeletePolicy",
        "DeletePolicyVersion",
        "SetDefaultPolicyVersion",
        "TagPolicy",
        "UntagPolicy",
    ] {
        assert_eq!(ask(&format!("iam:{action}"), policy).decide().reason.cause, Cause::AwsOwned, "{action}");
    }
    for action in [
        "AttachRolePolicy",
        "CreateRole",
        "CreateServiceLinkedRole",
        "DeleteRole",
        "DeleteRolePermissionsBoundary",
        "DeleteRolePolicy",
        "DeleteServiceLinkedRole",
        "DetachRolePolicy",
        "PassRole",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "TagRole",
        "UntagRole",
        "UpdateAssumeRolePolicy",
        "UpdateRole",
        "UpdateRoleDescription",
    ] {
        assert_eq!(ask(&format!("iam:{action}"), role).decide().reason.cause, Cause::AwsOwned, "{action}");
    }
    assert!(ask("iam:GetPolicy", policy).resource(policy).owner(ACCOUNT).is_allowed());
    assert!(ask("iam:GetRole", role).is_allowed());
}
