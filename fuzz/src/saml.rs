//! SAML: documents of any kind, and responses of a provider whose metadata stands before them.

use bailiwick_authn::saml::c14n::Canonical;
use bailiwick_authn::saml::endpoint::Endpoints;
use bailiwick_authn::saml::response::{Trust, read};
use bailiwick_authn::saml::xml::{Bounds, parse};
use bailiwick_authn::saml::{Claims, Metadata};
use base::{Partition, Timestamp};

/// Canonical bytes read again are the same document: they can be signed in place of it.
pub fn xml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(root) = parse(text, Bounds::RESPONSE) else { return };
    for comments in [false, true] {
        let how = Canonical { comments, inclusive: vec![String::new(), "xs".to_owned()] };
        let once = how.bytes(&[], &root, None);
        let again =
            parse(&once, Bounds { bytes: usize::MAX, ..Bounds::RESPONSE }).expect("canonical XML is XML");
        assert_eq!(how.bytes(&[], &again, None), once, "canonical XML has one spelling");
    }
}

/// Metadata, a line with nothing but `----`, and a response of that provider at a fixed time.
pub fn saml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (metadata, response) = text.split_once("\n----\n").unwrap_or(("", text));
    let metadata = Metadata::parse(metadata).ok();
    let trust = Trust {
        entity_id: metadata.as_ref().map_or("https://idp.example.com/saml", |it| it.entity_id.as_str()),
        keys: metadata.as_ref().map_or(&[], |it| it.keys.as_slice()),
        private_keys: &[],
        must_encrypt: false,
        endpoints: Endpoints { partition: Partition::aws(), own: None },
        now: Timestamp::from_seconds(1_767_323_055),
    };
    if let Ok(claims) = read(response, &trust) {
        assert!(!claims.subject.is_empty() && claims.issuer == trust.entity_id);
    }
    // What stands behind a signature is looked at without one, too, or no input would ever get there.
    if let Ok(root) = parse(response, Bounds::RESPONSE) {
        let _ = Claims::read(&root, &trust);
        root.children().for_each(|child| drop(Claims::read(child, &trust)));
    }
}
