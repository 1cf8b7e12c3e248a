//! What a file tells, before it is known which account it is of.

use super::note::InputNote;
use crate::estate::{Input, ServerCertificate};
use base::{AccountId, Timestamp};
use model::organization::{OrganizationPolicyKind, Unit};
use model::resource::{AclGrant, KeyGrant, PublicAccessBlock};
use model::sign_on::{Assignment, PermissionSet};
use model::{CredentialReport, LastAccessed, PasswordPolicy, PolicyText};
use std::collections::{BTreeMap, BTreeSet};

/// A file, read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) file: String,
    /// The account that the caller or the content names.
    pub(super) account: Option<AccountId>,
    /// All accounts that the content is of.
    pub(super) told: BTreeSet<AccountId>,
    pub(super) kinds: Vec<&'static str>,
    pub(super) made: Option<Timestamp>,
    pub(super) facts: Vec<Fact>,
    pub(super) notes: Vec<InputNote>,
    /// What stays known of the facts when they are dropped.
    pub(super) traits: Traits,
}

/// What a file holds, without the facts themselves.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Traits {
    /// An export.
    pub(super) export: bool,
    /// Something about an account as a whole, so that an account with it but without an export is a mistake.
    pub(super) of_the_account: bool,
    /// Something that cannot be used without knowing the account, which it does not tell itself.
    pub(super) needs_account: bool,
    /// Something of the organization or of Identity Center.
    pub(super) shared: bool,
    /// Something of accounts.
    pub(super) of_accounts: bool,
}

impl Reading {
    pub(super) fn new(file: String, account: Option<AccountId>) -> Self {
        let (told, kinds) = (BTreeSet::new(), Vec::new());
        Self {
            file,
            account,
            told,
            kinds,
            made: None,
            facts: Vec::new(),
            notes: Vec::new(),
            traits: Traits::default(),
        }
    }

    /// Notes what the facts are of, once they are all there.
    pub(super) fn finish(mut self) -> Self {
        let any = |fits: fn(&Fact) -> bool| self.facts.iter().any(fits);
        self.traits = Traits {
            export: any(|fact| matches!(fact, Fact::Export(_))),
            of_the_account: any(Fact::is_of_the_account),
            needs_account: any(Fact::needs_account),
            shared: any(Fact::is_shared),
            of_accounts: any(|fact| !fact.is_shared()),
        };
        self
    }

    /// Notes what the file is, once.
    pub(super) fn is(&mut self, kind: &'static str) {
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
    }
}

/// One thing that a file tells.
#[derive(Debug)]
pub(super) enum Fact {
    /// The text of an export.
    Export(String),
    Report(CredentialReport),
    Summary(BTreeMap<String, i64>),
    PasswordPolicy(Option<PasswordPolicy>),
    /// Serial numbers with the ARN of who has them.
    VirtualMfa(Vec<(String, Option<String>)>),
    Aliases(Vec<String>),
    Providers(Vec<String>),
    Certificates(Vec<ServerCertificate>),
    LastAccessed(LastAccessed),
    /// There was a list of resources, even if it is empty.
    ResourcesListed,
    Resource(Box<ResourcePart>),
    AccountBlock(PublicAccessBlock),
    /// There was a list of workloads, even if it is empty.
    WorkloadsListed,
    Workload(WorkloadPart),
    /// Whether an active analyzer is among those listed.
    Analyzer(bool),
    /// The account that manages root credentials of the organization's members centrally, or does not.
    CentralRootAccess(bool),
    Organization(Box<OrganizationPart>),
    SignOn(SignOnPart),
    /// A snapshot of ours lists its contents.
    Contents,
    /// What a snapshot could not collect, and why.
    NotCollected(Input, String),
}

impl Fact {
    /// Whether it is of one account and cannot be used without knowing which.
    pub(super) fn needs_account(&self) -> bool {
        match self {
            Self::Organization(_) | Self::SignOn(_) | Self::CentralRootAccess(_) | Self::Export(_) => false,
            Self::ResourcesListed | Self::WorkloadsListed => false,
            Self::Resource(part) => part.owner.is_none(),
            Self::Workload(part) => part.account.is_none(),
            _ => true,
        }
    }

    /// Whether it is of all accounts together.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self, Self::Organization(_) | Self::SignOn(_) | Self::CentralRootAccess(_))
    }

    /// Whether it is about an account as a whole, so that an account with it but without an export is a mistake.
    pub(super) fn is_of_the_account(&self) -> bool {
        matches!(self, Self::Report(_) | Self::Summary(_) | Self::PasswordPolicy(_) | Self::VirtualMfa(_))
    }
}

/// A part of what is known of a resource; parts with the same ARN are joined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ResourcePart {
    pub(super) arn: String,
    pub(super) kind: Option<String>,
    pub(super) owner: Option<AccountId>,
    pub(super) policy: Option<PolicyText>,
    pub(super) block: Option<PublicAccessBlock>,
    pub(super) acl: Vec<AclGrant>,
    pub(super) grants: Vec<KeyGrant>,
}

/// What runs as a role, with the role as it is named there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WorkloadPart {
    pub(super) arn: String,
    pub(super) kind: String,
    pub(super) account: Option<AccountId>,
    /// An ARN of a role or an instance profile, or a role's name.
    pub(super) role: String,
    pub(super) public: Option<bool>,
    pub(super) tags: Vec<(String, String)>,
}

/// A part of what is known of an organization.
#[derive(Debug, Default)]
pub(super) struct OrganizationPart {
    pub(super) id: Option<String>,
    pub(super) management: Option<AccountId>,
    pub(super) all_features: Option<bool>,
    pub(super) root: Option<String>,
    pub(super) accounts: Vec<MemberPart>,
    pub(super) units: Vec<Unit>,
    pub(super) policies: Vec<PolicyPart>,
    /// Accounts and units with the unit or root above them.
    pub(super) parents: Vec<(String, String)>,
    /// Policies with what they are attached to.
    pub(super) targets: Vec<(String, String)>,
}

/// A member account; which parent it has may stand elsewhere.
#[derive(Debug)]
pub(super) struct MemberPart {
    pub(super) id: AccountId,
    pub(super) name: String,
    pub(super) active: bool,
    pub(super) parent: Option<String>,
}

/// A policy of an organization; its text and targets may stand elsewhere.
#[derive(Debug)]
pub(super) struct PolicyPart {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: Option<(OrganizationPolicyKind, String)>,
    pub(super) aws_managed: bool,
    pub(super) text: Option<PolicyText>,
}

/// A part of what is known of IAM Identity Center.
#[derive(Debug, Default)]
pub(super) struct SignOnPart {
    pub(super) instance: Option<String>,
    pub(super) sets: Vec<PermissionSet>,
    pub(super) assignments: Vec<Assignment>,
}
