//! What belongs to AWS is not changed.

use crate::harness::{World, allow, trust};

type Tries<'a> = Vec<(&'a str, Vec<(&'a str, &'a str)>)>;

fn refuse_all(world: &World, tries: &Tries<'_>, code: &str) {
    for (action, params) in tries {
        world.iam_fails(action, params, code);
    }
    let refused = world.records();
    for (action, _) in tries {
        let is_recorded =
            |record: &serde_json::Value| record["eventName"] == *action && record["errorCode"].is_string();
        assert!(refused.iter().any(is_recorded), "{action} left no record");
    }
}

#[test]
fn case_081_a_service_linked_role_is_changed_by_nobody() {
    let world = World::new();
    world.iam("CreateServiceLinkedRole", &[("AWSServiceName", "ecs.amazonaws.com")]);
    world.iam("CreateInstanceProfile", &[("InstanceProfileName", "profile")]);
    let role = ("RoleName", "AWSServiceRoleForECS");
    let (everything, everybody) = (allow(&["*"]), trust("*"));
    let admin = ("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess");
    let own = ("PolicyArn", "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy");
    let document = ("PolicyDocument", everything.as_str());
    let tries: Tries<'_> = vec![
        ("AttachRolePolicy", vec![role, admin]),
        ("DetachRolePolicy", vec![role, own]),
        ("PutRolePolicy", vec![role, ("PolicyName", "p"), document]),
        ("DeleteRolePolicy", vec![role, ("PolicyName", "p")]),
        ("UpdateAssumeRolePolicy", vec![role, ("PolicyDocument", &everybody)]),
        ("UpdateRole", vec![role, ("MaxSessionDuration", "7200")]),
        ("PutRolePermissionsBoundary", vec![role, ("PermissionsBoundary", admin.1)]),
        ("DeleteRolePermissionsBoundary", vec![role]),
        ("DeleteRole", vec![role]),
        ("AddRoleToInstanceProfile", vec![role, ("InstanceProfileName", "profile")]),
    ];
    let shown = |world: &World| {
        let attached = world.iam("ListAttachedRolePolicies", &[role]).texts("PolicyArn");
        let got = world.iam("GetRole", &[role]);
        (attached, got.text("AssumeRolePolicyDocument"), got.text("MaxSessionDuration"))
    };
    let before = shown(&world);
    refuse_all(&world, &tries, "UnmodifiableEntity");
    assert_eq!(shown(&world), before);
    assert!(world.iam("ListRolePolicies", &[role]).texts("member").is_empty());
}

#[test]
fn case_081_policies_of_aws_are_changed_by_nobody() {
    let world = World::new();
    let arn = ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess");
    let everything = allow(&["*"]);
    let version = world.iam("GetPolicy", &[arn]).text("DefaultVersionId");
    let tries: Tries<'_> = vec![
        ("CreatePolicyVersion", vec![arn, ("PolicyDocument", &everything), ("SetAsDefault", "true")]),
        ("SetDefaultPolicyVersion", vec![arn, ("VersionId", "v1")]),
        ("DeletePolicyVersion", vec![arn, ("VersionId", "v1")]),
        ("DeletePolicy", vec![arn]),
        ("TagPolicy", vec![arn, ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")]),
        ("UntagPolicy", vec![arn, ("TagKeys.member.1", "a")]),
    ];
    refuse_all(&world, &tries, "AccessDenied");
    assert_eq!(world.iam("GetPolicy", &[arn]).text("DefaultVersionId"), version);
}

#[test]
fn case_081_the_paths_of_services_are_reserved() {
    let world = World::new();
    let open = trust(crate::harness::ACCOUNT);
    for path in ["/aws-service-role/ecs.amazonaws.com/", "/aws-service-role/", "/aws-reserved/sso/"] {
        let params = [
            ("RoleName", "AWSServiceRoleForECS"),
            ("Path", path),
            ("AssumeRolePolicyDocument", open.as_str()),
        ];
        let refused = world.iam_as(&world.admin, "CreateRole", &params);
        assert!(
            ["InvalidInput", "UnmodifiableEntity"].contains(&refused.code().as_str()),
            "{}",
            refused.body
        );
    }
    // A policy for such roles goes to no other.
    world.role("plain", &open, "");
    let policy = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy";
    let attach = [("RoleName", "plain"), ("PolicyArn", policy)];
    world.iam_fails("AttachRolePolicy", &attach, "PolicyNotAttachable");
    assert!(world.iam("ListAttachedRolePolicies", &[("RoleName", "plain")]).texts("PolicyArn").is_empty());
}
