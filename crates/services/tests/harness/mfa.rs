//! Devices that show codes, as their holders have them.

use super::{Answer, Keys, World};
use authn::{base32, totp};
use base::{Secret, Timestamp};
use std::time::Duration;

/// An app or a token with a seed.
pub struct Token {
    pub serial: String,
    seed: Secret,
}

impl Token {
    pub fn new(serial: &str, base32: &str) -> Self {
        Self { serial: serial.to_owned(), seed: base32::decode(base32).unwrap() }
    }

    /// What it shows at some time.
    pub fn code(&self, at: Timestamp) -> String {
        self.step(totp::counter(at))
    }

    /// What it shows in some step.
    pub fn step(&self, counter: i64) -> String {
        let code = totp::Codes::new(&self.seed).at(counter);
        String::from_utf8(code.to_vec()).unwrap()
    }

    /// A code that it does not show anywhere near.
    pub fn wrong(&self, at: Timestamp) -> String {
        let near: Vec<_> = (-5..=5).map(|step| self.step(totp::counter(at) + step)).collect();
        (0..).map(|number| format!("{number:06}")).find(|code| !near.contains(code)).unwrap()
    }
}

impl World {
    /// Makes a virtual device.
    pub fn virtual_device(&self, name: &str) -> Token {
        let made = self.iam("CreateVirtualMFADevice", &[("VirtualMFADeviceName", name)]);
        let seed = wire::base64::decode(&made.text("Base32StringSeed")).unwrap();
        Token::new(&made.text("SerialNumber"), &String::from_utf8(seed).unwrap())
    }

    /// Enables a device for a user with the codes of the step before and of this one.
    pub fn try_enable(&self, who: &Keys, user: &str, token: &Token) -> Answer {
        let now = totp::counter(self.now());
        let (first, second) = (token.step(now - 1), token.step(now));
        self.with_codes(who, "EnableMFADevice", user, &token.serial, (&first, &second))
    }

    /// `EnableMFADevice` or `ResyncMFADevice`.
    pub fn with_codes(
        &self,
        who: &Keys,
        action: &str,
        user: &str,
        serial: &str,
        (first, second): (&str, &str),
    ) -> Answer {
        let params = [
            ("UserName", user),
            ("SerialNumber", serial),
            ("AuthenticationCode1", first),
            ("AuthenticationCode2", second),
        ];
        self.iam_as(who, action, &params)
    }

    /// A user's enabled virtual device of the user's name, some time after it was enabled.
    pub fn enabled_device(&self, user: &str) -> Token {
        let token = self.virtual_device(user);
        self.try_enable(&self.admin, user, &token).expect_ok("EnableMFADevice");
        self.next_step();
        token
    }

    /// Waits for the next code.
    pub fn next_step(&self) {
        self.clock.advance(Duration::from_secs(30));
    }

    /// Asks for a session with a code.
    pub fn session_token(&self, who: &Keys, serial: &str, code: &str) -> Answer {
        self.sts_as(who, "GetSessionToken", &[("SerialNumber", serial), ("TokenCode", code)])
    }

    /// A session with the code that the device shows now.
    pub fn session_with(&self, who: &Keys, token: &Token) -> Keys {
        let code = token.code(self.now());
        self.session_token(who, &token.serial, &code).expect_ok("GetSessionToken").keys()
    }
}
