//! Registrations and assertions of a security key in software, good and bent in every way that must be refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

extern crate bailiwick_authn as authn;

mod authenticator;

use authenticator::{Authenticator, Kind, bend, bytes, int, map, text};
use authn::webauthn::{
    self, Asked, Assertion, Refusal, Registration, RelyingParty, base64url, options, unbase64url,
};
use base::{AccountId, Entropy, Timestamp, UniqueId};
use model::mfa::{Enabled, MfaDevice, MfaKind, SecurityKey};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use store::seal::{KeyRing, SealingKey};

/// Counts up, so that nothing repeats.
#[derive(Default)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.iter_mut().for_each(|byte| *byte = self.0.fetch_add(1, Ordering::Relaxed));
    }
}

/// A relying party that knows one user.
struct Site {
    keys: KeyRing,
    entropy: Counting,
    party: RelyingParty,
    user: UniqueId,
    now: Timestamp,
}

impl Site {
    fn new() -> Self {
        let entropy = Counting::default();
        Self {
            keys: KeyRing::new(SealingKey::generate(&entropy).unwrap()),
            entropy,
            party: RelyingParty::default(),
            user: UniqueId::from_text("AIDABOB"),
            now: Timestamp::from_seconds(1_800_000_000),
        }
    }

    fn asked(&self) -> Asked<'_> {
        Asked { keys: &self.keys, party: &self.party, user: &self.user, now: self.now }
    }

    fn later(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
    }

    fn creation(&self) -> Value {
        options::creation(self.asked(), "bob", [], &self.entropy).unwrap()
    }

    fn register(&self, registration: &Registration) -> Result<SecurityKey, Refusal> {
        webauthn::register(self.asked(), registration)
    }

    fn request(&self, key: &SecurityKey) -> Value {
        let device = Arc::new(MfaDevice {
            id: UniqueId::from_text("DEVICE"),
            account: AccountId::parse("123456789012").unwrap(),
            name: "key-DEVICE".into(),
            path: "/user/bob/".into(),
            created: self.now,
            kind: MfaKind::SecurityKey(key.clone()),
            enabled: Some(Enabled { user: self.user.clone(), at: self.now }),
            tags: Default::default(),
        });
        options::request(self.asked(), [&device], &self.entropy).unwrap().unwrap()
    }

    fn assert(&self, key: &SecurityKey, assertion: &Assertion) -> Result<SecurityKey, Refusal> {
        webauthn::assert(self.asked(), key, assertion)
    }

    /// A site with a registered authenticator, some seconds after it was registered.
    fn with(kind: Kind) -> (Self, Authenticator, SecurityKey) {
        let (mut site, mut authenticator) = (Self::new(), Authenticator::new(kind));
        let key = site.register(&authenticator.create(&site.creation())).unwrap();
        site.later(10);
        (site, authenticator, key)
    }
}

#[test]
fn every_algorithm_registers_and_signs() {
    for kind in Kind::ALL {
        for attests in [false, true] {
            let mut site = Site::new();
            let mut authenticator = Authenticator { attests, ..Authenticator::new(kind) };
            let key = site.register(&authenticator.create(&site.creation())).unwrap();
            assert_eq!(key.credential, authenticator.id, "{kind:?}");
            assert_eq!(key.public_key, authenticator.cose(), "{kind:?}");
            site.later(1);
            let first = site.assert(&key, &authenticator.get(&site.request(&key))).unwrap();
            site.later(1);
            let second = site.assert(&first, &authenticator.get(&site.request(&first))).unwrap();
            assert_eq!((key.counter, first.counter, second.counter), (1, 2, 3));
        }
    }
}

#[test]
fn the_options_are_those_of_the_standard() {
    let (site, authenticator, key) = Site::with(Kind::Es256);
    let creation = site.creation();
    assert_eq!(creation["rp"]["id"], "localhost");
    assert_eq!(creation["user"]["name"], "bob");
    assert_eq!(creation["attestation"], "none");
    let offered: Vec<_> =
        creation["pubKeyCredParams"].as_array().unwrap().iter().map(|it| &it["alg"]).collect();
    assert_eq!(offered, [-7, -8, -257]);
    let request = site.request(&key);
    assert_eq!(request["rpId"], "localhost");
    assert_eq!(request["allowCredentials"][0]["id"], base64url(&authenticator.id));
    assert_ne!(creation["challenge"], site.creation()["challenge"]);
    assert!(unbase64url(creation["challenge"].as_str().unwrap()).unwrap().len() >= 16);
    assert!(options::request(site.asked(), [], &site.entropy).unwrap().is_none());
}

/// A registration by an authenticator that was bent.
fn registered(bent: impl FnOnce(&mut Authenticator)) -> Result<SecurityKey, Refusal> {
    let (site, mut authenticator) = (Site::new(), Authenticator::new(Kind::Es256));
    bent(&mut authenticator);
    site.register(&authenticator.create(&site.creation()))
}

#[test]
fn a_registration_for_somebody_else_is_refused() {
    assert_eq!(registered(|it| it.origin = "https://evil.example".into()), Err(Refusal::Origin));
    assert_eq!(registered(|it| it.origin = "http://localhost".into()), Err(Refusal::Origin));
    assert_eq!(registered(|it| it.origin = "https://localhost:8443".into()), Err(Refusal::Origin));
    assert_eq!(registered(|it| it.origin = "https://localhost.evil.example".into()), Err(Refusal::Origin));
    assert_eq!(registered(|it| it.cross_origin = true), Err(Refusal::Origin));
    assert_eq!(registered(|it| it.party = Some("evil.example".into())), Err(Refusal::Party));
    assert_eq!(registered(|it| it.ceremony = Some("webauthn.get")), Err(Refusal::Ceremony));
    assert_eq!(registered(|it| it.flags = 0), Err(Refusal::Absent));
    assert_eq!(registered(|it| it.flags = 1 << 2), Err(Refusal::Absent), "verified but not present");
}

#[test]
fn a_challenge_is_for_one_user_one_purpose_and_five_minutes() {
    let mut site = Site::new();
    let mut authenticator = Authenticator::new(Kind::Es256);
    let made = authenticator.create(&site.creation());
    let other = Asked { user: &UniqueId::from_text("AIDAEVE"), ..site.asked() };
    assert_eq!(webauthn::register(other, &made), Err(Refusal::Challenge));
    let elsewhere = KeyRing::new(SealingKey::generate(&site.entropy).unwrap());
    let elsewhere = Asked { keys: &elsewhere, ..site.asked() };
    assert_eq!(webauthn::register(elsewhere, &made), Err(Refusal::Challenge));
    let key = site.register(&made).unwrap();
    let for_sign_in = authenticator.create(&serde_json::json!({
        "challenge": site.request(&key)["challenge"], "rp": {"id": "localhost"}
    }));
    assert_eq!(site.register(&for_sign_in), Err(Refusal::Challenge));
    site.later(299);
    assert!(site.register(&made).is_ok());
    site.later(1);
    assert_eq!(site.register(&made), Err(Refusal::Expired));
    site.now = Timestamp::from_seconds(1_799_999_999);
    assert_eq!(site.register(&made), Err(Refusal::Expired), "made in the future");
    let own = authenticator.create(&serde_json::json!({"challenge": "AAAA", "rp": {"id": "localhost"}}));
    assert_eq!(site.register(&own), Err(Refusal::Challenge), "a challenge of its own");
}

#[test]
fn attestations_that_were_not_asked_for_are_refused() {
    let site = Site::new();
    let mut authenticator = Authenticator { attests: true, ..Authenticator::new(Kind::Es256) };
    let good = authenticator.create(&site.creation());
    let object = unbase64url(&good.response.attestation_object).unwrap();
    // The authenticator's data are the rest after the last key, with a head of three bytes.
    let at = object.windows(9).position(|part| part == text("authData").as_slice()).unwrap() + 9 + 2;
    let data = bytes(&object[at..]);
    let made = |format: &str, statement: Vec<u8>| {
        let mut bent = good.clone();
        bent.response.attestation_object = base64url(&map(&[
            (text("fmt"), text(format)),
            (text("attStmt"), statement),
            (text("authData"), data.clone()),
        ]));
        site.register(&bent)
    };
    assert!(made("none", map(&[])).is_ok(), "the parts are the right ones");
    assert_eq!(made("none", map(&[(text("sig"), bytes(b"x"))])), Err(Refusal::Attestation));
    assert_eq!(made("fido-u2f", map(&[])), Err(Refusal::Attestation));
    assert_eq!(made("packed", map(&[])), Err(Refusal::Attestation));
    let with = |alg: i64, sig: &[u8]| map(&[(text("alg"), int(alg)), (text("sig"), bytes(sig))]);
    assert_eq!(made("packed", with(-7, b"no signature")), Err(Refusal::Signature));
    assert_eq!(made("packed", with(-8, b"no signature")), Err(Refusal::Attestation), "another algorithm");
    let chain = map(&[(text("alg"), int(-7)), (text("sig"), bytes(b"x")), (text("x5c"), vec![0x80])]);
    assert_eq!(made("packed", chain), Err(Refusal::Attestation));
    let mut bent = good.clone();
    bent.id = base64url(b"another id");
    assert!(matches!(site.register(&bent), Err(Refusal::Malformed(_))));
}

#[test]
fn keys_that_are_none_of_ours_are_refused() {
    use authn::webauthn::key::PublicKey;
    let ec = |alg: i64, crv: i64, x: usize, y: usize| {
        map(&[
            (int(1), int(2)),
            (int(3), int(alg)),
            (int(-1), int(crv)),
            (int(-2), bytes(&vec![1; x])),
            (int(-3), bytes(&vec![1; y])),
        ])
    };
    assert!(PublicKey::read(&ec(-7, 1, 32, 32)).is_ok(), "its form is right, though it is on no curve");
    assert!(PublicKey::read(&ec(-7, 1, 32, 32)).unwrap().verify(b"", b"").is_err());
    for (bad, what) in [
        (ec(-35, 2, 48, 48), "ES384"),
        (ec(-7, 2, 32, 32), "another curve"),
        (ec(-7, 1, 31, 32), "short"),
        (ec(-7, 1, 32, 0), "compressed"),
        (ec(-257, 1, 32, 32), "a point for RSA"),
        (
            map(&[
                (int(1), int(3)),
                (int(3), int(-257)),
                (int(-1), bytes(&[1; 128])),
                (int(-2), bytes(&[1, 0, 1])),
            ]),
            "RSA of 1024 bits",
        ),
        (map(&[(int(1), int(4)), (int(3), int(5)), (int(-1), bytes(&[1; 32]))]), "a shared secret"),
        (map(&[]), "nothing"),
        (bytes(b"x"), "no map"),
    ] {
        assert!(PublicKey::read(&bad).is_err(), "{what}");
    }
}

/// An assertion by an authenticator that was bent after its registration.
fn asserted(bent: impl FnOnce(&mut Authenticator)) -> Result<SecurityKey, Refusal> {
    let (site, mut authenticator, key) = Site::with(Kind::Es256);
    bent(&mut authenticator);
    site.assert(&key, &authenticator.get(&site.request(&key)))
}

#[test]
fn an_assertion_for_somebody_else_is_refused() {
    assert!(asserted(|_| ()).is_ok());
    assert_eq!(asserted(|it| it.origin = "https://evil.example".into()), Err(Refusal::Origin));
    assert_eq!(asserted(|it| it.cross_origin = true), Err(Refusal::Origin));
    assert_eq!(asserted(|it| it.party = Some("evil.example".into())), Err(Refusal::Party));
    assert_eq!(asserted(|it| it.ceremony = Some("webauthn.create")), Err(Refusal::Ceremony));
    assert_eq!(asserted(|it| it.flags = 0), Err(Refusal::Absent));
    let (site, _, key) = Site::with(Kind::Es256);
    let mut other = Authenticator::new(Kind::Es256);
    other.counter = 10;
    assert_eq!(site.assert(&key, &other.get(&site.request(&key))), Err(Refusal::Signature));
}

#[test]
fn every_changed_byte_of_an_assertion_is_noticed() {
    let (site, mut authenticator, key) = Site::with(Kind::EdDsa);
    let good = authenticator.get(&site.request(&key));
    assert!(site.assert(&key, &good).is_ok());
    let parts: [fn(&mut Assertion) -> &mut String; 3] = [
        |it| &mut it.response.client_data_json,
        |it| &mut it.response.authenticator_data,
        |it| &mut it.response.signature,
    ];
    for part in parts {
        let length = unbase64url(part(&mut good.clone())).unwrap().len();
        for place in 0..length {
            let mut bent = good.clone();
            bend(part(&mut bent), |bytes| bytes[place] ^= 1);
            assert!(site.assert(&key, &bent).is_err(), "{place}");
            bend(part(&mut bent), |bytes| bytes.truncate(place));
            assert!(site.assert(&key, &bent).is_err(), "cut at {place}");
        }
    }
}

#[test]
fn an_answer_is_good_once_whether_the_key_counts_or_not() {
    for counts in [true, false] {
        let mut site = Site::new();
        let mut authenticator = Authenticator { counts, ..Authenticator::new(Kind::Es256) };
        let key = site.register(&authenticator.create(&site.creation())).unwrap();
        site.later(1);
        let (early, late) = (site.request(&key), {
            site.later(1);
            site.request(&key)
        });
        let first = authenticator.get(&late);
        let used = site.assert(&key, &first).unwrap();
        assert_eq!(site.assert(&used, &first), Err(Refusal::Replayed));
        let older = authenticator.get(&early);
        assert_eq!(site.assert(&used, &older), Err(Refusal::Replayed), "an older challenge");
        site.later(1);
        assert!(site.assert(&used, &authenticator.get(&site.request(&used))).is_ok());
    }
}

#[test]
fn a_counter_that_does_not_go_up_is_refused() {
    let (mut site, mut authenticator, key) = Site::with(Kind::Es256);
    let used = site.assert(&key, &authenticator.get(&site.request(&key))).unwrap();
    site.later(1);
    authenticator.counter = used.counter - 1;
    assert_eq!(site.assert(&used, &authenticator.get(&site.request(&used))), Err(Refusal::Counter));
    authenticator.counter = 0;
    authenticator.counts = false;
    assert_eq!(site.assert(&used, &authenticator.get(&site.request(&used))), Err(Refusal::Counter));
}

/// The order of P-256.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

#[test]
fn case_017_signatures_of_zero_and_of_the_order_are_refused() {
    let number = |bytes: &[u8]| {
        let padded = if bytes[0] & 0x80 == 0 { bytes.to_vec() } else { [&[0], bytes].concat() };
        [&[2, padded.len() as u8], padded.as_slice()].concat()
    };
    let pair = |r: &[u8], s: &[u8]| {
        let body = [number(r), number(s)].concat();
        [&[0x30, body.len() as u8], body.as_slice()].concat()
    };
    let beyond = {
        let mut beyond = ORDER;
        beyond[31] += 1;
        beyond
    };
    let (site, mut authenticator, key) = Site::with(Kind::Es256);
    let good = authenticator.get(&site.request(&key));
    assert!(site.assert(&key, &good).is_ok());
    for (r, s) in [
        (&[0][..], &[0][..]),
        (&[0], &[1]),
        (&[1], &[0]),
        (&ORDER, &ORDER),
        (&[1], &ORDER),
        (&ORDER, &[1]),
        (&beyond, &beyond),
        (&[0xff; 32], &[0xff; 32]),
    ] {
        let mut forged = good.clone();
        forged.response.signature = base64url(&pair(r, s));
        assert_eq!(site.assert(&key, &forged), Err(Refusal::Signature), "{r:?} {s:?}");
    }
    // Sixty-four bytes as JWS has them are no signature here either, and nor is nothing.
    for raw in [vec![0; 64], Vec::new()] {
        let mut forged = good.clone();
        forged.response.signature = base64url(&raw);
        assert_eq!(site.assert(&key, &forged), Err(Refusal::Signature));
    }
}
