//! Credential scopes: `AKIA…/20261122/us-east-1/iam/aws4_request`.

use super::TERMINATOR;
use crate::fault::{Fault, shortened};
use crate::head::Head;
use crate::query::Params;
use crate::split::parts;
use base::Region;
use http::header::AUTHORIZATION;

/// What a scope must name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected<'s> {
    /// The signing name of the service that was called.
    pub service: &'s str,
    /// The regions that are right for it.
    pub regions: Regions,
}

/// Where a service lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regions {
    /// In its partition's global region only, as IAM does.
    Global,
    /// In every region, as STS does.
    All,
}

/// The five parts of a `Credential`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'r> {
    pub(super) access_key: &'r str,
    pub(super) date: &'r str,
    pub(super) region: &'r str,
    pub(super) service: &'r str,
    pub(super) terminator: &'r str,
}

impl<'r> Scope<'r> {
    /// Splits the text in exactly five parts.
    pub(super) fn parse(text: &'r str) -> Result<Self, Fault> {
        let mut parts = parts(text, b'/');
        match [parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next()] {
            [Some(access_key), Some(date), Some(region), Some(service), Some(terminator), None] => {
                Ok(Self { access_key, date, region, service, terminator })
            }
            _ => Err(Fault::incomplete_signature(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{}'",
                shortened(text, 256)
            ))),
        }
    }

    /// Checks region, service, terminator and date, `basic` being the request's date; all that is wrong is
    /// told in one message.
    pub(super) fn check(&self, expected: &Expected<'_>, basic: &str) -> Result<Region, Fault> {
        let mut wrong = String::new();
        let region = Region::named(self.region).filter(|region| match expected.regions {
            Regions::Global => region.partition.facts().global_region == self.region,
            Regions::All => true,
        });
        if region.is_none() {
            wrong.push_str("Credential should be scoped to a valid region. ");
        }
        if self.service != expected.service {
            wrong += &format!("Credential should be scoped to correct service: '{}'. ", expected.service);
        }
        if self.terminator != TERMINATOR {
            wrong += &format!(
                "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{}'. ",
                shortened(self.terminator, 64)
            );
        }
        let day = basic.get(..8).unwrap_or_default();
        if self.date != day {
            wrong += &format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{day}', from '{basic}'.",
                shortened(self.date, 64)
            );
        }
        match region {
            Some(region) if wrong.is_empty() => Ok(region),
            _ => Err(Fault::signature_does_not_match(wrong)),
        }
    }

    /// The four parts that are signed.
    pub(super) fn signed(&self) -> [&'r str; 4] {
        [self.date, self.region, self.service, self.terminator]
    }
}

/// The service that a request's credential scope names. Nothing is checked: this only helps to find out in
/// which protocol the caller must be answered.
pub fn claimed_service<'r>(head: &Head<'r>, params: &'r Params<'_>) -> Option<&'r str> {
    let credential = match head.header(AUTHORIZATION) {
        Some(header) => {
            // How every client writes it; what is written otherwise is searched.
            let usual = header.strip_prefix("AWS4-HMAC-SHA256 Credential=");
            let rest = usual.or_else(|| Some(header.split_once("Credential=")?.1))?;
            let end = rest.bytes().position(|byte| matches!(byte, b',' | b' ')).unwrap_or(rest.len());
            rest.get(..end)?
        }
        None => params.query("X-Amz-Credential")?,
    };
    parts(credential, b'/').nth(3)
}
