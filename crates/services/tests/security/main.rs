//! What the service must refuse, by the numbers of the cases: each refusal has the named error, changes nothing and
//! leaves a record.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../harness/mod.rs"]
mod harness;

mod cases;
mod engine;
mod entities;
mod mfa;
mod names;
mod oidc;
mod passwords;
mod protected;
mod quotas;
mod races;
mod saml;
mod secrets;
mod tokens;

/// A key that `ssh-keygen` made.
fn ssh_key(number: usize) -> &'static str {
    include_str!("../iam/ssh/keys.txt").lines().nth(number).unwrap()
}

/// A certificate in PEM with its private key.
fn certificate() -> (String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["site.example.com".to_owned()]).unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}
