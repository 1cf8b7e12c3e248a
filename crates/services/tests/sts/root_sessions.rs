//! `AssumeRoot` and the features of centralized root access.

use crate::harness::{ACCOUNT, Answer, Keys, OTHER, World, allow};

const AUDIT: &str = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";

fn assume_root(world: &World, who: &Keys, target: &str, task: &str, also: &[(&str, &str)]) -> Answer {
    let params = [&[("TargetPrincipal", target), ("TaskPolicyArn.arn", task)], also].concat();
    world.sts_as(who, "AssumeRoot", &params)
}

#[test]
fn the_first_account_manages_the_features() {
    let world = World::new();
    let other = world.second_account();
    let listed = world.iam("ListOrganizationsFeatures", &[]);
    assert!(listed.text("OrganizationId").starts_with("o-"));
    assert!(listed.texts("member").is_empty());
    world.iam("EnableOrganizationsRootSessions", &[]);
    let both = world.iam("EnableOrganizationsRootCredentialsManagement", &[]);
    assert_eq!(both.texts("member"), ["RootCredentialsManagement", "RootSessions"]);
    let one = world.iam("DisableOrganizationsRootSessions", &[]);
    assert_eq!(one.texts("member"), ["RootCredentialsManagement"]);
    world.iam("DisableOrganizationsRootCredentialsManagement", &[]);
    assert!(world.iam("ListOrganizationsFeatures", &[]).texts("member").is_empty());
    for action in [
        "ListOrganizationsFeatures",
        "EnableOrganizationsRootSessions",
        "DisableOrganizationsRootSessions",
        "EnableOrganizationsRootCredentialsManagement",
        "DisableOrganizationsRootCredentialsManagement",
    ] {
        world
            .iam_as(&other, action, &[])
            .expect_code(action, "AccountNotManagementOrDelegatedAdministratorException");
    }
}

#[test]
fn a_root_session_does_its_task_and_nothing_else() {
    let world = World::new();
    world.second_account();
    world.iam("EnableOrganizationsRootSessions", &[]);
    let bob = world.user("bob", &allow(&["sts:AssumeRoot"]));
    let answer = assume_root(&world, &bob, OTHER, AUDIT, &[]).expect_ok("AssumeRoot");
    assert_eq!(answer.text("Expiration"), "2026-01-02T03:19:05Z");
    let root = answer.keys();
    let who = world.sts_as(&root, "GetCallerIdentity", &[]).expect_ok("GetCallerIdentity");
    assert_eq!(who.text("Arn"), format!("arn:aws:iam::{OTHER}:root"));
    assert_eq!(who.text("UserId"), OTHER);
    let record =
        world.records().into_iter().find(|record| record["eventName"] == "GetCallerIdentity").unwrap();
    assert_eq!(record["userIdentity"]["type"], "Root");
    assert_eq!(record["userIdentity"]["sessionContext"]["assumedRoot"], "true");
    assert_eq!(record["recipientAccountId"], OTHER);
    world.iam_as(&root, "GetAccountSummary", &[]).expect_ok("in the task");
    assert!(world.iam_as(&root, "ListAccessKeys", &[]).expect_ok("own keys").texts("member").is_empty());
    for (action, params) in [
        ("ListUsers", vec![]),
        ("CreateUser", vec![("UserName", "eve")]),
        ("ListAccessKeys", vec![("UserName", "eve")]),
        ("CreateAccessKey", vec![("UserName", "eve")]),
    ] {
        world.iam_as(&root, action, &params).expect_code(action, "AccessDenied");
    }
    for (action, params) in [("GetSessionToken", vec![]), ("GetFederationToken", vec![("Name", "Eve")])] {
        world.sts_as(&root, action, &params).expect_code(action, "AccessDenied");
    }
    let role = format!("arn:aws:iam::{OTHER}:role/Administrator");
    let params = [("RoleArn", role.as_str()), ("RoleSessionName", "session")];
    world.sts_as(&root, "AssumeRole", &params).expect_code("AssumeRole", "AccessDenied");
    world.own_as(&root, "Status", "{}").expect_code("Status", "AccessDeniedException");
    assume_root(&world, &root, OTHER, AUDIT, &[]).expect_code("AssumeRoot", "AccessDenied");
}

#[test]
fn what_an_assume_root_is_refused_for() {
    let world = World::new();
    let other = world.second_account();
    let bob = world.user("bob", &allow(&["sts:AssumeRoot"]));
    let eve = world.user("eve", "");
    assume_root(&world, &bob, OTHER, AUDIT, &[]).expect_code("not enabled", "AccessDenied");
    world.iam("EnableOrganizationsRootSessions", &[]);
    let refused = assume_root(&world, &eve, OTHER, AUDIT, &[]).expect_code("no right", "AccessDenied");
    assert!(refused.message().contains(&format!("sts:AssumeRoot on resource: arn:aws:iam::{OTHER}:root")));
    assume_root(&world, &other, ACCOUNT, AUDIT, &[]).expect_code("a member calls", "AccessDenied");
    assume_root(&world, &bob, ACCOUNT, AUDIT, &[]).expect_code("the management account", "AccessDenied");
    assume_root(&world, &bob, "999999999999", AUDIT, &[]).expect_code("no member", "AccessDenied");
    assume_root(&world, &bob, &format!("arn:aws:iam::{OTHER}:root"), AUDIT, &[]).expect_ok("an ARN");
    assume_root(&world, &bob, &format!("arn:aws:iam::{OTHER}:user/x"), AUDIT, &[])
        .expect_code("a user", "ValidationError");
    for task in ["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/root-task/Nothing"] {
        assume_root(&world, &bob, OTHER, task, &[]).expect_code(task, "ValidationError");
    }
    assume_root(&world, &bob, OTHER, AUDIT, &[("DurationSeconds", "900")]).expect_ok("900");
    assume_root(&world, &bob, OTHER, AUDIT, &[("DurationSeconds", "901")])
        .expect_code("901", "ValidationError");
    let session = world.sts_as(&world.admin, "GetSessionToken", &[]).expect_ok("session").keys();
    assume_root(&world, &session, OTHER, AUDIT, &[]).expect_code("session of a user", "AccessDenied");
}

#[test]
fn the_task_can_be_a_condition() {
    let world = World::new();
    world.second_account();
    world.iam("EnableOrganizationsRootSessions", &[]);
    let only_audit = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRoot","Resource":"*","Condition":{{"StringEquals":{{"sts:TaskPolicyArn":"{AUDIT}"}}}}}}]}}"#
    );
    let bob = world.user("bob", &only_audit);
    assume_root(&world, &bob, OTHER, AUDIT, &[]).expect_ok("audit");
    let delete = "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials";
    assume_root(&world, &bob, OTHER, delete, &[]).expect_code("delete", "AccessDenied");
}
