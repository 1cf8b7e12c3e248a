//! What a sign-in costs, by how it fails: none of the lines may stand out.
//!
//! `cargo bench -p bailiwick-authn`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

use authn::Passwords;
use authn::password::Cost;
use authn::sign_in::{Claim, by_password};
use bailiwick_authn as authn;
use base::{AccountId, Entropy, Partition, Region, SecretString, Timestamp, UniqueId};
use model::{Account, LoginProfile, Snapshot, User};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};
use store::seal::{KeyRing, SealingKey};

const ROUNDS: usize = 40;
const ACCOUNT: &str = "123456789012";

struct Counting(AtomicU8);
impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill_with(|| self.0.fetch_add(37, Ordering::Relaxed));
    }
}

fn main() {
    let entropy = Counting(1.into());
    let keys = KeyRing::new(SealingKey::generate(&entropy).unwrap());
    let passwords = Passwords::new(Cost::RECOMMENDED, None);
    let right = SecretString::new("correct-Horse-7");
    let snapshot = realm(&passwords, &keys, &right, &entropy);
    let partition = Partition::aws();
    let region = Region { name: partition.facts().global_region, partition };
    let wrong = SecretString::new("wrong");
    // Far apart in time, so that no try is one too many.
    let mut now = Timestamp::from_seconds(1_800_000_000);
    for (line, account, name, password) in [
        ("right password", ACCOUNT, "bob", &right),
        ("wrong password", ACCOUNT, "bob", &wrong),
        ("no password", ACCOUNT, "keys-only", &wrong),
        ("no such user", ACCOUNT, "nobody", &wrong),
        ("no such account", "999999999999", "bob", &wrong),
    ] {
        let mut times: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                now = now + Duration::from_secs(3600);
                let claim = Claim { account, user_name: name, password, address: None, now };
                let start = Instant::now();
                let _ = by_password(&passwords, &keys, &claim, region, &snapshot);
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        println!(
            "{line:18} {:8.3} ms (median of {ROUNDS})",
            times.get(ROUNDS / 2).unwrap().as_secs_f64() * 1e3
        );
    }
}

fn realm(passwords: &Passwords, keys: &KeyRing, password: &SecretString, entropy: &Counting) -> Snapshot {
    let mut snapshot = Snapshot::default();
    let account = AccountId::parse(ACCOUNT).unwrap();
    let created = Timestamp::from_seconds(0);
    snapshot.put(Account::new(account, "main", created).into()).unwrap();
    for (id, name, has) in [("AIDABOB", "bob", true), ("AIDAKEYS", "keys-only", false)] {
        let id = UniqueId::from_text(id);
        let profile = has.then(|| {
            let sealed = passwords.hasher.make(keys, &id, password, entropy).unwrap();
            LoginProfile::new(sealed, 1, false, created)
        });
        let user = User {
            id,
            account,
            name: name.to_owned(),
            path: "/".to_owned(),
            created,
            password_last_used: None,
            tags: Default::default(),
            boundary: None,
            inline: Default::default(),
            attached: Vec::new(),
            groups: Default::default(),
            access_keys: Vec::new(),
            login_profile: profile,
            credentials: Default::default(),
        };
        snapshot.put(user.into()).unwrap();
    }
    snapshot
}
