//! SAML providers as a client sees them.

use crate::harness::{ACCOUNT, World, allow};
use testkit::saml::{EncryptionKey, Idp};

const ENTITY: &str = "https://idp.example.com/saml";

fn metadata() -> String {
    Idp::new(ENTITY).metadata()
}

fn arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:saml-provider/{name}")
}

fn create(world: &World, name: &str, params: &[(&str, &str)]) -> String {
    let document = metadata();
    let all = [&[("Name", name), ("SAMLMetadataDocument", &document)], params].concat();
    world.iam("CreateSAMLProvider", &all).text("SAMLProviderArn")
}

#[test]
fn a_provider_is_made_shown_listed_and_deleted() {
    let world = World::new();
    let tags = [("Tags.member.1.Key", "Team"), ("Tags.member.1.Value", "lights")];
    assert_eq!(create(&world, "Harbour", &tags), arn("Harbour"));
    let shown = world.iam("GetSAMLProvider", &[("SAMLProviderArn", &arn("Harbour"))]);
    assert_eq!(shown.text("SAMLMetadataDocument"), metadata());
    assert_eq!(
        (shown.text("CreateDate"), shown.text("ValidUntil")),
        ("2026-01-02T03:04:05Z".into(), "2126-01-03T03:04:05Z".into())
    );
    let id = shown.text("SAMLProviderUUID");
    assert!(
        id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()),
        "{id}"
    );
    assert_eq!(shown.text("Key"), "Team");
    assert!(!shown.has("AssertionEncryptionMode") && !shown.has("PrivateKeyList"));
    create(&world, "Anchor", &[]);
    let listed = world.iam("ListSAMLProviders", &[]);
    assert_eq!(listed.texts("Arn"), [arn("Anchor"), arn("Harbour")]);
    let summary = world.iam("GetAccountSummary", &[]).body;
    assert!(summary.contains("<key>Providers</key><value>2</value>"), "{summary}");
    world.iam("DeleteSAMLProvider", &[("SAMLProviderArn", &arn("Anchor"))]);
    world.iam_fails("DeleteSAMLProvider", &[("SAMLProviderArn", &arn("Anchor"))], "NoSuchEntity");
    assert_eq!(world.iam("ListSAMLProviders", &[]).texts("Arn"), [arn("Harbour")]);
}

#[test]
fn names_are_unique_ignoring_case_and_arns_are_exact() {
    let world = World::new();
    create(&world, "Harbour", &[]);
    let document = metadata();
    let again = [("Name", "HARBOUR"), ("SAMLMetadataDocument", document.as_str())];
    world.iam_fails("CreateSAMLProvider", &again, "EntityAlreadyExists");
    for (name, code) in [
        (arn("harbour"), "NoSuchEntity"),
        (arn("Harbour").replace(ACCOUNT, "210987654321"), "AccessDenied"),
        (arn("Harbour").replace("saml-provider", "oidc-provider"), "InvalidInput"),
        ("no arn, but twenty letters".to_owned(), "InvalidInput"),
    ] {
        world.iam_fails("GetSAMLProvider", &[("SAMLProviderArn", &name)], code);
    }
}

#[test]
fn metadata_is_read_before_it_is_taken() {
    let world = World::new();
    let good = metadata();
    let make = |document: &str, code: &str| {
        let params = [("Name", "Harbour"), ("SAMLMetadataDocument", document)];
        world.iam_fails("CreateSAMLProvider", &params, code)
    };
    make(&good[..999], "ValidationError");
    let padded = |text: &str| format!("{text}{}", " ".repeat(2_000));
    for bad in [
        padded("no XML"),
        padded(&format!("<!DOCTYPE x>{}", good.split_once('\n').unwrap().1)),
        good.replace(" use=\"signing\"", " use=\"encryption\""),
        good.replace(" entityID=", " validUntil=\"2025-01-01T00:00:00Z\" entityID="),
    ] {
        let answer = make(&bad, "InvalidInput");
        assert!(answer.message().starts_with("Could not parse metadata"), "{}", answer.body);
    }
    let dated = good.replace(" entityID=", " validUntil=\"2027-01-01T00:00:00Z\" entityID=");
    world.iam("CreateSAMLProvider", &[("Name", "Harbour"), ("SAMLMetadataDocument", &dated)]);
    let shown = world.iam("GetSAMLProvider", &[("SAMLProviderArn", &arn("Harbour"))]);
    assert_eq!(shown.text("ValidUntil"), "2027-01-01T00:00:00Z");
}

#[test]
fn a_provider_changes_as_a_whole_or_not() {
    let world = World::new();
    create(&world, "Harbour", &[]);
    let name = arn("Harbour");
    let update = |params: &[(&str, &str)]| {
        let all = [&[("SAMLProviderArn", name.as_str())], params].concat();
        world.iam_as(&world.admin, "UpdateSAMLProvider", &all)
    };
    update(&[]).expect_code("nothing", "InvalidInput");
    update(&[("AssertionEncryptionMode", "Required")]).expect_code("no key", "InvalidInput");
    update(&[("AddPrivateKey", "no key")]).expect_code("no key", "InvalidInput");
    let (one, two) = (EncryptionKey::generate().pem(), EncryptionKey::generate().pem());
    update(&[("AssertionEncryptionMode", "Required"), ("AddPrivateKey", &one)]).expect_ok("with a key");
    update(&[("AddPrivateKey", &two)]).expect_ok("a second");
    update(&[("AddPrivateKey", &one)]).expect_code("a third", "LimitExceeded");
    let shown = world.iam("GetSAMLProvider", &[("SAMLProviderArn", &name)]);
    assert_eq!(shown.text("AssertionEncryptionMode"), "Required");
    let keys = shown.texts("KeyId");
    assert!(keys.len() == 2 && !shown.body.contains("PRIVATE"), "{}", shown.body);
    update(&[("AddPrivateKey", &two), ("RemovePrivateKey", &keys[0])]).expect_code("both", "InvalidInput");
    update(&[("RemovePrivateKey", &keys[0])]).expect_ok("one goes");
    update(&[("RemovePrivateKey", &keys[0])]).expect_code("it is gone", "NoSuchEntity");
    update(&[("RemovePrivateKey", &keys[1])]).expect_code("the last is needed", "InvalidInput");
    update(&[("RemovePrivateKey", &keys[1]), ("AssertionEncryptionMode", "Allowed")]).expect_ok("no longer");
    let other = Idp::new("https://other.example.com").metadata();
    update(&[("SAMLMetadataDocument", &other)]).expect_ok("metadata");
    let shown = world.iam("GetSAMLProvider", &[("SAMLProviderArn", &name)]);
    assert_eq!(shown.text("SAMLMetadataDocument"), other);
    let records = world.records().into_iter().map(|it| it.to_string()).collect::<String>();
    assert!(records.contains("UpdateSAMLProvider") && !records.contains("BEGIN PRIVATE KEY"));
}

#[test]
fn tags_come_and_go() {
    let world = World::new();
    create(&world, "Harbour", &[]);
    let name = arn("Harbour");
    let on = |action: &str, params: &[(&str, &str)]| {
        world.iam(action, &[&[("SAMLProviderArn", name.as_str())], params].concat())
    };
    on(
        "TagSAMLProvider",
        &[
            ("Tags.member.1.Key", "Team"),
            ("Tags.member.1.Value", "a"),
            ("Tags.member.2.Key", "Area"),
            ("Tags.member.2.Value", "b"),
        ],
    );
    assert_eq!(on("ListSAMLProviderTags", &[]).texts("Key"), ["Area", "Team"]);
    on("UntagSAMLProvider", &[("TagKeys.member.1", "team")]);
    assert_eq!(on("ListSAMLProviderTags", &[]).texts("Key"), ["Area"]);
    let tagged = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetSAMLProvider","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/Area":"b"}}}]}"#;
    let user = world.user("ann", tagged);
    world.iam_as(&user, "GetSAMLProvider", &[("SAMLProviderArn", &name)]).expect_ok("by its tag");
}

#[test]
fn an_account_has_a_hundred_providers() {
    let world = World::new();
    let other = world.user("bob", &allow(&["iam:*"]));
    for number in 0..100 {
        create(&world, &format!("p{number}"), &[]);
    }
    let document = metadata();
    let params = [("Name", "one-more"), ("SAMLMetadataDocument", document.as_str())];
    let refused = world.iam_as(&other, "CreateSAMLProvider", &params).expect_code("101", "LimitExceeded");
    assert_eq!(refused.message(), "Cannot exceed quota for SAMLProvidersPerAccount: 100");
}
