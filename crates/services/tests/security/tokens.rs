//! Session tokens and requests that only look as if they came from inside.

use crate::harness::{ACCOUNT, Keys, World, allow, trust};
use authn::{Parent, Session, TokenSealer};
use base::{AccountId, Secret, SecretString, Timestamp, UniqueId};
use std::time::Duration;
use testkit::SeededEntropy;

fn forged(session: &Keys, token: &str) -> Keys {
    Keys { token: Some(token.to_owned()), ..session.clone() }
}

fn session(world: &World) -> Keys {
    let role = world.role("Pilot", &trust(ACCOUNT), &allow(&["iam:ListUsers"]));
    world.assume(&world.admin, &role, &[])
}

/// Claims of the holder's own making, in every form that a token has had somewhere.
#[test]
fn case_022_tokens_that_the_holder_makes_are_refused() {
    let world = World::new();
    let real = session(&world);
    world.iam_as(&real, "ListUsers", &[]).expect_ok("the real one");
    let claims = format!(r#"{{"sub":"{}","exp":9999999999,"policy":"admin"}}"#, real.id);
    let unsigned = format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(&claims));
    let by_secret = format!("{}.{}.{}", encode(r#"{"alg":"HS256"}"#), encode(&claims), encode(&real.secret));
    for token in ["", "x", &encode(&claims), &unsigned, &by_secret, &claims] {
        world
            .refused(token, "InvalidClientTokenId", || world.iam_as(&forged(&real, token), "ListUsers", &[]));
    }
}

fn encode(text: &str) -> String {
    wire::base64::encode(text.as_bytes())
}

/// The sealed form always has an end; a token without one is none.
#[test]
fn case_023_a_token_without_an_end_is_refused() {
    let world = World::new();
    let real = session(&world);
    let token = encode(&format!(r#"{{"k":"{}","s":"{}","a":"{ACCOUNT}"}}"#, real.id, real.secret));
    world
        .refused("no end", "InvalidClientTokenId", || world.iam_as(&forged(&real, &token), "ListUsers", &[]));
    world.clock.advance(Duration::from_secs(3600));
    world.refused("at its end", "ExpiredToken", || world.iam_as(&real, "ListUsers", &[]));
}

/// Who knows every secret of the accounts still cannot seal a token.
#[test]
fn case_024_no_secret_of_an_account_seals_tokens() {
    let world = World::new();
    let real = session(&world);
    let role = world.iam("GetRole", &[("RoleName", "Pilot")]).text("RoleId");
    let now = world.now();
    let wanted = Session {
        key: UniqueId::from_text(&real.id),
        secret: SecretString::new(real.secret.as_str()),
        account: AccountId::parse(ACCOUNT).unwrap(),
        parent: Parent::Role { id: UniqueId::from_text(&role), session: "session".into() },
        issued: Timestamp::from_seconds(now.seconds()),
        expires: now + Duration::from_secs(3600),
        inline_policy: None,
        managed_policies: Vec::new(),
        tags: Default::default(),
        transitive: Vec::new(),
        source_identity: None,
        mfa: None,
        chained: false,
        federation: None,
    };
    for secret in [world.admin.secret.as_bytes(), real.secret.as_bytes()] {
        for number in 0..3 {
            let hashed = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, secret);
            let key = Secret::new(hashed.as_ref());
            let sealer = TokenSealer::new([(number, &key)]);
            let token = sealer.seal(&wanted, &SeededEntropy::default()).unwrap();
            world.refused("a derived key", "InvalidClientTokenId", || {
                world.iam_as(&forged(&real, &token), "ListUsers", &[])
            });
        }
    }
}

/// The signature holds for the operation that it was made for and no other.
#[test]
fn case_019_a_signature_is_bound_to_method_and_path() {
    let world = World::new();
    let signed = || world.prepare_own(&world.admin, "Status", "{}");
    world.send_raw(signed()).expect_ok("as signed");
    let mut other = signed();
    other.headers.insert("x-amz-target", "Bailiwick.ListAccounts".parse().unwrap());
    let answer = world.send_raw(other);
    assert_eq!(answer.code(), "InvalidSignatureException", "{}", answer.body);
    let mut other = signed();
    other.uri = "/Bailiwick/ListAccounts".parse().unwrap();
    assert!(!world.send_raw(other).is_ok());
    let mut other = signed();
    other.method = http::Method::PUT;
    assert!(!world.send_raw(other).is_ok());
}

/// Headers by which other systems' parts know each other mean nothing here.
#[test]
fn case_020_internal_headers_have_no_effect() {
    let world = World::new();
    let bob = world.user("bob", "");
    for (name, value) in [
        ("x-bailiwick-internal", "true"),
        ("x-middleware-subrequest", "1"),
        ("x-minio-source-replication-request", "true"),
        ("x-rustfs-internal", "true"),
        ("x-forwarded-user", "dev"),
        ("x-remote-user", "dev"),
        ("x-amz-source-account", ACCOUNT),
        ("x-original-url", "/_bailiwick/dev/reset"),
    ] {
        world.refused(name, "AccessDenied", || {
            let mut incoming = world.prepare(&bob, "iam", "ListUsers", &[]);
            incoming.headers.insert(name, value.parse().unwrap());
            world.send_raw(incoming)
        });
    }
}
