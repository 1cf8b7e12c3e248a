//! Second factors in a transaction: what is accepted, used up, counted and refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

extern crate bailiwick_authn as authn;

mod authenticator;

use authenticator::{Authenticator, Kind};
use authn::second_factor::{self, Bench, FREE_TRIES, Factor, Proven, Refused};
use authn::totp::{self, Codes};
use authn::webauthn::{self, Asked, RelyingParty, options};
use base::{AccountId, Entropy, Partition, Secret, Timestamp, UniqueId};
use directory::Tx;
use model::mfa::{CodeDevice, Enabled, MfaDevice, MfaKind};
use model::{Account, Snapshot, User};
use serde_json::json;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;
use store::seal::{KeyRing, SealingKey};

#[derive(Default)]
struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.iter_mut().for_each(|byte| *byte = self.0.fetch_add(1, Ordering::Relaxed));
    }
}

/// A realm with one user who has devices.
struct Stage {
    snapshot: Snapshot,
    keys: KeyRing,
    entropy: Counting,
    party: RelyingParty,
    user: User,
    now: Timestamp,
}

fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

impl Stage {
    fn new() -> Self {
        let (entropy, created) = (Counting::default(), Timestamp::from_seconds(0));
        let row =
            json!({"id": "AIDABOB", "account": account(), "name": "bob", "path": "/", "created": created});
        let user: User = serde_json::from_value(row).unwrap();
        let row = json!({"id": account(), "name": "main", "created": created});
        let mut snapshot = Snapshot::default();
        snapshot.put(serde_json::from_value::<Account>(row).unwrap().into()).unwrap();
        snapshot.put(user.clone().into()).unwrap();
        Self {
            snapshot,
            keys: KeyRing::new(SealingKey::generate(&entropy).unwrap()),
            entropy,
            party: RelyingParty::default(),
            user,
            now: Timestamp::from_seconds(1_800_000_000),
        }
    }

    fn put(&mut self, name: &str, kind: MfaKind) {
        let device = MfaDevice {
            id: UniqueId::from_text(name),
            account: account(),
            name: name.into(),
            path: "/".into(),
            created: self.now,
            kind,
            enabled: Some(Enabled { user: self.user.id.clone(), at: self.now }),
            tags: Default::default(),
        };
        self.snapshot.put(device.into()).unwrap();
    }

    /// An enabled device whose seed is twenty times this byte.
    fn app(&mut self, name: &str, byte: u8) {
        let seed = Secret::new([byte; 20]);
        let sealed = totp::seal_seed(&self.keys, name, &seed, &self.entropy).unwrap();
        self.put(name, MfaKind::Virtual(CodeDevice { sealed, drift: 0, last: None }));
    }

    fn prove(&mut self, factor: Factor<'_>) -> (Result<Proven, Refused>, bool) {
        let bench =
            Bench { keys: &self.keys, party: &self.party, partition: Partition::aws(), now: self.now };
        let mut tx = Tx::detached(&mut self.snapshot);
        let result = second_factor::prove(&mut tx, &self.user, factor, bench);
        let kept = tx.keeps_refused();
        (result, kept)
    }

    fn code(&mut self, serial: Option<&str>, code: &str) -> Result<Proven, Refused> {
        self.prove(Factor::Code { serial, code }).0
    }

    fn later(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
    }

    fn asked(&self) -> Asked<'_> {
        Asked { keys: &self.keys, party: &self.party, user: &self.user.id, now: self.now }
    }
}

/// What the device with this byte shows, some steps from now.
fn shown(byte: u8, now: Timestamp, steps: i64) -> String {
    let code = Codes::new(&Secret::new([byte; 20])).at(totp::counter(now) + steps);
    String::from_utf8(code.to_vec()).unwrap()
}

#[test]
fn a_code_without_a_serial_number_may_be_of_any_device() {
    let mut stage = Stage::new();
    assert_eq!(stage.code(None, "123456"), Err(Refused::Device), "no devices");
    stage.app("one", 1);
    stage.app("two", 2);
    let of_two = shown(2, stage.now, 0);
    let proven = stage.code(None, &of_two).unwrap();
    assert_eq!(proven.serial(), "arn:aws:iam::123456789012:mfa/two");
    assert_eq!((proven.user().as_str(), proven.at()), ("AIDABOB", stage.now));
    assert_eq!(stage.code(None, &of_two), Err(Refused::Wrong), "used");
    let of_one = shown(1, stage.now, 0);
    assert!(stage.code(None, &of_one).is_ok(), "the other device's codes are its own");
}

#[test]
fn codes_next_to_the_present_one_are_good_and_others_are_not() {
    for (steps, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
        let mut stage = Stage::new();
        stage.app("one", 1);
        let code = shown(1, stage.now, steps);
        assert_eq!(stage.code(None, &code).is_ok(), good, "{steps}");
    }
    let mut stage = Stage::new();
    stage.app("one", 1);
    let (next, present) = (shown(1, stage.now, 1), shown(1, stage.now, 0));
    assert!(stage.code(None, &next).is_ok());
    assert_eq!(stage.code(None, &present), Err(Refused::Wrong), "before the last one that was accepted");
}

#[test]
fn what_was_used_and_what_was_wrong_is_kept_even_if_the_call_is_refused() {
    let mut stage = Stage::new();
    stage.app("one", 1);
    let right = shown(1, stage.now, 0);
    assert!(stage.prove(Factor::Code { serial: None, code: &right }).1);
    assert!(stage.prove(Factor::Code { serial: None, code: "x" }).1);
    assert_eq!(stage.snapshot.mfa_tries("AIDABOB").unwrap().failed, 1);
    let (result, kept) = stage.prove(Factor::Code { serial: Some("GAHT12345678"), code: &right });
    assert_eq!((result, kept), (Err(Refused::Device), false), "nothing was looked at");
}

#[test]
fn each_further_wrong_answer_doubles_the_wait_up_to_a_quarter_of_an_hour() {
    let mut stage = Stage::new();
    stage.app("one", 1);
    for _ in 0..FREE_TRIES {
        assert_eq!(stage.code(None, "wrong!"), Err(Refused::Wrong));
    }
    for wait in [30, 60, 120, 240, 480, 900, 900] {
        let right = shown(1, stage.now, 0);
        assert_eq!(stage.code(None, &right), Err(Refused::TooMany(Duration::from_secs(wait))));
        stage.later(wait - 1);
        let right = shown(1, stage.now, 0);
        assert_eq!(stage.code(None, &right), Err(Refused::TooMany(Duration::from_secs(1))), "{wait}");
        stage.later(1);
        assert_eq!(stage.code(None, "wrong!"), Err(Refused::Wrong), "{wait}");
    }
    stage.later(900);
    let right = shown(1, stage.now, 0);
    assert!(stage.code(None, &right).is_ok());
    assert!(stage.snapshot.mfa_tries("AIDABOB").is_none(), "forgiven");
}

#[test]
fn a_security_key_proves_and_its_answer_is_used_up() {
    let mut stage = Stage::new();
    let mut key = Authenticator::new(Kind::Es256);
    let creation = options::creation(stage.asked(), "bob", [], &stage.entropy).unwrap();
    let credential = webauthn::register(stage.asked(), &key.create(&creation)).unwrap();
    stage.put("key", MfaKind::SecurityKey(credential));
    stage.later(5);
    let state = stage.snapshot.account(account()).unwrap().clone();
    let request = options::request(stage.asked(), state.mfa_devices_of(&stage.user.id), &stage.entropy);
    let assertion = key.get(&request.unwrap().unwrap());
    assert_eq!(stage.code(None, "123456"), Err(Refused::Device), "it shows no codes");
    let proven = stage.prove(Factor::Assertion(&assertion)).0.unwrap();
    assert_eq!(proven.serial(), "arn:aws:iam::123456789012:u2f/key");
    assert_eq!(stage.prove(Factor::Assertion(&assertion)), (Err(Refused::Wrong), true), "used");
    let mut stranger = Authenticator::new(Kind::Es256);
    let other = stranger.get(
        &options::request(stage.asked(), state.mfa_devices_of(&stage.user.id), &stage.entropy)
            .unwrap()
            .unwrap(),
    );
    assert_eq!(stage.prove(Factor::Assertion(&other)).0, Err(Refused::Device), "a credential of nobody");
    stranger.id = key.id.clone();
    let forged = stranger.get(
        &options::request(stage.asked(), state.mfa_devices_of(&stage.user.id), &stage.entropy)
            .unwrap()
            .unwrap(),
    );
    assert_eq!(
        stage.prove(Factor::Assertion(&forged)).0,
        Err(Refused::Wrong),
        "another's key under a known id"
    );
}
