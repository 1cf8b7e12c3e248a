//! A security key in software: what a browser and an authenticator do together.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use authn::webauthn::{
    Assertion, AssertionResponse, Registration, RegistrationResponse, base64url, unbase64url,
};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};

/// An algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Es256,
    EdDsa,
    Rs256,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Es256, Kind::EdDsa, Kind::Rs256];

    pub fn number(self) -> i64 {
        match self {
            Kind::Es256 => -7,
            Kind::EdDsa => -8,
            Kind::Rs256 => -257,
        }
    }
}

pub enum Key {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(Box<RsaKeyPair>),
}

/// A security key with one credential; what it says can be bent.
pub struct Authenticator {
    pub kind: Kind,
    pub key: Key,
    pub id: Vec<u8>,
    pub origin: String,
    /// Whom it works for; `None` for the site that the options name.
    pub party: Option<String>,
    pub counter: u32,
    pub counts: bool,
    pub flags: u8,
    /// Attests with the credential itself rather than not at all.
    pub attests: bool,
    pub cross_origin: bool,
    /// What the client data say that it is, if not what it should be.
    pub ceremony: Option<&'static str>,
}

pub const ORIGIN: &str = "https://localhost";

impl Authenticator {
    pub fn new(kind: Kind) -> Self {
        let key = match kind {
            Kind::Es256 => Key::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap()),
            Kind::EdDsa => Key::EdDsa(Ed25519KeyPair::generate().unwrap()),
            Kind::Rs256 => Key::Rs256(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())),
        };
        let made = Self {
            kind,
            key,
            id: Vec::new(),
            origin: ORIGIN.to_owned(),
            party: None,
            counter: 0,
            counts: true,
            flags: 1,
            attests: false,
            cross_origin: false,
            ceremony: None,
        };
        // As random as the key.
        let id = digest(&SHA256, &made.cose()).as_ref().to_vec();
        Self { id, ..made }
    }

    /// The public key in COSE's form.
    pub fn cose(&self) -> Vec<u8> {
        match &self.key {
            Key::Es256(pair) => {
                let point = pair.public_key().as_ref();
                map(&[
                    (int(1), int(2)),
                    (int(3), int(-7)),
                    (int(-1), int(1)),
                    (int(-2), bytes(&point[1..33])),
                    (int(-3), bytes(&point[33..])),
                ])
            }
            Key::EdDsa(pair) => map(&[
                (int(1), int(1)),
                (int(3), int(-8)),
                (int(-1), int(6)),
                (int(-2), bytes(pair.public_key().as_ref())),
            ]),
            Key::Rs256(pair) => {
                // The DER of two numbers: the modulus with a leading zero, then the exponent.
                let der = pair.public_key().as_ref();
                let exponent = &der[der.len() - 3..];
                map(&[
                    (int(1), int(3)),
                    (int(3), int(-257)),
                    (int(-1), bytes(&der[9..265])),
                    (int(-2), bytes(exponent)),
                ])
            }
        }
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Es256(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Key::EdDsa(pair) => pair.sign(message).as_ref().to_vec(),
            Key::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }

    pub fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        let kind = self.ceremony.unwrap_or(kind);
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin})
            .to_string()
            .into_bytes()
    }

    fn authenticator_data(&mut self, party: &str, attested: bool) -> Vec<u8> {
        if self.counts {
            self.counter += 1;
        }
        let party = self.party.as_deref().unwrap_or(party);
        let mut data = digest(&SHA256, party.as_bytes()).as_ref().to_vec();
        data.push(self.flags | if attested { 1 << 6 } else { 0 });
        data.extend(self.counter.to_be_bytes());
        if attested {
            data.extend([0; 16]);
            data.extend((self.id.len() as u16).to_be_bytes());
            data.extend(&self.id);
            data.extend(self.cose());
        }
        data
    }

    /// `navigator.credentials.create`.
    pub fn create(&mut self, options: &Value) -> Registration {
        let client_data = self.client_data("webauthn.create", options["challenge"].as_str().unwrap());
        let data = self.authenticator_data(options["rp"]["id"].as_str().unwrap(), true);
        let signed = [&data, digest(&SHA256, &client_data).as_ref()].concat();
        let (format, statement) = if self.attests {
            let signature = self.sign(&signed);
            let statement = [(text("alg"), int(self.kind.number())), (text("sig"), bytes(&signature))];
            ("packed", map(&statement))
        } else {
            ("none", map(&[]))
        };
        let object = map(&[
            (text("fmt"), text(format)),
            (text("attStmt"), statement),
            (text("authData"), bytes(&data)),
        ]);
        Registration {
            id: base64url(&self.id),
            response: RegistrationResponse {
                client_data_json: base64url(&client_data),
                attestation_object: base64url(&object),
            },
        }
    }

    /// `navigator.credentials.get`.
    pub fn get(&mut self, options: &Value) -> Assertion {
        let client_data = self.client_data("webauthn.get", options["challenge"].as_str().unwrap());
        let data = self.authenticator_data(options["rpId"].as_str().unwrap(), false);
        let signature = self.sign(&[&data, digest(&SHA256, &client_data).as_ref()].concat());
        Assertion {
            id: base64url(&self.id),
            response: AssertionResponse {
                client_data_json: base64url(&client_data),
                authenticator_data: base64url(&data),
                signature: base64url(&signature),
            },
        }
    }
}

/// Changes a part that is in base64url.
pub fn bend(part: &mut String, change: impl FnOnce(&mut Vec<u8>)) {
    let mut plain = unbase64url(part).unwrap();
    change(&mut plain);
    *part = base64url(&plain);
}

fn head(major: u8, argument: u64) -> Vec<u8> {
    let major = major << 5;
    match argument {
        0..=23 => vec![major | argument as u8],
        24..=0xff => vec![major | 24, argument as u8],
        0x100..=0xffff => [vec![major | 25], (argument as u16).to_be_bytes().to_vec()].concat(),
        _ => [vec![major | 26], (argument as u32).to_be_bytes().to_vec()].concat(),
    }
}

pub fn int(number: i64) -> Vec<u8> {
    if number < 0 { head(1, (-1 - number) as u64) } else { head(0, number as u64) }
}

pub fn bytes(plain: &[u8]) -> Vec<u8> {
    [head(2, plain.len() as u64), plain.to_vec()].concat()
}

pub fn text(plain: &str) -> Vec<u8> {
    [head(3, plain.len() as u64), plain.as_bytes().to_vec()].concat()
}

pub fn map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let body: Vec<u8> = entries.iter().flat_map(|(key, value)| [key.as_slice(), value].concat()).collect();
    [head(5, entries.len() as u64), body].concat()
}
