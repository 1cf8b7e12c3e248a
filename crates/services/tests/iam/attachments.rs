use crate::harness::{ACCOUNT, OTHER, World, allow, trust};
use crate::{ADMIN, BILLING, READ_ONLY, allow_on, arn};

/// The three kinds of holders: the word in operations, and the parameter that names one.
const KINDS: [(&str, &str); 3] = [("User", "UserName"), ("Group", "GroupName"), ("Role", "RoleName")];

fn world() -> World {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    world.iam("CreateGroup", &[("GroupName", "bob")]);
    world.role("bob", &trust(ACCOUNT), "");
    world
}

fn list(kind: &str) -> String {
    format!("ListAttached{kind}Policies")
}

#[test]
fn policies_are_attached_and_detached() {
    let world = world();
    let own = world
        .iam("CreatePolicy", &[("PolicyName", "own"), ("PolicyDocument", &allow(&["s3:*"]))])
        .text("Arn");
    for (kind, name) in KINDS {
        for policy in [READ_ONLY, &own, READ_ONLY] {
            world.iam(&format!("Attach{kind}Policy"), &[(name, "bob"), ("PolicyArn", policy)]);
        }
        let listed = world.iam(&list(kind), &[(name, "BOB")]);
        assert_eq!(listed.texts("PolicyName"), ["own", "ReadOnlyAccess"], "{kind}");
        assert_eq!(listed.texts("PolicyArn"), [own.as_str(), READ_ONLY]);
        world.iam(&format!("Detach{kind}Policy"), &[(name, "bob"), ("PolicyArn", READ_ONLY)]);
        assert_eq!(world.iam(&list(kind), &[(name, "bob")]).texts("PolicyName"), ["own"]);

        let again = world.iam_fails(
            &format!("Detach{kind}Policy"),
            &[(name, "bob"), ("PolicyArn", READ_ONLY)],
            "NoSuchEntity",
        );
        assert_eq!(again.message(), format!("Policy {READ_ONLY} was not found."));
    }
}

#[test]
fn what_is_not_there_is_named() {
    let world = world();
    let missing = arn("policy/nothing");
    for (kind, name) in KINDS {
        let (attach, detach) = (format!("Attach{kind}Policy"), format!("Detach{kind}Policy"));
        let fault = world.iam_fails(&attach, &[(name, "bob"), ("PolicyArn", &missing)], "NoSuchEntity");
        assert_eq!(fault.message(), format!("Policy {missing} does not exist or is not attachable."));
        world.iam_fails(&detach, &[(name, "bob"), ("PolicyArn", &missing)], "NoSuchEntity");
        for action in [&attach, &detach] {
            let fault =
                world.iam_fails(action, &[(name, "nobody"), ("PolicyArn", READ_ONLY)], "NoSuchEntity");
            assert_eq!(
                fault.message(),
                format!("The {} with name nobody cannot be found.", kind.to_lowercase())
            );
            world.iam_fails(
                action,
                &[(name, "bob"), ("PolicyArn", "arn:aws:s3:::bucket/of-somebody")],
                "InvalidInput",
            );
        }
        world.iam_fails(&list(kind), &[(name, "nobody")], "NoSuchEntity");
        assert!(world.iam(&list(kind), &[(name, "bob")]).texts("PolicyName").is_empty());
    }
    // A policy of another account or partition is not there either.
    for other in ["arn:aws:iam::210987654321:policy/own", "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"] {
        world.iam_fails("AttachUserPolicy", &[("UserName", "bob"), ("PolicyArn", other)], "NoSuchEntity");
    }
}

#[test]
fn ten_policies_are_attached_at_most() {
    let world = world();
    let policies: Vec<String> = (0..11)
        .map(|number| {
            let name = format!("p{number}");
            world
                .iam("CreatePolicy", &[("PolicyName", &name), ("PolicyDocument", &allow(&["s3:*"]))])
                .text("Arn")
        })
        .collect();
    for (kind, name) in KINDS {
        let attach = format!("Attach{kind}Policy");
        for policy in &policies[..10] {
            world.iam(&attach, &[(name, "bob"), ("PolicyArn", policy)]);
        }
        let full = world.iam_fails(&attach, &[(name, "bob"), ("PolicyArn", &policies[10])], "LimitExceeded");
        assert_eq!(full.message(), format!("Cannot exceed quota for PoliciesPer{kind}: 10"));
        world.iam(&attach, &[(name, "bob"), ("PolicyArn", &policies[3])]);
        world.iam(&format!("Detach{kind}Policy"), &[(name, "bob"), ("PolicyArn", &policies[0])]);
        world.iam(&attach, &[(name, "bob"), ("PolicyArn", &policies[10])]);
    }
}

#[test]
fn lists_come_in_pages_and_by_path() {
    let world = world();
    for policy in [READ_ONLY, BILLING, ADMIN] {
        world.iam("AttachRolePolicy", &[("RoleName", "bob"), ("PolicyArn", policy)]);
    }
    let first = world.iam("ListAttachedRolePolicies", &[("RoleName", "bob"), ("MaxItems", "2")]);
    assert_eq!(
        (first.texts("PolicyName").join(" "), first.text("IsTruncated")),
        ("AdministratorAccess Billing".into(), "true".into())
    );
    let rest =
        world.iam("ListAttachedRolePolicies", &[("RoleName", "bob"), ("Marker", &first.text("Marker"))]);
    assert_eq!(
        (rest.texts("PolicyName"), rest.text("IsTruncated")),
        (vec!["ReadOnlyAccess".into()], "false".into())
    );
    let by_path =
        world.iam("ListAttachedRolePolicies", &[("RoleName", "bob"), ("PathPrefix", "/job-function/")]);
    assert_eq!(by_path.texts("PolicyName"), ["Billing"]);
}

#[test]
fn policies_of_services_are_not_attached() {
    let world = world();
    let service = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy";
    let refused = world.iam_fails(
        "AttachRolePolicy",
        &[("RoleName", "bob"), ("PolicyArn", service)],
        "PolicyNotAttachable",
    );
    assert_eq!(refused.message(), "Cannot attach a Service Role Policy to a Customer Role.");
}

#[test]
fn an_attached_policy_counts_at_once() {
    let world = World::new();
    let bob = world.user("bob", "");
    world.iam_as(&bob, "ListUsers", &[]).expect_code("before", "AccessDenied");
    world.iam("AttachUserPolicy", &[("UserName", "bob"), ("PolicyArn", READ_ONLY)]);
    world.iam_as(&bob, "ListUsers", &[]).expect_ok("attached");
    world.iam("DetachUserPolicy", &[("UserName", "bob"), ("PolicyArn", READ_ONLY)]);
    world.iam_as(&bob, "ListUsers", &[]).expect_code("detached", "AccessDenied");
}

#[test]
fn which_policy_may_be_attached_is_a_condition() {
    let world = world();
    let only = format!(r#"{{"ArnEquals":{{"iam:PolicyARN":"{READ_ONLY}"}}}}"#);
    let eve = world.user("eve", &allow_on("iam:Attach*", "*", &only));
    for (kind, name) in KINDS {
        let attach = format!("Attach{kind}Policy");
        world.iam_as(&eve, &attach, &[(name, "bob"), ("PolicyArn", READ_ONLY)]).expect_ok(&attach);
        world
            .iam_as(&eve, &attach, &[(name, "bob"), ("PolicyArn", ADMIN)])
            .expect_code(&attach, "AccessDenied");
    }
    world
        .iam_as(&eve, "AttachUserPolicy", &[("UserName", "eve"), ("PolicyArn", ADMIN)])
        .expect_code("self", "AccessDenied");
}

#[test]
fn only_holders_with_a_boundary_may_get_policies() {
    let world = world();
    let under = format!(r#"{{"StringEquals":{{"iam:PermissionsBoundary":"{READ_ONLY}"}}}}"#);
    let eve = world.user("eve", &allow_on("iam:Attach*", "*", &under));
    let attach = [("UserName", "bob"), ("PolicyArn", ADMIN)];
    world.iam_as(&eve, "AttachUserPolicy", &attach).expect_code("no boundary", "AccessDenied");
    world.iam("PutUserPermissionsBoundary", &[("UserName", "bob"), ("PermissionsBoundary", READ_ONLY)]);
    world.iam_as(&eve, "AttachUserPolicy", &attach).expect_ok("with the boundary");
    let role = [("RoleName", "bob"), ("PolicyArn", ADMIN)];
    world.iam_as(&eve, "AttachRolePolicy", &role).expect_code("role without", "AccessDenied");
    world.iam("PutRolePermissionsBoundary", &[("RoleName", "bob"), ("PermissionsBoundary", READ_ONLY)]);
    world.iam_as(&eve, "AttachRolePolicy", &role).expect_ok("role with it");
}

#[test]
fn the_right_is_on_the_holder() {
    let world = world();
    let eve = world.user("eve", &allow_on("iam:*", &arn("user/eve"), ""));
    world
        .iam_as(&eve, "AttachUserPolicy", &[("UserName", "eve"), ("PolicyArn", BILLING)])
        .expect_ok("herself");
    for (kind, name) in KINDS {
        let given = [(name, "bob"), ("PolicyArn", BILLING)];
        world.iam_as(&eve, &format!("Attach{kind}Policy"), &given).expect_code(kind, "AccessDenied");
        world.iam_as(&eve, &format!("Detach{kind}Policy"), &given).expect_code(kind, "AccessDenied");
        world.iam_as(&eve, &list(kind), &given[..1]).expect_code(kind, "AccessDenied");
    }
}

#[test]
fn roles_of_services_are_not_changed() {
    let role = |path: &str, name: &str| {
        serde_json::json!({
            "RoleName": name, "RoleId": format!("AROA{name}"), "Path": path,
            "Arn": format!("arn:aws:iam::{OTHER}:role{path}{name}"), "CreateDate": "2026-01-02T03:04:05Z",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
            "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}],
            "AttachedManagedPolicies": [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}],
        })
    };
    let roles = [
        role("/aws-service-role/ecs.amazonaws.com/", "Linked"),
        role("/aws-reserved/sso.amazonaws.com/", "Reserved"),
    ];
    let export = serde_json::json!({
        "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles,
        "Policies": [],
    });
    let world = World::new();
    let input = serde_json::json!({"Document": export.to_string()}).to_string();
    world.own_as_operator("Import", &input).expect_ok("Import");
    let admin = world.login(OTHER);
    let everything = allow(&["*"]);
    for name in ["Linked", "Reserved"] {
        let of = ("RoleName", name);
        let tries: [(&str, &[(&str, &str)]); 6] = [
            ("AttachRolePolicy", &[of, ("PolicyArn", ADMIN)]),
            ("DetachRolePolicy", &[of, ("PolicyArn", READ_ONLY)]),
            ("PutRolePolicy", &[of, ("PolicyName", "p"), ("PolicyDocument", &everything)]),
            ("DeleteRolePolicy", &[of, ("PolicyName", "p")]),
            ("TagRole", &[of, ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")]),
            ("UntagRole", &[of, ("TagKeys.member.1", "a")]),
        ];
        // The tags of a service-linked role are the account's.
        let tries = if name == "Linked" { &tries[..4] } else { &tries[..] };
        for (action, params) in tries {
            let refused = world.iam_as(&admin, action, params).expect_code(action, "UnmodifiableEntity");
            let sentence = "this role is only modifiable by AWS";
            assert_eq!(
                refused.message(),
                format!("Cannot perform the operation on the protected role '{name}' - {sentence}")
            );
        }
        let listed = world.iam_as(&admin, "ListAttachedRolePolicies", &[of]).expect_ok("reading is allowed");
        assert_eq!(listed.texts("PolicyArn"), [READ_ONLY]);
    }
}
