//! What is audited: one or more accounts, and everything that was given about them.
//!
//! The [`Snapshot`] is the model that the service runs on; beside it stand facts that are not of IAM's entities:
//! credential reports, organizations, policies of resources, what runs as which role. Every one may be missing, and a
//! check that needs what is missing is not assessable: [`Facts`] tells what is known.

use base::{AccountId, Partition, Timestamp};
use model::organization::OrganizationPolicyKind;
use model::resource::PublicAccessBlock;
use model::{
    CredentialReport, LastAccessed, Organization, PasswordPolicy, Resource, SignOn, Snapshot, Workload,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that is known of the accounts that are audited.
#[derive(Debug, Clone)]
pub struct Estate {
    /// The partition of the accounts' ARNs.
    pub partition: Partition,
    /// IAM's entities.
    pub snapshot: Snapshot,
    /// What else is known, by account. Accounts whose entities are unknown can be here too.
    pub accounts: BTreeMap<AccountId, Facts>,
    /// The organization.
    pub organization: Option<Organization>,
    /// IAM Identity Center.
    pub sign_on: Option<SignOn>,
}

/// What is known of an account beside its IAM entities; `None` is not known.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Whether the account's users, groups, roles and policies are known.
    pub entities: bool,
    /// Aliases.
    pub aliases: Option<Vec<String>>,
    /// `get-account-summary`.
    pub summary: Option<BTreeMap<String, i64>>,
    /// The password policy; `Some(None)` if the account is known to have none.
    pub password_policy: Option<Option<PasswordPolicy>>,
    /// The credential report.
    pub credential_report: Option<CredentialReport>,
    /// Serial numbers of virtual MFA devices that are assigned to somebody.
    pub virtual_mfa: Option<Vec<String>>,
    /// Who has which of them, by serial number: ARNs of users, and of the root user. Not every input tells.
    pub virtual_mfa_holders: BTreeMap<String, String>,
    /// ARNs of SAML and OIDC providers.
    pub providers: Option<Vec<String>>,
    /// Server certificates kept in IAM.
    pub certificates: Option<Vec<ServerCertificate>>,
    /// Services last accessed, by the ARN of the user, group, role or policy.
    pub last_accessed: BTreeMap<String, LastAccessed>,
    /// Resources with policies of their own.
    pub resources: Option<Vec<Resource>>,
    /// The account's own block of public access to buckets.
    pub public_access_block: Option<PublicAccessBlock>,
    /// What runs as a role.
    pub workloads: Option<Vec<Workload>>,
    /// Whether an analyzer of IAM Access Analyzer is active.
    pub access_analyzer: Option<bool>,
    /// Whether root credentials of member accounts are managed centrally.
    pub central_root_access: Option<bool>,
    /// What was asked for and not got, with the reason: `GetCredentialReport: AccessDenied`.
    pub not_collected: BTreeMap<Input, String>,
}

/// A server certificate kept in IAM.
/// See <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ServerCertificateMetadata.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerCertificate {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// When it expires.
    pub expiration: Option<Timestamp>,
}

/// What a check may need, in words that an auditor knows: the reason of `not assessable` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// `get-account-authorization-details`.
    Entities,
    /// The credential report.
    CredentialReport,
    /// `get-account-summary`.
    Summary,
    /// `get-account-password-policy`.
    PasswordPolicy,
    /// `list-virtual-mfa-devices`.
    VirtualMfa,
    /// `list-server-certificates`.
    Certificates,
    /// Services last accessed.
    LastAccessed,
    /// The organization with its policies.
    Organization,
    /// Policies of resources.
    Resources,
    /// Resources with the role they run as.
    Workloads,
    /// Permission sets and assignments.
    SignOn,
    /// Analyzers of IAM Access Analyzer.
    AccessAnalyzer,
    /// Centralized root access.
    CentralRootAccess,
}

impl Input {
    /// What is missing, with the command that makes it.
    pub const fn missing(self) -> &'static str {
        match self {
            Self::Entities => "users, roles and policies (`aws iam get-account-authorization-details`)",
            Self::CredentialReport => "the credential report (`aws iam get-credential-report`)",
            Self::Summary => "the account summary (`aws iam get-account-summary`)",
            Self::PasswordPolicy => "the password policy (`aws iam get-account-password-policy`)",
            Self::VirtualMfa => "virtual MFA devices (`aws iam list-virtual-mfa-devices`)",
            Self::Certificates => "server certificates (`aws iam list-server-certificates`)",
            Self::LastAccessed => "services last accessed (`aws iam get-service-last-accessed-details`)",
            Self::Organization => "the organization (`bailiwick snapshot` of its management account)",
            Self::Resources => "policies of resources (`bailiwick snapshot`)",
            Self::Workloads => "resources with the roles they run as (`bailiwick snapshot`)",
            Self::SignOn => "permission sets and assignments of IAM Identity Center (`bailiwick snapshot`)",
            Self::AccessAnalyzer => "analyzers (`aws accessanalyzer list-analyzers`)",
            Self::CentralRootAccess => "centralized root access (`aws iam list-organizations-features`)",
        }
    }
}

impl Default for Estate {
    fn default() -> Self {
        Self::new(Partition::aws())
    }
}

impl Estate {
    /// An estate of which nothing is known yet.
    pub fn new(partition: Partition) -> Self {
        Self {
            partition,
            snapshot: Snapshot::default(),
            accounts: BTreeMap::new(),
            organization: None,
            sign_on: None,
        }
    }

    /// What is known of an account.
    pub fn facts(&self, account: AccountId) -> Option<&Facts> {
        self.accounts.get(&account)
    }

    /// The accounts whose IAM entities are known, by id; where none is, every account of which anything is.
    pub fn audited(&self) -> impl Iterator<Item = AccountId> + '_ {
        let known = self.accounts.values().any(|facts| facts.entities);
        self.accounts.iter().filter(move |(_, facts)| facts.entities || !known).map(|(id, _)| *id)
    }

    /// Whether an input is there for an account.
    pub fn has(&self, account: AccountId, input: Input) -> bool {
        let facts = self.facts(account);
        let known = |of: fn(&Facts) -> bool| facts.is_some_and(of);
        match input {
            Input::Entities => known(|facts| facts.entities),
            Input::CredentialReport => known(|facts| facts.credential_report.is_some()),
            Input::Summary => known(|facts| facts.summary.is_some()),
            Input::PasswordPolicy => known(|facts| facts.password_policy.is_some()),
            Input::VirtualMfa => known(|facts| facts.virtual_mfa.is_some()),
            Input::Certificates => known(|facts| facts.certificates.is_some()),
            Input::LastAccessed => known(|facts| !facts.last_accessed.is_empty()),
            Input::Organization => self.organization.is_some(),
            Input::Resources => known(|facts| facts.resources.is_some()),
            Input::Workloads => known(|facts| facts.workloads.is_some()),
            Input::SignOn => self.sign_on.is_some(),
            Input::AccessAnalyzer => known(|facts| facts.access_analyzer.is_some()),
            Input::CentralRootAccess => known(|facts| facts.central_root_access.is_some()),
        }
    }

    /// Whether an account is one of ours: audited here, or of the same organization.
    pub fn is_ours(&self, account: AccountId) -> bool {
        self.snapshot.account(account).is_some()
            || self.accounts.contains_key(&account)
            || self.organization.as_ref().is_some_and(|organization| organization.has(account))
    }

    /// The texts of the organization's policies of a kind that bind an account, a list for each level, root first.
    pub fn guardrails(
        &self,
        account: AccountId,
        kind: OrganizationPolicyKind,
    ) -> Vec<Vec<&model::organization::OrganizationPolicy>> {
        self.organization.as_ref().map(|organization| organization.levels(account, kind)).unwrap_or_default()
    }
}
