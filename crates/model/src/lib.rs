//! The entities of an identity realm and the immutable snapshot of them.
//!
//! A realm holds accounts; an account holds users, groups, roles, customer managed policies and instance
//! profiles. [`Snapshot`] is the indexed whole: it is never changed in place, cloning it is cheap, and every
//! decision of one request reads one snapshot.
//!
//! Invariant: no storage, no wire shapes. ARNs are not stored: an entity is named by its unique id, and its
//! ARN is computed for the partition that a request speaks of.
//!
//! Beside the snapshot stand the facts that an auditor judges by and that the service knows of itself: the
//! [`Organization`], [`PasswordPolicy`], [`CredentialReport`], [`Resource`]s with policies, [`Workload`]s, [`SignOn`].
#![forbid(unsafe_code)]

pub mod account;
pub mod block_list;
pub mod credential_report;
pub mod delegation_request;
pub mod effective;
pub mod group;
pub mod instance_profile;
pub mod issuer_key;
pub mod last_accessed;
pub mod login_profile;
pub mod managed;
pub mod managed_policy;
pub mod mfa;
pub mod oidc_provider;
pub mod organization;
pub mod organization_features;
pub mod password_policy;
pub mod policy_text;
pub mod principal;
pub mod principal_keys;
pub mod quota;
pub mod report;
pub mod resource;
pub mod role;
pub mod saml_provider;
pub mod server_certificate;
pub mod service_linked;
pub mod sign_in_failures;
pub mod sign_on;
pub mod snapshot;
pub mod table;
pub mod tag;
pub mod usage;
pub mod user;
pub mod user_credentials;
pub mod workload;

pub use account::{Account, AccountSettings, OutboundFederation, TokenKey};
pub use block_list::BlockList;
pub use credential_report::CredentialReport;
pub use delegation_request::{Delegate, DelegateId, DelegationParameter, DelegationRequest, DelegationState};
pub use effective::EffectivePolicies;
pub use group::Group;
pub use instance_profile::InstanceProfile;
pub use issuer_key::IssuerKey;
pub use last_accessed::LastAccessed;
pub use login_profile::LoginProfile;
pub use managed_policy::{AwsPolicyText, ManagedPolicy, PolicyRef, PolicyVersion};
pub use mfa::{MfaDevice, MfaKind, MfaTries};
pub use oidc_provider::OidcProvider;
pub use organization::Organization;
pub use organization_features::OrganizationFeatures;
pub use password_policy::PasswordPolicy;
pub use policy_text::{InlinePolicies, PolicyText};
pub use principal::{Identity, Outsider, Proof};
pub use report::Report;
pub use resource::Resource;
pub use role::Role;
pub use saml_provider::{AssertionEncryption, SamlPrivateKey, SamlProvider};
pub use server_certificate::ServerCertificate;
pub use sign_in_failures::SignInFailures;
pub use sign_on::SignOn;
pub use snapshot::{AccountState, Snapshot};
pub use table::{Named, Table};
pub use tag::{Tag, Tags};

pub use usage::{AccessUsage, KeyUsage, RoleUsage};
pub use user::{AccessKey, KeyStatus, User};
pub use user_credentials::UserCredentials;
pub use workload::Workload;

/// How maps that every request looks into hash their keys: seeded at random, and for keys as short as ids several
/// times as quick as the standard library's hash.
pub type Hashing = foldhash::quality::RandomState;
