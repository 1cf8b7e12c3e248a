//! Facts 9 to 27: resource policies against boundaries and session policies, and other accounts.

use crate::oracle::Who;
use crate::support::*;
use bailiwick_policy::{Cause, Layer, Layers};

const NOTHING: &str = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#;

#[test]
fn fact_009_a_boundary_intersects_and_grants_nothing() {
    assert_eq!(ask(user()).identity(ALLOW_ALL).boundary(NOTHING).implicit(), Layer::Boundary);
    assert_eq!(ask(user()).boundary(ALLOW_ALL).implicit(), Layer::Identity);
    assert!(ask(user()).identity(ALLOW_ALL).boundary(ALLOW_ALL).is_allowed());
}

#[test]
fn fact_010_a_resource_policy_naming_the_user_is_not_limited() {
    assert!(ask(user()).boundary(NOTHING).resource_policy(&to("Allow", &aws(USER))).is_allowed());
}

#[test]
fn fact_011_a_resource_policy_naming_the_role_is_limited_by_boundary_and_session_policy() {
    let ask = ask(session()).resource_policy(&to("Allow", &aws(ROLE)));
    assert!(ask.is_allowed());
    assert_eq!(ask.clone().boundary(NOTHING).implicit(), Layer::Boundary);
    assert_eq!(ask.clone().session(NOTHING).implicit(), Layer::Session);
    assert!(ask.boundary(ALLOW_ALL).session(ALLOW_ALL).is_allowed());
}

#[test]
fn fact_012_a_resource_policy_naming_the_session_is_not_limited() {
    let ask = ask(session()).boundary(NOTHING).session(NOTHING);
    assert!(ask.resource_policy(&to("Allow", &aws(SESSION))).is_allowed());
}

#[test]
fn fact_013_session_permissions_are_the_union_of_three() {
    let s3 = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    assert!(ask(session()).session(s3).identity(ALLOW_ALL).is_allowed());
    assert!(ask(session()).session(s3).resource_policy(&to("Allow", &aws(ROLE))).is_allowed());
    assert!(ask(session()).session(NOTHING).resource_policy(&to("Allow", &aws(SESSION))).is_allowed());
    assert_eq!(ask(session()).session(s3).implicit(), Layer::Identity);
    assert_eq!(ask(session()).session(NOTHING).identity(ALLOW_ALL).implicit(), Layer::Session);
}

#[test]
fn fact_014_a_federated_user_is_reached_directly_or_through_its_issuer() {
    assert!(ask(federated()).session(NOTHING).resource_policy(&to("Allow", &aws(FEDERATED))).is_allowed());
    let by_issuer = ask(federated()).resource_policy(&to("Allow", &aws(USER)));
    assert_eq!(by_issuer.clone().session(NOTHING).implicit(), Layer::Session);
    assert_eq!(by_issuer.clone().session(ALLOW_ALL).boundary(NOTHING).implicit(), Layer::Boundary);
    assert!(by_issuer.session(ALLOW_ALL).is_allowed());
}

#[test]
fn fact_015_everyone_reaches_the_session_directly() {
    for principal in ["\"*\"", "{\"AWS\":\"*\"}"] {
        let ask = ask(session()).boundary(NOTHING).session(NOTHING).resource_policy(&to("Allow", principal));
        assert!(ask.is_allowed());
        assert_eq!(ask.boundary(DENY_ALL).explicit(), Layer::Boundary);
    }
    let narrowed = r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/path/App"}}}"#;
    let ask = ask(session()).session(NOTHING).resource_policy(narrowed);
    assert!(ask.clone().key("aws:PrincipalArn", ROLE).is_allowed());
    assert!(!ask.key("aws:PrincipalArn", USER).is_allowed());
}

#[test]
fn fact_016_everyone_needs_no_more_at_home_and_an_identity_allow_abroad() {
    let ask = ask(user()).resource_policy(&to("Allow", "\"*\""));
    assert!(ask.is_allowed());
    assert_eq!(ask.clone().owner(OTHER).implicit(), Layer::Identity);
    assert!(ask.owner(OTHER).identity(ALLOW_ALL).is_allowed());
}

#[test]
fn fact_017_without_session_policy_a_role_keeps_all_and_a_federated_user_nothing() {
    assert!(ask(session()).identity(ALLOW_ALL).is_allowed());
    assert_eq!(ask(federated()).identity(ALLOW_ALL).implicit(), Layer::Session);
    assert!(ask(federated()).resource_policy(&to("Allow", &aws(FEDERATED))).is_allowed());
}

#[test]
fn fact_018_session_policies_act_as_one_layer() {
    let ask = ask(session()).identity(ALLOW_ALL).session(NOTHING);
    assert_eq!(ask.implicit(), Layer::Session);
    assert!(ask.clone().session(ALLOW_ALL).is_allowed());
    assert_eq!(ask.session(DENY_ALL).explicit(), Layer::Session);
}

#[test]
fn fact_019_an_explicit_deny_defeats_a_grant_to_user_or_session() {
    let user = ask(user()).resource_policy(&to("Allow", &aws(USER)));
    assert_eq!(user.boundary(DENY_ALL).explicit(), Layer::Boundary);
    let session = ask(session()).resource_policy(&to("Allow", &aws(SESSION)));
    assert_eq!(session.session(DENY_ALL).explicit(), Layer::Session);
}

#[test]
fn fact_020_not_principal_denies_whoever_has_a_boundary() {
    let listed = format!(r#"{{"AWS":["{ACCOUNT}","{USER}"]}}"#);
    let spared = format!(r#"{{"Effect":"Deny","NotPrincipal":{listed},"Action":"*","Resource":"*"}}"#);
    let ask = ask(user()).identity(ALLOW_ALL).resource_policy(&spared);
    assert!(ask.is_allowed());
    assert_eq!(ask.boundary(ALLOW_ALL).explicit(), Layer::Resource);
}

#[test]
fn fact_021_an_account_principal_only_delegates() {
    for account in [ACCOUNT, "arn:aws:iam::123456789012:root"] {
        for owner in [ACCOUNT, OTHER] {
            let ask = ask(user()).owner(owner).resource_policy(&to("Allow", &aws(account)));
            assert_eq!(ask.implicit(), Layer::Identity, "{account} {owner}");
            assert!(ask.identity(ALLOW_ALL).is_allowed(), "{account} {owner}");
        }
    }
}

#[test]
fn fact_022_across_accounts_both_sides_must_allow() {
    let ask = ask(user()).owner(OTHER);
    assert_eq!(ask.clone().identity(ALLOW_ALL).implicit(), Layer::Resource);
    assert_eq!(ask.clone().resource_policy(&to("Allow", &aws(USER))).implicit(), Layer::Identity);
    let both = ask.identity(ALLOW_ALL).resource_policy(&to("Allow", &aws(USER)));
    assert!(both.is_allowed());
    assert_eq!(both.clone().scps(&[NOTHING]).implicit(), Layer::Scp);
    assert_eq!(both.rcps(&[&to("Deny", "\"*\"")]).explicit(), Layer::Rcp);
}

#[test]
fn fact_023_across_accounts_boundary_and_session_policy_always_limit() {
    for (who, named) in [(user(), USER), (session(), SESSION), (session(), ROLE), (session(), "*")] {
        let ask = ask(who).owner(OTHER).identity(ALLOW_ALL).resource_policy(&to("Allow", &aws(named)));
        assert!(ask.is_allowed(), "{named}");
        assert_eq!(ask.clone().boundary(NOTHING).implicit(), Layer::Boundary, "{named}");
        assert_eq!(ask.session(NOTHING).implicit(), Layer::Session, "{named}");
    }
}

#[test]
fn fact_024_the_owner_decides_not_the_arn() {
    let ask = ask(user()).identity(ALLOW_ALL);
    assert!(ask.is_allowed());
    assert_eq!(ask.clone().owner(OTHER).implicit(), Layer::Resource);
    let topic = format!("arn:aws:sns:us-east-1:{OTHER}:topic");
    assert_eq!(ask.action("sns:Publish").resource(&topic).implicit(), Layer::Resource);
}

#[test]
fn fact_025_scps_come_from_the_callers_side_and_rcps_from_the_resources() {
    // A foreign caller with no SCPs of its own is not bound by those of the resource's account: they are not given.
    let foreign = Who::User { arn: format!("arn:aws:iam::{OTHER}:user/Eve"), id: None };
    let named = to("Allow", &aws(&format!("arn:aws:iam::{OTHER}:user/Eve")));
    let ask = ask(foreign).identity(ALLOW_ALL).resource_policy(&named);
    assert!(ask.is_allowed());
    assert_eq!(ask.clone().rcps(&[&to("Deny", "\"*\"")]).explicit(), Layer::Rcp);
    assert_eq!(ask.scps(&[NOTHING]).implicit(), Layer::Scp);
}

#[test]
fn fact_026_no_access_across_partitions() {
    let ask = ask(user()).identity(ALLOW_ALL).resource_policy(&to("Allow", "\"*\""));
    let decision = ask.resource("arn:aws-cn:s3:::bucket/key").decide();
    assert_eq!(decision.reason.cause, Cause::OtherPartition);
}

/// Access control lists grant to other accounts only. They are not modelled: of requests at home they could say
/// nothing, and of those from abroad the answer errs on the side of denial.
#[test]
fn fact_027_no_list_grants_inside_an_account() {
    // These are all the layers there are; whoever adds one is led here.
    let Layers { identity: _, boundary: _, session: _, resource: _, scps: _, rcps: _, endpoint: _ } =
        Layers::default();
    assert_eq!(ask(user()).implicit(), Layer::Identity);
    // The way in which lists name an account means nothing in a policy, at home as abroad.
    let owner = r#"{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#;
    let ask = ask(user()).resource_policy(&to("Allow", owner));
    assert_eq!(ask.implicit(), Layer::Identity);
    assert_eq!(ask.owner(OTHER).identity(ALLOW_ALL).implicit(), Layer::Resource);
}
