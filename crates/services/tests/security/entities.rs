//! Who may act on whom.

use crate::harness::{ACCOUNT, World, allow, trust};

#[test]
fn case_075_an_account_that_the_caller_names_is_not_believed() {
    let world = World::new();
    let other = world.second_account();
    for (action, input) in [
        ("CreateAccessKey", format!(r#"{{"Account":"{ACCOUNT}","UserName":"dev"}}"#)),
        ("LookupRecords", format!(r#"{{"Account":"{ACCOUNT}"}}"#)),
        ("CreateAccount", r#"{"Name":"third"}"#.to_owned()),
        ("ListAccounts", "{}".to_owned()),
    ] {
        world.refused(action, "AccessDeniedException", || world.own_as(&other, action, &input));
    }
    // Members that the operation does not have change nothing.
    let listed = world.iam_as(&other, "ListUsers", &[("AccountId", ACCOUNT), ("OwnerId", ACCOUNT)]);
    assert!(!listed.body.contains("user/dev"), "{}", listed.body);
    let forged = format!("arn:aws:iam::{ACCOUNT}:policy/None");
    world.refused("another account's policy", "NoSuchEntity", || {
        world.iam_as(&other, "AttachRolePolicy", &[("RoleName", "Administrator"), ("PolicyArn", &forged)])
    });
}

#[test]
fn case_076_keys_of_others_need_rights_on_those_others() {
    let world = World::new();
    let own = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"iam:*AccessKey*","Resource":"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"}}]}}"#
    );
    let bob = world.user("bob", &own);
    let eve = world.user("eve", "");
    world.iam_as(&bob, "ListAccessKeys", &[("UserName", "bob")]).expect_ok("own");
    let of_eve = [("UserName", "eve"), ("AccessKeyId", eve.id.as_str())];
    let inactive = [&of_eve[..], &[("Status", "Inactive")]].concat();
    for (action, params) in [
        ("CreateAccessKey", vec![("UserName", "eve")]),
        ("ListAccessKeys", vec![("UserName", "eve")]),
        ("UpdateAccessKey", inactive),
        ("DeleteAccessKey", of_eve.to_vec()),
        ("GetAccessKeyLastUsed", vec![("AccessKeyId", eve.id.as_str())]),
    ] {
        let refused = world.refused(action, "AccessDenied", || world.iam_as(&bob, action, &params));
        assert!(refused.message().contains("user/eve"), "{}", refused.message());
    }
    // The key of another under the own name is no key.
    for (action, params) in [
        ("DeleteAccessKey", vec![("UserName", "bob"), ("AccessKeyId", eve.id.as_str())]),
        ("DeleteAccessKey", vec![("AccessKeyId", eve.id.as_str())]),
        ("UpdateAccessKey", vec![("AccessKeyId", eve.id.as_str()), ("Status", "Inactive")]),
    ] {
        world.refused(action, "NoSuchEntity", || world.iam_as(&bob, action, &params));
    }
    world.sts_as(&eve, "GetCallerIdentity", &[]).expect_ok("untouched");
}

#[test]
fn case_077_without_a_name_the_caller_is_meant_and_nobody_else() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["iam:*"]));
    assert_eq!(world.iam_as(&bob, "GetUser", &[]).expect_ok("own").text("UserName"), "bob");
    let keys = world.iam_as(&bob, "ListAccessKeys", &[]).expect_ok("own").texts("AccessKeyId");
    assert_eq!(keys, std::slice::from_ref(&bob.id));
    let role = world.role("bob", &trust(ACCOUNT), &allow(&["iam:*"]));
    let session = world.assume(&world.admin, &role, &[]);
    for (action, params) in [
        ("GetUser", vec![]),
        ("CreateAccessKey", vec![]),
        ("ListAccessKeys", vec![]),
        ("DeleteAccessKey", vec![("AccessKeyId", bob.id.as_str())]),
        ("UpdateAccessKey", vec![("AccessKeyId", bob.id.as_str()), ("Status", "Inactive")]),
    ] {
        world.refused(action, "ValidationError", || world.iam_as(&session, action, &params));
    }
}

#[test]
fn case_083_names_that_look_alike_are_one_and_paths_are_part_of_the_arn() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "Admin")]);
    world.refused("other letters", "EntityAlreadyExists", || {
        world.iam_as(&world.admin, "CreateUser", &[("UserName", "admin")])
    });
    for name in ["../admin", "a/b", "admin\u{0}", "%2e%2e", "admin ", "\u{ff21}dmin"] {
        world.refused(name, "ValidationError", || {
            world.iam_as(&world.admin, "CreateUser", &[("UserName", name)])
        });
    }
    let made = world.iam(
        "CreateRole",
        &[("RoleName", "Deep"), ("Path", "/team/"), ("AssumeRolePolicyDocument", &trust(ACCOUNT))],
    );
    assert!(made.text("Arn").ends_with("role/team/Deep"));
    let bob = world.user("bob", &allow(&["sts:AssumeRole"]));
    for arn in ["role/Deep", "role/team/../Deep", "role//team/Deep", "role/TEAM/Deep"] {
        let arn = format!("arn:aws:iam::{ACCOUNT}:{arn}");
        world.refused(&arn, "AccessDenied", || {
            world.sts_as(&bob, "AssumeRole", &[("RoleArn", &arn), ("RoleSessionName", "session")])
        });
    }
    world
        .sts_as(&bob, "AssumeRole", &[("RoleArn", &made.text("Arn")), ("RoleSessionName", "session")])
        .expect_ok("whole");
}

/// A record is one line of JSON whatever stands in the request.
#[test]
fn case_092_text_of_callers_cannot_break_out_of_records() {
    let world = World::new();
    let nasty = "\u{1b}[31m\" ,\"errorCode\":\"none\"}\r\n{\"eventName\":\"Forged\"}";
    world.refused("a name", "ValidationError", || {
        world.iam_as(&world.admin, "CreateUser", &[("UserName", nasty)])
    });
    let answer = world.iam_as(
        &world.admin,
        "PutUserPolicy",
        &[("UserName", "dev"), ("PolicyName", "p"), ("PolicyDocument", nasty)],
    );
    assert!(!answer.is_ok());
    let mut incoming = world.prepare(&world.admin, "iam", "ListUsers", &[]);
    incoming.origin.user_agent = nasty.into();
    world.send_raw(incoming).expect_ok("a user agent");
    let records = world.records();
    assert!(records.iter().all(|record| record["eventName"] != "Forged"));
    assert!(
        records.iter().any(|record| record["userAgent"].as_str().is_some_and(|text| text.contains("Forged")))
    );
}
