//! The clients that some tests drive, as `cargo xtask test` names them in the environment.
//!
//! A test that wants one begins with `let Some(python) = clients::python() else { return };`: without the
//! variable it passes over, so that plain `cargo test` works on any machine.
#![allow(clippy::disallowed_methods, reason = "the environment is how a test run names its clients")]
#![allow(clippy::print_stderr, reason = "who runs a test by hand should see that it passed over")]

use std::path::PathBuf;

/// A Python that has boto3.
pub fn python() -> Option<PathBuf> {
    named("BAILIWICK_PYTHON")
}

/// The AWS CLI, version 2.
pub fn aws_cli() -> Option<PathBuf> {
    named("BAILIWICK_AWS_CLI")
}

/// The AWS CLI, version 1, from the package index.
pub fn aws_cli_v1() -> Option<PathBuf> {
    named("BAILIWICK_AWS_CLI_V1")
}

/// The OATH Toolkit's `oathtool`, which makes one-time passwords.
pub fn oathtool() -> Option<PathBuf> {
    named("BAILIWICK_OATHTOOL")
}

/// A folder in which npm installed `oidc-provider`, for `node`.
pub fn oidc_provider() -> Option<PathBuf> {
    named("BAILIWICK_OIDC_PROVIDER")
}

/// Terraform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terraform {
    /// The program.
    pub program: PathBuf,
    /// A folder that has the AWS provider, laid out as `filesystem_mirror` wants it.
    pub mirror: PathBuf,
}

/// Terraform, with a mirror that has its AWS provider.
pub fn terraform() -> Option<Terraform> {
    Some(Terraform { program: named("BAILIWICK_TERRAFORM")?, mirror: named("BAILIWICK_TF_MIRROR")? })
}

fn named(variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.exists());
    if path.is_none() {
        eprintln!("passed over: {variable} names nothing; `cargo xtask test` sets it");
    }
    path
}
