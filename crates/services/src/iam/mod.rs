//! IAM: <https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html>.

pub mod access_keys;
pub mod account;
pub mod account_settings;
pub mod attachments;
pub mod credential_report;
pub mod delegation;
pub mod details;
pub mod encode;
pub mod entities_for_policy;
pub mod find;
pub mod granting;
pub mod groups;
pub mod holder;
pub mod inline;
pub mod instance_profiles;
pub mod last_accessed;
pub mod limits;
pub mod login_profiles;
pub mod md5;
pub mod mfa_devices;
pub mod oidc_providers;
pub mod organization_features;
pub mod outbound_federation;
pub mod page;
pub mod password_policy;
pub mod pem;
pub mod policies;
pub mod policy_versions;
pub mod role_templates;
pub mod roles;
pub mod saml_providers;
pub mod server_certificates;
pub mod service_credentials;
pub mod service_linked_roles;
pub mod signing_certificates;
pub mod simulate;
pub mod ssh_key;
pub mod ssh_public_keys;
pub mod tagging;
pub mod tags;
pub mod target;
pub mod trust;
pub mod users;
pub mod virtual_mfa;
pub mod x509;

use crate::row::Row;

/// The rows of IAM.
pub fn rows() -> Vec<Row> {
    [
        access_keys::rows(),
        account::rows(),
        account_settings::rows(),
        attachments::rows(),
        credential_report::rows(),
        delegation::rows(),
        details::rows(),
        entities_for_policy::rows(),
        groups::rows(),
        granting::rows(),
        inline::rows(),
        instance_profiles::rows(),
        mfa_devices::rows(),
        login_profiles::rows(),
        oidc_providers::rows(),
        outbound_federation::rows(),
        organization_features::rows(),
        password_policy::rows(),
        last_accessed::rows(),
        policies::rows(),
        policy_versions::rows(),
        role_templates::rows(),
        roles::rows(),
        saml_providers::rows(),
        server_certificates::rows(),
        service_credentials::rows(),
        service_linked_roles::rows(),
        signing_certificates::rows(),
        simulate::rows(),
        ssh_public_keys::rows(),
        tagging::rows(),
        trust::rows(),
        users::rows(),
        virtual_mfa::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
