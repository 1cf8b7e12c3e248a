//! Hardware tokens: AWS knows the seeds of those that its maker sells, we are told them. Once a token is registered,
//! `iam:EnableMFADevice` gives it to a user, as AWS's does.

use crate::demand::Demand;
use crate::gate::Allowed;
use crate::iam::{target, virtual_mfa};
use crate::row::{Demanded, Row};
use authn::{base32, totp};
use base::{Secret, SecretString};
use directory::Tx;
use model::Snapshot;
use model::mfa::{CodeDevice, MfaDevice, MfaKind};
use model::snapshot::EntityKey;
use serde::{Deserialize, Serialize};
use wire::Fault;

/// Marks the proof.
pub struct RegisterHardwareToken;
/// Marks the proof.
pub struct DeleteHardwareToken;
/// Marks the proof.
pub struct ListHardwareTokens;

/// The rows.
pub fn rows() -> Vec<Row> {
    vec![
        Row::own_write::<RegisterHardwareToken, RegisterInput, Registered>(
            "RegisterHardwareToken",
            |input, call, _| {
                Ok(both("iam:CreateVirtualMFADevice", target::mfa_arn(call, "/", &input.serial_number)))
            },
            register,
        ),
        Row::own_write::<DeleteHardwareToken, DeleteInput, Deleted>(
            "DeleteHardwareToken",
            |input, call, _| {
                Ok(both("iam:DeleteVirtualMFADevice", target::mfa_arn(call, "/", &input.serial_number)))
            },
            delete,
        ),
        Row::own_read::<ListHardwareTokens, ListInput, Listed>("ListHardwareTokens", list_demands, list),
    ]
}

/// The operation's own action, and the one of IAM that it amounts to: whoever may not make or delete virtual devices
/// may not do so here.
fn both(action: &'static str, arn: String) -> Vec<Demand> {
    vec![Demand::on(arn.as_str()), Demand::of(action, arn)]
}

fn list_demands(_: &ListInput, _: &crate::call::Call, _: &Snapshot) -> Demanded {
    Ok(vec![Demand::anywhere(), Demand::of("iam:ListVirtualMFADevices", "*")])
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RegisterInput {
    serial_number: String,
    seed: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Registered {
    serial_number: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DeleteInput {
    serial_number: String,
}

#[derive(Serialize)]
struct Deleted {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListInput {}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    hardware_tokens: Vec<Token>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Token {
    serial_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_date: Option<String>,
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationException", 400, message)
}

fn register(
    at: Allowed<'_, RegisterHardwareToken>,
    tx: &mut Tx<'_>,
    input: RegisterInput,
) -> Result<Registered, Fault> {
    let text = SecretString::new(input.seed);
    check_serial(&input.serial_number)?;
    virtual_mfa::free_name(at.account_in(tx)?, &input.serial_number)?;
    let seed = read_seed(text.expose())?;
    let id = virtual_mfa::fresh_id(&at);
    let sealed = totp::seal_seed(&at.tools.keys, id.as_str(), &seed, &at.entropy);
    let codes = CodeDevice { sealed: sealed.map_err(|_| Fault::internal())?, drift: 0, last: None };
    tx.put(MfaDevice {
        id,
        account: at.account_id(),
        name: input.serial_number.clone(),
        path: "/".to_owned(),
        created: at.now.whole_seconds(),
        kind: MfaKind::Hardware(codes),
        enabled: None,
        tags: Default::default(),
    });
    Ok(Registered { serial_number: input.serial_number })
}

/// Serial numbers as IAM takes them, but without what would make them look like ARNs and paths.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableMFADevice.html>.
fn check_serial(serial: &str) -> Result<(), Fault> {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if (9..=128).contains(&serial.len()) && serial.bytes().all(is_known) {
        return Ok(());
    }
    Err(invalid("a serial number has 9 to 128 letters, digits and characters of `_+=,.@-`"))
}

/// Bytes of a seed: from what RFC 4226 wants at least to a block of SHA-1.
const SEED_BYTES: std::ops::RangeInclusive<usize> = 16..=64;

/// A seed in hexadecimal if it can be one, else in base32: makers write it either way. The shortest text of either
/// form that is good in both is far longer than any seed in base32 of digits and letters up to F by chance.
fn read_seed(text: &str) -> Result<Secret, Fault> {
    let seed = hexadecimal(text).or_else(|| base32::decode(text));
    let seed = seed.ok_or_else(|| invalid("the seed is neither hexadecimal nor base32"))?;
    if SEED_BYTES.contains(&seed.expose().len()) {
        Ok(seed)
    } else {
        Err(invalid(
            "a seed has 16 to 64 bytes: 32 to 128 hexadecimal digits, or 26 to 103 letters of base32",
        ))
    }
}

fn hexadecimal(text: &str) -> Option<Secret> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '-'))
        .map(|letter| letter.to_digit(16).map(|digit| digit as u8))
        .collect();
    let digits = Secret::new(digits?);
    let pairs = digits.expose().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let bytes: Vec<u8> = pairs.map(|pair| pair.iter().fold(0, |all, digit| all << 4 | digit)).collect();
    Some(Secret::new(bytes))
}

fn delete(
    at: Allowed<'_, DeleteHardwareToken>,
    tx: &mut Tx<'_>,
    input: DeleteInput,
) -> Result<Deleted, Fault> {
    let found = at.account_in(tx)?.mfa_device(&input.serial_number, at.partition);
    let token = found.filter(|device| matches!(device.kind, MfaKind::Hardware(_))).ok_or_else(|| {
        Fault::new(
            "NoSuchEntityException",
            404,
            format!("there is no hardware token `{}`", input.serial_number),
        )
    })?;
    if token.enabled.is_some() {
        return Err(Fault::new("DeleteConflictException", 409, "the token is in use: deactivate it first"));
    }
    let key = EntityKey::MfaDevice(token.account, token.id.clone());
    tx.remove(&key);
    Ok(Deleted {})
}

fn list(at: Allowed<'_, ListHardwareTokens>, snapshot: &Snapshot, _: ListInput) -> Result<Listed, Fault> {
    let account = at.account(snapshot)?;
    let tokens = account.mfa_devices.iter().filter(|device| matches!(device.kind, MfaKind::Hardware(_)));
    let shown = tokens.map(|device| {
        let enabled = device.enabled.as_ref();
        let user = enabled.and_then(|enabled| account.users.by_id(enabled.user.as_str()));
        Token {
            serial_number: device.serial(at.partition),
            user_name: user.map(|user| user.name.clone()),
            enable_date: enabled.map(|enabled| enabled.at.iso()),
        }
    });
    Ok(Listed { hardware_tokens: shown.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_come_in_two_forms() {
        let expected = b"12345678901234567890";
        for text in [
            "3132333435363738393031323334353637383930",
            "3132 3334 3536 3738 3930 3132 3334 3536 3738 3930",
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
        ] {
            assert_eq!(read_seed(text).unwrap().expose(), expected, "{text}");
        }
        for bad in ["", "313233", "GEZDGNBV", "not a seed!", &"a".repeat(300)] {
            assert!(read_seed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn serial_numbers_are_no_arns() {
        assert!(check_serial("GAHT12345678").is_ok());
        for bad in ["short", "arn:aws:iam::123456789012:mfa/bob", "GAHT 12345678", "GAHT12345678\n"] {
            assert!(check_serial(bad).is_err(), "{bad}");
        }
    }
}
