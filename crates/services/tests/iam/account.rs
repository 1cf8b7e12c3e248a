use crate::harness::{World, allow, trust};
use crate::{READ_ONLY, allow_on};

#[test]
fn an_account_has_one_alias() {
    let world = World::new();
    assert!(members(&world).is_empty());
    world.iam("CreateAccountAlias", &[("AccountAlias", "my-company")]);
    world.iam("CreateAccountAlias", &[("AccountAlias", "our-company")]);
    assert_eq!(members(&world), ["our-company"]);
    let missing = world.iam_fails("DeleteAccountAlias", &[("AccountAlias", "my-company")], "NoSuchEntity");
    assert_eq!(missing.message(), "The account alias my-company cannot be found.");
    world.iam("DeleteAccountAlias", &[("AccountAlias", "our-company")]);
    assert!(members(&world).is_empty());
    world.iam_fails("DeleteAccountAlias", &[("AccountAlias", "our-company")], "NoSuchEntity");
}

fn members(world: &World) -> Vec<String> {
    world.iam("ListAccountAliases", &[]).texts("member")
}

#[test]
fn an_alias_belongs_to_one_account_of_the_realm() {
    let world = World::new();
    let other = world.second_account();
    world.iam("CreateAccountAlias", &[("AccountAlias", "taken")]);
    let refused = world.iam_as(&other, "CreateAccountAlias", &[("AccountAlias", "taken")]);
    let refused = refused.expect_code("taken", "EntityAlreadyExists");
    assert_eq!(
        (refused.status, refused.message().as_str()),
        (409, "The account alias taken already exists.")
    );
    world
        .iam_as(&other, "DeleteAccountAlias", &[("AccountAlias", "taken")])
        .expect_code("not its own", "NoSuchEntity");
    world.iam("DeleteAccountAlias", &[("AccountAlias", "taken")]);
    world.iam_as(&other, "CreateAccountAlias", &[("AccountAlias", "taken")]).expect_ok("free again");
}

#[test]
fn aliases_have_a_form() {
    let world = World::new();
    let long = "a".repeat(64);
    for bad in ["ab", "Upper", "under_score", "-front", "back-", "two--hyphens", &long] {
        world.iam_fails("CreateAccountAlias", &[("AccountAlias", bad)], "ValidationError");
    }
    world.iam_fails("CreateAccountAlias", &[("AccountAlias", "123456789012")], "InvalidInput");
    world.iam("CreateAccountAlias", &[("AccountAlias", &long[1..])]);
}

#[test]
fn the_alias_needs_a_right_on_everything() {
    let world = World::new();
    let eve = world.user("eve", &allow(&["iam:ListAccountAliases"]));
    world.iam_as(&eve, "ListAccountAliases", &[]).expect_ok("list");
    world
        .iam_as(&eve, "CreateAccountAlias", &[("AccountAlias", "eves")])
        .expect_code("create", "AccessDenied");
    world
        .iam_as(&eve, "DeleteAccountAlias", &[("AccountAlias", "eves")])
        .expect_code("delete", "AccessDenied");
    world.iam_as(&eve, "GetAccountSummary", &[]).expect_code("summary", "AccessDenied");
    let on_users = world.user("ann", &allow_on("iam:CreateAccountAlias", "arn:aws:iam::*:user/*", ""));
    world
        .iam_as(&on_users, "CreateAccountAlias", &[("AccountAlias", "anns")])
        .expect_code("wrong resource", "AccessDenied");
}

#[test]
fn the_summary_counts() {
    let world = World::new();
    let count = |key: &str| {
        let answer = world.iam("GetAccountSummary", &[]);
        let (keys, values) = (answer.texts("key"), answer.texts("value"));
        let place = keys.iter().position(|found| found == key).unwrap_or_else(|| panic!("no {key}"));
        values[place].parse::<usize>().unwrap()
    };
    let before =
        ["Users", "Groups", "Roles", "Policies", "PolicyVersionsInUse", "InstanceProfiles"].map(count);
    world.iam("CreateUser", &[("UserName", "bob")]);
    world.iam("CreateGroup", &[("GroupName", "g")]);
    world.role("r", &trust(crate::ACCOUNT), "");
    let policy =
        world.iam("CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", &allow(&["s3:*"]))]).text("Arn");
    world.iam("CreatePolicyVersion", &[("PolicyArn", &policy), ("PolicyDocument", &allow(&["ec2:*"]))]);
    world.iam("CreateInstanceProfile", &[("InstanceProfileName", "i")]);
    world.iam("AttachUserPolicy", &[("UserName", "bob"), ("PolicyArn", READ_ONLY)]);
    let after =
        ["Users", "Groups", "Roles", "Policies", "PolicyVersionsInUse", "InstanceProfiles"].map(count);
    let grown: Vec<usize> = after.iter().zip(before).map(|(after, before)| after - before).collect();
    assert_eq!(grown, [1, 1, 1, 1, 2, 1]);
    let quotas =
        ["UsersQuota", "GroupsPerUserQuota", "AccessKeysPerUserQuota", "PolicySizeQuota", "MFADevices"]
            .map(count);
    assert_eq!(quotas, [5_000, 10, 2, 6_144, 0]);
}
