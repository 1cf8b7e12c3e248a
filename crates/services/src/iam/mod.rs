//! IAM: <https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html>.

pub mod access_keys;
pub mod account;
pub mod attachments;
pub mod credentials;
pub mod delegation;
pub mod details;
pub mod encode;
pub mod entities_for_policy;
pub mod find;
pub mod groups;
pub mod holder;
pub mod inline;
pub mod instance_profiles;
pub mod limits;
pub mod login_profiles;
pub mod mfa_devices;
pub mod oidc_providers;
pub mod organization_features;
pub mod outbound_federation;
pub mod page;
pub mod password_policy;
pub mod policies;
pub mod policy_versions;
pub mod role_templates;
pub mod roles;
pub mod saml_providers;
pub mod simulate;
pub mod tagging;
pub mod tags;
pub mod target;
pub mod trust;
pub mod users;
pub mod virtual_mfa;

use crate::row::Row;

/// The rows of IAM.
pub fn rows() -> Vec<Row> {
    [
        access_keys::rows(),
        account::rows(),
        attachments::rows(),
        credentials::rows(),
        delegation::rows(),
        details::rows(),
        entities_for_policy::rows(),
        groups::rows(),
        inline::rows(),
        instance_profiles::rows(),
        mfa_devices::rows(),
        login_profiles::rows(),
        oidc_providers::rows(),
        outbound_federation::rows(),
        organization_features::rows(),
        password_policy::rows(),
        policies::rows(),
        policy_versions::rows(),
        role_templates::rows(),
        roles::rows(),
        saml_providers::rows(),
        simulate::rows(),
        tagging::rows(),
        trust::rows(),
        users::rows(),
        virtual_mfa::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
