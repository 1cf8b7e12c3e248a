//! Operations of IAM, called as a client calls them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../../../authn/tests/authenticator/mod.rs"]
mod authenticator;
#[path = "../harness/mod.rs"]
mod harness;

mod access_keys;
mod account;
mod account_settings;
mod attachments;
mod certificates;
mod credential_report;
mod credentials;
mod details;
mod entities_for_policy;
mod groups;
mod inline;
mod last_accessed;
mod login_profiles;
mod mfa;
mod oidc_providers;
mod password_policy;
mod saml_providers;
mod service_credentials;
mod service_linked_roles;
mod ssh_public_keys;
mod tagging;

use harness::ACCOUNT;

/// A policy with one statement that allows one action on one resource, under a condition if there is one.
fn allow_on(action: &str, resource: &str, condition: &str) -> String {
    let condition = if condition.is_empty() { String::new() } else { format!(r#","Condition":{condition}"#) };
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"{condition}}}]}}"#
    )
}

/// The ARN of something in the world's account.
fn arn(resource: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{resource}")
}

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const BILLING: &str = "arn:aws:iam::aws:policy/job-function/Billing";
