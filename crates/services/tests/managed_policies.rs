//! Managed policies and their versions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod harness;

use harness::{ACCOUNT, World, allow};

fn arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
}

fn policy(world: &World, name: &str, document: &str) -> String {
    world.iam("CreatePolicy", &[("PolicyName", name), ("PolicyDocument", document)]).text("Arn")
}

#[test]
fn a_policy_is_made_and_read() {
    let world = World::new();
    let made = world.iam(
        "CreatePolicy",
        &[
            ("PolicyName", "reports"),
            ("Path", "/team/"),
            ("Description", "reads reports"),
            ("PolicyDocument", &allow(&["s3:Get*"])),
            ("Tags.member.1.Key", "Team"),
            ("Tags.member.1.Value", "a"),
        ],
    );
    assert_eq!(made.text("Arn"), format!("arn:aws:iam::{ACCOUNT}:policy/team/reports"));
    assert!(made.text("PolicyId").starts_with("ANPA"));
    assert_eq!((made.text("DefaultVersionId"), made.text("AttachmentCount")), ("v1".into(), "0".into()));
    world.user("bob", "");
    world.iam("AttachUserPolicy", &[("UserName", "bob"), ("PolicyArn", &made.text("Arn"))]);
    world.iam(
        "PutUserPermissionsBoundary",
        &[("UserName", "bob"), ("PermissionsBoundary", &made.text("Arn"))],
    );
    let got = world.iam("GetPolicy", &[("PolicyArn", &made.text("Arn"))]);
    assert_eq!(
        (got.text("AttachmentCount"), got.text("PermissionsBoundaryUsageCount")),
        ("1".into(), "1".into())
    );
    assert_eq!((got.text("Description"), got.text("Key")), ("reads reports".into(), "Team".into()));
    let again = [("PolicyName", "REPORTS"), ("PolicyDocument", &*allow(&["s3:*"]))];
    let again = world.iam_fails("CreatePolicy", &again, "EntityAlreadyExists");
    assert_eq!(again.message(), "A policy called REPORTS already exists. Duplicate names are not allowed.");
    world.iam_fails("GetPolicy", &[("PolicyArn", &arn("reports"))], "NoSuchEntity");
    world.iam_fails(
        "GetPolicy",
        &[("PolicyArn", &format!("arn:aws:iam::{ACCOUNT}:user/reports"))],
        "InvalidInput",
    );
}

#[test]
fn documents_are_read_strictly_and_have_a_quota() {
    let world = World::new();
    for (document, why) in [
        ("nonsense", "no JSON"),
        (
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}]}"#,
            "case 69",
        ),
        (&harness::trust(ACCOUNT), "principal"),
    ] {
        let params = [("PolicyName", "bad"), ("PolicyDocument", document)];
        assert_eq!(
            world.iam_as(&world.admin, "CreatePolicy", &params).code(),
            "MalformedPolicyDocument",
            "{why}"
        );
    }
    let of_size = |size: usize| {
        let empty = allow(&["s3:"]).len();
        allow(&[&format!("s3:{}", "x".repeat(size - empty))])
    };
    policy(&world, "full", &of_size(6_144));
    let params = [("PolicyName", "over"), ("PolicyDocument", &*of_size(6_145))];
    let refused = world.iam_fails("CreatePolicy", &params, "LimitExceeded");
    assert_eq!(refused.message(), "Cannot exceed quota for PolicySize: 6144");
}

#[test]
fn versions_are_never_numbered_again() {
    let world = World::new();
    let arn = policy(&world, "p", &allow(&["s3:Get*"]));
    let version = |action: &str, default: &str| {
        let document = allow(&[action]);
        let params = [("PolicyArn", arn.as_str()), ("PolicyDocument", &document), ("SetAsDefault", default)];
        world.iam_as(&world.admin, "CreatePolicyVersion", &params)
    };
    for number in 2..=5 {
        let made = version("s3:List*", "false").expect_ok("version");
        assert_eq!(
            (made.text("VersionId"), made.text("IsDefaultVersion")),
            (format!("v{number}"), "false".into())
        );
        assert!(!made.has("Document"));
    }
    let refused = version("s3:*", "false").expect_code("sixth", "LimitExceeded");
    assert!(
        refused.message().starts_with("A managed policy can have up to 5 versions."),
        "{}",
        refused.message()
    );
    world.iam("DeletePolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v5")]);
    assert_eq!(version("s3:*", "true").expect_ok("v6").text("VersionId"), "v6");
    let listed = world.iam("ListPolicyVersions", &[("PolicyArn", &arn)]);
    assert_eq!(listed.texts("VersionId"), ["v6", "v4", "v3", "v2", "v1"]);
    assert_eq!(listed.texts("IsDefaultVersion"), ["true", "false", "false", "false", "false"]);
    let page = world.iam("ListPolicyVersions", &[("PolicyArn", &arn), ("MaxItems", "2")]);
    let rest = world.iam("ListPolicyVersions", &[("PolicyArn", &arn), ("Marker", &page.text("Marker"))]);
    assert_eq!(rest.texts("VersionId"), ["v3", "v2", "v1"]);
    let refused =
        world.iam_fails("DeletePolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v6")], "DeleteConflict");
    assert_eq!(refused.message(), "Cannot delete the default version of a policy.");
    for action in ["DeletePolicyVersion", "SetDefaultPolicyVersion", "GetPolicyVersion"] {
        world.iam_fails(action, &[("PolicyArn", &arn), ("VersionId", "v5")], "NoSuchEntity");
    }
    world.iam("SetDefaultPolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v1")]);
    assert_eq!(world.iam("GetPolicy", &[("PolicyArn", &arn)]).text("DefaultVersionId"), "v1");
    let got = world.iam("GetPolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v1")]);
    assert_eq!(wire::percent::decode(got.text("Document").as_bytes()).unwrap(), allow(&["s3:Get*"]));
    assert_eq!(got.text("IsDefaultVersion"), "true");
}

#[test]
fn a_policy_in_use_or_with_versions_is_not_deleted() {
    let world = World::new();
    let arn = policy(&world, "p", &allow(&["s3:Get*"]));
    let refused = |message: &str| {
        let refused = world.iam_fails("DeletePolicy", &[("PolicyArn", &arn)], "DeleteConflict");
        assert!(refused.message().starts_with(message), "{}", refused.message());
    };
    world.user("bob", "");
    world.iam("AttachUserPolicy", &[("UserName", "bob"), ("PolicyArn", &arn)]);
    refused("Cannot delete a policy attached to entities.");
    world.iam("DetachUserPolicy", &[("UserName", "bob"), ("PolicyArn", &arn)]);
    world.iam("PutUserPermissionsBoundary", &[("UserName", "bob"), ("PermissionsBoundary", &arn)]);
    refused("Cannot delete a policy attached to entities.");
    world.iam("DeleteUserPermissionsBoundary", &[("UserName", "bob")]);
    world.iam("CreatePolicyVersion", &[("PolicyArn", &arn), ("PolicyDocument", &allow(&["s3:*"]))]);
    refused("This policy has more than one version.");
    world.iam("DeletePolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v2")]);
    world.iam("DeletePolicy", &[("PolicyArn", &arn)]);
    world.iam_fails("DeletePolicy", &[("PolicyArn", &arn)], "NoSuchEntity");
}

#[test]
fn lists_filter_and_page_in_a_stable_order() {
    let world = World::new();
    policy(&world, "zebra", &allow(&["s3:*"]));
    let ape = policy(&world, "Ape", &allow(&["s3:*"]));
    assert_eq!(world.iam("ListPolicies", &[("Scope", "Local")]).texts("PolicyName"), ["Ape", "zebra"]);
    world.user("bob", "");
    world.iam("AttachUserPolicy", &[("UserName", "bob"), ("PolicyArn", &ape)]);
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    world.iam("PutUserPermissionsBoundary", &[("UserName", "bob"), ("PermissionsBoundary", boundary)]);
    let attached = world.iam("ListPolicies", &[("OnlyAttached", "true"), ("Scope", "Local")]);
    assert_eq!(
        (attached.texts("PolicyName"), attached.text("AttachmentCount")),
        (vec!["Ape".to_owned()], "1".into())
    );
    let boundaries = world.iam("ListPolicies", &[("PolicyUsageFilter", "PermissionsBoundary")]);
    assert_eq!(boundaries.texts("Arn"), [boundary]);
    let functions = world.iam("ListPolicies", &[("PathPrefix", "/job-function/"), ("MaxItems", "1000")]);
    assert!(functions.texts("PolicyName").contains(&"Billing".to_owned()));
    assert!(functions.texts("Path").iter().all(|path| path == "/job-function/"));
    let (mut all, mut marker) = (Vec::new(), None::<String>);
    loop {
        let mut params = vec![("MaxItems", "300")];
        params.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let page = world.iam("ListPolicies", &params);
        all.extend(page.texts("Arn"));
        if page.text("IsTruncated") == "false" {
            break;
        }
        marker = Some(page.text("Marker"));
    }
    assert!(all.len() > 1_000 && all.contains(&ape));
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count, "something stands twice");
}

#[test]
fn policies_of_aws_are_read_only() {
    let world = World::new();
    let arn = "arn:aws:iam::aws:policy/job-function/Billing";
    let got = world.iam("GetPolicy", &[("PolicyArn", arn)]);
    assert_eq!((got.text("PolicyName"), got.text("Path")), ("Billing".into(), "/job-function/".into()));
    let default = got.text("DefaultVersionId");
    let version = world.iam("GetPolicyVersion", &[("PolicyArn", arn), ("VersionId", &default)]);
    assert!(wire::percent::decode(version.text("Document").as_bytes()).unwrap().contains("Statement"));
    assert_eq!(world.iam("ListPolicyVersions", &[("PolicyArn", arn)]).texts("VersionId"), [default.as_str()]);
    world.iam_fails("GetPolicyVersion", &[("PolicyArn", arn), ("VersionId", "v999")], "NoSuchEntity");
    let document = allow(&["*"]);
    let changes: [(&str, &[(&str, &str)]); 4] = [
        ("CreatePolicyVersion", &[("PolicyArn", arn), ("PolicyDocument", &document)]),
        ("SetDefaultPolicyVersion", &[("PolicyArn", arn), ("VersionId", &default)]),
        ("DeletePolicyVersion", &[("PolicyArn", arn), ("VersionId", &default)]),
        ("DeletePolicy", &[("PolicyArn", arn)]),
    ];
    for (action, params) in changes {
        world.iam_fails(action, params, "AccessDenied");
    }
}

#[test]
fn case_071_case_078_a_boundary_is_not_widened_by_its_holder_nor_by_a_switch_of_version() {
    let world = World::new();
    let narrow = allow(&["iam:Get*", "iam:CreatePolicyVersion", "iam:ListUsers"]);
    let arn = policy(&world, "boundary", &allow(&["*"]));
    world.iam(
        "CreatePolicyVersion",
        &[("PolicyArn", &arn), ("PolicyDocument", &narrow), ("SetAsDefault", "true")],
    );
    let everything_but = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":["iam:CreatePolicyVersion","iam:SetDefaultPolicyVersion","iam:DeletePolicyVersion"],"Resource":"*"}]}"#;
    let bob = world.user("bob", everything_but);
    world.iam("PutUserPermissionsBoundary", &[("UserName", "bob"), ("PermissionsBoundary", &arn)]);
    let document = allow(&["*"]);
    let attempts: [(&str, &[(&str, &str)]); 5] = [
        (
            "CreatePolicyVersion",
            &[("PolicyArn", &arn), ("PolicyDocument", &document), ("SetAsDefault", "true")],
        ),
        ("SetDefaultPolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v1")]),
        ("DeletePolicyVersion", &[("PolicyArn", &arn), ("VersionId", "v1")]),
        ("DeleteUserPermissionsBoundary", &[("UserName", "bob")]),
        (
            "PutUserPermissionsBoundary",
            &[("UserName", "bob"), ("PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess")],
        ),
    ];
    for (action, params) in attempts {
        world.iam_as(&bob, action, params).expect_code(action, "AccessDenied");
    }
    world.iam_as(&bob, "ListUsers", &[]).expect_ok("within the boundary");
    world.iam_as(&bob, "ListRoles", &[]).expect_code("beyond", "AccessDenied");
}

#[test]
fn case_078_new_versions_need_their_right_and_set_as_default_needs_no_other() {
    let world = World::new();
    let arn = policy(&world, "p", &allow(&["s3:Get*"]));
    let document = allow(&["*"]);
    let params =
        [("PolicyArn", arn.as_str()), ("PolicyDocument", document.as_str()), ("SetAsDefault", "true")];
    let bob = world.user("bob", &allow(&["iam:SetDefaultPolicyVersion"]));
    world.iam_as(&bob, "CreatePolicyVersion", &params).expect_code("bob", "AccessDenied");
    let eve = world.user("eve", &allow(&["iam:CreatePolicyVersion"]));
    let made = world.iam_as(&eve, "CreatePolicyVersion", &params).expect_ok("eve");
    assert_eq!(made.text("IsDefaultVersion"), "true");
    let back = [("PolicyArn", arn.as_str()), ("VersionId", "v1")];
    world.iam_as(&eve, "SetDefaultPolicyVersion", &back).expect_code("eve", "AccessDenied");
    world.iam_as(&bob, "SetDefaultPolicyVersion", &back).expect_ok("bob");
}

#[test]
fn an_account_has_fifteen_hundred_policies() {
    let world = World::new();
    let standing = world.iam("ListPolicies", &[("Scope", "Local")]).texts("PolicyName").len();
    let document = allow(&["s3:Get*"]);
    for number in standing..1_500 {
        policy(&world, &format!("p{number}"), &document);
    }
    let params = [("PolicyName", "over"), ("PolicyDocument", document.as_str())];
    let refused = world.iam_fails("CreatePolicy", &params, "LimitExceeded");
    assert_eq!(refused.message(), "Cannot exceed quota for PoliciesPerAccount: 1500");
}
