//! The way of a request: signature, gate, handler, record, answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod harness;

use harness::{ACCOUNT, Keys, OTHER, World, allow};

#[test]
fn the_caller_is_told_who_it_is() {
    let world = World::new();
    let answer = world.sts_as(&world.admin, "GetCallerIdentity", &[]).expect_ok("GetCallerIdentity");
    assert_eq!(answer.text("Account"), ACCOUNT);
    assert_eq!(answer.text("Arn"), format!("arn:aws:iam::{ACCOUNT}:user/dev"));
    assert!(answer.text("UserId").starts_with("AIDA"));
}

#[test]
fn a_user_without_policies_may_nothing_but_ask_who_it_is() {
    let world = World::new();
    let bob = world.user("bob", "");
    world.sts_as(&bob, "GetCallerIdentity", &[]).expect_ok("GetCallerIdentity");
    let denied =
        world.iam_as(&bob, "CreateUser", &[("UserName", "eve")]).expect_code("CreateUser", "AccessDenied");
    assert_eq!(
        denied.message(),
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/bob is not authorized to perform: iam:CreateUser on resource: \
             arn:aws:iam::{ACCOUNT}:user/eve because no identity-based policy allows the iam:CreateUser action"
        )
    );
    world.iam_fails("GetUser", &[("UserName", "eve")], "NoSuchEntity");
}

#[test]
fn a_changed_policy_counts_on_the_next_request() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["iam:ListUsers"]));
    world.iam_as(&bob, "ListUsers", &[]).expect_ok("ListUsers");
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}"#;
    world.iam("PutUserPolicy", &[("UserName", "bob"), ("PolicyName", "deny"), ("PolicyDocument", deny)]);
    let denied = world.iam_as(&bob, "ListUsers", &[]).expect_code("ListUsers", "AccessDenied");
    assert!(
        denied.message().ends_with("with an explicit deny in an identity-based policy"),
        "{}",
        denied.message()
    );
    world.iam("DeleteUserPolicy", &[("UserName", "bob"), ("PolicyName", "deny")]);
    world.iam_as(&bob, "ListUsers", &[]).expect_ok("ListUsers");
}

#[test]
fn case_014_strange_keys_are_unknown() {
    let world = World::new();
    for id in ["AKIAUNKNOWN123456789", "*", "' OR 1=1 --", "akiadevelopment12345"] {
        let keys = Keys { id: id.into(), secret: "x".into(), token: None };
        world.sts_as(&keys, "GetCallerIdentity", &[]).expect_code(id, "InvalidClientTokenId");
    }
    let wrong = Keys { secret: "wrong".into(), ..world.admin.clone() };
    world.sts_as(&wrong, "GetCallerIdentity", &[]).expect_code("wrong secret", "SignatureDoesNotMatch");
}

#[test]
fn case_015_an_inactive_or_deleted_key_is_refused_at_once() {
    let world = World::new();
    let bob = world.user("bob", "");
    let update = [("UserName", "bob"), ("AccessKeyId", bob.id.as_str())];
    world.iam("UpdateAccessKey", &[&update[..], &[("Status", "Inactive")]].concat());
    world.sts_as(&bob, "GetCallerIdentity", &[]).expect_code("inactive", "InvalidClientTokenId");
    world.iam("UpdateAccessKey", &[&update[..], &[("Status", "Active")]].concat());
    world.sts_as(&bob, "GetCallerIdentity", &[]).expect_ok("active again");
    world.iam("DeleteAccessKey", &update);
    world.sts_as(&bob, "GetCallerIdentity", &[]).expect_code("deleted", "InvalidClientTokenId");
}

#[test]
fn case_021_tokens_of_others_are_refused() {
    let world = World::new();
    let session = world.login(ACCOUNT);
    world.sts_as(&session, "GetCallerIdentity", &[]).expect_ok("session");
    let other = world.login(ACCOUNT);
    let mixed = Keys { token: other.token, ..session.clone() };
    world.sts_as(&mixed, "GetCallerIdentity", &[]).expect_code("mixed", "InvalidClientTokenId");
    let without = Keys { token: None, ..session.clone() };
    world.sts_as(&without, "GetCallerIdentity", &[]).expect_code("without", "InvalidClientTokenId");
    let forged = Keys { token: Some("AAAA".into()), ..session.clone() };
    world.sts_as(&forged, "GetCallerIdentity", &[]).expect_code("forged", "InvalidClientTokenId");
    world.clock.advance(std::time::Duration::from_secs(3601));
    world.sts_as(&session, "GetCallerIdentity", &[]).expect_code("expired", "ExpiredToken");
}

#[test]
fn case_090_reads_writes_and_refusals_leave_records() {
    let world = World::new();
    let bob = world.user("bob", "");
    world.iam_as(&bob, "ListUsers", &[]).expect_code("ListUsers", "AccessDenied");
    world.iam("ListUsers", &[]);
    let records = world.records();
    let of = |name: &str| {
        records.iter().find(|record| record["eventName"] == name).unwrap_or_else(|| panic!("{name}"))
    };
    assert_eq!(of("CreateUser")["requestParameters"]["userName"], "bob");
    assert_eq!(of("CreateUser")["readOnly"], false);
    assert_eq!(of("CreateUser")["userIdentity"]["userName"], "dev");
    assert_eq!(of("ListUsers")["readOnly"], true);
    assert!(
        records.iter().any(
            |record| record["errorCode"] == "AccessDenied" && record["userIdentity"]["userName"] == "bob"
        )
    );
    let made = of("CreateAccessKey");
    assert_eq!(made["responseElements"]["accessKey"]["accessKeyId"], bob.id.as_str());
    assert!(!made.to_string().contains(&bob.secret), "a secret in a record");
}

#[test]
fn accounts_are_isolated() {
    let world = World::new();
    let other = world.second_account();
    world.iam_as(&other, "CreateUser", &[("UserName", "bob")]).expect_ok("CreateUser");
    world.iam_fails("GetUser", &[("UserName", "bob")], "NoSuchEntity");
    let identity = world.sts_as(&other, "GetCallerIdentity", &[]).expect_ok("GetCallerIdentity");
    assert_eq!(identity.text("Arn"), format!("arn:aws:sts::{OTHER}:assumed-role/Administrator/operator"));
    // The second account is not the realm's: it makes no accounts and sees no other's.
    world.own_as(&other, "ListAccounts", "{}").expect_code("ListAccounts", "AccessDeniedException");
    world
        .own_as(&other, "CreateAccount", r#"{"Name":"x"}"#)
        .expect_code("CreateAccount", "AccessDeniedException");
    world.own_as(&other, "Login", "{}").expect_code("Login", "AccessDeniedException");
}

#[test]
fn the_partition_comes_from_the_scope() {
    let mut world = World::new();
    world.region = "cn-north-1";
    let made = world.iam("CreateUser", &[("UserName", "bob")]);
    assert_eq!(made.text("Arn"), format!("arn:aws-cn:iam::{ACCOUNT}:user/bob"));
    world.region = "eu-central-1";
    world.iam_fails("ListUsers", &[], "SignatureDoesNotMatch");
    world.sts_as(&world.admin, "GetCallerIdentity", &[]).expect_ok("STS is regional");
}

#[test]
fn what_is_not_built_says_so() {
    let world = World::new();
    let answer = world.iam_as(&world.admin, "ListServerCertificates", &[]);
    if !answer.is_ok() {
        assert_eq!((answer.status, answer.code().as_str()), (501, "NotImplemented"));
    }
    world.iam_fails("NoSuchThing", &[], "InvalidAction");
}

#[test]
fn a_development_server_goes_back_to_its_start() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["*"]));
    world.own_as(&bob, "Reset", "{}").expect_code("Reset", "AccessDeniedException");
    world.own_as(&world.admin, "Reset", "{}").expect_ok("Reset");
    world.iam_fails("GetUser", &[("UserName", "bob")], "NoSuchEntity");
    world.sts_as(&bob, "GetCallerIdentity", &[]).expect_code("bob is gone", "InvalidClientTokenId");
    world.sts_as(&world.admin, "GetCallerIdentity", &[]).expect_ok("dev is there");
}
