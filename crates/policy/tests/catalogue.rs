//! What the catalogue of AWS's services says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_policy::catalogue::{AccessLevel, Catalogue, ValueType};

fn action(text: &str) -> bailiwick_policy::catalogue::Action {
    Catalogue::get().action(text).unwrap_or_else(|| panic!("no action {text}"))
}

#[test]
fn actions_are_found_whatever_their_case() {
    for text in ["iam:CreateUser", "IAM:createuser", "iam:CREATEUSER"] {
        assert_eq!(action(text).to_string(), "iam:CreateUser");
    }
    for text in ["iam:CreateUse", "iam:", "iam", "nosuch:CreateUser", ""] {
        assert!(Catalogue::get().action(text).is_none(), "{text}");
    }
}

#[test]
fn an_action_tells_its_level_and_resources() {
    let create = action("iam:CreateUser");
    assert_eq!(create.access_level(), AccessLevel::Write);
    let used: Vec<_> = create.resource_types().collect();
    assert_eq!(used.len(), 1);
    assert!(used[0].required());
    assert_eq!(used[0].resource_type().name(), "user");
    assert_eq!(used[0].resource_type().arn_glob(), "arn:*:iam::*:user/*");
    assert!(used[0].resource_type().arn_pattern().starts_with("arn:${Partition}:iam::${Account}:user/"));

    assert_eq!(action("s3:GetObject").access_level(), AccessLevel::Read);
    assert_eq!(action("iam:TagUser").access_level(), AccessLevel::Tagging);
    assert_eq!(action("iam:AttachUserPolicy").access_level(), AccessLevel::PermissionsManagement);
    assert_eq!(action("s3:ListAllMyBuckets").access_level(), AccessLevel::List);
    assert!(action("s3:ListAllMyBuckets").is_wildcard_only());
    assert!(!create.is_wildcard_only());
}

#[test]
fn an_action_tells_its_condition_keys() {
    let names: Vec<_> = action("iam:PassRole").condition_keys().map(|key| key.name()).collect();
    assert_eq!(names, ["iam:AssociatedResourceArn", "iam:PassedToService"]);
    let all: Vec<_> =
        action("iam:AttachUserPolicy").all_condition_keys().iter().map(|key| key.name()).collect();
    for name in ["iam:PermissionsBoundary", "iam:PolicyARN", "aws:ResourceTag/${TagKey}"] {
        assert!(all.contains(&name), "{name} in {all:?}");
    }
    assert!(all.is_sorted());
}

#[test]
fn dependent_actions_are_actions() {
    let needed: Vec<_> = action("autoscaling:CreateAutoScalingGroup").dependent_actions().collect();
    assert!(needed.contains(&"iam:PassRole"), "{needed:?}");
    let known = Catalogue::get().actions().flat_map(|action| action.dependent_actions());
    let (found, lost): (Vec<_>, Vec<_>) = known.partition(|name| Catalogue::get().action(name).is_some());
    assert!(found.len() > 4_000 && lost.len() * 20 < found.len(), "{} known, unknown: {lost:?}", found.len());
}

#[test]
fn globs_cover_actions() {
    let names =
        |pattern: &str| Catalogue::get().actions_matching(pattern).map(|a| a.to_string()).collect::<Vec<_>>();
    assert_eq!(names("iam:createuser"), ["iam:CreateUser"]);
    assert!(names("iam:*User").contains(&"iam:GetUser".to_owned()));
    assert!(names("iam:*User").iter().all(|name| name.starts_with("iam:") && name.ends_with("User")));
    assert_eq!(names("*").len(), Catalogue::get().actions().count());
    assert_eq!(names("*:*").len(), names("*").len());
    assert_eq!(names("S3:*").len(), Catalogue::get().service("s3").unwrap().actions().count());
    for nothing in ["s3:Nothing*", "s3", "nosuch:*", "s3*:*", ""] {
        assert!(names(nothing).is_empty(), "{nothing}");
    }
}

#[test]
fn condition_keys_have_types() {
    let key = |name: &str| Catalogue::get().condition_key(name).unwrap_or_else(|| panic!("no key {name}"));
    assert_eq!(key("aws:requesttag/Team").name(), "aws:RequestTag/${TagKey}");
    assert_eq!(key("s3:ExistingObjectTag/a").name(), "s3:ExistingObjectTag/<key>");
    assert_eq!(key("AWS:SOURCEIP").value_type(), ValueType::IpAddress);
    assert_eq!(key("aws:MultiFactorAuthPresent").value_type(), ValueType::Bool);
    assert_eq!(key("iam:PolicyARN").value_type(), ValueType::Arn);
    assert_eq!(key("s3:max-keys").value_type(), ValueType::Numeric);
    assert!(key("aws:TagKeys").is_multivalued());
    assert!(!key("aws:PrincipalOrgID").is_multivalued());
    assert_eq!(key("token.actions.githubusercontent.com:repository").value_type(), ValueType::String);
    assert_eq!(key("login.example.org/realm:sub").name(), "${Provider}:sub");
    assert!(Catalogue::get().condition_key("iam:sub").is_none());
    assert!(key("saml:aud").value_type() == ValueType::String);
    assert!(Catalogue::get().condition_key("aws:Nonsense").is_none());
    assert!(Catalogue::get().condition_key("aws:RequestTag").is_none());
}

#[test]
fn resource_control_policies_apply_to_some() {
    let catalogue = Catalogue::get();
    for prefix in ["s3", "sts", "kms", "sqs", "secretsmanager", "S3"] {
        assert!(catalogue.rcp_supported(prefix), "{prefix}");
    }
    for prefix in ["iam", "ec2", "nosuch"] {
        assert!(!catalogue.rcp_supported(prefix), "{prefix}");
    }
}

#[test]
fn misspelt_names_are_near_known_ones() {
    let catalogue = Catalogue::get();
    assert_eq!(catalogue.suggest_action("iam:CreatUser").first().map(String::as_str), Some("iam:CreateUser"));
    assert_eq!(catalogue.suggest_action("s3:GetObejct").first().map(String::as_str), Some("s3:GetObject"));
    assert!(catalogue.suggest_action("iamm:CreateUser").contains(&"iam:CreateUser".to_owned()));
    assert!(catalogue.suggest_service("dynamdb").contains(&"dynamodb"));
    assert_eq!(catalogue.suggest_condition_key("aws:SorceIp").first(), Some(&"aws:SourceIp"));
    assert!(catalogue.suggest_action("iam:Zzzzzzzzzzzz").is_empty());
}
