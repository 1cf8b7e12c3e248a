use crate::harness::mfa::Token;
use crate::harness::{Answer, World};
use crate::{ACCOUNT, allow_on, arn};
use std::time::Duration;

#[test]
fn a_virtual_device_is_made_with_its_seed_and_picture() {
    let world = World::new();
    let made = world.iam(
        "CreateVirtualMFADevice",
        &[
            ("VirtualMFADeviceName", "bob"),
            ("Path", "/ops/"),
            ("Tags.member.1.Key", "team"),
            ("Tags.member.1.Value", "red"),
        ],
    );
    assert_eq!(made.text("SerialNumber"), arn("mfa/ops/bob"));
    let seed = wire::base64::decode(&made.text("Base32StringSeed")).unwrap();
    assert_eq!(seed.len(), 64);
    assert!(seed.iter().all(|letter| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".contains(letter)));
    let picture = wire::base64::decode(&made.text("QRCodePNG")).unwrap();
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"), "no picture");
    assert_eq!((made.text("Key"), made.text("Value")), ("team".into(), "red".into()));
    assert!(!made.has("User") && !made.has("EnableDate"));
    for name in ["bob", "BOB"] {
        let again = world.iam_fails(
            "CreateVirtualMFADevice",
            &[("VirtualMFADeviceName", name)],
            "EntityAlreadyExists",
        );
        assert_eq!(again.message(), "MFADevice entity at the same path and name already exists.");
    }
    let long = "a".repeat(250);
    world.iam_fails("CreateVirtualMFADevice", &[("VirtualMFADeviceName", &long)], "ValidationError");
}

#[test]
fn a_device_is_enabled_listed_and_deactivated() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    let token = world.virtual_device("bob");
    let unassigned = world.iam("ListVirtualMFADevices", &[("AssignmentStatus", "Unassigned")]);
    assert_eq!(unassigned.texts("SerialNumber"), std::slice::from_ref(&token.serial));
    assert!(!unassigned.has("Base32StringSeed") && !unassigned.has("QRCodePNG"));
    world.try_enable(&world.admin, "bob", &token).expect_ok("EnableMFADevice");

    let listed = world.iam("ListMFADevices", &[("UserName", "bob")]);
    assert_eq!(listed.text("SerialNumber"), token.serial);
    assert_eq!(listed.text("EnableDate"), "2026-01-02T03:04:05Z");
    let got = world.iam("GetMFADevice", &[("SerialNumber", &token.serial), ("UserName", "bob")]);
    assert_eq!((got.text("UserName"), got.text("SerialNumber")), ("bob".into(), token.serial.clone()));
    assert_eq!(got.text("EnableDate"), "2026-01-02T03:04:05Z");
    let assigned = world.iam("ListVirtualMFADevices", &[("AssignmentStatus", "Assigned")]);
    assert_eq!(assigned.text("UserName"), "bob");
    assert_eq!(assigned.text("EnableDate"), "2026-01-02T03:04:05Z");
    assert!(
        world.iam("ListVirtualMFADevices", &[("AssignmentStatus", "Unassigned")]).texts("member").is_empty()
    );
    assert_eq!(summary(&world), (1, 1));

    let serial = [("SerialNumber", token.serial.as_str())];
    let in_use = world.iam_fails("DeleteVirtualMFADevice", &serial, "DeleteConflict");
    assert_eq!(in_use.message(), "MFA VirtualDevice in use. Must deactivate first.");
    let conflict = world.iam_fails("DeleteUser", &[("UserName", "bob")], "DeleteConflict");
    assert_eq!(conflict.message(), "Cannot delete entity, must delete MFA device first.");
    let again = world.try_enable(&world.admin, "bob", &token).expect_code("again", "EntityAlreadyExists");
    assert_eq!(again.status, 409);

    let of_bob = [("UserName", "bob"), ("SerialNumber", token.serial.as_str())];
    world.iam("DeactivateMFADevice", &of_bob);
    let gone = world.iam_fails("DeactivateMFADevice", &of_bob, "NoSuchEntity");
    assert_eq!(gone.message(), "MFA Device invalid for user.");
    assert!(world.iam("ListMFADevices", &[("UserName", "bob")]).texts("member").is_empty());
    assert_eq!(summary(&world), (1, 0));
    world.iam("DeleteVirtualMFADevice", &serial);
    assert_eq!(summary(&world), (0, 0));
    world.iam_fails("DeleteVirtualMFADevice", &serial, "NoSuchEntity");
    world.iam("DeleteUser", &[("UserName", "bob")]);
}

/// `MFADevices` and `MFADevicesInUse` of the account's summary.
fn summary(world: &World) -> (u32, u32) {
    let answer = world.iam("GetAccountSummary", &[]);
    let (keys, values) = (answer.texts("key"), answer.texts("value"));
    let of = |name: &str| {
        let place = keys.iter().position(|key| key == name).unwrap();
        values[place].parse().unwrap()
    };
    assert_eq!(of("AccountMFAEnabled"), 0);
    (of("MFADevices"), of("MFADevicesInUse"))
}

#[test]
fn codes_that_are_wrong_enable_nothing() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    let (token, other) = (world.virtual_device("bob"), world.virtual_device("other"));
    let now = authn::totp::counter(world.now());
    let (before, this) = (token.step(now - 1), token.step(now));
    for (first, second, what) in [
        (this.clone(), before.clone(), "the wrong way round"),
        (this.clone(), this.clone(), "the same twice"),
        (token.step(now - 2), this.clone(), "one left out"),
        (token.step(now - 40), token.step(now - 39), "too old"),
        (token.step(now + 30), token.step(now + 31), "too far ahead"),
        (other.step(now - 1), other.step(now), "another device's"),
        (before.clone(), token.wrong(world.now()), "a wrong one"),
    ] {
        let refused =
            world.with_codes(&world.admin, "EnableMFADevice", "bob", &token.serial, (&first, &second));
        let refused = refused.expect_code(what, "InvalidAuthenticationCode");
        assert_eq!(
            (refused.status, refused.message().as_str()),
            (403, "Authentication code for device is not valid.")
        );
    }
    for bad in ["12345", "1234567", "12 456", "abcdef"] {
        let refused = world.with_codes(&world.admin, "EnableMFADevice", "bob", &token.serial, (bad, &this));
        refused.expect_code(bad, "ValidationError");
    }
    world
        .with_codes(&world.admin, "EnableMFADevice", "nobody", &token.serial, (&before, &this))
        .expect_code("nobody", "NoSuchEntity");
    for serial in [arn("mfa/none"), "GAHT12345678".into(), token.serial.replace(ACCOUNT, "210987654321")] {
        let refused = world.with_codes(&world.admin, "EnableMFADevice", "bob", &serial, (&before, &this));
        assert!(
            ["NoSuchEntity", "AccessDenied"].contains(&refused.code().as_str()),
            "{serial}: {}",
            refused.body
        );
    }
    world
        .with_codes(&world.admin, "EnableMFADevice", "bob", &token.serial, (&before, &this))
        .expect_ok("right");
}

#[test]
fn eight_devices_for_a_user_and_no_ninth() {
    let world = World::new();
    world.iam("CreateUser", &[("UserName", "bob")]);
    for number in 0..9 {
        let token = world.virtual_device(&format!("bob-{number}"));
        let enabled = world.try_enable(&world.admin, "bob", &token);
        match number {
            8 => assert_eq!(
                enabled.expect_code("ninth", "LimitExceeded").message(),
                "Cannot exceed quota for MFADevicesPerUser: 8"
            ),
            _ => drop(enabled.expect_ok("one more")),
        }
        world.clock.advance(Duration::from_secs(1));
    }
    let first = world.iam("ListMFADevices", &[("UserName", "bob"), ("MaxItems", "5")]);
    assert_eq!(first.text("IsTruncated"), "true");
    let second = world.iam("ListMFADevices", &[("UserName", "bob"), ("Marker", &first.text("Marker"))]);
    let all: Vec<_> = [first.texts("SerialNumber"), second.texts("SerialNumber")].concat();
    let expected: Vec<_> = (0..8).map(|number| arn(&format!("mfa/bob-{number}"))).collect();
    assert_eq!(all, expected, "in the order in which they were enabled");
    let mut marker = None;
    let mut found = Vec::new();
    loop {
        let mut params = vec![("MaxItems", "4".to_owned())];
        params.extend(marker.map(|marker| ("Marker", marker)));
        let params: Vec<_> = params.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = world.iam("ListVirtualMFADevices", &params);
        found.extend(page.texts("SerialNumber"));
        if page.text("IsTruncated") == "false" {
            break;
        }
        marker = Some(page.text("Marker"));
    }
    assert_eq!(found.len(), 9);
}

#[test]
fn two_codes_set_a_clock_that_is_wrong_right() {
    let world = World::new();
    let bob = world.user("bob", "");
    let token = world.enabled_device("bob");
    let ahead = |steps: i64| token.step(authn::totp::counter(world.now()) + steps);
    let drift = 100;
    world.session_token(&bob, &token.serial, &ahead(drift)).expect_code("far ahead", "AccessDenied");
    let resync = |first: i64| {
        world.with_codes(
            &world.admin,
            "ResyncMFADevice",
            "bob",
            &token.serial,
            (&ahead(first), &ahead(first + 1)),
        )
    };
    resync(1_500).expect_code("out of reach", "InvalidAuthenticationCode");
    resync(drift - 1).expect_ok("ResyncMFADevice");
    world.session_token(&bob, &token.serial, &ahead(drift)).expect_code("used for it", "AccessDenied");
    world.next_step();
    world.session_token(&bob, &token.serial, &ahead(drift)).expect_ok("with its drift");
    world.session_token(&bob, &token.serial, &ahead(0)).expect_code("the old clock", "AccessDenied");
    let back = |first: i64| {
        world.with_codes(
            &world.admin,
            "ResyncMFADevice",
            "bob",
            &token.serial,
            (&ahead(first), &ahead(first + 1)),
        )
    };
    back(drift - 3).expect_code("codes before the last", "InvalidAuthenticationCode");
    world.iam_fails(
        "ResyncMFADevice",
        &[
            ("UserName", "dev"),
            ("SerialNumber", &token.serial),
            ("AuthenticationCode1", "123456"),
            ("AuthenticationCode2", "123456"),
        ],
        "NoSuchEntity",
    );
}

#[test]
fn tags_of_virtual_devices() {
    let world = World::new();
    let token = world.virtual_device("bob");
    let serial = token.serial.as_str();
    let tag = |key: &str, value: &str| {
        world.iam(
            "TagMFADevice",
            &[("SerialNumber", serial), ("Tags.member.1.Key", key), ("Tags.member.1.Value", value)],
        )
    };
    tag("b", "2");
    tag("A", "1");
    let listed = world.iam("ListMFADeviceTags", &[("SerialNumber", serial)]);
    assert_eq!(listed.texts("Key"), ["A", "b"]);
    world.iam("UntagMFADevice", &[("SerialNumber", serial), ("TagKeys.member.1", "A")]);
    assert_eq!(world.iam("ListMFADeviceTags", &[("SerialNumber", serial)]).texts("Key"), ["b"]);
    let tagged = allow_on("iam:DeleteVirtualMFADevice", "*", r#"{"StringEquals":{"aws:ResourceTag/b":"2"}}"#);
    let eve = world.user("eve", &tagged);
    let other = world.virtual_device("other");
    world
        .iam_as(&eve, "DeleteVirtualMFADevice", &[("SerialNumber", &other.serial)])
        .expect_code("untagged", "AccessDenied");
    world.iam_as(&eve, "DeleteVirtualMFADevice", &[("SerialNumber", serial)]).expect_ok("tagged");
    world.iam_fails("ListMFADeviceTags", &[("SerialNumber", serial)], "NoSuchEntity");
}

/// The seed of RFC 6238, in both forms that makers print.
const HEX: &str = "3132333435363738393031323334353637383930";
const BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn register(world: &World, serial: &str, seed: &str) -> Answer {
    world.own_as(
        &world.admin,
        "RegisterHardwareToken",
        &format!(r#"{{"SerialNumber":"{serial}","Seed":"{seed}"}}"#),
    )
}

#[test]
fn a_hardware_token_works_by_its_serial_number() {
    let world = World::new();
    let bob = world.user("bob", "");
    register(&world, "GAHT12345678", HEX).expect_ok("RegisterHardwareToken");
    register(&world, "GAHT12345678", BASE32).expect_code("twice", "EntityAlreadyExists");
    register(&world, "GAHT12345679", "0102").expect_code("short", "ValidationException");
    register(&world, "GAHT", HEX).expect_code("no serial", "ValidationException");
    let token = Token::new("GAHT12345678", BASE32);
    assert!(world.iam("ListVirtualMFADevices", &[]).texts("member").is_empty(), "it is not virtual");
    world.try_enable(&world.admin, "bob", &token).expect_ok("EnableMFADevice");
    assert_eq!(world.iam("ListMFADevices", &[("UserName", "bob")]).text("SerialNumber"), "GAHT12345678");
    world.next_step();
    world.session_with(&bob, &token);
    let tokens = world.own_as(&world.admin, "ListHardwareTokens", "{}").expect_ok("ListHardwareTokens");
    let json: serde_json::Value = serde_json::from_str(&tokens.body).unwrap();
    assert_eq!(json["HardwareTokens"][0]["SerialNumber"], "GAHT12345678");
    assert_eq!(json["HardwareTokens"][0]["UserName"], "bob");
    let delete = || world.own_as(&world.admin, "DeleteHardwareToken", r#"{"SerialNumber":"GAHT12345678"}"#);
    delete().expect_code("in use", "DeleteConflictException");
    world.iam("DeactivateMFADevice", &[("UserName", "bob"), ("SerialNumber", "GAHT12345678")]);
    delete().expect_ok("DeleteHardwareToken");
    delete().expect_code("gone", "NoSuchEntityException");
    world.flush_records();
    let records = world.records();
    let registered = records.iter().find(|record| record["eventName"] == "RegisterHardwareToken").unwrap();
    assert_eq!(registered["requestParameters"]["Seed"], "HIDDEN_DUE_TO_SECURITY_REASONS");
    assert!(!format!("{records:?}").contains(HEX), "the seed is in a record");
}

#[test]
fn tokens_are_registered_by_those_who_may_make_virtual_devices() {
    let world = World::new();
    let eve = world.user("eve", &allow_on("bailiwick:*", "*", ""));
    let input = format!(r#"{{"SerialNumber":"GAHT12345678","Seed":"{HEX}"}}"#);
    world
        .own_as(&eve, "RegisterHardwareToken", &input)
        .expect_code("half the right", "AccessDeniedException");
    let ann = world.user("ann", &crate::harness::allow(&["bailiwick:*", "iam:CreateVirtualMFADevice"]));
    world.own_as(&ann, "RegisterHardwareToken", &input).expect_ok("all of it");
    world
        .own_as(&ann, "DeleteHardwareToken", r#"{"SerialNumber":"GAHT12345678"}"#)
        .expect_code("delete", "AccessDeniedException");
    world.own_as(&ann, "ListHardwareTokens", "{}").expect_code("list", "AccessDeniedException");
}

mod keys {
    use super::*;
    use crate::authenticator::{Authenticator, Kind};
    use crate::harness::Keys;

    pub(super) fn begin(world: &World, who: &Keys, user: &str) -> Answer {
        world.own_as(who, "BeginWebAuthnRegistration", &format!(r#"{{"UserName":"{user}"}}"#))
    }

    pub(super) fn finish(
        world: &World,
        who: &Keys,
        user: &str,
        key: &mut Authenticator,
        begun: &Answer,
    ) -> Answer {
        let options: serde_json::Value = serde_json::from_str(&begun.body).unwrap();
        let credential = key.create(&options["PublicKey"]);
        let input = serde_json::json!({"UserName": user, "DeviceName": "usb", "Credential": credential});
        world.own_as(who, "FinishWebAuthnRegistration", &input.to_string())
    }

    #[test]
    fn a_security_key_registers_and_is_a_device() {
        let world = World::new();
        world.iam("CreateUser", &[("UserName", "bob")]);
        let mut key = Authenticator::new(Kind::Es256);
        let begun = begin(&world, &world.admin, "bob").expect_ok("Begin");
        let finished = finish(&world, &world.admin, "bob", &mut key, &begun).expect_ok("Finish");
        let json: serde_json::Value = serde_json::from_str(&finished.body).unwrap();
        let serial = json["SerialNumber"].as_str().unwrap();
        assert!(serial.starts_with(&arn("u2f/user/bob/usb-")), "{serial}");
        let listed = world.iam("ListMFADevices", &[("UserName", "bob")]);
        assert_eq!(listed.texts("SerialNumber"), [serial]);
        assert!(world.iam("ListVirtualMFADevices", &[]).texts("member").is_empty());
        world.iam("GetMFADevice", &[("UserName", "bob"), ("SerialNumber", serial)]);
        let again = begin(&world, &world.admin, "bob").expect_ok("Begin");
        assert!(again.body.contains(&authn::webauthn::base64url(&key.id)), "it is excluded");
        finish(&world, &world.admin, "bob", &mut key, &again)
            .expect_code("twice", "EntityAlreadyExistsException");
        world.session_token(&world.admin, serial, "123456").expect_code("no codes", "AccessDenied");
        world.iam_fails("DeleteUser", &[("UserName", "bob")], "DeleteConflict");
        world.iam("DeactivateMFADevice", &[("UserName", "bob"), ("SerialNumber", serial)]);
        assert_eq!(summary(&world), (0, 0), "a key that is deactivated is gone");
        world.iam("DeleteUser", &[("UserName", "bob")]);
    }

    #[test]
    fn registration_needs_the_right_to_enable_devices() {
        let world = World::new();
        world.iam("CreateUser", &[("UserName", "bob")]);
        let enable = |step: &str| {
            allow_on(
                "iam:EnableMFADevice",
                &arn("user/*"),
                &format!(r#"{{"StringEquals":{{"iam:RegisterSecurityKey":"{step}"}}}}"#),
            )
        };
        let none = world.user("none", &allow_on("bailiwick:*", "*", ""));
        begin(&world, &none, "bob").expect_code("no right", "AccessDeniedException");
        let half = world.user("half", &enable("Create"));
        let mut key = Authenticator::new(Kind::EdDsa);
        let begun = begin(&world, &half, "bob").expect_ok("begin only");
        finish(&world, &half, "bob", &mut key, &begun).expect_code("begin only", "AccessDeniedException");
        let whole = world.user("whole", &allow_on("iam:EnableMFADevice", &arn("user/${aws:username}"), ""));
        begin(&world, &whole, "bob").expect_code("of another", "AccessDeniedException");
        finish(&world, &whole, "bob", &mut key, &begun).expect_code("of another", "AccessDeniedException");
        let own = world.own_as(&whole, "BeginWebAuthnRegistration", "{}").expect_ok("own");
        finish(&world, &whole, "whole", &mut key, &own).expect_ok("own");
        finish(&world, &world.admin, "bob", &mut key, &own)
            .expect_code("a challenge of another user", "InvalidAuthenticationCodeException");
    }
}
