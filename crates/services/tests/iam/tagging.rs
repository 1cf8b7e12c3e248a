use crate::harness::{ACCOUNT, World, allow, trust};
use crate::{READ_ONLY, allow_on, arn};

/// The kinds with tags whose entities need nothing to be made: the word in operations, the parameter that names one, its value.
fn kinds() -> [(&'static str, &'static str, String); 4] {
    [
        ("User", "UserName", "bob".into()),
        ("Role", "RoleName", "bob".into()),
        ("Policy", "PolicyArn", arn("policy/bob")),
        ("InstanceProfile", "InstanceProfileName", "bob".into()),
    ]
}

fn world() -> World {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    world.role("bob", &trust(ACCOUNT), "");
    world.iam("CreatePolicy", &[("PolicyName", "bob"), ("PolicyDocument", &allow(&["s3:*"]))]);
    world.iam("CreateInstanceProfile", &[("InstanceProfileName", "bob")]);
    world
}

/// Parameters that name an entity and give it tags.
fn tagged<'a>(name: &'a str, value: &'a str, tags: &'a [(String, String)]) -> Vec<(&'a str, &'a str)> {
    let tags = tags.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    std::iter::once((name, value)).chain(tags).collect()
}

fn tags<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (number, (key, value)) in tags.into_iter().enumerate() {
        all.push((format!("Tags.member.{}.Key", number + 1), key.to_owned()));
        all.push((format!("Tags.member.{}.Value", number + 1), value.to_owned()));
    }
    all
}

#[test]
fn tags_are_set_listed_and_removed() {
    let world = world();
    for (kind, name, value) in kinds() {
        let (tag, untag, list) = (format!("Tag{kind}"), format!("Untag{kind}"), format!("List{kind}Tags"));
        world.iam(&tag, &tagged(name, &value, &tags([("Team", "a"), ("cost", "1"), ("Empty", "")])));
        world.iam(&tag, &tagged(name, &value, &tags([("team", "b")])));
        let listed = world.iam(&list, &[(name, &value)]);
        assert_eq!(
            listed.texts("Key"),
            ["cost", "Empty", "team"],
            "{kind}: sorted by key, one key whatever the case"
        );
        assert_eq!(listed.texts("Value"), ["1", "", "b"]);
        let first = world.iam(&list, &[(name, &value), ("MaxItems", "2")]);
        let rest = world.iam(&list, &[(name, &value), ("Marker", &first.text("Marker"))]);
        assert_eq!(
            (first.texts("Key").join(" "), rest.texts("Key").join(" ")),
            ("cost Empty".into(), "team".into())
        );
        world.iam(&untag, &[(name, &value), ("TagKeys.member.1", "TEAM"), ("TagKeys.member.2", "unknown")]);
        assert_eq!(world.iam(&list, &[(name, &value)]).texts("Key"), ["cost", "Empty"]);
        world.iam(&untag, &[(name, &value), ("TagKeys.member.1", "cost"), ("TagKeys.member.2", "empty")]);
        let none = world.iam(&list, &[(name, &value)]);
        assert!(none.texts("Key").is_empty() && none.has("Tags") && none.text("IsTruncated") == "false");
    }
}

#[test]
fn what_is_not_there_has_no_tags() {
    let world = world();
    for (kind, name, value) in kinds() {
        let missing = value.replace("bob", "nobody");
        world.iam_fails(&format!("Tag{kind}"), &tagged(name, &missing, &tags([("a", "b")])), "NoSuchEntity");
        world.iam_fails(
            &format!("Untag{kind}"),
            &[(name, &missing), ("TagKeys.member.1", "a")],
            "NoSuchEntity",
        );
        world.iam_fails(&format!("List{kind}Tags"), &[(name, &missing)], "NoSuchEntity");
    }
}

#[test]
fn policies_of_aws_take_no_tags() {
    let world = World::new();
    world.iam_fails("TagPolicy", &tagged("PolicyArn", READ_ONLY, &tags([("a", "b")])), "AccessDenied");
    assert!(world.iam("ListPolicyTags", &[("PolicyArn", READ_ONLY)]).texts("Key").is_empty());
}

#[test]
fn fifty_tags_at_most() {
    let world = world();
    let names: Vec<String> = (0..51).map(|number| format!("k{number}")).collect();
    for (kind, name, value) in kinds() {
        let tag = format!("Tag{kind}");
        let some = |range: std::ops::Range<usize>| tags(names[range].iter().map(|key| (key.as_str(), "v")));
        world.iam(&tag, &tagged(name, &value, &some(0..40)));
        let full = world.iam_fails(&tag, &tagged(name, &value, &some(35..51)), "LimitExceeded");
        assert_eq!(full.status, 409);
        assert_eq!(
            world.iam(&format!("List{kind}Tags"), &[(name, &value)]).texts("Key").len(),
            40,
            "nothing changed"
        );
        world.iam(&tag, &tagged(name, &value, &some(35..50)));
    }
}

#[test]
fn odd_tags_are_refused() {
    let world = world();
    for (kind, name, value) in kinds() {
        let tag = format!("Tag{kind}");
        let long = "x".repeat(129);
        world.iam_fails(&tag, &tagged(name, &value, &tags([("a", "1"), ("A", "2")])), "InvalidInput");
        world.iam_fails(&tag, &tagged(name, &value, &tags([("aws:mine", "1")])), "InvalidInput");
        world.iam_fails(&tag, &tagged(name, &value, &tags([("", "1")])), "ValidationError");
        world.iam_fails(&tag, &tagged(name, &value, &tags([(long.as_str(), "1")])), "ValidationError");
        world.iam_fails(
            &tag,
            &tagged(name, &value, &tags([("a", "x".repeat(257).as_str())])),
            "ValidationError",
        );
        world.iam_fails(&tag, &[(name, &value)], "ValidationError");
    }
}

#[test]
fn which_tags_may_be_set_is_a_condition() {
    let world = world();
    let only = r#"{"StringEquals":{"aws:RequestTag/team":"a"},"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}"#;
    let eve = world.user("eve", &allow_on("iam:Tag*", "*", only));
    for (kind, name, value) in kinds() {
        let tag = format!("Tag{kind}");
        let set = |new: &[(&str, &str)]| {
            world.iam_as(&eve, &tag, &tagged(name, &value, &tags(new.iter().copied())))
        };
        set(&[("team", "a")]).expect_ok(&tag);
        set(&[("team", "b")]).expect_code(&tag, "AccessDenied");
        set(&[("team", "a"), ("admin", "yes")]).expect_code(&tag, "AccessDenied");
    }
}

#[test]
fn tags_that_give_power_are_guarded_by_the_tags_there() {
    let world = world();
    let own = r#"{"StringEquals":{"aws:ResourceTag/owner":"${aws:username}"}}"#;
    let eve = world.user("eve", &allow_on("iam:*", "*", own));
    for (kind, name, value) in kinds() {
        let (tag, untag, list) = (format!("Tag{kind}"), format!("Untag{kind}"), format!("List{kind}Tags"));
        let take = tags([("owner", "eve")]);
        world.iam_as(&eve, &tag, &tagged(name, &value, &take)).expect_code(&tag, "AccessDenied");
        world.iam_as(&eve, &list, &[(name, &value)]).expect_code(&list, "AccessDenied");
        world
            .iam_as(&eve, &untag, &[(name, &value), ("TagKeys.member.1", "x")])
            .expect_code(&untag, "AccessDenied");
        world.iam(&tag, &tagged(name, &value, &take));
        world.iam_as(&eve, &list, &[(name, &value)]).expect_ok(&list);
        world.iam_as(&eve, &untag, &[(name, &value), ("TagKeys.member.1", "x")]).expect_ok(&untag);
    }
}

#[test]
fn keys_that_may_be_taken_away_are_a_condition() {
    let world = world();
    let only = r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["temporary"]}}"#;
    let eve = world.user("eve", &allow_on("iam:UntagUser", "*", only));
    let untag =
        |key: &str| world.iam_as(&eve, "UntagUser", &[("UserName", "bob"), ("TagKeys.member.1", key)]);
    untag("temporary").expect_ok("allowed key");
    untag("owner").expect_code("another key", "AccessDenied");
}
