use crate::harness::World;
use crate::{READ_ONLY, allow_on, arn};

const MEMBER: [(&str, &str); 2] = [("GroupName", "devs"), ("UserName", "bob")];

fn world() -> World {
    let world = World::new();
    world.iam("CreateGroup", &[("GroupName", "devs"), ("Path", "/teams/")]);
    world.iam("CreateUser", &[("UserName", "bob")]);
    world
}

#[test]
fn a_group_lives_and_dies() {
    let world = World::new();
    let made = world.iam("CreateGroup", &[("GroupName", "Devs"), ("Path", "/teams/")]);
    assert_eq!(made.text("Arn"), arn("group/teams/Devs"));
    assert!(made.text("GroupId").starts_with("AGPA"));
    assert_eq!(made.text("CreateDate"), "2026-01-02T03:04:05Z");
    let twin = world.iam_fails("CreateGroup", &[("GroupName", "DEVS")], "EntityAlreadyExists");
    assert_eq!((twin.status, twin.message().as_str()), (409, "Group with name DEVS already exists."));

    let got = world.iam("GetGroup", &[("GroupName", "devs")]);
    assert_eq!((got.text("GroupId"), got.text("IsTruncated")), (made.text("GroupId"), "false".into()));
    assert!(got.has("Users"), "an empty list of members is there: {}", got.body);

    world.iam("UpdateGroup", &[("GroupName", "Devs"), ("NewGroupName", "devs"), ("NewPath", "/")]);
    let renamed = world.iam("GetGroup", &[("GroupName", "Devs")]);
    assert_eq!((renamed.text("Arn"), renamed.text("GroupId")), (arn("group/devs"), made.text("GroupId")));

    world.iam("DeleteGroup", &[("GroupName", "devs")]);
    let gone = world.iam_fails("GetGroup", &[("GroupName", "devs")], "NoSuchEntity");
    assert_eq!((gone.status, gone.message().as_str()), (404, "The group with name devs cannot be found."));
    world.iam_fails("DeleteGroup", &[("GroupName", "devs")], "NoSuchEntity");
    world.iam_fails("UpdateGroup", &[("GroupName", "devs")], "NoSuchEntity");
}

#[test]
fn a_rename_does_not_take_anothers_name() {
    let world = world();
    world.iam("CreateGroup", &[("GroupName", "ops")]);
    world.iam_fails("UpdateGroup", &[("GroupName", "ops"), ("NewGroupName", "DEVS")], "EntityAlreadyExists");
}

#[test]
fn members_come_and_go() {
    let world = world();
    world.iam("AddUserToGroup", &MEMBER);
    world.iam("AddUserToGroup", &MEMBER);
    assert_eq!(world.iam("GetGroup", &[("GroupName", "devs")]).texts("UserName"), ["bob"]);
    let groups = world.iam("ListGroupsForUser", &[("UserName", "bob")]);
    assert_eq!((groups.texts("GroupName"), groups.text("Path")), (vec!["devs".into()], "/teams/".into()));

    let conflict = world.iam_fails("DeleteGroup", &[("GroupName", "devs")], "DeleteConflict");
    assert_eq!(conflict.message(), "Cannot delete entity, must remove users from group first.");
    world.iam("RemoveUserFromGroup", &MEMBER);
    world.iam_fails("RemoveUserFromGroup", &MEMBER, "NoSuchEntity");
    assert!(world.iam("GetGroup", &[("GroupName", "devs")]).texts("UserName").is_empty());
    world.iam("DeleteGroup", &[("GroupName", "devs")]);

    world.iam_fails("AddUserToGroup", &MEMBER, "NoSuchEntity");
    world.iam("CreateGroup", &[("GroupName", "devs")]);
    world.iam_fails("AddUserToGroup", &[("GroupName", "devs"), ("UserName", "nobody")], "NoSuchEntity");
    world.iam_fails("ListGroupsForUser", &[("UserName", "nobody")], "NoSuchEntity");
}

#[test]
fn a_group_with_policies_is_not_deleted() {
    let world = world();
    let attached = [("GroupName", "devs"), ("PolicyArn", READ_ONLY)];
    world.iam("AttachGroupPolicy", &attached);
    let conflict = world.iam_fails("DeleteGroup", &[("GroupName", "devs")], "DeleteConflict");
    assert_eq!(conflict.message(), "Cannot delete entity, must detach all policies first.");
    world.iam("DetachGroupPolicy", &attached);
    let inline = [("GroupName", "devs"), ("PolicyName", "p")];
    let document = allow_on("s3:*", "*", "");
    world.iam("PutGroupPolicy", &[&inline[..], &[("PolicyDocument", &document)]].concat());
    let conflict = world.iam_fails("DeleteGroup", &[("GroupName", "devs")], "DeleteConflict");
    assert_eq!(conflict.message(), "Cannot delete entity, must delete policies first.");
    world.iam("DeleteGroupPolicy", &inline);
    world.iam("DeleteGroup", &[("GroupName", "devs")]);
}

#[test]
fn a_group_gives_its_members_its_policies() {
    let world = world();
    let bob = world.user("bert", "");
    world.iam_as(&bob, "ListGroups", &[]).expect_code("before", "AccessDenied");
    world.iam("AttachGroupPolicy", &[("GroupName", "devs"), ("PolicyArn", READ_ONLY)]);
    world.iam("AddUserToGroup", &[("GroupName", "devs"), ("UserName", "bert")]);
    world.iam_as(&bob, "ListGroups", &[]).expect_ok("as a member");
    world.iam("RemoveUserFromGroup", &[("GroupName", "devs"), ("UserName", "bert")]);
    world.iam_as(&bob, "ListGroups", &[]).expect_code("after", "AccessDenied");
}

#[test]
fn a_user_is_in_ten_groups_at_most() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    for number in 0..11 {
        let name = format!("g{number}");
        world.iam("CreateGroup", &[("GroupName", &name)]);
        let member = [("GroupName", name.as_str()), ("UserName", "bob")];
        if number < 10 {
            world.iam("AddUserToGroup", &member);
            continue;
        }
        let full = world.iam_fails("AddUserToGroup", &member, "LimitExceeded");
        assert_eq!(full.message(), "Cannot exceed quota for GroupsPerUser: 10");
    }
    world.iam("AddUserToGroup", &[("GroupName", "g3"), ("UserName", "bob")]);
}

#[test]
fn an_account_has_three_hundred_groups_at_most() {
    let world = World::new();
    for number in 0..300 {
        world.iam("CreateGroup", &[("GroupName", &format!("g{number}"))]);
    }
    let full = world.iam_fails("CreateGroup", &[("GroupName", "one-more")], "LimitExceeded");
    assert_eq!(full.message(), "Cannot exceed quota for GroupsPerAccount: 300");
    world.iam("DeleteGroup", &[("GroupName", "g7")]);
    world.iam("CreateGroup", &[("GroupName", "one-more")]);
}

#[test]
fn lists_come_in_pages_and_by_path() {
    let world = World::new();
    for name in ["b", "A", "d", "C"] {
        let path = if name == "d" { "/x/" } else { "/y/" };
        world.iam("CreateGroup", &[("GroupName", name), ("Path", path)]);
        world.iam("CreateUser", &[("UserName", name)]);
        world.iam("AddUserToGroup", &[("GroupName", "b"), ("UserName", name)]).is_ok();
    }
    let first = world.iam("ListGroups", &[("MaxItems", "3")]);
    assert_eq!((first.texts("GroupName"), first.text("IsTruncated")), (names("A b C"), "true".into()));
    let rest = world.iam("ListGroups", &[("MaxItems", "3"), ("Marker", &first.text("Marker"))]);
    assert_eq!((rest.texts("GroupName"), rest.has("Marker")), (names("d"), false));
    assert_eq!(world.iam("ListGroups", &[("PathPrefix", "/y/")]).texts("GroupName"), names("A b C"));
    let members = world.iam("GetGroup", &[("GroupName", "b"), ("MaxItems", "2")]);
    let more = world.iam("GetGroup", &[("GroupName", "b"), ("Marker", &members.text("Marker"))]);
    assert_eq!([members.texts("UserName"), more.texts("UserName")].concat(), names("A b C d"));
    world.iam_fails("ListGroups", &[("Marker", "nonsense")], "ValidationError");
    world.iam_fails("ListGroups", &[("MaxItems", "0")], "ValidationError");
}

fn names(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[test]
fn joining_a_group_needs_the_right_on_that_group() {
    let world = world();
    world.iam("CreateGroup", &[("GroupName", "admins")]);
    let eve = world.user("eve", &allow_on("iam:AddUserToGroup", &arn("group/teams/*"), ""));
    world
        .iam_as(&eve, "AddUserToGroup", &[("GroupName", "devs"), ("UserName", "eve")])
        .expect_ok("allowed group");
    let denied = world.iam_as(&eve, "AddUserToGroup", &[("GroupName", "admins"), ("UserName", "eve")]);
    let denied = denied.expect_code("admins", "AccessDenied");
    assert!(denied.message().contains(&arn("group/admins")), "{}", denied.message());
    world.iam_as(&eve, "RemoveUserFromGroup", &MEMBER).expect_code("other action", "AccessDenied");
}

#[test]
fn a_rename_needs_the_right_on_both_names() {
    let world = world();
    let eve = world.user("eve", &allow_on("iam:UpdateGroup", &arn("group/teams/*"), ""));
    let rename = |changes: &[(&str, &str)]| {
        world.iam_as(&eve, "UpdateGroup", &[&[("GroupName", "devs")], changes].concat())
    };
    rename(&[("NewPath", "/")]).expect_code("out of the path", "AccessDenied");
    rename(&[("NewGroupName", "engineers")]).expect_ok("inside the path");
}

#[test]
fn names_are_checked() {
    let world = World::new();
    world.iam_fails("CreateGroup", &[("GroupName", "no spaces")], "ValidationError");
    world.iam_fails("CreateGroup", &[("GroupName", &"x".repeat(129))], "ValidationError");
    world.iam_fails("CreateGroup", &[("GroupName", "g"), ("Path", "teams")], "ValidationError");
    world.iam_fails("CreateGroup", &[], "ValidationError");
    world.iam("CreateGroup", &[("GroupName", &"x".repeat(128))]);
}
