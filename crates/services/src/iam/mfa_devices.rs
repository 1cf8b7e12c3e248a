//! MFA devices of users: enabled, deactivated, synchronized, listed.
//! See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableMFADevice.html> and its neighbours.

use super::{find, limits, page, target};
use crate::call::Call;
use crate::demand::Demand;
use crate::gate::Allowed;
use crate::row::{Demanded, Row};
use authn::second_factor;
use directory::Tx;
use model::mfa::{Enabled, MfaDevice, MfaKind};
use model::snapshot::EntityKey;
use model::{AccountState, Identity, Snapshot, User, quota};
use std::sync::Arc;
use wire::iam::{self as shape, errors, ops};
use wire::{Fault, Unit};

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    vec![
        Row::write::<ops::EnableMFADevice>(
            "iam",
            |input, call, snapshot| one(target::user(call, snapshot, &input.user_name)),
            enable,
        ),
        Row::write::<ops::DeactivateMFADevice>(
            "iam",
            |input, call, snapshot| one(target::user_or_self(call, snapshot, input.user_name.as_deref())),
            deactivate,
        ),
        Row::write::<ops::ResyncMFADevice>(
            "iam",
            |input, call, snapshot| one(target::user(call, snapshot, &input.user_name)),
            resync,
        ),
        Row::read::<ops::ListMFADevices>(
            "iam",
            |input, call, snapshot| one(target::user_or_self(call, snapshot, input.user_name.as_deref())),
            list,
        ),
        Row::read::<ops::GetMFADevice>(
            "iam",
            |input, call, snapshot| one(target::user_or_self(call, snapshot, input.user_name.as_deref())),
            get,
        ),
    ]
}

fn one(demand: Result<Demand, Fault>) -> Demanded {
    demand.map(|demand| vec![demand])
}

/// Steps of thirty seconds that the codes may be away from now when a device is enabled: ten minutes, for people who
/// take their time. AWS does not tell its own figure.
const ENABLE_REACH: i64 = 20;
/// The same when a device is synchronized: half a day.
const RESYNC_REACH: i64 = 1_440;

fn enable(
    at: Allowed<'_, ops::EnableMFADevice>,
    tx: &mut Tx<'_>,
    input: shape::EnableMFADeviceRequest,
) -> Result<Unit, Fault> {
    let account = at.account_in(tx)?;
    let user = find::user(account, &input.user_name)?;
    let device = find::mfa_device(&at, account, &input.serial_number)?;
    if device.enabled.is_some() {
        return Err(Fault::of(
            &errors::ENTITY_ALREADY_EXISTS,
            format!("MFADevice with serial number {} is already in use.", input.serial_number),
        ));
    }
    room_for_one(account, user)?;
    let codes = (input.authentication_code1.as_str(), input.authentication_code2.as_str());
    let device = second_factor::synchronized(device, codes, ENABLE_REACH, at.bench());
    let enabled = Enabled { user: user.id.clone(), at: at.now.whole_seconds() };
    let device = MfaDevice { enabled: Some(enabled), ..device.ok_or_else(wrong_codes)? };
    tx.put(device);
    Ok(Unit)
}

/// Refuses a device more than a user may have.
pub(crate) fn room_for_one(account: &AccountState, user: &User) -> Result<(), Fault> {
    let count = account.mfa_devices_of(&user.id).count();
    limits::below("MFADevicesPerUser", count, quota::MFA_DEVICES_PER_USER)
}

fn wrong_codes() -> Fault {
    Fault::of(&errors::INVALID_AUTHENTICATION_CODE, "Authentication code for device is not valid.")
}

/// The user's device of this serial number.
fn own_device<'a>(
    call: &Call,
    account: &'a AccountState,
    user: &User,
    serial: &str,
) -> Result<&'a Arc<MfaDevice>, Fault> {
    let device = account.mfa_device(serial, call.partition).filter(|device| device.is_of(&user.id));
    device.ok_or_else(not_the_users)
}

fn not_the_users() -> Fault {
    find::no_such_entity("MFA Device invalid for user.".to_owned())
}

/// The user that is named, or else the caller. The root user has no devices here: it has no password that they could
/// go with.
fn the_user<'a>(call: &Call, account: &'a AccountState, name: Option<&str>) -> Result<&'a Arc<User>, Fault> {
    match (name, &call.caller.identity) {
        (None, Identity::Root(_)) => Err(not_the_users()),
        _ => find::user(account, &target::named_or_self(call, name)?),
    }
}

/// A virtual device and a hardware token can be enabled again, with new codes; a security key is gone, as it registers
/// anew each time.
fn deactivate(
    at: Allowed<'_, ops::DeactivateMFADevice>,
    tx: &mut Tx<'_>,
    input: shape::DeactivateMFADeviceRequest,
) -> Result<Unit, Fault> {
    let account = at.account_in(tx)?;
    let user = the_user(&at, account, input.user_name.as_deref())?;
    let device = Arc::clone(own_device(&at, account, user, &input.serial_number)?);
    match device.kind {
        MfaKind::SecurityKey(_) => tx.remove(&EntityKey::MfaDevice(device.account, device.id.clone())),
        MfaKind::Virtual(_) | MfaKind::Hardware(_) => {
            tx.put(MfaDevice { enabled: None, ..MfaDevice::clone(&device) });
        }
    }
    Ok(Unit)
}

/// Wrong codes count as they do at a sign-in: nobody gets more tries here.
fn resync(
    at: Allowed<'_, ops::ResyncMFADevice>,
    tx: &mut Tx<'_>,
    input: shape::ResyncMFADeviceRequest,
) -> Result<Unit, Fault> {
    let account = at.account_in(tx)?;
    let user = Arc::clone(find::user(account, &input.user_name)?);
    let device = Arc::clone(own_device(&at, account, &user, &input.serial_number)?);
    if let Some(wait) = second_factor::wait(tx, &user.id, at.now) {
        let refused = second_factor::Refused::TooMany(wait);
        return Err(Fault::of(&errors::ENTITY_TEMPORARILY_UNMODIFIABLE, format!("MFA device: {refused}.")));
    }
    let codes = (input.authentication_code1.as_str(), input.authentication_code2.as_str());
    match second_factor::synchronized(&device, codes, RESYNC_REACH, at.bench()) {
        Some(device) => {
            second_factor::forgive(tx, &user.id);
            tx.put(device);
            Ok(Unit)
        }
        None => {
            second_factor::count_wrong(tx, &user.id, at.now);
            Err(wrong_codes())
        }
    }
}

/// In the order in which they were enabled; the root user has none, see [`the_user`].
fn list(
    at: Allowed<'_, ops::ListMFADevices>,
    snapshot: &Snapshot,
    input: shape::ListMFADevicesRequest,
) -> Result<shape::ListMFADevicesResponse, Fault> {
    if let (None, Identity::Root(_)) = (&input.user_name, &at.caller.identity) {
        return Ok(shape::ListMFADevicesResponse { is_truncated: Some(false), ..Default::default() });
    }
    let account = at.account(snapshot)?;
    let user = the_user(&at, account, input.user_name.as_deref())?;
    let shown = account.mfa_devices_of(&user.id).filter_map(|device| {
        Some(shape::MFADevice {
            user_name: user.name.clone(),
            serial_number: device.serial(at.partition),
            enable_date: device.enabled.as_ref()?.at,
        })
    });
    let in_order =
        |device: &shape::MFADevice| format!("{}/{}", device.enable_date.iso(), device.serial_number);
    let mut shown: Vec<_> = shown.collect();
    shown.sort_by_key(in_order);
    let page = page::of(shown, input.marker.as_deref(), input.max_items, in_order)?;
    Ok(shape::ListMFADevicesResponse {
        is_truncated: Some(page.is_truncated()),
        mfa_devices: page.items,
        marker: page.marker,
    })
}

fn get(
    at: Allowed<'_, ops::GetMFADevice>,
    snapshot: &Snapshot,
    input: shape::GetMFADeviceRequest,
) -> Result<shape::GetMFADeviceResponse, Fault> {
    let account = at.account(snapshot)?;
    let user = the_user(&at, account, input.user_name.as_deref())?;
    let device = own_device(&at, account, user, &input.serial_number)?;
    Ok(shape::GetMFADeviceResponse {
        user_name: Some(user.name.clone()),
        serial_number: input.serial_number,
        enable_date: device.enabled.as_ref().map(|enabled| enabled.at),
        certifications: None,
    })
}
