use crate::allow_on;
use crate::arn;
use crate::harness::{ACCOUNT, World};

const ECS: [(&str, &str); 1] = [("AWSServiceName", "ecs.amazonaws.com")];

#[test]
fn a_service_gets_its_role() {
    let world = World::new();
    let made = world.iam("CreateServiceLinkedRole", &[ECS[0], ("Description", "for containers")]);
    assert_eq!(made.text("RoleName"), "AWSServiceRoleForECS");
    assert_eq!(made.text("Path"), "/aws-service-role/ecs.amazonaws.com/");
    assert_eq!(made.text("Arn"), arn("role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"));
    assert!(!made.has("RoleLastUsed") && !made.has("Tags"));
    let role = [("RoleName", "AWSServiceRoleForECS")];
    let got = world.iam("GetRole", &role);
    assert_eq!(got.text("Description"), "for containers");
    let trust = got.text("AssumeRolePolicyDocument");
    assert!(trust.contains("ecs.amazonaws.com") && !trust.contains("AWS%22"), "{trust}");
    let attached = world.iam("ListAttachedRolePolicies", &role);
    assert_eq!(
        attached.texts("PolicyArn"),
        ["arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"]
    );
}

#[test]
fn a_name_is_taken_once_and_suffixes_are_for_some() {
    let world = World::new();
    world.iam("CreateServiceLinkedRole", &ECS);
    let taken = world.iam_fails("CreateServiceLinkedRole", &ECS, "InvalidInput");
    assert_eq!(
        taken.message(),
        "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix."
    );
    let suffix = ("CustomSuffix", "blue");
    let refused = world.iam_fails("CreateServiceLinkedRole", &[ECS[0], suffix], "InvalidInput");
    assert_eq!(refused.message(), "Custom suffix is not allowed for ecs.amazonaws.com");
    let scaling = ("AWSServiceName", "autoscaling.amazonaws.com");
    assert_eq!(
        world.iam("CreateServiceLinkedRole", &[scaling, suffix]).text("RoleName"),
        "AWSServiceRoleForAutoScaling_blue"
    );
    world.iam("CreateServiceLinkedRole", &[scaling]);
    for unknown in ["s3.amazonaws.com", "ECS.amazonaws.com", "example.com"] {
        world.iam_fails("CreateServiceLinkedRole", &[("AWSServiceName", unknown)], "InvalidInput");
    }
    let long = "x".repeat(64);
    world.iam_fails("CreateServiceLinkedRole", &[scaling, ("CustomSuffix", &long)], "InvalidInput");
}

#[test]
fn a_deletion_has_a_task() {
    let world = World::new();
    world.iam("CreateServiceLinkedRole", &ECS);
    let task =
        world.iam("DeleteServiceLinkedRole", &[("RoleName", "AWSServiceRoleForECS")]).text("DeletionTaskId");
    let start = "task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/";
    assert!(task.starts_with(start) && task.len() == start.len() + 36, "{task}");
    let status = world.iam("GetServiceLinkedRoleDeletionStatus", &[("DeletionTaskId", &task)]);
    assert_eq!(status.text("Status"), "SUCCEEDED");
    assert!(!status.has("Reason"));
    world.iam_fails("GetRole", &[("RoleName", "AWSServiceRoleForECS")], "NoSuchEntity");
    world.iam_fails("DeleteServiceLinkedRole", &[("RoleName", "AWSServiceRoleForECS")], "NoSuchEntity");
    let unknown = format!("{start}00000000-0000-0000-0000-000000000000");
    world.iam_fails("GetServiceLinkedRoleDeletionStatus", &[("DeletionTaskId", &unknown)], "NoSuchEntity");
    world.iam_fails("GetServiceLinkedRoleDeletionStatus", &[("DeletionTaskId", "task/x")], "InvalidInput");
    world.role("plain", &crate::harness::trust(ACCOUNT), "");
    world.iam_fails("DeleteServiceLinkedRole", &[("RoleName", "plain")], "NoSuchEntity");
    world.iam("GetRole", &[("RoleName", "plain")]);
    // The name is free again, for a role of another id.
    world.iam("CreateServiceLinkedRole", &ECS);
}

#[test]
fn description_and_tags_of_the_role_are_the_accounts() {
    let world = World::new();
    world.iam("CreateServiceLinkedRole", &ECS);
    let role = ("RoleName", "AWSServiceRoleForECS");
    world.iam("TagRole", &[role, ("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "ops")]);
    world.iam("UpdateRoleDescription", &[role, ("Description", "containers")]);
    let got = world.iam("GetRole", &[role]);
    assert_eq!((got.text("Key"), got.text("Description")), ("Team".into(), "containers".into()));
    world.iam("UntagRole", &[role, ("TagKeys.member.1", "Team")]);
    assert!(!world.iam("GetRole", &[role]).has("Key"));
}

#[test]
fn tasks_of_another_account_are_unknown() {
    let world = World::new();
    world.iam("CreateServiceLinkedRole", &ECS);
    let other = world.second_account();
    let task = world.iam("DeleteServiceLinkedRole", &[("RoleName", "AWSServiceRoleForECS")]);
    world
        .iam_as(
            &other,
            "GetServiceLinkedRoleDeletionStatus",
            &[("DeletionTaskId", &task.text("DeletionTaskId"))],
        )
        .expect_code("foreign", "NoSuchEntity");
}

#[test]
fn a_policy_can_name_the_service() {
    let world = World::new();
    let roles = arn("role/aws-service-role/*");
    let condition = r#"{"StringLike":{"iam:AWSServiceName":"ecs.amazonaws.com"}}"#;
    let eve = world.user("eve", &allow_on("iam:CreateServiceLinkedRole", &roles, condition));
    world.iam_as(&eve, "CreateServiceLinkedRole", &ECS).expect_ok("its service");
    let other = [("AWSServiceName", "autoscaling.amazonaws.com")];
    world.iam_as(&eve, "CreateServiceLinkedRole", &other).expect_code("another", "AccessDenied");
}
