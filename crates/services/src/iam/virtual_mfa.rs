//! Virtual MFA devices of the account: made, listed and deleted. Whose they are is told in [`super::mfa_devices`],
//! their tags in [`super::tagging`].
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateVirtualMFADevice.html> and its neighbours.

use super::{encode, find, page, tags, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::Row;
use authn::{base32, otpauth, totp};
use base::{Secret, UniqueId};
use directory::Tx;
use model::mfa::{CodeDevice, MfaDevice, MfaKind};
use model::snapshot::EntityKey;
use model::{AccountState, Snapshot};
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::CreateVirtualMFADevice>(
            "iam",
            |input, call, _| {
                let path = input.path.as_deref().unwrap_or("/");
                let demand = Demand::on(target::mfa_arn(call, path, &input.virtual_mfa_device_name));
                Ok(tags::on_create(demand, "iam:TagMFADevice", input.tags.as_deref()))
            },
            create,
        ),
        Row::write::<ops::DeleteVirtualMFADevice>(
            "iam",
            |input, call, snapshot| Ok(vec![target::mfa_device(call, snapshot, &input.serial_number)?]),
            delete,
        ),
        Row::read::<ops::ListVirtualMFADevices>("iam", |_, _, _| Ok(vec![Demand::anywhere()]), list),
    ]
}

/// Characters of a serial number, which is what every other operation names a device by.
const SERIAL_LIMIT: usize = 256;

/// A unique id for a new device. No id of AWS's forms stands for one.
pub(crate) fn fresh_id(call: &Call) -> UniqueId {
    let mut bytes = [0; 16];
    base::Entropy::fill(&call.entropy, &mut bytes);
    UniqueId::from_text(base32::encode(&bytes).expose())
}

fn create(
    at: Allowed<'_, ops::CreateVirtualMFADevice>,
    tx: &mut Tx<'_>,
    input: shape::CreateVirtualMFADeviceRequest,
) -> Result<shape::CreateVirtualMFADeviceResponse, Fault> {
    let account = at.account_in(tx)?;
    free_name(account, &input.virtual_mfa_device_name)?;
    let (id, seed) = (fresh_id(&at), totp::generate_seed(&at.entropy));
    let sealed = totp::seal_seed(&at.tools.keys, id.as_str(), &seed, &at.entropy);
    let device = MfaDevice {
        id,
        account: at.account_id(),
        name: input.virtual_mfa_device_name,
        path: find::path(input.path),
        created: at.now.whole_seconds(),
        kind: MfaKind::Virtual(CodeDevice {
            sealed: sealed.map_err(|_| Fault::internal())?,
            drift: 0,
            last: None,
        }),
        enabled: None,
        tags: tags::checked(input.tags)?,
    };
    let shown = shown_once(&at, &device, &seed)?;
    tx.put(device);
    Ok(shape::CreateVirtualMFADeviceResponse { virtual_mfa_device: shown })
}

/// Refuses a name that a device of the account has.
pub(crate) fn free_name(account: &AccountState, name: &str) -> Result<(), Fault> {
    if account.mfa_devices.get(name).is_none() {
        return Ok(());
    }
    Err(Fault::of(
        &errors::ENTITY_ALREADY_EXISTS,
        "MFADevice entity at the same path and name already exists.",
    ))
}

/// The device with its seed, which is shown in this answer and never again.
fn shown_once(call: &Call, device: &MfaDevice, seed: &Secret) -> Result<shape::VirtualMFADevice, Fault> {
    let serial_number = device.serial(call.partition);
    if serial_number.len() > SERIAL_LIMIT {
        return Err(Fault::validation(format!(
            "The ARN of the MFA device must have length less than or equal to {SERIAL_LIMIT}"
        )));
    }
    let text = base32::encode(seed.expose());
    let account = call.account_id();
    let picture = otpauth::qr_png(&otpauth::uri(&device.name, account.as_str(), &text));
    Ok(shape::VirtualMFADevice {
        serial_number,
        base32_string_seed: Some(Secret::new(text.expose().as_bytes())),
        qr_code_png: Some(picture.ok_or_else(Fault::internal)?),
        tags: encode::tags(&device.tags),
        ..Default::default()
    })
}

fn delete(
    at: Allowed<'_, ops::DeleteVirtualMFADevice>,
    tx: &mut Tx<'_>,
    input: shape::DeleteVirtualMFADeviceRequest,
) -> Result<Unit, Fault> {
    let device = find::virtual_mfa_device(&at, at.account_in(tx)?, &input.serial_number)?;
    if device.enabled.is_some() {
        return Err(Fault::of(&errors::DELETE_CONFLICT, "MFA VirtualDevice in use. Must deactivate first."));
    }
    let key = EntityKey::MfaDevice(device.account, device.id.clone());
    tx.remove(&key);
    Ok(Unit)
}

/// Without tags, as <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListVirtualMFADevices.html> says, and of
/// course without seeds.
fn list(
    at: Allowed<'_, ops::ListVirtualMFADevices>,
    snapshot: &Snapshot,
    input: shape::ListVirtualMFADevicesRequest,
) -> Result<shape::ListVirtualMFADevicesResponse, Fault> {
    let account = at.account(snapshot)?;
    let wanted = match input.assignment_status.as_deref() {
        Some("Assigned") => Some(true),
        Some("Unassigned") => Some(false),
        _ => None,
    };
    let page = page::of_table(&account.mfa_devices, input.marker.as_deref(), input.max_items, |device| {
        device.is_virtual() && wanted.is_none_or(|wanted| device.enabled.is_some() == wanted)
    })?;
    Ok(shape::ListVirtualMFADevicesResponse {
        is_truncated: Some(page.is_truncated()),
        virtual_mfa_devices: page.items.iter().map(|device| listed(&at, account, device)).collect(),
        marker: page.marker,
    })
}

fn listed(call: &Call, account: &AccountState, device: &MfaDevice) -> shape::VirtualMFADevice {
    let enabled = device.enabled.as_ref();
    let user = enabled.and_then(|enabled| account.users.by_id(enabled.user.as_str()));
    shape::VirtualMFADevice {
        serial_number: device.serial(call.partition),
        user: user.map(|user| encode::listed_user(call, user)),
        enable_date: enabled.map(|enabled| enabled.at),
        ..Default::default()
    }
}
