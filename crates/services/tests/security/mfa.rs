//! Second factors: single use, limited tries, the right device, and the conditions that policies set on them.

use crate::harness::mfa::Token;
use crate::harness::{ACCOUNT, Answer, Keys, OTHER, World, allow, trust};
use std::time::Duration;

const WRONG: &str = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
const NO_DEVICE: &str = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.";

#[track_caller]
fn refused(answer: Answer, message: &str) {
    let answer = answer.expect_code(message, "AccessDenied");
    assert_eq!((answer.status, answer.message().as_str()), (403, message));
}

#[track_caller]
fn locked(answer: Answer) {
    let answer = answer.expect_code("locked", "AccessDenied");
    assert!(answer.message().contains("too many wrong answers"), "{}", answer.body);
}

fn wrong(world: &World, who: &Keys, token: &Token) -> Answer {
    world.session_token(who, &token.serial, &token.wrong(world.now()))
}

fn right(world: &World, who: &Keys, token: &Token) -> Answer {
    world.session_token(who, &token.serial, &token.code(world.now()))
}

/// Sign-in names users too; here the operations of IAM do.
#[test]
fn case_056_spellings_of_a_user_are_one_user() {
    let world = World::new();
    let bob = world.user("Bob", "");
    let token = world.virtual_device("bobs");
    world.try_enable(&world.admin, "BOB", &token).expect_ok("EnableMFADevice");
    for spelled in ["bob", "Bob", "BOB"] {
        assert_eq!(world.iam("ListMFADevices", &[("UserName", spelled)]).texts("SerialNumber").len(), 1);
        world.iam_fails("DeleteUser", &[("UserName", spelled)], "DeleteConflict");
    }
    world.next_step();
    for spelled in ["bob", "BOB", "bOb", "Bob", "boB"] {
        world
            .with_codes(&world.admin, "ResyncMFADevice", spelled, &token.serial, ("000000", "000000"))
            .expect_code(spelled, "InvalidAuthenticationCode");
    }
    locked(right(&world, &bob, &token));
    world
        .with_codes(&world.admin, "ResyncMFADevice", "BoB", &token.serial, ("000000", "000000"))
        .expect_code("sixth", "EntityTemporarilyUnmodifiable");
}

#[test]
fn case_057_a_code_is_good_once() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["sts:AssumeRole"]));
    let role = world.role("Pilot", &trust(ACCOUNT), "");
    let token = world.virtual_device("bob");
    world.try_enable(&world.admin, "bob", &token).expect_ok("EnableMFADevice");
    refused(right(&world, &bob, &token), WRONG);
    world.next_step();
    let code = token.code(world.now());
    // One that nobody used, of the step that comes now.
    let earlier = token.code(world.now() + Duration::from_secs(30));
    right(&world, &bob, &token).expect_ok("first use");
    refused(right(&world, &bob, &token), WRONG);
    for spelled in [format!(" {code}"), format!("{code} "), format!("{} {}", &code[..3], &code[3..])] {
        world.session_token(&bob, &token.serial, &spelled).expect_code(&spelled, "ValidationError");
    }
    let fullwidth: String =
        code.chars().map(|digit| char::from_u32(digit as u32 + 0xfee0).unwrap()).collect();
    world.session_token(&bob, &token.serial, &fullwidth).expect_code("other digits", "ValidationError");
    let assume = |code: &str| {
        let params = [
            ("RoleArn", role.as_str()),
            ("RoleSessionName", "session"),
            ("SerialNumber", &token.serial),
            ("TokenCode", code),
        ];
        world.sts_as(&bob, "AssumeRole", &params)
    };
    refused(assume(&code), WRONG);
    world.next_step();
    world.next_step();
    assume(&token.code(world.now())).expect_ok("a later code");
    refused(world.session_token(&bob, &token.serial, &earlier), WRONG);
    let records = records_of(&world, "GetSessionToken");
    assert!(
        records.iter().filter(|record| record["errorCode"] == "AccessDenied").count() >= 3,
        "{records:?}"
    );
}

fn records_of(world: &World, event: &str) -> Vec<serde_json::Value> {
    world.flush_records();
    world.records().into_iter().filter(|record| record["eventName"] == event).collect()
}

#[test]
fn case_057_a_code_stays_used_after_a_restart_and_on_another_node() {
    let world = World::new();
    let bob = world.user("bob", "");
    let token = world.enabled_device("bob");
    let node = world.beside();
    right(&world, &bob, &token).expect_ok("first use");
    refused(right(&node, &bob, &token), WRONG);
    refused(right(&world.beside(), &bob, &token), WRONG);
    world.next_step();
    right(&node, &bob, &token).expect_ok("the next code");
    refused(right(&world, &bob, &token), WRONG);
}

#[test]
fn case_057_a_code_is_used_even_if_the_call_is_refused_for_something_else() {
    let world = World::new();
    let bob = world.user("bob", "");
    let role = world.role("Pilot", &trust(&format!("arn:aws:iam::{ACCOUNT}:user/dev")), "");
    let token = world.enabled_device("bob");
    let code = token.code(world.now());
    let params = [
        ("RoleArn", role.as_str()),
        ("RoleSessionName", "session"),
        ("SerialNumber", &token.serial),
        ("TokenCode", &code),
    ];
    let denied = world.sts_as(&bob, "AssumeRole", &params).expect_code("no right", "AccessDenied");
    assert!(denied.message().contains("is not authorized to perform: sts:AssumeRole"), "{}", denied.body);
    refused(right(&world, &bob, &token), WRONG);
}

#[test]
fn case_058_tries_are_limited_for_a_user_whatever_the_key_the_device_and_the_node() {
    let world = World::new();
    let (bob, eve) = (world.user("bob", ""), world.user("eve", ""));
    let more = world.iam("CreateAccessKey", &[("UserName", "bob")]);
    let other_key = Keys { id: more.text("AccessKeyId"), secret: more.text("SecretAccessKey"), token: None };
    let (token, of_eve) = (world.enabled_device("bob"), world.enabled_device("eve"));
    let second = world.virtual_device("second");
    world.try_enable(&world.admin, "bob", &second).expect_ok("EnableMFADevice");
    world.next_step();
    let node = world.beside();
    refused(wrong(&world, &bob, &token), WRONG);
    refused(wrong(&world, &other_key, &token), WRONG);
    refused(wrong(&node, &bob, &second), WRONG);
    refused(wrong(&node, &other_key, &second), WRONG);
    refused(wrong(&world, &bob, &second), WRONG);
    for (place, keys, token) in [
        (&world, &bob, &token),
        (&world, &other_key, &second),
        (&node, &bob, &token),
        (&world.beside(), &bob, &second),
    ] {
        locked(right(place, keys, token));
    }
    right(&world, &eve, &of_eve).expect_ok("another user");
    world.next_step();
    refused(wrong(&world, &bob, &token), WRONG);
    world.next_step();
    locked(right(&world, &bob, &token));
    world.next_step();
    right(&world, &bob, &token).expect_ok("after twice the wait");
    world.next_step();
    for _ in 0..5 {
        refused(wrong(&world, &bob, &token), WRONG);
    }
    locked(right(&world, &bob, &token));
}

#[test]
fn case_058_many_tries_at_once_are_no_more_tries() {
    let world = World::new();
    let bob = world.user("bob", "");
    let token = world.enabled_device("bob");
    let looked_at: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| (0..5).filter(|_| wrong(&world, &bob, &token).message() == WRONG).count())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(looked_at, 5);
    locked(right(&world, &bob, &token));
}

#[test]
fn case_059_a_code_counts_for_its_device_and_its_user() {
    let world = World::new();
    let (bob, eve) = (world.user("bob", ""), world.user("eve", ""));
    let (of_bob, of_eve) = (world.enabled_device("bob"), world.enabled_device("eve"));
    let loose = world.virtual_device("loose");
    refused(right(&world, &bob, &of_eve), NO_DEVICE);
    refused(world.session_token(&bob, &of_bob.serial, &of_eve.code(world.now())), WRONG);
    refused(right(&world, &bob, &loose), NO_DEVICE);
    for serial in [
        format!("arn:aws:iam::{ACCOUNT}:user/bob"),
        format!("arn:aws:iam::{OTHER}:mfa/bob"),
        "GAHT12345678".into(),
    ] {
        refused(world.session_token(&bob, &serial, &of_bob.code(world.now())), NO_DEVICE);
    }
    let both =
        "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.";
    refused(world.sts_as(&bob, "GetSessionToken", &[("TokenCode", "123456")]), both);
    refused(world.sts_as(&bob, "GetSessionToken", &[("SerialNumber", &of_bob.serial)]), both);
    right(&world, &bob, &of_bob).expect_ok("the right one");
    let of_role = world.role("Pilot", &trust(ACCOUNT), &allow(&["sts:AssumeRole"]));
    let session = world.assume(&world.admin, &of_role, &[]);
    world.next_step();
    let code = of_eve.code(world.now());
    let params = [
        ("RoleArn", of_role.as_str()),
        ("RoleSessionName", "session"),
        ("SerialNumber", &of_eve.serial),
        ("TokenCode", &code),
    ];
    refused(world.sts_as(&session, "AssumeRole", &params), NO_DEVICE);
    world.iam("DeactivateMFADevice", &[("UserName", "eve"), ("SerialNumber", &of_eve.serial)]);
    refused(right(&world, &eve, &of_eve), NO_DEVICE);
}

/// A user whose rights hang on one condition.
fn under(world: &World, name: &str, condition: &str) -> (Keys, Token) {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["iam:ListUsers","sts:AssumeRole"],"Resource":"*","Condition":{condition}}}]}}"#
    );
    (world.user(name, &policy), world.enabled_device(name))
}

#[test]
fn case_059_the_key_is_there_exactly_where_it_should_be() {
    let world = World::new();
    let list = |keys: &Keys| world.iam_as(keys, "ListUsers", &[]).is_ok();
    for (condition, long_term, with, name) in [
        (r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#, false, true, "bool-true"),
        (r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#, false, false, "bool-false"),
        (r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}"#, true, true, "if-exists-true"),
        (r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#, true, false, "if-exists-false"),
        (r#"{"Null":{"aws:MultiFactorAuthPresent":"true"}}"#, true, false, "null"),
        (r#"{"Null":{"aws:MultiFactorAuthAge":"true"}}"#, true, false, "no-age"),
        (r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":"300"}}"#, false, true, "age"),
    ] {
        let (keys, token) = under(&world, name, condition);
        assert_eq!(list(&keys), long_term, "{name} with a long-term key");
        let session = world.session_with(&keys, &token);
        assert_eq!(list(&session), with, "{name} with a second factor");
    }
}

#[test]
fn case_059_the_age_counts_from_the_code() {
    let world = World::new();
    let (keys, token) = under(&world, "bob", r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":"300"}}"#);
    let session = world.session_with(&keys, &token);
    world.clock.advance(Duration::from_secs(299));
    world.iam_as(&session, "ListUsers", &[]).expect_ok("young enough");
    world.clock.advance(Duration::from_secs(1));
    world.iam_as(&session, "ListUsers", &[]).expect_code("too old", "AccessDenied");
    let fresh = world.session_with(&keys, &token);
    world.iam_as(&fresh, "ListUsers", &[]).expect_ok("a new code");
}

#[test]
fn case_059_sessions_without_a_second_factor_say_so_and_pass_none_on() {
    let world = World::new();
    let bob = world.user("bob", &allow(&["sts:AssumeRole"]));
    let token = world.enabled_device("bob");
    let wants = trust_with_mfa(ACCOUNT);
    let inner_policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"},{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}},{"Effect":"Allow","Action":"iam:ListRoles","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}]}"#;
    let strict = world.role("Strict", &wants, inner_policy);
    let plain = world.role("Plain", &trust(ACCOUNT), inner_policy);
    let assume = |who: &Keys, role: &str, code: Option<&str>| {
        let mut params = vec![("RoleArn", role), ("RoleSessionName", "session")];
        if let Some(code) = code {
            params.extend([("SerialNumber", token.serial.as_str()), ("TokenCode", code)]);
        }
        world.sts_as(who, "AssumeRole", &params)
    };
    let has = |keys: &Keys| {
        let list = |action: &str| world.iam_as(keys, action, &[]).is_ok();
        (list("ListUsers"), list("ListRoles"))
    };
    assume(&bob, &strict, None).expect_code("a long-term key", "AccessDenied");
    let code = token.code(world.now());
    let proven = assume(&bob, &strict, Some(&code)).expect_ok("with a code").keys();
    assert_eq!(has(&proven), (true, false), "the session was asked for with a code");
    let without = assume(&bob, &plain, None).expect_ok("without").keys();
    assert_eq!(has(&without), (false, true));
    assume(&without, &strict, None).expect_code("chained without", "AccessDenied");
    let chained = assume(&proven, &strict, None).expect_ok("the calling session has one").keys();
    assert_eq!(has(&chained), (false, true), "it is not handed down");
    world.next_step();
    let of_user = world.session_with(&bob, &token);
    let from_user = assume(&of_user, &strict, None).expect_ok("a session with one").keys();
    assert_eq!(has(&from_user), (false, true), "nor from a session of the user");
    let plain_session = world.sts_as(&bob, "GetSessionToken", &[]).expect_ok("without").keys();
    assume(&plain_session, &strict, None).expect_code("a session without", "AccessDenied");
    world.iam_as(&plain_session, "ListUsers", &[]).expect_code("IAM", "InvalidClientTokenId");
    assert_eq!(
        world.iam_as(&of_user, "ListUsers", &[]).code(),
        "AccessDenied",
        "IAM is open, its policies speak"
    );
}

fn trust_with_mfa(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole","Condition":{{"Bool":{{"aws:MultiFactorAuthPresent":"true"}}}}}}]}}"#
    )
}

#[test]
fn case_059_across_accounts_both_trails_tell_of_it() {
    let world = World::new();
    let other = world.second_account();
    let bob = world.user("bob", &allow(&["sts:AssumeRole"]));
    let token = world.enabled_device("bob");
    let document = trust_with_mfa(ACCOUNT);
    let made =
        world.iam_as(&other, "CreateRole", &[("RoleName", "Pilot"), ("AssumeRolePolicyDocument", &document)]);
    let role = made.expect_ok("CreateRole").text("Arn");
    let code = token.code(world.now());
    let session = world.assume(&bob, &role, &[("SerialNumber", &token.serial), ("TokenCode", &code)]);
    let who = world.sts_as(&session, "GetCallerIdentity", &[]).expect_ok("GetCallerIdentity");
    assert_eq!(who.text("Account"), OTHER);
    world.flush_records();
    for account in [ACCOUNT, OTHER] {
        let input = format!(r#"{{"Account":"{account}","EventName":"AssumeRole","Limit":1000}}"#);
        let found = world.own_as_operator("LookupRecords", &input).expect_ok("LookupRecords");
        let json: serde_json::Value = serde_json::from_str(&found.body).unwrap();
        let records = json["Records"].as_array().unwrap();
        assert_eq!(records.len(), 1, "{account}: {records:?}");
        assert_eq!(records[0]["recipientAccountId"], account);
        assert_eq!(records[0]["readOnly"], true);
        assert_eq!(records[0]["responseElements"]["credentials"]["accessKeyId"], session.id);
        assert!(!found.body.contains(&session.secret));
    }
}

/// "AWS: Allows MFA-authenticated IAM users to manage their own credentials on the My Security Credentials page", as
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_my-sec-creds-self-manage.html> has
/// it, written anew without its parts on certificates, SSH keys and Git credentials.
const SELF_MANAGE: &str = r#"{"Version":"2012-10-17","Statement":[
{"Effect":"Allow","Action":["iam:GetAccountPasswordPolicy","iam:GetAccountSummary","iam:ListVirtualMFADevices"],"Resource":"*"},
{"Effect":"Allow","Action":["iam:ChangePassword","iam:GetUser"],"Resource":"arn:aws:iam::*:user/${aws:username}"},
{"Effect":"Allow","Action":["iam:CreateAccessKey","iam:DeleteAccessKey","iam:ListAccessKeys","iam:UpdateAccessKey"],"Resource":"arn:aws:iam::*:user/${aws:username}"},
{"Effect":"Allow","Action":["iam:CreateVirtualMFADevice","iam:DeleteVirtualMFADevice"],"Resource":"arn:aws:iam::*:mfa/${aws:username}"},
{"Effect":"Allow","Action":["iam:DeactivateMFADevice","iam:EnableMFADevice","iam:ListMFADevices","iam:ResyncMFADevice"],"Resource":"arn:aws:iam::*:user/${aws:username}"},
{"Effect":"Deny","NotAction":["iam:CreateVirtualMFADevice","iam:EnableMFADevice","iam:GetUser","iam:ListMFADevices","iam:ListVirtualMFADevices","iam:ResyncMFADevice","sts:GetSessionToken"],"Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}]}"#;

#[test]
fn case_060_a_stolen_key_sets_up_a_device_and_does_nothing_else() {
    let world = World::new();
    let policy: String = SELF_MANAGE.replace('\n', "");
    let bob = world.user("bob", &policy);
    world.iam("CreateUser", &[("UserName", "eve")]);
    let denied = |keys: &Keys, action: &str, params: &[(&str, &str)]| {
        world.iam_as(keys, action, params).expect_code(action, "AccessDenied");
    };
    denied(&bob, "ListAccessKeys", &[]);
    denied(&bob, "CreateAccessKey", &[]);
    denied(&bob, "GetAccountSummary", &[]);
    denied(&bob, "CreateVirtualMFADevice", &[("VirtualMFADeviceName", "eve")]);
    let made =
        world.iam_as(&bob, "CreateVirtualMFADevice", &[("VirtualMFADeviceName", "bob")]).expect_ok("own");
    let seed = wire::base64::decode(&made.text("Base32StringSeed")).unwrap();
    let token = Token::new(&made.text("SerialNumber"), &String::from_utf8(seed).unwrap());
    world.try_enable(&bob, "eve", &token).expect_code("for somebody else", "AccessDenied");
    world.try_enable(&bob, "bob", &token).expect_ok("EnableMFADevice");
    for (action, params) in
        [("ListMFADevices", vec![]), ("ListVirtualMFADevices", vec![]), ("GetUser", vec![])]
    {
        world.iam_as(&bob, action, &params).expect_ok(action);
    }
    let own = [("UserName", "bob"), ("SerialNumber", token.serial.as_str())];
    denied(&bob, "DeactivateMFADevice", &own);
    denied(&bob, "DeleteVirtualMFADevice", &own[1..]);
    world.next_step();
    let plain = world.sts_as(&bob, "GetSessionToken", &[]).expect_ok("without a code").keys();
    world.iam_as(&plain, "DeactivateMFADevice", &own).expect_code("no IAM", "InvalidClientTokenId");
    refused(wrong(&world, &bob, &token), WRONG);

    let proven = world.session_with(&bob, &token);
    world.iam_as(&proven, "ListAccessKeys", &[]).expect_ok("ListAccessKeys");
    world.iam_as(&proven, "GetAccountSummary", &[]).expect_ok("GetAccountSummary");
    denied(&proven, "ListAccessKeys", &[("UserName", "eve")]);
    denied(&proven, "ListUsers", &[]);
    world.sts_as(&proven, "GetSessionToken", &[]).expect_code("a session of a session", "AccessDenied");
    world.iam_as(&proven, "DeactivateMFADevice", &own).expect_ok("DeactivateMFADevice");
    world.iam_as(&proven, "DeleteVirtualMFADevice", &own[1..]).expect_ok("DeleteVirtualMFADevice");
}

#[test]
fn a_code_of_another_maker_is_good() {
    let Some(oathtool) = testkit::clients::oathtool() else { return };
    let world = World::new();
    let bob = world.user("bob", "");
    let made = world.iam("CreateVirtualMFADevice", &[("VirtualMFADeviceName", "bob")]);
    let seed = String::from_utf8(wire::base64::decode(&made.text("Base32StringSeed")).unwrap()).unwrap();
    let shown = |steps_ago: i64| {
        let at = base::Timestamp::from_seconds(world.now().seconds() - 30 * steps_ago).iso();
        let run = std::process::Command::new(&oathtool)
            .args(["--totp", "--base32", &seed, "--now", &at.replace('T', " ").replace('Z', " UTC")])
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap().trim().to_owned()
    };
    let serial = made.text("SerialNumber");
    world
        .with_codes(&world.admin, "EnableMFADevice", "bob", &serial, (&shown(1), &shown(0)))
        .expect_ok("EnableMFADevice");
    world.next_step();
    world.session_token(&bob, &serial, &shown(0)).expect_ok("GetSessionToken");
}
