use crate::harness::{ACCOUNT, Answer, Keys, OTHER, World, allow, trust};
use crate::{ADMIN, BILLING, READ_ONLY};
use serde_json::{Value, json};
use wire::xml::Element;

const LISTS: [&str; 4] = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];

/// Fills the second account with one of everything.
fn furnish(world: &World, who: &Keys) {
    let call = |action: &str, params: &[(&str, &str)]| world.iam_as(who, action, params).expect_ok(action);
    let policy = [
        ("PolicyName", "own"),
        ("Path", "/p/"),
        ("Description", "Ours"),
        ("PolicyDocument", &allow(&["s3:*"])),
    ];
    let policy = call("CreatePolicy", &policy).text("Arn");
    call(
        "CreatePolicyVersion",
        &[("PolicyArn", &policy), ("PolicyDocument", &allow(&["s3:Get*"])), ("SetAsDefault", "true")],
    );
    call("CreateGroup", &[("GroupName", "Devs"), ("Path", "/teams/")]);
    call(
        "PutGroupPolicy",
        &[("GroupName", "Devs"), ("PolicyName", "in"), ("PolicyDocument", &allow(&["ec2:*"]))],
    );
    call("AttachGroupPolicy", &[("GroupName", "Devs"), ("PolicyArn", BILLING)]);
    let ann = [("UserName", "ann"), ("Path", "/x/"), ("PermissionsBoundary", READ_ONLY)];
    call(
        "CreateUser",
        &[&ann[..], &[("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "ä + ü")]].concat(),
    );
    call("CreateUser", &[("UserName", "bob")]);
    call(
        "PutUserPolicy",
        &[("UserName", "ann"), ("PolicyName", "in"), ("PolicyDocument", &allow(&["sqs:*", "iam:Get*"]))],
    );
    call("AttachUserPolicy", &[("UserName", "ann"), ("PolicyArn", &policy)]);
    call("AddUserToGroup", &[("UserName", "ann"), ("GroupName", "Devs")]);
    let trusted = trust(&format!("arn:aws:iam::{OTHER}:user/x/ann"));
    call(
        "CreateRole",
        &[("RoleName", "r"), ("AssumeRolePolicyDocument", &trusted), ("PermissionsBoundary", &policy)],
    );
    call("TagRole", &[("RoleName", "r"), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "")]);
    call("PutRolePolicy", &[("RoleName", "r"), ("PolicyName", "in"), ("PolicyDocument", &allow(&["s3:*"]))]);
    call("AttachRolePolicy", &[("RoleName", "r"), ("PolicyArn", BILLING)]);
    call("CreateInstanceProfile", &[("InstanceProfileName", "i")]);
    call("AddRoleToInstanceProfile", &[("InstanceProfileName", "i"), ("RoleName", "r")]);
}

fn furnished() -> (World, Keys) {
    let world = World::new();
    let other = world.second_account();
    furnish(&world, &other);
    (world, other)
}

/// The export as a client puts it together from pages.
fn export(world: &World, who: &Keys, page_size: &str) -> Value {
    let (mut export, mut marker) = (json!({}), String::new());
    loop {
        let mut ask = vec![("MaxItems", page_size)];
        if !marker.is_empty() {
            ask.push(("Marker", &marker));
        }
        let page = world.iam_as(who, "GetAccountAuthorizationDetails", &ask).expect_ok("export");
        let entries: usize = LISTS.iter().map(|list| gather(&page, list, &mut export)).sum();
        assert!(entries <= page_size.parse().unwrap());
        if page.text("IsTruncated") == "false" {
            return export;
        }
        assert_eq!(entries.to_string(), page_size, "a page that goes on is full");
        marker = page.text("Marker");
    }
}

/// Adds a list of a page to the export; yields how many entries it had.
fn gather(page: &Answer, list: &str, export: &mut Value) -> usize {
    let xml = page.xml();
    let found = xml.children.iter().flat_map(|result| &result.children).find(|element| element.name == list);
    let Value::Array(entries) = as_json(found.unwrap_or_else(|| panic!("no {list}"))) else {
        panic!("{list}")
    };
    let count = entries.len();
    let into = export.as_object_mut().unwrap().entry(list).or_insert_with(|| json!([]));
    into.as_array_mut().unwrap().extend(entries);
    count
}

fn as_json(element: &Element) -> Value {
    match element.children.first() {
        Some(first) if first.name == "member" => element.children.iter().map(as_json).collect(),
        Some(_) => element.children.iter().map(|child| (child.name.clone(), as_json(child))).collect(),
        None if element.name.ends_with("List")
            || ["Tags", "Policies", "Roles", "AttachedManagedPolicies"].contains(&element.name.as_str()) =>
        {
            json!([])
        }
        None if element.name == "RoleLastUsed" => json!({}),
        None => json!(element.text),
    }
}

#[test]
fn everything_is_shown() {
    let (world, other) = furnished();
    let export = export(&world, &other, "1000");
    let user = &export["UserDetailList"][0];
    assert_eq!((&user["UserName"], &user["GroupList"]), (&json!("ann"), &json!(["Devs"])));
    assert_eq!(user["Tags"], json!([{"Key": "Team", "Value": "ä + ü"}]));
    assert_eq!(
        user["PermissionsBoundary"],
        json!({"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": READ_ONLY})
    );
    assert_eq!(user["UserPolicyList"][0]["PolicyName"], "in");
    assert_eq!(
        user["UserPolicyList"][0]["PolicyDocument"],
        json!(wire::percent::encode(&allow(&["sqs:*", "iam:Get*"])).to_string())
    );
    let bob = &export["UserDetailList"][1];
    assert!(bob.get("UserPolicyList").is_none() && bob["GroupList"] == json!([]) && bob["Tags"] == json!([]));
    let role =
        export["RoleDetailList"].as_array().unwrap().iter().find(|role| role["RoleName"] == "r").unwrap();
    assert_eq!(role["InstanceProfileList"][0]["InstanceProfileName"], "i");
    assert_eq!(role["InstanceProfileList"][0]["Roles"][0]["RoleName"], "r");
    assert_eq!(role["Tags"], json!([{"Key": "k", "Value": ""}]));
    let names: Vec<_> = export["Policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|policy| policy["PolicyName"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["own", "AdministratorAccess", "ReadOnlyAccess", "Billing"],
        "own ones, then AWS's in use"
    );
    let own = &export["Policies"][0];
    assert_eq!(
        (&own["AttachmentCount"], &own["PermissionsBoundaryUsageCount"], &own["Description"]),
        (&json!("1"), &json!("1"), &json!("Ours"))
    );
    let versions = &own["PolicyVersionList"];
    assert_eq!((&versions[0]["VersionId"], &versions[0]["IsDefaultVersion"]), (&json!("v2"), &json!("true")));
    assert_eq!(
        (&versions[1]["VersionId"], &versions[1]["IsDefaultVersion"]),
        (&json!("v1"), &json!("false"))
    );
}

#[test]
fn pages_go_across_the_lists() {
    let (world, other) = furnished();
    let whole = export(&world, &other, "1000");
    for size in ["1", "2", "3"] {
        assert_eq!(export(&world, &other, size), whole, "pages of {size}");
    }
}

#[test]
fn filters_choose_lists() {
    let (world, other) = furnished();
    let ask = |filter: &[&str]| {
        let names: Vec<String> = (1..=filter.len()).map(|number| format!("Filter.member.{number}")).collect();
        let params: Vec<(&str, &str)> =
            names.iter().map(String::as_str).zip(filter.iter().copied()).collect();
        let page = world.iam_as(&other, "GetAccountAuthorizationDetails", &params).expect_ok("filter");
        let mut found = json!({});
        LISTS.map(|list| gather(&page, list, &mut found))
    };
    assert_eq!(ask(&[]), [2, 1, 2, 4]);
    assert_eq!(ask(&["User"]), [2, 0, 0, 0]);
    assert_eq!(ask(&["Group", "Role"]), [0, 1, 2, 0]);
    assert_eq!(ask(&["LocalManagedPolicy"]), [0, 0, 0, 1]);
    assert_eq!(ask(&["AWSManagedPolicy"]), [0, 0, 0, 3]);
    let bad = world.iam_as(&other, "GetAccountAuthorizationDetails", &[("Filter.member.1", "Robot")]);
    bad.expect_code("unknown kind", "ValidationError");
}

#[test]
fn an_export_comes_back_whole_through_an_import() {
    let (world, other) = furnished();
    let exported = export(&world, &other, "3");
    let fresh = World::new();
    // XML has no booleans of its own; the command line's JSON has.
    let document = exported.to_string().replace("\"true\"", "true").replace("\"false\"", "false");
    let input = json!({ "Document": document }).to_string();
    fresh.own_as_operator("Import", &input).expect_ok("Import");
    let again = export(&fresh, &fresh.login(OTHER), "1000");
    assert_eq!(again, exported);
    // The role still trusts the very same user.
    let trusted =
        fresh.iam_as(&fresh.login(OTHER), "GetRole", &[("RoleName", "r")]).text("AssumeRolePolicyDocument");
    assert!(trusted.contains("user%2Fx%2Fann"), "{trusted}");
}

#[test]
fn the_whole_account_is_not_for_everybody() {
    let world = World::new();
    let eve = world.user("eve", &allow(&["iam:ListUsers", "iam:GetUser"]));
    let denied = world.iam_as(&eve, "GetAccountAuthorizationDetails", &[]).expect_code("eve", "AccessDenied");
    assert!(denied.message().contains("iam:GetAccountAuthorizationDetails"), "{}", denied.message());
    world.iam("AttachUserPolicy", &[("UserName", "eve"), ("PolicyArn", ADMIN)]);
    let shown = world.iam_as(&eve, "GetAccountAuthorizationDetails", &[]).expect_ok("an administrator");
    assert!(!shown.body.contains(OTHER) && shown.body.contains(ACCOUNT));
}
