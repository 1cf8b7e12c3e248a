//! Responses of SAML providers that say what nobody signed, or what no longer holds.

use crate::harness::saml::{ENTITY, PROVIDER, ROLE, SAML, harbour};
use crate::harness::{ACCOUNT, Answer, World, allow};
use serde_json::json;
use std::time::Duration;
use testkit::saml::attacks::{self, VICTIM};
use testkit::saml::{Assertion, Idp, SIGN_IN, Signed};

/// A world whose role trusts the provider for everybody, and the provider.
fn scene() -> (World, Idp) {
    harbour(&[SAML], &json!({}), &allow(&["iam:ListUsers"]))
}

/// The response is refused with this code, and the refusal is in the account's trail.
#[track_caller]
fn refused(world: &World, what: &str, response: &str, code: &str) -> Answer {
    // Later by a second, so that many refusals are no reason of their own.
    world.clock.advance(Duration::from_secs(1));
    let answer = world.with_response(response, &[]).expect_code(what, code);
    assert!(!answer.body.contains("AccessKeyId"), "{what}");
    answer
}

#[track_caller]
fn recorded(world: &World, code: &str) {
    let records = world.records();
    let record = records.iter().find(|it| it["eventName"] == "AssumeRoleWithSAML").expect("a record");
    assert_eq!(record["errorCode"], code, "{record}");
    assert_eq!(record["recipientAccountId"], ACCOUNT, "{record}");
    assert!(
        !record.to_string().contains("SAMLResponse") && !record.to_string().contains("PHNhbWxw"),
        "{record}"
    );
}

/// All attacks of a case are refused, with the code for what is not signed, and the attacker's own response is good.
fn refuse_all(case: u32, at_least: usize) {
    let (world, idp) = scene();
    let own = world.assertion();
    let all: Vec<_> = attacks::all(&idp, &own).into_iter().filter(|attack| attack.case == case).collect();
    assert!(all.len() >= at_least, "{} attacks", all.len());
    for attack in all {
        // SAMLAssertion has four characters at least.
        let code = if attack.response.is_empty() { "ValidationError" } else { "InvalidIdentityToken" };
        let answer = refused(&world, attack.name, &attack.response, code);
        assert!(!answer.body.contains(VICTIM), "{}: {}", attack.name, answer.body);
        recorded(&world, code);
    }
    let good = world.with_assertion(&idp, &own).expect_ok("the attacker's own");
    assert_eq!(good.text("Subject"), "ann@example.com");
}

#[test]
fn case_046_signatures_over_another_element_are_refused() {
    refuse_all(46, 18);
}

/// The bytes that were verified are the bytes that are read: a spelling that says the same is taken and read the same,
/// whatever of it another parser would see.
#[test]
fn case_047_what_is_read_is_what_was_signed() {
    let (world, idp) = scene();
    for (number, (from, to)) in [
        ("ann@example.com", "&#97;nn&#x40;example.com"),
        ("ann@example.com", "ann@<![CDATA[example]]>.com"),
        ("<saml:Subject>", "<saml:Subject\n><!-- admin@example.com -->"),
        (" Version=\"2.0\"><saml:Issuer", "   Version='2.0' ><saml:Issuer"),
        ("></saml:SubjectConfirmationData>", "/>"),
    ]
    .into_iter()
    .enumerate()
    {
        let signed = idp.response(&world.assertion().id(&format!("_{number}")), Signed::Assertion);
        let other = signed.replacen(from, to, 1);
        assert_ne!(signed, other, "{from}");
        let answer = world.with_response(&other, &[]).expect_ok(to);
        assert_eq!(answer.text("Subject"), "ann@example.com");
    }
    // What is outside of the signed assertion is not asked for claims: a response whose envelope was changed gives
    // what the assertion says, and an envelope that denies is heard.
    let good = idp.response(&world.assertion().id("_envelope"), Signed::Assertion);
    let denied = good.replace("status:Success", "status:Responder");
    refused(&world, "status", &denied, "IDPRejectedClaim");
    recorded(&world, "IDPRejectedClaim");
    let destination =
        good.replace(&format!("Destination=\"{SIGN_IN}\""), "Destination=\"https://evil.example/saml\"");
    refused(&world, "destination", &destination, "InvalidIdentityToken");
    let issuer = good.replacen(&format!("{ENTITY}</saml:Issuer>"), "https://evil.example</saml:Issuer>", 1);
    refused(&world, "issuer", &issuer, "InvalidIdentityToken");
    world.with_response(&good, &[]).expect_ok("as it was");
}

#[test]
fn case_048_comments_and_doubled_elements_are_refused() {
    refuse_all(48, 9);
}

#[test]
fn case_049_void_canonicalization_namespaces_and_document_types_are_refused() {
    refuse_all(49, 19);
    // The reader is free of the two known ways of stalling it: quick-xml from 0.41 on.
    let lock = include_str!("../../../../Cargo.lock");
    let (_, rest) = lock.split_once("name = \"quick-xml\"\nversion = \"0.").expect("quick-xml");
    let minor: u32 = rest.split('.').next().and_then(|minor| minor.parse().ok()).expect("a version");
    assert!(minor >= 41, "0.{minor}");
}

#[test]
fn case_049_large_documents_cost_little() {
    let (world, idp) = scene();
    let good = idp.response(&world.assertion(), Signed::Assertion);
    let many = |text: String| good.replace("ann@example.com", &text);
    let attributes: String = (0..3_000).map(|number| format!(" a{number}=\"\"")).collect();
    let namespaces: String = (0..2_000).map(|number| format!(" xmlns:n{number}=\"urn:x\"")).collect();
    let begin = std::time::Instant::now();
    for (what, text) in [
        ("elements", "<a/>".repeat(17_000)),
        ("attributes", format!("<a{attributes}/>")),
        ("namespaces", format!("<a{namespaces}/>")),
        ("depth", "<a>".repeat(20_000)),
        ("entities", "&amp;".repeat(14_000)),
        ("opened", "<".repeat(60_000)),
    ] {
        refused(&world, what, &many(text), "InvalidIdentityToken");
    }
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    let long = good.replace("ann@example.com", &"a".repeat(80_000));
    refused(&world, "longer than SAMLAssertion may be", &long, "ValidationError");
}

#[test]
fn case_050_keys_of_the_message_weak_hashes_and_secret_keys_are_refused() {
    refuse_all(50, 20);
    let (world, idp) = scene();
    let sha1 = idp.sign_changed(&world.assertion().text(ENTITY), |info| {
        info.replace(
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        )
    });
    let answer = refused(&world, "SHA-1", &idp.envelope(&sha1, world.now()), "InvalidIdentityToken");
    assert!(answer.message().contains("SHA-1 is not accepted"), "{}", answer.body);
}

/// A signature on the response alone is as good as one on the assertion alone: what is signed is what is read.
#[test]
fn case_051_either_signature_counts_for_what_it_covers() {
    let (world, idp) = scene();
    for (id, signed) in [("_r", Signed::Response), ("_a", Signed::Assertion), ("_b", Signed::Both)] {
        let response = idp.response(&world.assertion().id(id), signed);
        let changed = response.replace("ann@example.com", VICTIM);
        refused(&world, "changed", &changed, "InvalidIdentityToken");
        // Whoever takes the signature off is left with nothing that was signed.
        let (before, rest) = response.rsplit_once("<ds:Signature ").unwrap();
        let (_, after) = rest.split_once("</ds:Signature>").unwrap();
        if signed != Signed::Both {
            refused(&world, "taken off", &format!("{before}{after}"), "InvalidIdentityToken");
        } else {
            // Without the inner one the digest of the outer one is another.
            refused(&world, "the inner one taken off", &format!("{before}{after}"), "InvalidIdentityToken");
        }
        world.with_response(&response, &[]).expect_ok("as it was");
    }
}

#[test]
fn case_051_for_whom_and_until_when() {
    let (world, idp) = scene();
    let own = world.assertion();
    let change = |what: &dyn Fn(&mut Assertion)| {
        let mut assertion = own.clone();
        what(&mut assertion);
        idp.response(&assertion, Signed::Assertion)
    };
    let text = |from: &str, to: &str| {
        let text = own.text(ENTITY);
        assert!(text.contains(from), "{from}");
        idp.envelope(&idp.sign(&text.replace(from, to)), own.issued)
    };
    let end = "2026-01-02T03:09:05Z";
    for (what, response, code) in [
        (
            "recipient",
            change(&|it| it.recipient = "https://other.example.com/saml".into()),
            "InvalidIdentityToken",
        ),
        ("audience", change(&|it| it.audience = "urn:other".into()), "InvalidIdentityToken"),
        ("issuer", text(ENTITY, "https://other.example.com"), "InvalidIdentityToken"),
        (
            "no audience",
            text(
                "<saml:AudienceRestriction><saml:Audience>urn:amazon:webservices</saml:Audience></saml:AudienceRestriction>",
                "",
            ),
            "InvalidIdentityToken",
        ),
        ("no recipient", text(&format!(" Recipient=\"{SIGN_IN}\""), ""), "InvalidIdentityToken"),
        (
            "no end",
            text(&format!("SubjectConfirmationData NotOnOrAfter=\"{end}\""), "SubjectConfirmationData"),
            "InvalidIdentityToken",
        ),
        (
            "confirmation has ended",
            text(
                &format!("SubjectConfirmationData NotOnOrAfter=\"{end}\""),
                "SubjectConfirmationData NotOnOrAfter=\"2026-01-02T03:04:05Z\"",
            ),
            "ExpiredTokenException",
        ),
        (
            "conditions have ended",
            text(
                &format!("NotOnOrAfter=\"{end}\"><saml:AudienceRestriction>"),
                "NotOnOrAfter=\"2026-01-02T03:04:05Z\"><saml:AudienceRestriction>",
            ),
            "ExpiredTokenException",
        ),
        (
            "not yet",
            text("NotBefore=\"2026-01-02T03:04:05Z\"", "NotBefore=\"2026-01-02T03:08:05Z\""),
            "InvalidIdentityToken",
        ),
        (
            "issued in the future",
            change(&|it| it.issued = it.issued + Duration::from_secs(120)),
            "InvalidIdentityToken",
        ),
        (
            "issued long ago",
            text("IssueInstant=\"2026-01-02T03:04:05Z\"", "IssueInstant=\"2026-01-02T02:59:05Z\""),
            "ExpiredTokenException",
        ),
        (
            "no time",
            text("IssueInstant=\"2026-01-02T03:04:05Z\"", "IssueInstant=\"today\""),
            "InvalidIdentityToken",
        ),
        (
            "a time without a zone",
            text("IssueInstant=\"2026-01-02T03:04:05Z\"", "IssueInstant=\"2026-01-02T03:04:05\""),
            "InvalidIdentityToken",
        ),
        ("holder of a key", text("cm:bearer", "cm:holder-of-key"), "InvalidIdentityToken"),
        (
            "a condition that nobody knows",
            text("<saml:AudienceRestriction>", "<saml:Condition></saml:Condition><saml:AudienceRestriction>"),
            "InvalidIdentityToken",
        ),
        (
            "no NameID",
            text(
                "<saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">ann@example.com</saml:NameID>",
                "",
            ),
            "AccessDenied",
        ),
        (
            "two confirmations",
            text(
                "<saml:SubjectConfirmation ",
                "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"></saml:SubjectConfirmation><saml:SubjectConfirmation ",
            ),
            "InvalidIdentityToken",
        ),
        ("another version", text(" Version=\"2.0\"", " Version=\"1.1\""), "InvalidIdentityToken"),
        (
            "an answer to another request",
            text("<saml:SubjectConfirmationData ", "<saml:SubjectConfirmationData InResponseTo=\"_one\" ")
                .replace("ID=\"_response\"", "ID=\"_response\" InResponseTo=\"_two\""),
            "InvalidIdentityToken",
        ),
    ] {
        refused(&world, what, &response, code);
        recorded(&world, code);
    }
    world.with_assertion(&idp, &own).expect_ok("as it is");
}

#[test]
fn case_051_an_assertion_is_used_once() {
    let (world, idp) = scene();
    let response = idp.response(&world.assertion(), Signed::Both);
    world.with_response(&response, &[]).expect_ok("once");
    refused(&world, "again", &response, "InvalidIdentityToken");
    recorded(&world, "InvalidIdentityToken");
    // In another envelope, with another spelling, for another role: the same assertion.
    let inner = idp.sign(&world.assertion().id("_x").text(ENTITY));
    world.with_response(&idp.envelope(&inner, world.now()), &[]).expect_ok("once");
    let again = idp.envelope(&inner, world.now()).replace("\"_response\"", "\"_another\"");
    refused(&world, "another envelope", &again, "InvalidIdentityToken");
    let spelled = again.replace("<saml:Subject>", "<saml:Subject >");
    refused(&world, "another spelling", &spelled, "InvalidIdentityToken");
}

#[test]
fn case_051_eight_at_the_same_time_get_one_session() {
    let (world, idp) = scene();
    let response = idp.response(&world.assertion(), Signed::Both);
    let good = std::thread::scope(|scope| {
        let all: Vec<_> =
            (0..8).map(|_| scope.spawn(|| world.with_response(&response, &[]).is_ok())).collect();
        all.into_iter().filter(|_| true).map(|one| one.join().unwrap()).filter(|good| *good).count()
    });
    assert_eq!(good, 1);
}

/// A provider speaks for its own account alone, and only where it was registered.
#[test]
fn case_051_a_provider_vouches_in_its_own_account() {
    let (world, idp) = scene();
    let other = world.second_account();
    let elsewhere = ROLE.replace(ACCOUNT, "210987654321");
    let trust = crate::harness::saml::trust_saml(&[SAML], &json!({}));
    let made =
        world.iam_as(&other, "CreateRole", &[("RoleName", "Pilot"), ("AssumeRolePolicyDocument", &trust)]);
    made.expect_ok("CreateRole");
    let text = |role: &str, provider: &str| {
        let assertion = Assertion::new(world.now(), role, provider);
        testkit::saml::encoded(&idp.response(&assertion, Signed::Both))
    };
    let theirs = PROVIDER.replace(ACCOUNT, "210987654321");
    for (role, provider, code) in [
        (elsewhere.as_str(), PROVIDER, "AccessDenied"),
        (elsewhere.as_str(), theirs.as_str(), "InvalidIdentityToken"),
        (ROLE, theirs.as_str(), "AccessDenied"),
        (ROLE, &PROVIDER.replace("Harbour", "harbour"), "InvalidIdentityToken"),
        (ROLE, &PROVIDER.replace(":aws:", ":aws-cn:"), "InvalidIdentityToken"),
        (ROLE, &PROVIDER.replace("saml-provider", "oidc-provider"), "ValidationError"),
        (&ROLE.replace("Pilot", "Missing"), PROVIDER, "AccessDenied"),
    ] {
        let params =
            [("RoleArn", role), ("PrincipalArn", provider), ("SAMLAssertion", &*text(role, provider))];
        let answer = world.sts_unsigned("AssumeRoleWithSAML", &params);
        answer.expect_code(&format!("{role} {provider}"), code);
    }
}

#[test]
fn case_051_who_brings_much_that_nobody_signed_learns_nothing_more() {
    let (world, idp) = scene();
    let unsigned = idp.response(&world.assertion(), Signed::Nothing);
    for _ in 0..authn::attempts::FAILURES_A_MINUTE {
        world.with_response(&unsigned, &[]).expect_code("not signed", "InvalidIdentityToken");
    }
    world.with_response(&unsigned, &[]).expect_code("too much", "Throttling");
    // Somebody at the same address whose response holds is let in.
    world.with_assertion(&idp, &world.assertion()).expect_ok("signed");
    world.clock.advance(Duration::from_secs(60));
    world.with_response(&unsigned, &[]).expect_code("a minute later", "InvalidIdentityToken");
}
