//! Signing in with a password or a sign-in token, and what the sessions are good for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod harness;

use harness::{ACCOUNT, Keys, World, allow, trust};
use serde_json::Value;
use std::time::Duration;

const GOOD: &str = "correct-Horse-7";
const OTHER: &str = "battery-Staple-8";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A policy that allows an action only with, or only without, `aws:MultiFactorAuthPresent` being as said.
fn allow_if(condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{condition}}}]}}"#
    )
}

fn newest(world: &World, event: &str) -> Value {
    world.records().into_iter().find(|record| record["eventName"] == event).expect("a record")
}

#[test]
fn a_sign_in_opens_a_session_of_the_user() {
    let world = World::new();
    world.person("Bob", GOOD, &allow(&["iam:ListUsers", "iam:GetUser"]));
    let answer = world.try_sign_in("127.0.0.1", "bob", GOOD).expect_ok("sign in");
    let json = answer.json();
    assert_eq!(json["Arn"], format!("arn:aws:iam::{ACCOUNT}:user/Bob"));
    assert_eq!(json["Expiration"], "2026-01-02T15:04:05Z");
    assert!(json.get("PasswordResetRequired").is_none() && json.get("PasswordExpiration").is_none());
    let session = answer.json_keys();
    let identity = world.sts_as(&session, "GetCallerIdentity", &[]).expect_ok("who");
    assert_eq!(identity.text("Arn"), format!("arn:aws:iam::{ACCOUNT}:user/Bob"));
    world.iam_as(&session, "ListUsers", &[]).expect_ok("the user's own rights");
    world.iam_as(&session, "ListRoles", &[]).expect_code("and no more", "AccessDenied");
    let user = world.iam("GetUser", &[("UserName", "Bob")]);
    assert_eq!(user.text("PasswordLastUsed"), "2026-01-02T03:04:05Z");
    assert!(world.iam("ListUsers", &[]).has("PasswordLastUsed"));
    world.clock.advance(Duration::from_secs(12 * 3600));
    world.iam_as(&session, "ListUsers", &[]).expect_code("over", "ExpiredToken");
}

#[test]
fn the_account_is_named_by_id_or_alias_and_is_the_first_otherwise() {
    let world = World::new();
    world.person("bob", GOOD, "");
    world.iam("CreateAccountAlias", &[("AccountAlias", "acme")]);
    let other = world.second_account();
    world.iam_as(&other, "CreateUser", &[("UserName", "bob")]).expect_ok("a namesake");
    let params = [("UserName", "bob"), ("Password", OTHER)];
    world.iam_as(&other, "CreateLoginProfile", &params).expect_ok("with another password");
    let sign_in = |account: &str, password: &str| {
        let account = if account.is_empty() { String::new() } else { format!(r#""Account":"{account}","#) };
        let input = format!(r#"{{{account}"UserName":"bob","Password":"{password}"}}"#);
        world.own_unsigned("127.0.0.1", "SignIn", &input)
    };
    for account in [ACCOUNT, "acme", "Acme", ""] {
        assert_eq!(sign_in(account, GOOD).expect_ok(account).json()["AccountId"], ACCOUNT);
        sign_in(account, OTHER).expect_code(account, "AuthenticationFailedException");
    }
    assert_eq!(sign_in(harness::OTHER, OTHER).expect_ok("other").json()["AccountId"], harness::OTHER);
    sign_in(harness::OTHER, GOOD).expect_code("other", "AuthenticationFailedException");
}

#[test]
fn a_session_lasts_as_long_as_asked_within_bounds() {
    let world = World::new();
    world.person("bob", GOOD, "");
    let sign_in = |seconds: u64| {
        let input = format!(r#"{{"UserName":"bob","Password":"{GOOD}","DurationSeconds":{seconds}}}"#);
        world.own_unsigned("127.0.0.1", "SignIn", &input)
    };
    assert_eq!(sign_in(900).expect_ok("least").json()["Expiration"], "2026-01-02T03:19:05Z");
    sign_in(43_200).expect_ok("most");
    for bad in [0, 899, 43_201] {
        sign_in(bad).expect_code("bounds", "ValidationException");
    }
    for bad in ["{}", r#"{"UserName":"bob"}"#, r#"{"UserName":"bob","Password":"x","SigninToken":"y"}"#] {
        world.own_unsigned("127.0.0.1", "SignIn", bad).expect_code(bad, "ValidationException");
    }
}

/// Temporary credentials have the key, whatever its value; long-term keys have it not.
#[test]
fn the_second_factor_is_said_to_be_missing() {
    let world = World::new();
    world.person("bob", GOOD, &allow_if(r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#));
    let session = world.sign_in("bob", GOOD);
    world.iam_as(&session, "ListUsers", &[]).expect_ok("present and false");
    let by_key = world.user("eve", &allow_if(r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#));
    world.iam_as(&by_key, "ListUsers", &[]).expect_code("absent", "AccessDenied");
    let age = allow_if(r#"{"NumericGreaterThanEquals":{"aws:MultiFactorAuthAge":"0"}}"#);
    world.iam("PutUserPolicy", &[("UserName", "bob"), ("PolicyName", "p"), ("PolicyDocument", &age)]);
    world.iam_as(&session, "ListUsers", &[]).expect_code("no age without a factor", "AccessDenied");
}

#[test]
fn a_session_ends_with_its_password() {
    let world = World::new();
    world.person("bob", GOOD, &allow(&["iam:*"]));
    let gone = |session: &Keys, why: &str| {
        world.iam_as(session, "ListUsers", &[]).expect_code(why, "InvalidClientTokenId");
    };
    let session = world.sign_in("bob", GOOD);
    world.iam("UpdateLoginProfile", &[("UserName", "bob"), ("PasswordResetRequired", "false")]);
    world.iam_as(&session, "ListUsers", &[]).expect_ok("the password is the same");
    world.iam("UpdateLoginProfile", &[("UserName", "bob"), ("Password", OTHER)]);
    gone(&session, "changed by an administrator");
    let session = world.sign_in("bob", OTHER);
    let change = [("OldPassword", OTHER), ("NewPassword", GOOD)];
    world.iam_as(&session, "ChangePassword", &change).expect_ok("by itself");
    gone(&session, "changed by the user");
    let session = world.sign_in("bob", GOOD);
    world.iam("DeleteLoginProfile", &[("UserName", "bob")]);
    gone(&session, "deleted");
    world.iam("CreateLoginProfile", &[("UserName", "bob"), ("Password", GOOD)]);
    gone(&session, "made anew, even the same");
    let session = world.sign_in("bob", GOOD);
    world.iam("DeleteLoginProfile", &[("UserName", "bob")]);
    world.iam("DeleteUserPolicy", &[("UserName", "bob"), ("PolicyName", "p")]);
    world.iam("DeleteUser", &[("UserName", "bob")]);
    world.person("bob", GOOD, &allow(&["iam:*"]));
    gone(&session, "a namesake is not the user");
}

#[test]
fn a_password_that_must_be_changed_is_good_for_that_alone() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    let policy = allow(&["iam:*", "sts:*"]);
    world.iam("PutUserPolicy", &[("UserName", "bob"), ("PolicyName", "p"), ("PolicyDocument", &policy)]);
    let temporary = [("UserName", "bob"), ("Password", GOOD), ("PasswordResetRequired", "true")];
    world.iam("CreateLoginProfile", &temporary);
    let answer = world.try_sign_in("127.0.0.1", "bob", GOOD).expect_ok("sign in");
    assert_eq!(answer.json()["PasswordResetRequired"], true);
    let session = answer.json_keys();
    world.iam_as(&session, "ListUsers", &[]).expect_code("IAM", "AccessDenied");
    world.iam_as(&session, "CreateAccessKey", &[]).expect_code("keys", "AccessDenied");
    world.sts_as(&session, "GetCallerIdentity", &[]).expect_code("STS", "AccessDenied");
    world.own_as(&session, "Status", "{}").expect_code("our own", "AccessDeniedException");
    let change = [("OldPassword", GOOD), ("NewPassword", OTHER)];
    world.iam_as(&session, "ChangePassword", &change).expect_ok("the one thing");
    let session = world.sign_in("bob", OTHER);
    world.iam_as(&session, "ListUsers", &[]).expect_ok("everything");
}

#[test]
fn an_expired_password_must_be_changed() {
    let world = World::new();
    world.person("bob", GOOD, &allow(&["iam:ListUsers", "iam:ChangePassword"]));
    world.iam("UpdateAccountPasswordPolicy", &[("MaxPasswordAge", "90")]);
    let told = world.try_sign_in("127.0.0.1", "bob", GOOD).expect_ok("fresh").json();
    assert_eq!(told["PasswordExpiration"], "2026-04-02T03:04:05Z");
    world.clock.advance(90 * DAY);
    let answer = world.try_sign_in("127.0.0.1", "bob", GOOD).expect_ok("expired");
    assert_eq!(answer.json()["PasswordResetRequired"], true);
    let session = answer.json_keys();
    world.iam_as(&session, "ListUsers", &[]).expect_code("expired", "AccessDenied");

    world.iam("UpdateAccountPasswordPolicy", &[("MaxPasswordAge", "90"), ("HardExpiry", "true")]);
    world.try_sign_in("127.0.0.1", "bob", GOOD).expect_code("hard", "PasswordExpiredException");
    world
        .try_sign_in("127.0.0.1", "bob", "wrong")
        .expect_code("who does not know it learns nothing", "AuthenticationFailedException");
    world.iam("UpdateLoginProfile", &[("UserName", "bob"), ("Password", OTHER)]);
    let session = world.sign_in("bob", OTHER);
    world.iam_as(&session, "ListUsers", &[]).expect_ok("renewed");
}

#[test]
fn failures_outlive_a_restart() {
    let world = World::new();
    world.person("bob", GOOD, "");
    for _ in 0..10 {
        world.try_sign_in("127.0.0.1", "bob", "wrong");
    }
    world.front.tick().unwrap();
    let world = world.beside();
    world.try_sign_in("127.0.0.1", "bob", GOOD).expect_code("still locked", "AuthenticationFailedException");
    world.clock.advance(Duration::from_secs(31 * 60));
    world.sign_in("bob", GOOD);
    world.front.tick().unwrap();
    let world = world.beside();
    world.sign_in("bob", GOOD);
}

#[test]
fn sign_ins_are_recorded_as_cloudtrail_does() {
    let world = World::new();
    world.person("bob", GOOD, &allow(&["iam:ListUsers"]));
    let session = world.sign_in("bob", GOOD);
    let record = newest(&world, "ConsoleLogin");
    assert_eq!(record["eventSource"], "signin.amazonaws.com");
    assert_eq!(record["eventType"], "AwsConsoleSignIn");
    assert_eq!(record["responseElements"]["ConsoleLogin"], "Success");
    assert_eq!(record["additionalEventData"]["MFAUsed"], "No");
    assert_eq!(record["userIdentity"]["type"], "IAMUser");
    assert_eq!(record["userIdentity"]["userName"], "bob");
    assert_eq!(record["requestParameters"], Value::Null);
    assert_eq!(
        (record["readOnly"].clone(), record["recipientAccountId"].as_str()),
        (false.into(), Some(ACCOUNT))
    );
    assert!(record.get("errorMessage").is_none());

    world.iam_as(&session, "ListUsers", &[]).expect_ok("a call");
    let call = newest(&world, "ListUsers");
    assert_eq!(call["sessionCredentialFromConsole"], "true");
    assert_eq!(call["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"], "false");

    for (name, password, message, shown) in [
        ("bob", "wrong", "Failed authentication", "bob"),
        ("nobody", GOOD, "No username found in supplied account", "HIDDEN_DUE_TO_SECURITY_REASONS"),
    ] {
        world.try_sign_in("127.0.0.1", name, password);
        let record = newest(&world, "ConsoleLogin");
        assert_eq!(record["errorMessage"], message);
        assert!(record.get("errorCode").is_none());
        assert_eq!(record["responseElements"]["ConsoleLogin"], "Failure");
        assert_eq!(record["userIdentity"]["userName"], shown);
        assert_eq!(record["userIdentity"]["accountId"], ACCOUNT);
    }
}

/// What a broker sends to the federation endpoint.
fn session_json(keys: &Keys) -> String {
    serde_json::json!({
        "sessionId": keys.id,
        "sessionKey": keys.secret,
        "sessionToken": keys.token,
    })
    .to_string()
}

fn get_token(world: &World, session: &str, more: &str) -> (u16, String) {
    let path = format!("/federation?Action=getSigninToken{more}&Session={}", wire::percent::encode(session));
    let outgoing = world.browse(&path);
    (outgoing.status, String::from_utf8(outgoing.body).unwrap())
}

#[test]
fn a_broker_signs_somebody_in() {
    let world = World::new();
    let role = world.role("Reader", &trust(ACCOUNT), &allow(&["iam:ListUsers"]));
    let keys = world.assume(&world.admin, &role, &[]);
    let (status, body) = get_token(&world, &session_json(&keys), "&SessionDuration=7200");
    assert_eq!(status, 200, "{body}");
    assert_eq!(newest(&world, "GetSigninToken")["responseElements"]["GetSigninToken"], "Success");
    let token = serde_json::from_str::<Value>(&body).unwrap()["SigninToken"].as_str().unwrap().to_owned();
    assert!(!token.contains(&keys.secret));

    let link = format!(
        "/federation?Action=login&Issuer=https%3A%2F%2Fbroker.example&Destination={}&SigninToken={}",
        wire::percent::encode("https://console.aws.amazon.com/iam"),
        wire::percent::encode(&token)
    );
    let on = world.browse(&link);
    assert_eq!((on.status, on.header("location")), (303, Some("/iam")));
    let cookie = on.header("set-cookie").unwrap();
    assert!(cookie.starts_with("bailiwick-signin=") && cookie.contains("HttpOnly"), "{cookie}");

    let redeem = format!(r#"{{"SigninToken":"{token}"}}"#);
    let answer = world.own_unsigned("127.0.0.1", "SignIn", &redeem).expect_ok("redeem");
    assert_eq!(answer.json()["Expiration"], "2026-01-02T05:04:05Z");
    let session = answer.json_keys();
    assert_ne!(session.id, keys.id);
    world.iam_as(&session, "ListUsers", &[]).expect_ok("the role's rights");
    world.iam_as(&session, "ListRoles", &[]).expect_code("and no more", "AccessDenied");
    let record = newest(&world, "ConsoleLogin");
    assert_eq!(record["userIdentity"]["type"], "AssumedRole");

    world.clock.advance(Duration::from_secs(15 * 60));
    world.own_unsigned("127.0.0.1", "SignIn", &redeem).expect_code("late", "AuthenticationFailedException");
    assert_eq!(world.browse(&link).status, 403);
}

#[test]
fn sign_in_tokens_are_for_sessions_of_roles_alone() {
    let world = World::new();
    let role = world.role("Reader", &trust(ACCOUNT), &allow(&["iam:ListUsers", "sts:AssumeRole"]));
    let keys = world.assume(&world.admin, &role, &[]);
    let bob = world.user("bob", "");
    let of_user = world.sts_as(&bob, "GetSessionToken", &[]).expect_ok("session").keys();
    let chained = world.assume(&keys, &role, &[]);
    let forged = Keys { secret: "x".repeat(40), ..keys.clone() };
    let mixed = Keys { id: of_user.id.clone(), ..keys.clone() };
    world.person("ann", GOOD, "");
    let console = world.sign_in("ann", GOOD);
    for (what, keys) in [
        ("a user's session", &of_user),
        ("a chained session", &chained),
        ("a forged secret", &forged),
        ("another's id", &mixed),
        ("a console session", &console),
    ] {
        assert_eq!(get_token(&world, &session_json(keys), "").0, 400, "{what}");
    }
    for bad in ["", "{}", "[]", "x", r#"{"sessionId":"a","sessionKey":"b","sessionToken":"c"}"#] {
        assert_eq!(get_token(&world, bad, "").0, 400, "{bad}");
    }
    for bad in ["&SessionDuration=899", "&SessionDuration=43201", "&SessionDuration=x"] {
        assert_eq!(get_token(&world, &session_json(&keys), bad).0, 400, "{bad}");
    }
    // A session's own token is no sign-in token.
    let redeem = format!(r#"{{"SigninToken":"{}"}}"#, keys.token.as_deref().unwrap());
    world.own_unsigned("127.0.0.1", "SignIn", &redeem).expect_code("token", "AuthenticationFailedException");
    world.iam("DeleteRolePolicy", &[("RoleName", "Reader"), ("PolicyName", "p")]);
    let (_, body) = get_token(&world, &session_json(&keys), "");
    let token = serde_json::from_str::<Value>(&body).unwrap()["SigninToken"].as_str().unwrap().to_owned();
    world.iam("DeleteRole", &[("RoleName", "Reader")]);
    let redeem = format!(r#"{{"SigninToken":"{token}"}}"#);
    world.own_unsigned("127.0.0.1", "SignIn", &redeem).expect_code("gone", "AuthenticationFailedException");
}

#[test]
fn a_browser_is_never_sent_elsewhere() {
    let world = World::new();
    let role = world.role("Reader", &trust(ACCOUNT), "");
    let keys = world.assume(&world.admin, &role, &[]);
    let (_, body) = get_token(&world, &session_json(&keys), "");
    let token = serde_json::from_str::<Value>(&body).unwrap()["SigninToken"].as_str().unwrap().to_owned();
    let token = wire::percent::encode(&token);
    for bad in
        ["//evil.example", "https://evil.example/", "/\\evil.example", "https://console.aws.amazon.com.evil/"]
    {
        let to = wire::percent::encode(bad);
        let answer = world.browse(&format!("/federation?Action=login&Destination={to}&SigninToken={token}"));
        assert_eq!((answer.status, answer.header("location")), (400, None), "{bad}");
    }
    assert_eq!(world.browse("/federation?Action=login&Destination=/x").status, 403);
    assert_eq!(world.browse("/federation?Action=nonsense").status, 403);
}

#[test]
fn a_second_factor_counts_from_the_sign_in() {
    let world = World::new();
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"iam:ListUsers","Resource":"*",
         "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}}]}"#;
    world.person("bob", GOOD, policy);
    let token = world.enabled_device("bob");
    world.clock.advance(Duration::from_secs(300));
    let asked = world.try_sign_in("127.0.0.1", "bob", GOOD).expect_ok("asked").json();
    assert_eq!(asked["Devices"][0]["SerialNumber"], format!("arn:aws:iam::{ACCOUNT}:mfa/bob"));
    assert!(!world.iam("GetUser", &[("UserName", "bob")]).has("PasswordLastUsed"), "that was no sign-in");
    let record = newest(&world, "CheckMfa");
    assert_eq!(record["responseElements"]["CheckMfa"], "Success");
    assert_eq!(record["userIdentity"]["userName"], "bob");
    let with_code = |code: &str| {
        let input = serde_json::json!({ "UserName": "bob", "Password": GOOD, "MfaCode": code });
        world.own_unsigned("127.0.0.1", "SignIn", &input.to_string())
    };
    with_code(&token.wrong(world.now())).expect_code("wrong", "AuthenticationFailedException");
    let failed = newest(&world, "ConsoleLogin");
    assert_eq!(failed["additionalEventData"]["MFAUsed"], "Yes");
    assert_eq!(failed["responseElements"]["ConsoleLogin"], "Failure");
    assert_eq!(failed["errorMessage"], "Failed authentication");
    let session = with_code(&token.code(world.now())).expect_ok("right").json_keys();
    let record = newest(&world, "ConsoleLogin");
    assert_eq!(record["additionalEventData"]["MFAUsed"], "Yes");
    assert_eq!(record["additionalEventData"]["MFAIdentifier"], format!("arn:aws:iam::{ACCOUNT}:mfa/bob"));
    world.iam_as(&session, "ListUsers", &[]).expect_ok("with the factor");
    world.clock.advance(Duration::from_secs(3600));
    world.iam_as(&session, "ListUsers", &[]).expect_code("it has aged", "AccessDenied");
}
