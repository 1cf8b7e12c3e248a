//! Signing certificates and server certificates.

use crate::harness::{Answer, World};
use crate::{allow_on, arn};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P384_SHA384,
    PKCS_RSA_SHA256, SignatureAlgorithm, date_time_ymd,
};

/// A certificate in PEM with its private key.
struct Pair {
    pem: String,
    key: String,
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![format!("{name}.example.com")]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2025, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params
}

fn self_signed_by(algorithm: &'static SignatureAlgorithm) -> Pair {
    let key = KeyPair::generate_for(algorithm).unwrap();
    Pair { pem: params("a").self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
}

fn self_signed() -> Pair {
    self_signed_by(&rcgen::PKCS_ECDSA_P256_SHA256)
}

/// A root, an authority below it, and a server's certificate with its key.
fn family() -> (String, String, Pair) {
    let authority = |name: &str| {
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
    };
    let root_key = KeyPair::generate().unwrap();
    let root = authority("root").self_signed(&root_key).unwrap().pem();
    let root_issuer = Issuer::new(authority("root"), root_key);
    let middle_key = KeyPair::generate().unwrap();
    let middle = authority("middle").signed_by(&middle_key, &root_issuer).unwrap().pem();
    let middle_issuer = Issuer::new(authority("middle"), middle_key);
    let key = KeyPair::generate().unwrap();
    let pem = params("server").signed_by(&key, &middle_issuer).unwrap().pem();
    (root, middle, Pair { pem, key: key.serialize_pem() })
}

fn world() -> World {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    world
}

fn sign(world: &World, pem: &str) -> Answer {
    world.iam_as(&world.admin, "UploadSigningCertificate", &[("UserName", "bob"), ("CertificateBody", pem)])
}

#[test]
fn a_signing_certificate_lives() {
    let world = world();
    let pair = self_signed();
    let made = sign(&world, &pair.pem).expect_ok("upload");
    let id = made.text("CertificateId");
    assert!(id.len() >= 24, "{id}");
    assert_eq!(
        (made.text("UserName"), made.text("Status"), made.text("UploadDate")),
        ("bob".into(), "Active".into(), "2026-01-02T03:04:05Z".into())
    );
    assert_eq!(made.text("CertificateBody"), pair.pem, "as it was uploaded");
    let of = [("UserName", "bob"), ("CertificateId", id.as_str())];
    world.iam("UpdateSigningCertificate", &[of[0], of[1], ("Status", "Inactive")]);
    let listed = world.iam("ListSigningCertificates", &[("UserName", "bob")]);
    assert_eq!((listed.text("CertificateId"), listed.text("Status")), (id.clone(), "Inactive".into()));
    let conflict = world.iam_fails("DeleteUser", &[("UserName", "bob")], "DeleteConflict");
    assert_eq!(conflict.message(), "Cannot delete entity, must delete signing certificates first.");
    world.iam("DeleteSigningCertificate", &of);
    let gone = world.iam_fails("DeleteSigningCertificate", &of, "NoSuchEntity");
    assert_eq!(gone.message(), format!("The Certificate with id {id} cannot be found."));
    world.iam("DeleteUser", &[("UserName", "bob")]);
}

#[test]
fn signing_certificates_are_read_known_and_counted() {
    let world = world();
    let malformed = sign(&world, "invalid-certificate-body").expect_code("text", "MalformedCertificate");
    assert_eq!(malformed.message(), "Certificate invalid-certificate-body is malformed.");
    let pair = self_signed();
    sign(&world, &pair.key).expect_code("a key", "MalformedCertificate");
    let mut old = params("old");
    old.not_after = date_time_ymd(2025, 6, 1);
    let old = old.self_signed(&KeyPair::generate().unwrap()).unwrap().pem();
    sign(&world, &old).expect_code("expired", "InvalidCertificate");
    sign(&world, &pair.pem).expect_ok("first");
    let wrapped = format!("\n{}\n", pair.pem.replace('\n', "\r\n"));
    let twice = sign(&world, &wrapped).expect_code("the same", "DuplicateCertificate");
    assert_eq!(twice.status, 409);
    world.iam("CreateUser", &[("UserName", "ann")]);
    let params = [("UserName", "ann"), ("CertificateBody", pair.pem.as_str())];
    world.iam_fails("UploadSigningCertificate", &params, "DuplicateCertificate");
    sign(&world, &self_signed().pem).expect_ok("second");
    let third = sign(&world, &self_signed().pem).expect_code("third", "LimitExceeded");
    assert_eq!(third.message(), "Cannot exceed quota for CertificatesPerUser: 2");
}

#[test]
fn a_user_manages_its_own_signing_certificates() {
    let world = world();
    let eve = world.user("eve", &allow_on("iam:*SigningCertificate*", &arn("user/eve"), ""));
    let pair = self_signed();
    let own = world
        .iam_as(&eve, "UploadSigningCertificate", &[("CertificateBody", &pair.pem)])
        .expect_ok("own certificate");
    assert_eq!(own.text("UserName"), "eve");
    let bobs = [("UserName", "bob"), ("CertificateBody", pair.pem.as_str())];
    world.iam_as(&eve, "UploadSigningCertificate", &bobs).expect_code("bob's", "AccessDenied");
    world
        .iam_as(&eve, "DeleteSigningCertificate", &[("CertificateId", &own.text("CertificateId"))])
        .expect_ok("delete");
}

fn upload(world: &World, name: &str, pair: &Pair, more: &[(&str, &str)]) -> Answer {
    let mut params = vec![
        ("ServerCertificateName", name),
        ("CertificateBody", pair.pem.as_str()),
        ("PrivateKey", pair.key.as_str()),
    ];
    params.extend_from_slice(more);
    world.iam_as(&world.admin, "UploadServerCertificate", &params)
}

#[test]
fn a_server_certificate_lives() {
    let world = World::new();
    let (root, middle, pair) = family();
    let chain = format!("{middle}{root}");
    let more = [
        ("Path", "/cloudfront/test/"),
        ("CertificateChain", chain.as_str()),
        ("Tags.member.1.Key", "Team"),
        ("Tags.member.1.Value", "web"),
    ];
    let made = upload(&world, "Site", &pair, &more).expect_ok("upload");
    assert_eq!(made.text("Arn"), arn("server-certificate/cloudfront/test/Site"));
    assert_eq!(
        (made.text("UploadDate"), made.text("Expiration")),
        ("2026-01-02T03:04:05Z".into(), "2027-01-01T00:00:00Z".into())
    );
    assert!(made.text("ServerCertificateId").starts_with("ASCA"));
    assert_eq!(made.texts("Key"), ["Team"]);
    let got = world.iam("GetServerCertificate", &[("ServerCertificateName", "site")]);
    assert_eq!(got.text("CertificateBody"), pair.pem.trim());
    assert_eq!(got.text("CertificateChain"), chain.trim());
    assert_eq!(got.texts("Key"), ["Team"]);
    assert!(!got.body.contains("PRIVATE"));
    let listed = world.iam("ListServerCertificates", &[("PathPrefix", "/cloudfront/")]);
    assert_eq!(listed.texts("ServerCertificateName"), ["Site"]);
    assert!(!listed.has("CertificateBody") && !listed.has("Key"));
    assert!(world.iam("ListServerCertificates", &[("PathPrefix", "/else/")]).texts("member").is_empty());
    let rename = [("ServerCertificateName", "Site"), ("NewServerCertificateName", "Shop"), ("NewPath", "/")];
    world.iam("UpdateServerCertificate", &rename);
    let got = world.iam("GetServerCertificate", &[("ServerCertificateName", "Shop")]);
    assert_eq!(got.text("Arn"), arn("server-certificate/Shop"));
    world.iam("DeleteServerCertificate", &[("ServerCertificateName", "Shop")]);
    let gone =
        world.iam_fails("DeleteServerCertificate", &[("ServerCertificateName", "Shop")], "NoSuchEntity");
    assert_eq!(gone.message(), "The Server Certificate with name Shop cannot be found.");
}

#[test]
fn a_certificate_without_tags_shows_an_empty_list() {
    let world = World::new();
    let made = upload(&world, "plain", &self_signed(), &[]).expect_ok("upload");
    assert!(!made.has("Tags"));
    let got = world.iam("GetServerCertificate", &[("ServerCertificateName", "plain")]);
    assert!(got.has("Tags") && !got.has("CertificateChain"));
}

#[test]
fn keys_of_every_usual_kind_match() {
    let world = World::new();
    for (name, algorithm) in [("rsa", &PKCS_RSA_SHA256), ("p384", &PKCS_ECDSA_P384_SHA384)] {
        upload(&world, name, &self_signed_by(algorithm), &[]).expect_ok(name);
    }
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let world = World::new();
    let (root, middle, pair) = family();
    let other = self_signed();
    let mixed = |pem: &str, key: &str| Pair { pem: pem.to_owned(), key: key.to_owned() };
    let mismatch =
        upload(&world, "a", &mixed(&pair.pem, &other.key), &[]).expect_code("other key", "KeyPairMismatch");
    assert_eq!(mismatch.status, 400);
    for (what, pair) in [
        ("no certificate", mixed("hello", &pair.key)),
        ("two certificates", mixed(&format!("{}{middle}", pair.pem), &pair.key)),
        ("no key", mixed(&pair.pem, "hello")),
        ("a certificate as key", mixed(&pair.pem, &pair.pem)),
        (
            "an encrypted key",
            mixed(
                &pair.pem,
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----",
            ),
        ),
        ("a broken key", mixed(&pair.pem, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")),
    ] {
        upload(&world, "a", &pair, &[]).expect_code(what, "MalformedCertificate");
    }
    let wrong = [
        ("the root alone", root.clone(), -1),
        ("the wrong order", format!("{root}{middle}"), -1),
        ("another's", format!("{middle}{}", other.pem), 0),
    ];
    for (what, chain, index) in wrong {
        let refused = upload(&world, "a", &pair, &[("CertificateChain", &chain)]);
        let message = refused.expect_code(what, "MalformedCertificate").message();
        assert!(message.starts_with("Unable to validate certificate chain."), "{message}");
        assert!(
            message.ends_with(&format!("The index within the chain of the invalid certificate is: {index}"))
        );
    }
    let mut old = params("old");
    old.not_after = date_time_ymd(2026, 1, 1);
    let mut new = params("new");
    new.not_before = date_time_ymd(2026, 2, 1);
    for (params, said) in [(old, "no longer valid"), (new, "not yet valid")] {
        let key = KeyPair::generate().unwrap();
        let pair = mixed(&params.self_signed(&key).unwrap().pem(), &key.serialize_pem());
        let refused = upload(&world, "a", &pair, &[]).expect_code(said, "MalformedCertificate");
        assert!(refused.message().contains(said), "{}", refused.message());
    }
    assert!(world.iam("ListServerCertificates", &[]).texts("member").is_empty());
}

#[test]
fn names_are_unique_and_renaming_needs_the_right_on_both() {
    let world = World::new();
    let pair = self_signed();
    upload(&world, "One", &pair, &[]).expect_ok("upload");
    upload(&world, "two", &pair, &[]).expect_ok("the same certificate under another name");
    let twice = upload(&world, "ONE", &pair, &[]).expect_code("case", "EntityAlreadyExists");
    assert_eq!(twice.message(), "The Server Certificate with name ONE already exists.");
    let onto = [("ServerCertificateName", "two"), ("NewServerCertificateName", "one")];
    world.iam_fails("UpdateServerCertificate", &onto, "EntityAlreadyExists");
    let old = arn("server-certificate/One");
    let eve = world.user("eve", &allow_on("iam:UpdateServerCertificate", &old, ""));
    let rename = [("ServerCertificateName", "One"), ("NewServerCertificateName", "Three")];
    let denied =
        world.iam_as(&eve, "UpdateServerCertificate", &rename).expect_code("new name", "AccessDenied");
    assert!(denied.message().contains(&arn("server-certificate/Three")), "{}", denied.message());
    let both = format!(r#"{old}","{}"#, arn("server-certificate/Three"));
    let ann = world.user(
        "ann",
        &allow_on("iam:UpdateServerCertificate", "*", "").replace("\"*\"", &format!("[\"{both}\"]")),
    );
    world.iam_as(&ann, "UpdateServerCertificate", &rename).expect_ok("both names");
}

#[test]
fn the_summary_counts_server_certificates() {
    let world = World::new();
    upload(&world, "one", &self_signed(), &[]).expect_ok("upload");
    let summary = world.iam("GetAccountSummary", &[]);
    let place = summary.texts("key").iter().position(|key| key == "ServerCertificates").unwrap();
    assert_eq!(summary.texts("value")[place], "1");
    assert_eq!(summary.text("key"), "AccessKeysPerUserQuota");
}
