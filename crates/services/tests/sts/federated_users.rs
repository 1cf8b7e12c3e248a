//! `GetFederationToken`.

use crate::harness::{ACCOUNT, Answer, Keys, World, allow, trust};
use std::time::Duration;

fn federate(world: &World, who: &Keys, params: &[(&str, &str)]) -> Answer {
    let all = [&[("Name", "Ann")], params].concat();
    world.sts_as(who, "GetFederationToken", &all)
}

const OWN_READ: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"bailiwick:*","Resource":"*"}]}"#;

#[test]
fn a_federated_user_has_a_name_of_its_own() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["sts:GetFederationToken"]));
    let answer = federate(&world, &bob, &[]).expect_ok("GetFederationToken");
    assert_eq!(answer.text("Arn"), format!("arn:aws:sts::{ACCOUNT}:federated-user/Ann"));
    assert_eq!(answer.text("FederatedUserId"), format!("{ACCOUNT}:Ann"));
    assert_eq!(answer.text("Expiration"), "2026-01-02T15:04:05Z");
    assert!(!answer.has("PackedPolicySize"));
    let who = world.sts_as(&answer.keys(), "GetCallerIdentity", &[]).expect_ok("GetCallerIdentity");
    assert_eq!(who.text("Arn"), format!("arn:aws:sts::{ACCOUNT}:federated-user/Ann"));
    assert_eq!(who.text("UserId"), format!("{ACCOUNT}:Ann"));
    let record =
        world.records().into_iter().find(|record| record["eventName"] == "GetCallerIdentity").unwrap();
    let identity = &record["userIdentity"];
    assert_eq!(identity["type"], "FederatedUser");
    assert_eq!(identity["principalId"], format!("{ACCOUNT}:Ann"));
    assert_eq!(identity["sessionContext"]["sessionIssuer"]["type"], "IAMUser");
    assert_eq!(identity["sessionContext"]["sessionIssuer"]["userName"], "bob");
}

#[test]
fn the_right_is_on_the_federated_user() {
    let world = World::new();
    let only_ann = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:GetFederationToken","Resource":"arn:aws:sts::{ACCOUNT}:federated-user/Ann"}}]}}"#
    );
    let bob = world.user("bob", &only_ann);
    federate(&world, &bob, &[]).expect_ok("Ann");
    let refused =
        world.sts_as(&bob, "GetFederationToken", &[("Name", "Eve")]).expect_code("Eve", "AccessDenied");
    assert!(
        refused.message().contains("sts:GetFederationToken on resource: arn:aws:sts::"),
        "{}",
        refused.message()
    );
    let tags = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "lights")];
    let refused = federate(&world, &bob, &tags).expect_code("tags", "AccessDenied");
    assert!(refused.message().contains("sts:TagSession"), "{}", refused.message());
}

#[test]
fn names_and_durations_have_limits() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["sts:*"]));
    let named = |name: &str| world.sts_as(&bob, "GetFederationToken", &[("Name", name)]);
    for good in ["An", &"n".repeat(32), "a+=,.@-_"] {
        named(good).expect_ok(good);
    }
    for bad in ["A", &"n".repeat(33), "a b", "a/b", "a:b", "a*", "${x}", "a\r\nb"] {
        named(bad).expect_code(bad, "ValidationError");
    }
    for seconds in ["900", "129600"] {
        federate(&world, &bob, &[("DurationSeconds", seconds)]).expect_ok(seconds);
    }
    for seconds in ["899", "129601"] {
        federate(&world, &bob, &[("DurationSeconds", seconds)]).expect_code(seconds, "ValidationError");
    }
}

/// The session may do what both sides allow; `bailiwick:Status` stands for any service's action.
#[test]
fn case_025_rights_are_those_of_user_and_session_policies_together() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["sts:*", "bailiwick:Status"]));
    let none = federate(&world, &bob, &[]).expect_ok("no policy").keys();
    let refused = world.own_as(&none, "Status", "{}").expect_code("no policy", "AccessDeniedException");
    assert!(refused.any_message().contains("no session policy allows"), "{}", refused.body);
    let both = federate(&world, &bob, &[("Policy", OWN_READ)]).expect_ok("policy");
    assert!(both.has("PackedPolicySize"));
    let both = both.keys();
    world.own_as(&both, "Status", "{}").expect_ok("both allow");
    world.own_as(&both, "ListAccounts", "{}").expect_code("only the session", "AccessDeniedException");
    world.iam("DeleteUserPolicy", &[("UserName", "bob"), ("PolicyName", "p")]);
    world.own_as(&both, "Status", "{}").expect_code("the user's is gone", "AccessDeniedException");
}

#[test]
fn case_027_a_federated_user_calls_neither_iam_nor_sts() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["*"]));
    let everything = allow(&["*"]);
    let role = world.role(
        "Pilot",
        &trust("*").replace(
            "\"Principal\"",
            "\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}},\"Principal\"",
        ),
        "",
    );
    let ann = federate(&world, &bob, &[("Policy", &everything)]).expect_ok("all").keys();
    world.iam_as(&ann, "ListUsers", &[]).expect_code("IAM", "InvalidClientTokenId");
    world.iam_as(&ann, "CreateAccessKey", &[("UserName", "bob")]).expect_code("IAM", "InvalidClientTokenId");
    for (action, params) in [
        ("AssumeRole", vec![("RoleArn", role.as_str()), ("RoleSessionName", "session")]),
        ("GetSessionToken", vec![]),
        ("GetFederationToken", vec![("Name", "Eve")]),
        ("GetAccessKeyInfo", vec![("AccessKeyId", bob.id.as_str())]),
        ("DecodeAuthorizationMessage", vec![("EncodedMessage", "x")]),
    ] {
        let refused = world.sts_as(&ann, action, &params).expect_code(action, "AccessDenied");
        assert_eq!(refused.message(), format!("Cannot call {action} with session credentials"));
    }
    world.sts_as(&ann, "GetCallerIdentity", &[]).expect_ok("GetCallerIdentity");
}

#[test]
fn only_a_users_long_term_key_federates() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["*"]));
    let session = world.sts_as(&bob, "GetSessionToken", &[]).expect_ok("session").keys();
    let refused = federate(&world, &session, &[]).expect_code("session", "AccessDenied");
    assert_eq!(refused.message(), "Cannot call GetFederationToken with session credentials");
    let role = world.role("Pilot", &trust(ACCOUNT), &allow(&["*"]));
    let session = world.assume(&bob, &role, &[]);
    federate(&world, &session, &[]).expect_code("role", "AccessDenied");
}

#[test]
fn case_028_the_session_ends_with_its_user_and_key() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["sts:*", "bailiwick:*"]));
    let ann = federate(&world, &bob, &[("Policy", OWN_READ)]).expect_ok("token").keys();
    world.own_as(&ann, "Status", "{}").expect_ok("before");
    world.clock.advance(Duration::from_secs(10));
    let revoke = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"DateLessThan":{{"aws:TokenIssueTime":"{}"}}}}}}]}}"#,
        world.now().iso()
    );
    world.iam("PutUserPolicy", &[("UserName", "bob"), ("PolicyName", "revoke"), ("PolicyDocument", &revoke)]);
    world.own_as(&ann, "Status", "{}").expect_code("revoked", "AccessDeniedException");
    let newer = federate(&world, &bob, &[("Policy", OWN_READ)]).expect_ok("newer").keys();
    world.own_as(&newer, "Status", "{}").expect_ok("newer");
    let status = |status: &str| {
        let params = [("UserName", "bob"), ("AccessKeyId", bob.id.as_str()), ("Status", status)];
        world.iam("UpdateAccessKey", &params);
    };
    status("Inactive");
    world.sts_as(&newer, "GetCallerIdentity", &[]).expect_code("inactive", "InvalidClientTokenId");
    status("Active");
    world.own_as(&newer, "Status", "{}").expect_ok("active");
    world.iam("DeleteAccessKey", &[("UserName", "bob"), ("AccessKeyId", &bob.id)]);
    world.own_as(&newer, "Status", "{}").expect_code("deleted", "UnrecognizedClientException");
}

#[test]
fn session_tags_go_before_the_users() {
    let world = World::new();
    let by_tag = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"},{"Effect":"Allow","Action":"bailiwick:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/Team":"lights"}}}]}"#;
    let bob = world.user("bob", by_tag);
    world.iam(
        "TagUser",
        &[("UserName", "bob"), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "lights")],
    );
    let own = federate(&world, &bob, &[("Policy", OWN_READ)]).expect_ok("own tag").keys();
    world.own_as(&own, "Status", "{}").expect_ok("the user's tag");
    let params = [("Policy", OWN_READ), ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "sails")];
    let other = federate(&world, &bob, &params).expect_ok("session tag").keys();
    world.own_as(&other, "Status", "{}").expect_code("the session's tag", "AccessDeniedException");
}
