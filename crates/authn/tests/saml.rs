//! SAML responses: what is taken, and what is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use bailiwick_authn::saml::endpoint::Endpoints;
use bailiwick_authn::saml::response::{Trust, read};
use bailiwick_authn::saml::{Claims, DecryptionKey, Metadata, Refusal, VerifyingKey};
use base::{Partition, Timestamp};
use std::time::Duration;
use testkit::saml::{Assertion, DS, EncryptionKey, Idp, SIGN_IN, Signed, attacks};

const ENTITY: &str = "https://idp.example.com/saml";
const ROLE: &str = "arn:aws:iam::123456789012:role/Pilot";
const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/Harbour";

fn at() -> Timestamp {
    Timestamp::parse("2026-01-02T03:04:05Z").unwrap()
}

fn assertion() -> Assertion {
    Assertion::new(at(), ROLE, PROVIDER)
}

struct Site {
    keys: Vec<VerifyingKey>,
    private: Vec<DecryptionKey>,
    must_encrypt: bool,
    now: Timestamp,
}

impl Site {
    fn of(idp: &Idp) -> Self {
        let keys = Metadata::parse(&idp.metadata()).unwrap().keys;
        Self { keys, private: Vec::new(), must_encrypt: false, now: at() + Duration::from_secs(10) }
    }

    fn read(&self, response: &str) -> Result<Claims, Refusal> {
        let endpoints = Endpoints { partition: Partition::aws(), own: None };
        read(
            response,
            &Trust {
                entity_id: ENTITY,
                keys: &self.keys,
                private_keys: &self.private,
                must_encrypt: self.must_encrypt,
                endpoints,
                now: self.now,
            },
        )
    }
}

#[test]
fn a_signature_on_either_is_taken_and_on_neither_is_not() {
    for idp in [Idp::new(ENTITY), Idp::elliptic(ENTITY)] {
        let site = Site::of(&idp);
        for signed in [Signed::Assertion, Signed::Response, Signed::Both] {
            let claims = site.read(&idp.response(&assertion(), signed)).unwrap();
            assert_eq!(
                (claims.subject.as_str(), claims.subject_type.as_str()),
                ("ann@example.com", "persistent")
            );
            assert_eq!((claims.issuer.as_str(), claims.recipient.as_str()), (ENTITY, SIGN_IN));
            assert_eq!(claims.values("https://aws.amazon.com/SAML/Attributes/RoleSessionName"), ["ann"]);
        }
        let unsigned = site.read(&idp.response(&assertion(), Signed::Nothing)).unwrap_err();
        assert!(unsigned.to_string().contains("neither"), "{unsigned}");
    }
}

#[test]
fn every_attack_is_refused() {
    let idp = Idp::new(ENTITY);
    let site = Site::of(&idp);
    let all = attacks::all(&idp, &assertion());
    assert!(all.len() > 60, "{}", all.len());
    for attack in all {
        let refused = site.read(&attack.response);
        assert!(
            matches!(refused, Err(Refusal::Invalid(_))),
            "{}: {refused:?}\n{}",
            attack.name,
            attack.response
        );
    }
}

/// Any one byte of what is signed, changed, is noticed, or changes nothing that is read.
#[test]
fn no_changed_byte_changes_a_claim() {
    let idp = Idp::new(ENTITY);
    let site = Site::of(&idp);
    let good = idp.response(&assertion(), Signed::Response);
    let claims = site.read(&good).unwrap();
    for place in (0..good.len()).step_by(3) {
        for byte in [b'x', b'<', b' ', b'&', b'0'] {
            let mut changed = good.clone().into_bytes();
            changed[place] = byte;
            if let Ok(read) = site.read(&String::from_utf8(changed).unwrap()) {
                assert_eq!(read, claims, "byte {place} as {byte}");
            }
        }
    }
}

/// White space between attributes, comments between elements, another quote: not in the canonical bytes.
#[test]
fn another_spelling_of_what_was_signed_is_the_same() {
    let idp = Idp::new(ENTITY);
    let site = Site::of(&idp);
    let good = idp.response(&assertion(), Signed::Both);
    let other = good
        .replace("<saml:Subject>", "<saml:Subject ><!-- between elements -->")
        .replace("></ds:Transform>", "\n/>")
        .replace("ann@example.com", "&#97;nn@example<![CDATA[.com]]>")
        .replace(" Version=\"2.0\"", "  Version='2.0'");
    assert_ne!(good, other);
    let other = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- before -->\n{other}\n");
    assert_eq!(site.read(&other).unwrap(), site.read(&good).unwrap());
}

#[test]
fn sha_1_and_hmac_are_refused_in_words() {
    let idp = Idp::new(ENTITY);
    let site = Site::of(&idp);
    for (from, to, word) in [
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            "SHA-1",
        ),
        ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1", "SHA-1"),
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            "SHA-1",
        ),
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            "HMAC",
        ),
    ] {
        let signed = idp.sign_changed(&assertion().text(ENTITY), |info| info.replace(from, to));
        let refused = site.read(&idp.envelope(&signed, at())).unwrap_err();
        assert!(refused.to_string().contains(word), "{to}: {refused}");
    }
}

#[test]
fn comments_that_are_kept_and_prefixes_that_are_named_are_canonicalized_with() {
    let idp = Idp::new(ENTITY);
    let site = Site::of(&idp);
    let text = assertion().text(ENTITY).replace("<saml:Subject>", "<!-- kept --><saml:Subject>");
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let signed = idp.sign_changed(&text, |info| {
        info.replace(&format!("{exclusive}\""), &format!("{exclusive}WithComments\""))
    });
    let claims = site.read(&idp.envelope(&signed, at())).unwrap();
    assert_eq!(claims.subject, "ann@example.com");
    let list = format!(
        "<ec:InclusiveNamespaces xmlns:ec=\"{exclusive}\" PrefixList=\"xs\"></ec:InclusiveNamespaces></ds:Transform></ds:Transforms>"
    );
    let text =
        assertion().text(ENTITY).replacen(" ID=", " xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" ID=", 1);
    let signed = idp.sign_changed(&text, |info| info.replace("</ds:Transform></ds:Transforms>", &list));
    assert!(site.read(&idp.envelope(&signed, at())).is_ok());
    // Without the list the prefix that nothing uses is not among the bytes.
    assert!(site.read(&idp.envelope(&idp.sign(&text), at())).is_err());
}

#[test]
fn encrypted_assertions_are_opened_by_the_providers_key_alone() {
    let idp = Idp::new(ENTITY);
    let key = EncryptionKey::generate();
    let mut site = Site::of(&idp);
    let text = assertion().text(ENTITY);
    let (inside, outside) = (key.encrypt(&idp.sign(&text)), key.encrypt(&text));
    let signed_inside = idp.envelope(&inside, at());
    let signed_outside = idp.sign(&idp.envelope(&outside, at()));
    assert!(site.read(&signed_inside).is_err(), "no key");
    site.private = vec![DecryptionKey::from_pem(&EncryptionKey::generate().pem()).unwrap()];
    assert!(site.read(&signed_inside).is_err(), "another key");
    site.private.push(DecryptionKey::from_pem(&key.pem()).unwrap());
    for (name, response) in [("inside", &signed_inside), ("outside", &signed_outside)] {
        assert_eq!(site.read(response).expect(name).subject, "ann@example.com");
    }
    // Encrypting is no signing: the key is public.
    assert!(site.read(&idp.envelope(&outside, at())).is_err());
    let impostor = Idp::impostor(ENTITY);
    assert!(site.read(&idp.envelope(&key.encrypt(&impostor.sign(&text)), at())).is_err());
    for changed in [
        signed_inside.replace("xmlenc11#aes256-gcm", "xmlenc11#aes128-gcm"),
        signed_inside.replace("2009/xmlenc11#aes256-gcm", "2001/04/xmlenc#aes256-cbc"),
        signed_inside.replace("rsa-oaep-mgf1p", "rsa-1_5"),
        signed_inside.replace(&format!("{DS}sha1"), "http://www.w3.org/2001/04/xmlenc#sha256"),
    ] {
        assert!(site.read(&changed).is_err(), "{changed}");
    }
    site.must_encrypt = true;
    assert!(site.read(&signed_inside).is_ok());
    let plain = site.read(&idp.response(&assertion(), Signed::Both)).unwrap_err();
    assert!(plain.to_string().contains("encrypted"), "{plain}");
}

#[test]
fn times_have_their_bounds() {
    let idp = Idp::new(ENTITY);
    let mut site = Site::of(&idp);
    let response = idp.response(&assertion(), Signed::Assertion);
    for (seconds, good) in [(-61, false), (-60, true), (0, true), (299, true), (300, false), (3_000, false)] {
        site.now = Timestamp::from_seconds(at().seconds() + seconds);
        assert_eq!(site.read(&response).is_ok(), good, "{seconds}");
    }
    site.now = at() + Duration::from_secs(300);
    assert!(matches!(site.read(&response), Err(Refusal::Expired(_))));
}

#[test]
fn metadata_is_read_and_what_is_none_is_not() {
    let idp = Idp::new(ENTITY);
    let good = idp.metadata();
    let read = Metadata::parse(&good).unwrap();
    assert_eq!((read.entity_id.as_str(), read.keys.len(), read.valid_until), (ENTITY, 1, None));
    let dated = good.replace(" entityID=", " validUntil=\"2030-01-01T00:00:00Z\" entityID=");
    assert_eq!(Metadata::parse(&dated).unwrap().valid_until.unwrap().iso(), "2030-01-01T00:00:00Z");
    let for_every_use = good.replace(" use=\"signing\"", "");
    assert_eq!(Metadata::parse(&for_every_use).unwrap().keys.len(), 1);
    for bad in [
        good.replace(" use=\"signing\"", " use=\"encryption\""),
        good.replace(&idp.certificate(), "AAAA"),
        good.replace(&idp.certificate(), "no base64"),
        good.replace("IDPSSODescriptor", "SPSSODescriptor"),
        good.replace("EntityDescriptor", "EntitiesDescriptor"),
        good.replace(&format!("entityID=\"{ENTITY}\""), "entityID=\"\""),
        good.replace(
            "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0",
            "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:1.1",
        ),
        good.replace(" entityID=", " validUntil=\"soon\" entityID="),
        good.replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<!DOCTYPE x>"),
        format!("\u{feff}{good}"),
        "x".repeat(2_000),
    ] {
        assert!(Metadata::parse(&bad).is_err(), "{bad}");
    }
}

#[test]
fn short_keys_are_no_keys() {
    let key = EncryptionKey::generate();
    let pem = key.pem();
    assert!(DecryptionKey::from_pem(&pem).is_ok());
    for bad in [
        "",
        "x",
        &pem.replace("PRIVATE", "PUBLIC"),
        &pem.replace("PRIVATE", "ENCRYPTED PRIVATE"),
        &pem.replace("MII", "MIJ"),
    ] {
        assert!(DecryptionKey::from_pem(bad).is_err(), "{bad}");
    }
}

/// Documents of pysaml2 7.5.5, signed by xmlsec1 1.2.37: see `tests/fixtures/pysaml2`.
#[test]
fn documents_of_another_maker_are_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pysaml2");
    let file = |name: &str| std::fs::read_to_string(folder.join(format!("{name}.xml"))).unwrap();
    let metadata = Metadata::parse(&file("metadata")).unwrap();
    for name in ["assertion", "response", "both", "sha512", "sha1"] {
        let text = file(name);
        let issued = text.split_once("IssueInstant=\"").unwrap().1.split_once('"').unwrap().0;
        let trust = Trust {
            entity_id: "https://idp.example.com/pysaml2",
            keys: &metadata.keys,
            private_keys: &[],
            must_encrypt: false,
            endpoints: Endpoints { partition: Partition::aws(), own: None },
            now: Timestamp::parse(issued).unwrap() + Duration::from_secs(1),
        };
        let claims = read(&text, &trust);
        if name == "sha1" {
            assert!(claims.unwrap_err().to_string().contains("SHA-1"));
            continue;
        }
        let claims = claims.unwrap();
        assert_eq!((claims.subject.as_str(), claims.recipient.as_str()), ("ann-1", SIGN_IN), "{name}");
        assert_eq!(
            claims.values("https://aws.amazon.com/SAML/Attributes/PrincipalTag:Team"),
            ["lights & buoys"]
        );
        assert!(read(&text.replace("ann-1", "admin"), &trust).is_err(), "{name}");
    }
}
