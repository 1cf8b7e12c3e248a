use crate::harness::{ACCOUNT, Answer, World, allow, trust};
use crate::{READ_ONLY, allow_on, arn};

/// A world where one policy is attached to two users, a group and a role, and is the boundary of a user and a
/// role.
fn world() -> (World, String) {
    let world = World::new();
    let policy =
        world.iam("CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", &allow(&["s3:*"]))]).text("Arn");
    for (name, path) in [("a", "/x/"), ("b", "/"), ("bounded", "/x/")] {
        world.iam("CreateUser", &[("UserName", name), ("Path", path)]);
    }
    world.iam("CreateGroup", &[("GroupName", "g"), ("Path", "/x/")]);
    world.role("r", &trust(ACCOUNT), "");
    world.role("bounded", &trust(ACCOUNT), "");
    for user in ["a", "b"] {
        world.iam("AttachUserPolicy", &[("UserName", user), ("PolicyArn", &policy)]);
    }
    world.iam("AttachGroupPolicy", &[("GroupName", "g"), ("PolicyArn", &policy)]);
    world.iam("AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", &policy)]);
    world.iam("PutUserPermissionsBoundary", &[("UserName", "bounded"), ("PermissionsBoundary", &policy)]);
    world.iam("PutUserPermissionsBoundary", &[("UserName", "a"), ("PermissionsBoundary", &policy)]);
    world.iam("PutRolePermissionsBoundary", &[("RoleName", "bounded"), ("PermissionsBoundary", &policy)]);
    (world, policy)
}

/// Groups, users and roles in an answer, as `g | a b | r`.
fn names(answer: &Answer) -> String {
    ["GroupName", "UserName", "RoleName"].map(|kind| answer.texts(kind).join(" ")).join(" | ")
}

#[test]
fn every_use_is_found_once() {
    let (world, policy) = world();
    let all = world.iam("ListEntitiesForPolicy", &[("PolicyArn", &policy)]);
    assert_eq!(names(&all), "g | a b bounded | bounded r");
    assert!(
        all.texts("UserId").iter().all(|id| id.starts_with("AIDA")) && all.text("RoleId").starts_with("AROA")
    );
    assert!(all.text("GroupId").starts_with("AGPA"));
    let unused = world.iam("ListEntitiesForPolicy", &[("PolicyArn", READ_ONLY)]);
    assert_eq!(names(&unused), " |  | ");
    assert!(
        ["PolicyGroups", "PolicyUsers", "PolicyRoles"].iter().all(|list| unused.has(list)),
        "{}",
        unused.body
    );
}

#[test]
fn filters_choose() {
    let (world, policy) = world();
    let ask = |filter: &[(&str, &str)]| {
        names(&world.iam("ListEntitiesForPolicy", &[&[("PolicyArn", policy.as_str())], filter].concat()))
    };
    assert_eq!(ask(&[("PolicyUsageFilter", "PermissionsPolicy")]), "g | a b | r");
    assert_eq!(ask(&[("PolicyUsageFilter", "PermissionsBoundary")]), " | a bounded | bounded");
    assert_eq!(ask(&[("EntityFilter", "User")]), " | a b bounded | ");
    assert_eq!(ask(&[("EntityFilter", "Group"), ("PolicyUsageFilter", "PermissionsBoundary")]), " |  | ");
    assert_eq!(ask(&[("EntityFilter", "Role"), ("PolicyUsageFilter", "PermissionsPolicy")]), " |  | r");
    assert_eq!(ask(&[("PathPrefix", "/x/")]), "g | a bounded | ");
}

#[test]
fn pages_go_across_the_kinds() {
    let (world, policy) = world();
    let (mut seen, mut marker) = (Vec::new(), String::new());
    for _ in 0..3 {
        let mut ask = vec![("PolicyArn", policy.as_str()), ("MaxItems", "2")];
        if !marker.is_empty() {
            ask.push(("Marker", &marker));
        }
        let page = world.iam("ListEntitiesForPolicy", &ask);
        seen.push(names(&page));
        marker = if page.text("IsTruncated") == "true" { page.text("Marker") } else { String::new() };
    }
    assert_eq!(seen, ["g | a | ", " | b bounded | ", " |  | bounded r"]);
    assert!(marker.is_empty());
}

#[test]
fn unknown_policies_and_values_are_refused() {
    let (world, policy) = world();
    let missing =
        world.iam_fails("ListEntitiesForPolicy", &[("PolicyArn", &arn("policy/none"))], "NoSuchEntity");
    assert_eq!(missing.message(), format!("Policy {} was not found.", arn("policy/none")));
    let bad = [("PolicyArn", policy.as_str()), ("EntityFilter", "Robot")];
    world.iam_fails("ListEntitiesForPolicy", &bad, "ValidationError");
    let eve = world.user("eve", &allow_on("iam:ListEntitiesForPolicy", &arn("policy/other"), ""));
    world.iam_as(&eve, "ListEntitiesForPolicy", &[("PolicyArn", &policy)]).expect_code("eve", "AccessDenied");
}
