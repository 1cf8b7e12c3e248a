//! Delegation requests, from asking to the credentials.

use crate::harness::{ACCOUNT, Answer, Keys, OTHER, World, allow};
use std::time::Duration;

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:topic";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The first account asks, the second approves.
struct Scene {
    world: World,
    /// Administers the account that is asked.
    owner: Keys,
}

impl Scene {
    fn new() -> Self {
        let world = World::new();
        let owner = world.second_account();
        let template = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetUser","Resource":"arn:aws:iam::210987654321:user/@{TheName}"}]}"#;
        world.iam("CreatePolicy", &[("PolicyName", "Template"), ("PolicyDocument", template)]);
        world.iam_as(&owner, "CreateUser", &[("UserName", "ann")]).expect_ok("ann");
        world.iam_as(&owner, "CreateUser", &[("UserName", "ben")]).expect_ok("ben");
        Self { world, owner }
    }

    fn ask(&self, also: &[(&str, &str)]) -> Answer {
        let template = format!("arn:aws:iam::{ACCOUNT}:policy/Template");
        let mut params = vec![
            ("Description", "look at a user"),
            ("NotificationChannel", TOPIC),
            ("Permissions.PolicyTemplateArn", template.as_str()),
            ("Permissions.Parameters.member.1.Name", "TheName"),
            ("Permissions.Parameters.member.1.Type", "string"),
            ("Permissions.Parameters.member.1.Values.member.1", "ann"),
            ("RequestorWorkflowId", "workflow-1"),
            ("SessionDuration", "3600"),
        ];
        for (name, value) in also {
            params.retain(|(known, _)| known != name);
            params.push((name, value));
        }
        self.world.iam_as(&self.world.admin, "CreateDelegationRequest", &params)
    }

    fn asked(&self, also: &[(&str, &str)]) -> String {
        self.ask(also).expect_ok("CreateDelegationRequest").text("DelegationRequestId")
    }

    fn by(&self, who: &Keys, action: &str, id: &str) -> Answer {
        self.world.iam_as(who, action, &[("DelegationRequestId", id)])
    }

    fn owner_does(&self, action: &str, id: &str) {
        self.by(&self.owner, action, id).expect_ok(action);
    }

    fn state(&self, id: &str) -> String {
        self.by(&self.owner, "GetDelegationRequest", id).expect_ok("GetDelegationRequest").text("State")
    }

    fn token(&self, who: &Keys, id: &str) -> serde_json::Value {
        let input = format!(r#"{{"DelegationRequestId":"{id}"}}"#);
        let answer = self.world.own_as(who, "GetDelegationToken", &input).expect_ok("GetDelegationToken");
        serde_json::from_str(&answer.body).unwrap()
    }
}

#[test]
fn a_request_goes_its_way_to_credentials() {
    let scene = Scene::new();
    let id = scene.asked(&[("OwnerAccountId", OTHER)]);
    assert_eq!(scene.state(&id), "UNASSIGNED");
    scene.owner_does("AssociateDelegationRequest", &id);
    let shown = scene.by(&scene.owner, "GetDelegationRequest", &id);
    assert_eq!(shown.text("State"), "ASSIGNED");
    assert_eq!(shown.text("OwnerAccountId"), OTHER);
    assert!(shown.text("OwnerId").contains("assumed-role/Administrator"), "{}", shown.body);
    assert!(shown.text("PermissionPolicy").contains(":user/ann"));
    assert_eq!(shown.text("RequestorId"), ACCOUNT);
    let listed = scene.world.iam_as(&scene.owner, "ListDelegationRequests", &[]).expect_ok("list");
    assert_eq!(listed.text("DelegationRequestId"), id);
    scene.owner_does("UpdateDelegationRequest", &id);
    assert_eq!(scene.state(&id), "PENDING_APPROVAL");
    scene.owner_does("AcceptDelegationRequest", &id);
    assert!(scene.token(&scene.world.admin, &id)["TradeInToken"].is_null(), "not released yet");
    scene.owner_does("SendDelegationToken", &id);
    assert_eq!(scene.state(&id), "FINALIZED");
    let token = scene.token(&scene.world.admin, &id);
    let trade = [("TradeInToken", token["TradeInToken"].as_str().unwrap())];
    let answer = scene.world.sts_as(&scene.world.admin, "GetDelegatedAccessToken", &trade).expect_ok("trade");
    assert!(answer.text("AssumedPrincipal").contains("assumed-role/Administrator"));
    assert_eq!(answer.text("Expiration"), "2026-01-02T04:04:05Z");
    let keys = answer.keys();
    scene.world.iam_as(&keys, "GetUser", &[("UserName", "ann")]).expect_ok("asked for");
    scene.world.iam_as(&keys, "GetUser", &[("UserName", "ben")]).expect_code("another", "AccessDenied");
    scene.world.iam_as(&keys, "ListUsers", &[]).expect_code("not asked for", "AccessDenied");
    scene.world.iam_as(&keys, "CreateAccessKey", &[("UserName", "ann")]).expect_code("more", "AccessDenied");
    scene
        .world
        .sts_as(&scene.owner, "GetDelegatedAccessToken", &trade)
        .expect_code("another account", "ExpiredTradeInTokenException");
    scene.world.clock.advance(Duration::from_secs(3600));
    scene
        .world
        .sts_as(&scene.world.admin, "GetDelegatedAccessToken", &trade)
        .expect_code("over", "ExpiredTradeInTokenException");
    scene.world.iam_as(&keys, "GetUser", &[("UserName", "ann")]).expect_code("over", "ExpiredToken");
}

#[test]
fn steps_are_taken_in_order() {
    let scene = Scene::new();
    let id = scene.asked(&[]);
    for early in [
        "UpdateDelegationRequest",
        "AcceptDelegationRequest",
        "RejectDelegationRequest",
        "SendDelegationToken",
    ] {
        scene.by(&scene.owner, early, &id).expect_code(early, "InvalidInput");
    }
    scene.owner_does("AssociateDelegationRequest", &id);
    scene.by(&scene.owner, "AssociateDelegationRequest", &id).expect_code("twice", "InvalidInput");
    scene.owner_does("AcceptDelegationRequest", &id);
    scene.by(&scene.owner, "UpdateDelegationRequest", &id).expect_code("accepted", "InvalidInput");
    scene.owner_does("RejectDelegationRequest", &id);
    assert_eq!(scene.state(&id), "REJECTED");
    for late in ["AcceptDelegationRequest", "SendDelegationToken", "RejectDelegationRequest"] {
        scene.by(&scene.owner, late, &id).expect_code(late, "InvalidInput");
    }
    scene.by(&scene.owner, "AcceptDelegationRequest", "0000000000000000").expect_code("none", "NoSuchEntity");
}

#[test]
fn requests_are_seen_by_those_whom_they_concern() {
    let scene = Scene::new();
    let own = scene.asked(&[("OwnerAccountId", OTHER)]);
    scene.by(&scene.world.admin, "GetDelegationRequest", &own).expect_code("the requestor", "NoSuchEntity");
    scene
        .by(&scene.world.admin, "AssociateDelegationRequest", &own)
        .expect_code("the requestor", "NoSuchEntity");
    let open = scene.asked(&[("RequestorWorkflowId", "workflow-2")]);
    scene.by(&scene.world.admin, "GetDelegationRequest", &open).expect_ok("nobody's yet");
    scene.owner_does("AssociateDelegationRequest", &open);
    scene.by(&scene.world.admin, "GetDelegationRequest", &open).expect_code("taken on", "NoSuchEntity");
    let input = format!(r#"{{"DelegationRequestId":"{open}"}}"#);
    scene
        .world
        .own_as(&scene.owner, "GetDelegationToken", &input)
        .expect_code("not the requestor", "NoSuchDelegationRequestException");
}

/// An owner may look at and hand on what it took on, without a policy; approving needs the right.
#[test]
fn the_owner_has_rights_of_its_own_until_a_policy_denies() {
    let scene = Scene::new();
    let world = &scene.world;
    let bob = world.user("bob", &allow(&["iam:AssociateDelegationRequest"]));
    let id = scene.asked(&[]);
    scene.by(&bob, "GetDelegationRequest", &id).expect_code("not the owner yet", "AccessDenied");
    scene.by(&bob, "AssociateDelegationRequest", &id).expect_ok("associate");
    scene.by(&bob, "GetDelegationRequest", &id).expect_ok("owner");
    scene.by(&bob, "UpdateDelegationRequest", &id).expect_ok("owner");
    scene.by(&bob, "AcceptDelegationRequest", &id).expect_code("no right", "AccessDenied");
    scene.by(&bob, "SendDelegationToken", &id).expect_code("no right", "AccessDenied");
    let eve = world.user("eve", "");
    scene.by(&eve, "GetDelegationRequest", &id).expect_code("somebody else", "AccessDenied");
    let deny = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:GetDelegationRequest","Resource":"*"}]}"#;
    world.iam("PutUserPolicy", &[("UserName", "bob"), ("PolicyName", "deny"), ("PolicyDocument", deny)]);
    scene.by(&bob, "GetDelegationRequest", &id).expect_code("denied", "AccessDenied");
}

#[test]
fn only_the_owner_sends_where_that_was_asked() {
    let scene = Scene::new();
    let world = &scene.world;
    let bob = world.user("bob", &allow(&["iam:*"]));
    let id = scene.asked(&[("OnlySendByOwner", "true")]);
    scene.by(&bob, "AssociateDelegationRequest", &id).expect_ok("bob");
    scene.by(&world.admin, "AcceptDelegationRequest", &id).expect_ok("the administrator");
    scene.by(&world.admin, "SendDelegationToken", &id).expect_code("not the owner", "AccessDenied");
    scene.by(&bob, "SendDelegationToken", &id).expect_ok("the owner");
    let token = scene.token(&world.admin, &id);
    let trade = [("TradeInToken", token["TradeInToken"].as_str().unwrap())];
    let answer = world.sts_as(&world.admin, "GetDelegatedAccessToken", &trade).expect_ok("trade");
    assert!(answer.text("AssumedPrincipal").ends_with(":user/dev"), "the approver, not the owner");
}

#[test]
fn requests_expire_in_every_state() {
    let scene = Scene::new();
    let id = scene.asked(&[]);
    scene.world.clock.advance(DAY - Duration::from_secs(1));
    let owner = scene.world.login(OTHER);
    scene.by(&owner, "AssociateDelegationRequest", &id).expect_ok("in time");
    scene.world.clock.advance(DAY * 7);
    let owner = scene.world.login(OTHER);
    scene.by(&owner, "AcceptDelegationRequest", &id).expect_code("too late", "InvalidInput");
    let shown = scene.by(&scene.world.login(OTHER), "GetDelegationRequest", &id).expect_ok("shown");
    assert_eq!(shown.text("State"), "EXPIRED");
    scene.asked(&[]);
}

#[test]
fn what_is_asked_is_checked() {
    let scene = Scene::new();
    scene.asked(&[]);
    scene.ask(&[]).expect_code("the same workflow", "EntityAlreadyExists");
    let again = |also: &[(&str, &str)]| {
        let id = [("RequestorWorkflowId", "workflow-2")];
        scene.ask(&[&id[..], also].concat())
    };
    again(&[("NotificationChannel", "nowhere")]).expect_code("channel", "InvalidInput");
    again(&[("Permissions.PolicyTemplateArn", "arn:aws:iam::123456789012:policy/None")])
        .expect_code("template", "InvalidInput");
    again(&[("Permissions.Parameters.member.1.Name", "Other")])
        .expect_code("no such parameter", "InvalidInput");
    again(&[("Permissions.Parameters.member.1.Values.member.1", "\"]}")])
        .expect_ok("a value is text, whatever is in it");
    scene
        .ask(&[("RequestorWorkflowId", "workflow-3"), ("SessionDuration", "299")])
        .expect_code("too short", "ValidationError");
    scene
        .ask(&[("RequestorWorkflowId", "workflow-3"), ("SessionDuration", "43201")])
        .expect_code("too long", "ValidationError");
}

#[test]
fn permissions_are_checked_and_told() {
    let scene = Scene::new();
    let id = scene.asked(&[("OwnerAccountId", OTHER)]);
    let check = |who: &Keys| {
        let params = [("DelegationRequestId", id.as_str()), ("DelegationPermissionCheck", "true")];
        let answer = scene.world.iam_as(who, "GetDelegationRequest", &params).expect_ok("check");
        (answer.text("PermissionCheckStatus"), answer.text("PermissionCheckResult"))
    };
    assert_eq!(check(&scene.owner), ("COMPLETE".to_owned(), "ALLOWED".to_owned()));
    let arn = format!("arn:aws:iam::{OTHER}:delegation-request/{id}");
    let told = |locale: &str| {
        let params = [("EntityArn", arn.as_str()), ("Locale", locale)];
        scene.world.iam_as(&scene.owner, "GetHumanReadableSummary", &params).expect_ok("summary")
    };
    assert!(
        told("en-US").text("SummaryContent").contains("do iam:GetUser on arn:aws:iam::210987654321:user/ann")
    );
    assert_eq!(told("fr").text("SummaryState"), "NOT_SUPPORTED");
}

#[test]
fn there_are_no_role_templates() {
    let world = World::new();
    let arn = [("TemplateArn", "arn:aws:iam::aws:role-template/ec2.amazonaws.com/Sample:1")];
    world.iam_fails("GetRoleTemplateVersion", &arn, "NoSuchEntity");
    world.iam_fails("AcquireRole", &arn, "NoSuchEntity");
    world.iam_fails(
        "GetRoleTemplateVersion",
        &[("TemplateArn", "arn:aws:s3:::some-bucket-name")],
        "InvalidInput",
    );
}
