//! Passwords and signing in with them.

use crate::harness::{ACCOUNT, Answer, World, allow};
use std::time::Duration;

const GOOD: &str = "correct-Horse-7";
const HERE: &str = "192.0.2.1";

/// An answer without what differs from one request to the next.
fn told(answer: &Answer) -> (u16, String) {
    (answer.status, answer.body.clone())
}

fn sign_in(world: &World, account: &str, name: &str, password: &str) -> Answer {
    let input = serde_json::json!({ "Account": account, "UserName": name, "Password": password });
    world.own_unsigned(HERE, "SignIn", &input.to_string())
}

#[test]
fn case_054_who_is_there_is_told_neither_by_text_nor_by_work() {
    let world = World::new();
    world.person("bob", GOOD, "");
    world.person("locked", GOOD, "");
    world.iam("CreateUser", &[("UserName", "keys-only")]);
    for _ in 0..10 {
        world
            .try_sign_in("198.51.100.1", "locked", "wrong")
            .expect_code("wrong", "AuthenticationFailedException");
    }
    let wrong = told(&sign_in(&world, ACCOUNT, "bob", "wrong"));
    assert_eq!(wrong.0, 403);
    let long = "x".repeat(2000);
    for (what, account, name, password) in [
        ("wrong password", ACCOUNT, "bob", "wrong"),
        ("empty password", ACCOUNT, "bob", ""),
        ("long password", ACCOUNT, "bob", &long),
        ("no such user", ACCOUNT, "nobody", "wrong"),
        ("no such account", "999999999999", "bob", GOOD),
        ("no such alias", "no-such-alias", "bob", GOOD),
        ("no password", ACCOUNT, "keys-only", "wrong"),
        ("locked, wrong password", ACCOUNT, "locked", "wrong"),
        ("locked, right password", ACCOUNT, "locked", GOOD),
        ("a name that is none", ACCOUNT, "b\u{f6}b /*", "wrong"),
        ("an empty name", ACCOUNT, "", "wrong"),
    ] {
        let before = world.hashes();
        assert_eq!(told(&sign_in(&world, account, name, password)), wrong, "{what}");
        assert_eq!(world.hashes() - before, 1, "{what}");
    }
    let before = world.hashes();
    sign_in(&world, ACCOUNT, "bob", GOOD).expect_ok("right");
    assert_eq!(world.hashes() - before, 1, "right");
}

#[test]
fn case_054_a_change_of_the_password_tells_no_more_than_the_sign_in() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["iam:ChangePassword"]));
    world.iam("CreateLoginProfile", &[("UserName", "bob"), ("Password", GOOD)]);
    let change = |old: &str| {
        world.iam_as(&bob, "ChangePassword", &[("OldPassword", old), ("NewPassword", "battery-Staple-8")])
    };
    let before = world.hashes();
    let wrong = change("wrong").expect_code("wrong", "AccessDenied").message();
    let work = world.hashes() - before;
    for _ in 0..9 {
        change("wrong");
    }
    let before = world.hashes();
    let locked = change(GOOD).expect_code("locked", "AccessDenied").message();
    assert_eq!((locked, world.hashes() - before), (wrong, work));
}

#[test]
fn case_055_no_spelling_of_a_name_gets_more_tries() {
    let world = World::new();
    world.person("Jane.Miller", GOOD, "");
    let spellings = ["Jane.Miller", "jane.miller", "JANE.MILLER", "jAnE.mIlLeR"];
    for number in 0..10 {
        sign_in(&world, ACCOUNT, spellings[number % spellings.len()], "wrong")
            .expect_code("wrong", "AuthenticationFailedException");
    }
    for name in spellings.into_iter().chain([
        " jane.miller",
        "jane.miller ",
        "jane.miller\u{200b}",
        "\u{ff2a}ane.Miller",
        "j\u{430}ne.miller",
        "jane.miller\0",
        "jane.miller%20",
        "user/jane.miller",
    ]) {
        sign_in(&world, ACCOUNT, name, GOOD).expect_code(name, "AuthenticationFailedException");
    }
    world.iam("CreateAccountAlias", &[("AccountAlias", "acme")]);
    for account in ["acme", "ACME", ACCOUNT] {
        sign_in(&world, account, "jane.miller", GOOD).expect_code(account, "AuthenticationFailedException");
    }
    // It ends by itself, and a new password ends it at once.
    world.iam("UpdateLoginProfile", &[("UserName", "jane.miller"), ("Password", "battery-Staple-8")]);
    sign_in(&world, "acme", "JANE.miller", "battery-Staple-8").expect_ok("a new password");
}

#[test]
fn case_055_a_lock_ends_after_half_an_hour_and_not_before() {
    let world = World::new();
    world.person("bob", GOOD, "");
    for _ in 0..10 {
        sign_in(&world, ACCOUNT, "bob", "wrong");
    }
    world.clock.advance(Duration::from_secs(29 * 60));
    sign_in(&world, ACCOUNT, "bob", GOOD).expect_code("early", "AuthenticationFailedException");
    world.clock.advance(Duration::from_secs(2 * 60));
    sign_in(&world, ACCOUNT, "bob", GOOD).expect_ok("late enough");
}

#[test]
fn case_055_an_address_is_throttled_before_any_work() {
    let world = World::new();
    world.person("bob", GOOD, "");
    for number in 0..50 {
        sign_in(&world, ACCOUNT, &format!("user{number}"), "wrong")
            .expect_code("wrong", "AuthenticationFailedException");
    }
    let before = world.hashes();
    let throttled = sign_in(&world, ACCOUNT, "bob", GOOD).expect_code("throttled", "ThrottlingException");
    assert_eq!((throttled.status, world.hashes()), (400, before));
    sign_in(&world, ACCOUNT, "nobody", GOOD).expect_code("whoever is named", "ThrottlingException");
    world.try_sign_in("192.0.2.2", "bob", GOOD).expect_ok("another address");
    world.clock.advance(Duration::from_secs(12));
    sign_in(&world, ACCOUNT, "bob", GOOD).expect_ok("after a while");
}

#[test]
fn case_055_tries_at_the_same_time_are_counted() {
    let world = std::sync::Arc::new(World::new());
    world.person("bob", GOOD, "");
    let threads: Vec<_> = (0..8)
        .map(|number| {
            let world = std::sync::Arc::clone(&world);
            std::thread::spawn(move || {
                for _ in 0..3 {
                    world.try_sign_in(&format!("198.51.100.{number}"), "bob", "wrong");
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    sign_in(&world, ACCOUNT, "bob", GOOD).expect_code("locked", "AuthenticationFailedException");
}

#[test]
fn case_060_a_stolen_key_does_not_change_the_password() {
    let world = World::new();
    // AWS's own example of a policy that wants a second factor for everything but its set-up.
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["iam:ChangePassword","iam:*LoginProfile"],"Resource":"arn:aws:iam::*:user/${aws:username}"},
        {"Effect":"Deny","NotAction":["iam:EnableMFADevice","iam:ListMFADevices","sts:GetSessionToken"],"Resource":"*",
         "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}"#;
    let bob = world.user("bob", policy);
    world.iam("CreateLoginProfile", &[("UserName", "bob"), ("Password", GOOD)]);
    let change = [("OldPassword", GOOD), ("NewPassword", "battery-Staple-8")];
    world.iam_as(&bob, "ChangePassword", &change).expect_code("by a key", "AccessDenied");
    let update = [("UserName", "bob"), ("Password", "battery-Staple-8")];
    world.iam_as(&bob, "UpdateLoginProfile", &update).expect_code("by a key", "AccessDenied");
    world.iam_as(&bob, "DeleteLoginProfile", &[]).expect_code("by a key", "AccessDenied");
    // Nor by a sign-in without a second factor.
    let session = world.sign_in("bob", GOOD);
    world.iam_as(&session, "ChangePassword", &change).expect_code("by a session", "AccessDenied");
    world.sign_in("bob", GOOD);
}

#[test]
fn case_061_passwords_have_bounds_and_any_character() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    let long = "Ab1!".repeat(32);
    world.iam("CreateLoginProfile", &[("UserName", "bob"), ("Password", &long)]);
    world.sign_in("bob", &long);
    sign_in(&world, ACCOUNT, "bob", &format!("{long}x"))
        .expect_code("longer", "AuthenticationFailedException");
    sign_in(&world, ACCOUNT, "bob", &long[..127]).expect_code("cut", "AuthenticationFailedException");
    for strange in
        ["\u{e9}\u{1f600}\u{0}", "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdA$aGFzaA", &"\u{1f600}".repeat(500)]
    {
        sign_in(&world, ACCOUNT, "bob", strange).expect_code("strange", "AuthenticationFailedException");
    }
    // Nobody can name the work that a hash is.
    let input = serde_json::json!({ "UserName": "bob", "Password": long, "MemoryKib": 4_194_304 });
    world
        .own_unsigned(HERE, "SignIn", &input.to_string())
        .expect_code("parameters", "SerializationException");
}

#[test]
fn case_062_a_name_is_one_name_in_every_case() {
    let world = World::new();
    world.person("Bob", GOOD, "");
    world.iam_fails("CreateUser", &[("UserName", "bOB")], "EntityAlreadyExists");
    for name in ["B\u{f6}b", "\u{ff22}ob", "xn--bb-eka.", "Bob\u{301}", "\u{212a}elvin"] {
        let created = world.iam_as(&world.admin, "CreateUser", &[("UserName", name)]);
        if name.is_ascii() {
            created.expect_ok(name);
        } else {
            created.expect_code(name, "ValidationError");
        }
        sign_in(&world, ACCOUNT, name, GOOD).expect_code(name, "AuthenticationFailedException");
    }
    sign_in(&world, ACCOUNT, "BOB", GOOD).expect_ok("IAM's names have no case");
}

#[test]
fn case_084_no_password_is_in_a_record() {
    let world = World::new();
    let secret = "canary-Password-1";
    world.person("bob", secret, &allow(&["iam:ChangePassword"]));
    let session = world.sign_in("bob", secret);
    let change = [("OldPassword", secret), ("NewPassword", "canary-Password-2")];
    world.iam_as(&session, "ChangePassword", &change).expect_ok("change");
    world.iam("UpdateLoginProfile", &[("UserName", "bob"), ("Password", "canary-Password-3")]);
    world.try_sign_in(HERE, "bob", "canary-Password-4");
    world.try_sign_in(HERE, "canary-Password-5", secret);
    world.own_unsigned(HERE, "SignIn", r#"{"UserName":"bob","Password":"canary-Password-6","X":1}"#);
    world.own_unsigned(HERE, "SignIn", r#"{"SigninToken":"canary-token"}"#);
    world.browse("/federation?Action=getSigninToken&Session=canary-session");
    for record in world.records() {
        assert!(!record.to_string().contains("canary"), "{record}");
    }
}

#[test]
fn case_056_a_second_factor_is_demanded_in_every_spelling() {
    let world = World::new();
    world.person("Jane.Miller", GOOD, "");
    world.iam("CreateAccountAlias", &[("AccountAlias", "acme")]);
    let token = world.enabled_device("Jane.Miller");
    world.clock.advance(Duration::from_secs(300));
    for account in [ACCOUNT, "acme", "ACME"] {
        for name in ["Jane.Miller", "jane.miller", "JANE.MILLER"] {
            let asked = sign_in(&world, account, name, GOOD).expect_ok(name);
            assert!(asked.json()["MfaRequired"] == true && !asked.body.contains("SecretAccessKey"));
        }
    }
    let with_code = |code: &str| {
        let input = serde_json::json!({
            "Account": "acme", "UserName": "JANE.miller", "Password": GOOD, "MfaCode": code });
        world.own_unsigned(HERE, "SignIn", &input.to_string())
    };
    let wrong = with_code(&token.wrong(world.now())).expect_code("wrong", "AuthenticationFailedException");
    assert_eq!(told(&wrong), told(&sign_in(&world, ACCOUNT, "nobody", GOOD)));
    let code = token.code(world.now());
    with_code(&code).expect_ok("right");
    // Used up, however it is written.
    for again in [code.clone(), format!(" {code} "), format!("{} {}", &code[..3], &code[3..])] {
        with_code(&again).expect_code("used", "AuthenticationFailedException");
    }
}

#[test]
fn case_056_a_wrong_code_needs_the_password_all_the_same() {
    let world = World::new();
    world.person("bob", GOOD, "");
    let token = world.enabled_device("bob");
    world.clock.advance(Duration::from_secs(300));
    let input = serde_json::json!({
        "UserName": "bob", "Password": "wrong", "MfaCode": token.code(world.now()) });
    world
        .own_unsigned(HERE, "SignIn", &input.to_string())
        .expect_code("wrong", "AuthenticationFailedException");
    // The code was not used up by somebody who does not know the password.
    let input = serde_json::json!({
        "UserName": "bob", "Password": GOOD, "MfaCode": token.code(world.now()) });
    world.own_unsigned(HERE, "SignIn", &input.to_string()).expect_ok("right");
}

#[test]
fn case_058_codes_cannot_be_tried_one_after_the_other() {
    let world = World::new();
    world.person("bob", GOOD, "");
    let token = world.enabled_device("bob");
    world.clock.advance(Duration::from_secs(300));
    let with_code = |code: &str| {
        let input = serde_json::json!({ "UserName": "bob", "Password": GOOD, "MfaCode": code });
        world.own_unsigned(HERE, "SignIn", &input.to_string())
    };
    for _ in 0..6 {
        with_code(&token.wrong(world.now())).expect_code("wrong", "AuthenticationFailedException");
    }
    with_code(&token.code(world.now())).expect_code("right, but too soon", "AuthenticationFailedException");
}
