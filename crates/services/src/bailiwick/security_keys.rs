//! Registration of security keys and passkeys. AWS has it in its console only, behind the right to
//! `iam:EnableMFADevice`: that is the action which is demanded here too, with `iam:RegisterSecurityKey` as
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_fido_supported_configurations.html> has it.

use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::iam::{find, mfa_devices, target, virtual_mfa};
use crate::row::{Demanded, Row};
use authn::webauthn::{self, Asked, Registration};
use directory::Tx;
use model::mfa::{Enabled, MfaDevice, MfaKind};
use model::{AccountState, Snapshot, User};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use wire::Fault;

/// Marks the proof.
pub struct BeginWebAuthnRegistration;
/// Marks the proof.
pub struct FinishWebAuthnRegistration;

/// The rows.
pub fn rows() -> Vec<Row> {
    vec![
        Row::own_read::<BeginWebAuthnRegistration, BeginInput, Begun>(
            "BeginWebAuthnRegistration",
            |input, call, snapshot| demands(call, snapshot, input.user_name.as_deref(), "Create"),
            begin,
        ),
        Row::own_write::<FinishWebAuthnRegistration, FinishInput, Finished>(
            "FinishWebAuthnRegistration",
            |input, call, snapshot| demands(call, snapshot, input.user_name.as_deref(), "Activate"),
            finish,
        ),
    ]
}

fn demands(call: &Call, snapshot: &Snapshot, user: Option<&str>, step: &'static str) -> Demanded {
    let user = target::user(call, snapshot, &target::named_or_self(call, user)?)?;
    Ok(vec![
        Demand { action: Some("iam:EnableMFADevice".into()), ..user }.key("iam:registersecuritykey", step),
    ])
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct BeginInput {
    #[serde(default)]
    user_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Begun {
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON`.
    public_key: serde_json::Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FinishInput {
    #[serde(default)]
    user_name: Option<String>,
    device_name: String,
    /// What `PublicKeyCredential.toJSON` yields.
    credential: Registration,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Finished {
    user_name: String,
    serial_number: String,
    enable_date: String,
}

fn the_user<'a>(call: &Call, account: &'a AccountState, name: Option<&str>) -> Result<&'a Arc<User>, Fault> {
    find::user(account, &target::named_or_self(call, name)?)
}

fn asked<'a>(call: &'a Call, user: &'a User) -> Asked<'a> {
    let bench = call.bench();
    Asked { keys: bench.keys, party: bench.party, user: &user.id, now: call.now }
}

fn begin(
    at: Allowed<'_, BeginWebAuthnRegistration>,
    snapshot: &Snapshot,
    input: BeginInput,
) -> Result<Begun, Fault> {
    let account = at.account(snapshot)?;
    let user = the_user(&at, account, input.user_name.as_deref())?;
    mfa_devices::room_for_one(account, user)?;
    let devices = account.mfa_devices_of(&user.id);
    let options = webauthn::options::creation(asked(&at, user), &user.name, devices, &at.entropy);
    Ok(Begun { public_key: options.map_err(|_| Fault::internal())? })
}

fn finish(
    at: Allowed<'_, FinishWebAuthnRegistration>,
    tx: &mut Tx<'_>,
    input: FinishInput,
) -> Result<Finished, Fault> {
    check_name(&input.device_name)?;
    let account = at.account_in(tx)?;
    let user = Arc::clone(the_user(&at, account, input.user_name.as_deref())?);
    mfa_devices::room_for_one(account, &user)?;
    let key = webauthn::register(asked(&at, &user), &input.credential).map_err(|refusal| {
        Fault::new(
            "InvalidAuthenticationCodeException",
            403,
            format!("the security key is refused: {refusal}"),
        )
    })?;
    if is_registered(account, &key.credential) {
        return Err(Fault::new(
            "EntityAlreadyExistsException",
            409,
            "the security key is registered already",
        ));
    }
    let id = virtual_mfa::fresh_id(&at);
    let enabled_at = at.now.whole_seconds();
    let device = MfaDevice {
        name: format!("{}-{id}", input.device_name),
        id,
        account: at.account_id(),
        path: format!("/user/{}/", user.name),
        created: enabled_at,
        kind: MfaKind::SecurityKey(key),
        enabled: Some(Enabled { user: user.id.clone(), at: enabled_at }),
        tags: Default::default(),
    };
    let finished = Finished {
        user_name: user.name.clone(),
        serial_number: device.serial(at.partition),
        enable_date: enabled_at.iso(),
    };
    tx.put(device);
    Ok(finished)
}

fn check_name(name: &str) -> Result<(), Fault> {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    if (1..=64).contains(&name.len()) && name.bytes().all(is_known) {
        return Ok(());
    }
    let message = "a device's name has 1 to 64 letters, digits and characters of `_+=,.@-`";
    Err(Fault::new("ValidationException", 400, message))
}

/// Whether any user of the account has registered the credential: authenticators make their ids at random.
fn is_registered(account: &AccountState, credential: &[u8]) -> bool {
    account.mfa_devices.iter().any(|device| match &device.kind {
        MfaKind::SecurityKey(key) => key.credential == credential,
        MfaKind::Virtual(_) | MfaKind::Hardware(_) => false,
    })
}
