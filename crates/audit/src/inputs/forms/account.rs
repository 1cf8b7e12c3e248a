//! What IAM tells of an account as a whole: summary, password policy, devices, aliases, providers, certificates.
//! Each member may stand alone, as the AWS CLI answers it, or all in one object.

use super::arn::account_of;
use crate::estate::ServerCertificate;
use crate::inputs::error::InputError;
use crate::inputs::fact::{Fact, Reading};
use crate::inputs::json::{Json, Members, When};
use model::PasswordPolicy;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Takes whatever of it there is.
pub(in crate::inputs) fn read(
    _: Json<'_>,
    members: &Members<'_>,
    reading: &mut Reading,
) -> Result<(), InputError> {
    for (name, value) in members {
        match name.as_str() {
            "SummaryMap" => {
                reading.is("account summary");
                reading.facts.push(Fact::Summary(value.read::<BTreeMap<String, i64>>()?));
            }
            "PasswordPolicy" => {
                reading.is("password policy");
                reading.facts.push(Fact::PasswordPolicy(value.read::<Option<PasswordPolicy>>()?));
            }
            "VirtualMFADevices" => virtual_mfa(*value, reading)?,
            "AccountAliases" => {
                reading.is("account aliases");
                reading.facts.push(Fact::Aliases(value.read()?));
            }
            "Providers" | "OpenIDConnectProviderList" | "SAMLProviderList" => providers(*value, reading)?,
            "ServerCertificateMetadataList" => certificates(*value, reading)?,
            "EnabledFeatures" if members.contains_key("OrganizationId") => {
                reading.is("centralized root access");
                let features: Vec<String> = value.read()?;
                let managed = features.iter().any(|feature| feature == "RootCredentialsManagement");
                reading.facts.push(Fact::CentralRootAccess(managed));
            }
            _ => {}
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Device {
    serial_number: String,
    enable_date: Option<serde::de::IgnoredAny>,
    user: Option<Holder>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Holder {
    arn: Option<String>,
}

/// The devices that somebody has. IAM lists those that nobody has along with them, without a user; where no device
/// has one, whoever made the list left users out, and all count.
fn virtual_mfa(value: Json<'_>, reading: &mut Reading) -> Result<(), InputError> {
    reading.is("virtual MFA devices");
    let devices: Vec<Device> = value.read()?;
    let is_held = |device: &Device| device.user.is_some() || device.enable_date.is_some();
    let told = devices.iter().any(is_held);
    let held: Vec<_> = devices
        .into_iter()
        .filter(|device| !told || is_held(device))
        .map(|device| (device.serial_number, device.user.and_then(|user| user.arn)))
        .collect();
    reading.told.extend(held.iter().filter_map(|(serial, _)| account_of(serial)));
    reading.facts.push(Fact::VirtualMfa(held));
    Ok(())
}

fn providers(value: Json<'_>, reading: &mut Reading) -> Result<(), InputError> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "the ARN of a provider")]
    enum Provider {
        Arn(String),
        #[serde(rename_all = "PascalCase")]
        Entry {
            arn: String,
        },
    }
    reading.is("identity providers");
    let providers: Vec<Provider> = value.read()?;
    let arns: Vec<String> = providers
        .into_iter()
        .map(|provider| match provider {
            Provider::Arn(arn) | Provider::Entry { arn } => arn,
        })
        .collect();
    reading.told.extend(arns.iter().filter_map(|arn| account_of(arn)));
    reading.facts.push(Fact::Providers(arns));
    Ok(())
}

fn certificates(value: Json<'_>, reading: &mut Reading) -> Result<(), InputError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Certificate {
        server_certificate_name: String,
        arn: String,
        expiration: Option<When>,
    }
    reading.is("server certificates");
    let certificates: Vec<Certificate> = value.read()?;
    reading.told.extend(certificates.iter().filter_map(|certificate| account_of(&certificate.arn)));
    let certificates = certificates.into_iter().map(|it| ServerCertificate {
        arn: it.arn,
        name: it.server_certificate_name,
        expiration: it.expiration.map(|at| at.0),
    });
    reading.facts.push(Fact::Certificates(certificates.collect()));
    Ok(())
}
