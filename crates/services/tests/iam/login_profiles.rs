use crate::harness::{World, allow};
use crate::{allow_on, arn};
use std::time::Duration;

const GOOD: &str = "correct-Horse-7";
const OTHER: &str = "battery-Staple-8";

#[test]
fn a_login_profile_is_made_shown_and_deleted() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "Bob")]);
    let made = world.iam("CreateLoginProfile", &[("UserName", "bob"), ("Password", GOOD)]);
    assert_eq!((made.text("UserName"), made.text("PasswordResetRequired")), ("Bob".into(), "false".into()));
    assert_eq!(made.text("CreateDate"), "2026-01-02T03:04:05Z");
    let again = [("UserName", "Bob"), ("Password", OTHER)];
    let second = world.iam_fails("CreateLoginProfile", &again, "EntityAlreadyExists");
    assert_eq!((second.status, second.message()), (409, "Login Profile for user Bob already exists.".into()));

    world.clock.advance(Duration::from_secs(60));
    world.iam("UpdateLoginProfile", &[("UserName", "Bob"), ("PasswordResetRequired", "true")]);
    let shown = world.iam("GetLoginProfile", &[("UserName", "Bob")]);
    assert_eq!(shown.text("PasswordResetRequired"), "true");
    assert_eq!(shown.text("CreateDate"), "2026-01-02T03:04:05Z");
    world.sign_in("Bob", GOOD);

    let conflict = world.iam_fails("DeleteUser", &[("UserName", "Bob")], "DeleteConflict");
    assert_eq!(conflict.message(), "Cannot delete entity, must delete login profile first.");
    world.iam("DeleteLoginProfile", &[("UserName", "Bob")]);
    world.iam_fails("GetLoginProfile", &[("UserName", "Bob")], "NoSuchEntity");
    world.iam_fails("DeleteLoginProfile", &[("UserName", "Bob")], "NoSuchEntity");
    world.iam("DeleteUser", &[("UserName", "Bob")]);
}

#[test]
fn passwords_are_checked_against_the_rules() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    let make = |password: &str| {
        world.iam_as(&world.admin, "CreateLoginProfile", &[("UserName", "bob"), ("Password", password)])
    };
    let short = make("Ab1!xyz").expect_code("short", "PasswordPolicyViolation");
    assert_eq!((short.status, short.message()), (400, "Password should have a minimum length of 8".into()));
    assert!(
        make("abcdefgh").message().starts_with("Password should meet 2 more of the following requirements")
    );
    make(&format!("{GOOD}\u{100}")).expect_code("beyond U+00FF", "ValidationError");
    make(&format!("{GOOD}\u{7}")).expect_code("control", "ValidationError");
    make(&"Ab1!".repeat(32)).expect_ok("128 characters");
    world.iam("DeleteLoginProfile", &[("UserName", "bob")]);
    make(&format!("{}x", "Ab1!".repeat(32))).expect_code("129 characters", "ValidationError");
    make("").expect_code("empty", "ValidationError");
    let missing = world.iam_fails("CreateLoginProfile", &[("UserName", "bob")], "ValidationError");
    assert!(missing.message().contains("'password'"), "{}", missing.message());
    make("Gr\u{fc}\u{df}e aus K\u{f6}ln\t1").expect_ok("Latin-1 and a tab");
    world.sign_in("bob", "Gr\u{fc}\u{df}e aus K\u{f6}ln\t1");
}

#[test]
fn users_that_are_not_there_have_none() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    for (action, params) in [
        ("CreateLoginProfile", &[("Password", GOOD)][..]),
        ("GetLoginProfile", &[]),
        ("UpdateLoginProfile", &[("Password", GOOD)]),
        ("DeleteLoginProfile", &[]),
    ] {
        let all = [&[("UserName", "nobody")], params].concat();
        let missing = world.iam_fails(action, &all, "NoSuchEntity");
        assert_eq!(missing.message(), "The user with name nobody cannot be found.");
    }
    let none =
        world.iam_fails("UpdateLoginProfile", &[("UserName", "bob"), ("Password", GOOD)], "NoSuchEntity");
    assert_eq!(none.message(), "Login Profile for User bob cannot be found.");
}

#[test]
fn ones_own_password_is_changed_with_the_old_one() {
    let world = World::new();
    let bob = world.user("bob", &allow_on("iam:ChangePassword", &arn("user/${aws:username}"), ""));
    let change = |old: &str, new: &str| {
        world.iam_as(&bob, "ChangePassword", &[("OldPassword", old), ("NewPassword", new)])
    };
    let none = change(GOOD, OTHER).expect_code("none", "NoSuchEntity");
    assert_eq!(none.message(), "Login Profile for User bob cannot be found.");
    let temporary = [("UserName", "bob"), ("Password", GOOD), ("PasswordResetRequired", "true")];
    world.iam("CreateLoginProfile", &temporary);

    let wrong = change(OTHER, OTHER).expect_code("wrong", "AccessDenied");
    assert_eq!((wrong.status, wrong.message()), (403, "The old password was incorrect.".into()));
    change(GOOD, GOOD).expect_code("the same", "PasswordPolicyViolation");
    change(GOOD, "short").expect_code("short", "PasswordPolicyViolation");
    world.clock.advance(Duration::from_secs(60));
    change(GOOD, OTHER).expect_ok("changed");
    assert_eq!(world.iam("GetLoginProfile", &[("UserName", "bob")]).text("PasswordResetRequired"), "false");
    world.try_sign_in("127.0.0.1", "bob", GOOD).expect_code("old", "AuthenticationFailedException");
    world.sign_in("bob", OTHER);
}

#[test]
fn only_users_have_an_own_password() {
    let world = World::new();
    let session = world.login(crate::ACCOUNT);
    let params = [("OldPassword", GOOD), ("NewPassword", OTHER)];
    let refused = world.iam_as(&session, "ChangePassword", &params).expect_code("a role", "InvalidUserType");
    assert_eq!(
        (refused.status, refused.message()),
        (400, "Only IAM Users can change their own password.".into())
    );
}

#[test]
fn others_passwords_need_the_right_on_them() {
    let world = World::new();
    world.person("boss", GOOD, "");
    let eve = world.user("eve", &allow_on("iam:*LoginProfile", &arn("user/${aws:username}"), ""));
    for (action, params) in [
        ("CreateLoginProfile", &[("Password", OTHER)][..]),
        ("GetLoginProfile", &[]),
        ("UpdateLoginProfile", &[("Password", OTHER)]),
        ("DeleteLoginProfile", &[]),
    ] {
        let all = [&[("UserName", "boss")], params].concat();
        let denied = world.iam_as(&eve, action, &all).expect_code(action, "AccessDenied");
        assert!(denied.message().contains(&arn("user/boss")), "{}", denied.message());
    }
    let computed = world.hashes();
    let all = [("UserName", "boss"), ("Password", OTHER)];
    world.iam_as(&eve, "UpdateLoginProfile", &all).expect_code("no work before the gate", "AccessDenied");
    assert_eq!(world.hashes(), computed);
    world.sign_in("boss", GOOD);
    world.iam_as(&eve, "CreateLoginProfile", &[("Password", GOOD)]).expect_ok("the own one");
}

#[test]
fn an_account_may_let_all_its_users_change_their_own_password() {
    let world = World::new();
    let bob = world.user("bob", "");
    world.iam("CreateLoginProfile", &[("UserName", "bob"), ("Password", GOOD)]);
    let params = [("OldPassword", GOOD), ("NewPassword", OTHER)];
    world.iam_as(&bob, "ChangePassword", &params).expect_code("not yet", "AccessDenied");
    world.iam("UpdateAccountPasswordPolicy", &[("AllowUsersToChangePassword", "true")]);
    world.iam_as(&bob, "GetAccountPasswordPolicy", &[]).expect_ok("the policy may be read");
    world.iam_as(&bob, "ChangePassword", &params).expect_ok("the account lets its users");
    world.iam_as(&bob, "GetUser", &[]).expect_code("and nothing else", "AccessDenied");

    // A policy that denies it goes before.
    let deny = allow(&["iam:ChangePassword"]).replace("Allow", "Deny");
    world.iam("PutUserPolicy", &[("UserName", "bob"), ("PolicyName", "p"), ("PolicyDocument", &deny)]);
    let back = [("OldPassword", OTHER), ("NewPassword", GOOD)];
    world.iam_as(&bob, "ChangePassword", &back).expect_code("denied", "AccessDenied");
}

#[test]
fn former_passwords_do_not_come_back() {
    let world = World::new();
    world.iam("UpdateAccountPasswordPolicy", &[("PasswordReusePrevention", "3")]);
    let bob = world.user("bob", &allow(&["iam:ChangePassword"]));
    world.iam("CreateLoginProfile", &[("UserName", "bob"), ("Password", "password-0")]);
    let change = |old: u32, new: u32| {
        let (old, new) = (format!("password-{old}"), format!("password-{new}"));
        world.iam_as(&bob, "ChangePassword", &[("OldPassword", &old), ("NewPassword", &new)])
    };
    for next in 1..=3 {
        change(next - 1, next).expect_ok("a new one");
    }
    for former in [1, 2, 3] {
        let refused = change(3, former).expect_code("a former one", "PasswordPolicyViolation");
        assert_eq!(
            refused.message(),
            "Policy constraint violation with password reuse prevention during password change."
        );
    }
    let by_admin = [("UserName", "bob"), ("Password", "password-2")];
    world.iam_fails("UpdateLoginProfile", &by_admin, "PasswordPolicyViolation");
    change(3, 0).expect_ok("the fourth last");
    world.iam("UpdateAccountPasswordPolicy", &[]);
    change(0, 3).expect_ok("nothing is remembered without a policy");
}

#[test]
fn wrong_old_passwords_are_counted_like_sign_ins() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["iam:ChangePassword"]));
    world.iam("CreateLoginProfile", &[("UserName", "bob"), ("Password", GOOD)]);
    let change =
        |old: &str| world.iam_as(&bob, "ChangePassword", &[("OldPassword", old), ("NewPassword", OTHER)]);
    for _ in 0..10 {
        change("wrong").expect_code("wrong", "AccessDenied");
    }
    let locked = change(GOOD).expect_code("right, but too late", "AccessDenied");
    assert_eq!(locked.message(), "The old password was incorrect.");
    world.clock.advance(Duration::from_secs(31 * 60));
    change(GOOD).expect_ok("after half an hour");
}
