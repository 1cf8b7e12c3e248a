//! Roles for whom SAML providers vouch.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod harness;

use harness::saml::{ENTITY, PROVIDER, ROLE, SAML, harbour};
use harness::{ACCOUNT, ENDPOINT, allow};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::saml::{EncryptionKey, SIGN_IN, Signed};

const ALL: [&str; 3] = [SAML, "sts:TagSession", "sts:SetSourceIdentity"];

fn is(key: &str, value: &str) -> Value {
    json!({"StringEquals": {key: value}})
}

#[test]
fn the_answer_tells_whom_the_provider_vouches_for() {
    let (world, idp) = harbour(&[SAML], &is("saml:aud", SIGN_IN), &allow(&["iam:ListUsers"]));
    let answer = world.with_assertion(&idp, &world.assertion()).expect_ok("assumed");
    assert_eq!(answer.text("Arn"), format!("arn:aws:sts::{ACCOUNT}:assumed-role/Pilot/ann"));
    assert_eq!(
        (answer.text("Subject"), answer.text("SubjectType")),
        ("ann@example.com".into(), "persistent".into())
    );
    assert_eq!((answer.text("Issuer"), answer.text("Audience")), (ENTITY.into(), SIGN_IN.into()));
    // SHA-1 of `https://idp.example.com/saml123456789012/Harbour`, computed elsewhere.
    assert_eq!(answer.text("NameQualifier"), NAME_QUALIFIER);
    assert_eq!(answer.text("Expiration"), "2026-01-02T04:04:05Z");
    assert!(!answer.has("PackedPolicySize") && !answer.has("SourceIdentity"));
    let session = answer.keys();
    world.iam_as(&session, "ListUsers", &[]).expect_ok("the role's right");
    world.iam_as(&session, "ListRoles", &[]).expect_code("no more than that", "AccessDenied");
    let records = world.records();
    let came = records.iter().find(|it| it["eventName"] == "AssumeRoleWithSAML").unwrap();
    assert_eq!(
        came["userIdentity"],
        json!({
            "type": "SAMLUser",
            "principalId": format!("{NAME_QUALIFIER}:ann@example.com"),
            "userName": "ann@example.com",
            "identityProvider": PROVIDER,
        })
    );
    let parameters = &came["requestParameters"];
    assert_eq!((&parameters["roleArn"], &parameters["principalArn"]), (&json!(ROLE), &json!(PROVIDER)));
    assert!(!came.to_string().contains(&testkit::saml::encoded("<saml")[..6]), "{came}");
    assert_eq!(came["responseElements"]["subject"], "ann@example.com");
}

const NAME_QUALIFIER: &str = "IeEZvrV2VYLJ/j6tfgnkpnk3Zjo=";

#[test]
fn the_trust_policy_sees_what_the_provider_says() {
    let affiliation = "urn:oid:1.3.6.1.4.1.5923.1.1.1.1";
    for (condition, good) in [
        (is("saml:iss", ENTITY), true),
        (is("saml:iss", "https://other.example.com"), false),
        (is("saml:sub", "ann@example.com"), true),
        (is("saml:sub", "admin@example.com"), false),
        (is("saml:sub_type", "persistent"), true),
        (is("saml:sub_type", "transient"), false),
        (is("saml:doc", &format!("{ACCOUNT}/Harbour")), true),
        (is("saml:namequalifier", NAME_QUALIFIER), true),
        (is("saml:mail", "ann@example.com"), true),
        (is("saml:uid", "ann"), false),
        (is("sts:RoleSessionName", "ann"), true),
        (json!({"ForAnyValue:StringEquals": {"saml:edupersonaffiliation": "staff"}}), true),
        (json!({"ForAllValues:StringEquals": {"saml:edupersonaffiliation": "staff"}}), false),
        (json!({"ForAnyValue:StringEquals": {"saml:edupersonaffiliation": "student"}}), false),
        (json!({"Null": {"aws:PrincipalArn": "true", "aws:userid": "true"}}), true),
    ] {
        let (world, idp) = harbour(&[SAML], &condition, "");
        let assertion = world.assertion().attribute(affiliation, &["staff", "member"]).attribute(
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
            &["ann@example.com"],
        );
        let answer = world.with_assertion(&idp, &assertion);
        assert_eq!(answer.is_ok(), good, "{condition}: {}", answer.body);
        if !good {
            answer.expect_code("refused", "AccessDenied");
        }
    }
}

#[test]
fn tags_source_identity_and_three_keys_stay_with_the_session() {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*",
            "Condition": {"StringEquals": {
                "aws:PrincipalTag/Team": "lights", "aws:SourceIdentity": "Ann",
                "saml:sub": "ann@example.com", "saml:sub_type": "persistent", "saml:namequalifier": NAME_QUALIFIER,
                "aws:FederatedProvider": PROVIDER,
            }, "Null": {"saml:iss": "true", "saml:aud": "true"}},
        }],
    });
    let (world, idp) = harbour(&ALL, &json!({}), &policy.to_string());
    let assertion = world
        .assertion()
        .aws("PrincipalTag:Team", &["lights"])
        .aws("PrincipalTag:Area", &["sea"])
        .aws("TransitiveTagKeys", &["Team"])
        .aws("SourceIdentity", &["Ann"]);
    let answer = world.with_assertion(&idp, &assertion).expect_ok("assumed");
    assert_eq!(answer.text("SourceIdentity"), "Ann");
    assert!(answer.has("PackedPolicySize"));
    world.iam_as(&answer.keys(), "ListUsers", &[]).expect_ok("by all of them");
    // Each needs the trust policy's word.
    for missing in ["sts:TagSession", "sts:SetSourceIdentity"] {
        let actions: Vec<_> = ALL.into_iter().filter(|action| *action != missing).collect();
        let (world, idp) = harbour(&actions, &json!({}), "");
        let refused = world.with_assertion(&idp, &assertion).expect_code(missing, "AccessDenied");
        assert_eq!(refused.message(), format!("Not authorized to perform {missing}"));
    }
    let only = json!({"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": "Area"}});
    let (world, idp) = harbour(&ALL, &only, "");
    world.with_assertion(&idp, &assertion).expect_code("transitive keys", "AccessDenied");
}

#[test]
fn a_session_lasts_as_long_as_all_of_them_let_it() {
    let (world, idp) = harbour(&[SAML], &json!({}), "");
    let session = |number: u32, seconds: &str, attribute: Option<&str>, until: Option<&str>| {
        let mut assertion = world.assertion().id(&format!("_{number}"));
        if let Some(seconds) = attribute {
            assertion = assertion.aws("SessionDuration", &[seconds]);
        }
        let mut text = assertion.text(ENTITY);
        if let Some(until) = until {
            text = text.replace("<saml:AuthnStatement AuthnInstant=\"2026-01-02T03:04:05Z\"", &format!("<saml:AuthnStatement AuthnInstant=\"2026-01-02T03:04:05Z\" SessionNotOnOrAfter=\"{until}\""));
        }
        let response = idp.envelope(&idp.sign(&text), world.now());
        let params = [("DurationSeconds", seconds)];
        world.with_response(&response, if seconds.is_empty() { &[] } else { &params })
    };
    for (number, (seconds, attribute, until, expected)) in [
        ("", None, None, "2026-01-02T04:04:05Z"),
        ("900", None, None, "2026-01-02T03:19:05Z"),
        ("3600", Some("1800"), None, "2026-01-02T03:34:05Z"),
        ("900", Some("43200"), None, "2026-01-02T03:19:05Z"),
        ("3600", None, Some("2026-01-02T03:30:00Z"), "2026-01-02T03:30:00Z"),
        ("900", Some("1800"), Some("2026-01-02T03:30:00Z"), "2026-01-02T03:19:05Z"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = session(u32::try_from(number).unwrap(), seconds, attribute, until).expect_ok("assumed");
        assert_eq!(answer.text("Expiration"), expected, "{seconds} {attribute:?} {until:?}");
    }
    session(10, "3601", None, None).expect_code("longer than the role's", "ValidationError");
    session(11, "899", None, None).expect_code("too short", "ValidationError");
    session(12, "900", Some("899"), None).expect_code("too short", "InvalidIdentityToken");
    session(13, "900", None, Some("2026-01-02T03:04:05Z")).expect_code("ended", "ExpiredTokenException");
}

#[test]
fn aws_attributes_have_their_forms() {
    let (world, idp) = harbour(&ALL, &json!({}), "");
    for (name, values, code) in [
        ("RoleSessionName", vec![], "InvalidIdentityToken"),
        ("RoleSessionName", vec!["John Doe"], "InvalidIdentityToken"),
        ("RoleSessionName", vec!["a"], "InvalidIdentityToken"),
        ("RoleSessionName", vec!["ann", "bob"], "InvalidIdentityToken"),
        ("SourceIdentity", vec!["aws:ann"], "InvalidIdentityToken"),
        ("SessionDuration", vec!["an hour"], "InvalidIdentityToken"),
        ("PrincipalTag:Team", vec!["a", "b"], "InvalidIdentityToken"),
        ("PrincipalTag:", vec!["a"], "InvalidIdentityToken"),
        ("Role", vec![], "InvalidIdentityToken"),
        (
            "Role",
            vec!["arn:aws:iam::123456789012:role/Other,arn:aws:iam::123456789012:saml-provider/Harbour"],
            "AccessDenied",
        ),
        ("Role", vec!["arn:aws:iam::123456789012:role/Pilot"], "AccessDenied"),
        (
            "Role",
            vec!["arn:aws:iam::123456789012:role/Pilot,arn:aws:iam::123456789012:saml-provider/Other"],
            "AccessDenied",
        ),
    ] {
        let answer = world.with_assertion(&idp, &world.assertion().aws(name, &values));
        answer.expect_code(&format!("{name} {values:?}"), code);
    }
    let required = world.with_assertion(&idp, &world.assertion().aws("RoleSessionName", &[]));
    assert_eq!(required.message(), "RoleSessionName is required in AuthnResponse");
    let turned = format!("{PROVIDER}, {ROLE}");
    let other = "arn:aws:iam::123456789012:role/Other,arn:aws:iam::123456789012:saml-provider/Harbour";
    world
        .with_assertion(&idp, &world.assertion().aws("Role", &[other, &turned]))
        .expect_ok("the second, turned");
}

#[test]
fn this_servers_own_address_is_a_recipient_too() {
    let (world, idp) = harbour(&[SAML], &json!({}), "");
    let own = format!("{ENDPOINT}/saml");
    let mut assertion = world.assertion();
    assertion.recipient.clone_from(&own);
    assertion.audience.clone_from(&own);
    let answer = world.with_assertion(&idp, &assertion).expect_ok("our own");
    assert_eq!(answer.text("Audience"), own);
    let mut regional = world.assertion().id("_regional");
    regional.recipient = "https://eu-central-1.signin.aws.amazon.com/saml".into();
    world.with_assertion(&idp, &regional).expect_ok("regional");
}

#[test]
fn encrypted_assertions_need_the_providers_key() {
    let (world, idp) = harbour(&[SAML], &json!({}), "");
    let key = EncryptionKey::generate();
    let sealed =
        |id: &str| idp.envelope(&key.encrypt(&idp.sign(&world.assertion().id(id).text(ENTITY))), world.now());
    world.with_response(&sealed("_1"), &[]).expect_code("no key yet", "InvalidIdentityToken");
    let params = [
        ("SAMLProviderArn", PROVIDER),
        ("AddPrivateKey", &*key.pem()),
        ("AssertionEncryptionMode", "Required"),
    ];
    world.iam("UpdateSAMLProvider", &params);
    world.with_response(&sealed("_2"), &[]).expect_ok("opened");
    world.with_assertion(&idp, &world.assertion().id("_3")).expect_code("plain", "InvalidIdentityToken");
}

#[test]
fn what_goes_wrong_before_the_end_does_not_use_the_assertion_up() {
    let (world, idp) = harbour(&[SAML], &json!({}), "");
    let response = idp.response(&world.assertion(), Signed::Both);
    world
        .with_response(&response, &[("DurationSeconds", "43200")])
        .expect_code("too long", "ValidationError");
    world.with_response(&response, &[]).expect_ok("again, rightly");
    world.with_response(&response, &[]).expect_code("used", "InvalidIdentityToken");
    world.clock.advance(Duration::from_secs(301));
    world.with_response(&response, &[]).expect_code("too late", "ExpiredTokenException");
}

#[test]
fn a_provider_that_is_gone_or_changed_vouches_for_nobody() {
    let (world, idp) = harbour(&[SAML], &json!({}), "");
    let response = idp.response(&world.assertion(), Signed::Both);
    let other = testkit::saml::Idp::impostor(ENTITY).metadata();
    world.iam("UpdateSAMLProvider", &[("SAMLProviderArn", PROVIDER), ("SAMLMetadataDocument", &other)]);
    let refused = world.with_response(&response, &[]).expect_code("another key", "InvalidIdentityToken");
    assert_eq!(refused.message(), "Response signature invalid");
    world.iam("DeleteSAMLProvider", &[("SAMLProviderArn", PROVIDER)]);
    let refused = world.with_response(&response, &[]).expect_code("gone", "InvalidIdentityToken");
    assert_eq!(refused.message(), "Specified provider doesn't exist");
    // The role is still there, and names a provider that is not.
    assert!(world.iam("GetRole", &[("RoleName", "Pilot")]).body.contains("saml-provider"));
}
