//! Roles, their trust policies, instance profiles.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod harness;

use harness::{ACCOUNT, Answer, Keys, OTHER, World, allow, trust};

const EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

fn decoded(answer: &Answer, name: &str) -> String {
    wire::percent::decode(answer.text(name).as_bytes()).unwrap().to_string()
}

fn shown_trust(world: &World, role: &str) -> String {
    decoded(&world.iam("GetRole", &[("RoleName", role)]), "AssumeRolePolicyDocument")
}

#[test]
fn a_role_is_made_read_changed_and_deleted() {
    let world = World::new();
    let made = world.iam(
        "CreateRole",
        &[
            ("RoleName", "Pilot"),
            ("Path", "/harbour/"),
            ("AssumeRolePolicyDocument", EC2),
            ("Description", "guides ships"),
            ("Tags.member.1.Key", "Team"),
            ("Tags.member.1.Value", "lights"),
        ],
    );
    assert_eq!(made.text("Arn"), format!("arn:aws:iam::{ACCOUNT}:role/harbour/Pilot"));
    assert!(made.text("RoleId").starts_with("AROA"));
    assert_eq!(decoded(&made, "AssumeRolePolicyDocument"), EC2);
    assert!(!made.has("MaxSessionDuration") && !made.has("RoleLastUsed"));
    let got = world.iam("GetRole", &[("RoleName", "pilot")]);
    assert_eq!((got.text("RoleName"), got.text("MaxSessionDuration")), ("Pilot".into(), "3600".into()));
    assert_eq!((got.text("Key"), got.text("Description")), ("Team".into(), "guides ships".into()));
    world.iam("UpdateRole", &[("RoleName", "Pilot"), ("MaxSessionDuration", "7200")]);
    let got = world.iam("GetRole", &[("RoleName", "Pilot")]);
    assert_eq!(
        (got.text("MaxSessionDuration"), got.text("Description")),
        ("7200".into(), "guides ships".into())
    );
    let changed = world.iam("UpdateRoleDescription", &[("RoleName", "Pilot"), ("Description", "sleeps")]);
    assert_eq!(changed.text("Description"), "sleeps");
    world.iam("DeleteRole", &[("RoleName", "Pilot")]);
    let gone = world.iam_fails("GetRole", &[("RoleName", "Pilot")], "NoSuchEntity");
    assert_eq!(gone.message(), "The role with name Pilot cannot be found.");
}

#[test]
fn lists_leave_out_tags_and_boundaries_and_filter_by_path() {
    let world = World::new();
    for (name, path) in [("b", "/x/"), ("A", "/x/y/"), ("c", "/z/")] {
        world.iam(
            "CreateRole",
            &[
                ("RoleName", name),
                ("Path", path),
                ("AssumeRolePolicyDocument", EC2),
                ("PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
                ("Tags.member.1.Key", "k"),
                ("Tags.member.1.Value", "v"),
            ],
        );
    }
    let listed = world.iam("ListRoles", &[("PathPrefix", "/x/")]);
    assert_eq!(listed.texts("RoleName"), ["A", "b"]);
    assert!(!listed.has("Tags") && !listed.has("PermissionsBoundary") && !listed.has("RoleLastUsed"));
    let first = world.iam("ListRoles", &[("PathPrefix", "/x/"), ("MaxItems", "1")]);
    assert_eq!((first.texts("RoleName"), first.text("IsTruncated")), (vec!["A".to_owned()], "true".into()));
    let marker = first.text("Marker");
    let second = world.iam("ListRoles", &[("PathPrefix", "/x/"), ("MaxItems", "1"), ("Marker", &marker)]);
    assert_eq!(
        (second.texts("RoleName"), second.text("IsTruncated")),
        (vec!["b".to_owned()], "false".into())
    );
}

#[test]
fn names_are_unique_whatever_their_case_and_paths_of_aws_are_reserved() {
    let world = World::new();
    world.role("Pilot", EC2, "");
    let again = world.iam_fails(
        "CreateRole",
        &[("RoleName", "PILOT"), ("AssumeRolePolicyDocument", EC2)],
        "EntityAlreadyExists",
    );
    assert_eq!(again.message(), "Role with name PILOT already exists.");
    for path in ["/aws-service-role/x.amazonaws.com/", "/aws-reserved/sso/"] {
        let params = [("RoleName", "Other"), ("Path", path), ("AssumeRolePolicyDocument", EC2)];
        assert!(!world.iam_as(&world.admin, "CreateRole", &params).is_ok(), "{path}");
    }
}

#[test]
fn a_role_in_use_is_not_deleted() {
    let world = World::new();
    world.role("Pilot", EC2, &allow(&["s3:*"]));
    world.iam(
        "AttachRolePolicy",
        &[("RoleName", "Pilot"), ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")],
    );
    world.iam("CreateInstanceProfile", &[("InstanceProfileName", "ships")]);
    world.iam("AddRoleToInstanceProfile", &[("InstanceProfileName", "ships"), ("RoleName", "Pilot")]);
    let refused = |expected: &str| {
        let refused = world.iam_fails("DeleteRole", &[("RoleName", "Pilot")], "DeleteConflict");
        assert_eq!(refused.message(), format!("Cannot delete entity, {expected}."));
    };
    refused("must remove roles from instance profile first");
    world.iam("RemoveRoleFromInstanceProfile", &[("InstanceProfileName", "ships"), ("RoleName", "Pilot")]);
    refused("must detach all policies first");
    world.iam(
        "DetachRolePolicy",
        &[("RoleName", "Pilot"), ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")],
    );
    refused("must delete policies first");
    world.iam("DeleteRolePolicy", &[("RoleName", "Pilot"), ("PolicyName", "p")]);
    world.iam("DeleteRole", &[("RoleName", "Pilot")]);
}

#[test]
fn boundaries_come_and_go() {
    let world = World::new();
    world.role("Pilot", EC2, "");
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let missing = [("RoleName", "Pilot"), ("PermissionsBoundary", "arn:aws:iam::aws:policy/NoSuchPolicy")];
    world.iam_fails("PutRolePermissionsBoundary", &missing, "NoSuchEntity");
    world.iam("PutRolePermissionsBoundary", &[("RoleName", "Pilot"), ("PermissionsBoundary", boundary)]);
    let got = world.iam("GetRole", &[("RoleName", "Pilot")]);
    assert_eq!(got.text("PermissionsBoundaryArn"), boundary);
    world.iam("DeleteRolePermissionsBoundary", &[("RoleName", "Pilot")]);
    assert!(!world.iam("GetRole", &[("RoleName", "Pilot")]).has("PermissionsBoundary"));
    world.iam_fails("DeleteRolePermissionsBoundary", &[("RoleName", "Pilot")], "NoSuchEntity");
}

#[test]
fn a_trust_policy_is_read_strictly() {
    let world = World::new();
    world.role("Pilot", EC2, "");
    let update = |document: &str| {
        world.iam_as(
            &world.admin,
            "UpdateAssumeRolePolicy",
            &[("RoleName", "Pilot"), ("PolicyDocument", document)],
        )
    };
    for (document, why) in [
        ("{", "no JSON"),
        (&EC2.replace("sts:AssumeRole", "s3:GetObject"), "foreign action"),
        (&EC2.replace("\"Action\"", "\"Resource\":\"*\",\"Action\""), "resource"),
        (&trust(&format!("arn:aws:iam::{ACCOUNT}:user/nobody")), "unknown user"),
        (&trust(&format!("arn:aws:iam::{ACCOUNT}:role/nobody")), "unknown role"),
        (&trust(&format!("arn:aws:sts::{ACCOUNT}:assumed-role/nobody/s")), "session of an unknown role"),
        (&trust(&format!("arn:aws-cn:iam::{ACCOUNT}:user/dev")), "other partition"),
        (&trust(&format!("arn:aws:iam::{ACCOUNT}:user/DEV")), "names in principals have their case"),
        (&trust(&format!("arn:aws:iam::{ACCOUNT}:user/path/dev")), "wrong path"),
        (&trust("AIDAAAAAAAAAAAAAAAAAA"), "unknown id"),
        (&trust("somebody"), "no principal"),
    ] {
        assert_eq!(update(document).code(), "MalformedPolicyDocument", "{why}");
    }
    let unknown = update(&trust(&format!("arn:aws:iam::{ACCOUNT}:user/nobody")));
    assert_eq!(
        unknown.message(),
        format!("Invalid principal in policy: \"AWS\":\"arn:aws:iam::{ACCOUNT}:user/nobody\"")
    );
    for principal in [
        ACCOUNT.to_owned(),
        "*".to_owned(),
        "999999999999".to_owned(),
        format!("arn:aws:iam::{ACCOUNT}:root"),
        format!("arn:aws:iam::{ACCOUNT}:user/dev"),
        format!("arn:aws:iam::{ACCOUNT}:role/Pilot"),
        format!("arn:aws:sts::{ACCOUNT}:assumed-role/Pilot/one"),
        "arn:aws:iam::999999999999:user/of/another/realm".to_owned(),
    ] {
        let document = trust(&principal);
        update(&document).expect_ok(&principal);
        assert_eq!(shown_trust(&world, "Pilot"), document);
    }
    let long = trust(ACCOUNT)
        .replace("sts:AssumeRole\"", &format!("sts:AssumeRole\",\"Sid\":\"{}\"", "x".repeat(2_048)));
    let refused = update(&long).expect_code("long", "LimitExceeded");
    assert_eq!(refused.message(), "Cannot exceed quota for ACLSizePerRole: 2048");
    let blank = trust(ACCOUNT).replace("sts:AssumeRole\"", &format!("sts:AssumeRole\"{}", " ".repeat(4_000)));
    update(&blank).expect_ok("white space does not count");
}

#[test]
fn a_trusted_user_that_is_deleted_shows_as_its_id() {
    let world = World::new();
    world.user("ann", "");
    let id = world.iam("GetUser", &[("UserName", "ann")]).text("UserId");
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/ann");
    world.role("Pilot", &trust(&arn), "");
    assert!(shown_trust(&world, "Pilot").contains(&arn));
    world.iam("UpdateUser", &[("UserName", "ann"), ("NewUserName", "anna")]);
    assert!(shown_trust(&world, "Pilot").contains(&format!("{arn}a")), "a new name follows");
    let keys = world.iam("ListAccessKeys", &[("UserName", "anna")]).text("AccessKeyId");
    world.iam("DeleteAccessKey", &[("UserName", "anna"), ("AccessKeyId", &keys)]);
    world.iam("DeleteUser", &[("UserName", "anna")]);
    assert_eq!(shown_trust(&world, "Pilot"), trust(&id));
    // What is shown of somebody gone cannot be written again.
    let document = shown_trust(&world, "Pilot");
    world.iam_fails(
        "UpdateAssumeRolePolicy",
        &[("RoleName", "Pilot"), ("PolicyDocument", &document)],
        "MalformedPolicyDocument",
    );
}

#[test]
fn case_029_a_recreated_user_or_role_is_not_trusted() {
    let world = World::new();
    let may = allow(&["sts:AssumeRole"]);
    let ann = world.user("ann", &may);
    let first = world.role("First", &trust(&format!("arn:aws:iam::{ACCOUNT}:user/ann")), &may);
    let second = world.role("Second", &trust(&first), "");
    let session = world.assume(&ann, &first, &[]);
    world.assume(&session, &second, &[]);

    world.iam("DeleteRolePolicy", &[("RoleName", "First"), ("PolicyName", "p")]);
    world.iam("DeleteRole", &[("RoleName", "First")]);
    world.sts_as(&session, "GetCallerIdentity", &[]).expect_code("role gone", "InvalidClientTokenId");
    world.role("First", &trust(&format!("arn:aws:iam::{ACCOUNT}:user/ann")), &may);
    world.sts_as(&session, "GetCallerIdentity", &[]).expect_code("namesake", "InvalidClientTokenId");
    let namesake = world.assume(&ann, &first, &[]);
    let params = [("RoleArn", second.as_str()), ("RoleSessionName", "again")];
    world.sts_as(&namesake, "AssumeRole", &params).expect_code("old trust", "AccessDenied");

    world.iam("DeleteAccessKey", &[("UserName", "ann"), ("AccessKeyId", &ann.id)]);
    world.iam("DeleteUserPolicy", &[("UserName", "ann"), ("PolicyName", "p")]);
    world.iam("DeleteUser", &[("UserName", "ann")]);
    let other_ann = world.user("ann", "");
    let params = [("RoleArn", first.as_str()), ("RoleSessionName", "again")];
    world.sts_as(&other_ann, "AssumeRole", &params).expect_code("namesake of a user", "AccessDenied");
}

#[test]
fn case_035_wildcards_in_principals_are_refused_and_everyone_needs_no_policy() {
    let world = World::new();
    for principal in [
        format!("arn:aws:iam::{ACCOUNT}:user/*"),
        format!("arn:aws:iam::{ACCOUNT}:role/d?v"),
        "arn:aws:iam::*:root".into(),
    ] {
        world.iam_fails(
            "CreateRole",
            &[("RoleName", "Open"), ("AssumeRolePolicyDocument", &trust(&principal))],
            "MalformedPolicyDocument",
        );
    }
    let everyone = trust("*")
        .replace("\"Action\"", "\"Condition\":{\"StringEquals\":{\"sts:ExternalId\":\"tide\"}},\"Action\"");
    let role = world.role("Open", &everyone, "");
    let bob = world.user("bob", "");
    let refused = world.sts_as(&bob, "AssumeRole", &[("RoleArn", &role), ("RoleSessionName", "bob")]);
    refused.expect_code("condition", "AccessDenied");
    world.assume(&bob, &role, &[("ExternalId", "tide")]);
}

#[test]
fn case_036_a_principal_under_a_key_of_another_case_is_refused() {
    let world = World::new();
    for key in ["aws", "Aws", "service"] {
        let document = trust(ACCOUNT).replace("\"AWS\"", &format!("\"{key}\""));
        world.iam_fails(
            "CreateRole",
            &[("RoleName", "Sly"), ("AssumeRolePolicyDocument", &document)],
            "MalformedPolicyDocument",
        );
    }
}

/// An account as its export shows it, with a service-linked role and one of those that AWS keeps for itself.
fn imported_roles(world: &World) -> Keys {
    let role = |path: &str, name: &str| {
        format!(
            r#"{{"Path":"{path}","RoleName":"{name}","RoleId":"AROA{:0>17}","Arn":"arn:aws:iam::{OTHER}:role{path}{name}",
            "CreateDate":"2025-01-01T00:00:00Z","AssumeRolePolicyDocument":{EC2},"InstanceProfileList":[],
            "RolePolicyList":[],"AttachedManagedPolicies":[]}}"#,
            name.to_uppercase()
        )
    };
    let roles =
        [role("/aws-service-role/ecs.amazonaws.com/", "Linked"), role("/aws-reserved/sso/", "Reserved")];
    let export = format!(
        r#"{{"UserDetailList":[],"GroupDetailList":[],"RoleDetailList":[{}],"Policies":[]}}"#,
        roles.join(",")
    );
    let input = serde_json::json!({ "Document": export, "AccountId": OTHER }).to_string();
    world.own_as_operator("Import", &input).expect_ok("Import");
    world.login(OTHER)
}

#[test]
fn case_081_roles_of_aws_change_only_through_it() {
    let world = World::new();
    let owner = imported_roles(&world);
    world.iam_as(&owner, "CreateInstanceProfile", &[("InstanceProfileName", "ships")]).expect_ok("profile");
    for role in ["Linked", "Reserved"] {
        let document = trust(OTHER);
        let changes: [(&str, &[(&str, &str)]); 5] = [
            ("UpdateAssumeRolePolicy", &[("RoleName", role), ("PolicyDocument", &document)]),
            ("UpdateRole", &[("RoleName", role), ("MaxSessionDuration", "7200")]),
            (
                "PutRolePermissionsBoundary",
                &[("RoleName", role), ("PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess")],
            ),
            ("DeleteRolePermissionsBoundary", &[("RoleName", role)]),
            ("DeleteRole", &[("RoleName", role)]),
        ];
        for (action, params) in changes {
            world.iam_as(&owner, action, params).expect_code(action, "UnmodifiableEntity");
        }
        let profile = [("InstanceProfileName", "ships"), ("RoleName", role)];
        let profile = world.iam_as(&owner, "AddRoleToInstanceProfile", &profile);
        profile.expect_code("AddRoleToInstanceProfile", "UnmodifiableEntity");
    }
    let described = [("RoleName", "Linked"), ("Description", "runs tasks")];
    let described = world.iam_as(&owner, "UpdateRoleDescription", &described).expect_ok("description");
    assert_eq!(described.text("Description"), "runs tasks");
}

#[test]
fn an_account_has_a_thousand_roles_and_instance_profiles() {
    let world = World::new();
    let standing = world.iam("ListRoles", &[]).texts("RoleName").len();
    for number in standing..1_000 {
        world.role(&format!("r{number}"), EC2, "");
    }
    for number in 0..1_000 {
        world.iam("CreateInstanceProfile", &[("InstanceProfileName", &format!("p{number}"))]);
    }
    let role = [("RoleName", "over"), ("AssumeRolePolicyDocument", EC2)];
    let refused = world.iam_fails("CreateRole", &role, "LimitExceeded");
    assert_eq!(refused.message(), "Cannot exceed quota for RolesPerAccount: 1000");
    let refused =
        world.iam_fails("CreateInstanceProfile", &[("InstanceProfileName", "over")], "LimitExceeded");
    assert_eq!(refused.message(), "Cannot exceed quota for InstanceProfilesPerAccount: 1000");
}

#[test]
fn an_instance_profile_holds_one_role() {
    let world = World::new();
    world.role("Pilot", EC2, "");
    world.role("Keeper", EC2, "");
    let made = world.iam("CreateInstanceProfile", &[("InstanceProfileName", "ships"), ("Path", "/sea/")]);
    assert_eq!(made.text("Arn"), format!("arn:aws:iam::{ACCOUNT}:instance-profile/sea/ships"));
    assert!(made.text("InstanceProfileId").starts_with("AIPA"));
    let again =
        world.iam_fails("CreateInstanceProfile", &[("InstanceProfileName", "SHIPS")], "EntityAlreadyExists");
    assert_eq!(again.message(), "Instance Profile SHIPS already exists.");
    let profile = |action, role: &str, code: &str| {
        let params = [("InstanceProfileName", "ships"), ("RoleName", role)];
        let answer = world.iam_as(&world.admin, action, &params);
        assert_eq!(if answer.is_ok() { String::new() } else { answer.code() }, code, "{action} {role}");
    };
    profile("RemoveRoleFromInstanceProfile", "Pilot", "NoSuchEntity");
    profile("AddRoleToInstanceProfile", "Pilot", "");
    profile("AddRoleToInstanceProfile", "Keeper", "LimitExceeded");
    let got = world.iam("GetInstanceProfile", &[("InstanceProfileName", "ships")]);
    assert_eq!(got.texts("RoleName"), ["Pilot"]);
    assert_eq!(
        world.iam("ListInstanceProfilesForRole", &[("RoleName", "Pilot")]).texts("InstanceProfileName"),
        ["ships"]
    );
    assert!(
        world
            .iam("ListInstanceProfilesForRole", &[("RoleName", "Keeper")])
            .texts("InstanceProfileName")
            .is_empty()
    );
    assert_eq!(
        world.iam("ListInstanceProfiles", &[("PathPrefix", "/sea/")]).texts("InstanceProfileName"),
        ["ships"]
    );
    world.iam_fails("DeleteInstanceProfile", &[("InstanceProfileName", "ships")], "DeleteConflict");
    profile("RemoveRoleFromInstanceProfile", "Pilot", "");
    world.iam("DeleteInstanceProfile", &[("InstanceProfileName", "ships")]);
    world.iam_fails("GetInstanceProfile", &[("InstanceProfileName", "ships")], "NoSuchEntity");
}

#[test]
fn case_079_putting_a_role_into_a_profile_needs_the_right_to_pass_it() {
    let world = World::new();
    world.role("Pilot", EC2, "");
    world.iam("CreateInstanceProfile", &[("InstanceProfileName", "ships")]);
    let add = |who: &Keys| {
        world.iam_as(
            who,
            "AddRoleToInstanceProfile",
            &[("InstanceProfileName", "ships"), ("RoleName", "Pilot")],
        )
    };
    let without = world.user("without", &allow(&["iam:AddRoleToInstanceProfile"]));
    let refused = add(&without).expect_code("without", "AccessDenied");
    assert!(
        refused.message().contains("iam:PassRole on resource: arn:aws:iam::123456789012:role/Pilot"),
        "{}",
        refused.message()
    );
    let passing = |service: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"iam:AddRoleToInstanceProfile","Resource":"*"}},{{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{{"StringEquals":{{"iam:PassedToService":"{service}"}}}}}}]}}"#
        )
    };
    add(&world.user("lambda", &passing("lambda.amazonaws.com"))).expect_code("other service", "AccessDenied");
    add(&world.user("ec2", &passing("ec2.amazonaws.com"))).expect_ok("ec2");
}

#[test]
fn case_078_trust_and_boundaries_change_only_with_the_right_to() {
    let world = World::new();
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    world.role("Pilot", EC2, "");
    world.iam("PutRolePermissionsBoundary", &[("RoleName", "Pilot"), ("PermissionsBoundary", boundary)]);
    let document = trust(ACCOUNT);
    let changes: [(&str, &[(&str, &str)]); 4] = [
        ("UpdateAssumeRolePolicy", &[("RoleName", "Pilot"), ("PolicyDocument", &document)]),
        ("DeleteRolePermissionsBoundary", &[("RoleName", "Pilot")]),
        ("PutRolePermissionsBoundary", &[("RoleName", "Pilot"), ("PermissionsBoundary", boundary)]),
        ("UpdateRole", &[("RoleName", "Pilot"), ("MaxSessionDuration", "43200")]),
    ];
    for (action, params) in changes {
        let but_this = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","NotAction":"iam:{action}","Resource":"*"}}]}}"#
        );
        let mallory = world.user(&format!("but-{action}"), &but_this);
        let refused = world.iam_as(&mallory, action, params).expect_code(action, "AccessDenied");
        assert!(refused.message().contains(&format!("iam:{action}")), "{}", refused.message());
    }
    assert_eq!(shown_trust(&world, "Pilot"), EC2);
}

#[test]
fn case_071_roles_can_be_made_only_with_the_boundary_that_is_demanded() {
    let world = World::new();
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let delegated = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["iam:CreateRole","iam:PutRolePermissionsBoundary","iam:AttachRolePolicy"],"Resource":"*","Condition":{{"StringEquals":{{"iam:PermissionsBoundary":"{boundary}"}}}}}}]}}"#
    );
    let bob = world.user("bob", &delegated);
    let make = |params: &[(&str, &str)]| {
        let all = [&[("RoleName", "Pilot"), ("AssumeRolePolicyDocument", EC2)], params].concat();
        world.iam_as(&bob, "CreateRole", &all)
    };
    make(&[]).expect_code("none", "AccessDenied");
    make(&[("PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess")])
        .expect_code("wider", "AccessDenied");
    make(&[("PermissionsBoundary", boundary)]).expect_ok("demanded");
    let wider =
        [("RoleName", "Pilot"), ("PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess")];
    world.iam_as(&bob, "PutRolePermissionsBoundary", &wider).expect_code("widen", "AccessDenied");
    world
        .iam_as(&bob, "DeleteRolePermissionsBoundary", &[("RoleName", "Pilot")])
        .expect_code("drop", "AccessDenied");
    let admin = [("RoleName", "Pilot"), ("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess")];
    world.iam_as(&bob, "AttachRolePolicy", &admin).expect_ok("within the boundary anything may be attached");
    world.role("Unbound", EC2, "");
    let unbound = [("RoleName", "Unbound"), ("PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess")];
    world.iam_as(&bob, "AttachRolePolicy", &unbound).expect_code("unbound", "AccessDenied");
}

#[test]
fn a_principal_of_another_account_here_is_kept_by_id_too() {
    let world = World::new();
    let other = world.second_account();
    let made = world.iam_as(&other, "CreateUser", &[("UserName", "bob")]).expect_ok("CreateUser");
    let arn = made.text("Arn");
    assert_eq!(arn, format!("arn:aws:iam::{OTHER}:user/bob"));
    world.role("Shared", &trust(&arn), "");
    assert_eq!(shown_trust(&world, "Shared"), trust(&arn));
    world.iam_as(&other, "DeleteUser", &[("UserName", "bob")]).expect_ok("DeleteUser");
    assert_eq!(shown_trust(&world, "Shared"), trust(&made.text("UserId")));
}
