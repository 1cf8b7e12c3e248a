use crate::harness::World;
use crate::{allow_on, arn};

#[test]
fn a_key_is_made_shown_once_and_works() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "Bob")]);
    let made = world.iam("CreateAccessKey", &[("UserName", "bob")]);
    assert_eq!((made.text("UserName"), made.text("Status")), ("Bob".into(), "Active".into()));
    let (id, secret) = (made.text("AccessKeyId"), made.text("SecretAccessKey"));
    assert!(id.starts_with("AKIA") && id.len() == 20, "{id}");
    assert_eq!(secret.len(), 40);
    let listed = world.iam("ListAccessKeys", &[("UserName", "Bob")]);
    assert_eq!((listed.texts("AccessKeyId"), listed.text("IsTruncated")), (vec![id], "false".into()));
    assert!(!listed.body.contains(&secret) && !listed.has("SecretAccessKey"));
}

#[test]
fn a_user_has_two_keys_at_most() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    let first = world.iam("CreateAccessKey", &[("UserName", "bob")]);
    let second = world.iam("CreateAccessKey", &[("UserName", "bob")]);
    assert_ne!(first.text("AccessKeyId"), second.text("AccessKeyId"));
    assert_ne!(first.text("SecretAccessKey"), second.text("SecretAccessKey"));
    let full = world.iam_fails("CreateAccessKey", &[("UserName", "bob")], "LimitExceeded");
    assert_eq!((full.status, full.message().as_str()), (409, "Cannot exceed quota for AccessKeysPerUser: 2"));
    let page = world.iam("ListAccessKeys", &[("UserName", "bob"), ("MaxItems", "1")]);
    let rest = world.iam("ListAccessKeys", &[("UserName", "bob"), ("Marker", &page.text("Marker"))]);
    let both = [page.texts("AccessKeyId"), rest.texts("AccessKeyId")].concat();
    assert!(both.len() == 2 && both[0] != both[1] && !rest.has("Marker"));
    world.iam("DeleteAccessKey", &[("UserName", "bob"), ("AccessKeyId", &first.text("AccessKeyId"))]);
    world.iam("CreateAccessKey", &[("UserName", "bob")]);
}

#[test]
fn a_user_with_keys_is_not_deleted() {
    let world = World::new();
    let bob = world.user("bob", "");
    let conflict = world.iam_fails("DeleteUser", &[("UserName", "bob")], "DeleteConflict");
    assert_eq!(conflict.message(), "Cannot delete entity, must delete access keys first.");
    world.iam("DeleteAccessKey", &[("UserName", "bob"), ("AccessKeyId", &bob.id)]);
    world.iam("DeleteUser", &[("UserName", "bob")]);
}

#[test]
fn a_key_that_is_not_the_users_is_not_found() {
    let world = World::new();
    let bob = world.user("bob", "");
    world.iam("CreateUser", &[("UserName", "ann")]);
    let anns = [("UserName", "ann"), ("AccessKeyId", bob.id.as_str())];
    let missing = world.iam_fails("DeleteAccessKey", &anns, "NoSuchEntity");
    assert_eq!(missing.message(), format!("The Access Key with id {} cannot be found.", bob.id));
    world.iam_fails("UpdateAccessKey", &[&anns[..], &[("Status", "Inactive")]].concat(), "NoSuchEntity");
    world.iam_fails("ListAccessKeys", &[("UserName", "nobody")], "NoSuchEntity");
    world.iam_fails("CreateAccessKey", &[("UserName", "nobody")], "NoSuchEntity");
    world.sts_as(&bob, "GetCallerIdentity", &[]).expect_ok("bob's key is as it was");
}

#[test]
fn without_a_name_the_callers_own_keys_are_meant() {
    let world = World::new();
    let own = allow_on("iam:*AccessKey*", &arn("user/${aws:username}"), "");
    let bob = world.user("bob", &own);
    let ann = world.user("ann", &own);
    let mine = world.iam_as(&bob, "ListAccessKeys", &[]).expect_ok("own list");
    assert_eq!(
        (mine.texts("UserName"), mine.texts("AccessKeyId")),
        (vec!["bob".into()], vec![bob.id.clone()])
    );
    let second = world.iam_as(&bob, "CreateAccessKey", &[]).expect_ok("own key");
    assert_eq!(second.text("UserName"), "bob");

    // Another's key is neither changed nor deleted by leaving the name out.
    let anns = [("AccessKeyId", ann.id.as_str())];
    let off = [("AccessKeyId", ann.id.as_str()), ("Status", "Inactive")];
    world.iam_as(&bob, "DeleteAccessKey", &anns).expect_code("delete", "NoSuchEntity");
    world.iam_as(&bob, "UpdateAccessKey", &off).expect_code("update", "NoSuchEntity");
    world.sts_as(&ann, "GetCallerIdentity", &[]).expect_ok("ann's key is as it was");

    let second = second.text("AccessKeyId");
    world
        .iam_as(&bob, "UpdateAccessKey", &[("AccessKeyId", &second), ("Status", "Inactive")])
        .expect_ok("own off");
    world.iam_as(&bob, "DeleteAccessKey", &[("AccessKeyId", &second)]).expect_ok("own away");
}

#[test]
fn keys_of_others_need_the_right_on_them() {
    let world = World::new();
    let bob = world.user("bob", &allow_on("iam:*AccessKey*", &arn("user/${aws:username}"), ""));
    world.iam("CreateUser", &[("UserName", "admin")]);
    for action in ["CreateAccessKey", "ListAccessKeys"] {
        let denied = world.iam_as(&bob, action, &[("UserName", "admin")]).expect_code(action, "AccessDenied");
        assert!(denied.message().contains(&arn("user/admin")), "{}", denied.message());
    }
    assert!(world.iam("ListAccessKeys", &[("UserName", "admin")]).texts("AccessKeyId").is_empty());
}

#[test]
fn a_role_session_must_name_a_user() {
    let world = World::new();
    let session = world.login(crate::ACCOUNT);
    let refused = world.iam_as(&session, "ListAccessKeys", &[]).expect_code("no name", "ValidationError");
    assert_eq!(refused.message(), "Must specify userName when calling with non-User credentials");
    world.iam_as(&session, "ListAccessKeys", &[("UserName", "dev")]).expect_ok("named");
}

#[test]
fn the_status_is_active_or_inactive() {
    let world = World::new();
    let bob = world.user("bob", "");
    for status in ["Expired", "active", ""] {
        let update = [("UserName", "bob"), ("AccessKeyId", bob.id.as_str()), ("Status", status)];
        world.iam_fails("UpdateAccessKey", &update, "ValidationError");
    }
    let update = [("UserName", "bob"), ("AccessKeyId", bob.id.as_str()), ("Status", "Inactive")];
    world.iam("UpdateAccessKey", &update);
    assert_eq!(world.iam("ListAccessKeys", &[("UserName", "bob")]).text("Status"), "Inactive");
}

#[test]
fn the_last_use_is_told() {
    let world = World::new();
    let bob = world.user("bob", "");
    let ask = [("AccessKeyId", bob.id.as_str())];
    let never = world.iam("GetAccessKeyLastUsed", &ask);
    assert_eq!(
        (never.text("UserName"), never.text("ServiceName"), never.text("Region")),
        ("bob".into(), "N/A".into(), "N/A".into())
    );
    assert!(!never.has("LastUsedDate"));
    world.sts_as(&bob, "GetCallerIdentity", &[]).expect_ok("a use");
    world.front.tick().unwrap();
    let used = world.iam("GetAccessKeyLastUsed", &ask);
    assert_eq!(
        (used.text("LastUsedDate"), used.text("ServiceName")),
        ("2026-01-02T03:04:05Z".into(), "sts".into())
    );
    assert_eq!(used.text("Region"), "us-east-1");
}

#[test]
fn the_last_use_of_strange_keys_is_told_to_nobody() {
    let world = World::new();
    let other = world.second_account();
    let bob = world.user("bob", &allow_on("iam:GetAccessKeyLastUsed", &arn("user/bob"), ""));
    world
        .iam_as(&other, "GetAccessKeyLastUsed", &[("AccessKeyId", &bob.id)])
        .expect_code("other account", "NoSuchEntity");
    world.iam_as(&bob, "GetAccessKeyLastUsed", &[("AccessKeyId", &bob.id)]).expect_ok("own");
    let devs = [("AccessKeyId", world.admin.id.as_str())];
    world.iam_as(&bob, "GetAccessKeyLastUsed", &devs).expect_code("another user's", "AccessDenied");
    let unknown = [("AccessKeyId", "AKIAUNKNOWN123456789")];
    world.iam_as(&bob, "GetAccessKeyLastUsed", &unknown).expect_code("unknown", "AccessDenied");
}
